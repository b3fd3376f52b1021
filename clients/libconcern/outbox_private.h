/* outbox_private.h - what the files of the outbox share. */
#ifndef CONCERN_LIBCONCERN_OUTBOX_PRIVATE_H
#define CONCERN_LIBCONCERN_OUTBOX_PRIVATE_H

#include "libconcern/outbox.h"

#include <sqlite3.h>

enum outbox_statement {
    OUTBOX_SQL_BEGIN,
    OUTBOX_SQL_COMMIT,
    OUTBOX_SQL_ROLL_BACK,
    OUTBOX_SQL_SOURCE,
    OUTBOX_SQL_PUT_SOURCE,
    OUTBOX_SQL_NEXT_SOURCE,
    OUTBOX_SQL_COUNT_SOURCES,
    OUTBOX_SQL_LOOK_UP,
    OUTBOX_SQL_LOOK_UP_DONE,
    OUTBOX_SQL_PUT,
    OUTBOX_SQL_READ,
    OUTBOX_SQL_FIND,
    OUTBOX_SQL_SIZE,
    OUTBOX_SQL_REMEMBER,
    OUTBOX_SQL_FORGET_OLD,
    OUTBOX_SQL_ACKNOWLEDGE,
    OUTBOX_SQL_DELETE,
    OUTBOX_SQL_SET_STATE,
    OUTBOX_SQL_COUNT
};

/* States of an event; acknowledged ones are gone. */
enum { OUTBOX_WAITING = 0, OUTBOX_REFUSED = 1 };

struct outbox {
    sqlite3 *db;
    sqlite3_stmt *statements[OUTBOX_SQL_COUNT];
    uint64_t events_max;
    uint64_t bytes_max;
    struct outbox_counts counts;
    struct outbox_counts before; /* at the begin, for a roll back */
    int log_pages;
    bool begun;
    bool opening; /* a damaged database is not latched yet, it may be mended */
    int failure;  /* latched, negative; 0: none */
    char why[OUTBOX_WHY_SIZE];
};

/** Opens the database of a directory as it is, making it where it is empty: OUTBOX_OK,
 *  OUTBOX_IN_USE, OUTBOX_NOT_OURS, OUTBOX_DAMAGED or negative; `outbox->why` says why. */
int outbox_open_database(struct outbox *outbox, const char *directory, const char *vfs);

/** Sets the damaged database of the directory aside and makes `*outbox`, closed so far, of what
 *  is whole of it. */
int outbox_repair(struct outbox *outbox, const char *directory, const char *vfs,
                  struct outbox_repair *repair);

/** Judges what SQLite said: OUTBOX_FULL, OUTBOX_IN_USE, OUTBOX_DAMAGED or negative. */
int outbox_judge(struct outbox *outbox, int code, const char *doing);

/** Closes the database only. */
void outbox_close_database(struct outbox *outbox);

/** SHA-256 of an event's bytes. */
bool outbox_digest(const void *bytes, size_t size, unsigned char digest[32]);

#endif
