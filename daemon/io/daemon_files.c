/* daemon_files.c - reads every file the settings name, at the start and again on a reload. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "policy/secrets_check.h"
#include "protocol/secret_form.h"

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
    bool has_feeds; /* others than before: */
    struct fresh_feeds feeds;
    char fault[DAEMON_FAULT_SIZE]; /* of the keyring, or of what cannot be used; "": none */
};

static void close_files(struct files *files)
{
    daemon_close_feeds(&files->feeds);
    keyring_close(&files->keyring);
    policy_close(&files->policy);
    settings_close(&files->settings_file);
}

static int read_keyring(const struct settings *settings, struct files *files)
{
    int answer;

    char *told = NULL;
    size_t size;
    FILE *complaints;

    if (access(settings->keyring, F_OK) < 0) {
        journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOT_LISTENING }),
                     "%s is not there: nobody may publish (concernctl keys make makes keys)",
                     settings->keyring);
        return 0;
    }
    complaints = open_memstream(&told, &size);
    if (!complaints)
        return 1;
    answer = keyring_read(settings->keyring, complaints, &files->keyring);
    if (fclose(complaints) == 0) {
        fputs(told, stderr);
        snprintf(files->fault, sizeof files->fault, "%.*s", (int)strcspn(told, "\n"), told);
    }
    free(told);
    return answer == KEYRING_OK ? 0 : 1;
}

static int read_files(const struct daemon *self, struct faults *faults, struct files *files)
{
    int answer = settings_read(config_path(self), faults, &files->settings_file);
    struct secrets_check check;

    if (answer != SETTINGS_OK)
        return 1;
    answer = policy_load(settings_of(files->settings_file), faults, &files->policy);
    if (answer != POLICY_OK)
        return 1;
    check = (struct secrets_check){ files->settings_file, files->policy, !self->options.check,
                                    secret_form_fault };
    if (!secrets_check(&check, faults))
        return 1;
    return read_keyring(settings_of(files->settings_file), files);
}

static void close_digest(EVP_MD_CTX **digest)
{
    EVP_MD_CTX_free(*digest);
}

/* The versions of all that decides, as one hash for people to compare. */
static void hash_policy(struct daemon *self)
{
    CLEANUP(close_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char hash[EVP_MAX_MD_SIZE];
    const struct procedure *procedure;
    struct policy_view view;
    unsigned size = 0;

    self->policy_hash[0] = '\0';
    if (!digest || !EVP_DigestInit_ex2(digest, EVP_sha256(), NULL))
        return;
    for (size_t i = 0; (procedure = policy_procedure(self->policy, i)); i++) {
        EVP_DigestUpdate(digest, procedure->hash, strlen(procedure->hash));
        if (policy_view(self->policy, procedure->id, &view) == POLICY_OK)
            EVP_DigestUpdate(digest, view.time.calendar->version,
                             strlen(view.time.calendar->version));
    }
    if (!EVP_DigestFinal_ex(digest, hash, &size))
        return;
    for (unsigned i = 0; i < size && 2 * i + 2 < sizeof self->policy_hash; i++)
        snprintf(self->policy_hash + 2 * i, 3, "%02x", hash[i]);
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
    hash_policy(self);
    return 0;
}

/* --- reload */

static void keep_old_policy(struct daemon *self, const struct faults *faults,
                            const struct files *files)
{
    const struct fault *first = NULL;

    for (size_t i = 0; i < faults->count && !first; i++)
        if (faults->list[i].severity == FAULT_ERROR)
            first = &faults->list[i];
    if (first)
        fault_write(first, self->policy_fault);
    else
        snprintf(self->policy_fault, sizeof self->policy_fault, "%s",
                 files->fault[0] ? files->fault : "the files cannot be read");
    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_POLICY_REFUSED }),
                  "not reloaded, the policy before stays in force: %s", self->policy_fault);
}

static bool lists_differ(const char *const *one, size_t one_count, const char *const *other,
                         size_t other_count)
{
    if (one_count != other_count)
        return true;
    for (size_t i = 0; i < one_count; i++)
        if (strcmp(one[i], other[i]) != 0)
            return true;
    return false;
}

static bool feed_differs(const struct feed_setting *one, const struct feed_setting *other)
{
    return strcmp(one->name, other->name) || strcmp(one->endpoint, other->endpoint) ||
           strcmp(one->server_key, other->server_key) ||
           strcmp(one->secret_key_file, other->secret_key_file) ||
           strcmp(one->topic, other->topic) ||
           strcmp(one->replay_endpoint, other->replay_endpoint) ||
           one->max_silence_us != other->max_silence_us || one->best_effort != other->best_effort ||
           lists_differ(one->sources, one->source_count, other->sources, other->source_count) ||
           lists_differ(one->boards, one->board_count, other->boards, other->board_count);
}

static bool feeds_differ(const struct settings *one, const struct settings *other)
{
    if (one->feed_count != other->feed_count)
        return true;
    for (size_t i = 0; i < one->feed_count; i++)
        if (feed_differs(&one->feeds[i], &other->feeds[i]))
            return true;
    return false;
}

/* Everything that may fail, while all is as it was: first what is only looked at, last the
 * dispatcher, which has taken it when this answers 0. */
static int prepare(struct daemon *self, struct files *files)
{
    const struct settings *settings = settings_of(files->settings_file);
    struct dispatch_settings dispatch;
    int answer = daemon_read_dispatch(self, settings, files->policy, &dispatch);

    if (answer)
        snprintf(files->fault, sizeof files->fault,
                 "the mail server or an endpoint cannot be used (the journal says why)");
    files->has_feeds = feeds_differ(self->settings, settings);
    if (answer == 0 && files->has_feeds &&
        (answer = daemon_open_feeds(self, settings, &files->feeds)) != 0)
        snprintf(files->fault, sizeof files->fault,
                 "a feed cannot be opened (the journal says why)");
    if (answer == 0 && (answer = dispatcher_configure(self->dispatcher, &dispatch)) != 0)
        snprintf(files->fault, sizeof files->fault, "the dispatcher takes no settings");
    daemon_wipe_dispatch(&dispatch);
    return answer;
}

/* What was opened from the old settings (sockets, store) stays as it is; what people change
 * while the daemon runs is exchanged whole.  Nothing here can fail. */
static void take_over(struct daemon *self, struct files *files)
{
    struct files old = { .settings_file = self->settings_file,
                         .policy = self->policy,
                         .keyring = self->keyring };

    self->settings_file = files->settings_file;
    self->settings = settings_of(files->settings_file);
    self->policy = files->policy;
    self->keyring = files->keyring;
    hash_policy(self);
    engine_set_policy(self->engine, self->policy);
    engine_set_keyring(self->engine, self->keyring);
    engine_set_mail_from(self->engine, self->settings->mail.from);
    engine_set_escalation(self->engine, &self->settings->escalation);
    engine_set_acknowledge(self->engine,
                           &(struct acknowledge_setting){ self->settings->acknowledge.url,
                                                          self->settings->acknowledge.within_us });
    engine_set_gap_times(self->engine, self->settings->gap_operator_us,
                         self->settings->gap_board_us);
    if (self->keyring && old.keyring)
        keyring_inherit(self->keyring, old.keyring);
    if (self->intake)
        intake_set_keys(self->intake, self->keyring, clock_now(self->clock));
    daemon_look_at_door(self);
    if (files->has_feeds)
        daemon_use_feeds(self, &files->feeds);
    close_files(&old);
}

/* The calendars may have changed, and what kept deliveries from going out be put right. */
static void go_on_with_new_files(struct daemon *self)
{
    self->told_calendars = (struct instant){ 0 }; /* the next turn looks at them anew */
    if (engine_begin(self->engine, clock_now(self->clock)) != 0)
        return;
    if (engine_record(self->engine, "reload", "{}") == 0 && engine_recompute(self->engine) == 0 &&
        engine_try_again(self->engine) == 0)
        engine_commit(self->engine);
    else
        engine_roll_back(self->engine);
}

void daemon_reload(struct daemon *self)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct files files = { 0 };

    service_reloading(self->service);
    if (read_files(self, &faults, &files) != 0 || prepare(self, &files) != 0) {
        print_faults(&faults);
        keep_old_policy(self, &faults, &files);
        close_files(&files);
    } else {
        print_faults(&faults); /* warnings */
        self->policy_fault[0] = '\0';
        take_over(self, &files);
        self->policy_loaded = clock_now(self->clock);
        journal_notice(NULL, "reloaded");
        go_on_with_new_files(self);
    }
    service_ready(self->service, self->policy_fault[0] ? self->policy_fault : "running");
}
