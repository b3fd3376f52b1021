/* store.c - the turns of the store: begins, commits, rolls back, tends, closes. */
#include "io/store_private.h"

#include "io/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CHECKPOINT_PAGES = 1000,          /* from here on store_tend() moves the log */
    CHECKPOINT_PAGES_AT_COMMIT = 4000 /* and here a commit does, where nobody tends */
};

static int checkpoint(struct store *store);

/* A latched store is closed as it is: what the log holds waits for the next start. */
void store_close(struct store **store_p)
{
    struct store *store = *store_p;

    if (!store)
        return;
    store_roll_back(store);
    for (size_t i = 0; i < SQL_STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    if (store->db && store->latched)
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->db);
    EVP_MD_CTX_free(store->digest);
    EVP_MD_free(store->sha256);
    if (store->head >= 0)
        close(store->head);
    if (store->directory >= 0)
        close(store->directory);
    free(store);
    *store_p = NULL;
}

/* ---- the turn ----------------------------------------------------------------------------- */

int store_begin(struct store *store)
{
    struct statement begin;
    int code;

    if (store->latched)
        return -EIO;
    if (store->in_turn)
        return journal_fail(-EINVAL, "a turn of the store is open already");
    begin = statement_of(store, SQL_BEGIN);
    code = sqlite3_step(begin.at);
    sqlite3_reset(begin.at);
    if (code != SQLITE_DONE) {
        code = store_judge(store, code, "begin a turn of");
        if (code == STORE_FULL)
            store_reserve_give(store);
        return code;
    }
    store->in_turn = true;
    store->part.open = false;
    store->failure = 0;
    return STORE_OK;
}

int store_commit(struct store *store)
{
    struct statement commit;
    int code;

    if (store->latched)
        return -EIO;
    if (!store->in_turn)
        return journal_fail(-EINVAL, "no turn of the store is open");
    if (store->failure != 0)
        return store->failure;
    if (store->part.open)
        return journal_fail(-EINVAL, "a part of the turn is still open");
    commit = statement_of(store, SQL_COMMIT);
    code = sqlite3_step(commit.at);
    sqlite3_reset(commit.at);
    if (code != SQLITE_DONE)
        return store_judge(store, code, "commit a turn of");

    store->in_turn = false;
    store->events += store->new_events;
    store->outbox_rows += store->new_outbox;
    store->new_events = store->new_outbox = 0;
    if (store->line.number != store->committed.number) {
        store->committed = store->line;
        /* The turn is on the disk; a head that cannot be written ends the next one. */
        code = store_head_write(store, &store->line);
        if (code < 0 && code != -ENOSPC)
            store_latch(store, STORE_HEAD " cannot be written");
    }
    if (store->log_pages >= CHECKPOINT_PAGES_AT_COMMIT && !store->latched)
        checkpoint(store); /* what it meets ends the next turn, this one is kept */
    return STORE_OK;
}

void store_roll_back(struct store *store)
{
    bool full = store->failure == STORE_FULL;

    for (size_t i = 0; i < SQL_STATEMENT_COUNT; i++)
        sqlite3_reset(store->statements[i]);
    if (store->db && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_turn = false;
    store->part.open = false;
    store->failure = 0;
    store->line = store->committed;
    store->new_events = store->new_outbox = 0;
    store->number = 0;
    if (full)
        store_reserve_give(store);
}

int store_part_begin(struct store *store)
{
    struct statement begin = statement_of(store, SQL_PART_BEGIN);
    int answer;

    if (store->part.open)
        return journal_fail(-EINVAL, "a part of the turn is open already");
    if ((answer = statement_run(&begin)) != STORE_OK)
        return answer;
    store->part = (struct store_part){ .open = true,
                                       .line = store->line,
                                       .new_events = store->new_events,
                                       .new_outbox = store->new_outbox };
    return STORE_OK;
}

/* A statement that is still at a row would make SQLite refuse to go back. */
static int undo_part(struct store *store)
{
    struct statement undo;
    int answer;

    for (size_t i = 0; i < SQL_STATEMENT_COUNT; i++)
        sqlite3_reset(store->statements[i]);
    undo = statement_of(store, SQL_PART_UNDO);
    if ((answer = statement_run(&undo)) != STORE_OK)
        return answer;
    store->line = store->part.line;
    store->new_events = store->part.new_events;
    store->new_outbox = store->part.new_outbox;
    store->number = 0;
    return STORE_OK;
}

int store_part_end(struct store *store, bool keep)
{
    struct statement end;
    int answer = store->part.open ? STORE_OK : journal_fail(-EINVAL, "no part of a turn is open");

    if (answer == STORE_OK && !keep)
        answer = undo_part(store);
    if (answer != STORE_OK)
        return answer;
    end = statement_of(store, SQL_PART_KEEP);
    answer = statement_run(&end);
    store->part.open = false;
    return answer;
}

int store_tend(struct store *store)
{
    if (store->latched)
        return -EIO;
    if (store->in_turn)
        return STORE_OK;
    /* On a short disk a log that is moved at once is room that the next turns use again. */
    if (store->log_pages >= CHECKPOINT_PAGES || (store->is_short && store->log_pages > 0)) {
        int answer = checkpoint(store);

        if (answer != STORE_OK)
            return answer;
    }
    store_reserve_restore(store);
    return STORE_OK;
}

/* The pages of the log go into the database, and the next turn begins the log anew.  A page
 * that could not be written is still in the log, so a full disk costs nothing but time. */
static int checkpoint(struct store *store)
{
    int pages = 0, moved = 0;
    int code =
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);

    if (code == SQLITE_OK) {
        if (pages == moved)
            store->log_pages = 0;
        return STORE_OK;
    }
    code = store_judge(store, code, "checkpoint");
    if (code != STORE_FULL)
        return code;
    store_reserve_give(store);
    return STORE_OK;
}

/* ---- what else is asked ------------------------------------------------------------------- */

bool store_is_trial(const struct store *store)
{
    return store->trial;
}

bool store_is_latched(const struct store *store)
{
    return store->latched;
}

bool store_is_short(const struct store *store)
{
    return store->is_short;
}

void store_set_lookup(struct store *store, store_lookup *lookup, void *context)
{
    store->lookup = lookup;
    store->lookup_context = context;
}

const char *store_answer_text(int answer)
{
    static const char *const texts[] = {
        [STORE_OK] = "the store is open",
        [STORE_NONE] = "there is no such row",
        [STORE_DUPLICATE] = "it is kept already",
        [STORE_FULL] = "the disk of the state directory is full: make room",
        [STORE_NO_PROCEDURE] = "the version of the procedure it was raised under is unknown",
        [STORE_TOO_NEW] = "a later concernd wrote the store: install that version, or a later one",
        [STORE_BEHIND] = "the store lacks lines that were acknowledged: restore a newer backup",
        [STORE_DAMAGED] = "the store is damaged or not one of concernd: restore a backup",
        [STORE_NOT_TRIAL] = "the time-lapse clock needs a trial store: give it an empty directory",
        [STORE_IS_TRIAL] = "this is a trial store: open it with --clock, or take another directory",
        [STORE_UNSAFE] = ("the state directory and its files must be no links, belong to the user "
                          "that runs concernd, and be closed to others (modes 0700 and 0600)"),
        [STORE_IN_USE] = "another process has the store open",
    };

    if (answer < 0)
        return strerrordesc_np(-answer);
    return (size_t)answer < COUNT_OF(texts) ? texts[answer] : "unknown answer";
}
