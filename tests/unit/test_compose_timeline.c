/* test_compose_timeline.c - what everybody reads when a disagreement is left silent over Christmas.
 *
 * The first timeline of the requirements, B: raised on Friday 18 December 2026 at 16:59.  The
 * decisions and plans are the program's own; dates and recipients are the requirements'.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "shipped_templates.h"

/* Who is told what, and when; in the order in which it happens. */
static const struct {
    const char *at, *role_and_agency, *subject; /* without its reference */
    const char *phrases[4];
} expected[] = {
    { "2026-12-18 16:59",
      "line_manager@housing",
      "[Action] Stage 1 begins | answer by 17:00 Tue 29 December 2026",
      { "Stage 1 of 3 began at 16:59 on Friday 18 December 2026.",
        "\"Overall limit\", ends at 17:00 on Wednesday 13 January 2027." } },
    { "2026-12-18 16:59",
      "line_manager@care",
      "[Action] Stage 1 begins | answer by 17:00 Tue 29 December 2026",
      { "Your opposite number: First line manager, Harbour Housing (Hazel Harbour)." } },
    { "2026-12-24 09:00",
      "line_manager@housing",
      "[Action] Reminder: Stage 1",
      { "17:00 on Tuesday 29 December 2026" } },
    { "2026-12-24 09:00",
      "line_manager@care",
      "[Action] Reminder: Stage 1",
      { "17:00 on Tuesday 29 December 2026" } },
    { "2026-12-29 17:00",
      "practitioner@housing",
      "[Information] Stage 1: limit passed",
      { "WHO IS TOLD NEXT, if no outcome is recorded: - 17:00 on Wednesday 6 January 2027: "
        "Strategic Head of Service or Director" } },
    { "2026-12-29 17:00",
      "line_manager@housing",
      "[Information] Stage 1: limit passed",
      { "Stage 2 of 3 began at the same time.",
        "It is due by 17:00 on Wednesday 6 January 2027." } },
    { "2026-12-29 17:00",
      "head_of_service@housing",
      "[Action] Stage 2 begins | answer by 17:00 Wed 6 January 2027",
      { "- 17:00 on Wednesday 6 January 2027: Strategic Head of Service or Director" } },
    { "2026-12-29 17:00",
      "designated_safeguarding_officer@care",
      "[Action] Stage 2 begins | answer by 17:00 Wed 6 January 2027",
      { "for Head of Service or equivalent: your agency has nobody there for that role." } },
    { "2027-01-05 09:00", "head_of_service@housing", "[Action] Reminder: Stage 2", { NULL } },
    { "2027-01-05 09:00",
      "designated_safeguarding_officer@care",
      "[Action] Intention to escalate to Stage 3 | answer by 17:00 Wed 6 January 2027",
      { "Harbour Housing advises you of its intention to take this disagreement to Stage 3",
        "Reminder: Stage 2 is due by 17:00 on Wednesday 6 January 2027" } },
    { "2027-01-05 09:00",
      "strategic_head@care",
      "[Action] Intention to escalate to Stage 3",
      { NULL } },
    { "2027-01-06 17:00",
      "strategic_head@housing",
      "[Action] Stage 3 begins | answer by 17:00 Wed 13 January 2027",
      { "- 17:00 on Wednesday 13 January 2027: Board Team" } },
    { "2027-01-06 17:00",
      "board_team@coast",
      "[Information] Senior officers are involved (Stage 3)",
      { "Nothing is asked of you" } },
    { "2027-01-12 09:00",
      "strategic_head@housing",
      "[Action] Reminder: Stage 3",
      { "The limit \"Overall limit\" ends at 17:00 on Wednesday 13 January 2027",
        "in your own case system before that time. Your opposite number" } },
    { "2027-01-13 17:00",
      "strategic_head@housing",
      "[Action] Stage 3: limit passed",
      { "The limit \"Overall limit\" passed at the same time.",
        "nobody further: this is the last stage" } },
    { "2027-01-13 17:00",
      "board_team@coast",
      "[Information] Overall limit: limit passed",
      { "The limit \"Overall limit\" passed at 17:00 on Wednesday 13 January 2027" } },
};

static bool found[COUNT_OF(expected)];

static void flatten(const char *body, char *flat)
{
    for (; *body; body++)
        if (*body != '\n' && *body != ' ')
            *flat++ = *body;
        else if (flat[-1] != ' ')
            *flat++ = ' ';
    *flat = '\0';
}

static void compare(size_t row, const char *subject, const char *body)
{
    static char flat[BODY_SIZE + 1];
    char wanted[SUBJECT_SIZE], whole[SUBJECT_SIZE * 2];
    const char *bar = strstr(expected[row].subject, " | ");

    snprintf(wanted, sizeof wanted, "%.*s",
             bar ? (int)(bar - expected[row].subject) : (int)strlen(expected[row].subject),
             expected[row].subject);
    snprintf(whole, sizeof whole, "%s - ref D-2026-0192%s%s", wanted, bar ? " - " : "",
             bar ? bar + 3 : "");
    /* A date that is said besides is no fault of the row. */
    if (strncmp(subject, whole, strlen(whole)) != 0)
        fail_msg("%s %s: \"%s\", not \"%s\"", expected[row].at, expected[row].role_and_agency,
                 subject, whole);
    flat[0] = ' ';
    flatten(body, flat + 1);
    for (size_t i = 0; i < 4 && expected[row].phrases[i]; i++)
        if (!strstr(flat, expected[row].phrases[i]))
            fail_msg("%s %s: no \"%s\" in\n%.900s", expected[row].at, expected[row].role_and_agency,
                     expected[row].phrases[i], body);
    found[row] = true;
}

static void read_one(const struct policy_view *view, const struct disagreement *after,
                     const struct notification *notification)
{
    struct composition composition = { .view = view,
                                       .directory = &fixture_directory,
                                       .templates = &templates,
                                       .disagreement = after,
                                       .notification = notification,
                                       .notification_id = "N7Q2",
                                       .sent = notification->at };
    const struct recipient_role *to = &notification->roles[0];
    char subject[SUBJECT_SIZE], body[BODY_SIZE], who[2 * ID_MAX + 2];

    assert_int_equal(compose_subject(&composition, subject), TEMPLATE_OK);
    assert_int_equal(compose_body(&composition, body, sizeof body), TEMPLATE_OK);
    snprintf(who, sizeof who, "%s@%s", fixture_roles[to->role].id,
             to->party == PARTY_BOARD ? after->board : after->parties[to->party]);
    print_message("  %s %s\n", who, subject);
    for (size_t row = 0; row < COUNT_OF(expected); row++)
        if (!notification->to_operator && notification->at.us == fixture_at(expected[row].at).us &&
            strcmp(who, expected[row].role_and_agency) == 0)
            compare(row, subject, body);
}

static struct event raised(void)
{
    struct event event = { .id = "1",
                           .source = "urn:example:las",
                           .type = "concernd.disagreement.raised",
                           .subject = "D-2026-0192",
                           .board = "coast",
                           .kind = EVENT_DISAGREEMENT_RAISED,
                           .by = { .agency = "housing", .board = "coast" },
                           .procedure = "invented-adults",
                           .case_reference = "7F3K-0192",
                           .challenging = "housing",
                           .challenged = { "care" },
                           .challenged_count = 1,
                           .facts = { { "relates_to", "individual" } },
                           .fact_count = 1,
                           .people = { { "housing", "practitioner", "", "duty@housing.example" },
                                       { "care", "practitioner", "", "duty@care.example" } },
                           .people_count = 2 };

    event.due = event.until = event.date = INSTANT_NONE;
    event.time = event.received = fixture_at("2026-12-18 16:59");
    return event;
}

static void christmas_reads_well(void **state)
{
    struct policy_view view = fixture_view();
    struct event event = raised();
    struct cause cause = { .kind = CAUSE_EVENT, .event = &event };
    struct decision *decision = calloc(1, sizeof *decision);
    struct disagreement before;
    struct plan plan = { 0 };

    (void)state;
    assert_non_null(decision);
    assert_int_equal(decide(&view, NULL, &cause, decision), DECIDED);
    for (int turn = 0; turn < 40; turn++) {
        struct date today =
            zone_civil(&fixture_zone, cause.kind == CAUSE_EVENT ? event.time : cause.at).date;

        plan.count = 0;
        assert_int_equal(plan_notifications(&view, &fixture_directory, decision, today, &plan), 0);
        for (size_t i = 0; i < plan.count; i++)
            read_one(&view, &decision->after, &plan.notifications[i]);
        before = decision->after;
        cause = (struct cause){ .kind = CAUSE_INSTANT, .at = disagreement_wake(&before) };
        if (instant_is_none(cause.at) || cause.at.us > fixture_at("2027-01-14").us)
            break;
        assert_int_equal(decide(&view, &before, &cause, decision), DECIDED);
    }
    plan_close(&plan);
    free(decision);
    for (size_t row = 0; row < COUNT_OF(expected); row++)
        if (!found[row])
            fail_msg("nothing at %s to %s", expected[row].at, expected[row].role_and_agency);
}

static int set_up(void **state)
{
    (void)state;
    fixture_make_calendar();
    read_shipped_templates();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(christmas_reads_well),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
