/* settings_feeds.c - the feeds of concernd.yaml: case systems that only publish. */
#include "policy/settings_reader.h"

#include <string.h>

enum { KEY_LETTERS = 40 /* of a CURVE key in Z85 */ };

struct raw_feed {
    const char *name, *endpoint, *server_key, *secret_key, *topic, *replay_endpoint;
    struct yaml_texts sources, boards;
    int64_t max_silence_us;
    int assurance;
};

static const char *const assurances[] = { "sequenced", "best-effort", NULL };

#define FEED(field) offsetof(struct raw_feed, field)

/* clang-format off */
static const struct yaml_key feed_keys[] = {
    { "name",        YAML_KEY_ID,       FEED(name),           true,  0, 0,   NULL },
    { "endpoint",    YAML_KEY_TEXT,     FEED(endpoint),       true,  1, 200, NULL },
    { "server_key",  YAML_KEY_TEXT,     FEED(server_key),     true,  1, 100, NULL },
    { "secret_key",  YAML_KEY_TEXT,     FEED(secret_key),     true,  1, SETTINGS_PATH_SIZE, NULL },
    { "sources",     YAML_KEY_TEXTS,    FEED(sources),        true,  1, 64,  NULL },
    { "boards",      YAML_KEY_TEXTS,    FEED(boards),         false, 1, 64,  NULL },
    { "topic",       YAML_KEY_TEXT,     FEED(topic),          false, 1, 200, NULL },
    { "replay_endpoint", YAML_KEY_TEXT, FEED(replay_endpoint), false, 1, 200, NULL },
    { "max_silence", YAML_KEY_DURATION, FEED(max_silence_us), false, SECOND_US, DAY_US, NULL },
    { "assurance",   YAML_KEY_CHOICE,   FEED(assurance),      false, 0, 0,   assurances },
};
/* clang-format on */

static bool is_z85(const char *text)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-:+=^!/*?&<>()[]{}@%$#";

    return strlen(text) == KEY_LETTERS && strspn(text, letters) == KEY_LETTERS;
}

static void read_feed(struct settings_reader *reader, const struct yaml_node *at,
                      struct feed_setting *feed)
{
    struct raw_feed raw = { .topic = "con.", .replay_endpoint = "" };

    if (yaml_record(&reader->source, at, feed_keys, COUNT_OF(feed_keys), &raw)) {
        reader->faulty = true;
        return;
    }
    *feed = (struct feed_setting){ .name = raw.name,
                                   .endpoint = raw.endpoint,
                                   .server_key = raw.server_key,
                                   .secret_key_file = settings_path(reader, raw.secret_key),
                                   .sources = raw.sources.list,
                                   .source_count = raw.sources.count,
                                   .boards = raw.boards.list,
                                   .board_count = raw.boards.count,
                                   .topic = raw.topic,
                                   .replay_endpoint = raw.replay_endpoint,
                                   .max_silence_us = raw.max_silence_us,
                                   .best_effort = raw.assurance == 1 };
    if (!is_z85(raw.server_key))
        settings_fault(reader, yaml_get(at, "server_key"), "no public key", raw.server_key,
                       "40 letters of Z85");
    if (!settings_begins_with(raw.endpoint, "tcp://"))
        settings_fault(reader, yaml_get(at, "endpoint"), "no endpoint", raw.endpoint,
                       "tcp://HOST:PORT");
    if (*raw.replay_endpoint && !settings_begins_with(raw.replay_endpoint, "tcp://"))
        settings_fault(reader, yaml_get(at, "replay_endpoint"), "no endpoint", raw.replay_endpoint,
                       "tcp://HOST:PORT");
    if (*raw.replay_endpoint && feed->best_effort)
        settings_fault(reader, yaml_get(at, "replay_endpoint"), "a replay of a best-effort feed",
                       raw.replay_endpoint,
                       "without numbers nothing can be asked for; leave one out");
}

void settings_read_feeds(struct settings_reader *reader, const struct yaml_node *list)
{
    struct feed_setting *feeds = arena_take(reader->source.arena, list->count * sizeof *feeds);

    for (size_t i = 0; feeds && i < list->count; i++) {
        read_feed(reader, &list->items[i], &feeds[i]);
        for (size_t j = 0; feeds[i].name && j < i; j++) {
            if (feeds[j].name && !strcmp(feeds[i].name, feeds[j].name))
                settings_fault(reader, yaml_get(&list->items[i], "name"), "a name used twice",
                               feeds[i].name, "each feed has its own");
        }
    }
    reader->settings->feeds = feeds;
    reader->settings->feed_count = feeds ? list->count : 0;
}
