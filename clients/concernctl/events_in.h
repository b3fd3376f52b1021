/* events_in.h - finds the JSON objects in a file or stream, one after the other.
 *
 * One event per line, one document over many lines, or an array of them: an event is
 * what stands between a brace and the one that closes it, and its bytes are handed on
 * as they are.  Reading never waits while there is something else to do.
 */
#ifndef CONCERN_CONCERNCTL_EVENTS_IN_H
#define CONCERN_CONCERNCTL_EVENTS_IN_H

#include "core/base.h"

struct events_in;

enum events_in_answer {
    EVENTS_IN_EVENT, /* `*piece` is set, until the next call */
    EVENTS_IN_FAULT, /* something that is no event; `fault` of the piece says what */
    EVENTS_IN_LATER, /* nothing whole has come yet (only where waiting was not allowed) */
    EVENTS_IN_END
};

struct events_in_piece {
    const char *bytes;
    size_t size;
    unsigned long line; /* where it begins, from 1 */
    const char *fault;
};

/** Opens `path`, "-" for standard input.  0, or negative, untold. */
int events_in_open(const char *path, struct events_in **in);

/** The next event; `may_wait` false answers EVENTS_IN_LATER rather than to wait for input.
 *  Negative when reading failed. */
int events_in_next(struct events_in *in, bool may_wait, struct events_in_piece *piece);

/** How much of the file was read, 0 to 100; -1 where its length is not known. */
int events_in_percent(const struct events_in *in);

/** NULL is fine; sets NULL. */
void events_in_close(struct events_in **in);

#endif
