/* store_bounce.h - what became of deliveries behind the mail server that accepted them. */
#ifndef CONCERN_IO_STORE_BOUNCE_H
#define CONCERN_IO_STORE_BOUNCE_H

#include "io/store.h"

/** Of one delivery so many different things are kept: whoever holds a mail may say any. */
enum { STORE_BOUNCES_MAX = 8 };

/** Keeps that `action` and `status` were said of delivery `id`.  STORE_OK; STORE_DUPLICATE where
 *  they were before, or STORE_BOUNCES_MAX others. */
int store_note_bounce(struct store *store, const char *id, const char *action, const char *status,
                      struct instant at);

/**
 * The accepted or queued delivery `attempt->id` will not arrive: it is refused now, and the
 * attempt (its number is the next one's, whatever `attempt->number` says) tells why.  Where the
 * notification was settled by it, the times of its escalation run from `attempt->at`.
 * STORE_NONE: it is neither accepted nor queued; nothing is changed.
 */
int store_put_bounced(struct store *store, const struct attempt_row *attempt);

/** The accepted delivery `id` is stuck further on: its notification is looked at again at `look`,
 *  unless that is to be already, and its times run from `at`.  STORE_NONE: it is not accepted. */
int store_put_delayed(struct store *store, const char *id, struct instant at, struct instant look);

/** It was stuck and has arrived: it is accepted as before. */
int store_put_arrived(struct store *store, const char *id);

#endif
