/* engine_park.c - an event that could silence, and overtook others of its source, waits for them.
 *
 * What raises, escalates or tells of risk has its effect at once, whatever is missing before it.
 * What could silence waits until that has come, or is given up: half an hour after it was missed,
 * when the board's team is told.  It is a line of the record from the first, and a row that says
 * until when it waits, so that a restart changes nothing; and it has its effect in the turn in
 * which what was missing came.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_taking.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/record.h"
#include "io/source_name.h"

enum { PARKED_MAX = 1000 /* of one source */, PARKED_WAIT_MS = 60000 };

/* --- what must wait */

static bool may_silence(const struct taking *self)
{
    const struct engine *engine = self->engine;

    if (self->event->kind != EVENT_CORRECTION)
        return event_is_closing(self->event->kind);
    if (engine->reading.has_corrected)
        return event_is_closing(engine->corrected.kind);
    return engine->superseded.kind == EVENT_DISAGREEMENT_RAISED;
}

/* Takes back what could silence: before it, it would be overruled by it. */
static bool may_undo(const struct taking *self)
{
    enum event_kind kind = self->event->kind;

    return kind == EVENT_RELEASE || kind == EVENT_REOPENED || kind == EVENT_CORRECTION;
}

/* 1 and until when; 0 where nothing is missing before it, or what is was given up. */
static int waits_for_gap(struct taking *self, struct instant *until)
{
    struct instant found = INSTANT_NONE;
    int answer = engine_gap_before(self->engine, self->event, &found);

    if (answer)
        return answer < 0 ? answer : -EIO;
    *until = (struct instant){ found.us + ENGINE_PARKED_US };
    return !instant_is_none(found) && until->us > self->engine->now.us;
}

static bool is_numbered(const struct taking *self)
{
    return self->event->has_sequence && !self->parked && !self->input->of_snapshot;
}

/* Behind one that waits and whose time is over in this very turn it waits for that one. */
int taking_must_wait(struct taking *self, struct instant *until)
{
    struct parked_row before;
    int answer;

    if (!is_numbered(self) || !(may_silence(self) || may_undo(self)))
        return 0;
    answer = store_parked_before(self->engine->settings.store, self->event, &before);
    if (answer != STORE_OK && answer != STORE_NONE)
        return answer < 0 ? answer : -EIO;
    if (answer == STORE_NONE)
        return may_silence(self) ? waits_for_gap(self, until) : 0;
    answer = waits_for_gap(self, until);
    if (answer == 0)
        *until = self->engine->now;
    return answer < 0 ? answer : 1;
}

int taking_may_wait(struct taking *self, struct instant *until)
{
    return is_numbered(self) ? waits_for_gap(self, until) : 0;
}

/* --- parking */

/* A feed's publisher cannot be told to wait. */
static int refuse_crowd(struct taking *self)
{
    taking_refuse(self, WIRE_CODE_RATE,
                  "too many events of this source wait for others that are missing (send those)");
    self->reply->busy.retry_after_ms = PARKED_WAIT_MS;
    return self->input->feed ? ENGINE_REFUSED : ENGINE_BUSY;
}

static int put_parked(struct taking *self, struct instant until)
{
    const struct event *event = self->event;
    struct parked_row row = { .sequence = event->sequence,
                              .record = self->kept.record,
                              .feed = self->input->feed != NULL,
                              .since = self->input->received,
                              .until = until };

    snprintf(row.source, sizeof row.source, "%s", event->source);
    snprintf(row.id, sizeof row.id, "%s", event->id);
    snprintf(row.seqepoch, sizeof row.seqepoch, "%s", event->seqepoch);
    snprintf(row.board, sizeof row.board, "%s", event->board);
    snprintf(row.reference, sizeof row.reference, "%s", event->subject);
    snprintf(row.key, sizeof row.key, "%s", self->input->key ? self->input->key : "");
    return engine_store_answer(store_put_parked(self->engine->settings.store, &row));
}

int taking_park(struct taking *self, struct instant until)
{
    size_t count = 0;
    int answer = engine_store_answer(
        store_count_parked(self->engine->settings.store, self->event->source, &count));

    if (answer == 0 && count >= PARKED_MAX)
        return refuse_crowd(self);
    if (answer == 0)
        answer = taking_put_event(self, STORE_EVENT_PARKED);
    if (answer == 0)
        answer = put_parked(self, until);
    if (answer == 0)
        answer = engine_note_heard(self->engine, self->input, self->event);
    if (answer == 0)
        taking_acknowledge(self, false);
    return answer;
}

int engine_still_parked(struct engine *engine, const char *source, const char *id,
                        struct kept_event *kept)
{
    struct parked_row row;
    int answer;

    if (!(kept->flags & STORE_EVENT_PARKED))
        return 0;
    answer = store_find_parked(engine->settings.store, source, id, &row);
    if (answer == STORE_NONE)
        kept->flags &= ~(uint32_t)STORE_EVENT_PARKED;
    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

/* --- taking up */

/* The line's event as it was kept; NULL: erased since. */
static bool copy_event(void *context, const struct record_line *line)
{
    char **json = context;
    json_t *payload = line->payload ? json_loads(line->payload, 0, NULL) : NULL;

    *json = payload ? json_dumps(json_object_get(payload, "event"), JSON_COMPACT) : NULL;
    json_decref(payload);
    return false;
}

static int record_refused(struct engine *engine, const struct parked_row *row,
                          const struct answer_nack *nack)
{
    json_t *payload =
        json_pack("{s:s,s:s,s:I,s:s,s:s}", "source", row->source, "id", row->id, "record",
                  (json_int_t)row->record, "code", nack->code, "why", nack->why);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer =
        text ? engine_store_answer(record_append(engine->settings.store, engine->now, "refused",
                                                 row->board, row->reference, text, NULL))
             : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

/* Whoever sent it was told that it is kept: only a person can tell them that it was in vain. */
static int tell_refused(struct engine *engine, const struct parked_row *row,
                        const struct answer_nack *nack)
{
    char key[STORE_SOURCE_SIZE + ID_MAX + 40], text[SOURCE_NAME_SIZE + ANSWER_WHY_SIZE + 800];
    char source[SOURCE_NAME_SIZE], event[DIGEST_BRIEF_SIZE], number[24];
    int answer = record_refused(engine, row, nack);

    source_name(engine->settings.keyring, row->source, source);
    digest_brief(row->id, event);
    snprintf(number, sizeof number, "%" PRIu64, row->sequence);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_EVENT_REFUSED }, { "CODE", nack->code },
                         { "SOURCE", source }, { "EVENT", event }, { "SEQUENCE", number }),
                 "an event that waited for others is refused, %s: %s", nack->code, nack->why);
    if (engine->settings.refused)
        engine->settings.refused(engine->settings.refused_context, row->key, nack->code);
    snprintf(key, sizeof key, "parked %s %s", row->source, row->id);
    snprintf(text, sizeof text,
             "Event %" PRIu64 " of the source %s was acknowledged, and waited for others that\n"
             "were missing before it. The disagreement %s does not take it now: %s (%s).\n"
             "It has had no effect. Tell its case system's operator; what it said may have to be\n"
             "sent anew. `concernctl history %s` shows it.\n",
             row->sequence, source, row->reference, nack->why, nack->code, row->reference);
    return answer ? answer : engine_tell_operator(engine, key, "An event was refused late", text);
}

static int take_up_one(struct engine *engine, const struct parked_row *row)
{
    struct engine_reply reply = { .nack = { .code = WIRE_CODE_TRANSITION,
                                            .why = "what it said has been erased" } };
    struct engine_input input = { .key = row->key[0] ? row->key : NULL,
                                  .feed = row->feed ? "" : NULL,
                                  .received = row->since };
    char *json = NULL;
    int answer = engine_store_answer(store_drop_parked(engine->settings.store, row));

    if (answer == 0)
        answer = engine_store_answer(
            record_list(engine->settings.store, row->record, 1, copy_event, &json));
    if (answer == 0 && json) {
        input.bytes = json;
        input.size = strlen(json);
        answer = engine_take_parked(engine, &input, row, &reply);
    } else if (answer == 0) {
        answer = ENGINE_REFUSED;
    }
    free(json);
    return answer == ENGINE_REFUSED ? tell_refused(engine, row, &reply.nack) : answer;
}

/* Whether it waits for a gap that is not given up; then its time is made right, for a gap may have
 * been found since. */
static int still_waits(struct engine *engine, const struct parked_row *row, struct instant at,
                       bool *waits)
{
    struct instant found = INSTANT_NONE, until;
    int answer =
        store_gap_before(engine->settings.store, row->source, row->seqepoch, row->sequence, &found);

    *waits = false;
    if (answer != STORE_OK)
        return answer == STORE_NONE ? 0 : engine_store_answer(answer);
    until = (struct instant){ found.us + ENGINE_PARKED_US };
    *waits = until.us > at.us;
    if (!*waits || until.us <= row->until.us)
        return 0;
    return engine_store_answer(store_move_parked(engine->settings.store, row, until));
}

int engine_take_up(struct engine *engine, const char *source, const char *seqepoch,
                   struct instant at)
{
    for (;;) {
        struct parked_row row;
        bool waits;
        int answer = store_first_parked(engine->settings.store, source, seqepoch, &row);

        if (answer != STORE_OK)
            return answer == STORE_NONE ? 0 : engine_store_answer(answer);
        answer = still_waits(engine, &row, at, &waits);
        if (answer || waits)
            return answer;
        answer = take_up_one(engine, &row);
        if (answer)
            return answer;
    }
}

/* What cannot be taken up yet, for one before it waits on, is looked at again when that one is. */
int engine_take_up_due(struct engine *engine, struct instant until)
{
    struct parked_row row, first;
    int answer = store_parked_due(engine->settings.store, until, &row);

    if (answer != STORE_OK)
        return answer == STORE_NONE ? 0 : engine_store_answer(answer);
    answer = engine_take_up(engine, row.source, row.seqepoch, until);
    if (answer)
        return answer;
    answer = store_find_parked(engine->settings.store, row.source, row.id, &first);
    if (answer != STORE_OK || first.until.us > until.us)
        return answer == STORE_OK || answer == STORE_NONE ? 0 : engine_store_answer(answer);
    answer = store_first_parked(engine->settings.store, row.source, row.seqepoch, &first);
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    return engine_store_answer(store_move_parked(engine->settings.store, &row, first.until));
}
