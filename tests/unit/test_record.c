/* test_record.c - the chain: no byte of it can be altered, taken away or added unseen. */
#include "io/store_private.h"

#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>

enum { LINES = 200 };

static struct folder folder;
static struct store *store;

/* Line 1 is the store's own; the others are the engine's, every third about no disagreement. */
static int open_recorded(void **unused)
{
    struct store_settings settings;

    (void)unused;
    folder = folder_make();
    settings = settings_for(&folder);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    assert_int_equal(store_begin(store), 0);
    for (uint64_t i = 2; i <= LINES; i++) {
        char payload[40];
        uint64_t number = 0;

        snprintf(payload, sizeof payload, "{\"n\":%d}", (int)i);
        assert_int_equal(record_append(store, NOON((int64_t)i), i % 2 ? "stage" : "event",
                                       i % 3 ? "invented-board" : "", i % 3 ? "D-1" : "", payload,
                                       &number),
                         0);
        assert_int_equal(number, i);
    }
    assert_int_equal(store_commit(store), 0);
    return 0;
}

static int close_recorded(void **unused)
{
    (void)unused;
    store_close(&store);
    folder_remove(&folder);
    return 0;
}

static uint64_t broken_at(uint64_t from, uint64_t to)
{
    struct record_verdict verdict;
    int answer = record_verify(store, from, to, &verdict);

    assert_true(answer == RECORD_WHOLE || answer == RECORD_BROKEN);
    return answer == RECORD_WHOLE ? 0 : verdict.broken;
}

/* The chain, worked out again by OpenSSL from the definition in record.h. */
static bool check_by_definition(void *context, const struct record_line *line)
{
    unsigned char *before = context, digest[32], salt[16], numbers[16];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    sqlite3_stmt *row;

    assert_int_equal(sqlite3_prepare_v2(store->db,
                                        "SELECT salt, digest, hash FROM record_line "
                                        "JOIN record_payload USING (number) WHERE number = ?",
                                        -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(row, 1, (int64_t)line->number);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    memcpy(salt, sqlite3_column_blob(row, 0), sizeof salt);
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    EVP_DigestUpdate(hash, salt, sizeof salt);
    EVP_DigestUpdate(hash, line->board, strlen(line->board) + 1);
    EVP_DigestUpdate(hash, line->reference, strlen(line->reference) + 1);
    EVP_DigestUpdate(hash, line->payload, strlen(line->payload));
    EVP_DigestFinal_ex(hash, digest, NULL);
    assert_memory_equal(digest, sqlite3_column_blob(row, 1), sizeof digest);
    for (int i = 0; i < 8; i++) {
        numbers[i] = (unsigned char)(line->number >> (56 - 8 * i));
        numbers[8 + i] = (unsigned char)((uint64_t)line->at.us >> (56 - 8 * i));
    }
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    EVP_DigestUpdate(hash, before, 32);
    EVP_DigestUpdate(hash, numbers, sizeof numbers);
    EVP_DigestUpdate(hash, line->type, strlen(line->type));
    EVP_DigestUpdate(hash, digest, sizeof digest);
    EVP_DigestFinal_ex(hash, before, NULL);
    assert_memory_equal(before, sqlite3_column_blob(row, 2), 32);
    sqlite3_finalize(row);
    EVP_MD_CTX_free(hash);
    return true;
}

static void hashes_as_it_says(void **unused)
{
    unsigned char before[32] = { 0 };
    char last[STORE_HASH_SIZE], expected[STORE_HASH_SIZE];
    uint64_t number;

    (void)unused;
    assert_int_equal(record_list(store, 1, 0, check_by_definition, before), 0);
    record_head(store, &number, last);
    assert_int_equal(number, LINES);
    hex_write(before, sizeof before, expected);
    assert_string_equal(last, expected);
    assert_int_equal(broken_at(1, 0), 0);
}

/* ---- every byte ------------------------------------------------------------------------------ */

static const struct {
    const char *table, *column;
    bool is_number;
} columns[] = {
    { "record_line", "at_us", true },         { "record_line", "type", false },
    { "record_line", "digest", false },       { "record_line", "hash", false },
    { "record_payload", "salt", false },      { "record_payload", "board", false },
    { "record_payload", "reference", false }, { "record_payload", "payload", false },
};

static sqlite3_stmt *statement_for(size_t column, bool update)
{
    const char *table = columns[column].table, *name = columns[column].column;
    sqlite3_stmt *statement;
    char sql[200];

    if (update)
        snprintf(sql, sizeof sql, "UPDATE %s SET %s = ?1 WHERE number = ?2", table, name);
    else
        snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE number = ?", name, table);
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static void put_back(sqlite3_stmt *update, size_t column, const unsigned char *bytes, int size,
                     uint64_t number)
{
    int64_t as_number = 0;

    if (columns[column].is_number) {
        memcpy(&as_number, bytes, sizeof as_number);
        sqlite3_bind_int64(update, 1, as_number);
    } else if (strcmp(columns[column].column, "digest") == 0 ||
               strcmp(columns[column].column, "hash") == 0 ||
               strcmp(columns[column].column, "salt") == 0) {
        sqlite3_bind_blob(update, 1, bytes, size, SQLITE_STATIC);
    } else {
        sqlite3_bind_text(update, 1, (const char *)bytes, size, SQLITE_STATIC);
    }
    sqlite3_bind_int64(update, 2, (int64_t)number);
    assert_int_equal(sqlite3_step(update), SQLITE_DONE);
    sqlite3_reset(update);
}

/* Flips one bit of each byte of one value, each time asking the chain; answers how many. */
static int flip_each(sqlite3_stmt *select, sqlite3_stmt *update, size_t column, uint64_t number)
{
    unsigned char bytes[100];
    int size;

    sqlite3_bind_int64(select, 1, (int64_t)number);
    assert_int_equal(sqlite3_step(select), SQLITE_ROW);
    if (columns[column].is_number) {
        int64_t value = sqlite3_column_int64(select, 0);

        size = sizeof value;
        memcpy(bytes, &value, sizeof value);
    } else {
        size = sqlite3_column_bytes(select, 0);
        assert_true((size_t)size < sizeof bytes);
        if (size > 0)
            memcpy(bytes, sqlite3_column_blob(select, 0), (size_t)size);
    }
    sqlite3_reset(select);
    for (int i = 0; i < size; i++) {
        unsigned char bit = (unsigned char)(1u << chance(7));
        uint64_t found;

        bytes[i] ^= bit;
        put_back(update, column, bytes, size, number);
        found = broken_at(number, number);
        assert_int_equal(found, number);
        bytes[i] ^= bit;
        put_back(update, column, bytes, size, number);
    }
    return size;
}

static void finds_every_flipped_byte(void **unused)
{
    int flipped = 0;

    (void)unused;
    for (size_t column = 0; column < COUNT_OF(columns); column++) {
        sqlite3_stmt *select = statement_for(column, false);
        sqlite3_stmt *update = statement_for(column, true);

        sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL);
        for (uint64_t number = 1; number <= LINES; number++)
            flipped += flip_each(select, update, column, number);
        sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
        sqlite3_finalize(select);
        sqlite3_finalize(update);
    }
    print_message("  %d bytes flipped, every one found\n", flipped);
    assert_true(flipped > LINES * 100);
    assert_int_equal(broken_at(1, 0), 0);
}

/* Whoever has the database in hand, and what of it is found, in a verification of all. */
static const struct {
    const char *name;
    const char *sql;
    uint64_t broken;
} attacks[] = {
    { "a line's number", "UPDATE record_line SET number = 500 WHERE number = 70", 70 },
    { "a line is gone", "DELETE FROM record_line WHERE number = 70", 70 },
    { "the first line is gone", "DELETE FROM record_line WHERE number = 1", 1 },
    { "two lines changed places",
      "UPDATE record_line SET number = -1 WHERE number = 70;"
      "UPDATE record_line SET number = 70 WHERE number = 71;"
      "UPDATE record_line SET number = 71 WHERE number = -1",
      70 },
    { "what a line says is gone", "DELETE FROM record_payload WHERE number = 70", 70 },
    { "what it says is another's", "UPDATE record_payload SET number = -70 WHERE number = 70", 70 },
    { "it is called erased", "UPDATE record_line SET erased_by = 71 WHERE number = 70", 70 },
    { "it is called erased, and is gone",
      "UPDATE record_line SET erased_by = 71 WHERE number = 70;"
      "DELETE FROM record_payload WHERE number = 70",
      70 },
    { "called erased by a line to come",
      "UPDATE record_line SET erased_by = 7000 WHERE number = 70;"
      "DELETE FROM record_payload WHERE number = 70",
      70 },
    { "a text hides behind a zero",
      "UPDATE record_payload SET payload = payload || char(0) || 'more' WHERE number = 70", 70 },
    { "a text of no line",
      "INSERT INTO record_payload VALUES (900, x'00', 'invented-board', 'D-1', '{}')", 900 },
    { "a digest of another size", "UPDATE record_line SET digest = x'00' WHERE number = 70", 70 },
    { "a salt of no size", "UPDATE record_payload SET salt = x'' WHERE number = 70", 70 },
    { "the last line is gone", "DELETE FROM record_line WHERE number = 200", 200 },
};

static void finds_what_was_done(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        print_message("  %s\n", attacks[i].name);
        assert_int_equal(sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(store->db, attacks[i].sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(broken_at(1, 0), attacks[i].broken);
        assert_int_equal(sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(broken_at(1, 0), 0);
    }
}

static void names_the_line(void **unused)
{
    struct record_verdict verdict;

    (void)unused;
    sqlite3_exec(store->db, "UPDATE record_payload SET payload = '{}' WHERE number = 33", NULL,
                 NULL, NULL);
    assert_int_equal(record_verify(store, 1, 0, &verdict), RECORD_BROKEN);
    assert_int_equal(verdict.broken, 33);
    assert_int_equal(verdict.lines, 32);
    assert_string_equal(verdict.why, "what it says was altered");
    assert_int_equal(record_verify(store, 34, 0, &verdict), RECORD_WHOLE);
    assert_int_equal(verdict.lines, LINES - 33);
}

/* ---- erasing ----------------------------------------------------------------------------------
 */

static bool count_lines(void *context, const struct record_line *line)
{
    (void)line;
    ++*(int *)context;
    return true;
}

static bool keep_erased(void *context, const struct record_line *line)
{
    if (line->number == 2) {
        assert_null(line->payload);
        assert_string_equal(line->reference, "");
        assert_int_equal(line->erased_by, LINES + 1);
    }
    if (line->number == LINES + 1) {
        assert_string_equal(line->type, "erased");
        snprintf(context, 100, "%s", line->payload);
    }
    return true;
}

static void erases_and_stays_whole(void **unused)
{
    struct store_settings settings = settings_for(&folder);
    uint64_t lines = 0;
    int left = 0;
    char said[100] = "";

    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(record_erase(store, NOON(900), "invented-board", "D-9", "x", &lines),
                     STORE_NONE);
    assert_int_equal(
        record_erase(store, NOON(900), "invented-board", "D-1", "its \"time\" is over", &lines), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(lines, 133); /* of 2 to 200 all but the 66 that 3 divides */
    assert_int_equal(record_history(store, "invented-board", "D-1", count_lines, &left), 0);
    assert_int_equal(left, 0);
    assert_int_equal(record_list(store, 1, 0, keep_erased, said), 0);
    assert_string_equal(said, "{\"lines\":133,\"why\":\"its \\\"time\\\" is over\"}");
    assert_int_equal(broken_at(1, 0), 0);
    store_close(&store);
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    assert_int_equal(broken_at(1, 0), 0);
}

/* One honest erasure covers for no other. */
static void counts_the_erased(void **unused)
{
    uint64_t lines = 0;

    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(record_erase(store, NOON(900), "invented-board", "D-1", "over", &lines), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(broken_at(1, 0), 0);
    sqlite3_exec(store->db,
                 "UPDATE record_line SET erased_by = 201 WHERE number = 3;"
                 "DELETE FROM record_payload WHERE number = 3",
                 NULL, NULL, NULL);
    assert_int_equal(broken_at(1, 0), 2); /* one of those it does cover, the first */
}

/* ---- the head ----------------------------------------------------------------------------------
 */

static int open_again(void)
{
    struct store_settings settings = settings_for(&folder);
    struct store *opened = NULL;
    int answer = store_open(&settings, &opened);

    if (opened)
        store = opened;
    return answer;
}

static void copy_file(const char *from, const char *to)
{
    char path[500], bytes[4096];
    int in, out;
    ssize_t size;

    folder_path(&folder, from, path);
    in = open(path, O_RDONLY);
    folder_path(&folder, to, path);
    out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    while ((size = read(in, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(out, bytes, (size_t)size), size);
    close(in);
    close(out);
}

static void append_one(void)
{
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(record_append(store, NOON(1), "test", "", "", "{}", NULL), 0);
    assert_int_equal(store_commit(store), 0);
}

/* An old copy of the database in place of the one that answered. */
static void sees_a_database_put_back(void **unused)
{
    char path[500];

    (void)unused;
    store_close(&store);
    copy_file(STORE_DATABASE, "backup");
    copy_file(STORE_HEAD, "old.head");
    assert_int_equal(open_again(), STORE_OK);
    append_one();
    store_close(&store);
    copy_file("backup", STORE_DATABASE);
    assert_int_equal(open_again(), STORE_BEHIND);

    /* the operator settles it, knowing what is lost */
    folder_path(&folder, STORE_HEAD, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(open_again(), STORE_OK);
    /* the same number, but another line: somebody else's history */
    append_one();
    store_close(&store);
    copy_file(STORE_HEAD, "their.head");
    copy_file("backup", STORE_DATABASE);
    copy_file("old.head", STORE_HEAD);
    assert_int_equal(open_again(), STORE_OK);
    append_one();
    store_close(&store);
    copy_file("their.head", STORE_HEAD);
    assert_int_equal(open_again(), STORE_DAMAGED);
    /* a head behind the database is what a crash between the two leaves */
    copy_file("old.head", STORE_HEAD);
    assert_int_equal(open_again(), STORE_OK);
}

static void sees_a_database_gone(void **unused)
{
    char path[500];

    (void)unused;
    store_close(&store);
    folder_path(&folder, STORE_DATABASE, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(open_again(), STORE_BEHIND);
}

static void sees_a_head_spoilt(void **unused)
{
    char path[500];
    int fd;

    (void)unused;
    store_close(&store);
    folder_path(&folder, STORE_HEAD, path);
    for (int at = 0; at < 86; at += 5) {
        char byte;

        fd = open(path, O_RDWR);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x04;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        assert_true(open_again() > 0);
        byte ^= 0x04;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(open_again(), STORE_DAMAGED);
    assert_int_equal(truncate(path, 0), 0); /* never written: a crash while it was made */
    assert_int_equal(open_again(), STORE_OK);
}

static void sees_a_broken_tail_at_the_start(void **unused)
{
    (void)unused;
    sqlite3_exec(store->db, "UPDATE record_line SET at_us = at_us + 1 WHERE number = 150", NULL,
                 NULL, NULL);
    store_close(&store);
    assert_int_equal(open_again(), STORE_DAMAGED);
}

static void refuses_half_a_reference(void **unused)
{
    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(record_append(store, NOON(1), "test", "invented-board", "", "{}", NULL),
                     -EINVAL);
    assert_int_equal(
        record_append(store, NOON(1), "a type of more than 32 letters ....", "", "", "{}", NULL),
        -EINVAL);
    store_roll_back(store);
}

#define WITH_RECORD(test) cmocka_unit_test_setup_teardown(test, open_recorded, close_recorded)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RECORD(hashes_as_it_says),        WITH_RECORD(finds_every_flipped_byte),
        WITH_RECORD(finds_what_was_done),      WITH_RECORD(names_the_line),
        WITH_RECORD(erases_and_stays_whole),   WITH_RECORD(counts_the_erased),
        WITH_RECORD(sees_a_database_put_back), WITH_RECORD(sees_a_database_gone),
        WITH_RECORD(sees_a_head_spoilt),       WITH_RECORD(sees_a_broken_tail_at_the_start),
        WITH_RECORD(refuses_half_a_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
