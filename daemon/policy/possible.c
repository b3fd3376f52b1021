/* possible.c - tries what a `when` names: facts, stages, events; asks the engine's own rules. */
#include "policy/possible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/disagreement.h"
#include "core/event.h"
#include "core/fact.h"
#include "core/rule.h"

enum { NAMES_MAX = 32, TRIES_MAX = 1 << 18 };

/* One try: a disagreement and an event as they may be. */
struct trial {
    const struct procedure *procedure;
    struct disagreement disagreement;
    struct event event;
    struct condition kept[PROCEDURE_STAGES_MAX * 8];
    struct conditions conditions; /* without those a silence can satisfy */

    const char *facts[NAMES_MAX];
    size_t fact_count;
    size_t chosen[NAMES_MAX]; /* by fact: the place of its value; the count: never told */
    const char *events[NAMES_MAX];
    size_t event_count;
    unsigned long tries;
    bool too_many;
};

static void note_name(const char **names, size_t *count, const char *name, bool *too_many)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return;
    if (*count == NAMES_MAX)
        *too_many = true;
    else
        names[(*count)++] = name;
}

/* A silence may be: the condition it stands in can be met whatever else is. */
static void take_conditions(struct trial *trial, const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = &conditions->list[i];
        bool may_be_silent = false;

        for (size_t j = 0; j < condition->count; j++)
            may_be_silent = may_be_silent || condition->tests[j].kind == TEST_SILENCE;
        if (may_be_silent)
            continue;
        if (trial->conditions.count == COUNT_OF(trial->kept)) {
            trial->too_many = true;
            return;
        }
        trial->kept[trial->conditions.count++] = *condition;
        for (size_t j = 0; j < condition->count; j++) {
            const struct test *test = &condition->tests[j];

            if (test->kind != TEST_FACT)
                note_name(trial->events, &trial->event_count, test->name, &trial->too_many);
            else if (!fact_is_derived(test->name))
                note_name(trial->facts, &trial->fact_count, test->name, &trial->too_many);
        }
    }
    trial->conditions.list = trial->kept;
}

static struct trial *trial_open(const struct procedure *procedure)
{
    struct trial *trial = calloc(1, sizeof *trial);

    if (!trial)
        return NULL;
    trial->procedure = procedure;
    disagreement_clear(&trial->disagreement);
    trial->disagreement.party_count = 2;
    return trial;
}

/* The values of a fact: of a declared one its own, or yes and no. */
static size_t values_of(const struct procedure *procedure, const char *fact,
                        const char *const **values)
{
    static const char *const yes_or_no[] = { "yes", "no" };
    size_t count = 0;

    *values = fact_values(fact);
    if (*values) {
        while ((*values)[count])
            count++;
        return count;
    }
    for (size_t i = 0; i < procedure->fact_count; i++)
        if (strcmp(procedure->facts[i].name, fact) == 0 && procedure->facts[i].values.count > 0) {
            *values = procedure->facts[i].values.list;
            return procedure->facts[i].values.count;
        }
    *values = yes_or_no;
    return COUNT_OF(yes_or_no);
}

static void tell_facts(struct trial *trial)
{
    struct disagreement *disagreement = &trial->disagreement;

    disagreement->fact_count = 0;
    disagreement->non_involved = 0;
    for (size_t i = 0; i < trial->fact_count; i++) {
        const char *const *values;
        size_t count = values_of(trial->procedure, trial->facts[i], &values);

        if (trial->chosen[i] >= count)
            continue;
        if (strcmp(trial->facts[i], "non_involvement") == 0)
            disagreement->non_involved = strcmp(values[trial->chosen[i]], "yes") == 0 ? 2 : 0;
        else
            disagreement_set_fact(disagreement, trial->facts[i], values[trial->chosen[i]]);
    }
}

typedef bool judging(struct trial *trial, const struct event *event);

/* Goes through every choice of facts, as an odometer does. */
static bool try_facts(struct trial *trial, const struct event *event, judging *judge)
{
    size_t i;

    memset(trial->chosen, 0, sizeof trial->chosen);
    do {
        if (++trial->tries > TRIES_MAX) {
            trial->too_many = true;
            return false;
        }
        tell_facts(trial);
        if (judge(trial, event))
            return true;
        for (i = 0; i < trial->fact_count; i++) {
            const char *const *values;

            if (++trial->chosen[i] <= values_of(trial->procedure, trial->facts[i], &values))
                break;
            trial->chosen[i] = 0;
        }
    } while (i < trial->fact_count);
    return false;
}

/* With one event being decided (NULL: none), and each of those named come before or not. */
static bool try_event(struct trial *trial, const char *name, judging *judge)
{
    struct event *event = NULL;

    if (name) {
        event = &trial->event;
        snprintf(event->type, sizeof event->type, EVENT_PREFIX "%s", name);
        event->kind = event_kind_of(event->type);
    }
    if (trial->event_count > 12)
        trial->too_many = true;
    for (uint32_t come = 0; !trial->too_many && come < 1u << trial->event_count; come++) {
        trial->disagreement.seen = 0;
        for (size_t i = 0; i < trial->event_count; i++) {
            int bit = event_bit(trial->procedure, trial->events[i]);

            /* What is being decided has come. */
            if (bit >= 0 && (come & 1u << i || (name && strcmp(trial->events[i], name) == 0)))
                trial->disagreement.seen |= UINT64_C(1) << bit;
        }
        if (try_facts(trial, event, judge))
            return true;
    }
    return false;
}

static bool try_events(struct trial *trial, const struct possible_place *place, judging *judge)
{
    if (place->event_count > 0) {
        for (size_t i = 0; i < place->event_count; i++)
            if (try_event(trial, place->events[i], judge))
                return true;
        return false;
    }
    if (try_event(trial, NULL, judge))
        return true;
    for (size_t i = 0; i < trial->event_count; i++)
        if (try_event(trial, trial->events[i], judge))
            return true;
    return false;
}

static struct rule_view view_of(const struct trial *trial, const struct event *event)
{
    return (struct rule_view){ .procedure = trial->procedure,
                               .disagreement = &trial->disagreement,
                               .event = event };
}

static bool all_hold(struct trial *trial, const struct event *event)
{
    struct rule_view view = view_of(trial, event);

    return conditions_hold(&view, &trial->conditions);
}

uint32_t possible_stages(const struct procedure *procedure, const struct conditions *conditions,
                         const struct possible_place *place)
{
    struct trial *trial = trial_open(procedure);
    uint32_t possible = 0;

    if (!trial)
        return place->stages;
    take_conditions(trial, conditions);
    for (int stage = -1; stage < (int)procedure->stage_count && !trial->too_many; stage++) {
        if (!(place->stages & possible_stage(stage)))
            continue;
        trial->disagreement.stage = (int16_t)stage;
        if (try_events(trial, place, all_hold))
            possible |= possible_stage(stage);
    }
    if (trial->too_many)
        possible = place->stages;
    free(trial);
    return possible;
}

static bool no_stage_opens(struct trial *trial, const struct event *event)
{
    struct rule_view view = view_of(trial, event);

    for (size_t i = 0; i < trial->procedure->stage_count; i++)
        if (conditions_hold(&view, &procedure_stage_deadline(trial->procedure, (int)i)->when))
            return false;
    return true;
}

bool possible_that_no_stage_opens(const struct procedure *procedure)
{
    static const char *const raised[] = { "disagreement.raised" };
    const struct possible_place place = { .events = raised, .event_count = 1 };
    struct trial *trial = trial_open(procedure);
    bool possible;

    if (!trial)
        return false;
    trial->disagreement.stage = -1;
    for (size_t i = 0; i < procedure->stage_count; i++)
        take_conditions(trial, &procedure_stage_deadline(procedure, (int)i)->when);
    possible = !trial->too_many && try_events(trial, &place, no_stage_opens);
    free(trial);
    return possible;
}
