/* gather_bench.h - an engine whose mails are kept as they go out, on a simulated clock.
 *
 * Addresses may be busy, or take nothing ever.  Everybody in it is invented.
 */
#ifndef CONCERN_TESTS_GATHER_BENCH_H
#define CONCERN_TESTS_GATHER_BENCH_H

#include "carrying_bench.h"

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

static struct {
    size_t webhooks;        /* to case systems: of no further interest */
    const char *refuses[4]; /* addresses that are busy ... */
    bool for_good;          /* ... or take nothing, ever */
} other_sides;

static inline bool judge(const struct delivery *delivery, struct outcome *outcome)
{
    bool busy = false;

    for (size_t i = 0; i < COUNT_OF(other_sides.refuses) && other_sides.refuses[i]; i++)
        busy = busy || strcmp(other_sides.refuses[i], delivery->recipient) == 0;
    if (busy) {
        outcome->outcome = other_sides.for_good ? DELIVERY_REFUSED : DELIVERY_LATER;
        outcome->code = other_sides.for_good ? 550 : 451;
    }
    other_sides.webhooks += delivery->route == ROUTE_WEBHOOK;
    return delivery->route != ROUTE_WEBHOOK;
}

/* What was, is of no interest any more; who is told is kept from now on. */
static inline void forget(void)
{
    forget_taken();
    memset(&world, 0, sizeof world);
    memset(&other_sides, 0, sizeof other_sides);
    world.judge = judge;
}

static inline const struct taken *last_to(const char *recipient)
{
    const struct taken *last = taken_by(recipient, took(recipient));

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
