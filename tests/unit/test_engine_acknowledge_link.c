/* test_engine_acknowledge_link.c - a notification is acknowledged by its link, or by that of its
 * entry in a digest: once, and never by looking.
 */
#include "acknowledge_bench.h"

static struct engine_link link_of;

/* --- what is written */

static void each_person_is_sent_a_link_of_his_own(void **state)
{
    struct bench *bench = *state;
    char token[ACKNOWLEDGEMENT_SIZE];

    open_and_raise(bench);
    snprintf(token, sizeof token, "%s", token_of("one@h.example"));
    assert_int_equal(strlen(token), ACKNOWLEDGEMENT_LENGTH);
    assert_string_not_equal(token, token_of("manager@c.example"));
    assert_non_null(strstr(carried[sent_to("one@h.example")].text,
                           "Confirm that you have seen this:\r\n" PAGE "/"));
    assert_non_null(strstr(carried[sent_to("one@h.example")].text, "<a href=\"" PAGE "/"));
    /* The agency's own case system asks its people: there the link leads. */
    assert_null(strstr(carried[sent_to("manager@c.example")].text, PAGE));
    assert_non_null(strstr(carried[sent_to("manager@c.example")].text, SYSTEM "&token="));
    /* Systems answer by events; the operator was told because nobody else could be. */
    assert_string_equal(token_of("care-system"), "");
    assert_null(strstr(carried[sent_to("care-system")].text, "Confirm that"));
    assert_string_equal(give(bench, "stage.unresolved", "D1", "{}"), "");
    assert_non_null(strstr(carried[sent_to("head")].text, "\"acknowledge\":\"" PAGE "/"));
    assert_non_null(strstr(carried[sent_to("channel")].text,
                           "\"title\":\"Confirm that you have seen this\",\"url\":\"" SYSTEM));
    assert_null(strstr(carried[sent_to("channel")].text, "Confirm that you have seen this:"));
    assert_string_equal(give(bench, "stage.unresolved", "D1", "{}"), "");
    assert_string_equal(token_of("operator@board.example"), "");
}

static void without_an_address_no_link_is_written(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    raise(bench, "D1");
    assert_string_equal(token_of("one@h.example"), "");
    assert_null(strstr(carried[sent_to("one@h.example")].text, "Confirm that"));
    assert_int_equal(strlen(token_of("manager@c.example")), ACKNOWLEDGEMENT_LENGTH);
}

static void what_has_ended_asks_for_nothing(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    assert_string_equal(
        give(bench, "withdrawn", "D1", "{\"reason\":\"none\",\"by\":{\"agency\":\"housing\"}}"),
        "");
    assert_string_equal(token_of("one@h.example"), "");
}

/* A reopening gives links of its own, and none of before is good again. */
static void a_link_ends_with_the_disagreement(void **state)
{
    static const char reopened[] = "{\"by\":{\"agency\":\"housing\"},\"reason\":\"invented\"}";
    struct bench *bench = *state;
    char before[ACKNOWLEDGEMENT_SIZE], system[ACKNOWLEDGEMENT_SIZE], by_token[300];

    open_and_raise(bench);
    snprintf(before, sizeof before, "%s", token_of("one@h.example"));
    snprintf(system, sizeof system, "%s", token_of("manager@c.example"));
    bench->now.us += HOUR_US;
    assert_string_equal(
        give(bench, "withdrawn", "D1", "{\"reason\":\"none\",\"by\":{\"agency\":\"housing\"}}"),
        "");
    assert_int_equal(look(bench, before, &link_of), ENGINE_LINK_OVER);
    bench->now.us += HOUR_US;
    assert_string_equal(give(bench, "reopened", "D1", reopened), "");
    assert_int_equal(bench->after.state, DISAGREEMENT_OPEN);
    assert_int_equal(look(bench, before, &link_of), ENGINE_LINK_OVER);
    assert_int_equal(follow(bench, before, &link_of), ENGINE_LINK_OVER);
    snprintf(by_token, sizeof by_token,
             "{\"token\":\"%s\",\"by\":{\"agency\":\"care\",\"role\":\"line_manager\"}}", system);
    assert_string_equal(give(bench, "acknowledged", "D1", by_token), WIRE_CODE_TRANSITION);
    assert_int_equal(recorded(bench, "acknowledged").count, 0);
    /* What the reopening told has a link, which is good. */
    assert_string_not_equal(token_of("one@h.example"), before);
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
}

/* --- by its link */

static void a_link_counts_once(void **state)
{
    struct bench *bench = *state;
    struct lines lines;

    open_and_raise(bench);
    bench->now = bench_at("2027-02-09T14:02:00Z");
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_string_equal(link_of.reference, "D1");
    assert_string_equal(link_of.role, "line_manager");
    assert_string_equal(link_of.agency, "housing");
    assert_true(bench->after.heard[0].us == bench->now.us);
    assert_true(instant_is_none(bench->after.heard[1]));
    lines = recorded(bench, "acknowledged");
    assert_int_equal(lines.count, 1);
    assert_non_null(strstr(lines.last, "\"by\":\"link\",\"agency\":\"housing\""));
    assert_null(strstr(lines.last, "Inventedname"));

    bench->now = bench_at("2027-02-09T15:00:00Z");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_USED);
        assert_true(link_of.acknowledged.us == bench_at("2027-02-09T14:02:00Z").us);
        start_again(bench);
    }
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
    assert_int_equal(recorded(bench, "event").count, 2);
}

static void a_link_counts_for_both_agencies(void **state)
{
    struct bench *bench = *state;

    open_with_one_for_both(bench);
    bench->now.us += MINUTE_US;
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_true(was_heard(bench, 0));
    assert_true(was_heard(bench, 1));
    assert_string_equal(link_of.whom, "First line manager, Invented Housing; First line manager of "
                                      "Invented Care");
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
    assert_non_null(strstr(recorded(bench, "acknowledged").last,
                           "\"by\":\"link\",\"agency\":\"housing\","
                           "\"also\":[{\"role\":\"line_manager\",\"agency\":\"care\"}]}"));
    start_again(bench);
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_USED);
}

static void to_look_changes_nothing(void **state)
{
    struct bench *bench = *state;
    uint64_t before;

    open_and_raise(bench);
    before = engine_last_record(bench->engine);
    for (int i = 0; i < 100; i++)
        assert_int_equal(look(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_true(engine_last_record(bench->engine) == before);
    assert_false(is_acknowledged(bench, "one@h.example"));
}

static void a_turn_that_is_lost_spends_nothing(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    link_of.token = token_of("one@h.example");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_acknowledge(bench->engine, &link_of), ENGINE_LINK_GOOD);
    engine_roll_back(bench->engine); /* the power went before the commit */
    start_again(bench);
    assert_int_equal(look(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_GOOD);
    start_again(bench); /* and after it, before the answer went out */
    assert_int_equal(follow(bench, token_of("one@h.example"), &link_of), ENGINE_LINK_USED);
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
}

/* Twice in one turn, as two people with one mailbox click at once. */
static void two_in_one_turn_are_one(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    link_of.token = token_of("one@h.example");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_acknowledge(bench->engine, &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(engine_acknowledge(bench->engine, &link_of), ENGINE_LINK_USED);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_int_equal(recorded(bench, "acknowledged").count, 1);
}

static void altered_old_and_over_are_told_apart(void **state)
{
    struct bench *bench = *state;
    char token[ACKNOWLEDGEMENT_SIZE];

    open_and_raise(bench);
    snprintf(token, sizeof token, "%s", token_of("one@h.example"));
    for (size_t i = 0; i < ACKNOWLEDGEMENT_LENGTH; i++) {
        char letter = token[i];

        token[i] = letter == 'A' ? 'B' : 'A';
        assert_int_equal(follow(bench, token, &link_of), ENGINE_LINK_UNKNOWN);
        token[i] = letter;
    }
    assert_int_equal(follow(bench, "", &link_of), ENGINE_LINK_UNKNOWN);
    bench->now = bench_at("2027-02-23T09:59:59Z");
    assert_int_equal(look(bench, token, &link_of), ENGINE_LINK_GOOD);
    bench->now = bench_at("2027-02-23T10:00:00Z");
    assert_int_equal(follow(bench, token, &link_of), ENGINE_LINK_OLD);
    assert_string_equal(
        give(bench, "withdrawn", "D1", "{\"reason\":\"none\",\"by\":{\"agency\":\"housing\"}}"),
        "");
    assert_int_equal(follow(bench, token, &link_of), ENGINE_LINK_OVER);
    assert_int_equal(recorded(bench, "acknowledged").count, 0);
    /* Of a store that never wrote one, nothing is a link. */
    bench_stop(bench);
    bench_forget(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
    assert_int_equal(look(bench, token, &link_of), ENGINE_LINK_UNKNOWN);
}

/* --- in a digest */

/* The same directory, but that a person has his ordinary notifications once a day. */
static const char *with_digest(const char *route)
{
    static const char daily[] = ", ordinary: daily 09:00";
    static char text[sizeof directory + sizeof daily];
    const char *at = strstr(directory, route);
    size_t before = (size_t)(strchr(at, ']') + 1 - directory);

    snprintf(text, sizeof text, "%.*s%s%s", (int)before, directory, daily, directory + before);
    return text;
}

/* Opens with it, raises three, and takes the clock to the digest. */
static void open_and_gather(struct bench *bench, const char *route)
{
    bench->acknowledge = (struct acknowledge_setting){ PAGE, 0 };
    bench_open(bench, with_digest(route), "2027-02-09T10:00:00Z");
    raise(bench, "D1");
    raise(bench, "D2");
    raise(bench, "D3");
}

/* The token of the link below a reference in the last digest to whom; "" where there is none. */
static const char *token_below(const char *recipient, const char *reference)
{
    static char token[ACKNOWLEDGEMENT_SIZE];
    const char *text = carried[sent_to(recipient)].text, *at, *end;
    char item[40];

    assert_non_null(strstr(text, "[Digest]"));
    snprintf(item, sizeof item, "\r\n- %s\r\n", reference);
    at = strstr(text, item);
    if (!at)
        fail_msg("%s is not in the list", reference);
    at += strlen(item);
    end = strstr(at, "\r\n");
    snprintf(token, sizeof token, "%s", "");
    if (strncmp(at, "  https://", 10) != 0)
        return token;
    for (const char *from = at; from < end; from++)
        if (*from == '/' || *from == '=')
            at = from + 1;
    snprintf(token, sizeof token, "%.*s", (int)(end - at), at);
    assert_int_equal(strlen(token), ACKNOWLEDGEMENT_LENGTH);
    return token;
}

static size_t acknowledged(struct bench *bench, const char *reference)
{
    return recorded_of(bench, reference, "acknowledged").count;
}

static void each_entry_of_a_digest_has_its_own_link(void **state)
{
    struct bench *bench = *state;
    char first[ACKNOWLEDGEMENT_SIZE], second[ACKNOWLEDGEMENT_SIZE];

    open_and_gather(bench, "two@h.example");
    go_on(bench, "2027-02-10T09:01:00Z");
    snprintf(first, sizeof first, "%s", token_below("one@h.example", "D1"));
    snprintf(second, sizeof second, "%s", token_below("one@h.example", "D2"));
    assert_string_not_equal(first, second);
    assert_int_equal(follow(bench, second, &link_of), ENGINE_LINK_GOOD);
    assert_string_equal(link_of.reference, "D2");
    assert_string_equal(link_of.role, "line_manager");
    assert_string_equal(link_of.agency, "housing");
    /* That one only; and it counts once. */
    start_again(bench);
    assert_int_equal(follow(bench, second, &link_of), ENGINE_LINK_USED);
    assert_int_equal(look(bench, first, &link_of), ENGINE_LINK_GOOD);
    assert_string_equal(link_of.reference, "D1");
    assert_int_equal(look(bench, token_below("one@h.example", "D3"), &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(acknowledged(bench, "D1"), 0);
    assert_int_equal(acknowledged(bench, "D2"), 1);
    assert_int_equal(acknowledged(bench, "D3"), 0);
    assert_int_equal(follow(bench, first, &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(acknowledged(bench, "D1"), 1);
}

/* An agency that asks its people itself does so for what stands in a digest, too. */
static void entries_lead_to_the_agencys_own_system(void **state)
{
    struct bench *bench = *state;
    const char *text;

    open_and_gather(bench, "manager@c.example");
    go_on(bench, "2027-02-10T09:01:00Z");
    text = carried[sent_to("manager@c.example")].text;
    assert_null(strstr(text, PAGE));
    assert_non_null(strstr(text, "\r\n- D1\r\n  " SYSTEM "&token="));
    assert_string_equal(
        answered(bench, "D3", "care", "token", token_below("manager@c.example", "D3")), "");
    assert_string_equal(
        answered(bench, "D3", "care", "token", token_below("manager@c.example", "D3")), "422.1");
    assert_int_equal(acknowledged(bench, "D1"), 0);
    assert_int_equal(acknowledged(bench, "D3"), 1);
}

/* Nothing is asked where there is nothing to answer any more. */
static void an_entry_that_is_answered_or_over_has_no_link(void **state)
{
    struct bench *bench = *state;

    open_and_gather(bench, "manager@c.example");
    assert_string_equal(
        answered(bench, "D3", "care", "notification", carried[sent_to("care-system")].id), "");
    assert_string_equal(
        give(bench, "withdrawn", "D2", "{\"reason\":\"none\",\"by\":{\"agency\":\"housing\"}}"),
        "");
    go_on(bench, "2027-02-10T09:01:00Z");
    assert_int_equal(strlen(token_below("manager@c.example", "D1")), ACKNOWLEDGEMENT_LENGTH);
    assert_string_equal(token_below("manager@c.example", "D2"), "");
    assert_string_equal(token_below("manager@c.example", "D3"), "");
}

/* A list that nobody accepts goes by the next route, with links to the same notifications. */
static void a_digest_by_another_route_has_the_same_links(void **state)
{
    struct bench *bench = *state;
    char first[ACKNOWLEDGEMENT_SIZE];

    refuses = "one@h.example";
    open_and_gather(bench, "two@h.example");
    go_on(bench, "2027-02-10T09:01:00Z");
    deliver(bench);
    snprintf(first, sizeof first, "%s", token_below("one@h.example", "D1"));
    assert_int_equal(follow(bench, token_below("two@h.example", "D1"), &link_of), ENGINE_LINK_GOOD);
    assert_int_equal(follow(bench, first, &link_of), ENGINE_LINK_USED);
    assert_int_equal(look(bench, token_below("two@h.example", "D2"), &link_of), ENGINE_LINK_GOOD);
}

static void without_an_address_a_digest_has_no_links(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, with_digest("two@h.example"), "2027-02-09T10:00:00Z");
    raise(bench, "D1");
    raise(bench, "D2");
    go_on(bench, "2027-02-10T09:01:00Z");
    assert_string_equal(token_below("one@h.example", "D1"), "");
    assert_null(strstr(carried[sent_to("one@h.example")].text, "confirm"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_person_is_sent_a_link_of_his_own),
        TEST(without_an_address_no_link_is_written),
        TEST(what_has_ended_asks_for_nothing),
        TEST(a_link_ends_with_the_disagreement),
        TEST(a_link_counts_once),
        TEST(a_link_counts_for_both_agencies),
        TEST(to_look_changes_nothing),
        TEST(a_turn_that_is_lost_spends_nothing),
        TEST(two_in_one_turn_are_one),
        TEST(altered_old_and_over_are_told_apart),
        TEST(each_entry_of_a_digest_has_its_own_link),
        TEST(entries_lead_to_the_agencys_own_system),
        TEST(an_entry_that_is_answered_or_over_has_no_link),
        TEST(a_digest_by_another_route_has_the_same_links),
        TEST(without_an_address_a_digest_has_no_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
