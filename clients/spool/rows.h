/* rows.h - what a file has become: events to send, and what is none, each with its line.
 *
 * A list of rows is a value that owns its texts.  It is kept on disk as lines of JSON before the
 * first event is sent, so that a second reading, after whatever end the first one found, sends
 * the same bytes.
 */
#ifndef CONCERN_SPOOL_ROWS_H
#define CONCERN_SPOOL_ROWS_H

#include "core/base.h"

#include <stdio.h>

enum {
    ROWS_MAX = 20000,                  /* of a file, faults among them */
    ROWS_BYTES_MAX = 64 * 1024 * 1024, /* of all its events together */
    ROWS_HASH_SIZE = 65                /* SHA-256 in hex and a zero */
};

enum row_outcome { ROW_WAITS, ROW_UNDER_WAY, ROW_ACKNOWLEDGED, ROW_REFUSED };

struct row {
    unsigned long line; /* from 1; 0: the file as a whole */
    unsigned column;    /* from 1, in characters; 0: the line as a whole */
    char *event;        /* one CloudEvent in JSON; NULL: nothing can be sent */
    size_t size;
    char *id, *subject; /* of the event, "" where it has none */
    char *code;         /* of the wire; "" for what never was an event */
    char *fault;        /* what is wrong (what would be right); NULL while nothing is */
    char *note;         /* of an acknowledged one: what the daemon made nothing of; NULL: none */
    enum row_outcome outcome;
};

struct rows {
    struct row *list;
    size_t count, capacity;
    size_t bytes; /* of the events */
};

enum rows_answer {
    ROWS_OK,
    ROWS_FULL,   /* the file has more than may be; nothing was added */
    ROWS_FOREIGN /* of rows_read: what is there is not of these bytes, or not whole */
};

/** Adds an event, `size` bytes copied.  ROWS_OK, ROWS_FULL or -ENOMEM. */
int rows_add_event(struct rows *rows, unsigned long line, unsigned column, const char *event,
                   size_t size);

/** Adds what is no event; `code` may be "".  The same answers. */
int rows_add_fault(struct rows *rows, unsigned long line, unsigned column, const char *code,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Adds a last fault to a list that is full, for which one place is kept.  ROWS_OK or -ENOMEM. */
int rows_say_full(struct rows *rows, unsigned long line, const char *fault);

/** Says of a row that it was refused, or was acknowledged with a remark; texts are copied.
 *  0 or -ENOMEM. */
int row_refuse(struct row *row, const char *code, const char *fault);
int row_note(struct row *row, const char *note);

/** How many have this outcome. */
size_t rows_count(const struct rows *rows, enum row_outcome outcome);

/** Writes events and faults, not their outcomes, for the file whose bytes have this hash.
 *  0, or negative when the stream failed. */
int rows_write(const struct rows *rows, const char hash[ROWS_HASH_SIZE], FILE *file);

/** Reads what rows_write wrote.  ROWS_OK sets `*rows`, empty before; ROWS_FOREIGN; negative. */
int rows_read(FILE *file, const char hash[ROWS_HASH_SIZE], struct rows *rows);

/** Frees what it holds; empty afterwards. */
void rows_close(struct rows *rows);

#endif
