/* spool_read.h - a file's bytes become rows: events to send, and what is none.
 *
 * It opens no file and asks no clock: the same bytes, with the same mapping, source and time,
 * give the same rows, down to the last byte of each event.
 *
 * What an event does not say itself is given to it:
 *
 *     specversion, datacontenttype    "1.0", "application/json"
 *     source                          the input's
 *     time                            the input's
 *     id                              "spool-" and a hash of what the event says (of its mapping's
 *                                     identity columns, where there are some), so that the same
 *                                     event has the same id in whatever file it stands; the
 *                                     second of equal ones in one file gets "-2" behind it
 *
 * No sequence is made up: only the case system can count what it sends.
 */
#ifndef CONCERN_SPOOL_SPOOL_READ_H
#define CONCERN_SPOOL_SPOOL_READ_H

#include "spool/mapping.h"
#include "spool/rows.h"

enum { SPOOL_FILE_MAX = 8 * 1024 * 1024 /* bytes of a file */ };

/** All borrowed. */
struct spool_input {
    const char *name; /* its ending says what it is: .csv, .json, .jsonl, .ndjson; else its
                         first byte does */
    const char *bytes;
    size_t size;
    const struct mapping *mapping; /* NULL: rows of CSV cannot be read */
    const char *source;            /* of events that name none; NULL: none is given */
    struct instant time;           /* of events that tell none */
};

/** Adds to `*rows`, empty before.  0, whatever the bytes are, or -ENOMEM. */
int spool_read(const struct spool_input *input, struct rows *rows);

#endif
