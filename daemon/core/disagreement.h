/* disagreement.h - where one disagreement stands.
 *
 * A value: public, copied freely.  Roles, stages, deadlines and rules are named by
 * their place in the procedure version the disagreement keeps (procedure_hash).
 */
#ifndef CONCERN_CORE_DISAGREEMENT_H
#define CONCERN_CORE_DISAGREEMENT_H

#include "core/base.h"
#include "core/event.h"
#include "core/procedure.h"

enum {
    PARTIES_MAX = 1 + EVENT_CHALLENGED_MAX, /* [0] challenging, then the challenged */
    PARTY_BOARD = 15,                       /* the board's bit in a mask of parties */
    FACTS_MAX = 24,
    EVENT_BITS = 40 + PROCEDURE_EVENTS_MAX /* kinds, then those a procedure declares */
};

/** One bit per party; bit PARTY_BOARD is the board. */
typedef uint16_t party_mask;

enum disagreement_state {
    DISAGREEMENT_OPEN,
    DISAGREEMENT_RESOLVED,
    DISAGREEMENT_WITHDRAWN,
    DISAGREEMENT_LAPSED, /* closed quietly when a limit passed */
    DISAGREEMENT_STATE_COUNT
};

/** What the challenging side said to "advance?". */
enum given_answer { ANSWER_NOT_GIVEN, ANSWER_YES, ANSWER_NO };

enum running_state {
    RUNNING_NOT, /* not started; the zero value */
    RUNNING_ON,
    RUNNING_PASSED, /* its limit has passed; may still be chased until it is stopped */
    RUNNING_STOPPED,
};

/** A deadline of this disagreement. */
struct running {
    enum running_state state;
    uint32_t entry; /* counts its starts: a deadline started anew is another row */
    struct instant start;
    struct instant due; /* INSTANT_NONE: no due instant */
    bool provisional;
    struct instant set_by_case; /* what deadline.set or deadline.extended brought */
    bool extended;              /* its limit is the `extended` one */
    struct instant acted_until; /* reminders and chases up to here have been told */
    struct instant wake;        /* when it next needs a decision; INSTANT_NONE: never */
    party_mask done;            /* who has done it, where each must */
    uint32_t changes; /* of this start: how often it moved, was stopped or ran on (invite.h) */
};

struct fact {
    char name[ID_MAX + 1];
    char value[ID_MAX + 1];
};

struct disagreement {
    char board[ID_MAX + 1];
    char reference[ID_MAX + 1];
    char procedure[ID_MAX + 1];
    char procedure_hash[65];
    char case_reference[ID_MAX + 1];
    char category[ID_MAX + 1];
    char link[EVENT_LINK_MAX + 1];
    enum disagreement_state state;
    struct instant raised;
    struct instant closed; /* INSTANT_NONE while open */

    char parties[PARTIES_MAX][ID_MAX + 1]; /* agencies; one may stand on both sides */
    uint8_t party_count;
    struct event_person people[EVENT_PEOPLE_MAX]; /* named for this disagreement */
    uint8_t people_count;
    struct fact facts[FACTS_MAX]; /* as last told; non_involvement is kept per party */
    uint8_t fact_count;
    party_mask non_involved;

    int16_t stage;    /* the current one; -1 before the first */
    int16_t previous; /* the stage just left; -1 at the first entered */
    uint32_t entry;   /* counts stages entered, from 1 */
    struct instant stage_entered;
    uint32_t intention_entry; /* the entry during which the intention was told; 0: never */

    party_mask agreed; /* who proposed or agreed the resolution */
    bool proposed;
    struct instant proposed_at;               /* of what is still to be agreed; INSTANT_NONE */
    struct instant agreed_ahead[PARTIES_MAX]; /* agreements that came before what they agree to */
    bool before_raise; /* an event started a deadline, and the raise is still to come */
    bool held;
    bool held_by_answer;       /* the hold is a no to "advance?", not an event's */
    struct instant held_until; /* INSTANT_NONE: until released */
    uint64_t frozen; /* deadlines, by bit, that passed while held: what that does is to come */

    struct running running[PROCEDURE_DEADLINES_MAX];    /* by the deadline's place */
    bool duty_held[PROCEDURE_DEADLINES_MAX];            /* its `when` held after the last cause */
    enum given_answer answers[PROCEDURE_DEADLINES_MAX]; /* to what was asked before it passes */
    uint64_t seen;                                      /* events that came, by event_bit() */
    struct instant dates[EVENT_BITS];     /* the date the last of each carried; INSTANT_NONE */
    struct instant notified[PARTIES_MAX]; /* when each party was last told anything */
    struct instant heard[PARTIES_MAX];    /* when an event of each was last heard */

    bool rule_pending[PROCEDURE_RULES_MAX]; /* asked, and no one has answered yet */
    bool rule_held[PROCEDURE_RULES_MAX];    /* its conditions held after the last cause */
    uint32_t
        rule_told_entry[PROCEDURE_RULES_MAX]; /* the stage entry at which it last told; 0: never */
    party_mask told[PROCEDURE_ROLES_MAX];     /* everyone_told: who was told, by role */
};

bool disagreement_is_over(const struct disagreement *disagreement);

/** The value of a fact; NULL if it was never told. */
const char *disagreement_fact(const struct disagreement *disagreement, const char *name);

/** Sets a fact; answers false (and changes nothing) only when FACTS_MAX others are told. */
bool disagreement_set_fact(struct disagreement *disagreement, const char *name, const char *value);

/** The parties whose agency is `agency`, as a mask; 0 if it has no part. */
party_mask disagreement_parties_of(const struct disagreement *disagreement, const char *agency);

/** The number of an event's type in `seen` and `dates`: its kind, or 40 and its place among those
 *  the procedure declares; -1 for a type nobody here knows. */
int event_bit(const struct procedure *procedure, const char *short_type);

/** A disagreement in which nothing has happened: every instant INSTANT_NONE. */
void disagreement_clear(struct disagreement *disagreement);

/** All challenging and challenged parties, without the board. */
party_mask disagreement_agencies(const struct disagreement *disagreement);

/** The earliest wake of its deadlines, or INSTANT_NONE. */
struct instant disagreement_wake(const struct disagreement *disagreement);

#endif
