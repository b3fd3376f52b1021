/* test_engine_gaps.c - who is told of events that have not come, at which minute; what never comes,
 * and what a snapshot leaves open. */
#include "publisher_bench.h"

#define OPERATOR "operator@board.example"
#define TEAM "unit@board.example"
#define OTHER_EPOCH "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b11"

static int give(struct bench *bench, const char *id, uint64_t sequence)
{
    struct sending sending = { .key = KEY_HOUSING,
                               .source = OF_HOUSING,
                               .id = id,
                               .type = strcmp(id, "e1") == 0 ? "disagreement.raised"
                                                             : "complaint.raised",
                               .subject = "D1",
                               .data = strcmp(id, "e1") == 0 ? RAISE : NULL,
                               .sequence = sequence };

    return bench_send(bench, &sending);
}

/* Events 2 to 4 are missing from 10:00 on. */
static void begin(struct bench *bench)
{
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    assert_int_equal(give(bench, "e1", 1), ENGINE_TAKEN);
    assert_int_equal(give(bench, "e5", 5), ENGINE_TAKEN);
}

/* The subject of what was told last to an address, of what is about no disagreement. */
static const char *told(struct bench *bench, const char *address)
{
    for (size_t i = bench->sent_count; i > 0; i--)
        if (strcmp(bench->sent[i - 1].recipient, address) == 0 &&
            !strstr(bench->sent[i - 1].subject, "D1"))
            return bench->sent[i - 1].subject;
    return "";
}

static void at(struct bench *bench, const char *time)
{
    bench->sent_count = 0;
    bench_advance(bench, time);
}

static void restart(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

static void each_is_told_at_his_minute_and_once(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    assert_string_equal(told(bench, OPERATOR), "");
    at(bench, "2027-02-01T10:04:59Z");
    assert_string_equal(told(bench, OPERATOR), "");
    restart(bench);
    at(bench, "2027-02-01T10:05:00Z");
    assert_string_equal(told(bench, OPERATOR), "Events are missing");
    assert_string_equal(told(bench, TEAM), "");
    restart(bench);
    at(bench, "2027-02-01T10:29:59Z");
    assert_string_equal(told(bench, OPERATOR), "");
    assert_string_equal(told(bench, TEAM), "");
    at(bench, "2027-02-01T10:30:00Z");
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 3 of " OF_HOUSING);
    assert_string_equal(told(bench, OPERATOR), "");
    restart(bench);
    at(bench, "2027-02-03T10:00:00Z");
    assert_null(strstr(told(bench, TEAM), "missing"));
    assert_null(strstr(told(bench, OPERATOR), "missing"));
}

/* A daemon that was down when it was due tells it in its first turn. */
static void an_outage_tells_both_afterwards(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    bench_stop(bench);
    bench->now = bench_at("2027-02-01T12:00:00Z");
    assert_int_equal(bench_start(bench), STORE_OK);
    at(bench, "2027-02-01T12:00:00Z");
    assert_string_equal(told(bench, OPERATOR), "Events are missing");
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 3 of " OF_HOUSING);
}

static void what_has_come_is_told_to_nobody(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    bench->now = bench_at("2027-02-01T10:04:00Z");
    assert_int_equal(give(bench, "e3", 3), ENGINE_TAKEN);
    assert_int_equal(give(bench, "e2", 2), ENGINE_TAKEN);
    at(bench, "2027-02-01T10:29:59Z");
    assert_int_equal(give(bench, "e4", 4), ENGINE_TAKEN);
    at(bench, "2027-02-01T11:00:00Z");
    assert_string_equal(told(bench, TEAM), "");
}

static void what_is_gone_is_told_at_once(void **state)
{
    struct sequence_range range = { 0, 3 };
    struct source_progress progress;
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take_gone(bench->engine, OF_HOUSING, BENCH_EPOCH, range, true), 0);
    assert_int_equal(engine_take_gone(bench->engine, OF_HOUSING, BENCH_EPOCH, range, true), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    bench_hand_out(bench);
    assert_string_equal(told(bench, OPERATOR), "Events are lost");
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 2 of " OF_HOUSING);
    assert_int_equal(bench->sent_count, 2);
    assert_int_equal(store_get_source(bench->store, OF_HOUSING, &progress), STORE_OK);
    assert_int_equal(progress.resync.us, bench->now.us);
    at(bench, "2027-02-01T10:30:00Z"); /* of the one that may still come */
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 1 of " OF_HOUSING);
}

static bool add_gap(void *context, const struct gap_row *gap)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 200 - used, "%.*s%d-%d %s", used ? 1 : 0, ",", (int)gap->from,
             (int)gap->to, gap->seqepoch + 34);
    return true;
}

static const char *open_gaps(struct bench *bench)
{
    static char text[200];

    text[0] = '\0';
    assert_int_equal(store_list_gaps(bench->store, OF_HOUSING, false, add_gap, text), STORE_OK);
    return text;
}

static void take_snapshot(struct bench *bench, const char *seqepoch, uint64_t sequence)
{
    struct engine_snapshot snapshot = { OF_HOUSING, seqepoch, sequence, 1 };

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take_snapshot(bench->engine, &snapshot), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* It fills nothing by itself, and never takes the mark back. */
static void a_snapshot_leaves_open_what_can_still_be_had(void **state)
{
    struct source_progress progress;
    struct bench *bench = *state;

    begin(bench);
    assert_string_equal(open_gaps(bench), "2-4 10");
    take_snapshot(bench, BENCH_EPOCH, 3);
    assert_string_equal(open_gaps(bench), "2-4 10");
    take_snapshot(bench, BENCH_EPOCH, 8);
    assert_string_equal(open_gaps(bench), "2-4 10,6-8 10");
    take_snapshot(bench, OTHER_EPOCH, 2);
    assert_string_equal(open_gaps(bench), "2-4 10,6-8 10,1-2 11");
    assert_int_equal(store_get_source(bench->store, OF_HOUSING, &progress), STORE_OK);
    assert_string_equal(progress.mark.seqepoch, OTHER_EPOCH);
    assert_int_equal(progress.mark.high, 2);
    assert_true(instant_is_none(progress.resync));
}

/* A missing event that is refused when it comes is given up, but not for what a snapshot, which is
 * wanted, may still bring. */
static void a_refused_one_is_given_up(void **state)
{
    struct sequence_range first = { 2, 2 };
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take_refused(bench->engine, OF_HOUSING, BENCH_EPOCH, 3, WIRE_CODE_RATE),
                     0);
    assert_string_equal(open_gaps(bench), "2-4 10");
    assert_int_equal(
        engine_take_refused(bench->engine, OF_HOUSING, BENCH_EPOCH, 3, WIRE_CODE_SCHEMA), 0);
    assert_string_equal(open_gaps(bench), "2-2 10,4-4 10");
    assert_int_equal(engine_take_gone(bench->engine, OF_HOUSING, BENCH_EPOCH, first, true), 0);
    assert_int_equal(
        engine_take_refused(bench->engine, OF_HOUSING, BENCH_EPOCH, 4, WIRE_CODE_UNKNOWN), 0);
    assert_string_equal(open_gaps(bench), "4-4 10");
    assert_int_equal(engine_commit(bench->engine), 0);
    take_snapshot(bench, BENCH_EPOCH, 5);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(
        engine_take_refused(bench->engine, OF_HOUSING, BENCH_EPOCH, 4, WIRE_CODE_UNKNOWN), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_string_equal(open_gaps(bench), "");
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_begin, bench_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_BENCH(each_is_told_at_his_minute_and_once),
        WITH_BENCH(an_outage_tells_both_afterwards),
        WITH_BENCH(what_has_come_is_told_to_nobody),
        WITH_BENCH(what_is_gone_is_told_at_once),
        WITH_BENCH(a_snapshot_leaves_open_what_can_still_be_had),
        WITH_BENCH(a_refused_one_is_given_up),
    };

    return cmocka_run_group_tests_name("engine_gaps", tests, NULL, NULL);
}
