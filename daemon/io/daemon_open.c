/* daemon_open.c - opens and closes everything the daemon is made of. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zmq.h>

#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

/* Older counts are no news any more. */
#define REFUSALS_REMEMBERED_US (90 * DAY_US)

/* --- the ways in */

static void tell_intake(void *context, int priority, const char *line)
{
    (void)context;
    if (priority <= JOURNAL_ERROR)
        journal_error(NULL, "%s", line);
    else if (priority == JOURNAL_WARNING)
        journal_warn(NULL, "%s", line);
    else
        journal_info(NULL, "%s", line);
}

static int open_intake(struct daemon *self, struct instant now)
{
    struct intake_settings settings = {
        .endpoint = self->settings->listen,
        .secret_key = self->server_key.text,
        .memory_limit = (size_t)self->settings->memory_limit * 1024 * 1024,
        .zap = self->zap,
        .keyring = self->keyring,
        .refusals = &self->refusals,
        .tell = tell_intake,
    };

    if (strcmp(self->settings->listen, "none") == 0 || !self->keyring)
        return 0;
    if (access(self->settings->server_key, F_OK) < 0) {
        journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOT_LISTENING }),
                     "%s is not there: not listening (concernctl keys make --server makes "
                     "one)",
                     self->settings->server_key);
        return 0;
    }
    if (secret_read_curve(self->settings->server_key, &self->server_key) < 0)
        return 1;
    return intake_open(self->zmq, &settings, now, &self->intake) < 0 ? 1 : 0;
}

static int open_replay(struct daemon *self, const struct feed_setting *setting, size_t index,
                       const char *secret_key, struct replay **replay)
{
    struct replay_settings settings = {
        .feed = (unsigned)index,
        .name = setting->name,
        .endpoint = setting->replay_endpoint,
        .server_key = setting->server_key,
        .secret_key = secret_key,
        .tell = tell_intake,
    };

    return replay_open(self->zmq, &settings, replay);
}

static int open_feed(struct daemon *self, const struct feed_setting *setting, size_t index,
                     struct feed **feed, struct replay **replay)
{
    struct secret secret = { "" };
    struct feed_settings settings = {
        .name = setting->name,
        .endpoint = setting->endpoint,
        .server_key = setting->server_key,
        .secret_key = secret.text,
        .sources = setting->sources,
        .source_count = setting->source_count,
        .boards = setting->boards,
        .board_count = setting->board_count,
        .topic = setting->topic,
        .max_silence_s = (unsigned)(setting->max_silence_us / SECOND_US),
        .assurance = setting->best_effort ? FEED_BEST_EFFORT : FEED_SEQUENCED,
        .tell = tell_intake,
    };
    int error;

    if (secret_read_curve(setting->secret_key_file, &secret) < 0)
        return 1;
    error = feed_open(self->zmq, &settings, (unsigned)index, clock_now(self->clock), feed);
    if (error == 0 && *setting->replay_endpoint)
        error = open_replay(self, setting, index, secret.text, replay);
    secret_wipe(&secret);
    return error < 0 ? 1 : 0;
}

static void close_feeds(struct feed **feeds, struct replay **replays, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        feed_close(&feeds[i]);
        replay_close(&replays[i]);
    }
}

int daemon_open_feeds(struct daemon *self, const struct settings *settings,
                      struct fresh_feeds *fresh)
{
    *fresh = (struct fresh_feeds){ .count = settings->feed_count };
    for (size_t i = 0; i < settings->feed_count; i++)
        if (open_feed(self, &settings->feeds[i], i, &fresh->feeds[i], &fresh->replays[i]) != 0) {
            daemon_close_feeds(fresh);
            return 1;
        }
    return 0;
}

void daemon_close_feeds(struct fresh_feeds *fresh)
{
    close_feeds(fresh->feeds, fresh->replays, fresh->count);
    *fresh = (struct fresh_feeds){ 0 };
}

void daemon_use_feeds(struct daemon *self, struct fresh_feeds *fresh)
{
    close_feeds(self->feeds, self->replays, self->feed_count);
    memcpy(self->feeds, fresh->feeds, sizeof fresh->feeds);
    memcpy(self->replays, fresh->replays, sizeof fresh->replays);
    memset(self->catching_up, 0, sizeof self->catching_up);
    memset(self->feed_silence, 0, sizeof self->feed_silence);
    self->feed_count = fresh->count;
    self->feeds_recorded = false;
    *fresh = (struct fresh_feeds){ 0 };
    /* What an old feed said and no turn could keep is seen as a gap. */
    while (self->turn && self->turn->message_count > 0)
        feed_message_close(&self->turn->messages[--self->turn->message_count]);
    if (self->turn)
        self->turn->message_taken = 0;
}

static int open_ways_in(struct daemon *self)
{
    struct instant now = clock_now(self->clock);
    struct fresh_feeds feeds;
    int answer;

    self->zmq = zmq_ctx_new();
    if (!self->zmq)
        return 1;
    if (zap_open(self->zmq, WIRE_ZAP_DOMAIN, tell_intake, NULL, &self->zap) < 0)
        return 1;
    answer = open_intake(self, now);
    if (answer == 0)
        answer = daemon_open_feeds(self, self->settings, &feeds);
    if (answer == 0)
        daemon_use_feeds(self, &feeds);
    return answer;
}

/* --- store and clock */

static int open_clock(struct daemon *self)
{
    struct policy_view view;
    const struct procedure *first = policy_procedure(self->policy, 0);
    struct instant start;
    uint32_t speed;

    if (!self->options.clock)
        return clock_open_real(&self->clock) < 0 ? 1 : 0;
    if (first && policy_view(self->policy, first->id, &view) == POLICY_OK &&
        clock_setting_read(self->options.clock, view.time.zone, &start, &speed))
        return clock_open_lapse(start, speed, &self->clock) < 0 ? 1 : 0;
    fprintf(stderr,
            "concernd: --clock %s cannot be read (START[xSPEED], as "
            "2026-12-18T16:58:00Zx50000)\n",
            self->options.clock);
    return 2;
}

/* What is kept free for a full disk: of a small disk no more than a sixteenth, or it would be
 * "short" from the first day. */
static uint64_t reserve_on(const char *directory)
{
    char name[PATH_MAX];
    struct statvfs disk;
    uint64_t most;

    snprintf(name, sizeof name, "%s", directory);
    if (access(name, F_OK) < 0 && statvfs(dirname(name), &disk) < 0)
        return STORE_RESERVE_BYTES; /* store_open says what is wrong */
    if (access(directory, F_OK) == 0 && statvfs(directory, &disk) < 0)
        return STORE_RESERVE_BYTES;
    most = (uint64_t)disk.f_blocks * disk.f_frsize / 16;
    return most < STORE_RESERVE_BYTES ? most : STORE_RESERVE_BYTES;
}

static int open_store(struct daemon *self)
{
    struct store_settings settings = {
        .directory = self->options.state ? self->options.state : self->settings->state,
        .trial = self->options.clock != NULL,
        .now = clock_now(self->clock),
    };
    int answer;

    if (!self->options.clock)
        settings.reserve_bytes = reserve_on(settings.directory);
    answer = store_open(&settings, &self->store);

    if (answer == STORE_OK)
        return bounce_key_open(self->store, &self->bounce_key) == 0 &&
                       store_load_refusals(
                           self->store,
                           (struct instant){ settings.now.us - REFUSALS_REMEMBERED_US },
                           &self->refusals) == STORE_OK
                   ? 0
                   : 1;
    if (answer == STORE_NOT_TRIAL)
        fprintf(stderr,
                "concernd: %s holds real disagreements: --clock is refused (give a "
                "directory of its own with --state)\n",
                settings.directory);
    else if (answer == STORE_IS_TRIAL)
        fprintf(stderr,
                "concernd: %s is a trial store, made with --clock: it cannot be used for "
                "real disagreements (give another directory)\n",
                settings.directory);
    return 1;
}

static int open_engine(struct daemon *self)
{
    struct engine_settings settings = {
        .store = self->store,
        .policy = self->policy,
        .keyring = self->keyring,
        .mail_from = self->settings->mail.from,
        .bounce_key = &self->bounce_key,
        .retry_us = self->settings->retry_us,
        .escalation = self->settings->escalation,
        .acknowledge = { self->settings->acknowledge.url, self->settings->acknowledge.within_us },
        .gap_operator_us = self->settings->gap_operator_us,
        .gap_board_us = self->settings->gap_board_us,
        .refused = daemon_count_refusal,
        .refused_context = self,
    };

    return engine_open(&settings, &self->engine) < 0 ? 1 : 0;
}

static int open_dispatcher(struct daemon *self)
{
    struct dispatch_settings settings;
    int answer = daemon_read_dispatch(self, self->settings, self->policy, &settings);

    if (answer == 0)
        answer = dispatcher_open(&settings, &self->dispatcher) != 0;
    daemon_wipe_dispatch(&settings);
    return answer;
}

int daemon_open_all(struct daemon *self)
{
    int answer = open_clock(self);

    if (answer == 0)
        answer = open_store(self);
    if (answer == 0)
        answer = open_engine(self);
    if (answer == 0)
        answer = control_open(self->settings->control, daemon_answer, self, &self->control) < 0;
    if (answer == 0)
        daemon_open_bounces(self);
    if (answer == 0)
        answer = open_dispatcher(self);
    if (answer == 0)
        answer = daemon_open_pages(self);
    if (answer == 0)
        answer = open_ways_in(self);
    return answer;
}

void daemon_close_all(struct daemon *self)
{
    dispatcher_close(&self->dispatcher);
    close_feeds(self->feeds, self->replays, self->feed_count);
    intake_close(&self->intake);
    probe_end(&self->door.probe);
    /* A handler that has failed may never end; the process does. */
    if (!self->door.failed) {
        zap_close(&self->zap);
        if (self->zmq)
            zmq_ctx_term(self->zmq);
    }
    self->zmq = NULL;
    daemon_close_pages(self);
    control_close(&self->bounces);
    control_close(&self->control);
    engine_close(&self->engine);
    store_close(&self->store);
    clock_close(&self->clock);
    keyring_close(&self->keyring);
    policy_close(&self->policy);
    settings_close(&self->settings_file);
    secret_wipe(&self->server_key);
    explicit_bzero(&self->bounce_key, sizeof self->bounce_key);
}
