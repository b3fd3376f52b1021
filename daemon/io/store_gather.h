/* store_gather.h - notifications of the outbox that wait to go out together, and what they are in.
 *
 * One that waits is queued without a next try, so that no lane has it.  One that went in a digest
 * has ended as OUTBOX_GATHERED; the digest is an outbox row of its own, about no disagreement.
 */
#ifndef CONCERN_IO_STORE_GATHER_H
#define CONCERN_IO_STORE_GATHER_H

#include "io/store.h"

/** Not decided yet: it waits for the end of the turn that queued it. */
#define GATHERING_UNDECIDED ((struct instant){ 0 })

/** The same of what was kept from going before: it may have been overtaken. */
#define GATHERING_KEPT ((struct instant){ 1 })

/** A notification that waits, or went in a digest.  Texts are borrowed. */
struct gathering_row {
    int64_t number; /* of the outbox row */
    char id[DELIVERY_ID_SIZE];
    const char *board, *reference, *person, *role;
    enum route_kind route;
    const char *recipient;
    uint32_t position;
    struct instant at;
    struct instant until;  /* INSTANT_NONE: it went in a digest */
    struct instant act_by; /* INSTANT_NONE */
    const char *gist, *holdings;
    const char *agency; /* of outbox_row; NULL */
    bool is_acknowledged;
    const char
        *dates; /* of what it speaks of: "DEADLINE ENTRY DUE_US TITLE" (0015-overtaken.sql) */
    const char *entries;           /* of calendars, in its mail (0017-entries.sql) */
    int64_t disagreement;          /* its number; 0: none */
    enum disagreement_state state; /* of that, as it is now */
    struct instant closed;         /* INSTANT_NONE while open */
    bool is_over;
};

/** Lets the outbox row `id`, which is queued, wait; of the row only until, act_by, gist,
 *  holdings, dates and entries are read. */
int store_put_gathering(struct store *store, const char *id, const struct gathering_row *row);

/** The outbox row `id`, which is queued, is not tried, nor is anybody told in its place, before
 *  what store_put_gathering() is given of it says so. */
int store_stop_trying(struct store *store, const char *id);

/** The earliest `until`.  STORE_NONE: nothing waits.  One look at an index. */
int store_gathering_wake(struct store *store, struct instant *wake);

/** Walks up to `most` of those that wait until `now` at the latest, by until. */
int store_list_gathering(struct store *store, struct instant now, size_t most,
                         bool (*say)(void *, const struct gathering_row *), void *context);

/** Walks those that went in the digest whose first row is `id`: by instant, gist, reference. */
int store_list_gathered(struct store *store, const char *id,
                        bool (*say)(void *, const struct gathering_row *), void *context);

/** Entry `entry` of a deadline of the disagreement `number`, as it is now: of `running` state, due
 *  and acted_until; and whether it was started anew since.  STORE_NONE. */
int store_get_running(struct store *store, int64_t number, const char *deadline, int64_t entry,
                      struct running *running, bool *is_anew);

/** It waits until another instant. */
int store_move_gathering(struct store *store, int64_t number, struct instant until);

/** It waits no more: it goes as it is, due since `due`, queued at `now`, and `escalate` is as
 *  outbox_row has it. */
int store_release_gathering(struct store *store, int64_t number, struct instant due,
                            struct instant now, struct instant escalate);

/** It went in the digest whose first row is `digest`, which is answerable for it from now on. */
int store_end_gathering(struct store *store, const struct gathering_row *row, const char *digest);

/** Of an outbox row: until when it waits, or (`digest` not "") what it went in.  STORE_NONE. */
int store_find_gathering(struct store *store, const char *id, struct instant *until,
                         char digest[DELIVERY_ID_SIZE]);

#endif
