/* silence_bench.h - an engine under maintenance silences: who takes what, and when.
 *
 * Everybody in it is invented.
 */
#ifndef CONCERN_TESTS_SILENCE_BENCH_H
#define CONCERN_TESTS_SILENCE_BENCH_H

#include "carrying_bench.h"

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

static struct {
    const char *busy[4]; /* recipients that answer "later" ... */
    bool breaks_off;     /* ... or nothing at all, once all was sent */
    size_t tries;        /* of those that are busy */
} other_sides;

static inline bool judge(const struct delivery *delivery, struct outcome *outcome)
{
    bool busy = false;

    for (size_t i = 0; i < COUNT_OF(other_sides.busy) && other_sides.busy[i]; i++)
        busy = busy || strcmp(other_sides.busy[i], delivery->recipient) == 0;
    other_sides.tries += busy;
    if (busy) {
        outcome->outcome = DELIVERY_LATER;
        outcome->ambiguous = other_sides.breaks_off;
        outcome->code = other_sides.breaks_off ? 0 : 451;
    }
    return !busy;
}

/* Tuesday, at ten in the morning. */
static inline void open_world_of(struct bench *bench, const char *people)
{
    forget_taken();
    memset(&other_sides, 0, sizeof other_sides);
    world.judge = judge;
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

/* The number `which` (from 1) that a recipient took, and when. */
static inline const char *said_to(const char *recipient, size_t which, const char *when)
{
    const struct taken *taken = taken_by(recipient, which);
    char text[ZONE_TIME_SIZE];

    if (!taken) {
        fail_msg("%s took less", recipient);
        return "";
    }
    instant_write_utc(taken->at, text);
    assert_string_equal(text, when);
    return taken->text;
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

static inline size_t recorded(struct bench *bench, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_list(bench->store, 1, 10000, count_line, &lines), STORE_OK);
    return lines.count;
}

#endif
