/* decide_stage.c - entering and leaving stages; the end. */
#include <string.h>

#include "core/decide_private.h"

static bool stage_is_passed_over(const struct deciding *self, int stage)
{
    const struct deadline *deadline = procedure_stage_deadline(self->procedure, stage);

    return !conditions_hold(self->procedure, self->after, self->event, &deadline->when);
}

/* Whoever may have no person behind it (an optional role) does not make a stage empty: that is
 * the directory's matter, and never silence is the plan's. */
static int first_open(const struct deciding *self, int stage)
{
    while ((size_t)stage < self->procedure->stage_count && stage_is_passed_over(self, stage))
        stage++;
    return (size_t)stage < self->procedure->stage_count ? stage : -1;
}

int stage_next(const struct deciding *self)
{
    return first_open(self, self->after->stage + 1);
}

void stage_tell_intention(struct deciding *self, int next, struct because because)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    party_mask challenged = (party_mask)(disagreement_agencies(self->after) & ~1u);
    struct effect *effect;

    audience_add_handlers(&audience, &place, self->after->stage, challenged);
    audience_add_handlers(&audience, &place, next, challenged);
    effect = tell(self, MESSAGE_INTENTION_TO_ESCALATE, &audience, because);
    if (effect)
        effect->stage = next;
    self->after->intention_entry = self->after->entry;
}

static void tell_entry(struct deciding *self, int stage)
{
    const struct deadline *deadline = procedure_stage_deadline(self->procedure, stage);
    const struct running *running = &self->after->running[deadline - self->procedure->deadlines];
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    struct effect *effect;

    audience_add_handlers(&audience, &place, stage, EVERY_PARTY);
    audience_add(&audience, &place, &deadline->copy);
    audience_add_handlers(&audience, &place, self->after->previous, EVERY_PARTY);
    effect = tell(self, MESSAGE_STAGE_ENTERED, &audience, because_stage(stage));
    if (!effect)
        return;
    effect->deadline = self->procedure->stages[stage].deadline;
    effect->due = running->due;
    effect->provisional = running->provisional;
    effect->priority = deadline->priority;
}

/* Leaving a stage ends its deadline and those written under it, passed or not. */
static void leave(struct deciding *self, struct because because)
{
    const struct procedure *procedure = self->procedure;
    struct disagreement *after = self->after;

    for (size_t i = 0; i < procedure->deadline_count; i++) {
        enum written_under under = procedure->deadlines[i].under;

        if (procedure->deadlines[i].stage != after->stage ||
            (under != UNDER_STAGES && under != UNDER_A_STAGE))
            continue;
        if (after->running[i].state == RUNNING_ON)
            deadline_stop(self, (int)i, because);
        after->running[i].wake = INSTANT_NONE;
    }
}

int stage_enter(struct deciding *self, int stage, struct because because)
{
    struct disagreement *after = self->after;
    int open = first_open(self, stage);
    struct effect *effect;

    if (open < 0)
        return -1;
    if (after->stage >= 0)
        leave(self, because);
    if (self->procedure->stages[open].senior && after->stage >= 0 && after->stage != open &&
        after->intention_entry != after->entry)
        stage_tell_intention(self, open, because);

    after->previous = after->stage;
    after->stage = (int16_t)open;
    after->entry++;
    after->stage_entered = self->at;
    effect = effect_add(self, EFFECT_STAGE, because);
    effect->stage = open;

    /* The stage's own deadline starts here whatever its `from`, if that says so; it is told
     * as the stage is, so that one notification says who acts and by when. */
    deadlines_start(self, START_STAGE_ENTERED, NULL, -1, self->at, because_stage(open));
    tell_entry(self, open);
    return open;
}

void stage_advance(struct deciding *self, struct because because)
{
    int next = stage_next(self);

    if (next >= 0)
        stage_enter(self, next, because);
}

void disagreement_close(struct deciding *self, enum disagreement_state as, struct because because)
{
    struct disagreement *after = self->after;
    struct effect *effect;

    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        if (after->running[i].state == RUNNING_ON)
            deadline_stop(self, (int)i, because);
        after->running[i].wake = INSTANT_NONE;
    }
    after->state = as;
    after->closed = self->at;
    after->held = false;
    after->held_until = INSTANT_NONE;
    effect = effect_add(self, EFFECT_CLOSED, because);
    effect->closed_as = as;
}
