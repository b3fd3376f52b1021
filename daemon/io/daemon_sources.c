/* daemon_sources.c - what concernctl is told of feeds and sources. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "io/daemon_answering.h"

enum { SOURCES_UNHEARD_MAX = 256 /* keys whose silent sources are looked for */ };

/* --- feeds */

static const char *assurance_of(const struct feed *feed)
{
    return feed_assurance(feed) == FEED_BEST_EFFORT ? "best-effort" : "sequenced";
}

static json_t *json_replay(const struct replay *replay)
{
    struct replay_counts counts;

    if (!replay)
        return json_null();
    counts = replay_counts(replay);
    return json_pack("{s:I,s:I,s:I,s:I}", "asked", (json_int_t)counts.asked, "events",
                     (json_int_t)counts.events, "failed", (json_int_t)counts.failed, "refused",
                     (json_int_t)counts.refused);
}

json_t *answering_feeds(const struct daemon *daemon)
{
    json_t *list = json_array();

    for (size_t i = 0; i < daemon->feed_count; i++) {
        const struct feed *feed = daemon->feeds[i];
        struct feed_counts counts = feed_counts(feed);

        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:o,s:b,s:I,s:I,s:o}", "feed", feed_name(feed),
                            "assurance", assurance_of(feed), "state", daemon_feed_state(daemon, i),
                            "last_heard", answering_instant(feed_last_heard(feed)), "silent",
                            daemon->feed_silence[i] == SILENCE_TOLD, "events",
                            (json_int_t)counts.taken, "refused",
                            (json_int_t)(counts.malformed + counts.wrong_source + counts.refused),
                            "replay", json_replay(daemon->replays[i])));
    }
    return list;
}

/* --- sources */

/* One source while it is answered. */
struct source_answer {
    struct answering *answering;
    const char *source;
    const struct principal *principal; /* whose it is; NULL: nobody's any more */
    const struct feed *feed;           /* by which it comes; NULL: the acknowledged plane */
    size_t feed_index;
};

static json_t *json_refusals_of(const struct daemon *daemon, const struct principal *principal)
{
    const struct refusal *rows = daemon->refusals.rows;
    json_t *object = json_object();

    for (size_t i = 0; principal && i < daemon->refusals.count; i++)
        if (strcmp(rows[i].key, principal->key) == 0)
            json_object_set_new(object, rows[i].code, json_integer((json_int_t)rows[i].count));
    return object;
}

static const char *owner_of(const struct principal *principal)
{
    if (!principal)
        return "";
    return principal->agency[0] ? principal->agency : principal->board;
}

/* The last heartbeat that named the source; INSTANT_NONE. */
static struct instant beat_of(const struct feed *feed, const char *source)
{
    const struct feed_beat *beat;

    for (size_t i = 0; feed && (beat = feed_beat(feed, i)); i++)
        if (strcmp(beat->source, source) == 0)
            return beat->heard;
    return INSTANT_NONE;
}

static struct instant later(struct instant one, struct instant other)
{
    if (instant_is_none(one) || (!instant_is_none(other) && other.us > one.us))
        return other;
    return one;
}

static json_t *json_sequence(const struct sequence_mark *mark)
{
    char text[SEQUENCE_DIGITS + 1];

    if (!mark->known)
        return json_null();
    sequence_write(mark->high, text);
    return json_string(text);
}

static const char *assurance_in_words(const struct source_answer *self,
                                      const struct source_progress *progress)
{
    if (progress->best_effort || (self->feed && feed_assurance(self->feed) == FEED_BEST_EFFORT))
        return "best-effort";
    return self->feed || progress->feed[0] ? "sequenced" : "acknowledged";
}

/* Its key promised to be heard, and people were told that it is not. */
static bool is_down(const struct daemon *daemon, const struct principal *principal)
{
    for (size_t i = 0; principal && daemon->keyring && i < keyring_count(daemon->keyring); i++)
        if (keyring_at(daemon->keyring, i) == principal)
            return keyring_hearing(daemon->keyring, i)->told == SILENCE_TOLD;
    return false;
}

json_t *answering_silent_keys(const struct daemon *daemon)
{
    json_t *list = json_array();

    for (size_t i = 0; daemon->keyring && i < keyring_count(daemon->keyring); i++)
        if (keyring_hearing(daemon->keyring, i)->told == SILENCE_TOLD)
            json_array_append_new(list, json_string(keyring_at(daemon->keyring, i)->name));
    return list;
}

static bool say_source_line(const struct source_answer *self, const struct source_row *row)
{
    const struct daemon *daemon = self->answering->daemon;
    const struct source_progress *progress = &row->progress;
    char plane[ID_MAX + 8] = "acknowledged";
    json_t *object;

    if (self->feed || progress->feed[0])
        snprintf(plane, sizeof plane, "feed %s",
                 self->feed ? feed_name(self->feed) : progress->feed);
    object =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "source", self->source, "owner",
                  owner_of(self->principal), "key", self->principal ? self->principal->name : "",
                  "plane", plane, "assurance", assurance_in_words(self, progress), "last_heard",
                  answering_instant(later(progress->last_heard, beat_of(self->feed, self->source))),
                  "last_sequence", json_sequence(&progress->mark), "seqepoch",
                  progress->mark.known ? json_string(progress->mark.seqepoch) : json_null());
    json_object_set_new(object, "gaps",
                        json_pack("{s:I,s:I,s:o,s:I}", "open", (json_int_t)row->gaps, "events",
                                  (json_int_t)row->missing, "oldest",
                                  answering_instant(row->oldest), "gone", (json_int_t)row->gone));
    json_object_set_new(object, "snapshot_wanted", answering_instant(progress->resync));
    json_object_set_new(object, "duplicates", json_integer((json_int_t)progress->duplicates));
    json_object_set_new(object, "refusals", json_refusals_of(daemon, self->principal));
    json_object_set_new(object, "state",
                        self->feed ? json_string(daemon_feed_state(daemon, self->feed_index))
                        : is_down(daemon, self->principal) ? json_string("down")
                                                           : json_null());
    return answering_say(self->answering, object);
}

static void find_feed(struct source_answer *self)
{
    const struct daemon *daemon = self->answering->daemon;

    for (size_t i = 0; i < daemon->feed_count && !self->feed; i++)
        if (feed_speaks_for(daemon->feeds[i], self->source)) {
            self->feed = daemon->feeds[i];
            self->feed_index = i;
        }
}

/* The sources that the store knows, so that what was configured and never spoke shows as such. */
struct listing {
    struct answering *answering;
    const char *looked_for; /* NULL: say them */
    bool found;
};

static bool take_row(void *context, const struct source_row *row)
{
    struct listing *listing = context;
    const struct keyring *keyring = listing->answering->daemon->keyring;
    struct source_answer self = { .answering = listing->answering, .source = row->source };

    if (listing->looked_for) {
        listing->found = wire_source_is_within(listing->looked_for, row->source);
        return !listing->found;
    }
    if (keyring && row->progress.key[0])
        self.principal = keyring_find(keyring, row->progress.key);
    if (row->progress.feed[0])
        find_feed(&self);
    return say_source_line(&self, row);
}

/* A source of the keyring at or beneath which nothing was ever heard. */
static int say_unheard(struct answering *answering, const struct principal *principal,
                       const char *source)
{
    struct listing listing = { .answering = answering, .looked_for = source };
    struct source_answer self = { answering, source, principal, NULL, 0 };
    struct source_row row = { .source = source,
                              .progress = { .last_heard = INSTANT_NONE, .resync = INSTANT_NONE },
                              .oldest = INSTANT_NONE };
    int answer = store_list_sources(answering->daemon->store, take_row, &listing);

    if (answer != STORE_OK || listing.found)
        return answer;
    find_feed(&self);
    if (self.feed && strcmp(feed_server_key(self.feed), principal->key) != 0)
        self.feed = NULL;
    say_source_line(&self, &row);
    return STORE_OK;
}

const char *answering_sources(struct answering *self)
{
    struct listing listing = { .answering = self };
    const struct keyring *keyring = self->daemon->keyring;
    int answer;

    self->going = true;
    answer = store_list_sources(self->daemon->store, take_row, &listing);
    for (size_t i = 0; keyring && i < keyring_count(keyring) && i < SOURCES_UNHEARD_MAX; i++) {
        const struct principal *principal = keyring_at(keyring, i);

        for (size_t j = 0; j < principal->sources.count && answer == STORE_OK && self->going; j++)
            answer = say_unheard(self, principal, principal->sources.items[j]);
    }
    return answer < 0 ? "the store cannot be read" : NULL;
}
