/* test_engine_bounces.c - what a mail server accepted comes back: the next route, the deputy,
 * people; each once, however often it is said, over restarts.
 */
#include "escalation_bench.h"

#include "io/store_bounce.h"

static const struct answer nobody_else[] = { { "two@h.example", DELIVERY_LATER, 451, false },
                                             { "night@h.example", DELIVERY_LATER, 451, false },
                                             { "deputy@h.example", DELIVERY_LATER, 451, false },
                                             { 0 } };

static const char *id_of(const char *recipient)
{
    for (size_t i = world.taken_count; i-- > 0;)
        if (strcmp(world.taken[i].recipient, recipient) == 0)
            return world.taken[i].id;
    fail_msg("nothing was accepted for %s", recipient);
    return "";
}

static enum bounce_result report(struct bench *bench, const char *id, enum bounce_action action,
                                 const char *status)
{
    struct engine_bounce bounce = {
        .action = action, .status = status, .code = 550, .detail = "550 5.1.1 no such user"
    };
    struct outbox_row *row = NULL;

    assert_int_equal(store_get_outbox(bench->store, id, &row), STORE_OK);
    if (world.restart) { /* a turn that is lost before its commit leaves nothing */
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_bounce(bench->engine, row, &bounce), 0);
        start_again(bench);
    }
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_bounce(bench->engine, row, &bounce), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    outbox_row_close(&row);
    deliver(bench);
    return bounce.result;
}

static struct outbox_row *row_of(struct bench *bench, const char *id)
{
    struct outbox_row *row = NULL;

    assert_int_equal(store_get_outbox(bench->store, id, &row), STORE_OK);
    return row;
}

static void check_came_back(struct bench *bench)
{
    char text[ZONE_TIME_SIZE], id[DELIVERY_ID_SIZE];
    struct outbox_row *row;

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T12:05:00Z");
    assert_int_equal(took("two@h.example"), 0);
    memcpy(id, id_of("one@h.example"), sizeof id);
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    assert_string_equal(when("two@h.example", text), "2027-02-09T12:05:00Z");
    row = row_of(bench, id);
    assert_int_equal(row->state, OUTBOX_REFUSED);
    assert_int_equal(row->attempts, 2);
    assert_int_equal(row->last_code, 550);
    assert_string_equal(row->last_detail, "came back: 550 5.1.1 no such user");
    outbox_row_close(&row);
    assert_int_equal(took("operator@board.example"), 1);
    assert_non_null(strstr(said_to("operator@board.example"), "came back"));

    /* The mail system says it once more; and something else. */
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_KNOWN);
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.0.0"), BOUNCE_NOTED);
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.0.0"), BOUNCE_KNOWN);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("two@h.example"), 1);
    assert_int_equal(took("deputy@h.example") + took("unit@board.example"), 0);
    assert_int_equal(took("operator@board.example"), 1);
    assert_int_equal(recorded(bench, "escalated"), 1);
    assert_int_equal(recorded(bench, "bounce"), 2);

    /* Where the next ones come back too the deputy has it, in the same second. */
    report(bench, id_of("two@h.example"), BOUNCE_FAILED, "5.1.1");
    report(bench, id_of("night@h.example"), BOUNCE_FAILED, "5.1.1");
    assert_string_equal(when("deputy@h.example", text), "2027-02-09T16:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 0);
    report(bench, id_of("deputy@h.example"), BOUNCE_FAILED, "5.1.1");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T16:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    go_on(bench, "2027-02-10T08:00:00Z");
    assert_int_equal(took("unit@board.example"), 1);
    assert_int_equal(recorded(bench, "undelivered"), 1);
}

static void what_came_back_goes_by_the_next_route(void **state)
{
    check_came_back(*state);
}

static void over_restarts_and_lost_turns_too(void **state)
{
    world.restart = true;
    check_came_back(*state);
}

/* The half hour runs from the bounce: until then everybody believed that it had arrived. */
static void people_are_told_half_an_hour_after_it(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T12:00:00Z");
    answers = nobody_else;
    report(bench, id_of("one@h.example"), BOUNCE_FAILED, "5.1.1");
    go_on(bench, "2027-02-09T12:29:59Z");
    assert_int_equal(took("unit@board.example"), 0);
    go_on(bench, "2027-02-09T14:00:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T12:30:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    answers = NULL;
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void check_delayed(struct bench *bench)
{
    char text[ZONE_TIME_SIZE], id[DELIVERY_ID_SIZE];
    struct outbox_row *row;

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T12:00:00Z");
    memcpy(id, id_of("one@h.example"), sizeof id);
    assert_int_equal(report(bench, id, BOUNCE_DELAYED, "4.4.1"), BOUNCE_NOTED);
    assert_int_equal(report(bench, id, BOUNCE_DELAYED, "4.4.1"), BOUNCE_KNOWN);
    row = row_of(bench, id);
    assert_int_equal(row->state, OUTBOX_ACCEPTED);
    assert_int_equal(row->delayed.us, bench->now.us);
    outbox_row_close(&row);
    go_on(bench, "2027-02-09T12:09:59Z");
    assert_int_equal(took("two@h.example"), 0);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_string_equal(when("two@h.example", text), "2027-02-09T12:10:00Z");
    assert_int_equal(took("deputy@h.example") + took("unit@board.example"), 0);
    assert_int_equal(took("operator@board.example"), 0);
    assert_int_equal(recorded(bench, "bounce"), 1);
    /* It expires in the end: the other one was accepted. */
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "4.4.7"), BOUNCE_ACTED);
    go_on(bench, "2027-02-09T17:00:00Z");
    assert_int_equal(took("deputy@h.example") + took("unit@board.example"), 0);
}

static void what_is_delayed_has_the_usual_time(void **state)
{
    check_delayed(*state);
}

/* Its time is not that of a clock that was wrong. */
static void what_is_delayed_goes_on_though_the_clock_is_set_back(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(report(bench, id_of("one@h.example"), BOUNCE_DELAYED, "4.4.1"), BOUNCE_NOTED);
    bench->now = bench_at("2027-02-09T10:30:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_set_back(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T11:30:00Z");
    assert_string_equal(when("two@h.example", text), "2027-02-09T10:40:00Z");
}

static void delayed_over_restarts_too(void **state)
{
    world.restart = true;
    check_delayed(*state);
}

static void what_was_delayed_and_arrives_is_settled(void **state)
{
    struct bench *bench = *state;
    char id[DELIVERY_ID_SIZE];

    open_and_raise(bench, NULL);
    memcpy(id, id_of("manager@c.example"), sizeof id);
    report(bench, id, BOUNCE_DELAYED, "4.4.1");
    go_on(bench, "2027-02-09T10:09:00Z");
    assert_int_equal(report(bench, id, BOUNCE_DELIVERED, "2.0.0"), BOUNCE_NOTED);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("unit@board.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
    assert_int_equal(recorded(bench, "bounce"), 2);
    assert_int_equal(recorded(bench, "escalated"), 0);
}

/* He has no other route and no deputy: people are told, though it may yet arrive. */
static void delayed_with_nobody_else_is_told(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE], id[DELIVERY_ID_SIZE];

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T12:00:00Z");
    memcpy(id, id_of("manager@c.example"), sizeof id);
    report(bench, id, BOUNCE_DELAYED, "4.4.1");
    go_on(bench, "2027-02-09T12:29:59Z");
    assert_int_equal(took("unit@board.example"), 0);
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T12:30:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    report(bench, id, BOUNCE_RELAYED, "2.0.0");
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void answers_and_good_news_change_nothing(void **state)
{
    struct bench *bench = *state;
    char id[DELIVERY_ID_SIZE], status[16];

    open_and_raise(bench, NULL);
    memcpy(id, id_of("one@h.example"), sizeof id);
    assert_int_equal(report(bench, id, BOUNCE_ANSWERED, ""), BOUNCE_NOTED);
    assert_int_equal(report(bench, id, BOUNCE_RELAYED, "2.0.0"), BOUNCE_NOTED);
    /* Whoever holds the mail may say what he likes, so often. */
    for (int i = 0; i < 40; i++) {
        snprintf(status, sizeof status, "2.0.%d", i);
        report(bench, id, BOUNCE_EXPANDED, status);
    }
    assert_int_equal(recorded(bench, "bounce"), STORE_BOUNCES_MAX);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("two@h.example") + took("operator@board.example"), 0);
    /* And it is heard that it failed all the same. */
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    assert_int_equal(took("two@h.example"), 1);
}

static bool keep_id(void *id, const struct outbox_row *row)
{
    if (strcmp(row->recipient, "one@h.example") == 0)
        memcpy(id, row->id, sizeof row->id);
    return true;
}

/* The server took it, its answer was lost, and before the next try the mail came back. */
static void what_came_back_before_its_acceptance_is_tried_no_more(void **state)
{
    static const struct answer lost[] = { { "one@h.example", DELIVERY_LATER, 0, false }, { 0 } };
    struct bench *bench = *state;
    struct outbox_query query = { .board = "board", .reference = "D1" };
    struct outbox_row *row;
    char id[DELIVERY_ID_SIZE] = "";

    open_and_raise(bench, lost);
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(store_list_outbox(bench->store, &query, keep_id, id), STORE_OK);
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    assert_int_equal(took("two@h.example"), 1);
    answers = NULL;
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
    row = row_of(bench, id);
    assert_int_equal(row->state, OUTBOX_REFUSED);
    outbox_row_close(&row);
}

static void a_disagreement_that_is_over_is_told_too(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, NULL);
    give(bench, "withdrawn", "D1",
         "{\"reason\":\"It was met in another way.\",\"by\":{\"agency\":\"housing\"}}");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(counts_of(bench).disagreements_open, 0);
    assert_int_equal(report(bench, id_of("one@h.example"), BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    assert_int_equal(recorded(bench, "bounce"), 1);
    assert_int_equal(took("two@h.example"), 1);
}

static void what_is_sent_again_may_come_back_again(void **state)
{
    struct engine_redrive again = { .board = "board", .reference = "D1", .by = "uid 1000" };
    struct bench *bench = *state;
    char id[DELIVERY_ID_SIZE];

    open_and_raise(bench, NULL);
    memcpy(id, id_of("manager@c.example"), sizeof id);
    assert_int_equal(report(bench, id, BOUNCE_DELAYED, "4.4.1"), BOUNCE_NOTED);
    report(bench, id, BOUNCE_FAILED, "5.1.1");
    assert_int_equal(counts_of(bench).undelivered, 1);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &again), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_int_equal(again.count, 1);
    assert_int_equal(took("manager@c.example"), 2);
    assert_int_equal(counts_of(bench).undelivered, 0);
    /* What was said of it before is said of this one anew. */
    assert_int_equal(report(bench, id, BOUNCE_DELAYED, "4.4.1"), BOUNCE_NOTED);
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    assert_int_equal(counts_of(bench).undelivered, 1);
    assert_int_equal(recorded(bench, "bounce"), 4);
}

/* A mail that is stuck further on is delivered to nobody: what else there is may go again. */
static void what_is_delayed_keeps_nothing_from_being_sent_again(void **state)
{
    static const struct answer refused[] = { { "two@h.example", DELIVERY_REFUSED, .code = 550 },
                                             { "night@h.example", DELIVERY_REFUSED, .code = 550 },
                                             { "deputy@h.example", DELIVERY_REFUSED, .code = 550 },
                                             { 0 } };
    struct engine_redrive again = { .board = "board", .reference = "D1", .by = "uid 1000" };
    struct bench *bench = *state;

    open_and_raise(bench, refused);
    report(bench, id_of("one@h.example"), BOUNCE_DELAYED, "4.4.1");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    answers = NULL;
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &again), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_true(again.count > 0);
    deliver(bench);
    assert_int_equal(took("two@h.example"), 1);
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void a_message_to_the_operator_that_comes_back_by_all_routes_is_an_alarm(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, NULL);
    report(bench, id_of("one@h.example"), BOUNCE_FAILED, "5.1.1");
    assert_int_equal(counts_of(bench).unheard, 0);
    assert_int_equal(took("operator2@board.example"), 0);
    report(bench, id_of("operator@board.example"), BOUNCE_FAILED, "5.1.1");
    assert_int_equal(took("operator2@board.example"), 1);
    assert_int_equal(counts_of(bench).unheard, 0);
    report(bench, id_of("operator2@board.example"), BOUNCE_FAILED, "5.1.1");
    assert_int_equal(counts_of(bench).unheard, 1);
}

static void a_test_that_comes_back_is_told_to_nobody_else(void **state)
{
    struct engine_test test = { .role = "line_manager", .agency = "care", .by = "uid 1000" };
    struct bench *bench = *state;
    struct outbox_row *row;
    char id[DELIVERY_ID_SIZE];

    open_and_raise(bench, NULL);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_test(bench->engine, &test), ENGINE_TESTED);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_int_equal(test.route_count, 1);
    memcpy(id, test.routes[0].id, sizeof id);
    report(bench, id, BOUNCE_DELAYED, "4.4.1");
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(report(bench, id, BOUNCE_FAILED, "5.1.1"), BOUNCE_ACTED);
    row = row_of(bench, id);
    assert_int_equal(row->state, OUTBOX_REFUSED);
    outbox_row_close(&row);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("operator@board.example") + took("unit@board.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_bench, end_bench)
        TEST(what_came_back_goes_by_the_next_route),
        TEST(over_restarts_and_lost_turns_too),
        TEST(people_are_told_half_an_hour_after_it),
        TEST(what_is_delayed_has_the_usual_time),
        TEST(what_is_delayed_goes_on_though_the_clock_is_set_back),
        TEST(delayed_over_restarts_too),
        TEST(what_was_delayed_and_arrives_is_settled),
        TEST(delayed_with_nobody_else_is_told),
        TEST(answers_and_good_news_change_nothing),
        TEST(what_came_back_before_its_acceptance_is_tried_no_more),
        TEST(a_disagreement_that_is_over_is_told_too),
        TEST(what_is_sent_again_may_come_back_again),
        TEST(what_is_delayed_keeps_nothing_from_being_sent_again),
        TEST(a_message_to_the_operator_that_comes_back_by_all_routes_is_an_alarm),
        TEST(a_test_that_comes_back_is_told_to_nobody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
