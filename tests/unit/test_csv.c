/* test_csv.c - rows of comma separated values: RFC 4180's own sentences, and what breaks them. */
#include "spool/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A text becomes rows, each written as LINE:cell|cell, or LINE:COLUMN! for a fault. */
static const struct {
    const char *name, *text, *rows;
    char separator;
} rows[] = {
    { "LF", "a,b\nc,d\n", "1:a|b 2:c|d ", ',' },
    { "CRLF", "a,b\r\nc,d\r\n", "1:a|b 2:c|d ", ',' },
    { "no line end behind the last", "a,b\nc,d", "1:a|b 2:c|d ", ',' },
    { "empty cells", ",a,\n,,\n", "1:|a| 2:|| ", ',' },
    { "empty lines are none", "a\n\n\r\n\nb\n", "1:a 5:b ", ',' },
    { "nothing", "", "", ',' },
    { "a quoted separator", "\"a,b\",c\n", "1:a,b|c ", ',' },
    { "a quote written twice", "\"a\"\"b\"\n", "1:a\"b ", ',' },
    { "a quoted line end", "\"a\r\nb\",c\nd,e\n", "1:a\r\nb|c 3:d|e ", ',' },
    { "quoted and empty", "\"\",\"\"\n", "1:| ", ',' },
    { "quoted last cell at the end", "a,\"b\"", "1:a|b ", ',' },
    { "blanks belong to the cell", " a , b \n", "1: a | b  ", ',' },
    { "another separator", "a;b,c\n", "1:a|b,c ", ';' },
    { "a tab", "a\tb\n", "1:a|b ", '\t' },
    { "a quote inside", "a,b\nc,d\"e\nf,g\n", "1:a|b 2:4! ", ',' },
    { "text behind a quote", "a,\"b\"c\nd,e\n", "1:6! ", ',' },
    { "never closed: told where it opens", "a,b\nc,\"d\ne,f\ng,h\n", "1:a|b 2:3! ", ',' },
    { "a bare carriage return", "a\rb\nc\n", "1:2! ", ',' },
    { "columns count characters", "\xc3\xa9\xc3\xa9,b\"\n", "1:5! ", ',' },
    { "not UTF-8: this row alone", "a\nb,\xe9\nc\n", "1:a 2:3! 3:c ", ',' },
};

static void write_row(FILE *out, enum csv_answer answer, const struct csv_row *row)
{
    if (answer == CSV_FAULT) {
        assert_non_null(row->fault);
        fprintf(out, "%lu:%u! ", row->fault_line, row->fault_column);
        return;
    }
    fprintf(out, "%lu:", row->line);
    for (size_t i = 0; i < row->count; i++)
        fprintf(out, "%s%s", i ? "|" : "", row->cells[i].text);
    fputc(' ', out);
}

static void reads_rows(void **state)
{
    struct csv_row *row = malloc(sizeof *row);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        /* A copy without a closing zero: a byte too far is seen by the sanitizer. */
        size_t size = strlen(rows[i].text);
        char *bytes = malloc(size + 1), *all = NULL;
        struct csv csv = csv_over(bytes + 1, size, rows[i].separator);
        enum csv_answer answer;
        size_t length;
        FILE *out = open_memstream(&all, &length);

        memcpy(bytes + 1, rows[i].text, size);
        print_message("  %s\n", rows[i].name);
        while ((answer = csv_next(&csv, row)) != CSV_END)
            write_row(out, answer, row);
        fclose(out);
        assert_string_equal(all, rows[i].rows);
        free(all);
        free(bytes);
    }
    free(row);
}

static void knows_where_cells_are(void **state)
{
    static const char text[] = "\"\xc3\xa9\",b,\"c\"\n";
    struct csv csv = csv_over(text, sizeof text - 1, ',');
    struct csv_row *row = malloc(sizeof *row);

    (void)state;
    assert_int_equal(csv_next(&csv, row), CSV_ROW);
    assert_int_equal(row->cells[0].column, 1);
    assert_int_equal(row->cells[1].column, 5);
    assert_int_equal(row->cells[2].column, 7);
    free(row);
}

/* The greatest row, one cell and one byte more. */
static void bounds_rows(void **state)
{
    struct csv_row *row = malloc(sizeof *row);
    char *text = malloc(2 * CSV_ROW_MAX);
    struct csv csv;

    (void)state;
    memset(text, ',', CSV_CELLS_MAX);
    csv = csv_over(text, CSV_CELLS_MAX - 1, ',');
    assert_int_equal(csv_next(&csv, row), CSV_ROW);
    assert_int_equal(row->count, CSV_CELLS_MAX);
    csv = csv_over(text, CSV_CELLS_MAX, ',');
    assert_int_equal(csv_next(&csv, row), CSV_FAULT);

    memset(text, 'a', 2 * CSV_ROW_MAX);
    memcpy(text + CSV_ROW_MAX - 1, "\nb\n", 3);
    csv = csv_over(text, CSV_ROW_MAX + 2, ',');
    assert_int_equal(csv_next(&csv, row), CSV_ROW);
    assert_int_equal(strlen(row->cells[0].text), CSV_ROW_MAX - 1);
    memcpy(text + CSV_ROW_MAX - 1, "a\nb", 3);
    csv = csv_over(text, CSV_ROW_MAX + 2, ',');
    assert_int_equal(csv_next(&csv, row), CSV_FAULT);
    assert_int_equal(csv_next(&csv, row), CSV_ROW);
    assert_string_equal(row->cells[0].text, "b");
    assert_int_equal(csv_next(&csv, row), CSV_END);
    free(text);
    free(row);
}

/* A zero byte would end a cell for its readers, and hide what is behind it. */
static void refuses_zero_bytes(void **state)
{
    static const char plain[] = "a,b\0c\nd\n", quoted[] = "\"a\0b\"\nd\n";
    struct csv_row *row = malloc(sizeof *row);
    struct csv csv = csv_over(plain, sizeof plain - 1, ',');

    (void)state;
    assert_int_equal(csv_next(&csv, row), CSV_FAULT);
    assert_int_equal(csv_next(&csv, row), CSV_END);
    csv = csv_over(quoted, sizeof quoted - 1, ',');
    assert_int_equal(csv_next(&csv, row), CSV_FAULT);
    assert_int_equal(csv_next(&csv, row), CSV_END);
    free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),
        cmocka_unit_test(knows_where_cells_are),
        cmocka_unit_test(bounds_rows),
        cmocka_unit_test(refuses_zero_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
