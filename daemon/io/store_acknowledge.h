/* store_acknowledge.h - notifications that somebody said he has seen. */
#ifndef CONCERN_IO_STORE_ACKNOWLEDGE_H
#define CONCERN_IO_STORE_ACKNOWLEDGE_H

#include "io/store.h"

/**
 * Whoever was told by row `id` (any of its notification's) said at `at` that he has seen it: the
 * first such instant stays, and the notification counts as accepted, so that no further route is
 * taken and nobody is told that it is undelivered.  STORE_OK, also where there is no such row.
 */
int store_put_acknowledged(struct store *store, const char *id, struct instant at);

/** When that was, of any row of the notification; INSTANT_NONE: not yet.  STORE_NONE: no row. */
int store_get_acknowledged(struct store *store, const char *id, struct instant *at);

/** A notification of a disagreement that somebody said he has seen. */
struct acknowledged_row {
    const char *id;    /* of its first row, which is the notification's own */
    const char *role;  /* as told */
    struct instant at; /* when it was to be told */
    struct instant acknowledged;
};

/** Walks those of one disagreement that went to people, the earliest first. */
int store_list_acknowledged(struct store *store, const char *board, const char *reference,
                            bool (*say)(void *context, const struct acknowledged_row *row),
                            void *context);

#endif
