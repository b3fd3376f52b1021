/* test_engine_lanes.c - one other side that never answers costs the others little.
 *
 * All mail is one lane and each endpoint another; what is in flight is bounded for each, what is
 * urgent has places of its own, and what the dispatcher puts off is asked again without a try.
 */
#include "engine_bench.h"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: h.manager}, head_of_service: {holder: h.manager},\n"
    "      strategic_head: {holder: h.manager}, practitioner: {holder: h.manager}}\n"
    "  care:\n"
    "    name: Invented Care\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.manager},\n"
    "      strategic_head: {holder: c.manager}, practitioner: {holder: c.manager}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"webhook:hook\"]}\n"
    "  c.manager: {name: C, routes: [\"email:manager@c.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "endpoints:\n"
    "  hook: {kind: webhook, url: \"https://hook.h.example/\", secret: h}\n"
    "operator: [\"email:operator@board.example\"]\n";

/* What was handed out, in order. */
static struct {
    char id[DELIVERY_ID_SIZE];
    enum route_kind route;
    enum priority priority;
    uint32_t attempt;
} handed[1024];
static size_t handed_count;

static bool note_handed(void *context, const struct delivery *delivery)
{
    (void)context;
    assert_true(handed_count < COUNT_OF(handed));
    memcpy(handed[handed_count].id, delivery->id, DELIVERY_ID_SIZE);
    handed[handed_count].route = delivery->route;
    handed[handed_count].attempt = delivery->attempt;
    handed[handed_count++].priority = delivery->priority;
    return true;
}

/* How many of a route go out now. */
static size_t hand_out(struct bench *bench, enum route_kind route)
{
    size_t count = 0;

    handed_count = 0;
    assert_int_equal(engine_hand_out(bench->engine, bench->now, note_handed, NULL), 0);
    for (size_t i = 0; i < handed_count; i++)
        count += handed[i].route == route;
    return count;
}

/* A thousand mails to the operator. */
static void queue_mails(struct bench *bench)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (int i = 0; i < 1000; i++) {
        char key[16];

        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(engine_tell_operator(bench->engine, key, "S", "text\n"), 0);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* Its deliveries wait: one webhook and one mail. */
static void give(struct bench *bench, const char *type, const char *data)
{
    char json[1024], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
    input.size = (size_t)snprintf(
        json, sizeof json,
        "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
        "\"concernd.%s\",\"subject\":\"D1\",\"time\":\"%s\",\"datacontenttype\":"
        "\"application/json\",\"data\":%s}",
        ++bench->number, type, time, data);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
    assert_int_equal(engine_commit(bench->engine), 0);
}

static void raise_one(struct bench *bench)
{
    give(bench, "disagreement.raised",
         "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
         "\"challenged\":[{\"agency\":\"care\"}]}");
}

static void note(struct bench *bench, const struct outcome *outcome)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_note(bench->engine, outcome), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
}

static void no_lane_has_all_the_places(void **state)
{
    struct bench *bench = *state;
    struct outcome done[4];
    size_t mails;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    queue_mails(bench);
    mails = hand_out(bench, ROUTE_EMAIL);
    assert_in_range(mails, 16, ENGINE_IN_FLIGHT_MAX / 4);
    for (size_t i = 0; i < COUNT_OF(done); i++) {
        done[i] = (struct outcome){ .attempt = 1, .outcome = DELIVERY_DONE, .code = 250 };
        memcpy(done[i].id, handed[i].id, sizeof done[i].id);
    }
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 0); /* none was answered */
    /* The webhook goes though a thousand mails wait; an urgent mail too. */
    raise_one(bench);
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 1);
    assert_int_equal(handed_count, 1);
    give(bench, "risk.changed", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
    assert_int_equal(handed[0].priority, PRIORITY_IMMEDIATE);
    assert_int_equal(handed_count, 2);
    /* Mails that are answered make room for others; what the two took is a quarter dearer. */
    for (size_t i = 0; i < COUNT_OF(done); i++)
        note(bench, &done[i]);
    assert_in_range(hand_out(bench, ROUTE_EMAIL), COUNT_OF(done) - 1, COUNT_OF(done));
}

static void all_of_a_lane_goes_in_the_end(void **state)
{
    struct bench *bench = *state;
    size_t total = 0;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    queue_mails(bench);
    raise_one(bench);
    for (int round = 0; round < 1000 && hand_out(bench, ROUTE_EMAIL) + handed_count > 0; round++) {
        total += handed_count;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (size_t i = 0; i < handed_count; i++) {
            struct outcome done = { .attempt = 1, .outcome = DELIVERY_DONE, .code = 250 };

            memcpy(done.id, handed[i].id, sizeof done.id);
            assert_int_equal(engine_note(bench->engine, &done), 0);
        }
        assert_int_equal(engine_commit(bench->engine), 0);
    }
    assert_int_equal(total, 1002);
}

static void what_is_put_off_is_no_attempt(void **state)
{
    struct bench *bench = *state;
    struct outcome outcome = { .attempt = 1,
                               .route = ROUTE_WEBHOOK,
                               .outcome = DELIVERY_LATER,
                               .put_off = true,
                               .retry_after_s = 30 };
    struct instant wake;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    raise_one(bench);
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 1);
    for (size_t i = 0; i < handed_count; i++)
        if (handed[i].route == ROUTE_WEBHOOK)
            memcpy(outcome.id, handed[i].id, sizeof outcome.id);
    note(bench, &outcome);
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 0);
    assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
    assert_int_equal(wake.us, bench->now.us + 30 * SECOND_US);
    bench->now.us += 30 * SECOND_US - 1;
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 0);
    bench->now.us += 1;
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 1);
    assert_int_equal(handed[0].attempt, 1);
    assert_string_equal(handed[0].id, outcome.id);
    /* However long it is said to be: a minute, and after a reload not at all. */
    outcome.retry_after_s = 900;
    note(bench, &outcome);
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 0);
    assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
    assert_int_equal(wake.us, bench->now.us + MINUTE_US);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_try_again(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_int_equal(hand_out(bench, ROUTE_WEBHOOK), 1);
}

/* A password that was put right while a try with the wrong one was under way. */
static void what_old_settings_kept_back_waits_no_hour(void **state)
{
    struct bench *bench = *state;
    struct outcome outcome = { .attempt = 1,
                               .outcome = DELIVERY_LATER,
                               .code = 535,
                               .needs_operator = true,
                               .retry_after_s = 3600 };
    struct outbox_row *row;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    raise_one(bench);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
        for (size_t i = 0; i < handed_count; i++)
            if (handed[i].route == ROUTE_EMAIL)
                memcpy(outcome.id, handed[i].id, sizeof outcome.id);
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        if (again)
            assert_int_equal(engine_try_again(bench->engine), 0);
        outcome.attempt = 1 + (uint32_t)again;
        assert_int_equal(engine_note(bench->engine, &outcome), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
        assert_int_equal(store_get_outbox(bench->store, outcome.id, &row), STORE_OK);
        assert_int_equal(row->next_try.us - bench->now.us >= HOUR_US, !again);
        outbox_row_close(&row);
        bench->now.us += 2 * HOUR_US;
    }
}

/* An endpoint that is left alone is asked for what is urgent all the same. */
static void what_is_put_off_holds_nothing_urgent(void **state)
{
    struct bench *bench = *state;
    struct outcome outcome = {
        .attempt = 1, .outcome = DELIVERY_LATER, .put_off = true, .retry_after_s = 60
    };
    struct instant wake;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    raise_one(bench);
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
    for (size_t i = 0; i < handed_count; i++)
        if (handed[i].route == ROUTE_EMAIL)
            memcpy(outcome.id, handed[i].id, sizeof outcome.id);
    note(bench, &outcome);
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 0);
    bench->now.us += SECOND_US;
    give(bench, "risk.changed", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
    assert_int_equal(handed[0].priority, PRIORITY_IMMEDIATE);
    /* It is put off itself, for less: looked at when the first of both is over. */
    memcpy(outcome.id, handed[0].id, sizeof outcome.id);
    outcome.retry_after_s = 20;
    note(bench, &outcome);
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 0);
    assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
    assert_int_equal(wake.us, bench->now.us + 20 * SECOND_US);
    bench->now = wake;
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
    assert_int_equal(handed[0].priority, PRIORITY_IMMEDIATE);
    bench->now.us += 39 * SECOND_US;
    assert_int_equal(hand_out(bench, ROUTE_EMAIL), 1);
    assert_int_equal(handed[0].priority, PRIORITY_NORMAL);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_begin, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(no_lane_has_all_the_places),
        WITH_BENCH(all_of_a_lane_goes_in_the_end),
        WITH_BENCH(what_is_put_off_is_no_attempt),
        WITH_BENCH(what_is_put_off_holds_nothing_urgent),
        WITH_BENCH(what_old_settings_kept_back_waits_no_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
