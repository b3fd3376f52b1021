/* procedure.h - a board's written way of resolving disagreements, as values.
 *
 * policy/procedure_read.h makes one from a board's file; the file's owner keeps every
 * text and list that is borrowed here.  Roles, stages, deadlines, rules, facts and
 * events are named by their place in these lists.  No board's name, stage number or
 * role occurs in the code but `practitioner` and `safeguarding_lead`, which the
 * language's defaults name.
 */
#ifndef CONCERN_CORE_PROCEDURE_H
#define CONCERN_CORE_PROCEDURE_H

#include "core/base.h"
#include "core/limit.h"

enum {
    PROCEDURE_ROLES_MAX = 32,
    PROCEDURE_STAGES_MAX = 16,
    PROCEDURE_DEADLINES_MAX = 48, /* the stages' own included */
    PROCEDURE_RULES_MAX = 32,
    PROCEDURE_FACTS_MAX = 16,  /* that a procedure declares itself */
    PROCEDURE_EVENTS_MAX = 16, /* that a procedure declares itself */
    PROCEDURE_WORDS_MAX = 1000
};

enum side { SIDE_EACH, SIDE_CHALLENGING, SIDE_CHALLENGED, SIDE_BOARD };

/** Agencies of these kinds use instead the first of these roles that they have. */
struct for_kind {
    const char *const *kinds;
    size_t kind_count;
    const int *uses; /* roles */
    size_t use_count;
};

struct role {
    const char *id;
    const char *title; /* never NULL: the id where the file gives none */
    enum side side;
    const int *or_else; /* roles, tried in order when an agency has no holder */
    size_t or_else_count;
    const struct for_kind *for_kind;
    size_t for_kind_count;
    int via;       /* delivered to that role, marked for this one; -1: none */
    bool optional; /* an agency without one is told nothing, and that is no fault */
};

enum selector_kind {
    SELECT_ROLE,
    SELECT_STAGE_HANDLERS,
    SELECT_PREVIOUS_HANDLERS,
    SELECT_NEXT_HANDLERS,
    SELECT_EVERYONE_TOLD,
    SELECT_NOBODY,
};

enum place { PLACE_ANY, PLACE_CHALLENGING, PLACE_CHALLENGED, PLACE_SENDER };

struct selector {
    enum selector_kind kind;
    int role; /* of SELECT_ROLE, else -1 */
    enum place place;
};

struct selectors {
    const struct selector *list;
    size_t count;
};

enum test_kind {
    TEST_FACT, /* a yes-or-no fact is yes, or a fact compares with a value */
    TEST_EVENT,
    TEST_AFTER_EVENT,
    TEST_BEFORE_EVENT,
    TEST_SILENCE,
};

enum comparison { COMPARE_IS, COMPARE_IS_NOT, COMPARE_AT_LEAST, COMPARE_AT_MOST };

struct test {
    enum test_kind kind;
    bool negated;
    const char *name; /* the fact, or the event's type without its prefix */
    enum comparison comparison;
    const char *value; /* of a fact; "yes" for a bare one */
    struct selector who;
    struct length length;
};

/** One item of a `when`: any of its tests. */
struct condition {
    const struct test *tests;
    size_t count;
};

/** A whole `when`: all of its items; none holds always. */
struct conditions {
    const struct condition *list;
    size_t count;
};

enum start_kind {
    START_RAISED,
    START_STAGE_ENTERED,
    START_EVENT,
    START_DATE_IN_EVENT,
    START_DEADLINE_PASSED,
};

struct start {
    enum start_kind kind;
    const char *event; /* without its prefix */
    int deadline;
};

struct names {
    const char *const *list;
    size_t count;
};

enum written_under {
    UNDER_STAGES,    /* a stage is a deadline too */
    UNDER_A_STAGE,   /* a stage's own `deadlines` */
    UNDER_DEADLINES, /* the procedure's `deadlines` */
    UNDER_AFTER_RESOLUTION,
};

enum when_passed { PASSED_ALERT, PASSED_ADVANCE, PASSED_ASK, PASSED_CLOSE };
enum done_by { DONE_BY_ONE, DONE_BY_EACH };
enum priority { PRIORITY_NORMAL, PRIORITY_URGENT, PRIORITY_IMMEDIATE };
enum { PRIORITY_COUNT = PRIORITY_IMMEDIATE + 1 };

/** Everything timed: {start, limit, what stops it, owners, what happens when it passes}. */
struct deadline {
    const char *id;
    const char *title; /* never NULL */
    const char *words; /* the sentence it implements; NULL where the file gives none */
    enum written_under under;
    int stage; /* the stage it is or belongs to; -1 under deadlines and after_resolution */
    struct conditions when;
    const struct start *from;
    size_t from_count;
    struct limit limit;
    struct limit extended;
    struct counting counting;
    struct selectors owners;
    struct selectors copy;
    struct selectors tell;
    struct names stopped_by; /* event types without their prefix */
    enum done_by done_by;
    struct remind remind;
    struct chase chase;
    enum when_passed when_passed;
    const char *message; /* a template; NULL: the general one */
    enum priority priority;
    int line; /* in the file, for what is said about it */
};

struct stage {
    int deadline; /* its own deadline, whose owners are its handlers */
    bool senior;
    struct names advanced_by; /* events that move it up, besides stage.unresolved */
};

enum once { ONCE_NOT, ONCE_PER_STAGE, ONCE_PER_DISAGREEMENT };

struct rule {
    const char *id;
    const char *words;
    struct conditions when;
    enum once once;
    struct selectors confirm_by;
    struct selectors tell;
    const char *message;
    enum priority priority;
    int line;
};

struct declared_fact {
    const char *name;
    struct names values; /* ordered; none: yes or no */
};

struct procedure {
    const char *id;
    const char *version;
    const char *title;
    const char *source;
    const char *calendar; /* "england-and-wales", "a + b" */
    const char *zone;     /* "Europe/London" */
    int32_t opens_s, closes_s;
    bool skipping_marked;
    bool never_later; /* calendar_change: never later */
    char hash[65];    /* SHA-256 of the file's bytes, hex: which version this is */

    const struct role *roles;
    size_t role_count;
    const struct stage *stages;
    size_t stage_count;
    const struct deadline *deadlines; /* all, in the order of the file */
    size_t deadline_count;
    const struct rule *rules;
    size_t rule_count;
    const struct declared_fact *facts;
    size_t fact_count;
    struct names events;
};

/** The place of a role, stage, deadline or rule by its id; -1 if there is none. */
int procedure_role(const struct procedure *procedure, const char *id);
int procedure_stage(const struct procedure *procedure, const char *id);
int procedure_deadline(const struct procedure *procedure, const char *id);
int procedure_rule(const struct procedure *procedure, const char *id);

/** The deadline that a stage is; and its id. */
const struct deadline *procedure_stage_deadline(const struct procedure *procedure, int stage);
const char *procedure_stage_id(const struct procedure *procedure, int stage);

/** Whether any rule, start, stop or advance of the procedure speaks of an event's type. */
bool procedure_knows_event(const struct procedure *procedure, const char *type);

#endif
