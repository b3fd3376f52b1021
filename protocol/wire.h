/* wire.h - the frames, commands, greatest lengths and codes of the wire.
 *
 * Daemon, clients and tests read the same constants.  A message of the
 * acknowledged plane has exactly four frames behind the routing id:
 *
 *     CON1 | command | correlation | body (JSON, UTF-8)
 *
 * and one of a subscribed feed has three: topic | CON1 | body.
 */
#ifndef CONCERN_PROTOCOL_WIRE_H
#define CONCERN_PROTOCOL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/** Frame 1: the magic and, as its last letter, the major version. */
#define WIRE_MAGIC "CON1"

/** What every publisher's ZAP domain check must be given by the daemon's sockets. */
#define WIRE_ZAP_DOMAIN "concernd"

/** A topic that begins so is a heartbeat: {source, seqepoch, last_sequence, time}. */
#define WIRE_HEARTBEAT_TOPIC "hb."

enum {
    WIRE_VERSION = 1,
    WIRE_FRAMES = 4,                      /* behind the routing id */
    WIRE_FEED_FRAMES = 3,                 /* topic, magic, body */
    WIRE_MAGIC_SIZE = 4,                  /* bytes, no closing zero on the wire */
    WIRE_COMMAND_MAX = 8,                 /* bytes */
    WIRE_CORRELATION_MAX = 32,            /* bytes, at least 1 */
    WIRE_BODY_MAX = 65536,                /* bytes of JSON, inclusive */
    WIRE_FRAME_MAX = WIRE_BODY_MAX + 512, /* ZMQ_MAXMSGSIZE: what a socket reads at all */
    WIRE_HELLO_MAX = 4096,                /* bytes of a HELLO's body */
    WIRE_BATCH_MAX = 50,                  /* events of one BATCH */
    WIRE_WINDOW = 64,                     /* unanswered events a publisher may have under way */
    WIRE_TOPIC_MAX = 200,  /* bytes; libzmq 4.3.4 loses subscriptions of 246 and more */
    WIRE_SOURCE_MAX = 255, /* bytes of a CloudEvents source, our limit */
    WIRE_KEY_SIZE = 32,    /* bytes of a CURVE key */
    WIRE_KEY_TEXT = 40,    /* letters of the same key in Z85 */
    WIRE_SEQEPOCH_MAX = 36 /* letters of a UUID */
};

/** Intervals of the sockets, milliseconds; both ends use them. */
enum { WIRE_HANDSHAKE_MS = 5000, WIRE_HEARTBEAT_MS = 5000, WIRE_HEARTBEAT_TIMEOUT_MS = 15000 };

enum wire_command {
    WIRE_HELLO, /* client to daemon: {versions, client, sources} */
    WIRE_EVENT, /* one CloudEvent */
    WIRE_BATCH, /* a list of them, all or nothing */
    WIRE_LAST,  /* {source}: the highest durable sequence */
    WIRE_STAT,  /* {source, id}: was it committed? */
    WIRE_PING,
    WIRE_WELCOME, /* daemon to client: {version, max_body, window, server_time, keys} */
    WIRE_ACK,
    WIRE_NACK, /* {code, reason, retry} */
    WIRE_BUSY, /* {retry_after_ms} */
    WIRE_PONG, /* {time, last} */
    /* between the daemon and a feed's publisher, at its replay endpoint (replay.h) */
    WIRE_REPLAY, /* daemon to publisher: {source, seqepoch, from, to, max} */
    WIRE_END,    /* publisher to daemon: {count} */
    WIRE_GONE,   /* {oldest} */
    WIRE_SNAP,   /* daemon to publisher: {source}; and back, when all is said */
    WIRE_COMMAND_COUNT,
    WIRE_COMMAND_UNKNOWN = WIRE_COMMAND_COUNT
};

/** The command these bytes name, or WIRE_COMMAND_UNKNOWN.  Letters are exact. */
enum wire_command wire_command_read(const void *bytes, size_t size);

/** Its bytes as text, "?" for WIRE_COMMAND_UNKNOWN. */
const char *wire_command_text(enum wire_command command);

/** True for what a client may say, false for what only the daemon says. */
bool wire_command_is_request(enum wire_command command);

/* The codes of a NACK: stable, class.number. */
#define WIRE_CODE_FRAMES "400.1"
#define WIRE_CODE_JSON "400.2"
#define WIRE_CODE_CLOUDEVENT "400.3"
#define WIRE_CODE_SCHEMA "400.4"
#define WIRE_CODE_NO_PRINCIPAL "401.1"
#define WIRE_CODE_SOURCE "403.1"
#define WIRE_CODE_BOARD "403.2"
#define WIRE_CODE_RIGHT "403.3"
#define WIRE_CODE_NO_PART "403.4"
#define WIRE_CODE_UNKNOWN "404.1"
#define WIRE_CODE_ID_REUSED "409.1"
#define WIRE_CODE_TOO_LARGE "413.1"
#define WIRE_CODE_TRANSITION "422.1"
#define WIRE_CODE_VERSION "426.1"
#define WIRE_CODE_RATE "429.1"
#define WIRE_CODE_STORE "503.1"
#define WIRE_CODE_SHUTTING_DOWN "503.2"
#define WIRE_CODE_STANDBY "503.3"

/** What a client does with an event that was refused so. */
enum wire_remedy {
    WIRE_FIX,         /* correct the event; the same bytes never get in */
    WIRE_STOP,        /* stop, alarm the operator: the key may not do this */
    WIRE_RAISE_FIRST, /* send the raise of this disagreement first */
    WIRE_KEEP         /* keep the event and send it again later */
};

struct wire_code {
    const char *code;
    const char *meaning; /* one line, for logs and people */
    enum wire_remedy remedy;
};

/** The row of a code, NULL when there is none.  The row lives for ever. */
const struct wire_code *wire_code_find(const char *code);

/** All of them, in order; `*count` rows. */
const struct wire_code *wire_codes(size_t *count);

/** True for the codes after which the same event may be sent again unchanged. */
bool wire_code_is_retryable(const char *code);

/**
 * True when `source` is `prefix` or lies beneath it.
 *
 * Segments are what stands between ':' and '/'; they match whole, never by
 * letters: "urn:northtown:las" allows "urn:northtown:las/east" and not
 * "urn:northtown:las2".  An empty prefix allows nothing.
 */
bool wire_source_is_within(const char *prefix, const char *source);

#endif
