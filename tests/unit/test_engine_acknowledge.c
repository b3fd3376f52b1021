/* test_engine_acknowledge.c - a notification is acknowledged by an event: by whom it was told, and
 * once; it counts as delivered then.
 */
#include "acknowledge_bench.h"

static struct engine_link link_of;

static void an_event_acknowledges_what_its_agency_was_told(void **state)
{
    struct bench *bench = *state;
    struct lines lines;
    char expected[200];

    open_and_raise(bench);
    bench->now = bench_at("2027-02-09T10:30:00Z");
    assert_string_equal(
        answered(bench, "D1", "housing", "notification", carried[sent_to("one@h.example")].id), "");
    assert_true(is_acknowledged(bench, "one@h.example"));
    assert_false(is_acknowledged(bench, "manager@c.example"));
    assert_true(bench->after.heard[0].us == bench->now.us);
    lines = recorded(bench, "acknowledged");
    snprintf(expected, sizeof expected,
             "{\"notification\":\"%s\",\"role\":\"line_manager\",\"by\":\"event\","
             "\"agency\":\"housing\"}",
             carried[sent_to("one@h.example")].id);
    assert_int_equal(lines.count, 1);
    assert_string_equal(lines.last, expected);
    /* Said again it is an event like any other, but not a second acknowledgement. */
    bench->now = bench_at("2027-02-09T11:00:00Z");
    assert_string_equal(
        answered(bench, "D1", "housing", "notification", carried[sent_to("one@h.example")].id), "");
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
    assert_true(bench->after.heard[0].us == bench->now.us);
}

static bool was_sent_to(const char *recipient)
{
    for (size_t i = 0; i < carried_count; i++)
        if (strcmp(carried[i].recipient, recipient) == 0)
            return true;
    return false;
}

static void come_back(struct bench *bench, const char *id)
{
    struct engine_bounce bounce = {
        .action = BOUNCE_FAILED, .status = "5.1.1", .code = 550, .detail = "550 5.1.1 no such user"
    };
    struct outbox_row *row = NULL;

    assert_int_equal(store_get_outbox(bench->store, id, &row), STORE_OK);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_bounce(bench->engine, row, &bounce), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_int_equal(bounce.result, BOUNCE_ACTED);
    outbox_row_close(&row);
    deliver(bench);
}

/* He has seen it, wherever the mail went: that it came back is known, and nobody else is told. */
static void what_comes_back_after_it_goes_to_nobody_else(void **state)
{
    struct bench *bench = *state;
    struct store_counts counts;
    char id[DELIVERY_ID_SIZE];

    open_and_raise(bench);
    bench->now = bench_at("2027-02-09T10:30:00Z");
    memcpy(id, carried[sent_to("one@h.example")].id, sizeof id);
    assert_string_equal(answered(bench, "D1", "housing", "notification", id), "");
    come_back(bench, id);
    assert_int_equal(recorded(bench, "bounce").count, 1);
    assert_false(was_sent_to("two@h.example"));
    assert_true(was_sent_to("operator@board.example"));
    assert_int_equal(store_count(bench->store, &counts), STORE_OK);
    assert_int_equal(counts.undelivered, 0);
    assert_true(is_acknowledged(bench, "one@h.example"));
    /* One that he has not: at once. */
    raise(bench, "D2");
    come_back(bench, carried[sent_to("one@h.example")].id);
    assert_true(was_sent_to("two@h.example"));
}

static void a_case_system_answers_for_its_person(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    assert_string_equal(
        answered(bench, "D1", "care", "notification", carried[sent_to("care-system")].id), "");
    assert_true(is_acknowledged(bench, "care-system"));
    assert_true(is_acknowledged(bench, "manager@c.example"));
    assert_false(is_acknowledged(bench, "one@h.example"));
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
}

/* He was told once for both, and neither of them is silent, whichever says it. */
static void who_has_two_agencies_has_seen_it_for_both(void **state)
{
    static const char *const agencies[] = { "housing", "care" };
    struct bench *bench = *state;

    open_with_one_for_both(bench);
    for (int by = 0; by < 2; by++) {
        char expected[300];

        bench->now.us += MINUTE_US;
        raise(bench, by ? "D3" : "D2");
        bench->now.us += MINUTE_US;
        assert_string_equal(answered(bench, by ? "D3" : "D2", agencies[by], "notification",
                                     carried[sent_to("one@h.example")].id),
                            "");
        assert_true(was_heard(bench, 0));
        assert_true(was_heard(bench, 1));
        snprintf(expected, sizeof expected,
                 "\"role\":\"line_manager\",\"by\":\"event\",\"agency\":\"%s\","
                 "\"also\":[{\"role\":\"line_manager\",\"agency\":\"%s\"}]}",
                 agencies[by], agencies[1 - by]);
        assert_non_null(
            strstr(recorded_of(bench, by ? "D3" : "D2", "acknowledged").last, expected));
    }
    /* What names no notification is the sender's own word alone. */
    bench->now.us += MINUTE_US;
    assert_string_equal(give(bench, "acknowledged", "D1", "{\"by\":{\"agency\":\"care\"}}"), "");
    assert_false(was_heard(bench, 0));
    assert_true(was_heard(bench, 1));
}

/* The operator has no part in it: where he was told for two agencies that have nobody, the one that
 * answers for itself answers for itself alone. */
static void the_operator_answers_for_no_agency(void **state)
{
    static const char housing[] = "{line_manager: {holder: h.manager}, head_of_service: {holder: "
                                  "h.head}}";
    char text[sizeof directory + 200], *care;
    struct bench *bench = *state;

    snprintf(text, sizeof text, "%s", directory_where(housing, "{}"));
    care = strstr(text, "{line_manager: {holder: c.manager}, head_of_service: {holder: c.head}}");
    assert_non_null(care);
    memset(care, ' ', strcspn(care, "\n"));
    memcpy(care, "{}", 2);
    open_with(bench, text);
    bench->now.us += MINUTE_US;
    assert_string_equal(answered(bench, "D1", "care", "notification",
                                 carried[sent_to("operator@board.example")].id),
                        "");
    assert_false(was_heard(bench, 0));
    assert_true(was_heard(bench, 1));
    assert_null(strstr(recorded(bench, "acknowledged").last, "also"));
}

static void what_is_not_the_senders_is_refused(void **state)
{
    struct bench *bench = *state;
    size_t first;

    open_and_raise(bench);
    first = sent_to("one@h.example");
    assert_string_equal(answered(bench, "D1", "housing", "notification", "n-5f1c"), "400.4");
    assert_string_equal(
        answered(bench, "D1", "housing", "notification", "01JFEX0M0Z8K3T5Q7W9Y1B2C4D"), "400.4");
    assert_string_equal(answered(bench, "D1", "care", "notification", carried[first].id), "403.4");
    bench->now = bench_at("2027-02-09T10:30:00Z");
    raise(bench, "D2");
    assert_string_equal(answered(bench, "D2", "housing", "notification", carried[first].id),
                        "400.4");
    assert_int_equal(recorded(bench, "acknowledged").count, 0);
    assert_string_equal(answered(bench, "D1", "housing", "notification", carried[first].id), "");
}

static void an_event_may_carry_the_token(void **state)
{
    struct bench *bench = *state;
    char token[ACKNOWLEDGEMENT_SIZE], data[400];

    open_and_raise(bench);
    snprintf(token, sizeof token, "%s", token_of("manager@c.example"));
    snprintf(data, sizeof data,
             "{\"token\":\"%s\",\"notification\":\"%s\",\"by\":{\"agency\":\"care\"}}", token,
             carried[sent_to("one@h.example")].id);
    assert_string_equal(give(bench, "acknowledged", "D1", data), "400.4");
    assert_string_equal(answered(bench, "D1", "housing", "token", token), "403.4");
    token[10] = token[10] == 'A' ? 'B' : 'A';
    assert_string_equal(answered(bench, "D1", "care", "token", token), "400.4");
    assert_string_equal(answered(bench, "D1", "care", "token", token_of("manager@c.example")), "");
    assert_true(is_acknowledged(bench, "manager@c.example"));
    assert_string_equal(answered(bench, "D1", "care", "token", token_of("manager@c.example")),
                        "422.1");
    /* The link that went with it is spent as well. */
    assert_int_equal(follow(bench, token_of("manager@c.example"), &link_of), ENGINE_LINK_USED);
}

static void a_token_ends_in_an_event_too(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    bench->now = bench_at("2027-02-23T10:00:00Z");
    assert_string_equal(answered(bench, "D1", "care", "token", token_of("manager@c.example")),
                        "422.1");
    /* What is known to be whose needs no token. */
    assert_string_equal(
        answered(bench, "D1", "care", "notification", carried[sent_to("manager@c.example")].id),
        "");
}

/* --- what was seen was delivered */

static void check_climb(struct bench *bench, bool seen)
{
    busy = "one@h.example";
    open_and_raise(bench);
    if (seen)
        assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    go_on(bench, "2027-02-09T10:20:00Z");
    assert_int_equal(recorded(bench, "escalated").count, seen ? 0 : 1);
    assert_int_equal(recorded(bench, "undelivered").count, 0);
}

static void what_nobody_accepts_goes_on_by_another_route(void **state)
{
    check_climb(*state, false);
    /* It is the same notification: the link by the second route is spent with the first. */
    assert_int_equal(follow(*state, token_of("two@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(follow(*state, token_of("one@h.example"), &link_of), ENGINE_LINK_USED);
    assert_true(is_acknowledged(*state, "two@h.example"));
}

static void what_was_seen_goes_nowhere_else(void **state)
{
    check_climb(*state, true);
}

static size_t sent_again(struct bench *bench)
{
    struct engine_redrive redrive = { .by = "test" };

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &redrive), 0);
    engine_roll_back(bench->engine);
    return redrive.count;
}

static void what_was_seen_is_not_sent_again(void **state)
{
    struct bench *bench = *state;

    refuses = "one@h.example";
    busy = "two@h.example";
    open_and_raise(bench);
    deliver(bench);
    assert_int_equal(sent_again(bench), 1);
    assert_int_equal(follow(bench, token_of("two@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(sent_again(bench), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_acknowledges_what_its_agency_was_told),
        TEST(what_comes_back_after_it_goes_to_nobody_else),
        TEST(a_case_system_answers_for_its_person),
        TEST(who_has_two_agencies_has_seen_it_for_both),
        TEST(the_operator_answers_for_no_agency),
        TEST(what_is_not_the_senders_is_refused),
        TEST(an_event_may_carry_the_token),
        TEST(a_token_ends_in_an_event_too),
        TEST(what_nobody_accepts_goes_on_by_another_route),
        TEST(what_was_seen_goes_nowhere_else),
        TEST(what_was_seen_is_not_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
