/* webhook.c - one POST to one endpoint: sets it up, and judges how it ended. */
#include "io/webhook_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/retry.h"
#include "io/parcel.h"
#include "io/transfer.h"

enum {
    BODY_MAX = 4096, /* of an answer that nobody reads */
    HEADER_SIZE = 512,
    IDLE_MOST_S = 30,       /* a connection that lay idle for longer is not used again ... */
    CONNECTION_MOST_S = 300 /* ... nor one that is older */
};

/* ---- judging ---- */

/* Not the moment's trouble but a wrong address, a wrong secret or a moved endpoint. */
static bool is_misdirected(const struct webhook_end *end)
{
    if (end->code == 0)
        return end->denied || end->distrusted || transfer_was_untrusted(end->curl) ||
               end->curl == CURLE_UNSUPPORTED_PROTOCOL || end->curl == CURLE_URL_MALFORMAT;
    if (end->code == 408 || end->code == 425 || end->code == 429)
        return false;
    return end->code >= 300 && end->code < 500;
}

static uint32_t clamp_retry_after(int64_t seconds)
{
    if (seconds < RETRY_AFTER_MIN_S)
        return RETRY_AFTER_MIN_S;
    return seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (uint32_t)seconds;
}

void webhook_judge(const struct webhook_end *end, struct outcome *outcome)
{
    outcome->code = end->code;
    outcome->outcome = DELIVERY_LATER;
    if (end->code >= 200 && end->code < 300) {
        outcome->outcome = DELIVERY_DONE; /* however the rest of the answer went */
        return;
    }
    if (end->code == 410) /* the receiver is gone for good, and says so */
        outcome->outcome = DELIVERY_REFUSED;
    if ((end->code == 429 || end->code == 503) && end->retry_after_s > 0)
        outcome->retry_after_s = clamp_retry_after(end->retry_after_s);
    outcome->ambiguous = end->code == 0 && end->all_sent && !end->distrusted;
    outcome->needs_operator = is_misdirected(end);
}

/* ---- the transfer ---- */

/* Asked with the address the name was resolved to, just before it is connected to. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct webhook *webhook = context;

    if (purpose != CURLSOCKTYPE_IPCXN ||
        !address_is_allowed(&address->addr, webhook->allow, webhook->allow_count)) {
        webhook->denied = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Reads the answer's body, and forgets it unless it is Notify's, which names what is wrong; too
 * much of it ends the transfer, not the verdict. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct webhook *webhook = context;
    size_t most = webhook->govuk ? sizeof webhook->govuk->answer : BODY_MAX;
    size_t before = webhook->body;

    webhook->body += size * count;
    if (webhook->body > most)
        return 0;
    if (webhook->govuk)
        memcpy(webhook->govuk->answer + before, bytes, size * count);
    return size * count;
}

/* CURLOPT_HTTPHEADER copies nothing of the list, so it stays with us. */
bool webhook_add_header(struct webhook *webhook, const char *line)
{
    struct curl_slist *longer = curl_slist_append(webhook->headers, line);

    if (longer)
        webhook->headers = longer;
    return longer != NULL;
}

static int sign(struct webhook *webhook, const struct endpoint *endpoint)
{
    const struct delivery *delivery = webhook->delivery;
    const struct signed_message message = { delivery->id, (int64_t)time(NULL), delivery->bytes,
                                            delivery->size };
    char signatures[SIGNATURES_SIZE], id[HEADER_SIZE], stamp[HEADER_SIZE], signature[HEADER_SIZE];

    if (endpoint->secret_count == 0 ||
        signature_write(endpoint->secrets, endpoint->secret_count, &message, signatures) < 0)
        return -EIO;
    (void)snprintf(id, sizeof id, "webhook-id: %s", delivery->id);
    (void)snprintf(stamp, sizeof stamp, "webhook-timestamp: %" PRId64, message.timestamp_s);
    (void)snprintf(signature, sizeof signature, "webhook-signature: %s", signatures);
    if (!webhook_add_header(webhook, "Content-Type: application/cloudevents+json") ||
        !webhook_add_header(webhook, "Expect:") || !webhook_add_header(webhook, id) ||
        !webhook_add_header(webhook, stamp) || !webhook_add_header(webhook, signature))
        return -ENOMEM;
    return 0;
}

static int set_headers(struct webhook *webhook, const struct endpoint *endpoint)
{
    if (webhook->kind == ENDPOINT_GOVUK_NOTIFY)
        return govuk_open(webhook, endpoint);
    if (webhook->kind == ENDPOINT_WEBHOOK)
        return sign(webhook, endpoint);
    /* A workflow's address is what it knows its callers by. */
    return webhook_add_header(webhook, "Content-Type: application/json") &&
                   webhook_add_header(webhook, "Expect:")
               ? 0
               : -ENOMEM;
}

/* A webhook's connection is used again, by this endpoint alone (connections.h): what it may be used
 * for was settled when it was opened, the address too.  When one that was used before is closed
 * without an answer, libcurl sends the request again by itself: a webhook's receiver knows it by
 * its id, but GOV.UK Notify and a channel would have the message twice, so theirs is new each time;
 * and so is one for which a client certificate is shown, whose file may be renewed at any time. */
static bool set_connection(struct webhook *webhook, CURLSH *kept)
{
    CURL *curl = webhook->curl;

    return !kept ||
           (curl_easy_setopt(curl, CURLOPT_SHARE, kept) == CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 0L) == CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 0L) == CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_MAXLIFETIME_CONN, (long)CONNECTION_MOST_S) == CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_MOST_S) == CURLE_OK);
}

bool webhook_keeps_connections(const struct endpoint *endpoint)
{
    return endpoint->kind == ENDPOINT_WEBHOOK && !endpoint->own.certificate[0];
}

static bool set_options(struct webhook *webhook, const struct patience *given)
{
    const struct patience patience = patience_or_default(given);
    const struct delivery *delivery = webhook->delivery;
    CURL *curl = webhook->curl;

    return curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, webhook->trouble) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PRIVATE, webhook) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "concernd/" CONCERN_VERSION) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, webhook->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)delivery->size) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, delivery->bytes) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, webhook) == CURLE_OK &&
           transfer_watch_certificate(curl, &webhook->asked) &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, webhook) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)patience.connect_ms) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)patience.webhook_ms) == CURLE_OK;
}

int webhook_open(const struct endpoint *endpoint, const struct patience *patience,
                 const struct delivery *delivery, CURLSH *kept, struct webhook **webhook_p)
{
    CLEANUP(webhook_close) struct webhook *webhook = calloc(1, sizeof *webhook);
    int answer;

    if (!webhook)
        return -ENOMEM;
    webhook->delivery = delivery;
    webhook->kind = endpoint->kind;
    memcpy(webhook->allow, endpoint->allow, sizeof webhook->allow);
    webhook->allow_count = endpoint->allow_count;
    if ((answer = set_headers(webhook, endpoint)) < 0)
        return answer;
    webhook->curl = curl_easy_init();
    if (!webhook->curl ||
        !transfer_prepare(webhook->curl, endpoint->url, "https", endpoint->ca_file,
                          &endpoint->own) ||
        !set_options(webhook, patience) ||
        !set_connection(webhook, webhook_keeps_connections(endpoint) ? kept : NULL) ||
        (webhook->govuk && !govuk_prepare(webhook)))
        return -ENOMEM;

    *webhook_p = webhook;
    webhook = NULL;
    return 0;
}

void webhook_close(struct webhook **webhook_p)
{
    struct webhook *webhook = *webhook_p;

    if (!webhook)
        return;
    curl_easy_cleanup(webhook->curl);
    curl_slist_free_all(webhook->headers);
    govuk_close(webhook);
    free(webhook);
    *webhook_p = NULL;
}

CURL *webhook_handle(struct webhook *webhook)
{
    return webhook->curl;
}

static struct webhook_end end_of(struct webhook *webhook, CURLcode code)
{
    curl_off_t sent = 0, wait_s = 0;
    long status = 0;

    (void)curl_easy_getinfo(webhook->curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(webhook->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    (void)curl_easy_getinfo(webhook->curl, CURLINFO_RETRY_AFTER, &wait_s);
    return (struct webhook_end){
        .curl = code,
        .code = status >= 200 ? (int)status : 0,
        .retry_after_s = wait_s,
        .all_sent = sent >= (curl_off_t)webhook->delivery->size,
        .distrusted =
            transfer_was_distrusted(code, webhook->trouble, webhook->asked && status == 0),
        .denied = webhook->denied,
    };
}

bool webhook_goes_on(struct webhook *webhook, CURLcode code)
{
    const struct webhook_end end = end_of(webhook, code);

    return webhook->govuk && govuk_goes_on(webhook, &end);
}

static void tell_trouble(const struct webhook *webhook, const struct webhook_end *end,
                         struct outcome *outcome)
{
    char text[sizeof TRANSFER_DISTRUSTED + CURL_ERROR_SIZE];

    (void)snprintf(text, sizeof text, "%s%s", end->distrusted ? TRANSFER_DISTRUSTED : "",
                   webhook->trouble[0] ? webhook->trouble : curl_easy_strerror(end->curl));
    outcome_tell(outcome, text);
}

void webhook_outcome(struct webhook *webhook, CURLcode code, struct outcome *outcome)
{
    const struct webhook_end end = end_of(webhook, code);
    char status[32];

    *outcome = outcome_of(webhook->delivery);
    if (webhook->govuk) {
        govuk_outcome(webhook, &end, outcome);
        return;
    }
    webhook_judge(&end, outcome);
    (void)snprintf(status, sizeof status, "HTTP %d", end.code);
    if (end.code > 0)
        outcome_tell(outcome, status);
    else if (end.denied)
        outcome_tell(outcome, "the address is not public and not in the endpoint's allow");
    else
        tell_trouble(webhook, &end, outcome);
}
