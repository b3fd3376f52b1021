/* silence.h - maintenance silences: what ordinary notifications wait for, and which never do.
 *
 * While a mail server or a case system is down on purpose, what would go there waits: it is not
 * tried, and nobody else is told in its place.  What is urgent never waits, nor what goes to a
 * board, to the operator, or to nobody's role.  A silence always has an end.
 */
#ifndef CONCERN_CORE_SILENCE_H
#define CONCERN_CORE_SILENCE_H

#include "core/plan.h"

enum {
    SILENCING_WHAT_SIZE = ID_MAX + 16, /* room for "endpoint:" and an id, and a zero */
    SILENCING_REASON_MAX = 200         /* bytes of UTF-8 */
};

/** The longest from its beginning to its end. */
#define SILENCING_LONGEST_US (7 * DAY_US)

enum silencing_kind {
    SILENCING_ENDPOINT, /* a webhook or a channel, by the directory's id */
    SILENCING_ROUTE,    /* all of "email", "notify-email" or "notify-text" */
    SILENCING_PERSON,   /* whoever has the id in the directory, by every route */
    SILENCING_AGENCY,   /* whoever is told in a role of it, and its systems */
    SILENCING_KIND_COUNT
};

struct silencing {
    int64_t number; /* the store's own, from 1 */
    enum silencing_kind kind;
    char of[ID_MAX + 1];
    struct instant since, until;
};

/** "endpoint", "route", "person", "agency". */
const char *silencing_kind_name(enum silencing_kind kind);

/** Reads "endpoint:las" into kind and of; false where it is none of the four, or a route that has
 *  endpoints of its own. */
bool silencing_read(const char *what, struct silencing *silencing);

/** "endpoint:las". */
void silencing_write(const struct silencing *silencing, char what[SILENCING_WHAT_SIZE]);

/** What decides whether a delivery waits; texts borrowed. */
struct silencing_question {
    enum priority priority;
    enum route_kind route;
    const char *recipient; /* an endpoint's id, where the route is to one */
    const char *person;    /* a directory id, or who else is told */
    const char *agency;    /* as silencing_agency() answers it */
};

/** Whether the silence holds the delivery, as long as it is in force. */
bool silencing_covers(const struct silencing *silencing, const struct silencing_question *question);

/**
 * Whether it has ended by itself at `now`: at its end, or where the clock shows a time more than
 * five minutes before its beginning, for then it was set back and nobody knows how long it would
 * last.
 */
bool silencing_is_over(const struct silencing *silencing, struct instant now);

/**
 * In whose roles a notification is told: an agency's id; "" where it is several agencies'; NULL
 * where one of the roles is the board's, or it is told to the operator: no silence holds it.
 */
const char *silencing_agency(const struct notification *notification,
                             const struct disagreement *disagreement);

#endif
