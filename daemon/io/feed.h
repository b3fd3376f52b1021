/* feed.h - a subscribed feed: events of a case system that only publishes.
 *
 * One SUB socket per feed, connected to one endpoint whose public key is
 * pinned: that key is all that says who speaks, so no two feeds share a socket.
 * Messages are three frames, topic | CON1 | JSON; a heartbeat's topic begins
 * with "hb.".  What a sequence number means is core's (sequence.h), decided in
 * the transaction of the event.
 *
 * For the loop: zmq_poll() with feed_socket() asked anew each time, as intake.h.
 */
#ifndef CONCERN_IO_FEED_H
#define CONCERN_IO_FEED_H

#include "core/base.h"
#include "core/sequence.h"
#include "io/zap.h"
#include "protocol/replay.h"
#include "protocol/wire.h"

struct feed;

enum {
    FEED_LIST_MAX = 64,
    FEED_SOURCES_MAX = 64, /* that one feed may send heartbeats of */
    FEED_SILENCE_S = 30
};

enum feed_assurance {
    FEED_SEQUENCED,  /* numbers and heartbeats: a loss is seen */
    FEED_BEST_EFFORT /* does not meet the guarantee, and says so wherever it is shown */
};

struct feed_settings {
    const char *name;           /* for logs and status */
    const char *endpoint;       /* the publisher's */
    const char *server_key;     /* the publisher's public key, pinned; Z85 */
    const char *secret_key;     /* ours; the public one is computed */
    const char *const *sources; /* each allows itself and what lies beneath */
    size_t source_count;        /* at least 1 */
    const char *const *boards;  /* empty: every board the events name */
    size_t board_count;
    const char *topic;      /* subscribed prefix, <= WIRE_TOPIC_MAX; NULL: "con." */
    unsigned max_silence_s; /* 0: FEED_SILENCE_S; of a best-effort one, which promises no
                               heartbeats: for ever */
    enum feed_assurance assurance;
    zap_tell *tell; /* NULL: the journal */
    void *tell_context;
};

/** What a message is: of the feed itself, or an answer of its replay endpoint (replay.h). */
enum feed_saying {
    FEED_EVENT,
    FEED_HEARTBEAT,
    FEED_REPLAYED, /* an event that was asked for */
    FEED_VALUE,    /* of a snapshot: an event, or a list of them */
    FEED_GONE,     /* `asked.range` will never come, as far as it goes */
    FEED_SNAP,     /* the end of a snapshot */
};

/** One message; freed with feed_message_close. */
struct feed_message {
    unsigned feed; /* the index given at feed_open */
    enum feed_saying saying;
    struct replay_request asked; /* of an answer: to what */
    struct replay_snap snap;     /* of FEED_SNAP */
    bool is_list;                /* of FEED_VALUE */
    char topic[WIRE_TOPIC_MAX + 1];
    struct instant received;
    char source[WIRE_SOURCE_MAX + 1];     /* these three of a heartbeat only; */
    char seqepoch[WIRE_SEQEPOCH_MAX + 1]; /* for an event they are in its body */
    uint64_t last_sequence;
    size_t size; /* of the body; the JSON as it came */
    char body[]; /* and a closing zero behind it */
};

/** The last heartbeat of one source. */
struct feed_beat {
    char source[WIRE_SOURCE_MAX + 1];
    uint64_t last_sequence;
    struct instant heard;
};

struct feed_counts {
    uint64_t taken; /* events handed up */
    uint64_t heartbeats;
    uint64_t malformed;    /* frames, sizes, version, heartbeats that cannot be read */
    uint64_t wrong_source; /* named a source or board this feed may not speak for, or sent
                              heartbeats of more than FEED_SOURCES_MAX sources */
    uint64_t refused;      /* for any other reason; see feed_count_refusal */
};

/**
 * Connects and subscribes; `now` is when silence begins to count.  The texts are
 * copied.  Negative: -EINVAL for keys, endpoint, topic or lists that cannot be
 * used; told through `tell`.  A publisher that is not there is no error.
 */
int feed_open(void *context, const struct feed_settings *settings, unsigned index,
              struct instant now, struct feed **feed);

/** The libzmq socket to poll for ZMQ_POLLIN; valid until feed_reset. */
void *feed_socket(struct feed *feed);

const char *feed_name(const struct feed *feed);

/** Whether the feed was subscribed for this source; nothing is counted. */
bool feed_speaks_for(const struct feed *feed, const char *source);

/** The publisher's pinned key, Z85: who speaks here. */
const char *feed_server_key(const struct feed *feed);
enum feed_assurance feed_assurance(const struct feed *feed);

/**
 * Takes the next event or heartbeat; `now` is when it was received.
 *
 * 1 sets `*message`, the caller's; 0 when nothing (more) waits, or 64 messages
 * were refused in a row and the loop should go round.  Negative only when the
 * socket cannot be read at all.  A heartbeat for a source that is not the feed's is
 * refused here; for an event, read it and ask feed_may().
 */
int feed_take(struct feed *feed, struct instant now, struct feed_message **message);

/** Frees it; NULL is fine; sets NULL. */
void feed_message_close(struct feed_message **message);

/** May this feed speak for `source` to `board` (NULL or "": unasked)?  A no is counted, and
 *  sets `*code` to WIRE_CODE_SOURCE or WIRE_CODE_BOARD. */
bool feed_may(struct feed *feed, const char *source, const char *board, const char **code);

/** Counts an event that whoever decides has refused. */
void feed_count_refusal(struct feed *feed);

/** When anything well-formed was last heard; the instant of feed_open before that. */
struct instant feed_last_heard(const struct feed *feed);

/** The sources it sent heartbeats of, by `index` from 0; NULL past the last. */
const struct feed_beat *feed_beat(const struct feed *feed, size_t index);

/** True when nothing was heard for longer than max_silence. */
bool feed_is_silent(const struct feed *feed, struct instant now);

/** The clock may have been set back to `now`: nothing was heard later than that. */
void feed_set_back(struct feed *feed, struct instant now);

struct feed_counts feed_counts(const struct feed *feed);

/** Closes the socket with everything it holds and connects again: the memory fuse. */
int feed_reset(struct feed *feed);

/** NULL is fine; sets NULL. */
void feed_close(struct feed **feed);

#endif
