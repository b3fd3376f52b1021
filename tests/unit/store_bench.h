/* store_bench.h - a store in a folder of its own, opened before each test and removed after it. */
#ifndef CONCERN_TESTS_STORE_BENCH_H
#define CONCERN_TESTS_STORE_BENCH_H

#include "io/store_private.h"

#include "store_fixture.h"

static struct folder folder;
static struct store *store;

static inline int open_plain(void **unused)
{
    struct store_settings settings;

    (void)unused;
    folder = folder_make();
    settings = settings_for(&folder);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_set_lookup(store, full_lookup, NULL);
    return 0;
}

static inline int close_plain(void **unused)
{
    (void)unused;
    store_close(&store);
    folder_remove(&folder);
    return 0;
}

static inline void reopen(void)
{
    struct store_settings settings = settings_for(&folder);

    store_close(&store);
    assert_null(store);
    settings.check = true;
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    store_set_lookup(store, full_lookup, NULL);
}

static inline void save(const struct disagreement *before, const struct disagreement *after)
{
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_save_disagreement(store, &full_view, before, after), 0);
    assert_int_equal(store_commit(store), 0);
}

static inline int64_t asked(const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static inline void run_sql(const char *sql)
{
    assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_plain, close_plain)

#endif
