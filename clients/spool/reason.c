/* reason.c - tells who reads error/ or done/ what became of each line. */
#include "spool/reason.h"

#include <errno.h>

static bool is_told(const struct row *row)
{
    return row->fault || row->note;
}

int reason_write(const struct rows *rows, const char *name, FILE *file)
{
    size_t refused = rows_count(rows, ROW_REFUSED);
    size_t acknowledged = rows_count(rows, ROW_ACKNOWLEDGED);

    if (refused)
        fprintf(file, "%s: %zu of its %zu rows did not become events.\n\n", name, refused,
                rows->count);
    if (refused && acknowledged)
        fprintf(file,
                "The other %zu are acknowledged and act; sent once more they change nothing.\n",
                acknowledged);
    if (refused)
        fputs("Correct the lines named here, and move the file into the folder again.\n\n", file);
    for (size_t i = 0; i < rows->count; i++) {
        if (!is_told(&rows->list[i]))
            continue;
        reason_line(&rows->list[i], name, file);
        fputc('\n', file);
    }
    return ferror(file) ? -EIO : 0;
}

void reason_line(const struct row *row, const char *name, FILE *file)
{
    fputs(name, file);
    if (row->line)
        fprintf(file, ":%lu", row->line);
    if (row->line && row->column)
        fprintf(file, ":%u", row->column);
    fputs(": ", file);
    if (row->code && *row->code)
        fprintf(file, "%s ", row->code);
    fputs(row->fault ? row->fault : row->note ? row->note : "acknowledged", file);
    if (row->event && row->id)
        fprintf(file, "; event %s about %s", row->id, *row->subject ? row->subject : "nothing");
}

bool reason_has_notes(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->list[i].note)
            return true;
    return false;
}
