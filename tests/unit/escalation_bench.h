/* escalation_bench.h - an engine whose other sides answer as a test says, over simulated time.
 *
 * What the other sides answer is set for each address.  Everybody in it is invented.
 */
#ifndef CONCERN_TESTS_ESCALATION_BENCH_H
#define CONCERN_TESTS_ESCALATION_BENCH_H

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

/* How often this recipient was asked, whatever it answered; NULL: nobody is watched. */
static const char *watched;
static size_t asked;

static inline const struct answer *answer_of(const char *recipient)
{
    for (const struct answer *at = answers; at && at->recipient; at++)
        if (strcmp(at->recipient, recipient) == 0 || strcmp(at->recipient, "*") == 0)
            return at;
    return NULL;
}

static inline bool judge(const struct delivery *delivery, struct outcome *outcome)
{
    const struct answer *answer = answer_of(delivery->recipient);

    asked += watched && strcmp(delivery->recipient, watched) == 0;
    if (answer) {
        outcome->outcome = answer->outcome;
        outcome->code = answer->code;
        outcome->needs_operator = answer->needs_operator;
    }
    return !answer;
}

static inline void open_and_raise_at(struct bench *bench, const char *of, const char *at,
                                     const struct answer *given)
{
    answers = given;
    world.judge = judge;
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

static inline const char *when(const char *recipient, char text[ZONE_TIME_SIZE])
{
    const struct taken *first = taken_by(recipient, 1);

    if (!first)
        return "never";
    instant_write_utc(first->at, text);
    return text;
}

static inline const char *said_to(const char *recipient)
{
    const struct taken *first = taken_by(recipient, 1);

    return first ? first->text : "";
}

static inline struct store_counts counts_of(struct bench *bench)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), 0);
    return counts;
}

static inline size_t recorded(struct bench *bench, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_history(bench->store, "board", "D1", count_line, &lines), 0);
    return lines.count;
}

static inline int begin_bench(void **state)
{
    answers = NULL;
    watched = NULL;
    asked = 0;
    return bench_begin(state);
}

#endif
