/* procedure_check.c - what can be read and still can never come about. */
#include "policy/procedure_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/audience.h"
#include "policy/possible.h"

struct checking {
    const struct procedure_file *file;
    const struct procedure *procedure;
    struct faults *faults;
    uint32_t stages;                      /* those that can be entered (possible_stage) */
    uint32_t at[PROCEDURE_DEADLINES_MAX]; /* at which stages its `when` can hold */
    bool starts[PROCEDURE_DEADLINES_MAX]; /* something can start it */
    bool fine;
};

static void fault_at(struct checking *self, const struct yaml_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void check_stages(struct checking *self);
static void check_deadlines(struct checking *self);
static void check_starts(struct checking *self);
static void check_rules(struct checking *self);

bool procedure_check(const struct procedure_file *file, struct faults *faults)
{
    struct checking self = {
        .file = file, .procedure = procedure_of(file), .faults = faults, .fine = true
    };
    size_t first = faults->count;

    check_stages(&self);
    check_deadlines(&self);
    check_starts(&self);
    check_rules(&self);
    faults_sort(faults, first);
    return self.fine;
}

/* --- where it is written */

static void fault_at(struct checking *self, const struct yaml_node *at, const char *format, ...)
{
    char text[FAULT_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    faults_add(self->faults, self->file->name, at ? at->line : 0, at ? at->column : 0, "%s", text);
    self->fine = false;
}

static const struct yaml_node *item_in(const struct yaml_node *list, const char *id)
{
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const struct yaml_node *own = yaml_get(&list->items[i], "deadlines");
        const struct yaml_node *named = yaml_get(&list->items[i], "id");
        const struct yaml_node *inner = item_in(own, id);

        if (inner)
            return inner;
        if (named && named->text && strcmp(named->text, id) == 0)
            return &list->items[i];
    }
    return NULL;
}

/* The map of a stage, deadline or rule: an id occurs once in a file. */
static const struct yaml_node *item_of(const struct checking *self, const char *id)
{
    static const char *const lists[] = { "stages", "deadlines", "after_resolution", "rules" };
    const struct yaml_node *found = NULL;

    for (size_t i = 0; !found && i < COUNT_OF(lists); i++)
        found = item_in(yaml_get(self->file->root, lists[i]), id);
    return found;
}

/* The value of a key of it, or the item itself where the key is not written. */
static const struct yaml_node *key_of(const struct checking *self, const char *id, const char *key)
{
    const struct yaml_node *item = item_of(self, id);
    const struct yaml_node *value = item ? yaml_get(item, key) : NULL;

    return value ? value : item;
}

/* --- a `when` that never holds */

static uint32_t of_items(const struct checking *self, const struct condition *one,
                         const struct condition *other, const struct possible_place *place)
{
    struct condition both[2] = { *one, *other };
    struct conditions conditions = { .list = both, .count = one == other ? 1 : 2 };

    return possible_stages(self->procedure, &conditions, place);
}

static const char *text_of(const struct yaml_node *when, size_t item)
{
    return when->items[item].text ? when->items[item].text : "";
}

/* Says which of its tests shut each other out: one alone, two, or only all of them. */
static void tell_never(struct checking *self, const char *id, const char *what,
                       const struct conditions *conditions, const struct possible_place *place)
{
    const struct yaml_node *when = key_of(self, id, "when");

    if (!when || when->kind != YAML_LIST || when->count != conditions->count) {
        fault_at(self, when, "%s `%s` %s", what, id, "never holds");
        return;
    }
    for (size_t i = 0; i < conditions->count; i++)
        if (!of_items(self, &conditions->list[i], &conditions->list[i], place)) {
            fault_at(self, &when->items[i], "%s: \"%s\" never holds here (another test, or none)",
                     what, text_of(when, i));
            return;
        }
    for (size_t j = 1; j < conditions->count; j++)
        for (size_t i = 0; i < j; i++)
            if (!of_items(self, &conditions->list[i], &conditions->list[j], place)) {
                fault_at(self, &when->items[j],
                         "%s: \"%s\" and \"%s\" never hold together (one of them, or \"%s or "
                         "%s\" as one test)",
                         what, text_of(when, i), text_of(when, j), text_of(when, i),
                         text_of(when, j));
                return;
            }
    fault_at(self, when, "%s: its tests never hold all together (fewer of them)", what);
}

/* --- stages */

/* A stage's `when` is asked at the stage before it, whichever of the earlier ones that is. */
static void check_stages(struct checking *self)
{
    const struct procedure *procedure = self->procedure;
    uint32_t before = possible_stage(-1);

    for (size_t i = 0; i < procedure->stage_count; i++) {
        const struct deadline *stage = procedure_stage_deadline(procedure, (int)i);
        struct possible_place place = { .stages = before };
        char what[ID_MAX + 64];

        if (possible_stages(procedure, &stage->when, &place)) {
            before |= possible_stage((int)i);
            continue;
        }
        snprintf(what, sizeof what, "the stage `%s` can never be reached", stage->id);
        tell_never(self, stage->id, what, &stage->when, &place);
    }
    self->stages = before & ~possible_stage(-1);
    if (procedure->stage_count > 0 && possible_that_no_stage_opens(procedure))
        faults_warn(self->faults, self->file->name, yaml_get(self->file->root, "stages")->line,
                    yaml_get(self->file->root, "stages")->column,
                    "no stage is open to some raises, which are refused then (one stage without "
                    "`when`)");
}

/* --- whom selectors can name */

static bool meets(enum side side, enum place place)
{
    if (side == SIDE_BOARD)
        return place == PLACE_ANY || place == PLACE_SENDER;
    return !(side == SIDE_CHALLENGING && place == PLACE_CHALLENGED) &&
           !(side == SIDE_CHALLENGED && place == PLACE_CHALLENGING);
}

static bool places_meet(enum place one, enum place other)
{
    return !((one == PLACE_CHALLENGING && other == PLACE_CHALLENGED) ||
             (one == PLACE_CHALLENGED && other == PLACE_CHALLENGING));
}

static bool handlers_are_somebody(const struct procedure *procedure, int stage, enum place place)
{
    const struct selectors *handlers;

    if (stage < 0 || (size_t)stage >= procedure->stage_count)
        return false;
    handlers = &procedure_stage_deadline(procedure, stage)->owners;
    for (size_t i = 0; i < handlers->count; i++)
        if (handlers->list[i].kind == SELECT_ROLE && places_meet(handlers->list[i].place, place) &&
            meets(procedure->roles[handlers->list[i].role].side, place))
            return true;
    return false;
}

/* Whether one of them may name somebody while `stage` is the current one. */
static bool are_somebody(const struct procedure *procedure, const struct selectors *selectors,
                         int stage)
{
    for (size_t i = 0; i < selectors->count; i++) {
        const struct selector *selector = &selectors->list[i];

        if (selector->kind == SELECT_STAGE_HANDLERS &&
            !handlers_are_somebody(procedure, stage, selector->place))
            continue;
        if (selector->kind == SELECT_NEXT_HANDLERS) {
            int next = stage + 1;

            while (next < (int)procedure->stage_count &&
                   !handlers_are_somebody(procedure, next, selector->place))
                next++;
            if (next >= (int)procedure->stage_count)
                continue;
        }
        if (selector->kind != SELECT_NOBODY)
            return true;
    }
    return false;
}

static bool are_ever_somebody(const struct checking *self, const struct selectors *selectors,
                              uint32_t stages)
{
    for (int stage = 0; stage < (int)self->procedure->stage_count; stage++)
        if (stages & possible_stage(stage) && are_somebody(self->procedure, selectors, stage))
            return true;
    return false;
}

static bool is_nobody_by_will(const struct selectors *selectors)
{
    return selectors->count == 1 && selectors->list[0].kind == SELECT_NOBODY;
}

/* --- deadlines */

/* Where a deadline's `when` is asked, and at which events. */
static struct possible_place place_of(const struct checking *self, const struct deadline *deadline,
                                      const char *events[8])
{
    struct possible_place place = { .stages = self->stages, .events = events };

    if (deadline->under == UNDER_A_STAGE)
        place.stages = possible_stage(deadline->stage);
    else if (deadline->under == UNDER_DEADLINES && deadline->from_count > 0)
        place.stages |= possible_stage(-1); /* before the raise */
    for (size_t i = 0; i < deadline->from_count; i++) {
        if (deadline->from[i].kind != START_EVENT || place.event_count == 8) {
            place.event_count = 0;
            break;
        }
        events[place.event_count++] = deadline->from[i].event;
    }
    return place;
}

static bool can_pass(const struct deadline *deadline)
{
    for (unsigned i = 0; i < deadline->limit.count; i++)
        if (deadline->limit.terms[i].kind != LIMIT_NONE)
            return true;
    return deadline->extended.count > 0;
}

static void check_owners(struct checking *self, const struct deadline *deadline, uint32_t stages)
{
    if (is_nobody_by_will(&deadline->owners) || deadline->under == UNDER_STAGES)
        return;
    /* After a resolution they are those of the nearest stage that has some. */
    if (deadline->under == UNDER_AFTER_RESOLUTION)
        stages = self->stages;
    if (!are_ever_somebody(self, &deadline->owners, stages))
        fault_at(self, key_of(self, deadline->id, "owners"),
                 "nobody ever owns `%s` (a role that the stages then have; or [nobody], and whom "
                 "to `tell`)",
                 deadline->id);
}

static void check_when_passed(struct checking *self, const struct deadline *deadline)
{
    const struct yaml_node *item = item_of(self, deadline->id);
    const struct yaml_node *written = item ? yaml_get(item, "when_passed") : NULL;

    if (written && !can_pass(deadline))
        fault_at(self, written, "`%s` never passes: it has no limit (`limit: 5 working days`)",
                 deadline->id);
}

/* "earlier of none and 5 days": none never comes. */
static void check_terms(struct checking *self, const struct deadline *deadline)
{
    for (unsigned i = 0; deadline->limit.count > 1 && i < deadline->limit.count; i++)
        if (deadline->limit.terms[i].kind == LIMIT_NONE) {
            fault_at(self, key_of(self, deadline->id, "limit"),
                     "of `%s` one limit is none and never ends (leave it out)", deadline->id);
            return;
        }
}

static void check_deadlines(struct checking *self)
{
    const struct procedure *procedure = self->procedure;

    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct deadline *deadline = &procedure->deadlines[i];
        const char *events[8];
        struct possible_place place = place_of(self, deadline, events);
        char what[ID_MAX + 64];

        check_when_passed(self, deadline);
        check_terms(self, deadline);
        if (deadline->under == UNDER_STAGES) {
            self->at[i] = self->stages & possible_stage(deadline->stage);
            continue;
        }
        self->at[i] = possible_stages(procedure, &deadline->when, &place);
        if (self->at[i]) {
            check_owners(self, deadline, self->at[i]);
            continue;
        }
        snprintf(what, sizeof what, "`%s` can never start", deadline->id);
        tell_never(self, deadline->id, what, &deadline->when, &place);
    }
    if (procedure->stage_count > 0) {
        const struct stage *last = &procedure->stages[procedure->stage_count - 1];
        const char *id = procedure->deadlines[last->deadline].id;

        if (last->advanced_by.count > 0)
            fault_at(self, key_of(self, id, "advanced_by"),
                     "no stage follows `%s` (nothing to advance to)", id);
    }
}

/* --- what starts with what */

/* Why a deadline cannot start when another passes; NULL: it can. */
static const char *why_not_after(const struct deadline *deadline, const struct deadline *other)
{
    bool of_a_stage = deadline->under == UNDER_STAGES || deadline->under == UNDER_A_STAGE;
    bool other_of_a_stage = other->under == UNDER_STAGES || other->under == UNDER_A_STAGE;

    if (!can_pass(other))
        return "which has no limit and never passes (a limit there, or another start)";
    if (of_a_stage && other_of_a_stage && deadline->stage != other->stage)
        return "which is in another stage (under the procedure's `deadlines`)";
    if (deadline->under == UNDER_A_STAGE && other->under == UNDER_STAGES &&
        other->when_passed != PASSED_ALERT)
        return "which is left at that instant (under the procedure's `deadlines`)";
    if (deadline->under == UNDER_AFTER_RESOLUTION && other_of_a_stage)
        return "which is before the resolution (under `deadlines`, or another start)";
    if (deadline->under != UNDER_AFTER_RESOLUTION && other->under == UNDER_AFTER_RESOLUTION)
        return "which is after the resolution (under `after_resolution`)";
    return NULL;
}

static const char *why_never(const struct checking *self, const struct deadline *deadline,
                             const struct start *start)
{
    if (start->kind == START_STAGE_ENTERED && deadline->under == UNDER_DEADLINES)
        return "when a stage is entered, but stands under none (under a stage's own `deadlines`)";
    if (start->kind != START_DEADLINE_PASSED)
        return NULL;
    return why_not_after(deadline, &self->procedure->deadlines[start->deadline]);
}

/* What can start is found in rounds: first what starts by itself, then what that starts. */
static void find_what_starts(struct checking *self)
{
    const struct procedure *procedure = self->procedure;
    bool more = true;

    while (more) {
        more = false;
        for (size_t i = 0; i < procedure->deadline_count; i++) {
            const struct deadline *deadline = &procedure->deadlines[i];
            bool starts = deadline->from_count == 0;

            for (size_t s = 0; s < deadline->from_count; s++) {
                const struct start *start = &deadline->from[s];

                starts = starts ||
                         (!why_never(self, deadline, start) &&
                          (start->kind != START_DEADLINE_PASSED || self->starts[start->deadline]));
            }
            if (starts && self->at[i] && !self->starts[i])
                self->starts[i] = more = true;
        }
    }
}

static void check_starts(struct checking *self)
{
    const struct procedure *procedure = self->procedure;

    find_what_starts(self);
    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct deadline *deadline = &procedure->deadlines[i];
        const struct yaml_node *from = key_of(self, deadline->id, "from");
        bool told = false;

        for (size_t s = 0; s < deadline->from_count; s++) {
            const struct start *start = &deadline->from[s];
            const char *why = why_never(self, deadline, start);

            if (!why)
                continue;
            told = true;
            if (start->kind == START_DEADLINE_PASSED)
                fault_at(self, from, "`%s` starts when `%s` passes, %s", deadline->id,
                         procedure->deadlines[start->deadline].id, why);
            else
                fault_at(self, from, "`%s` starts %s", deadline->id, why);
        }
        if (!told && !self->starts[i] && self->at[i])
            fault_at(self, from,
                     "`%s` can never start: what it waits for waits for it (another "
                     "start for one of them)",
                     deadline->id);
    }
}

/* --- rules */

/* Silence is counted of agencies. */
static bool is_never_silent(const struct procedure *procedure, const struct test *test)
{
    const struct selector *who = &test->who;

    return test->kind == TEST_SILENCE &&
           (who->kind == SELECT_NOBODY || (who->kind == SELECT_ROLE && who->role >= 0 &&
                                           procedure->roles[who->role].side == SIDE_BOARD));
}

static void check_silences(struct checking *self, const struct rule *rule)
{
    const struct yaml_node *when = key_of(self, rule->id, "when");

    for (size_t i = 0; i < rule->when.count; i++)
        for (size_t j = 0; j < rule->when.list[i].count; j++)
            if (is_never_silent(self->procedure, &rule->when.list[i].tests[j]))
                fault_at(self, when->kind == YAML_LIST ? &when->items[i] : when,
                         "the rule `%s` waits for a silence that never comes (of a role that "
                         "agencies have)",
                         rule->id);
}

static void check_rule(struct checking *self, const struct rule *rule)
{
    struct possible_place place = { .stages = self->stages };
    uint32_t stages = possible_stages(self->procedure, &rule->when, &place);
    char what[ID_MAX + 64];

    check_silences(self, rule);

    if (!stages) {
        snprintf(what, sizeof what, "the rule `%s` can never fire", rule->id);
        tell_never(self, rule->id, what, &rule->when, &place);
        return;
    }
    if (!are_ever_somebody(self, &rule->tell, stages))
        fault_at(self, key_of(self, rule->id, "tell"),
                 "the rule `%s` tells nobody where it fires (a role)", rule->id);
    if (rule->confirm_by.count > 0 && !are_ever_somebody(self, &rule->confirm_by, stages))
        fault_at(self, key_of(self, rule->id, "confirm_by"),
                 "the rule `%s` asks nobody where it fires (a role)", rule->id);
}

static void check_rules(struct checking *self)
{
    if (!self->stages)
        return;
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        check_rule(self, &self->procedure->rules[i]);
}
