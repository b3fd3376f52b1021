/* queue.h - which delivery goes next: fair between endpoints, urgent before ordinary.
 *
 * One lane per endpoint, at most DISPATCH_PER_ENDPOINT_MAX of each under way, so that one that
 * never answers holds up nobody but itself; an ordinary one starts only where fewer than
 * DISPATCH_ENDPOINT_ORDINARY are, so that an urgent one finds a place that no ordinary one has.
 * (Breaking off an ordinary one instead would leave open whether it arrived.)
 * DISPATCH_TRANSFERS_MAX in all, of which DISPATCH_RESERVED are kept for urgent and immediate ones.
 *
 * All mail is one lane, with places of its own: DISPATCH_MAILS_ORDINARY, DISPATCH_MAILS_STEP more
 * for what is urgent and as many again for what is immediate, so that none of it waits until an
 * ordinary mail has ended.
 *
 * What may start next is the most urgent; of those, one from the lane served longest ago; of its
 * own, the one due first.
 *
 * A lane whose endpoint fails again and again is left alone (core/breaker.h): what waits in it is
 * put off, so that it takes nobody's place, and afterwards one goes alone - of ordinary ones: an
 * urgent one goes beside it.
 */
#ifndef CONCERN_IO_QUEUE_H
#define CONCERN_IO_QUEUE_H

#include "io/parcel.h"

struct queue;

/** What the end of a transfer says of its endpoint. */
enum queue_end {
    QUEUE_END_WELL,    /* it answers, whatever it said of this delivery */
    QUEUE_END_FAILED,  /* it does not, or says that it cannot now */
    QUEUE_END_UNKNOWN, /* it was not asked */
};

/** Sets `*queue`; 0 or -ENOMEM. */
int queue_open(struct queue **queue);

/** How long an endpoint is left alone at first, from now on; 0: BREAKER_FIRST_MS.  What failed
 *  before is forgotten. */
void queue_configure(struct queue *queue, int64_t first_wait_ms);

/** Closes the parcels that wait, too. */
void queue_close(struct queue **queue);

/** Puts a parcel in its lane and takes ownership of it; 0, or -ENOMEM and the caller keeps it. */
int queue_add(struct queue *queue, struct parcel *parcel);

/**
 * Takes the parcel that goes next and counts it as under way; NULL when none may start now.  The
 * caller owns it, and tells queue_done() when its transfer is over.
 */
struct parcel *queue_next(struct queue *queue, int64_t now_ms);

/** Takes a parcel that waits for an endpoint which is left alone, for `*wait_ms` more; NULL: there
 *  is none.  The caller owns it; it was never under way. */
struct parcel *queue_put_off(struct queue *queue, int64_t now_ms, int64_t *wait_ms);

/** The transfer of `parcel`, which queue_next() gave, is over. */
void queue_done(struct queue *queue, const struct parcel *parcel, enum queue_end end,
                int64_t now_ms);

size_t queue_waiting(const struct queue *queue);
size_t queue_under_way(const struct queue *queue);

#endif
