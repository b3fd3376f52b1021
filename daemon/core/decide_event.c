/* decide_event.c - what each event does to a disagreement that was raised. */
#include <stdio.h>
#include <string.h>

#include "core/decide_private.h"

static struct because event_because(const struct deciding *self)
{
    return because_event(self->event);
}

/* --- stages */

/* It is stamped at the instant at which the stage before passed by itself: it was in time, only it
 * arrived after, and what it asks has happened. */
static bool is_of_stage_just_passed(const struct deciding *self)
{
    const struct disagreement *after = self->after;
    const struct running *before;

    if (after->previous < 0 || self->at.us != after->stage_entered.us)
        return false;
    before = &after->running[self->procedure->stages[after->previous].deadline];
    return before->state == RUNNING_PASSED && before->due.us == self->at.us;
}

static int move_up(struct deciding *self)
{
    const char *current = procedure_stage_id(self->procedure, self->after->stage);

    /* Both sides may report one stage: the second report, and one that comes late, speak of a
     * stage that has been left since, and what they ask has happened. */
    if (self->at.us < self->after->stage_entered.us || is_of_stage_just_passed(self) ||
        (self->event->stage[0] && strcmp(self->event->stage, current) != 0)) {
        self->decision->ignored = true;
        return DECIDED;
    }
    if (stage_next(self) < 0)
        return decide_refuse(self, DECIDE_ILLEGAL, "this is the last stage (nothing is above it)");
    stage_advance(self, event_because(self));
    return DECIDED;
}

static int set_stage(struct deciding *self)
{
    int stage = procedure_stage(self->procedure, self->event->stage), next;

    /* What somebody sets, with a reason, is entered though its `when` fails: that tells what an
     * advance passes over, and people's word goes before it. */
    if (stage < 0)
        return decide_refuse(self, DECIDE_INVALID,
                             "data.stage is no stage of the procedure this disagreement keeps");
    /* Jumping over a stage is a departure where the procedure says so; never refused, for safety
     * may need it.  Over one that an advance would pass over too, it is none. */
    next = stage_next(self);
    if (self->procedure->skipping_marked && next >= 0 && stage > next) {
        struct audience audience = { 0 };
        struct effect *effect;

        audience_add_told(&audience, self->after);
        effect = tell(self, MESSAGE_STAGE_PASSED_OVER, &audience, event_because(self));
        if (effect)
            effect->stage = stage; /* where it stands once this is read */
    }
    stage_enter(self, stage, event_because(self));
    return DECIDED;
}

static int intend_escalation(struct deciding *self)
{
    int next = stage_next(self);

    if (next < 0)
        return decide_refuse(self, DECIDE_ILLEGAL, "this is the last stage (nothing is above it)");
    stage_tell_intention(self, next, event_because(self));
    return DECIDED;
}

/* --- deadlines */

/* The deadline an event names; without one, the stage's own. -1 with the refusal set. */
static int named_deadline(struct deciding *self)
{
    int deadline = self->event->deadline[0]
                       ? procedure_deadline(self->procedure, self->event->deadline)
                       : self->procedure->stages[self->after->stage].deadline;

    if (deadline < 0)
        decide_refuse(self, DECIDE_INVALID, "data.deadline is no deadline of this procedure");
    return deadline;
}

static bool is_set_by_case(const struct limit *limit)
{
    for (unsigned i = 0; i < limit->count; i++)
        if (limit->terms[i].kind == LIMIT_SET_BY_THE_CASE)
            return true;
    return false;
}

static int set_deadline(struct deciding *self)
{
    int deadline = named_deadline(self);
    struct running *running;

    if (deadline < 0)
        return DECIDE_INVALID;
    running = &self->after->running[deadline];
    if (!is_set_by_case(&self->procedure->deadlines[deadline].limit))
        return decide_refuse(
            self, DECIDE_ILLEGAL,
            "this deadline's limit is not set by the case (deadline.extended extends it)");
    if (running->state != RUNNING_ON)
        return decide_refuse(self, DECIDE_ILLEGAL, "this deadline is not running");
    if (instant_is_none(self->event->due))
        return decide_refuse(self, DECIDE_INVALID,
                             "data.due is missing (an instant with its offset)");
    running->set_by_case = self->event->due;
    deadline_recompute(self, deadline, event_because(self));
    return DECIDED;
}

static int extend_deadline(struct deciding *self)
{
    int deadline = named_deadline(self);
    struct running *running;

    if (deadline < 0)
        return DECIDE_INVALID;
    running = &self->after->running[deadline];
    if (running->state != RUNNING_ON)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "this deadline is not running (what has passed does not un-pass)");
    if (instant_is_none(self->event->due) &&
        self->procedure->deadlines[deadline].extended.count == 0)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "the procedure gives this deadline no extension (give data.due)");
    running->extended = true;
    running->set_by_case = self->event->due;
    deadline_recompute(self, deadline, event_because(self));
    return DECIDED;
}

static int follow_up_done(struct deciding *self)
{
    int deadline = procedure_deadline(self->procedure, self->event->deadline);

    if (deadline < 0)
        return decide_refuse(self, DECIDE_INVALID,
                             "data.deadline is no deadline of this procedure");
    deadline_done(self, deadline, self->sender, event_because(self));
    return DECIDED;
}

/* --- facts */

static int change_facts(struct deciding *self)
{
    for (unsigned i = 0; i < self->event->fact_count; i++)
        if (!disagreement_set_fact(self->after, self->event->facts[i].name,
                                   self->event->facts[i].value))
            return decide_refuse(self, DECIDE_ILLEGAL,
                                 "this disagreement has all the facts it can hold");
    return DECIDED;
}

static int change_position(struct deciding *self)
{
    party_mask parties = disagreement_parties_of(self->after, self->event->agency);
    bool maintained = false;

    if (!parties)
        return decide_refuse(self, DECIDE_NO_PART, "data.agency has no part in this disagreement");
    for (unsigned i = 0; i < self->event->fact_count; i++)
        if (strcmp(self->event->facts[i].name, "non_involvement") == 0)
            maintained = strcmp(self->event->facts[i].value, "yes") == 0;
    if (maintained)
        self->after->non_involved = (party_mask)(self->after->non_involved | parties);
    else
        self->after->non_involved = (party_mask)(self->after->non_involved & ~parties);
    return DECIDED;
}

/* --- parties and people */

static void name_person(struct disagreement *after, const struct event_person *person)
{
    for (unsigned i = 0; i < after->people_count; i++)
        if (strcmp(after->people[i].agency, person->agency) == 0 &&
            strcmp(after->people[i].role, person->role) == 0) {
            after->people[i] = *person;
            return;
        }
    if (after->people_count < EVENT_PEOPLE_MAX)
        after->people[after->people_count++] = *person;
}

void event_name_people(struct deciding *self, const struct event *event)
{
    for (unsigned i = 0; i < event->people_count; i++)
        name_person(self->after, &event->people[i]);
}

static int name_people(struct deciding *self)
{
    event_name_people(self, self->event);
    return DECIDED;
}

/* Who joins is told where things stand, as when the stage was entered. */
static void tell_who_joined(struct deciding *self, party_mask party)
{
    int deadline = self->procedure->stages[self->after->stage].deadline;
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    struct effect *effect;

    audience_add_handlers(&audience, &place, self->after->stage, party);
    audience_add_role(&audience, &place, procedure_role(self->procedure, "practitioner"), party);
    effect = tell(self, MESSAGE_STAGE_ENTERED, &audience, event_because(self));
    if (!effect)
        return;
    effect->deadline = deadline;
    effect->due = self->after->running[deadline].due;
    effect->provisional = self->after->running[deadline].provisional;
}

int event_join(struct deciding *self, const char *agency)
{
    struct disagreement *after = self->after;

    if (after->party_count == PARTIES_MAX)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "this disagreement has all the agencies it can hold");
    snprintf(after->parties[after->party_count++], sizeof after->parties[0], "%s", agency);
    name_people(self);
    tell_who_joined(self, (party_mask)(1u << (after->party_count - 1)));
    return DECIDED;
}

static int join(struct deciding *self)
{
    if (strcmp(self->event->side, "challenged") != 0)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "one agency challenges (an agency joins the challenged side)");
    return event_join(self, self->event->agency);
}

/* --- the end */

static void tell_the_end(struct deciding *self, enum message message, bool with_handlers)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };

    audience_add_told(&audience, self->after);
    if (with_handlers) {
        audience_add_handlers(&audience, &place, self->after->stage, EVERY_PARTY);
        audience_add_role(&audience, &place, procedure_role(self->procedure, "practitioner"),
                          EVERY_PARTY);
    }
    tell(self, message, &audience, event_because(self));
}

void tell_still_to_agree(struct deciding *self)
{
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    party_mask missing = (party_mask)(disagreement_agencies(self->after) & ~self->after->agreed);
    struct because because = self->event ? event_because(self) : because_stage(self->after->stage);

    audience_add_handlers(&audience, &place, self->after->stage, missing);
    audience_add_role(&audience, &place, procedure_role(self->procedure, "practitioner"), missing);
    tell(self, MESSAGE_RESOLUTION_PROPOSED, &audience, because);
}

void forget_agreements(struct disagreement *after)
{
    after->agreed = 0;
    for (int party = 0; party < PARTIES_MAX; party++)
        after->agreed_ahead[party] = INSTANT_NONE;
}

/* The agreement overtook the proposal: nothing was there to agree to when it came, and it was
 * given no earlier than what was proposed.  The resolution is of when the last of them agreed. */
static void take_agreed_ahead(struct deciding *self)
{
    struct disagreement *after = self->after;
    party_mask ahead = 0;
    struct instant last = self->at;

    for (int party = 0; party < PARTIES_MAX; party++) {
        struct instant given = after->agreed_ahead[party];

        if (instant_is_none(given) || given.us < self->event->time.us)
            continue;
        ahead = (party_mask)(ahead | 1u << party);
        last = given.us > last.us ? given : last;
    }
    forget_agreements(after);
    after->agreed = (party_mask)(ahead | self->sender);
    if (after->agreed == disagreement_agencies(after))
        self->at = last;
}

static int end_where_all_agree(struct deciding *self)
{
    if (self->after->agreed != disagreement_agencies(self->after))
        return DECIDED;
    tell_the_end(self, MESSAGE_RESOLVED, true);
    disagreement_close(self, DISAGREEMENT_RESOLVED, event_because(self));
    return DECIDED;
}

static int check_agency(struct deciding *self)
{
    return self->sender & disagreement_agencies(self->after)
               ? DECIDED
               : decide_refuse(self, DECIDE_ILLEGAL,
                               "each agency agrees for itself (data.by.agency is who proposes or "
                               "agrees)");
}

/* Resolution needs every side: proposed by one agency, agreed by each other (16).  A new proposal
 * is another one to agree to. */
static int propose(struct deciding *self)
{
    struct disagreement *after = self->after;
    int answer = check_agency(self);

    if (answer != DECIDED)
        return answer;
    take_agreed_ahead(self);
    after->proposed = true;
    after->proposed_at = self->event->time;
    if (after->agreed != disagreement_agencies(after))
        tell_still_to_agree(self);
    return end_where_all_agree(self);
}

/* Nothing is assumed: whoever agreed before this was proposed cannot have meant it. */
static int agree(struct deciding *self)
{
    struct disagreement *after = self->after;
    int answer = check_agency(self);

    if (answer != DECIDED)
        return answer;
    if (!after->proposed) {
        for (int party = 0; party < PARTIES_MAX; party++)
            if (self->sender & 1u << party)
                after->agreed_ahead[party] = self->at;
        return DECIDED;
    }
    if (self->at.us < after->proposed_at.us) {
        self->decision->ignored = true;
        return DECIDED;
    }
    after->agreed = (party_mask)(after->agreed | self->sender);
    return end_where_all_agree(self);
}

int event_withdraw(struct deciding *self)
{
    if (!(self->sender & 1u))
        return decide_refuse(self, DECIDE_NO_PART, "only the challenging agency may withdraw");
    tell_the_end(self, MESSAGE_WITHDRAWN, false);
    disagreement_close(self, DISAGREEMENT_WITHDRAWN, event_because(self));
    return DECIDED;
}

/* Deadlines from the raise are untouched by an end that was none: what the end stopped runs on to
 * the same instant, what had passed is chased on, what was stopped before stays stopped. */
static void run_on(struct deciding *self, int deadline, struct instant closed)
{
    struct running *running = &self->after->running[deadline];

    if (running->state == RUNNING_STOPPED && running->acted_until.us == closed.us &&
        (instant_is_none(running->due) || running->due.us > closed.us)) {
        running->state = RUNNING_ON;
        running->changes++;
    }
    if (running->state != RUNNING_ON && running->state != RUNNING_PASSED)
        return;
    running->acted_until = self->at;
    deadline_set_wake(self, deadline);
}

static int reopen(struct deciding *self)
{
    struct disagreement *after = self->after;
    struct instant closed = after->closed;

    if (!disagreement_is_over(after))
        return decide_refuse(self, DECIDE_ILLEGAL, "this disagreement is open");
    after->state = DISAGREEMENT_OPEN;
    after->closed = INSTANT_NONE;
    after->proposed = false;
    after->proposed_at = INSTANT_NONE;
    forget_agreements(after);
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (self->procedure->deadlines[i].under == UNDER_AFTER_RESOLUTION)
            deadline_stop(self, (int)i, event_because(self));
    effect_add(self, EFFECT_REOPENED, event_because(self));
    tell_the_end(self, MESSAGE_REOPENED, false);
    /* Its limit runs from that event; deadlines from the raise are untouched (17): those that
     * still had time when the end stopped them run on to the same instant. */
    stage_enter(self, after->stage, event_because(self));
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (self->procedure->deadlines[i].under == UNDER_DEADLINES &&
            !deadline_is_duty(&self->procedure->deadlines[i]))
            run_on(self, (int)i, closed);
    return DECIDED;
}

/* --- hold */

static int hold(struct deciding *self)
{
    struct disagreement *after = self->after;

    if (!instant_is_none(self->event->until) && self->event->until.us <= self->at.us)
        return decide_refuse(self, DECIDE_INVALID,
                             "data.until is not after the hold itself (give a later instant)");
    after->held = true;
    after->held_by_answer = false;
    after->held_until = self->event->until;
    tell_the_end(self, MESSAGE_HOLD, false);
    return DECIDED;
}

int event_release(struct deciding *self)
{
    struct disagreement *after = self->after;

    if (!after->held)
        return decide_refuse(self, DECIDE_ILLEGAL, "nothing is on hold");
    after->held = after->held_by_answer = false;
    after->held_until = INSTANT_NONE;
    tell_the_end(self, MESSAGE_RELEASE, false);
    /* A held advance enters the next stage at the release (7). */
    let_frozen_pass(self);
    return DECIDED;
}

/* --- acknowledgements */

/* That its agency was heard is noted of every event (decide.c); which notification was seen is
 * its reader's to say, and nobody else's.  Who has roles in two agencies was told once for both,
 * and has seen it for both. */
static int acknowledge(struct deciding *self)
{
    const struct acknowledged *acknowledged = self->acknowledged;

    if (!acknowledged)
        return DECIDED;
    if (!acknowledged->is_known)
        return decide_refuse(self, DECIDE_INVALID,
                             "data.notification is no notification of this disagreement (its id "
                             "is in each of them)");
    if (!(acknowledged->parties & self->sender))
        return decide_refuse(self, DECIDE_NO_PART,
                             "that notification went to somebody else (each acknowledges what "
                             "was told to its own)");
    note_heard(self, acknowledged->heard);
    return DECIDED;
}

/* --- the table */

static int take_note(struct deciding *self)
{
    (void)self;
    return DECIDED;
}

/* One row per event, so that what can happen to a disagreement is read here, top to bottom.
 * Who is told beyond this is procedure data, not code. */
static const struct {
    int (*apply)(struct deciding *);
    bool after_the_end; /* may come once the disagreement is over */
    bool is_heard;      /* a rule on it tells then, too: it asks somebody for something, or says
                           what is no step of the disagreement */
} answers[EVENT_KIND_COUNT] = {
    [EVENT_UNKNOWN] = { take_note, true, true },              /* what a procedure declares */
    [EVENT_DISAGREEMENT_RAISED] = { take_note, true, false }, /* decided before it comes here */
    [EVENT_ACKNOWLEDGED] = { acknowledge, true, false },
    [EVENT_DISCUSSION_HELD] = { take_note, true, false },
    [EVENT_STAGE_UNRESOLVED] = { move_up, false, false },
    [EVENT_STAGE_SET] = { set_stage, false, false },
    [EVENT_ESCALATION_INTENDED] = { intend_escalation, false, false },
    [EVENT_DEADLINE_SET] = { set_deadline, true, false }, /* of what follows a resolution, too */
    [EVENT_DEADLINE_EXTENDED] = { extend_deadline, true, false },
    [EVENT_MANAGER_UNRESPONSIVE] = { take_note, false, false },
    [EVENT_RISK_CHANGED] = { change_facts, true, false },
    [EVENT_POSITION_CHANGED] = { change_position, true, false },
    [EVENT_FLAG_CHANGED] = { change_facts, true, false },
    [EVENT_QUESTION_ANSWERED] = { take_answer, false, false },
    [EVENT_AGENCY_JOINED] = { join, false, false },
    [EVENT_ADVICE_REQUESTED] = { take_note, true, true },
    [EVENT_LIAISON_REQUESTED] = { take_note, true, true },
    [EVENT_CASE_REVIEW_REFERRED] = { take_note, true, true },
    [EVENT_EXTERNAL_REFERRED] = { take_note, true, true },
    [EVENT_COMPLAINT_RAISED] = { take_note, true, true },
    [EVENT_LEARNING_IDENTIFIED] = { take_note, true, true },
    [EVENT_CASE_CLOSURE_PROPOSED] = { take_note, true, false },
    [EVENT_CASE_DEESCALATED] = { take_note, true, false },
    [EVENT_RESOLUTION_PROPOSED] = { propose, false, false },
    [EVENT_RESOLUTION_AGREED] = { agree, false, false },
    [EVENT_WITHDRAWN] = { event_withdraw, false, false },
    [EVENT_REOPENED] = { reopen, true, false },
    [EVENT_HOLD] = { hold, false, false },
    [EVENT_RELEASE] = { event_release, false, false },
    [EVENT_FOLLOWUP_DONE] = { follow_up_done, true, false },
    [EVENT_CONTACT_CHANGED] = { name_people, true, false },
    [EVENT_CORRECTION] = { event_correct, true, false },
};

/* What may come only while it is open has ended it. */
bool event_is_heard_after_the_end(enum event_kind kind)
{
    return answers[kind].is_heard || !answers[kind].after_the_end;
}

static bool is_among(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0)
            return true;
    return false;
}

/* What the procedure itself makes of an event: it stops, starts and advances what it names. */
void event_apply_procedure(struct deciding *self, const char *name)
{
    const struct procedure *procedure = self->procedure;
    struct disagreement *after = self->after;
    struct because because = event_because(self);

    for (size_t i = 0; i < procedure->deadline_count; i++)
        if (is_among(&procedure->deadlines[i].stopped_by, name))
            deadline_done(self, (int)i, self->sender ? self->sender : EVERY_PARTY, because);
    if (after->stage >= 0 && !disagreement_is_over(after) &&
        is_among(&procedure->stages[after->stage].advanced_by, name))
        stage_advance(self, because);
    deadlines_start(self, START_EVENT, name, -1, self->event->time, because);
    if (!instant_is_none(self->event->date))
        deadlines_start(self, START_DATE_IN_EVENT, name, -1, self->event->date, because);
}

int event_apply_kind(struct deciding *self)
{
    if (disagreement_is_over(self->after) && !answers[self->event->kind].after_the_end)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "this disagreement is over (reopened opens it again)");
    return answers[self->event->kind].apply(self);
}

int event_apply(struct deciding *self)
{
    const char *name = event_short_type(self->event->type);
    int answer;

    if (self->after->before_raise && self->event->kind != EVENT_UNKNOWN)
        return decide_refuse(self, DECIDE_UNKNOWN_DISAGREEMENT,
                             "nobody raised this disagreement yet (send disagreement.raised)");
    answer = event_apply_kind(self);
    if (answer != DECIDED)
        return answer;

    if (self->event->kind == EVENT_UNKNOWN && !procedure_knows_event(self->procedure, name))
        self->decision->ignored = true;
    event_apply_procedure(self, name);
    return DECIDED;
}
