/* daemon_sources.c - what concernctl is told of feeds and sources. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "io/daemon_answering.h"

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
            list,
            json_pack("{s:s,s:s,s:s,s:o,s:b,s:I,s:I,s:o}", "feed", feed_name(feed), "assurance",
                      assurance_of(feed), "state", daemon_feed_state(daemon, i), "last_heard",
                      answering_instant(feed_last_heard(feed)), "silent",
                      daemon->feed_was_silent[i], "events", (json_int_t)counts.taken, "refused",
                      (json_int_t)(counts.malformed + counts.wrong_source + counts.refused),
                      "replay", json_replay(daemon->replays[i])));
    }
    return list;
}
