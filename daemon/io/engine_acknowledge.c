/* engine_acknowledge.c - whoever was told says that he has seen it: by an event, or by its link. */
#include "io/engine_acknowledge.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audience.h"
#include "core/compose_acknowledge.h"
#include "io/engine_taking.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/retell.h"
#include "io/store_acknowledge.h"
#include "policy/templates.h"

/* Whose events the daemon says when somebody follows a link: each notification once. */
#define SOURCE "urn:concernd:acknowledge"

/* A notification, as the outbox and the record have it. */
struct told {
    struct outbox_row *row;
    json_t *payload; /* of the line that tells of it; NULL where that was erased */
    struct instant acknowledged;
};

static void told_close(struct told *told)
{
    outbox_row_close(&told->row);
    json_decref(told->payload);
    told->payload = NULL;
}

static bool note_payload(void *context, const struct record_line *line)
{
    struct told *told = context;

    if (line->payload && strcmp(line->type, "notification") == 0 &&
        strcmp(line->reference, told->row->reference) == 0)
        told->payload = json_loads(line->payload, 0, NULL);
    return false;
}

/* Any delivery's id will do: they are what mails and webhooks carry.  0; 1 where there is none of
 * a disagreement; negative. */
static int find(struct engine *engine, const char *id, struct told *told)
{
    struct store *store = engine->settings.store;
    int answer = store_get_outbox(store, id, &told->row);

    if (answer != STORE_OK)
        return answer == STORE_NONE ? 1 : engine_store_answer(answer);
    if (!told->row->reference[0])
        return 1;
    answer = store_get_acknowledged(store, id, &told->acknowledged);
    if (answer == STORE_OK && told->row->record)
        answer = record_list(store, told->row->record, 1, note_payload, told);
    return engine_store_answer(answer);
}

struct later_end {
    uint64_t since; /* number of a line */
    bool found;
};

static bool note_end(void *context, const struct record_line *line)
{
    struct later_end *ends = context;

    ends->found = line->number > ends->since && strcmp(line->type, "closed") == 0;
    return !ends->found;
}

/* A link ends with the disagreement, and a reopening brings no link back: 1 where it ended after
 * the notification was told, or is over; 0; or negative. */
static int has_ended_since(struct engine *engine, const struct told *told,
                           const struct disagreement *disagreement)
{
    struct later_end ends = { .since = told->row->record };
    int answer = 0;

    if (disagreement_is_over(disagreement))
        return 1;
    if (ends.since)
        answer = engine_store_answer(record_history(engine->settings.store, told->row->board,
                                                    told->row->reference, note_end, &ends));
    return answer ? answer : ends.found;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* --- by an event */

static party_mask parties_of(const struct disagreement *disagreement, const json_t *role)
{
    if (strcmp(text_of(role, "side"), "board") == 0)
        return (party_mask)(1u << PARTY_BOARD);
    return disagreement_parties_of(disagreement, text_of(role, "agency"));
}

static bool is_by(const struct event *event, const json_t *role)
{
    if (event->by.board[0])
        return strcmp(text_of(role, "side"), "board") == 0;
    return strcmp(text_of(role, "agency"), event->by.agency) == 0;
}

/* In which of his roles the sender was told: the one he says that he has, else the first. */
static const json_t *own_role(const struct event *event, const json_t *roles)
{
    const json_t *role, *own = NULL;
    size_t i;

    json_array_foreach(roles, i, role)
    {
        bool named = strcmp(text_of(role, "role"), event->by.role) == 0;

        if (!is_by(event, role) || (own && !named))
            continue;
        own = role;
        if (named)
            break;
    }
    return own;
}

static void note_role(struct acknowledging *self, const json_t *own, const json_t *role)
{
    json_t *other;

    if (role == own) {
        snprintf(self->role, sizeof self->role, "%s", text_of(role, "role"));
        snprintf(self->agency, sizeof self->agency, "%s", text_of(role, "agency"));
        return;
    }
    other = json_pack("{s:s}", "role", text_of(role, "role"));
    if (*text_of(role, "agency"))
        json_object_set(other, "agency", json_object_get(role, "agency"));
    if (!self->also)
        self->also = json_array();
    json_array_append_new(self->also, other);
}

/* One person is told once in all his roles, and has seen it in all of them.  The operator is told
 * where nobody has the role: of that nobody was heard but who says so. */
static void note_roles(struct engine *engine, const struct event *event, const json_t *payload)
{
    struct acknowledging *self = &engine->acknowledging;
    bool to_operator = strcmp(text_of(payload, "person"), "operator") == 0;
    const json_t *roles = json_object_get(payload, "roles"), *role;
    const json_t *own = own_role(event, roles);
    size_t i;

    json_array_foreach(roles, i, role)
    {
        self->acknowledged.parties =
            (party_mask)(self->acknowledged.parties | parties_of(&engine->before, role));
        if (!to_operator || role == own)
            note_role(self, own, role);
    }
    self->acknowledged.heard = to_operator ? 0 : self->acknowledged.parties;
}

/* Of a line that was erased, or of a store that kept none, everybody of the disagreement may be
 * who was told; heard is who says so. */
static void note_told(struct engine *engine, const struct event *event, const struct told *told)
{
    struct acknowledging *self = &engine->acknowledging;
    const char *own = text_of(told->payload, "id");

    self->acknowledged.is_known = true;
    self->acknowledged.parties = told->payload ? 0 : EVERY_PARTY;
    snprintf(self->id, sizeof self->id, "%s", told->row->id);
    snprintf(self->own, sizeof self->own, "%s", *own ? own : told->row->id);
    snprintf(self->role, sizeof self->role, "%s", told->payload ? "" : told->row->role);
    note_roles(engine, event, told->payload);
}

void engine_forget_acknowledging(struct engine *engine)
{
    json_decref(engine->acknowledging.also);
    memset(&engine->acknowledging, 0, sizeof engine->acknowledging);
}

static int refuse_ended(struct taking *self)
{
    return taking_refuse(self, WIRE_CODE_TRANSITION,
                         "this disagreement is over, and its links with it");
}

/* The notification that a token is good for; `notification` is the event's own word for it. */
static int take_token(struct taking *self, char id[DELIVERY_ID_SIZE])
{
    const struct event *event = self->event;
    struct acknowledgement read;
    int answer = engine_read_token(self->engine, event->token, self->at, &read);

    if (answer < 0)
        return answer;
    if (answer == ACKNOWLEDGEMENT_ALTERED ||
        (event->notification[0] && strcmp(event->notification, read.notification) != 0))
        return taking_refuse(self, WIRE_CODE_SCHEMA,
                             "data.token is none of this daemon's, or of another notification "
                             "(send it as it stood in the link)");
    if (disagreement_is_over(&self->engine->before))
        return refuse_ended(self);
    if (answer == ACKNOWLEDGEMENT_OLD)
        return taking_refuse(self, WIRE_CODE_TRANSITION,
                             "that link is too old (data.notification acknowledges without one)");
    memcpy(id, read.notification, DELIVERY_ID_SIZE);
    return ENGINE_TAKEN;
}

int taking_check_acknowledgement(struct taking *self)
{
    CLEANUP(told_close) struct told told = { .acknowledged = INSTANT_NONE };
    struct engine *engine = self->engine;
    const struct event *event = self->event;
    char id[ID_MAX + 1];
    int answer;

    engine_forget_acknowledging(engine);
    /* Whoever only rehearses has told nobody. */
    if (event->kind != EVENT_ACKNOWLEDGED || !self->is_raised || engine->settings.undelivered ||
        (!event->notification[0] && !event->token[0]))
        return ENGINE_TAKEN;
    snprintf(id, sizeof id, "%s", event->notification);
    if (event->token[0] && (answer = take_token(self, id)) != ENGINE_TAKEN)
        return answer;
    answer = find(engine, id, &told);
    if (answer < 0)
        return answer;
    engine->acknowledging.is_named = true;
    if (answer > 0 || strcmp(told.row->board, event->board) != 0 ||
        strcmp(told.row->reference, event->subject) != 0)
        return ENGINE_TAKEN; /* decide() says no */
    if (event->token[0] && !instant_is_none(told.acknowledged))
        return taking_refuse(self, WIRE_CODE_TRANSITION,
                             "that notification was acknowledged before (a link counts once)");
    answer = event->token[0] ? has_ended_since(engine, &told, &engine->before) : 0;
    if (answer > 0)
        return refuse_ended(self);
    note_told(engine, event, &told);
    return answer < 0 ? answer : ENGINE_TAKEN;
}

static int record_acknowledged(struct engine *engine, const char *way)
{
    const struct acknowledging *self = &engine->acknowledging;
    const struct disagreement *after = &engine->decision.after;
    json_t *payload =
        json_pack("{s:s,s:s,s:s}", "notification", self->own, "role", self->role, "by", way);
    char *text;
    int answer;

    if (payload && self->agency[0])
        json_object_set_new(payload, "agency", json_string(self->agency));
    if (payload && self->also)
        json_object_set(payload, "also", self->also);
    text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    json_decref(payload);
    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a line of the record");
    answer = engine_store_answer(record_append(engine->settings.store, engine->now, "acknowledged",
                                               after->board, after->reference, text, NULL));
    free(text);
    return answer;
}

/* A case system answers by the id of its own delivery; what its person was sent has been seen
 * then, too. */
int engine_keep_acknowledged(struct engine *engine, struct instant at, const char *way)
{
    const struct acknowledging *self = &engine->acknowledging;
    struct store *store = engine->settings.store;
    struct instant before = INSTANT_NONE;
    int answer;

    if (!self->is_named)
        return 0;
    answer = store_get_acknowledged(store, self->own, &before);
    if (answer == STORE_OK || answer == STORE_NONE)
        answer = store_put_acknowledged(store, self->own, at);
    if (answer == STORE_OK)
        answer = store_put_acknowledged(store, self->id, at);
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    return instant_is_none(before) ? record_acknowledged(engine, way) : 0;
}

/* --- by its link */

/* A deputy was written to in his own language, which the link names; the record tells of the person
 * he stands in for. */
static void choose_language(struct notification *notification, struct person *reader,
                            struct engine_link *link)
{
    const struct person *told = notification->person;

    if (!link->language[0])
        snprintf(link->language, sizeof link->language, "%s",
                 told ? told->language : LANGUAGE_DEFAULT);
    *reader = told ? *told : (struct person){ .id = "", .name = "" };
    reader->language = link->language;
    notification->person = reader;
}

/* The notification as it was told, in words. */
static bool describe(struct engine *engine, const struct told *told, const struct policy_view *view,
                     struct engine_link *link)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct retelling of = { .view = view,
                                  .disagreement = &link->disagreement,
                                  .directory = directory };
    const struct templates *templates = policy_templates(engine->settings.policy);
    struct notification notification;
    struct person reader;
    const char *language;
    struct composition composition = {
        .view = view,
        .directory = directory,
        .templates = templates,
        .disagreement = &link->disagreement,
        .notification = &notification,
        .notification_id = link->notification,
        .sent = link->acknowledged,
    };

    if (!told->payload || !retell_read(&of, told->payload, &notification))
        return false;
    choose_language(&notification, &reader, link);
    language = compose_acknowledge_language(templates, link->language);
    compose_phrase(&composition, language,
                   "{{role}}, {{agency}}{{#also_roles}}; {{also_roles}}{{/also_roles}}",
                   link->whom);
    compose_phrase(&composition, language, "{{told_at}}", link->told_at);
    compose_phrase(&composition, language, "{{sent_at}}", link->acknowledged_at);
    compose_phrase(&composition, language, "{{stage}}", link->stage);
    composition.sent = told->row->queued;
    compose_subject(&composition, link->subject);
    return true;
}

static int load_link(struct engine *engine, const struct told *told, struct engine_link *link)
{
    const json_t *role = json_array_get(json_object_get(told->payload, "roles"), 0);
    struct policy_view view;
    int answer = store_load_disagreement(engine->settings.store, told->row->board,
                                         told->row->reference, &link->disagreement);

    if (answer != STORE_OK)
        return answer < 0 ? answer : ENGINE_LINK_UNKNOWN;
    answer = engine_view_of_hash(engine, link->disagreement.procedure_hash, &view);
    if (answer)
        return answer < 0 ? answer : ENGINE_LINK_UNKNOWN;
    snprintf(link->board, sizeof link->board, "%s", told->row->board);
    snprintf(link->reference, sizeof link->reference, "%s", told->row->reference);
    snprintf(link->role, sizeof link->role, "%s", text_of(role, "role"));
    snprintf(link->agency, sizeof link->agency, "%s", text_of(role, "agency"));
    link->told = told->row->at;
    link->acknowledged = told->acknowledged;
    return describe(engine, told, &view, link) ? ENGINE_LINK_GOOD : ENGINE_LINK_UNKNOWN;
}

void engine_read_link_language(struct engine *engine, struct engine_link *link)
{
    const struct templates *templates = policy_templates(engine->settings.policy);

    snprintf(link->language, sizeof link->language, "%s",
             link->asked && templates_speak(templates, link->asked) ? link->asked : "");
}

int engine_look_at_link(struct engine *engine, struct instant now, struct engine_link *link)
{
    CLEANUP(told_close) struct told told = { .acknowledged = INSTANT_NONE };
    struct acknowledgement read;
    int token, answer;

    engine_read_link_language(engine, link);
    token = engine_read_token(engine, link->token, now, &read);
    if (token < 0 || token == ACKNOWLEDGEMENT_ALTERED)
        return token < 0 ? token : ENGINE_LINK_UNKNOWN;
    answer = find(engine, read.notification, &told);
    if (answer)
        return answer < 0 ? answer : ENGINE_LINK_UNKNOWN;
    memcpy(link->notification, read.notification, sizeof link->notification);
    answer = load_link(engine, &told, link);
    if (answer != ENGINE_LINK_GOOD)
        return answer;
    if (!instant_is_none(link->acknowledged))
        return ENGINE_LINK_USED;
    answer = has_ended_since(engine, &told, &link->disagreement);
    if (answer)
        return answer < 0 ? answer : ENGINE_LINK_OVER;
    return token == ACKNOWLEDGEMENT_OLD ? ENGINE_LINK_OLD : ENGINE_LINK_GOOD;
}

/* The event's id is the notification's, so that the store takes it once whatever happens between
 * the click and the answer. */
static char *write_event(const struct engine_link *link, struct instant now)
{
    char time[ZONE_TIME_SIZE], *text;
    const char *speaker = link->agency[0] ? "agency" : "board";
    json_t *event;

    instant_write_utc(now, time);
    event =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:{s:s,s:s}}}", "specversion", "1.0",
                  "id", link->notification, "source", SOURCE, "type", EVENT_PREFIX "acknowledged",
                  "subject", link->reference, "time", time, "datacontenttype", "application/json",
                  "board", link->board, "data", "notification", link->notification, "by", speaker,
                  link->agency[0] ? link->agency : link->board, "role", link->role);
    text = event ? json_dumps(event, JSON_COMPACT) : NULL;
    json_decref(event);
    return text;
}

int engine_acknowledge(struct engine *engine, struct engine_link *link)
{
    struct engine_input input = { .received = engine->now, .by_link = true };
    struct engine_reply reply;
    char *event;
    int answer = engine_look_at_link(engine, engine->now, link);

    if (answer != ENGINE_LINK_GOOD)
        return answer;
    event = write_event(link, engine->now);
    if (!event)
        return journal_fail(-ENOMEM, "no memory to acknowledge a notification");
    input.bytes = event;
    input.size = strlen(event);
    answer = engine_take(engine, &input, &reply);
    free(event);
    link->acknowledged = engine->now;
    if (answer < 0 || answer == ENGINE_STORE_FULL)
        return answer;
    if (answer == ENGINE_TAKEN && !reply.ack.duplicate)
        return ENGINE_LINK_GOOD;
    if (answer == ENGINE_TAKEN || strcmp(reply.nack.code, WIRE_CODE_ID_REUSED) == 0)
        return ENGINE_LINK_USED;
    journal_warn(JOURNAL({ "DISAGREEMENT", link->reference },
                         { "NOTIFICATION", link->notification }, { "CODE", reply.nack.code }),
                 "a notification could not be acknowledged by its link: %s", reply.nack.why);
    return ENGINE_LINK_OVER;
}
