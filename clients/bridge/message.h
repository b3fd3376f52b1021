/* message.h - what a case system publishes: one, two or three frames. */
#ifndef CONCERN_BRIDGE_MESSAGE_H
#define CONCERN_BRIDGE_MESSAGE_H

#include "core/sequence.h"
#include "protocol/wire.h"

#include <zmq.h>

/** A message with its body, which is closed with message_close. */
struct message {
    zmq_msg_t body;
    bool heartbeat;
    const char *wrong; /* why it can be no event; NULL where it may be one */
};

enum message_answer { MESSAGE_OK, MESSAGE_NONE };

/**
 * Takes one message from a SUB socket: topic|CON1|JSON as the daemon's feeds have it, topic|JSON,
 * or JSON alone.  MESSAGE_OK sets `*message`, whatever it is; MESSAGE_NONE: there is none now;
 * negative.
 */
int message_take(void *socket, struct message *message);

void message_close(struct message *message);

/* ---- what was said and not heard ---------------------------------------------------------- */

enum { HEARD_SOURCES_MAX = 64 };

/** How far each source that numbers its events was heard by this process. */
struct heard {
    struct {
        char source[WIRE_SOURCE_MAX + 1];
        struct sequence_mark mark;
        uint64_t told; /* a gap up to here was told */
    } sources[HEARD_SOURCES_MAX];
    size_t count;
};

/** Events of a source that were published and have not come here. */
struct heard_gap {
    const char *source; /* borrowed from `heard` */
    uint64_t from, to;
};

/** Notes an event or a heartbeat, JSON.  True when it shows a gap that was not told before: it
 *  sets `*gap`.  More than HEARD_SOURCES_MAX sources are not watched. */
bool heard_note(struct heard *heard, const char *json, size_t size, bool heartbeat,
                struct heard_gap *gap);

#endif
