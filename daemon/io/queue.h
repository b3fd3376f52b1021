/* queue.h - which delivery goes next: fair between endpoints, urgent before ordinary.
 *
 * One lane per endpoint (all mail is one), at most DISPATCH_PER_ENDPOINT_MAX of each under way,
 * so that one that never answers holds up nobody but itself; DISPATCH_TRANSFERS_MAX in all, of
 * which DISPATCH_RESERVED are kept for urgent and immediate ones.
 *
 * What may start next is the most urgent; of those, one from the lane served longest ago; of its
 * own, the one due first.
 */
#ifndef CONCERN_IO_QUEUE_H
#define CONCERN_IO_QUEUE_H

#include "io/parcel.h"

struct queue;

/** Sets `*queue`; 0 or -ENOMEM. */
int queue_open(struct queue **queue);

/** Closes the parcels that wait, too. */
void queue_close(struct queue **queue);

/** Puts a parcel in its lane and takes ownership of it; 0, or -ENOMEM and the caller keeps it. */
int queue_add(struct queue *queue, struct parcel *parcel);

/**
 * Takes the parcel that goes next and counts it as under way; NULL when none may start now.  The
 * caller owns it, and tells queue_done() when its transfer is over.
 */
struct parcel *queue_next(struct queue *queue);

/** The transfer of `parcel`, which queue_next() gave, is over. */
void queue_done(struct queue *queue, const struct parcel *parcel);

size_t queue_waiting(const struct queue *queue);
size_t queue_under_way(const struct queue *queue);

#endif
