/* decide_stage.c - entering and leaving stages; the end. */
#include <string.h>

#include "core/decide_private.h"

static bool stage_is_passed_over(const struct deciding *self, int stage)
{
    struct rule_view view = view_now(self, self->event);

    return !conditions_hold(&view, &procedure_stage_deadline(self->procedure, stage)->when);
}

/* Whoever may have no person behind it (an optional role) does not make a stage empty: that is
 * the directory's matter, and never silence is the plan's. */
int stage_first_open(const struct deciding *self, int stage)
{
    while ((size_t)stage < self->procedure->stage_count && stage_is_passed_over(self, stage))
        stage++;
    return (size_t)stage < self->procedure->stage_count ? stage : -1;
}

int stage_next(const struct deciding *self)
{
    return stage_first_open(self, self->after->stage + 1);
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
    if (effect) {
        effect->stage = next;
        effect->words_of = self->procedure->stages[next].deadline;
    }
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

/* "Consideration should be given": asked with the last reminder, or here if there is none. */
static void ask_on_entry(struct deciding *self, int stage)
{
    const struct deadline *deadline = procedure_stage_deadline(self->procedure, stage);
    const struct running *running = &self->after->running[self->procedure->stages[stage].deadline];
    struct instant at[REMIND_MAX];

    if (deadline->when_passed != PASSED_ASK || running->state != RUNNING_ON)
        return;
    if (instant_is_none(running->due) || remind_instants(&deadline->remind, &self->view->time,
                                                         running->start, running->due, at) == 0)
        stage_ask(self, stage);
}

void stage_ask(struct deciding *self, int stage)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    int deadline = self->procedure->stages[stage].deadline;
    int next = stage_next(self);
    struct effect *effect;

    audience_add_handlers(&audience, &place, stage, 1);
    effect = tell(self, MESSAGE_QUESTION, &audience, because_deadline(deadline));
    if (!effect)
        return;
    effect->deadline = deadline;
    effect->due = self->after->running[deadline].due;
    effect->provisional = self->after->running[deadline].provisional;
    /* "Consideration should be given" stands where the stage to be entered is described. */
    if (next >= 0)
        effect->words_of = self->procedure->stages[next].deadline;
}

/* What a hold froze of the stage left is settled by leaving it; a close is still to come. */
static void forget_frozen(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *deadline = &self->procedure->deadlines[i];

        if (deadline->under != UNDER_DEADLINES || deadline->when_passed != PASSED_CLOSE)
            self->after->frozen &= ~(UINT64_C(1) << i);
    }
}

/* Until its start a deadline shows "not started", in a stage entered again too. */
static void forget_earlier_entry(struct deciding *self, int stage)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        struct running *running = &self->after->running[i];

        if (self->procedure->deadlines[i].stage == stage && running->state != RUNNING_NOT)
            *running = (struct running){ .entry = running->entry,
                                         .start = INSTANT_NONE,
                                         .due = INSTANT_NONE,
                                         .set_by_case = INSTANT_NONE,
                                         .acted_until = INSTANT_NONE,
                                         .wake = INSTANT_NONE };
    }
}

/* What is asked once per stage is asked about that stage: a yes that comes after it was left must
 * not reach the level above the one that was meant. */
static void forget_questions(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        if (self->procedure->rules[i].once == ONCE_PER_STAGE)
            self->after->rule_pending[i] = false;
}

void stage_enter(struct deciding *self, int stage, struct because because)
{
    struct disagreement *after = self->after;
    struct effect *effect;

    if (after->stage >= 0)
        leave(self, because);
    if (self->procedure->stages[stage].senior && after->stage >= 0 && after->stage != stage &&
        after->intention_entry != after->entry)
        stage_tell_intention(self, stage, because);
    /* A no was to leaving the stage before. */
    if (after->held_by_answer)
        after->held = after->held_by_answer = false;
    forget_frozen(self);
    forget_questions(self);

    after->previous = after->stage;
    after->stage = (int16_t)stage;
    after->entry++;
    after->stage_entered = self->at;
    effect = effect_add(self, EFFECT_STAGE, because);
    effect->stage = stage;

    forget_earlier_entry(self, stage);
    /* The stage's own deadline is told as the stage is, so that one notification says who acts
     * and by when. */
    deadlines_start(self, START_STAGE_ENTERED, NULL, -1, self->at, because_stage(stage));
    tell_entry(self, stage);
    ask_on_entry(self, stage);
    if (!after->held)
        let_frozen_pass(self);
}

void stage_advance(struct deciding *self, struct because because)
{
    int next = stage_next(self);

    if (next >= 0)
        stage_enter(self, next, because);
}

void deadline_let_pass(struct deciding *self, int deadline, struct because because)
{
    /* Before the raise nothing is there to move or to end, after the end nothing any more: a duty
     * outlives it. */
    if (self->after->before_raise || disagreement_is_over(self->after))
        return;
    if (self->after->held) {
        self->after->frozen |= UINT64_C(1) << deadline;
        return;
    }
    switch (self->procedure->deadlines[deadline].when_passed) {
    case PASSED_ADVANCE:
    case PASSED_ASK:
        stage_advance(self, because);
        break;
    case PASSED_CLOSE:
        disagreement_close(self, DISAGREEMENT_LAPSED, because);
        break;
    case PASSED_ALERT:
    default:
        break;
    }
}

/* One advance at most: what else was frozen is about the stage left. */
void let_frozen_pass(struct deciding *self)
{
    struct disagreement *after = self->after;
    uint64_t frozen = after->frozen;
    uint32_t entry = after->entry;

    after->frozen = 0;
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (frozen >> i & 1 && after->running[i].state == RUNNING_PASSED && after->entry == entry &&
            !disagreement_is_over(after))
            deadline_let_pass(self, (int)i,
                              self->event ? because_event(self->event) : because_deadline((int)i));
}

void disagreement_close(struct deciding *self, enum disagreement_state as, struct because because)
{
    struct disagreement *after = self->after;
    struct effect *effect;

    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        if (deadline_is_duty(&self->procedure->deadlines[i]))
            continue;
        if (after->running[i].state == RUNNING_ON) {
            deadline_stop(self, (int)i, because);
            /* By this a reopening knows what the end stopped, and nothing else had. */
            after->running[i].acted_until = self->at;
        }
        after->running[i].wake = INSTANT_NONE;
    }
    after->state = as;
    after->frozen = 0;
    after->closed = self->at;
    after->held = after->held_by_answer = false;
    after->held_until = INSTANT_NONE;
    after->proposed_at = INSTANT_NONE;
    effect = effect_add(self, EFFECT_CLOSED, because);
    effect->closed_as = as;
    if (as == DISAGREEMENT_RESOLVED)
        deadlines_start_after_resolution(self, because);
}
