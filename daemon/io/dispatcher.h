/* dispatcher.h - carries deliveries over libcurl, in its own thread; fair between routes.
 *
 * The engine hands deliveries in and takes outcomes out; both cross as frames and
 * no memory is shared.  Nothing here knows the store: a delivery the dispatcher never
 * answers (it was closed, the power went) is still a row of the outbox, and goes out
 * again with the same id.
 */
#ifndef CONCERN_IO_DISPATCHER_H
#define CONCERN_IO_DISPATCHER_H

#include "core/delivery.h"
#include "io/address.h"
#include "io/client_certificate.h"
#include "protocol/govuk_notify.h"
#include "protocol/return_path.h"

struct dispatcher;

enum {
    DISPATCH_URL_MAX = 511,
    DISPATCH_PATH_MAX = 511,
    DISPATCH_NAME_MAX = 255, /* a user's name, a password */
    DISPATCH_ALLOW_MAX = 8,
    DISPATCH_QUEUE_MAX = 4096,      /* deliveries handed in and not answered */
    DISPATCH_PER_ENDPOINT_MAX = 2,  /* transfers at once to one endpoint; of them ... */
    DISPATCH_ENDPOINT_ORDINARY = 1, /* ... ordinary ones, and none beside an urgent one */
    DISPATCH_TRANSFERS_MAX = 32,    /* at once to all endpoints; of them ... */
    DISPATCH_RESERVED = 8,          /* ... only for urgent and immediate ones */
    DISPATCH_ECHO_MS = 10000,       /* its thread turns at least so often */

    /* Mails at once: of ordinary ones as many as Microsoft 365 takes of one mailbox; beside them
     * places that only urgent ones have, and more that only immediate ones have. */
    DISPATCH_MAILS_ORDINARY = 3,
    DISPATCH_MAILS_STEP = 2,
    DISPATCH_MAILS_MAX = DISPATCH_MAILS_ORDINARY + DISPATCH_MAILS_STEP * PRIORITY_IMMEDIATE
};

/** The mail server.  An empty url: there is none, and every mail is answered so. */
struct mail_settings {
    char url[DISPATCH_URL_MAX + 1]; /* "smtp://host:587" (STARTTLS, always) or "smtps://host:465" */
    char user[DISPATCH_NAME_MAX + 1]; /* empty: no authentication */
    char password[DISPATCH_NAME_MAX + 1];
    char ca_file[DISPATCH_PATH_MAX + 1]; /* empty: the system's */
    struct client_certificate own;       /* shown to it where it asks */
    char from[ADDRESS_MAX + 1];          /* the envelope's sender ... */
    char bounces[ADDRESS_MAX + 1];       /* ... unless each delivery has one under this address */
    struct return_path_key bounce_key;   /* what signs that one */
};

/** One endpoint. */
struct endpoint {
    char id[ID_MAX + 1];
    enum endpoint_kind kind;
    char url[DISPATCH_URL_MAX + 1]; /* "https://..."; of GOV.UK Notify without a path */
    struct signature_secret secrets[SIGNATURE_SECRETS_MAX];
    size_t secret_count;                            /* 1 or more; of Teams 0 */
    char service[GOVUK_UUID_SIZE];                  /* of GOV.UK Notify: of its key */
    char ca_file[DISPATCH_PATH_MAX + 1];            /* empty: the system's */
    struct client_certificate own;                  /* shown to it where it asks */
    struct address_range allow[DISPATCH_ALLOW_MAX]; /* beside public addresses */
    size_t allow_count;
};

/** How long to wait, in ms; 0 means the default in brackets. */
struct patience {
    int32_t connect_ms; /* TCP and, for a webhook, TLS [5,000] */
    int32_t webhook_ms; /* a whole webhook [20,000] */
    int32_t mail_ms;    /* a mail up to its final dot [120,000] */
    int32_t alone_ms;   /* an endpoint that failed again and again is left alone [30,000] */
    int32_t answer_ms;  /* for the answer to the final dot [600,000, RFC 5321 4.5.3.2.6] */
};

struct dispatch_settings {
    struct mail_settings mail;
    struct patience patience;
    const struct endpoint *endpoints; /* borrowed for the length of the call */
    size_t endpoint_count;
};

enum dispatcher_answer {
    DISPATCHER_OK,
    DISPATCHER_FULL,         /* of dispatcher_send(): keep the row and offer it again later */
    DISPATCHER_BAD_SETTINGS, /* a url that is not smtp/smtps or https, an unsafe sender, ... */
};

/**
 * What is wrong with `settings`, in words ("endpoint \"board\": the url is not https"), or NULL:
 * nothing.  The words are written into `text`, which the answer points to.
 */
enum { DISPATCH_FAULT_SIZE = 160 };
const char *dispatch_settings_fault(const struct dispatch_settings *settings,
                                    char text[DISPATCH_FAULT_SIZE]);

/**
 * Starts the dispatcher's thread.  It takes no signals, and czmq installs no handlers.
 * Seeds rand() from the kernel, because starting czmq would have seeded it with the time.
 * Sets `*dispatcher` on DISPATCHER_OK; else DISPATCHER_BAD_SETTINGS, -ENOMEM, -EIO.
 */
int dispatcher_open(const struct dispatch_settings *settings, struct dispatcher **dispatcher);

/**
 * Gives new settings, for every transfer that starts from now on.  Those under way end as they
 * began.  DISPATCHER_OK, DISPATCHER_BAD_SETTINGS (the old ones stay), -ENOMEM, -EIO.
 */
int dispatcher_configure(struct dispatcher *self, const struct dispatch_settings *settings);

/**
 * Hands one delivery in; its bytes are copied.  Never waits.  DISPATCHER_OK: there will be
 * exactly one outcome for it, unless the dispatcher is closed first.  DISPATCHER_FULL:
 * DISPATCH_QUEUE_MAX are unanswered.  -EINVAL: no id, or size out of bounds.  -ENOMEM, -EIO.
 */
int dispatcher_send(struct dispatcher *self, const struct delivery *delivery);

/** The libzmq socket to watch with zmq_poll() for ZMQ_POLLIN: outcomes are there. */
void *dispatcher_socket(struct dispatcher *self);

/** Takes one outcome, never waits: 1 and `*outcome` is set, 0 there is none, -EIO. */
int dispatcher_take(struct dispatcher *self, struct outcome *outcome);

/**
 * Whether its thread turns: it is asked for an echo, which dispatcher_take() sees, and has
 * answered the one before or has had less than DISPATCH_ECHO_MS to.  Never waits.
 */
bool dispatcher_is_alive(struct dispatcher *self, int64_t monotonic_ms);

/** How many deliveries were handed in whose outcome has not been taken. */
size_t dispatcher_in_flight(const struct dispatcher *self);

/**
 * Ends the thread, in seconds at most.  What is under way is given up and not answered; a
 * mail may then have been accepted all the same, and goes again with the same Message-ID.
 */
void dispatcher_close(struct dispatcher **dispatcher);

#endif
