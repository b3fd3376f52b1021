/* daemon_feeds.c - what feeds bring, and what they are asked for. */
#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/source_name.h"

enum {
    FEED_BUDGET = 256,   /* messages of one feed in a turn */
    REPLAY_BUDGET = 128, /* answers of one replay endpoint in a turn */
    LOOK_MOST = 10000    /* gaps looked at for the next one to ask for */
};

/* --- events */

/* For whom a message may speak: as its feed was subscribed, and only for the source asked about. */
struct speaker {
    struct feed *feed;
    const char *source; /* NULL: nothing was asked */
};

static bool may_speak(void *context, const char *source, const char *board, const char **code)
{
    struct speaker *speaker = context;

    if (!feed_may(speaker->feed, source, board, code))
        return false;
    *code = WIRE_CODE_SOURCE;
    return !speaker->source || strcmp(speaker->source, source) == 0;
}

/* A feed's publisher has no answer to wait for: what is refused is logged and counted. */
static void count_refusal(struct daemon *self, const struct feed_message *message,
                          const struct engine_reply *reply, uint64_t wrong_before)
{
    struct feed *feed = self->feeds[message->feed];

    daemon_log_refusal(self, feed_server_key(feed), feed_name(feed), reply);
    if (feed_counts(feed).wrong_source == wrong_before)
        feed_count_refusal(feed);
    daemon_count_refusal(self, feed_server_key(feed), reply->nack.code);
}

/* What a snapshot raises is often known by another raise: then it says nothing new. */
static bool is_known(const struct feed_message *message, const struct answer_nack *nack)
{
    return message->saying == FEED_VALUE && strcmp(nack->code, WIRE_CODE_ID_REUSED) == 0;
}

static int take_event(struct daemon *self, const struct feed_message *message, const char *bytes,
                      size_t size)
{
    struct feed *feed = self->feeds[message->feed];
    bool is_asked = message->saying != FEED_EVENT;
    struct speaker speaker = { feed, is_asked ? message->asked.source : NULL };
    uint64_t wrong_before = feed_counts(feed).wrong_source;
    struct engine_input input = {
        .bytes = bytes,
        .size = size,
        .key = feed_server_key(feed),
        .feed = feed_name(feed),
        .may = may_speak,
        .may_context = &speaker,
        .best_effort = feed_assurance(feed) == FEED_BEST_EFFORT,
        .can_replay = self->replays[message->feed] != NULL,
        .is_replayed = is_asked,
        .of_snapshot = message->saying == FEED_VALUE,
        .received = message->received,
    };
    struct engine_reply reply = { 0 };
    struct replay_place place;
    int answer = engine_take(self->engine, &input, &reply);

    if (answer != ENGINE_REFUSED)
        return answer == ENGINE_TAKEN ? 0 : answer;
    if (is_known(message, &reply.nack))
        return 0;
    count_refusal(self, message, &reply, wrong_before);
    if (message->saying != FEED_REPLAYED || replay_read_place(bytes, size, &place) != REPLAY_OK)
        return 0;
    return engine_take_refused(self->engine, place.source, place.seqepoch, place.sequence,
                               reply.nack.code);
}

/* --- what is no event */

static int take_heartbeat(struct daemon *self, const struct feed_message *message)
{
    const struct feed *feed = self->feeds[message->feed];
    struct engine_heartbeat heartbeat = {
        .feed = feed_name(feed),
        .key = feed_server_key(feed),
        .source = message->source,
        .seqepoch = message->seqepoch,
        .last = message->last_sequence,
        .best_effort = feed_assurance(feed) == FEED_BEST_EFFORT,
        .can_replay = self->replays[message->feed] != NULL,
    };

    return engine_take_heartbeat(self->engine, &heartbeat);
}

/* One event, or a list of them about one disagreement; each is judged by itself. */
static int take_value(struct daemon *self, const struct feed_message *message)
{
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    struct event_reading reading = { .code = "" };
    struct engine_reply reply = { 0 };
    size_t count = 0;
    int answer = 0;

    if (!message->is_list)
        return take_event(self, message, message->body, message->size);
    if (cloudevent_batch_split(message->body, message->size, items, &count, &reading) !=
        CLOUDEVENT_OK) {
        snprintf(reply.nack.code, sizeof reply.nack.code, "%s", reading.code);
        snprintf(reply.nack.why, sizeof reply.nack.why, "%s", reading.why);
        count_refusal(self, message, &reply, feed_counts(self->feeds[message->feed]).wrong_source);
        return 0;
    }
    for (size_t i = 0; answer == 0 && i < count; i++)
        answer = take_event(self, message, message->body + items[i].offset, items[i].size);
    return answer;
}

static int take_snap(struct daemon *self, const struct feed_message *message)
{
    struct engine_snapshot snapshot = {
        .source = message->snap.source,
        .seqepoch = message->snap.seqepoch,
        .sequence = message->snap.sequence,
        .values = message->snap.values,
    };
    char name[SOURCE_NAME_SIZE];

    source_name(self->keyring, snapshot.source, name);
    journal_notice(JOURNAL({ "SOURCE", name }), "%s has told how its %llu open disagreements stand",
                   name, (unsigned long long)snapshot.values);
    return engine_take_snapshot(self->engine, &snapshot);
}

/* Whoever has nothing older than a number has none of the smaller ones either. */
static int take_gone(struct daemon *self, const struct feed_message *message)
{
    struct sequence_range range = { 0, message->asked.range.to };

    return engine_take_gone(self->engine, message->asked.source, message->asked.seqepoch, range,
                            true);
}

static int take_message(struct daemon *self, const struct feed_message *message)
{
    switch (message->saying) {
    case FEED_HEARTBEAT:
        return take_heartbeat(self, message);
    case FEED_VALUE:
        return take_value(self, message);
    case FEED_GONE:
        return take_gone(self, message);
    case FEED_SNAP:
        return take_snap(self, message);
    case FEED_EVENT:
    case FEED_REPLAYED:
    default:
        return take_event(self, message, message->body, message->size);
    }
}

/* --- hearing */

static void hear_feed(struct turn *turn, size_t index)
{
    struct daemon *self = turn->daemon;
    struct instant now = clock_now(self->clock);

    for (int budget = FEED_BUDGET; budget > 0 && turn->message_count < DAEMON_FEED_MESSAGES_MAX;
         budget--)
        if (feed_take(self->feeds[index], now, &turn->messages[turn->message_count]) == 1)
            turn->message_count++;
        else
            break;
}

static void hear_replay(struct turn *turn, size_t index)
{
    struct daemon *self = turn->daemon;
    struct replay *replay = self->replays[index];
    struct instant now = clock_now(self->clock);
    int64_t now_ms = clock_monotonic_ms();

    for (int budget = REPLAY_BUDGET; budget > 0 && turn->message_count < DAEMON_FEED_MESSAGES_MAX;
         budget--)
        if (replay_take(replay, now, now_ms, &turn->messages[turn->message_count]) == 1)
            turn->message_count++;
        else
            break;
}

static void hear_all(struct turn *turn)
{
    struct daemon *self = turn->daemon;

    for (size_t i = 0; i < self->feed_count; i++) {
        hear_feed(turn, i);
        if (self->replays[i])
            hear_replay(turn, i);
    }
}

/* What was heard is taken before more is: each feed has its share, however much another says.  A
 * turn takes as much as its time allows, at least one: others wait too. */
int daemon_take_feeds(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t until_ms = clock_monotonic_ms() + self->settings->turn_us / 1000;
    int error = 0;

    if (turn->message_count == 0)
        hear_all(turn);
    turn->message_taken = 0;
    while (turn->message_taken < turn->message_count && error == 0 &&
           (turn->message_taken == 0 || clock_monotonic_ms() <= until_ms)) {
        error = daemon_begin(turn);
        if (error == 0)
            error = take_message(self, turn->messages[turn->message_taken]);
        turn->message_taken += error == 0;
    }
    return error;
}

/* --- asking for what is missing */

/* What is missing of the sources of one feed, and which of it to ask for next: the gap after the
 * one asked for last, so that one that nobody fills keeps none from being filled. */
struct look {
    const struct feed *feed;
    int64_t after;
    unsigned seen; /* gaps of its sources */
    uint64_t missing;
    struct replay_request request, first;
    int64_t number, first_number; /* of the gap; 0: none */
    char resync[WIRE_SOURCE_MAX + 1];
};

static bool look_at_gap(void *context, const struct gap_row *gap)
{
    struct look *look = context;
    struct replay_request request = { .max = REPLAY_AT_ONCE };
    uint64_t count = gap->to - gap->from + 1;

    if (!feed_speaks_for(look->feed, gap->source))
        return true;
    look->missing = look->missing > SEQUENCE_MAX - count ? SEQUENCE_MAX : look->missing + count;
    if (++look->seen > LOOK_MOST && look->number)
        return false;
    if (look->number || (look->first_number && gap->number <= look->after))
        return true;
    snprintf(request.source, sizeof request.source, "%s", gap->source);
    snprintf(request.seqepoch, sizeof request.seqepoch, "%s", gap->seqepoch);
    request.range = (struct sequence_range){ gap->from, gap->to };
    if (count > REPLAY_AT_ONCE)
        request.range.to = gap->from + REPLAY_AT_ONCE - 1;
    if (!look->first_number) {
        look->first = request;
        look->first_number = gap->number;
    }
    if (gap->number > look->after) {
        look->request = request;
        look->number = gap->number;
    }
    return true;
}

static bool look_at_resync(void *context, const char *source)
{
    struct look *look = context;

    if (!feed_speaks_for(look->feed, source))
        return true;
    if (!look->resync[0])
        snprintf(look->resync, sizeof look->resync, "%s", source);
    look->missing += look->missing < SEQUENCE_MAX;
    return true;
}

static int look_around(struct daemon *self, size_t index, struct look *look)
{
    int answer;

    *look = (struct look){ .feed = self->feeds[index], .after = self->catching_up[index].gap };
    answer = store_list_gaps(self->store, NULL, false, look_at_gap, look);
    if (answer == STORE_OK)
        answer = store_list_resyncs(self->store, look_at_resync, look);
    if (!look->number) {
        look->number = look->first_number;
        look->request = look->first;
    }
    return answer < 0 ? answer : 0;
}

/* A snapshot is for what replaying did not bring: it comes when no gap is left that gets smaller.
 */
static void choose(const struct catching_up *catching_up, struct look *look)
{
    bool gap_first = look->number && !(catching_up->had_none && !catching_up->was_snapshot);

    if (!look->resync[0] || gap_first)
        return;
    look->request = (struct replay_request){ .snapshot = true };
    snprintf(look->request.source, sizeof look->request.source, "%s", look->resync);
}

static void note_ready(struct daemon *self, size_t index, bool is_ready)
{
    struct catching_up *catching_up = &self->catching_up[index];

    if (is_ready && !catching_up->is_ready)
        journal_notice(JOURNAL({ "FEED", feed_name(self->feeds[index]) }), "feed %s is ready",
                       feed_name(self->feeds[index]));
    catching_up->is_ready = is_ready;
}

static int ask(struct daemon *self, size_t index, struct look *look, int64_t now_ms)
{
    struct catching_up *catching_up = &self->catching_up[index];
    int answer;

    choose(catching_up, look);
    answer = replay_ask(self->replays[index], &look->request, now_ms);
    if (answer == 0) {
        catching_up->is_asked = true;
        catching_up->was_snapshot = look->request.snapshot;
        catching_up->missing = look->missing;
        if (!look->request.snapshot)
            catching_up->gap = look->number;
    }
    return answer < 0 ? answer : 0;
}

/* The socket is what it is while it is asked; a failure of its own is tried again like any. */
static int ask_replay(struct daemon *self, size_t index, int64_t now_ms)
{
    struct catching_up *catching_up = &self->catching_up[index];
    struct replay *replay = self->replays[index];
    uint64_t changes = engine_gap_changes(self->engine);
    bool is_news = !catching_up->looked || catching_up->seen_changes != changes;
    struct look look;
    int error;

    if (replay_is_busy(replay) || (!is_news && !catching_up->is_asked && catching_up->missing == 0))
        return 0;
    if (!catching_up->is_asked && !replay_is_ready(replay, now_ms))
        return 0;
    if ((error = look_around(self, index, &look)) < 0)
        return error;
    catching_up->looked = true;
    catching_up->seen_changes = changes;
    if (catching_up->is_asked) {
        catching_up->had_none = look.missing >= catching_up->missing;
        if (replay_is_ready(replay, now_ms)) /* else it failed, and waits already */
            replay_note_progress(replay, !catching_up->had_none, now_ms);
        catching_up->is_asked = false;
    }
    catching_up->missing = look.missing;
    if (look.missing == 0 || !replay_is_ready(replay, now_ms))
        return 0;
    (void)ask(self, index, &look, now_ms);
    return 0;
}

int daemon_ask_replays(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t now_ms = clock_monotonic_ms();
    int error = 0;

    if (turn->message_count > 0) /* heard and not taken yet, or of a turn that was rolled back */
        return 0;
    for (size_t i = 0; error == 0 && i < self->feed_count; i++) {
        bool heard = feed_counts(self->feeds[i]).heartbeats > 0;

        if (self->replays[i])
            error = ask_replay(self, i, now_ms);
        note_ready(self, i, heard && (!self->replays[i] || self->catching_up[i].missing == 0));
    }
    return error;
}

const char *daemon_feed_state(const struct daemon *self, size_t index)
{
    if (self->feed_silence[index] == SILENCE_TOLD)
        return "down";
    if (feed_assurance(self->feeds[index]) == FEED_BEST_EFFORT)
        return "best-effort";
    if (self->catching_up[index].is_ready)
        return "ready";
    return feed_counts(self->feeds[index]).heartbeats > 0 ? "catching up" : "waiting";
}

/* --- the record */

/* What is promised of each feed stands in the record, once for every change of it. */
int daemon_record_feeds(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    json_t *list;
    char *text;
    int error = 0;

    if (self->feeds_recorded)
        return 0;
    list = json_array();
    for (size_t i = 0; i < self->feed_count; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "feed", feed_name(self->feeds[i]), "assurance",
                            feed_assurance(self->feeds[i]) == FEED_BEST_EFFORT ? "best-effort"
                                                                               : "sequenced",
                            "replay", self->replays[i] != NULL));
    text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text)
        return -ENOMEM;
    if (self->feed_count > 0)
        error = daemon_begin(turn);
    if (error == 0 && self->feed_count > 0)
        error = engine_record(self->engine, "feeds", text);
    free(text);
    self->feeds_recorded = error == 0;
    return error;
}

/* --- memory */

void daemon_reset_feeds(struct daemon *self)
{
    for (size_t i = 0; i < self->feed_count; i++) {
        feed_reset(self->feeds[i]);
        if (self->replays[i])
            replay_reset(self->replays[i], clock_monotonic_ms());
    }
}

void daemon_watch_memory(struct daemon *self)
{
    int64_t now_ms = clock_monotonic_ms();
    size_t resident;

    if (self->intake || self->feed_count == 0 || now_ms - self->fuse_looked_ms < INTAKE_WATCH_MS)
        return;
    self->fuse_looked_ms = now_ms;
    self->fuse.limit = (size_t)self->settings->memory_limit * 1024 * 1024;
    if (fuse_is_cooling(&self->fuse))
        malloc_trim(0);
    resident = fuse_resident();
    if (!fuse_blows(&self->fuse, resident))
        return;
    journal_error(NULL,
                  "memory fuse: %zu MiB resident, the limit is %zu; the feeds are opened anew",
                  resident >> 20, self->fuse.limit >> 20);
    daemon_reset_feeds(self);
    malloc_trim(0);
}
