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

#endif
