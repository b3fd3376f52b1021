/* store_redrive.h - deliveries that nobody accepted are sent again. */
#ifndef CONCERN_IO_STORE_REDRIVE_H
#define CONCERN_IO_STORE_REDRIVE_H

#include "io/store.h"

/**
 * Queues again what was refused or given up: the delivery `id`, or (`id` NULL) what nobody has
 * accepted by any route, of one disagreement or (`reference` NULL) of all; and of what is
 * undelivered what is tried still.  It is tried at `now`, and for as long as a new one; what
 * nobody accepts goes on from there.  Sets `*count`.
 */
int store_redrive(struct store *store, const char *id, const char *board, const char *reference,
                  struct instant now, size_t *count);

/** What nobody accepted, as people were told, is looked at by `now` (store_escalations_due). */
int store_escalate_undelivered(struct store *store, struct instant now);

#endif
