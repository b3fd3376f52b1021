/* test_engine_clock.c - a clock that is set back holds up no retry and no escalation.
 *
 * The engine over a real store, the clock simulated.
 */
#include "escalation_bench.h"

static const struct answer busy[] = { { "one@h.example", DELIVERY_LATER, .code = 451 },
                                      { "manager@c.example", DELIVERY_LATER, .code = 451 },
                                      { 0 } };

static void set_back(struct bench *bench, const char *now)
{
    bench->now = bench_at(now);
    if (world.restart)
        start_again(bench);
    bench_set_back(bench, now);
}

struct waiting {
    int64_t longest_us, shortest_us;
    struct instant now;
    size_t count;
};

static bool note_waiting(void *context, const struct outbox_row *row)
{
    struct waiting *waiting = context;
    int64_t wait_us = row->next_try.us - waiting->now.us;

    if (waiting->count++ == 0)
        waiting->shortest_us = waiting->longest_us = wait_us;
    if (wait_us < waiting->shortest_us)
        waiting->shortest_us = wait_us;
    if (wait_us > waiting->longest_us)
        waiting->longest_us = wait_us;
    return true;
}

/* Two managers are busy since ten: the next try is ten seconds away, a fifth more or less. */
static void check_set_back(struct bench *bench)
{
    struct outbox_query queued = { 0 };
    struct waiting waiting = { .now = bench_at("2027-02-09T09:15:00Z") };
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, busy);
    set_back(bench, "2027-02-09T09:15:00Z");
    assert_int_equal(store_list_outbox(bench->store, &queued, note_waiting, &waiting), STORE_OK);
    assert_int_equal(waiting.count, 2);
    assert_in_range(waiting.shortest_us, 8 * SECOND_US, 12 * SECOND_US);
    assert_in_range(waiting.longest_us, 8 * SECOND_US, 12 * SECOND_US);
    go_on(bench, "2027-02-09T09:50:00Z");
    /* Ten minutes for the next route; half an hour where there is none. */
    assert_string_equal(when("two@h.example", text), "2027-02-09T09:25:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T09:45:00Z");
    answers = NULL;
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void while_running(void **state)
{
    check_set_back(*state);
}

static void between_a_stop_and_a_start(void **state)
{
    world.restart = true;
    check_set_back(*state);
}

/* What has its instant already keeps it, however often the clock is looked at. */
static void a_clock_that_was_not_set_back_changes_nothing(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, busy);
    for (int minute = 1; minute < 10; minute++) {
        char now[ZONE_TIME_SIZE];

        snprintf(now, sizeof now, "2027-02-09T10:%02d:00Z", minute);
        go_on(bench, now);
        set_back(bench, now);
    }
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_string_equal(when("two@h.example", text), "2027-02-09T10:10:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T10:30:00Z");
}

int main(void)
{
#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, begin_bench, end_bench)
    const struct CMUnitTest tests[] = {
        WITH_BENCH(while_running),
        WITH_BENCH(between_a_stop_and_a_start),
        WITH_BENCH(a_clock_that_was_not_set_back_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
