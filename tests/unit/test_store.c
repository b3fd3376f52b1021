/* test_store.c - opening, refusing, turns, and every kind of row the store keeps. */
#include "io/store_private.h"

#include "io/ulid.h"

#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>

static struct folder folder;
static struct store *store;

static int open_plain(void **unused)
{
    struct store_settings settings;

    (void)unused;
    folder = folder_make();
    settings = settings_for(&folder);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_set_lookup(store, full_lookup, NULL);
    return 0;
}

static int close_plain(void **unused)
{
    (void)unused;
    store_close(&store);
    folder_remove(&folder);
    return 0;
}

static void reopen(void)
{
    struct store_settings settings = settings_for(&folder);

    store_close(&store);
    assert_null(store);
    settings.check = true;
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_set_lookup(store, full_lookup, NULL);
}

static void save(const struct disagreement *before, const struct disagreement *after)
{
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_save_disagreement(store, &full_view, before, after), 0);
    assert_int_equal(store_commit(store), 0);
}

static int64_t asked(const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static void run_sql(const char *sql)
{
    assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* ---- opening ------------------------------------------------------------------------------- */

/* The newest schema is the last of as many files as there are. */
static int newest_schema(void)
{
    DIR *list = opendir(CONCERN_SOURCE_DIR "/daemon/io/schema");
    const struct dirent *entry;
    int count = 0;

    assert_non_null(list);
    while ((entry = readdir(list)))
        count += strstr(entry->d_name, ".sql") != NULL;
    closedir(list);
    return count;
}

static bool keep_first(void *context, const struct record_line *line)
{
    snprintf(context, 200, "%s %s", line->type, line->payload);
    return false;
}

static void assert_first_line(const char *kind)
{
    char expected[200], first[200];

    snprintf(expected, sizeof expected,
             "store {\"schema\":%d,\"store\":\"%s\",\"version\":\"" CONCERN_VERSION "\"}",
             newest_schema(), kind);
    assert_int_equal(record_list(store, 1, 0, keep_first, first), 0);
    assert_string_equal(first, expected);
}

static void makes_a_store(void **unused)
{
    struct stat status;
    char path[500];

    (void)unused;
    assert_false(store_is_trial(store));
    assert_false(store_is_latched(store));
    assert_first_line("real");
    assert_int_equal(asked("PRAGMA user_version"), newest_schema());
    assert_int_equal(asked("PRAGMA synchronous"), 2);
    assert_int_equal(asked("PRAGMA foreign_keys"), 1);
    assert_int_equal(asked("PRAGMA trusted_schema"), 0);
    assert_int_equal(asked("PRAGMA cell_size_check"), 1);
    assert_int_equal(asked("PRAGMA mmap_size"), 0);
    assert_int_equal(asked("PRAGMA secure_delete"), 1);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(folder.path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    folder_path(&folder, STORE_DATABASE "-wal", path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_false(folder_has(&folder, STORE_DATABASE "-shm"));
}

static int open_again(bool trial)
{
    struct store_settings settings = settings_for(&folder);
    struct store *opened = NULL;
    int answer;

    settings.trial = trial;
    answer = store_open(&settings, &opened);
    assert_int_equal(opened != NULL, answer == STORE_OK);
    if (opened)
        store = opened;
    return answer;
}

static void touch(const char *name)
{
    char path[500];
    int fd;

    folder_path(&folder, name, path);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void holds_to_the_trial(void **unused)
{
    (void)unused;
    assert_int_equal(open_again(true), STORE_IN_USE); /* by ourselves */
    store_close(&store);
    assert_int_equal(open_again(true), STORE_NOT_TRIAL);
    folder_empty(&folder);
    touch("somebody's file");
    assert_int_equal(open_again(true), STORE_NOT_TRIAL);
    folder_empty(&folder);
    assert_int_equal(open_again(true), STORE_OK);
    assert_true(store_is_trial(store));
    assert_first_line("trial");
    store_close(&store);
    assert_int_equal(open_again(false), STORE_IS_TRIAL);
    assert_int_equal(open_again(true), STORE_OK);
}

static void refuses_what_is_too_new(void **unused)
{
    (void)unused;
    run_sql("PRAGMA user_version = 1000");
    store_close(&store);
    assert_int_equal(open_again(false), STORE_TOO_NEW);
    assert_true(strlen(store_answer_text(STORE_TOO_NEW)) > 20);
}

/* A store of the first version, with the first line of this one; rows that wait and one that ended.
 * The store is closed. */
static void make_first_version(void)
{
    char path[500], now[500], sql[16384];
    FILE *file = fopen(CONCERN_SOURCE_DIR "/daemon/io/schema/0001-first.sql", "re");
    sqlite3 *old;
    size_t size;

    assert_non_null(file);
    size = fread(sql, 1, sizeof sql - 1, file);
    sql[size] = '\0';
    fclose(file);
    folder_path(&folder, STORE_DATABASE, now);
    folder_path(&folder, "old", path);
    assert_int_equal(sqlite3_open(path, &old), SQLITE_OK);
    assert_int_equal(sqlite3_exec(old, sql, NULL, NULL, NULL), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "ATTACH '%s' AS now; INSERT INTO record_line SELECT * FROM now.record_line;"
             "INSERT INTO record_payload SELECT * FROM now.record_payload; DETACH now",
             now);
    assert_int_equal(sqlite3_exec(old, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(old,
                     "INSERT INTO outbox VALUES "
                     "(1, '01AAAAAAAAAAAAAAAAAAAAAAA1', NULL, 'a', 0, 'p', 'r', 'email', 'x@y', 0,"
                     " 5000000, 0, 'queued', 2, 7000000, 90000000, x'41'),"
                     "(2, '01AAAAAAAAAAAAAAAAAAAAAAA2', NULL, 'b', 0, 'p', 'r', 'email', 'x@y', 0,"
                     " 5000000, 0, 'accepted', 1, 7000000, NULL, x'41'),"
                     "(3, '01AAAAAAAAAAAAAAAAAAAAAAA3', NULL, 'c', 0, 'p', 'r', 'email', 'x@y', 0,"
                     " 6000000, 0, 'queued', 0, NULL, 6000000, x'41')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(old);
    chmod(path, 0600);
    assert_int_equal(rename(path, now), 0);
}

static void takes_over_an_older_store(void **unused)
{
    char ids[4][DELIVERY_ID_SIZE];
    struct outbox_row *row = NULL;
    struct instant at;
    size_t count;

    (void)unused;
    store_close(&store);
    make_first_version();
    assert_int_equal(open_again(false), STORE_OK);
    assert_int_equal(asked("PRAGMA user_version"), newest_schema());
    /* What waits, waits since its first try, or since it was to be told. */
    assert_int_equal(store_next_escalation(store, &at), STORE_OK);
    assert_int_equal(at.us, 606 * SECOND_US);
    assert_int_equal(
        store_escalations_due(store, (struct instant){ 607 * SECOND_US }, ids, 4, &count),
        STORE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(ids[0], "01AAAAAAAAAAAAAAAAAAAAAAA3");
    assert_string_equal(ids[1], "01AAAAAAAAAAAAAAAAAAAAAAA1");
    assert_int_equal(store_get_outbox(store, ids[1], &row), STORE_OK);
    assert_int_equal(row->queued.us, 7 * SECOND_US);
    assert_true(instant_is_none(row->undelivered));
    outbox_row_close(&row);
}

static void write_file(const char *name, const char *bytes, size_t size)
{
    char path[500];
    int fd;

    folder_path(&folder, name, path);
    fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static void refuses_what_is_not_ours(void **unused)
{
    sqlite3 *other;
    char path[500];

    (void)unused;
    store_close(&store);
    folder_empty(&folder);
    write_file(STORE_DATABASE, "this is no database, whatever it is called .................", 60);
    assert_int_equal(open_again(false), STORE_DAMAGED);

    folder_empty(&folder);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "CREATE TABLE a (b)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    chmod(path, 0600);
    assert_int_equal(open_again(false), STORE_DAMAGED);
}

static void refuses_what_is_unsafe(void **unused)
{
    char alias[500], path[500], other[500];
    struct store_settings settings = settings_for(&folder);

    (void)unused;
    store_close(&store);
    snprintf(alias, sizeof alias, "%s.link", folder.path);
    assert_int_equal(symlink(folder.path, alias), 0);
    settings.directory = alias;
    assert_int_equal(store_open(&settings, &store), STORE_UNSAFE);
    snprintf(other, sizeof other, "%s.link/", folder.path); /* a slash would follow it */
    settings.directory = other;
    assert_int_equal(store_open(&settings, &store), STORE_UNSAFE);
    unlink(alias);

    assert_int_equal(chmod(folder.path, 0750), 0);
    assert_int_equal(open_again(false), STORE_UNSAFE);
    assert_int_equal(chmod(folder.path, 0700), 0);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(open_again(false), STORE_UNSAFE);
    assert_int_equal(chmod(path, 0600), 0);

    folder_path(&folder, "elsewhere", other);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(open_again(false), STORE_UNSAFE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(link(other, path), 0); /* two names for one file */
    assert_int_equal(open_again(false), STORE_UNSAFE);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(open_again(false), STORE_OK);
    if (geteuid() == 0) {
        store_close(&store);
        assert_int_equal(chown(folder.path, 4711, (gid_t)-1), 0);
        assert_int_equal(open_again(false), STORE_UNSAFE);
        assert_int_equal(chown(folder.path, 0, (gid_t)-1), 0);
    }
}

/* ---- turns ---------------------------------------------------------------------------------- */

static void keeps_what_it_committed(void **unused)
{
    struct kept_event kept;
    uint64_t record = 0, again = 0;

    (void)unused;
    assert_int_equal(store_find_event(store, "urn:invented:northtown", "E-1", &kept), STORE_NONE);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    assert_int_equal(record, 2);
    assert_int_equal(put_event(store, 1, &again), STORE_DUPLICATE);
    assert_int_equal(put_event(store, 2, &again), 0);
    assert_int_equal(again, 3);
    assert_int_equal(store_commit(store), 0);

    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 3, &again), 0);
    store_roll_back(store);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 4, &again), 0);
    assert_int_equal(again, 4); /* the number of what was rolled back */
    assert_int_equal(store_commit(store), 0);

    reopen();
    assert_int_equal(store_find_event(store, "urn:invented:northtown", "E-1", &kept), 0);
    assert_int_equal(kept.record, record);
    assert_string_equal(kept.sha256, SHA256_OF_NOTHING);
    assert_int_equal(kept.received.us, NOON(0).us);
    assert_int_equal(store_find_event(store, "urn:invented:northtown", "E-3", &kept), STORE_NONE);
    assert_int_equal(store_find_event(store, "urn:invented:northtown", "E-4", &kept), 0);
    assert_int_equal(store_find_event(store, "urn:invented:other", "E-4", &kept), STORE_NONE);
}

static bool keep_payload(void *context, const struct record_line *line)
{
    snprintf(context, 200, "%s %s %s", line->board, line->reference, line->payload);
    return true;
}

static void keeps_an_event_in_the_record(void **unused)
{
    char said[200] = "";
    uint64_t record;

    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(record_history(store, "invented-board", "D-1", keep_payload, said), 0);
    assert_string_equal(said, "invented-board D-1 {\"flags\":0,\"key\":\"northtown \\\"1\\\"\","
                              "\"event\":{\"specversion\":\"1.0\",\"data\":{}}}");
}

static void writes_nothing_outside_a_turn(void **unused)
{
    uint64_t record;

    (void)unused;
    assert_int_equal(put_event(store, 1, &record), -EINVAL);
    assert_int_equal(store_put_meta(store, "a", "b"), -EINVAL);
    assert_int_equal(store_commit(store), -EINVAL);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_begin(store), -EINVAL);
    store_roll_back(store);
    store_roll_back(store);
    assert_int_equal(asked("SELECT count(*) FROM event"), 0);
    assert_int_equal(asked("SELECT count(*) FROM meta"), 0);
}

static void keeps_names(void **unused)
{
    char value[STORE_META_SIZE] = "untouched";

    (void)unused;
    assert_int_equal(store_get_meta(store, "calendar", value), STORE_NONE);
    assert_string_equal(value, "untouched");
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_meta(store, "calendar", "one"), 0);
    assert_int_equal(store_put_meta(store, "calendar", "two"), 0);
    assert_int_equal(store_get_meta(store, "calendar", value), 0);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(value, "two");
}

/* ---- sources and gaps ------------------------------------------------------------------------ */

static void keeps_sources(void **unused)
{
    struct source_progress progress = {
        .mark = { .known = true, .seqepoch = "c0ffee00-0000-4000-8000-000000000001", .high = 7 },
        .last_heard = NOON(3),
        .resync = INSTANT_NONE,
    };
    struct source_progress read;

    (void)unused;
    assert_int_equal(store_get_source(store, "urn:invented:a", &read), STORE_NONE);
    assert_false(read.mark.known);
    assert_true(instant_is_none(read.last_heard));
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_source(store, "urn:invented:a", &progress), 0);
    progress.mark.high = SEQUENCE_MAX;
    assert_int_equal(store_put_source(store, "urn:invented:a", &progress), 0);
    progress = (struct source_progress){ .last_heard = NOON(4), .resync = NOON(5) };
    assert_int_equal(store_put_source(store, "urn:invented:b", &progress), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_get_source(store, "urn:invented:a", &read), 0);
    assert_true(read.mark.known);
    assert_string_equal(read.mark.seqepoch, "c0ffee00-0000-4000-8000-000000000001");
    assert_true(read.mark.high == SEQUENCE_MAX);
    assert_int_equal(read.last_heard.us, NOON(3).us);
    assert_int_equal(store_get_source(store, "urn:invented:b", &read), 0);
    assert_false(read.mark.known);
    assert_int_equal(read.last_heard.us, NOON(4).us);
}

static bool write_gap(void *context, const struct gap_row *gap)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 200 - used, "%s%d-%d", used ? " " : "", (int)gap->from, (int)gap->to);
    return true;
}

static const char *gaps_now(void)
{
    static char text[200];

    text[0] = '\0';
    assert_int_equal(store_list_gaps(store, "urn:invented:a", false, write_gap, text), 0);
    return text;
}

static int put_gap(const char *epoch, uint64_t from, uint64_t to)
{
    struct gap_row gap = { .source = "urn:invented:a",
                           .seqepoch = epoch,
                           .from = from,
                           .to = to,
                           .found = NOON(1),
                           .tell_operator = INSTANT_NONE,
                           .tell_board = INSTANT_NONE };

    return store_put_gap(store, &gap);
}

/* What is noted or filled, and the gaps open afterwards. */
static const struct {
    const char *name;
    bool fill;
    unsigned from, to;
    int answer;
    const char *open;
} gap_rows[] = {
    { "a gap", false, 8, 10, STORE_OK, "8-10" },
    { "the same again", false, 8, 10, STORE_DUPLICATE, "8-10" },
    { "its beginning again", false, 8, 9, STORE_DUPLICATE, "8-10" },
    { "longer", false, 8, 14, STORE_OK, "8-14" },
    { "one before it", true, 7, 0, STORE_NONE, "8-14" },
    { "one after it", true, 15, 0, STORE_NONE, "8-14" },
    { "its first", true, 8, 0, STORE_OK, "9-14" },
    { "its last", true, 14, 0, STORE_OK, "9-13" },
    { "one in the middle", true, 11, 0, STORE_OK, "9-10 12-13" },
    { "the same one", true, 11, 0, STORE_NONE, "9-10 12-13" },
    { "another gap", false, 20, 20, STORE_OK, "9-10 12-13 20-20" },
    { "all of it", true, 20, 0, STORE_OK, "9-10 12-13" },
    { "over another", false, 9, 13, STORE_OK, "9-13 12-13" },
    { "down to the other's", true, 11, 0, STORE_OK, "9-10 12-13" },
    { "one", true, 9, 0, STORE_OK, "10-10 12-13" },
};

static void keeps_gaps(void **unused)
{
    static const char epoch[] = "c0ffee00-0000-4000-8000-000000000001";

    (void)unused;
    for (size_t i = 0; i < COUNT_OF(gap_rows); i++) {
        int answer;

        print_message("  %s\n", gap_rows[i].name);
        assert_int_equal(store_begin(store), 0);
        if (gap_rows[i].fill)
            answer = store_fill_gap(store, "urn:invented:a", epoch, gap_rows[i].from, NOON(2));
        else
            answer = put_gap(epoch, gap_rows[i].from, gap_rows[i].to);
        assert_int_equal(answer, gap_rows[i].answer);
        assert_int_equal(store_commit(store), 0);
        assert_string_equal(gaps_now(), gap_rows[i].open);
    }
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_fill_gap(store, "urn:invented:a", "another", 10, NOON(2)), STORE_NONE);
    assert_int_equal(store_close_gaps(store, "urn:invented:a", epoch, NOON(9)), 0);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(gaps_now(), "");
}

/* ---- disagreements ----------------------------------------------------------------------------
 */

static void keeps_procedures(void **unused)
{
    char *text = NULL;

    (void)unused;
    assert_int_equal(store_get_procedure(store, full_procedure.hash, &text), STORE_NONE);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_procedure(store, &full_procedure, "id: invented-full\n"), 0);
    assert_int_equal(store_put_procedure(store, &full_procedure, "id: invented-full\n"), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_get_procedure(store, full_procedure.hash, &text), 0);
    assert_string_equal(text, "id: invented-full\n");
    free(text);
}

/* Any disagreement after any other, with and without knowing the one before. */
static void loads_what_it_saved(void **unused)
{
    struct disagreement before, after, loaded;

    (void)unused;
    for (int i = 0; i < 150; i++) {
        bool knows = i > 0 && chance(2) == 1;

        after = chance_disagreement();
        for (size_t d = 0; knows && d < PROCEDURE_DEADLINES_MAX; d++)
            if (chance(2) == 1)
                after.running[d] = before.running[d];
        save(knows ? &before : NULL, &after);
        assert_int_equal(store_load_disagreement(store, "invented-board", "D-1", &loaded), 0);
        assert_same_disagreement(&after, &loaded);
        before = after;
    }
    assert_int_equal(store_load_disagreement(store, "invented-board", "D-2", &loaded), STORE_NONE);
    assert_int_equal(store_load_disagreement(store, "other-board", "D-1", &loaded), STORE_NONE);
}

static void refuses_what_does_not_fit(void **unused)
{
    struct disagreement made = plain_disagreement("D-1", NOON(60)), loaded;

    (void)unused;
    snprintf(made.procedure_hash, sizeof made.procedure_hash, "another version");
    save(NULL, &made);
    assert_int_equal(store_load_disagreement(store, made.board, "D-1", &loaded),
                     STORE_NO_PROCEDURE);
    made = plain_disagreement("D-2", NOON(60));
    save(NULL, &made);
    run_sql("UPDATE deadline SET deadline = 'nobody knows' WHERE disagreement = 2");
    assert_int_equal(store_load_disagreement(store, made.board, "D-2", &loaded), STORE_DAMAGED);
    run_sql("DELETE FROM deadline WHERE disagreement = 2");
    run_sql("UPDATE disagreement SET state = 'undecided' WHERE number = 2");
    assert_int_equal(store_load_disagreement(store, made.board, "D-2", &loaded), STORE_DAMAGED);
    /* a change of what is not there */
    made = plain_disagreement("D-3", NOON(60));
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_save_disagreement(store, &full_view, &made, &made), -EINVAL);
    assert_int_equal(store_commit(store), -EINVAL);
    store_roll_back(store);
}

static bool write_deadline(void *context, const struct deadline_row *row)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 300 - used, "%s%s/%u %s%s", used ? ", " : "", row->deadline, row->entry,
             row->state, instant_is_none(row->wake) ? "" : " wakes");
    return true;
}

static const char *deadlines_now(void)
{
    static char text[300];

    text[0] = '\0';
    assert_int_equal(store_list_deadlines(store, "invented-board", "D-1", write_deadline, text), 0);
    return text;
}

/* A start anew is another row; the one before wakes nobody any more. */
static void keeps_a_row_for_each_start(void **unused)
{
    struct disagreement first = plain_disagreement("D-1", NOON(60)), second = first, third;

    (void)unused;
    save(NULL, &first);
    assert_string_equal(deadlines_now(), "deadline-0/1 on wakes");
    second.running[0].entry = 2;
    second.running[0].wake = second.running[0].due = NOON(90);
    save(&first, &second);
    assert_string_equal(deadlines_now(), "deadline-0/1 stopped, deadline-0/2 on wakes");
    third = second;
    third.running[0].state = RUNNING_PASSED;
    third.running[0].wake = INSTANT_NONE;
    save(&second, &third);
    assert_string_equal(deadlines_now(), "deadline-0/1 stopped, deadline-0/2 passed");
    save(NULL, &first); /* taken back, without knowing from where */
    assert_string_equal(deadlines_now(), "deadline-0/1 on wakes");
    first.running[0] = running_never();
    save(NULL, &first);
    assert_string_equal(deadlines_now(), "");
}

/* One row changed is one row written. */
static void writes_only_what_changed(void **unused)
{
    struct disagreement before = plain_disagreement("D-1", NOON(60)), after;
    int changed;

    (void)unused;
    save(NULL, &before);
    after = before;
    changed = sqlite3_total_changes(store->db);
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 0);
    after.running[0].wake = NOON(30);
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 1);
    before = after;
    after.held = true;
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 2);
}

static bool write_row(void *context, const struct disagreement_row *row)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(
        text + used, 400 - used, "%s%d %s %s %s %s due %s+%d", used ? "; " : "", (int)row->number,
        row->reference, row->state, row->stage, row->challenging, row->next_deadline,
        instant_is_none(row->next_due) ? -1 : (int)((row->next_due.us - NOON(0).us) / MINUTE_US));
    return true;
}

static void lists_disagreements(void **unused)
{
    struct disagreement made;
    char text[400] = "", paged[400] = "";

    (void)unused;
    for (int i = 1; i <= 3; i++) {
        char reference[8];

        snprintf(reference, sizeof reference, "D-%d", i);
        made = plain_disagreement(reference, NOON(60 * i));
        made.running[1] = made.running[0];
        made.running[1].due = NOON(30 * i);
        if (i == 2) {
            made.state = DISAGREEMENT_RESOLVED;
            made.closed = NOON(5);
            made.running[0].state = made.running[1].state = RUNNING_STOPPED;
        }
        save(NULL, &made);
    }
    store_list_disagreements(store, &(struct disagreement_query){ 0 }, write_row, text);
    assert_string_equal(text, "1 D-1 open deadline-0 northtown-housing due deadline-1+30; "
                              "3 D-3 open deadline-0 northtown-housing due deadline-1+90");
    store_list_disagreements(
        store, &(struct disagreement_query){ .closed_too = true, .after = 1, .most = 1 }, write_row,
        paged);
    assert_string_equal(paged, "2 D-2 resolved deadline-0 northtown-housing due +-1");
    paged[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .reference = "D-3" }, write_row,
                             paged);
    assert_string_equal(paged, "3 D-3 open deadline-0 northtown-housing due deadline-1+90");
    paged[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .reference = "D-2" }, write_row,
                             paged);
    assert_string_equal(paged, "");
    text[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .board = "another" }, write_row,
                             text);
    assert_string_equal(text, "");
}

/* ---- what is due ----------------------------------------------------------------------------- */

static void finds_what_is_due(void **unused)
{
    struct disagreement made;
    struct due_row rows[8];
    struct instant wake;
    size_t count;

    (void)unused;
    assert_int_equal(store_next_wake(store, &wake), STORE_NONE);
    assert_int_equal(store_due(store, NOON(1000), rows, COUNT_OF(rows), &count), 0);
    assert_int_equal(count, 0);
    made = plain_disagreement("D-1", NOON(30));
    made.running[1] = made.running[2] = made.running[0];
    made.running[1].wake = NOON(10);
    save(NULL, &made);
    made = plain_disagreement("D-2", NOON(20));
    save(NULL, &made);
    made = plain_disagreement("D-3", NOON(10));
    save(NULL, &made);
    made = plain_disagreement("D-4", NOON(31));
    save(NULL, &made);

    assert_int_equal(store_next_wake(store, &wake), 0);
    assert_int_equal(wake.us, NOON(10).us);
    assert_int_equal(store_due(store, NOON(30), rows, COUNT_OF(rows), &count), 0);
    assert_int_equal(count, 4); /* two deadlines that wake together are one row */
    assert_string_equal(rows[0].reference, "D-1");
    assert_string_equal(rows[1].reference, "D-3");
    assert_string_equal(rows[2].reference, "D-2");
    assert_string_equal(rows[3].reference, "D-1");
    assert_int_equal(rows[0].wake.us, NOON(10).us);
    assert_int_equal(rows[3].wake.us, NOON(30).us);
    assert_string_equal(rows[0].board, "invented-board");
    assert_int_equal(store_due(store, NOON(30), rows, 3, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(store_due(store, (struct instant){ NOON(10).us - 1 }, rows, 3, &count), 0);
    assert_int_equal(count, 0);
}

/* The queries that run in every turn, whatever the store holds, and the index each must use. */
static const struct {
    enum store_statement statement;
    const char *uses;
} plans[] = {
    { SQL_NEXT_WAKE, "deadline_wake" },
    { SQL_DUE, "deadline_wake" },
    { SQL_OUTBOX_DUE, "outbox_lane (<expr>=? AND priority=? AND next_try_us>" },
    { SQL_OUTBOX_NEXT_TRY, "outbox_lane" },
    { SQL_OUTBOX_LANE, "outbox_lane (<expr>>?)" },
    { SQL_OUTBOX_GET, "sqlite_autoindex_outbox_1" },
    { SQL_OUTBOX_MOVE, "sqlite_autoindex_outbox_1" },
    { SQL_ESCALATE_NEXT, "outbox_escalate" },
    { SQL_ESCALATE_DUE, "outbox_escalate" },
    { SQL_ESCALATE_SETTLE, "outbox_once" },
    { SQL_OUTBOX_ROUTES, "outbox_once" },
    { SQL_UNDELIVERED, "outbox_undelivered" },
    { SQL_EVENT_FIND, "PRIMARY KEY" },
    { SQL_GAP_OF, "gap_open" },
    { SQL_DISAGREEMENT_GET, "sqlite_autoindex_disagreement_1" },
    { SQL_DISAGREEMENT_NUMBER, "sqlite_autoindex_disagreement_1" },
    { SQL_DEADLINES, "PRIMARY KEY" },
    { SQL_HISTORY, "record_about" },
    { SQL_LAST_LINE, "SCAN record_line" }, /* backwards along the row ids, one step */
    { SQL_DISAGREEMENTS_OPEN, "disagreement_open" },
    { SQL_DISAGREEMENTS_NAMED, "sqlite_autoindex_disagreement_1" },
    { SQL_OUTBOX_ABOUT, "outbox_once" },
    { SQL_ATTEMPTS, "PRIMARY KEY" },
};

static void asks_the_index(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        char sql[1200], plan[1000] = "";
        sqlite3_stmt *statement;

        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", store_sql[plans[i].statement]);
        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            size_t used = strlen(plan);

            snprintf(plan + used, sizeof plan - used, "%s; ", sqlite3_column_text(statement, 3));
        }
        sqlite3_finalize(statement);
        print_message("  %s\n", plan);
        assert_non_null(strstr(plan, plans[i].uses));
        if (plans[i].statement != SQL_OUTBOX_ABOUT &&
            plans[i].statement != SQL_DISAGREEMENTS_OPEN &&
            plans[i].statement != SQL_DISAGREEMENTS_NAMED)
            assert_null(strstr(plan, "TEMP B-TREE"));
    }
}

/* ---- the outbox ------------------------------------------------------------------------------ */

static void queue(unsigned number, enum priority priority, struct instant next_try)
{
    struct outbox_row row = outbox_numbered(number, priority, next_try);

    assert_int_equal(store_put_outbox(store, &row), 0);
}

static void raise_and_queue(void)
{
    struct disagreement made = plain_disagreement("D-1", NOON(30));

    save(NULL, &made);
    assert_int_equal(store_begin(store), 0);
    queue(1, PRIORITY_NORMAL, NOON(1));
    queue(2, PRIORITY_URGENT, NOON(3));
    queue(3, PRIORITY_NORMAL, NOON(0));
    queue(4, PRIORITY_IMMEDIATE, NOON(9));
    assert_int_equal(store_commit(store), 0);
}

struct walk {
    char text[200];
    int most;
};

static enum outbox_walk write_due(void *context, const struct outbox_row *row)
{
    struct walk *walk = context;
    size_t used = strlen(walk->text);

    snprintf(walk->text + used, sizeof walk->text - used, "%s%s", used ? " " : "", row->key);
    assert_int_equal(row->state, OUTBOX_QUEUED);
    assert_int_equal(row->size, 27);
    assert_memory_equal(row->bytes, "Subject: invented\r\n\r\ntext\r\n", 27);
    return --walk->most == 0 ? OUTBOX_STOP : OUTBOX_GO_ON;
}

static const char *due_at(struct instant now, int most)
{
    static struct walk walk;
    walk = (struct walk){ .most = most };
    for (int priority = PRIORITY_IMMEDIATE; priority >= PRIORITY_NORMAL; priority--) {
        struct outbox_place place = { INSTANT_NONE, 0 };

        if (most == 0 || walk.most > 0)
            assert_int_equal(store_outbox_due(store, "email", (enum priority)priority, now, &place,
                                              write_due, &walk),
                             0);
    }
    return walk.text;
}

static void walks_the_outbox(void **unused)
{
    struct outbox_row row, *found = NULL;
    struct instant next;

    (void)unused;
    assert_int_equal(store_outbox_next_try(store, "email", INSTANT_NONE, &next), STORE_NONE);
    raise_and_queue();
    assert_int_equal(store_outbox_next_try(store, "email", INSTANT_NONE, &next), 0);
    assert_int_equal(next.us, NOON(0).us);
    assert_string_equal(due_at(NOON(0), 0), "key-3");
    assert_string_equal(due_at(NOON(5), 0), "key-2 key-3 key-1");
    assert_string_equal(due_at(NOON(9), 0), "key-4 key-2 key-3 key-1");
    assert_string_equal(due_at(NOON(9), 2), "key-4 key-2");

    assert_int_equal(store_begin(store), 0);
    row = outbox_numbered(1, PRIORITY_NORMAL, NOON(1));
    row.id[3] = '9'; /* another id, the same notification */
    assert_int_equal(store_put_outbox(store, &row), STORE_DUPLICATE);
    row.position = 1; /* the same by the person's next route */
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.board = row.reference = ""; /* about no disagreement: kept apart, once too */
    row.id[3] = '8';
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.id[3] = '7';
    assert_int_equal(store_put_outbox(store, &row), STORE_DUPLICATE);
    assert_int_equal(store_commit(store), 0);

    assert_int_equal(store_get_outbox(store, "nobody's", &found), STORE_NONE);
    row = outbox_numbered(2, PRIORITY_URGENT, NOON(3));
    assert_int_equal(store_get_outbox(store, row.id, &found), 0);
    assert_string_equal(found->id, row.id);
    assert_string_equal(found->board, row.board);
    assert_string_equal(found->reference, row.reference);
    assert_string_equal(found->key, row.key);
    assert_string_equal(found->person, row.person);
    assert_string_equal(found->role, row.role);
    assert_string_equal(found->recipient, row.recipient);
    assert_int_equal(found->route, row.route);
    assert_int_equal(found->priority, row.priority);
    assert_int_equal(found->at.us, row.at.us);
    assert_int_equal(found->late, row.late);
    assert_int_equal(found->size, row.size);
    assert_memory_equal(found->bytes, row.bytes, row.size);
    assert_int_equal(found->attempts, 0);
    assert_true(instant_is_none(found->first_tried));
    assert_int_equal(found->next_try.us, NOON(3).us);
    outbox_row_close(&found);
    assert_null(found);
}

/* All mail is one lane, and each endpoint. */
static void finds_the_lanes(void **unused)
{
    struct outbox_row row = outbox_numbered(5, PRIORITY_NORMAL, NOON(7));
    char lane[ADDRESS_MAX + 1];
    struct instant next;

    (void)unused;
    assert_int_equal(store_next_lane(store, NULL, lane), STORE_NONE);
    raise_and_queue();
    assert_int_equal(store_begin(store), 0);
    row.route = ROUTE_WEBHOOK;
    row.recipient = "hook-b";
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.id[3] = '9';
    row.key = "another";
    row.recipient = "hook-a";
    assert_int_equal(store_put_outbox(store, &row), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_next_lane(store, NULL, lane), STORE_OK);
    assert_string_equal(lane, "email");
    assert_int_equal(store_next_lane(store, "email", lane), STORE_OK);
    assert_string_equal(lane, "hook-a");
    assert_int_equal(store_next_lane(store, "hook-a", lane), STORE_OK);
    assert_string_equal(lane, "hook-b");
    assert_int_equal(store_next_lane(store, "hook-b", lane), STORE_NONE);
    assert_int_equal(store_outbox_next_try(store, "hook-b", INSTANT_NONE, &next), STORE_OK);
    assert_int_equal(next.us, NOON(7).us);
    assert_string_equal(due_at(NOON(9), 0), "key-4 key-2 key-3 key-1"); /* of mail alone */
}

static bool write_attempt(void *context, const struct attempt_row *attempt)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 200 - used, "%u:%d:%d:%s ", attempt->number, attempt->outcome,
             attempt->code, attempt->detail);
    return true;
}

static void moves_on_by_attempts(void **unused)
{
    struct outbox_row *found = NULL;
    char text[200] = "", id[DELIVERY_ID_SIZE];
    struct attempt_row attempt = { .number = 1,
                                   .at = NOON(4),
                                   .outcome = DELIVERY_LATER,
                                   .code = 451,
                                   .detail = "greylisted",
                                   .state = OUTBOX_QUEUED,
                                   .next_try = NOON(6) };
    struct store_counts counts;

    (void)unused;
    raise_and_queue();
    memcpy(id, outbox_numbered(2, 0, NOON(0)).id, sizeof id);
    attempt.id = id;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &attempt), 0);
    assert_int_equal(store_put_attempt(store, &attempt), STORE_DUPLICATE);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(due_at(NOON(5), 0), "key-3 key-1");
    assert_string_equal(due_at(NOON(6), 0), "key-2 key-3 key-1");

    attempt.number = 2;
    attempt.at = NOON(7);
    attempt.outcome = DELIVERY_DONE;
    attempt.code = 250;
    attempt.detail = "";
    attempt.state = OUTBOX_ACCEPTED;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &attempt), 0);
    attempt.number = 3;
    assert_int_equal(store_put_attempt(store, &attempt), STORE_NONE); /* its end was kept */
    attempt.id = "nobody's";
    assert_int_equal(store_put_attempt(store, &attempt), STORE_NONE);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(due_at(NOON(8), 0), "key-3 key-1");

    assert_int_equal(store_get_outbox(store, id, &found), 0);
    assert_int_equal(found->state, OUTBOX_ACCEPTED);
    assert_int_equal(found->attempts, 2);
    assert_int_equal(found->first_tried.us, NOON(4).us);
    assert_true(instant_is_none(found->next_try));
    outbox_row_close(&found);
    assert_int_equal(store_list_attempts(store, id, write_attempt, text), 0);
    assert_string_equal(text, "1:1:451:greylisted 2:0:250: ");
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.outbox[OUTBOX_ACCEPTED], 1);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 3);
}

static bool write_key(void *context, const struct outbox_row *row)
{
    struct walk *walk = context;

    write_due(walk, row);
    return true;
}

static void lists_the_outbox(void **unused)
{
    struct attempt_row refused = { .id = NULL,
                                   .number = 1,
                                   .at = NOON(4),
                                   .outcome = DELIVERY_REFUSED,
                                   .code = 550,
                                   .detail = "no such user",
                                   .state = OUTBOX_REFUSED };
    static const struct {
        struct outbox_query query;
        const char *keys;
    } lists[] = {
        { { 0 }, "key-4 key-2 key-1" },
        { { .most = 2 }, "key-4 key-2" },
        { { .board = "invented-board", .reference = "D-1" }, "key-4 key-2 key-1" },
        { { .board = "invented-board", .reference = "D-9", .ended_too = true }, "" },
        { { .board = "", .reference = "" }, "" },
    };
    char id[DELIVERY_ID_SIZE];

    (void)unused;
    raise_and_queue();
    memcpy(id, outbox_numbered(3, 0, NOON(0)).id, sizeof id);
    refused.id = id;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &refused), 0);
    assert_int_equal(store_commit(store), 0);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct walk walk = { .text = "" };

        assert_int_equal(store_list_outbox(store, &lists[i].query, write_key, &walk), 0);
        assert_string_equal(walk.text, lists[i].keys);
    }
}

static void counts_without_counting(void **unused)
{
    struct store_counts counts;
    uint64_t record;

    (void)unused;
    raise_and_queue();
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 0);
    assert_int_equal(counts.disagreements_open, 1);
    assert_int_equal(counts.deadlines_open, 1);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 4);
    assert_int_equal(counts.record, 1);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    queue(9, PRIORITY_NORMAL, NOON(1));
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 1);
    store_roll_back(store);
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 0);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 4);
    assert_int_equal(counts.outbox[OUTBOX_ACCEPTED], 0);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    assert_int_equal(store_commit(store), 0);
    reopen();
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 1);
    assert_int_equal(counts.record, 2);
}

/* ---- the log ----------------------------------------------------------------------------------
 */

static void tends_the_log(void **unused)
{
    struct store_counts counts;
    uint64_t record;
    unsigned number = 0;

    (void)unused;
    do {
        assert_int_equal(store_begin(store), 0);
        for (int i = 0; i < 50; i++)
            assert_int_equal(put_event(store, ++number, &record), 0);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_count(store, &counts), 0);
    } while (counts.log_pages < 1000);
    assert_int_equal(store_tend(store), 0);
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.log_pages, 0);
    /* Nobody tends: a commit does it in the end. */
    for (int i = 0; i < 400; i++) {
        assert_int_equal(store_begin(store), 0);
        for (int j = 0; j < 20; j++)
            assert_int_equal(put_event(store, ++number, &record), 0);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_count(store, &counts), 0);
        assert_true(counts.log_pages < 4200);
    }
    reopen();
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, number);
}

static void keeps_and_gives_its_reserve(void **unused)
{
    struct store_settings settings = settings_for(&folder);
    struct stat status;
    char path[500];

    (void)unused;
    store_close(&store);
    settings.reserve_bytes = 100000;
    assert_int_equal(store_open(&settings, &store), 0);
    folder_path(&folder, STORE_RESERVE, path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 100000);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_false(store_is_short(store));
}

static void makes_ids(void **unused)
{
    char one[ULID_SIZE], other[ULID_SIZE];

    (void)unused;
    /* The time of the example in ULID's own specification. */
    assert_int_equal(ulid_make((struct instant){ INT64_C(1469918176385) * 1000 }, one), 0);
    assert_memory_equal(one, "01ARYZ6S41", 10);
    assert_true(ulid_is_well_formed(one));
    assert_int_equal(ulid_make((struct instant){ INT64_C(1469918176385) * 1000 }, other), 0);
    assert_string_not_equal(one, other);
    assert_int_equal(ulid_make(NOON(0), other), 0);
    assert_true(strcmp(one, other) < 0);
    assert_false(ulid_is_well_formed("81ARZ3NDEKTSV4RRFFQ69G5FAV"));
    assert_false(ulid_is_well_formed("01ARZ3NDEKTSV4RRFFQ69G5FA"));
    assert_false(ulid_is_well_formed("01ARZ3NDEKTSV4RRFFQ69G5FAU"));
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_plain, close_plain)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(makes_a_store),
        WITH_STORE(holds_to_the_trial),
        WITH_STORE(refuses_what_is_too_new),
        WITH_STORE(takes_over_an_older_store),
        WITH_STORE(refuses_what_is_not_ours),
        WITH_STORE(refuses_what_is_unsafe),
        WITH_STORE(keeps_what_it_committed),
        WITH_STORE(keeps_an_event_in_the_record),
        WITH_STORE(writes_nothing_outside_a_turn),
        WITH_STORE(keeps_names),
        WITH_STORE(keeps_sources),
        WITH_STORE(keeps_gaps),
        WITH_STORE(keeps_procedures),
        WITH_STORE(loads_what_it_saved),
        WITH_STORE(refuses_what_does_not_fit),
        WITH_STORE(keeps_a_row_for_each_start),
        WITH_STORE(writes_only_what_changed),
        WITH_STORE(lists_disagreements),
        WITH_STORE(finds_what_is_due),
        WITH_STORE(asks_the_index),
        WITH_STORE(walks_the_outbox),
        WITH_STORE(finds_the_lanes),
        WITH_STORE(moves_on_by_attempts),
        WITH_STORE(lists_the_outbox),
        WITH_STORE(counts_without_counting),
        WITH_STORE(tends_the_log),
        WITH_STORE(keeps_and_gives_its_reserve),
        cmocka_unit_test(makes_ids),
    };

    full_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
