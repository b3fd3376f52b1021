/* cloudevent.h - a JSON CloudEvent becomes a struct event, and back.
 *
 * This is the edge: what passes here is within every limit of wire.md, every string is free
 * of control characters, and every member of the data is what its type's table asks for.  It
 * does not know who sent the event, what time it is, nor any procedure.
 *
 * Equal JSON gives an equal struct event whatever the order of its members: people are
 * sorted by agency and role, facts by name.
 */
#ifndef CONCERN_PROTOCOL_CLOUDEVENT_H
#define CONCERN_PROTOCOL_CLOUDEVENT_H

#include "core/event.h"

enum {
    CLOUDEVENT_DEPTH_MAX = 16,    /* of arrays and objects */
    CLOUDEVENT_TOKENS_MAX = 4096, /* strings, numbers, literals, arrays and objects */
    CLOUDEVENT_TEXT_MAX = 200,    /* characters of free text */
    CLOUDEVENT_DROPPED_MAX = 16,  /* names kept of unknown members */
    CLOUDEVENT_WHY_SIZE = 200,
    CLOUDEVENT_TRACEPARENT_MAX = 55,
    CLOUDEVENT_BATCH_MAX = 50
};

enum cloudevent_answer {
    CLOUDEVENT_OK,
    CLOUDEVENT_REFUSED, /* `code` and `why` of the reading are set */
};

/** What reading an event told beside the event itself. */
struct event_reading {
    /* Of CLOUDEVENT_REFUSED: "400.2", "400.3", "400.4" or "413.1", and what is wrong (what
     * would be right).  Names the member, where the contract has it; quotes nothing of the event,
     * so that it may stand in a journal. */
    char code[8];
    char why[CLOUDEVENT_WHY_SIZE];
    char id[ID_MAX + 1];               /* what was read of them; "" where not even that: */
    char source[EVENT_SOURCE_MAX + 1]; /* a NACK names the event by them */

    /* Of CLOUDEVENT_OK. */
    char dropped[CLOUDEVENT_DROPPED_MAX][ID_MAX + 1]; /* "colour", "by.name": unknown in data */
    unsigned dropped_count;                           /* names in the list */
    unsigned dropped_total;  /* members dropped, those that found no room included */
    bool ignored_type;       /* kind is EVENT_UNKNOWN: ignored unless the procedure declares it */
    bool has_corrected;      /* a correction with an event: cloudevent_read_corrected() reads it */
    char agency[ID_MAX + 1]; /* the extension; it is also `by` where the data has none */
    char traceparent[CLOUDEVENT_TRACEPARENT_MAX + 1];
    char canonical_sha256[65]; /* of the JSON with sorted keys and no spaces: who repeats an
                                  event may write it differently, not say something else */
};

/** Adds a member that was left out to those named as dropped: "case", "event.link". */
void cloudevent_drop(struct event_reading *reading, const char *prefix, const char *name);

/** On whose behalf an event comes, where that leaves no doubt; both may be NULL. */
struct event_sender {
    const char *agency; /* the only agency the key speaks for */
    const char *board;  /* or the board it speaks for */
};

/**
 * Reads one event of `size` bytes (no closing zero is needed).
 *
 * CLOUDEVENT_OK sets `*event` whole; `received` is the extension of that name or INSTANT_NONE,
 * and is for who takes the event to set.  CLOUDEVENT_REFUSED leaves `*event` undefined.
 * -ENOMEM when there is no memory.  `*reading` is set by every answer.
 */
int cloudevent_read(const char *bytes, size_t size, struct event *event,
                    struct event_reading *reading);

/** The same, where `sender` (NULL: nobody in particular) stands for `by` if the event names
 *  nobody.  The canonical hash is that of the bytes, not of what was filled in. */
int cloudevent_read_from(const char *bytes, size_t size, const struct event_sender *sender,
                         struct event *event, struct event_reading *reading);

/**
 * Reads the event inside a correction that cloudevent_read() answered OK with
 * `has_corrected`, as it should have been; its source is the correction's own.
 */
int cloudevent_read_corrected(const char *bytes, size_t size, struct event *corrected,
                              struct event_reading *reading);

/**
 * Writes an event as JSON in one line; what cloudevent_read() makes of it equals `*event`,
 * and `*corrected` (NULL: none, written as null) if it is a correction.
 *
 * 0 sets `*json`, the caller's to free(); -EINVAL when the event could not be read back (a
 * text outside its alphabet, a required member missing); -ENOMEM.
 */
int cloudevent_write(const struct event *event, const struct event *corrected, char **json);

/** One event of a batch: a piece of the bytes it was found in. */
struct batch_item {
    size_t offset, size;
};

/**
 * Finds the events of a BATCH, a JSON array of 1 to CLOUDEVENT_BATCH_MAX of them; each is then
 * for cloudevent_read().  CLOUDEVENT_OK sets `items` and `*count`; CLOUDEVENT_REFUSED sets
 * `code` and `why` of the reading.  Allocates nothing.
 */
int cloudevent_batch_split(const char *bytes, size_t size,
                           struct batch_item items[CLOUDEVENT_BATCH_MAX], size_t *count,
                           struct event_reading *reading);

#endif
