/* spool_read.c - JSON and CSV become rows. */
#include "spool/spool_read.h"

#include "protocol/cloudevent.h"
#include "protocol/json_guard.h"
#include "protocol/wire.h"
#include "spool/given.h"
#include "spool/json_cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What one file is read with. */
struct reading {
    const struct spool_input *input;
    struct rows *rows;
    struct given given;
};

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_OTHER };

static const struct json_limits limits = { WIRE_BODY_MAX, CLOUDEVENT_DEPTH_MAX,
                                           CLOUDEVENT_TOKENS_MAX };

static const char byte_order_mark[] = "\xef\xbb\xbf";

static int read_bytes(struct reading *reading, const char *bytes, size_t size);
static enum format format_of(const struct spool_input *input, const char *bytes, size_t size);
static int read_json(struct reading *reading, const char *bytes, size_t size);
static int read_object(struct reading *reading, struct json_cut *cut,
                       const struct json_piece *piece);
static int read_csv(struct reading *reading, const char *bytes, size_t size);
static int read_header(struct reading *reading, struct csv *csv, struct csv_row *row,
                       struct mapping_header *header);
static int read_rows(struct reading *reading, struct csv *csv, const struct mapping_header *header,
                     struct csv_row *row);
static int read_row(struct reading *reading, const struct mapping_header *header,
                    const struct csv_row *row);
static bool is_empty(const struct csv_row *row);
static int add_made(struct reading *reading, unsigned long line, unsigned column, json_t *event);
static int say_full(struct rows *rows, unsigned long line);

int spool_read(const struct spool_input *input, struct rows *rows)
{
    struct reading reading = { .input = input, .rows = rows };
    size_t mark = sizeof byte_order_mark - 1;
    bool marked = input->size >= mark && !memcmp(input->bytes, byte_order_mark, mark);
    int answer;

    if (input->size > SPOOL_FILE_MAX)
        answer = rows_add_fault(rows, 0, 0, "", "larger than a file may be (8 MiB; split it)");
    else
        answer = read_bytes(&reading, input->bytes + (marked ? mark : 0),
                            input->size - (marked ? mark : 0));
    given_close(&reading.given);
    return answer < 0 ? answer : 0;
}

static int read_bytes(struct reading *reading, const char *bytes, size_t size)
{
    size_t before;
    int answer;

    if (size >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
        return rows_add_fault(reading->rows, 0, 0, "",
                              "written in UTF-16 (save the file in UTF-8)");
    before = reading->rows->count;
    switch (format_of(reading->input, bytes, size)) {
    case FORMAT_JSON:
        answer = read_json(reading, bytes, size);
        break;
    case FORMAT_CSV:
        answer = read_csv(reading, bytes, size);
        break;
    case FORMAT_OTHER:
    default:
        return rows_add_fault(reading->rows, 0, 0, "",
                              "neither JSON, nor is there a mapping for rows of CSV (--mapping)");
    }
    if (answer == ROWS_OK && reading->rows->count == before)
        return rows_add_fault(reading->rows, 0, 0, "", "no event in it (at least one)");
    return answer;
}

static enum format format_of(const struct spool_input *input, const char *bytes, size_t size)
{
    static const struct {
        const char *ending;
        enum format format;
    } endings[] = { { ".csv", FORMAT_CSV },
                    { ".json", FORMAT_JSON },
                    { ".jsonl", FORMAT_JSON },
                    { ".ndjson", FORMAT_JSON } };
    const char *ending = strrchr(input->name, '.');
    size_t first = 0;
    enum format format = FORMAT_CSV;

    while (first < size && bytes[first] && strchr(" \t\r\n", bytes[first]))
        first++;
    if (first < size && (bytes[first] == '{' || bytes[first] == '['))
        format = FORMAT_JSON;
    for (size_t i = 0; ending && i < COUNT_OF(endings); i++)
        if (!strcasecmp(ending, endings[i].ending))
            format = endings[i].format;
    return format == FORMAT_CSV && !input->mapping ? FORMAT_OTHER : format;
}

static int read_json(struct reading *reading, const char *bytes, size_t size)
{
    struct json_cut cut = json_cut_over(bytes, size);
    enum json_cut_answer found = JSON_CUT_FAULT;
    struct json_piece piece;
    int answer = ROWS_OK;

    while (answer == ROWS_OK && (found = json_cut_next(&cut, &piece)) != JSON_CUT_END) {
        if (found == JSON_CUT_OBJECT)
            answer = read_object(reading, &cut, &piece);
        else
            answer = rows_add_fault(reading->rows, piece.line, piece.column, piece.code, "%s",
                                    piece.fault);
    }
    return answer == ROWS_FULL ? say_full(reading->rows, piece.line) : answer;
}

/* An event that is whole keeps its bytes as they are. */
static int read_object(struct reading *reading, struct json_cut *cut,
                       const struct json_piece *piece)
{
    const struct spool_input *input = reading->input;
    CLEANUP(json_release) json_t *event = NULL;
    struct json_fault fault;
    bool changed;
    int answer = json_guard_load(piece->bytes, piece->size, &limits, &event, &fault);

    if (answer < 0)
        return answer;
    if (answer != JSON_GUARD_OK) {
        size_t at = fault.at < piece->size ? fault.at : piece->size - 1;
        unsigned long line;
        unsigned column;

        json_cut_place(cut, piece->bytes + at, &line, &column);
        json_cut_retry(cut, piece);
        return rows_add_fault(reading->rows, line, column,
                              answer == JSON_GUARD_SIZE ? WIRE_CODE_TOO_LARGE : WIRE_CODE_JSON,
                              "the event that begins in line %lu %s (one JSON object)", piece->line,
                              fault.why);
    }
    answer = given_complete(&reading->given, event, NULL, input->source, input->time, &changed);
    if (answer)
        return answer;
    if (changed)
        return add_made(reading, piece->line, piece->column, event);
    return rows_add_event(reading->rows, piece->line, piece->column, piece->bytes, piece->size);
}

static int read_csv(struct reading *reading, const char *bytes, size_t size)
{
    struct csv csv = csv_over(bytes, size, mapping_separator(reading->input->mapping));
    /* The names of the header point into its row. */
    struct csv_row *first = malloc(sizeof *first), *row = malloc(sizeof *row);
    struct mapping_header *header = malloc(sizeof *header);
    int answer = first && row && header ? read_header(reading, &csv, first, header) : -ENOMEM;

    if (answer == ROWS_OK && header->count > 0)
        answer = read_rows(reading, &csv, header, row);
    free(first);
    free(row);
    free(header);
    return answer;
}

/* `header` stays empty where nothing can be read by it, which is told. */
static int read_header(struct reading *reading, struct csv *csv, struct csv_row *row,
                       struct mapping_header *header)
{
    enum csv_answer found = csv_next(csv, row);
    struct mapping_fault fault;

    header->count = 0;
    if (found == CSV_END)
        return ROWS_OK;
    if (found == CSV_FAULT)
        return rows_add_fault(reading->rows, row->fault_line, row->fault_column, "",
                              "the first row, which must name the columns: %s", row->fault);
    for (size_t i = 0; i < row->count; i++)
        header->names[header->count++] = row->cells[i].text;
    if (mapping_check_header(reading->input->mapping, header, &fault) == MAPPING_OK)
        return ROWS_OK;
    header->count = 0;
    return rows_add_fault(reading->rows, row->line, fault.column, "", "%s", fault.text);
}

static int read_rows(struct reading *reading, struct csv *csv, const struct mapping_header *header,
                     struct csv_row *row)
{
    enum csv_answer found = CSV_ROW;
    int answer = ROWS_OK;

    while (answer == ROWS_OK && (found = csv_next(csv, row)) != CSV_END) {
        if (found == CSV_FAULT)
            answer = rows_add_fault(reading->rows, row->fault_line, row->fault_column, "", "%s",
                                    row->fault);
        else if (!is_empty(row))
            answer = read_row(reading, header, row);
    }
    return answer == ROWS_FULL ? say_full(reading->rows, row->line) : answer;
}

/* Spreadsheets leave rows of nothing but separators behind. */
static bool is_empty(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (*row->cells[i].text)
            return false;
    return true;
}

static int read_row(struct reading *reading, const struct mapping_header *header,
                    const struct csv_row *row)
{
    const struct spool_input *input = reading->input;
    CLEANUP(json_release) json_t *event = NULL, *identity = NULL;
    struct mapping_fault fault;
    bool changed;
    int answer;

    if (row->count != header->count)
        return rows_add_fault(reading->rows, row->line, 0, "", "%zu cells (%zu, as the first row)",
                              row->count, header->count);
    answer = mapping_apply(input->mapping, header, row, &event, &identity, &fault);
    if (answer == MAPPING_FAULTY)
        return rows_add_fault(reading->rows, row->line, fault.column, "", "%s", fault.text);
    if (answer || (answer = given_complete(&reading->given, event, identity, input->source,
                                           input->time, &changed)))
        return answer;
    return add_made(reading, row->line, 0, event);
}

static int add_made(struct reading *reading, unsigned long line, unsigned column, json_t *event)
{
    char *text = json_dumps(event, JSON_COMPACT);
    size_t size = text ? strlen(text) : 0;
    int answer;

    if (!text)
        return -ENOMEM;
    if (size > WIRE_BODY_MAX)
        answer = rows_add_fault(reading->rows, line, column, WIRE_CODE_TOO_LARGE,
                                "longer than an event may be (65,536 bytes)");
    else
        answer = rows_add_event(reading->rows, line, column, text, size);
    free(text);
    return answer;
}

/* The last row makes room for the word that there is more. */
static int say_full(struct rows *rows, unsigned long line)
{
    return rows_say_full(rows, line,
                         "more than a file may hold, 20,000 events and 64 MiB of them; nothing "
                         "from this line on is sent (split the file)");
}
