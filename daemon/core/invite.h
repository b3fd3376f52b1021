/* invite.h - what of a notification belongs into its reader's calendar.
 *
 * A deadline whose owner is told of it goes into his calendar, goes to another instant when it
 * moves, and comes out when it is stopped before it was due.  Which of these a notification
 * brings follows from the state after the decision alone, so a message rendered again is the same.
 */
#ifndef CONCERN_CORE_INVITE_H
#define CONCERN_CORE_INVITE_H

#include "core/plan.h"

enum { INVITES_MAX = 16 };

/** One entry of a calendar. */
struct invite {
    int deadline; /* its place in the procedure; start, due, changes: disagreement's running */
    bool cancelled;
};

/**
 * Finds them: for deadlines the reader owns only, with a due instant only.  Those that begin or
 * moved come with what says so (`stage_entered`, `deadline_started`, `due_moved`, `reopened`),
 * those stopped at the instant of the notification with whatever is said then.
 *
 * Answers how many; in the order of the procedure, at most INVITES_MAX.
 */
size_t invites_of(const struct policy_view *view, const struct disagreement *after,
                  const struct notification *notification, struct invite invites[INVITES_MAX]);

/** What a mailbox was last sent of an entry. */
struct invite_sent {
    int64_t sequence;   /* -1: nothing yet */
    struct instant due; /* INSTANT_NONE: it is owed, or owed anew */
    bool cancelled;
};

/** What the deadline of it is now. */
struct invite_now {
    enum running_state state; /* RUNNING_NOT: there is none any more */
    struct instant due;
    bool provisional;
    int64_t changes; /* of the same start */
    bool is_anew;    /* it was started anew: what was sent is of an earlier start */
};

enum invite_answer {
    INVITE_RIGHT,  /* nothing is to be sent */
    INVITE_SHOW,   /* with the date of now */
    INVITE_CANCEL, /* with the date that was sent */
};

/**
 * What is to be sent to a mailbox so that its entry is right, at `now`.  An entry whose time has
 * come stays where it is, and one that was cancelled is not shown again by itself.  `*sequence` is
 * the one to send: higher than any that was sent.
 */
enum invite_answer invite_judge(const struct invite_sent *sent, const struct invite_now *deadline,
                                struct instant now, uint32_t *sequence);

#endif
