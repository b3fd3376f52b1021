/* test_engine_silence.c - what a maintenance silence covers waits on the disk for its end: it is
 * not tried, nobody else is told in its place, and then it goes out, late and in order.
 *
 * The engine over a real store, the clock simulated; in some tests both are stopped and started
 * after every turn, and each turn is lost once before it is kept.
 */
#include "silence_bench.h"

/* --- held, and let go at the end */

static void check_until_its_end(struct bench *bench)
{
    const char *text;

    open_world(bench);
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T12:00:00Z");
    /* By webhook as ever; no mail, no deputy, and nobody hears that nobody accepted it. */
    assert_int_equal(took("care-system"), 1);
    assert_int_equal(took("phone"), 1);
    assert_int_equal(world.taken_count, 2);
    check_held(bench, 1);
    assert_int_equal(recorded(bench, "held"), 1);
    assert_int_equal(recorded(bench, "escalated"), 0);
    /* What is immediate is sent, to the same address. */
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    said_to("one@h.example", 1, "2027-02-09T12:00:00Z");
    check_held(bench, 1);
    go_on(bench, "2027-02-09T13:59:59Z");
    assert_int_equal(took("one@h.example"), 1);
    go_on(bench, "2027-02-09T18:00:00Z");
    text = said_to("one@h.example", 2, "2027-02-09T14:00:00Z");
    assert_non_null(strstr(text, "Subject: [Action] Stage 1 begins"));
    assert_non_null(strstr(text, "LATE"));
    assert_int_equal(took("one@h.example"), 2);
    assert_int_equal(took("deputy@h.example") + took("two@h.example"), 0);
    check_held(bench, 0);
    assert_int_equal(recorded(bench, "let_go"), 1);
    assert_int_equal(recorded(bench, "silence"), 1);
    assert_int_equal(recorded(bench, "silence_over"), 1);
}

static void waits_for_the_end_and_goes_out_late(void **state)
{
    check_until_its_end(*state);
}

static void restarts_and_lost_turns_change_nothing(void **state)
{
    world.restart = true;
    check_until_its_end(*state);
}

static void ended_by_hand_they_go_in_the_order_they_were_due(void **state)
{
    struct bench *bench = *state;
    struct silence_row ended;
    int64_t number;
    char text[ZONE_TIME_SIZE];

    open_world(bench);
    number = silence(bench, "agency:housing", "2027-02-16T10:00:00Z");
    give(bench, "disagreement.raised", "D-3", raised);
    bench->now = bench_at("2027-02-09T10:30:00Z");
    give_at(bench, "disagreement.raised", "D-1", "2027-02-09T09:00:00Z", raised);
    give_at(bench, "disagreement.raised", "D-2", "2027-02-09T09:30:00Z", raised);
    go_on(bench, "2027-02-09T11:00:00Z");
    check_held(bench, 3);
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(took("phone"), 3); /* the other agency */
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_end_silence(bench->engine, number + 1, "uid 0", &ended),
                     ENGINE_SILENCE_REFUSED);
    assert_int_equal(engine_end_silence(bench->engine, number, "uid 0", &ended), ENGINE_SILENCED);
    assert_int_equal(engine_end_silence(bench->engine, number, "uid 0", &ended),
                     ENGINE_SILENCE_REFUSED);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_string_equal(ended.silencing.of, "housing");
    go_on(bench, "2027-02-09T11:00:01Z");
    instant_write_utc(bench->now, text);
    assert_non_null(strstr(said_to("one@h.example", 1, "2027-02-09T11:00:00Z"), "ref D-1"));
    assert_non_null(strstr(said_to("one@h.example", 2, "2027-02-09T11:00:00Z"), "ref D-2"));
    assert_non_null(strstr(said_to("one@h.example", 3, "2027-02-09T11:00:00Z"), "ref D-3"));
    assert_int_equal(recorded(bench, "silence_ended"), 1);
    assert_int_equal(recorded(bench, "silence_over"), 0);
}

/* --- escalation */

static void its_time_runs_from_the_end(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    other_sides.busy[0] = "one@h.example";
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T10:05:00Z");
    assert_true(other_sides.tries > 0);
    silence(bench, "person:h.manager", "2027-02-09T16:00:00Z");
    other_sides.tries = 0;
    /* A reload tries again what waits; not this. */
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_try_again(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T15:59:59Z");
    assert_int_equal(other_sides.tries, 0);
    assert_int_equal(took("two@h.example") + took("deputy@h.example"), 0);
    assert_int_equal(took("operator@board.example") + took("unit@board.example"), 0);
    go_on(bench, "2027-02-09T16:09:59Z");
    assert_true(other_sides.tries > 0);
    assert_int_equal(took("two@h.example"), 0);
    go_on(bench, "2027-02-09T18:00:00Z");
    said_to("two@h.example", 1, "2027-02-09T16:10:00Z");
    assert_int_equal(took("deputy@h.example"), 0);
    assert_int_equal(took("operator@board.example"), 0);
}

/* What fails by a way that is under no maintenance goes on, past those that are. */
static void a_silenced_route_holds_up_no_escalation(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    other_sides.busy[0] = "phone";
    silence(bench, "route:email", "2027-02-10T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T12:00:00Z");
    said_to("deputy-phone", 1, "2027-02-09T10:10:00Z");
    assert_int_equal(took("manager@c.example"), 0);
    assert_int_equal(recorded(bench, "escalated"), 1);
}

static void check_silenced_until(struct bench *bench, const char *before, const char *at)
{
    assert_int_equal(took("manager@c.example"), 0);
    go_on(bench, before);
    assert_int_equal(took("manager@c.example"), 0);
    assert_int_equal(recorded(bench, "undelivered"), 1);
    assert_int_equal(took("operator@board.example"), 1);
    assert_non_null(strstr(said_to("operator@board.example", 1, "2027-02-09T10:30:00Z"),
                           "one more route is silenced"));
    assert_int_equal(recorded(bench, "escalated"), 1);
    bench->now = bench_at(at);
}

/* Whatever the others answer: when the silence ends what it passed over is a route again. */
static void check_after_its_end(struct bench *bench)
{
    struct store_counts counts;

    open_world(bench);
    other_sides.busy[0] = "phone";
    other_sides.busy[1] = "deputy-phone";
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    check_silenced_until(bench, "2027-02-09T13:59:59Z", "2027-02-09T13:59:59Z");
    go_on(bench, "2027-02-09T18:00:00Z");
    said_to("manager@c.example", 1, "2027-02-09T14:00:00Z");
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(recorded(bench, "escalated"), 2);
    assert_int_equal(took("operator@board.example"), 1);
    assert_int_equal(store_count(bench->store, &counts), STORE_OK);
    assert_int_equal(counts.undelivered, 0);
}

static void what_was_passed_over_is_a_route_at_the_end(void **state)
{
    check_after_its_end(*state);
}

static void over_restarts_and_lost_turns_too(void **state)
{
    world.restart = true;
    check_after_its_end(*state);
}

static void it_is_one_when_somebody_ends_the_silence(void **state)
{
    struct bench *bench = *state;
    struct silence_row ended;
    int64_t number;

    open_world(bench);
    other_sides.busy[0] = "phone";
    other_sides.busy[1] = "deputy-phone";
    number = silence(bench, "route:email", "2027-02-10T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    check_silenced_until(bench, "2027-02-09T11:59:59Z", "2027-02-09T12:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_end_silence(bench->engine, number, "uid 0", &ended), ENGINE_SILENCED);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T13:00:00Z");
    said_to("manager@c.example", 1, "2027-02-09T12:00:00Z");
    assert_int_equal(took("manager@c.example"), 1);
}

/* --- the clock */

static void a_clock_that_jumps_never_prolongs_it(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T11:00:00Z");
    check_held(bench, 1);
    /* A little back, as a clock is put right: it goes on. */
    bench->now = bench_at("2027-02-09T09:58:00Z");
    go_on(bench, "2027-02-09T09:59:00Z");
    check_held(bench, 1);
    /* A day back nobody knows how long it would last. */
    bench->now = bench_at("2027-02-08T10:00:00Z");
    go_on(bench, "2027-02-08T10:00:01Z");
    check_held(bench, 0);
    said_to("one@h.example", 1, "2027-02-08T10:00:00Z");
    /* Over once, it is not in force again when the clock is right. */
    bench->now = bench_at("2027-02-09T11:00:00Z");
    give(bench, "disagreement.raised", "D2", raised);
    go_on(bench, "2027-02-09T11:00:01Z");
    said_to("one@h.example", 2, "2027-02-09T11:00:00Z");
    /* Far ahead, past its end. */
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D3", raised);
    go_on(bench, "2027-02-09T12:00:00Z");
    check_held(bench, 1);
    bench->now = bench_at("2027-02-10T08:00:00Z");
    go_on(bench, "2027-02-10T08:00:01Z");
    check_held(bench, 0);
    said_to("one@h.example", 3, "2027-02-10T08:00:00Z");
}

/* --- several, and bounds */

static void what_another_one_covers_stays_held(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    silence(bench, "person:h.manager", "2027-02-09T11:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T10:30:00Z");
    silence(bench, "agency:housing", "2027-02-09T12:00:00Z");
    go_on(bench, "2027-02-09T11:59:59Z");
    check_held(bench, 1);
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-09T12:00:00Z");
    said_to("one@h.example", 1, "2027-02-09T12:00:00Z");
    check_held(bench, 0);
    assert_int_equal(recorded(bench, "held"), 2);
    assert_int_equal(recorded(bench, "let_go"), 1);
}

/* Five days are over since its first try, and it has them again. */
static void it_is_tried_for_as_long_as_a_new_one(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    other_sides.busy[0] = "worker@h.example";
    other_sides.busy[1] = "one@h.example";
    give(bench, "disagreement.raised", "D1", raised);
    silence(bench, "agency:housing", "2027-02-16T10:00:00Z");
    go_on(bench, "2027-02-16T10:00:00Z");
    assert_int_equal(took("operator@board.example"), 0);
    go_on(bench, "2027-02-16T10:05:00Z");
    other_sides.busy[0] = other_sides.busy[1] = NULL;
    go_on(bench, "2027-02-16T16:00:00Z");
    assert_true(took("one@h.example") > 0);
    assert_int_equal(took("operator@board.example"), 0);
}

static void there_are_so_many_and_no_more(void **state)
{
    struct bench *bench = *state;
    struct silence_row row = { .reason = "r", .by = "uid 0" }, ended;

    open_world(bench);
    assert_true(silencing_read("route:email", &row.silencing));
    row.silencing.until = bench_at("2027-02-09T14:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (int i = 0; i < ENGINE_SILENCES_MAX; i++)
        assert_int_equal(engine_add_silence(bench->engine, &row), ENGINE_SILENCED);
    assert_int_equal(engine_add_silence(bench->engine, &row), ENGINE_SILENCE_REFUSED);
    assert_int_equal(engine_end_silence(bench->engine, 7, "uid 0", &ended), ENGINE_SILENCED);
    assert_int_equal(engine_add_silence(bench->engine, &row), ENGINE_SILENCED);
    engine_roll_back(bench->engine);
    /* Nothing of that was kept. */
    give(bench, "disagreement.raised", "D1", raised);
    assert_int_equal(took("one@h.example"), 1);
}

/* --- boards, and deadlines */

static void a_board_is_told_and_no_deadline_moves(void **state)
{
    struct bench *bench = *state;
    const struct running *stage;

    open_world(bench);
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-23T16:00:00Z");
    assert_int_equal(took("unit@board.example"), 0);
    silence(bench, "route:email", "2027-02-25T10:00:00Z");
    go_on(bench, "2027-02-25T09:59:59Z");
    stage = bench_running(bench, "stage-2");
    assert_int_equal(stage->due.us, bench_at("2027-02-23T17:00:00Z").us);
    assert_int_equal(stage->state, RUNNING_PASSED);
    /* The third stage has begun: the board hears it at once, the heads when it is over. */
    said_to("unit@board.example", 1, "2027-02-23T17:00:00Z");
    go_on(bench, "2027-02-25T10:00:00Z");
    said_to("head@c.example", took("head@c.example"), "2027-02-25T10:00:00Z");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        TEST(waits_for_the_end_and_goes_out_late),
        TEST(restarts_and_lost_turns_change_nothing),
        TEST(ended_by_hand_they_go_in_the_order_they_were_due),
        TEST(its_time_runs_from_the_end),
        TEST(a_silenced_route_holds_up_no_escalation),
        TEST(what_was_passed_over_is_a_route_at_the_end),
        TEST(over_restarts_and_lost_turns_too),
        TEST(it_is_one_when_somebody_ends_the_silence),
        TEST(a_clock_that_jumps_never_prolongs_it),
        TEST(what_another_one_covers_stays_held),
        TEST(it_is_tried_for_as_long_as_a_new_one),
        TEST(there_are_so_many_and_no_more),
        TEST(a_board_is_told_and_no_deadline_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
