/* escalation_bench.h - an engine whose other sides answer as a test says, over simulated time.
 *
 * What the other sides answer is set for each address; with log_of.restart engine and store are
 * stopped and started at every step.  Everybody in it is invented.
 */
#ifndef CONCERN_TESTS_ESCALATION_BENCH_H
#define CONCERN_TESTS_ESCALATION_BENCH_H

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
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.manager},\n"
    "      strategic_head: {holder: c.manager}, practitioner: {holder: c.worker}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:one@h.example\", \"email:two@h.example\"],\n"
    "    out_of_hours: [\"email:night@h.example\"]}\n"
    "  h.deputy: {name: H, routes: [\"email:deputy@h.example\"]}\n"
    "  h.head: {name: H, routes: [\"email:head@h.example\"]}\n"
    "  h.worker: {name: H, routes: [\"email:worker@h.example\"]}\n"
    "  c.manager: {name: C, routes: [\"email:manager@c.example\"]}\n"
    "  c.worker: {name: C, routes: [\"webhook:worker\", \"email:worker@c.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\", \"email:unit2@board.example\"],\n"
    "    out_of_hours: [\"email:duty@board.example\", \"email:duty2@board.example\"]}\n"
    "endpoints:\n"
    "  worker: {kind: webhook, url: \"https://worker.c.example/\", secret: care}\n"
    "  care-system: {kind: webhook, url: \"https://las.c.example/\", secret: care}\n"
    "operator: [\"email:operator@board.example\", \"email:operator2@board.example\"]\n";

/* What the other side answers to whom; everybody else accepts. */
struct answer {
    const char *recipient; /* NULL: the end */
    enum delivery_outcome outcome;
    int code;
    bool needs_operator;
};

static const struct answer *answers;

enum { LOG_MAX = 400 };

struct log {
    struct bench *bench;
    struct outcome outcomes[64];
    size_t count;
    struct {
        char recipient[ADDRESS_MAX + 1];
        char id[DELIVERY_ID_SIZE];
        char subject[256];
        char *text;
        struct instant at;
    } accepted[LOG_MAX];
    size_t accepted_count;
    bool restart;        /* engine and store, after every turn */
    const char *watched; /* how often this recipient was asked, whatever it answered; or NULL */
    size_t asked;
};

static struct log log_of;

static inline const struct answer *answer_of(const char *recipient)
{
    for (const struct answer *at = answers; at && at->recipient; at++)
        if (strcmp(at->recipient, recipient) == 0 || strcmp(at->recipient, "*") == 0)
            return at;
    return NULL;
}

static inline bool carry(void *context, const struct delivery *delivery)
{
    struct log *log = context;
    const struct answer *answer = answer_of(delivery->recipient);
    struct outcome *outcome;
    const char *subject = memmem(delivery->bytes, delivery->size, "\nSubject: ", 10);

    if (log->count == COUNT_OF(log->outcomes))
        return false;
    log->asked += log->watched && strcmp(delivery->recipient, log->watched) == 0;
    outcome = &log->outcomes[log->count++];
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = answer ? answer->outcome : DELIVERY_DONE,
                                 .code = answer ? answer->code : 250,
                                 .needs_operator = answer && answer->needs_operator };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    if (answer)
        return true;
    assert_true(log->accepted_count < LOG_MAX);
    snprintf(log->accepted[log->accepted_count].recipient, ADDRESS_MAX + 1, "%s",
             delivery->recipient);
    snprintf(log->accepted[log->accepted_count].id, DELIVERY_ID_SIZE, "%s", delivery->id);
    snprintf(log->accepted[log->accepted_count].subject, 256, "%.*s",
             subject ? (int)strcspn(subject + 10, "\r\n") : 0, subject ? subject + 10 : "");
    log->accepted[log->accepted_count].text = strndup(delivery->bytes, delivery->size);
    log->accepted[log->accepted_count++].at = log->bench->now;
    return true;
}

static inline void start_again(struct bench *bench)
{
    struct store_settings store = { .trial = true, .fleeting = true, .now = bench->now };
    struct engine_settings engine = { .mail_from = "concernd@board.example",
                                      .policy = bench->policy };
    char path[256];

    snprintf(path, sizeof path, "%s/state", bench->folder);
    store.directory = path;
    engine_close(&bench->engine);
    store_close(&bench->store);
    assert_int_equal(store_open(&store, &bench->store), STORE_OK);
    engine.store = bench->store;
    assert_int_equal(engine_open(&engine, &bench->engine), 0);
}

/* All that is due goes out, and what became of it is noted, until nothing more happens. */
static inline void deliver(struct bench *bench)
{
    do {
        log_of.count = 0;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, &log_of), 0);
        if (log_of.count == 0)
            break;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (size_t i = 0; i < log_of.count; i++)
            assert_int_equal(engine_note(bench->engine, &log_of.outcomes[i]), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
    } while (log_of.count > 0);
    if (log_of.restart)
        start_again(bench);
}

static inline void go_on(struct bench *bench, const char *until)
{
    struct instant wake;
    bool more;

    deliver(bench);
    for (;;) {
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        if (log_of.restart) { /* a turn that is lost before its commit leaves nothing */
            assert_int_equal(engine_begin(bench->engine, bench->now), 0);
            assert_int_equal(engine_pass(bench->engine, &more), 0);
            start_again(bench);
        }
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
        deliver(bench);
    }
    bench->now = bench_at(until);
}

/* Not bench_give(): that hands out to a carrier of its own. */
static inline void give(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    char json[4096], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
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

static inline void open_and_raise_at(struct bench *bench, const char *of, const char *at,
                                     const struct answer *given)
{
    answers = given;
    log_of.bench = bench;
    bench_open(bench, of, at);
    give(bench, "disagreement.raised", "D1",
         "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
         "\"challenged\":[{\"agency\":\"care\"}]}");
}

/* Tuesday, at ten in the morning. */
static inline void open_and_raise(struct bench *bench, const struct answer *given)
{
    open_and_raise_at(bench, directory, "2027-02-09T10:00:00Z", given);
}

static inline size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < log_of.accepted_count; i++)
        count += strcmp(log_of.accepted[i].recipient, recipient) == 0;
    return count;
}

static inline const char *when(const char *recipient, char text[ZONE_TIME_SIZE])
{
    for (size_t i = 0; i < log_of.accepted_count; i++)
        if (strcmp(log_of.accepted[i].recipient, recipient) == 0) {
            instant_write_utc(log_of.accepted[i].at, text);
            return text;
        }
    return "never";
}

static inline const char *said_to(const char *recipient)
{
    for (size_t i = 0; i < log_of.accepted_count; i++)
        if (strcmp(log_of.accepted[i].recipient, recipient) == 0)
            return log_of.accepted[i].text;
    return "";
}

static inline struct store_counts counts_of(struct bench *bench)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), 0);
    return counts;
}

struct lines {
    const char *type;
    size_t count;
};

static inline bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    lines->count += strcmp(line->type, lines->type) == 0;
    return true;
}

static inline size_t recorded(struct bench *bench, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_history(bench->store, "board", "D1", count_line, &lines), 0);
    return lines.count;
}

#endif
