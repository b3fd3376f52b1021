/* daemon_answer.c - what concernctl is told: states, never a person's details. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/daemon_answering.h"
#include "io/engine_private.h"
#include "io/record.h"
#include "io/render.h"
#include "io/store_acknowledge.h"
#include "io/store_gather.h"

json_t *answering_instant(struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return json_null();
    instant_write_utc(at, text);
    return json_string(text);
}

bool answering_say(struct answering *self, json_t *object)
{
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

    self->going = line && control_say(self->answer, line);
    self->rows++;
    free(line);
    json_decref(object);
    return self->going;
}

/* --- list */

/* Whether it runs under the version in force; where not, `move` takes it there. */
static bool is_in_force(const struct daemon *daemon, const struct disagreement_row *row)
{
    struct policy_view view;

    return policy_view(daemon->policy, row->procedure, &view) == POLICY_OK &&
           strcmp(view.procedure->hash, row->procedure_hash) == 0;
}

static bool say_disagreement(void *context, const struct disagreement_row *row)
{
    struct answering *self = context;
    json_t *held = answering_held(self, row->board, row->reference);
    json_t *object = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "reference", row->reference, "board", row->board,
        "procedure", row->procedure, "stage", row->stage, "state", row->state, "category",
        row->category, "challenging", row->challenging, "raised", answering_instant(row->raised));
    json_t *challenged = json_array();
    json_t *next =
        instant_is_none(row->next_due)
            ? json_null()
            : json_pack("{s:s,s:o,s:b}", "deadline", row->next_deadline, "due",
                        answering_instant(row->next_due), "provisional", row->provisional);

    for (const char *at = row->challenged; *at; at += strspn(at, " ")) {
        json_array_append_new(challenged, json_stringn(at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    json_object_set_new(object, "challenged", challenged);
    json_object_set_new(object, "next", next);
    json_object_set_new(object, "in_force", json_boolean(is_in_force(self->daemon, row)));
    json_object_set_new(object, "notifications_held",
                        json_integer((json_int_t)json_array_size(held)));
    json_decref(held);
    if (!instant_is_none(row->closed))
        json_object_set_new(object, "closed", answering_instant(row->closed));
    return answering_say(self, object);
}

static const char *answer_list(struct answering *self)
{
    struct disagreement_query query = {
        .closed_too = self->command->all,
        .board = self->command->board[0] ? self->command->board : NULL,
    };

    return store_list_disagreements(self->daemon->store, &query, say_disagreement, self) < 0
               ? "the store cannot be read"
               : NULL;
}

/* --- show, history: which disagreement */

struct found {
    const char *reference;
    char board[ID_MAX + 1];
    unsigned count;
};

static bool match_reference(void *context, const struct disagreement_row *row)
{
    struct found *found = context;

    if (strcmp(row->reference, found->reference) == 0) {
        snprintf(found->board, sizeof found->board, "%s", row->board);
        found->count++;
    }
    return found->count < 2;
}

const char *answering_find_board(struct answering *self, char board[ID_MAX + 1])
{
    struct found found = { .reference = self->command->reference };
    struct disagreement_query query = { .closed_too = true, .reference = found.reference };

    if (self->command->board[0]) {
        snprintf(board, ID_MAX + 1, "%s", self->command->board);
        return NULL;
    }
    if (store_list_disagreements(self->daemon->store, &query, match_reference, &found) < 0)
        return "the store cannot be read";
    if (found.count == 0)
        return "nobody raised a disagreement of this reference";
    if (found.count > 1)
        return "several boards have a disagreement of this reference (name the board)";
    snprintf(board, ID_MAX + 1, "%s", found.board);
    return NULL;
}

const char *answering_state(enum running_state state)
{
    static const char *const names[] = {
        [RUNNING_NOT] = "not started",
        [RUNNING_ON] = "running",
        [RUNNING_PASSED] = "passed",
        [RUNNING_STOPPED] = "stopped",
    };

    return names[state];
}

static json_t *json_deadlines(const struct disagreement *disagreement,
                              const struct procedure *procedure)
{
    json_t *list = json_array();

    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct running *running = &disagreement->running[i];
        json_t *item =
            json_pack("{s:s,s:s,s:s}", "deadline", procedure->deadlines[i].id, "title",
                      procedure->deadlines[i].title, "state", answering_state(running->state));

        if (running->state != RUNNING_NOT) {
            json_object_set_new(item, "start", answering_instant(running->start));
            json_object_set_new(item, "due", answering_instant(running->due));
            json_object_set_new(item, "provisional", json_boolean(running->provisional));
        }
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *json_parties(const struct disagreement *disagreement)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < disagreement->party_count; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b,s:b}", "agency", disagreement->parties[i], "side",
                            party_side((int)i), "agreed", (disagreement->agreed >> i) & 1,
                            "non_involvement", (disagreement->non_involved >> i) & 1));
    return list;
}

static json_t *json_disagreement(const struct disagreement *disagreement,
                                 const struct procedure *procedure)
{
    json_t *facts = json_object();
    json_t *object = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "reference", disagreement->reference, "board",
        disagreement->board, "procedure", disagreement->procedure, "procedure_version",
        procedure->version, "state", answer_state_text(disagreement->state), "raised",
        answering_instant(disagreement->raised), "parties", json_parties(disagreement), "deadlines",
        json_deadlines(disagreement, procedure));

    for (unsigned i = 0; i < disagreement->fact_count; i++)
        json_object_set_new(facts, disagreement->facts[i].name,
                            json_string(disagreement->facts[i].value));
    json_object_set_new(object, "facts", facts);
    json_object_set_new(object, "held", json_boolean(disagreement->held));
    json_object_set_new(object, "closed", answering_instant(disagreement->closed));
    json_object_set_new(object, "procedure_hash", json_string(disagreement->procedure_hash));
    if (disagreement->stage >= 0) {
        json_object_set_new(object, "stage",
                            json_string(procedure_stage_id(procedure, disagreement->stage)));
        json_object_set_new(object, "stage_entered",
                            answering_instant(disagreement->stage_entered));
    }
    return object;
}

const char *answering_load(struct answering *self, struct disagreement *disagreement,
                           struct policy_view *view)
{
    char board[ID_MAX + 1];
    const char *error = answering_find_board(self, board);
    int answer;

    if (error)
        return error;
    answer =
        store_load_disagreement(self->daemon->store, board, self->command->reference, disagreement);
    if (answer == STORE_NONE)
        return "nobody raised a disagreement of this reference on this board";
    if (answer != STORE_OK ||
        engine_view_of_hash(self->daemon->engine, disagreement->procedure_hash, view) != 0)
        return "it cannot be read";
    return NULL;
}

static bool add_parked(void *context, const struct parked_row *row)
{
    json_array_append_new(context, json_pack("{s:s,s:s,s:I,s:o,s:o}", "source", row->source, "id",
                                             row->id, "record", (json_int_t)row->record, "since",
                                             answering_instant(row->since), "until",
                                             answering_instant(row->until)));
    return true;
}

/* What is kept and waits for what is missing before it. */
static json_t *json_parked(const struct answering *self, const struct disagreement *disagreement)
{
    json_t *list = json_array();

    store_list_parked(self->daemon->store, disagreement->board, disagreement->reference, add_parked,
                      list);
    return list;
}

static bool add_acknowledged(void *context, const struct acknowledged_row *row)
{
    json_array_append_new(context,
                          json_pack("{s:s,s:s,s:o,s:o}", "notification", row->id, "role", row->role,
                                    "at", answering_instant(row->at), "acknowledged_at",
                                    answering_instant(row->acknowledged)));
    return true;
}

static json_t *json_acknowledged(const struct answering *self,
                                 const struct disagreement *disagreement)
{
    json_t *list = json_array();

    store_list_acknowledged(self->daemon->store, disagreement->board, disagreement->reference,
                            add_acknowledged, list);
    return list;
}

static const char *answer_show(struct answering *self)
{
    struct disagreement *disagreement = malloc(sizeof *disagreement);
    struct policy_view view;
    const char *error =
        disagreement ? answering_load(self, disagreement, &view) : "there is no memory";

    if (!error) {
        json_t *object = json_disagreement(disagreement, view.procedure);

        json_object_set_new(object, "parked", json_parked(self, disagreement));
        json_object_set_new(object, "notifications_held",
                            answering_held(self, disagreement->board, disagreement->reference));
        json_object_set_new(object, "acknowledged", json_acknowledged(self, disagreement));
        answering_say(self, object);
    }
    free(disagreement);
    return error;
}

static bool say_line(void *context, const struct record_line *line)
{
    json_t *object =
        json_pack("{s:I,s:o,s:s,s:s}", "number", (json_int_t)line->number, "at",
                  answering_instant(line->at), "type", line->type, "reference", line->reference);
    json_t *payload = line->payload ? json_loads(line->payload, 0, NULL) : NULL;

    json_object_set_new(object, "payload", payload ? payload : json_null());
    if (line->erased_by)
        json_object_set_new(object, "erased_by", json_integer((json_int_t)line->erased_by));
    return answering_say(context, object);
}

static const char *answer_history(struct answering *self)
{
    char board[ID_MAX + 1];
    const char *error = answering_find_board(self, board);

    if (error)
        return error;
    return record_history(self->daemon->store, board, self->command->reference, say_line, self) < 0
               ? "the record cannot be read"
               : NULL;
}

/* --- outbox */

static json_t *json_outbox_row(const struct outbox_row *row)
{
    json_t *object =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:o,s:o}", "id", row->id, "reference",
                  row->reference, "role", row->role, "route", route_name(row->route), "priority",
                  priority_name(row->priority), "state", outbox_state_name(row->state), "board",
                  row->board, "attempts", (int)row->attempts, "at", answering_instant(row->at),
                  "next_try", answering_instant(row->next_try));

    json_object_set_new(object, "way", json_integer((json_int_t)row->position + 1));
    if (!instant_is_none(row->delayed))
        json_object_set_new(object, "delayed", answering_instant(row->delayed));
    if (!instant_is_none(row->undelivered))
        json_object_set_new(object, "undelivered", answering_instant(row->undelivered));
    /* A mail address says who somebody is: only the directory's own ids are shown. */
    json_object_set_new(object, "person",
                        json_string(strchr(row->person, '@') ? "named in the event" : row->person));
    if (row->attempts > 0)
        json_object_set_new(
            object, "last",
            json_pack("{s:i,s:s}", "code", row->last_code, "detail", row->last_detail));
    return object;
}

static bool take_attempt(void *context, const struct attempt_row *attempt)
{
    json_object_set_new(context, "last",
                        json_pack("{s:o,s:i,s:s}", "at", answering_instant(attempt->at), "code",
                                  attempt->code, "detail", attempt->detail));
    return true;
}

/* No state of a row: nobody has accepted its notification, and people know. */
static const char undelivered[] = "undelivered";

/* Until when it waits for others to go with, or what it went in. */
static void add_gathering(const struct answering *self, const struct outbox_row *row,
                          json_t *object)
{
    char digest[DELIVERY_ID_SIZE] = "";
    struct instant until;

    if (store_find_gathering(self->daemon->store, row->id, &until, digest) != STORE_OK)
        return;
    if (digest[0])
        json_object_set_new(object, "gathered_in", json_string(digest));
    else
        json_object_set_new(object, "waits_until", answering_instant(until));
}

/* What the other side said last tells why a notification is still here. */
static bool say_outbox_row(void *context, const struct outbox_row *row)
{
    struct answering *self = context;
    const char *wanted = self->command->state;
    json_t *object, *held = answering_held_by(self, row);
    const char *state = held ? "held" : outbox_state_name(row->state);
    struct instant acknowledged = INSTANT_NONE;

    if (wanted[0] && strcmp(wanted, undelivered) != 0 && strcmp(wanted, state) != 0) {
        json_decref(held);
        return true;
    }
    object = json_outbox_row(row);
    json_object_set_new(object, "state", json_string(state));
    if (held)
        json_object_set_new(object, "held", held);
    if (row->state == OUTBOX_GATHERED || row->state == OUTBOX_QUEUED)
        add_gathering(self, row, object);
    if (store_list_attempts(self->daemon->store, row->id, take_attempt, object) < 0 ||
        store_get_acknowledged(self->daemon->store, row->id, &acknowledged) < 0) {
        json_decref(object);
        return false;
    }
    if (!instant_is_none(acknowledged))
        json_object_set_new(object, "acknowledged_at", answering_instant(acknowledged));
    return answering_say(self, object);
}

static const char *answer_delivery(struct answering *self)
{
    struct outbox_row *row = NULL;
    int answer = store_get_outbox(self->daemon->store, self->command->id, &row);

    if (answer == STORE_OK)
        say_outbox_row(self, row);
    outbox_row_close(&row);
    return answer == STORE_OK     ? NULL
           : answer == STORE_NONE ? "there is no such notification"
                                  : "the outbox cannot be read";
}

static const char *answer_outbox(struct answering *self)
{
    struct outbox_query query = { .ended_too = self->command->state[0] != '\0', .most = 10000 };
    int answer;

    if (self->command->id[0])
        return answer_delivery(self);
    answer = strcmp(self->command->state, undelivered) == 0
                 ? store_list_undelivered(self->daemon->store, say_outbox_row, self)
                 : store_list_outbox(self->daemon->store, &query, say_outbox_row, self);
    return answer < 0 ? "the outbox cannot be read" : NULL;
}

/* --- keys, reload */

static json_t *json_texts(const struct keyring_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static json_t *json_rights(unsigned rights)
{
    static const struct {
        unsigned right;
        const char *name;
    } names[] = { { KEYRING_PUBLISH, "publish" },
                  { KEYRING_CLOSE, "close" },
                  { KEYRING_READ, "read" },
                  { KEYRING_REPLAY, "replay" },
                  { KEYRING_ADMIN, "admin" } };
    json_t *array = json_array();

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (rights & names[i].right)
            json_array_append_new(array, json_string(names[i].name));
    return array;
}

static const char *answer_keys(struct answering *self)
{
    const struct keyring *keyring = self->daemon->keyring;
    struct instant now = clock_now(self->daemon->clock);

    for (size_t i = 0; keyring && i < keyring_count(keyring); i++) {
        const struct principal *principal = keyring_at(keyring, i);

        if (!answering_say(self, json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:b}", "key",
                                           principal->key, "name", principal->name, "agency",
                                           principal->agency, "board", principal->board, "boards",
                                           json_texts(&principal->boards), "sources",
                                           json_texts(&principal->sources), "rights",
                                           json_rights(principal->rights), "not_before",
                                           answering_instant(principal->not_before), "not_after",
                                           answering_instant(principal->not_after), "live",
                                           keyring_live(keyring, principal->key, now) != NULL)))
            break;
    }
    return NULL;
}

static const char *answer_reload(struct answering *self)
{
    daemon_reload(self->daemon);
    return self->daemon->policy_fault[0] ? self->daemon->policy_fault : NULL;
}

static const char *(*const answers[COMMAND_KIND_COUNT])(struct answering *) = {
    [COMMAND_STATUS] = answering_status,
    [COMMAND_LIST] = answer_list,
    [COMMAND_SHOW] = answer_show,
    [COMMAND_HISTORY] = answer_history,
    [COMMAND_EXPLAIN] = answering_explain,
    [COMMAND_OUTBOX] = answer_outbox,
    [COMMAND_KEYS] = answer_keys,
    [COMMAND_RELOAD] = answer_reload,
    [COMMAND_MOVE] = answering_move,
    [COMMAND_SOURCES] = answering_sources,
    [COMMAND_REDRIVE] = answering_redrive,
    [COMMAND_TEST] = answering_test,
    [COMMAND_SILENCE] = answering_add_silence,
    [COMMAND_SILENCES] = answering_silences,
    [COMMAND_UNSILENCE] = answering_end_silence,
    [COMMAND_BOUNCE] = answering_bounce,
    [COMMAND_REPORT] = answering_report,
};

const char *daemon_answer(void *context, const struct command *command,
                          struct control_answer *answer)
{
    struct answering self = { .daemon = context, .command = command, .answer = answer };

    return answers[command->kind](&self);
}
