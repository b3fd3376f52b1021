/* delivery.h - a rendered notification on its way out, and what became of it.
 *
 * Pure values: the outbox keeps them, the dispatcher carries them, neither
 * needs the other's insides.
 */
#ifndef CONCERN_CORE_DELIVERY_H
#define CONCERN_CORE_DELIVERY_H

#include "core/base.h"
#include "core/procedure.h" /* enum priority */

enum {
    DELIVERY_ID_SIZE = 27, /* a ULID as text, 26 characters and a zero */
    DELIVERY_DETAIL_SIZE = 200,
    DELIVERY_BYTES_MAX = 256 * 1024,
    ENDPOINTS_MAX = 256, /* of a directory, and so of the dispatcher */

    /* Letters before the "@" of the address that bounces come to: a delivery's id and signature
     * stand behind them, and there are 64 in all (RFC 5321 4.5.3.1.1). */
    DELIVERY_BOUNCES_LOCAL_MAX = 20
};

enum route_kind {
    ROUTE_EMAIL,
    ROUTE_WEBHOOK,
    ROUTE_TEAMS,        /* an Adaptive Card into a channel, by a Workflow */
    ROUTE_NOTIFY_EMAIL, /* by GOV.UK Notify, as mail ... */
    ROUTE_NOTIFY_TEXT,  /* ... or as a text message */
    ROUTE_COUNT
};

/** What an endpoint of the directory speaks. */
enum endpoint_kind { ENDPOINT_WEBHOOK, ENDPOINT_TEAMS, ENDPOINT_GOVUK_NOTIFY };

/** "email", "webhook", "teams", "notify-email", "notify-text": as the directory writes them. */
const char *route_name(enum route_kind kind);

/** Whether it goes to an endpoint by the endpoint's own id (else to an address or a number). */
bool route_is_to_endpoint(enum route_kind kind);

enum delivery_outcome {
    DELIVERY_DONE,    /* the other side has taken it: 250 after the final dot, or 2xx */
    DELIVERY_LATER,   /* not now: try again (retry.h says when) */
    DELIVERY_REFUSED, /* never by this route: take another one at once */
};

/**
 * One attempt of one delivery.  `id` stays the same over all attempts and travels as
 * webhook-id and in Message-ID, so that a receiver can tell a repetition.
 */
struct delivery {
    char id[DELIVERY_ID_SIZE];
    uint32_t attempt; /* from 1; comes back in the outcome */
    bool again;       /* it may have been sent before, in an attempt or before a restart */
    enum route_kind route;
    enum priority priority;          /* the greater goes first */
    struct instant due;              /* when it should have gone out; orders a queue */
    char recipient[ADDRESS_MAX + 1]; /* an address, a telephone number, or an endpoint's id */
    const char *bytes;               /* borrowed: a mail as mail_write() made it, or a JSON body */
    size_t size;                     /* 1 to DELIVERY_BYTES_MAX */
};

/** What became of one attempt. */
struct outcome {
    char id[DELIVERY_ID_SIZE];
    uint32_t attempt;
    enum route_kind route;
    enum delivery_outcome outcome;
    int code; /* the SMTP or HTTP status that decided, or 0: there was none */

    /* All was sent and no answer came: it may have been accepted.  The next attempt must
     * carry the same bytes. */
    bool ambiguous;

    /* No recipient's fault: a setting, a password, a certificate, an endpoint's address.  It
     * will not mend by itself; tell the operator, and take another route beside retrying. */
    bool needs_operator;

    /* It was not tried, for its endpoint fails again and again: no attempt.  `retry_after_s` says
     * for how long the endpoint is left alone. */
    bool put_off;

    uint32_t retry_after_s; /* not before this many seconds, 1 to 3,600; 0: nothing said */

    /* The server's last line in words of a fixed list, or curl's reason: printable ASCII. */
    char detail[DELIVERY_DETAIL_SIZE];
};

#endif
