/* replay.h - asks a feed's publisher for what is missing.
 *
 * One DEALER per feed, connected to the publisher's replay endpoint with the same pinned key, and
 * one request at a time (protocol/replay.h).  Its answers come as messages of the feed, so that
 * they are kept until a turn that took them is on the disk, and pass the same checks.
 *
 * A publisher that lies (another source, a number not asked for, one twice, more than was asked,
 * frames that are none) is cut off: the socket is closed with all it holds, the refusal counted,
 * and asked again later.  Nothing here waits: whoever drives it polls replay_socket().
 */
#ifndef CONCERN_IO_REPLAY_H
#define CONCERN_IO_REPLAY_H

#include "io/feed.h"

struct replay;

enum {
    REPLAY_AT_ONCE = 200,       /* events asked for in one request */
    REPLAY_PATIENCE_MS = 15000, /* without a word: the request has failed */
    REPLAY_RETRY_MS = 1000,     /* the first wait; doubles to */
    REPLAY_RETRY_MOST_MS = 60000,
    REPLAY_CONNECTING_MS = 200, /* how often a connection that is not there yet is tried */
    REPLAY_HWM = 64             /* messages that may wait in the socket */
};

struct replay_settings {
    unsigned feed;          /* its index, as of feed_open */
    const char *name;       /* of the feed, for logs */
    const char *endpoint;   /* the publisher's */
    const char *server_key; /* pinned; Z85 */
    const char *secret_key; /* ours */
    zap_tell *tell;         /* NULL: the journal */
    void *tell_context;
};

struct replay_counts {
    uint64_t asked;   /* requests sent */
    uint64_t events;  /* events and values that came */
    uint64_t failed;  /* requests without a whole answer */
    uint64_t refused; /* answers that lied; each cost the connection */
};

/** Connects; the texts are copied.  Negative: -EINVAL for what cannot be used. */
int replay_open(void *context, const struct replay_settings *settings, struct replay **replay);

/** The libzmq socket to poll for ZMQ_POLLIN; ask anew before every poll. */
void *replay_socket(struct replay *replay);

/** Nothing is under way, and the wait after a failure is over. */
bool replay_is_ready(const struct replay *replay, int64_t now_ms);

/** A request is under way. */
bool replay_is_busy(const struct replay *replay);

/** Sends a request; only while ready.  0; 1 where the publisher is not connected (asked again
 *  soon); negative when the socket cannot be used at all. */
int replay_ask(struct replay *replay, const struct replay_request *request, int64_t now_ms);

/**
 * Takes the next word of the answer.  1 sets `*message`, the caller's; 0: nothing (more) waits,
 * the request has ended, or has failed; negative: the socket cannot be used at all.
 */
int replay_take(struct replay *replay, struct instant now, int64_t now_ms,
                struct feed_message **message);

/** What was asked for brought something on the way to nothing missing, or did not: then the
 *  waits grow, 1, 2, 4 … 60 seconds. */
void replay_note_progress(struct replay *replay, bool progress, int64_t now_ms);

struct replay_counts replay_counts(const struct replay *replay);

/** Closes the socket with everything it holds and connects again: the memory fuse. */
int replay_reset(struct replay *replay, int64_t now_ms);

/** NULL is fine; sets NULL. */
void replay_close(struct replay **replay);

#endif
