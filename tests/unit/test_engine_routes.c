/* test_engine_routes.c - whom a notification reaches: deputies, nights, and the operator.
 *
 * PL-9 PL-11 AMB-25 AMB-11: who is away is stood in for; at night the out-of-hours route is taken;
 * what is immediate goes at once, day or night; a deadline past its calendar is said in good time.
 */
#include "engine_bench.h"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: h.manager, deputy: h.deputy},\n"
    "      head_of_service: {holder: h.head}, strategic_head: {holder: h.head},\n"
    "      practitioner: {holder: h.worker}}\n"
    "  care:\n"
    "    name: Invented Care\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.manager},\n"
    "      strategic_head: {holder: c.manager}, practitioner: {holder: c.worker}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults, worcestershire-annex-c]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "    systems: [board-records]\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:h.manager@housing.example\"],\n"
    "    away: {until: 2027-02-15}}\n"
    "  h.deputy: {name: H, routes: [\"email:h.deputy@housing.example\"]}\n"
    "  h.head: {name: H, routes: [\"email:h.head@housing.example\"]}\n"
    "  h.worker: {name: H, routes: [\"email:h.worker@housing.example\"]}\n"
    "  c.manager: {name: C, routes: [\"email:c.manager@care.example\"],\n"
    "    out_of_hours: [\"email:duty@care.example\"]}\n"
    "  c.worker: {name: C, routes: [\"email:c.worker@care.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "endpoints:\n"
    "  board-records: {kind: webhook, url: \"https://records.board.example/\", secret: board}\n"
    "operator: [\"email:operator@board.example\"]\n";

static int raise_one(struct bench *bench, const char *subject)
{
    return bench_give(bench, NULL, "disagreement.raised", subject,
                      "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
                      "\"challenged\":[{\"agency\":\"care\"}]}");
}

static void who_is_away_is_stood_in_for(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "h.deputy@housing.example"));
    assert_null(bench_sent_to(bench, "h.manager@housing.example"));
    assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    /* Who is stood in for is the operator's to know: is the directory right? */
    assert_non_null(bench_sent_to(bench, "operator@board.example"));
    assert_int_equal(bench->sent_count, 3);
    /* Monday the 15th is the first day back: the reminder of that day is his own again. */
    bench_advance(bench, "2027-02-15T09:00:00Z");
    assert_non_null(bench_sent_to(bench, "h.manager@housing.example"));
    assert_null(bench_sent_to(bench, "h.deputy@housing.example"));
}

static void at_night_the_other_route_is_taken(void **state)
{
    struct bench *bench = *state;

    /* Tuesday, a minute before the day opens, and a minute after it closes. */
    bench_open(bench, directory, "2027-02-09T08:59:00Z");
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "duty@care.example"));
    assert_null(bench_sent_to(bench, "c.manager@care.example"));
    bench_advance(bench, "2027-02-09T16:59:59Z");
    assert_int_equal(raise_one(bench, "D2"), ENGINE_TAKEN);
    assert_null(bench_sent_to(bench, "duty@care.example"));
    assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    bench_advance(bench, "2027-02-09T17:01:00Z");
    assert_int_equal(raise_one(bench, "D3"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "duty@care.example"));
    /* A Saturday noon is out of hours too, and a bank holiday (Good Friday). */
    bench_advance(bench, "2027-02-13T12:00:00Z");
    assert_int_equal(raise_one(bench, "D4"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "duty@care.example"));
    bench_advance(bench, "2027-03-26T12:00:00Z");
    assert_int_equal(raise_one(bench, "D5"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "duty@care.example"));
}

/* Requirements, finding 9: 17:00:00 is not after the close of business. */
static void what_a_limit_brings_about_at_the_close_is_not_of_the_night(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    bench_advance(bench, "2027-02-16T16:59:59Z");
    bench->sent_count = 0;
    bench_advance(bench, "2027-02-16T17:00:00Z");
    assert_non_null(strstr(bench_sent_to(bench, "c.manager@care.example")->subject, "Stage 2"));
    assert_null(bench_sent_to(bench, "duty@care.example"));
    /* The daemon is never there in the same instant. */
    bench->now = bench_at("2027-02-16T17:00:59.999Z");
    assert_int_equal(raise_one(bench, "D2"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    assert_null(bench_sent_to(bench, "duty@care.example"));
}

static void what_is_immediate_goes_at_night(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    bench_advance(bench, "2027-02-10T03:00:00Z");
    bench_give(bench, NULL, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(bench_sent_to(bench, "duty@care.example")->priority, PRIORITY_IMMEDIATE);
    assert_non_null(bench_sent_to(bench, "c.worker@care.example"));
    assert_non_null(bench_sent_to(bench, "h.deputy@housing.example"));
    assert_non_null(bench_sent_to(bench, "h.worker@housing.example"));
    assert_non_null(bench_sent_to(bench, "operator@board.example")); /* of the deputy */
    assert_int_equal(bench->sent_count, 5);
    bench_give(bench, NULL, "position.changed", "D1",
               "{\"agency\":\"care\",\"non_involvement\":true}");
    assert_int_equal(bench_sent_to(bench, "unit@board.example")->priority, PRIORITY_IMMEDIATE);
}

static size_t sent_to(const struct bench *bench, const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->sent_count; i++)
        count += strcmp(bench->sent[i].recipient, recipient) == 0;
    return count;
}

/* What the board's roles are told, and the outcome; what they are not told it does not get. */
static void a_board_has_a_system_of_its_own(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    assert_int_equal(sent_to(bench, "board-records"), 0);
    bench_give(bench, NULL, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(sent_to(bench, "unit@board.example"), 0);
    assert_int_equal(sent_to(bench, "board-records"), 0);
    bench_give(bench, NULL, "position.changed", "D1",
               "{\"agency\":\"care\",\"non_involvement\":true}");
    assert_int_equal(sent_to(bench, "unit@board.example"), 1);
    assert_int_equal(sent_to(bench, "board-records"), 1);
    assert_int_equal(bench_sent_to(bench, "board-records")->route, ROUTE_WEBHOOK);
    assert_int_equal(bench_sent_to(bench, "board-records")->priority, PRIORITY_IMMEDIATE);
    bench_give(bench, NULL, "withdrawn", "D1",
               "{\"reason\":\"invented\",\"by\":{\"agency\":\"housing\"}}");
    assert_int_equal(bench->after.state, DISAGREEMENT_WITHDRAWN);
    assert_int_equal(sent_to(bench, "unit@board.example"), 1);
    assert_int_equal(sent_to(bench, "board-records"), 1);
}

/* The calendar is known until the end of 2028: five working days from 21 December run past it. */
static void the_operator_is_told_of_a_provisional_instant(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2028-12-13T10:00:00Z");
    assert_int_equal(bench_give(bench, NULL, "disagreement.raised", "W1",
                                "{\"procedure\":\"worcestershire-annex-c\",\"challenging\":"
                                "{\"agency\":\"housing\"},\"challenged\":[{\"agency\":"
                                "\"care\"}]}"),
                     ENGINE_TAKEN);
    for (size_t i = 0; i < bench->sent_count; i++) /* its one working day is known */
        assert_null(strstr(bench->sent[i].subject, "past its calendar"));
    bench_advance(bench, "2028-12-27T10:00:00Z");
    bench->sent_count = 0;
    assert_int_equal(raise_one(bench, "D1"), ENGINE_TAKEN);
    assert_true(bench_running(bench, "stage-1")->provisional);
    assert_non_null(bench_sent_to(bench, "operator@board.example"));
    assert_string_equal(bench_sent_to(bench, "operator@board.example")->subject,
                        "A deadline runs past its calendar");
    /* Once a day is enough; the next day it is said again. */
    assert_int_equal(raise_one(bench, "D2"), ENGINE_TAKEN);
    assert_null(bench_sent_to(bench, "operator@board.example"));
    bench_advance(bench, "2028-12-28T10:00:00Z");
    assert_int_equal(raise_one(bench, "D3"), ENGINE_TAKEN);
    assert_non_null(bench_sent_to(bench, "operator@board.example"));
}

static void look_at_calendars(struct bench *bench)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_tell_calendars(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    bench_hand_out(bench);
}

static void the_operator_is_told_that_a_calendar_ends(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-12-31T10:00:00Z");
    look_at_calendars(bench); /* 366 days are left: 2028 is a leap year */
    assert_int_equal(bench->sent_count, 0);
    bench_advance(bench, "2028-01-02T10:00:00Z");
    look_at_calendars(bench);
    /* Five procedures, one calendar: one mail. */
    assert_int_equal(bench->sent_count, 1);
    assert_string_equal(bench->sent[0].recipient, "operator@board.example");
    assert_string_equal(bench->sent[0].subject, "A calendar is coming to its end");
    look_at_calendars(bench);
    assert_int_equal(bench->sent_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_away_is_stood_in_for, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(at_night_the_other_route_is_taken, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(what_a_limit_brings_about_at_the_close_is_not_of_the_night,
                                        bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(what_is_immediate_goes_at_night, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_board_has_a_system_of_its_own, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(the_operator_is_told_of_a_provisional_instant, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(the_operator_is_told_that_a_calendar_ends, bench_begin,
                                        bench_end),
    };

    return cmocka_run_group_tests_name("engine_routes", tests, NULL, NULL);
}
