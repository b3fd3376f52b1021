/* decide_move.c - a running disagreement goes over to another version of its procedure.
 *
 * What the two versions have in common goes by its id, never by its place.  What runs keeps its
 * start and is counted anew; what has passed does not un-pass; and what the new version lacks,
 * and somebody still waits for, is a reason to refuse: nothing ends silently.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/decide_private.h"

static const struct running never_ran = {
    .start = INSTANT_NONE,
    .due = INSTANT_NONE,
    .set_by_case = INSTANT_NONE,
    .acted_until = INSTANT_NONE,
    .wake = INSTANT_NONE,
};

static int __attribute__((format(printf, 2, 3)))
refuse(struct deciding *self, const char *format, ...)
{
    char why[sizeof self->decision->why];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return decide_refuse(self, DECIDE_ILLEGAL, why);
}

static struct because new_version(void)
{
    return (struct because){ .kind = BECAUSE_VERSION, .index = -1 };
}

/* --- what the versions have in common */

static const char *stage_id(const struct procedure *procedure, int stage)
{
    return stage < 0 ? "" : procedure_stage_id(procedure, stage);
}

/* The same deadline: its id, and what it belongs to. */
static int same_deadline(const struct procedure *from, size_t deadline, const struct procedure *to)
{
    const struct deadline *was = &from->deadlines[deadline];
    int place = procedure_deadline(to, was->id);
    const struct deadline *is = place < 0 ? NULL : &to->deadlines[place];

    if (!is || is->under != was->under ||
        strcmp(stage_id(from, was->stage), stage_id(to, is->stage)) != 0)
        return -1;
    return place;
}

static int move_stage(struct deciding *self, const struct disagreement *before)
{
    const char *now = stage_id(self->left, before->stage);
    int stage = procedure_stage(self->procedure, now);

    if (stage < 0)
        return refuse(self,
                      "version %.40s has no stage \"%s\", where this disagreement stands (give the "
                      "stage its id back, or set another stage first)",
                      self->procedure->version, now);
    self->after->stage = (int16_t)stage;
    self->after->previous =
        before->previous < 0
            ? (int16_t)-1
            : (int16_t)procedure_stage(self->procedure, stage_id(self->left, before->previous));
    return DECIDED;
}

/* Whether somebody still waits for it: it runs, is chased, or does at a release what it does. */
static bool is_awaited(const struct disagreement *before, size_t deadline)
{
    const struct running *running = &before->running[deadline];

    return running->state == RUNNING_ON || before->frozen >> deadline & 1 ||
           (running->state != RUNNING_NOT && !instant_is_none(running->wake));
}

static int move_deadlines(struct deciding *self, const struct disagreement *before)
{
    struct disagreement *after = self->after;

    after->frozen = 0;
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++) {
        after->running[i] = never_ran;
        after->duty_held[i] = false;
        after->answers[i] = ANSWER_NOT_GIVEN;
    }
    for (size_t i = 0; i < self->left->deadline_count; i++) {
        int place = same_deadline(self->left, i, self->procedure);

        if (place < 0 && is_awaited(before, i))
            return refuse(self,
                          "version %.40s has no deadline \"%s\" as it runs here (keep its id, and "
                          "where it stands in the file, until it is done)",
                          self->procedure->version, self->left->deadlines[i].id);
        if (place < 0)
            continue;
        after->running[place] = before->running[i];
        after->duty_held[place] = before->duty_held[i];
        after->answers[place] = before->answers[i];
        after->frozen |= (before->frozen >> i & 1) << place;
    }
    return DECIDED;
}

static void move_rules(struct deciding *self, const struct disagreement *before)
{
    struct disagreement *after = self->after;

    memset(after->rule_pending, 0, sizeof after->rule_pending);
    memset(after->rule_held, 0, sizeof after->rule_held);
    memset(after->rule_told_entry, 0, sizeof after->rule_told_entry);
    for (size_t i = 0; i < self->left->rule_count; i++) {
        int place = procedure_rule(self->procedure, self->left->rules[i].id);

        if (place < 0)
            continue;
        after->rule_pending[place] = before->rule_pending[i];
        after->rule_held[place] = before->rule_held[i];
        after->rule_told_entry[place] = before->rule_told_entry[i];
    }
}

/* Roles of one mask become those of the other version; false and `*lost`, where one that is meant
 * is not there any more. */
static bool move_roles(const struct deciding *self, const party_mask from[PROCEDURE_ROLES_MAX],
                       party_mask to[PROCEDURE_ROLES_MAX], const char **lost)
{
    bool all = true;

    memset(to, 0, PROCEDURE_ROLES_MAX * sizeof *to);
    for (size_t i = 0; i < self->left->role_count; i++) {
        int place = procedure_role(self->procedure, self->left->roles[i].id);

        if (place >= 0)
            to[place] = from[i];
        else if (from[i] && all) {
            *lost = self->left->roles[i].id;
            all = false;
        }
    }
    return all;
}

/* Whoever was told of it is told of its end. */
static int move_told(struct deciding *self, const struct disagreement *before)
{
    const char *lost = "";

    if (move_roles(self, before->told, self->after->told, &lost))
        return DECIDED;
    return refuse(self,
                  "version %.40s has no role \"%s\", whose holders were told of this disagreement "
                  "(keep the role, so that they hear how it ends)",
                  self->procedure->version, lost);
}

static void move_events(struct deciding *self, const struct disagreement *before)
{
    struct disagreement *after = self->after;
    int declared = EVENT_BITS - PROCEDURE_EVENTS_MAX;

    for (int bit = declared; bit < EVENT_BITS; bit++) {
        after->seen &= ~(UINT64_C(1) << bit);
        after->dates[bit] = INSTANT_NONE;
    }
    for (size_t i = 0; i < self->left->events.count; i++) {
        int bit = event_bit(self->procedure, self->left->events.list[i]);
        int was = declared + (int)i;

        if (bit < 0)
            continue;
        after->seen |= (before->seen >> was & 1) << bit;
        after->dates[bit] = before->dates[was];
    }
}

/* --- what the new text makes of it */

static struct instant later(struct instant a, struct instant b)
{
    return a.us > b.us ? a : b;
}

/* An extension was a length of the text that is left: where the new one has none, its limit is
 * the ordinary one again. */
static void count_anew(struct deciding *self, int deadline)
{
    struct running *running = &self->after->running[deadline];

    if (running->extended && instant_is_none(running->set_by_case) &&
        self->procedure->deadlines[deadline].extended.count == 0)
        running->extended = false;
    deadline_recompute(self, deadline, new_version());
    /* One agency may be enough now, or fewer have to do it. */
    if (running->done)
        deadline_done(self, deadline, 0, new_version());
}

static void go_on(struct deciding *self)
{
    for (size_t i = 0; i < self->procedure->deadline_count; i++) {
        struct running *running = &self->after->running[i];

        if (running->state == RUNNING_ON) {
            count_anew(self, (int)i);
        } else if (!instant_is_none(running->wake)) {
            running->acted_until = later(running->acted_until, self->at);
            deadline_set_wake(self, (int)i);
        }
    }
}

/* Where selectors of the version left are read; before anything is moved. */
static struct audience_place place_left(const struct deciding *self,
                                        const struct disagreement *before)
{
    struct deciding as_before = *self;
    struct audience_place place;

    as_before.procedure = self->left;
    place = place_now(&as_before);
    place.disagreement = before;
    return place;
}

static struct audience owners_before(const struct deciding *self,
                                     const struct audience_place *place, const char *id)
{
    struct audience was = { 0 }, moved = { 0 };
    int deadline = procedure_deadline(self->left, id);
    const char *lost;

    if (deadline >= 0)
        audience_add(&was, place, &self->left->deadlines[deadline].owners);
    move_roles(self, was.to, moved.to, &lost);
    return moved;
}

/* Whose it becomes by the new text has not heard that it is his; a new handler of the stage is told
 * of that, with the limits that run beside it. */
static void tell_new_owners(struct deciding *self, const struct audience_place *left, int deadline,
                            struct audience *handlers)
{
    const struct deadline *rule = &self->procedure->deadlines[deadline];
    const struct running *running = &self->after->running[deadline];
    struct audience was = owners_before(self, left, rule->id), now = { 0 };
    struct audience_place place = place_now(self);
    struct effect *effect;

    audience_add(&now, &place, &rule->owners);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        now.to[role] =
            (party_mask)(now.to[role] & ~(was.to[role] | running->done | handlers->to[role]));
    if (rule->under == UNDER_STAGES)
        *handlers = now;
    effect =
        tell(self, rule->under == UNDER_STAGES ? MESSAGE_STAGE_ENTERED : MESSAGE_DEADLINE_STARTED,
             &now, new_version());
    if (!effect)
        return;
    effect->deadline = deadline;
    effect->due = running->due;
    effect->provisional = running->provisional;
    effect->priority = rule->priority;
}

static void tell_owners(struct deciding *self, const struct audience_place *left,
                        const bool ran[PROCEDURE_DEADLINES_MAX])
{
    int own = self->procedure->stages[self->after->stage].deadline;
    struct audience handlers = { 0 };

    tell_new_owners(self, left, own, &handlers);
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        if ((int)i != own && ran[i] && self->after->running[i].state == RUNNING_ON)
            tell_new_owners(self, left, (int)i, &handlers);
}

/* What ran before is noted first: what the move itself starts is told to its owners anyway. */
int disagreement_move(struct deciding *self, const struct disagreement *before)
{
    struct disagreement *after = self->after;
    struct audience_place left = place_left(self, before);
    bool ran[PROCEDURE_DEADLINES_MAX] = { false };
    int answer;

    if (disagreement_is_over(before))
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "this disagreement is over (it keeps the version it ended under)");
    if (before->before_raise)
        return decide_refuse(self, DECIDE_ILLEGAL,
                             "nobody raised this disagreement yet (move it once it is raised)");
    if ((answer = move_stage(self, before)) != DECIDED ||
        (answer = move_deadlines(self, before)) != DECIDED ||
        (answer = move_told(self, before)) != DECIDED)
        return answer;
    move_rules(self, before);
    move_events(self, before);
    snprintf(after->procedure_hash, sizeof after->procedure_hash, "%s", self->procedure->hash);
    for (size_t i = 0; i < COUNT_OF(ran); i++)
        ran[i] = after->running[i].state == RUNNING_ON;
    go_on(self);
    deadlines_start_missed(self, before, new_version());
    tell_owners(self, &left, ran);
    tell_what_needs_no_answer(self);
    evaluate_rules(self);
    return DECIDED;
}
