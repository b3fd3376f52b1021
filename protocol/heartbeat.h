/* heartbeat.h - what a feed says between its events: how far its source has come. */
#ifndef CONCERN_PROTOCOL_HEARTBEAT_H
#define CONCERN_PROTOCOL_HEARTBEAT_H

#include "core/base.h"
#include "protocol/wire.h"

enum { HEARTBEAT_MAX = 4096 /* bytes of its JSON */ };

enum heartbeat_answer { HEARTBEAT_OK, HEARTBEAT_UNREADABLE };

struct heartbeat {
    char source[WIRE_SOURCE_MAX + 1];
    char seqepoch[WIRE_SEQEPOCH_MAX + 1];
    uint64_t last_sequence;
};

/**
 * Reads {source, seqepoch, last_sequence, time}; the time is the publisher's own and not used.
 * `last_sequence` is written as the events carry it, twenty digits, or as a plain number; source
 * and seqepoch are made of what an event's may be made of: they reach logs and mails.
 *
 * HEARTBEAT_OK sets `*heartbeat`; HEARTBEAT_UNREADABLE and -ENOMEM leave it undefined.
 */
int heartbeat_read(const char *bytes, size_t size, struct heartbeat *heartbeat);

#endif
