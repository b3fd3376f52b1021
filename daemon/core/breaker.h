/* breaker.h - an endpoint that fails again and again is left alone for a while.
 *
 * After BREAKER_FAILURES failures in a row it is not tried for 30 seconds, then by one delivery
 * alone; each further failure doubles the time, up to 15 minutes; one success ends it.  What is
 * urgent asks again every 30 seconds.
 */
#ifndef CONCERN_CORE_BREAKER_H
#define CONCERN_CORE_BREAKER_H

#include "core/base.h"

enum {
    BREAKER_FAILURES = 5,
    BREAKER_FIRST_MS = 30 * 1000,
    BREAKER_LONGEST = 30, /* times the first: 15 minutes */
    BREAKER_LONGEST_MS = BREAKER_LONGEST * BREAKER_FIRST_MS
};

/** All zero: nothing has failed.  Times are of any clock that never goes back. */
struct breaker {
    unsigned failures; /* in a row */
    int64_t until_ms;  /* left alone before this */
    int64_t wait_ms;   /* how long that was */
};

/** How long it is still to be left alone; 0: it may be tried. */
int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms);

/** The same for what is urgent: never longer than the first time, `first_ms` (0: BREAKER_FIRST_MS),
 *  for its endpoint may answer again by now. */
int64_t breaker_urgent_wait_ms(const struct breaker *breaker, int64_t now_ms, int64_t first_ms);

/** It may be tried, but by one delivery alone: the one before failed too. */
bool breaker_wants_probe(const struct breaker *breaker);

/** What became of a try.  `first_ms` is how long it is left alone at first; 0: BREAKER_FIRST_MS. */
void breaker_note(struct breaker *breaker, bool failed, int64_t now_ms, int64_t first_ms);

#endif
