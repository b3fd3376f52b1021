/* publisher.h - sends events and keeps each until the daemon has acknowledged it.
 *
 * Every send over ZeroMQ can vanish without a word; only an ACK says that the event
 * is on the daemon's disk.  A publisher therefore holds up to a window of events,
 * sends the same bytes again after 5, 10, 20, 40, 60, 60 … seconds and at once when
 * the connection comes back, and gives up none silently: each one sent is told to
 * the caller exactly once, as acknowledged, refused or unanswered.
 *
 * What is held is lost with the process: who must not lose an event across a crash
 * keeps it on his own disk until it was told as acknowledged.
 */
#ifndef CONCERN_LIBCONCERN_PUBLISHER_H
#define CONCERN_LIBCONCERN_PUBLISHER_H

#include "libconcern/peer.h"
#include "protocol/answer.h"

#include <jansson.h>

struct publisher;

/** Called from within publisher_wait and publisher_send.  `came_up`: the connection is there, anew;
 * publisher_ask_last may be called.  `last`: how far the daemon heard a source that was asked for.
 */
struct publisher_listener {
    void *context;
    void (*came_up)(void *context);
    void (*last)(void *context, const struct answer_last *last);
};

enum { PUBLISHER_RESEND_MAX = 16 };

/** All borrowed until publisher_open returns. */
struct publisher_settings {
    const char *endpoint;   /* tcp://host:port */
    const char *server_key; /* Z85 */
    const struct key_pair *pair;
    const char *client;        /* who we say we are: "concernctl/0.1.0" */
    unsigned window;           /* events under way at once; 0: WIRE_WINDOW, the most */
    unsigned wait_ms;          /* how long an event may stay unanswered; 0: for ever */
    const unsigned *resend_ms; /* waits between sends, the last repeats; NULL: the contract's */
    size_t resend_count;       /* at most PUBLISHER_RESEND_MAX */
    struct publisher_listener listener; /* each function may be NULL */
};

enum publisher_outcome {
    PUBLISHER_ACKNOWLEDGED, /* it is on the daemon's disk */
    PUBLISHER_REFUSED,      /* NACK with a code after which the same bytes never get in */
    PUBLISHER_UNANSWERED    /* given up: it may have been kept or not; send it again later */
};

/** What became of one event; borrowed, for the time of the call. */
struct publisher_told {
    uint64_t number; /* as publisher_send numbered it */
    enum publisher_outcome outcome;
    const char *source;
    const char *id;
    const char *code;     /* of a NACK, "" else; UNANSWERED: of the last one that said "later" */
    const char *reason;   /* its words, "" when it gave none */
    unsigned sends;       /* how often it was sent; 0: never, there was no connection */
    const json_t *event;  /* the event itself */
    const json_t *answer; /* the body of the ACK or NACK; NULL when there is none */
};

/** Called from within publisher_wait and publisher_give_up. */
typedef void publisher_tell(void *context, const struct publisher_told *told);

enum publisher_answer {
    PUBLISHER_OK,
    PUBLISHER_FULL,      /* the window is full: publisher_wait first */
    PUBLISHER_TOO_LARGE, /* more than WIRE_BODY_MAX bytes */
    PUBLISHER_NO_EVENT,  /* not a JSON object with the texts `source` and `id` */
    PUBLISHER_TIME_OUT,  /* nothing was told in the time given */
    PUBLISHER_HOPELESS   /* the connection cannot come about; publisher_trouble says why */
};

/** Opens and begins to connect.  0, or negative: -EINVAL for an endpoint or key that cannot be. */
int publisher_open(const struct publisher_settings *settings, struct publisher **publisher);

/**
 * Takes one CloudEvent, `size` bytes of JSON, copied.
 *
 * PUBLISHER_OK sets `*number` (0, 1, 2 …; may be NULL): the event will be told.
 * FULL, TOO_LARGE, NO_EVENT and negative: it was not taken.
 */
int publisher_send(struct publisher *publisher, const char *json, size_t size, uint64_t *number);

/**
 * Waits until at least one event was told, or none is under way: PUBLISHER_OK.
 *
 * PUBLISHER_TIME_OUT after `wait_ms`; PUBLISHER_HOPELESS when the daemon refused our
 * key, or the handshake failed three times in a row; -EINTR after a signal.
 */
int publisher_wait(struct publisher *publisher, unsigned wait_ms, publisher_tell *tell,
                   void *context);

/** Tells every event under way as unanswered, or with what refused it last. */
void publisher_give_up(struct publisher *publisher, publisher_tell *tell, void *context);

/** Asks how far the daemon heard `source`; the listener is told.  PUBLISHER_OK, FULL (ask again
 *  when the connection comes up) or negative. */
int publisher_ask_last(struct publisher *publisher, const char *source);

/**
 * For a loop of somebody else's, which calls publisher_wait with 0 when one of the descriptors
 * is readable, or as soon as publisher_due_ms has passed; the latter is asked after every other
 * call (0: now; at most a minute).
 */
void publisher_descriptors(struct publisher *publisher, int descriptors[2]);
long publisher_due_ms(struct publisher *publisher);

/** How many events are under way. */
size_t publisher_under_way(const struct publisher *publisher);

/** Why nothing gets through, in words for people; NULL while it does. */
const char *publisher_trouble(const struct publisher *publisher);

/** Closes; events under way are forgotten untold.  NULL is fine; sets NULL. */
void publisher_close(struct publisher **publisher);

#endif
