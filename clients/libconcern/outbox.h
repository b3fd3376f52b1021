/* outbox.h - events kept on disk until the daemon has acknowledged them.  Inside libconcern only.
 *
 * One SQLite database, outbox.db, in a directory that one process at a time has open.  Its log
 * is flushed by every commit (WAL, synchronous FULL), so that what was kept survives the program
 * and the machine; each event has a SHA-256 of its own beside SQLite's checksums, so that bytes
 * a failing disk has altered are never sent.
 *
 * Answers are OUTBOX_OK, another of enum outbox_answer, or negative: the world failed.  A failing
 * disk latches: from then on everything but reading what was told answers -EIO.
 */
#ifndef CONCERN_LIBCONCERN_OUTBOX_H
#define CONCERN_LIBCONCERN_OUTBOX_H

#include "core/event.h"
#include "core/sequence.h"

#define OUTBOX_DATABASE "outbox.db"

enum {
    OUTBOX_EVENTS_MAX = 100000, /* unless set otherwise: waiting and refused ones together */
    OUTBOX_MEMORY = 100000,     /* ids of acknowledged events remembered, the latest */
    OUTBOX_SOURCES_MAX = 1000,  /* of all events ever kept */
    OUTBOX_WHY_SIZE = 320,
    OUTBOX_CODE_SIZE = 16,
    OUTBOX_HASH_SIZE = 65 /* SHA-256 in hex and a zero */
};

#define OUTBOX_BYTES_MAX (UINT64_C(256) << 20)

enum outbox_answer {
    OUTBOX_OK,
    OUTBOX_NONE,     /* there is no such event */
    OUTBOX_KNOWN,    /* of outbox_put: kept before, or acknowledged before; nothing was done */
    OUTBOX_ID_USED,  /* of outbox_put: the id was used for another event of this source */
    OUTBOX_FULL,     /* it holds as much as it may, or the disk is full */
    OUTBOX_IN_USE,   /* of outbox_open: another process, or another handle of this one, has it */
    OUTBOX_NOT_OURS, /* of outbox_open: a database, but no outbox, or one of a later version */
    OUTBOX_DAMAGED   /* of outbox_read: the bytes on disk are not those that were kept */
};

struct outbox;

struct outbox_settings {
    const char *directory; /* is made, 0700, where its parent is there */
    uint64_t events_max;   /* 0: OUTBOX_EVENTS_MAX */
    uint64_t bytes_max;    /* 0: OUTBOX_BYTES_MAX */
    const char *vfs;       /* for tests; NULL: SQLite's own */
};

/** What opening had to mend. */
struct outbox_repair {
    bool repaired;     /* the database was damaged; it was set aside and made anew */
    uint64_t salvaged; /* events that were whole and were taken over */
    uint64_t lost;     /* events that were there and could not be read, as far as one can tell */
    char aside[64];    /* the name of the damaged file in the directory */
};

struct outbox_counts {
    uint64_t waiting; /* not answered yet */
    uint64_t refused; /* set aside, to be looked at */
    uint64_t bytes;   /* of both */
};

/** One event as it is put and read; the texts of one that was read live until the next call. */
struct outbox_event {
    int64_t row; /* in the order in which they were kept, from 1 */
    const char *source;
    const char *id;
    const char *given; /* the canonical hash of what was handed over, OUTBOX_HASH_SIZE */
    const char *bytes; /* what is sent, always the same */
    size_t size;
    bool numbered;       /* the sequence is ours */
    uint64_t sequence;   /* 0 where the event has none */
    struct instant kept; /* when it was put */
    const char *code;    /* of a refused one; "" else */
    const char *reason;
};

/** How far a source is. */
struct outbox_source {
    bool own;                              /* it numbers its events itself */
    char seqepoch[SEQUENCE_EPOCH_MAX + 1]; /* of our numbers */
    uint64_t last;                         /* the last number given; 0: none yet */
    uint64_t acknowledged; /* the highest of our numbers in this epoch that was acknowledged */
};

/**
 * Opens or makes the outbox.  What a power cut tore is mended by SQLite's log; a database that is
 * damaged beyond it is set aside and what is whole of it is taken over, see `*repair`.
 *
 * OUTBOX_OK sets `*outbox`; IN_USE, NOT_OURS and negative set `why`, a sentence.
 */
int outbox_open(const struct outbox_settings *settings, struct outbox_repair *repair,
                char why[OUTBOX_WHY_SIZE], struct outbox **outbox);

/** Puts several changes into one flush: nothing is on disk before outbox_commit answered
 *  OUTBOX_OK.  Without them each change is a flush.  They do not nest. */
int outbox_begin(struct outbox *outbox);
int outbox_commit(struct outbox *outbox);
void outbox_roll_back(struct outbox *outbox);
bool outbox_is_begun(const struct outbox *outbox);

/** Finds out about a source: OUTBOX_OK sets `*source`; OUTBOX_NONE: nothing of it was kept. */
int outbox_source(struct outbox *outbox, const char *name, struct outbox_source *source);

/** Keeps what became of a source; OUTBOX_FULL beyond OUTBOX_SOURCES_MAX. */
int outbox_put_source(struct outbox *outbox, const char *name, const struct outbox_source *source);

/** Names every source in turn: the first behind `after` ("" at first).  OUTBOX_OK or NONE. */
int outbox_next_source(struct outbox *outbox, const char *after, char name[EVENT_SOURCE_MAX + 1]);

/** Whether an event was kept before: OUTBOX_NONE, OUTBOX_KNOWN or OUTBOX_ID_USED. */
int outbox_look_up(struct outbox *outbox, const char *source, const char *id, const char *given);

/** Whether an event of `size` bytes may be put; else outbox_fault says why not. */
bool outbox_has_room(struct outbox *outbox, size_t size);

/** Keeps an event, `row`, `code` and `reason` unused.  OUTBOX_OK or OUTBOX_FULL. */
int outbox_put(struct outbox *outbox, const struct outbox_event *event);

/** Reads the first waiting (or refused) event behind row `after`: OUTBOX_OK, OUTBOX_NONE, or
 *  OUTBOX_DAMAGED, which sets its row, source and id only. */
int outbox_read(struct outbox *outbox, bool refused, int64_t after, struct outbox_event *event);

/** The row of a refused event; OUTBOX_NONE. */
int outbox_find_refused(struct outbox *outbox, const char *source, const char *id, int64_t *row);

/** It was acknowledged: out it goes, and its id is remembered. */
int outbox_done(struct outbox *outbox, int64_t row);

/** It was refused: it stays, set aside. */
int outbox_refuse(struct outbox *outbox, int64_t row, const char *code, const char *reason);

/** A refused one waits again, or goes for ever. */
int outbox_retry(struct outbox *outbox, int64_t row);
int outbox_forget(struct outbox *outbox, int64_t row);

struct outbox_counts outbox_counts(const struct outbox *outbox);

/** What went wrong last, in words; "" before anything did. */
const char *outbox_fault(const struct outbox *outbox);

/** Closes; what was begun is rolled back.  NULL is fine; sets NULL. */
void outbox_close(struct outbox **outbox);

#endif
