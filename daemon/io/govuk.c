/* govuk.c - a message by GOV.UK Notify: asked for before it is sent again, judged by names. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/retry.h"
#include "io/parcel.h"
#include "io/webhook_private.h"

enum { ADDRESS_SIZE = DISPATCH_URL_MAX + 120 };

/* Notify refuses a token older than 30 seconds, so every request gets one of its own. */
static int set_headers(struct webhook *webhook)
{
    char token[GOVUK_TOKEN_SIZE], line[GOVUK_TOKEN_SIZE + 32];

    curl_slist_free_all(webhook->headers);
    webhook->headers = NULL;
    if (govuk_token_write(&webhook->govuk->key, (int64_t)time(NULL), token) < 0)
        return -EIO;
    (void)snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    if (!webhook_add_header(webhook, "Content-Type: application/json") ||
        !webhook_add_header(webhook, "Expect:") || !webhook_add_header(webhook, line))
        return -ENOMEM;
    return 0;
}

int govuk_open(struct webhook *webhook, const struct endpoint *endpoint)
{
    struct govuk *govuk = calloc(1, sizeof *govuk);

    if (!govuk)
        return -ENOMEM;
    webhook->govuk = govuk;
    memcpy(govuk->url, endpoint->url, sizeof govuk->url);
    memcpy(govuk->key.service, endpoint->service, sizeof govuk->key.service);
    govuk->key.secret = endpoint->secrets[0];
    /* Notify does not tell repetitions; whoever sends again without asking sends twice. */
    govuk->asks = webhook->delivery->again;
    return set_headers(webhook);
}

bool govuk_prepare(struct webhook *webhook)
{
    const struct govuk *govuk = webhook->govuk;
    const struct delivery *delivery = webhook->delivery;
    CURL *curl = webhook->curl;
    char address[ADDRESS_SIZE];

    if (govuk->asks)
        (void)snprintf(address, sizeof address, "%s/v2/notifications?reference=%s", govuk->url,
                       delivery->id);
    else
        (void)snprintf(address, sizeof address, "%s/v2/notifications/%s", govuk->url,
                       delivery->route == ROUTE_NOTIFY_TEXT ? "sms" : "email");
    return curl_easy_setopt(curl, CURLOPT_URL, address) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, webhook->headers) == CURLE_OK &&
           (!govuk->asks || curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK);
}

static struct govuk_judgement judge(const struct webhook *webhook, const struct webhook_end *end)
{
    const struct govuk *govuk = webhook->govuk;
    size_t size = webhook->body < sizeof govuk->answer ? webhook->body : 0;

    if (end->code == 0)
        return (struct govuk_judgement){ GOVUK_LATER, "" };
    return govuk->asks ? govuk_judge_lookup(end->code, govuk->answer, size, webhook->delivery->id)
                       : govuk_judge(end->code, govuk->answer, size);
}

bool govuk_goes_on(struct webhook *webhook, const struct webhook_end *end)
{
    const struct delivery *delivery = webhook->delivery;
    CURL *curl = webhook->curl;

    if (!webhook->govuk->asks || judge(webhook, end).verdict != GOVUK_UNKNOWN)
        return false;
    webhook->govuk->asks = false;
    webhook->body = 0;
    return set_headers(webhook) == 0 && curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)delivery->size) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, delivery->bytes) == CURLE_OK &&
           govuk_prepare(webhook);
}

void govuk_outcome(const struct webhook *webhook, const struct webhook_end *end,
                   struct outcome *outcome)
{
    static const struct {
        enum delivery_outcome outcome;
        bool needs_operator;
        uint32_t retry_after_s;
        const char *detail;
    } verdicts[] = {
        [GOVUK_TAKEN] = { DELIVERY_DONE, false, 0, "taken by GOV.UK Notify" },
        [GOVUK_UNKNOWN] = { DELIVERY_LATER, false, 0, "GOV.UK Notify does not have it" },
        [GOVUK_LATER] = { DELIVERY_LATER, false, 0, "GOV.UK Notify: not now" },
        [GOVUK_TOMORROW] = { DELIVERY_LATER, true, RETRY_AFTER_MAX_S,
                             "GOV.UK Notify: the day's limit is reached" },
        [GOVUK_SETTINGS] = { DELIVERY_LATER, true, 0,
                             "GOV.UK Notify: key, clock, template or service is set wrong" },
        [GOVUK_REFUSED] = { DELIVERY_REFUSED, false, 0, "refused by GOV.UK Notify" },
    };
    const struct govuk_judgement judgement = judge(webhook, end);
    char detail[DELIVERY_DETAIL_SIZE];

    outcome->outcome = verdicts[judgement.verdict].outcome;
    outcome->needs_operator =
        verdicts[judgement.verdict].needs_operator || end->denied || end->distrusted;
    outcome->retry_after_s = verdicts[judgement.verdict].retry_after_s;
    outcome->code = end->code;
    outcome->ambiguous = end->code == 0 && end->all_sent && !webhook->govuk->asks;
    (void)snprintf(detail, sizeof detail, judgement.name[0] ? "%s (%s)" : "%s",
                   verdicts[judgement.verdict].detail, judgement.name);
    outcome_tell(outcome, detail);
}

void govuk_close(struct webhook *webhook)
{
    if (!webhook->govuk)
        return;
    explicit_bzero(webhook->govuk, sizeof *webhook->govuk);
    free(webhook->govuk);
    webhook->govuk = NULL;
}
