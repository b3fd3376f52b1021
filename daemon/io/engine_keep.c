/* engine_keep.c - a decision goes to disk: state, record, and who is told. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_entry.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/render.h"
#include "io/retell.h"
#include "io/ulid.h"

enum { AFTER_SIZE = sizeof " after " + ULID_SIZE };

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

static int append(struct keeping *self, const char *type, json_t *payload, uint64_t *number)
{
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer;

    json_decref(payload);
    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a line of the record");
    answer = engine_store_answer(record_append(self->engine->settings.store, self->engine->now,
                                               type, self->after->board, self->after->reference,
                                               text, number));
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
    return append(self, effect_types[effect->kind], payload, NULL);
}

/* Sets `*number` to the line's, for whoever tells it again (retell.h). */
static int record_notification(struct keeping *self, const struct notification *notification,
                               const char *id, uint64_t *number)
{
    const struct retelling retelling = { .view = self->view, .disagreement = self->after };

    return append(self, "notification", retell_write(&retelling, notification, id), number);
}

/* --- the outbox */

/* What a limit brings about at the close of business is not after it, and goes out some moments
 * later; where it is gathered, half a minute: the minute belongs to the day. */
bool engine_is_office_hours(const struct timekeeping *time, struct instant now)
{
    enum { LAST_MINUTE_S = MINUTE_US / SECOND_US };
    struct civil civil = zone_civil(time->zone, now);

    return calendar_is_working_day(time->calendar, civil.date) && civil.second >= time->opens_s &&
           civil.second < time->closes_s + LAST_MINUTE_S;
}

int64_t engine_escalation_wait(const struct engine *engine, enum priority priority)
{
    const struct escalation_waits *waits = &engine->settings.escalation;

    return priority == PRIORITY_NORMAL ? waits->after_us : waits->urgent_us;
}

static struct outbox_row row_of(const struct engine *engine, const struct engine_outgoing *out)
{
    const struct notification *notification = out->notification;
    const struct procedure *procedure = out->view->procedure;
    struct outbox_row row = {
        .board = out->disagreement->board,
        .reference = out->disagreement->reference,
        .key = out->key,
        .position = out->position,
        .person = out->person,
        .role = notification->role_count ? procedure->roles[notification->roles[0].role].id : "",
        .route = out->kind,
        .recipient = out->to,
        .priority = notification->priority,
        .at = notification->at,
        .late = engine->now.us - notification->at.us > MINUTE_US,
        .record = out->record,
        .agency = silencing_agency(notification, out->disagreement),
        .queued = engine->now,
        .escalate = INSTANT_NONE,
        .next_try = engine->now,
    };

    if (out->position == 0)
        row.escalate.us = engine->now.us + engine_escalation_wait(engine, row.priority);
    snprintf(row.id, sizeof row.id, "%s", out->id);
    return row;
}

/* What is written, and what it is written of. */
struct queueing {
    struct engine *engine;
    const struct engine_outgoing *out;
    struct composition composition;
    struct engine_entries entries;
    struct outbox_row row;
    char *bytes, link[ENGINE_LINK_SIZE];
    bool may_gather;
};

static void queueing_close(struct queueing *self)
{
    engine_entries_close(&self->entries);
    free(self->bytes);
}

static int write_bytes(struct queueing *self)
{
    struct engine *engine = self->engine;
    const struct engine_outgoing *out = self->out;
    char domain[STORE_META_SIZE];
    struct rendering rendering = { .composition = &self->composition,
                                   .mail_from = engine->settings.mail_from,
                                   .domain = domain,
                                   .delivery_id = out->id,
                                   .bounce_key = engine->settings.bounce_key };
    int answer = engine_write_link(engine, out, self->link);

    if (answer == 0)
        answer = engine_find_domain(engine, domain);
    if (answer == 0)
        answer = engine_entries_of(engine, out, &self->composition, &self->entries);
    if (answer)
        return answer;
    self->composition.acknowledge = self->link;
    rendering.entries = self->entries.list;
    rendering.entry_count = self->entries.count;
    answer = render_delivery(&rendering, out->kind, out->to, &self->bytes, &self->row.size);
    self->row.bytes = self->bytes;
    return answer;
}

static int note_queued(struct queueing *self)
{
    const struct engine_mailbox mailbox = { self->out->to, self->out->person, self->row.role };

    if (self->may_gather)
        return engine_begin_gathering(self->engine, self->out, &self->composition, &self->entries);
    return engine_entries_sent(self->engine, &mailbox, &self->entries);
}

int engine_queue(struct engine *engine, const struct engine_outgoing *out)
{
    CLEANUP(queueing_close)
    struct queueing self = {
        .engine = engine,
        .out = out,
        .composition = { .view = out->view,
                         .directory = policy_directory(engine->settings.policy),
                         .templates = policy_templates(engine->settings.policy),
                         .disagreement = out->disagreement,
                         .notification = out->notification,
                         .notification_id = out->notification_id,
                         .sent = engine->now,
                         .is_other_way = out->position > 0 },
        .row = row_of(engine, out),
        .may_gather = engine_may_gather(engine, out),
    };
    int answer = write_bytes(&self);

    if (answer == RENDER_REFUSED)
        return engine_tell_operator(engine, out->key, "A notification could not be written",
                                    "A notification of a disagreement could not be written; the "
                                    "journal says which and why.\n");
    if (answer)
        return answer;
    if (self.may_gather)
        self.row.next_try = self.row.escalate = INSTANT_NONE;
    answer = store_put_outbox(engine->settings.store, &self.row);
    engine->outbox_changed = true;
    engine->counting.late += answer == STORE_OK && self.row.late && out->position == 0;
    if (answer == STORE_OK)
        return note_queued(&self);
    /* The same person, instant and causes: it is queued already, under its first id. */
    return answer == STORE_DUPLICATE ? 0 : engine_store_answer(answer);
}

/* Never silence: whoever is to be told and cannot be reached at all is the operator's matter. */
static int nobody_to_tell(const struct keeping *self, const struct notification *notification)
{
    char line[2 * ID_MAX + 64], text[2 * ID_MAX + 300];
    const struct engine_word word = {
        .kind = WORD_NOWHERE, .about = line, .line = line, .text = text
    };
    const char *role = self->view->procedure->roles[notification->roles[0].role].id;

    if (!policy_directory(self->engine->settings.policy))
        return 0; /* a rehearsal's invented holders have no routes */
    journal_error(JOURNAL({ "DISAGREEMENT", self->after->reference }, { "ROLE", role }),
                  "a notification has nowhere to go: no route is known for whoever is to be told");
    if (notification->to_operator)
        return 0;
    snprintf(line, sizeof line, "%s, to the role %s", self->after->reference, role);
    snprintf(text, sizeof text,
             "A notification of the disagreement %s to the role %s has nowhere to go:\n"
             "the directory gives no route for whoever holds it. Tell them another way, and put\n"
             "the directory right.\n",
             self->after->reference, role);
    return engine_say_word(self->engine, &word);
}

static int queue_to_person(struct keeping *self, const struct notification *notification,
                           struct engine_outgoing *out)
{
    size_t count, first = 0;
    const struct route *routes =
        notification_routes(notification, policy_directory(self->engine->settings.policy),
                            engine_is_office_hours(&self->view->time, self->engine->now), &count);

    if (notification->address[0]) {
        out->kind = ROUTE_EMAIL;
        out->to = notification->address;
        return engine_queue(self->engine, out);
    }
    if (count == 0)
        return nobody_to_tell(self, notification);
    while (first < count && engine_route_has_ended(self->engine, &routes[first]))
        first++;
    if (first == count)
        first = 0; /* which will say so again, and then a deputy is told */
    out->kind = routes[first].kind;
    out->to = routes[first].to;
    return engine_queue(self->engine, out);
}

static const struct agency *agency_of_role(const struct keeping *self,
                                           const struct recipient_role *role)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    return role->party == PARTY_BOARD
               ? directory_board(directory, self->after->board)
               : directory_agency(directory, self->after->parties[role->party]);
}

/* The case system of an agency, or of a board, is told all that its roles are told.  One that is
 * gone for good is not asked again; what it would have been told is kept. */
static int queue_to_system(struct keeping *self, const struct engine_outgoing *to_person,
                           const char *endpoint)
{
    char id[ULID_SIZE], system_key[640], person[ID_MAX + 16];
    struct engine_outgoing out = *to_person;
    int error;

    snprintf(system_key, sizeof system_key, "%s system:%s", to_person->key, endpoint);
    snprintf(person, sizeof person, ENGINE_SYSTEM "%s", endpoint);
    if (ulid_make(self->engine->now, id) < 0)
        return -EIO;
    out.id = out.notification_id = id;
    out.key = system_key;
    out.person = person;
    out.kind = ROUTE_WEBHOOK;
    out.to = endpoint;
    error = engine_queue(self->engine, &out);
    if (error || !engine_route_has_ended(self->engine, &(struct route){ out.kind, out.to }))
        return error;
    return engine_escalate_ended(self->engine, id);
}

static int queue_to_systems(struct keeping *self, const struct notification *notification,
                            const struct engine_outgoing *to_person)
{
    int error = 0;

    for (size_t i = 0; i < notification->role_count && error == 0; i++) {
        const struct agency *agency = agency_of_role(self, &notification->roles[i]);

        /* Twice the same system is one row: its key is the same. */
        for (size_t j = 0; agency && j < agency->system_count && error == 0; j++)
            error = queue_to_system(self, to_person, agency->systems[j]);
    }
    return error;
}

/* `after`: the notification in whose place it is told, to people alone; NULL: it is the first. */
static int keep_notification(struct keeping *self, const struct notification *notification,
                             const char *after, char id[ULID_SIZE])
{
    char key[512 + AFTER_SIZE], person[ADDRESS_MAX + 2 * ID_MAX + 2];
    struct engine_outgoing out = { .view = self->view,
                                   .disagreement = self->after,
                                   .notification = notification,
                                   .id = id,
                                   .notification_id = id,
                                   .key = key,
                                   .person = person,
                                   .is_kept = after != NULL };
    int error;

    if (ulid_make(self->engine->now, id) < 0)
        return journal_fail(-EIO, "the kernel gives no random numbers");
    notification_key(self->view, self->after, notification, key, 512);
    if (after)
        snprintf(key + strlen(key), AFTER_SIZE, " after %s", after);
    notification_person(self->view, self->after, notification, person);
    error = record_notification(self, notification, id, &out.record);
    if (error || self->engine->settings.undelivered)
        return error;
    error = queue_to_person(self, notification, &out);
    return error || after ? error : queue_to_systems(self, notification, &out);
}

int engine_tell_again(struct engine *engine, const struct policy_view *view,
                      const struct notification *notification, const char *after,
                      char id[DELIVERY_ID_SIZE])
{
    struct keeping self = { .engine = engine, .view = view, .after = &engine->before };

    return keep_notification(&self, notification, after, id);
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
    char id[ULID_SIZE];
    int error = 0;

    for (size_t i = 0; error == 0 && i < engine->plan.count; i++)
        error = keep_notification(&self, &engine->plan.notifications[i], NULL, id);
    if (error == 0 && engine->plan.count > 0 && engine->settings.told)
        engine->settings.told(engine->settings.watch_context, &engine->told_under, &engine->told_of,
                              &engine->plan);
    engine->plan.count = 0;
    if (error == 0 && engine->has_told_of && !engine->settings.undelivered)
        error = engine_put_entries_right(engine);
    engine->has_told_of = false;
    return error;
}

static bool is_of_told(const struct engine *engine)
{
    const struct disagreement *after = &engine->decision.after;

    return strcmp(engine->told_of.board, after->board) == 0 &&
           strcmp(engine->told_of.reference, after->reference) == 0;
}

/* Whether what the plan holds is of the disagreement and the instant of this decision, and names
 * roles by their places in the same version. */
static bool is_told_together(const struct engine *engine, const struct policy_view *view)
{
    const struct decision *decision = &engine->decision;

    if (!engine->has_told_of)
        return true;
    if (engine->told_under.procedure != view->procedure || !is_of_told(engine))
        return false;
    for (size_t i = 0; i < decision->effect_count && engine->plan.count > 0; i++)
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
    bool together = is_told_together(engine, view);
    int error;

    /* What is not right in calendars by this decision, its own mails bring. */
    engine->has_told_of = engine->has_told_of && !is_of_told(engine);
    error = together ? 0 : engine_tell(engine);
    if (error)
        return error;
    engine->told_of = engine->decision.after;
    engine->told_under = *view;
    engine->has_told_of = true;
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
