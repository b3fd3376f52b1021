/* refusals.h - how often each key was refused with which code, in a table that cannot grow.
 *
 * A refused safeguarding event is itself an incident: whoever looks after the daemon sees the
 * counts, over restarts too (daemon_watch.c keeps them in the store), and is told.
 */
#ifndef CONCERN_IO_REFUSALS_H
#define CONCERN_IO_REFUSALS_H

#include "core/base.h"
#include "protocol/wire.h"

enum { REFUSALS_MAX = 256, REFUSAL_CODE_SIZE = 8 };

/** How often a key was refused with a code. */
struct refusal {
    char key[WIRE_KEY_TEXT + 1]; /* Z85; "" stands for all that found no room */
    char code[REFUSAL_CODE_SIZE];
    uint64_t count;
    struct instant last;
    uint64_t told; /* the count when a person was last told */
    uint64_t kept; /* the count in the store */
};

struct refusals {
    struct refusal rows[REFUSALS_MAX]; /* the last one is for the rest */
    size_t count;
};

/** Counts a refusal; answers how many there were of this key and code, this one included. */
uint64_t refusals_count(struct refusals *refusals, const char *key, const char *code,
                        struct instant now);

/** How many there were. */
uint64_t refusals_of(const struct refusals *refusals, const char *key, const char *code);

/** Puts in what was counted before a restart; where there is no room it is left out. */
void refusals_restore(struct refusals *refusals, const struct refusal *row);

#endif
