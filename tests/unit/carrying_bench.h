/* carrying_bench.h - an engine whose deliveries are carried, on a simulated clock: to whom, when,
 * and what each other side answers.
 *
 * With world.restart engine and store are stopped and started after every turn, and each turn in
 * which time passes is lost once before it is kept.
 */
#ifndef CONCERN_TESTS_CARRYING_BENCH_H
#define CONCERN_TESTS_CARRYING_BENCH_H

#include "engine_bench.h"

#include "io/record.h"

enum { TAKEN_MAX = 1000, TURNS_MAX = 5000 };

struct taken {
    char recipient[ADDRESS_MAX + 1];
    char id[DELIVERY_ID_SIZE];
    char *text;
    struct instant at;
};

static struct {
    bool restart;
    /* What the other side answers: changes the outcome, which is "accepted"; false: what it took is
     * of no interest.  NULL: everybody accepts. */
    bool (*judge)(const struct delivery *delivery, struct outcome *outcome);
    struct outcome outcomes[64];
    size_t count;
    struct taken taken[TAKEN_MAX];
    size_t taken_count;
} world;

/** What was taken until now is of no interest any more. */
static inline void forget_taken(void)
{
    while (world.taken_count > 0)
        free(world.taken[--world.taken_count].text);
}

static inline bool carry(void *context, const struct delivery *delivery)
{
    const struct bench *bench = context;
    struct outcome *outcome = &world.outcomes[world.count];
    struct taken *taken = &world.taken[world.taken_count];

    if (world.count == COUNT_OF(world.outcomes))
        return false;
    world.count++;
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = DELIVERY_DONE,
                                 .code = 250 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    if ((world.judge && !world.judge(delivery, outcome)) || outcome->outcome != DELIVERY_DONE)
        return true;
    assert_true(world.taken_count < TAKEN_MAX);
    world.taken_count++;
    snprintf(taken->recipient, sizeof taken->recipient, "%s", delivery->recipient);
    snprintf(taken->id, sizeof taken->id, "%s", delivery->id);
    taken->text = strndup(delivery->bytes, delivery->size);
    taken->at = bench->now;
    return true;
}

static inline void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

/* All that is due goes out, and what became of it is noted, until nothing more happens. */
static inline void deliver(struct bench *bench)
{
    do {
        world.count = 0;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, bench), 0);
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

static inline void pass(struct bench *bench)
{
    bool more;

    if (world.restart) { /* a turn that is lost before its commit leaves nothing */
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
    for (unsigned turns = 0;; turns++) {
        assert_true(turns < TURNS_MAX); /* else it turns for ever */
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        pass(bench);
    }
    bench->now = bench_at(until);
}

/* In a turn: an event that happened at `time`, which may be before now. */
static inline void take_at(struct bench *bench, const char *type, const char *subject,
                           const char *time, const char *data)
{
    char json[4096];
    struct engine_input input = { .bytes = json, .received = bench->now };

    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
}

static inline void take(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    char time[ZONE_TIME_SIZE];

    instant_write_utc(bench->now, time);
    take_at(bench, type, subject, time, data);
}

/* Not bench_give(): that hands out to a carrier of its own. */
static inline void give(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    take(bench, type, subject, data);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static inline void give_at(struct bench *bench, const char *type, const char *subject,
                           const char *time, const char *data)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    take_at(bench, type, subject, time, data);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static const char raised[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                             "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                             "\"facts\":{\"relates_to\":\"individual\"}}";

static inline size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < world.taken_count; i++)
        count += strcmp(world.taken[i].recipient, recipient) == 0;
    return count;
}

/* The number `which` (from 1) that a recipient took; NULL: it took less. */
static inline const struct taken *taken_by(const char *recipient, size_t which)
{
    for (size_t i = 0; i < world.taken_count; i++)
        if (strcmp(world.taken[i].recipient, recipient) == 0 && --which == 0)
            return &world.taken[i];
    return NULL;
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

/* Nothing is left of it for the next test. */
static inline int end_bench(void **state)
{
    forget_taken();
    memset(&world, 0, sizeof world);
    return bench_end(state);
}

#endif
