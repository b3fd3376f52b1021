/* store_statement.c - binds, runs and reads prepared statements, and judges what SQLite says. */
#include "io/store_private.h"

#include "io/journal.h"

#include <errno.h>
#include <string.h>

struct statement statement_of(struct store *store, enum store_statement which)
{
    sqlite3_stmt *at = store->statements[which];

    sqlite3_reset(at);
    sqlite3_clear_bindings(at);
    return (struct statement){ .store = store, .at = at };
}

static void note(struct statement *statement, int code)
{
    if (code != SQLITE_OK && statement->fault == SQLITE_OK)
        statement->fault = code;
}

void put_text(struct statement *statement, const char *text)
{
    note(statement, sqlite3_bind_text(statement->at, ++statement->place, text, -1, SQLITE_STATIC));
}

void put_blob(struct statement *statement, const void *bytes, size_t size)
{
    note(statement,
         sqlite3_bind_blob64(statement->at, ++statement->place, bytes, size, SQLITE_STATIC));
}

void put_number(struct statement *statement, int64_t number)
{
    note(statement, sqlite3_bind_int64(statement->at, ++statement->place, number));
}

void put_instant(struct statement *statement, struct instant at)
{
    if (instant_is_none(at))
        put_null(statement);
    else
        put_number(statement, at.us);
}

void put_null(struct statement *statement)
{
    note(statement, sqlite3_bind_null(statement->at, ++statement->place));
}

/* A write outside a turn would commit by itself, and so would one after SQLite has rolled the
 * turn back on its own (it does so for a full disk): both must never reach it. */
int statement_run(struct statement *statement)
{
    struct store *store = statement->store;
    int code = statement->fault;

    if (!store->in_turn)
        return journal_fail(-EINVAL, "the store was written to outside a turn");
    if (store->failure != 0)
        return store->failure;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement->at);
    if (code == SQLITE_DONE || code == SQLITE_ROW) {
        sqlite3_reset(statement->at);
        return STORE_OK;
    }
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        sqlite3_reset(statement->at);
        return STORE_DUPLICATE;
    }
    code = store_judge(store, code, "write");
    sqlite3_reset(statement->at);
    return code;
}

int statement_fetch(struct statement *statement, bool *row)
{
    int code = statement->fault;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement->at);
    *row = code == SQLITE_ROW;
    statement->place = -1;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return STORE_OK;
    code = store_judge(statement->store, code, "read");
    sqlite3_reset(statement->at);
    return code;
}

const char *take_some(struct statement *statement)
{
    int place = ++statement->place;
    const char *text = (const char *)sqlite3_column_text(statement->at, place);

    if (!text && sqlite3_column_type(statement->at, place) != SQLITE_NULL)
        note(statement, SQLITE_NOMEM);
    return text;
}

const char *take_text(struct statement *statement)
{
    const char *text = take_some(statement);

    return text ? text : "";
}

void take_copy(struct statement *statement, char *text, size_t size)
{
    const char *taken = take_text(statement);
    size_t length = strlen(taken);

    if (length >= size) {
        note(statement, SQLITE_CORRUPT);
        length = size - 1;
    }
    memcpy(text, taken, length);
    text[length] = '\0';
}

const void *take_blob(struct statement *statement, size_t *size)
{
    int place = ++statement->place;
    const void *bytes = sqlite3_column_blob(statement->at, place);

    *size = (size_t)sqlite3_column_bytes(statement->at, place);
    if (!bytes && *size > 0)
        note(statement, SQLITE_NOMEM);
    return bytes;
}

int64_t take_number(struct statement *statement)
{
    return sqlite3_column_int64(statement->at, ++statement->place);
}

struct instant take_instant(struct statement *statement)
{
    int place = ++statement->place;

    if (sqlite3_column_type(statement->at, place) == SQLITE_NULL)
        return INSTANT_NONE;
    return (struct instant){ sqlite3_column_int64(statement->at, place) };
}

int statement_end(struct statement *statement)
{
    sqlite3_reset(statement->at);
    if (statement->fault == SQLITE_OK)
        return STORE_OK;
    return store_judge(statement->store, statement->fault, "read");
}

int statement_answer(struct statement *statement, int answer)
{
    int ended = statement_end(statement);

    return ended != STORE_OK ? ended : answer;
}

/* What leaves the file in doubt latches; a full disk, no memory and a value that breaks a rule
 * of the schema leave it as it was, and only this turn is lost. */
int store_judge(struct store *store, int code, const char *doing)
{
    if (code == SQLITE_IOERR_NOMEM)
        code = SQLITE_NOMEM;
    switch (code & 0xff) {
    case SQLITE_FULL:
        if (!store->told_full)
            journal_error(NULL, "the disk of the state directory is full");
        store->told_full = true;
        return store_fail_turn(store, STORE_FULL);
    case SQLITE_NOMEM:
        return store_fail_turn(store, journal_fail(-ENOMEM, "no memory to %s the store", doing));
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return store_fail_turn(store, journal_fail(-EINVAL, "cannot %s the store: %s", doing,
                                                   sqlite3_errmsg(store->db)));
    default:
        store_latch(store, sqlite3_errstr(code));
        return store_fail_turn(store, -EIO);
    }
}

/* The first failure of a turn is what its commit answers. */
int store_fail_turn(struct store *store, int failure)
{
    if (store->in_turn && store->failure == 0)
        store->failure = failure;
    return failure;
}

void store_latch(struct store *store, const char *why)
{
    if (!store->latched)
        journal_error(NULL,
                      "the store failed and takes nothing more until concernd is started anew: "
                      "%s (SQLite %d, system error %d)",
                      why, sqlite3_extended_errcode(store->db), sqlite3_system_errno(store->db));
    store->latched = true;
}

/* ---- hex ---------------------------------------------------------------------------------- */

static int nibble(char letter)
{
    static const char letters[] = "0123456789abcdef";
    const char *at = letter ? strchr(letters, letter) : NULL;

    return at ? (int)(at - letters) : -1;
}

bool hex_read(const char *hex, unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = nibble(hex[2 * i]);
        int low = high < 0 ? -1 : nibble(hex[2 * i + 1]);

        if (low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void hex_write(const unsigned char *bytes, size_t size, char *hex)
{
    static const char letters[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = letters[bytes[i] >> 4];
        hex[2 * i + 1] = letters[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
}
