/* decide.c - a disagreement and a cause in, a decision out. */
#include "core/decide.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/decide_private.h"

static int decide_raise(struct deciding *self, const struct disagreement *before);
static int decide_event(struct deciding *self);
static void decide_calendar(struct deciding *self);

static const char *const message_ids[MESSAGE_COUNT] = {
    [MESSAGE_LIMIT_PASSED] = "limit_passed",
    [MESSAGE_RESOLVED] = "resolved",
    [MESSAGE_WITHDRAWN] = "withdrawn",
    [MESSAGE_LAPSED] = "lapsed",
    [MESSAGE_STAGE_PASSED_OVER] = "stage_passed_over",
    [MESSAGE_INTENTION_TO_ESCALATE] = "intention_to_escalate",
    [MESSAGE_REOPENED] = "reopened",
    [MESSAGE_STAGE_ENTERED] = "stage_entered",
    [MESSAGE_DEADLINE_STARTED] = "deadline_started",
    [MESSAGE_DUE_MOVED] = "due_moved",
    [MESSAGE_RESOLUTION_PROPOSED] = "resolution_proposed",
    [MESSAGE_HOLD] = "hold",
    [MESSAGE_RELEASE] = "release",
    [MESSAGE_QUESTION] = "question",
    [MESSAGE_REMINDER] = "reminder",
    [MESSAGE_CHASE] = "chase",
    [MESSAGE_RULE] = "rule",
    [MESSAGE_OPERATOR_NOTIFICATION] = "operator_notification",
};

const char *message_id(enum message message)
{
    return message_ids[message];
}

int decide(const struct policy_view *view, const struct disagreement *before,
           const struct cause *cause, struct decision *decision)
{
    struct deciding self = {
        .view = view,
        .procedure = view->procedure,
        .decision = decision,
        .after = &decision->after,
        .event = cause->kind == CAUSE_EVENT ? cause->event : NULL,
        .at = cause->kind == CAUSE_EVENT ? cause->event->time : cause->at,
    };

    decision->effect_count = 0;
    decision->ignored = false;
    decision->why[0] = '\0';

    if (cause->kind == CAUSE_EVENT && cause->event->kind == EVENT_DISAGREEMENT_RAISED)
        return decide_raise(&self, before);
    if (!before) {
        snprintf(decision->why, sizeof decision->why,
                 "nobody raised this disagreement (send disagreement.raised first)");
        return DECIDE_UNKNOWN_DISAGREEMENT;
    }

    decision->after = *before;
    if (cause->kind == CAUSE_EVENT)
        return decide_event(&self);
    if (cause->kind == CAUSE_CALENDAR)
        decide_calendar(&self);
    else
        deadlines_act(&self);
    return DECIDED;
}

/* --- the raise */

static int refuse(struct deciding *self, int answer, const char *why)
{
    snprintf(self->decision->why, sizeof self->decision->why, "%s", why);
    return answer;
}

static void take_parties(struct disagreement *after, const struct event *event)
{
    snprintf(after->parties[0], sizeof after->parties[0], "%s", event->challenging);
    after->party_count = 1;
    for (unsigned i = 0; i < event->challenged_count; i++)
        snprintf(after->parties[after->party_count++], sizeof after->parties[0], "%s",
                 event->challenged[i]);
    memcpy(after->people, event->people, sizeof after->people);
    after->people_count = event->people_count;
}

static void take_facts(struct disagreement *after, const struct event *event)
{
    for (unsigned i = 0; i < event->fact_count; i++) {
        /* Non-involvement is kept per agency; told at the raise it is the challenged side's. */
        if (strcmp(event->facts[i].name, "non_involvement") == 0)
            after->non_involved = strcmp(event->facts[i].value, "yes") == 0
                                      ? (party_mask)(disagreement_agencies(after) & ~1u)
                                      : 0;
        else
            disagreement_set_fact(after, event->facts[i].name, event->facts[i].value);
    }
}

static void open_disagreement(struct deciding *self)
{
    const struct event *event = self->event;
    struct disagreement *after = self->after;

    memset(after, 0, sizeof *after);
    snprintf(after->board, sizeof after->board, "%s", event->board);
    snprintf(after->reference, sizeof after->reference, "%s", event->subject);
    snprintf(after->procedure, sizeof after->procedure, "%s", self->procedure->id);
    snprintf(after->procedure_hash, sizeof after->procedure_hash, "%s", self->procedure->hash);
    snprintf(after->case_reference, sizeof after->case_reference, "%s", event->case_reference);
    snprintf(after->category, sizeof after->category, "%s", event->category);
    snprintf(after->link, sizeof after->link, "%s", event->link);
    after->raised = event->time;
    after->closed = INSTANT_NONE;
    after->held_until = INSTANT_NONE;
    after->stage = -1;
    after->previous = -1;
    for (size_t i = 0; i < COUNT_OF(after->running); i++) {
        after->running[i].due = INSTANT_NONE;
        after->running[i].wake = INSTANT_NONE;
        after->running[i].start = INSTANT_NONE;
        after->running[i].set_by_case = INSTANT_NONE;
        after->running[i].acted_until = INSTANT_NONE;
    }
    take_parties(after, event);
    take_facts(after, event);
}

static int decide_raise(struct deciding *self, const struct disagreement *before)
{
    const struct event *event = self->event;
    int stage = event->stage[0] ? procedure_stage(self->procedure, event->stage) : 0;

    if (before)
        return refuse(self, DECIDE_ALREADY_RAISED,
                      "this reference is in use on this board (raise under a new reference)");
    if (!event->challenging[0] || event->challenged_count == 0)
        return refuse(self, DECIDE_INVALID,
                      "data names no challenging or no challenged agency (name one of each)");
    if (stage < 0)
        return refuse(self, DECIDE_INVALID,
                      "data.stage is no stage of this procedure (name one, or leave it out)");

    open_disagreement(self);
    self->sender = disagreement_parties_of(self->after, event->by.agency);
    self->after->seen |= event_seen_bit(self->procedure, event_short_type(event->type));
    stage_enter(self, stage, because_event(event));
    deadlines_start(self, START_RAISED, NULL, -1, self->at, because_event(event));
    evaluate_rules(self);
    return DECIDED;
}

/* --- any other event */

static int decide_event(struct deciding *self)
{
    const struct event *event = self->event;
    int answer;

    if (event->by.agency[0]) {
        self->sender = disagreement_parties_of(self->after, event->by.agency);
        if (!self->sender)
            return refuse(
                self, DECIDE_NO_PART,
                "data.by.agency has no part in this disagreement (agency.joined adds one)");
    }
    if (event->by.board[0] && strcmp(event->by.board, self->after->board) != 0)
        return refuse(self, DECIDE_NO_PART, "data.by.board is not the board of this disagreement");

    answer = event_apply(self);
    if (answer == DECIDED)
        evaluate_rules(self);
    return answer;
}

static void decide_calendar(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (self->after->running[i].state == RUNNING_ON)
            deadline_recompute(self, (int)i, because_deadline((int)i));
}

/* --- effects */

struct because because_stage(int stage)
{
    return (struct because){ .kind = BECAUSE_STAGE, .index = stage };
}

struct because because_deadline(int deadline)
{
    return (struct because){ .kind = BECAUSE_DEADLINE, .index = deadline };
}

struct because because_rule(int rule)
{
    return (struct because){ .kind = BECAUSE_RULE, .index = rule };
}

struct because because_event(const struct event *event)
{
    struct because because = { .kind = BECAUSE_EVENT, .index = (int)event->kind };

    snprintf(because.event, sizeof because.event, "%s", event->type);
    return because;
}

struct effect *effect_add(struct deciding *self, enum effect_kind kind, struct because because)
{
    struct effect *effect;

    /* EFFECTS_MAX is more than one cause can bring about: see decide.h. */
    assert(self->decision->effect_count < EFFECTS_MAX);
    effect = &self->decision->effects[self->decision->effect_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    effect->at = self->at;
    effect->deadline = -1;
    effect->stage = self->after->stage;
    effect->rule = -1;
    effect->due = INSTANT_NONE;
    effect->due_before = INSTANT_NONE;
    effect->because = because;
    return effect;
}

struct audience_place place_now(const struct deciding *self)
{
    return (struct audience_place){
        .procedure = self->procedure,
        .disagreement = self->after,
        .stage = self->after->stage,
        .previous = self->after->previous,
        .sender = self->sender,
    };
}

struct effect *tell(struct deciding *self, enum message message, const struct audience *audience,
                    struct because because)
{
    struct effect *effect;

    if (audience_is_empty(audience))
        return NULL;
    effect = effect_add(self, EFFECT_TELL, because);
    effect->message = message;
    memcpy(effect->to, audience->to, sizeof effect->to);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        self->after->told[role] = (party_mask)(self->after->told[role] | audience->to[role]);
    return effect;
}

/* --- rules */

static bool may_tell_again(const struct disagreement *after, const struct rule *rule, size_t index)
{
    if (rule->once == ONCE_PER_DISAGREEMENT)
        return after->rule_told_entry[index] == 0;
    if (rule->once == ONCE_PER_STAGE)
        return after->rule_told_entry[index] != after->entry;
    return true;
}

static void evaluate_rule(struct deciding *self, size_t index)
{
    const struct rule *rule = &self->procedure->rules[index];
    struct disagreement *after = self->after;
    bool anew = conditions_name_event(&rule->when);
    bool held = after->rule_held[index] && !anew;
    bool holds = conditions_hold(self->procedure, after, self->event, &rule->when);
    struct audience audience = { 0 };
    struct audience_place place = place_now(self);
    struct effect *effect;

    /* After the end only what an event says on its own account is told: learning, a complaint. */
    if (disagreement_is_over(after) && !anew)
        return;
    after->rule_held[index] = holds && !anew;
    if (!holds || held || !may_tell_again(after, rule, index))
        return;

    audience_add(&audience, &place, &rule->tell);
    effect = tell(self, MESSAGE_RULE, &audience, because_rule((int)index));
    after->rule_told_entry[index] = after->entry;
    if (effect) {
        effect->rule = (int)index;
        effect->priority = rule->priority;
    }
}

void evaluate_rules(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        evaluate_rule(self, i);
}
