/* test_store_schema.c - a store that an earlier version left is opened, brought up to date and
 * keeps all it holds.  stores/schema-N.sql is what the version with schema N left. */
#include "store_fixture.h"

#include <glob.h>

#include "io/store_private.h"

static int newest;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text;
    long size;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    assert_int_equal(fclose(file), 0);
    return text;
}

static int64_t ask_file(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static void lay_down(const struct folder *folder, const char *dump)
{
    char path[500], *sql = read_file(dump);
    sqlite3 *db;

    folder_path(folder, STORE_DATABASE, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(chmod(path, 0600), 0);
    free(sql);
}

static bool count_line(void *context, const struct record_line *line)
{
    char *last = context;

    snprintf(last, 200, "%s %s", line->type, line->payload);
    return true;
}

static void brings_up_to_date(int from, const char *dump)
{
    struct folder folder = folder_make();
    struct store_settings settings = settings_for(&folder);
    struct store *store = NULL;
    char last[200] = "", expected[200], path[500];
    int64_t lines, deadlines;
    sqlite3 *db;

    lay_down(&folder, dump);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    lines = ask_file(db, "SELECT count(*) FROM record_line");
    deadlines = ask_file(db, "SELECT count(*) FROM deadline");
    assert_true(lines > 0 && deadlines > 0);
    sqlite3_close(db);

    assert_int_equal(store_open(&settings, &store), STORE_OK);
    assert_int_equal(record_list(store, (uint64_t)lines, 0, count_line, last), 0);
    store_close(&store);
    if (from < newest) {
        snprintf(expected, sizeof expected,
                 "schema {\"from\":%d,\"schema\":%d,\"version\":\"" CONCERN_VERSION "\"}", from,
                 newest);
        assert_string_equal(last, expected);
    }

    /* A second time there is nothing to do, and the chain with its new line is whole. */
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_close(&store);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(ask_file(db, "PRAGMA user_version"), newest);
    assert_int_equal(ask_file(db, "SELECT count(*) FROM record_line"), lines + (from < newest));
    assert_int_equal(ask_file(db, "SELECT count(*) FROM deadline"), deadlines);
    sqlite3_close(db);
    folder_remove(&folder);
}

static void brings_every_older_store_up_to_date(void **unused)
{
    DIR *list = opendir(CONCERN_SOURCE_DIR "/tests/unit/stores");
    const struct dirent *entry;
    int dumps = 0;

    (void)unused;
    assert_non_null(list);
    while ((entry = readdir(list))) {
        char path[500];
        int from;

        if (sscanf(entry->d_name, "schema-%d.sql", &from) != 1)
            continue;
        print_message("  %s\n", entry->d_name);
        snprintf(path, sizeof path, CONCERN_SOURCE_DIR "/tests/unit/stores/%s", entry->d_name);
        brings_up_to_date(from, path);
        dumps++;
    }
    closedir(list);
    assert_true(dumps > 0);
}

/* --- what was queued before there were silences */

#define OLDEST CONCERN_SOURCE_DIR "/tests/unit/stores/schema-1.sql"
#define OF(agency) "{\"role\":\"line_manager\",\"agency\":\"" agency "\"}"
#define OF_BOARD "{\"role\":\"board_team\",\"side\":\"board\"}"

/* Deliveries of the oldest store in their order, the lines that tell of them, and what is to be
 * found there (core/silence.h). */
static const struct {
    const char *state, *person, *roles;
    const char *agency;
} deliveries[] = {
    { "queued", "invented", OF("a"), "a" },
    { "queued", "invented", OF("b") "," OF("a"), "" },
    { "queued", "invented", OF("b") "," OF("b"), "b" },
    { "queued", "invented", OF("a") "," OF_BOARD, NULL },
    { "queued", "operator", OF("a"), NULL },
    { "queued", NULL, NULL, NULL }, /* nothing tells of it */
    { "accepted", "invented", OF("a"), NULL },
};

/* Opens the oldest store, and has it keep the lines. */
static void keep_lines(const struct folder *folder, uint64_t numbers[COUNT_OF(deliveries)])
{
    struct store_settings settings = settings_for(folder);
    struct store *store = NULL;
    char text[300];

    lay_down(folder, OLDEST);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    assert_int_equal(store_begin(store), STORE_OK);
    for (size_t i = 0; i < COUNT_OF(deliveries); i++) {
        numbers[i] = 0;
        if (!deliveries[i].person)
            continue;
        snprintf(text, sizeof text, "{\"person\":\"%s\",\"roles\":[%s]}", deliveries[i].person,
                 deliveries[i].roles);
        assert_int_equal(
            record_append(store, NOON(0), "notification", "board", "D-1", text, &numbers[i]),
            STORE_OK);
    }
    assert_int_equal(store_commit(store), STORE_OK);
    store_close(&store);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* The oldest store, brought to the version before the file whose name ends so. */
static void migrate_before(sqlite3 *db, const char *name)
{
    glob_t files;

    assert_int_equal(glob(CONCERN_SOURCE_DIR "/daemon/io/schema/*.sql", 0, NULL, &files), 0);
    for (size_t i = 1; i < files.gl_pathc && !strstr(files.gl_pathv[i], name); i++) {
        char *sql = read_file(files.gl_pathv[i]);

        run_sql(db, sql);
        free(sql);
    }
    globfree(&files);
}

/* The same record, and deliveries that name their lines and no agency. */
static void queue_before_silences(const struct folder *folder, const struct folder *of_lines,
                                  const uint64_t numbers[COUNT_OF(deliveries)])
{
    char path[500], sql[700];
    sqlite3 *db;

    lay_down(folder, OLDEST);
    folder_path(folder, STORE_DATABASE, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    migrate_before(db, "-agencies.sql");
    folder_path(of_lines, STORE_DATABASE, path);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS other", path);
    run_sql(db, sql);
    run_sql(db, "INSERT INTO record_payload SELECT * FROM other.record_payload "
                "WHERE number > (SELECT max(number) FROM main.record_line)");
    run_sql(db, "INSERT INTO record_line SELECT * FROM other.record_line "
                "WHERE number > (SELECT max(number) FROM main.record_line)");
    for (size_t i = 0; i < COUNT_OF(deliveries); i++) {
        snprintf(sql, sizeof sql,
                 "UPDATE outbox SET state = '%s', record = nullif(%d, 0) WHERE number = %zu",
                 deliveries[i].state, (int)numbers[i], i + 1);
        run_sql(db, sql);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void finds_whose_deliveries_wait(void **unused)
{
    struct folder with_lines = folder_make(), folder = folder_make();
    struct store_settings settings = settings_for(&folder);
    uint64_t numbers[COUNT_OF(deliveries)];
    struct store *store = NULL;
    char path[500];
    sqlite3 *db;

    (void)unused;
    keep_lines(&with_lines, numbers);
    queue_before_silences(&folder, &with_lines, numbers);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_close(&store);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(deliveries); i++) {
        char sql[200];

        if (deliveries[i].agency)
            snprintf(sql, sizeof sql, "SELECT agency = '%s' FROM outbox WHERE number = %zu",
                     deliveries[i].agency, i + 1);
        else
            snprintf(sql, sizeof sql, "SELECT agency IS NULL FROM outbox WHERE number = %zu",
                     i + 1);
        print_message("  delivery %zu\n", i + 1);
        assert_int_equal(ask_file(db, sql), 1);
    }
    sqlite3_close(db);
    folder_remove(&with_lines);
    folder_remove(&folder);
}

static int count_schemas(void **unused)
{
    DIR *list = opendir(CONCERN_SOURCE_DIR "/daemon/io/schema");
    const struct dirent *entry;

    (void)unused;
    while (list && (entry = readdir(list)))
        newest += strstr(entry->d_name, ".sql") != NULL;
    closedir(list);
    return newest > 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_every_older_store_up_to_date),
        cmocka_unit_test(finds_whose_deliveries_wait),
    };

    return cmocka_run_group_tests(tests, count_schemas, NULL);
}
