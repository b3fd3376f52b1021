/* peer.h - one connection to the daemon: a DEALER under CURVE, and what became of it.
 *
 * ZeroMQ connects, and connects again, by itself and says nothing; the socket's
 * monitor is what tells a wrong key from a daemon that is not there.
 */
#ifndef CONCERN_LIBCONCERN_PEER_H
#define CONCERN_LIBCONCERN_PEER_H

#include "libconcern/keyfile.h"

#include <zmq.h>

struct peer;

/** Why nothing can be sent now. */
enum peer_trouble {
    PEER_FINE,
    PEER_CONNECTING,  /* no answer of any kind yet */
    PEER_UNREACHABLE, /* nobody listens there */
    PEER_HANDSHAKE,   /* somebody closes before the handshake ends: not the server of this key */
    PEER_NOT_ADMITTED /* the daemon does not know our key; ZeroMQ does not try again */
};

enum peer_answer {
    PEER_OK,
    PEER_NOT_NOW /* nothing to receive, or no room to send */
};

/** One message from the daemon; `body` is closed with peer_message_close. */
struct peer_message {
    enum wire_command command;
    char correlation[WIRE_CORRELATION_MAX + 1];
    zmq_msg_t body;
};

/**
 * Opens a socket towards `endpoint`; the keys are Z85, copied.  Connects in the
 * background.  0, or negative: -EINVAL for an endpoint or key that cannot be.
 */
int peer_open(const char *endpoint, const char *server_key, const struct key_pair *pair,
              struct peer **peer);

/**
 * Reads what the monitor has told.  True when the connection has come up since the
 * last call: whatever was under way on an earlier one is lost.
 */
bool peer_came_up(struct peer *peer);

/** How the connection stands; `*failures` counts those of this
 *  kind in a row, 0 once it was up. */
enum peer_trouble peer_trouble(const struct peer *peer, unsigned *failures);

/** Sends the four frames.  PEER_OK, PEER_NOT_NOW or negative. */
int peer_send(struct peer *peer, enum wire_command command, const char *correlation,
              const char *body, size_t size);

/** Takes one message; what is not of our wire is dropped.  PEER_OK sets `*message`. */
int peer_receive(struct peer *peer, struct peer_message *message);

/** Frees the message's body. */
void peer_message_close(struct peer_message *message);

/**
 * Sleeps until something came, `for_room` something can be sent, or `wait_ms` passed
 * (negative: for ever).  0, or -EINTR.
 */
int peer_sleep(struct peer *peer, bool for_room, long wait_ms);

/**
 * For a loop of somebody else's: two descriptors that become readable when there may be something
 * to do.  They tell of changes only: peer_is_pending is asked after whatever was done.
 */
void peer_descriptors(struct peer *peer, int descriptors[2]);

/** Whether there is something to receive, or to send `for_room`, that no descriptor will tell. */
bool peer_is_pending(struct peer *peer, bool for_room);

/** Gives what was handed over up to `linger_ms` to leave; NULL is fine; sets NULL. */
void peer_close(struct peer **peer, int linger_ms);

#endif
