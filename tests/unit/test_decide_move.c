/* test_decide_move.c - a running disagreement goes over to another version of its procedure.
 *
 * Thousands of invented procedures (random_procedure.h) run for a while; then each is moved: to a
 * copy of its own text, which must change nothing at all, and to another invented one, which must
 * lose nothing that runs, or be refused.
 *
 * CONCERN_SEED and CONCERN_PLAYS choose another seed and another number of procedures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/decide.h"
#include "fixture.h"
#include "random_procedure.h"

enum { PLAYS = 4000, STEPS_MOST = 12 };

static struct chance chance;
static struct workshop workshop, other;
static struct policy_view view, other_view;
static struct disagreement now;
static struct decision decision;
static struct instant at;
static unsigned number, moved, refused;

static void require(bool holds, const char *what)
{
    if (!holds)
        print_error("procedure %u (CONCERN_PLAYS=%u): not so: %s\n", number, number + 1, what);
    assert_true(holds);
}

static bool decide_on(const struct policy_view *with, const struct cause *cause)
{
    bool decided = decide(with, &now, cause, &decision) == DECIDED;

    if (decided)
        now = decision.after;
    return decided;
}

/* --- running for a while */

static void give(enum event_kind kind, const char *by)
{
    struct event event = { .kind = kind, .time = at, .received = at };
    struct cause cause = { .kind = CAUSE_EVENT, .event = &event };

    snprintf(event.type, sizeof event.type, "%s%s", EVENT_PREFIX,
             kind == EVENT_UNKNOWN ? "invented.meeting" : event_name(kind));
    snprintf(event.subject, sizeof event.subject, "D-1");
    snprintf(event.board, sizeof event.board, "coast");
    snprintf(event.by.agency, sizeof event.by.agency, "%s", by);
    event.due = (struct instant){ at.us + 9 * DAY_US };
    event.date = (struct instant){ at.us + 7 * DAY_US };
    event.until = INSTANT_NONE;
    if (kind == EVENT_RISK_CHANGED || kind == EVENT_DISAGREEMENT_RAISED) {
        snprintf(event.facts[0].name, ID_MAX + 1, "risk");
        snprintf(event.facts[0].value, ID_MAX + 1, "significant");
        event.fact_count = 1;
    }
    if (kind != EVENT_DISAGREEMENT_RAISED) {
        decide_on(&view, &cause);
        return;
    }
    snprintf(event.challenging, sizeof event.challenging, "housing");
    snprintf(event.challenged[0], ID_MAX + 1, "care");
    event.challenged_count = 1;
    if (decide(&view, NULL, &cause, &decision) == DECIDED)
        now = decision.after;
}

/* Everything due by then comes about. */
static void go_on(const struct policy_view *with, struct instant until)
{
    for (unsigned wakes = 0; wakes < 400; wakes++) {
        struct instant wake = disagreement_wake(&now);
        struct cause cause = { .kind = CAUSE_INSTANT, .at = wake };

        if (instant_is_none(wake) || wake.us > until.us)
            break;
        require(decide_on(with, &cause), "an instant is always decided");
        if (disagreement_wake(&now).us == wake.us)
            break;
    }
    at = until;
}

static void run_for_a_while(void)
{
    static const enum event_kind kinds[] = { EVENT_STAGE_UNRESOLVED,  EVENT_RISK_CHANGED,
                                             EVENT_DISCUSSION_HELD,   EVENT_UNKNOWN,
                                             EVENT_DEADLINE_EXTENDED, EVENT_HOLD,
                                             EVENT_DEADLINE_SET };

    disagreement_clear(&now);
    at = fixture_at("2026-11-02 08:00");
    at.us += (int64_t)chance_below(&chance, 200 * 86400) * SECOND_US;
    give(EVENT_DISAGREEMENT_RAISED, "housing");
    for (unsigned i = chance_below(&chance, STEPS_MOST); i > 0; i--) {
        struct instant until = at;

        until.us += (int64_t)chance_below(&chance, 5 * 86400) * SECOND_US;
        go_on(&view, until);
        if (chance_in(&chance, 3))
            give(kinds[chance_below(&chance, COUNT_OF(kinds))],
                 chance_in(&chance, 2) ? "housing" : "care");
        go_on(&view, at);
    }
}

/* --- what must hold */

static int move(const struct policy_view *to)
{
    struct cause cause = { .kind = CAUSE_VERSION, .at = at, .left = view.procedure };

    return decide(to, &now, &cause, &decision);
}

static void to_its_own_text_changes_nothing(void)
{
    const struct disagreement *after = &decision.after;

    assert_int_equal(move(&view), DECIDED);
    for (size_t i = 0; i < decision.effect_count; i++)
        print_error("  effect %d: deadline %d, rule %d\n", (int)decision.effects[i].kind,
                    decision.effects[i].deadline, decision.effects[i].rule);
    require(decision.effect_count == 0, "to its own text nothing comes about");
    require(after->stage == now.stage && after->previous == now.previous &&
                after->entry == now.entry && after->frozen == now.frozen &&
                after->seen == now.seen && memcmp(after->told, now.told, sizeof now.told) == 0,
            "to its own text it stands where it stood");
    for (size_t i = 0; i < view.procedure->deadline_count; i++)
        require(after->running[i].state == now.running[i].state &&
                    after->running[i].due.us == now.running[i].due.us &&
                    after->running[i].start.us == now.running[i].start.us &&
                    after->running[i].entry == now.running[i].entry &&
                    after->answers[i] == now.answers[i],
                "to its own text each deadline is the same");
}

/* What ran runs from the same start, was done, or it was refused; what had passed has passed. */
static void check_kept(const struct disagreement *before, const struct disagreement *after)
{
    const struct procedure *from = view.procedure, *to = other_view.procedure;

    for (size_t i = 0; i < from->deadline_count; i++) {
        const struct running *was = &before->running[i];
        int place = procedure_deadline(to, from->deadlines[i].id);

        if (was->state == RUNNING_ON) {
            require(place >= 0, "what ran is there");
            require(after->running[place].start.us == was->start.us &&
                        after->running[place].entry == was->entry,
                    "what ran keeps its start");
            require(after->running[place].state == RUNNING_ON || was->done,
                    "what ran runs, unless it was done");
        }
        if (was->state == RUNNING_PASSED && place >= 0 &&
            after->running[place].entry == was->entry && was->entry > 0)
            require(after->running[place].state == RUNNING_PASSED, "what passed does not un-pass");
    }
}

static void to_another_loses_nothing(void)
{
    struct disagreement before = now;
    char stage[ID_MAX + 1];

    snprintf(stage, sizeof stage, "%s", procedure_stage_id(view.procedure, now.stage));
    if (move(&other_view) != DECIDED) {
        require(decision.why[0] != '\0', "a refusal says why");
        refused++;
        return;
    }
    moved++;
    require(strcmp(procedure_stage_id(other_view.procedure, decision.after.stage), stage) == 0,
            "it stays in its stage");
    require(decision.after.entry == now.entry, "no stage is entered");
    check_kept(&before, &decision.after);
    now = decision.after;
    go_on(&other_view, (struct instant){ at.us + 30 * DAY_US });
}

/* One without any relation but some ids. */
static void make_other(void)
{
    other.chance = &chance;
    random_procedure(&other);
    snprintf(other.procedure.hash, sizeof other.procedure.hash, "01");
    other_view.procedure = &other.procedure;
}

/* The same procedure, some of its limits and rules another. */
static void vary(void)
{
    memcpy(&other, &workshop, sizeof other);
    other.procedure.roles = other.roles;
    other.procedure.stages = other.stages;
    other.procedure.deadlines = other.deadlines;
    other.procedure.rules = other.rules;
    for (size_t i = 0; i < other.procedure.deadline_count; i++)
        if (chance_in(&chance, 2) && other.deadlines[i].limit.count == 1)
            other.deadlines[i].limit.terms[0] =
                (struct limit_term){ .kind = LIMIT_LENGTH,
                                     .length = { .count = 1 + chance_below(&chance, 12),
                                                 .unit = LENGTH_WORKING_DAYS } };
    if (other.procedure.rule_count > 1 && chance_in(&chance, 2))
        other.procedure.rule_count--;
    snprintf(other.procedure.hash, sizeof other.procedure.hash, "01");
    other_view.procedure = &other.procedure;
}

static uint64_t number_in(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t read = 0;

    for (; text && *text >= '0' && *text <= '9'; text++)
        read = read * 10 + (uint64_t)(*text - '0');
    return read ? read : otherwise;
}

static void moves_lose_nothing(void **state)
{
    uint64_t seed = number_in("CONCERN_SEED", 20261122);
    unsigned plays = (unsigned)number_in("CONCERN_PLAYS", PLAYS), open = 0;

    (void)state;
    fixture_make_calendar();
    for (number = 0; number < plays; number++) {
        chance.state = seed + number * UINT64_C(0x2545F4914F6CDD1D);
        workshop.chance = &chance;
        view = other_view = fixture_view();
        view.procedure = random_procedure(&workshop);
        run_for_a_while();
        if (now.stage < 0 || disagreement_is_over(&now))
            continue;
        open++;
        to_its_own_text_changes_nothing();
        if (chance_in(&chance, 4))
            make_other();
        else
            vary();
        to_another_loses_nothing();
    }
    print_message("  %u open, %u moved to another, %u refused\n", open, moved, refused);
    assert_true(moved > plays / 4 && refused > plays / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moves_lose_nothing) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
