/* test_engine_acknowledge.c - a notification is acknowledged, by an event or by its link: by whom
 * it was told, once, and never by looking. */
#include "engine_bench.h"

#include "io/engine_acknowledge.h"
#include "io/record.h"
#include "io/store_acknowledge.h"
#include "protocol/acknowledgement.h"

#define PAGE "https://concern.board.example/acknowledge"
#define SYSTEM "https://las.c.example/seen?from=concernd"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n"
    "    kind: statutory\n"
    "    roles: {line_manager: {holder: h.manager}, head_of_service: {holder: h.head}}\n"
    "  care:\n"
    "    name: Invented Care\n"
    "    kind: statutory\n"
    "    systems: [care-system]\n"
    "    acknowledge: \"" SYSTEM "\"\n"
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.head}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: Inventedname, routes: [\"email:one@h.example\", "
    "\"email:two@h.example\"]}\n"
    "  h.head: {name: Inventedname, routes: [\"webhook:head\"]}\n"
    "  c.manager: {name: Inventedname, routes: [\"email:manager@c.example\"]}\n"
    "  c.head: {name: Inventedname, routes: [\"teams:channel\"]}\n"
    "  unit: {name: Inventedname, routes: [\"email:unit@board.example\"]}\n"
    "endpoints:\n"
    "  head: {kind: webhook, url: \"https://head.h.example/\", secret: care}\n"
    "  channel: {kind: teams, secret: channel}\n"
    "  care-system: {kind: webhook, url: \"https://las.c.example/\", secret: care}\n"
    "operator: [\"email:operator@board.example\"]\n";

enum { CARRIED_MAX = 60 };

static struct {
    char recipient[ADDRESS_MAX + 1];
    char id[DELIVERY_ID_SIZE];
    char *text; /* quoted-printable taken back */
} carried[CARRIED_MAX];
static size_t carried_count;
static const char *busy, *refuses; /* who does not accept now, or never */

static void take_back(char *text)
{
    char *to = text;

    if (!strstr(text, "quoted-printable"))
        return; /* JSON */
    for (const char *at = text; *at; at++) {
        unsigned letter;

        if (at[0] == '=' && at[1] == '\r') {
            at += 2;
            continue;
        }
        if (at[0] == '=' && sscanf(at + 1, "%2X", &letter) == 1) {
            *to++ = (char)letter;
            at += 2;
            continue;
        }
        *to++ = *at;
    }
    *to = '\0';
}

static bool carry(void *context, const struct delivery *delivery)
{
    (void)context;
    assert_true(carried_count < CARRIED_MAX);
    snprintf(carried[carried_count].recipient, ADDRESS_MAX + 1, "%s", delivery->recipient);
    memcpy(carried[carried_count].id, delivery->id, DELIVERY_ID_SIZE);
    carried[carried_count].text = strndup(delivery->bytes, delivery->size);
    take_back(carried[carried_count++].text);
    return true;
}

static void deliver(struct bench *bench)
{
    size_t noted = carried_count;

    assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, NULL), 0);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (; noted < carried_count; noted++) {
        bool later = busy && strcmp(busy, carried[noted].recipient) == 0;
        bool never = refuses && strcmp(refuses, carried[noted].recipient) == 0;
        struct outcome outcome = { .attempt = 1, .outcome = DELIVERY_DONE, .code = 250 };

        if (later || never)
            outcome.outcome = later ? DELIVERY_LATER : DELIVERY_REFUSED;
        memcpy(outcome.id, carried[noted].id, sizeof outcome.id);
        assert_int_equal(engine_note(bench->engine, &outcome), 0);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* Gives an event at bench->now, and carries what it tells; the code of a refusal, or "". */
static const char *give(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    char json[2048], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };
    int answer;

    instant_write_utc(bench->now, time);
    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = engine_take(bench->engine, &input, &bench->reply);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    return answer == ENGINE_TAKEN ? "" : bench->reply.nack.code;
}

static void raise(struct bench *bench, const char *subject)
{
    assert_string_equal(give(bench, "disagreement.raised", subject,
                             "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                             "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],\"facts\":"
                             "{\"relates_to\":\"individual\"},\"by\":{\"agency\":\"housing\"}}"),
                        "");
}

static void open_and_raise(struct bench *bench)
{
    bench->acknowledge = (struct acknowledge_setting){ PAGE, 0 };
    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    raise(bench, "D1");
}

static void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

/* The last delivery to whom. */
static size_t sent_to(const char *recipient)
{
    for (size_t i = carried_count; i > 0; i--)
        if (strcmp(carried[i - 1].recipient, recipient) == 0)
            return i - 1;
    fail_msg("nothing was sent to %s", recipient);
    return 0;
}

/* The token behind the last link to whom; "" where there is none. */
static const char *token_of(const char *recipient)
{
    static char token[ACKNOWLEDGEMENT_SIZE];
    const char *text = carried[sent_to(recipient)].text;
    const char *page = strstr(text, PAGE "/"), *system = strstr(text, SYSTEM "&token=");
    const char *at = page     ? page + strlen(PAGE "/")
                     : system ? system + strlen(SYSTEM "&token=")
                              : "";

    snprintf(token, sizeof token, "%s", at);
    return token;
}

static const char *answered(struct bench *bench, const char *subject, const char *agency,
                            const char *member, const char *value)
{
    char data[512];

    snprintf(data, sizeof data, "{\"%s\":\"%s\",\"by\":{\"agency\":\"%s\",\"person\":\"p\"}}",
             member, value, agency);
    return give(bench, "acknowledged", subject, data);
}

struct lines {
    const char *type;
    size_t count;
    char last[400];
};

static bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    if (strcmp(line->type, lines->type) == 0) {
        lines->count++;
        snprintf(lines->last, sizeof lines->last, "%s", line->payload ? line->payload : "");
    }
    return true;
}

static struct lines recorded_of(struct bench *bench, const char *reference, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_history(bench->store, "board", reference, count_line, &lines), 0);
    return lines;
}

static struct lines recorded(struct bench *bench, const char *type)
{
    return recorded_of(bench, "D1", type);
}

static bool is_acknowledged(struct bench *bench, const char *recipient)
{
    struct instant at = INSTANT_NONE;

    assert_int_equal(store_get_acknowledged(bench->store, carried[sent_to(recipient)].id, &at),
                     STORE_OK);
    return !instant_is_none(at);
}

static int look(struct bench *bench, const char *token, struct engine_link *link)
{
    link->token = token;
    return engine_look_at_link(bench->engine, bench->now, link);
}

static int follow(struct bench *bench, const char *token, struct engine_link *link)
{
    int answer;

    link->token = token;
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = engine_acknowledge(bench->engine, link);
    if (answer == ENGINE_LINK_GOOD)
        assert_int_equal(engine_commit(bench->engine), 0);
    else
        engine_roll_back(bench->engine);
    return answer;
}

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

/* --- by an event */

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
        .action = BOUNCE_FAILED, .status = "5.1.1", .code = 550, .detail = "550 no such user"
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

/* --- what was seen was delivered */

static void go_on(struct bench *bench, const char *until)
{
    struct instant wake;
    bool more;

    for (;;) {
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        bench->now.us = wake.us > bench->now.us ? wake.us : bench->now.us;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
        deliver(bench);
    }
    bench->now = bench_at(until);
}

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

static int begin(void **state)
{
    for (size_t i = 0; i < carried_count; i++)
        free(carried[i].text);
    carried_count = 0;
    busy = refuses = NULL;
    return bench_begin(state);
}

static int end(void **state)
{
    for (size_t i = 0; i < carried_count; i++)
        free(carried[i].text);
    carried_count = 0;
    return bench_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_person_is_sent_a_link_of_his_own),
        TEST(without_an_address_no_link_is_written),
        TEST(what_has_ended_asks_for_nothing),
        TEST(an_event_acknowledges_what_its_agency_was_told),
        TEST(what_comes_back_after_it_goes_to_nobody_else),
        TEST(a_case_system_answers_for_its_person),
        TEST(what_is_not_the_senders_is_refused),
        TEST(an_event_may_carry_the_token),
        TEST(a_token_ends_in_an_event_too),
        TEST(a_link_counts_once),
        TEST(to_look_changes_nothing),
        TEST(a_turn_that_is_lost_spends_nothing),
        TEST(two_in_one_turn_are_one),
        TEST(altered_old_and_over_are_told_apart),
        TEST(what_nobody_accepts_goes_on_by_another_route),
        TEST(what_was_seen_goes_nowhere_else),
        TEST(what_was_seen_is_not_sent_again),
        TEST(each_entry_of_a_digest_has_its_own_link),
        TEST(entries_lead_to_the_agencys_own_system),
        TEST(an_entry_that_is_answered_or_over_has_no_link),
        TEST(a_digest_by_another_route_has_the_same_links),
        TEST(without_an_address_a_digest_has_no_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
