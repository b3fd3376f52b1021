/* engine_silence.c - maintenance silences: what they hold is neither tried nor told to others, and
 * goes out when they end.
 *
 * Each turn ends with a look at what is due by then, whatever made it so: what a silence covers is
 * held, in the same transaction, until the silence ends.  What becomes due between two turns is
 * not carried either, and the next turn holds it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_entry.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/render.h"
#include "io/store_gather.h"

enum {
    HOLD_MAX = 256, /* in one turn: deadlines do not wait */
    LET_GO_MAX = 32 /* the same; each is written anew */
};

/* --- which are in force */

static bool take_silence(void *context, const struct silence_row *row)
{
    struct engine_silences *self = context;

    self->rows[self->count++] = *row;
    return self->count < ENGINE_SILENCES_MAX;
}

int engine_know_silences(struct engine *engine)
{
    struct engine_silences *self = &engine->silences;
    int64_t number;
    int answer;

    if (self->are_known)
        return 0;
    self->count = 0;
    answer = store_list_silences(engine->settings.store, take_silence, self);
    if (answer == STORE_OK)
        answer = store_ended_silence(engine->settings.store, &number);
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    self->lets_go = answer == STORE_OK;
    self->are_known = true;
    return 0;
}

void engine_forget_silences(struct engine *engine)
{
    engine->silences.are_known = false;
    engine->silences.count = 0;
    engine->silences.holds = false;
    engine_look_anew(engine);
}

const struct silence_row *engine_silence_on(const struct engine *engine,
                                            const struct silencing_question *question,
                                            struct instant now)
{
    const struct silence_row *longest = NULL;

    for (size_t i = 0; i < engine->silences.count; i++) {
        const struct silence_row *row = &engine->silences.rows[i];

        if (silencing_is_over(&row->silencing, now) || !silencing_covers(&row->silencing, question))
            continue;
        if (!longest || row->silencing.until.us > longest->silencing.until.us)
            longest = row;
    }
    return longest;
}

const struct silence_row *engine_silence_of(const struct engine *engine,
                                            const struct outbox_row *row, struct instant now)
{
    struct silencing_question question = { .priority = row->priority,
                                           .route = row->route,
                                           .recipient = row->recipient,
                                           .person = row->person,
                                           .agency = row->agency };

    return row->state == OUTBOX_QUEUED ? engine_silence_on(engine, &question, now) : NULL;
}

struct instant engine_silences_wake(const struct engine *engine)
{
    const struct engine_silences *self = &engine->silences;
    struct instant wake = INSTANT_NONE;
    bool is_seen = !instant_is_none(self->seen);

    if (self->lets_go || self->holds)
        return is_seen ? self->seen : (struct instant){ 0 };
    for (size_t i = 0; i < self->count; i++) {
        const struct silencing *silencing = &self->rows[i].silencing;

        if (is_seen && silencing_is_over(silencing, self->seen))
            return self->seen;
        if (instant_is_none(wake) || silencing->until.us < wake.us)
            wake = silencing->until;
    }
    return wake;
}

/* --- the record */

static int append(struct engine *engine, const char *type, const struct outbox_row *about,
                  json_t *payload)
{
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text
                     ? engine_store_answer(record_append(engine->settings.store, engine->now, type,
                                                         about ? about->board : "",
                                                         about ? about->reference : "", text, NULL))
                     : -ENOMEM;

    json_decref(payload);
    free(text);
    return answer;
}

static json_t *payload_of(const struct silence_row *row)
{
    char what[SILENCING_WHAT_SIZE], until[ZONE_TIME_SIZE];

    silencing_write(&row->silencing, what);
    instant_write_utc(row->silencing.until, until);
    return json_pack("{s:I,s:s,s:s,s:s}", "silence", (json_int_t)row->silencing.number, "what",
                     what, "until", until, "reason", row->reason);
}

/* --- what is held */

static int hold(struct engine *engine, const struct outbox_row *row,
                const struct silence_row *silence)
{
    int answer = store_hold(engine->settings.store, row->id, &silence->silencing);
    json_t *payload;

    if (answer != STORE_OK)
        return answer == STORE_NONE ? 0 : engine_store_answer(answer);
    payload = payload_of(silence);
    json_object_set_new(payload, "id", json_string(row->id));
    json_object_set_new(payload, "role", json_string(row->role));
    return append(engine, "held", row, payload);
}

/* What is due and covered, as many as one turn holds. */
struct holding {
    struct engine *engine;
    char ids[HOLD_MAX][DELIVERY_ID_SIZE];
    size_t count;
};

static bool note_due(void *context, const struct outbox_row *row)
{
    struct holding *self = context;

    if (engine_silence_of(self->engine, row, self->engine->now) &&
        !engine_is_in_flight(self->engine, row->id))
        memcpy(self->ids[self->count++], row->id, DELIVERY_ID_SIZE);
    return self->count < HOLD_MAX;
}

int engine_hold(struct engine *engine, const char *id)
{
    const struct silence_row *silence;
    struct outbox_row *row = NULL;
    int answer = engine_store_answer(store_get_outbox(engine->settings.store, id, &row));

    silence = row ? engine_silence_of(engine, row, engine->now) : NULL;
    if (answer == 0 && silence)
        answer = hold(engine, row, silence);
    outbox_row_close(&row);
    return answer;
}

int engine_hold_due(struct engine *engine)
{
    struct holding self = { .engine = engine };
    int answer = engine_know_silences(engine);

    engine->silences.holds = false;
    if (answer || engine->silences.count == 0)
        return answer;
    answer = engine_store_answer(
        store_list_holdable(engine->settings.store, engine->now, note_due, &self));
    for (size_t i = 0; i < self.count && answer == 0; i++)
        answer = engine_hold(engine, self.ids[i]);
    engine->silences.holds = self.count == HOLD_MAX;
    return answer;
}

/* --- what is let go */

/* A delivery that is let go, and what it says. */
struct release {
    struct engine *engine;
    const struct outbox_row *row;
    struct policy_view view;
    struct notification notification;
    json_t *payload; /* NULL: what it says cannot be had */
    struct composition composition;
    struct engine_outgoing out;
    char link[ENGINE_LINK_SIZE];
    struct engine_entries entries; /* of calendars, in what is written anew */
};

static int load(struct release *self)
{
    struct engine *engine = self->engine;
    const struct outbox_row *row = self->row;
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct person *person = directory ? directory_person(directory, row->person) : NULL;
    int answer =
        engine_load_notification(engine, row, &self->view, &self->notification, &self->payload);

    if (person) /* who may be a deputy, who was told in the place of somebody */
        self->notification.person = person;
    self->composition =
        (struct composition){ .view = &self->view,
                              .directory = directory,
                              .templates = policy_templates(engine->settings.policy),
                              .disagreement = &engine->before,
                              .notification = &self->notification,
                              .notification_id = row->id,
                              .acknowledge = self->link,
                              .sent = engine->now };
    self->out = (struct engine_outgoing){ .view = &self->view,
                                          .disagreement = &engine->before,
                                          .notification = &self->notification,
                                          .id = row->id,
                                          .notification_id = row->id,
                                          .key = row->key,
                                          .person = row->person,
                                          .position = row->position,
                                          .kind = row->route,
                                          .to = row->recipient,
                                          .record = row->record,
                                          .is_kept = true };
    return answer;
}

/* Written when it was to be told, it would not say that it is late. */
static int write_anew(struct release *self)
{
    struct engine *engine = self->engine;
    char domain[STORE_META_SIZE];
    struct rendering rendering = { .composition = &self->composition,
                                   .mail_from = engine->settings.mail_from,
                                   .domain = domain,
                                   .delivery_id = self->row->id,
                                   .bounce_key = engine->settings.bounce_key };
    char *bytes = NULL;
    size_t size = 0;
    int answer = engine_write_link(engine, &self->out, self->link);

    if (answer == 0)
        answer = engine_find_domain(engine, domain);
    if (answer == 0)
        answer = engine_entries_of(engine, &self->out, &self->composition, &self->entries);
    rendering.entries = self->entries.list;
    rendering.entry_count = self->entries.count;
    if (answer == 0)
        answer = render_delivery(&rendering, self->row->route, self->row->recipient, &bytes, &size);
    if (answer == RENDERED)
        answer =
            engine_store_answer(store_rewrite(engine->settings.store, self->row->id, bytes, size));
    free(bytes);
    return answer == RENDER_REFUSED ? 0 : answer; /* then it goes as it was written */
}

static bool note_arrival(void *context, const struct attempt_row *attempt)
{
    bool *may_have_arrived = context;

    *may_have_arrived = attempt->ambiguous || attempt->outcome == DELIVERY_DONE;
    return !*may_have_arrived;
}

/* As when it was queued: of very many that are let go to one person few go one by one.  What may
 * have arrived goes as itself, for by its id it is known there. */
static int gather_again(struct release *self)
{
    struct store *store = self->engine->settings.store;
    const struct engine_mailbox mailbox = { self->row->recipient, self->row->person,
                                            self->row->role };
    bool may_have_arrived = !instant_is_none(self->row->handed);
    int answer;

    if (may_have_arrived || !engine_may_gather(self->engine, &self->out))
        return engine_entries_sent(self->engine, &mailbox, &self->entries);
    answer = store_list_attempts(store, self->row->id, note_arrival, &may_have_arrived);
    if (answer == STORE_OK && may_have_arrived)
        return engine_entries_sent(self->engine, &mailbox, &self->entries);
    if (answer == STORE_OK)
        answer = store_stop_trying(store, self->row->id);
    return answer == STORE_OK ? engine_begin_gathering(self->engine, &self->out, &self->composition,
                                                       &self->entries)
                              : engine_store_answer(answer);
}

static int release(struct engine *engine, const struct outbox_row *row)
{
    struct instant escalate = { engine->now.us + engine_escalation_wait(engine, PRIORITY_NORMAL) };
    struct release self = { .engine = engine, .row = row };
    int answer = row->state == OUTBOX_QUEUED ? load(&self) : 0;

    if (answer == 0 && self.payload && row->attempts == 0 && instant_is_none(row->handed) &&
        row->position == 0)
        answer = write_anew(&self);
    if (answer == 0)
        answer = engine_store_answer(
            store_let_go(engine->settings.store, row->id, engine->now, escalate));
    if (answer == 0 && self.payload)
        answer = gather_again(&self);
    json_decref(self.payload);
    engine_entries_close(&self.entries);
    return answer ? answer
                  : append(engine, "let_go", row,
                           json_pack("{s:s,s:s,s:I}", "id", row->id, "role", row->role, "silence",
                                     (json_int_t)row->silence));
}

static int let_go(struct engine *engine, const char *id)
{
    const struct silence_row *other;
    struct outbox_row *row = NULL;
    int answer = engine_store_answer(store_get_outbox(engine->settings.store, id, &row));

    if (answer)
        return answer;
    other = engine_silence_of(engine, row, engine->now);
    answer = other ? hold(engine, row, other) : release(engine, row);
    outbox_row_close(&row);
    return answer;
}

static int let_some_go(struct engine *engine, bool *more)
{
    char ids[LET_GO_MAX][DELIVERY_ID_SIZE];
    size_t count = 0;
    int64_t number;
    int answer = store_ended_silence(engine->settings.store, &number);

    if (answer == STORE_OK)
        answer = store_list_held(engine->settings.store, number, ids, LET_GO_MAX, &count);
    else if (answer == STORE_NONE)
        engine->silences.lets_go = false;
    answer = answer == STORE_NONE ? 0 : engine_store_answer(answer);
    for (size_t i = 0; i < count && answer == 0; i++)
        answer = let_go(engine, ids[i]);
    if (count > 0)
        engine_look_anew(engine);
    *more = engine->silences.lets_go;
    return answer;
}

/* --- the end of a silence */

static int end(struct engine *engine, size_t index, const char *by)
{
    struct engine_silences *self = &engine->silences;
    struct silence_row row = self->rows[index];
    json_t *payload = payload_of(&row);
    int answer = engine_store_answer(
        store_end_silence(engine->settings.store, row.silencing.number, engine->now));

    /* What waits for this end with a route that it may take then is looked at now. */
    if (answer == 0 && row.silencing.until.us > engine->now.us)
        answer = engine_store_answer(
            store_escalate_sooner(engine->settings.store, row.silencing.until, engine->now));
    if (by)
        json_object_set_new(payload, "by", json_string(by));
    if (answer)
        json_decref(payload);
    else
        answer = append(engine, by ? "silence_ended" : "silence_over", NULL, payload);
    if (answer)
        return answer;
    journal_notice(NULL, "the silence %lld %s", (long long)row.silencing.number,
                   by ? "was ended" : "is over");
    memmove(self->rows + index, self->rows + index + 1,
            (--self->count - index) * sizeof *self->rows);
    self->lets_go = true;
    engine_look_anew(engine); /* some may be due that were passed over, and not held yet */
    return 0;
}

int engine_pass_silences(struct engine *engine, bool *more)
{
    struct engine_silences *self = &engine->silences;
    int answer = engine_know_silences(engine);

    *more = false;
    for (size_t i = self->count; answer == 0 && i > 0; i--)
        if (silencing_is_over(&self->rows[i - 1].silencing, engine->now))
            answer = end(engine, i - 1, NULL);
    return answer || !self->lets_go ? answer : let_some_go(engine, more);
}

int engine_end_silence(struct engine *engine, int64_t number, const char *by,
                       struct silence_row *ended)
{
    struct engine_silences *self = &engine->silences;
    int answer = engine_know_silences(engine);

    for (size_t i = 0; answer == 0 && i < self->count; i++) {
        if (self->rows[i].silencing.number != number)
            continue;
        *ended = self->rows[i];
        return end(engine, i, by);
    }
    return answer ? answer : ENGINE_SILENCE_REFUSED;
}

/* --- a new one */

int engine_add_silence(struct engine *engine, struct silence_row *row)
{
    struct engine_silences *self = &engine->silences;
    json_t *payload;
    int answer = engine_know_silences(engine);

    if (answer)
        return answer;
    if (self->count == ENGINE_SILENCES_MAX)
        return ENGINE_SILENCE_REFUSED;
    row->silencing.since = engine->now;
    answer = engine_store_answer(store_put_silence(engine->settings.store, row));
    if (answer)
        return answer;
    payload = payload_of(row);
    json_object_set_new(payload, "by", json_string(row->by));
    journal_notice(NULL, "a silence was begun: %lld", (long long)row->silencing.number);
    self->rows[self->count++] = *row;
    return append(engine, "silence", NULL, payload);
}
