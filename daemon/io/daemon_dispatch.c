/* daemon_dispatch.c - what the dispatcher needs, from settings, directory and secrets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/breaker.h"
#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/transfer.h"
#include "protocol/secret_form.h"

/* The least that an answer over the network is given on a clock that lapses. */
enum { LAPSED_LEAST_MS = 5000 };

/* Reads the secret `name`, and looks whether it is one of this kind: 0, or 1 (told). */
static int read_secret(const struct settings *settings, const struct endpoint_setting *setting,
                       const char *name, struct secret *secret)
{
    const char *right;

    if (secret_read_named(settings->secrets, name, secret) < 0)
        return 1;
    right = secret_form_fault(setting->kind, secret->text);
    if (!right)
        return 0;
    secret_wipe(secret);
    journal_error(JOURNAL({ "ENDPOINT", setting->id }), "the secret %s is not %s", name, right);
    return 1;
}

static int read_signing(const struct settings *settings, const struct endpoint_setting *setting,
                        const char *name, struct endpoint *endpoint)
{
    struct secret secret = { "" };
    int answer;

    if (read_secret(settings, setting, name, &secret) != 0)
        return 1;
    answer = signature_secret_read(secret.text, &endpoint->secrets[endpoint->secret_count]);
    secret_wipe(&secret);
    endpoint->secret_count += answer == SIGNATURE_OK;
    return answer == SIGNATURE_OK ? 0 : 1;
}

/* The address of a Teams workflow ends in a signature: whoever knows it may post. */
static int read_workflow(const struct settings *settings, const struct endpoint_setting *setting,
                         struct endpoint *endpoint)
{
    struct secret secret = { "" };

    if (read_secret(settings, setting, setting->secret, &secret) != 0)
        return 1;
    snprintf(endpoint->url, sizeof endpoint->url, "%s", secret.text);
    secret_wipe(&secret);
    return 0;
}

static int read_govuk(const struct settings *settings, const struct endpoint_setting *setting,
                      struct endpoint *endpoint)
{
    struct secret secret = { "" };
    struct govuk_key key;
    bool read;

    if (read_secret(settings, setting, setting->secret, &secret) != 0)
        return 1;
    read = govuk_key_read(secret.text, &key);
    secret_wipe(&secret);
    if (!read)
        return 1;
    memcpy(endpoint->service, key.service, sizeof endpoint->service);
    endpoint->secrets[0] = key.secret;
    endpoint->secret_count = 1;
    signature_wipe(&key.secret);
    return 0;
}

static int read_secrets(const struct settings *settings, const struct endpoint_setting *setting,
                        struct endpoint *endpoint)
{
    int answer;

    switch (setting->kind) {
    case ENDPOINT_TEAMS:
        return read_workflow(settings, setting, endpoint);
    case ENDPOINT_GOVUK_NOTIFY:
        return read_govuk(settings, setting, endpoint);
    case ENDPOINT_WEBHOOK:
    default:
        answer = read_signing(settings, setting, setting->secret, endpoint);
        return answer || !setting->previous_secret
                   ? answer
                   : read_signing(settings, setting, setting->previous_secret, endpoint);
    }
}

/* The key is the file `key_file`, or where that is "" the secret of this name. */
static int read_certificate(const struct settings *settings, const char *certificate,
                            const char *key_file, const char *name, struct client_certificate *own)
{
    snprintf(own->certificate, sizeof own->certificate, "%s", certificate);
    snprintf(own->key, sizeof own->key, "%s", key_file);
    if (!key_file[0] && secret_path(settings->secrets, name, own->key, sizeof own->key) < 0)
        return 1;
    return client_certificate_check(own) < 0 ? 1 : 0;
}

static int read_endpoint(const struct settings *settings, const struct endpoint_setting *setting,
                         struct endpoint *endpoint)
{
    int answer;

    memset(endpoint, 0, sizeof *endpoint);
    endpoint->kind = setting->kind;
    snprintf(endpoint->id, sizeof endpoint->id, "%s", setting->id);
    snprintf(endpoint->url, sizeof endpoint->url, "%s", setting->url ? setting->url : "");
    snprintf(endpoint->ca_file, sizeof endpoint->ca_file, "%s", setting->ca ? setting->ca : "");
    answer = read_secrets(settings, setting, endpoint);
    if (answer == 0 && setting->certificate)
        answer = read_certificate(settings, setting->certificate, "", setting->key, &endpoint->own);
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

static int read_mail(const struct settings *settings, struct mail_settings *mail)
{
    struct secret password = { "" };
    int answer = 0;

    snprintf(mail->url, sizeof mail->url, "%s", settings->mail.url);
    snprintf(mail->user, sizeof mail->user, "%s", settings->mail.user);
    snprintf(mail->ca_file, sizeof mail->ca_file, "%s", settings->mail.ca);
    snprintf(mail->from, sizeof mail->from, "%s", settings->mail.from);
    snprintf(mail->bounces, sizeof mail->bounces, "%s", settings->mail.bounces);
    if (settings->mail.certificate[0] &&
        read_certificate(settings, settings->mail.certificate, settings->mail.key_file, "mail-key",
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

int daemon_read_dispatch(const struct daemon *self, const struct settings *settings,
                         const struct policy *policy, struct dispatch_settings *read)
{
    char fault[DISPATCH_FAULT_SIZE];
    size_t count;
    const struct endpoint_setting *rows = policy_endpoints(policy, &count);
    struct endpoint *endpoints = calloc(count ? count : 1, sizeof *endpoints);
    int answer;

    *read =
        (struct dispatch_settings){ .endpoints = endpoints, .patience = patience_of(self->clock) };
    answer = endpoints ? read_mail(settings, &read->mail) : 1;
    read->mail.bounce_key = self->bounce_key;
    for (size_t i = 0; answer == 0 && i < count; i++) {
        read->endpoint_count = i + 1;
        answer = read_endpoint(settings, &rows[i], &endpoints[i]);
    }
    if (answer == 0 && dispatch_settings_fault(read, fault)) {
        journal_error(NULL, "%s", fault);
        answer = 1;
    }
    return answer;
}

void daemon_wipe_dispatch(struct dispatch_settings *read)
{
    struct endpoint *endpoints = (struct endpoint *)read->endpoints; /* ours */

    if (endpoints)
        explicit_bzero(endpoints, read->endpoint_count * sizeof *endpoints);
    free(endpoints);
    explicit_bzero(read, sizeof *read);
}
