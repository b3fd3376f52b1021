/* retry.h - when to try a delivery again, and when to stop.
 *
 * Faster than mail servers are among themselves, because a limit of hours may
 * be running: the tries after the first one come after 10 s, 30 s, 2, 5, 10, 15,
 * 30 min and 1 h, then every hour until five days are over.
 */
#ifndef CONCERN_CORE_RETRY_H
#define CONCERN_CORE_RETRY_H

#include "core/delivery.h"

#define RETRY_SPAN_US (5 * DAY_US)

enum { RETRY_AFTER_MIN_S = 1, RETRY_AFTER_MAX_S = 3600 };

enum retry_answer {
    RETRY_AT,    /* `*next` is set */
    RETRY_NEVER, /* done, refused, or the five days are over: a person must be told */
};

/**
 * When to try again after an attempt that ended at `now` with `outcome`.
 *
 * `attempts` counts those made so far, the last one included (1 or more).
 * `server_retry_after_s` is what the other side asked for (0: nothing): it lengthens a
 * wait, never shortens one, and counts for an hour at most.  `jitter` is a random number,
 * any value: 0 makes the wait 20 % shorter, 32768 leaves it, 65535 makes it 20 % longer.
 *
 * A first attempt later than `now` (the clock was set back) counts as made at `now`.
 */
int retry_after(enum delivery_outcome outcome, uint32_t attempts, struct instant first_tried,
                struct instant now, uint32_t server_retry_after_s, uint16_t jitter,
                struct instant *next);

#endif
