/* answer.h - what the daemon answers a publisher, as values and as JSON.
 *
 * Writers allocate one line of JSON, the caller's to free(): 0, or -ENOMEM.  Readers answer
 * ANSWER_OK, ANSWER_UNREADABLE or ANSWER_NO_JSON (nothing is set) or -ENOMEM, and take no more
 * than WIRE_BODY_MAX bytes; unknown members are ignored, so that an older client understands a
 * newer daemon.
 */
#ifndef CONCERN_PROTOCOL_ANSWER_H
#define CONCERN_PROTOCOL_ANSWER_H

#include "core/disagreement.h"
#include "protocol/cloudevent.h"

enum { ANSWER_WHY_SIZE = 256, ANSWER_BATCH_MAX = CLOUDEVENT_BATCH_MAX };

enum answer_answer {
    ANSWER_OK,
    ANSWER_UNREADABLE, /* JSON, and not what it should be */
    ANSWER_NO_JSON     /* none, or not within the limits */
};

/** The limit that is due next in the event's disagreement, for the publisher to check. */
struct answer_deadline {
    char deadline[ID_MAX + 1];
    struct instant due; /* INSTANT_NONE: no due instant */
    bool provisional;
};

/** "Kept": the event and all that follows from it is on disk. */
struct answer_ack {
    char source[EVENT_SOURCE_MAX + 1];
    char id[ID_MAX + 1];
    bool has_sequence;
    uint64_t sequence;
    int64_t record; /* the number of its line in the record; 0: none */
    char hash[65];  /* of that line, hex; "" where there is none */
    bool committed; /* false only in answers to STAT: not known here */
    bool duplicate; /* was kept before; `record` is the first one's */
    bool parked;    /* kept, waits until what is missing before it has come */
    bool ignored;   /* kept, changes nothing */
    char dropped[CLOUDEVENT_DROPPED_MAX][ID_MAX + 1]; /* members of its data nobody knows */
    unsigned dropped_count;
    bool has_state;
    enum disagreement_state state; /* of the disagreement, after the event */
    bool has_next_deadline;
    struct answer_deadline next_deadline;
};

/** "Refused": the code says what to do. */
struct answer_nack {
    char code[8];
    char why[ANSWER_WHY_SIZE];         /* "reason" in the JSON; "" writes the code's meaning */
    char source[EVENT_SOURCE_MAX + 1]; /* of the event, where it could be read; else "" */
    char id[ID_MAX + 1];
    bool retry; /* read: what the daemon said; written: made from the code */
};

/** "Not now". */
struct answer_busy {
    uint32_t retry_after_ms;
};

/** What LAST is told: how far a source was heard. */
struct answer_last {
    char source[EVENT_SOURCE_MAX + 1];
    bool known; /* false: never heard with a sequence; the rest is unset */
    char seqepoch[37];
    uint64_t sequence;
};

/** What LAST {source} and STAT {source, id} ask; `id` is "" for LAST. */
struct answer_query {
    char source[EVENT_SOURCE_MAX + 1];
    char id[ID_MAX + 1];
};

int answer_write_ack(const struct answer_ack *ack, char **json);
int answer_read_ack(const char *bytes, size_t size, struct answer_ack *ack);

int answer_write_nack(const struct answer_nack *nack, char **json);
int answer_read_nack(const char *bytes, size_t size, struct answer_nack *nack);

int answer_write_busy(const struct answer_busy *busy, char **json);
int answer_read_busy(const char *bytes, size_t size, struct answer_busy *busy);

int answer_write_last(const struct answer_last *last, char **json);
int answer_read_last(const char *bytes, size_t size, struct answer_last *last);

/** A BATCH is answered by one ACK of {"acks":[…]} in the order of its events, or one NACK,
 *  which names the event that was refused.  `count` is 1 to ANSWER_BATCH_MAX.  Leaves out the
 *  names of dropped members where the answer would not fit a frame with them. */
int answer_write_acks(const struct answer_ack *acks, size_t count, char **json);

/** Reads one into `acks`, which has room for ANSWER_BATCH_MAX, and how many there are. */
int answer_read_acks(const char *bytes, size_t size, struct answer_ack *acks, size_t *count);

int answer_write_query(const struct answer_query *query, char **json);
int answer_read_query(const char *bytes, size_t size, struct answer_query *query);

/** "open", "resolved", "withdrawn" or "lapsed": the words of answers and of simulate. */
const char *answer_state_text(enum disagreement_state state);

#endif
