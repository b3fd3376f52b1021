/* gather.h - ordinary notifications that wait, and those that go together in one message.
 *
 * A person may have his ordinary notifications once a day (`ordinary: daily 09:00`); and nobody
 * gets more than a few one by one within half a minute: what is more waits for its end.  What
 * waited goes out as one message, or as few numbered ones, each with its own part of the
 * notifications. What is urgent or immediate, and what asks for something before then, never waits.
 *
 * What a maintenance silence (core/silence.h) holds is not put together before the silence lets it
 * go: then it comes here again, and so does all else that it held.
 */
#ifndef CONCERN_CORE_GATHER_H
#define CONCERN_CORE_GATHER_H

#include "core/directory.h"
#include "core/procedure.h" /* enum priority */
#include "core/zone.h"

enum { GATHER_ALONE_MAX = 20 /* for one person, one by one, within GATHER_SPAN_US */ };

#define GATHER_SPAN_US (30 * SECOND_US)

/** Whether what was gathered can go by it: to a person, and as a text message by its references
 *  alone. */
bool gather_can_carry(enum route_kind kind);

/** Whether each entry of a list may have a link there: a card shows an address as text. */
bool gather_can_link(enum route_kind kind);

/** Whether it carries the whole list, with what happened: not as a text message. */
bool gather_can_carry_list(enum route_kind kind);

/** Bytes of a list that one message of the route carries, as gather() counts them; 0: none. */
size_t gather_room(enum route_kind kind);

/** What decides whether a notification waits for a person's digest. */
struct gather_question {
    const struct zone *zone; /* of the board */
    int32_t second;          /* of the civil day, when the digest goes out; negative: at once */
    enum priority priority;
    struct instant at;     /* when it is to be told */
    struct instant act_by; /* what it asks for is due then; INSTANT_NONE: nothing is, or never */
};

/**
 * The instant of the first digest not before `at`: every day, at the civil time; where the clocks
 * skip it the first instant after it, where it comes twice the second.  INSTANT_NONE where it does
 * not wait: it is urgent, there is no digest, or what it asks for is due by then.
 */
struct instant gather_until(const struct gather_question *question);

/** How many one person got one by one, and since when they are counted. */
struct gather_tally {
    struct instant since;
    unsigned count;
};

enum gather_fate {
    GATHER_ALONE, /* as it is, now */
    GATHER_WAIT,  /* until `until` */
    GATHER_IN,    /* in `message` */
};

/** A notification that may be gathered; texts borrowed. */
struct gather_row {
    int64_t number;             /* the store's own */
    size_t index;               /* the caller's */
    const char *who, *apart;    /* a message is for one `who`, and of one `apart` ... */
    const char *board;          /* ... and board */
    const char *gist;           /* what happened: the same words stand once */
    const char *reference;      /* of the disagreement */
    struct instant at;          /* when it was to be told */
    size_t since_size;          /* bytes of what has overtaken it (core/since.h) */
    size_t room;                /* of the route to him: gather_room() */
    bool ripe;                  /* it has waited, and its time is over */
    bool must;                  /* it cannot go as it is: it was made for somebody else */
    bool overtaken;             /* nor if it has waited, and says what is so no more */
    bool stale;                 /* nor if it was kept from going, and does */
    bool silenced;              /* a silence holds it, should it go as it is now */
    struct gather_tally *tally; /* of `who` */

    /* the answer */
    enum gather_fate fate;
    struct instant until; /* of GATHER_WAIT */
    uint32_t message;     /* of GATHER_IN: from 0, ascending in the order of the rows */
    uint32_t part, parts; /* of what is for him: from 1 */
};

/**
 * Decides over all that may go now, and puts it into an order in which the rows of a message
 * stand together: by instant, what happened, and reference.  What is ripe goes, together with all
 * else for that person, one alone as it is unless it was overtaken.  Where nothing is ripe a few go
 * one by one, as the tally allows; else all of them wait until its span is over.  What is stale
 * goes at once in a list, with what has overtaken it.  A route without room for a list carries each
 * alone.  What a silence holds, and is neither ripe nor somebody else's by now, goes into its hands
 * alone: it reaches nobody, and no tally counts it.  Tallies are kept up to date.
 *
 * Answers how many messages there are.
 */
size_t gather(struct gather_row *rows, size_t count, struct instant now);

#endif
