/* test_decide.c - every event in every state has a stated answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "policy/procedure_read.h"

static const char text[] =
    "procedure: invented\nversion: \"1\"\ntitle: Invented\nsource: invented\n"
    "calendar: england-and-wales\n"
    "roles:\n  - {role: practitioner}\n  - {role: manager}\n  - {role: desk, side: board}\n"
    "stages:\n"
    "  - {id: first, handlers: [practitioner], limit: 5 working days}\n"
    "  - {id: second, handlers: [manager], limit: 5 working days}\n"
    "deadlines:\n"
    "  - {id: agreed, limit: set by the case}\n"
    "  - {id: quiet, limit: 20 working days, when_passed: close, tell: [desk]}\n";

enum {
    BEFORE_RAISE,
    OPEN,
    HELD,
    PROPOSED, /* by the other side */
    RESOLVED,
    WITHDRAWN,
    LAPSED,
    STATES
};

static const char *const state_names[STATES] = {
    "before the raise", "open", "held", "proposed", "resolved", "withdrawn", "lapsed"
};

/* One letter for each state above, as wire.md says of each event: `.` decided, `U` nobody raised
 * it, `A` it is raised already, `I` not in this state.  The challenging side sends. */
static const struct {
    enum event_kind kind;
    const char *answers;
} rows[] = {
    { EVENT_UNKNOWN, "U......" },
    { EVENT_DISAGREEMENT_RAISED, ".AAAAAA" },
    { EVENT_ACKNOWLEDGED, "U......" },
    { EVENT_DISCUSSION_HELD, "U......" },
    { EVENT_STAGE_UNRESOLVED, "U...III" },
    { EVENT_STAGE_SET, "U...III" },
    { EVENT_ESCALATION_INTENDED, "U...III" },
    { EVENT_DEADLINE_SET, "U...III" },
    { EVENT_DEADLINE_EXTENDED, "U...III" },
    { EVENT_MANAGER_UNRESPONSIVE, "U...III" },
    { EVENT_RISK_CHANGED, "U......" },
    { EVENT_POSITION_CHANGED, "U......" },
    { EVENT_FLAG_CHANGED, "U......" },
    { EVENT_QUESTION_ANSWERED, "UIIIIII" }, /* nothing is asked in this procedure */
    { EVENT_AGENCY_JOINED, "U...III" },
    { EVENT_ADVICE_REQUESTED, "U......" },
    { EVENT_LIAISON_REQUESTED, "U......" },
    { EVENT_CASE_REVIEW_REFERRED, "U......" },
    { EVENT_EXTERNAL_REFERRED, "U......" },
    { EVENT_COMPLAINT_RAISED, "U......" },
    { EVENT_LEARNING_IDENTIFIED, "U......" },
    { EVENT_CASE_CLOSURE_PROPOSED, "U......" },
    { EVENT_CASE_DEESCALATED, "U......" },
    { EVENT_RESOLUTION_PROPOSED, "U...III" },
    { EVENT_RESOLUTION_AGREED, "U...III" },
    { EVENT_WITHDRAWN, "U...III" },
    { EVENT_REOPENED, "UIII..." },
    { EVENT_HOLD, "U...III" },
    { EVENT_RELEASE, "UI.IIII" },
    { EVENT_FOLLOWUP_DONE, "U......" },
    { EVENT_CONTACT_CHANGED, "U......" },
};

static struct procedure_file *file;
static struct policy_view view;
static struct decision decision;

static struct event make(enum event_kind kind, const char *by, struct instant at)
{
    struct event event = { .kind = kind, .time = at, .received = at };

    snprintf(event.type, sizeof event.type, "%s%s", EVENT_PREFIX,
             kind == EVENT_UNKNOWN ? "nobody.knows" : event_name(kind));
    snprintf(event.subject, sizeof event.subject, "D-1");
    snprintf(event.board, sizeof event.board, "coast");
    snprintf(event.by.agency, sizeof event.by.agency, "%s", by);
    snprintf(event.agency, sizeof event.agency, "%s",
             kind == EVENT_AGENCY_JOINED ? "ambulance" : "care");
    snprintf(event.side, sizeof event.side, "challenged");
    snprintf(event.question, sizeof event.question, "first");
    snprintf(event.answer, sizeof event.answer, "yes");
    snprintf(event.deadline, sizeof event.deadline, "agreed");
    if (kind == EVENT_STAGE_SET)
        snprintf(event.stage, sizeof event.stage, "second");
    event.due = (struct instant){ at.us + 20 * DAY_US };
    event.until = event.date = INSTANT_NONE;
    if (kind != EVENT_DISAGREEMENT_RAISED)
        return event;
    snprintf(event.challenging, sizeof event.challenging, "housing");
    snprintf(event.challenged[0], ID_MAX + 1, "care");
    event.challenged_count = 1;
    return event;
}

static int give(const struct disagreement *before, enum event_kind kind, const char *by,
                struct instant at)
{
    struct event event = make(kind, by, at);
    struct cause cause = { .kind = CAUSE_EVENT, .event = &event };

    return decide(&view, before, &cause, &decision);
}

static struct disagreement after_event(const struct disagreement *before, enum event_kind kind,
                                       const char *by, struct instant at)
{
    assert_int_equal(give(before, kind, by, at), DECIDED);
    return decision.after;
}

/* Silence until the deadline that closes has passed. */
static struct disagreement after_silence(struct disagreement now)
{
    for (unsigned wakes = 0; now.state == DISAGREEMENT_OPEN && wakes < 100; wakes++) {
        struct cause cause = { .kind = CAUSE_INSTANT, .at = disagreement_wake(&now) };

        assert_false(instant_is_none(cause.at));
        assert_int_equal(decide(&view, &now, &cause, &decision), DECIDED);
        now = decision.after;
    }
    return now;
}

/* The state, reached as it is reached in life. */
static struct disagreement reach(int state)
{
    struct instant raised = fixture_at("2027-02-01 10:00"), later = fixture_at("2027-02-02 10:00");
    struct disagreement now = after_event(NULL, EVENT_DISAGREEMENT_RAISED, "housing", raised);

    switch (state) {
    case HELD:
        return after_event(&now, EVENT_HOLD, "housing", later);
    case PROPOSED:
        return after_event(&now, EVENT_RESOLUTION_PROPOSED, "care", later);
    case RESOLVED:
        now = after_event(&now, EVENT_RESOLUTION_PROPOSED, "care", later);
        return after_event(&now, EVENT_RESOLUTION_AGREED, "housing", later);
    case WITHDRAWN:
        return after_event(&now, EVENT_WITHDRAWN, "housing", later);
    case LAPSED:
        return after_silence(now);
    default:
        return now;
    }
}

static void every_event_in_every_state(void **state)
{
    static const char letters[] = {
        [DECIDED] = '.',        [DECIDE_UNKNOWN_DISAGREEMENT] = 'U', [DECIDE_NO_PART] = 'N',
        [DECIDE_ILLEGAL] = 'I', [DECIDE_ALREADY_RAISED] = 'A',       [DECIDE_INVALID] = 'V'
    };

    (void)state;
    for (int which = 0; which < STATES; which++) {
        struct disagreement before = reach(which);

        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            int answer = give(which == BEFORE_RAISE ? NULL : &before, rows[i].kind, "housing",
                              fixture_at("2027-03-08 11:00"));

            if (letters[answer] != rows[i].answers[which])
                fail_msg("%s, %s: %c (%s)", event_name(rows[i].kind), state_names[which],
                         letters[answer], decision.why);
            assert_true(answer == DECIDED || decision.why[0]);
        }
    }
}

/* The states are what their names say, or the table above says nothing. */
static void states_are_reached(void **state)
{
    (void)state;
    assert_int_equal(reach(OPEN).state, DISAGREEMENT_OPEN);
    assert_true(reach(HELD).held);
    assert_true(reach(PROPOSED).proposed);
    assert_int_equal(reach(RESOLVED).state, DISAGREEMENT_RESOLVED);
    assert_int_equal(reach(WITHDRAWN).state, DISAGREEMENT_WITHDRAWN);
    assert_int_equal(reach(LAPSED).state, DISAGREEMENT_LAPSED);
    assert_int_equal(COUNT_OF(rows), EVENT_KIND_COUNT - 1); /* a correction has its own tests */
}

/* Who has no part is not heard, whatever he says. */
static void a_stranger_is_not_heard(void **state)
{
    struct disagreement before = reach(OPEN);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].kind != EVENT_DISAGREEMENT_RAISED)
            assert_int_equal(
                give(&before, rows[i].kind, "stranger", fixture_at("2027-02-03 10:00")),
                DECIDE_NO_PART);
}

static int open_procedure(void **state)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    struct faults faults = { 0 };

    (void)state;
    fixture_make_calendar();
    view = fixture_view();
    assert_int_equal(
        procedure_read_text("invented.yaml", text, strlen(text), &defaults, &faults, &file),
        PROCEDURE_OK);
    faults_close(&faults);
    view.procedure = procedure_of(file);
    return 0;
}

static int close_procedure(void **state)
{
    (void)state;
    procedure_close(&file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_reached),
        cmocka_unit_test(every_event_in_every_state),
        cmocka_unit_test(a_stranger_is_not_heard),
    };

    return cmocka_run_group_tests(tests, open_procedure, close_procedure);
}
