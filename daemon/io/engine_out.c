/* engine_out.c - deliveries go out, and what became of them comes back. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/retry.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/record.h"

/* --- handing out */

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

static void begin_landing(struct engine *engine, const char *id)
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
            engine->outbox_changed = true;
            continue;
        }
        flight.landing = false;
        engine->in_flight[left++] = flight;
    }
    engine->in_flight_count = left;
}

struct handing {
    struct engine *engine;
    engine_carrier *carrier;
    void *context;
};

static enum outbox_walk hand_out_row(void *context, const struct outbox_row *row)
{
    struct handing *self = context;
    struct engine *engine = self->engine;
    struct delivery delivery = {
        .attempt = row->attempts + 1,
        .route = row->route,
        .priority = row->priority,
        .due = row->at,
        .bytes = row->bytes,
        .size = row->size,
    };

    if (engine_is_in_flight(engine, row->id))
        return OUTBOX_GO_ON;
    if (engine->in_flight_count == ENGINE_IN_FLIGHT_MAX)
        return OUTBOX_STOP;
    snprintf(delivery.id, sizeof delivery.id, "%s", row->id);
    snprintf(delivery.recipient, sizeof delivery.recipient, "%s", row->recipient);
    if (!self->carrier(self->context, &delivery))
        return OUTBOX_STOP;
    engine->in_flight[engine->in_flight_count] = (struct flight){ .landing = false };
    snprintf(engine->in_flight[engine->in_flight_count++].id, DELIVERY_ID_SIZE, "%s", row->id);
    return OUTBOX_GO_ON;
}

/* What is queued later is due later than all that was handed out, so that each walk goes on where
 * the one before ended, and rows in flight cost nothing.  But for a clock that was set back: then,
 * and whenever nothing is in flight, it begins at the first. */
static void look_from(struct engine *engine, struct instant now)
{
    bool set_back = now.us < engine->handed_at.us;

    engine->handed_at = now;
    if (!set_back && engine->in_flight_count > 0)
        return;
    for (size_t i = 0; i < PRIORITY_COUNT; i++)
        engine->handed[i] = (struct outbox_place){ .next_try = INSTANT_NONE };
}

int engine_hand_out(struct engine *engine, struct instant now, engine_carrier *carrier,
                    void *context)
{
    struct handing self = { .engine = engine, .carrier = carrier, .context = context };
    bool is_time = !instant_is_none(engine->outbox_wake) && engine->outbox_wake.us <= now.us;
    int answer;

    /* Rows that found no room wait for outcomes, which set outbox_changed. */
    if (!engine->outbox_changed && !is_time)
        return 0;
    look_from(engine, now);
    answer = engine_store_answer(
        store_outbox_due(engine->settings.store, now, engine->handed, hand_out_row, &self));
    if (answer < 0)
        return answer;
    engine->outbox_changed = false;
    answer = store_outbox_next_try(engine->settings.store, now, &engine->outbox_wake);
    if (answer == STORE_NONE)
        engine->outbox_wake = INSTANT_NONE;
    return answer < 0 ? answer : 0;
}

/* --- outcomes */

static int record_outcome(struct engine *engine, const struct outbox_row *row,
                          const struct outcome *outcome, enum outbox_state state)
{
    json_t *payload =
        json_pack("{s:s,s:s,s:i,s:s,s:i}", "id", row->id, "state", outbox_state_name(state), "code",
                  outcome->code, "detail", outcome->detail, "attempts", (int)outcome->attempt);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer =
        text ? engine_store_answer(record_append(engine->settings.store, engine->now, "delivery",
                                                 row->board, row->reference, text, NULL))
             : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

/* What will never be delivered by this route is never silent: the operator is told, by mail and
 * journal.  Whether it goes on by another one is engine_escalate.c's matter. */
static int tell_given_up(struct engine *engine, const struct outbox_row *row,
                         const struct outcome *outcome)
{
    char key[128], code[16], text[DELIVERY_DETAIL_SIZE + 600];

    snprintf(code, sizeof code, "%d", outcome->code);
    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOTIFICATION_GIVEN_UP },
                          { "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id },
                          { "CODE", code }),
                  "a notification is not delivered by this route: %s", outcome->detail);
    if (!row->reference[0] && strcmp(row->role, "operator") == 0)
        return 0; /* to the operator himself */
    snprintf(key, sizeof key, "undelivered %s", row->id);
    snprintf(text, sizeof text,
             "A notification %s%s to the role %s cannot be delivered\n"
             "by one of its routes.\n"
             "The other side said: %d %s\n"
             "It goes on by the person's next route or to a deputy, where the directory has one.\n"
             "`concernctl outbox --state refused` shows it as %s. Correct the directory.\n",
             row->reference[0] ? "of the disagreement " : "about missing events", row->reference,
             row->role, outcome->code, outcome->detail, row->id);
    return engine_tell_operator(engine, key, "A notification is not delivered", text);
}

static enum outbox_state state_after(const struct engine *engine, const struct outbox_row *row,
                                     const struct outcome *outcome, struct instant *next)
{
    struct instant first = instant_is_none(row->first_tried) ? engine->now : row->first_tried;
    uint16_t jitter = 32768;

    *next = INSTANT_NONE;
    if (outcome->outcome == DELIVERY_DONE)
        return OUTBOX_ACCEPTED;
    if (outcome->outcome == DELIVERY_REFUSED)
        return OUTBOX_REFUSED;
    (void)!getrandom(&jitter, sizeof jitter, 0);
    if (retry_after(outcome->outcome, outcome->attempt, first, engine->now, outcome->retry_after_s,
                    jitter, next) != RETRY_AT)
        return OUTBOX_EXHAUSTED;
    if (engine->settings.retry_us > 0 && next->us - first.us > engine->settings.retry_us) {
        *next = INSTANT_NONE;
        return OUTBOX_EXHAUSTED;
    }
    return OUTBOX_QUEUED;
}

static int note_row(struct engine *engine, const struct outbox_row *row,
                    const struct outcome *outcome)
{
    struct attempt_row attempt = {
        .id = row->id,
        .number = outcome->attempt,
        .at = engine->now,
        .outcome = outcome->outcome,
        .ambiguous = outcome->ambiguous,
        .code = outcome->code,
        .detail = outcome->detail,
    };
    int answer;

    attempt.state = state_after(engine, row, outcome, &attempt.next_try);
    answer = store_put_attempt(engine->settings.store, &attempt);
    if (answer == STORE_NONE || answer == STORE_DUPLICATE)
        return 0; /* its end was kept before */
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    if (outcome->needs_operator)
        journal_error(JOURNAL({ "NOTIFICATION", row->id }),
                      "a setting keeps notifications from going out: %s", outcome->detail);
    else if (attempt.state == OUTBOX_QUEUED && outcome->attempt == 1)
        journal_warn(JOURNAL({ "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id }),
                     "a notification is delayed, and is tried again: %s", outcome->detail);
    if (attempt.state != OUTBOX_QUEUED)
        answer = record_outcome(engine, row, outcome, attempt.state);
    if (answer == 0 && attempt.state != OUTBOX_QUEUED && attempt.state != OUTBOX_ACCEPTED)
        answer = tell_given_up(engine, row, outcome);
    return answer ? answer
                  : engine_escalate_row(engine, row, attempt.state, outcome->needs_operator);
}

int engine_note(struct engine *engine, const struct outcome *outcome)
{
    struct outbox_row *row = NULL;
    int answer = store_get_outbox(engine->settings.store, outcome->id, &row);

    begin_landing(engine, outcome->id);
    if (answer == STORE_NONE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = note_row(engine, row, outcome);
    outbox_row_close(&row);
    return answer;
}

int engine_try_again(struct engine *engine)
{
    int answer = engine_store_answer(store_try_again(engine->settings.store, engine->now));

    engine->outbox_changed = true;
    return answer;
}
