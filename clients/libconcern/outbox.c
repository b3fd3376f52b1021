/* outbox.c - keeps, reads and lets go of events; outbox_open.c opens. */
#include "libconcern/outbox_private.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKPOINT_PAGES = 1000, DIGEST_SIZE = 32 };

static sqlite3_stmt *statement_of(struct outbox *outbox, enum outbox_statement which);
static int run(struct outbox *outbox, sqlite3_stmt *statement);
static int run_on(struct outbox *outbox, enum outbox_statement which, int64_t row);
static int fetch(struct outbox *outbox, sqlite3_stmt *statement);
static int begin_own(struct outbox *outbox, bool *own);
static int end_own(struct outbox *outbox, bool own, int answer);
static int size_of(struct outbox *outbox, int64_t row, int *state, uint64_t *size);
static int set_state(struct outbox *outbox, int64_t row, int state, const char *code,
                     const char *reason);
static void put_text(sqlite3_stmt *statement, int place, const char *text);
static const char *take_text(sqlite3_stmt *statement, int place);
static int checkpoint(struct outbox *outbox);

int outbox_begin(struct outbox *outbox)
{
    int answer = run(outbox, statement_of(outbox, OUTBOX_SQL_BEGIN));

    if (answer == OUTBOX_OK) {
        outbox->begun = true;
        outbox->before = outbox->counts;
    }
    return answer;
}

int outbox_commit(struct outbox *outbox)
{
    int answer;

    if (!outbox->begun)
        return OUTBOX_OK;
    /* A full disk makes SQLite roll back by itself: then nothing of it may be taken for kept. */
    answer = sqlite3_get_autocommit(outbox->db)
                 ? OUTBOX_FULL
                 : run(outbox, statement_of(outbox, OUTBOX_SQL_COMMIT));
    if (answer != OUTBOX_OK) {
        outbox_roll_back(outbox);
        return answer;
    }
    outbox->begun = false;
    return checkpoint(outbox);
}

void outbox_roll_back(struct outbox *outbox)
{
    sqlite3_stmt *statement;

    if (!outbox->begun)
        return;
    statement = statement_of(outbox, OUTBOX_SQL_ROLL_BACK);
    if (!sqlite3_get_autocommit(outbox->db))
        sqlite3_step(statement);
    sqlite3_reset(statement);
    outbox->begun = false;
    outbox->counts = outbox->before;
}

bool outbox_is_begun(const struct outbox *outbox)
{
    return outbox->begun;
}

/* What was committed is in the log already; an error here latches all the same, for the disk
 * that makes it is the disk of the next event. */
static int checkpoint(struct outbox *outbox)
{
    int code;

    if (outbox->log_pages < CHECKPOINT_PAGES)
        return OUTBOX_OK;
    outbox->log_pages = 0;
    code = sqlite3_wal_checkpoint_v2(outbox->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code != SQLITE_OK && code != SQLITE_BUSY && (code & 0xff) != SQLITE_FULL)
        return outbox_judge(outbox, code, "write");
    return OUTBOX_OK;
}

int outbox_source(struct outbox *outbox, const char *name, struct outbox_source *source)
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_SOURCE);
    int answer;

    put_text(statement, 1, name);
    answer = fetch(outbox, statement);
    if (answer == OUTBOX_OK) {
        source->own = sqlite3_column_int(statement, 0) != 0;
        snprintf(source->seqepoch, sizeof source->seqepoch, "%s", take_text(statement, 1));
        source->last = (uint64_t)sqlite3_column_int64(statement, 2);
        source->acknowledged = (uint64_t)sqlite3_column_int64(statement, 3);
    }
    sqlite3_reset(statement);
    return answer;
}

int outbox_put_source(struct outbox *outbox, const char *name, const struct outbox_source *source)
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_COUNT_SOURCES);
    int answer;

    put_text(statement, 1, name);
    if ((answer = fetch(outbox, statement)) != OUTBOX_OK)
        return answer;
    answer = sqlite3_column_int(statement, 0) < OUTBOX_SOURCES_MAX ? OUTBOX_OK : OUTBOX_FULL;
    sqlite3_reset(statement);
    if (answer == OUTBOX_FULL) {
        snprintf(outbox->why, sizeof outbox->why,
                 "the outbox numbers %d sources, the most there may be", OUTBOX_SOURCES_MAX);
        return answer;
    }
    statement = statement_of(outbox, OUTBOX_SQL_PUT_SOURCE);
    put_text(statement, 1, name);
    sqlite3_bind_int(statement, 2, source->own);
    put_text(statement, 3, source->seqepoch);
    sqlite3_bind_int64(statement, 4, (int64_t)source->last);
    sqlite3_bind_int64(statement, 5, (int64_t)source->acknowledged);
    return run(outbox, statement);
}

int outbox_next_source(struct outbox *outbox, const char *after, char name[EVENT_SOURCE_MAX + 1])
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_NEXT_SOURCE);
    int answer;

    put_text(statement, 1, after);
    answer = fetch(outbox, statement);
    if (answer == OUTBOX_OK)
        snprintf(name, EVENT_SOURCE_MAX + 1, "%s", take_text(statement, 0));
    sqlite3_reset(statement);
    return answer;
}

int outbox_look_up(struct outbox *outbox, const char *source, const char *id, const char *given)
{
    static const enum outbox_statement places[] = { OUTBOX_SQL_LOOK_UP, OUTBOX_SQL_LOOK_UP_DONE };

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        sqlite3_stmt *statement = statement_of(outbox, places[i]);
        int answer;

        put_text(statement, 1, source);
        put_text(statement, 2, id);
        answer = fetch(outbox, statement);
        if (answer == OUTBOX_OK)
            answer = strcmp(take_text(statement, 0), given) ? OUTBOX_ID_USED : OUTBOX_KNOWN;
        sqlite3_reset(statement);
        if (answer != OUTBOX_NONE)
            return answer;
    }
    return OUTBOX_NONE;
}

bool outbox_has_room(struct outbox *outbox, size_t size)
{
    uint64_t events = outbox->counts.waiting + outbox->counts.refused;

    if (events < outbox->events_max && outbox->counts.bytes + size <= outbox->bytes_max)
        return true;
    snprintf(outbox->why, sizeof outbox->why,
             "the outbox is full: %llu events of %llu bytes wait for the daemon or were refused "
             "(look at the connection, and at what was refused)",
             (unsigned long long)events, (unsigned long long)outbox->counts.bytes);
    return false;
}

int outbox_put(struct outbox *outbox, const struct outbox_event *event)
{
    unsigned char digest[DIGEST_SIZE];
    sqlite3_stmt *statement;
    int answer;

    if (!outbox_has_room(outbox, event->size))
        return OUTBOX_FULL;
    if (!outbox_digest(event->bytes, event->size, digest))
        return -ENOMEM;
    statement = statement_of(outbox, OUTBOX_SQL_PUT);
    put_text(statement, 1, event->source);
    put_text(statement, 2, event->id);
    sqlite3_bind_int64(statement, 3, event->kept.us);
    put_text(statement, 4, event->given);
    sqlite3_bind_blob64(statement, 5, event->bytes, event->size, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 6, digest, sizeof digest, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 7, event->numbered ? (int64_t)event->sequence : 0);
    answer = run(outbox, statement);
    if (answer == OUTBOX_OK) {
        outbox->counts.waiting++;
        outbox->counts.bytes += event->size;
    }
    return answer;
}

int outbox_read(struct outbox *outbox, bool refused, int64_t after, struct outbox_event *event)
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_READ);
    unsigned char digest[DIGEST_SIZE];
    int answer;

    sqlite3_bind_int(statement, 1, refused ? OUTBOX_REFUSED : OUTBOX_WAITING);
    sqlite3_bind_int64(statement, 2, after);
    if ((answer = fetch(outbox, statement)) != OUTBOX_OK)
        return answer;
    *event = (struct outbox_event){
        .row = sqlite3_column_int64(statement, 0),
        .source = take_text(statement, 1),
        .id = take_text(statement, 2),
        .kept = { sqlite3_column_int64(statement, 3) },
        .given = take_text(statement, 4),
        .bytes = sqlite3_column_blob(statement, 5),
        .size = (size_t)sqlite3_column_bytes(statement, 5),
        .numbered = sqlite3_column_int64(statement, 7) > 0,
        .sequence = (uint64_t)sqlite3_column_int64(statement, 7),
        .code = take_text(statement, 8),
        .reason = take_text(statement, 9),
    };
    if (!event->bytes || sqlite3_column_bytes(statement, 6) != DIGEST_SIZE ||
        !outbox_digest(event->bytes, event->size, digest) ||
        memcmp(digest, sqlite3_column_blob(statement, 6), DIGEST_SIZE) != 0)
        return OUTBOX_DAMAGED;
    return OUTBOX_OK; /* the statement stays where it is: the texts are its own */
}

int outbox_find_refused(struct outbox *outbox, const char *source, const char *id, int64_t *row)
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_FIND);
    int answer;

    put_text(statement, 1, source);
    put_text(statement, 2, id);
    answer = fetch(outbox, statement);
    if (answer == OUTBOX_OK)
        *row = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return answer;
}

int outbox_done(struct outbox *outbox, int64_t row)
{
    uint64_t size = 0;
    int answer, state = 0;
    bool own;

    if ((answer = begin_own(outbox, &own)) != OUTBOX_OK)
        return answer;
    if ((answer = size_of(outbox, row, &state, &size)) == OUTBOX_OK &&
        (answer = run_on(outbox, OUTBOX_SQL_REMEMBER, row)) == OUTBOX_OK &&
        (answer = run_on(outbox, OUTBOX_SQL_FORGET_OLD, OUTBOX_MEMORY)) == OUTBOX_OK &&
        (answer = run_on(outbox, OUTBOX_SQL_ACKNOWLEDGE, row)) == OUTBOX_OK &&
        (answer = run_on(outbox, OUTBOX_SQL_DELETE, row)) == OUTBOX_OK) {
        *(state == OUTBOX_WAITING ? &outbox->counts.waiting : &outbox->counts.refused) -= 1;
        outbox->counts.bytes -= size;
    }
    return end_own(outbox, own, answer);
}

int outbox_forget(struct outbox *outbox, int64_t row)
{
    uint64_t size = 0;
    int answer, state = 0;
    bool own;

    if ((answer = begin_own(outbox, &own)) != OUTBOX_OK)
        return answer;
    if ((answer = size_of(outbox, row, &state, &size)) == OUTBOX_OK &&
        (answer = run_on(outbox, OUTBOX_SQL_DELETE, row)) == OUTBOX_OK) {
        *(state == OUTBOX_WAITING ? &outbox->counts.waiting : &outbox->counts.refused) -= 1;
        outbox->counts.bytes -= size;
    }
    return end_own(outbox, own, answer);
}

int outbox_refuse(struct outbox *outbox, int64_t row, const char *code, const char *reason)
{
    return set_state(outbox, row, OUTBOX_REFUSED, code, reason);
}

int outbox_retry(struct outbox *outbox, int64_t row)
{
    return set_state(outbox, row, OUTBOX_WAITING, "", "");
}

static int set_state(struct outbox *outbox, int64_t row, int state, const char *code,
                     const char *reason)
{
    sqlite3_stmt *statement;
    uint64_t size;
    int answer, was = state;

    if ((answer = size_of(outbox, row, &was, &size)) != OUTBOX_OK)
        return answer;
    statement = statement_of(outbox, OUTBOX_SQL_SET_STATE);
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_int(statement, 2, state);
    put_text(statement, 3, code);
    put_text(statement, 4, reason);
    answer = run(outbox, statement);
    if (answer == OUTBOX_OK && was != state) {
        *(state == OUTBOX_WAITING ? &outbox->counts.waiting : &outbox->counts.refused) += 1;
        *(state == OUTBOX_WAITING ? &outbox->counts.refused : &outbox->counts.waiting) -= 1;
    }
    return answer;
}

struct outbox_counts outbox_counts(const struct outbox *outbox)
{
    return outbox->counts;
}

const char *outbox_fault(const struct outbox *outbox)
{
    return outbox->why;
}

void outbox_close(struct outbox **outbox_p)
{
    struct outbox *outbox = *outbox_p;

    if (!outbox)
        return;
    outbox_roll_back(outbox);
    outbox_close_database(outbox);
    free(outbox);
    *outbox_p = NULL;
}

/* Several changes that belong together, within what the caller has begun or on their own. */
static int begin_own(struct outbox *outbox, bool *own)
{
    *own = !outbox->begun;
    return *own ? outbox_begin(outbox) : OUTBOX_OK;
}

static int end_own(struct outbox *outbox, bool own, int answer)
{
    if (!own)
        return answer;
    if (answer == OUTBOX_OK)
        return outbox_commit(outbox);
    outbox_roll_back(outbox);
    return answer;
}

static int size_of(struct outbox *outbox, int64_t row, int *state, uint64_t *size)
{
    sqlite3_stmt *statement = statement_of(outbox, OUTBOX_SQL_SIZE);
    int answer;

    sqlite3_bind_int64(statement, 1, row);
    answer = fetch(outbox, statement);
    if (answer == OUTBOX_OK) {
        *state = sqlite3_column_int(statement, 0);
        *size = (uint64_t)sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return answer;
}

static sqlite3_stmt *statement_of(struct outbox *outbox, enum outbox_statement which)
{
    sqlite3_reset(outbox->statements[which]);
    sqlite3_clear_bindings(outbox->statements[which]);
    return outbox->statements[which];
}

static int run_on(struct outbox *outbox, enum outbox_statement which, int64_t row)
{
    sqlite3_stmt *statement = statement_of(outbox, which);

    sqlite3_bind_int64(statement, 1, row);
    return run(outbox, statement);
}

/* A statement that changes something.  A read that is still open would keep a commit from its
 * checkpoint, so it ends here. */
static int run(struct outbox *outbox, sqlite3_stmt *statement)
{
    int code;

    if (outbox->failure)
        return outbox->failure;
    sqlite3_reset(outbox->statements[OUTBOX_SQL_READ]);
    if (outbox->begun && sqlite3_get_autocommit(outbox->db))
        return OUTBOX_FULL; /* rolled back already: nothing more may slip in by itself */
    code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? OUTBOX_OK
                                                     : outbox_judge(outbox, code, "write");
}

/* A statement that reads one line; it stays there for its columns. */
static int fetch(struct outbox *outbox, sqlite3_stmt *statement)
{
    int code;

    if (outbox->failure)
        return outbox->failure;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return OUTBOX_OK;
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? OUTBOX_NONE : outbox_judge(outbox, code, "read");
}

static void put_text(sqlite3_stmt *statement, int place, const char *text)
{
    sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

static const char *take_text(sqlite3_stmt *statement, int place)
{
    const unsigned char *text = sqlite3_column_text(statement, place);

    return text ? (const char *)text : "";
}

bool outbox_digest(const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE])
{
    unsigned length = 0;

    return EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) == 1 &&
           length == DIGEST_SIZE;
}
