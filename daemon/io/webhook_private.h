/* webhook_private.h - what a POST to a webhook and one to GOV.UK Notify share. */
#ifndef CONCERN_IO_WEBHOOK_PRIVATE_H
#define CONCERN_IO_WEBHOOK_PRIVATE_H

#include "io/webhook.h"
#include "protocol/govuk_notify.h"

struct webhook {
    CURL *curl;
    struct curl_slist *headers;
    const struct delivery *delivery;
    enum endpoint_kind kind;
    struct address_range allow[DISPATCH_ALLOW_MAX];
    size_t allow_count;
    bool denied;
    bool asked;  /* for our certificate */
    size_t body; /* bytes of the answer seen */
    char trouble[CURL_ERROR_SIZE];

    /* Of GOV.UK Notify alone: NULL for the others. */
    struct govuk {
        char url[DISPATCH_URL_MAX + 1]; /* of the service */
        struct govuk_key key;
        bool asks; /* whether it has the message: before it may be sent again */
        char answer[GOVUK_ANSWER_MAX];
    } * govuk;
};

/** Adds a header line; false without memory. */
bool webhook_add_header(struct webhook *webhook, const char *line);

/** Takes what `endpoint` says of the service, and sets headers and address of the first request:
 *  the question, where an earlier attempt may have been taken; else the message.  0, -ENOMEM or
 *  -EIO. */
int govuk_open(struct webhook *webhook, const struct endpoint *endpoint);

/** Sets address and method on the handle; false without memory.  Before webhook_open() is done. */
bool govuk_prepare(struct webhook *webhook);

/** The question was answered "never heard of it", or "never sent": makes the handle ready for the
 *  message. */
bool govuk_goes_on(struct webhook *webhook, const struct webhook_end *end);

/** Judges an end. */
void govuk_outcome(const struct webhook *webhook, const struct webhook_end *end,
                   struct outcome *outcome);

void govuk_close(struct webhook *webhook);

#endif
