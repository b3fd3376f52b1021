/* dispatch_settings.c - what is wrong with the settings of a dispatcher, in words. */
#include "io/dispatcher.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "protocol/mail.h"

static void url_free(CURLU **url)
{
    curl_url_cleanup(*url);
}

/* Whether a url has a part; a name or password in it would end up in messages. */
static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return has;
}

static bool has_scheme(CURLU *url, const char *scheme)
{
    char *text = NULL;
    bool has =
        curl_url_get(url, CURLUPART_SCHEME, &text, 0) == CURLUE_OK && strcmp(text, scheme) == 0;

    curl_free(text);
    return has;
}

static const char *url_fault(const char *text, const char *scheme, const char *other_scheme)
{
    CLEANUP(url_free) CURLU *url = curl_url();

    if (!url || curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return "cannot be read";
    if (!has_scheme(url, scheme) && !has_scheme(url, other_scheme))
        return strcmp(scheme, "https") == 0 ? "is not https" : "is neither smtp nor smtps";
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        return "has a user or password in it";
    return NULL;
}

static const char *mail_fault(const struct mail_settings *mail, char text[DISPATCH_FAULT_SIZE])
{
    const char *fault;

    if (!mail->url[0])
        return NULL; /* there is none */
    fault = url_fault(mail->url, "smtp", "smtps");
    if (fault) {
        (void)snprintf(text, DISPATCH_FAULT_SIZE, "the mail server's url %s", fault);
        return text;
    }
    if (!mail_address_is_safe(mail->from))
        return "the address mail is sent from is not an address";
    if (mail->bounces[0] && (!mail_address_is_safe(mail->bounces) ||
                             strcspn(mail->bounces, "@") > DELIVERY_BOUNCES_LOCAL_MAX))
        return "the address that bounces come to is not an address, or too long before its @";
    if (mail->password[0] && !mail->user[0])
        return "the mail server has a password and no user";
    return NULL;
}

static const char *endpoint_fault(const struct endpoint *endpoint, char text[DISPATCH_FAULT_SIZE])
{
    const char *of_url = url_fault(endpoint->url, "https", "https"), *fault = NULL;

    if (!endpoint->id[0])
        return "an endpoint has no id";
    if (of_url)
        (void)snprintf(text, DISPATCH_FAULT_SIZE, "the url of endpoint \"%s\" %s", endpoint->id,
                       of_url);
    else if ((endpoint->secret_count == 0) != (endpoint->kind == ENDPOINT_TEAMS) ||
             endpoint->secret_count > SIGNATURE_SECRETS_MAX)
        fault = "has no secret to sign with, or too many";
    else if (endpoint->allow_count > DISPATCH_ALLOW_MAX)
        fault = "has too many allowed ranges";
    if (fault)
        (void)snprintf(text, DISPATCH_FAULT_SIZE, "endpoint \"%s\" %s", endpoint->id, fault);
    return of_url || fault ? text : NULL;
}

static const char *first_fault(const struct dispatch_settings *settings,
                               char text[DISPATCH_FAULT_SIZE])
{
    const char *fault = mail_fault(&settings->mail, text);

    if (!fault && settings->endpoint_count > ENDPOINTS_MAX)
        fault = "there are too many endpoints";
    for (size_t i = 0; !fault && i < settings->endpoint_count; i++) {
        fault = endpoint_fault(&settings->endpoints[i], text);
        for (size_t j = 0; !fault && j < i; j++)
            if (strcmp(settings->endpoints[i].id, settings->endpoints[j].id) == 0)
                fault = "two endpoints have the same id";
    }
    return fault;
}

/* Some faults are literals: the words are in `text` all the same, as the callers print it. */
const char *dispatch_settings_fault(const struct dispatch_settings *settings,
                                    char text[DISPATCH_FAULT_SIZE])
{
    const char *fault = first_fault(settings, text);

    if (fault && fault != text)
        (void)snprintf(text, DISPATCH_FAULT_SIZE, "%s", fault);
    return fault ? text : NULL;
}
