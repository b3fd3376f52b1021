/* store_open.c - opens, makes or migrates the store, and refuses what is not right. */
#include "io/store_private.h"

#include "io/journal.h"

#include "schema_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    APPLICATION_ID = 1668247139 /* "conc", as in the first schema file */
};

/* Exclusive locking keeps the log's index in our own memory: no shared file beside the
 * database, none of its locks, and nobody else inside while we decide.  No mmap: it would turn
 * an I/O error into a signal.  The log is checkpointed by store_tend(), which sees its errors;
 * SQLite's own automatic checkpoint hides them. */
static const char prepare_sql[] = "PRAGMA locking_mode = EXCLUSIVE;"
                                  "PRAGMA foreign_keys = ON;"
                                  "PRAGMA trusted_schema = OFF;"
                                  "PRAGMA cell_size_check = ON;"
                                  "PRAGMA mmap_size = 0;"
                                  "PRAGMA secure_delete = ON;"
                                  "PRAGMA temp_store = MEMORY;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA wal_autocheckpoint = 0;";

static int open_database(struct store *store, const struct store_settings *settings,
                         const char *path);
static int make_or_migrate(struct store *store, const struct store_settings *settings);
static int migrate(struct store *store, const struct store_settings *settings, int version);
static int judge_kind(struct store *store, bool trial);
static int judge_health(struct store *store, bool check);
static int judge_head(struct store *store);
static int prepare(struct store *store);

static int note_log(void *context, sqlite3 *db, const char *name, int pages)
{
    struct store *store = context;

    (void)db;
    (void)name;
    store->log_pages = (uint64_t)pages;
    return SQLITE_OK;
}

static void tell_sqlite(void *unused, int code, const char *message)
{
    (void)unused;
    if ((code & 0xff) == SQLITE_NOTICE)
        journal_info(NULL, "SQLite: %s", message);
    else if ((code & 0xff) != SQLITE_CONSTRAINT)
        journal_warn(NULL, "SQLite: %s (%d)", message, code);
}

/* SQLite takes it only before its first use in the process. */
static void hear_sqlite(void)
{
    static bool heard;

    if (!heard)
        sqlite3_config(SQLITE_CONFIG_LOG, tell_sqlite, NULL);
    heard = true;
}

int store_open(const struct store_settings *settings, struct store **store_p)
{
    CLEANUP(store_close) struct store *store = calloc(1, sizeof *store);
    char path[PATH_MAX];
    int answer;

    if (!store)
        return journal_fail(-ENOMEM, "no memory for the store");
    store->directory = store->head = -1;
    store->reserve_bytes = settings->reserve_bytes;
    store->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    store->digest = EVP_MD_CTX_new();
    if (!store->sha256 || !store->digest)
        return journal_fail(-ENOMEM, "cannot set up SHA-256");
    hear_sqlite();

    if ((answer = store_files_open(store, settings->directory, path, sizeof path)) != STORE_OK ||
        (answer = store_head_open(store, settings->sync_head)) != STORE_OK ||
        (answer = open_database(store, settings, path)) != STORE_OK ||
        (answer = make_or_migrate(store, settings)) != STORE_OK ||
        (answer = judge_kind(store, settings->trial)) != STORE_OK ||
        (answer = judge_health(store, settings->check)) != STORE_OK ||
        (answer = judge_head(store)) != STORE_OK)
        return answer;

    store_reserve_make(store);
    *store_p = store;
    store = NULL;
    return STORE_OK;
}

/* What SQLite says while opening: an error is the world's, a bad file a reason to refuse. */
static int open_fault(struct store *store, int code, const char *doing)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        journal_error(NULL, "cannot %s the store: %s; restore a backup", doing,
                      sqlite3_errmsg(store->db));
        return STORE_DAMAGED;
    case SQLITE_BUSY:
        journal_error(NULL, "another process has the store's database open");
        return STORE_IN_USE;
    case SQLITE_FULL:
        journal_error(NULL, "cannot %s the store: the disk is full", doing);
        return STORE_FULL;
    default:
        return journal_fail(-EIO, "cannot %s the store: %s (%d)", doing, sqlite3_errmsg(store->db),
                            sqlite3_extended_errcode(store->db));
    }
}

/* A rehearsal's commits go as far as the kernel: it ends with its store. */
static const char fleeting_sql[] = "PRAGMA synchronous = OFF;"
                                   "PRAGMA secure_delete = OFF;";

static int open_database(struct store *store, const struct store_settings *settings,
                         const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &store->db, flags, settings->vfs);
    sqlite3_stmt *mode = NULL;
    bool logged = false;

    if (code == SQLITE_OK)
        code = sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(store->db, prepare_sql, NULL, NULL, NULL);
    if (code == SQLITE_OK && settings->fleeting && settings->trial)
        code = sqlite3_exec(store->db, fleeting_sql, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &mode, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(mode)) == SQLITE_ROW) {
        logged = strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
        code = SQLITE_OK;
    }
    sqlite3_finalize(mode);
    sqlite3_wal_hook(store->db, note_log, store);
    if (code != SQLITE_OK)
        return open_fault(store, code, "open");
    return logged ? STORE_OK : journal_fail(-EIO, "the store cannot use a write-ahead log");
}

/* One number that a PRAGMA or a SELECT gives. */
static int ask(struct store *store, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_OK ? STORE_OK : open_fault(store, code, "read");
}

static int make_or_migrate(struct store *store, const struct store_settings *settings)
{
    int newest = schema_files[COUNT_OF(schema_files) - 1].version;
    int64_t version, application, tables;
    struct chain_end head;
    bool alone;
    int answer;

    if ((answer = ask(store, "PRAGMA user_version", &version)) != STORE_OK ||
        (answer = ask(store, "PRAGMA application_id", &application)) != STORE_OK ||
        (answer = ask(store, "SELECT count(*) FROM sqlite_schema", &tables)) != STORE_OK)
        return answer;
    if (tables > 0 && (application != APPLICATION_ID || version < 1)) {
        journal_error(NULL, STORE_DATABASE " in the state directory is no store of concernd");
        return STORE_DAMAGED;
    }
    if (version > newest) {
        journal_error(NULL,
                      "the store has schema %d, this concernd knows up to %d: install the "
                      "version that wrote it, or a later one",
                      (int)version, newest);
        return STORE_TOO_NEW;
    }
    if (tables == 0) {
        answer = store_head_read(store, &head);
        if (answer == STORE_OK && head.number > 0) {
            journal_error(NULL,
                          "the store is empty, but " STORE_HEAD " says that line %llu was "
                          "acknowledged: restore a backup",
                          (unsigned long long)head.number);
            return STORE_BEHIND;
        }
        if (answer != STORE_OK && answer != STORE_NONE)
            return answer;
        if ((answer = store_files_are_alone(store, &alone)) != STORE_OK)
            return answer;
        if (settings->trial && !alone) {
            journal_error(NULL,
                          "a trial store is made in an empty directory only, and %s holds "
                          "something",
                          settings->directory);
            return STORE_NOT_TRIAL;
        }
    }
    return version < newest ? migrate(store, settings, (int)version) : prepare(store);
}

/* All steps, and the line that tells of them, in one transaction: there is never a store
 * without its first line.  Each schema file ends by setting its own number. */
static int migrate(struct store *store, const struct store_settings *settings, int version)
{
    int newest = schema_files[COUNT_OF(schema_files) - 1].version;
    int code = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    char payload[160];
    int64_t reached;
    int answer;

    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(schema_files); i++)
        if (schema_files[i].version > version)
            code = sqlite3_exec(store->db, schema_files[i].sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return open_fault(store, code, "make or migrate");
    if ((answer = ask(store, "PRAGMA user_version", &reached)) != STORE_OK)
        return answer;
    if (reached != newest)
        return journal_fail(-EINVAL, "the last schema file sets version %d", (int)reached);
    if ((answer = prepare(store)) != STORE_OK)
        return answer;

    if (version == 0)
        snprintf(payload, sizeof payload, "{\"schema\":%d,\"store\":\"%s\",\"version\":\"%s\"}",
                 newest, settings->trial ? "trial" : "real", CONCERN_VERSION);
    else
        snprintf(payload, sizeof payload, "{\"from\":%d,\"schema\":%d,\"version\":\"%s\"}", version,
                 newest, CONCERN_VERSION);
    store->in_turn = true;
    answer = record_append(store, settings->now, version == 0 ? "store" : "schema", "", "", payload,
                           NULL);
    return answer != STORE_OK ? answer : store_commit(store);
}

static int prepare(struct store *store)
{
    for (size_t i = 0; i < SQL_STATEMENT_COUNT; i++) {
        int code = sqlite3_prepare_v3(store->db, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &store->statements[i], NULL);

        if (code != SQLITE_OK)
            return open_fault(store, code, "prepare");
    }
    return record_resume(store);
}

/* The first line of the record says what the store is; nothing else does. */
static bool note_kind(void *context, const struct record_line *line)
{
    int *kind = context;

    if (line->number == 1 && line->payload && strcmp(line->type, "store") == 0) {
        if (strstr(line->payload, "\"store\":\"trial\""))
            *kind = 1;
        else if (strstr(line->payload, "\"store\":\"real\""))
            *kind = 0;
    }
    return false;
}

static int judge_kind(struct store *store, bool trial)
{
    int kind = -1;
    int answer = record_list(store, 1, 1, note_kind, &kind);

    if (answer != STORE_OK)
        return answer;
    if (kind < 0) {
        journal_error(NULL, "the record does not begin by saying what store this is");
        return STORE_DAMAGED;
    }
    store->trial = kind == 1;
    if (store->trial == trial)
        return STORE_OK;
    journal_error(NULL, store->trial ? "this is a trial store: it opens only with --clock"
                                     : "this is no trial store: it never opens with --clock");
    return store->trial ? STORE_IS_TRIAL : STORE_NOT_TRIAL;
}

static int judge_health(struct store *store, bool check)
{
    uint64_t last = store->line.number;
    struct record_verdict verdict;
    sqlite3_stmt *statement = NULL;
    bool well = true;
    int code = SQLITE_OK, answer;

    if (check) {
        code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
        if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
            well = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
            code = SQLITE_OK;
        }
        sqlite3_finalize(statement);
    }
    if (code != SQLITE_OK || !well)
        return open_fault(store, well ? code : SQLITE_CORRUPT, "check");

    answer = record_verify(store, last > STORE_TAIL_LINES ? last - STORE_TAIL_LINES + 1 : 1, 0,
                           &verdict);
    if (answer != RECORD_BROKEN)
        return answer;
    journal_error(NULL, "the record is broken at line %llu: %s; restore a backup",
                  (unsigned long long)verdict.broken, verdict.why);
    return STORE_DAMAGED;
}

/* What was acknowledged must be here: a database that a backup or another disk put back in
 * time would forget it in silence. */
static int judge_head(struct store *store)
{
    struct chain_end head;
    unsigned char hash[RECORD_DIGEST_SIZE] = { 0 };
    struct statement statement;
    const void *bytes = NULL;
    size_t size = 0;
    bool row;
    int answer = store_head_read(store, &head);

    if (answer == STORE_NONE) {
        journal_warn(NULL, STORE_HEAD " is missing, so nothing shows whether the database is the "
                                      "latest; it is made anew");
        return store_head_write(store, &store->line);
    }
    if (answer != STORE_OK)
        return answer;
    if (head.number > store->line.number) {
        journal_error(
            NULL,
            "the database ends with line %llu, but line %llu was acknowledged (" STORE_HEAD
            "): restore a newer backup; to go on without these lines, remove " STORE_HEAD,
            (unsigned long long)store->line.number, (unsigned long long)head.number);
        return STORE_BEHIND;
    }
    statement = statement_of(store, SQL_LINE_HASH);
    put_number(&statement, (int64_t)head.number);
    if ((answer = statement_fetch(&statement, &row)) != STORE_OK)
        return answer;
    if (row)
        bytes = take_blob(&statement, &size);
    if (bytes && size == sizeof hash)
        memcpy(hash, bytes, size);
    if ((answer = statement_end(&statement)) != STORE_OK)
        return answer;
    if (head.number > 0 && memcmp(hash, head.hash, sizeof hash) != 0) {
        journal_error(NULL,
                      "line %llu of the database is not the one that was acknowledged "
                      "(" STORE_HEAD "): this is another history",
                      (unsigned long long)head.number);
        return STORE_DAMAGED;
    }
    return store_head_write(store, &store->line);
}
