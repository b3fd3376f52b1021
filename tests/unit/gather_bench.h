/* gather_bench.h - an engine whose mails are kept as they go out, on a simulated clock.
 *
 * Addresses may be busy, or take nothing ever; engine and store may be stopped and started at
 * every step, and a turn lost before its commit.
 */
#ifndef CONCERN_TESTS_GATHER_BENCH_H
#define CONCERN_TESTS_GATHER_BENCH_H

#include "engine_bench.h"

/* The manager of housing and the board's team have a digest; the manager of care has not. */
#define DIRECTORY(manager, ordinary, people)                                                       \
    "agencies:\n"                                                                                  \
    "  housing:\n"                                                                                 \
    "    name: Invented Housing\n"                                                                 \
    "    kind: statutory\n"                                                                        \
    "    roles: {line_manager: {holder: " manager ", deputy: h.deputy},\n"                         \
    "      head_of_service: {holder: h.head}, strategic_head: {holder: h.head},\n"                 \
    "      practitioner: {holder: h.worker}}\n"                                                    \
    "  care:\n"                                                                                    \
    "    name: Invented Care\n"                                                                    \
    "    kind: statutory\n"                                                                        \
    "    systems: [care-system]\n"                                                                 \
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.head},\n"          \
    "      strategic_head: {holder: c.head}, practitioner: {holder: c.worker}}\n"                  \
    "boards:\n"                                                                                    \
    "  board:\n"                                                                                   \
    "    name: Invented Board\n"                                                                   \
    "    procedures: [plcsab-adults]\n"                                                            \
    "    roles: {board_team: {holder: unit}}\n"                                                    \
    "people:\n" people "  h.deputy: {name: D, routes: [\"email:deputy@h.example\"]}\n"             \
    "  h.head: {name: H, routes: [\"email:head@h.example\"]}\n"                                    \
    "  h.worker: {name: W, routes: [\"email:worker@h.example\"]}\n"                                \
    "  c.manager: {name: C, routes: [\"email:manager@c.example\"]}\n"                              \
    "  c.head: {name: S, routes: [\"teams:channel\"]}\n"                                           \
    "  c.worker: {name: P, routes: [\"email:worker@c.example\"]}\n"                                \
    "  unit: {name: U, routes: [\"email:unit@board.example\"], ordinary: " ordinary "}\n"          \
    "endpoints:\n"                                                                                 \
    "  care-system: {kind: webhook, url: \"https://las.c.example/\", secret: care}\n"              \
    "  channel: {kind: teams, secret: care}\n"                                                     \
    "operator: [\"email:operator@board.example\"]\n"

#define MANAGER(more)                                                                              \
    "  h.manager: {name: M, routes: [\"email:one@h.example\", \"email:two@h.example\"]" more "}\n"

/* --- what goes out */

enum { LOG_MAX = 600 };

struct mail {
    char recipient[ADDRESS_MAX + 1];
    char id[DELIVERY_ID_SIZE];
    char *text;
    struct instant at;
};

static struct {
    struct mail mails[LOG_MAX];
    size_t count;
    size_t webhooks;
    struct outcome outcomes[64];
    size_t outcome_count;
    const char *refuses[4]; /* addresses that are busy ... */
    bool for_good;          /* ... or take nothing, ever */
    bool restart;           /* engine and store, after every turn */
} out;

static inline void forget(void)
{
    for (size_t i = 0; i < out.count; i++)
        free(out.mails[i].text);
    memset(&out, 0, sizeof out);
}

static inline bool is_busy(const char *recipient)
{
    for (size_t i = 0; i < COUNT_OF(out.refuses) && out.refuses[i]; i++)
        if (strcmp(out.refuses[i], recipient) == 0)
            return true;
    return false;
}

static inline bool carry(void *context, const struct delivery *delivery)
{
    struct bench *bench = context;
    bool busy = is_busy(delivery->recipient);
    struct outcome *outcome = &out.outcomes[out.outcome_count];

    if (out.outcome_count == COUNT_OF(out.outcomes))
        return false;
    out.outcome_count++;
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = !busy          ? DELIVERY_DONE
                                            : out.for_good ? DELIVERY_REFUSED
                                                           : DELIVERY_LATER,
                                 .code = !busy          ? 250
                                         : out.for_good ? 550
                                                        : 451 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    out.webhooks += delivery->route == ROUTE_WEBHOOK;
    if (busy || delivery->route == ROUTE_WEBHOOK)
        return true;
    assert_true(out.count < LOG_MAX);
    snprintf(out.mails[out.count].recipient, ADDRESS_MAX + 1, "%s", delivery->recipient);
    snprintf(out.mails[out.count].id, DELIVERY_ID_SIZE, "%s", delivery->id);
    out.mails[out.count].text = strndup(delivery->bytes, delivery->size);
    out.mails[out.count++].at = bench->now;
    return true;
}

static inline void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

static inline void deliver(struct bench *bench)
{
    do {
        out.outcome_count = 0;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, bench), 0);
        if (out.outcome_count == 0)
            break;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (size_t i = 0; i < out.outcome_count; i++)
            assert_int_equal(engine_note(bench->engine, &out.outcomes[i]), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
    } while (out.outcome_count > 0);
    if (out.restart)
        start_again(bench);
}

static inline void pass(struct bench *bench)
{
    bool more;

    if (out.restart) { /* a turn that is lost before its commit leaves nothing */
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        start_again(bench);
    }
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_pass(bench->engine, &more), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static inline void go_on(struct bench *bench, const char *until)
{
    struct instant wake;

    deliver(bench);
    for (;;) {
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        pass(bench);
    }
    bench->now = bench_at(until);
}

static inline void take(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    char json[2048], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
}

static const char raised[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                             "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                             "\"facts\":{\"relates_to\":\"individual\"}}";

static inline void give(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    take(bench, type, subject, data);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* --- what came */

static inline size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < out.count; i++)
        count += strcmp(out.mails[i].recipient, recipient) == 0;
    return count;
}

static inline const struct mail *last_to(const char *recipient)
{
    const struct mail *last = NULL;

    for (size_t i = 0; i < out.count; i++)
        if (strcmp(out.mails[i].recipient, recipient) == 0)
            last = &out.mails[i];
    if (!last)
        fail_msg("%s took nothing", recipient);
    return last;
}

static inline size_t in_state(struct bench *bench, enum outbox_state state)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), 0);
    return counts.outbox[state];
}

#endif
