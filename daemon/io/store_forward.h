/* store_forward.h - deliveries in whose place the same is told anew. */
#ifndef CONCERN_IO_STORE_FORWARD_H
#define CONCERN_IO_STORE_FORWARD_H

#include "io/store.h"

/** Of the notification whose first row is `id` nothing is sent any more, nor sent again: what was
 *  not accepted has ended as OUTBOX_SUPERSEDED, and something else is answerable for it. */
int store_supersede(struct store *store, const char *id);

/** What went in the digest whose first row is `id` waits again, until GATHERING_KEPT
 *  (store_gather.h). */
int store_dissolve(struct store *store, const char *id);

#endif
