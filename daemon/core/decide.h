/* decide.h - a disagreement and a cause in, a decision out.
 *
 * decide() is total and deterministic: the same disagreement, procedure, calendar and
 * cause give the same decision, whatever the clock says and however often it is asked.
 * It tells nobody: who holds a role is the directory's matter (plan.h).
 */
#ifndef CONCERN_CORE_DECIDE_H
#define CONCERN_CORE_DECIDE_H

#include "core/base.h"
#include "core/disagreement.h"
#include "core/event.h"
#include "core/limit.h"
#include "core/procedure.h"

/** What decide() needs beside the disagreement itself. */
struct policy_view {
    const struct procedure *procedure;
    struct timekeeping time;
};

enum cause_kind {
    CAUSE_EVENT,    /* an event arrived */
    CAUSE_INSTANT,  /* the earliest wake of the disagreement has come */
    CAUSE_CALENDAR, /* the calendar or the zone changed: recompute */
    CAUSE_VERSION,  /* somebody moves it from another version of its procedure to the view's */
};

struct cause {
    enum cause_kind kind;
    const struct event *event; /* of CAUSE_EVENT */
    struct instant at; /* of CAUSE_INSTANT: the wake; of CAUSE_CALENDAR, CAUSE_VERSION: now */
    const struct procedure *left; /* of CAUSE_VERSION: the version that `before` is kept under */
    /* of an event that is a correction, else NULL */
    const struct event *superseded; /* as it was last told */
    const struct event *corrected;  /* as it should have been; NULL: it should not have been */
    const struct acknowledged *acknowledged; /* of an event that names a notification, else NULL */
};

/** The notification that an event acknowledges. */
struct acknowledged {
    bool is_known;      /* it is one of this disagreement */
    party_mask parties; /* whose holders of roles it went to */
    party_mask heard;   /* in whose roles its reader was told: none of them is silent any more */
};

enum effect_kind {
    EFFECT_PASSED,   /* a limit passed */
    EFFECT_STOPPED,  /* a deadline was stopped */
    EFFECT_STAGE,    /* a stage was entered */
    EFFECT_DEADLINE, /* a deadline was started */
    EFFECT_MOVED,    /* its due instant moved */
    EFFECT_TELL,     /* somebody is to be told */
    EFFECT_CLOSED,   /* the disagreement ended */
    EFFECT_REOPENED,
    EFFECT_KIND_COUNT
};

/** What brought something about; its text is "stage ID", "deadline ID", "rule ID", "event TYPE",
 *  "version V" (of the procedure, to which it was moved). */
enum because_kind { BECAUSE_STAGE, BECAUSE_DEADLINE, BECAUSE_RULE, BECAUSE_EVENT, BECAUSE_VERSION };

struct because {
    enum because_kind kind;
    int index; /* of the stage, deadline or rule; of an event its kind; else -1 */
    char event[EVENT_TYPE_MAX + 1]; /* of BECAUSE_EVENT: the whole type */
};

/** The messages of the language (procedure-language, "Told when the file says nothing"). */
enum message {
    MESSAGE_LIMIT_PASSED, /* in the order in which one notification says them: what ended, */
    MESSAGE_RESOLVED,
    MESSAGE_WITHDRAWN,
    MESSAGE_LAPSED,
    MESSAGE_STAGE_PASSED_OVER,
    MESSAGE_INTENTION_TO_ESCALATE, /* the intention, */
    MESSAGE_REOPENED,              /* what begins, */
    MESSAGE_STAGE_ENTERED,
    MESSAGE_DEADLINE_STARTED,
    MESSAGE_DUE_MOVED,
    MESSAGE_RESOLUTION_PROPOSED,
    MESSAGE_HOLD,
    MESSAGE_RELEASE,
    MESSAGE_QUESTION,
    MESSAGE_REMINDER, /* what is to be known */
    MESSAGE_CHASE,
    MESSAGE_RULE, /* a rule's own: its message id is the rule's */
    MESSAGE_OPERATOR_NOTIFICATION,
    MESSAGE_COUNT
};

/** "limit_passed", ...; for MESSAGE_RULE "rule" (the rule's id stands for it outside). */
const char *message_id(enum message message);

struct effect {
    enum effect_kind kind;
    struct instant at;
    int deadline;              /* -1: none */
    int stage;                 /* -1: none; of EFFECT_TELL the stage it speaks of */
    int rule;                  /* -1: none */
    uint32_t entry;            /* of the deadline */
    struct instant due;        /* of DEADLINE, MOVED and TELL; INSTANT_NONE: none */
    struct instant due_before; /* of MOVED */
    bool provisional;
    struct because because;
    enum disagreement_state closed_as; /* of EFFECT_CLOSED */

    /* of EFFECT_TELL */
    enum message message;
    enum priority priority;
    int words_of; /* the deadline whose sentence caused it, where it is not its own; or -1 */
    party_mask to[PROCEDURE_ROLES_MAX]; /* by role: the parties whose holders are told */
};

enum {
    /* One cause enters each stage at most once; with each entry come the rules, the deadlines
     * that start and stop, and who is told of them.  A procedure made to exceed this is cut, and
     * `cut` says so: nothing is written past the end. */
    EFFECTS_MAX = 2048
};

enum decide_answer {
    DECIDED,
    DECIDE_UNKNOWN_DISAGREEMENT, /* 404.1: no raise came before */
    DECIDE_NO_PART,              /* 403.4: the agency has no part in it */
    DECIDE_ILLEGAL,              /* 422.1: not in this state; `why` says */
    DECIDE_ALREADY_RAISED,       /* 409.1: the reference is in use for another raise */
    DECIDE_INVALID,              /* 400.4: the event lacks what its kind needs; `why` says */
};

struct decision {
    struct disagreement after;
    struct effect effects[EFFECTS_MAX];
    size_t effect_count;
    bool cut;      /* more came about than EFFECTS_MAX: the operator must know */
    bool ignored;  /* an event that changes nothing: kept and recorded all the same */
    char why[200]; /* of an answer other than DECIDED: what is wrong and what would be right */
};

/**
 * Decides what `cause` makes of `before`.
 *
 * `before` is NULL for an event about a reference nobody raised.  On DECIDED `*decision`
 * holds the disagreement afterwards and the effects in the order in which they came about;
 * effects of one instant belong to one turn of events (plan.h makes one notification per
 * person of them).  On any other answer only `why` is set.  CAUSE_VERSION answers DECIDED or
 * DECIDE_ILLEGAL: `why` names what the new version lacks.
 */
int decide(const struct policy_view *view, const struct disagreement *before,
           const struct cause *cause, struct decision *decision);

#endif
