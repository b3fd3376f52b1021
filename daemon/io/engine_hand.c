/* engine_hand.c - deliveries that are due are handed out, fair between the lanes.
 *
 * Each endpoint is one lane, and so is all mail.  A lane has at most a quarter of the places that
 * the others leave, so that one whose other side never answers cannot have them all; what is
 * urgent has places of its own.
 */
#include <stdio.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/store_claim.h"

/* --- lanes */

static void begin_at_the_first(struct engine_lane *lane)
{
    for (size_t i = 0; i < PRIORITY_COUNT; i++)
        lane->handed[i] = (struct outbox_place){ .next_try = INSTANT_NONE };
}

static size_t in_flight_of(const struct engine_lane *lane)
{
    return lane->in_flight[0] + lane->in_flight[1];
}

/* The lane of a name, a new one or an idle one's place; NULL: more endpoints have something under
 * way than there can be. */
static struct engine_lane *find_lane(struct engine *engine, const char *name)
{
    struct engine_lane *idle = NULL;

    for (size_t i = 0; i < engine->lane_count; i++) {
        struct engine_lane *lane = &engine->lanes[i];

        if (strcmp(lane->name, name) == 0)
            return lane;
        if (in_flight_of(lane) == 0 && !lane->has_rows)
            idle = lane;
    }
    if (engine->lane_count < ENGINE_LANES_MAX)
        idle = &engine->lanes[engine->lane_count++];
    if (!idle)
        return NULL;
    *idle = (struct engine_lane){ .held_until = { INSTANT_NONE, INSTANT_NONE } };
    snprintf(idle->name, sizeof idle->name, "%s", name);
    begin_at_the_first(idle);
    return idle;
}

/* Which lanes have rows that wait: a look at the index for each. */
static int look_for_lanes(struct engine *engine)
{
    char name[ADDRESS_MAX + 1], last[ADDRESS_MAX + 1];
    const char *after = NULL;
    int answer;

    for (size_t i = 0; i < engine->lane_count; i++)
        engine->lanes[i].has_rows = false;
    while ((answer = store_next_lane(engine->settings.store, after, name)) == STORE_OK) {
        struct engine_lane *lane = find_lane(engine, name);

        if (lane)
            lane->has_rows = true;
        memcpy(last, name, sizeof last);
        after = last;
    }
    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

/* What is queued later is due later than all that was handed out, so that each walk goes on where
 * the one before ended, and rows in flight cost nothing.  But for a clock that was set back: then,
 * and whenever nothing is in flight, it begins at the first. */
static void look_from(struct engine *engine, struct instant now)
{
    bool set_back = now.us < engine->handed_at.us;

    engine->handed_at = now;
    for (size_t i = 0; i < engine->lane_count; i++) {
        struct engine_lane *lane = &engine->lanes[i];

        if (set_back)
            lane->held_until[0] = lane->held_until[1] = INSTANT_NONE;
        if (set_back || in_flight_of(lane) == 0)
            begin_at_the_first(lane);
    }
}

static bool is_held(const struct engine_lane *lane, bool urgent, struct instant now)
{
    struct instant until = lane->held_until[urgent];

    return !instant_is_none(until) && until.us > now.us;
}

static void hold_lane(struct engine *engine, const char *id, int64_t wait_us)
{
    for (size_t i = 0; i < engine->in_flight_count; i++) {
        const struct flight *flight = &engine->in_flight[i];
        struct engine_lane *lane = &engine->lanes[flight->lane];

        if (strcmp(flight->id, id) != 0)
            continue;
        if (wait_us > ENGINE_HOLD_MAX_US)
            wait_us = ENGINE_HOLD_MAX_US;
        lane->held_until[flight->urgent].us = engine->now.us + wait_us;
        begin_at_the_first(lane);
    }
}

void engine_look_anew(struct engine *engine)
{
    for (size_t i = 0; i < engine->lane_count; i++)
        begin_at_the_first(&engine->lanes[i]);
    engine->outbox_changed = true;
}

void engine_release_lanes(struct engine *engine)
{
    for (size_t i = 0; i < engine->lane_count; i++)
        engine->lanes[i].held_until[0] = engine->lanes[i].held_until[1] = INSTANT_NONE;
    engine->outbox_changed = true;
}

/* --- what is in flight */

static size_t find_in_flight(const struct engine *engine, const char *id)
{
    for (size_t i = 0; i < engine->in_flight_count; i++)
        if (strcmp(engine->in_flight[i].id, id) == 0)
            return i;
    return ENGINE_IN_FLIGHT_MAX;
}

bool engine_is_in_flight(const struct engine *engine, const char *id)
{
    return find_in_flight(engine, id) < ENGINE_IN_FLIGHT_MAX;
}

int engine_put_off(struct engine *engine, const struct outcome *outcome)
{
    size_t place = find_in_flight(engine, outcome->id);

    hold_lane(engine, outcome->id, outcome->retry_after_s * SECOND_US);
    if (place == ENGINE_IN_FLIGHT_MAX || !engine->in_flight[place].claimed)
        return 0;
    return engine_store_answer(store_claim(engine->settings.store, outcome->id, INSTANT_NONE));
}

void engine_outdate_flights(struct engine *engine)
{
    for (size_t i = 0; i < engine->in_flight_count; i++)
        engine->in_flight[i].outdated = true;
}

bool engine_is_outdated(const struct engine *engine, const char *id)
{
    size_t place = find_in_flight(engine, id);

    return place < ENGINE_IN_FLIGHT_MAX && engine->in_flight[place].outdated;
}

void engine_begin_landing(struct engine *engine, const char *id)
{
    size_t place = find_in_flight(engine, id);

    if (place < ENGINE_IN_FLIGHT_MAX)
        engine->in_flight[place].landing = true;
}

void engine_land(struct engine *engine, bool kept)
{
    size_t left = 0;

    for (size_t i = 0; i < engine->in_flight_count; i++) {
        struct flight flight = engine->in_flight[i];

        if (kept && flight.landing) {
            engine->lanes[flight.lane].in_flight[flight.urgent]--;
            engine->outbox_changed = true;
            continue;
        }
        flight.landing = false;
        engine->in_flight[left++] = flight;
    }
    engine->in_flight_count = left;
}

/* --- handing out */

struct handing {
    struct engine *engine;
    engine_carrier *carrier;
    void *context;
    struct instant now;
    size_t lane;
    size_t first; /* of what is in flight: the first that was chosen now */
};

/* A quarter of what the others leave; a few in any case. */
static bool has_room(const struct engine *engine, const struct engine_lane *lane, bool urgent)
{
    size_t most = ENGINE_IN_FLIGHT_MAX - (urgent ? 0 : ENGINE_RESERVED);
    size_t mine = lane->in_flight[urgent];

    if (engine->in_flight_count >= most)
        return false;
    return mine < ENGINE_LANE_LEAST || mine < (most - engine->in_flight_count + mine) / 4;
}

static enum outbox_walk choose_row(void *context, const struct outbox_row *row)
{
    struct handing *self = context;
    struct engine *engine = self->engine;
    struct engine_lane *lane = &engine->lanes[self->lane];
    bool urgent = row->priority != PRIORITY_NORMAL;
    struct flight *flight = &engine->in_flight[engine->in_flight_count];

    if (engine_is_in_flight(engine, row->id))
        return OUTBOX_GO_ON;
    if (engine_silence_of(engine, row, self->now)) {
        engine->silences.holds = true;
        return OUTBOX_GO_ON;
    }
    if (!has_room(engine, lane, urgent))
        return OUTBOX_STOP;
    *flight = (struct flight){ .lane = self->lane,
                               .urgent = urgent,
                               .claimed = instant_is_none(row->handed) };
    snprintf(flight->id, sizeof flight->id, "%s", row->id);
    engine->in_flight_count++;
    lane->in_flight[urgent]++;
    return OUTBOX_GO_ON;
}

/* The most urgent of all lanes first. */
static int walk_lanes(struct handing *self, struct instant now)
{
    struct engine *engine = self->engine;
    int answer = 0;

    for (int priority = PRIORITY_IMMEDIATE; priority >= PRIORITY_NORMAL; priority--)
        for (size_t i = 0; i < engine->lane_count && answer == 0; i++) {
            struct engine_lane *lane = &engine->lanes[i];

            if (!lane->has_rows || is_held(lane, priority != PRIORITY_NORMAL, now))
                continue;
            self->lane = i;
            answer = engine_store_answer(
                store_outbox_due(engine->settings.store, lane->name, (enum priority)priority, now,
                                 &lane->handed[priority], choose_row, self));
        }
    return answer;
}

/* That those chosen from `first` on are handed out at `at` (INSTANT_NONE: are not, after all) is on
 * the disk, of all of them at once; but for those of which it was before. */
static int claim(struct engine *engine, size_t first, struct instant at)
{
    struct store *store = engine->settings.store;
    bool any = false;
    int answer = STORE_OK;

    for (size_t i = first; i < engine->in_flight_count; i++)
        any = any || engine->in_flight[i].claimed;
    if (!any)
        return 0;
    answer = store_begin(store);
    for (size_t i = first; i < engine->in_flight_count && answer == STORE_OK; i++)
        if (engine->in_flight[i].claimed)
            answer = store_claim(store, engine->in_flight[i].id, at);
    if (answer == STORE_OK)
        answer = store_commit(store);
    if (answer != STORE_OK)
        store_roll_back(store);
    return engine_store_answer(answer);
}

/* Those from `first` on are not handed out, after all. */
static void take_back(struct engine *engine, size_t first)
{
    for (size_t i = first; i < engine->in_flight_count; i++) {
        struct engine_lane *lane = &engine->lanes[engine->in_flight[i].lane];

        lane->in_flight[engine->in_flight[i].urgent]--;
        begin_at_the_first(lane);
    }
    engine->in_flight_count = first;
}

/* Whether the carrier has it. */
static bool carry(const struct handing *self, const struct flight *flight,
                  const struct outbox_row *row)
{
    struct delivery delivery = {
        .attempt = row->attempts + 1,
        .again = row->attempts > 0 || !flight->claimed,
        .route = row->route,
        .priority = row->priority,
        .due = row->at,
        .bytes = row->bytes,
        .size = row->size,
    };

    snprintf(delivery.id, sizeof delivery.id, "%s", row->id);
    snprintf(delivery.recipient, sizeof delivery.recipient, "%s", row->recipient);
    return self->carrier(self->context, &delivery);
}

/* On a full disk they go all the same: they come late for certain where they wait, and twice only
 * where the daemon ends before there is room. */
static int carry_chosen(const struct handing *self)
{
    struct engine *engine = self->engine;
    int answer = claim(engine, self->first, self->now);

    for (size_t i = self->first; i < engine->in_flight_count && answer >= 0; i++) {
        struct outbox_row *row = NULL;
        bool carried;

        answer = engine_store_answer(
            store_get_outbox(engine->settings.store, engine->in_flight[i].id, &row));
        carried = answer == 0 && carry(self, &engine->in_flight[i], row);
        outbox_row_close(&row);
        if (answer || carried)
            continue;
        answer = claim(engine, i, INSTANT_NONE);
        take_back(engine, i);
    }
    return answer < 0 ? answer : 0;
}

/* When a lane is to be looked at again; STORE_NONE: not before something changes.  What is held and
 * comes due meanwhile costs a look in vain. */
static int look_at_lane(struct engine *engine, const struct engine_lane *lane, struct instant now,
                        struct instant *next)
{
    struct instant held = INSTANT_NONE;
    size_t held_count = 0;
    int answer = STORE_NONE;

    for (int urgent = 0; urgent < 2; urgent++) {
        if (!is_held(lane, urgent, now))
            continue;
        held_count++;
        if (instant_is_none(held) || lane->held_until[urgent].us < held.us)
            held = lane->held_until[urgent];
    }
    if (held_count < 2)
        answer = store_outbox_next_try(engine->settings.store, lane->name, now, next);
    if (answer != STORE_OK && answer != STORE_NONE)
        return answer;
    if (answer == STORE_OK && (instant_is_none(held) || next->us < held.us))
        return STORE_OK;
    *next = held;
    return instant_is_none(held) ? STORE_NONE : STORE_OK;
}

/* When rows that are not due yet, or whose lane is held, are to be looked at. */
static int look_when(struct engine *engine, struct instant now)
{
    engine->outbox_wake = INSTANT_NONE;
    for (size_t i = 0; i < engine->lane_count; i++) {
        const struct engine_lane *lane = &engine->lanes[i];
        struct instant next;
        int answer = lane->has_rows ? look_at_lane(engine, lane, now, &next) : STORE_NONE;

        if (answer == STORE_NONE)
            continue;
        if (answer != STORE_OK)
            return engine_store_answer(answer);
        if (instant_is_none(engine->outbox_wake) || next.us < engine->outbox_wake.us)
            engine->outbox_wake = next;
    }
    return 0;
}

int engine_hand_out(struct engine *engine, struct instant now, engine_carrier *carrier,
                    void *context)
{
    struct handing self = { .engine = engine,
                            .carrier = carrier,
                            .context = context,
                            .now = now,
                            .first = engine->in_flight_count };
    bool is_time = !instant_is_none(engine->outbox_wake) && engine->outbox_wake.us <= now.us;
    int answer;

    engine->silences.seen = now;
    if ((answer = engine_know_silences(engine)) < 0)
        return answer;
    /* Rows that found no room wait for outcomes, which set outbox_changed. */
    if (!engine->outbox_changed && !is_time)
        return 0;
    if ((answer = look_for_lanes(engine)) < 0)
        return answer;
    look_from(engine, now);
    if ((answer = walk_lanes(&self, now)) < 0 || (answer = carry_chosen(&self)) < 0)
        return answer;
    engine->outbox_changed = false;
    return look_when(engine, now);
}
