/* webhook.h - one message over HTTPS to one endpoint: sets it up, and judges how it ended. */
#ifndef CONCERN_IO_WEBHOOK_H
#define CONCERN_IO_WEBHOOK_H

#include <curl/curl.h>

#include "io/dispatcher.h"

struct webhook;

/**
 * Prepares the POST of `delivery` (borrowed until the webhook is closed) to `endpoint` (copied):
 * a signed CloudEvent, stamped with the time of this attempt; a card; or a message of GOV.UK
 * Notify, with a token of this attempt.  Where the endpoint keeps connections it goes over one of
 * `kept` (connections.h; borrowed until the webhook is closed), and leaves its own there; NULL:
 * over a new one, which is closed.  Sets `*webhook`, or answers -ENOMEM, or -EIO where it cannot be
 * signed.
 */
int webhook_open(const struct endpoint *endpoint, const struct patience *patience,
                 const struct delivery *delivery, CURLSH *kept, struct webhook **webhook);

/** Whether a request to it may go over the connection of an earlier one. */
bool webhook_keeps_connections(const struct endpoint *endpoint);

void webhook_close(struct webhook **webhook);

/** The handle to be run; its CURLINFO_PRIVATE is the webhook. */
CURL *webhook_handle(struct webhook *webhook);

/** Asked at the end of a request: true when another one has to follow over the same handle, which
 *  is ready for it then (GOV.UK Notify, asked whether it has the message, has it not). */
bool webhook_goes_on(struct webhook *webhook, CURLcode code);

/** What became of it; `code` is how curl says it ended. */
void webhook_outcome(struct webhook *webhook, CURLcode code, struct outcome *outcome);

/** What is known at the end of one transfer. */
struct webhook_end {
    CURLcode curl;
    int code;              /* the HTTP status, or 0 */
    int64_t retry_after_s; /* what the other side asked for, or 0 */
    bool all_sent;
    bool denied;     /* the address is not one a webhook may go to */
    bool distrusted; /* our certificate, or that we showed none */
};

/** Judges an end: sets outcome, code, ambiguous, needs_operator and retry_after_s. */
void webhook_judge(const struct webhook_end *end, struct outcome *outcome);

#endif
