/* decide_correct.c - what an event should have said is put right.
 *
 * A correction is decided when it comes: what has passed does not un-pass, and what was told
 * stays told.  What the event began at a wrong time begins at the right one; what it said that
 * is wrong is replaced; and an event that should not have been is taken back where that can be
 * seen by everybody concerned, else only recorded: nothing is undone silently.
 */
#include <stdio.h>
#include <string.h>

#include "core/decide_private.h"
#include "core/fact.h"

static struct because correction(const struct deciding *self)
{
    return because_event(self->event);
}

static bool is_named(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0)
            return true;
    return false;
}

/* --- when it was */

/* Whether the superseded event is what entered the current stage. */
static bool entered_the_stage(const struct deciding *self)
{
    const struct disagreement *after = self->after;
    const struct event *was = self->superseded;

    if (after->stage < 0 || after->stage_entered.us != was->time.us)
        return false;
    switch ((int)was->kind) {
    case EVENT_DISAGREEMENT_RAISED:
        return after->entry == 1;
    case EVENT_STAGE_UNRESOLVED:
    case EVENT_STAGE_SET:
    case EVENT_REOPENED:
    case EVENT_RELEASE:
        return true;
    default:
        return after->previous >= 0 &&
               is_named(&self->procedure->stages[after->previous].advanced_by,
                        event_short_type(was->type));
    }
}

static bool was_begun_so(const struct deciding *self, const struct deadline *rule, bool entered)
{
    const char *name = event_short_type(self->superseded->type);
    bool raises = self->superseded->kind == EVENT_DISAGREEMENT_RAISED;

    /* A duty began when its `when` came to hold, what follows a resolution with that. */
    if (rule->from_count == 0)
        return true;
    for (size_t i = 0; i < rule->from_count; i++) {
        const struct start *start = &rule->from[i];

        if ((start->kind == START_RAISED && raises) ||
            (start->kind == START_STAGE_ENTERED && entered) ||
            (start->kind == START_EVENT && strcmp(start->event, name) == 0))
            return true;
    }
    return false;
}

/* What the event began at its instant begins at the one it should have had; what has passed, or
 * was stopped, does not un-pass. */
static void move_what_it_began(struct deciding *self)
{
    struct disagreement *after = self->after;
    struct instant was = self->superseded->time, is = self->corrected->time;
    bool entered = entered_the_stage(self);

    if (was.us == is.us)
        return;
    if (self->superseded->kind == EVENT_DISAGREEMENT_RAISED)
        after->raised = is;
    if (entered)
        after->stage_entered = is;
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        struct running *running = &after->running[i];

        if (running->state != RUNNING_ON || running->start.us != was.us ||
            !was_begun_so(self, &self->procedure->deadlines[i], entered))
            continue;
        running->start = is;
        deadline_recompute(self, (int)i, correction(self));
    }
}

/* A date that the event carried: the deadlines that read it move. */
static void move_date(struct deciding *self)
{
    const char *name = event_short_type(self->corrected->type);
    int bit = event_bit(self->procedure, name);

    if (bit < 0 || instant_is_none(self->corrected->date))
        return;
    self->after->dates[bit] = self->corrected->date;
    deadlines_start(self, START_DATE_IN_EVENT, name, -1, self->corrected->date, correction(self));
}

/* --- facts */

static const char *fact_of(const struct event *event, const char *name)
{
    for (unsigned i = 0; event && i < event->fact_count; i++)
        if (strcmp(event->facts[i].name, name) == 0)
            return event->facts[i].value;
    return NULL;
}

static void forget_fact(struct disagreement *after, const char *name)
{
    for (unsigned i = 0; i < after->fact_count; i++)
        if (strcmp(after->facts[i].name, name) == 0) {
            after->facts[i] = after->facts[--after->fact_count];
            return;
        }
}

/* Whether the fact still is what the superseded event said: what was told since stands. */
static bool still_says(const struct deciding *self, const char *name)
{
    const char *was = fact_of(self->superseded, name);
    const char *now = disagreement_fact(self->after, name);

    return was ? now && strcmp(now, was) == 0 : !now;
}

static bool is_yes_or_no(const char *value)
{
    return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

static party_mask parties_of_position(const struct deciding *self, const struct event *event)
{
    if (event->kind == EVENT_POSITION_CHANGED)
        return disagreement_parties_of(self->after, event->agency);
    return (party_mask)(disagreement_agencies(self->after) & ~1u);
}

/* Non-involvement is kept per agency; answers whether the event told of it. */
static bool set_position(struct deciding *self, const struct event *event, bool taken_back)
{
    const char *value = fact_of(event, "non_involvement");
    party_mask parties = parties_of_position(self, event);

    if (!value)
        return false;
    if ((strcmp(value, "yes") == 0) != taken_back)
        self->after->non_involved = (party_mask)(self->after->non_involved | parties);
    else
        self->after->non_involved = (party_mask)(self->after->non_involved & ~parties);
    return true;
}

/* What the event said, and should not have.  Before a raise nothing was told; of a flag that
 * changed, the other value stood; of any other fact nobody can say what stood before. */
static bool take_facts_back(struct deciding *self)
{
    const struct event *was = self->superseded;
    bool changed = false;

    for (unsigned i = 0; i < was->fact_count; i++) {
        const char *name = was->facts[i].name, *value = was->facts[i].value;

        if (fact_of(self->corrected, name) || !still_says(self, name))
            continue;
        if (was->kind == EVENT_DISAGREEMENT_RAISED)
            forget_fact(self->after, name);
        else if (is_yes_or_no(value))
            disagreement_set_fact(self->after, name, strcmp(value, "yes") == 0 ? "no" : "yes");
        else
            continue;
        changed = true;
    }
    return changed;
}

static int put_facts_right(struct deciding *self)
{
    const struct event *is = self->corrected;

    take_facts_back(self);
    for (unsigned i = 0; i < is->fact_count; i++) {
        const char *name = is->facts[i].name;

        if (strcmp(name, "non_involvement") == 0 || !still_says(self, name))
            continue;
        if (!disagreement_set_fact(self->after, name, is->facts[i].value))
            return decide_refuse(self, DECIDE_ILLEGAL,
                                 "this disagreement has all the facts it can hold");
    }
    return DECIDED;
}

/* --- the raise */

static bool is_challenged(const struct event *raise, const char *agency)
{
    for (unsigned i = 0; i < raise->challenged_count; i++)
        if (strcmp(raise->challenged[i], agency) == 0)
            return true;
    return false;
}

/* An agency that was told of a disagreement cannot be made to vanish from it, nor the procedure
 * from under its deadlines: everybody told is told of the withdrawal instead. */
static int check_raise(struct deciding *self)
{
    const struct event *was = self->superseded, *is = self->corrected;

    if (strcmp(is->challenging, self->after->parties[0]) != 0)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "another agency challenges (withdraw this one, and raise it anew)");
    if (is->procedure[0] && strcmp(is->procedure, self->after->procedure) != 0)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "another procedure (withdraw this one, and raise it anew)");
    for (unsigned i = 0; i < was->challenged_count; i++)
        if (!is_challenged(is, was->challenged[i]))
            return decide_refuse(
                self, DECIDE_ILLEGAL,
                "an agency is no longer challenged (withdraw this one, and raise it anew)");
    return DECIDED;
}

static int add_challenged(struct deciding *self)
{
    const struct event *is = self->corrected;
    int answer = DECIDED;

    for (unsigned i = 0; i < is->challenged_count && answer == DECIDED; i++) {
        party_mask parties = disagreement_parties_of(self->after, is->challenged[i]);

        if (!(parties & ~1u))
            answer = event_join(self, is->challenged[i]);
    }
    return answer;
}

static int correct_raise(struct deciding *self)
{
    const struct event *was = self->superseded, *is = self->corrected;
    struct disagreement *after = self->after;
    int stage = is->stage[0] ? procedure_stage(self->procedure, is->stage) : -1;
    int answer = check_raise(self);

    if (answer == DECIDED && is->stage[0] && stage < 0)
        return decide_refuse(self, DECIDE_INVALID,
                             "data.event.data.stage is no stage of this procedure");
    if (answer != DECIDED)
        return answer;
    snprintf(after->case_reference, sizeof after->case_reference, "%s", is->case_reference);
    snprintf(after->category, sizeof after->category, "%s", is->category);
    snprintf(after->link, sizeof after->link, "%s", is->link);
    event_name_people(self, is);
    move_what_it_began(self);
    if ((answer = put_facts_right(self)) != DECIDED)
        return answer;
    if (fact_of(is, "non_involvement"))
        set_position(self, is, false);
    else
        set_position(self, was, true);
    /* Where it still is in the stage it began in, it goes to the one it should have begun in. */
    if (after->entry == 1 && stage >= 0 && stage != after->stage && !disagreement_is_over(after))
        stage_enter(self, stage, correction(self));
    return add_challenged(self);
}

/* --- an event that should not have been */

static int take_back_deadline(struct deciding *self)
{
    const struct event *was = self->superseded;
    int deadline = was->deadline[0] ? procedure_deadline(self->procedure, was->deadline)
                                    : self->procedure->stages[self->after->stage].deadline;
    struct running *running = deadline < 0 ? NULL : &self->after->running[deadline];

    if (!running || running->state != RUNNING_ON || running->set_by_case.us != was->due.us ||
        (was->kind == EVENT_DEADLINE_EXTENDED && !running->extended)) {
        self->decision->ignored = true;
        return DECIDED;
    }
    running->set_by_case = INSTANT_NONE;
    running->extended = false;
    deadline_recompute(self, deadline, correction(self));
    return DECIDED;
}

static int take_back_resolution(struct deciding *self)
{
    struct disagreement *after = self->after;

    if (disagreement_is_over(after))
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "this disagreement is over (reopened opens it again)");
    if (self->superseded->kind == EVENT_RESOLUTION_AGREED) {
        after->agreed = (party_mask)(after->agreed & ~self->sender);
        for (int party = 0; party < PARTIES_MAX; party++)
            if (self->sender & 1u << party)
                after->agreed_ahead[party] = INSTANT_NONE;
        return DECIDED;
    }
    forget_agreements(after);
    after->proposed = false;
    after->proposed_at = INSTANT_NONE;
    return DECIDED;
}

static int take_back(struct deciding *self)
{
    const struct event *was = self->superseded;

    switch ((int)was->kind) {
    case EVENT_DISAGREEMENT_RAISED:
        if (disagreement_is_over(self->after))
            return decide_refuse(self, DECIDE_ILLEGAL, "this disagreement is over already");
        return event_withdraw(self);
    case EVENT_HOLD:
        if (self->after->held && !self->after->held_by_answer)
            return event_release(self);
        self->decision->ignored = true;
        return DECIDED;
    case EVENT_DEADLINE_SET:
    case EVENT_DEADLINE_EXTENDED:
        return take_back_deadline(self);
    case EVENT_POSITION_CHANGED:
        set_position(self, was, true);
        return DECIDED;
    case EVENT_FLAG_CHANGED:
        self->decision->ignored = !take_facts_back(self);
        return DECIDED;
    case EVENT_RESOLUTION_PROPOSED:
    case EVENT_RESOLUTION_AGREED:
        return take_back_resolution(self);
    case EVENT_WITHDRAWN:
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "a withdrawal is not taken back (reopened opens it again)");
    default:
        /* Kept and recorded: what it told cannot be untold, and nothing is undone silently. */
        self->decision->ignored = true;
        return DECIDED;
    }
}

/* --- an event that should have been otherwise */

/* Whether the kind says how things are, so that it can be said again; others tell of something
 * that happened, and do not happen twice. */
static bool can_be_said_again(const struct deciding *self)
{
    const struct event *was = self->superseded, *is = self->corrected;

    switch ((int)is->kind) {
    case EVENT_DEADLINE_SET:
    case EVENT_DEADLINE_EXTENDED:
    case EVENT_CONTACT_CHANGED:
    case EVENT_HOLD:
    case EVENT_FOLLOWUP_DONE:
    case EVENT_QUESTION_ANSWERED:
        return true;
    case EVENT_STAGE_SET:
        return strcmp(was->stage, is->stage) != 0;
    case EVENT_AGENCY_JOINED:
        return !disagreement_parties_of(self->after, is->agency);
    case EVENT_RESOLUTION_PROPOSED:
        return !disagreement_is_over(self->after);
    default:
        return false;
    }
}

static int say_as_event(struct deciding *self, const struct event *event)
{
    const struct event *correction = self->event;
    int answer;

    self->event = event;
    answer = event_apply_kind(self);
    self->event = correction;
    return answer;
}

static int correct_same_kind(struct deciding *self)
{
    const struct event *was = self->superseded, *is = self->corrected;
    int answer = DECIDED;

    move_what_it_began(self);
    if (is->kind == EVENT_RISK_CHANGED || is->kind == EVENT_FLAG_CHANGED)
        return put_facts_right(self);
    if (is->kind == EVENT_POSITION_CHANGED && strcmp(was->agency, is->agency) != 0)
        set_position(self, was, true);
    if (is->kind == EVENT_POSITION_CHANGED)
        return set_position(self, is, false), DECIDED;
    if ((is->kind == EVENT_DEADLINE_SET || is->kind == EVENT_DEADLINE_EXTENDED) &&
        strcmp(was->deadline, is->deadline) != 0)
        answer = take_back_deadline(self);
    if (answer == DECIDED && can_be_said_again(self))
        answer = say_as_event(self, is);
    if (answer == DECIDED)
        move_date(self);
    return answer;
}

/* Another event should have been sent: the one that was is taken back as far as it can be, and
 * this one is heard now. */
static int correct_kind(struct deciding *self)
{
    int bit = event_bit(self->procedure, event_short_type(self->corrected->type));
    int answer = take_back(self);

    if (answer != DECIDED)
        return answer;
    self->decision->ignored = false;
    answer = say_as_event(self, self->corrected);
    if (answer != DECIDED)
        return answer;
    if (bit >= 0)
        self->after->seen |= UINT64_C(1) << bit;
    /* Rules that name it are evaluated with it, and what it starts runs from its own time. */
    self->event = self->corrected;
    event_apply_procedure(self, event_short_type(self->corrected->type));
    return DECIDED;
}

int event_correct(struct deciding *self)
{
    const struct event *was = self->superseded, *is = self->corrected;
    bool raised = was && was->kind == EVENT_DISAGREEMENT_RAISED;

    if (!was)
        return decide_refuse(self, DECIDE_INVALID, "data.supersedes names no event kept here");
    if (!is)
        return take_back(self);
    if (raised != (is->kind == EVENT_DISAGREEMENT_RAISED))
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "only a raise corrects a raise (null takes it back)");
    if (raised)
        return correct_raise(self);
    return strcmp(was->type, is->type) == 0 ? correct_same_kind(self) : correct_kind(self);
}
