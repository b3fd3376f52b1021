/* replay.h - what a feed's publisher is asked for when something is missing, and what it says.
 *
 * Four frames as on the acknowledged plane.  The daemon asks, one request at a time:
 *
 *     REPLAY {source, seqepoch, from, to, max}    EVENT … END {count}, or GONE {oldest}
 *     SNAP {source}                               EVENT or BATCH … SNAP {source, seqepoch,
 *                                                                        sequence, values}
 *
 * Writers allocate one line of JSON, the caller's to free(): 0, or -ENOMEM.  Readers answer
 * REPLAY_OK, REPLAY_UNREADABLE (nothing is set) or -ENOMEM; unknown members are ignored.
 */
#ifndef CONCERN_PROTOCOL_REPLAY_H
#define CONCERN_PROTOCOL_REPLAY_H

#include "core/sequence.h"
#include "protocol/wire.h"

enum {
    REPLAY_MOST = 1000,         /* events of one request */
    REPLAY_VALUES_MOST = 10000, /* disagreements of one snapshot */
    REPLAY_BODY_MAX = 4096      /* bytes of a body that is no event */
};

enum replay_answer { REPLAY_OK, REPLAY_UNREADABLE };

/** What is asked for. */
struct replay_request {
    bool snapshot; /* SNAP: only `source` is set */
    char source[WIRE_SOURCE_MAX + 1];
    char seqepoch[WIRE_SEQEPOCH_MAX + 1];
    struct sequence_range range; /* both ends inclusive; at least one number */
    unsigned max;                /* 1 to REPLAY_MOST */
};

/** "These were all I have of them." */
struct replay_end {
    uint64_t count; /* events sent */
};

/** "Some of them I do not have any more." */
struct replay_gone {
    bool nothing; /* not one of this epoch is left; else: */
    uint64_t oldest;
};

/** "That is how everything stands." */
struct replay_snap {
    char source[WIRE_SOURCE_MAX + 1];
    char seqepoch[WIRE_SEQEPOCH_MAX + 1];
    uint64_t sequence; /* every event up to this one is in it */
    uint64_t values;   /* disagreements sent */
};

/** Which event a body claims to be, before anybody reads all of it. */
struct replay_place {
    char source[WIRE_SOURCE_MAX + 1];
    char seqepoch[WIRE_SEQEPOCH_MAX + 1]; /* "": it has no number */
    uint64_t sequence;
};

/** Writes the body of REPLAY or SNAP. */
int replay_write_request(const struct replay_request *request, char **json);

/** Reads one; `snapshot` says which command it came with. */
int replay_read_request(const char *bytes, size_t size, bool snapshot,
                        struct replay_request *request);

int replay_write_end(const struct replay_end *end, char **json);
int replay_read_end(const char *bytes, size_t size, struct replay_end *end);

int replay_write_gone(const struct replay_gone *gone, char **json);
int replay_read_gone(const char *bytes, size_t size, struct replay_gone *gone);

int replay_write_snap(const struct replay_snap *snap, char **json);
int replay_read_snap(const char *bytes, size_t size, struct replay_snap *snap);

/** Reads source and number of one event, within the limits of events. */
int replay_read_place(const char *bytes, size_t size, struct replay_place *place);

#endif
