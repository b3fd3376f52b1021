/* decide_checks.h - what must hold of every decision of a play, whatever its procedure and events.
 *
 * The checks say what the language means (procedure-language, "What it means"), not what the code
 * does; whom a role is, they work out for themselves.
 */
#ifndef CONCERN_TESTS_DECIDE_CHECKS_H
#define CONCERN_TESTS_DECIDE_CHECKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/rule.h"
#include "fixture.h"
#include "random_procedure.h"

struct play {
    struct chance chance;
    struct workshop workshop;
    struct policy_view view;
    unsigned number; /* of the procedure */
    unsigned step;   /* how many causes */
    struct disagreement now;
    bool raised;
    struct instant clock;
    struct event event;
    struct cause cause;
    struct decision decision, again;
    struct plan plan;
    uint32_t passed[PROCEDURE_DEADLINES_MAX]; /* the entry that passed last */
    unsigned rule_told[PROCEDURE_RULES_MAX];
    uint32_t rule_entry[PROCEDURE_RULES_MAX];
    struct instant last_wake;
    unsigned long long decided, passings, told;
};

static struct play play;

/* --- telling what broke */

static inline void print_effects(void)
{
    char because[EVENT_TYPE_MAX + ID_MAX + 16], at[ZONE_TIME_SIZE];

    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];

        because_write(&play.view, &effect->because, because, sizeof because);
        instant_write_local(&fixture_zone, effect->at, at);
        print_message("    %zu: kind %d at %s deadline %d entry %u stage %d rule %d message %s "
                      "because %s\n",
                      i, effect->kind, at, effect->deadline, effect->entry, effect->stage,
                      effect->rule, effect->kind == EFFECT_TELL ? message_id(effect->message) : "-",
                      because);
    }
}

static inline void print_running(const struct disagreement *disagreement)
{
    char due[ZONE_TIME_SIZE], wake[ZONE_TIME_SIZE];

    print_message("    stage %d entry %u held %d frozen %llx\n", disagreement->stage,
                  disagreement->entry, disagreement->held,
                  (unsigned long long)disagreement->frozen);
    for (size_t i = 0; i < play.view.procedure->deadline_count; i++) {
        const struct running *running = &disagreement->running[i];

        if (running->state == RUNNING_NOT && instant_is_none(running->wake))
            continue;
        instant_write_local(&fixture_zone, running->due, due);
        instant_write_local(&fixture_zone, running->wake, wake);
        print_message("      %s %d entry %u due %s wake %s\n", play.view.procedure->deadlines[i].id,
                      running->state, running->entry, instant_is_none(running->due) ? "-" : due,
                      instant_is_none(running->wake) ? "-" : wake);
    }
}

static inline void require_at(bool holds, const char *what, int line)
{
    char at[ZONE_TIME_SIZE];

    if (holds)
        return;
    instant_write_local(&fixture_zone,
                        play.cause.kind == CAUSE_EVENT ? play.event.time : play.cause.at, at);
    print_message("  procedure %u, cause %u (%s) at %s:\n", play.number, play.step,
                  play.cause.kind == CAUSE_EVENT ? play.event.type : "its wake", at);
    print_effects();
    print_message("  before, and after:\n");
    print_running(&play.now);
    print_running(&play.decision.after);
    fail_msg("line %d: %s", line, what);
}

#define require(holds, what) require_at((holds), (what), __LINE__)

/* --- whom a role is, worked out here */

static inline party_mask everybody(void)
{
    return (party_mask)((1u << play.decision.after.party_count) - 1);
}

static inline party_mask of_selector(const struct selector *selector)
{
    const struct role *role = &play.view.procedure->roles[selector->role];
    party_mask challenged = (party_mask)(everybody() & ~1u), who = everybody();

    if (role->side == SIDE_BOARD)
        return (party_mask)(1u << PARTY_BOARD);
    if (role->side == SIDE_CHALLENGING || selector->place == PLACE_CHALLENGING)
        who = (party_mask)(who & 1u);
    if (role->side == SIDE_CHALLENGED || selector->place == PLACE_CHALLENGED)
        who = (party_mask)(who & challenged);
    return who;
}

/* Whether what was told reaches every role that the list names outright. */
static inline bool reaches(const struct effect *effect, const struct selectors *list,
                           party_mask but)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct selector *one = &list->list[i];

        if (one->kind != SELECT_ROLE || one->place == PLACE_SENDER)
            continue;
        if (of_selector(one) & ~but & ~effect->to[one->role])
            return false;
    }
    return true;
}

static inline bool names_somebody(const struct selectors *list, party_mask but)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].kind == SELECT_ROLE && list->list[i].place != PLACE_SENDER &&
            of_selector(&list->list[i]) & ~but)
            return true;
    return false;
}

static inline const struct effect *find_told(size_t from, enum message message, int deadline,
                                             int stage)
{
    for (size_t i = from; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];

        if (effect->kind == EFFECT_TELL && effect->message == message &&
            (deadline < 0 || effect->deadline == deadline) && (stage < 0 || effect->stage == stage))
            return effect;
    }
    return NULL;
}

/* --- everyone owed is told */

static inline void check_stage_told(size_t index)
{
    int stage = play.decision.effects[index].stage;
    const struct selectors *handlers =
        &procedure_stage_deadline(play.view.procedure, stage)->owners;
    const struct effect *told = find_told(index, MESSAGE_STAGE_ENTERED, -1, stage);

    require(told || !names_somebody(handlers, 0), "the handlers of a stage are told of its entry");
    require(!told || reaches(told, handlers, 0), "every handler of a stage is told of its entry");
}

static inline void check_start_told(size_t index)
{
    int id = play.decision.effects[index].deadline;
    const struct deadline *deadline = &play.view.procedure->deadlines[id];
    const struct effect *told = find_told(index, MESSAGE_DEADLINE_STARTED, id, -1);

    if (deadline->under == UNDER_STAGES &&
        play.decision.effects[index].because.kind == BECAUSE_STAGE)
        return; /* told with the entry */
    require(told || !names_somebody(&deadline->owners, 0), "owners are told of a start");
    require(!told || (reaches(told, &deadline->owners, 0) && reaches(told, &deadline->copy, 0)),
            "every owner and copy is told of a start");
}

static inline void check_passing_told(size_t index)
{
    int id = play.decision.effects[index].deadline;
    const struct deadline *deadline = &play.view.procedure->deadlines[id];
    enum message message =
        deadline->when_passed == PASSED_CLOSE ? MESSAGE_LAPSED : MESSAGE_LIMIT_PASSED;
    party_mask done = play.now.running[id].done;
    const struct effect *told = find_told(index, message, id, -1);

    require(told || !names_somebody(&deadline->owners, done), "owners are told of a passing");
    require(told || !names_somebody(&deadline->tell, 0), "`tell` is told of a passing");
    require(!told || (reaches(told, &deadline->owners, done) && reaches(told, &deadline->tell, 0)),
            "every owner, and `tell`, is told of a passing");
}

/* All who were told anything before are told how it ended. */
static inline void check_end_told(size_t index)
{
    const struct effect *closed = &play.decision.effects[index], *told;

    if (closed->closed_as == DISAGREEMENT_LAPSED)
        return; /* quietly: owners and `tell` alone hear */
    told = find_told(
        0, closed->closed_as == DISAGREEMENT_RESOLVED ? MESSAGE_RESOLVED : MESSAGE_WITHDRAWN, -1,
        -1);
    require(told != NULL, "the end is told");
    for (size_t role = 0; role < play.view.procedure->role_count; role++)
        require(!(play.now.told[role] & ~told->to[role]), "all who were told hear of the end");
}

static inline void check_owed(void)
{
    static void (*const checks[EFFECT_KIND_COUNT])(size_t) = {
        [EFFECT_STAGE] = check_stage_told,
        [EFFECT_DEADLINE] = check_start_told,
        [EFFECT_PASSED] = check_passing_told,
        [EFFECT_CLOSED] = check_end_told,
    };

    for (size_t i = 0; i < play.decision.effect_count; i++)
        if (checks[play.decision.effects[i].kind])
            checks[play.decision.effects[i].kind](i);
}

/* --- passing */

/* In order of the due instants, those of stages last, then in the order of the file.  What a
 * passing itself starts can only come after it. */
static inline bool is_in_order(const struct effect *one, const struct effect *other)
{
    bool stage = play.view.procedure->deadlines[one->deadline].under == UNDER_STAGES;
    bool other_stage = play.view.procedure->deadlines[other->deadline].under == UNDER_STAGES;

    if (other->entry != play.now.running[other->deadline].entry)
        return true;
    if (one->due.us != other->due.us)
        return one->due.us < other->due.us;
    if (stage != other_stage)
        return other_stage;
    return one->deadline < other->deadline;
}

static inline void check_passings(void)
{
    const struct effect *last = NULL;

    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];

        if (effect->kind != EFFECT_PASSED)
            continue;
        play.passings++;
        require(play.passed[effect->deadline] != effect->entry, "a deadline passes at most once");
        play.passed[effect->deadline] = effect->entry;
        require(!instant_is_none(effect->due), "only what has a due instant passes");
        require(effect->at.us >= effect->due.us, "nothing passes before its due instant");
        require(!last || is_in_order(last, effect), "passings of one instant have their order");
        last = effect;
    }
}

/* Without a late event or one that moved it, a deadline passes at its due instant, to the
 * microsecond: time goes on from wake to wake here. */
static inline void check_punctual(void)
{
    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];

        if (effect->kind == EFFECT_PASSED &&
            play.now.running[effect->deadline].entry == effect->entry &&
            effect->due.us > play.now.running[effect->deadline].acted_until.us)
            require(effect->at.us == effect->due.us, "a deadline passes at its due instant");
    }
}

/* An automatic advance enters the next stage at the due instant of the one before, and its limit
 * runs from there: no compression, no drift. */
static inline void check_advances(void)
{
    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];
        int id;

        if (effect->kind != EFFECT_STAGE)
            continue;
        require(effect->because.kind != BECAUSE_STAGE, "no stage brings itself about");
        id = play.view.procedure->stages[effect->stage].deadline;
        for (size_t j = i + 1; j < play.decision.effect_count; j++)
            if (play.decision.effects[j].kind == EFFECT_DEADLINE &&
                play.decision.effects[j].deadline == id &&
                play.view.procedure->deadlines[id].from_count == 1 &&
                play.view.procedure->deadlines[id].from[0].kind == START_STAGE_ENTERED &&
                play.decision.after.running[id].entry == play.decision.effects[j].entry)
                require(play.decision.after.running[id].start.us == effect->at.us,
                        "a stage's limit runs from its entry");
        require(effect->at.us ==
                    (play.cause.kind == CAUSE_EVENT ? play.event.time.us : play.cause.at.us),
                "a stage is entered at the instant of what brings it about");
    }
}

static inline void check_states(void)
{
    const struct disagreement *before = &play.now, *after = &play.decision.after;
    bool over = disagreement_is_over(after);
    bool reopens = before->state != DISAGREEMENT_OPEN && !over;

    for (size_t i = 0; play.raised && i < play.view.procedure->deadline_count; i++) {
        const struct running *one = &before->running[i], *other = &after->running[i];

        require(other->entry >= one->entry, "starts are counted");
        if (one->entry != other->entry)
            continue;
        require(one->state != RUNNING_PASSED || other->state != RUNNING_ON,
                "what has passed does not un-pass");
        require(one->state != RUNNING_STOPPED || other->state != RUNNING_ON || reopens,
                "what has been stopped stays stopped");
    }
    for (size_t i = 0; over && i < play.view.procedure->deadline_count; i++) {
        const struct deadline *deadline = &play.view.procedure->deadlines[i];
        bool goes_on = deadline->under == UNDER_AFTER_RESOLUTION ||
                       (deadline->under == UNDER_DEADLINES && deadline->from_count == 0);

        require(goes_on || after->running[i].state != RUNNING_ON, "the end stops what runs");
        require(goes_on || instant_is_none(after->running[i].wake), "the end wakes nobody");
    }
    require(over == !instant_is_none(after->closed), "an end has its instant");
}

/* --- silence after the end */

static inline bool is_of_what_goes_on(const struct effect *effect)
{
    const struct deadline *deadline;

    if (effect->deadline < 0)
        return false;
    deadline = &play.view.procedure->deadlines[effect->deadline];
    return deadline->under == UNDER_AFTER_RESOLUTION ||
           (deadline->under == UNDER_DEADLINES && deadline->from_count == 0);
}

static inline void check_silence_after_the_end(void)
{
    if (!play.raised || !disagreement_is_over(&play.now) ||
        !disagreement_is_over(&play.decision.after))
        return;
    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];
        bool of_rule = effect->because.kind == BECAUSE_RULE && play.cause.kind == CAUSE_EVENT;

        require(effect->kind != EFFECT_STAGE && effect->kind != EFFECT_CLOSED,
                "nothing moves after the end");
        /* What had passed may still be done: that is written down, and told to nobody. */
        require(is_of_what_goes_on(effect) || of_rule || effect->kind == EFFECT_STOPPED,
                "after the end only duties, what follows it, and rules at an event tell");
    }
}

/* --- causes, rules, persons */

static inline void check_because(const struct because *because)
{
    const struct procedure *procedure = play.view.procedure;

    switch (because->kind) {
    case BECAUSE_STAGE:
        require(because->index >= 0 && (size_t)because->index < procedure->stage_count,
                "a stage that is there");
        break;
    case BECAUSE_DEADLINE:
        require(because->index >= 0 && (size_t)because->index < procedure->deadline_count &&
                    play.decision.after.running[because->index].entry > 0,
                "a deadline that was started");
        break;
    case BECAUSE_RULE:
        require(because->index >= 0 && (size_t)because->index < procedure->rule_count,
                "a rule that is there");
        break;
    case BECAUSE_VERSION:
        require(play.cause.kind == CAUSE_VERSION, "it was moved");
        break;
    case BECAUSE_EVENT:
    default:
        require(play.cause.kind == CAUSE_EVENT && !strcmp(because->event, play.event.type),
                "the event that came");
    }
}

static inline void check_rule_told(const struct effect *effect)
{
    const struct rule *rule = &play.view.procedure->rules[effect->rule];
    uint32_t entry = play.decision.after.entry;
    bool asks = effect->message == MESSAGE_QUESTION;

    if (rule->confirm_by.count && !asks) {
        require(play.cause.kind == CAUSE_EVENT && play.event.kind == EVENT_QUESTION_ANSWERED &&
                    !strcmp(play.event.answer, "yes"),
                "what is to be confirmed goes when somebody says yes");
        return;
    }
    require(rule->once != ONCE_PER_DISAGREEMENT || play.rule_told[effect->rule] == 0,
            "once per disagreement");
    require(rule->once != ONCE_PER_STAGE || play.rule_entry[effect->rule] != entry,
            "once per stage");
    play.rule_told[effect->rule]++;
    play.rule_entry[effect->rule] = entry;
}

static inline void check_told(void)
{
    for (size_t i = 0; i < play.decision.effect_count; i++) {
        const struct effect *effect = &play.decision.effects[i];
        party_mask parties = 0;

        check_because(&effect->because);
        if (effect->kind != EFFECT_TELL)
            continue;
        for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
            parties = (party_mask)(parties | effect->to[role]);
        require(parties != 0, "a telling has somebody to tell");
        require(!(parties & ~(everybody() | 1u << PARTY_BOARD)), "only parties are told");
        if (effect->rule >= 0)
            check_rule_told(effect);
    }
}

/* --- people */

static const struct person people[] = {
    { .id = "p0" },
    { .id = "p1" },
    { .id = "p2" },
    { .id = "p3" },
    { .id = "p4" },
    { .id = "p5" },
    { .id = "p6", .is_away = true, .away_until = { 40000 } },
};
/* p1 holds two roles; r2 of care is held by nobody; p6 is away and has a deputy. */
static const struct role_holding housing_roles[] = { { "practitioner", &people[0], NULL },
                                                     { "r1", &people[1], NULL },
                                                     { "r2", &people[1], NULL },
                                                     { "r4", &people[6], &people[2] },
                                                     { "safeguarding_lead", &people[2], NULL } };
static const struct role_holding care_roles[] = { { "practitioner", &people[3], NULL },
                                                  { "r5", &people[3], NULL } };
static const struct role_holding ambulance_roles[] = { { "r3", &people[4], NULL } };
static const struct role_holding board_roles[] = { { "b7", &people[5], NULL } };
static const struct agency our_agencies[] = {
    { .id = "housing",
      .kind = "statutory",
      .roles = housing_roles,
      .role_count = COUNT_OF(housing_roles) },
    { .id = "care", .kind = "vcf", .roles = care_roles, .role_count = COUNT_OF(care_roles) },
    { .id = "ambulance",
      .kind = "statutory",
      .roles = ambulance_roles,
      .role_count = COUNT_OF(ambulance_roles) },
};
static const struct agency our_boards[] = {
    { .id = "coast", .roles = board_roles, .role_count = COUNT_OF(board_roles) },
};
static const struct directory our_directory = { .agencies = our_agencies,
                                                .agency_count = COUNT_OF(our_agencies),
                                                .boards = our_boards,
                                                .board_count = COUNT_OF(our_boards),
                                                .people = people,
                                                .person_count = COUNT_OF(people) };

/* Never silence: what is owed to a role that is not optional reaches a person, or the operator. */
static inline void check_nobody_forgotten(const struct effect *effect)
{
    for (size_t role = 0; role < play.view.procedure->role_count; role++)
        for (int party = 0; party <= PARTY_BOARD; party++) {
            bool found = false;

            if (!(effect->to[role] & 1u << party) || play.view.procedure->roles[role].optional)
                continue;
            for (size_t i = 0; i < play.plan.count && !found; i++)
                for (size_t j = 0; j < play.plan.notifications[i].role_count && !found; j++)
                    found = play.plan.notifications[i].roles[j].for_role == (int)role &&
                            play.plan.notifications[i].roles[j].party == party;
            require(found, "never silence: a role that is told has somebody behind it");
        }
}

static inline void check_people(void)
{
    struct plan *plan = &play.plan;

    plan->count = 0;
    assert_int_equal(
        plan_notifications(&play.view, &our_directory, &play.decision, date_of(2026, 12, 1), plan),
        0);
    play.told += plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        char person[ADDRESS_MAX + 2 * ID_MAX + 2], other[ADDRESS_MAX + 2 * ID_MAX + 2];

        require(plan->notifications[i].say_count > 0, "a notification says something");
        require(plan->notifications[i].role_count > 0, "a notification is to somebody");
        notification_person(&play.view, &play.decision.after, &plan->notifications[i], person);
        for (size_t j = 0; j < plan->notifications[i].say_count; j++)
            check_because(&plan->notifications[i].says[j].because);
        for (size_t j = i + 1; j < plan->count; j++) {
            notification_person(&play.view, &play.decision.after, &plan->notifications[j], other);
            require(plan->notifications[i].at.us != plan->notifications[j].at.us ||
                        strcmp(person, other) != 0,
                    "one person, one instant, one message");
        }
    }
    for (size_t i = 0; i < play.decision.effect_count; i++)
        if (play.decision.effects[i].kind == EFFECT_TELL && chance_in(&play.chance, 4))
            check_nobody_forgotten(&play.decision.effects[i]);
}

#endif
