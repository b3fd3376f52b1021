/* engine_may.c - who may say it: in the order of the wire, and the first no is the answer. */
#include <stdio.h>
#include <string.h>

#include "io/engine_taking.h"

#define FUTURE_TOLERATED_US (5 * MINUTE_US)

int taking_refuse(struct taking *self, const char *code, const char *why)
{
    struct answer_nack *nack = &self->reply->nack;

    snprintf(nack->code, sizeof nack->code, "%s", code);
    snprintf(nack->why, sizeof nack->why, "%s", why);
    snprintf(nack->source, sizeof nack->source, "%s", self->engine->reading.source);
    snprintf(nack->id, sizeof nack->id, "%s", self->engine->reading.id);
    self->reply->has_sequence = self->is_read && self->event->has_sequence;
    self->reply->sequence = self->event->sequence;
    return ENGINE_REFUSED;
}

/* --- reading */

int taking_read(struct taking *self)
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
        return taking_refuse(self, engine->reading.code, engine->reading.why);
    self->is_read = true;
    self->event->received = input->received;
    if (self->event->time.us > input->received.us + FUTURE_TOLERATED_US)
        return taking_refuse(self, WIRE_CODE_CLOUDEVENT,
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
        return taking_refuse(
            self, WIRE_CODE_SCHEMA,
            "no board is named, and the key speaks to several (name it in data.board)");
    snprintf(self->reply->board, sizeof self->reply->board, "%s", event->board);
    return ENGINE_TAKEN;
}

static int check_speaker(struct taking *self)
{
    const struct principal *principal = self->principal;
    const struct event *event = self->event;

    if (event->by.agency[0] && strcmp(event->by.agency, principal->agency) != 0)
        return taking_refuse(self, WIRE_CODE_NO_PART,
                             "data.by.agency is not the agency this key speaks for");
    if (event->by.board[0] && strcmp(event->by.board, principal->board) != 0)
        return taking_refuse(self, WIRE_CODE_NO_PART,
                             "data.by.board is not the board this key speaks for");
    return ENGINE_TAKEN;
}

int taking_authorise(struct taking *self)
{
    const struct keyring *keyring = self->engine->settings.keyring;
    const struct event *event = self->event;
    const char *code = NULL;
    int answer;

    if (!self->principal)
        return resolve_board(self);
    /* The source goes before the board, which may be the key's to say. */
    if (keyring_may_ask(keyring, self->input->key, event->source, self->at, &code) != KEYRING_OK)
        return taking_refuse(self, code, wire_code_find(code)->meaning);
    answer = resolve_board(self);
    if (answer != ENGINE_TAKEN)
        return answer;
    if (keyring_may(keyring, self->input->key, event->source, event->board, event->type, self->at,
                    &code) != KEYRING_OK)
        return taking_refuse(self, code, wire_code_find(code)->meaning);
    if (self->input->may &&
        !self->input->may(self->input->may_context, event->source, event->board, &code))
        return taking_refuse(self, code, "this feed was not subscribed for that source or board");
    return check_speaker(self);
}

/* The last question of all.  A feed's publisher cannot be told to wait: what it says would be
 * lost, so that it is shared out by turns (daemon.c) and not by the rate. */
int taking_pay(struct taking *self)
{
    const struct engine_input *input = self->input;
    struct keyring *keyring = self->engine->settings.keyring;
    unsigned events = 1 + input->others;

    self->is_paid = !self->principal || self->parked || input->feed || input->paid ||
                    keyring_spend(keyring, input->key, events, self->engine->now);
    if (self->is_paid)
        return ENGINE_TAKEN;
    taking_refuse(self, WIRE_CODE_RATE, wire_code_find(WIRE_CODE_RATE)->meaning);
    self->reply->busy.retry_after_ms =
        keyring_wait_ms(keyring, input->key, events, self->engine->now);
    return ENGINE_BUSY;
}

/* A key of an agency is heard only where that agency has a part. */
int taking_check_part(struct taking *self)
{
    const struct principal *principal = self->principal;
    const struct event *event = self->event;

    if (!principal || !principal->agency[0])
        return ENGINE_TAKEN;
    if (self->is_raised)
        return disagreement_parties_of(&self->engine->before, principal->agency)
                   ? ENGINE_TAKEN
                   : taking_refuse(self, WIRE_CODE_NO_PART,
                                   "this key's agency has no part in the disagreement");
    if (strcmp(event->challenging, principal->agency) == 0)
        return ENGINE_TAKEN;
    for (unsigned i = 0; i < event->challenged_count; i++)
        if (strcmp(event->challenged[i], principal->agency) == 0)
            return ENGINE_TAKEN;
    return taking_refuse(self, WIRE_CODE_NO_PART,
                         "this key's agency neither challenges nor is challenged in this raise");
}

/* An address goes before the directory, so it must be one the directory lets its agency have: a
 * mistyped one, or one of somebody else's, would be told what is not theirs. */
int taking_check_people(struct taking *self, const struct event *event)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    for (unsigned i = 0; directory && i < event->people_count; i++) {
        const struct event_person *person = &event->people[i];
        const struct agency *agency = directory_agency(directory, person->agency);

        if (person->email[0] && (!agency || !directory_owns_address(agency, person->email)))
            return taking_refuse(self, WIRE_CODE_SCHEMA,
                                 "an address among the people is in no domain of its agency (the "
                                 "directory lists them)");
    }
    if (event->kind == EVENT_CONTACT_CHANGED && self->principal && self->principal->agency[0] &&
        strcmp(event->agency, self->principal->agency) != 0)
        return taking_refuse(self, WIRE_CODE_NO_PART, "an agency changes its own contacts only");
    return ENGINE_TAKEN;
}
