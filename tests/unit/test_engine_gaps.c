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

/* It was a day ahead when they were missed. */
static void a_clock_set_back_holds_up_no_word(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    bench_set_back(bench, "2027-01-31T09:00:00Z");
    at(bench, "2027-01-31T09:04:59Z");
    assert_string_equal(told(bench, OPERATOR), "");
    restart(bench);
    bench_set_back(bench, "2027-01-31T09:04:59Z");
    at(bench, "2027-01-31T09:05:00Z");
    assert_string_equal(told(bench, OPERATOR), "Events are missing");
    at(bench, "2027-01-31T09:29:59Z");
    assert_string_equal(told(bench, TEAM), "");
    at(bench, "2027-01-31T09:30:00Z");
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 3 of " OF_HOUSING);
    at(bench, "2027-02-03T10:00:00Z");
    assert_null(strstr(told(bench, TEAM), "missing"));
    assert_null(strstr(told(bench, OPERATOR), "missing"));
}

static void nor_has_it_told_twice(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    at(bench, "2027-02-01T10:05:00Z");
    assert_string_equal(told(bench, OPERATOR), "Events are missing");
    bench_set_back(bench, "2027-01-31T10:05:00Z");
    at(bench, "2027-01-31T10:34:59Z");
    assert_string_equal(told(bench, OPERATOR), "");
    assert_string_equal(told(bench, TEAM), "");
    at(bench, "2027-01-31T10:35:00Z");
    assert_string_equal(told(bench, OPERATOR), "");
    assert_string_equal(told(bench, TEAM), "[Action] Events are missing: 3 of " OF_HOUSING);
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

/* --- what is told again: by a snapshot, a replay, or because an answer was lost */

/* What a feed published at ten: a raise, a hold or anything else, by its id. */
static int feed(struct bench *bench, const char *id, uint64_t sequence, const char *seqepoch,
                bool of_snapshot)
{
    struct sending sending = { .key = KEY_HOUSING,
                               .source = OF_HOUSING,
                               .id = id,
                               .type = "complaint.raised",
                               .subject = "D1",
                               .sequence = sequence,
                               .seqepoch = seqepoch,
                               .time = "2027-02-01T10:00:00Z",
                               .feed = "invented",
                               .of_snapshot = of_snapshot };

    if (strcmp(id, "raise") == 0) {
        sending.type = "disagreement.raised";
        sending.data = RAISE;
    } else if (strcmp(id, "hold") == 0) {
        sending.type = "hold";
        sending.data = "{\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\"}";
    }
    return bench_send(bench, &sending);
}

static void beat(struct bench *bench, const char *seqepoch, uint64_t last)
{
    struct engine_heartbeat heartbeat = { .feed = "invented",
                                          .key = KEY_HOUSING,
                                          .source = OF_HOUSING,
                                          .seqepoch = seqepoch,
                                          .last = last,
                                          .can_replay = true };

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take_heartbeat(bench->engine, &heartbeat), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* A feed of which a heartbeat was heard, and nothing had been published. */
static void begin_feed(struct bench *bench)
{
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    beat(bench, BENCH_EPOCH, 0);
}

/* They were published after the snapshot was asked for, and lost on the feed's own way. */
static void what_a_snapshot_brought_is_not_missing(void **state)
{
    struct bench *bench = *state;

    begin_feed(bench);
    assert_int_equal(feed(bench, "raise", 1, NULL, true), ENGINE_TAKEN);
    assert_int_equal(feed(bench, "e2", 2, NULL, true), ENGINE_TAKEN);
    take_snapshot(bench, BENCH_EPOCH, 2);
    assert_string_equal(open_gaps(bench), "");
    beat(bench, BENCH_EPOCH, 2);
    assert_string_equal(open_gaps(bench), "");
    /* A later one shows that one between them is. */
    assert_int_equal(feed(bench, "e4", 4, NULL, true), ENGINE_TAKEN);
    assert_string_equal(open_gaps(bench), "3-3 10");
    assert_int_equal(feed(bench, "e3", 3, NULL, false), ENGINE_TAKEN);
    assert_string_equal(open_gaps(bench), "");
}

/* The same of the counter that the source had before. */
static void nor_of_an_epoch_that_has_ended(void **state)
{
    struct source_progress progress;
    struct bench *bench = *state;

    begin_feed(bench);
    assert_int_equal(feed(bench, "raise", 1, NULL, false), ENGINE_TAKEN);
    beat(bench, OTHER_EPOCH, 0);
    assert_int_equal(feed(bench, "e2", 2, BENCH_EPOCH, true), ENGINE_TAKEN);
    assert_int_equal(feed(bench, "e3", 3, BENCH_EPOCH, false), ENGINE_TAKEN);
    assert_string_equal(open_gaps(bench), "");
    assert_int_equal(store_get_source(bench->store, OF_HOUSING, &progress), STORE_OK);
    assert_string_equal(progress.mark.seqepoch, OTHER_EPOCH);
}

/* The snapshot is the first to say that the source counts anew: only at its end is it known which
 * of the counters it tells of is in use. */
static void take_new_epoch(struct bench *bench)
{
    begin_feed(bench);
    assert_int_equal(feed(bench, "raise", 1, OTHER_EPOCH, true), ENGINE_TAKEN);
    assert_int_equal(feed(bench, "e2", 2, OTHER_EPOCH, true), ENGINE_TAKEN);
    assert_string_equal(open_gaps(bench), "");
    take_snapshot(bench, OTHER_EPOCH, 2);
    assert_string_equal(open_gaps(bench), "1-2 11");
}

static void a_repeat_fills_its_gap(void **state)
{
    struct source_progress progress;
    struct bench *bench = *state;

    take_new_epoch(bench);
    /* The same id and number, and it says something else: that one has not come. */
    assert_int_equal(feed(bench, "raise", 2, OTHER_EPOCH, false), ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, WIRE_CODE_ID_REUSED);
    assert_string_equal(open_gaps(bench), "1-2 11");
    assert_int_equal(feed(bench, "e2", 2, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate);
    assert_string_equal(open_gaps(bench), "1-1 11");
    assert_int_equal(feed(bench, "raise", 1, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate);
    assert_string_equal(open_gaps(bench), "");
    assert_int_equal(store_get_source(bench->store, OF_HOUSING, &progress), STORE_OK);
    assert_int_equal(progress.duplicates, 2);
    at(bench, "2027-02-01T12:00:00Z");
    assert_string_equal(told(bench, OPERATOR), "");
    assert_string_equal(told(bench, TEAM), "");
}

/* In one turn with the other events of a batch, on the acknowledged plane; or not at all. */
static void repeats_in_a_batch_fill_theirs(void **state)
{
    static struct engine_batch batch;
    static const char *const lasts[] = { "raise", "e2" };
    struct bench *bench = *state;
    char json[4096];
    struct engine_input input = { .bytes = json, .key = KEY_HOUSING };
    struct sending sending = { .source = OF_HOUSING,
                               .type = "disagreement.raised",
                               .subject = "D1",
                               .seqepoch = OTHER_EPOCH,
                               .time = "2027-02-01T10:00:00Z" };

    take_new_epoch(bench);
    for (size_t i = 0; i < COUNT_OF(lasts); i++) {
        json[0] = '[';
        sending.id = "raise";
        sending.type = "disagreement.raised";
        sending.data = RAISE;
        sending.sequence = 1;
        input.size = 1 + (size_t)sending_write(bench, &sending, json + 1, sizeof json - 1);
        json[input.size++] = ',';
        sending.id = lasts[i];
        sending.type = "complaint.raised";
        sending.data = NULL;
        sending.sequence = 2;
        input.size +=
            (size_t)sending_write(bench, &sending, json + input.size, sizeof json - input.size);
        json[input.size++] = ']';
        input.received = bench->now;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_take_batch(bench->engine, &input, &batch),
                         i == 0 ? ENGINE_REFUSED : ENGINE_TAKEN);
        assert_int_equal(engine_commit(bench->engine), 0);
        assert_string_equal(open_gaps(bench), i == 0 ? "1-2 11" : "");
    }
}

static void what_waited_for_a_repeat_has_its_effect(void **state)
{
    struct bench *bench = *state;

    take_new_epoch(bench);
    assert_int_equal(feed(bench, "hold", 3, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    assert_int_equal(feed(bench, "raise", 1, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(feed(bench, "e2", 2, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate);
    assert_string_equal(bench->reply.ack.id, "e2");
    assert_true(bench_kept(bench, "D1")->held);
}

/* It was brought by a snapshot: that the source had such a counter once says nothing of now. */
static void a_repeat_begins_no_epoch(void **state)
{
    struct source_progress progress;
    struct bench *bench = *state;

    begin_feed(bench);
    assert_int_equal(feed(bench, "raise", 7, OTHER_EPOCH, true), ENGINE_TAKEN);
    take_snapshot(bench, BENCH_EPOCH, 0);
    assert_int_equal(feed(bench, "raise", 7, OTHER_EPOCH, false), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate);
    assert_string_equal(open_gaps(bench), "");
    assert_int_equal(store_get_source(bench->store, OF_HOUSING, &progress), STORE_OK);
    assert_string_equal(progress.mark.seqepoch, BENCH_EPOCH);
    assert_int_equal(progress.mark.high, 0);
    assert_true(instant_is_none(progress.resync));
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_begin, bench_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_BENCH(each_is_told_at_his_minute_and_once),
        WITH_BENCH(an_outage_tells_both_afterwards),
        WITH_BENCH(what_has_come_is_told_to_nobody),
        WITH_BENCH(a_clock_set_back_holds_up_no_word),
        WITH_BENCH(nor_has_it_told_twice),
        WITH_BENCH(what_is_gone_is_told_at_once),
        WITH_BENCH(a_snapshot_leaves_open_what_can_still_be_had),
        WITH_BENCH(a_refused_one_is_given_up),
        WITH_BENCH(what_a_snapshot_brought_is_not_missing),
        WITH_BENCH(nor_of_an_epoch_that_has_ended),
        WITH_BENCH(a_repeat_fills_its_gap),
        WITH_BENCH(repeats_in_a_batch_fill_theirs),
        WITH_BENCH(what_waited_for_a_repeat_has_its_effect),
        WITH_BENCH(a_repeat_begins_no_epoch),
    };

    return cmocka_run_group_tests_name("engine_gaps", tests, NULL, NULL);
}
