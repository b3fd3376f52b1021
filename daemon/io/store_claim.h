/* store_claim.h - which deliveries were handed out to be sent, and are not answered.
 *
 * It is on the disk before anything goes out.  Whatever ends the daemon, what may have been sent is
 * known after the next start: it is sent again as it was, or asked for first.
 */
#ifndef CONCERN_IO_STORE_CLAIM_H
#define CONCERN_IO_STORE_CLAIM_H

#include "io/store.h"

/** The queued row `id` is handed out at `at`; INSTANT_NONE: it was not, and nothing of it can have
 *  been sent.  An attempt that is kept (store_put_attempt) ends it as well. */
int store_claim(struct store *store, const char *id, struct instant at);

#endif
