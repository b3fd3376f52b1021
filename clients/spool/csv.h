/* csv.h - reads rows of comma separated values, as RFC 4180 has them, out of memory.
 *
 * Rows end with CRLF or LF, the last one may end with the text; a cell in quotes may hold the
 * separator, line ends and quotes that are written twice.  Empty lines are passed over.  Where
 * a quote leaves it uncertain where rows begin and end, reading stops: what stands behind is
 * never taken for rows.
 */
#ifndef CONCERN_SPOOL_CSV_H
#define CONCERN_SPOOL_CSV_H

#include "core/base.h"

enum {
    CSV_CELLS_MAX = 256,    /* of a row */
    CSV_ROW_MAX = 64 * 1024 /* bytes of a row's cells, a closing zero for each among them */
};

struct csv_cell {
    const char *text; /* valid UTF-8 without zeros, closed with one; "" is an empty cell */
    unsigned column;  /* where it begins in its line, from 1, in characters */
};

struct csv_row {
    unsigned long line; /* where it begins, from 1 */
    size_t count;
    struct csv_cell cells[CSV_CELLS_MAX];
    /* Of CSV_FAULT: where, and what is wrong (what would be right). */
    unsigned long fault_line;
    unsigned fault_column;
    const char *fault;
    char bytes[CSV_ROW_MAX + 1]; /* what the cells point to */
};

/** A reader is a value; its bytes are borrowed. */
struct csv {
    const char *at, *end;
    char separator;
    unsigned long line;
    unsigned column;
};

enum csv_answer {
    CSV_ROW,
    CSV_FAULT, /* this row cannot be used; the next call goes on behind it, or ends */
    CSV_END
};

/** A reader of `size` bytes whose cells are separated by `separator`. */
struct csv csv_over(const char *bytes, size_t size, char separator);

/** Reads the next row; it is whole until the next call. */
enum csv_answer csv_next(struct csv *csv, struct csv_row *row);

#endif
