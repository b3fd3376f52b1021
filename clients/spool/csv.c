/* csv.c - rows of comma separated values: one pass, one row at a time. */
#include "spool/csv.h"

#include <jansson.h>

/* How a cell ended. */
enum ending {
    ENDING_CELL, /* with a separator: there is another */
    ENDING_ROW,
    ENDING_LOST, /* it is not certain where the next row begins */
};

static bool is_line_end(const struct csv *csv);
static void step(struct csv *csv);
static void skip_line_end(struct csv *csv);
static bool put(struct csv_row *row, size_t *used, char letter);
static enum ending read_cell(struct csv *csv, struct csv_row *row, size_t *used);
static enum ending read_quoted(struct csv *csv, struct csv_row *row, size_t *used);
static enum ending end_cell(struct csv *csv, struct csv_row *row);
static void fault(const struct csv *csv, struct csv_row *row, const char *text);
static enum csv_answer judge(struct csv_row *row);

struct csv csv_over(const char *bytes, size_t size, char separator)
{
    return (struct csv){
        .at = bytes, .end = bytes + size, .separator = separator, .line = 1, .column = 1
    };
}

enum csv_answer csv_next(struct csv *csv, struct csv_row *row)
{
    enum ending ending = ENDING_CELL;
    size_t used = 0;

    while (csv->at < csv->end && is_line_end(csv))
        skip_line_end(csv);
    if (csv->at == csv->end)
        return CSV_END;
    row->line = csv->line;
    row->count = 0;
    row->fault = NULL;
    while (ending == ENDING_CELL) {
        if (row->count == CSV_CELLS_MAX)
            fault(csv, row, "more than 256 cells");
        else
            row->count++;
        row->cells[row->count - 1] =
            (struct csv_cell){ .text = row->bytes + used, .column = csv->column };
        ending = read_cell(csv, row, &used);
        if (!put(row, &used, '\0') && ending != ENDING_LOST)
            fault(csv, row, "a row longer than 65,536 bytes (split it)");
        row->bytes[used] = '\0';
    }
    if (ending == ENDING_LOST)
        csv->at = csv->end;
    return judge(row);
}

/* jansson makes no text of what is not UTF-8. */
static enum csv_answer judge(struct csv_row *row)
{
    for (size_t i = 0; !row->fault && i < row->count; i++) {
        json_t *text = json_string(row->cells[i].text);

        json_decref(text);
        if (text)
            continue;
        row->fault = "not UTF-8 (save the file as \"CSV UTF-8\")";
        row->fault_line = row->line;
        row->fault_column = row->cells[i].column;
    }
    return row->fault ? CSV_FAULT : CSV_ROW;
}

static enum ending read_cell(struct csv *csv, struct csv_row *row, size_t *used)
{
    if (csv->at < csv->end && *csv->at == '"')
        return read_quoted(csv, row, used);
    while (csv->at < csv->end && *csv->at != csv->separator && !is_line_end(csv)) {
        if (*csv->at == '"')
            fault(csv, row,
                  "a quote inside a cell that begins without one; nothing from this row on is "
                  "read (\"in quotes, with \"\" for a quote\")");
        else if (*csv->at == '\r')
            fault(csv, row,
                  "a carriage return without a line feed; nothing from this row on is read "
                  "(rows end with CRLF or LF)");
        else if (*csv->at == '\0')
            fault(csv, row, "a zero byte; nothing from this row on is read (text in UTF-8)");
        if (*csv->at == '"' || *csv->at == '\r' || *csv->at == '\0')
            return ENDING_LOST;
        put(row, used, *csv->at);
        step(csv);
    }
    return end_cell(csv, row);
}

static enum ending read_quoted(struct csv *csv, struct csv_row *row, size_t *used)
{
    struct csv opened = *csv;

    for (step(csv); csv->at < csv->end; step(csv)) {
        if (*csv->at == '\0') {
            fault(csv, row, "a zero byte; nothing from this row on is read (text in UTF-8)");
            return ENDING_LOST;
        }
        if (*csv->at == '"') {
            step(csv);
            if (csv->at == csv->end || *csv->at != '"')
                return end_cell(csv, row);
        }
        put(row, used, *csv->at);
    }
    fault(&opened, row,
          "a quote that is never closed; nothing from this row on is read (close it; or the "
          "file was cut off)");
    return ENDING_LOST;
}

/* At what must be a separator, a line end or the end. */
static enum ending end_cell(struct csv *csv, struct csv_row *row)
{
    if (csv->at == csv->end)
        return ENDING_ROW;
    if (*csv->at == csv->separator) {
        step(csv);
        return ENDING_CELL;
    }
    if (is_line_end(csv)) {
        skip_line_end(csv);
        return ENDING_ROW;
    }
    fault(csv, row,
          "text behind a closing quote; nothing from this row on is read (a quote inside a cell "
          "is written twice)");
    return ENDING_LOST;
}

/* The first fault of a row is told. */
static void fault(const struct csv *csv, struct csv_row *row, const char *text)
{
    if (row->fault)
        return;
    row->fault = text;
    row->fault_line = csv->line;
    row->fault_column = csv->column;
}

static bool put(struct csv_row *row, size_t *used, char letter)
{
    if (*used >= CSV_ROW_MAX)
        return false;
    row->bytes[(*used)++] = letter;
    return true;
}

static bool is_line_end(const struct csv *csv)
{
    return *csv->at == '\n' || (*csv->at == '\r' && csv->end - csv->at > 1 && csv->at[1] == '\n');
}

static void skip_line_end(struct csv *csv)
{
    csv->at += *csv->at == '\r' ? 2 : 1;
    csv->line++;
    csv->column = 1;
}

/* One byte on; columns count characters. */
static void step(struct csv *csv)
{
    unsigned char letter = (unsigned char)*csv->at++;

    if (letter == '\n') {
        csv->line++;
        csv->column = 1;
    } else if ((letter & 0xc0) != 0x80) {
        csv->column++;
    }
}
