/* engine_forward.c - what waits for somebody goes to whoever is to be told now.
 *
 * The directory may be another than when a notification was queued: he has left, has the role no
 * more, or has another address.  What was written for him is sent no more, and is kept as
 * superseded: some of it may be on its way, and two contents never share an id.  The same is told
 * anew, under an id of its own, worded for whoever reads it.  A digest is put together anew.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/forward.h"
#include "core/text.h"
#include "io/engine_digest.h"
#include "io/engine_gather.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/store_acknowledge.h"
#include "io/store_forward.h"

/* --- which are looked at */

struct suspects {
    struct engine *engine;
    char (*ids)[DELIVERY_ID_SIZE];
    size_t count, capacity;
    bool failed; /* there was no memory for all of them */
};

static bool add_suspect(struct suspects *self, const char *id)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        void *grown = reallocarray(self->ids, capacity, sizeof *self->ids);

        self->failed = !grown;
        if (!grown)
            return false;
        self->ids = grown;
        self->capacity = capacity;
    }
    memcpy(self->ids[self->count++], id, DELIVERY_ID_SIZE);
    return true;
}

static bool is_waiting(const struct outbox_row *row)
{
    return instant_is_none(row->next_try) && row->silence == 0;
}

static bool is_to_operator(const struct outbox_row *row)
{
    return strcmp(row->person, "operator") == 0;
}

/* Whether whoever it is for is known by this address still. */
static bool is_his_address(const struct directory *directory, const struct outbox_row *row)
{
    const struct route route = { row->route, row->recipient };
    const struct person *person = directory_person(directory, row->person);

    if (is_to_operator(row))
        return route_is_one_of(&route, directory->operator_routes, directory->operator_route_count);
    return person && person_has_route(person, &route);
}

/* Whether he has the first of the roles that he was told in, which is all that the row says. */
static bool has_first_role(const struct directory *directory, const struct outbox_row *row)
{
    const struct agency *agency = row->agency ? directory_agency(directory, row->agency)
                                              : directory_board(directory, row->board);
    const struct role_holding *holding = agency ? directory_holding(agency, row->role) : NULL;
    const struct person *person = directory_person(directory, row->person);

    return holding && (holding->holder == person || holding->deputy == person);
}

/* What goes to an endpoint of a case system, or to an address of an event, is not the directory's
 * people's; nor is a test, which is asked for anew. */
static bool is_of_nobody(const struct outbox_row *row)
{
    return strncmp(row->person, ENGINE_SYSTEM, strlen(ENGINE_SYSTEM)) == 0 ||
           strchr(row->person, '@') || engine_is_test(row);
}

/* Nearly every row is right, and is passed over for what it says itself. */
static bool note_suspect(void *context, const struct outbox_row *row)
{
    struct suspects *self = context;
    const struct directory *directory = policy_directory(self->engine->settings.policy);

    if (is_of_nobody(row))
        return true;
    if (engine_is_digest(row) || row->position > 0)
        return add_suspect(self, row->id);
    /* What waits is written anew for another address when it goes (engine_gather.c). */
    if (is_waiting(row) ? !directory_person(directory, row->person) || is_to_operator(row)
                        : is_his_address(directory, row) && is_to_operator(row))
        return true;
    if ((is_waiting(row) || is_his_address(directory, row)) &&
        (!row->reference[0] || has_first_role(directory, row)))
        return true;
    return add_suspect(self, row->id);
}

/* --- one of them */

struct forwarding {
    struct engine *engine;
    const struct directory *directory;
    struct outbox_row *row, *first; /* of one notification; may be the same delivery */
    bool is_settled;                /* somebody accepted it, or has said that he saw it */
    char first_id[DELIVERY_ID_SIZE];

    /* what it says; payload NULL: that cannot be had */
    struct policy_view view;
    struct notification told;
    json_t *payload;
    struct plan plan;
};

static void forwarding_close(struct forwarding **self)
{
    if (!*self)
        return;
    outbox_row_close(&(*self)->row);
    outbox_row_close(&(*self)->first);
    json_decref((*self)->payload);
    plan_close(&(*self)->plan);
    free(*self);
    *self = NULL;
}

static bool note_route(void *context, const struct outbox_row *row)
{
    struct forwarding *self = context;

    if (row->position == 0)
        memcpy(self->first_id, row->id, sizeof self->first_id);
    self->is_settled = self->is_settled || row->state == OUTBOX_ACCEPTED;
    return true;
}

static int load(struct forwarding *self, const char *id)
{
    struct store *store = self->engine->settings.store;
    struct instant acknowledged = INSTANT_NONE;
    int answer = store_get_outbox(store, id, &self->row);

    if (answer == STORE_OK)
        answer = store_list_routes(store, id, note_route, self);
    if (answer == STORE_OK)
        answer = store_get_outbox(store, self->first_id, &self->first);
    if (answer == STORE_OK)
        answer = store_get_acknowledged(store, id, &acknowledged);
    self->is_settled = self->is_settled || !instant_is_none(acknowledged);
    return engine_store_answer(answer);
}

static int load_told(struct forwarding *self)
{
    return engine_load_notification(self->engine, self->first, &self->view, &self->told,
                                    &self->payload);
}

static struct recipient_search search_of(const struct forwarding *self)
{
    return (struct recipient_search){
        .procedure = self->view.procedure,
        .disagreement = &self->engine->before,
        .directory = self->directory,
        .today = zone_civil(self->view.time.zone, self->engine->now).date,
    };
}

/* Whether it was for somebody of this id who is to be told no more. */
static bool is_for_another(const struct forwarding *self, const char *id)
{
    const struct recipient_search search = search_of(self);

    return !self->told.to_operator && !strchr(id, '@') &&
           !forward_answers(&search, &self->told, directory_person(self->directory, id));
}

/* `by`: the ids of those told in its place, a space between them. */
static int record_superseded(struct forwarding *self, const char *by)
{
    struct engine *engine = self->engine;
    json_t *payload =
        json_pack("{s:s,s:s,s:s}", "id", self->first->id, "role", self->first->role, "by", by);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_store_answer(record_append(engine->settings.store, engine->now,
                                                          "superseded", self->first->board,
                                                          self->first->reference, text, NULL))
                      : -ENOMEM;

    json_decref(payload);
    free(text);
    return answer;
}

/* The same once more, to those of the plan. */
static int tell_anew(struct forwarding *self)
{
    struct engine *engine = self->engine;
    char ids[RECIPIENT_ROLES_MAX * DELIVERY_ID_SIZE], id[DELIVERY_ID_SIZE];
    struct text by = text_over(ids, sizeof ids);
    int answer = engine_store_answer(store_supersede(engine->settings.store, self->first->id));

    for (size_t i = 0; answer == 0 && i < self->plan.count; i++) {
        answer = engine_tell_again(engine, &self->view, &self->plan.notifications[i],
                                   self->first->id, id);
        text_addf(&by, "%s%s", i ? " " : "", id);
    }
    if (answer)
        return answer;
    journal_notice(
        JOURNAL({ "DISAGREEMENT", self->first->reference }, { "NOTIFICATION", self->first->id }),
        "a notification that waited goes to whoever the directory now names");
    return record_superseded(self, ids);
}

/* To himself by another address, or to others. */
static int forward(struct forwarding *self, bool to_others)
{
    const struct recipient_search search = search_of(self);

    if (to_others) {
        if (forward_plan(&search, &self->told, &self->plan) < 0)
            return journal_fail(-ENOMEM, "no memory for who is told now");
    } else {
        self->plan.notifications = malloc(sizeof *self->plan.notifications);
        if (!self->plan.notifications)
            return journal_fail(-ENOMEM, "no memory for who is told now");
        self->plan.notifications[0] = self->told;
        self->plan.count = self->plan.capacity = 1;
    }
    return tell_anew(self);
}

static int look_at_notification(struct forwarding *self)
{
    bool is_wrong = !is_waiting(self->row) && !is_his_address(self->directory, self->row);
    int answer = load_told(self);

    if (answer)
        return answer;
    if (self->payload && !self->is_settled && is_for_another(self, self->first->person))
        return forward(self, true);
    if (self->payload && is_for_another(self, self->row->person))
        is_wrong = true;
    if (!is_wrong)
        return 0;
    if (self->payload && !self->is_settled && self->row->position == 0)
        return forward(self, false);
    if (is_waiting(self->row))
        return engine_store_answer(store_supersede(self->engine->settings.store, self->first->id));
    return engine_escalate_now(self->engine, self->row->id);
}

/* --- a digest */

static int look_at_one(struct engine *engine, const char *id);

/* Whether somebody who has it is to be told no more what is in it. */
static int is_digest_for_another(struct forwarding *self, const struct gathering_list *list,
                                 const char *person, bool *is)
{
    int answer = 0;

    *is = false;
    for (size_t i = 0; answer == 0 && !*is && i < list->count; i++) {
        if (engine_has_holding(self->directory, &list->rows[i], person))
            continue;
        struct forwarding of = *self;

        of.first = NULL;
        of.payload = NULL;
        answer = engine_store_answer(
            store_get_outbox(self->engine->settings.store, list->rows[i].id, &of.first));
        if (answer == 0)
            answer = load_told(&of);
        *is = answer == 0 && of.payload && is_for_another(&of, person);
        json_decref(of.payload);
        outbox_row_close(&of.first);
    }
    return answer;
}

/* What is in it waits again, if only for the end of the turn. */
static int dissolve(struct forwarding *self, const struct gathering_list *list)
{
    struct engine *engine = self->engine;
    int answer = engine_store_answer(store_dissolve(engine->settings.store, self->first->id));

    if (answer == 0)
        answer = engine_store_answer(store_supersede(engine->settings.store, self->first->id));
    engine->gathers = true;
    for (size_t i = 0; answer == 0 && i < list->count; i++)
        answer = look_at_one(engine, list->rows[i].id);
    return answer;
}

static int look_at_digest(struct forwarding *self)
{
    CLEANUP(gathering_list_close) struct gathering_list list = { 0 };
    bool of_first = !is_to_operator(self->first),
         of_row = !is_his_address(self->directory, self->row);
    int answer = engine_store_answer(store_list_gathered(
        self->engine->settings.store, self->first->id, gathering_list_add, &list));

    if (answer == 0 && list.failed)
        answer = journal_fail(-ENOMEM, "no memory for what is in a digest");
    if (answer == 0 && of_first)
        answer = is_digest_for_another(self, &list, self->first->person, &of_first);
    if (answer)
        return answer;
    if (!self->is_settled && (of_first || (of_row && self->row->position == 0)))
        return dissolve(self, &list);
    if (!of_row && !is_to_operator(self->row))
        answer = is_digest_for_another(self, &list, self->row->person, &of_row);
    return answer || !of_row ? answer : engine_escalate_now(self->engine, self->row->id);
}

/* --- all of them */

static int look_at_one(struct engine *engine, const char *id)
{
    CLEANUP(forwarding_close) struct forwarding *self = calloc(1, sizeof *self);
    int answer;

    if (!self)
        return journal_fail(-ENOMEM, "no memory to look at what waits");
    self->engine = engine;
    self->directory = policy_directory(engine->settings.policy);
    answer = load(self, id);
    if (answer || self->row->state != OUTBOX_QUEUED)
        return answer; /* it went with another route of the same */
    if (engine_is_digest(self->first))
        return look_at_digest(self);
    if (self->row->reference[0])
        return look_at_notification(self);
    return is_his_address(self->directory, self->row) ? 0 : engine_escalate_now(engine, id);
}

int engine_forward(struct engine *engine)
{
    const struct outbox_query queued = { .most = 0 };
    struct suspects suspects = { .engine = engine };
    int answer = 0;

    if (policy_directory(engine->settings.policy))
        answer = engine_store_answer(
            store_list_outbox(engine->settings.store, &queued, note_suspect, &suspects));
    if (answer == 0 && suspects.failed)
        answer = journal_fail(-ENOMEM, "no memory for what waits");
    for (size_t i = suspects.count; answer == 0 && i > 0; i--) /* the earliest first */
        answer = look_at_one(engine, suspects.ids[i - 1]);
    free(suspects.ids);
    return answer;
}
