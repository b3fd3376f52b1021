/* test_engine_test.c - a test goes to whoever holds the role, by each route once, and no further.
 */
#include "engine_bench.h"

#include "io/record.h"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: manager, deputy: deputy},\n"
    "      head_of_service: {deputy: deputy}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  manager: {name: H, routes: [\"email:one@h.example\", \"email:two@h.example\"],\n"
    "    out_of_hours: [\"email:night@h.example\", \"email:one@h.example\"],\n"
    "    away: {until: 2027-02-12}}\n"
    "  deputy: {name: H, routes: [\"email:deputy@h.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "operator: [\"email:operator@board.example\"]\n";

static int ask(struct bench *bench, const char *role, const char *agency, struct engine_test *test)
{
    int answer;

    *test = (struct engine_test){ .role = role, .agency = agency, .by = "uid 1000" };
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = engine_test(bench->engine, test);
    if (answer == ENGINE_TESTED)
        assert_int_equal(engine_commit(bench->engine), 0);
    else
        engine_roll_back(bench->engine);
    return answer;
}

static void goes_to_who_holds_the_role_that_day(void **state)
{
    static const struct {
        const char *now, *role, *agency, *person, *first;
        size_t routes;
        bool is_deputy;
    } rows[] = {
        { "2027-02-11T23:59:00Z", "line_manager", "housing", "deputy", "deputy@h.example", 1,
          true },
        { "2027-02-12T00:00:00Z", "line_manager", "housing", "manager", "one@h.example", 3, false },
        { "2027-02-12T00:00:00Z", "head_of_service", "housing", "deputy", "deputy@h.example", 1,
          true },
        { "2027-02-12T00:00:00Z", "board_team", "board", "unit", "unit@board.example", 1, false },
    };
    struct bench *bench = *state;
    struct engine_test test;

    bench_open(bench, directory, rows[0].now);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bench->now = bench_at(rows[i].now);
        assert_int_equal(ask(bench, rows[i].role, rows[i].agency, &test), ENGINE_TESTED);
        assert_string_equal(test.person, rows[i].person);
        assert_int_equal(test.is_deputy, rows[i].is_deputy);
        assert_int_equal(test.route_count, rows[i].routes);
        bench_hand_out(bench);
        assert_int_equal(bench->sent_count, rows[i].routes);
        assert_string_equal(bench->sent[0].recipient, rows[i].first);
        assert_string_equal(bench->sent[0].id, test.routes[0].id);
        assert_non_null(strstr(bench->sent[0].subject, "[Test] "));
        assert_int_equal(bench->sent[0].priority, PRIORITY_NORMAL);
    }
}

static void bounded_in_a_minute_whatever_the_clock_does(void **state)
{
    struct bench *bench = *state;
    struct engine_test test;

    bench_open(bench, directory, "2027-02-15T10:00:00Z");
    for (int i = 0; i < ENGINE_TESTS_PER_MINUTE; i++) {
        assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TESTED);
        bench->now.us += SECOND_US;
    }
    /* Asked for what is not there costs nothing. */
    assert_int_equal(ask(bench, "board_team", "bord", &test), ENGINE_TEST_REFUSED);
    assert_string_equal(test.why, "no agency or board bord (did you mean board? there are "
                                  "housing, board)");
    bench->now = bench_at("2027-02-15T10:00:59Z");
    assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TEST_REFUSED);
    assert_string_equal(test.why, "6 tests were sent in the last minute: wait");
    bench->now = bench_at("2027-02-15T10:01:00Z");
    assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TESTED);
    assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TEST_REFUSED);
    bench->now = bench_at("2027-02-15T08:00:00Z");
    for (int i = 0; i < ENGINE_TESTS_PER_MINUTE; i++)
        assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TESTED);
    assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TEST_REFUSED);
    bench_hand_out(bench);
}

static void goes_to_each_case_system_once(void **state)
{
    static const char with_systems[] =
        "agencies:\n"
        "  housing: {name: Invented Housing, kind: statutory, systems: [las, copy], roles: {\n"
        "    line_manager: {holder: unit}}}\n"
        "  care: {name: Invented Care, kind: statutory, roles: {line_manager: {holder: unit}}}\n"
        "  named: {name: Invented Name, kind: statutory, systems: [las], roles: {\n"
        "    systems: {holder: unit}}}\n"
        "boards:\n"
        "  board: {name: Invented Board, procedures: [plcsab-adults], roles: {\n"
        "    board_team: {holder: unit}}}\n"
        "people:\n"
        "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
        "endpoints:\n"
        "  las: {kind: webhook, url: \"https://las.h.example/\", secret: las}\n"
        "  copy: {kind: webhook, url: \"https://copy.h.example/\", secret: las}\n"
        "operator: [\"email:operator@board.example\"]\n";
    struct bench *bench = *state;
    struct engine_test test;

    bench_open(bench, with_systems, "2027-02-15T10:00:00Z");
    assert_int_equal(ask(bench, "systems", "housing", &test), ENGINE_TESTED);
    assert_null(test.person);
    assert_int_equal(test.route_count, 2);
    assert_string_equal(test.routes[0].endpoint, "las");
    assert_string_equal(test.routes[1].endpoint, "copy");
    bench_hand_out(bench);
    assert_int_equal(bench->sent_count, 2);
    assert_non_null(bench_sent_to(bench, "las"));
    assert_non_null(bench_sent_to(bench, "copy"));
    assert_int_equal(bench->sent[0].route, ROUTE_WEBHOOK);
    /* A role of the name is a role. */
    assert_int_equal(ask(bench, "systems", "named", &test), ENGINE_TESTED);
    assert_string_equal(test.person, "unit");
    assert_int_equal(ask(bench, "systems", "care", &test), ENGINE_TEST_REFUSED);
    assert_string_equal(test.why, "the directory gives no systems for care (there are those of "
                                  "housing, named)");
    assert_int_equal(ask(bench, "sistems", "housing", &test), ENGINE_TEST_REFUSED);
    assert_string_equal(test.why, "nobody holds sistems in housing (did you mean systems? there "
                                  "are line_manager, systems)");
    bench_hand_out(bench);
}

static bool later(void *context, const struct delivery *delivery)
{
    struct outcome *outcome = context;

    *outcome = (struct outcome){ .attempt = delivery->attempt, .outcome = DELIVERY_LATER };
    memcpy(outcome->id, delivery->id, sizeof outcome->id);
    return true;
}

/* Nobody ever takes it: after ten minutes it is over, and nobody heard of it. */
static void tried_for_ten_minutes_and_told_to_nobody(void **state)
{
    struct bench *bench = *state;
    struct engine_test test;
    struct outbox_row *row = NULL;
    struct store_counts counts;
    struct instant wake, last = INSTANT_NONE;
    bool more;

    bench_open(bench, directory, "2027-02-15T10:00:00Z");
    assert_int_equal(ask(bench, "board_team", "board", &test), ENGINE_TESTED);
    for (;;) {
        struct outcome outcome = { .attempt = 0 };

        assert_int_equal(engine_hand_out(bench->engine, bench->now, later, &outcome), 0);
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        if (outcome.attempt > 0)
            assert_int_equal(engine_note(bench->engine, &outcome), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
        last = outcome.attempt > 0 ? bench->now : last;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, later, &outcome), 0);
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake))
            break;
        bench->now = wake;
    }
    assert_true(last.us > bench_at("2027-02-15T10:02:00Z").us);
    assert_true(last.us <= bench_at("2027-02-15T10:10:00Z").us);
    assert_int_equal(store_get_outbox(bench->store, test.routes[0].id, &row), STORE_OK);
    assert_int_equal(row->state, OUTBOX_EXHAUSTED);
    outbox_row_close(&row);
    assert_int_equal(store_count(bench->store, &counts), STORE_OK);
    assert_int_equal(counts.undelivered, 0);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 0); /* no message to anybody about it */
    assert_int_equal(counts.outbox[OUTBOX_EXHAUSTED], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_to_who_holds_the_role_that_day, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(goes_to_each_case_system_once, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(bounded_in_a_minute_whatever_the_clock_does, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(tried_for_ten_minutes_and_told_to_nobody, bench_begin,
                                        bench_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
