/* engine_source.c - how far a source was heard, and which of its events have not come. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/source_name.h"

#define GAP_OPERATOR_US (5 * MINUTE_US)
#define GAP_BOARD_US (30 * MINUTE_US)

static int record_gap(struct engine *engine, const char *type, const struct gap_row *gap)
{
    json_t *payload =
        json_pack("{s:s,s:s,s:I,s:I,s:s}", "source", gap->source, "seqepoch", gap->seqepoch, "from",
                  (json_int_t)gap->from, "to", (json_int_t)gap->to, "how", gap_how_name(gap->how));
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_record(engine, type, text) : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

static int64_t or_else(int64_t span_us, int64_t otherwise_us)
{
    return span_us > 0 ? span_us : otherwise_us;
}

/* A gap is on disk and in the journal at once; people are told when it stays. */
static int note_gap(struct engine *engine, const char *source, const char *seqepoch,
                    const struct sequence_decision *sequence, enum gap_how how)
{
    int64_t operator_us = or_else(engine->settings.gap_operator_us, GAP_OPERATOR_US);
    int64_t board_us = or_else(engine->settings.gap_board_us, GAP_BOARD_US);
    struct gap_row gap = {
        .source = source,
        .seqepoch = seqepoch,
        .from = sequence->from,
        .to = sequence->to,
        .found = engine->now,
        .how = how,
        .tell_operator = { engine->now.us + operator_us },
        .tell_board = { engine->now.us + board_us },
    };
    char name[SOURCE_NAME_SIZE];
    int answer;

    if (sequence->from > sequence->to)
        return 0;
    answer = store_put_gap(engine->settings.store, &gap);
    if (answer == STORE_DUPLICATE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    engine->gap_changes++;
    source_name(engine->settings.keyring, source, name);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_SEQUENCE_GAP }, { "SOURCE", name }),
                 "events %llu to %llu of %s have not come", (unsigned long long)sequence->from,
                 (unsigned long long)sequence->to, name);
    return record_gap(engine, "gap", &gap);
}

/* --- marks */

/* A source while something of it is noted. */
struct hearing {
    struct engine *engine;
    const char *source;
    const char *seqepoch;
    struct source_progress progress;
    struct sequence_mark mark; /* of that epoch */
    bool is_former;            /* an epoch before the present one */
    bool is_known;             /* the source was heard with a number before */
};

static int begin_hearing(struct hearing *self)
{
    struct store *store = self->engine->settings.store;
    int answer = store_get_source(store, self->source, &self->progress);

    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    self->mark = self->progress.mark;
    self->is_known = self->mark.known;
    if (!self->is_known || !self->seqepoch || strcmp(self->mark.seqepoch, self->seqepoch) == 0)
        return 0;
    answer = store_get_former_epoch(store, self->source, self->seqepoch, &self->mark.high);
    self->is_former = answer == STORE_OK;
    if (self->is_former)
        snprintf(self->mark.seqepoch, sizeof self->mark.seqepoch, "%s", self->seqepoch);
    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

static void want_snapshot(struct engine *engine, struct source_progress *progress)
{
    if (!instant_is_none(progress->resync))
        return;
    progress->resync = engine->now;
    engine->gap_changes++;
}

uint64_t engine_gap_changes(const struct engine *engine)
{
    return engine->gap_changes;
}

static int tell_new_epoch(struct hearing *self)
{
    char key[STORE_SOURCE_SIZE + 100], text[SOURCE_NAME_SIZE + 500], name[SOURCE_NAME_SIZE];

    source_name(self->engine->settings.keyring, self->source, name);
    snprintf(key, sizeof key, "epoch %s", self->source); /* once a day, however often */
    snprintf(text, sizeof text,
             "The source %s counts its events anew: it has lost its counter.\n"
             "What it published before and was not heard here cannot be seen any more. %s\n",
             name,
             instant_is_none(self->progress.resync)
                 ? "Ask the operator of the case system whether something is missing here."
                 : "It is being asked where its disagreements stand (a snapshot).");
    journal_warn(JOURNAL({ "SOURCE", name }), "%s counts its events anew", name);
    return engine_tell_operator(self->engine, key, "A case system counts anew", text);
}

/* Moves the mark.  A source that begins to count anew, or is heard for the first time, is to say
 * where all its disagreements stand, where it can be asked. */
static int keep_mark(struct hearing *self, const struct sequence_decision *sequence,
                     bool can_replay)
{
    struct store *store = self->engine->settings.store;
    bool is_new = sequence->answer == SEQUENCE_NEW_EPOCH;
    int answer = 0;

    if (self->is_former)
        return engine_store_answer(
            store_put_former_epoch(store, self->source, self->seqepoch, sequence->high));
    if (is_new && self->is_known)
        answer = engine_store_answer(store_put_former_epoch(
            store, self->source, self->progress.mark.seqepoch, self->progress.mark.high));
    sequence_keep(&self->progress.mark, self->seqepoch, sequence);
    if (is_new && can_replay)
        want_snapshot(self->engine, &self->progress);
    if (answer == 0 && is_new && self->is_known)
        answer = tell_new_epoch(self);
    return answer;
}

/* A late one that was missing; or one from before anybody listened. */
static int fill(struct hearing *self, uint64_t sequence)
{
    int answer = store_fill_gap(self->engine->settings.store, self->source, self->seqepoch,
                                sequence, self->engine->now);

    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

/* What a source said before it was first heard is not missing: nobody was to hear it.  What is told
 * again, by a snapshot or as a repeat, may be of any counter it ever had: it begins none. */
static int note_number(struct hearing *self, uint64_t number, bool is_retold, bool can_replay)
{
    struct sequence_decision sequence = sequence_decide(&self->mark, self->seqepoch, number);
    int answer;

    if (sequence.answer == SEQUENCE_DUPLICATE ||
        (is_retold && sequence.answer == SEQUENCE_NEW_EPOCH))
        return fill(self, number);
    answer = keep_mark(self, &sequence, can_replay);
    if (answer == 0 && self->is_known)
        answer = note_gap(self->engine, self->source, self->seqepoch, &sequence, GAP_BY_EVENT);
    return answer;
}

bool engine_is_best_effort(const struct engine_input *input, const struct event *event)
{
    return input->best_effort || (input->feed && !event->has_sequence);
}

/* It was set up as sequenced, and is not. */
static int tell_unnumbered(struct hearing *self, const struct engine_input *input)
{
    char key[STORE_SOURCE_SIZE + 50], text[SOURCE_NAME_SIZE + 400], name[SOURCE_NAME_SIZE];

    source_name(self->engine->settings.keyring, self->source, name);
    snprintf(key, sizeof key, "unnumbered %s", self->source);
    snprintf(
        text, sizeof text,
        "The source %s (feed %s) publishes events without numbers.\n"
        "They are taken, but nobody can see when one is lost: it is heard at best effort only.\n"
        "Let its events carry sequence and seqepoch, or set the feed's assurance to "
        "best-effort.\n",
        name, input->feed);
    return engine_tell_operator(self->engine, key, "A feed does not number its events", text);
}

int engine_note_heard(struct engine *engine, const struct engine_input *input,
                      const struct event *event)
{
    struct hearing self = { .engine = engine,
                            .source = event->source,
                            .seqepoch = event->has_sequence ? event->seqepoch : NULL };
    struct source_progress *progress = &self.progress;
    int answer = begin_hearing(&self);

    if (answer)
        return answer;
    progress->last_heard = engine->now;
    progress->best_effort = engine_is_best_effort(input, event);
    if (progress->best_effort && !input->best_effort && (answer = tell_unnumbered(&self, input)))
        return answer;
    snprintf(progress->key, sizeof progress->key, "%s", input->key ? input->key : "");
    snprintf(progress->feed, sizeof progress->feed, "%s", input->feed ? input->feed : "");
    if (self.seqepoch)
        answer = note_number(&self, event->sequence, input->of_snapshot, input->can_replay);
    return answer ? answer
                  : engine_store_answer(
                        store_put_source(engine->settings.store, event->source, progress));
}

int engine_gap_before(struct engine *engine, const struct event *event, struct instant *found)
{
    struct hearing self = { .engine = engine,
                            .source = event->source,
                            .seqepoch = event->seqepoch };
    struct sequence_decision sequence;
    int answer = begin_hearing(&self);

    if (answer)
        return answer;
    sequence = sequence_decide(&self.mark, self.seqepoch, event->sequence);
    if (self.is_known && sequence.from <= sequence.to) {
        *found = engine->now;
        return 0;
    }
    answer = store_gap_before(engine->settings.store, event->source, event->seqepoch,
                              event->sequence, found);
    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}

/* It was kept, but its number may be missing still: a snapshot brings events of counters that
 * nobody has heard yet. */
int engine_note_repeat(struct engine *engine, const struct event *event)
{
    struct store *store = engine->settings.store;
    struct hearing self = { .engine = engine,
                            .source = event->source,
                            .seqepoch = event->seqepoch };
    int answer = event->has_sequence ? begin_hearing(&self) : 0;

    if (answer == 0 && event->has_sequence)
        answer = note_number(&self, event->sequence, true, false);
    if (answer == 0 && self.is_known)
        answer = engine_store_answer(store_put_source(store, event->source, &self.progress));
    return answer ? answer
                  : engine_store_answer(store_note_repeat(store, event->source, engine->now));
}

int engine_take_heartbeat(struct engine *engine, const struct engine_heartbeat *heartbeat)
{
    struct hearing self = { .engine = engine,
                            .source = heartbeat->source,
                            .seqepoch = heartbeat->seqepoch };
    struct source_progress *progress = &self.progress;
    struct sequence_decision sequence;
    int answer = begin_hearing(&self);

    if (answer)
        return answer;
    sequence = sequence_heartbeat(&self.mark, self.seqepoch, heartbeat->last);
    if (sequence.answer == SEQUENCE_NEXT || sequence.answer == SEQUENCE_UNSEQUENCED)
        return 0;
    if (!self.is_known) {
        progress->best_effort = heartbeat->best_effort;
        snprintf(progress->key, sizeof progress->key, "%s", heartbeat->key);
        snprintf(progress->feed, sizeof progress->feed, "%s", heartbeat->feed);
    }
    answer = keep_mark(&self, &sequence, heartbeat->can_replay);
    if (answer == 0 && self.is_known)
        answer = note_gap(engine, self.source, self.seqepoch, &sequence, GAP_BY_HEARTBEAT);
    return answer ? answer
                  : engine_store_answer(
                        store_put_source(engine->settings.store, self.source, progress));
}

/* --- what never comes */

int engine_give_up(struct engine *engine, const char *source, const char *seqepoch,
                   struct sequence_range range, uint64_t *count)
{
    struct gap_row gap = {
        .source = source, .seqepoch = seqepoch, .from = range.from, .to = range.to
    };
    int answer = engine_store_answer(
        store_give_up_gaps(engine->settings.store, source, seqepoch, range, engine->now, count));

    return answer || *count == 0 ? answer : record_gap(engine, "gap gone", &gap);
}

int engine_take_gone(struct engine *engine, const char *source, const char *seqepoch,
                     struct sequence_range range, bool can_replay)
{
    struct source_progress progress;
    struct missing_row missing = { .since = INSTANT_NONE };
    int answer = engine_give_up(engine, source, seqepoch, range, &missing.count);

    if (answer || missing.count == 0)
        return answer;
    answer = store_get_source(engine->settings.store, source, &progress);
    if (answer != STORE_OK)
        return answer == STORE_NONE ? 0 : engine_store_answer(answer);
    if (can_replay)
        want_snapshot(engine, &progress);
    snprintf(missing.source, sizeof missing.source, "%s", source);
    snprintf(missing.key, sizeof missing.key, "%s", progress.key);
    snprintf(missing.feed, sizeof missing.feed, "%s", progress.feed);
    missing.best_effort = progress.best_effort;
    answer = engine_store_answer(store_put_source(engine->settings.store, source, &progress));
    if (answer == 0)
        answer = engine_tell_missing(engine, GAP_TELL_OPERATOR, &missing);
    if (answer == 0)
        answer = engine_tell_missing(engine, GAP_TELL_BOARD, &missing);
    return answer ? answer : engine_take_up(engine, source, seqepoch, engine->now);
}

int engine_take_refused(struct engine *engine, const char *source, const char *seqepoch,
                        uint64_t sequence, const char *code)
{
    struct sequence_range range = { sequence, sequence };
    char key[STORE_SOURCE_SIZE + 50], text[SOURCE_NAME_SIZE + 400], name[SOURCE_NAME_SIZE];
    struct source_progress progress;
    uint64_t count = 0;
    int answer = store_get_source(engine->settings.store, source, &progress);

    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (wire_code_is_retryable(code) ||
        (strcmp(code, WIRE_CODE_UNKNOWN) == 0 && !instant_is_none(progress.resync)))
        return 0;
    answer = engine_give_up(engine, source, seqepoch, range, &count);
    if (answer || count == 0)
        return answer;
    source_name(engine->settings.keyring, source, name);
    snprintf(key, sizeof key, "refused %s", source);
    snprintf(text, sizeof text,
             "An event of the source %s was missing, was asked for, and is refused: %s.\n"
             "It will not be asked for again. The journal names it; the case system's supplier "
             "must know.\n",
             name, code);
    answer = engine_tell_operator(engine, key, "A missing event is refused", text);
    return answer ? answer : engine_take_up(engine, source, seqepoch, engine->now);
}

/* --- snapshots */

static int record_snapshot(struct engine *engine, const struct engine_snapshot *snapshot)
{
    json_t *payload = json_pack("{s:s,s:s,s:I,s:I}", "source", snapshot->source, "seqepoch",
                                snapshot->seqepoch, "sequence", (json_int_t)snapshot->sequence,
                                "values", (json_int_t)snapshot->values);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_record(engine, "snapshot", text) : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

/* It says how things stand, not how they came to stand so: what is missing up to it stays missing,
 * and is asked for as long as it can be had. */
int engine_take_snapshot(struct engine *engine, const struct engine_snapshot *snapshot)
{
    struct hearing self = { .engine = engine,
                            .source = snapshot->source,
                            .seqepoch = snapshot->seqepoch };
    struct sequence_decision sequence;
    int answer = begin_hearing(&self);

    if (answer)
        return answer;
    sequence = sequence_heartbeat(&self.mark, self.seqepoch, snapshot->sequence);
    if (sequence.answer != SEQUENCE_NEXT)
        answer = keep_mark(&self, &sequence, false);
    if (answer == 0 && sequence.answer != SEQUENCE_NEXT && self.is_known)
        answer = note_gap(engine, self.source, self.seqepoch, &sequence, GAP_BY_HEARTBEAT);
    self.progress.resync = INSTANT_NONE;
    if (answer == 0)
        answer = engine_store_answer(
            store_put_source(engine->settings.store, self.source, &self.progress));
    return answer ? answer : record_snapshot(engine, snapshot);
}
