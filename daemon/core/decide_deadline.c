/* decide_deadline.c - deadlines start, remind, pass, are chased and stop. */
#include <string.h>

#include "core/decide_private.h"

static const struct deadline *deadline_at(const struct deciding *self, int deadline)
{
    return &self->procedure->deadlines[deadline];
}

static struct running *running_at(struct deciding *self, int deadline)
{
    return &self->after->running[deadline];
}

static struct instant earlier(struct instant a, struct instant b)
{
    if (instant_is_none(a))
        return b;
    if (instant_is_none(b))
        return a;
    return a.us < b.us ? a : b;
}

static bool is_own_of_stage(const struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);

    return rule->under == UNDER_STAGES && rule->stage == self->after->stage;
}

/* --- the instants of a deadline */

static void compute_due(struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct running *running = running_at(self, deadline);
    const struct limit *limit = &rule->limit;
    int answer;

    running->due = INSTANT_NONE;
    running->provisional = false;
    if (running->extended && !instant_is_none(running->set_by_case)) {
        running->due = running->set_by_case;
        return;
    }
    if (running->extended)
        limit = &rule->extended;
    answer = limit_due(limit, &self->view->time, &rule->counting, running->start,
                       running->set_by_case, &running->due);
    if (answer == LIMIT_NO_DUE)
        running->due = INSTANT_NONE;
    running->provisional = answer == LIMIT_PROVISIONAL;
}

/* The next reminder after what has been acted on; sets whether it is the last. */
static struct instant next_reminder(const struct deciding *self, int deadline, bool *last)
{
    const struct deadline *rule = deadline_at(self, deadline);
    const struct running *running = &self->after->running[deadline];
    struct instant at[REMIND_MAX], start = running->start;
    size_t count;

    if (instant_is_none(running->due))
        return INSTANT_NONE;
    /* A limit that counts back from its start is due before it. */
    if (running->due.us < start.us)
        start = (struct instant){ running->due.us - 400 * DAY_US };
    count = remind_instants(&rule->remind, &self->view->time, start, running->due, at);
    for (size_t i = 0; i < count; i++)
        if (at[i].us > running->acted_until.us && at[i].us < running->due.us) {
            *last = i + 1 == count;
            return at[i];
        }
    return INSTANT_NONE;
}

/* Chases run only without a due instant (from the start) or after passing (from then). */
static struct instant next_chase(const struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    const struct running *running = &self->after->running[deadline];
    bool passed = running->state == RUNNING_PASSED;

    if (!passed && !instant_is_none(running->due))
        return INSTANT_NONE;
    return chase_next(&rule->chase, &self->view->time, passed ? running->due : running->start,
                      running->acted_until);
}

/* A due instant that an event or a new calendar put into the past passes at once, not then. */
static struct instant passing_instant(const struct running *running)
{
    return !instant_is_none(running->due) && running->due.us < running->acted_until.us
               ? running->acted_until
               : running->due;
}

void deadline_set_wake(struct deciding *self, int deadline)
{
    struct running *running = running_at(self, deadline);
    bool last;

    running->wake = INSTANT_NONE;
    if (running->state == RUNNING_ON)
        running->wake = earlier(passing_instant(running), next_reminder(self, deadline, &last));
    if (running->state == RUNNING_ON || running->state == RUNNING_PASSED)
        running->wake = earlier(running->wake, next_chase(self, deadline));
    /* A hold that ends by itself wakes the stage it holds. */
    if (running->state == RUNNING_PASSED && self->after->held && is_own_of_stage(self, deadline))
        running->wake = earlier(running->wake, self->after->held_until);
}

/* --- starting */

static void tell_owners(struct deciding *self, int deadline, enum message message,
                        struct because because, bool with_copy, bool with_tell)
{
    const struct deadline *rule = deadline_at(self, deadline);
    const struct running *running = running_at(self, deadline);
    struct audience_place place = place_now(self);
    struct audience audience = { 0 };
    struct effect *effect;

    audience_add(&audience, &place, &rule->owners);
    if (with_copy)
        audience_add(&audience, &place, &rule->copy);
    if (with_tell)
        audience_add(&audience, &place, &rule->tell);
    effect = tell(self, message, &audience, because);
    if (!effect)
        return;
    effect->deadline = deadline;
    effect->due = running->due;
    effect->provisional = running->provisional;
    effect->priority = rule->priority;
}

void deadline_start(struct deciding *self, int deadline, struct instant from,
                    struct because because)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct running *running = running_at(self, deadline);
    struct effect *effect;

    if (rule->under != UNDER_STAGES &&
        !conditions_hold(self->procedure, self->after, self->event, &rule->when))
        return;
    /* The same start again changes nothing while it runs, then starts it anew. */
    if (running->state == RUNNING_ON && running->start.us == from.us)
        return;

    *running = (struct running){ .state = RUNNING_ON,
                                 .entry = running->entry + 1,
                                 .start = from,
                                 .set_by_case = INSTANT_NONE,
                                 .acted_until = self->at,
                                 .wake = INSTANT_NONE };
    compute_due(self, deadline);
    deadline_set_wake(self, deadline);

    effect = effect_add(self, EFFECT_DEADLINE, because);
    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    effect->provisional = running->provisional;
    if (rule->under != UNDER_STAGES)
        tell_owners(self, deadline, MESSAGE_DEADLINE_STARTED, because_deadline(deadline), true,
                    false);
}

static bool starts_so(const struct deadline *rule, enum start_kind kind, const char *event,
                      int passed)
{
    for (size_t i = 0; i < rule->from_count; i++) {
        const struct start *start = &rule->from[i];

        if (start->kind != kind)
            continue;
        if (kind == START_EVENT || kind == START_DATE_IN_EVENT)
            return strcmp(start->event, event) == 0;
        if (kind == START_DEADLINE_PASSED)
            return start->deadline == passed;
        return true;
    }
    return false;
}

/* "from: a or b" is the first to happen: what runs already is not started by the other. */
static bool runs_by_another_start(const struct deciding *self, const struct deadline *rule,
                                  int deadline)
{
    return rule->from_count > 1 && self->after->running[deadline].state == RUNNING_ON;
}

void deadlines_start(struct deciding *self, enum start_kind kind, const char *event, int passed,
                     struct instant from, struct because because)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        const struct deadline *rule = deadline_at(self, (int)i);
        bool of_a_stage = rule->under == UNDER_STAGES || rule->under == UNDER_A_STAGE;

        if (rule->under == UNDER_AFTER_RESOLUTION || !starts_so(rule, kind, event, passed))
            continue;
        if (of_a_stage && rule->stage != self->after->stage)
            continue;
        if (runs_by_another_start(self, rule, (int)i))
            continue;
        deadline_start(self, (int)i, from, because);
    }
}

/* --- stopping and moving */

void deadline_stop(struct deciding *self, int deadline, struct because because)
{
    struct running *running = running_at(self, deadline);
    struct effect *effect;

    if (running->state != RUNNING_ON && running->state != RUNNING_PASSED)
        return;
    running->state = RUNNING_STOPPED;
    running->wake = INSTANT_NONE;
    effect = effect_add(self, EFFECT_STOPPED, because);
    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
}

void deadline_recompute(struct deciding *self, int deadline, struct because because)
{
    struct running *running = running_at(self, deadline);
    struct instant before = running->due;
    bool was_provisional = running->provisional;
    struct effect *effect;

    /* Past instants of the new course are not told as if they had been of the old one. */
    if (self->at.us > running->acted_until.us)
        running->acted_until = self->at;
    compute_due(self, deadline);
    if (self->procedure->never_later && self->event == NULL && !instant_is_none(before) &&
        running->due.us > before.us) {
        running->due = before;
        running->provisional = was_provisional;
    }
    deadline_set_wake(self, deadline);
    if (running->due.us == before.us)
        return;

    effect = effect_add(self, EFFECT_MOVED, because);
    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    effect->due_before = before;
    effect->provisional = running->provisional;
    tell_owners(self, deadline, MESSAGE_DUE_MOVED, because, true, false);
}

/* --- what comes about at an instant */

static void remind(struct deciding *self, int deadline)
{
    bool last = false;
    struct instant reminder = next_reminder(self, deadline, &last);
    int next;

    if (instant_is_none(reminder) || reminder.us != self->at.us)
        return;
    tell_owners(self, deadline, MESSAGE_REMINDER, because_deadline(deadline), false, false);

    /* The last reminder before a senior stage carries the intention to escalate, so that the
     * other side is advised before it happens (procedure-language 15). */
    if (!last || !is_own_of_stage(self, deadline) ||
        deadline_at(self, deadline)->when_passed == PASSED_ALERT)
        return;
    next = stage_next(self);
    if (next >= 0 && self->procedure->stages[next].senior)
        stage_tell_intention(self, next, because_deadline(deadline));
}

static void chase(struct deciding *self, int deadline)
{
    struct instant at = next_chase(self, deadline);

    if (!instant_is_none(at) && at.us == self->at.us)
        tell_owners(self, deadline, MESSAGE_CHASE, because_deadline(deadline), false, false);
}

static void pass(struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct running *running = running_at(self, deadline);
    struct effect *effect = effect_add(self, EFFECT_PASSED, because_deadline(deadline));

    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    running->state = RUNNING_PASSED;
    running->acted_until = self->at;
    tell_owners(self, deadline,
                rule->when_passed == PASSED_CLOSE ? MESSAGE_LAPSED : MESSAGE_LIMIT_PASSED,
                because_deadline(deadline), false, true);
    deadlines_start(self, START_DEADLINE_PASSED, NULL, deadline, self->at,
                    because_deadline(deadline));

    if (rule->when_passed == PASSED_CLOSE)
        disagreement_close(self, DISAGREEMENT_LAPSED, because_deadline(deadline));
    else if (rule->when_passed != PASSED_ALERT && is_own_of_stage(self, deadline) &&
             !self->after->held)
        stage_advance(self, because_deadline(deadline));
    if (running->state == RUNNING_PASSED && !disagreement_is_over(self->after) &&
        (rule->under == UNDER_DEADLINES || is_own_of_stage(self, deadline) ||
         (rule->under == UNDER_A_STAGE && rule->stage == self->after->stage)))
        deadline_set_wake(self, deadline);
}

/* A hold that ends by itself lets the advance it held go on, at its end. */
static void end_hold(struct deciding *self, int deadline)
{
    struct disagreement *after = self->after;

    if (!after->held || instant_is_none(after->held_until) || after->held_until.us > self->at.us)
        return;
    after->held = false;
    after->held_until = INSTANT_NONE;
    stage_advance(self, because_deadline(deadline));
}

static void act(struct deciding *self, int deadline)
{
    struct running *running = running_at(self, deadline);
    uint32_t entry = running->entry;
    uint32_t stage_entry = self->after->entry;

    if (running->state == RUNNING_ON) {
        remind(self, deadline);
        chase(self, deadline);
        if (!instant_is_none(running->due) && running->due.us <= self->at.us) {
            pass(self, deadline);
            evaluate_rules(self);
            return;
        }
    } else if (running->state == RUNNING_PASSED) {
        chase(self, deadline);
        if (is_own_of_stage(self, deadline))
            end_hold(self, deadline);
    }
    /* What it brought about may have stopped it or started it anew. */
    if (running->entry != entry || self->after->entry != stage_entry)
        return;
    running->acted_until = self->at;
    deadline_set_wake(self, deadline);
}

static bool is_due(const struct deciding *self, size_t deadline)
{
    const struct running *running = &self->after->running[deadline];

    return (running->state == RUNNING_ON || running->state == RUNNING_PASSED) &&
           !instant_is_none(running->wake) && running->wake.us <= self->at.us;
}

/* At equal instants those of stages last, then in the order of the file (1 of the language's
 * meanings).  What was due is taken down first: a deadline started here acts at its own wake. */
void deadlines_act(struct deciding *self)
{
    bool due[PROCEDURE_DEADLINES_MAX];

    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        due[i] = is_due(self, i);
    for (int stages = 0; stages < 2; stages++)
        for (size_t i = 0; i < self->procedure->deadline_count; i++)
            if (due[i] && (deadline_at(self, (int)i)->under == UNDER_STAGES) == (stages == 1) &&
                is_due(self, i))
                act(self, (int)i);
}
