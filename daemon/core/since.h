/* since.h - what has come about since a notification was to be told.
 *
 * One that waited for a digest may have been overtaken: the disagreement ended, or the date it
 * gives is another.  The digest says so behind its reference, for it is read as the word of today.
 */
#ifndef CONCERN_CORE_SINCE_H
#define CONCERN_CORE_SINCE_H

#include "core/disagreement.h"
#include "core/limit.h"
#include "core/words.h"

enum since_kind {
    SINCE_NOTHING,
    SINCE_RESOLVED,
    SINCE_WITHDRAWN,
    SINCE_LAPSED,
    SINCE_ENDED,  /* the deadline it speaks of runs no more: answered, left, or started anew */
    SINCE_PASSED, /* the time it gave has passed */
    SINCE_MOVED,  /* it is another time now: `due` */
};

struct since {
    enum since_kind kind;
    struct instant due; /* of SINCE_MOVED; else INSTANT_NONE */
};

/** A deadline that a notification speaks of, and as it is now. */
struct since_deadline {
    struct instant told; /* due, as was told; INSTANT_NONE: no date */
    enum running_state state;
    struct instant due;         /* now */
    struct instant acted_until; /* of a stopped one: when it was */
    bool is_anew;               /* it was started anew after that, or never was */
    const char *title;          /* by which it is told from another one of the same notification */
};

struct since_question {
    struct instant at; /* when it was to be told */
    struct instant now;
    enum disagreement_state state; /* now, and since when ... */
    struct instant closed;         /* ... it is over; INSTANT_NONE */
    const struct since_deadline *deadlines;
    size_t count;
};

/** How the disagreement has ended since; SINCE_NOTHING where it has not. */
struct since since_of_end(const struct since_question *question);

/** What has become of the deadline at `index`. */
struct since since_of_deadline(const struct since_question *question, size_t index);

enum { SINCE_SIZE = 400 };

/**
 * Writes all of it in words: the end of the disagreement, else each deadline that is not as it was
 * told, by its title where there are several.  "" where nothing has overtaken it; "now by 17:00
 * Wed 6 January 2027".
 */
void since_write(const struct since_question *question, const struct words *words,
                 const struct timekeeping *time, char text[SINCE_SIZE]);

#endif
