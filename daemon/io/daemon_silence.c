/* daemon_silence.c - who promised to be heard, and is not.
 *
 * A feed by its heartbeats, a key of the acknowledged plane by any message (PING is one) where its
 * entry in the keyring gives max_silence.  What was told is in the store, so that a restart tells
 * nothing twice.  A silence changes no disagreement.
 */
#include <stdio.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

enum { KEYS_LOOK_MS = 1000 };

/* Whose silence it is, in words. */
struct quiet {
    const char *kind; /* "feed", "key" */
    const char *name; /* as people know it */
    const char *id;   /* in the store: with the kind it is unique */
    bool is_silent;   /* longer than it promised */
    bool is_heard;    /* since we began to listen */
    struct instant heard;
    bool best_effort;
};

static int read_told(struct daemon *self, const char *name, enum silence *silence)
{
    char since[STORE_META_SIZE] = "";
    int answer = store_get_meta(self->store, name, since);

    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    *silence = since[0] ? SILENCE_TOLD : SILENCE_NOT;
    return 0;
}

static int tell(struct turn *turn, const struct quiet *quiet, const char *subject, const char *text)
{
    char key[200], since[ZONE_TIME_SIZE];

    instant_write_utc(quiet->heard, since);
    snprintf(key, sizeof key, "%s %s %s since %s", quiet->kind, quiet->id,
             quiet->is_silent ? "silent" : "heard", since);
    return engine_tell_operator(turn->daemon->engine, key, subject, text);
}

static int tell_silent(struct turn *turn, const struct quiet *quiet)
{
    char text[700], since[ZONE_TIME_SIZE];

    instant_write_utc(quiet->heard, since);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_FEED_SILENT }, { "FEED", quiet->name }),
                 "%s %s has fallen silent", quiet->kind, quiet->name);
    snprintf(text, sizeof text,
             "Nothing is heard of the %s %s since %s, not even heartbeats.\n"
             "As long as this lasts, nothing its case system raises or resolves is known here;\n"
             "deadlines and notifications of what is known go on.\n"
             "See that it runs, that its endpoint can be reached, and that no key has changed.\n%s",
             quiet->kind, quiet->name, since,
             quiet->best_effort ? "It is heard at best effort: what it said meanwhile is lost.\n"
                                : "");
    return tell(turn, quiet,
                strcmp(quiet->kind, "feed") == 0 ? "A feed is silent" : "A case system is silent",
                text);
}

static int tell_heard(struct turn *turn, const struct quiet *quiet)
{
    char text[500];

    journal_notice(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_FEED_BACK }, { "FEED", quiet->name }),
                   "%s %s is heard again", quiet->kind, quiet->name);
    snprintf(
        text, sizeof text, "The %s %s is heard again.\n%s", quiet->kind, quiet->name,
        quiet->best_effort
            ? "It is heard at best effort: what it said meanwhile is lost. Ask its operator.\n"
            : "What it said meanwhile is seen by its numbers, and told of where it is missing.\n");
    return tell(turn, quiet,
                strcmp(quiet->kind, "feed") == 0 ? "A feed is heard again"
                                                 : "A case system is heard again",
                text);
}

/* After a restart it is neither silent nor heard until one or the other shows. */
static int judge(struct turn *turn, const struct quiet *quiet, enum silence *silence)
{
    struct daemon *self = turn->daemon;
    char name[ID_MAX + 32], since[ZONE_TIME_SIZE];
    bool is_over;
    int error = 0;

    snprintf(name, sizeof name, "silent %s %s", quiet->kind, quiet->id);
    if (*silence == SILENCE_UNREAD)
        error = read_told(self, name, silence);
    is_over = *silence == SILENCE_TOLD && !quiet->is_silent && quiet->is_heard;
    if (error || (!is_over && !(*silence == SILENCE_NOT && quiet->is_silent)))
        return error;
    instant_write_utc(quiet->heard, since);
    error = daemon_begin(turn);
    if (error == 0)
        error = is_over ? tell_heard(turn, quiet) : tell_silent(turn, quiet);
    if (error == 0)
        error = engine_store_answer(store_put_meta(self->store, name, is_over ? "" : since));
    if (error == 0)
        *silence = is_over ? SILENCE_NOT : SILENCE_TOLD;
    return error;
}

static int watch_feeds(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error = 0;

    for (size_t i = 0; i < self->feed_count && error == 0; i++) {
        const struct feed *feed = self->feeds[i];
        struct feed_counts counts = feed_counts(feed);
        struct quiet quiet = {
            .kind = "feed",
            .name = feed_name(feed),
            .id = feed_name(feed),
            .is_silent = feed_is_silent(feed, clock_now(self->clock)),
            .is_heard = counts.taken + counts.heartbeats > 0,
            .heard = feed_last_heard(feed),
            .best_effort = feed_assurance(feed) == FEED_BEST_EFFORT,
        };

        error = judge(turn, &quiet, &self->feed_silence[i]);
    }
    return error;
}

static int watch_key(struct turn *turn, size_t index)
{
    struct daemon *self = turn->daemon;
    const struct principal *principal = keyring_at(self->keyring, index);
    struct keyring_hearing *hearing = keyring_hearing(self->keyring, index);
    struct instant now = clock_now(self->clock);
    struct quiet quiet = {
        .kind = "key",
        .name = principal->name,
        .id = principal->key,
        .is_heard = !instant_is_none(hearing->heard),
        .heard = instant_is_none(hearing->heard) ? self->policy_loaded : hearing->heard,
    };
    enum silence silence = (enum silence)hearing->told;
    int error;

    /* A key that is not live says nothing, and needs not. */
    if (principal->max_silence_us == 0 || !keyring_live(self->keyring, principal->key, now))
        return 0;
    quiet.is_silent = now.us - quiet.heard.us > principal->max_silence_us;
    error = judge(turn, &quiet, &silence);
    hearing->told = silence;
    return error;
}

static int watch_keys(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t now_ms = clock_monotonic_ms();
    int error = 0;

    if (!self->keyring || now_ms - self->keys_looked_ms < KEYS_LOOK_MS)
        return 0;
    self->keys_looked_ms = now_ms;
    for (size_t i = 0; i < keyring_count(self->keyring) && error == 0; i++)
        error = watch_key(turn, i);
    return error;
}

int daemon_watch_silence(struct turn *turn)
{
    int error = watch_feeds(turn);

    return error ? error : watch_keys(turn);
}

void daemon_set_back_silence(struct daemon *self)
{
    struct instant now = clock_now(self->clock);

    for (size_t i = 0; i < self->feed_count; i++)
        feed_set_back(self->feeds[i], now);
    if (self->keyring)
        keyring_set_back(self->keyring, now);
    if (self->policy_loaded.us > now.us) /* keys that were not heard yet are counted from then */
        self->policy_loaded = now;
}

void daemon_forget_silence(struct daemon *self)
{
    memset(self->feed_silence, 0, sizeof self->feed_silence);
    for (size_t i = 0; self->keyring && i < keyring_count(self->keyring); i++)
        keyring_hearing(self->keyring, i)->told = SILENCE_UNREAD;
}
