/* store_silence.h - maintenance silences, and the deliveries they hold.
 *
 * A row that is held is queued; its next try is the end of the silence, but no walk over what is
 * due finds it before it is let go.
 */
#ifndef CONCERN_IO_STORE_SILENCE_H
#define CONCERN_IO_STORE_SILENCE_H

#include "core/silence.h"
#include "io/store.h"

enum { STORE_SILENCE_BY_SIZE = 24 };

struct silence_row {
    struct silencing silencing;
    char reason[SILENCING_REASON_MAX + 1];
    char by[STORE_SILENCE_BY_SIZE]; /* "uid 1000" */
    uint64_t held;                  /* read only: deliveries that it holds */
};

/** Begins a silence; sets row->silencing.number. */
int store_put_silence(struct store *store, struct silence_row *row);

/** It is in force no more. */
int store_end_silence(struct store *store, int64_t number, struct instant at);

/** Walks those in force, as they were begun. */
int store_list_silences(struct store *store, bool (*say)(void *, const struct silence_row *),
                        void *context);

/** The first one that has ended and still holds deliveries.  STORE_NONE. */
int store_ended_silence(struct store *store, int64_t *number);

/** The ids of up to `max` deliveries that a silence holds, in the order they were to be told. */
int store_list_held(struct store *store, int64_t number, char (*ids)[DELIVERY_ID_SIZE], size_t max,
                    size_t *count);

/** Walks the queued rows that are due at `now`, that a silence might hold and that none does. */
int store_list_holdable(struct store *store, struct instant now,
                        bool (*say)(void *, const struct outbox_row *), void *context);

/** The silence holds the row `id`; STORE_NONE where it is not queued. */
int store_hold(struct store *store, const char *id, const struct silencing *silencing);

/**
 * No silence holds the row `id` any more: it is tried at `now`, those that were to be told earlier
 * first, and for as long as a new one; what nobody accepts goes on from `escalate`.
 */
int store_let_go(struct store *store, const char *id, struct instant now, struct instant escalate);

/** What was to be looked at (store_escalations_due) by `until` is looked at by `now`. */
int store_escalate_sooner(struct store *store, struct instant until, struct instant now);

/** What the row `id` sends, of which nothing can have been sent: written anew, and late. */
int store_rewrite(struct store *store, const char *id, const char *bytes, size_t size);

#endif
