/* test_store.c - opening, refusing, turns, and the log that grows beside the store. */
#include "store_bench.h"

#include "io/ulid.h"

#include <errno.h>
#include <fcntl.h>

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
        WITH_STORE(tends_the_log),
        WITH_STORE(keeps_and_gives_its_reserve),
        cmocka_unit_test(makes_ids),
    };

    full_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
