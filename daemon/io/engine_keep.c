/* engine_keep.c - a decision goes to disk: state, record, and who is told. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/render.h"
#include "io/ulid.h"

/* What is being kept. */
struct keeping {
    struct engine *engine;
    const struct policy_view *view;
    const struct disagreement *after;
};

/* --- the record */

static json_t *json_instant(struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return json_null();
    instant_write_utc(at, text);
    return json_string(text);
}

static int append(struct keeping *self, const char *type, json_t *payload)
{
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer;

    json_decref(payload);
    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a line of the record");
    answer =
        engine_store_answer(record_append(self->engine->settings.store, self->engine->now, type,
                                          self->after->board, self->after->reference, text, NULL));
    free(text);
    return answer;
}

static const char *const effect_types[EFFECT_KIND_COUNT] = {
    [EFFECT_PASSED] = "passed",     [EFFECT_STOPPED] = "stopped",   [EFFECT_STAGE] = "stage",
    [EFFECT_DEADLINE] = "deadline", [EFFECT_MOVED] = "moved",       [EFFECT_TELL] = NULL,
    [EFFECT_CLOSED] = "closed",     [EFFECT_REOPENED] = "reopened",
};

static int record_effect(struct keeping *self, const struct effect *effect)
{
    const struct procedure *procedure = self->view->procedure;
    char because[EVENT_TYPE_MAX + 16];
    json_t *payload = json_object();

    if (!effect_types[effect->kind]) {
        json_decref(payload);
        return 0; /* who is told has a line for each notification */
    }
    because_write(self->view, &effect->because, because, sizeof because);
    json_object_set_new(payload, "at", json_instant(effect->at));
    json_object_set_new(payload, "because", json_string(because));
    if (effect->deadline >= 0)
        json_object_set_new(payload, "deadline",
                            json_string(procedure->deadlines[effect->deadline].id));
    if (effect->stage >= 0)
        json_object_set_new(payload, "stage",
                            json_string(procedure_stage_id(procedure, effect->stage)));
    if (effect->kind == EFFECT_DEADLINE || effect->kind == EFFECT_MOVED ||
        effect->kind == EFFECT_PASSED) {
        json_object_set_new(payload, "due", json_instant(effect->due));
        json_object_set_new(payload, "provisional", json_boolean(effect->provisional));
        json_object_set_new(payload, "calendar_version",
                            json_string(self->view->time.calendar->version));
    }
    if (effect->kind == EFFECT_MOVED)
        json_object_set_new(payload, "due_before", json_instant(effect->due_before));
    if (effect->kind == EFFECT_CLOSED)
        json_object_set_new(payload, "as", json_string(answer_state_text(effect->closed_as)));
    return append(self, effect_types[effect->kind], payload);
}

static const char *const stand_in_names[] = {
    [STAND_IN_NONE] = NULL,           [STAND_IN_FOR_KIND] = "for_kind",
    [STAND_IN_VIA] = "via",           [STAND_IN_OR_ELSE] = "or_else",
    [STAND_IN_DEPUTY] = "deputy",     [STAND_IN_SAFEGUARDING_LEAD] = "safeguarding_lead",
    [STAND_IN_OPERATOR] = "operator",
};

static json_t *json_roles(const struct keeping *self, const struct notification *notification)
{
    const struct procedure *procedure = self->view->procedure;
    json_t *roles = json_array();

    for (size_t i = 0; i < notification->role_count; i++) {
        const struct recipient_role *role = &notification->roles[i];
        json_t *item = json_object();

        json_object_set_new(item, "role", json_string(procedure->roles[role->role].id));
        json_object_set_new(item, "side", json_string(party_side(role->party)));
        if (role->party != PARTY_BOARD)
            json_object_set_new(item, "agency", json_string(self->after->parties[role->party]));
        if (role->for_role != role->role)
            json_object_set_new(item, "for", json_string(procedure->roles[role->for_role].id));
        if (stand_in_names[role->stand_in])
            json_object_set_new(item, "stand_in", json_string(stand_in_names[role->stand_in]));
        json_array_append_new(roles, item);
    }
    return roles;
}

/* Which rule or deadline, which sentence, which versions caused it (19 of the meanings). */
static json_t *json_says(const struct keeping *self, const struct notification *notification)
{
    json_t *says = json_array();

    for (size_t i = 0; i < notification->say_count; i++) {
        const struct say *say = &notification->says[i];
        char because[EVENT_TYPE_MAX + 16];
        json_t *item = json_object();

        because_write(self->view, &say->because, because, sizeof because);
        json_object_set_new(item, "message", json_string(say_message(self->view, say)));
        json_object_set_new(item, "cause", json_string(because));
        if (say->words)
            json_object_set_new(item, "words", json_string(say->words));
        json_array_append_new(says, item);
    }
    return says;
}

static int record_notification(struct keeping *self, const struct notification *notification,
                               const char *id)
{
    char person[ADDRESS_MAX + 2 * ID_MAX + 2];
    const struct procedure *procedure = self->view->procedure;
    json_t *payload = json_object();

    json_object_set_new(payload, "id", json_string(id));
    json_object_set_new(payload, "at", json_instant(notification->at));
    /* An address is the outbox's matter; the record says in which role somebody was told. */
    json_object_set_new(
        payload, "person",
        json_string(notification->address[0]
                        ? "named in the event"
                        : notification_person(self->view, self->after, notification, person)));
    json_object_set_new(payload, "roles", json_roles(self, notification));
    json_object_set_new(payload, "says", json_says(self, notification));
    json_object_set_new(payload, "priority", json_string(priority_name(notification->priority)));
    json_object_set_new(payload, "procedure_version", json_string(procedure->version));
    json_object_set_new(payload, "procedure_hash", json_string(procedure->hash));
    json_object_set_new(payload, "calendar_version",
                        json_string(self->view->time.calendar->version));
    return append(self, "notification", payload);
}

/* --- the outbox */

static bool is_office_hours(const struct timekeeping *time, struct instant now)
{
    struct civil civil = zone_civil(time->zone, now);

    return calendar_is_working_day(time->calendar, civil.date) && civil.second >= time->opens_s &&
           civil.second < time->closes_s;
}

struct outgoing_row {
    const struct notification *notification;
    const char *id;
    const char *key;
    const char *person;
    enum route_kind kind;
    const char *to;
};

static int queue(struct keeping *self, const struct outgoing_row *out)
{
    struct engine *engine = self->engine;
    const struct notification *notification = out->notification;
    struct composition composition = {
        .view = self->view,
        .directory = policy_directory(engine->settings.policy),
        .templates = policy_templates(engine->settings.policy),
        .disagreement = self->after,
        .notification = notification,
        .notification_id = out->id,
        .sent = engine->now,
    };
    struct rendering rendering = { .composition = &composition,
                                   .mail_from = engine->settings.mail_from };
    struct outbox_row row = {
        .board = self->after->board,
        .reference = self->after->reference,
        .key = out->key,
        .person = out->person,
        .role = notification->role_count
                    ? self->view->procedure->roles[notification->roles[0].role].id
                    : "",
        .route = out->kind,
        .recipient = out->to,
        .priority = notification->priority,
        .at = notification->at,
        .late = engine->now.us - notification->at.us > MINUTE_US,
        .next_try = engine->now,
    };
    char *bytes = NULL;
    int answer = render_delivery(&rendering, out->kind, out->to, &bytes, &row.size);

    if (answer == RENDER_REFUSED)
        return engine_tell_operator(engine, out->key, "A notification could not be written",
                                    "A notification of a disagreement could not be written; the "
                                    "journal says which and why.\n");
    if (answer < 0)
        return answer;
    snprintf(row.id, sizeof row.id, "%s", out->id);
    row.bytes = bytes;
    answer = store_put_outbox(engine->settings.store, &row);
    free(bytes);
    engine->outbox_changed = true;
    /* The same person, instant and causes: it is queued already, under its first id. */
    return answer == STORE_DUPLICATE ? 0 : engine_store_answer(answer);
}

/* Never silence: whoever is to be told and cannot be reached at all is the operator's matter. */
static int nobody_to_tell(const struct keeping *self, const struct notification *notification)
{
    char key[2 * ID_MAX + 64], text[2 * ID_MAX + 300];
    const char *role = self->view->procedure->roles[notification->roles[0].role].id;

    if (!policy_directory(self->engine->settings.policy))
        return 0; /* a rehearsal's invented holders have no routes */
    journal_error(JOURNAL({ "DISAGREEMENT", self->after->reference }, { "ROLE", role }),
                  "a notification has nowhere to go: no route is known for whoever is to be told");
    if (notification->to_operator)
        return 0;
    snprintf(key, sizeof key, "no route %s %s", self->after->reference, role);
    snprintf(text, sizeof text,
             "A notification of the disagreement %s to the role %s has nowhere to go:\n"
             "the directory gives no route for whoever holds it. Tell them another way, and put\n"
             "the directory right.\n",
             self->after->reference, role);
    return engine_tell_operator(self->engine, key, "A notification has nowhere to go", text);
}

static int queue_to_person(struct keeping *self, const struct notification *notification,
                           struct outgoing_row *out)
{
    size_t count;
    const struct route *routes =
        notification_routes(notification, policy_directory(self->engine->settings.policy),
                            is_office_hours(&self->view->time, self->engine->now), &count);

    if (notification->address[0]) {
        out->kind = ROUTE_EMAIL;
        out->to = notification->address;
        return queue(self, out);
    }
    if (count == 0)
        return nobody_to_tell(self, notification);
    out->kind = routes[0].kind;
    out->to = routes[0].to;
    return queue(self, out);
}

static const struct agency *agency_of_role(const struct keeping *self,
                                           const struct recipient_role *role)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    return role->party == PARTY_BOARD
               ? directory_board(directory, self->after->board)
               : directory_agency(directory, self->after->parties[role->party]);
}

/* An agency's own case system is told of every notification of its side. */
static int queue_to_system(struct keeping *self, const struct notification *notification,
                           const char *key, const char *endpoint)
{
    char id[ULID_SIZE], system_key[640], person[ID_MAX + 16];
    struct outgoing_row out = { .notification = notification,
                                .id = id,
                                .key = system_key,
                                .person = person,
                                .kind = ROUTE_WEBHOOK,
                                .to = endpoint };

    snprintf(system_key, sizeof system_key, "%s system:%s", key, endpoint);
    snprintf(person, sizeof person, "system:%s", endpoint);
    if (ulid_make(self->engine->now, id) < 0)
        return -EIO;
    return queue(self, &out);
}

static int queue_to_systems(struct keeping *self, const struct notification *notification,
                            const char *key)
{
    int error = 0;

    for (size_t i = 0; i < notification->role_count && error == 0; i++) {
        const struct agency *agency = agency_of_role(self, &notification->roles[i]);

        /* Twice the same system is one row: its key is the same. */
        for (size_t j = 0; agency && j < agency->system_count && error == 0; j++)
            error = queue_to_system(self, notification, key, agency->systems[j]);
    }
    return error;
}

static int keep_notification(struct keeping *self, const struct notification *notification)
{
    char id[ULID_SIZE], key[512], person[ADDRESS_MAX + 2 * ID_MAX + 2];
    struct outgoing_row out = {
        .notification = notification, .id = id, .key = key, .person = person
    };
    int error;

    if (ulid_make(self->engine->now, id) < 0)
        return journal_fail(-EIO, "the kernel gives no random numbers");
    notification_key(self->view, self->after, notification, key, sizeof key);
    notification_person(self->view, self->after, notification, person);
    error = record_notification(self, notification, id);
    if (error || self->engine->settings.undelivered)
        return error;
    error = queue_to_person(self, notification, &out);
    return error ? error : queue_to_systems(self, notification, key);
}

/* --- all of it */

static bool is_provisional(const struct decision *decision)
{
    for (size_t i = 0; i < decision->effect_count; i++)
        if (decision->effects[i].provisional && (decision->effects[i].kind == EFFECT_DEADLINE ||
                                                 decision->effects[i].kind == EFFECT_MOVED))
            return true;
    return false;
}

int engine_tell(struct engine *engine)
{
    struct keeping self = { .engine = engine,
                            .view = &engine->told_under,
                            .after = &engine->told_of };
    int error = 0;

    for (size_t i = 0; error == 0 && i < engine->plan.count; i++)
        error = keep_notification(&self, &engine->plan.notifications[i]);
    if (error == 0 && engine->plan.count > 0 && engine->settings.told)
        engine->settings.told(engine->settings.watch_context, &engine->told_under, &engine->told_of,
                              &engine->plan);
    engine->plan.count = 0;
    return error;
}

/* Whether what the plan holds is of the disagreement and the instant of this decision, and names
 * roles by their places in the same version. */
static bool is_told_together(const struct engine *engine, const struct policy_view *view)
{
    const struct decision *decision = &engine->decision;

    if (engine->plan.count == 0)
        return true;
    if (engine->told_under.procedure != view->procedure ||
        strcmp(engine->told_of.board, decision->after.board) != 0 ||
        strcmp(engine->told_of.reference, decision->after.reference) != 0)
        return false;
    for (size_t i = 0; i < decision->effect_count; i++)
        if (decision->effects[i].kind == EFFECT_TELL &&
            decision->effects[i].at.us != engine->plan.notifications[0].at.us)
            return false;
    return true;
}

/* One person, one instant, one message (4 of the meanings), whether one decision brings it about
 * or several of one turn: an event of the very instant at which a limit passes. */
static int plan_told(struct engine *engine, const struct policy_view *view)
{
    struct date today = zone_civil(view->time.zone, engine->now).date;
    int error = is_told_together(engine, view) ? 0 : engine_tell(engine);

    if (error)
        return error;
    engine->told_of = engine->decision.after;
    engine->told_under = *view;
    return plan_notifications(view, policy_directory(engine->settings.policy), &engine->decision,
                              today, &engine->plan);
}

int engine_keep(struct engine *engine, const struct policy_view *view,
                const struct disagreement *before)
{
    const struct decision *decision = &engine->decision;
    struct keeping self = { .engine = engine, .view = view, .after = &decision->after };
    int error = engine_store_answer(
        store_save_disagreement(engine->settings.store, view, before, &decision->after));

    for (size_t i = 0; error == 0 && i < decision->effect_count; i++)
        error = record_effect(&self, &decision->effects[i]);
    if (decision->cut)
        journal_error(JOURNAL({ "DISAGREEMENT", decision->after.reference }),
                      "more came about at one instant than can be told: the procedure goes round "
                      "in circles; see its history and tell people another way");
    if (error == 0)
        error = plan_told(engine, view);
    if (error == 0 && is_provisional(decision))
        error = engine_tell_provisional(engine, view, &decision->after);
    if (error == 0 && engine->settings.watch)
        engine->settings.watch(engine->settings.watch_context, view, decision);
    return error;
}
