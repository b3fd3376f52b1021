/* store_redrive.h - deliveries that have ended are sent again. */
#ifndef CONCERN_IO_STORE_REDRIVE_H
#define CONCERN_IO_STORE_REDRIVE_H

#include "io/store.h"

/**
 * Queues again what was refused or given up: the delivery `id`, or (`id` NULL) what nobody has
 * accepted by any route, of one disagreement or (`reference` NULL) of all.  It is tried at `now`,
 * and for as long as a new one; what nobody accepts goes on from there.  Sets `*count`.
 */
int store_redrive(struct store *store, const char *id, const char *board, const char *reference,
                  struct instant now, size_t *count);

#endif
