/* engine_event.c - one event: read, allowed, new, decided, kept. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_taking.h"
#include "io/journal.h"
#include "io/record.h"

/* --- is it new */

void taking_acknowledge(struct taking *self, bool duplicate)
{
    struct answer_ack *ack = &self->reply->ack;
    const struct event *event = self->event;

    snprintf(ack->source, sizeof ack->source, "%s", event->source);
    snprintf(ack->id, sizeof ack->id, "%s", event->id);
    ack->has_sequence = event->has_sequence;
    ack->sequence = event->sequence;
    ack->record = (int64_t)self->kept.record;
    ack->committed = true;
    ack->duplicate = duplicate;
    ack->ignored = self->kept.flags & STORE_EVENT_IGNORED;
    ack->parked = self->kept.flags & STORE_EVENT_PARKED;
    ack->dropped_count = self->engine->reading.dropped_count;
    memcpy(ack->dropped, self->engine->reading.dropped, sizeof ack->dropped);
}

static int find_repeat(struct taking *self, bool *is_repeat)
{
    int answer = store_find_event(self->engine->settings.store, self->event->source,
                                  self->event->id, &self->kept);

    *is_repeat = answer == STORE_OK;
    if (answer == STORE_NONE)
        return ENGINE_TAKEN;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    if (strcmp(self->kept.sha256, self->engine->reading.canonical_sha256) != 0)
        return taking_refuse(self, WIRE_CODE_ID_REUSED,
                             "this source and id were used for another event (ids are used once)");
    answer = engine_still_parked(self->engine, self->event->source, self->event->id, &self->kept);
    if (answer)
        return answer;
    taking_acknowledge(self, true);
    answer = taking_pay(self);
    return answer == ENGINE_TAKEN ? engine_note_repeat(self->engine, self->event) : answer;
}

/* --- where it belongs */

static int load(struct taking *self)
{
    struct engine *engine = self->engine;
    const struct event *event = self->event;
    int answer = store_load_disagreement(engine->settings.store, event->board, event->subject,
                                         &engine->before);

    self->is_raised = answer == STORE_OK;
    if (answer == STORE_NO_PROCEDURE || answer == STORE_DAMAGED)
        return taking_refuse(self, WIRE_CODE_STORE,
                             "the procedure version this disagreement keeps cannot be read here");
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (self->is_raised) {
        answer = engine_view_of_hash(engine, engine->before.procedure_hash, &self->view);
        return answer < 0 ? answer : answer ? -EIO : ENGINE_TAKEN;
    }
    if (event->kind != EVENT_DISAGREEMENT_RAISED && !event->procedure[0])
        return taking_refuse(self, WIRE_CODE_UNKNOWN,
                             "nobody raised this disagreement (send disagreement.raised first)");
    if (policy_view(engine->settings.policy, event->procedure, &self->view) != POLICY_OK)
        return taking_refuse(
            self, WIRE_CODE_SCHEMA,
            "data.procedure is no procedure in force here (concernctl check lists them)");
    return ENGINE_TAKEN;
}

/* A disk that was full keeps its last room for what runs: no new disagreement is begun. */
static int check_room(struct taking *self)
{
    if (self->is_raised || !store_is_short(self->engine->settings.store))
        return ENGINE_TAKEN;
    return taking_refuse(
        self, WIRE_CODE_STORE,
        "the disk is short of room: no new disagreement is taken (keep it, and retry)");
}

/* --- corrections */

/* What it corrects and what it says instead each ask the same right as if they came by
 * themselves; an event taken back that raised is a withdrawal. */
static bool may_correct(const struct taking *self)
{
    const struct event *was = &self->engine->superseded, *is = &self->engine->corrected;
    const char *instead = is->type;

    if (!self->principal)
        return true;
    if (!self->engine->reading.has_corrected)
        instead = was->kind == EVENT_DISAGREEMENT_RAISED ? EVENT_PREFIX "withdrawn" : was->type;
    return keyring_check_type(self->principal, was->type) &&
           keyring_check_right(self->principal, was->type) &&
           keyring_check_type(self->principal, instead) &&
           keyring_check_right(self->principal, instead);
}

/* The event as it should have been, as if the correction's sender had sent it now. */
static int read_corrected(struct taking *self)
{
    struct event *corrected = &self->engine->corrected;
    const struct event *event = self->event;
    struct event_reading reading;
    int answer =
        cloudevent_read_corrected(self->input->bytes, self->input->size, corrected, &reading);

    if (answer != CLOUDEVENT_OK)
        return answer < 0 ? answer : taking_refuse(self, reading.code, reading.why);
    if (strcmp(corrected->subject, event->subject) != 0 ||
        (corrected->board[0] && strcmp(corrected->board, event->board) != 0))
        return taking_refuse(
            self, WIRE_CODE_SCHEMA,
            "data.event is about another disagreement (its subject and board are the "
            "correction's)");
    if (corrected->time.us > event->time.us)
        return taking_refuse(
            self, WIRE_CODE_CLOUDEVENT,
            "data.event.time is after the correction (it cannot be of the future)");
    snprintf(corrected->board, sizeof corrected->board, "%s", event->board);
    taking_leave_out(self, corrected, "event.");
    corrected->received = event->received;
    if (!corrected->by.agency[0] && !corrected->by.board[0])
        corrected->by = event->by;
    if (strcmp(corrected->by.agency, event->by.agency) != 0 ||
        strcmp(corrected->by.board, event->by.board) != 0)
        return taking_refuse(
            self, WIRE_CODE_NO_PART,
            "data.event is by somebody else than the correction (each corrects its own)");
    return taking_check_people(self, corrected);
}

static int check_correction(struct taking *self)
{
    static const char *const whys[] = {
        [SUPERSEDED_UNKNOWN] = "data.supersedes names no event of this source that is kept here "
                               "(send that one first; of one corrected before, name the first)",
        [SUPERSEDED_TAKEN_BACK] = "that event was taken back before (send a new one)",
        [SUPERSEDED_ERASED] = "what that event said has been erased (send a new one)",
    };
    int answer;

    if (self->event->kind != EVENT_CORRECTION || !self->is_raised)
        return ENGINE_TAKEN;
    if (self->engine->reading.has_corrected && (answer = read_corrected(self)) != ENGINE_TAKEN)
        return answer;
    answer = engine_find_superseded(self->engine, self->event);
    if (answer < 0)
        return answer;
    if (answer != SUPERSEDED_FOUND)
        return taking_refuse(
            self, answer == SUPERSEDED_UNKNOWN ? WIRE_CODE_UNKNOWN : WIRE_CODE_TRANSITION,
            whys[answer]);
    if (!may_correct(self))
        return taking_refuse(
            self, WIRE_CODE_RIGHT,
            "this key may not send the type it corrects, or the one it sends instead");
    return ENGINE_TAKEN;
}

/* --- deciding and keeping */

static int refuse_decision(struct taking *self, int answer)
{
    static const char *const codes[] = {
        [DECIDED] = "",
        [DECIDE_UNKNOWN_DISAGREEMENT] = WIRE_CODE_UNKNOWN,
        [DECIDE_NO_PART] = WIRE_CODE_NO_PART,
        [DECIDE_ILLEGAL] = WIRE_CODE_TRANSITION,
        [DECIDE_ALREADY_RAISED] = WIRE_CODE_ID_REUSED,
        [DECIDE_INVALID] = WIRE_CODE_SCHEMA,
    };

    return taking_refuse(self, codes[answer], self->engine->decision.why);
}

int taking_put_event(struct taking *self, uint32_t flags)
{
    struct engine *engine = self->engine;
    char *json = NULL;
    uint64_t head;
    int answer = engine_understood(engine, self->input, self->event, &engine->reading, &json);
    struct event_row row = {
        .event = self->event,
        .board = self->event->board,
        .json = json,
        .sha256 = engine->reading.canonical_sha256,
        .key_name = self->principal ? self->principal->name : "",
        .flags = flags | (self->input->feed ? STORE_EVENT_FEED : 0u) |
                 (engine_is_best_effort(self->input, self->event) ? STORE_EVENT_BEST_EFFORT : 0u) |
                 (self->input->is_replayed ? STORE_EVENT_REPLAYED : 0u),
    };

    self->kept.flags = row.flags;
    if (answer == 0)
        answer =
            engine_store_answer(store_put_event(engine->settings.store, &row, &self->kept.record));
    if (answer == 0)
        record_head(engine->settings.store, &head, self->reply->ack.hash);
    free(json);
    if (answer == 0 && self->left_out)
        answer = taking_tell_left_out(self);
    return answer;
}

static void acknowledge_state(struct taking *self, const struct disagreement *after)
{
    struct answer_ack *ack = &self->reply->ack;
    const struct procedure *procedure = self->view.procedure;

    ack->has_state = true;
    ack->state = after->state;
    ack->next_deadline.due = INSTANT_NONE;
    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct running *running = &after->running[i];

        if (running->state != RUNNING_ON || instant_is_none(running->due) ||
            (ack->has_next_deadline && running->due.us >= ack->next_deadline.due.us))
            continue;
        ack->has_next_deadline = true;
        ack->next_deadline.due = running->due;
        ack->next_deadline.provisional = running->provisional;
        snprintf(ack->next_deadline.deadline, sizeof ack->next_deadline.deadline, "%s",
                 procedure->deadlines[i].id);
    }
}

/* The event is a line of the record already: this one says that it has its effect now. */
static int record_taken_up(struct taking *self)
{
    const struct parked_row *parked = self->parked;
    json_t *payload =
        json_pack("{s:s,s:s,s:I,s:b}", "source", parked->source, "id", parked->id, "record",
                  (json_int_t)parked->record, "ignored", (int)self->engine->decision.ignored);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_store_answer(
                            record_append(self->engine->settings.store, self->engine->now,
                                          "taken_up", parked->board, parked->reference, text, NULL))
                      : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

static int decide_and_keep(struct taking *self)
{
    struct engine *engine = self->engine;
    bool corrects = self->event->kind == EVENT_CORRECTION && self->is_raised;
    struct cause cause = {
        .kind = CAUSE_EVENT,
        .event = self->event,
        .superseded = corrects ? &engine->superseded : NULL,
        .corrected = corrects && engine->reading.has_corrected ? &engine->corrected : NULL,
        .acknowledged = engine->acknowledging.is_named ? &engine->acknowledging.acknowledged : NULL,
    };
    int answer = self->is_raised ? engine_catch_up(engine, &self->view, self->event->time) : 0;

    if (answer)
        return answer;
    answer =
        decide(&self->view, self->is_raised ? &engine->before : NULL, &cause, &engine->decision);
    if (answer != DECIDED)
        return refuse_decision(self, answer);
    if (!self->is_raised) {
        size_t length;
        const char *text =
            policy_text_of_hash(engine->settings.policy, self->view.procedure->hash, &length);

        answer = engine_store_answer(
            store_put_procedure(engine->settings.store, self->view.procedure, text));
    }
    if (answer == 0)
        answer = self->parked
                     ? record_taken_up(self)
                     : taking_put_event(self, engine->decision.ignored ? STORE_EVENT_IGNORED : 0u);
    if (answer == 0)
        answer = engine_keep(engine, &self->view, self->is_raised ? &engine->before : NULL);
    if (answer == 0)
        answer = engine_keep_acknowledged(engine, self->event->time,
                                          self->input->by_link ? "link" : "event");
    if (answer == 0 && !self->parked && !self->input->by_link)
        answer = engine_note_heard(engine, self->input, self->event);
    if (answer)
        return answer;
    taking_acknowledge(self, false);
    acknowledge_state(self, &engine->decision.after);
    return ENGINE_TAKEN;
}

static int park(struct taking *self, struct instant until)
{
    int answer = taking_park(self, until);

    if (answer == ENGINE_TAKEN && self->is_raised)
        acknowledge_state(self, &self->engine->before);
    return answer;
}

/* It is decided on, or waits. */
static int take_effect(struct taking *self)
{
    struct instant until;
    int answer = taking_must_wait(self, &until);

    if (answer != 0)
        return answer < 0 ? answer : park(self, until);
    answer = decide_and_keep(self);
    if (answer != ENGINE_REFUSED || strcmp(self->reply->nack.code, WIRE_CODE_TRANSITION) != 0)
        return answer;
    answer = taking_may_wait(self, &until);
    if (answer == 0)
        return ENGINE_REFUSED;
    return answer < 0 ? answer : park(self, until);
}

/* On the acknowledged plane whoever sent it knows that it was refused for good, so that its number
 * is not missing; but where only its key may not, it may be sent again once the key may, by a
 * publisher that goes on behind what LAST says.  A feed's publisher is not told: the number stays
 * open, and is asked for again when what was missing before it has come. */
static int note_refused(struct taking *self)
{
    const struct wire_code *code = wire_code_find(self->reply->nack.code);
    int answer;

    if (self->input->feed || !self->principal || !self->is_paid || !code ||
        code->remedy != WIRE_FIX)
        return ENGINE_REFUSED;
    answer = engine_note_heard(self->engine, self->input, self->event);
    return answer ? answer : ENGINE_REFUSED;
}

static int take_new(struct taking *self)
{
    int answer = load(self);

    if (answer == ENGINE_TAKEN)
        answer = taking_check_part(self);
    if (answer == ENGINE_TAKEN)
        answer = taking_pay(self);
    if (answer == ENGINE_TAKEN)
        answer = taking_check_reference(self);
    if (answer == ENGINE_TAKEN)
        answer = taking_check_people(self, self->event);
    if (answer == ENGINE_TAKEN)
        answer = check_correction(self);
    if (answer == ENGINE_TAKEN)
        answer = taking_check_acknowledgement(self);
    if (answer == ENGINE_TAKEN)
        answer = check_room(self);
    return answer == ENGINE_TAKEN ? take_effect(self) : answer;
}

/* What waited for this one has its effect in the same turn. */
static int take_up_after(struct taking *self, int answer)
{
    char source[EVENT_SOURCE_MAX + 1], seqepoch[SEQUENCE_EPOCH_MAX + 1];
    int error;

    if ((answer != ENGINE_TAKEN && answer != ENGINE_REFUSED) || !self->event->has_sequence)
        return answer;
    memcpy(source, self->event->source, sizeof source);
    memcpy(seqepoch, self->event->seqepoch, sizeof seqepoch);
    error = engine_take_up(self->engine, source, seqepoch, self->engine->now);
    return error ? error : answer;
}

int engine_take(struct engine *engine, const struct engine_input *input, struct engine_reply *reply)
{
    struct taking self = {
        .engine = engine, .input = input, .reply = reply, .event = &engine->event, .at = engine->now
    };
    bool is_repeat = false;
    int answer;

    memset(reply, 0, sizeof *reply);
    memset(&engine->reading, 0, sizeof engine->reading);
    if (input->key) {
        self.principal = engine->settings.keyring
                             ? keyring_live(engine->settings.keyring, input->key, engine->now)
                             : NULL;
        if (!self.principal)
            return taking_refuse(&self, WIRE_CODE_NO_PRINCIPAL,
                                 "this key is not in the keyring, or not now");
    }
    answer = taking_read(&self);
    if (answer == ENGINE_TAKEN)
        answer = taking_authorise(&self);
    if (answer == ENGINE_TAKEN)
        taking_leave_out(&self, self.event, "");
    if (answer == ENGINE_TAKEN)
        answer = find_repeat(&self, &is_repeat);
    if (answer != ENGINE_TAKEN)
        return answer;
    if (!is_repeat)
        answer = take_new(&self);
    if (answer == ENGINE_REFUSED)
        answer = note_refused(&self);
    return take_up_after(&self, answer);
}

/* A key that has ended since spoke while it lived; one that was taken out of the keyring is not
 * believed any more. */
int engine_take_parked(struct engine *engine, const struct engine_input *input,
                       const struct parked_row *parked, struct engine_reply *reply)
{
    struct taking self = { .engine = engine,
                           .input = input,
                           .reply = reply,
                           .event = &engine->event,
                           .kept = { .record = parked->record },
                           .parked = parked,
                           .at = parked->since };
    int answer;

    memset(reply, 0, sizeof *reply);
    memset(&engine->reading, 0, sizeof engine->reading);
    if (input->key) {
        self.principal =
            engine->settings.keyring ? keyring_find(engine->settings.keyring, input->key) : NULL;
        if (!self.principal)
            return taking_refuse(&self, WIRE_CODE_NO_PRINCIPAL,
                                 "the key that sent it is no longer in the keyring");
    }
    answer = taking_read(&self);
    if (answer == ENGINE_TAKEN)
        answer = taking_authorise(&self);
    return answer == ENGINE_TAKEN ? take_new(&self) : answer;
}
