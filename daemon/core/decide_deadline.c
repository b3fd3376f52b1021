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

/* INSTANT_NONE is before every other. */
static struct instant later(struct instant a, struct instant b)
{
    return a.us > b.us ? a : b;
}

bool deadline_is_own_of_stage(const struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);

    return rule->under == UNDER_STAGES && rule->stage == self->after->stage;
}

bool deadline_is_duty(const struct deadline *deadline)
{
    return deadline->under == UNDER_DEADLINES && deadline->from_count == 0 &&
           deadline->when.count > 0;
}

/* Whether it may still act: most end with the stage or the disagreement they belong to. */
static bool is_alive(const struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    bool over = disagreement_is_over(self->after);

    switch (rule->under) {
    case UNDER_AFTER_RESOLUTION:
        return over;
    case UNDER_DEADLINES:
        return !over || deadline_is_duty(rule);
    case UNDER_STAGES:
    case UNDER_A_STAGE:
    default:
        return !over && rule->stage == self->after->stage;
    }
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

static bool starts_at_a_date(const struct deadline *rule)
{
    for (size_t i = 0; i < rule->from_count; i++)
        if (rule->from[i].kind == START_DATE_IN_EVENT)
            return true;
    return false;
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
    /* It counts from a date that an event brought ahead of time, or back from it: its owners have
     * known of it since, and are reminded before that date as before any other. */
    if (running->due.us < start.us || starts_at_a_date(rule))
        start = (struct instant){ running->due.us - 400 * DAY_US };
    count = remind_instants(&rule->remind, &self->view->time, start, running->due, at);
    for (size_t i = 0; i < count; i++)
        if (at[i].us > running->acted_until.us && at[i].us < running->due.us) {
            *last = i + 1 == count;
            return at[i];
        }
    return INSTANT_NONE;
}

/* A no to "advance?" is a hold that is chased every working day. */
static const struct chase daily = { .every = { .count = 1, .unit = LENGTH_WORKING_DAYS } };

/* Chases run only without a due instant (from the start) or after passing (from then).  A stage
 * whose limit is stopped is not left: it is then chased. */
static struct instant next_chase(const struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    const struct running *running = &self->after->running[deadline];
    bool passed = running->state == RUNNING_PASSED;
    bool refused =
        passed && self->after->held_by_answer && self->after->answers[deadline] == ANSWER_NO;

    if (running->state == RUNNING_NOT ||
        (running->state == RUNNING_ON && !instant_is_none(running->due)) ||
        (running->state == RUNNING_STOPPED && !deadline_is_own_of_stage(self, deadline)))
        return INSTANT_NONE;
    return chase_next(refused ? &daily : &rule->chase, &self->view->time,
                      passed ? running->due : running->start, running->acted_until);
}

/* Those still to agree to a resolution are chased as the stage is, never assumed. */
static struct instant next_agreement_chase(const struct deciding *self, int deadline)
{
    const struct disagreement *after = self->after;
    struct instant done = later(after->running[deadline].acted_until,
                                later(after->proposed_at, after->stage_entered));

    if (instant_is_none(after->proposed_at) || !deadline_is_own_of_stage(self, deadline))
        return INSTANT_NONE;
    return chase_next(&deadline_at(self, deadline)->chase, &self->view->time, after->proposed_at,
                      done);
}

/* When a silence that a rule names will be long enough.  Rules have no row of their own to be
 * woken by: the current stage's wakes for them. */
static struct instant next_silence(const struct deciding *self, int deadline)
{
    struct rule_view view = view_now(self, NULL);
    struct instant earliest = INSTANT_NONE;

    if (!deadline_is_own_of_stage(self, deadline))
        return INSTANT_NONE;
    for (size_t i = 0; i < self->procedure->rule_count; i++)
        if (!self->after->rule_held[i] && rule_may_tell(self, i))
            earliest = earlier(earliest, conditions_silence_instant(
                                             &view, &self->procedure->rules[i].when, self->at));
    return earliest;
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
    if (!is_alive(self, deadline))
        return;
    if (running->state == RUNNING_ON)
        running->wake = earlier(passing_instant(running), next_reminder(self, deadline, &last));
    running->wake = earlier(running->wake, next_chase(self, deadline));
    /* A hold that ends by itself wakes the stage it holds, whether or not its limit has started. */
    if (self->after->held && deadline_is_own_of_stage(self, deadline))
        running->wake = earlier(running->wake, self->after->held_until);
    running->wake = earlier(running->wake, next_agreement_chase(self, deadline));
    running->wake = earlier(running->wake, next_silence(self, deadline));
}

/* --- starting */

/* Who acts on it: of what follows a resolution the handlers of the last stage, or of the nearest
 * before it that is not the board's. */
static struct audience_place place_of(const struct deciding *self, int deadline)
{
    struct audience_place place = place_now(self);

    if (deadline_at(self, deadline)->under != UNDER_AFTER_RESOLUTION)
        return place;
    while (place.stage > 0) {
        struct audience handlers = { 0 };

        audience_add_handlers(&handlers, &place, place.stage, disagreement_agencies(self->after));
        if (!audience_is_empty(&handlers))
            break;
        place.stage--;
    }
    return place;
}

static void leave_out(struct audience *audience, party_mask parties)
{
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        audience->to[role] = (party_mask)(audience->to[role] & ~parties);
}

static void tell_of_deadline(struct deciding *self, int deadline, enum message message,
                             struct because because, const struct audience *audience)
{
    struct effect *effect = tell(self, message, audience, because);

    if (!effect)
        return;
    effect->deadline = deadline;
    effect->due = running_at(self, deadline)->due;
    effect->provisional = running_at(self, deadline)->provisional;
    effect->priority = deadline_at(self, deadline)->priority;
}

void deadline_tell_owners(struct deciding *self, int deadline, enum message message,
                          struct because because)
{
    struct audience_place place = place_of(self, deadline);
    struct audience audience = { 0 };

    audience_add(&audience, &place, &deadline_at(self, deadline)->owners);
    leave_out(&audience, running_at(self, deadline)->done);
    tell_of_deadline(self, deadline, message, because, &audience);
}

/* A start or a move is told to owners and `copy`; where nobody owns it, it is a date kept for
 * `copy` and `tell`. */
static void tell_of_course(struct deciding *self, int deadline, enum message message,
                           struct because because)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct audience_place place = place_of(self, deadline);
    struct audience audience = { 0 };

    audience_add(&audience, &place, &rule->owners);
    audience_add(&audience, &place, &rule->copy);
    if (rule->owners.count == 1 && rule->owners.list[0].kind == SELECT_NOBODY)
        audience_add(&audience, &place, &rule->tell);
    tell_of_deadline(self, deadline, message, because, &audience);
}

static void tell_passed(struct deciding *self, int deadline)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct audience_place place = place_of(self, deadline);
    struct audience audience = { 0 };

    audience_add(&audience, &place, &rule->owners);
    leave_out(&audience, running_at(self, deadline)->done);
    audience_add(&audience, &place, &rule->tell);
    tell_of_deadline(self, deadline,
                     rule->when_passed == PASSED_CLOSE ? MESSAGE_LAPSED : MESSAGE_LIMIT_PASSED,
                     because_deadline(deadline), &audience);
}

void deadline_start(struct deciding *self, int deadline, struct instant from,
                    struct because because)
{
    const struct deadline *rule = deadline_at(self, deadline);
    struct running *running = running_at(self, deadline);
    struct rule_view view = view_now(self, self->event);
    struct effect *effect;

    if (rule->under != UNDER_STAGES && !conditions_hold(&view, &rule->when))
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
    self->after->answers[deadline] = ANSWER_NOT_GIVEN;
    compute_due(self, deadline);
    deadline_set_wake(self, deadline);

    effect = effect_add(self, EFFECT_DEADLINE, because);
    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    effect->provisional = running->provisional;
    /* A stage's own limit is told with its entry, unless it starts later. */
    if (rule->under != UNDER_STAGES || because.kind != BECAUSE_STAGE)
        tell_of_course(self, deadline, MESSAGE_DEADLINE_STARTED, because_deadline(deadline));
}

/* --- stopping and moving */

void deadline_stop(struct deciding *self, int deadline, struct because because)
{
    struct running *running = running_at(self, deadline);
    struct effect *effect;

    if (running->state != RUNNING_ON && running->state != RUNNING_PASSED)
        return;
    running->state = RUNNING_STOPPED;
    running->changes++;
    running->wake = INSTANT_NONE;
    /* A stage is chased from here on, not for what was before. */
    if (running->acted_until.us < self->at.us)
        running->acted_until = self->at;
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
    if (self->procedure->never_later && !self->event && !self->left && !instant_is_none(before) &&
        running->due.us > before.us) {
        running->due = before;
        running->provisional = was_provisional;
    }
    deadline_set_wake(self, deadline);
    if (running->due.us == before.us)
        return;

    running->changes++;
    effect = effect_add(self, EFFECT_MOVED, because);
    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    effect->due_before = before;
    effect->provisional = running->provisional;
    tell_of_course(self, deadline, MESSAGE_DUE_MOVED, because);
}

static party_mask owner_parties(const struct deciding *self, int deadline)
{
    struct audience_place place = place_of(self, deadline);
    struct audience audience = { 0 };
    party_mask parties = 0;

    audience_add(&audience, &place, &deadline_at(self, deadline)->owners);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        parties = (party_mask)(parties | audience.to[role]);
    return parties;
}

/* `done_by: each` wants it of every agency among the owners. */
void deadline_done(struct deciding *self, int deadline, party_mask by, struct because because)
{
    struct running *running = running_at(self, deadline);

    if (running->state != RUNNING_ON && running->state != RUNNING_PASSED)
        return;
    running->done = (party_mask)(running->done | by);
    if (deadline_at(self, deadline)->done_by == DONE_BY_ONE ||
        !(owner_parties(self, deadline) & ~running->done))
        deadline_stop(self, deadline, because);
}

/* --- what comes about at an instant */

static void remind(struct deciding *self, int deadline)
{
    bool last = false;
    struct instant reminder = next_reminder(self, deadline, &last);
    const struct deadline *rule = deadline_at(self, deadline);
    int next;

    if (instant_is_none(reminder) || reminder.us != self->at.us)
        return;
    deadline_tell_owners(self, deadline, MESSAGE_REMINDER, because_deadline(deadline));
    if (!last || !deadline_is_own_of_stage(self, deadline) || rule->when_passed == PASSED_ALERT)
        return;
    if (rule->when_passed == PASSED_ASK && self->after->answers[deadline] == ANSWER_NOT_GIVEN)
        stage_ask(self, rule->stage);

    /* The last reminder before a senior stage carries the intention to escalate, so that the
     * other side is advised before it happens (procedure-language 15); unless the escalating
     * agency told it itself. */
    next = stage_next(self);
    if (next >= 0 && self->procedure->stages[next].senior && !self->after->held_by_answer &&
        self->after->intention_entry != self->after->entry)
        stage_tell_intention(self, next, because_deadline(deadline));
}

static void chase(struct deciding *self, int deadline)
{
    struct instant at = next_chase(self, deadline);

    if (!instant_is_none(at) && at.us == self->at.us)
        deadline_tell_owners(self, deadline, MESSAGE_CHASE, because_deadline(deadline));
    at = next_agreement_chase(self, deadline);
    if (!instant_is_none(at) && at.us == self->at.us)
        tell_still_to_agree(self);
}

static void pass(struct deciding *self, int deadline)
{
    struct running *running = running_at(self, deadline);
    struct effect *effect = effect_add(self, EFFECT_PASSED, because_deadline(deadline));
    uint32_t entry = running->entry;

    effect->deadline = deadline;
    effect->entry = running->entry;
    effect->due = running->due;
    running->state = RUNNING_PASSED;
    running->acted_until = self->at;
    tell_passed(self, deadline);
    deadlines_start(self, START_DEADLINE_PASSED, NULL, deadline, self->at,
                    because_deadline(deadline));

    /* A hold freezes what passing does, not the deadline. */
    deadline_let_pass(self, deadline, because_deadline(deadline));
    if (running->state == RUNNING_PASSED && running->entry == entry)
        deadline_set_wake(self, deadline);
}

/* A hold that ends by itself lets the passing it held go on, at its end. */
static void end_hold(struct deciding *self)
{
    struct disagreement *after = self->after;

    if (!after->held || instant_is_none(after->held_until) || after->held_until.us > self->at.us)
        return;
    after->held = after->held_by_answer = false;
    after->held_until = INSTANT_NONE;
    let_frozen_pass(self);
}

static void act(struct deciding *self, int deadline)
{
    struct running *running = running_at(self, deadline);
    uint32_t entry = running->entry;
    uint32_t stage_entry = self->after->entry;

    if (running->state == RUNNING_ON)
        remind(self, deadline);
    chase(self, deadline);
    if (deadline_is_own_of_stage(self, deadline))
        end_hold(self);
    if (running->state == RUNNING_ON && running->entry == entry && !instant_is_none(running->due) &&
        running->due.us <= self->at.us) {
        pass(self, deadline);
        return;
    }
    /* What it brought about may have stopped it or started it anew. */
    if (running->entry != entry || self->after->entry != stage_entry)
        return;
    /* A late event may have set a wake in the past: what was told since is not told again. */
    running->acted_until = later(running->acted_until, self->at);
    deadline_set_wake(self, deadline);
}

static bool is_due(const struct deciding *self, size_t deadline)
{
    const struct running *running = &self->after->running[deadline];

    return !instant_is_none(running->wake) && running->wake.us <= self->at.us &&
           (running->state != RUNNING_NOT || running->wake.us);
}

/* What a deadline's acts are ordered by: its due instant where it passes, else this one. */
static struct instant act_instant(const struct deciding *self, size_t deadline)
{
    const struct running *running = &self->after->running[deadline];
    bool passes = running->state == RUNNING_ON && !instant_is_none(running->due) &&
                  running->due.us <= self->at.us;

    return passes ? running->due : self->at;
}

static bool acts_before(const struct deciding *self, size_t one, size_t other)
{
    struct instant at = act_instant(self, one), other_at = act_instant(self, other);
    bool stage = deadline_at(self, (int)one)->under == UNDER_STAGES;
    bool other_stage = deadline_at(self, (int)other)->under == UNDER_STAGES;

    if (at.us != other_at.us)
        return at.us < other_at.us;
    return stage == other_stage ? one < other : other_stage;
}

/* The first of those that are due and have not acted; -1: none is left. */
static int next_to_act(const struct deciding *self, uint64_t acted)
{
    int first = -1;

    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if (!(acted >> i & 1) && is_due(self, i) &&
            (first < 0 || acts_before(self, i, (size_t)first)))
            first = (int)i;
    return first;
}

/* At equal instants by due instant, those of stages last, then in the order of the file (1 of the
 * language's meanings).  What this itself starts and is past already passes at once, after what
 * was due before it; each start acts once.  Rules are evaluated after every passing, and where a
 * silence has become long enough. */
void deadlines_act(struct deciding *self)
{
    uint64_t acted = 0;
    bool more = true;

    while (more) {
        uint64_t round = acted;
        int deadline;

        for (size_t i = 0; i < self->procedure->deadline_count; i++)
            if (!is_due(self, i))
                round |= UINT64_C(1) << i;
        more = false;
        while ((deadline = next_to_act(self, round)) >= 0) {
            uint32_t entry = self->after->running[deadline].entry;

            round |= UINT64_C(1) << deadline;
            acted |= UINT64_C(1) << deadline;
            act(self, deadline);
            /* Its own passing has started it anew: it acts again, but never round in circles. */
            if (self->after->running[deadline].entry != entry &&
                self->decision->effect_count < EFFECTS_MAX / 4)
                acted &= ~(UINT64_C(1) << deadline);
            evaluate_rules(self);
            more = true;
        }
    }
}
