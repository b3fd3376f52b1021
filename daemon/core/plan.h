/* plan.h - a decision becomes notifications: who, by which routes, which text, which key.
 *
 * One person, one instant, one message (procedure-language 4): all that one person is to
 * be told about one disagreement at one instant is one notification that says all of it; two
 * only where that is more than SAYS_MAX things.
 */
#ifndef CONCERN_CORE_PLAN_H
#define CONCERN_CORE_PLAN_H

#include "core/decide.h"
#include "core/directory.h"

enum {
    SAYS_MAX = 24,
    /* Every role of every party and of the board: one person may hold them all. */
    RECIPIENT_ROLES_MAX = PROCEDURE_ROLES_MAX * (PARTIES_MAX + 1),
    NOTIFICATION_KEY_SIZE = 65
};

/** How somebody came to be told for a role. */
enum stand_in {
    STAND_IN_NONE,     /* holds it, or is named for it in this disagreement */
    STAND_IN_FOR_KIND, /* the procedure's other role for agencies of this kind */
    STAND_IN_VIA,      /* receives it marked for another role */
    STAND_IN_OR_ELSE,  /* the procedure's other role where there is no holder */
    STAND_IN_DEPUTY,   /* the holder is away, or there is none */
    STAND_IN_SAFEGUARDING_LEAD,
    STAND_IN_OPERATOR, /* nobody at all: the operator */
};

struct recipient_role {
    int role;     /* the role he holds, in which he is told */
    int for_role; /* the role the procedure told; the same unless stand_in says otherwise */
    int party;    /* 0 challenging, 1.. challenged, PARTY_BOARD */
    enum stand_in stand_in;
};

struct say {
    enum message message;
    int deadline, stage, rule; /* -1: none */
    struct instant due;
    bool provisional;
    struct because because;
    const char *words; /* the procedure's sentence; NULL: none given; borrowed from the procedure */
};

struct notification {
    struct instant at;
    enum priority priority;
    const struct person *person;   /* NULL: an address of the event, or the operator */
    char address[ADDRESS_MAX + 1]; /* of an event's address; "" otherwise */
    bool to_operator;
    struct recipient_role roles[RECIPIENT_ROLES_MAX]; /* [0] is `to`, the others `also` */
    size_t role_count;
    struct say
        says[SAYS_MAX]; /* sorted: what ended, the intention, what begins, what is to be known */
    size_t say_count;
};

struct plan {
    struct notification *notifications; /* challenging, challenged by agency, board; then role */
    size_t count;
    size_t capacity;
};

/**
 * Makes the notifications of a decision, by instant, then in the order interface.md fixes.
 *
 * `today` tells who is away.  `directory` NULL means that every role has one invented holder
 * (only `concernctl simulate` without a directory asks so).  `plan` is zeroed or used before;
 * its room is kept and grown with realloc.  What it holds already is about the same
 * disagreement: whoever is told there at the same instant is told this too, in that message.
 * Returns 0, or -ENOMEM: the plan is not whole then.
 */
int plan_notifications(const struct policy_view *view, const struct directory *directory,
                       const struct decision *decision, struct date today, struct plan *plan);

void plan_close(struct plan *plan);

/**
 * The routes of a notification in the order they are tried: of office hours, or out of hours.
 * NULL and 0 for an address of the event, which is its own only route, and for invented holders.
 */
const struct route *notification_routes(const struct notification *notification,
                                        const struct directory *directory, bool office_hours,
                                        size_t *count);

/** "j.brown", "line_manager@A" (invented), the address, or "operator": who is told. */
const char *notification_person(const struct policy_view *view, const struct disagreement *after,
                                const struct notification *notification,
                                char text[ADDRESS_MAX + 2 * ID_MAX + 2]);

/**
 * What makes a notification one of a kind within its disagreement: the person, the instant
 * and the causes, written out ("j.brown 1798563600000000 limit_passed:stage-1 …").  The same
 * causes give the same key after a restart.  Writes at most `size` bytes and ends in a digest
 * of the rest where that is too little.
 */
void notification_key(const struct policy_view *view, const struct disagreement *after,
                      const struct notification *notification, char *key, size_t size);

/** "stage ID", "deadline ID", "rule ID" or "event TYPE". */
void because_write(const struct policy_view *view, const struct because *because, char *text,
                   size_t size);

/** The message id outside: the rule's own id for a rule, else message_id(). */
const char *say_message(const struct policy_view *view, const struct say *say);

#endif
