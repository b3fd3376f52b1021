/* decide_rule.c - rules and duties come to hold; people answer what they were asked. */
#include <string.h>

#include "core/decide_private.h"

bool rule_may_tell(const struct deciding *self, size_t index)
{
    const struct rule *rule = &self->procedure->rules[index];
    const struct disagreement *after = self->after;

    if (rule->once == ONCE_PER_DISAGREEMENT)
        return after->rule_told_entry[index] == 0;
    if (rule->once == ONCE_PER_STAGE)
        return after->rule_told_entry[index] != after->entry;
    return true;
}

static void tell_rule(struct deciding *self, size_t index, const struct selectors *whom,
                      enum message message)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    struct effect *effect;

    audience_add(&audience, &place, whom);
    effect = tell(self, message, &audience, because_rule((int)index));
    if (!effect)
        return;
    effect->rule = (int)index;
    effect->priority = self->procedure->rules[index].priority;
}

/* Tells each time `when` comes to hold.  "event NAME" holds at that event alone, so a rule comes
 * to hold when it does not hold without the event; what holds without one is remembered. */
static void evaluate_rule(struct deciding *self, size_t index)
{
    const struct rule *rule = &self->procedure->rules[index];
    struct disagreement *after = self->after;
    struct rule_view with_event = view_now(self, self->event), without = view_now(self, NULL);
    bool lasts = conditions_hold(&without, &rule->when);
    bool at_event = !lasts && conditions_hold(&with_event, &rule->when);
    bool anew = at_event || (lasts && !after->rule_held[index]);

    after->rule_held[index] = lasts;
    if (disagreement_is_over(after) &&
        (!at_event || !event_is_heard_after_the_end(self->event->kind)))
        return;
    if (!anew || !rule_may_tell(self, index))
        return;
    after->rule_told_entry[index] = after->entry;
    if (rule->confirm_by.count == 0) {
        tell_rule(self, index, &rule->tell, MESSAGE_RULE);
        return;
    }
    after->rule_pending[index] = true;
    tell_rule(self, index, &rule->confirm_by, MESSAGE_QUESTION);
}

/* A duty starts when its `when` comes to hold. */
static void evaluate_duty(struct deciding *self, size_t index)
{
    struct rule_view view = view_now(self, self->event);
    bool holds = conditions_hold(&view, &self->procedure->deadlines[index].when);
    bool anew = holds && !self->after->duty_held[index];

    self->after->duty_held[index] = holds;
    if (anew && self->after->running[index].state != RUNNING_ON &&
        self->after->running[index].state != RUNNING_PASSED)
        deadline_start(self, (int)index, self->at, because_deadline((int)index));
}

void evaluate_rules(struct deciding *self)
{
    if (self->after->before_raise)
        return;
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (deadline_is_duty(&self->procedure->deadlines[i]) && !disagreement_is_over(self->after))
            evaluate_duty(self, i);
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        evaluate_rule(self, i);
}

/* A question that nobody is asked any more can have no answer; what it was about must not be lost.
 */
void tell_what_needs_no_answer(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        if (self->after->rule_pending[i] && self->procedure->rules[i].confirm_by.count == 0) {
            self->after->rule_pending[i] = false;
            tell_rule(self, i, &self->procedure->rules[i].tell, MESSAGE_RULE);
        }
}

/* --- answers */

static bool was_asked(struct deciding *self, const struct selectors *whom)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };

    audience_add(&audience, &place, whom);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        if (audience.to[role] & self->sender)
            return true;
    return false;
}

static int answer_rule(struct deciding *self, int rule, bool yes)
{
    if (!self->after->rule_pending[rule])
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "nobody asks this now (it was answered, or is not "
                             "asked yet)");
    if (!was_asked(self, &self->procedure->rules[rule].confirm_by))
        return decide_refuse(self, DECIDE_NO_PART, "this agency was not asked");
    self->after->rule_pending[rule] = false;
    if (yes)
        tell_rule(self, (size_t)rule, &self->procedure->rules[rule].tell, MESSAGE_RULE);
    return DECIDED;
}

static void hold_by_answer(struct deciding *self, bool held)
{
    struct audience audience = { 0 };

    self->after->held = held;
    self->after->held_by_answer = held;
    self->after->held_until = INSTANT_NONE;
    audience_add_told(&audience, self->after);
    tell(self, held ? MESSAGE_HOLD : MESSAGE_RELEASE, &audience, because_event(self->event));
}

/* "Advance?": a no is a hold, with its reason; a yes takes a no back. */
static int answer_deadline(struct deciding *self, int deadline, bool yes)
{
    struct disagreement *after = self->after;

    if (self->procedure->deadlines[deadline].when_passed != PASSED_ASK ||
        !deadline_is_own_of_stage(self, deadline))
        return decide_refuse(self, DECIDE_ILLEGAL, "nobody asks this now");
    if (!(self->sender & 1u))
        return decide_refuse(self, DECIDE_NO_PART, "the challenging side was asked");
    if (!yes && !self->event->reason[0])
        return decide_refuse(self, DECIDE_INVALID, "a no needs its reason (data.reason)");
    after->answers[deadline] = yes ? ANSWER_YES : ANSWER_NO;
    /* A no is chased from here on, not for what was before. */
    if (after->running[deadline].acted_until.us < self->at.us)
        after->running[deadline].acted_until = self->at;
    if (!yes) {
        hold_by_answer(self, true);
    } else if (after->held_by_answer) {
        hold_by_answer(self, false);
        let_frozen_pass(self);
    }
    return DECIDED;
}

int take_answer(struct deciding *self)
{
    int rule = procedure_rule(self->procedure, self->event->question);
    int deadline = procedure_deadline(self->procedure, self->event->question);
    bool yes = strcmp(self->event->answer, "yes") == 0;

    if (rule >= 0)
        return answer_rule(self, rule, yes);
    if (deadline >= 0)
        return answer_deadline(self, deadline, yes);
    return decide_refuse(self, DECIDE_INVALID,
                         "data.question is no rule and no deadline of this procedure");
}
