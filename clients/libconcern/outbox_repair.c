/* outbox_repair.c - takes over what is whole of a damaged outbox.
 *
 * The damaged file is set aside, never removed.  Whole is an event whose bytes have their own
 * digest; it keeps its number's place in the order, its sequence and its state.  Where what was
 * known of the sources is lost, their next event begins a new epoch by itself.
 */
#include "libconcern/outbox_private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ASIDE_MAX = 100, DIGEST_SIZE = 32 };

/* What is taken over, from the damaged file to the new one; the same columns on both sides. */
static const struct {
    const char *read;
    const char *write;
} copies[] = {
    { "SELECT source, own, seqepoch, last, acknowledged FROM source",
      "INSERT OR IGNORE INTO source VALUES (?1, ?2, ?3, ?4, ?5)" },
    { "SELECT source, id, given FROM done ORDER BY number",
      "INSERT OR IGNORE INTO done (source, id, given) VALUES (?1, ?2, ?3)" },
};

#define EVENT_COLUMNS                                                                              \
    "number, source, id, kept_us, given, bytes, digest, sequence, seqepoch, state, code, reason"

static const char write_event[] =
    "INSERT OR IGNORE INTO event (" EVENT_COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)";

/* A broken page ends a scan: what lies behind it is reached from the other end. */
static const char *const read_events[] = {
    "SELECT " EVENT_COLUMNS " FROM event ORDER BY number",
    "SELECT " EVENT_COLUMNS " FROM event ORDER BY number DESC",
};

static int set_aside(struct outbox *outbox, const char *directory, char name[64]);
static int take_over(struct outbox *outbox, sqlite3 *damaged, struct outbox_repair *repair);
static int copy_rows(struct outbox *outbox, sqlite3 *damaged, const char *read, const char *write,
                     bool events);
static bool is_whole(sqlite3_stmt *event);
static int count_again(struct outbox *outbox, sqlite3 *damaged, struct outbox_repair *repair);
static int64_t number_of(sqlite3 *db, const char *sql);

int outbox_repair(struct outbox *outbox, const char *directory, const char *vfs,
                  struct outbox_repair *repair)
{
    char path[PATH_MAX];
    sqlite3 *damaged = NULL;
    int answer;

    if ((answer = set_aside(outbox, directory, repair->aside)) != OUTBOX_OK ||
        (answer = outbox_open_database(outbox, directory, vfs)) != OUTBOX_OK)
        return answer;
    repair->repaired = true;
    snprintf(path, sizeof path, "%s/%s", directory, repair->aside);
    if (sqlite3_open_v2(path, &damaged, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs) ==
        SQLITE_OK) {
        sqlite3_exec(damaged, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
        answer = take_over(outbox, damaged, repair);
    }
    sqlite3_close(damaged);
    return answer;
}

/* The log goes with its database: the last events may be in it alone. */
static int set_aside(struct outbox *outbox, const char *directory, char name[64])
{
    static const char *const ends[] = { "-wal", "" };
    char from[PATH_MAX], to[PATH_MAX];
    unsigned n = 1;

    do {
        snprintf(name, 64, OUTBOX_DATABASE ".damaged-%u", n);
        snprintf(to, sizeof to, "%s/%s", directory, name);
    } while (access(to, F_OK) == 0 && ++n < ASIDE_MAX);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(from, sizeof from, "%s/" OUTBOX_DATABASE "%s", directory, ends[i]);
        snprintf(to, sizeof to, "%s/%s%s", directory, name, ends[i]);
        if (n == ASIDE_MAX || (rename(from, to) && (errno != ENOENT || !*ends[i]))) {
            snprintf(outbox->why, sizeof outbox->why,
                     "the outbox is damaged and could not be set aside as %s", name);
            return -EIO;
        }
    }
    return OUTBOX_OK;
}

static int take_over(struct outbox *outbox, sqlite3 *damaged, struct outbox_repair *repair)
{
    int answer = outbox_begin(outbox);

    for (size_t i = 0; answer == OUTBOX_OK && i < COUNT_OF(copies); i++)
        answer = copy_rows(outbox, damaged, copies[i].read, copies[i].write, false);
    for (size_t i = 0; answer == OUTBOX_OK && i < COUNT_OF(read_events); i++)
        answer = copy_rows(outbox, damaged, read_events[i], write_event, true);
    if (answer == OUTBOX_OK)
        answer = count_again(outbox, damaged, repair);
    if (answer == OUTBOX_OK)
        return outbox_commit(outbox);
    outbox_roll_back(outbox);
    return answer;
}

/* Reading may fail, for that is why we are here; writing may not. */
static int copy_rows(struct outbox *outbox, sqlite3 *damaged, const char *read, const char *write,
                     bool events)
{
    sqlite3_stmt *from = NULL, *to = NULL;
    int code = sqlite3_prepare_v2(outbox->db, write, -1, &to, NULL);

    if (sqlite3_prepare_v2(damaged, read, -1, &from, NULL) != SQLITE_OK) {
        sqlite3_finalize(to);
        return OUTBOX_OK;
    }
    while (code == SQLITE_OK && sqlite3_step(from) == SQLITE_ROW) {
        if (events && !is_whole(from))
            continue;
        for (int i = 0; i < sqlite3_column_count(from); i++)
            sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
        code = sqlite3_step(to);
        sqlite3_reset(to);
        /* A row of another shape than ours is damage that the checksums did not cover. */
        code = code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT ? SQLITE_OK : code;
    }
    sqlite3_finalize(from);
    sqlite3_finalize(to);
    return code == SQLITE_OK ? OUTBOX_OK : outbox_judge(outbox, code, "write");
}

static bool is_whole(sqlite3_stmt *event)
{
    unsigned char digest[DIGEST_SIZE];
    const void *bytes = sqlite3_column_blob(event, 5);

    return bytes && sqlite3_column_bytes(event, 6) == DIGEST_SIZE &&
           outbox_digest(bytes, (size_t)sqlite3_column_bytes(event, 5), digest) &&
           !memcmp(digest, sqlite3_column_blob(event, 6), DIGEST_SIZE);
}

static int count_again(struct outbox *outbox, sqlite3 *damaged, struct outbox_repair *repair)
{
    int64_t were = number_of(damaged, "SELECT count(*) FROM event INDEXED BY event_state");
    int64_t are = number_of(outbox->db, "SELECT count(*) FROM event");

    outbox->counts = (struct outbox_counts){
        (uint64_t)number_of(outbox->db, "SELECT count(*) FROM event WHERE state = 0"),
        (uint64_t)number_of(outbox->db, "SELECT count(*) FROM event WHERE state = 1"),
        (uint64_t)number_of(outbox->db, "SELECT coalesce(sum(length(bytes)), 0) FROM event"),
    };
    repair->salvaged = (uint64_t)are;
    repair->lost = were > are ? (uint64_t)(were - are) : 0;
    /* Of a source whose last number is not known for sure, no number may be given twice. */
    if (sqlite3_exec(outbox->db,
                     "UPDATE source SET last = max(last, (SELECT coalesce(max(sequence), 0)"
                     " FROM event WHERE event.source = source.source"
                     " AND event.seqepoch = source.seqepoch))",
                     NULL, NULL, NULL) != SQLITE_OK)
        return outbox_judge(outbox, sqlite3_errcode(outbox->db), "write");
    return OUTBOX_OK;
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}
