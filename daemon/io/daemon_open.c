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

#include "core/breaker.h"
#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/transfer.h"

/* The least that an answer over the network is given on a clock that lapses. */
enum { LAPSED_LEAST_MS = 5000 };

/* Older counts are no news any more. */
#define REFUSALS_REMEMBERED_US (90 * DAY_US)

/* --- the dispatcher */

static int bad_secret(const struct endpoint_setting *setting, const char *name, const char *right)
{
    journal_error(JOURNAL({ "ENDPOINT", setting->id }), "the secret %s is not %s", name, right);
    return 1;
}

static int read_signing(const struct daemon *self, const struct endpoint_setting *setting,
                        const char *name, struct endpoint *endpoint)
{
    struct secret secret = { "" };
    int answer;

    if (secret_read_named(self->settings->secrets, name, &secret) < 0)
        return 1;
    answer = signature_secret_read(secret.text, &endpoint->secrets[endpoint->secret_count]);
    secret_wipe(&secret);
    if (answer != SIGNATURE_OK)
        return bad_secret(setting, name, "whsec_ and base64 of 24 to 64 bytes");
    endpoint->secret_count++;
    return 0;
}

/* The address of a Teams workflow ends in a signature: whoever knows it may post. */
static int read_workflow(const struct daemon *self, const struct endpoint_setting *setting,
                         struct endpoint *endpoint)
{
    struct secret secret = { "" };

    if (secret_read_named(self->settings->secrets, setting->secret, &secret) < 0)
        return 1;
    snprintf(endpoint->url, sizeof endpoint->url, "%s", secret.text);
    secret_wipe(&secret);
    return strncmp(endpoint->url, "https://", 8) == 0
               ? 0
               : bad_secret(setting, setting->secret, "the https address of a workflow");
}

static int read_govuk(const struct daemon *self, const struct endpoint_setting *setting,
                      struct endpoint *endpoint)
{
    struct secret secret = { "" };
    struct govuk_key key;
    bool read;

    if (secret_read_named(self->settings->secrets, setting->secret, &secret) < 0)
        return 1;
    read = govuk_key_read(secret.text, &key);
    secret_wipe(&secret);
    if (!read)
        return bad_secret(setting, setting->secret,
                          "an API key of GOV.UK Notify (NAME-SERVICE-SECRET, two ids of 36 "
                          "characters behind the name)");
    memcpy(endpoint->service, key.service, sizeof endpoint->service);
    endpoint->secrets[0] = key.secret;
    endpoint->secret_count = 1;
    signature_wipe(&key.secret);
    return 0;
}

static int read_secrets(const struct daemon *self, const struct endpoint_setting *setting,
                        struct endpoint *endpoint)
{
    int answer;

    switch (setting->kind) {
    case ENDPOINT_TEAMS:
        return read_workflow(self, setting, endpoint);
    case ENDPOINT_GOVUK_NOTIFY:
        return read_govuk(self, setting, endpoint);
    case ENDPOINT_WEBHOOK:
    default:
        answer = read_signing(self, setting, setting->secret, endpoint);
        return answer || !setting->previous_secret
                   ? answer
                   : read_signing(self, setting, setting->previous_secret, endpoint);
    }
}

/* The key is the file `key_file`, or where that is "" the secret of this name. */
static int read_certificate(const struct daemon *self, const char *certificate,
                            const char *key_file, const char *name, struct client_certificate *own)
{
    snprintf(own->certificate, sizeof own->certificate, "%s", certificate);
    snprintf(own->key, sizeof own->key, "%s", key_file);
    if (!key_file[0] && secret_path(self->settings->secrets, name, own->key, sizeof own->key) < 0)
        return 1;
    return client_certificate_check(own) < 0 ? 1 : 0;
}

static int read_endpoint(const struct daemon *self, const struct endpoint_setting *setting,
                         struct endpoint *endpoint)
{
    int answer;

    memset(endpoint, 0, sizeof *endpoint);
    endpoint->kind = setting->kind;
    snprintf(endpoint->id, sizeof endpoint->id, "%s", setting->id);
    snprintf(endpoint->url, sizeof endpoint->url, "%s", setting->url ? setting->url : "");
    snprintf(endpoint->ca_file, sizeof endpoint->ca_file, "%s", setting->ca ? setting->ca : "");
    answer = read_secrets(self, setting, endpoint);
    if (answer == 0 && setting->certificate)
        answer = read_certificate(self, setting->certificate, "", setting->key, &endpoint->own);
    if (answer)
        return answer;
    for (size_t i = 0; i < setting->allow_count && i < DISPATCH_ALLOW_MAX; i++)
        if (address_range_read(setting->allow[i], &endpoint->allow[endpoint->allow_count++]) !=
            ADDRESS_OK) {
            journal_error(JOURNAL({ "ENDPOINT", setting->id }),
                          "allow: %s is no range of addresses (10.0.0.0/8)", setting->allow[i]);
            return 1;
        }
    return 0;
}

static int read_password(const struct settings *settings, struct secret *password)
{
    if (settings->mail.password_file[0])
        return secret_read(settings->mail.password_file, password);
    return settings->mail.user[0] ? secret_read_named(settings->secrets, "mail-password", password)
                                  : 0;
}

static int read_mail(const struct daemon *self, struct mail_settings *mail)
{
    const struct settings *settings = self->settings;
    struct secret password = { "" };
    int answer = 0;

    snprintf(mail->url, sizeof mail->url, "%s", settings->mail.url);
    snprintf(mail->user, sizeof mail->user, "%s", settings->mail.user);
    snprintf(mail->ca_file, sizeof mail->ca_file, "%s", settings->mail.ca);
    snprintf(mail->from, sizeof mail->from, "%s", settings->mail.from);
    snprintf(mail->bounces, sizeof mail->bounces, "%s", settings->mail.bounces);
    if (settings->mail.certificate[0] &&
        read_certificate(self, settings->mail.certificate, settings->mail.key_file, "mail-key",
                         &mail->own) != 0)
        return 1;
    if (read_password(settings, &password) < 0)
        return 1;
    if (strlen(password.text) < sizeof mail->password)
        memcpy(mail->password, password.text, strlen(password.text) + 1);
    else
        answer = 1;
    secret_wipe(&password);
    if (answer)
        journal_error(NULL, "the mail server's password is longer than %d characters",
                      DISPATCH_NAME_MAX);
    return answer;
}

/* A clock that lapses lapses what the daemon waits for too; but an answer takes the time it takes,
 * and is given LAPSED_LEAST_MS at the least. */
static int32_t lapsed_ms(int32_t wait_ms, uint32_t speed)
{
    int32_t lapsed = wait_ms / (int32_t)speed;
    int32_t least = wait_ms < LAPSED_LEAST_MS ? wait_ms : LAPSED_LEAST_MS;

    return lapsed > least ? lapsed : least;
}

static struct patience patience_of(const struct clock *clock)
{
    uint32_t speed = clock_speed(clock);
    struct patience patience = patience_or_default(&(struct patience){ 0 });

    return (struct patience){
        .connect_ms = lapsed_ms(patience.connect_ms, speed),
        .webhook_ms = lapsed_ms(patience.webhook_ms, speed),
        .mail_ms = lapsed_ms(patience.mail_ms, speed),
        .answer_ms = lapsed_ms(patience.answer_ms, speed),
        .alone_ms = (int32_t)(BREAKER_FIRST_MS / speed) + 1,
    };
}

/* Opens the dispatcher, or gives an open one its new settings. */
int daemon_configure_dispatcher(struct daemon *self)
{
    struct dispatch_settings settings = { 0 };
    char fault[DISPATCH_FAULT_SIZE];
    size_t count;
    const struct endpoint_setting *rows = policy_endpoints(self->policy, &count);
    struct endpoint *endpoints = calloc(count ? count : 1, sizeof *endpoints);
    int answer = endpoints ? read_mail(self, &settings.mail) : -ENOMEM;

    for (size_t i = 0; answer == 0 && i < count; i++)
        answer = read_endpoint(self, &rows[i], &endpoints[i]);
    settings.mail.bounce_key = self->bounce_key;
    settings.endpoints = endpoints;
    settings.endpoint_count = count;
    settings.patience = patience_of(self->clock);
    if (answer == 0 && dispatch_settings_fault(&settings, fault)) {
        journal_error(NULL, "%s", fault);
        answer = 1;
    }
    if (answer == 0)
        answer = self->dispatcher ? dispatcher_configure(self->dispatcher, &settings)
                                  : dispatcher_open(&settings, &self->dispatcher);
    if (endpoints)
        explicit_bzero(endpoints, count * sizeof *endpoints);
    explicit_bzero(&settings.mail, sizeof settings.mail);
    free(endpoints);
    return answer;
}

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

/* All feeds of the settings in place of those before, or none: then 1. */
int daemon_exchange_feeds(struct daemon *self, const struct settings *settings)
{
    struct feed *fresh[SETTINGS_FEEDS_MAX] = { NULL };
    struct replay *replays[SETTINGS_FEEDS_MAX] = { NULL };

    for (size_t i = 0; i < settings->feed_count; i++)
        if (open_feed(self, &settings->feeds[i], i, &fresh[i], &replays[i]) != 0) {
            close_feeds(fresh, replays, i + 1);
            return 1;
        }
    close_feeds(self->feeds, self->replays, self->feed_count);
    memcpy(self->feeds, fresh, sizeof fresh);
    memcpy(self->replays, replays, sizeof replays);
    memset(self->catching_up, 0, sizeof self->catching_up);
    memset(self->feed_silence, 0, sizeof self->feed_silence);
    self->feed_count = settings->feed_count;
    self->feeds_recorded = false;
    /* What an old feed said and no turn could keep is seen as a gap. */
    while (self->turn && self->turn->message_count > 0)
        feed_message_close(&self->turn->messages[--self->turn->message_count]);
    if (self->turn)
        self->turn->message_taken = 0;
    return 0;
}

static int open_ways_in(struct daemon *self)
{
    struct instant now = clock_now(self->clock);
    int answer;

    self->zmq = zmq_ctx_new();
    if (!self->zmq)
        return 1;
    if (zap_open(self->zmq, WIRE_ZAP_DOMAIN, tell_intake, NULL, &self->zap) < 0)
        return 1;
    answer = open_intake(self, now);
    return answer ? answer : daemon_exchange_feeds(self, self->settings);
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
        answer = daemon_configure_dispatcher(self) != 0;
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
