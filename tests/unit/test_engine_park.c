/* test_engine_park.c - what could silence waits for what is missing before it; nothing else does.
 */
#include "publisher_bench.h"

#include "fault_vfs.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/store_private.h"

#define HOLD "{\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\"}"

static struct sending housing(const char *id, const char *type, const char *data, uint64_t sequence)
{
    return (struct sending){ .key = KEY_HOUSING,
                             .source = OF_HOUSING,
                             .id = id,
                             .type = type,
                             .subject = "D1",
                             .data = data,
                             .sequence = sequence };
}

static int give(struct bench *bench, const char *id, const char *type, const char *data,
                uint64_t sequence)
{
    struct sending sending = housing(id, type, data, sequence);

    return bench_send(bench, &sending);
}

/* Monday 1 February 2027, 10:00; stage 1 ends on Monday the 8th at 17:00. */
static void begin(struct bench *bench)
{
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    assert_int_equal(give(bench, "e1", "disagreement.raised", RAISE, 1), ENGINE_TAKEN);
}

static bool waits(struct bench *bench, const char *id)
{
    struct answer_ack ack;

    assert_int_equal(engine_stat(bench->engine, OF_HOUSING, id, &ack), 0);
    assert_true(ack.committed);
    return ack.parked;
}

struct lines {
    const char *type;
    const char *text;
    unsigned count;
};

static bool count_line(void *context, const struct record_line *line)
{
    struct lines *lines = context;

    lines->count += strcmp(line->type, lines->type) == 0 &&
                    (!lines->text || (line->payload && strstr(line->payload, lines->text)));
    return true;
}

static unsigned lines_of(struct bench *bench, const char *type, const char *text)
{
    struct lines lines = { .type = type, .text = text };

    assert_int_equal(record_history(bench->store, "board", "D1", count_line, &lines), STORE_OK);
    return lines.count;
}

static void a_hold_waits_for_the_gap_to_be_filled(void **state)
{
    struct sending again = housing("e3", "hold", HOLD, 3);
    struct bench *bench = *state;
    int64_t record;

    begin(bench);
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    assert_true(bench->reply.ack.committed);
    assert_true(bench->reply.ack.has_state);
    record = bench->reply.ack.record;
    assert_false(bench_kept(bench, "D1")->held);
    assert_true(waits(bench, "e3"));
    /* The answer was lost: it waits still, and is said to. */
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate && bench->reply.ack.parked);
    assert_int_equal(bench->reply.ack.record, record);
    /* What tells of risk goes first. */
    assert_int_equal(give(bench, "e4", "risk.changed", "{\"risk\":\"immediate\"}", 4),
                     ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
    assert_string_equal(disagreement_fact(bench_kept(bench, "D1"), "risk"), "immediate");

    bench->now = bench_at("2027-02-01T10:05:00Z");
    assert_int_equal(give(bench, "e2", "discussion.held", NULL, 2), ENGINE_TAKEN);
    assert_string_equal(bench->reply.ack.id, "e2");
    assert_false(bench->reply.ack.parked);
    assert_true(bench_kept(bench, "D1")->held);
    assert_false(waits(bench, "e3"));
    assert_int_equal(lines_of(bench, "taken_up", "\"id\":\"e3\""), 1);
    again.time = "2027-02-01T10:00:00Z";
    assert_int_equal(bench_send(bench, &again), ENGINE_TAKEN);
    assert_true(bench->reply.ack.duplicate && !bench->reply.ack.parked);
    /* Once, and nothing waits. */
    assert_int_equal(lines_of(bench, "taken_up", NULL), 1);
    assert_int_equal(lines_of(bench, "event", "\"id\":\"e3\""), 1);
}

static void half_an_hour_is_all_it_waits(void **state)
{
    struct bench *bench = *state;
    struct instant wake;

    begin(bench);
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    for (int stops = 0; stops < 2; stops++) {
        bench_advance(bench, "2027-02-01T10:29:59Z");
        assert_false(bench_kept(bench, "D1")->held);
        bench_stop(bench);
        assert_int_equal(bench_start(bench), STORE_OK);
    }
    assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
    assert_true(wake.us <= bench_at("2027-02-01T10:30:00Z").us);
    bench_advance(bench, "2027-02-01T10:30:00Z");
    assert_true(bench_kept(bench, "D1")->held);
    /* That gap is given up: what comes now waits for it no more. */
    assert_int_equal(give(bench, "e4", "release", "{\"reason\":\"invented\"}", 4), ENGINE_TAKEN);
    assert_int_equal(give(bench, "e5", "hold", HOLD, 5), ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
    assert_true(bench_kept(bench, "D1")->held);
}

/* It was a day ahead when the events came, whose own times are right. */
static void a_clock_set_back_makes_it_wait_no_longer(void **state)
{
    struct sending raise = housing("e1", "disagreement.raised", RAISE, 1);
    struct sending hold = housing("e3", "hold", HOLD, 3);
    struct bench *bench = *state;

    raise.time = hold.time = "2027-01-31T10:00:00Z";
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    assert_int_equal(bench_send(bench, &raise), ENGINE_TAKEN);
    assert_int_equal(bench_send(bench, &hold), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    bench_set_back(bench, "2027-01-31T10:01:00Z");
    bench_advance(bench, "2027-01-31T10:30:59Z");
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
    bench_set_back(bench, "2027-01-31T10:30:59Z");
    assert_false(bench_kept(bench, "D1")->held);
    bench_advance(bench, "2027-01-31T10:31:00Z");
    assert_true(bench_kept(bench, "D1")->held);
    assert_int_equal(lines_of(bench, "taken_up", NULL), 1);
}

static void hold_and_release(struct bench *bench)
{
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    assert_int_equal(give(bench, "e4", "release", "{\"reason\":\"invented\"}", 4), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
}

static void assert_released(struct bench *bench)
{
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(lines_of(bench, "taken_up", NULL), 2);
    assert_int_equal(lines_of(bench, "refused", NULL), 0);
}

static void what_takes_it_back_waits_behind_it(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    hold_and_release(bench);
    assert_int_equal(give(bench, "e2", "discussion.held", NULL, 2), ENGINE_TAKEN);
    assert_released(bench);
}

static void and_is_given_up_with_it(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    hold_and_release(bench);
    bench_advance(bench, "2027-02-01T10:30:00Z");
    assert_released(bench);
}

/* The hold is what is missing: its release is not refused for good, or it would hold for ever. */
static void what_is_not_allowed_yet_waits_too(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(give(bench, "e3", "release", "{\"reason\":\"invented\"}", 3), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    assert_int_equal(give(bench, "e2", "hold", HOLD, 2), ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(lines_of(bench, "taken_up", NULL), 1);
    /* Nothing is missing before this one: it is refused. */
    assert_int_equal(give(bench, "e4", "release", "{\"reason\":\"invented\"}", 4), ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "422.1");
    /* And its number is not missing for that. */
    assert_int_equal(give(bench, "e5", "hold", HOLD, 5), ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
}

static void a_second_gap_is_waited_for_too(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    bench_advance(bench, "2027-02-01T10:20:00Z");
    assert_int_equal(give(bench, "e5", "release", "{\"reason\":\"invented\"}", 5), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    bench_advance(bench, "2027-02-01T10:49:59Z");
    assert_true(bench_kept(bench, "D1")->held);
    bench_advance(bench, "2027-02-01T10:50:00Z");
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(lines_of(bench, "taken_up", NULL), 2);
}

static void refused_in_the_end_is_recorded_and_told(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(give(bench, "e3", "withdrawn", "{\"reason\":\"invented\"}", 3), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    assert_int_equal(bench_kept(bench, "D1")->state, DISAGREEMENT_OPEN);
    /* What was missing has ended it before. */
    assert_int_equal(give(bench, "e2", "withdrawn", "{\"reason\":\"invented\"}", 2), ENGINE_TAKEN);
    assert_int_equal(bench_kept(bench, "D1")->state, DISAGREEMENT_WITHDRAWN);
    assert_false(waits(bench, "e3"));
    assert_int_equal(lines_of(bench, "refused", "422.1"), 1);
    assert_int_equal(lines_of(bench, "taken_up", NULL), 0);
    assert_non_null(bench_sent_to(bench, "operator@board.example"));
    assert_string_equal(bench_sent_to(bench, "operator@board.example")->subject,
                        "An event was refused late");
}

/* Whoever's key was taken away may not silence any more, by what waits neither. */
static void a_revoked_key_silences_nothing(void **state)
{
    static const char without[] = "keys:\n"
                                  "  - {key: \"" KEY_CARE "\", agency: care, boards: [board], "
                                  "sources: [\"" OF_CARE "\"], types: [all], rights: [publish]}\n";
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
    bench_keys(bench, without);
    bench_advance(bench, "2027-02-01T11:00:00Z");
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(lines_of(bench, "refused", "401.1"), 1);
}

static void only_numbers_of_its_own_source_make_it_wait(void **state)
{
    struct sending of_care = { .key = KEY_CARE,
                               .source = OF_CARE,
                               .id = "c1",
                               .type = "discussion.held",
                               .subject = "D1",
                               .sequence = 1 };
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(bench_send(bench, &of_care), ENGINE_TAKEN);
    of_care.id = "c9";
    of_care.sequence = 9;
    assert_int_equal(bench_send(bench, &of_care), ENGINE_TAKEN); /* a gap of care's */
    assert_int_equal(give(bench, "e2", "hold", HOLD, 2), ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
    assert_int_equal(give(bench, "e3", "release", "{\"reason\":\"invented\"}", 3), ENGINE_TAKEN);
    of_care.id = "c10";
    of_care.sequence = 0;
    of_care.type = "hold";
    of_care.data = HOLD;
    assert_int_equal(bench_send(bench, &of_care), ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
    assert_true(bench_kept(bench, "D1")->held);
}

static void a_feeds_events_wait_alike(void **state)
{
    struct sending hold = housing("e3", "hold", HOLD, 3);
    struct sending missing = housing("e2", "discussion.held", NULL, 2);
    struct bench *bench = *state;

    hold.feed = missing.feed = "an-invented-feed";
    begin(bench);
    assert_int_equal(bench_send(bench, &hold), ENGINE_TAKEN);
    assert_true(bench->reply.ack.parked);
    assert_false(bench_kept(bench, "D1")->held);
    assert_int_equal(bench_send(bench, &missing), ENGINE_TAKEN);
    assert_true(bench_kept(bench, "D1")->held);
}

/* After an outage all comes in the order in which it would have come: the limit at 17:00 passed
 * before one hold was to have its effect, and not before the other. */
static void an_outage_changes_no_order(void **state)
{
    static const struct {
        const char *parked, *stage;
    } rows[] = {
        { "2027-02-08T16:20:00Z", "stage-1" }, /* given up at 16:50 */
        { "2027-02-08T16:40:00Z", "stage-2" }, /* at 17:10 */
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bench_keys(bench, BENCH_KEYS);
        if (i == 0)
            bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
        bench->now = bench_at("2027-02-01T10:00:00Z");
        if (i > 0)
            assert_int_equal(bench_start(bench), STORE_OK);
        assert_int_equal(give(bench, "e1", "disagreement.raised", RAISE, 1), ENGINE_TAKEN);
        bench_advance(bench, rows[i].parked);
        assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
        assert_true(bench->reply.ack.parked);
        bench->now = bench_at("2027-02-08T18:00:00Z"); /* nobody was there */
        bench_advance(bench, "2027-02-08T18:00:00Z");
        assert_true(bench_kept(bench, "D1")->held);
        assert_string_equal(
            procedure_stage_id(bench->view.procedure, bench_kept(bench, "D1")->stage),
            rows[i].stage);
        bench_stop(bench);
        bench_forget(bench);
    }
    assert_int_equal(bench_start(bench), STORE_OK);
}

static void no_source_can_park_without_end(void **state)
{
    struct bench *bench = *state;
    char id[16];

    bench_keys(bench, "keys:\n  - {key: \"" KEY_HOUSING "\", agency: housing, boards: [board], "
                      "sources: [\"" OF_HOUSING "\"], types: [all], rights: [publish, close], "
                      "rate: 60000, burst: 10000}\n");
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    assert_int_equal(give(bench, "e1", "disagreement.raised", RAISE, 1), ENGINE_TAKEN);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (unsigned i = 0; i <= 1000; i++) {
        struct sending sending = housing(id, "hold", HOLD, 3 + i);

        snprintf(id, sizeof id, "h%u", i);
        assert_int_equal(sending_take(bench, &sending), i < 1000 ? ENGINE_TAKEN : ENGINE_BUSY);
    }
    assert_true(bench->reply.busy.retry_after_ms > 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    /* What raises or tells of risk is heard all the same. */
    assert_int_equal(give(bench, "r", "risk.changed", "{\"risk\":\"immediate\"}", 2000),
                     ENGINE_TAKEN);
    assert_false(bench->reply.ack.parked);
}

/* The turn that fills the gap is one: what came and what waited for it are both there, or neither
 * (and then the publisher sends it again). */
static void a_failing_disk_takes_up_all_or_nothing(void **state)
{
    static const enum fault_kind kinds[] = { FAULT_BEFORE, FAULT_AFTER, FAULT_HALF };
    struct bench *bench = *state;
    unsigned whole = 0, none = 0;

    bench->vfs = "fault";
    journal_set_least((enum journal_priority)0);
    begin(bench);
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        for (long n = 1;; n += 2) {
            const struct sending missing = housing("e2", "discussion.held", NULL, 2);
            struct kept_event kept;
            bool is_there, failed;

            bench->say_count = 0;
            assert_int_equal(give(bench, "e3", "hold", HOLD, 3), ENGINE_TAKEN);
            fault.kind = kinds[k];
            fault.at = n;
            fault.code = 0;
            fault.count = fault.failed = 0;
            assert_int_equal(engine_begin(bench->engine, bench->now), 0);
            if (sending_take(bench, &missing) == ENGINE_TAKEN)
                (void)engine_commit(bench->engine);
            failed = fault.failed > 0;
            fault.at = 0;
            bench_stop(bench);
            assert_int_equal(bench_start(bench), STORE_OK);
            is_there = store_find_event(bench->store, OF_HOUSING, "e2", &kept) == STORE_OK;
            assert_int_equal(bench_kept(bench, "D1")->held, is_there);
            assert_int_equal(waits(bench, "e3"), !is_there);
            whole += is_there;
            none += !is_there;
            bench_stop(bench);
            bench_forget(bench);
            bench->now.us += MINUTE_US;
            assert_int_equal(bench_start(bench), STORE_OK);
            assert_int_equal(give(bench, "e1", "disagreement.raised", RAISE, 1), ENGINE_TAKEN);
            if (!failed)
                break;
        }
    print_message("  %u times all, %u times none\n", whole, none);
    assert_true(whole >= 3 && none > 20);
    journal_set_least(JOURNAL_INFO);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hold_waits_for_the_gap_to_be_filled, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(half_an_hour_is_all_it_waits, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_clock_set_back_makes_it_wait_no_longer, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(what_takes_it_back_waits_behind_it, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(and_is_given_up_with_it, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(what_is_not_allowed_yet_waits_too, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_second_gap_is_waited_for_too, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(refused_in_the_end_is_recorded_and_told, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_revoked_key_silences_nothing, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(only_numbers_of_its_own_source_make_it_wait, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_feeds_events_wait_alike, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(an_outage_changes_no_order, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(no_source_can_park_without_end, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_failing_disk_takes_up_all_or_nothing, bench_begin,
                                        bench_end),
    };

    fault_install();
    return cmocka_run_group_tests_name("engine_park", tests, NULL, NULL);
}
