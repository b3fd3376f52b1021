/* store_clock.h - what is kept of times that have not come, when the clock was set back. */
#ifndef CONCERN_IO_STORE_CLOCK_H
#define CONCERN_IO_STORE_CLOCK_H

#include "io/store.h"

/**
 * The clock may have been set back to `now`.  What was put on its way, tried or looked at later
 * than that counts as put on its way, tried and looked at now: its next try is as far from now as
 * it was from then, and what nobody accepted is looked at at once.  A gap that was found later than
 * that counts as found now, and who is to be told of it is told as long after; what waits for
 * missing events waits at most `parked_us` from now.  All else stays as it is, what a silence holds
 * as well: that ends at an instant, not after a time.
 */
int store_set_back(struct store *store, struct instant now, int64_t parked_us);

#endif
