/* engine_out.c - what became of deliveries is written down, and what follows. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/retry.h"
#include "io/engine_digest.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/record.h"
#include "io/store_clock.h"
#include "io/store_redrive.h"

/* --- endpoints that are gone */

bool engine_route_has_ended(const struct engine *engine, const struct route *route)
{
    for (size_t i = 0; i < engine->ended_count; i++)
        if (engine->ended[i].kind == route->kind && strcmp(engine->ended[i].to, route->to) == 0)
            return true;
    return false;
}

void engine_end_route(struct engine *engine, const struct route *route)
{
    if (engine->ended_count == ENGINE_ENDED_MAX || engine_route_has_ended(engine, route))
        return;
    engine->ended[engine->ended_count].kind = route->kind;
    snprintf(engine->ended[engine->ended_count++].to, sizeof engine->ended[0].to, "%s", route->to);
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

/* Once a day, however many deliveries it meets. */
static int tell_ended(struct engine *engine, const struct outbox_row *row)
{
    char key[ADDRESS_MAX + 16], text[ADDRESS_MAX + 400];

    engine_end_route(engine, &(struct route){ row->route, row->recipient });
    snprintf(key, sizeof key, "ended %s", row->recipient);
    snprintf(text, sizeof text,
             "The endpoint %s of the directory answers that it is gone for good (410).\n"
             "Until the next reload nobody is told by it; the people it was a route of are told\n"
             "by their other routes, or their deputies are. What a case system does not get is\n"
             "kept: put the directory right, reload, and `concernctl redrive` sends it.\n",
             row->recipient);
    return engine_tell_operator(engine, key, "An endpoint is gone", text);
}

/* What will never be delivered by this route is never silent: the operator is told, by mail and
 * journal.  Whether it goes on by another one is engine_escalate.c's matter. */
static int tell_given_up(struct engine *engine, const struct outbox_row *row,
                         const struct outcome *outcome)
{
    char code[16], line[DELIVERY_DETAIL_SIZE + 300], text[DELIVERY_DETAIL_SIZE + 600];
    const struct engine_word word = {
        .kind = WORD_REFUSED, .about = row->id, .line = line, .text = text
    };
    bool is_told;

    snprintf(code, sizeof code, "%d", outcome->code);
    is_told = outcome->code == 0 || strstr(outcome->detail, code); /* "HTTP 410", "550 ..." */
    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOTIFICATION_GIVEN_UP },
                          { "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id },
                          { "CODE", code }),
                  "a notification is not delivered by this route: %s", outcome->detail);
    if (route_is_to_endpoint(row->route) && outcome->code == 410)
        return tell_ended(engine, row);
    if (!row->reference[0] && strcmp(row->role, "operator") == 0)
        return 0; /* to the operator himself */
    snprintf(line, sizeof line, "%s, to the role %s (%s): %s%s%s",
             row->reference[0]       ? row->reference
             : engine_is_digest(row) ? "several in one message"
                                     : "about no disagreement",
             row->role, row->id, is_told ? "" : code, is_told ? "" : " ", outcome->detail);
    snprintf(text, sizeof text,
             "A notification %s%s to the role %s cannot be delivered\n"
             "by one of its routes.\n"
             "The other side said: %s%s%s\n"
             "It goes on by the person's next route or to a deputy, where the directory has one.\n"
             "`concernctl outbox --state refused` shows it as %s. Correct the directory.\n",
             row->reference[0]       ? "of the disagreement "
             : engine_is_digest(row) ? "that gathers several"
                                     : "about no disagreement",
             row->reference, row->role, is_told ? "" : code, is_told ? "" : " ", outcome->detail,
             row->id);
    return engine_say_word(engine, &word);
}

/* The tries of it, but for those before it was sent anew. */
static uint32_t tries_of(const struct outbox_row *row, const struct outcome *outcome)
{
    return outcome->attempt > row->attempts_before ? outcome->attempt - row->attempts_before : 1;
}

static enum outbox_state state_after(const struct engine *engine, const struct outbox_row *row,
                                     const struct outcome *outcome, struct instant *next)
{
    struct instant first = instant_is_none(row->first_tried) ? engine->now : row->first_tried;
    int64_t most_us = engine_is_test(row) ? ENGINE_TEST_SPAN_US : engine->settings.retry_us;
    uint32_t asked_s = outcome->retry_after_s;
    uint16_t jitter = 32768;

    *next = INSTANT_NONE;
    if (outcome->outcome == DELIVERY_DONE)
        return OUTBOX_ACCEPTED;
    if (outcome->outcome == DELIVERY_REFUSED)
        return OUTBOX_REFUSED;
    (void)!getrandom(&jitter, sizeof jitter, 0);
    /* What only new settings can mend waits long; but not where there are new ones since. */
    if (outcome->needs_operator && engine_is_outdated(engine, row->id))
        asked_s = 0;
    if (retry_after(outcome->outcome, tries_of(row, outcome), first, engine->now, asked_s, jitter,
                    next) != RETRY_AT)
        return OUTBOX_EXHAUSTED;
    if (most_us > 0 && next->us - first.us > most_us) {
        *next = INSTANT_NONE;
        return OUTBOX_EXHAUSTED;
    }
    return OUTBOX_QUEUED;
}

/* People hear of what is not delivered, and it goes on by another way. */
static int follow(struct engine *engine, const struct outbox_row *row,
                  const struct outcome *outcome, enum outbox_state state)
{
    int answer = 0;

    if (outcome->needs_operator)
        journal_error(JOURNAL({ "NOTIFICATION", row->id }),
                      "a setting keeps notifications from going out: %s", outcome->detail);
    else if (state == OUTBOX_QUEUED && tries_of(row, outcome) == 1)
        journal_warn(JOURNAL({ "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id }),
                     "a notification is delayed, and is tried again: %s", outcome->detail);
    if (state == OUTBOX_REFUSED || state == OUTBOX_EXHAUSTED)
        answer = tell_given_up(engine, row, outcome);
    return answer ? answer : engine_escalate_row(engine, row, state, outcome->needs_operator);
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
    engine->counting.accepted += attempt.state == OUTBOX_ACCEPTED;
    engine->counting.refused += attempt.state == OUTBOX_REFUSED;
    engine->counting.exhausted += attempt.state == OUTBOX_EXHAUSTED;
    if (attempt.state != OUTBOX_QUEUED)
        answer = record_outcome(engine, row, outcome, attempt.state);
    if (answer || engine_is_test(row))
        return answer;
    return follow(engine, row, outcome, attempt.state);
}

int engine_note(struct engine *engine, const struct outcome *outcome)
{
    struct outbox_row *row = NULL;
    int answer = store_get_outbox(engine->settings.store, outcome->id, &row);

    engine_begin_landing(engine, outcome->id);
    if (answer == STORE_NONE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    if (outcome->put_off)
        answer = engine_put_off(engine, outcome);
    else
        answer = note_row(engine, row, outcome);
    outbox_row_close(&row);
    return answer;
}

int engine_set_back(struct engine *engine)
{
    int answer =
        engine_store_answer(store_set_back(engine->settings.store, engine->now, ENGINE_PARKED_US));

    if (answer == 0)
        answer = engine_gather_anew(engine);
    engine_look_anew(engine);
    return answer;
}

int engine_try_again(struct engine *engine)
{
    int answer = engine_store_answer(store_try_again(engine->settings.store, engine->now));

    if (answer == 0) /* the directory may have another route for it now */
        answer =
            engine_store_answer(store_escalate_undelivered(engine->settings.store, engine->now));
    engine_release_lanes(engine);
    engine_outdate_flights(engine);
    return answer;
}
