/* concern_private.h - a handle of concern.h, for the files that make it up. */
#ifndef CONCERN_LIBCONCERN_CONCERN_PRIVATE_H
#define CONCERN_LIBCONCERN_CONCERN_PRIVATE_H

#include "libconcern/concern.h"
#include "libconcern/outbox.h"
#include "libconcern/publisher.h"

enum {
    CONCERN_ERROR_SIZE = 512,
    CONCERN_PATH_SIZE = 1024,
    CONCERN_TROUBLES = 16, /* that wait to be told; of more only the first are */
    CONCERN_SOURCES = 64   /* asked for LAST when a connection comes up; of more the first are */
};

/** How far a source was when the outbox was opened, until the daemon was asked the first time:
 *  it cannot have heard more, unless the outbox is an older one. */
struct concern_opened_source {
    char name[EVENT_SOURCE_MAX + 1];
    uint64_t last;
};

/** What the publisher has under way, by its number and by the outbox' row. */
struct concern_under_way {
    bool used;
    uint64_t number;
    int64_t row;
};

/** An answer that came and is yet to be called back, or to be noted in the outbox. */
struct concern_answered {
    int64_t row;
    bool refused;
    bool called;
    json_t *event;
    json_t *answer;
    char code[OUTBOX_CODE_SIZE];
    char reason[OUTBOX_WHY_SIZE];
};

struct concern {
    struct concern_settings settings; /* its texts are those below, or unused */
    char endpoint[CONCERN_PATH_SIZE];
    char source[EVENT_SOURCE_MAX + 1];
    char client[64];
    char server_key[WIRE_KEY_TEXT + 1];
    struct key_pair pair;

    struct concern_opened_source opened[CONCERN_SOURCES];
    bool was_up;
    struct outbox *outbox;
    struct publisher *publisher; /* NULL between two tries */
    bool calling;                /* inside a callback */
    bool spoiled;                /* what was begun cannot be committed any more */

    struct concern_under_way under_way[WIRE_WINDOW];
    int64_t cursor; /* waiting events up to this row were handed to the publisher */
    struct concern_answered answered[WIRE_WINDOW];
    size_t answered_count;
    uint64_t acknowledged;

    int descriptor; /* of epoll: the publisher's two and the timer */
    int timer;
    int64_t opened_ms;
    int64_t reopen_ms; /* when to try anew; only while there is no publisher */
    unsigned tries;
    bool key_refused; /* was told */

    int64_t oldest_row; /* of those waiting; 0: to be asked for */
    int64_t oldest_since_ms;
    int64_t alarm_ms; /* when to alarm again; 0: no alarm yet */

    struct {
        enum concern_trouble trouble;
        char words[CONCERN_ERROR_SIZE];
    } troubles[CONCERN_TROUBLES];
    size_t trouble_count;
    bool outbox_told;

    char id[ID_MAX + 1];
    char error[CONCERN_ERROR_SIZE];
};

/** Sets the error, and answers `answer`. */
int concern_fail(struct concern *concern, int answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same with what the outbox says; its answers become those of concern.h. */
int concern_fail_outbox(struct concern *concern, int answer);

/** Remembers a trouble; concern_call_troubles calls back, when no other callback runs. */
void concern_note_trouble(struct concern *concern, enum concern_trouble trouble, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));
void concern_call_troubles(struct concern *concern);

/** Hands waiting events to the publisher as far as its window goes, and sets the timer. */
int concern_feed(struct concern *concern);

/** Opens a publisher, which begins to connect: CONCERN_OK, or -EINVAL for an endpoint that is
 *  none, or another errno. */
int concern_dial(struct concern *concern);

/** Lets go of the publisher and what it had under way; the outbox has it still. */
void concern_hang_up(struct concern *concern);

/** Milliseconds that only go forward. */
int64_t concern_now_ms(void);

/** A new id, in the order of time: a ULID. */
void concern_make_id(char id[27]);

/** A new UUID, version 4. */
void concern_make_epoch(char epoch[SEQUENCE_EPOCH_MAX + 1]);

/** The instant of the wall clock. */
struct instant concern_wall_clock(void);

/** Takes the object over and keeps it, as concern_publish_json does; NULL: no memory. */
int concern_keep_object(struct concern *concern, json_t *event);

#endif
