/* parcel.h - a delivery with bytes of its own, and how it crosses between threads.
 *
 * A delivery crosses as two frames, its values and its bytes; an outcome as one.
 * Both ends are this program, so the values go as they lie in memory.
 */
#ifndef CONCERN_IO_PARCEL_H
#define CONCERN_IO_PARCEL_H

#include <czmq.h>

#include "core/delivery.h"

struct parcel {
    struct delivery delivery; /* its bytes are the ones below */
    char bytes[];
};

/** A copy of `delivery`, bytes and all; NULL without memory.  Closed with parcel_close(). */
struct parcel *parcel_of(const struct delivery *delivery);

void parcel_close(struct parcel **parcel);

/** Adds the two frames of a delivery to `message`; 0 or -ENOMEM. */
int parcel_write(zmsg_t *message, const struct delivery *delivery);

/** Takes the two frames off `message`; NULL if they are not there, or without memory. */
struct parcel *parcel_read(zmsg_t *message);

/** Sends an outcome as a message of its own; 0 or -EIO. */
int outcome_send(zsock_t *socket, const struct outcome *outcome);

/** Reads an outcome from a whole message; false if it is something else. */
bool outcome_read(zmsg_t *message, struct outcome *outcome);

/** An outcome that says which delivery it is of: later, and nothing else yet. */
struct outcome outcome_of(const struct delivery *delivery);

/**
 * Keeps words of ours or of curl's as the outcome's detail: one line of printable ASCII without
 * addresses, cut to its size, for details go to the journal (protocol/told.h).
 */
void outcome_tell(struct outcome *outcome, const char *line);

/** Keeps a mail server's reply, as far as it may be told: told_reply(). */
void outcome_tell_reply(struct outcome *outcome, const char *reply);

#endif
