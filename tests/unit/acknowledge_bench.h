/* acknowledge_bench.h - two invented agencies are told, and say that they have seen it: what was
 * carried to whom, the links in it, and who does not accept.
 */
#ifndef CONCERN_TESTS_ACKNOWLEDGE_BENCH_H
#define CONCERN_TESTS_ACKNOWLEDGE_BENCH_H

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

static inline void take_back(char *text)
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

static inline bool carry(void *context, const struct delivery *delivery)
{
    (void)context;
    assert_true(carried_count < CARRIED_MAX);
    snprintf(carried[carried_count].recipient, ADDRESS_MAX + 1, "%s", delivery->recipient);
    memcpy(carried[carried_count].id, delivery->id, DELIVERY_ID_SIZE);
    carried[carried_count].text = strndup(delivery->bytes, delivery->size);
    take_back(carried[carried_count++].text);
    return true;
}

static inline void deliver(struct bench *bench)
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
static inline const char *give(struct bench *bench, const char *type, const char *subject,
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

static inline void raise(struct bench *bench, const char *subject)
{
    assert_string_equal(give(bench, "disagreement.raised", subject,
                             "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                             "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],\"facts\":"
                             "{\"relates_to\":\"individual\"},\"by\":{\"agency\":\"housing\"}}"),
                        "");
}

static inline void open_with(struct bench *bench, const char *text)
{
    bench->acknowledge = (struct acknowledge_setting){ PAGE, 0 };
    bench_open(bench, text, "2027-02-09T10:00:00Z");
    raise(bench, "D1");
}

static inline void open_and_raise(struct bench *bench)
{
    open_with(bench, directory);
}

/* The same directory, but that `before` is `after` in it. */
static inline const char *directory_where(const char *before, const char *after)
{
    static char text[sizeof directory + 200];
    const char *at = strstr(directory, before);

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - directory), directory, after,
             at + strlen(before));
    return text;
}

/* One person is line manager of both. */
static inline void open_with_one_for_both(struct bench *bench)
{
    open_with(bench, directory_where("{line_manager: {holder: c.manager}",
                                     "{line_manager: {holder: h.manager}"));
}

static inline bool was_heard(const struct bench *bench, int party)
{
    return bench->after.heard[party].us == bench->now.us;
}

static inline void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

/* The last delivery to whom. */
static inline size_t sent_to(const char *recipient)
{
    for (size_t i = carried_count; i > 0; i--)
        if (strcmp(carried[i - 1].recipient, recipient) == 0)
            return i - 1;
    fail_msg("nothing was sent to %s", recipient);
    return 0;
}

/* The token behind the last link to whom; "" where there is none. */
static inline const char *token_of(const char *recipient)
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

static inline const char *answered(struct bench *bench, const char *subject, const char *agency,
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

static inline bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    if (strcmp(line->type, lines->type) == 0) {
        lines->count++;
        snprintf(lines->last, sizeof lines->last, "%s", line->payload ? line->payload : "");
    }
    return true;
}

static inline struct lines recorded_of(struct bench *bench, const char *reference, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_history(bench->store, "board", reference, count_line, &lines), 0);
    return lines;
}

static inline struct lines recorded(struct bench *bench, const char *type)
{
    return recorded_of(bench, "D1", type);
}

static inline bool is_acknowledged(struct bench *bench, const char *recipient)
{
    struct instant at = INSTANT_NONE;

    assert_int_equal(store_get_acknowledged(bench->store, carried[sent_to(recipient)].id, &at),
                     STORE_OK);
    return !instant_is_none(at);
}

static inline int look(struct bench *bench, const char *token, struct engine_link *link)
{
    link->token = token;
    return engine_look_at_link(bench->engine, bench->now, link);
}

static inline int follow(struct bench *bench, const char *token, struct engine_link *link)
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

static inline void go_on(struct bench *bench, const char *until)
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

static inline int begin(void **state)
{
    for (size_t i = 0; i < carried_count; i++)
        free(carried[i].text);
    carried_count = 0;
    busy = refuses = NULL;
    return bench_begin(state);
}

static inline int end(void **state)
{
    for (size_t i = 0; i < carried_count; i++)
        free(carried[i].text);
    carried_count = 0;
    return bench_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
