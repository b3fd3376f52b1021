/* intake.h - the acknowledged plane: where publishers bring their events.
 *
 * One ROUTER socket, CURVE only, that reads whole messages of four frames and
 * hands up those the engine must decide on.  What can be answered without the
 * store (HELLO, PING, wrong frames, unknown keys) it answers itself.
 *
 * For the engine's loop.  The socket is polled with zmq_poll(), which is
 * level-triggered, so nothing is left lying when a turn takes only some of what
 * waits (ZMQ_FD in a plain epoll is edge-triggered and loses wake-ups; it is
 * not used).  Three rules:
 *   - ask intake_socket() anew before every poll: the fuse may have replaced it;
 *   - call intake_watch() in every turn and let no poll last longer than
 *     intake_watch_ms() says: messages that never end fill memory without ever making
 *     the socket readable;
 *   - call intake_take() until it answers 0, or until the turn has enough.
 */
#ifndef CONCERN_IO_INTAKE_H
#define CONCERN_IO_INTAKE_H

#include "core/base.h"
#include "io/keyring.h"
#include "io/refusals.h"
#include "io/zap.h"
#include "protocol/wire.h"

struct intake;

enum {
    INTAKE_ROUTING_SIZE = 5, /* a routing id of libzmq's own making: 0 and four bytes */
    INTAKE_WATCH_MS = 200,
    INTAKE_CALM_MS = 1000,
    INTAKE_PEERS_MAX = 4096, /* routing ids remembered with their key */
};

struct intake_settings {
    const char *endpoint;      /* "tcp://…", "ipc://…"; port "*" takes a free one */
    const char *secret_key;    /* the server's, 40 letters of Z85; wiped by whoever owns it */
    const char *domain;        /* of ZAP; NULL: WIRE_ZAP_DOMAIN */
    size_t memory_limit;       /* resident bytes of the process over which the fuse blows;
                                  0: 256 MiB */
    struct zap *zap;           /* borrowed; closed after the intake.  NULL: there is no handler,
                                  and the self-test will refuse to start */
    struct keyring *keyring;   /* borrowed until intake_set_keys or intake_close */
    struct refusals *refusals; /* borrowed; where refusals are counted.  NULL: its own */
    zap_tell *tell;            /* NULL: the journal */
    void *tell_context;
};

/** One whole message from a live key; freed with intake_message_close. */
struct intake_message {
    unsigned char routing[INTAKE_ROUTING_SIZE];
    uint32_t generation;       /* of the socket it came by */
    enum wire_command command; /* WIRE_EVENT, WIRE_BATCH, WIRE_LAST or WIRE_STAT */
    unsigned char correlation[WIRE_CORRELATION_MAX];
    size_t correlation_size;
    char key[WIRE_KEY_TEXT + 1]; /* Z85; live at `received` */
    struct instant received;
    size_t size; /* of the body */
    char body[]; /* and a closing zero behind it */
};

/** How the intake is doing. */
struct intake_counts {
    uint64_t taken;      /* messages handed up */
    uint64_t refused;    /* answered with a NACK, or dropped */
    uint64_t unanswered; /* answers whose peer was gone or did not read */
    uint64_t dropped;    /* without an answer: wrong routing id, or one of another key */
    uint64_t fuse_blown;
};

enum intake_watch_answer { INTAKE_WELL, INTAKE_FUSE_BLEW };

/** Seeds rand() from getrandom().  libzmq draws its routing ids from rand() and never
 *  seeds it; a peer that guesses the next one aborts the process.  main() calls it too. */
int intake_seed(void);

/**
 * Opens the ROUTER, hands the keys to the ZAP handler, binds, and then tries to
 * get in with a throw-away key: -EACCES when that works, or when nothing refuses
 * it in time; then nothing is open.  Other negatives: -EINVAL for a key or
 * endpoint that cannot be used, -EADDRINUSE.  All are told through `tell`.
 * The texts of `settings` are copied.
 */
int intake_open(void *context, const struct intake_settings *settings, struct instant now,
                struct intake **intake);

/** The libzmq socket to poll for ZMQ_POLLIN; valid until the next intake_watch. */
void *intake_socket(struct intake *intake);

/** Where it is bound, with the port that was chosen. */
const char *intake_endpoint(const struct intake *intake);

/** The server's public key, Z85. */
const char *intake_public_key(const struct intake *intake);

/**
 * Takes the next message that needs a decision; `now` is when it was received.
 *
 * 1 sets `*message`, the caller's from then on; 0 says that nothing (more) waits,
 * or that it has dealt with 64 messages by itself and wants the loop to go round.
 * Negative only when the socket cannot be read at all.
 */
int intake_take(struct intake *intake, struct instant now, struct intake_message **message);

/** Frees it; NULL is fine; sets NULL. */
void intake_message_close(struct intake_message **message);

/**
 * Answers a message with WIRE_ACK, WIRE_NACK or WIRE_BUSY and a JSON text.
 * Never blocks: a peer that is gone or does not read is counted, no error, for it
 * will ask again.  The message stays the caller's.
 */
void intake_answer(struct intake *intake, const struct intake_message *message,
                   enum wire_command command, const char *json);

/** Answers {code, reason, retry} with WIRE_NACK and counts the refusal; `reason` NULL takes
 *  the code's meaning.  It carries no content of the event. */
void intake_refuse(struct intake *intake, const struct intake_message *message, const char *code,
                   const char *reason);

/** Counts a refusal that was answered otherwise (a BATCH, a feed). */
void intake_count_refusal(struct intake *intake, const char *key, const char *code,
                          struct instant now);

/** Where it counts them. */
const struct refusals *intake_refusals(const struct intake *intake);

struct intake_counts intake_counts(const struct intake *intake);

/** What PONG says as "last": the number of the last record kept. */
void intake_set_last(struct intake *intake, int64_t record);

/**
 * Uses this keyring from now on, for handshakes and for messages of connections
 * that live.  The one before is the caller's again when it returns, even
 * negative: the messages are then checked against the new one and the handler,
 * which did not answer, keeps its last set.
 */
int intake_set_keys(struct intake *intake, struct keyring *keyring, struct instant now);

/**
 * Looks after the socket: measures memory at most every INTAKE_WATCH_MS, hands
 * over the keys again when one begins or ends to live, binds again after the
 * fuse.  `monotonic_ms` is of any clock that does not jump; `now` the wall clock.
 *
 * INTAKE_FUSE_BLEW: the ROUTER was closed with everything it held and is being
 * bound again; publishers reconnect by themselves and send again what was not
 * acknowledged.  Call feed_reset() on the feeds then.
 */
int intake_watch(struct intake *intake, int64_t monotonic_ms, struct instant now);

/** How long until the next watch: INTAKE_WATCH_MS, or INTAKE_CALM_MS while the socket is bound
 *  and memory low and not growing.  NULL: there is no intake, and nothing grows. */
int intake_watch_ms(const struct intake *intake);

/** Closes the socket, not the handler nor the keyring; NULL is fine; sets NULL. */
void intake_close(struct intake **intake);

#endif
