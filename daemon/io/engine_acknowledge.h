/* engine_acknowledge.h - the link by which whoever was told says that he has seen it. */
#ifndef CONCERN_IO_ENGINE_ACKNOWLEDGE_H
#define CONCERN_IO_ENGINE_ACKNOWLEDGE_H

#include "core/compose.h"
#include "io/engine.h"

/** A notification that somebody acknowledges by its link. */
struct engine_link {
    const char *token; /* of any length */
    const char *asked; /* the language that the link names, if any: any text, or NULL */

    /* In which the reader is spoken to: that which the link names where there are texts in it,
     * else that of the person who was told; "" where neither is known. */
    char language[LANGUAGE_SIZE];

    /* of the answer, but of ENGINE_LINK_UNKNOWN */
    char board[ID_MAX + 1], reference[ID_MAX + 1];
    char notification[DELIVERY_ID_SIZE];
    char role[ID_MAX + 1], agency[ID_MAX + 1]; /* ids; the board's have no agency */
    struct instant told;                       /* when it was to be told */
    struct instant acknowledged;               /* of ENGINE_LINK_USED: when */
    struct disagreement disagreement;          /* as it stands */

    /* in words of the page's language, for the page; no person's name */
    char subject[SUBJECT_SIZE]; /* of the notification, in the reader's language */
    char whom[SUBJECT_SIZE];    /* "Line manager of Northtown Housing" */
    char stage[SUBJECT_SIZE];   /* where it stands; "" where that is no stage */
    char told_at[SUBJECT_SIZE];
    char acknowledged_at[SUBJECT_SIZE]; /* of ENGINE_LINK_USED */
};

enum engine_link_answer {
    ENGINE_LINK_GOOD,         /* nobody acknowledged it yet; or now it is */
    ENGINE_LINK_UNKNOWN = 30, /* altered, or none of ours: nobody is told which */
    ENGINE_LINK_USED,         /* acknowledged before, by this link or by an event */
    ENGINE_LINK_OVER,         /* the disagreement has ended */
    ENGINE_LINK_OLD,
};

/** Sets the language to the one the link names; "" where it names none that there is. */
void engine_read_link_language(struct engine *engine, struct engine_link *link);

/** Looks at a link at `now` and changes nothing, in a turn or outside: an enum
 *  engine_link_answer, or negative. */
int engine_look_at_link(struct engine *engine, struct instant now, struct engine_link *link);

/**
 * In a turn: acknowledges by a link, with the effect of an event `acknowledged` by the role and
 * agency that was told; once, over restarts too.  An enum engine_link_answer, ENGINE_STORE_FULL or
 * negative; after anything but ENGINE_LINK_GOOD the turn is to be rolled back.
 */
int engine_acknowledge(struct engine *engine, struct engine_link *link);

#endif
