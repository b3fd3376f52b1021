/* test_engine_batch.c - a BATCH is taken whole or leaves nothing, whatever goes wrong. */
#include "publisher_bench.h"

#include "fault_vfs.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/store_private.h"

static struct engine_batch batch;

/* The events of a batch, cut out of what sending_write makes. */
static int take_batch(struct bench *bench, const char *key, const struct sending *sendings,
                      size_t count)
{
    static char json[65536 * 2];
    struct engine_input input = { .bytes = json, .key = key, .received = bench->now };

    json[0] = '[';
    input.size = 1;
    for (size_t i = 0; i < count; i++) {
        input.size +=
            (size_t)sending_write(bench, &sendings[i], json + input.size, sizeof json - input.size);
        json[input.size++] = i + 1 < count ? ',' : ']';
    }
    return engine_take_batch(bench->engine, &input, &batch);
}

static int send_batch(struct bench *bench, const char *key, const struct sending *sendings,
                      size_t count)
{
    int answer;

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = take_batch(bench, key, sendings, count);
    assert_true(answer >= 0 && answer != ENGINE_STORE_FULL);
    assert_int_equal(engine_commit(bench->engine), 0);
    bench_hand_out(bench);
    return answer;
}

static void begin(struct bench *bench)
{
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
}

static bool is_kept(struct bench *bench, const char *id)
{
    struct kept_event kept;

    return store_find_event(bench->store, OF_HOUSING, id, &kept) == STORE_OK;
}

static void assert_chain_holds(struct bench *bench)
{
    struct record_verdict verdict;

    assert_int_equal(record_verify(bench->store, 1, 0, &verdict), RECORD_WHOLE);
}

#define FROM_HOUSING .source = OF_HOUSING, .subject = "D1"

static const struct sending good[] = {
    { FROM_HOUSING, .id = "b1", .type = "disagreement.raised", .data = RAISE },
    { FROM_HOUSING, .id = "b2", .type = "discussion.held" },
    { FROM_HOUSING, .id = "b3", .type = "risk.changed", .data = "{\"risk\":\"immediate\"}" },
};

static void all_are_taken_and_answered_in_their_order(void **state)
{
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(send_batch(bench, KEY_HOUSING, good, 3), ENGINE_TAKEN);
    assert_int_equal(batch.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(batch.acks[i].id, good[i].id);
        assert_true(batch.acks[i].committed);
        assert_false(batch.acks[i].duplicate);
        assert_true(i == 0 || batch.acks[i].record > batch.acks[i - 1].record);
        assert_true(is_kept(bench, good[i].id));
    }
    /* The second was decided on what the first had done; and people are told of both. */
    assert_string_equal(disagreement_fact(bench_kept(bench, "D1"), "risk"), "immediate");
    assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    assert_chain_holds(bench);
}

static void one_refused_leaves_nothing_of_any(void **state)
{
    struct sending bad[] = { good[0], good[1], good[2] };
    struct bench *bench = *state;
    struct store_counts before, after;

    begin(bench);
    bad[2].type = "withdrawn"; /* a reason is missing */
    assert_int_equal(store_count(bench->store, &before), STORE_OK);
    assert_int_equal(send_batch(bench, KEY_HOUSING, bad, 3), ENGINE_REFUSED);
    assert_string_equal(batch.refused.nack.code, "400.4");
    assert_string_equal(batch.refused.nack.source, OF_HOUSING);
    assert_string_equal(batch.refused.nack.id, "b3");
    assert_int_equal(store_count(bench->store, &after), STORE_OK);
    assert_int_equal(after.record, before.record);
    assert_int_equal(after.events, before.events);
    assert_int_equal(after.outbox[OUTBOX_QUEUED], before.outbox[OUTBOX_QUEUED]);
    assert_int_equal(bench->sent_count, 0);
    assert_false(is_kept(bench, "b1"));
    /* Put right, it gets in: nothing of it stood in its own way. */
    assert_int_equal(send_batch(bench, KEY_HOUSING, good, 3), ENGINE_TAKEN);
    assert_chain_holds(bench);
}

/* What the turn had taken before stays, and so does what comes after. */
static void the_rest_of_the_turn_is_untouched(void **state)
{
    const struct sending before = {
        .key = KEY_HOUSING, FROM_HOUSING, .id = "a", .type = "disagreement.raised", .data = RAISE
    };
    const struct sending after = {
        .key = KEY_HOUSING, FROM_HOUSING, .id = "z", .type = "discussion.held"
    };
    const struct sending bad[] = { good[1], good[0] }; /* raised already */
    struct bench *bench = *state;

    begin(bench);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(sending_take(bench, &before), ENGINE_TAKEN);
    assert_int_equal(take_batch(bench, KEY_HOUSING, bad, 2), ENGINE_REFUSED);
    assert_string_equal(batch.refused.nack.code, "409.1");
    assert_string_equal(batch.refused.nack.id, "b1");
    assert_int_equal(sending_take(bench, &after), ENGINE_TAKEN);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_true(is_kept(bench, "a"));
    assert_false(is_kept(bench, "b2"));
    assert_true(is_kept(bench, "z"));
    bench_hand_out(bench);
    assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    assert_chain_holds(bench);
}

static void duplicates_are_acknowledged_as_such(void **state)
{
    const struct sending twice[] = { good[0], good[1], good[0], good[1] };
    struct bench *bench = *state;
    int64_t records[3];

    begin(bench);
    assert_int_equal(send_batch(bench, KEY_HOUSING, twice, 4), ENGINE_TAKEN);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(batch.acks[i].duplicate, i >= 2);
    assert_int_equal(batch.acks[2].record, batch.acks[0].record);
    records[0] = batch.acks[0].record;
    records[1] = batch.acks[1].record;
    /* The answer was lost: the whole batch again, and one event more. */
    assert_int_equal(send_batch(bench, KEY_HOUSING, good, 3), ENGINE_TAKEN);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(batch.acks[i].duplicate, i < 2);
    assert_int_equal(batch.acks[0].record, records[0]);
    assert_int_equal(batch.acks[1].record, records[1]);
    /* An id of it used for something else. */
    struct sending other[] = { good[1], good[2] };
    other[1].data = "{\"risk\":\"none\"}";
    assert_int_equal(send_batch(bench, KEY_HOUSING, other, 2), ENGINE_REFUSED);
    assert_string_equal(batch.refused.nack.code, "409.1");
    assert_string_equal(batch.refused.nack.id, "b3");
}

static void what_is_no_batch(void **state)
{
    static const struct {
        const char *body, *code;
    } rows[] = {
        { "", "400.2" },
        { "{}", "400.2" },
        { "[]", "400.2" },
        { "[1]", "400.2" },
        { "[{}", "400.2" },
        { "[{}]]", "400.2" },
        { "[{},]", "400.2" },
        { "[{}{}]", "400.2" },
        { "[[{}]]", "400.2" },
        { "[{}]", "400.3" },
        { "null", "400.2" },
        { "[{\"a\":\"]\"}]", "400.3" },
        { "[{\"a\":1,\"a\":1}]", "400.2" },
    };
    struct bench *bench = *state;
    char many[51 * 3 + 1];

    begin(bench);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct engine_input input = { .bytes = rows[i].body,
                                      .size = strlen(rows[i].body),
                                      .key = KEY_HOUSING,
                                      .received = bench->now };

        print_message("  %s\n", rows[i].body);
        assert_int_equal(engine_take_batch(bench->engine, &input, &batch), ENGINE_REFUSED);
        assert_string_equal(batch.refused.nack.code, rows[i].code);
    }
    for (unsigned i = 0; i < 51; i++)
        memcpy(many + (size_t)3 * i, i ? ",{}" : "[{}", 3);
    many[51 * 3] = ']';
    struct engine_input input = {
        .bytes = many, .size = sizeof many, .key = KEY_HOUSING, .received = bench->now
    };
    assert_int_equal(engine_take_batch(bench->engine, &input, &batch), ENGINE_REFUSED);
    assert_string_equal(batch.refused.nack.code, "400.2");
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* Fifty events pay for fifty; what is put off has changed nothing, and gets in later. */
static void the_whole_batch_is_paid_for_or_put_off(void **state)
{
    struct bench *bench = *state;
    struct sending fifty[50];
    char ids[50][8];

    bench_keys(bench, "keys:\n  - {key: \"" KEY_HOUSING "\", agency: housing, boards: [board], "
                      "sources: [\"" OF_HOUSING "\"], types: [all], rights: [publish], rate: 60, "
                      "burst: 60}\n");
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    for (unsigned i = 0; i < 50; i++) {
        snprintf(ids[i], sizeof ids[i], "n%u", i);
        fifty[i] = (struct sending){ FROM_HOUSING, .id = ids[i], .type = "discussion.held" };
    }
    assert_int_equal(send_batch(bench, KEY_HOUSING, good, 3), ENGINE_TAKEN);
    assert_int_equal(send_batch(bench, KEY_HOUSING, fifty, 50), ENGINE_TAKEN);
    /* Seven are left of sixty: the next fifty need forty-three more, one a second. */
    for (unsigned i = 0; i < 50; i++)
        ids[i][0] = 'm';
    assert_int_equal(send_batch(bench, KEY_HOUSING, fifty, 50), ENGINE_BUSY);
    assert_int_equal(batch.refused.busy.retry_after_ms, 43001);
    assert_false(is_kept(bench, "m0"));
    bench->now = bench_at("2027-02-01T10:00:43Z");
    assert_int_equal(send_batch(bench, KEY_HOUSING, fifty, 50), ENGINE_TAKEN);
    assert_true(is_kept(bench, "m49"));
}

/* --- the disk and the power */

static bool has_any(struct bench *bench, unsigned *kept)
{
    *kept = 0;
    for (size_t i = 0; i < 3; i++)
        *kept += is_kept(bench, good[i].id);
    return *kept > 0;
}

/* Each write, flush and truncation of the batch's turn fails in its turn; then all goes on from
 * what lies on the disk, as after a power cut: all of the batch is there, or nothing. */
static void a_failing_disk_keeps_all_or_none(void **state)
{
    static const enum fault_kind kinds[] = { FAULT_BEFORE, FAULT_AFTER, FAULT_HALF };
    struct bench *bench = *state;
    unsigned whole = 0, none = 0;

    bench->vfs = "fault";
    journal_set_least((enum journal_priority)0);
    begin(bench);
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        for (long n = 1;; n++) {
            bool was_kept, failed;
            unsigned kept;
            int answer;

            bench->say_count = 0;
            bench->now.us += MINUTE_US; /* and the rate is no matter */
            fault.kind = kinds[k];
            fault.at = n;
            fault.code = 0;
            fault.count = fault.failed = 0;
            assert_int_equal(engine_begin(bench->engine, bench->now), 0);
            answer = take_batch(bench, KEY_HOUSING, good, 3);
            if (answer == ENGINE_TAKEN)
                answer = engine_commit(bench->engine);
            was_kept = answer == 0;
            failed = fault.failed > 0;
            fault.at = 0;
            bench_stop(bench);
            assert_int_equal(bench_start(bench), STORE_OK);
            assert_true(!has_any(bench, &kept) || kept == 3);
            assert_true(!was_kept || kept == 3);
            assert_chain_holds(bench);
            whole += kept == 3;
            none += kept == 0;
            /* A new store for the next, or what was kept would be a repeat. */
            bench_stop(bench);
            bench_forget(bench);
            assert_int_equal(bench_start(bench), STORE_OK);
            if (!failed)
                break;
        }
    print_message("  %u times all, %u times none\n", whole, none);
    assert_true(whole >= 4 && none > 90);
    journal_set_least(JOURNAL_INFO);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_are_taken_and_answered_in_their_order, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(one_refused_leaves_nothing_of_any, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(the_rest_of_the_turn_is_untouched, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(duplicates_are_acknowledged_as_such, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(what_is_no_batch, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(the_whole_batch_is_paid_for_or_put_off, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_failing_disk_keeps_all_or_none, bench_begin, bench_end),
    };

    fault_install();
    return cmocka_run_group_tests_name("engine_batch", tests, NULL, NULL);
}
