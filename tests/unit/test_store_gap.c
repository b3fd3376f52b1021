/* test_store_gap.c - what is missing of a source, against sets of numbers kept beside it; an
 * older store's gaps; who is to be told of them, once. */
#include "io/store_private.h"

#include "store_fixture.h"

#include <errno.h>

static struct folder folder;
static struct store *store;

#define SOURCE "urn:invented:a"
static const char *const epochs[] = { "c0ffee00-0000-4000-8000-000000000001",
                                      "c0ffee00-0000-4000-8000-000000000002",
                                      "c0ffee00-0000-4000-8000-000000000003" };

static int open_trial(void **unused)
{
    struct store_settings settings;

    (void)unused;
    folder = folder_make();
    settings = settings_for(&folder);
    settings.trial = settings.fleeting = true;
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    return 0;
}

static int close_trial(void **unused)
{
    (void)unused;
    store_close(&store);
    folder_remove(&folder);
    return 0;
}

static int put_gap(const char *source, const char *epoch, uint64_t from, uint64_t to, int minute)
{
    struct gap_row gap = { .source = source,
                           .seqepoch = epoch,
                           .from = from,
                           .to = to,
                           .found = NOON(minute),
                           .how = GAP_BY_HEARTBEAT,
                           .tell_operator = NOON(minute + 5),
                           .tell_board = NOON(minute + 30) };

    return store_put_gap(store, &gap);
}

/* ---- against naive sets ---------------------------------------------------------------------- */

enum { NUMBERS = 120, EPOCHS = COUNT_OF(epochs), STEPS = 400, ROUNDS = 25 };

/* Every number of every epoch: was it heard, and given up; and what is known to be published. */
struct model {
    bool heard[EPOCHS][NUMBERS + 1], gone[EPOCHS][NUMBERS + 1];
    bool begun[EPOCHS];
    uint64_t first[EPOCHS]; /* nobody was to hear those below */
    uint64_t high[EPOCHS];
    int present; /* -1: none */
};

static bool model_misses(const struct model *model, size_t epoch, uint64_t number)
{
    return model->begun[epoch] && number >= model->first[epoch] && number <= model->high[epoch] &&
           !model->heard[epoch][number] && !model->gone[epoch][number];
}

/* An event or a heartbeat brings an epoch up to `number`; `own`: it is of that event. */
static void model_reach(struct model *model, size_t epoch, uint64_t number, bool own)
{
    bool very_first = model->present < 0;

    if (!model->begun[epoch]) {
        model->begun[epoch] = true;
        model->first[epoch] = very_first ? number + (own ? 0 : 1) : 1;
        model->present = (int)epoch;
    }
    if (number > model->high[epoch])
        model->high[epoch] = number;
    if (own)
        model->heard[epoch][number] = true;
}

/* What the engine does with what core decides, in the least words. */
static void hear(size_t epoch, uint64_t number, bool heartbeat)
{
    struct source_progress progress;
    struct sequence_mark mark;
    struct sequence_decision decision;
    bool known, former = false;

    store_get_source(store, SOURCE, &progress);
    mark = progress.mark;
    known = mark.known;
    if (known && strcmp(mark.seqepoch, epochs[epoch]) != 0 &&
        store_get_former_epoch(store, SOURCE, epochs[epoch], &mark.high) == STORE_OK) {
        former = true;
        snprintf(mark.seqepoch, sizeof mark.seqepoch, "%s", epochs[epoch]);
    }
    decision = heartbeat ? sequence_heartbeat(&mark, epochs[epoch], number)
                         : sequence_decide(&mark, epochs[epoch], number);
    if (former) {
        assert_int_equal(store_put_former_epoch(store, SOURCE, epochs[epoch], decision.high), 0);
    } else {
        if (known && decision.answer == SEQUENCE_NEW_EPOCH)
            assert_int_equal(
                store_put_former_epoch(store, SOURCE, progress.mark.seqepoch, progress.mark.high),
                0);
        sequence_keep(&progress.mark, epochs[epoch], &decision);
        assert_int_equal(store_put_source(store, SOURCE, &progress), 0);
    }
    if (decision.answer == SEQUENCE_DUPLICATE && !heartbeat)
        store_fill_gap(store, SOURCE, epochs[epoch], number, NOON(1));
    else if (known && decision.from <= decision.to)
        assert_int_equal(put_gap(SOURCE, epochs[epoch], decision.from, decision.to, 1), STORE_OK);
}

struct missing {
    unsigned times[EPOCHS][NUMBERS + 1];
};

static bool note_missing(void *context, const struct gap_row *gap)
{
    struct missing *missing = context;
    size_t epoch = 0;

    while (strcmp(epochs[epoch], gap->seqepoch) != 0)
        epoch++;
    assert_true(gap->from <= gap->to && gap->to <= NUMBERS);
    for (uint64_t number = gap->from; number <= gap->to; number++)
        missing->times[epoch][number]++;
    return true;
}

static void assert_same(const struct model *model)
{
    static struct missing missing;

    memset(&missing, 0, sizeof missing);
    assert_int_equal(store_list_gaps(store, SOURCE, false, note_missing, &missing), 0);
    for (size_t epoch = 0; epoch < EPOCHS; epoch++)
        for (uint64_t number = 0; number <= NUMBERS; number++)
            assert_int_equal(missing.times[epoch][number], model_misses(model, epoch, number));
}

static void give_up(struct model *model, size_t epoch, uint64_t from, uint64_t to)
{
    struct sequence_range range = { from, to };
    uint64_t expected = 0, count;

    for (uint64_t number = from; number <= to; number++) {
        if (model_misses(model, epoch, number)) {
            model->gone[epoch][number] = true;
            expected++;
        }
    }
    assert_int_equal(store_give_up_gaps(store, SOURCE, epochs[epoch], range, NOON(2), &count), 0);
    assert_int_equal(count, expected);
}

/* Arrivals in any order, losses, repeats, heartbeats, epochs that come and come back. */
static void misses_what_a_set_misses(void **unused)
{
    static struct model model;

    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        close_trial(NULL);
        open_trial(NULL);
        memset(&model, 0, sizeof model);
        model.present = -1;
        assert_int_equal(store_begin(store), 0);
        for (int step = 0; step < STEPS; step++) {
            size_t epoch = chance(8) == 0      ? chance(EPOCHS)
                           : model.present < 0 ? 0
                                               : (size_t)model.present;
            uint64_t near = model.high[epoch] + 1 + chance(4);
            uint64_t number = chance(3) == 0 ? 1 + chance(NUMBERS) : near;

            number = number > NUMBERS ? NUMBERS : number;
            if (chance(20) == 0) {
                give_up(&model, epoch, number > 7 ? number - 7 : 1, number);
            } else {
                bool heartbeat = chance(5) == 0;

                hear(epoch, number, heartbeat);
                model_reach(&model, epoch, number, !heartbeat);
            }
            assert_same(&model);
        }
        assert_int_equal(store_commit(store), 0);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct rows {
    char text[600];
};

static bool write_row(void *context, const struct gap_row *gap)
{
    struct rows *rows = context;
    size_t used = strlen(rows->text);

    snprintf(rows->text + used, sizeof rows->text - used, "%s%d-%d %s %s", used ? ", " : "",
             (int)gap->from, (int)gap->to, gap_how_name(gap->how), gap_state_name(gap->state));
    assert_int_equal(gap->found.us, NOON(1).us);
    assert_int_equal(instant_is_none(gap->closed), gap->state == GAP_OPEN);
    return true;
}

static void assert_rows(const char *expected)
{
    struct rows rows = { "" };

    assert_int_equal(store_list_gaps(store, SOURCE, true, write_row, &rows), 0);
    assert_string_equal(rows.text, expected);
}

static void says_what_became_of_a_gap(void **unused)
{
    uint64_t count;

    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_gap(SOURCE, epochs[0], 10, 20, 1), STORE_OK);
    assert_int_equal(store_fill_gap(store, SOURCE, epochs[0], 15, NOON(2)), STORE_OK);
    assert_rows("10-14 heartbeat open, 16-20 heartbeat open");
    assert_int_equal(store_give_up_gaps(store, SOURCE, epochs[0], (struct sequence_range){ 1, 12 },
                                        NOON(3), &count),
                     STORE_OK);
    assert_int_equal(count, 3);
    assert_rows("13-14 heartbeat open, 16-20 heartbeat open, 10-12 heartbeat gone");
    assert_int_equal(store_fill_gap(store, SOURCE, epochs[0], 13, NOON(4)), STORE_OK);
    assert_int_equal(store_fill_gap(store, SOURCE, epochs[0], 14, NOON(4)), STORE_OK);
    assert_rows("14-14 heartbeat filled, 16-20 heartbeat open, 10-12 heartbeat gone");
    assert_int_equal(store_give_up_gaps(store, SOURCE, epochs[0],
                                        (struct sequence_range){ 0, SEQUENCE_MAX }, NOON(5),
                                        &count),
                     STORE_OK);
    assert_int_equal(count, 5);
    assert_rows("14-14 heartbeat filled, 16-20 heartbeat gone, 10-12 heartbeat gone");
    assert_int_equal(store_commit(store), 0);
}

static bool keep_row(void *context, const struct source_row *row)
{
    *(struct source_row *)context = *row;
    return true;
}

/* What a publisher claims need not fit into a sum. */
static void sums_what_does_not_fit(void **unused)
{
    struct source_progress progress = { .last_heard = NOON(1), .resync = INSTANT_NONE };
    struct source_row row = { 0 };

    (void)unused;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_source(store, SOURCE, &progress), 0);
    for (size_t i = 0; i < EPOCHS; i++)
        assert_int_equal(put_gap(SOURCE, epochs[i], 1, SEQUENCE_MAX, 1 + (int)i), STORE_OK);
    assert_int_equal(store_list_sources(store, keep_row, &row), 0);
    assert_true(row.missing == SEQUENCE_MAX);
    assert_int_equal(row.gaps, EPOCHS);
    assert_int_equal(row.oldest.us, NOON(1).us);
    assert_int_equal(store_commit(store), 0);
}

/* ---- who is told ----------------------------------------------------------------------------- */

static size_t due(enum gap_listener listener, int minute, struct missing_row *rows)
{
    size_t count;

    assert_int_equal(store_list_missing(store, listener, NOON(minute), rows, 2, &count), 0);
    return count;
}

static void tells_of_each_gap_once(void **unused)
{
    struct missing_row rows[2];
    struct instant wake;

    (void)unused;
    assert_int_equal(store_gaps_wake(store, &wake), STORE_NONE);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_gap(SOURCE, epochs[0], 10, 20, 1), STORE_OK);
    assert_int_equal(put_gap(SOURCE, epochs[0], 30, 30, 3), STORE_OK);
    assert_int_equal(put_gap("urn:invented:b", epochs[0], 1, 2, 1), STORE_OK);
    assert_int_equal(store_gaps_wake(store, &wake), STORE_OK);
    assert_int_equal(wake.us, NOON(6).us);
    assert_int_equal(due(GAP_TELL_OPERATOR, 5, rows), 0);
    assert_int_equal(due(GAP_TELL_OPERATOR, 6, rows), 2);
    assert_string_equal(rows[0].source, SOURCE);
    assert_int_equal(rows[0].count, 12);
    assert_int_equal(rows[0].since.us, NOON(1).us);
    /* In two after it was noted: both are told of as the one it was. */
    assert_int_equal(store_fill_gap(store, SOURCE, epochs[0], 15, NOON(6)), STORE_OK);
    assert_int_equal(store_note_missing_told(store, GAP_TELL_OPERATOR, SOURCE, NOON(6)), 0);
    assert_int_equal(due(GAP_TELL_OPERATOR, 7, rows), 1);
    assert_string_equal(rows[0].source, "urn:invented:b");
    assert_int_equal(due(GAP_TELL_OPERATOR, 8, rows), 2); /* the later gap */
    assert_int_equal(rows[0].count, 11);
    assert_int_equal(store_note_missing_told(store, GAP_TELL_OPERATOR, SOURCE, NOON(8)), 0);
    assert_int_equal(store_note_missing_told(store, GAP_TELL_OPERATOR, "urn:invented:b", NOON(8)),
                     0);
    assert_int_equal(due(GAP_TELL_OPERATOR, 1000, rows), 0);
    assert_int_equal(due(GAP_TELL_BOARD, 30, rows), 0);
    assert_int_equal(store_gaps_wake(store, &wake), STORE_OK);
    assert_int_equal(wake.us, NOON(31).us);
    assert_int_equal(due(GAP_TELL_BOARD, 31, rows), 2);
    /* One that is over is told to nobody. */
    assert_int_equal(store_close_gaps(store, SOURCE, epochs[0], NOON(31)), 0);
    assert_int_equal(due(GAP_TELL_BOARD, 1000, rows), 1);
    assert_int_equal(store_note_missing_told(store, GAP_TELL_BOARD, "urn:invented:b", NOON(31)), 0);
    assert_int_equal(store_gaps_wake(store, &wake), STORE_NONE);
    assert_int_equal(store_commit(store), 0);
}

/* ---- an older store -------------------------------------------------------------------------- */

static void run(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void run_file(sqlite3 *db, const char *path)
{
    char sql[20000];
    FILE *file = fopen(path, "re");
    size_t size;

    assert_non_null(file);
    size = fread(sql, 1, sizeof sql - 1, file);
    fclose(file);
    sql[size] = '\0';
    run(db, sql);
}

/* The first version's tables with the record of a store just made. */
static void make_first_version(void)
{
    char path[500], attach[700];
    sqlite3 *db = NULL;

    store_close(&store);
    folder_path(&folder, STORE_DATABASE, path);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS made", path);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    run_file(db, CONCERN_SOURCE_DIR "/daemon/io/schema/0001-first.sql");
    run(db, attach);
    run(db, "INSERT INTO main.record_line SELECT * FROM made.record_line");
    run(db, "INSERT INTO main.record_payload SELECT * FROM made.record_payload");
    run(db, "DETACH made");
    run(db,
        "INSERT INTO source VALUES ('" SOURCE "', 'c0ffee00-0000-4000-8000-000000000001', 20, 7)");
    run(db,
        "INSERT INTO gap VALUES (1, '" SOURCE "', 'c0ffee00-0000-4000-8000-000000000001', 3, 5, "
        "1000, 2000), (2, '" SOURCE "', 'c0ffee00-0000-4000-8000-000000000001', 8, 9, 1000, NULL)");
    snprintf(attach, sizeof attach, "VACUUM INTO '%s.older'", path);
    run(db, attach);
    sqlite3_close(db);
    snprintf(attach, sizeof attach, "%s.older", path);
    assert_int_equal(rename(attach, path), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void opens_an_older_store(void **unused)
{
    struct store_settings settings = settings_for(&folder);
    struct source_progress progress;
    struct missing_row rows[2];
    struct instant wake;
    size_t count;

    (void)unused;
    make_first_version();
    settings.trial = true;
    assert_int_equal(store_open(&settings, &store), STORE_OK);
    assert_int_equal(store_get_source(store, SOURCE, &progress), STORE_OK);
    assert_int_equal(progress.mark.high, 20);
    assert_int_equal(progress.last_heard.us, 7);
    assert_string_equal(progress.feed, "");
    assert_true(instant_is_none(progress.resync));
    assert_int_equal(store_gaps_wake(store, &wake), STORE_OK);
    assert_int_equal(wake.us, 1000 + 30 * MINUTE_US); /* the operator was told before */
    assert_int_equal(store_list_missing(store, GAP_TELL_BOARD, NOON(0), rows, 2, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].count, 2);
}

#define WITH_TRIAL(test) cmocka_unit_test_setup_teardown(test, open_trial, close_trial)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TRIAL(misses_what_a_set_misses), WITH_TRIAL(says_what_became_of_a_gap),
        WITH_TRIAL(sums_what_does_not_fit),   WITH_TRIAL(tells_of_each_gap_once),
        WITH_TRIAL(opens_an_older_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
