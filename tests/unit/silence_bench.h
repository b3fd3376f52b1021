/* silence_bench.h - an engine under maintenance silences: who takes what, and when.
 *
 * With world.restart engine and store are stopped and started after every turn, and each turn is
 * lost once before it is kept.  Everybody in it is invented.
 */
#ifndef CONCERN_TESTS_SILENCE_BENCH_H
#define CONCERN_TESTS_SILENCE_BENCH_H

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

enum { TAKEN_MAX = 1000 };

static struct {
    struct bench *bench;
    bool restart;        /* after every turn, each of which is lost once */
    const char *busy[4]; /* recipients that answer "later" ... */
    bool breaks_off;     /* ... or nothing at all, once all was sent */
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

static inline bool carry(void *context, const struct delivery *delivery)
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
                                 .ambiguous = busy && world.breaks_off,
                                 .code = !busy              ? 250
                                         : world.breaks_off ? 0
                                                            : 451 };
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

static inline void pass(struct bench *bench)
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

static inline void go_on(struct bench *bench, const char *until)
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
static inline void give_at(struct bench *bench, const char *type, const char *subject,
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
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static inline void give(struct bench *bench, const char *type, const char *subject,
                        const char *data)
{
    char time[ZONE_TIME_SIZE];

    instant_write_utc(bench->now, time);
    give_at(bench, type, subject, time, data);
}

static const char raise[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                            "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                            "\"facts\":{\"relates_to\":\"individual\"}}";

/** What was taken until now is of no interest any more. */
static inline void forget_taken(void)
{
    for (size_t i = 0; i < world.taken_count; i++)
        free(world.taken[i].text);
    world.taken_count = 0;
}

/* Tuesday, at ten in the morning. */
static inline void open_world_of(struct bench *bench, const char *people)
{
    bool restart = world.restart;

    forget_taken();
    memset(&world, 0, sizeof world);
    world.bench = bench;
    world.restart = restart;
    bench_open(bench, people, "2027-02-09T10:00:00Z");
}

static inline void open_world(struct bench *bench)
{
    open_world_of(bench, directory);
}

static inline int64_t silence(struct bench *bench, const char *what, const char *until)
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

static inline size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < world.taken_count; i++)
        count += strcmp(world.taken[i].recipient, recipient) == 0;
    return count;
}

/* The number `which` (from 1) that a recipient took, and when. */
static inline const char *said_to(const char *recipient, size_t which, const char *when)
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

static inline void check_held(struct bench *bench, size_t wanted)
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

static inline bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    lines->count += strcmp(line->type, lines->type) == 0;
    return true;
}

static inline size_t recorded(struct bench *bench, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_list(bench->store, 1, 10000, count_line, &lines), STORE_OK);
    return lines.count;
}

static inline int end_bench(void **state)
{
    forget_taken();
    memset(&world, 0, sizeof world);
    return bench_end(state);
}

#endif
