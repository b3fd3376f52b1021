/* test_engine_silence.c - what a maintenance silence covers waits on the disk for its end: it is
 * not tried, nobody else is told in its place, and then it goes out, late and in order.
 *
 * The engine over a real store, the clock simulated; in some tests both are stopped and started
 * after every turn, and each turn is lost once before it is kept.
 */
#include "engine_bench.h"

#include "io/record.h"

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
    "    systems: [care-system]\n"
    "    roles: {line_manager: {holder: c.manager, deputy: c.deputy},\n"
    "      head_of_service: {holder: c.head}, strategic_head: {holder: c.head},\n"
    "      practitioner: {holder: c.worker}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:one@h.example\", \"email:two@h.example\"]}\n"
    "  h.deputy: {name: H, routes: [\"email:deputy@h.example\"]}\n"
    "  h.head: {name: H, routes: [\"email:head@h.example\"]}\n"
    "  h.worker: {name: H, routes: [\"email:worker@h.example\"]}\n"
    "  c.manager: {name: C, routes: [\"webhook:phone\", \"email:manager@c.example\"]}\n"
    "  c.deputy: {name: C, routes: [\"webhook:deputy-phone\"]}\n"
    "  c.head: {name: C, routes: [\"email:head@c.example\"]}\n"
    "  c.worker: {name: C, routes: [\"email:worker@c.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "endpoints:\n"
    "  phone: {kind: webhook, url: \"https://phone.c.example/\", secret: care}\n"
    "  deputy-phone: {kind: webhook, url: \"https://deputy.c.example/\", secret: care}\n"
    "  care-system: {kind: webhook, url: \"https://las.c.example/\", secret: care}\n"
    "operator: [\"email:operator@board.example\"]\n";

enum { TAKEN_MAX = 300 };

static struct {
    struct bench *bench;
    bool restart;        /* after every turn, each of which is lost once */
    const char *busy[4]; /* recipients that answer "later" */
    struct outcome outcomes[64];
    size_t count;
    struct {
        char recipient[ADDRESS_MAX + 1];
        char *text;
        struct instant at;
    } taken[TAKEN_MAX];
    size_t taken_count;
    size_t tries; /* of those that are busy */
} world;

static bool carry(void *context, const struct delivery *delivery)
{
    struct outcome *outcome;
    bool busy = false;

    (void)context;
    if (world.count == COUNT_OF(world.outcomes))
        return false;
    for (size_t i = 0; i < COUNT_OF(world.busy) && world.busy[i]; i++)
        busy = busy || strcmp(world.busy[i], delivery->recipient) == 0;
    outcome = &world.outcomes[world.count++];
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = busy ? DELIVERY_LATER : DELIVERY_DONE,
                                 .code = busy ? 451 : 250 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    world.tries += busy;
    if (busy)
        return true;
    assert_true(world.taken_count < TAKEN_MAX);
    snprintf(world.taken[world.taken_count].recipient, ADDRESS_MAX + 1, "%s", delivery->recipient);
    world.taken[world.taken_count].text = strndup(delivery->bytes, delivery->size);
    world.taken[world.taken_count++].at = world.bench->now;
    return true;
}

static void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

/* All that is due goes out, and what became of it is noted, until nothing more happens. */
static void deliver(struct bench *bench)
{
    do {
        world.count = 0;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, NULL), 0);
        if (world.count == 0)
            break;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (size_t i = 0; i < world.count; i++)
            assert_int_equal(engine_note(bench->engine, &world.outcomes[i]), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
    } while (world.count > 0);
    if (world.restart)
        start_again(bench);
}

static void pass(struct bench *bench)
{
    bool more;

    if (world.restart) {
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        engine_roll_back(bench->engine);
        start_again(bench);
    }
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_pass(bench->engine, &more), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static void go_on(struct bench *bench, const char *until)
{
    struct instant wake;

    deliver(bench);
    for (unsigned turns = 0;; turns++) {
        assert_true(turns < 5000); /* else it turns for ever */
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        pass(bench);
    }
    bench->now = bench_at(until);
}

/* An event that happened at `time`, which may be before now. */
static void give_at(struct bench *bench, const char *type, const char *subject, const char *time,
                    const char *data)
{
    char json[4096];
    struct engine_input input = { .bytes = json, .received = bench->now };

    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static void give(struct bench *bench, const char *type, const char *subject, const char *data)
{
    char time[ZONE_TIME_SIZE];

    instant_write_utc(bench->now, time);
    give_at(bench, type, subject, time, data);
}

static const char raise[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                            "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                            "\"facts\":{\"relates_to\":\"individual\"}}";

/* Tuesday, at ten in the morning. */
static void open_world(struct bench *bench)
{
    bool restart = world.restart;

    memset(&world, 0, sizeof world);
    world.bench = bench;
    world.restart = restart;
    bench_open(bench, directory, "2027-02-09T10:00:00Z");
}

static int64_t silence(struct bench *bench, const char *what, const char *until)
{
    struct silence_row row = { .reason = "an update", .by = "uid 1000" };

    assert_true(silencing_read(what, &row.silencing));
    row.silencing.until = bench_at(until);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_add_silence(bench->engine, &row), ENGINE_SILENCED);
    assert_int_equal(engine_commit(bench->engine), 0);
    if (world.restart)
        start_again(bench);
    return row.silencing.number;
}

static size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < world.taken_count; i++)
        count += strcmp(world.taken[i].recipient, recipient) == 0;
    return count;
}

/* The number `which` (from 1) that a recipient took, and when. */
static const char *said_to(const char *recipient, size_t which, const char *when)
{
    char text[ZONE_TIME_SIZE];

    for (size_t i = 0; i < world.taken_count; i++) {
        if (strcmp(world.taken[i].recipient, recipient) != 0 || --which > 0)
            continue;
        instant_write_utc(world.taken[i].at, text);
        assert_string_equal(text, when);
        return world.taken[i].text;
    }
    fail_msg("%s took less", recipient);
    return "";
}

static void check_held(struct bench *bench, size_t wanted)
{
    struct store_counts counts;
    size_t held = 0, count = 0;
    char ids[TAKEN_MAX][DELIVERY_ID_SIZE];

    for (int64_t number = 1; number <= 3; number++) {
        assert_int_equal(store_list_held(bench->store, number, ids, COUNT_OF(ids), &count),
                         STORE_OK);
        held += count;
    }
    assert_int_equal(held, wanted);
    assert_int_equal(store_count(bench->store, &counts), STORE_OK);
    assert_int_equal(counts.undelivered, 0);
}

struct lines {
    const char *type;
    size_t count;
};

static bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    lines->count += strcmp(line->type, lines->type) == 0;
    return true;
}

static size_t recorded(struct bench *bench, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_list(bench->store, 1, 10000, count_line, &lines), STORE_OK);
    return lines.count;
}

static int end_bench(void **state)
{
    for (size_t i = 0; i < world.taken_count; i++)
        free(world.taken[i].text);
    memset(&world, 0, sizeof world);
    return bench_end(state);
}

/* --- held, and let go at the end */

static void check_until_its_end(struct bench *bench)
{
    const char *text;

    open_world(bench);
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raise);
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
    give(bench, "disagreement.raised", "D-LATER", raise);
    bench->now = bench_at("2027-02-09T10:30:00Z");
    give_at(bench, "disagreement.raised", "D-FIRST", "2027-02-09T09:00:00Z", raise);
    give_at(bench, "disagreement.raised", "D-SECOND", "2027-02-09T09:30:00Z", raise);
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
    assert_non_null(strstr(said_to("one@h.example", 1, "2027-02-09T11:00:00Z"), "ref D-FIRST"));
    assert_non_null(strstr(said_to("one@h.example", 2, "2027-02-09T11:00:00Z"), "ref D-SECOND"));
    assert_non_null(strstr(said_to("one@h.example", 3, "2027-02-09T11:00:00Z"), "ref D-LATER"));
    assert_int_equal(recorded(bench, "silence_ended"), 1);
    assert_int_equal(recorded(bench, "silence_over"), 0);
}

/* --- escalation */

static void its_time_runs_from_the_end(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    world.busy[0] = "one@h.example";
    give(bench, "disagreement.raised", "D1", raise);
    go_on(bench, "2027-02-09T10:05:00Z");
    assert_true(world.tries > 0);
    silence(bench, "person:h.manager", "2027-02-09T16:00:00Z");
    world.tries = 0;
    /* A reload tries again what waits; not this. */
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_try_again(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T15:59:59Z");
    assert_int_equal(world.tries, 0);
    assert_int_equal(took("two@h.example") + took("deputy@h.example"), 0);
    assert_int_equal(took("operator@board.example") + took("unit@board.example"), 0);
    go_on(bench, "2027-02-09T16:09:59Z");
    assert_true(world.tries > 0);
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
    world.busy[0] = "phone";
    silence(bench, "route:email", "2027-02-10T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raise);
    go_on(bench, "2027-02-09T12:00:00Z");
    said_to("deputy-phone", 1, "2027-02-09T10:10:00Z");
    assert_int_equal(took("manager@c.example"), 0);
    assert_int_equal(recorded(bench, "escalated"), 1);
}

/* --- the clock */

static void a_clock_that_jumps_never_prolongs_it(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D1", raise);
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
    give(bench, "disagreement.raised", "D2", raise);
    go_on(bench, "2027-02-09T11:00:01Z");
    said_to("one@h.example", 2, "2027-02-09T11:00:00Z");
    /* Far ahead, past its end. */
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    give(bench, "disagreement.raised", "D3", raise);
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
    give(bench, "disagreement.raised", "D1", raise);
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
    world.busy[0] = "worker@h.example";
    world.busy[1] = "one@h.example";
    give(bench, "disagreement.raised", "D1", raise);
    silence(bench, "agency:housing", "2027-02-16T10:00:00Z");
    go_on(bench, "2027-02-16T10:00:00Z");
    assert_int_equal(took("operator@board.example"), 0);
    go_on(bench, "2027-02-16T10:05:00Z");
    world.busy[0] = world.busy[1] = NULL;
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
    give(bench, "disagreement.raised", "D1", raise);
    assert_int_equal(took("one@h.example"), 1);
}

/* More than one turn lets go: none is lost, none comes twice. */
static void many_are_let_go_in_several_turns(void **state)
{
    struct bench *bench = *state;
    char subject[16];

    open_world(bench);
    silence(bench, "person:h.manager", "2027-02-09T11:00:00Z");
    for (int i = 0; i < 40; i++) {
        snprintf(subject, sizeof subject, "D%d", i);
        give(bench, "disagreement.raised", subject, raise);
        bench->now.us += 2 * SECOND_US; /* not so many at a time that they go together */
    }
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example"), 40);
    check_held(bench, 0);
}

/* --- boards, and deadlines */

static void a_board_is_told_and_no_deadline_moves(void **state)
{
    struct bench *bench = *state;
    const struct running *stage;

    open_world(bench);
    give(bench, "disagreement.raised", "D1", raise);
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
        TEST(a_clock_that_jumps_never_prolongs_it),
        TEST(what_another_one_covers_stays_held),
        TEST(it_is_tried_for_as_long_as_a_new_one),
        TEST(there_are_so_many_and_no_more),
        TEST(many_are_let_go_in_several_turns),
        TEST(a_board_is_told_and_no_deadline_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
