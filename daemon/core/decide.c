/* decide.c - a disagreement and a cause in, a decision out. */
#include "core/decide.h"

#include <stdio.h>
#include <string.h>

#include "core/decide_private.h"

static int decide_raise(struct deciding *self, const struct disagreement *before);
static int decide_before_raise(struct deciding *self);
static int decide_further(struct deciding *self, const struct disagreement *before,
                          const struct cause *cause);
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
        .superseded = cause->superseded,
        .corrected = cause->corrected,
        .acknowledged = cause->acknowledged,
        .left = cause->kind == CAUSE_VERSION ? cause->left : NULL,
    };
    int answer;

    decision->effect_count = 0;
    decision->ignored = decision->cut = false;
    decision->why[0] = '\0';

    if (cause->kind == CAUSE_EVENT && cause->event->kind == EVENT_DISAGREEMENT_RAISED)
        answer = decide_raise(&self, before);
    else if (!before)
        answer = decide_before_raise(&self);
    else
        answer = decide_further(&self, before, cause);

    /* Whom something was told, and who was heard, may have begun or ended a silence. */
    if (answer == DECIDED && decision->after.stage >= 0 && !disagreement_is_over(&decision->after))
        deadline_set_wake(&self, self.procedure->stages[decision->after.stage].deadline);
    return answer;
}

static int decide_further(struct deciding *self, const struct disagreement *before,
                          const struct cause *cause)
{
    self->decision->after = *before;
    if (cause->kind == CAUSE_EVENT)
        return decide_event(self);
    if (cause->kind == CAUSE_VERSION)
        return disagreement_move(self, before);
    if (cause->kind == CAUSE_CALENDAR)
        decide_calendar(self);
    else
        deadlines_act(self);
    return DECIDED;
}

/* --- the raise */

int decide_refuse(struct deciding *self, int answer, const char *why)
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

/* What the event that opens it says: the raise, or before it one the procedure declares. */
static void open_disagreement(struct deciding *self)
{
    const struct event *event = self->event;
    struct disagreement *after = self->after;

    snprintf(after->board, sizeof after->board, "%s", event->board);
    snprintf(after->reference, sizeof after->reference, "%s", event->subject);
    snprintf(after->procedure, sizeof after->procedure, "%s", self->procedure->id);
    snprintf(after->procedure_hash, sizeof after->procedure_hash, "%s", self->procedure->hash);
    snprintf(after->case_reference, sizeof after->case_reference, "%s", event->case_reference);
    snprintf(after->category, sizeof after->category, "%s", event->category);
    snprintf(after->link, sizeof after->link, "%s", event->link);
    after->raised = event->time;
    take_parties(after, event);
    take_facts(after, event);
}

static party_mask sender_of(const struct disagreement *after, const struct event *event)
{
    if (event->by.board[0])
        return (party_mask)(1u << PARTY_BOARD);
    return disagreement_parties_of(after, event->by.agency);
}

void note_heard(struct deciding *self, party_mask parties)
{
    for (int party = 0; party < PARTIES_MAX; party++) {
        struct instant *heard = &self->after->heard[party];

        if (parties & 1u << party && (instant_is_none(*heard) || heard->us < self->event->time.us))
            *heard = self->event->time;
    }
}

/* An event was seen: what "after event" and "date in event" look back to, and who is not
 * silent. */
static void note_event(struct deciding *self)
{
    const struct event *event = self->event;
    struct disagreement *after = self->after;
    int bit = event_bit(self->procedure, event_short_type(event->type));

    if (bit >= 0) {
        after->seen |= UINT64_C(1) << bit;
        if (!instant_is_none(event->date))
            after->dates[bit] = event->date;
    }
    note_heard(self, self->sender);
}

static party_mask moved(const party_mask to[PARTIES_MAX], party_mask mask)
{
    party_mask result = (party_mask)(mask & 1u << PARTY_BOARD);

    for (int party = 0; party < PARTIES_MAX; party++)
        if (mask & 1u << party)
            result = (party_mask)(result | to[party]);
    return result;
}

/* The raise may name other agencies than the event before it did, or in another order: what is
 * known of a party goes with its agency. */
static void move_parties(struct disagreement *after, const struct disagreement *before)
{
    party_mask to[PARTIES_MAX] = { 0 };

    for (int party = 0; party < PARTIES_MAX; party++)
        after->notified[party] = after->heard[party] = INSTANT_NONE;
    for (int party = 0; party < before->party_count; party++) {
        to[party] = disagreement_parties_of(after, before->parties[party]);
        for (int other = 0; other < PARTIES_MAX; other++)
            if (to[party] & 1u << other) {
                after->notified[other] = before->notified[party];
                after->heard[other] = before->heard[party];
            }
    }
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        after->told[role] = moved(to, before->told[role]);
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        after->running[i].done = moved(to, before->running[i].done);
}

static int decide_raise(struct deciding *self, const struct disagreement *before)
{
    const struct event *event = self->event;
    int stage = event->stage[0] ? procedure_stage(self->procedure, event->stage) : 0;

    if (before && !before->before_raise)
        return decide_refuse(
            self, DECIDE_ALREADY_RAISED,
            "this reference is in use on this board (raise under a new reference)");
    if (!event->challenging[0] || event->challenged_count == 0)
        return decide_refuse(
            self, DECIDE_INVALID,
            "data names no challenging or no challenged agency (name one of each)");
    if (stage < 0)
        return decide_refuse(
            self, DECIDE_INVALID,
            "data.stage is no stage of this procedure (name one, or leave it out)");

    if (before)
        self->decision->after = *before;
    else
        disagreement_clear(self->after);
    self->after->before_raise = false;
    open_disagreement(self);
    if (before)
        move_parties(self->after, before);
    self->sender = sender_of(self->after, event);
    note_event(self);
    if (!event->stage[0])
        stage = stage_first_open(self, 0);
    if (stage < 0)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "no stage of the procedure is open to this case");
    stage_enter(self, stage, because_event(event));
    deadlines_start(self, START_RAISED, NULL, -1, self->at, because_event(event));
    evaluate_rules(self);
    return DECIDED;
}

/* Before the raise, an event of `events:` that names procedure and agencies may start
 * `deadlines`, nothing more. */
static int decide_before_raise(struct deciding *self)
{
    const struct event *event = self->event;
    const char *name;

    if (!event || event->kind != EVENT_UNKNOWN || !event->challenging[0] ||
        !procedure_knows_event(self->procedure, event->type))
        return decide_refuse(self, DECIDE_UNKNOWN_DISAGREEMENT,
                             "nobody raised this disagreement (send disagreement.raised first)");
    name = event_short_type(event->type);
    disagreement_clear(self->after);
    open_disagreement(self);
    self->after->before_raise = true;
    self->sender = sender_of(self->after, event);
    note_event(self);
    event_apply_procedure(self, name);
    return DECIDED;
}

/* --- any other event */

static int decide_event(struct deciding *self)
{
    const struct event *event = self->event;
    int answer;

    self->sender = sender_of(self->after, event);
    if (event->by.agency[0] && !self->sender)
        return decide_refuse(self, DECIDE_NO_PART,
                             "data.by.agency has no part in this disagreement (agency.joined adds "
                             "one)");
    if (event->by.board[0] && strcmp(event->by.board, self->after->board) != 0)
        return decide_refuse(self, DECIDE_NO_PART,
                             "data.by.board is not the board of this disagreement");

    note_event(self);
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

    if (self->decision->effect_count == EFFECTS_MAX) {
        self->decision->cut = true;
        self->decision->effect_count--;
    }
    effect = &self->decision->effects[self->decision->effect_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    effect->at = self->at;
    effect->deadline = -1;
    effect->stage = self->after->stage;
    effect->rule = -1;
    effect->words_of = -1;
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
        .next = stage_next(self),
        .sender = self->sender,
    };
}

struct effect *tell(struct deciding *self, enum message message, const struct audience *audience,
                    struct because because)
{
    struct effect *effect;
    party_mask parties = 0;

    if (audience_is_empty(audience))
        return NULL;
    effect = effect_add(self, EFFECT_TELL, because);
    effect->message = message;
    memcpy(effect->to, audience->to, sizeof effect->to);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++) {
        self->after->told[role] = (party_mask)(self->after->told[role] | audience->to[role]);
        parties = (party_mask)(parties | audience->to[role]);
    }
    for (int party = 0; party < PARTIES_MAX; party++)
        if (parties & 1u << party)
            self->after->notified[party] = self->at;
    return effect;
}

struct rule_view view_now(const struct deciding *self, const struct event *event)
{
    return (struct rule_view){ .procedure = self->procedure,
                               .time = &self->view->time,
                               .disagreement = self->after,
                               .event = event,
                               .at = self->at };
}
