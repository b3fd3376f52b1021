/* notification_body.h - what a webhook receives: a CloudEvent that tells of a notification.
 *
 * Of a person it holds the directory's id, the role and the agency, nothing else; of the
 * adult or child nothing but the disagreement's reference.
 */
#ifndef CONCERN_PROTOCOL_NOTIFICATION_BODY_H
#define CONCERN_PROTOCOL_NOTIFICATION_BODY_H

#include "core/words.h"

enum {
    OUTGOING_SAYS_MAX = 24,
    OUTGOING_LINE_MAX = 4096,      /* bytes: a procedure's sentence is the longest */
    OUTGOING_TEXT_MAX = 64 * 1024, /* bytes */
};

/** One thing a notification says; texts NULL or "" where there is none. */
struct outgoing_say {
    const char *message;  /* "stage_entered", a rule's id */
    const char *stage;    /* id */
    const char *deadline; /* id */
    const char *rule;     /* id */
    const char *words;    /* the procedure's sentence */
    const char *cause;    /* "deadline stage-1" */
    struct instant due;   /* INSTANT_NONE: null in the JSON */
    bool provisional;
};

/** A notification on its way out.  All texts are borrowed and may be NULL unless said. */
struct outgoing {
    const char *id;        /* the stable id, the same over retries; never NULL */
    const char *board;     /* never NULL */
    const char *reference; /* never NULL */
    const char *procedure;
    const char *procedure_version;
    const char *calendar_version;
    const char *person; /* directory id; NULL for an address: addresses are not written */
    const char *role;
    const char *side; /* "challenging", "challenged" or "board" */
    const char *agency;
    const char *const *also; /* the other roles this person is told in */
    size_t also_count;
    struct instant at;    /* when it fell due to be told; never INSTANT_NONE */
    struct instant sent;  /* when it was put on its way; INSTANT_NONE: not written;
                             of the first attempt, for retries repeat the body */
    const char *priority; /* "normal", "urgent" or "immediate"; never NULL */
    int64_t late_by_s;    /* 0: in time */
    const char *link;
    const char *acknowledge; /* where the reader says that he has seen it; an address of https */
    const char *subject;     /* the composed line and text; the same as a mail's */
    const char *text;
    const struct words *words; /* of the reader's language, for a card; NULL: English */
    const struct outgoing_say *says;
    size_t say_count; /* at most OUTGOING_SAYS_MAX */
};

/**
 * The gate of what goes out as JSON, which each of its writers asks first (core/plain.h): every
 * text that is there is one plain line of at most OUTGOING_LINE_MAX bytes, `text` is plain lines,
 * `link` and `acknowledge` are links (protocol/alphabet.h), and no list is too long.
 */
bool outgoing_is_plain(const struct outgoing *outgoing);

/**
 * Writes the CloudEvent: type `concernd.notification`, source `urn:concernd:BOARD`, subject
 * the reference, data as in schema/notification.json.  One line, always the same bytes for
 * the same value, so that a retry carries the signature of the same body.
 *
 * 0 sets `*json`, the caller's to free(); -EINVAL for texts that are missing or not plain;
 * -ENOMEM.
 */
int notification_body_write(const struct outgoing *outgoing, char **json);

#endif
