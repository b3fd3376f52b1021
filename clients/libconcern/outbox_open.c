/* outbox_open.c - opens or makes the database of an outbox. */
#include "libconcern/outbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPLICATION_ID = 1668247919, /* "cono" */ SCHEMA_VERSION = 1 };

/* As the daemon's store has it: the log's index stays in our own memory, nobody else is inside,
 * an I/O error is never a signal, and our own checkpoint sees its errors. */
static const char prepare_sql[] = "PRAGMA locking_mode = EXCLUSIVE;"
                                  "PRAGMA trusted_schema = OFF;"
                                  "PRAGMA cell_size_check = ON;"
                                  "PRAGMA mmap_size = 0;"
                                  "PRAGMA secure_delete = ON;"
                                  "PRAGMA temp_store = MEMORY;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA wal_autocheckpoint = 0;";

/* Numbers of events are never used again (AUTOINCREMENT): who reads on behind one misses none.
 * 1668247919 is APPLICATION_ID. */
static const char schema_sql[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE source (source TEXT PRIMARY KEY, own INTEGER NOT NULL, seqepoch TEXT NOT NULL,"
    " last INTEGER NOT NULL, acknowledged INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL,"
    " id TEXT NOT NULL, kept_us INTEGER NOT NULL, given TEXT NOT NULL, bytes BLOB NOT NULL,"
    " digest BLOB NOT NULL, sequence INTEGER NOT NULL, seqepoch TEXT NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0, code TEXT NOT NULL DEFAULT '',"
    " reason TEXT NOT NULL DEFAULT '', UNIQUE (source, id)) STRICT;"
    "CREATE INDEX event_state ON event (state, number);"
    "CREATE TABLE done (number INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL,"
    " given TEXT NOT NULL, UNIQUE (source, id)) STRICT;"
    "PRAGMA application_id = 1668247919;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

/* clang-format off */
static const char *const statements_sql[OUTBOX_SQL_COUNT] = {
    [OUTBOX_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [OUTBOX_SQL_COMMIT] = "COMMIT",
    [OUTBOX_SQL_ROLL_BACK] = "ROLLBACK",
    [OUTBOX_SQL_SOURCE] =
        "SELECT own, seqepoch, last, acknowledged FROM source WHERE source = ?1",
    [OUTBOX_SQL_PUT_SOURCE] =
        "INSERT INTO source (source, own, seqepoch, last, acknowledged) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET own = ?2, seqepoch = ?3, last = ?4, acknowledged = ?5",
    [OUTBOX_SQL_NEXT_SOURCE] =
        "SELECT source FROM source WHERE source > ?1 ORDER BY source LIMIT 1",
    [OUTBOX_SQL_COUNT_SOURCES] = "SELECT count(*) FROM source WHERE source <> ?1",
    [OUTBOX_SQL_LOOK_UP] = "SELECT given FROM event WHERE source = ?1 AND id = ?2",
    [OUTBOX_SQL_LOOK_UP_DONE] = "SELECT given FROM done WHERE source = ?1 AND id = ?2",
    [OUTBOX_SQL_PUT] =
        "INSERT INTO event (source, id, kept_us, given, bytes, digest, sequence, seqepoch)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
        " coalesce((SELECT seqepoch FROM source WHERE source = ?1), ''))",
    [OUTBOX_SQL_READ] =
        "SELECT number, source, id, kept_us, given, bytes, digest, sequence, code, reason"
        " FROM event WHERE state = ?1 AND number > ?2 ORDER BY number LIMIT 1",
    [OUTBOX_SQL_FIND] = "SELECT number FROM event WHERE source = ?1 AND id = ?2 AND state = 1",
    [OUTBOX_SQL_SIZE] = "SELECT state, length(bytes) FROM event WHERE number = ?1",
    [OUTBOX_SQL_REMEMBER] =
        "INSERT OR REPLACE INTO done (source, id, given)"
        " SELECT source, id, given FROM event WHERE number = ?1",
    [OUTBOX_SQL_FORGET_OLD] = "DELETE FROM done WHERE number <= (SELECT max(number) FROM done) - ?1",
    [OUTBOX_SQL_ACKNOWLEDGE] =
        "UPDATE source SET acknowledged = max(acknowledged, e.sequence)"
        " FROM (SELECT source AS name, seqepoch AS epoch, sequence FROM event"
        " WHERE number = ?1 AND sequence > 0) AS e"
        " WHERE source.source = e.name AND source.seqepoch = e.epoch",
    [OUTBOX_SQL_DELETE] = "DELETE FROM event WHERE number = ?1",
    [OUTBOX_SQL_SET_STATE] =
        "UPDATE event SET state = ?2, code = ?3, reason = ?4 WHERE number = ?1",
};
/* clang-format on */

static int make_directory(const char *path, char why[OUTBOX_WHY_SIZE]);
static int make_file(const char *path);
static int sync_directory(const char *path);
static int use_log(struct outbox *outbox);
static int make_or_check(struct outbox *outbox);
static int ask(struct outbox *outbox, const char *sql, int64_t *number);
static int prepare(struct outbox *outbox);
static int note_log(void *context, sqlite3 *db, const char *name, int pages);

int outbox_open(const struct outbox_settings *settings, struct outbox_repair *repair,
                char why[OUTBOX_WHY_SIZE], struct outbox **outbox_p)
{
    CLEANUP(outbox_close) struct outbox *outbox = calloc(1, sizeof *outbox);
    int answer;

    *repair = (struct outbox_repair){ 0 };
    why[0] = '\0';
    if (!outbox)
        return -ENOMEM;
    outbox->events_max = settings->events_max ? settings->events_max : OUTBOX_EVENTS_MAX;
    outbox->bytes_max = settings->bytes_max ? settings->bytes_max : OUTBOX_BYTES_MAX;
    if ((answer = make_directory(settings->directory, why)) != OUTBOX_OK)
        return answer;
    answer = outbox_open_database(outbox, settings->directory, settings->vfs);
    if (answer == OUTBOX_DAMAGED)
        answer = outbox_repair(outbox, settings->directory, settings->vfs, repair);
    if (answer != OUTBOX_OK) {
        snprintf(why, OUTBOX_WHY_SIZE, "%s", outbox->why);
        return answer;
    }
    outbox->why[0] = '\0';
    *outbox_p = outbox;
    outbox = NULL;
    return OUTBOX_OK;
}

int outbox_open_database(struct outbox *outbox, const char *directory, const char *vfs)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    char path[PATH_MAX];
    int code, answer;

    /* SQLite refuses a link anywhere in the path: the directory's own are resolved first. */
    if (!realpath(directory, path) || strlen(path) + sizeof "/" OUTBOX_DATABASE > sizeof path) {
        snprintf(outbox->why, sizeof outbox->why, "%s: %s", directory, strerror(errno));
        return errno ? -errno : -ENAMETOOLONG;
    }
    snprintf(path + strlen(path), sizeof path - strlen(path), "/" OUTBOX_DATABASE);
    /* One that we may not write is no damaged one, which SQLite could not tell apart. */
    answer = make_file(path);
    if (answer == 0 && access(path, R_OK | W_OK))
        answer = -errno;
    if (answer < 0) {
        snprintf(outbox->why, sizeof outbox->why, "%s/" OUTBOX_DATABASE ": %s", directory,
                 strerror(-answer));
        return answer;
    }
    outbox->failure = 0;
    outbox->opening = true;
    code = sqlite3_open_v2(path, &outbox->db, flags, vfs);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(outbox->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(outbox->db, prepare_sql, NULL, NULL, NULL);
    answer = code == SQLITE_OK ? use_log(outbox) : outbox_judge(outbox, code, "open");
    if (answer == OUTBOX_OK)
        answer = make_or_check(outbox);
    if (answer == OUTBOX_OK)
        answer = prepare(outbox);
    if (answer == OUTBOX_OK)
        answer = sync_directory(directory);
    outbox->opening = false;
    if (answer != OUTBOX_OK)
        outbox_close_database(outbox);
    return answer;
}

/* The parent's entry of a new directory is flushed too: a power cut must not take it back. */
static int make_directory(const char *path, char why[OUTBOX_WHY_SIZE])
{
    char parent[PATH_MAX];
    struct stat status;
    bool made = mkdir(path, 0700) == 0;
    int error = made || errno == EEXIST ? 0 : errno;

    if (!error && stat(path, &status))
        error = errno;
    if (!error && !S_ISDIR(status.st_mode))
        error = ENOTDIR;
    if (!error && (status.st_mode & 022)) {
        snprintf(why, OUTBOX_WHY_SIZE, "%s: others can write to the outbox (chmod 700)", path);
        return -EPERM;
    }
    if (!error && made && snprintf(parent, sizeof parent, "%s/..", path) < PATH_MAX)
        error = -sync_directory(parent);
    if (error)
        snprintf(why, OUTBOX_WHY_SIZE, "%s: %s", path, strerror(error));
    return -error;
}

/* SQLite would make it readable for everybody. */
static int make_file(const char *path)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    /* One that is there is not touched: to close it would drop the locks that another handle
     * of this process has on it. */
    if (descriptor < 0)
        return errno == EEXIST ? 0 : -errno;
    close(descriptor);
    return 0;
}

static int sync_directory(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = descriptor < 0 || fsync(descriptor) ? errno : 0;

    if (descriptor >= 0)
        close(descriptor);
    return -error;
}

static int use_log(struct outbox *outbox)
{
    sqlite3_stmt *mode = NULL;
    bool logged = false;
    int code = sqlite3_prepare_v2(outbox->db, "PRAGMA journal_mode = WAL", -1, &mode, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(mode)) == SQLITE_ROW) {
        logged = !strcmp((const char *)sqlite3_column_text(mode, 0), "wal");
        code = SQLITE_OK;
    }
    sqlite3_finalize(mode);
    if (code != SQLITE_OK)
        return outbox_judge(outbox, code, "open");
    sqlite3_wal_hook(outbox->db, note_log, outbox);
    if (logged)
        return OUTBOX_OK;
    snprintf(outbox->why, sizeof outbox->why, "the outbox cannot use a write-ahead log there");
    return -EIO;
}

static int note_log(void *context, sqlite3 *db, const char *name, int pages)
{
    struct outbox *outbox = context;

    (void)db, (void)name;
    outbox->log_pages = pages;
    return SQLITE_OK;
}

static int make_or_check(struct outbox *outbox)
{
    int64_t application, version, tables;
    int code, answer;

    if ((answer = ask(outbox, "PRAGMA application_id", &application)) != OUTBOX_OK ||
        (answer = ask(outbox, "PRAGMA user_version", &version)) != OUTBOX_OK ||
        (answer = ask(outbox, "SELECT count(*) FROM sqlite_schema", &tables)) != OUTBOX_OK)
        return answer;
    if (tables == 0 && application == 0) {
        code = sqlite3_exec(outbox->db, schema_sql, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return outbox_judge(outbox, code, "make");
        return OUTBOX_OK;
    }
    if (application != APPLICATION_ID || version > SCHEMA_VERSION) {
        snprintf(outbox->why, sizeof outbox->why, "%s",
                 application != APPLICATION_ID
                     ? OUTBOX_DATABASE " there is no outbox of libconcern (another directory)"
                     : "the outbox is of a later version (update libconcern)");
        return OUTBOX_NOT_OURS;
    }
    /* The whole of it, indexes too: an event that is found by one way only would be lost later. */
    if ((answer = ask(outbox, "SELECT integrity_check <> 'ok' FROM pragma_integrity_check(1)",
                      &tables)) != OUTBOX_OK)
        return answer;
    if (tables == 0)
        return OUTBOX_OK;
    snprintf(outbox->why, sizeof outbox->why, "the outbox is damaged");
    return OUTBOX_DAMAGED;
}

static int ask(struct outbox *outbox, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(outbox->db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_OK ? OUTBOX_OK : outbox_judge(outbox, code, "read");
}

static int prepare(struct outbox *outbox)
{
    int64_t waiting, refused, bytes;
    int answer;

    if ((answer = ask(outbox, "SELECT count(*) FROM event WHERE state = 0", &waiting)) ||
        (answer = ask(outbox, "SELECT count(*) FROM event WHERE state = 1", &refused)) ||
        (answer = ask(outbox, "SELECT coalesce(sum(length(bytes)), 0) FROM event", &bytes)))
        return answer;
    outbox->counts =
        (struct outbox_counts){ (uint64_t)waiting, (uint64_t)refused, (uint64_t)bytes };
    for (size_t i = 0; i < OUTBOX_SQL_COUNT; i++) {
        int code = sqlite3_prepare_v3(outbox->db, statements_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &outbox->statements[i], NULL);

        if (code != SQLITE_OK)
            return outbox_judge(outbox, code, "open");
    }
    return OUTBOX_OK;
}

/* A schema or a header with a changed letter is told as an error of the SQL, or as a file of a
 * kind that cannot be written. */
static bool is_damage(int kind)
{
    return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_ERROR ||
           kind == SQLITE_READONLY || kind == SQLITE_SCHEMA || kind == SQLITE_MISMATCH;
}

int outbox_judge(struct outbox *outbox, int code, const char *doing)
{
    int kind = code & 0xff;

    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
        snprintf(outbox->why, sizeof outbox->why,
                 "the outbox is open already, here or in another process (one at a time)");
        return OUTBOX_IN_USE;
    }
    snprintf(outbox->why, sizeof outbox->why, "the outbox cannot %s: %s (%d)", doing,
             outbox->db ? sqlite3_errmsg(outbox->db) : sqlite3_errstr(code), code);
    if (kind == SQLITE_FULL)
        return OUTBOX_FULL;
    if (kind == SQLITE_NOMEM)
        return -ENOMEM;
    outbox->failure = -EIO;
    return outbox->opening && is_damage(kind) ? OUTBOX_DAMAGED : -EIO;
}

void outbox_close_database(struct outbox *outbox)
{
    for (size_t i = 0; i < OUTBOX_SQL_COUNT; i++) {
        sqlite3_finalize(outbox->statements[i]);
        outbox->statements[i] = NULL;
    }
    sqlite3_close(outbox->db);
    outbox->db = NULL;
}
