/* table.c - keeps rows until the widest cell of each column is known, then prints them. */
#include "concernctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "concernctl/words.h"

struct table {
    const char *const *heads;
    size_t columns;
    size_t widths[TABLE_COLUMNS_MAX]; /* of the cells, in characters; 0: all are empty */
    char **cells;                     /* rows * columns of them */
    size_t rows;
    size_t capacity;
};

static size_t width_of(const char *text);
static void print_row(const struct table *table, const char *const *cells);

struct table *table_open(const char *const *heads, size_t columns)
{
    struct table *table = calloc(1, sizeof *table);

    if (!table)
        return NULL;
    table->heads = heads;
    table->columns = columns;
    return table;
}

void table_add(struct table *table, const char *const *cells)
{
    if (table->rows == table->capacity) {
        size_t more = table->capacity ? 2 * table->capacity : 64;
        char **grown = reallocarray(table->cells, more * table->columns, sizeof *grown);

        if (!grown)
            return;
        table->cells = grown;
        table->capacity = more;
    }
    for (size_t i = 0; i < table->columns; i++) {
        char *cell = words_plain(cells[i], TABLE_CELL_MAX);
        size_t width = cell ? width_of(cell) : 0;

        table->cells[table->rows * table->columns + i] = cell;
        if (width > table->widths[i])
            table->widths[i] = width;
    }
    table->rows++;
}

/* Characters of UTF-8, each taken to be one wide. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void table_print(const struct table *table)
{
    bool bold = isatty(STDOUT_FILENO);

    if (table->rows == 0)
        return;
    if (bold)
        fputs("\033[1m", stdout);
    print_row(table, table->heads);
    if (bold)
        fputs("\033[0m", stdout);
    for (size_t row = 0; row < table->rows; row++)
        print_row(table, (const char *const *)table->cells + row * table->columns);
}

static void print_row(const struct table *table, const char *const *cells)
{
    size_t gap = 0;

    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = cells[i] ? cells[i] : "";
        size_t head = width_of(table->heads[i]);
        size_t width = table->widths[i] > head ? table->widths[i] : head;

        if (table->widths[i] == 0)
            continue;
        if (*cell) {
            printf("%*s%s", (int)gap, "", cell);
            gap = 0;
        }
        gap += width - width_of(cell) + 2;
    }
    putchar('\n');
}

size_t table_rows(const struct table *table)
{
    return table->rows;
}

void table_close(struct table **table_p)
{
    struct table *table = *table_p;

    for (size_t i = 0; table && i < table->rows * table->columns; i++)
        free(table->cells[i]);
    if (table)
        free(table->cells);
    free(table);
    *table_p = NULL;
}
