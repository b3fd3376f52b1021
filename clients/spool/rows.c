/* rows.c - the list of what a file has become, and its form on disk. */
#include "spool/rows.h"

#include "protocol/json_guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FAULT_SIZE = 512 };

static int add(struct rows *rows, unsigned long line, unsigned column, struct row **row);
static int append(struct rows *rows, unsigned long line, unsigned column, struct row **row);
static int fill_fault(struct row *row, const char *code, const char *fault);
static char *clean_copy(const char *text);
static char *member_of(const json_t *event, const char *name);
static int write_row(const struct row *row, FILE *file);
static int read_rows(FILE *file, const char *hash, struct rows *rows, char **line, size_t *size);
static int read_row(struct rows *rows, const json_t *json);
static const char *text_of(const json_t *json, const char *name);

int rows_add_event(struct rows *rows, unsigned long line, unsigned column, const char *event,
                   size_t size)
{
    CLEANUP(json_release) json_t *json = NULL;
    struct row *row;
    int answer;

    if (rows->bytes + size > ROWS_BYTES_MAX)
        return ROWS_FULL;
    if ((answer = add(rows, line, column, &row)) != ROWS_OK)
        return answer;
    json = json_loadb(event, size, 0, NULL);
    row->event = malloc(size + 1);
    row->id = member_of(json, "id");
    row->subject = member_of(json, "subject");
    row->code = strdup("");
    if (!row->event || !row->id || !row->subject || !row->code)
        return -ENOMEM;
    memcpy(row->event, event, size);
    row->event[size] = '\0';
    row->size = size;
    rows->bytes += size;
    return ROWS_OK;
}

int rows_add_fault(struct rows *rows, unsigned long line, unsigned column, const char *code,
                   const char *format, ...)
{
    char fault[FAULT_SIZE];
    va_list arguments;
    struct row *row;
    int answer = add(rows, line, column, &row);

    if (answer != ROWS_OK)
        return answer;
    va_start(arguments, format);
    vsnprintf(fault, sizeof fault, format, arguments);
    va_end(arguments);
    return fill_fault(row, code, fault);
}

static int fill_fault(struct row *row, const char *code, const char *fault)
{
    row->id = strdup("");
    row->subject = strdup("");
    return row->id && row->subject ? row_refuse(row, code, fault) : -ENOMEM;
}

int rows_say_full(struct rows *rows, unsigned long line, const char *fault)
{
    struct row *row;

    return append(rows, line, 0, &row) || fill_fault(row, "", fault) ? -ENOMEM : ROWS_OK;
}

static int add(struct rows *rows, unsigned long line, unsigned column, struct row **row)
{
    return rows->count >= ROWS_MAX ? ROWS_FULL : append(rows, line, column, row);
}

static int append(struct rows *rows, unsigned long line, unsigned column, struct row **row)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 64;
        struct row *list = reallocarray(rows->list, capacity, sizeof *list);

        if (!list)
            return -ENOMEM;
        rows->list = list;
        rows->capacity = capacity;
    }
    *row = &rows->list[rows->count++];
    **row = (struct row){ .line = line, .column = column };
    return ROWS_OK;
}

int row_refuse(struct row *row, const char *code, const char *fault)
{
    char *code_copy = strdup(code), *fault_copy = clean_copy(fault);

    free(row->code);
    free(row->fault);
    row->code = code_copy;
    row->fault = fault_copy;
    row->outcome = ROW_REFUSED;
    return code_copy && fault_copy ? 0 : -ENOMEM;
}

int row_note(struct row *row, const char *note)
{
    free(row->note);
    row->note = clean_copy(note);
    return row->note ? 0 : -ENOMEM;
}

/* One line of UTF-8, whatever a file's first row or a cut within a letter made of it. */
static char *clean_copy(const char *text)
{
    char *copy = strdup(text);
    json_t *probe = json_string(text);

    for (char *letter = copy; copy && *letter; letter++)
        if ((unsigned char)*letter < 0x20 || *letter == 0x7f || (!probe && (*letter & 0x80)))
            *letter = '?';
    json_decref(probe);
    return copy;
}

size_t rows_count(const struct rows *rows, enum row_outcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        count += rows->list[i].outcome == outcome;
    return count;
}

static char *member_of(const json_t *event, const char *name)
{
    return strdup(text_of(event, name));
}

/* The last line says how many there are, so that a part is never taken for the whole. */
int rows_write(const struct rows *rows, const char hash[ROWS_HASH_SIZE], FILE *file)
{
    fprintf(file, "{\"spool\":1,\"sha256\":\"%s\"}\n", hash);
    for (size_t i = 0; i < rows->count; i++) {
        int error = write_row(&rows->list[i], file);

        if (error)
            return error;
    }
    fprintf(file, "{\"rows\":%zu}\n", rows->count);
    return fflush(file) || ferror(file) ? -EIO : 0;
}

/* The event as a text, so that its bytes come back as they were. */
static int write_row(const struct row *row, FILE *file)
{
    json_t *json = row->event ? json_pack("{s:s%}", "event", row->event, row->size)
                              : json_pack("{s:s, s:s}", "code", row->code, "fault", row->fault);
    int error;

    if (!json)
        return -ENOMEM;
    json_object_set_new(json, "line", json_integer((json_int_t)row->line));
    json_object_set_new(json, "column", json_integer((json_int_t)row->column));
    error = json_dumpf(json, file, JSON_COMPACT) || putc('\n', file) == EOF;
    json_decref(json);
    return error ? -EIO : 0;
}

int rows_read(FILE *file, const char hash[ROWS_HASH_SIZE], struct rows *rows)
{
    char *line = NULL;
    size_t size = 0;
    int answer = read_rows(file, hash, rows, &line, &size);

    free(line);
    if (answer)
        rows_close(rows);
    return answer;
}

static int read_rows(FILE *file, const char *hash, struct rows *rows, char **line, size_t *size)
{
    int answer = ROWS_OK;
    bool begun = false;

    while (answer == ROWS_OK && getline(line, size, file) > 0) {
        CLEANUP(json_release) json_t *json = json_loads(*line, 0, NULL);
        const json_t *count = json_object_get(json, "rows");

        if (!begun && strcmp(text_of(json, "sha256"), hash) != 0)
            return ROWS_FOREIGN;
        if (count)
            return (size_t)json_integer_value(count) == rows->count ? ROWS_OK : ROWS_FOREIGN;
        if (begun)
            answer = read_row(rows, json);
        begun = true;
    }
    if (answer == ROWS_OK && ferror(file))
        return -EIO;
    return answer < 0 ? answer : ROWS_FOREIGN;
}

static int read_row(struct rows *rows, const json_t *json)
{
    const json_t *event = json_object_get(json, "event");
    unsigned long line = (unsigned long)json_integer_value(json_object_get(json, "line"));
    unsigned column = (unsigned)json_integer_value(json_object_get(json, "column"));

    if (json_is_string(event))
        return rows_add_event(rows, line, column, json_string_value(event),
                              json_string_length(event));
    if (!json_is_string(json_object_get(json, "fault")))
        return ROWS_FOREIGN;
    if (rows->count == ROWS_MAX)
        return rows_say_full(rows, line, text_of(json, "fault"));
    return rows_add_fault(rows, line, column, text_of(json, "code"), "%s", text_of(json, "fault"));
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text ? text : "";
}

void rows_close(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct row *row = &rows->list[i];

        free(row->event);
        free(row->id);
        free(row->subject);
        free(row->code);
        free(row->fault);
        free(row->note);
    }
    free(rows->list);
    *rows = (struct rows){ 0 };
}
