/* escalation.h - when nobody takes a delivery: who is tried next, and when people are told.
 *
 * A notification goes by one route first.  Where no delivery of it is accepted in time it goes, in
 * addition, by the person's next route, then to the deputy of each of the roles it was told in;
 * each has the same time.  What a deputy accepts is accepted for the roles that he deputises in.
 * What can never be delivered does not wait.  After a longer time, or once nothing of it is tried
 * any more, the board's team and the operator are told that it is undelivered.
 */
#ifndef CONCERN_CORE_ESCALATION_H
#define CONCERN_CORE_ESCALATION_H

#include "core/recipient.h"

/** How long to wait, in microseconds. */
struct escalation_waits {
    int64_t after_us;  /* for an accepted delivery before the next route is taken */
    int64_t urgent_us; /* the same of an urgent or immediate one */
    int64_t told_us;   /* from the first delivery on, before people are told */
};

/** 10 minutes, 2 minutes, 30 minutes. */
#define ESCALATION_WAITS                                                                           \
    ((struct escalation_waits){ 10 * MINUTE_US, 2 * MINUTE_US, 30 * MINUTE_US })

/** How the deliveries of one notification stand. */
struct escalation {
    enum priority priority;
    struct instant queued; /* when the first one was put on its way */
    struct instant latest; /* when the one by the latest route was */
    bool accepted;         /* any of them */
    bool hopeless;         /* the latest route refused, its time is over, or a setting is wrong */
    bool ended;            /* nothing of it is tried any more */
    bool has_route;        /* there is a route that was not taken yet */
    bool told;             /* the board's team and the operator know */
};

enum escalation_answer {
    ESCALATION_OVER,  /* nothing more is to be done */
    ESCALATION_WAIT,  /* `*next` is set: ask again then */
    ESCALATION_CLIMB, /* take the next route now, and ask again */
    ESCALATION_TELL,  /* tell the board's team and the operator now, and ask again */
};

/**
 * What is to be done at `now`; `*next` is set by ESCALATION_WAIT alone, and is later than `now`.
 * An answer is the same however late it is asked for.  `latest` or `queued` later than `now` (the
 * clock was set back) count as `now`.
 */
int escalation_next(const struct escalation_waits *waits, const struct escalation *escalation,
                    struct instant now, struct instant *next);

/** A route that a notification may take, and whose it is. */
struct escalation_route {
    enum route_kind kind;
    const char *to;              /* an address or an endpoint's id; borrowed */
    const struct person *person; /* NULL: the operator */
    bool is_deputy;              /* of one of the notification's roles */
};

/**
 * Finds the first route that is not among the `used_count` at `used`, however many those are: who
 * has many routes keeps nobody from being reached after him.  The person's own of this
 * hour, then his others; then, for an address of the event, or where the directory does not know
 * the person any more, those of whoever holds the role; then those of the role's deputy.  Answers
 * false where none is left.  `search->directory` is not NULL.
 */
bool escalation_route(const struct recipient_search *search,
                      const struct notification *notification, bool office_hours,
                      const struct route *used, size_t used_count, struct escalation_route *found);

/** Who holds the role of a recipient, in the board or the agency that it is of, and deputises in
 * it; NULL: the directory lists nobody.  `search->directory` is not NULL. */
const struct role_holding *escalation_holding(const struct recipient_search *search,
                                              const struct recipient_role *role);

/** Whether a deputy other than `of` is there in this role, and has a route that is not used. */
bool escalation_has_deputy(const struct recipient_search *search, const struct recipient_role *role,
                           const struct person *of, const struct route *used, size_t used_count);

/** Who is told for a board that something is undelivered: whoever holds the first role that is
 *  listed for it in the directory, or his deputy while he is away; NULL where nobody is. */
const struct person *escalation_board_person(const struct directory *directory, const char *board,
                                             struct date today);

#endif
