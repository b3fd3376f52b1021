/* decide_start.c - what starts a deadline, and when it began. */
#include <string.h>

#include "core/decide_private.h"

static struct instant earlier(struct instant a, struct instant b)
{
    if (instant_is_none(a))
        return b;
    return instant_is_none(b) || a.us < b.us ? a : b;
}

static bool starts_so(const struct deadline *rule, enum start_kind kind, const char *event,
                      int passed)
{
    for (size_t i = 0; i < rule->from_count; i++) {
        const struct start *start = &rule->from[i];

        if (start->kind != kind)
            continue;
        if ((kind == START_EVENT || kind == START_DATE_IN_EVENT) &&
            strcmp(start->event, event) != 0)
            continue;
        if (kind == START_DEADLINE_PASSED && start->deadline != passed)
            continue;
        return true;
    }
    return false;
}

/* What a start that looks back has to say when a stage is entered, a raise comes or a resolution:
 * the first to have happened.  An event counts only when it comes. */
static struct instant known_start(const struct deciding *self, const struct deadline *rule,
                                  enum start_kind entered)
{
    struct instant first = INSTANT_NONE;

    for (size_t i = 0; i < rule->from_count; i++) {
        const struct start *start = &rule->from[i];
        int bit;

        if (start->kind == entered) {
            first = earlier(first, self->at);
        } else if (start->kind == START_RAISED) {
            first = earlier(first, self->after->raised);
        } else if (start->kind == START_DATE_IN_EVENT) {
            bit = event_bit(self->procedure, start->event);
            if (bit >= 0)
                first = earlier(first, self->after->dates[bit]);
        }
    }
    return first;
}

/* "from: a or b" is the first to happen: what runs already is not started by the other. */
static bool runs_by_another_start(const struct deciding *self, const struct deadline *rule,
                                  int deadline)
{
    return rule->from_count > 1 && self->after->running[deadline].state == RUNNING_ON;
}

static bool may_start(const struct deciding *self, const struct deadline *rule)
{
    switch (rule->under) {
    case UNDER_AFTER_RESOLUTION:
        return self->after->state == DISAGREEMENT_RESOLVED;
    case UNDER_DEADLINES:
        return !disagreement_is_over(self->after);
    case UNDER_STAGES:
    case UNDER_A_STAGE:
    default:
        return !disagreement_is_over(self->after) && rule->stage == self->after->stage;
    }
}

/* A stage is entered, or the raise comes: starts what starts then, and what looks back. */
static void start_known(struct deciding *self, enum start_kind kind, struct because because)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *rule = &self->procedure->deadlines[i];
        bool of_a_stage = rule->under == UNDER_STAGES || rule->under == UNDER_A_STAGE;
        struct instant from;

        if (!may_start(self, rule) || rule->under == UNDER_AFTER_RESOLUTION)
            continue;
        /* One of the procedure's that starts with each stage. */
        if (!of_a_stage && kind == START_STAGE_ENTERED) {
            if (starts_so(rule, kind, NULL, -1))
                deadline_start(self, (int)i, self->at, because);
            continue;
        }
        if (of_a_stage && kind == START_RAISED)
            continue;
        /* What an event before the raise started runs on. */
        if (!of_a_stage && self->after->running[i].state != RUNNING_NOT)
            continue;
        from = known_start(self, rule, kind);
        if (!instant_is_none(from))
            deadline_start(self, (int)i, from, because);
    }
}

void deadlines_start(struct deciding *self, enum start_kind kind, const char *event, int passed,
                     struct instant from, struct because because)
{
    if (kind == START_STAGE_ENTERED || kind == START_RAISED) {
        start_known(self, kind, because);
        return;
    }
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *rule = &self->procedure->deadlines[i];

        if (!may_start(self, rule) || !starts_so(rule, kind, event, passed) ||
            runs_by_another_start(self, rule, (int)i))
            continue;
        /* A later date moves it. */
        if (kind == START_DATE_IN_EVENT && self->after->running[i].state == RUNNING_ON) {
            self->after->running[i].start = from;
            deadline_recompute(self, (int)i, because);
        } else {
            deadline_start(self, (int)i, from, because);
        }
    }
}

void deadlines_start_after_resolution(struct deciding *self, struct because because)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *rule = &self->procedure->deadlines[i];
        struct instant from = self->at;

        if (rule->under != UNDER_AFTER_RESOLUTION)
            continue;
        if (rule->from_count > 0)
            from = known_start(self, rule, START_STAGE_ENTERED);
        if (!instant_is_none(from))
            deadline_start(self, (int)i, from, because);
    }
}

/* What has begun by now of what a deadline may start at; an event counts only when it comes. */
static struct instant start_so_far(const struct deciding *self, const struct deadline *rule)
{
    const struct disagreement *after = self->after;
    struct instant first = INSTANT_NONE;

    for (size_t i = 0; i < rule->from_count; i++) {
        const struct start *start = &rule->from[i];
        int bit;

        if (start->kind == START_RAISED)
            first = earlier(first, after->raised);
        else if (start->kind == START_STAGE_ENTERED)
            first = earlier(first, after->stage_entered);
        else if (start->kind == START_DEADLINE_PASSED &&
                 after->running[start->deadline].state == RUNNING_PASSED)
            first = earlier(first, after->running[start->deadline].due);
        else if (start->kind == START_DATE_IN_EVENT &&
                 (bit = event_bit(self->procedure, start->event)) >= 0)
            first = earlier(first, after->dates[bit]);
    }
    return first;
}

static bool is_same_start(const struct procedure *left, const struct start *was,
                          const struct procedure *procedure, const struct start *is)
{
    if (was->kind != is->kind)
        return false;
    if (is->kind == START_EVENT || is->kind == START_DATE_IN_EVENT)
        return strcmp(was->event, is->event) == 0;
    return is->kind != START_DEADLINE_PASSED ||
           strcmp(left->deadlines[was->deadline].id, procedure->deadlines[is->deadline].id) == 0;
}

/* Whether it has not started under the version left for a reason that both texts share. */
static bool is_still_waiting(const struct deciding *self, const struct disagreement *before,
                             const struct deadline *rule)
{
    struct rule_view view = view_now(self, NULL);
    int place = procedure_deadline(self->left, rule->id);
    const struct deadline *was = place < 0 ? NULL : &self->left->deadlines[place];

    if (!was || was->under != rule->under || was->from_count != rule->from_count)
        return false;
    for (size_t i = 0; i < rule->from_count; i++)
        if (!is_same_start(self->left, &was->from[i], self->procedure, &rule->from[i]))
            return false;
    view.procedure = self->left;
    view.disagreement = before;
    return conditions_hold(&view, &was->when);
}

void deadlines_start_missed(struct deciding *self, const struct disagreement *before,
                            struct because because)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *rule = &self->procedure->deadlines[i];
        struct instant from;

        if (self->after->running[i].state != RUNNING_NOT || rule->under == UNDER_AFTER_RESOLUTION ||
            !may_start(self, rule) || is_still_waiting(self, before, rule))
            continue;
        from = start_so_far(self, rule);
        if (!instant_is_none(from))
            deadline_start(self, (int)i, from, because);
    }
}
