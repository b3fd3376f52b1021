/* test_outbox.c - what was kept is there again, whatever happens to program, disk and file. */
#include "outbox_fixture.h"

#include "fault_vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>

enum { EVENTS = 6, KILLS = 15, FLIPS = 100, FILE_MOST = 1 << 20 };

static uint32_t dice = 20261218;

static uint32_t roll(uint32_t sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % sides;
}

static struct outbox *open_outbox(const char *vfs, uint64_t events_max, int answer)
{
    const struct outbox_settings settings = { .directory = fixture_outbox,
                                              .vfs = vfs,
                                              .events_max = events_max };
    struct outbox_repair repair;
    struct outbox *outbox = NULL;
    char why[OUTBOX_WHY_SIZE];

    assert_int_equal(outbox_open(&settings, &repair, why, &outbox), answer);
    if (answer != OUTBOX_OK)
        assert_true(strlen(why) > 10);
    return outbox;
}

/* As the library does it: the number and the event in one transaction. */
static int put(struct outbox *outbox, unsigned number, uint64_t sequence)
{
    char json[1024], id[32], given[OUTBOX_HASH_SIZE];
    struct outbox_source source = { .seqepoch = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10",
                                    .last = sequence };
    struct outbox_event event = { .source = FIXTURE_SOURCE,
                                  .id = id,
                                  .given = given,
                                  .bytes = json,
                                  .numbered = true,
                                  .sequence = sequence };
    int answer;

    fixture_event(number, json);
    event.size = strlen(json);
    snprintf(id, sizeof id, "E-%u", number);
    snprintf(given, sizeof given, "%064u", number);
    if ((answer = outbox_begin(outbox)) == OUTBOX_OK &&
        (answer = outbox_put_source(outbox, FIXTURE_SOURCE, &source)) == OUTBOX_OK &&
        (answer = outbox_put(outbox, &event)) == OUTBOX_OK)
        answer = outbox_commit(outbox);
    outbox_roll_back(outbox);
    return answer;
}

/* Every waiting event is byte for byte what was put; sets seen[number]; how many there are. */
static unsigned read_all(struct outbox *outbox, bool *seen, unsigned count)
{
    struct outbox_event event = { 0 };
    unsigned read = 0, number, before = 0;
    char json[1024];

    while (outbox_read(outbox, false, event.row, &event) == OUTBOX_OK) {
        assert_int_equal(sscanf(event.id, "E-%u", &number), 1);
        assert_true(number > before || read == 0);
        assert_true(number < count);
        fixture_event(number, json);
        assert_int_equal(event.size, strlen(json));
        assert_memory_equal(event.bytes, json, event.size);
        seen[number] = true;
        before = number;
        read++;
    }
    return read;
}

static void keeps_in_order(void **unused)
{
    struct outbox *outbox;
    struct outbox_source source;
    struct outbox_event event = { 0 };
    bool seen[EVENTS] = { false };

    (void)unused;
    fixture_empty();
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    for (unsigned i = 0; i < EVENTS; i++)
        assert_int_equal(put(outbox, i, i + 1), OUTBOX_OK);
    outbox_close(&outbox);
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    assert_int_equal(read_all(outbox, seen, EVENTS), EVENTS);
    assert_int_equal(outbox_counts(outbox).waiting, EVENTS);
    assert_int_equal(outbox_source(outbox, FIXTURE_SOURCE, &source), OUTBOX_OK);
    assert_int_equal(source.last, EVENTS);
    assert_int_equal(source.acknowledged, 0);

    /* Answers come in another order than events went. */
    assert_int_equal(outbox_read(outbox, false, 0, &event), OUTBOX_OK);
    assert_int_equal(outbox_done(outbox, event.row + 4), OUTBOX_OK);
    assert_int_equal(outbox_refuse(outbox, event.row + 1, "403.1", "not yours"), OUTBOX_OK);
    assert_int_equal(outbox_done(outbox, event.row), OUTBOX_OK);
    assert_int_equal(outbox_source(outbox, FIXTURE_SOURCE, &source), OUTBOX_OK);
    assert_int_equal(source.acknowledged, 5);
    outbox_close(&outbox);
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    assert_int_equal(outbox_counts(outbox).waiting, EVENTS - 3);
    assert_int_equal(outbox_counts(outbox).refused, 1);
    assert_int_equal(outbox_read(outbox, true, 0, &event), OUTBOX_OK);
    assert_string_equal(event.id, "E-1");
    assert_string_equal(event.code, "403.1");
    assert_string_equal(event.reason, "not yours");
    assert_int_equal(outbox_retry(outbox, event.row), OUTBOX_OK);
    assert_int_equal(outbox_counts(outbox).waiting, EVENTS - 2);
    outbox_close(&outbox);
}

static void knows_what_it_kept(void **unused)
{
    struct outbox *outbox;
    char given[OUTBOX_HASH_SIZE], other[OUTBOX_HASH_SIZE];

    (void)unused;
    fixture_empty();
    snprintf(given, sizeof given, "%064u", 1);
    snprintf(other, sizeof other, "%064u", 2);
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    assert_int_equal(outbox_look_up(outbox, FIXTURE_SOURCE, "E-1", given), OUTBOX_NONE);
    assert_int_equal(put(outbox, 1, 1), OUTBOX_OK);
    for (int done = 0; done < 2; done++) {
        assert_int_equal(outbox_look_up(outbox, FIXTURE_SOURCE, "E-1", given), OUTBOX_KNOWN);
        assert_int_equal(outbox_look_up(outbox, FIXTURE_SOURCE, "E-1", other), OUTBOX_ID_USED);
        assert_int_equal(outbox_look_up(outbox, "urn:other", "E-1", given), OUTBOX_NONE);
        outbox_done(outbox, 1);
    }
    outbox_close(&outbox);
}

static void has_a_bound(void **unused)
{
    const struct outbox_settings small = { .directory = fixture_outbox, .bytes_max = 700 };
    struct outbox_repair repair;
    struct outbox *outbox;
    char why[OUTBOX_WHY_SIZE];

    (void)unused;
    fixture_empty();
    outbox = open_outbox(NULL, 3, OUTBOX_OK);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(put(outbox, i, i + 1), OUTBOX_OK);
    assert_int_equal(put(outbox, 3, 4), OUTBOX_FULL);
    assert_non_null(strstr(outbox_fault(outbox), "the outbox is full: 3 events"));
    assert_int_equal(outbox_refuse(outbox, 1, "400.4", "wrong"), OUTBOX_OK);
    assert_int_equal(put(outbox, 3, 4), OUTBOX_FULL); /* refused ones count */
    assert_int_equal(outbox_done(outbox, 2), OUTBOX_OK);
    assert_int_equal(put(outbox, 3, 4), OUTBOX_OK);
    outbox_close(&outbox);

    fixture_empty();
    assert_int_equal(outbox_open(&small, &repair, why, &outbox), OUTBOX_OK);
    assert_int_equal(put(outbox, 0, 1), OUTBOX_OK); /* of more than 200 bytes each */
    assert_int_equal(put(outbox, 1, 2), OUTBOX_OK);
    assert_int_equal(put(outbox, 2, 3), OUTBOX_OK);
    assert_int_equal(put(outbox, 3, 4), OUTBOX_FULL);
    outbox_close(&outbox);
}

static void numbers_so_many_sources(void **unused)
{
    const struct outbox_source source = { .seqepoch = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10" };
    struct outbox *outbox;
    char name[40];

    (void)unused;
    fixture_empty();
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    assert_int_equal(outbox_begin(outbox), OUTBOX_OK);
    for (unsigned i = 0; i < OUTBOX_SOURCES_MAX; i++) {
        snprintf(name, sizeof name, "urn:source:%u", i);
        assert_int_equal(outbox_put_source(outbox, name, &source), OUTBOX_OK);
    }
    assert_int_equal(outbox_put_source(outbox, "urn:one:too:many", &source), OUTBOX_FULL);
    assert_int_equal(outbox_put_source(outbox, name, &source), OUTBOX_OK); /* a known one */
    assert_int_equal(outbox_commit(outbox), OUTBOX_OK);
    outbox_close(&outbox);
}

static void one_at_a_time(void **unused)
{
    struct outbox *outbox;
    struct stat status;
    char path[160];
    int result;
    pid_t child;

    (void)unused;
    fixture_empty();
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    open_outbox(NULL, 0, OUTBOX_IN_USE);
    assert_int_equal(put(outbox, 0, 1), OUTBOX_OK); /* the attempt took no lock away */
    child = fork();
    if (child == 0) {
        const struct outbox_settings settings = { .directory = fixture_outbox };
        struct outbox_repair repair;
        struct outbox *other;
        char why[OUTBOX_WHY_SIZE];

        _exit(outbox_open(&settings, &repair, why, &other) == OUTBOX_IN_USE ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    outbox_close(&outbox);

    /* Nobody else reads what is in it. */
    assert_int_equal(stat(fixture_outbox, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    snprintf(path, sizeof path, "%s/" OUTBOX_DATABASE, fixture_outbox);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(chmod(fixture_outbox, 0777), 0);
    open_outbox(NULL, 0, -EPERM);
    assert_int_equal(chmod(fixture_outbox, 0700), 0);
}

static void refuses_what_is_not_its_own(void **unused)
{
    char path[160];
    sqlite3 *db;

    (void)unused;
    fixture_empty();
    assert_int_equal(mkdir(fixture_outbox, 0700), 0);
    snprintf(path, sizeof path, "%s/" OUTBOX_DATABASE, fixture_outbox);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE a (b); PRAGMA user_version = 9", 0, 0, 0), 0);
    sqlite3_close(db);
    open_outbox(NULL, 0, OUTBOX_NOT_OURS);
}

/* Fails the n-th operation for every n there is: what was answered for is there, contiguous, and
 * the failure latches. */
static void fail_each(enum fault_kind kind)
{
    bool failed = true;
    long latched = 0;

    for (long n = 1; failed; n++) {
        const struct outbox_settings settings = { .directory = fixture_outbox, .vfs = "fault" };
        struct outbox_repair repair;
        struct outbox *outbox = NULL;
        bool kept[EVENTS] = { false }, seen[EVENTS] = { false };
        char why[OUTBOX_WHY_SIZE];

        fixture_empty();
        fault = (typeof(fault)){ .kind = kind, .at = n };
        if (outbox_open(&settings, &repair, why, &outbox) == OUTBOX_OK) {
            for (unsigned i = 0; i < EVENTS; i++) {
                int answer = put(outbox, i, i + 1);

                kept[i] = answer == OUTBOX_OK;
                if (answer != OUTBOX_OK)
                    break;
            }
            failed = fault.failed > 0;
            fault.at = 0; /* the disk is well again: the latch holds all the same */
            if (failed && !kept[EVENTS - 1]) {
                assert_int_equal(put(outbox, EVENTS, EVENTS + 1), -EIO);
                latched++;
            }
        }
        fault.at = 0;
        outbox_close(&outbox);
        outbox = open_outbox("fault", 0, OUTBOX_OK);
        read_all(outbox, seen, EVENTS);
        for (unsigned i = 0; i < EVENTS; i++)
            assert_true(seen[i] || !kept[i]);
        for (unsigned i = 1; i < EVENTS; i++)
            assert_true(seen[i - 1] || !seen[i]);
        outbox_close(&outbox);
    }
    assert_true(latched > EVENTS);
}

static void a_failing_disk_loses_nothing(void **unused)
{
    (void)unused;
    fault_install();
    fail_each(FAULT_BEFORE);
    fail_each(FAULT_AFTER);
    fail_each(FAULT_HALF);
}

/* A program that keeps events and says so, killed at any instant; the next goes on. */
static void a_killed_program_loses_nothing(void **unused)
{
    unsigned said = 0, kept = 0;
    bool *seen;

    (void)unused;
    fixture_empty();
    for (int round = 0; round < KILLS; round++) {
        int pipes[2], result;
        unsigned number;
        pid_t child;

        assert_int_equal(pipe(pipes), 0);
        child = fork();
        if (child == 0) {
            struct concern_settings settings = fixture_settings();
            struct concern *concern;
            unsigned next = kept;

            close(pipes[0]);
            if (concern_open(&settings, &concern) != CONCERN_OK)
                _exit(1);
            while (fixture_publish(concern, next) == CONCERN_OK &&
                   write(pipes[1], &next, sizeof next) > 0)
                next++;
            _exit(2);
        }
        close(pipes[1]);
        for (unsigned i = 1 + roll(40); i > 0; i--)
            if (read(pipes[0], &number, sizeof number) == (ssize_t)sizeof number)
                said = number + 1;
        kill(child, SIGKILL);
        while (read(pipes[0], &number, sizeof number) == (ssize_t)sizeof number)
            said = number + 1;
        close(pipes[0]);
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFSIGNALED(result));
        kept = said; /* one more may be there: it is told again, under its id, and kept once */
    }
    assert_true(said > KILLS);

    seen = calloc(said + 1, sizeof *seen);
    struct outbox *outbox = open_outbox(NULL, 0, OUTBOX_OK);
    struct outbox_event event = { 0 };
    uint64_t expected = 0;
    unsigned count = 0;

    while (outbox_read(outbox, false, event.row, &event) == OUTBOX_OK) {
        json_t *json = json_loadb(event.bytes, event.size, 0, NULL);
        const char *digits = json_string_value(json_object_get(json, "sequence"));
        char wanted[21];
        unsigned number;

        snprintf(wanted, sizeof wanted, "%020llu", (unsigned long long)++expected);
        assert_string_equal(digits, wanted);
        assert_int_equal(sscanf(event.id, "E-%u", &number), 1);
        assert_true(number <= said && !seen[number]);
        seen[number] = true;
        count++;
        json_decref(json);
    }
    assert_true(count == said || count == said + 1);
    outbox_close(&outbox);
    free(seen);
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_int_equal(write(file, bytes, size), size);
    close(file);
}

/* The bytes of an outbox with EVENTS in it; how many they are. */
static size_t make_whole(const char *path, uint8_t bytes[FILE_MOST])
{
    struct outbox *outbox;
    ssize_t size;
    int file;

    fixture_empty();
    outbox = open_outbox(NULL, 0, OUTBOX_OK);
    for (unsigned i = 0; i < EVENTS; i++)
        assert_int_equal(put(outbox, i, i + 1), OUTBOX_OK);
    outbox_close(&outbox);
    file = open(path, O_RDONLY);
    size = read(file, bytes, FILE_MOST);
    close(file);
    assert_true(size > 4096);
    return (size_t)size;
}

/* Bytes of the file change under us, as a torn or wandering write leaves them: an event is sent
 * as it was kept or not at all, and the outbox goes on. */
static void a_damaged_file_sends_nothing_wrong(void **unused)
{
    static uint8_t whole_file[FILE_MOST], bytes[FILE_MOST];
    char path[160];
    unsigned repaired = 0, aside = 0, whole = 0;
    size_t size;

    (void)unused;
    snprintf(path, sizeof path, "%s/" OUTBOX_DATABASE, fixture_outbox);
    size = make_whole(path, whole_file);
    for (int flip = 0; flip < FLIPS; flip++) {
        const struct outbox_settings settings = { .directory = fixture_outbox };
        struct outbox_event event = { 0 };
        struct outbox_repair repair;
        struct outbox *outbox;
        char why[OUTBOX_WHY_SIZE], json[1024];
        unsigned read = 0, number;
        int answer;

        memcpy(bytes, whole_file, size);
        for (unsigned i = 0; i < 24; i++)
            bytes[roll((uint32_t)size)] = (uint8_t)roll(256);
        fixture_empty();
        assert_int_equal(mkdir(fixture_outbox, 0700), 0);
        write_file(path, bytes, size);

        answer = outbox_open(&settings, &repair, why, &outbox);
        if (answer == OUTBOX_NOT_OURS)
            continue; /* the very number that says whose it is */
        if (answer != OUTBOX_OK)
            print_message("  file %d: %s\n", flip, why);
        assert_int_equal(answer, OUTBOX_OK);
        repaired += repair.repaired;
        while ((answer = outbox_read(outbox, false, event.row, &event)) == OUTBOX_OK ||
               answer == OUTBOX_DAMAGED) {
            read++;
            if (answer == OUTBOX_DAMAGED) {
                aside++;
                continue;
            }
            assert_int_equal(sscanf(event.bytes, "{\"specversion\":\"1.0\",\"id\":\"E-%u", &number),
                             1);
            fixture_event(number, json);
            assert_int_equal(event.size, strlen(json));
            assert_memory_equal(event.bytes, json, event.size);
        }
        whole += read == EVENTS;
        if (!outbox_is_begun(outbox) && answer == OUTBOX_NONE)
            assert_int_equal(put(outbox, EVENTS, 1000), OUTBOX_OK);
        outbox_close(&outbox);
    }
    print_message("  %d files: %u mended, %u events found damaged, %u whole\n", FLIPS, repaired,
                  aside, whole);
    assert_true(repaired > FLIPS / 10);
    assert_true(aside > FLIPS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_in_order),
        cmocka_unit_test(knows_what_it_kept),
        cmocka_unit_test(has_a_bound),
        cmocka_unit_test(numbers_so_many_sources),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(refuses_what_is_not_its_own),
        cmocka_unit_test(a_failing_disk_loses_nothing),
        cmocka_unit_test(a_killed_program_loses_nothing),
        cmocka_unit_test(a_damaged_file_sends_nothing_wrong),
    };

    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
