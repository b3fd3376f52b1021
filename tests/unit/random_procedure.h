/* random_procedure.h - invented procedures without number: every shape the notation allows.
 *
 * A workshop holds one procedure and all it borrows; making another overwrites it.  What the
 * reader refuses in a file (an advance from the last stage, "before" without a date) is not made.
 */
#ifndef CONCERN_TESTS_RANDOM_PROCEDURE_H
#define CONCERN_TESTS_RANDOM_PROCEDURE_H

#include <stdio.h>
#include <string.h>

#include "core/event.h"
#include "core/procedure.h"

/* --- chance: splitmix64, so that a seed gives the same play everywhere */

struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t x = chance->state += UINT64_C(0x9E3779B97F4A7C15);

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/** 0 to count - 1. */
static inline unsigned chance_below(struct chance *chance, unsigned count)
{
    return (unsigned)(chance_next(chance) % count);
}

static inline bool chance_in(struct chance *chance, unsigned one_in)
{
    return chance_below(chance, one_in) == 0;
}

/* --- the workshop */

enum {
    RANDOM_ROLES = 10,
    RANDOM_STAGES = 6,
    RANDOM_DEADLINES = 20,
    RANDOM_RULES = 6,
    RANDOM_LISTS = 160, /* of each kind, per procedure */
    RANDOM_LIST = 3
};

struct workshop {
    struct chance *chance;
    struct procedure procedure;
    struct role roles[RANDOM_ROLES];
    struct stage stages[RANDOM_STAGES];
    struct deadline deadlines[RANDOM_DEADLINES];
    struct rule rules[RANDOM_RULES];
    char ids[RANDOM_DEADLINES + RANDOM_RULES][8];
    size_t id_count;
    struct selector selectors[RANDOM_LISTS][RANDOM_LIST];
    size_t selector_count;
    struct start starts[RANDOM_LISTS][2];
    size_t start_count;
    struct test tests[RANDOM_LISTS][2];
    size_t test_count;
    struct condition conditions[RANDOM_LISTS][2];
    size_t condition_count;
    const char *names[RANDOM_LISTS][2];
    size_t name_count;
};

static const char *const random_events[] = {
    "invented.meeting", "invented.answer",  "discussion.held", "acknowledged", "advice.requested",
    "risk.changed",     "position.changed", "flag.changed",    "stage.set",    "stage.unresolved",
    "followup.done",    "contact.changed",  "reopened",        "hold",
};
static const char *const random_declared[] = { "invented.meeting", "invented.answer" };
static const int random_or_else[] = { 2 };
static const char *const random_kinds[] = { "vcf" };
static const int random_uses[] = { 3, 2 };
static const struct for_kind random_for_kind[] = { { random_kinds, 1, random_uses, 2 } };

static const struct role random_roles[RANDOM_ROLES] = {
    { .id = "practitioner", .title = "practitioner", .via = -1 },
    { .id = "r1",
      .title = "r1",
      .via = -1,
      .or_else = random_or_else,
      .or_else_count = 1,
      .for_kind = random_for_kind,
      .for_kind_count = 1 },
    { .id = "r2", .title = "r2", .via = -1 },
    { .id = "r3", .title = "r3", .via = -1, .optional = true },
    { .id = "r4", .title = "r4", .via = -1, .side = SIDE_CHALLENGING },
    { .id = "r5", .title = "r5", .via = -1, .side = SIDE_CHALLENGED },
    { .id = "r6", .title = "r6", .via = 2 },
    { .id = "b7", .title = "b7", .via = -1, .side = SIDE_BOARD },
    { .id = "b8", .title = "b8", .via = 7, .side = SIDE_BOARD },
    { .id = "safeguarding_lead", .title = "safeguarding_lead", .via = -1 },
};

static inline const char *random_event(struct workshop *self)
{
    return random_events[chance_below(self->chance, COUNT_OF(random_events))];
}

static inline const char *random_id(struct workshop *self, char letter)
{
    char *id = self->ids[self->id_count++];

    snprintf(id, sizeof self->ids[0], "%c%zu", letter, self->id_count);
    return id;
}

/* --- phrases */

static inline struct length random_length(struct workshop *self)
{
    static const enum length_unit units[] = { LENGTH_HOURS, LENGTH_WORKING_HOURS,
                                              LENGTH_DAYS,  LENGTH_WORKING_DAYS,
                                              LENGTH_WEEKS, LENGTH_MONTHS };
    static const unsigned most[] = { 72, 20, 15, 15, 4, 2 };
    unsigned unit = chance_below(self->chance, COUNT_OF(units));

    return (struct length){ 1 + chance_below(self->chance, most[unit]), units[unit] };
}

static inline struct limit random_limit(struct workshop *self, bool may_count_back)
{
    struct limit limit = { 0 };
    unsigned terms = chance_in(self->chance, 6) ? 2 : 1;

    if (chance_in(self->chance, 8))
        return limit;
    for (unsigned i = 0; i < terms; i++) {
        struct limit_term *term = &limit.terms[limit.count++];

        switch (chance_below(self->chance, 8)) {
        case 0:
            term->kind = LIMIT_SAME_WORKING_DAY;
            break;
        case 1:
            term->kind = LIMIT_SET_BY_THE_CASE;
            break;
        default:
            term->kind = LIMIT_LENGTH;
            term->length = random_length(self);
            term->before = may_count_back && chance_in(self->chance, 3);
        }
    }
    return limit;
}

static inline struct counting random_counting(struct workshop *self)
{
    struct chance *chance = self->chance;

    if (!chance_in(chance, 3))
        return (struct counting){ 0 };
    return (
        struct counting){ (enum first_day)chance_below(chance, 2),
                          (enum late)chance_below(chance, 2), (enum ends)chance_below(chance, 4),
                          (enum roll)chance_below(chance, 2), (enum hours)chance_below(chance, 2) };
}

static inline struct remind random_remind(struct workshop *self)
{
    struct remind remind = { .count = (uint8_t)chance_below(self->chance, 3) };

    for (unsigned i = 0; i < remind.count; i++)
        remind.before[i] = random_length(self);
    return remind;
}

static inline struct chase random_chase(struct workshop *self)
{
    struct chase chase = { .none = chance_in(self->chance, 3) };

    if (!chase.none)
        chase.every =
            (struct length){ 1 + chance_below(self->chance, 5),
                             chance_in(self->chance, 4) ? LENGTH_WEEKS : LENGTH_WORKING_DAYS };
    return chase;
}

static inline struct selector random_selector(struct workshop *self, bool handles)
{
    struct selector selector = { SELECT_ROLE, (int)chance_below(self->chance, RANDOM_ROLES),
                                 PLACE_ANY };

    if (!handles && chance_in(self->chance, 3)) {
        selector.kind =
            (enum selector_kind)(SELECT_STAGE_HANDLERS + (int)chance_below(self->chance, 4));
        selector.role = -1;
    }
    if (selector.kind != SELECT_EVERYONE_TOLD && chance_in(self->chance, 4) &&
        (selector.role < 0 || random_roles[selector.role].side == SIDE_EACH))
        selector.place = (enum place)(1 + (int)chance_below(self->chance, handles ? 2 : 3));
    return selector;
}

static inline struct selectors random_selectors(struct workshop *self, bool handles, unsigned least)
{
    struct selector *list = self->selectors[self->selector_count++];
    unsigned count = least + chance_below(self->chance, RANDOM_LIST);

    if (count > RANDOM_LIST)
        count = RANDOM_LIST;
    for (unsigned i = 0; i < count; i++)
        list[i] = random_selector(self, handles);
    return (struct selectors){ list, count };
}

/* Everyone told own no deadline; nobody does, alone. */
static inline struct selectors random_owners(struct workshop *self)
{
    struct selectors owners = random_selectors(self, chance_in(self->chance, 2), 1);
    struct selector *list = self->selectors[self->selector_count - 1];

    for (size_t i = 0; i < owners.count; i++)
        if (list[i].kind == SELECT_EVERYONE_TOLD)
            list[i] = (struct selector){ SELECT_STAGE_HANDLERS, -1, PLACE_ANY };
    if (chance_in(self->chance, 8)) {
        list[0] = (struct selector){ SELECT_NOBODY, -1, PLACE_ANY };
        owners.count = 1;
    }
    return owners;
}

static inline struct names random_names(struct workshop *self, unsigned one_in)
{
    const char **list = self->names[self->name_count++];

    if (!chance_in(self->chance, one_in))
        return (struct names){ list, 0 };
    list[0] = random_event(self);
    list[1] = random_event(self);
    return (struct names){ list, 1 + chance_below(self->chance, 2) };
}

/* --- conditions */

static inline struct test random_test(struct workshop *self, bool may_be_silence)
{
    static const struct test facts[] = {
        { .name = "risk", .comparison = COMPARE_AT_LEAST, .value = "immediate" },
        { .name = "risk", .comparison = COMPARE_IS, .value = "none" },
        { .name = "risk", .comparison = COMPARE_IS_NOT, .value = "life_threatening" },
        { .name = "urgent", .comparison = COMPARE_IS, .value = "yes" },
        { .name = "urgent", .comparison = COMPARE_IS, .value = "yes", .negated = true },
        { .name = "non_involvement", .comparison = COMPARE_IS, .value = "yes" },
        { .name = "relates_to", .comparison = COMPARE_IS, .value = "individual" },
        { .name = "stage.level", .comparison = COMPARE_AT_MOST, .value = "2" },
        { .name = "stage.senior", .comparison = COMPARE_IS, .value = "yes" },
    };
    struct test test = facts[chance_below(self->chance, COUNT_OF(facts))];
    unsigned kind = chance_below(self->chance, may_be_silence ? 8 : 6);

    if (kind < 3)
        return test;
    test = (struct test){ .kind = kind >= 6   ? TEST_SILENCE
                                  : kind == 3 ? TEST_EVENT
                                  : kind == 4 ? TEST_AFTER_EVENT
                                              : TEST_BEFORE_EVENT,
                          .name = random_event(self),
                          .who = random_selector(self, chance_in(self->chance, 2)),
                          .length = random_length(self) };
    return test;
}

static inline struct conditions random_conditions(struct workshop *self, bool may_be_silence)
{
    struct condition *list = self->conditions[self->condition_count++];
    unsigned count = 1 + chance_below(self->chance, 2);

    for (unsigned i = 0; i < count; i++) {
        struct test *tests = self->tests[self->test_count++];

        tests[0] = random_test(self, may_be_silence);
        tests[1] = random_test(self, may_be_silence);
        list[i] = (struct condition){ tests, 1 + chance_below(self->chance, 2) };
    }
    return (struct conditions){ list, count };
}

/* --- deadlines */

static inline struct start random_start(struct workshop *self, int itself)
{
    struct start start = { .kind = (enum start_kind)chance_below(self->chance, 5),
                           .event = "",
                           .deadline = -1 };

    if (start.kind == START_EVENT || start.kind == START_DATE_IN_EVENT)
        start.event = chance_in(self->chance, 3) ? random_event(self) : random_declared[0];
    if (start.kind == START_DEADLINE_PASSED) {
        start.deadline =
            (int)chance_below(self->chance, (unsigned)self->procedure.deadline_count + 1);
        if (start.deadline >= itself)
            start.kind = START_STAGE_ENTERED;
    }
    return start;
}

static inline void random_from(struct workshop *self, struct deadline *deadline, int itself)
{
    struct start *starts = self->starts[self->start_count++];

    deadline->from = starts;
    deadline->from_count = deadline->under == UNDER_AFTER_RESOLUTION ? 0 : 1;
    starts[0] =
        (struct start){ deadline->under == UNDER_DEADLINES ? START_RAISED : START_STAGE_ENTERED, "",
                        -1 };
    if (deadline->under == UNDER_DEADLINES && deadline->when.count && chance_in(self->chance, 2)) {
        deadline->from_count = 0; /* a duty */
        return;
    }
    if (!chance_in(self->chance, deadline->under == UNDER_STAGES ? 8 : 2))
        return;
    deadline->from_count = 1 + chance_below(self->chance, 2);
    starts[0] = random_start(self, itself);
    starts[1] = random_start(self, itself);
}

/* "before" counts back from a date, and from nothing else. */
static inline bool starts_from_dates_alone(const struct deadline *deadline)
{
    for (size_t i = 0; i < deadline->from_count; i++)
        if (deadline->from[i].kind != START_DATE_IN_EVENT)
            return false;
    return deadline->from_count > 0;
}

static inline enum when_passed random_when_passed(struct workshop *self, enum written_under under,
                                                  bool is_last)
{
    static const enum when_passed of_stages[] = { PASSED_ADVANCE, PASSED_ADVANCE, PASSED_ADVANCE,
                                                  PASSED_ASK,     PASSED_ALERT,   PASSED_CLOSE };
    static const enum when_passed of_others[] = { PASSED_ALERT, PASSED_ALERT,   PASSED_ALERT,
                                                  PASSED_ALERT, PASSED_ADVANCE, PASSED_CLOSE };

    if (under == UNDER_AFTER_RESOLUTION)
        return PASSED_ALERT;
    if (under != UNDER_STAGES)
        return of_others[chance_below(self->chance, COUNT_OF(of_others))];
    if (is_last)
        return chance_in(self->chance, 4) ? PASSED_CLOSE : PASSED_ALERT;
    return of_stages[chance_below(self->chance, COUNT_OF(of_stages))];
}

static inline int random_deadline(struct workshop *self, enum written_under under, int stage,
                                  bool is_last)
{
    int index = (int)self->procedure.deadline_count;
    struct deadline *deadline = &self->deadlines[index];

    memset(deadline, 0, sizeof *deadline);
    deadline->id = deadline->title = random_id(self, "sodf"[under]);
    deadline->under = under;
    deadline->stage = stage;
    if (chance_in(self->chance, under == UNDER_STAGES ? 6 : 3))
        deadline->when = random_conditions(self, false);
    random_from(self, deadline, index);
    deadline->limit = random_limit(self, starts_from_dates_alone(deadline));
    if (chance_in(self->chance, 3)) {
        deadline->extended = (struct limit){ .count = 1 };
        deadline->extended.terms[0] =
            (struct limit_term){ .kind = LIMIT_LENGTH, .length = random_length(self) };
    }
    deadline->counting = random_counting(self);
    deadline->owners =
        under == UNDER_STAGES ? random_selectors(self, true, 1) : random_owners(self);
    deadline->copy = random_selectors(self, false, 0);
    deadline->tell = random_selectors(self, false, 0);
    deadline->stopped_by = random_names(self, 5);
    deadline->done_by =
        under == UNDER_AFTER_RESOLUTION || chance_in(self->chance, 5) ? DONE_BY_EACH : DONE_BY_ONE;
    deadline->remind = random_remind(self);
    deadline->chase = random_chase(self);
    deadline->when_passed = random_when_passed(self, under, is_last);
    deadline->priority = (enum priority)chance_below(self->chance, 3);
    self->procedure.deadline_count++;
    return index;
}

static inline void random_stages(struct workshop *self)
{
    unsigned count = 1 + chance_below(self->chance, RANDOM_STAGES);

    for (unsigned i = 0; i < count; i++) {
        unsigned own = chance_below(self->chance, 4) / 2;

        self->stages[i] = (struct stage){
            .deadline = random_deadline(self, UNDER_STAGES, (int)i, i + 1 == count),
            .senior = chance_in(self->chance, 4),
            .advanced_by = random_names(self, 8),
        };
        for (unsigned j = 0; j < own; j++)
            random_deadline(self, UNDER_A_STAGE, (int)i, i + 1 == count);
    }
    self->procedure.stage_count = count;
}

static inline void random_rules(struct workshop *self)
{
    unsigned count = chance_below(self->chance, RANDOM_RULES);

    for (unsigned i = 0; i < count; i++)
        self->rules[i] = (struct rule){
            .id = random_id(self, 'u'),
            .when = random_conditions(self, true),
            .once = (enum once)chance_below(self->chance, 3),
            .confirm_by = random_selectors(self, false, 0),
            .tell = random_selectors(self, false, 1),
            .priority = (enum priority)chance_below(self->chance, 3),
        };
    for (unsigned i = 0; i < count; i++)
        if (!chance_in(self->chance, 4))
            self->rules[i].confirm_by.count = 0;
    self->procedure.rule_count = count;
}

/** Makes another procedure; `self->chance` is set. */
static inline const struct procedure *random_procedure(struct workshop *self)
{
    struct procedure *procedure = &self->procedure;

    self->id_count = self->selector_count = self->start_count = self->test_count = 0;
    self->condition_count = self->name_count = 0;
    memcpy(self->roles, random_roles, sizeof self->roles);
    *procedure = (struct procedure){ .id = "invented",
                                     .version = "1",
                                     .title = "An invented procedure",
                                     .calendar = "invented",
                                     .zone = "Europe/London",
                                     .opens_s = 9 * 3600,
                                     .closes_s = 17 * 3600,
                                     .hash = "00",
                                     .skipping_marked = chance_in(self->chance, 2),
                                     .never_later = chance_in(self->chance, 4),
                                     .roles = self->roles,
                                     .role_count = RANDOM_ROLES,
                                     .stages = self->stages,
                                     .deadlines = self->deadlines,
                                     .rules = self->rules,
                                     .events = { random_declared, COUNT_OF(random_declared) } };
    random_stages(self);
    for (unsigned i = chance_below(self->chance, 4); i > 0; i--)
        random_deadline(self, UNDER_DEADLINES, -1, false);
    for (unsigned i = chance_below(self->chance, 3); i > 0; i--)
        random_deadline(self, UNDER_AFTER_RESOLUTION, -1, false);
    random_rules(self);
    return procedure;
}

#endif
