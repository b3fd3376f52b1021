/* sequence.h - what an event's sequence number says about the ones before it.
 *
 * A publisher numbers its events without holes, per source and per seqepoch (a
 * UUID, new when it lost its counter).  Whoever keeps the highest number kept
 * so far in the same transaction as the event can tell, by these functions
 * alone, that something is missing.
 */
#ifndef CONCERN_CORE_SEQUENCE_H
#define CONCERN_CORE_SEQUENCE_H

#include "core/base.h"

enum {
    SEQUENCE_DIGITS = 20,   /* zero-padded, so that text sorts as numbers do */
    SEQUENCE_EPOCH_MAX = 36 /* letters of a UUID */
};

/** The greatest sequence accepted: what a signed 64-bit column holds. */
#define SEQUENCE_MAX ((uint64_t)INT64_MAX)

/** How far a source was heard; a value kept by the store, one per source. */
struct sequence_mark {
    bool known;                            /* false: never heard, the rest is unset */
    char seqepoch[SEQUENCE_EPOCH_MAX + 1]; /* the epoch `high` counts in */
    uint64_t high; /* the highest known to be published: what is not above it has come, or
                      lies in a gap */
};

enum sequence_answer {
    SEQUENCE_NEXT,       /* the one expected: nothing is missing */
    SEQUENCE_DUPLICATE,  /* at or below the mark: a repeat, or a late one that fills a gap;
                            which of the two only (source, id) can say */
    SEQUENCE_GAP,        /* keep the event; those between are missing */
    SEQUENCE_NEW_EPOCH,  /* first heard, or the publisher lost its counter */
    SEQUENCE_UNSEQUENCED /* the source does not number its events: no gap can be seen */
};

/** What to do to the mark, and which numbers are missing. */
struct sequence_decision {
    enum sequence_answer answer;
    uint64_t high; /* the mark after this event is kept */
    uint64_t from; /* the missing ones, both inclusive; from > to: none.  On a new epoch */
    uint64_t to;   /* numbers count from 1: an event 7 says that 1 to 6 were not heard */
};

enum sequence_text {
    SEQUENCE_READ,
    SEQUENCE_MALFORMED /* not exactly 20 digits, or above SEQUENCE_MAX */
};

/** Reads exactly 20 digits.  Sets `*sequence` only on SEQUENCE_READ. */
int sequence_read(const char *text, size_t length, uint64_t *sequence);

/** Writes 20 digits and a closing zero. */
void sequence_write(uint64_t sequence, char text[SEQUENCE_DIGITS + 1]);

/**
 * Decides over an event that has arrived.
 *
 * `seqepoch` NULL or empty means that the event carries no sequence: the answer
 * is SEQUENCE_UNSEQUENCED and the mark stays.
 */
struct sequence_decision sequence_decide(const struct sequence_mark *mark, const char *seqepoch,
                                         uint64_t sequence);

/**
 * Decides over a heartbeat, which names the last sequence published.
 *
 * SEQUENCE_NEXT: nothing is missing.  SEQUENCE_GAP: from..to were published and
 * have not come (a lost tail).  SEQUENCE_NEW_EPOCH: another counter than the
 * mark's; from..to were published in it before we listened.  `high` moves to `last`, so that
 * each missing number is answered once: from then on it lies in the gap that was recorded.
 */
struct sequence_decision sequence_heartbeat(const struct sequence_mark *mark, const char *seqepoch,
                                            uint64_t last);

/** Moves `mark` on to what was decided; call it when the event or the gap is kept. */
void sequence_keep(struct sequence_mark *mark, const char *seqepoch,
                   const struct sequence_decision *decision);

/** Numbers of one epoch, both ends inclusive; from > to: none. */
struct sequence_range {
    uint64_t from, to;
};

/**
 * What is left of `gap` once `gone` has been taken out of it: answers how many ranges of `left`
 * are set, 0 to 2, in order.  A `gone` that does not touch it leaves all of it.
 */
size_t sequence_cut(struct sequence_range gap, struct sequence_range gone,
                    struct sequence_range left[2]);

#endif
