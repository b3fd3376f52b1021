/* engine_event.c - one event: read, allowed, new, decided, kept. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"

#define FUTURE_TOLERATED_US (5 * MINUTE_US)

/* What is being taken: the event, who brings it, and where it goes. */
struct taking {
    struct engine *engine;
    const struct engine_input *input;
    const struct principal *principal; /* NULL: a rehearsal */
    struct engine_reply *reply;
    struct event *event;
    struct policy_view view;
    bool is_raised; /* engine->before holds the disagreement */
    bool is_paid;   /* the key's rate has room for it */
    struct kept_event kept;
};

static int refuse(struct taking *self, const char *code, const char *why)
{
    struct answer_nack *nack = &self->reply->nack;

    snprintf(nack->code, sizeof nack->code, "%s", code);
    snprintf(nack->why, sizeof nack->why, "%s", why);
    snprintf(nack->source, sizeof nack->source, "%s", self->engine->reading.source);
    snprintf(nack->id, sizeof nack->id, "%s", self->engine->reading.id);
    return ENGINE_REFUSED;
}

/* --- reading */

static int read_event(struct taking *self)
{
    struct engine *engine = self->engine;
    const struct engine_input *input = self->input;
    struct event_sender sender = {
        .agency = self->principal && self->principal->agency[0] ? self->principal->agency : NULL,
        .board = self->principal && self->principal->board[0] ? self->principal->board : NULL,
    };
    int answer =
        cloudevent_read_from(input->bytes, input->size, &sender, self->event, &engine->reading);

    if (answer < 0)
        return answer;
    if (answer != CLOUDEVENT_OK)
        return refuse(self, engine->reading.code, engine->reading.why);
    self->event->received = input->received;
    if (self->event->time.us > input->received.us + FUTURE_TOLERATED_US)
        return refuse(self, WIRE_CODE_CLOUDEVENT,
                      "time is more than five minutes ahead (set the publisher's clock)");
    /* A clock a little ahead: the event happened when it arrived, at the latest. */
    if (self->event->time.us > input->received.us)
        self->event->time = input->received;
    return ENGINE_TAKEN;
}

/* --- who may say it */

static const char *only_board(const struct taking *self)
{
    const struct principal *principal = self->principal;
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    if (principal && principal->board[0])
        return principal->board;
    if (principal && principal->boards.count == 1)
        return principal->boards.items[0];
    return directory && directory->board_count == 1 ? directory->boards[0].id : "";
}

/* Without a directory (a rehearsal) there is one board, invented, and every event means it; where
 * there is one procedure as well, a raise means that. */
static int mean_invented_board(struct taking *self)
{
    const struct policy *policy = self->engine->settings.policy;
    struct event *event = self->event;

    if (event->kind == EVENT_DISAGREEMENT_RAISED && !event->procedure[0] &&
        policy_procedure(policy, 0) && !policy_procedure(policy, 1))
        snprintf(event->procedure, sizeof event->procedure, "%s", policy_procedure(policy, 0)->id);
    snprintf(event->board, sizeof event->board, "board");
    snprintf(self->reply->board, sizeof self->reply->board, "%s", event->board);
    return ENGINE_TAKEN;
}

/* Which board and procedure it is about, where the event leaves that to its key. */
static int resolve_board(struct taking *self)
{
    struct event *event = self->event;
    const struct agency *board;

    if (!policy_directory(self->engine->settings.policy))
        return mean_invented_board(self);
    if (event->kind == EVENT_DISAGREEMENT_RAISED && !event->procedure[0] && self->principal &&
        self->principal->procedures.count > 0)
        snprintf(event->procedure, sizeof event->procedure, "%s",
                 self->principal->procedures.items[0]);
    if (!event->board[0] && event->procedure[0]) {
        board = policy_board_of(self->engine->settings.policy, event->procedure);
        if (board)
            snprintf(event->board, sizeof event->board, "%s", board->id);
    }
    if (!event->board[0])
        snprintf(event->board, sizeof event->board, "%s", only_board(self));
    if (!event->board[0])
        return refuse(self, WIRE_CODE_SCHEMA,
                      "no board is named, and the key speaks to several (name it in data.board)");
    snprintf(self->reply->board, sizeof self->reply->board, "%s", event->board);
    return ENGINE_TAKEN;
}

static int check_speaker(struct taking *self)
{
    const struct principal *principal = self->principal;
    const struct event *event = self->event;

    if (event->by.agency[0] && strcmp(event->by.agency, principal->agency) != 0)
        return refuse(self, WIRE_CODE_NO_PART,
                      "data.by.agency is not the agency this key speaks for");
    if (event->by.board[0] && strcmp(event->by.board, principal->board) != 0)
        return refuse(self, WIRE_CODE_NO_PART,
                      "data.by.board is not the board this key speaks for");
    return ENGINE_TAKEN;
}

static int authorise(struct taking *self)
{
    const struct event *event = self->event;
    const char *code = NULL;
    int answer;

    if (!self->principal)
        return resolve_board(self);
    answer = keyring_may(self->engine->settings.keyring, self->input->key, event->source,
                         event->board, event->type, self->engine->now, &code);
    if (answer != KEYRING_OK)
        return refuse(self, code, wire_code_find(code)->meaning);
    answer = resolve_board(self);
    if (answer != ENGINE_TAKEN)
        return answer;
    if (!keyring_check_board(self->principal, event->board))
        return refuse(self, WIRE_CODE_BOARD, "this key may not speak to that board");
    if (self->input->may &&
        !self->input->may(self->input->may_context, event->source, event->board, &code))
        return refuse(self, code, "this feed was not subscribed for that source or board");
    return check_speaker(self);
}

/* The last question of all.  A feed's publisher cannot be told to wait: what it says would be
 * lost, so that it is shared out by turns (daemon.c) and not by the rate. */
static int pay(struct taking *self)
{
    const struct engine_input *input = self->input;
    struct keyring *keyring = self->engine->settings.keyring;
    unsigned events = 1 + input->others;

    self->is_paid = !self->principal || input->feed || input->paid ||
                    keyring_spend(keyring, input->key, events, self->engine->now);
    if (self->is_paid)
        return ENGINE_TAKEN;
    refuse(self, WIRE_CODE_RATE, wire_code_find(WIRE_CODE_RATE)->meaning);
    self->reply->busy.retry_after_ms =
        keyring_wait_ms(keyring, input->key, events, self->engine->now);
    return ENGINE_BUSY;
}

/* --- is it new */

static void acknowledge_kept(struct taking *self, bool duplicate)
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
        return refuse(self, WIRE_CODE_ID_REUSED,
                      "this source and id were used for another event (ids are used once)");
    acknowledge_kept(self, true);
    answer = pay(self);
    return answer == ENGINE_TAKEN ? engine_note_repeat(self->engine, self->event->source) : answer;
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
        return refuse(self, WIRE_CODE_STORE,
                      "the procedure version this disagreement keeps cannot be read here");
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (self->is_raised) {
        answer = engine_view_of_hash(engine, engine->before.procedure_hash, &self->view);
        return answer < 0 ? answer : answer ? -EIO : ENGINE_TAKEN;
    }
    if (event->kind != EVENT_DISAGREEMENT_RAISED && !event->procedure[0])
        return refuse(self, WIRE_CODE_UNKNOWN,
                      "nobody raised this disagreement (send disagreement.raised first)");
    if (policy_view(engine->settings.policy, event->procedure, &self->view) != POLICY_OK)
        return refuse(self, WIRE_CODE_SCHEMA,
                      "data.procedure is no procedure in force here (concernctl check lists them)");
    return ENGINE_TAKEN;
}

/* A key of an agency is heard only where that agency has a part. */
static int check_part(struct taking *self)
{
    const struct principal *principal = self->principal;
    const struct event *event = self->event;

    if (!principal || !principal->agency[0])
        return ENGINE_TAKEN;
    if (self->is_raised)
        return disagreement_parties_of(&self->engine->before, principal->agency)
                   ? ENGINE_TAKEN
                   : refuse(self, WIRE_CODE_NO_PART,
                            "this key's agency has no part in the disagreement");
    if (strcmp(event->challenging, principal->agency) == 0)
        return ENGINE_TAKEN;
    for (unsigned i = 0; i < event->challenged_count; i++)
        if (strcmp(event->challenged[i], principal->agency) == 0)
            return ENGINE_TAKEN;
    return refuse(self, WIRE_CODE_NO_PART,
                  "this key's agency neither challenges nor is challenged in this raise");
}

/* An address goes before the directory, so it must be one the directory lets its agency have: a
 * mistyped one, or one of somebody else's, would be told what is not theirs. */
static int check_people(struct taking *self, const struct event *event)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    for (unsigned i = 0; directory && i < event->people_count; i++) {
        const struct event_person *person = &event->people[i];
        const struct agency *agency = directory_agency(directory, person->agency);

        if (person->email[0] && (!agency || !directory_owns_address(agency, person->email)))
            return refuse(self, WIRE_CODE_SCHEMA,
                          "an address among the people is in no domain of its agency (the "
                          "directory lists them)");
    }
    if (event->kind == EVENT_CONTACT_CHANGED && self->principal && self->principal->agency[0] &&
        strcmp(event->agency, self->principal->agency) != 0)
        return refuse(self, WIRE_CODE_NO_PART, "an agency changes its own contacts only");
    return ENGINE_TAKEN;
}

/* A disk that was full keeps its last room for what runs: no new disagreement is begun. */
static int check_room(struct taking *self)
{
    if (self->is_raised || !store_is_short(self->engine->settings.store))
        return ENGINE_TAKEN;
    return refuse(self, WIRE_CODE_STORE,
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
        return answer < 0 ? answer : refuse(self, reading.code, reading.why);
    if (strcmp(corrected->subject, event->subject) != 0 ||
        (corrected->board[0] && strcmp(corrected->board, event->board) != 0))
        return refuse(self, WIRE_CODE_SCHEMA,
                      "data.event is about another disagreement (its subject and board are the "
                      "correction's)");
    if (corrected->time.us > event->time.us)
        return refuse(self, WIRE_CODE_CLOUDEVENT,
                      "data.event.time is after the correction (it cannot be of the future)");
    snprintf(corrected->board, sizeof corrected->board, "%s", event->board);
    corrected->received = event->received;
    if (!corrected->by.agency[0] && !corrected->by.board[0])
        corrected->by = event->by;
    if (strcmp(corrected->by.agency, event->by.agency) != 0 ||
        strcmp(corrected->by.board, event->by.board) != 0)
        return refuse(self, WIRE_CODE_NO_PART,
                      "data.event is by somebody else than the correction (each corrects its own)");
    return check_people(self, corrected);
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
        return refuse(self, answer == SUPERSEDED_UNKNOWN ? WIRE_CODE_UNKNOWN : WIRE_CODE_TRANSITION,
                      whys[answer]);
    if (!may_correct(self))
        return refuse(self, WIRE_CODE_RIGHT,
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

    return refuse(self, codes[answer], self->engine->decision.why);
}

static int put_event(struct taking *self)
{
    struct engine *engine = self->engine;
    char *json = NULL;
    uint64_t head;
    int answer = engine_understood(self->input, self->event, &engine->reading, &json);
    struct event_row row = {
        .event = self->event,
        .board = self->event->board,
        .json = json,
        .sha256 = engine->reading.canonical_sha256,
        .key_name = self->principal ? self->principal->name : "",
        .flags = (engine->decision.ignored ? STORE_EVENT_IGNORED : 0u) |
                 (self->input->feed ? STORE_EVENT_FEED : 0u) |
                 (self->input->best_effort ? STORE_EVENT_BEST_EFFORT : 0u) |
                 (self->input->is_replayed ? STORE_EVENT_REPLAYED : 0u),
    };

    self->kept.flags = row.flags;
    if (answer == 0)
        answer =
            engine_store_answer(store_put_event(engine->settings.store, &row, &self->kept.record));
    if (answer == 0)
        record_head(engine->settings.store, &head, self->reply->ack.hash);
    free(json);
    return answer;
}

static void acknowledge_state(struct taking *self)
{
    struct answer_ack *ack = &self->reply->ack;
    const struct disagreement *after = &self->engine->decision.after;
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

static int decide_and_keep(struct taking *self)
{
    struct engine *engine = self->engine;
    bool corrects = self->event->kind == EVENT_CORRECTION && self->is_raised;
    struct cause cause = {
        .kind = CAUSE_EVENT,
        .event = self->event,
        .superseded = corrects ? &engine->superseded : NULL,
        .corrected = corrects && engine->reading.has_corrected ? &engine->corrected : NULL,
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
        answer = put_event(self);
    if (answer == 0)
        answer = engine_keep(engine, &self->view, self->is_raised ? &engine->before : NULL);
    if (answer == 0)
        answer = engine_note_heard(engine, self->input, self->event);
    if (answer)
        return answer;
    acknowledge_kept(self, false);
    acknowledge_state(self);
    return ENGINE_TAKEN;
}

/* On the acknowledged plane whoever sent it knows that it was refused for good, so that its number
 * is not missing.  A feed's publisher is not told: the number stays open, and is asked for again
 * when what was missing before it has come. */
static int note_refused(struct taking *self)
{
    int answer;

    if (self->input->feed || !self->principal || !self->is_paid ||
        wire_code_is_retryable(self->reply->nack.code))
        return ENGINE_REFUSED;
    answer = engine_note_heard(self->engine, self->input, self->event);
    return answer ? answer : ENGINE_REFUSED;
}

/* ENGINE_TAKEN is 0, so that the steps read as one: each goes on where the one before took. */
int engine_take(struct engine *engine, const struct engine_input *input, struct engine_reply *reply)
{
    struct taking self = {
        .engine = engine, .input = input, .reply = reply, .event = &engine->event
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
            return refuse(&self, WIRE_CODE_NO_PRINCIPAL,
                          "this key is not in the keyring, or not now");
    }
    answer = read_event(&self);
    if (answer == ENGINE_TAKEN)
        answer = authorise(&self);
    if (answer == ENGINE_TAKEN)
        answer = find_repeat(&self, &is_repeat);
    if (answer != ENGINE_TAKEN || is_repeat)
        return answer;
    answer = load(&self);
    if (answer == ENGINE_TAKEN)
        answer = check_part(&self);
    if (answer == ENGINE_TAKEN)
        answer = pay(&self);
    if (answer == ENGINE_TAKEN)
        answer = check_people(&self, self.event);
    if (answer == ENGINE_TAKEN)
        answer = check_correction(&self);
    if (answer == ENGINE_TAKEN)
        answer = check_room(&self);
    if (answer == ENGINE_TAKEN)
        answer = decide_and_keep(&self);
    return answer == ENGINE_REFUSED ? note_refused(&self) : answer;
}
