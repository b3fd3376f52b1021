/* daemon_open.c - opens, reloads and closes everything the daemon is made of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "io/daemon_private.h"
#include "io/journal.h"

#define DEFAULT_CONFIG CONCERN_SYSCONFDIR "/concernd.yaml"

/* --- files */

static void print_faults(const struct faults *faults)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (faults->left_out)
        fprintf(stderr, "and %zu more\n", faults->left_out);
}

static const char *config_path(const struct daemon *self)
{
    if (self->options.config)
        return self->options.config;
    return access(DEFAULT_CONFIG, F_OK) == 0 ? DEFAULT_CONFIG : NULL;
}

/* What one reading of all files brings; taken over whole or not at all. */
struct files {
    struct settings_file *settings_file;
    struct policy *policy;
    struct keyring *keyring;
};

static void close_files(struct files *files)
{
    keyring_close(&files->keyring);
    policy_close(&files->policy);
    settings_close(&files->settings_file);
}

static int read_keyring(const struct settings *settings, struct files *files)
{
    int answer;

    if (access(settings->keyring, F_OK) < 0) {
        journal_warn(NULL, "%s is not there: nobody may publish (concernctl keys make makes keys)",
                     settings->keyring);
        return 0;
    }
    answer = keyring_read(settings->keyring, stderr, &files->keyring);
    return answer == KEYRING_OK ? 0 : 1;
}

static int read_files(const struct daemon *self, struct faults *faults, struct files *files)
{
    int answer = settings_read(config_path(self), faults, &files->settings_file);

    if (answer != SETTINGS_OK)
        return 1;
    answer = policy_load(settings_of(files->settings_file), faults, &files->policy);
    if (answer != POLICY_OK)
        return 1;
    return read_keyring(settings_of(files->settings_file), files);
}

int daemon_read_files(struct daemon *self)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct files files = { 0 };
    int answer = read_files(self, &faults, &files);

    print_faults(&faults);
    if (answer) {
        close_files(&files);
        return answer;
    }
    self->settings_file = files.settings_file;
    self->settings = settings_of(files.settings_file);
    self->policy = files.policy;
    self->keyring = files.keyring;
    return 0;
}

/* --- the dispatcher */

static int read_endpoint(const struct daemon *self, const struct endpoint_setting *setting,
                         struct endpoint *endpoint)
{
    struct secret secret = { "" };
    int answer;

    memset(endpoint, 0, sizeof *endpoint);
    snprintf(endpoint->id, sizeof endpoint->id, "%s", setting->id);
    snprintf(endpoint->url, sizeof endpoint->url, "%s", setting->url);
    snprintf(endpoint->ca_file, sizeof endpoint->ca_file, "%s", setting->ca ? setting->ca : "");
    if (secret_read_named(self->settings->secrets, setting->secret, &secret) < 0)
        return 1;
    answer = signature_secret_read(secret.text, &endpoint->secrets[0]);
    secret_wipe(&secret);
    if (answer != SIGNATURE_OK) {
        journal_error(JOURNAL({ "ENDPOINT", setting->id }),
                      "the secret %s is not whsec_ and base64 of 24 to 64 bytes", setting->secret);
        return 1;
    }
    endpoint->secret_count = 1;
    for (size_t i = 0; i < setting->allow_count && i < DISPATCH_ALLOW_MAX; i++)
        if (address_range_read(setting->allow[i], &endpoint->allow[endpoint->allow_count++]) !=
            ADDRESS_OK) {
            journal_error(JOURNAL({ "ENDPOINT", setting->id }),
                          "allow: %s is no range of addresses (10.0.0.0/8)", setting->allow[i]);
            return 1;
        }
    return 0;
}

static int read_mail(const struct settings *settings, struct mail_settings *mail)
{
    struct secret password = { "" };

    snprintf(mail->url, sizeof mail->url, "%s", settings->mail.url);
    snprintf(mail->user, sizeof mail->user, "%s", settings->mail.user);
    snprintf(mail->ca_file, sizeof mail->ca_file, "%s", settings->mail.ca);
    snprintf(mail->from, sizeof mail->from, "%s", settings->mail.from);
    if (settings->mail.password_file[0] && secret_read(settings->mail.password_file, &password) < 0)
        return 1;
    snprintf(mail->password, sizeof mail->password, "%s", password.text);
    secret_wipe(&password);
    return 0;
}

/* Opens the dispatcher, or gives an open one its new settings. */
static int configure_dispatcher(struct daemon *self)
{
    struct dispatch_settings settings = { 0 };
    char fault[DISPATCH_FAULT_SIZE];
    size_t count;
    const struct endpoint_setting *rows = policy_endpoints(self->policy, &count);
    struct endpoint *endpoints = calloc(count ? count : 1, sizeof *endpoints);
    int answer = endpoints ? read_mail(self->settings, &settings.mail) : -ENOMEM;

    for (size_t i = 0; answer == 0 && i < count; i++)
        answer = read_endpoint(self, &rows[i], &endpoints[i]);
    settings.endpoints = endpoints;
    settings.endpoint_count = count;
    if (answer == 0 && dispatch_settings_fault(&settings, fault)) {
        journal_error(NULL, "%s", fault);
        answer = 1;
    }
    if (answer == 0)
        answer = self->dispatcher ? dispatcher_configure(self->dispatcher, &settings)
                                  : dispatcher_open(&settings, &self->dispatcher);
    for (size_t i = 0; endpoints && i < count; i++)
        signature_wipe(&endpoints[i].secrets[0]);
    explicit_bzero(settings.mail.password, sizeof settings.mail.password);
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
        .tell = tell_intake,
    };

    if (strcmp(self->settings->listen, "none") == 0 || !self->keyring)
        return 0;
    if (access(self->settings->server_key, F_OK) < 0) {
        journal_warn(NULL,
                     "%s is not there: not listening (concernctl keys make --server makes "
                     "one)",
                     self->settings->server_key);
        return 0;
    }
    if (secret_read_curve(self->settings->server_key, &self->server_key) < 0)
        return 1;
    return intake_open(self->zmq, &settings, now, &self->intake) < 0 ? 1 : 0;
}

static int open_feed(struct daemon *self, size_t index, struct instant now)
{
    const struct feed_setting *setting = &self->settings->feeds[index];
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
    error = feed_open(self->zmq, &settings, (unsigned)index, now, &self->feeds[index]);
    secret_wipe(&secret);
    if (error < 0)
        return 1;
    self->feed_count = index + 1;
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
    for (size_t i = 0; answer == 0 && i < self->settings->feed_count; i++)
        answer = open_feed(self, i, now);
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

static int open_store(struct daemon *self)
{
    struct store_settings settings = {
        .directory = self->options.state ? self->options.state : self->settings->state,
        .trial = self->options.clock != NULL,
        .now = clock_now(self->clock),
        .reserve_bytes = self->options.clock ? 0 : STORE_RESERVE_BYTES,
    };
    int answer = store_open(&settings, &self->store);

    if (answer == STORE_OK)
        return 0;
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
        .retry_us = self->settings->retry_us,
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
        answer = configure_dispatcher(self) != 0;
    if (answer == 0)
        answer = open_ways_in(self);
    return answer;
}

void daemon_close_all(struct daemon *self)
{
    dispatcher_close(&self->dispatcher);
    for (size_t i = 0; i < self->feed_count; i++)
        feed_close(&self->feeds[i]);
    intake_close(&self->intake);
    zap_close(&self->zap);
    if (self->zmq)
        zmq_ctx_term(self->zmq);
    self->zmq = NULL;
    control_close(&self->control);
    engine_close(&self->engine);
    store_close(&self->store);
    clock_close(&self->clock);
    keyring_close(&self->keyring);
    policy_close(&self->policy);
    settings_close(&self->settings_file);
    secret_wipe(&self->server_key);
}

/* --- reload */

static void keep_old_policy(struct daemon *self, const struct faults *faults)
{
    if (faults->count)
        fault_write(&faults->list[0], self->policy_fault);
    else
        snprintf(self->policy_fault, sizeof self->policy_fault, "the keyring cannot be used");
    journal_error(NULL, "not reloaded, the policy before stays in force: %s", self->policy_fault);
}

/* What was opened from the old settings (sockets, store, feeds) stays as it is; what people
 * change while the daemon runs is exchanged whole. */
static void take_over(struct daemon *self, struct files *files)
{
    struct files old = { self->settings_file, self->policy, self->keyring };

    self->settings_file = files->settings_file;
    self->settings = settings_of(files->settings_file);
    self->policy = files->policy;
    self->keyring = files->keyring;
    engine_set_policy(self->engine, self->policy);
    engine_set_keyring(self->engine, self->keyring);
    engine_set_mail_from(self->engine, self->settings->mail.from);
    if (self->keyring && old.keyring)
        keyring_inherit(self->keyring, old.keyring);
    if (self->intake)
        intake_set_keys(self->intake, self->keyring, clock_now(self->clock));
    if (configure_dispatcher(self) != 0)
        snprintf(self->policy_fault, sizeof self->policy_fault,
                 "the mail server or an endpoint cannot be used: the ones before stay");
    close_files(&old);
}

void daemon_reload(struct daemon *self)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct files files = { 0 };

    service_reloading(self->service);
    if (read_files(self, &faults, &files) != 0) {
        print_faults(&faults);
        keep_old_policy(self, &faults);
        close_files(&files);
    } else {
        self->policy_fault[0] = '\0';
        take_over(self, &files);
        self->policy_loaded = clock_now(self->clock);
        journal_notice(NULL, "reloaded");
        if (engine_begin(self->engine, clock_now(self->clock)) == 0) {
            if (engine_record(self->engine, "reload", "{}") == 0 &&
                engine_recompute(self->engine) == 0)
                engine_commit(self->engine);
            else
                engine_roll_back(self->engine);
        }
    }
    service_ready(self->service, self->policy_fault[0] ? self->policy_fault : "running");
}
