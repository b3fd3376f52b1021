/* rehearsal.h - disagreements played on a simulated clock, by the daemon's engine and store.
 *
 * The store is a real one, in a private temporary directory that goes with the rehearsal.
 * Nobody is reached: what would be told, and all else that comes about, is collected, and
 * reported in the order that `concernctl simulate` promises (happening.h).  It reads no clock:
 * the same policy and events give the same report, byte for byte.
 */
#ifndef CONCERN_REHEARSAL_REHEARSAL_H
#define CONCERN_REHEARSAL_REHEARSAL_H

#include "core/delivery.h"
#include "core/plan.h"
#include "policy/policy.h"
#include "protocol/answer.h"
#include "rehearsal/happening.h"

struct record_line;

struct rehearsal;

struct rehearsal_settings {
    struct policy *policy; /* borrowed; without a directory every role has an invented holder */
    struct instant start;  /* before anything that is given */
    bool restart;          /* engine and store stop and start after every turn */
    bool restore;          /* the same, and they go on from a copy of the store's files, which are
                              removed: as after a restore from a backup */
    bool power_cut;        /* every turn is lost just before its commit and taken again; and after
                              it all goes on from a copy of the files as they then were */
    bool deliver;          /* notifications are rendered, queued, and taken by a carrier who
                              never fails of himself: needs a policy with templates */
    const char *mail_from; /* borrowed; of `deliver`; NULL where there is no mail */
    const char *acknowledge_url; /* borrowed; of `deliver`: where links lead; NULL: none */
    int64_t acknowledge_within_us;

    /* Called within the turn for every decision, and for whom those of one instant told; each may
     * be NULL. */
    void (*watch)(void *context, const struct policy_view *view, const struct decision *decision);
    void (*told)(void *context, const struct policy_view *view, const struct disagreement *after,
                 const struct plan *plan);
    /* Called for every delivery, with `deliver`, at the instant it is carried; `*outcome` says that
     * it was accepted, and may be changed to what became of it instead.  May be NULL. */
    void (*take)(void *context, const struct delivery *delivery, struct instant now,
                 struct outcome *outcome);
    void *watch_context; /* of both */
};

enum rehearsal_answer {
    REHEARSED,
    REHEARSAL_REFUSED,   /* of an event: `refusal` says why; nothing has changed */
    REHEARSAL_DUPLICATE, /* of an event: it was given before; nothing has changed */
};

/** 0, or negative: told to the journal. */
int rehearsal_open(const struct rehearsal_settings *settings, struct rehearsal **rehearsal);

/** Closes the store and removes its directory; accepts NULL, sets NULL. */
void rehearsal_close(struct rehearsal **rehearsal);

/** Stops engine and store and starts them again, as the daemon would be.  0 or negative. */
int rehearsal_restart(struct rehearsal *rehearsal);

/**
 * Lets time go on to `until`: everything due by then, that instant included, comes about at
 * its own.  Going back changes nothing.  0 or negative.
 */
int rehearsal_advance(struct rehearsal *rehearsal, struct instant until);

/** The daemon is not there until `until`: nothing comes about; what was due comes about at the
 *  next advance or event, late.  Call it between turns: after rehearsal_advance(). */
void rehearsal_sleep(struct rehearsal *rehearsal, struct instant until);

/**
 * Gives an event (the bytes of a CloudEvent) that arrives at `received`, after all that is due
 * before and before what is due then.  One received in the past arrives now.  Those of one
 * instant, and what is due at it, are one turn, which the next instant or rehearsal_advance()
 * ends.  An enum rehearsal_answer, or negative; `*refusal` is set by REHEARSAL_REFUSED.
 */
int rehearsal_give(struct rehearsal *rehearsal, const char *bytes, size_t size,
                   struct instant received, struct answer_nack *refusal);

/**
 * The play is over: stops engine and store and removes the directory.  What was collected
 * stays; nothing more can be given, nor time go on.
 */
void rehearsal_end(struct rehearsal *rehearsal);

/**
 * From now on this policy, as after a reload of the daemon at `at`: running deadlines are
 * recomputed where a calendar changed.  The one before stays the caller's, and must live as long
 * as the rehearsal: what was reported borrows from it.  0 or negative.
 */
int rehearsal_set_policy(struct rehearsal *rehearsal, struct policy *policy, struct instant at);

/**
 * Moves a disagreement to the version of its procedure in force, as `concernctl move` does, at
 * `at` after all that is due by then.  REHEARSED; REHEARSAL_REFUSED sets `why`; or negative.
 */
enum { REHEARSAL_WHY_SIZE = 200 };
int rehearsal_move(struct rehearsal *rehearsal, const char *board, const char *reference,
                   struct instant at, char why[REHEARSAL_WHY_SIZE]);

/** Begins a maintenance silence (core/silence.h) at `at`, after all that is due by then: `what` is
 *  as silencing_read() takes it.  0 or negative. */
int rehearsal_silence(struct rehearsal *rehearsal, const char *what, struct instant at,
                      struct instant until);

/** What the record says about one disagreement (io/record.h); 0 or negative. */
int rehearsal_history(struct rehearsal *rehearsal, const char *board, const char *reference,
                      bool (*say)(void *, const struct record_line *), void *context);

/** How many deliveries were taken, with `deliver`. */
size_t rehearsal_delivered(const struct rehearsal *rehearsal);

/** All that has come about so far, in order (happening.h); it lives until the next call of any
 *  function of the rehearsal.  Negative for lack of memory. */
int rehearsal_report(struct rehearsal *rehearsal, struct happenings *happenings);

#endif
