/* daemon_intake.c - what publishers bring: taken in a turn, answered after its commit.
 *
 * Whoever brings more than his share is told to come again (BUSY) before it is even read: it
 * costs the others nothing, and loses nobody anything.  libzmq hands out the connections' messages
 * in turn, so that whoever has one message is in each turn heard after one of each other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/source_name.h"

enum {
    OVER_WINDOW_WAIT_MS = 200, /* a turn is over by then */
    LONGEST_WAIT_MS = 300000,  /* that messages of a key are spread over */
    LOGGED_EACH = 100          /* refusals of one kind from one key */
};

/* --- answers */

static struct waiting_answer *answer_later(struct turn *turn, struct intake_message *message)
{
    struct waiting_answer *answer = &turn->answers[turn->answer_count++];

    *answer = (struct waiting_answer){ .message = message };
    return answer;
}

static void refuse_later(struct turn *turn, struct intake_message *message,
                         const struct answer_nack *nack)
{
    struct waiting_answer *answer = answer_later(turn, message);

    answer->command = WIRE_NACK;
    snprintf(answer->code, sizeof answer->code, "%s", nack->code);
    if (answer_write_nack(nack, &answer->json) < 0)
        answer->json = NULL;
}

/* Not now.  It needs no commit, so it is said at once. */
static void put_off(struct turn *turn, struct intake_message *message, uint32_t wait_ms)
{
    struct intake *intake = turn->daemon->intake;
    struct answer_busy busy = { .retry_after_ms = wait_ms };
    char *json = NULL;

    if (answer_write_busy(&busy, &json) == 0)
        intake_answer(intake, message, WIRE_BUSY, json);
    intake_count_refusal(intake, message->key, WIRE_CODE_RATE, message->received);
    free(json);
    intake_message_close(&message);
    turn->put_off++;
}

/* One after the other, as the rate lets them in: told to come again at the same moment all but the
 * first would be put off again. */
static void put_off_by_rate(struct turn *turn, struct intake_message *message, uint32_t wait_ms)
{
    const struct principal *principal = keyring_find(turn->daemon->keyring, message->key);
    struct put_off_key *row = turn->put_off_keys;
    struct put_off_key *end = row + turn->put_off_key_count;
    uint64_t more_ms;

    while (row < end && strcmp(row->key, message->key) != 0)
        row++;
    if (row == turn->put_off_keys + DAEMON_PUT_OFF_KEYS_MAX || !principal) {
        put_off(turn, message, wait_ms);
        return;
    }
    if (row == end) {
        *row = (struct put_off_key){ .count = 0 };
        memcpy(row->key, message->key, sizeof row->key);
        turn->put_off_key_count++;
    }
    more_ms = (uint64_t)row->count++ * 60000 / principal->rate;
    put_off(turn, message, more_ms < LONGEST_WAIT_MS ? wait_ms + (uint32_t)more_ms : wait_ms);
}

void daemon_count_refusal(void *context, const char *key, const char *code)
{
    struct daemon *self = context;

    if (self->intake)
        intake_count_refusal(self->intake, key, code, clock_now(self->clock));
    else
        refusals_count(&self->refusals, key, code, clock_now(self->clock));
}

/* Each of the first of a kind, then ever more rarely: a key that keeps on must not drown what else
 * the journal has to say. */
void daemon_log_refusal(const struct daemon *self, const char *key, const char *who,
                        const struct engine_reply *reply)
{
    const struct answer_nack *nack = &reply->nack;
    uint64_t before = refusals_of(&self->refusals, key, nack->code);
    char source[SOURCE_NAME_SIZE], event[DIGEST_BRIEF_SIZE], sequence[24];

    if (before >= LOGGED_EACH && (before & (before - 1)) != 0)
        return;
    source_name(self->keyring, nack->source, source);
    digest_brief(nack->id, event);
    snprintf(sequence, sizeof sequence, "%" PRIu64, reply->sequence);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_EVENT_REFUSED }, { "CODE", nack->code },
                         { "KEY", who }, { "SOURCE", source[0] ? source : NULL },
                         { "EVENT", event[0] ? event : NULL },
                         { "SEQUENCE", reply->has_sequence ? sequence : NULL }),
                 "event of %s refused, %s: %s", who, nack->code, nack->why);
}

/* --- events */

static struct engine_input input_of(const struct intake_message *message)
{
    return (struct engine_input){
        .bytes = message->body,
        .size = message->size,
        .key = message->key,
        .received = message->received,
    };
}

/* What the engine did not take: refused, put off, or the disk's matter (`answer`). */
static int not_taken(struct turn *turn, struct intake_message *message,
                     const struct engine_reply *reply, int answer)
{
    if (answer == ENGINE_REFUSED) {
        daemon_log_refusal(turn->daemon, message->key,
                           daemon_name_of_key(turn->daemon, message->key), reply);
        refuse_later(turn, message, &reply->nack);
        return 0;
    }
    if (answer == ENGINE_BUSY) {
        put_off_by_rate(turn, message, reply->busy.retry_after_ms);
        return 0;
    }
    answer_later(turn, message);
    return answer;
}

static int take_event(struct turn *turn, struct intake_message *message)
{
    struct engine_input input = input_of(message);
    struct engine_reply reply = { 0 };
    int answer = engine_take(turn->daemon->engine, &input, &reply);
    struct waiting_answer *waiting;

    turn->event_count++;
    if (answer != ENGINE_TAKEN)
        return not_taken(turn, message, &reply, answer);
    waiting = answer_later(turn, message);
    waiting->command = WIRE_ACK;
    return answer_write_ack(&reply.ack, &waiting->json);
}

static int take_batch(struct turn *turn, struct intake_message *message)
{
    struct engine_input input = input_of(message);
    struct engine_batch *batch = malloc(sizeof *batch);
    struct waiting_answer *waiting;
    int answer = batch ? engine_take_batch(turn->daemon->engine, &input, batch) : -ENOMEM;

    if (answer != ENGINE_TAKEN) {
        struct engine_reply none = { 0 };

        answer = not_taken(turn, message, batch ? &batch->refused : &none, answer);
    } else {
        turn->event_count += batch->count;
        waiting = answer_later(turn, message);
        waiting->command = WIRE_ACK;
        answer = answer_write_acks(batch->acks, batch->count, &waiting->json);
    }
    free(batch);
    return answer;
}

/* --- questions */

static int refuse_question(struct turn *turn, struct intake_message *message, const char *code)
{
    struct waiting_answer *waiting = answer_later(turn, message);

    waiting->command = WIRE_NACK;
    snprintf(waiting->code, sizeof waiting->code, "%s", code);
    return 0;
}

/* The code of what is wrong with a LAST or STAT, or NULL. */
static const char *fault_of_question(const struct daemon *self,
                                     const struct intake_message *message,
                                     struct answer_query *query)
{
    const char *code = NULL;

    switch (answer_read_query(message->body, message->size, query)) {
    case ANSWER_OK:
        break;
    case ANSWER_NO_JSON:
        return WIRE_CODE_JSON;
    default:
        return WIRE_CODE_SCHEMA;
    }
    if (message->command == WIRE_STAT && !query->id[0])
        return WIRE_CODE_SCHEMA;
    keyring_may_ask(self->keyring, message->key, query->source, message->received, &code);
    return code;
}

/* LAST and STAT are answered from what is on disk, after this turn's commit at the latest. */
static int take_question(struct turn *turn, struct intake_message *message)
{
    struct daemon *self = turn->daemon;
    struct waiting_answer *waiting;
    struct answer_query query;
    const char *code = fault_of_question(self, message, &query);
    struct answer_last last;
    struct answer_ack ack;
    int error;

    if (code)
        return refuse_question(turn, message, code);
    if (!keyring_spend(self->keyring, message->key, 1, message->received)) {
        put_off_by_rate(turn, message,
                        keyring_wait_ms(self->keyring, message->key, 1, message->received));
        return 0;
    }
    waiting = answer_later(turn, message);
    waiting->command = WIRE_ACK;
    if (message->command == WIRE_LAST) {
        error = engine_last(self->engine, query.source, &last);
        return error ? error : answer_write_last(&last, &waiting->json);
    }
    error = engine_stat(self->engine, query.source, query.id, &ack);
    return error ? error : answer_write_ack(&ack, &waiting->json);
}

/* --- a turn's share */

static bool is_question(const struct intake_message *message)
{
    return message->command == WIRE_LAST || message->command == WIRE_STAT;
}

/* Whether its connection has a whole window unanswered in this turn, or its key four of them, over
 * however many connections.  Questions are a window of their own: a publisher that asks LAST and
 * then sends all it may has done nothing wrong, and putting off its last event alone would let
 * those after it overtake it. */
static bool is_over_window(const struct turn *turn, const struct intake_message *message)
{
    unsigned of_connection = 0, of_key = 0;

    for (size_t i = 0; i < turn->answer_count; i++) {
        const struct intake_message *other = turn->answers[i].message;

        if (is_question(other) != is_question(message))
            continue;
        of_connection += other->generation == message->generation &&
                         !memcmp(other->routing, message->routing, sizeof other->routing);
        of_key += strcmp(other->key, message->key) == 0;
    }
    return of_connection >= WIRE_WINDOW || of_key >= DAEMON_KEY_MAX;
}

static int take_message(struct turn *turn, struct intake_message *message)
{
    int error;

    if (is_over_window(turn, message)) {
        put_off(turn, message, OVER_WINDOW_WAIT_MS);
        return 0;
    }
    error = daemon_begin(turn);
    if (error) {
        answer_later(turn, message);
        return error;
    }
    if (message->command == WIRE_EVENT)
        return take_event(turn, message);
    return message->command == WIRE_BATCH ? take_batch(turn, message)
                                          : take_question(turn, message);
}

static bool has_room(const struct turn *turn, int64_t began_ms)
{
    const struct settings *settings = turn->daemon->settings;

    return turn->answer_count < DAEMON_ANSWERS_MAX && turn->put_off < DAEMON_ANSWERS_MAX &&
           (int64_t)turn->event_count < settings->turn_events &&
           (int64_t)turn->answer_count < settings->turn_events &&
           clock_monotonic_ms() - began_ms <= settings->turn_us / 1000;
}

int daemon_take_intake(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t began_ms = clock_monotonic_ms();
    int error = 0;

    turn->event_count = turn->put_off = turn->put_off_key_count = 0;
    while (self->intake && error == 0 && has_room(turn, began_ms)) {
        struct intake_message *message = NULL;
        int taken = intake_take(self->intake, clock_now(self->clock), &message);

        if (taken <= 0)
            return taken;
        error = take_message(turn, message);
    }
    return error;
}

/* --- after the commit */

/* A refusal names the event where it could be read, so that a publisher with many on their way
 * knows which. */
static void answer_refusal(struct daemon *self, const struct waiting_answer *answer)
{
    if (!answer->json) {
        intake_refuse(self->intake, answer->message, answer->code, NULL);
        return;
    }
    intake_answer(self->intake, answer->message, WIRE_NACK, answer->json);
    intake_count_refusal(self->intake, answer->message->key, answer->code, clock_now(self->clock));
}

/* Of a turn that was not kept nothing holds, a refusal neither: what it rested on is gone too. */
void daemon_answer_publishers(struct turn *turn, bool kept)
{
    struct daemon *self = turn->daemon;

    for (size_t i = 0; i < turn->answer_count; i++) {
        struct waiting_answer *answer = &turn->answers[i];

        if (!kept || (answer->command != WIRE_NACK && !answer->json))
            intake_refuse(self->intake, answer->message, WIRE_CODE_STORE, NULL);
        else if (answer->command == WIRE_NACK)
            answer_refusal(self, answer);
        else
            intake_answer(self->intake, answer->message, answer->command, answer->json);
        free(answer->json);
        intake_message_close(&answer->message);
    }
    turn->answer_count = 0;
    if (self->intake)
        intake_set_last(self->intake, (int64_t)engine_last_record(self->engine));
}
