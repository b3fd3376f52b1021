/* engine_escalate.c - what nobody accepted goes by the next route, to the deputy, to people. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escalation.h"
#include "core/text.h"
#include "io/engine_digest.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/record.h"
#include "io/store_acknowledge.h"
#include "io/store_message.h"
#include "io/ulid.h"

/* Routes, with texts of its own.  There is no most: each one is of the directory, which has a most
 * for each person, and is in it once. */
struct route_list {
    struct route *at;
    size_t count, capacity;
};

/* One notification that is looked at. */
struct climb {
    struct engine *engine;
    struct outbox_row *first;
    char first_id[DELIVERY_ID_SIZE];
    struct escalation state;
    const char *hopeless; /* the id of a row that will not do, though it is tried on; or NULL */
    bool operator_knows;  /* that nothing gets to the endpoint it was for */
    bool is_on_its_way;   /* by a route that no silence holds */
    struct instant held_until; /* by a silence, the longest; INSTANT_NONE */

    /* the routes it took, by position; after them, while one is looked for, those it may not take
     */
    struct route_list routes;
    size_t used_count;
    bool out_of_memory; /* not all of them are known */

    /* what it says, where the record tells */
    struct policy_view view;
    struct notification notification;
    json_t *payload;
    struct engine_digest *digest; /* what it gathers; NULL: it is no digest */
    bool known;
    struct stored_message *message; /* about no disagreement: instead of all that; or NULL */
    bool is_heard_by_some;          /* `notification` has the other roles alone */
    bool stuck;                     /* the route could not be taken: look for no other */
    struct escalation_route next;   /* of state.has_route */
    struct instant silenced_until;  /* when the first silence over another route ends, or NONE */
};

/* --- routes */

static int add_route(struct route_list *list, enum route_kind kind, const char *to)
{
    char *own;

    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct route *at = realloc(list->at, capacity * sizeof *at);

        if (!at)
            return -ENOMEM;
        list->at = at;
        list->capacity = capacity;
    }
    own = strdup(to);
    if (!own)
        return -ENOMEM;
    list->at[list->count++] = (struct route){ .kind = kind, .to = own };
    return 0;
}

static void cut_routes(struct route_list *list, size_t count)
{
    while (list->count > count)
        free((char *)list->at[--list->count].to);
}

/* --- what there is of it */

static void note_silence(struct climb *self, const struct outbox_row *row)
{
    const struct silence_row *silence = engine_silence_of(self->engine, row, self->engine->now);

    if ((row->state == OUTBOX_QUEUED && !silence) ||
        (row->state == OUTBOX_ACCEPTED && !instant_is_none(row->delayed)))
        self->is_on_its_way = true;
    if (silence &&
        (instant_is_none(self->held_until) || silence->silencing.until.us > self->held_until.us))
        self->held_until = silence->silencing.until;
}

static bool note_route(void *context, const struct outbox_row *row)
{
    struct climb *self = context;
    bool is_delayed = row->state == OUTBOX_ACCEPTED && !instant_is_none(row->delayed);
    bool over = row->state != OUTBOX_QUEUED && !is_delayed;

    self->out_of_memory = add_route(&self->routes, row->route, row->recipient) < 0;
    if (self->out_of_memory)
        return false;
    self->used_count++;
    if (row->position == 0) {
        memcpy(self->first_id, row->id, sizeof self->first_id);
        self->state.queued = row->queued;
        self->state.priority = row->priority;
        self->state.told = !instant_is_none(row->undelivered);
    }
    self->state.latest = is_delayed ? row->delayed : row->queued;
    self->state.accepted = self->state.accepted || (row->state == OUTBOX_ACCEPTED && !is_delayed);
    self->state.hopeless = over || (self->hopeless && strcmp(self->hopeless, row->id) == 0);
    self->state.ended = self->state.ended && over;
    note_silence(self, row);
    return true;
}

/* A message of an older store, and a test, went by the routes it went by. */
static int load_message(struct climb *self)
{
    int answer = store_get_message(self->engine->settings.store, self->first_id, &self->message);

    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

/* Where it cannot be had only people can be told. */
static int load_notification(struct climb *self)
{
    int answer;

    if (!self->first->reference[0])
        return load_message(self);
    answer = engine_load_notification(self->engine, self->first, &self->view, &self->notification,
                                      &self->payload);

    self->known = self->payload != NULL;
    return answer;
}

static bool is_to_system(const struct outbox_row *row)
{
    return strncmp(row->person, ENGINE_SYSTEM, strlen(ENGINE_SYSTEM)) == 0;
}

/* A route that a silence would hold is passed over: nobody waits for another one's maintenance.
 * When that ends it is a route again. */
static bool is_silenced(struct climb *self)
{
    const struct engine *engine = self->engine;
    const struct silence_row *silence;
    struct silencing_question question = {
        .priority = self->state.priority,
        .route = self->next.kind,
        .recipient = self->next.to,
        .person = self->next.person ? self->next.person->id : "operator",
        .agency = self->digest ? self->first->agency
                               : silencing_agency(&self->notification, &engine->before),
    };

    silence = engine_silence_on(engine, &question, engine->now);
    if (silence && (instant_is_none(self->silenced_until) ||
                    silence->silencing.until.us < self->silenced_until.us))
        self->silenced_until = silence->silencing.until;
    return silence != NULL;
}

static struct recipient_search search_of(const struct climb *self)
{
    const struct engine *engine = self->engine;

    return (struct recipient_search){ .procedure = self->view.procedure,
                                      .disagreement = &engine->before,
                                      .directory = policy_directory(engine->settings.policy),
                                      .today = zone_civil(self->view.time.zone, engine->now).date };
}

static bool find_route(struct climb *self)
{
    const struct engine *engine = self->engine;
    struct recipient_search search;

    if (self->digest)
        return engine_digest_route(self->digest, self->first->person, self->routes.at,
                                   self->routes.count, &self->next);
    search = search_of(self);
    return escalation_route(&search, &self->notification,
                            engine_is_office_hours(&self->view.time, engine->now), self->routes.at,
                            self->routes.count, &self->next);
}

static int look_for_route(struct climb *self)
{
    struct engine *engine = self->engine;
    int error = 0;

    self->state.has_route = false;
    self->silenced_until = INSTANT_NONE;
    /* A case system has one endpoint and no deputy: the people of its side are told themselves. */
    if (self->stuck ||
        (!self->digest && !self->message && (!self->known || is_to_system(self->first))))
        return 0;
    cut_routes(&self->routes, self->used_count);
    for (size_t i = 0; i < engine->ended_count && error == 0; i++)
        error = add_route(&self->routes, engine->ended[i].kind, engine->ended[i].to);
    if (error == 0 && self->message)
        self->state.has_route = engine_message_route(engine, self->first, self->routes.at,
                                                     self->routes.count, &self->next);
    while (error == 0 && !self->message && find_route(self)) {
        self->state.has_route = !is_silenced(self);
        if (self->state.has_route)
            break;
        error = add_route(&self->routes, self->next.kind, self->next.to);
    }
    return error ? journal_fail(error, "no memory to look for another route") : 0;
}

/* --- by another route */

static int record_line(struct climb *self, const char *type, json_t *payload)
{
    struct engine *engine = self->engine;
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_store_answer(record_append(engine->settings.store, engine->now, type,
                                                          self->first->board,
                                                          self->first->reference, text, NULL))
                      : -ENOMEM;

    json_decref(payload);
    free(text);
    return answer;
}

/* As whoever gets it now reads it: a deputy stands in, where he does and in no other role. */
static struct notification as_told_to(const struct climb *self)
{
    struct notification notification = self->notification;
    const struct person *person = self->next.person;
    struct recipient_search search;
    size_t count = 0;

    if (!self->known || !person || person == notification.person)
        return notification;
    search = search_of(self);
    notification.person = person;
    notification.address[0] = '\0';
    for (size_t i = 0; i < notification.role_count; i++) {
        const struct role_holding *holding = escalation_holding(&search, &notification.roles[i]);

        if (!holding || (self->next.is_deputy ? holding->deputy : holding->holder) != person)
            continue;
        notification.roles[count] = notification.roles[i];
        if (self->next.is_deputy)
            notification.roles[count].stand_in = STAND_IN_DEPUTY;
        count++;
    }
    notification.role_count = count;
    return notification;
}

/* The first role that it is told in, or was told in. */
static const char *role_of(const struct climb *self, const struct notification *notification)
{
    return notification->role_count ? self->view.procedure->roles[notification->roles[0].role].id
                                    : self->first->role;
}

static int record_route(struct climb *self, const struct engine_outgoing *out)
{
    return record_line(self, "escalated",
                       json_pack("{s:s,s:s,s:s,s:s,s:b,s:i}", "id", self->first->id, "delivery",
                                 out->id, "person", out->person, "role",
                                 role_of(self, out->notification), "deputy",
                                 (int)self->next.is_deputy, "route", (int)out->position + 1));
}

/* The delivery is in the outbox; or it could not be written, which the operator was told. */
static int note_taken(struct climb *self, const struct engine_outgoing *out)
{
    struct engine *engine = self->engine;
    struct outbox_row *row = NULL;
    int answer = store_get_outbox(engine->settings.store, out->id, &row);

    outbox_row_close(&row);
    if (answer == STORE_NONE) {
        self->stuck = true;
        self->state.has_route = false;
        return 0;
    }
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    cut_routes(&self->routes, self->used_count);
    if (add_route(&self->routes, out->kind, out->to) < 0)
        return journal_fail(-ENOMEM, "no memory to look for another route");
    self->used_count++;
    self->state.latest = engine->now;
    self->state.hopeless = self->state.ended = false;
    answer = look_for_route(self);
    return answer || self->message ? answer : record_route(self, out);
}

static int take_message_route(struct climb *self, struct engine_outgoing *out, char *id)
{
    const struct engine_message message = {
        .key = self->first->key,
        .person = self->next.person ? self->next.person->id : self->first->person,
        .role = self->first->role,
        .number = out->position,
        .first = self->first_id,
        .priority = self->first->priority,
        .subject = self->message->subject,
        .text = self->message->words,
    };
    const struct route route = { .kind = out->kind, .to = out->to };
    int answer = engine_queue_message(self->engine, &message, &route, id);

    /* Nothing is in the outbox then, which is told. */
    return answer && answer != ENGINE_NO_ROUTE ? answer : note_taken(self, out);
}

static int take_route(struct climb *self)
{
    struct engine *engine = self->engine;
    struct notification notification = as_told_to(self);
    char id[ULID_SIZE];
    struct engine_outgoing out = {
        .view = &self->view,
        .disagreement = &engine->before,
        .notification = &notification,
        .id = id,
        .notification_id = self->first->id,
        .key = self->first->key,
        .person = self->next.person ? self->next.person->id : "operator",
        .position = (uint32_t)self->used_count,
        .kind = self->next.kind,
        .to = self->next.to,
        .record = self->first->record,
    };
    int error;

    if (ulid_make(engine->now, id) < 0)
        return -EIO;
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOTIFICATION_ESCALATED },
                         { "DISAGREEMENT", self->first->reference },
                         { "NOTIFICATION", self->first->id }),
                 "nobody accepted a notification%s: it goes by another route as well",
                 self->state.hopeless ? "" : " in time");
    if (self->message)
        return take_message_route(self, &out, id);
    error = self->digest ? engine_digest_queue(self->digest, &out, &self->next)
                         : engine_queue(engine, &out);
    return error ? error : note_taken(self, &out);
}

/* --- to people */

static const char SILENCED[] = "\n  one more route is silenced, and is taken when that ends";

/* The board's team; case systems are the operator's matter. */
static int tell_people(struct climb *self)
{
    struct engine *engine = self->engine;
    const char *board = self->digest ? engine_digest_board(self->digest) : self->first->board;
    char several[64], about[DELIVERY_ID_SIZE + 24];
    char line[2 * ID_MAX + DELIVERY_ID_SIZE + sizeof SILENCED + 96];
    struct engine_word word = {
        .kind = WORD_UNDELIVERED, .board = board, .about = about, .line = line, .text = ""
    };
    int error = 0;

    /* Tried anew it may be undelivered again, and is told again. */
    snprintf(about, sizeof about, "%s %lld", self->first->id, (long long)engine->now.us);
    if (self->digest)
        snprintf(several, sizeof several, "%zu notifications in one message",
                 engine_digest_count(self->digest));
    snprintf(line, sizeof line, "%s, to the role %s (%s)%s",
             self->digest ? several : self->first->reference,
             self->is_heard_by_some ? role_of(self, &self->notification) : self->first->role,
             self->first->id, instant_is_none(self->silenced_until) ? "" : SILENCED);
    if (*board && !is_to_system(self->first))
        error = engine_say_word(engine, &word);
    word.board = NULL;
    return error || self->operator_knows ? error : engine_say_word(engine, &word);
}

static int tell(struct climb *self)
{
    struct engine *engine = self->engine;
    int error = engine_store_answer(
        store_put_undelivered(engine->settings.store, self->first->id, engine->now));

    self->state.told = true;
    engine->counting.undelivered++;
    if (error == 0 && self->first->reference[0])
        error = record_line(self, "undelivered",
                            json_pack("{s:s,s:s,s:i}", "id", self->first->id, "role",
                                      self->first->role, "routes", (int)self->used_count));
    journal_error(
        JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOTIFICATION_UNDELIVERED },
                { "DISAGREEMENT", self->first->reference }, { "NOTIFICATION", self->first->id },
                { "ROLE", self->first->role }),
        self->first->reference[0] || self->digest
            ? "nobody accepted a notification: people are told, and `status` shows it"
            : "nobody accepted a message to the operator or the board: `status` shows it");
    return error || (!self->first->reference[0] && !self->digest) ? error : tell_people(self);
}

/* --- one notification */

static int look_again(const struct climb *self, struct instant at)
{
    struct instant silenced = self->silenced_until;

    if (!instant_is_none(silenced) && (instant_is_none(at) || silenced.us < at.us))
        at = silenced;
    return engine_store_answer(
        store_put_escalation(self->engine->settings.store, self->first->id, at));
}

static int climb(struct climb *self)
{
    struct engine *engine = self->engine;
    struct instant next = INSTANT_NONE;
    int error = 0;

    while (error == 0) {
        int answer =
            escalation_next(&engine->settings.escalation, &self->state, engine->now, &next);

        if (answer == ESCALATION_CLIMB)
            error = take_route(self);
        else if (answer == ESCALATION_TELL)
            error = tell(self);
        else
            return look_again(self, answer == ESCALATION_WAIT ? next : INSTANT_NONE);
    }
    return error;
}

static void climb_close(struct climb **self)
{
    if (!*self)
        return;
    json_decref((*self)->payload);
    free((*self)->message);
    cut_routes(&(*self)->routes, 0);
    free((*self)->routes.at);
    engine_digest_close(&(*self)->digest);
    outbox_row_close(&(*self)->first);
    free(*self);
    *self = NULL;
}

/* It was accepted: by whom, and in which of its roles by nobody?  *settled: in none. */
static int look_who_heard(struct climb *self, bool *settled)
{
    struct recipient_search search;
    int answer;

    *settled = true;
    if (!self->first->reference[0] || is_to_system(self->first))
        return 0;
    answer = load_notification(self);
    if (answer || !self->known || self->notification.to_operator)
        return answer;
    search = search_of(self);
    answer = engine_leave_unheard(self->engine, self->first, &search, self->routes.at,
                                  self->routes.count, &self->notification);
    *settled = self->notification.role_count == 0;
    self->is_heard_by_some = true;
    self->state.accepted = false;
    return answer;
}

/* `id` is any row of the notification. */
static int look_at(struct engine *engine, const char *id, const char *hopeless, bool operator_knows)
{
    CLEANUP(climb_close) struct climb *self = calloc(1, sizeof *self);
    struct instant acknowledged = INSTANT_NONE;
    bool settled = false;
    int answer;

    if (!self)
        return journal_fail(-ENOMEM, "no memory to look at what nobody accepted");
    self->engine = engine;
    self->hopeless = hopeless;
    self->operator_knows = operator_knows;
    self->state.ended = true;
    self->held_until = self->silenced_until = INSTANT_NONE;
    answer = engine_know_silences(engine);
    if (answer)
        return answer;
    answer = store_list_routes(engine->settings.store, id, note_route, self);
    if (self->out_of_memory)
        return journal_fail(-ENOMEM, "no memory to look at what nobody accepted");
    if (answer == STORE_OK)
        answer = store_get_outbox(engine->settings.store, self->first_id, &self->first);
    if (answer == STORE_OK)
        answer = store_get_acknowledged(engine->settings.store, id, &acknowledged);
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    if (self->first->state == OUTBOX_SUPERSEDED)
        return 0; /* what was told in its place is answerable */
    settled = !instant_is_none(acknowledged);
    if (self->state.accepted && !settled && (answer = look_who_heard(self, &settled)) != 0)
        return answer;
    if (settled)
        return engine_store_answer(store_settle_escalation(engine->settings.store, id));
    if (!self->is_on_its_way && !instant_is_none(self->held_until)) /* its time runs from then */
        return engine_store_answer(
            store_put_escalation(engine->settings.store, self->first_id, self->held_until));
    if (engine_is_digest(self->first))
        answer = engine_digest_open(engine, self->first, &self->digest);
    else if (!self->is_heard_by_some)
        answer = load_notification(self);
    if (answer == 0)
        answer = look_for_route(self);
    return answer ? answer : climb(self);
}

int engine_escalate(struct engine *engine, bool *more)
{
    char ids[ENGINE_ESCALATE_MAX][DELIVERY_ID_SIZE];
    size_t count;
    int error = engine_store_answer(store_escalations_due(engine->settings.store, engine->now, ids,
                                                          ENGINE_ESCALATE_MAX, &count));

    for (size_t i = 0; error == 0 && i < count; i++)
        error = look_at(engine, ids[i], NULL, false);
    *more = error == 0 && count == ENGINE_ESCALATE_MAX;
    return error;
}

int engine_escalate_row(struct engine *engine, const struct outbox_row *row,
                        enum outbox_state state, bool hopeless)
{
    if (state == OUTBOX_ACCEPTED)
        return row->position == 0 ? 0 : look_at(engine, row->id, NULL, false);
    if (state == OUTBOX_QUEUED && !hopeless)
        return 0;
    return look_at(engine, row->id, row->id,
                   is_to_system(row) && engine_route_has_ended(
                                            engine, &(struct route){ row->route, row->recipient }));
}

/* Ends row `id` without asking; an answer of the store, STORE_NONE: there is none. */
static int refuse(struct engine *engine, const char *id, int code, const char *detail)
{
    struct attempt_row attempt = { .id = id,
                                   .at = engine->now,
                                   .outcome = DELIVERY_REFUSED,
                                   .code = code,
                                   .detail = detail,
                                   .state = OUTBOX_REFUSED,
                                   .next_try = INSTANT_NONE };
    struct outbox_row *row = NULL;
    int answer = store_get_outbox(engine->settings.store, id, &row);

    if (answer != STORE_OK)
        return answer;
    attempt.number = row->attempts + 1;
    outbox_row_close(&row);
    return store_put_attempt(engine->settings.store, &attempt);
}

int engine_escalate_now(struct engine *engine, const char *id)
{
    int answer = engine_store_answer(
        refuse(engine, id, 0, "the directory does not name this address any more"));

    return answer ? answer : look_at(engine, id, id, false);
}

int engine_escalate_ended(struct engine *engine, const char *id)
{
    int answer =
        refuse(engine, id, 410, "not asked: the endpoint said before that it is gone for good");

    if (answer == STORE_NONE)
        return 0; /* it was queued before, under its first id, or could not be written */
    answer = engine_store_answer(answer);
    return answer ? answer : look_at(engine, id, id, true);
}
