/* test_engine_claim.c - what was handed out is known to have been, whatever ends the daemon: it
 * goes again as it was, marked as one that may have been sent, and nothing else is made of it.
 *
 * The engine over a real store, the clock simulated.
 */
#include "silence_bench.h"

#include "fault_vfs.h"

enum { MANY = 40 };

/* What was handed out last, in order; no answer comes by itself. */
static struct {
    char id[DELIVERY_ID_SIZE];
    char recipient[ADDRESS_MAX + 1];
    uint32_t attempt;
    bool again;
    char *text;
} handed[2 * MANY];
static size_t handed_count;

static void forget_handed(void)
{
    while (handed_count > 0)
        free(handed[--handed_count].text);
}

static bool take_all(void *context, const struct delivery *delivery)
{
    (void)context;
    assert_true(handed_count < COUNT_OF(handed));
    memcpy(handed[handed_count].id, delivery->id, DELIVERY_ID_SIZE);
    memcpy(handed[handed_count].recipient, delivery->recipient, ADDRESS_MAX + 1);
    handed[handed_count].attempt = delivery->attempt;
    handed[handed_count].again = delivery->again;
    handed[handed_count++].text = strndup(delivery->bytes, delivery->size);
    return true;
}

static bool take_none(void *context, const struct delivery *delivery)
{
    (void)context;
    (void)delivery;
    return false;
}

static void hand_out(struct bench *bench)
{
    forget_handed();
    assert_int_equal(engine_hand_out(bench->engine, bench->now, take_all, NULL), 0);
}

/* Hands out, to whom all that waits is new or all may have been sent. */
static void check_handed(struct bench *bench, uint32_t attempt, bool again)
{
    hand_out(bench);
    assert_int_equal(handed_count, 3); /* two managers and a case system */
    for (size_t i = 0; i < handed_count; i++) {
        assert_int_equal(handed[i].attempt, attempt);
        assert_int_equal(handed[i].again, again);
    }
}

/* Its notifications wait. */
static void raise_waiting(struct bench *bench, unsigned number)
{
    char json[2048], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
    input.size = (size_t)snprintf(
        json, sizeof json,
        "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
        "\"concernd.disagreement.raised\",\"subject\":\"D-%03u\",\"time\":\"%s\","
        "\"datacontenttype\":\"application/json\",\"data\":%s}",
        ++bench->number, number, time, raised);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
    assert_int_equal(engine_commit(bench->engine), 0);
}

/* All that was handed out last has this answer. */
static void answer(struct bench *bench, struct outcome outcome)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (size_t i = 0; i < handed_count; i++) {
        memcpy(outcome.id, handed[i].id, DELIVERY_ID_SIZE);
        outcome.attempt = handed[i].attempt;
        assert_int_equal(engine_note(bench->engine, &outcome), 0);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
}

static const struct outcome put_off = { .outcome = DELIVERY_LATER,
                                        .put_off = true,
                                        .retry_after_s = 60 };

static void a_restart_knows_what_may_have_been_sent(void **state)
{
    struct bench *bench = *state;
    char *sent;

    open_world(bench);
    raise_waiting(bench, 1);
    check_handed(bench, 1, false);
    sent = strdup(handed[0].text);
    start_again(bench);
    check_handed(bench, 1, true);
    assert_string_equal(handed[0].text, sent);
    free(sent);
    answer(bench, (struct outcome){ .outcome = DELIVERY_DONE, .code = 250 });
    start_again(bench);
    hand_out(bench);
    assert_int_equal(handed_count, 0);
}

static void another_try_is_one_that_may_have_been_sent(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    raise_waiting(bench, 1);
    check_handed(bench, 1, false);
    answer(bench, (struct outcome){ .outcome = DELIVERY_LATER, .code = 451 });
    bench->now.us += MINUTE_US;
    check_handed(bench, 2, true);
    start_again(bench);
    check_handed(bench, 2, true);
}

static void what_no_carrier_took_was_not_sent(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    raise_waiting(bench, 1);
    assert_int_equal(engine_hand_out(bench->engine, bench->now, take_none, NULL), 0);
    start_again(bench);
    check_handed(bench, 1, false);
}

static void what_was_put_off_was_not_sent(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    raise_waiting(bench, 1);
    check_handed(bench, 1, false);
    answer(bench, put_off);
    start_again(bench);
    check_handed(bench, 1, false);
    /* But what may have been sent before that has not become new by it. */
    start_again(bench);
    check_handed(bench, 1, true);
    answer(bench, put_off);
    start_again(bench);
    check_handed(bench, 1, true);
}

/* Two mails with one Message-ID are one to a mail system, whichever came first. */
static void what_may_have_been_sent_is_not_written_anew(void **state)
{
    struct bench *bench = *state;
    char *sent = NULL;

    open_world(bench);
    raise_waiting(bench, 1);
    hand_out(bench);
    for (size_t i = 0; i < handed_count; i++)
        if (strcmp(handed[i].recipient, "one@h.example") == 0)
            sent = strdup(handed[i].text);
    assert_non_null(sent);
    silence(bench, "route:email", "2027-02-09T14:00:00Z");
    start_again(bench);
    go_on(bench, "2027-02-09T13:59:59Z");
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(recorded(bench, "held"), 1);
    go_on(bench, "2027-02-09T15:00:00Z");
    assert_string_equal(said_to("one@h.example", 1, "2027-02-09T14:00:00Z"), sent);
    assert_int_equal(took("one@h.example"), 1);
    free(sent);
}

/* What is known to a receiver by its id comes under it, and not in a list as well. */
static void what_may_have_been_sent_is_in_no_list(void **state)
{
    struct bench *bench = *state;

    bench->deaf = true;
    open_world(bench);
    for (unsigned i = 0; i < MANY; i++) {
        raise_waiting(bench, i);
        hand_out(bench);
        bench->now.us += 2 * SECOND_US;
    }
    silence(bench, "person:h.manager", "2027-02-09T14:00:00Z");
    start_again(bench);
    go_on(bench, "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), MANY);
    for (size_t i = 0; i < world.taken_count; i++)
        assert_null(strstr(world.taken[i].text, "Subject: [Digest] "));
}

/* Its waits begin anew; but that it may have been sent is known as before. */
static void what_is_sent_again_is_tried_as_soon_as_a_new_one(void **state)
{
    struct engine_redrive again = { .board = "board", .reference = "D-001", .by = "uid 1000" };
    struct bench *bench = *state;
    struct outbox_row *row = NULL;
    char id[DELIVERY_ID_SIZE];
    int64_t wait_us;

    open_world(bench);
    raise_waiting(bench, 1);
    for (uint32_t attempt = 1; attempt <= 12; attempt++) {
        check_handed(bench, attempt, attempt > 1);
        answer(bench, (struct outcome){ .outcome = DELIVERY_LATER, .code = 451 });
        bench->now.us += 2 * HOUR_US;
    }
    check_handed(bench, 13, true);
    memcpy(id, handed[0].id, sizeof id);
    again.id = id;
    answer(bench, (struct outcome){ .outcome = DELIVERY_REFUSED, .code = 550 });
    hand_out(bench); /* what people are told of it goes out, and is not answered */
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &again), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    assert_int_equal(again.count, 1);
    hand_out(bench);
    assert_int_equal(handed_count, 1);
    assert_string_equal(handed[0].id, again.id);
    assert_true(handed[0].again);
    answer(bench, (struct outcome){ .outcome = DELIVERY_LATER, .code = 451 });
    assert_int_equal(store_get_outbox(bench->store, again.id, &row), STORE_OK);
    wait_us = row->next_try.us - bench->now.us;
    assert_in_range(wait_us, 8 * SECOND_US, 12 * SECOND_US);
    assert_int_equal(row->attempts, 14);
    outbox_row_close(&row);
}

/* --- the disk is full */

static bool always(void)
{
    return true;
}

/* Whatever is written from now on finds no room; `is_full` false: there is room again. */
static void fill_disk(bool is_full)
{
    fault.kind = FAULT_WHILE;
    fault.still = always;
    fault.code = SQLITE_FULL;
    fault.count = fault.failed = 0;
    fault.at = is_full ? 1 : 0;
}

static void open_full(struct bench *bench)
{
    fill_disk(false);
    bench->vfs = "fault";
    open_world(bench);
    raise_waiting(bench, 1);
    fill_disk(true);
    check_handed(bench, 1, false);
    assert_true(fault.failed > 0); /* else it was claimed */
    for (size_t i = 0; i < handed_count; i++) {
        struct outbox_row *row = NULL;

        assert_int_equal(store_get_outbox(bench->store, handed[i].id, &row), STORE_OK);
        assert_true(instant_is_none(row->handed));
        outbox_row_close(&row);
    }
}

/* What cannot be claimed goes all the same, once as long as the daemon lives. */
static void a_full_disk_holds_up_no_message(void **state)
{
    struct bench *bench = *state;

    open_full(bench);
    assert_int_equal(engine_hand_out(bench->engine, bench->now, take_none, NULL), 0);
    fill_disk(false);
    answer(bench, (struct outcome){ .outcome = DELIVERY_DONE, .code = 250 });
    start_again(bench);
    hand_out(bench);
    assert_int_equal(handed_count, 0);
}

/* The price: where the daemon ends before there is room it goes again as if it were new, with the
 * same id and the same bytes. */
static void what_a_full_disk_did_not_keep_goes_again(void **state)
{
    struct bench *bench = *state;
    char id[DELIVERY_ID_SIZE], *sent;

    open_full(bench);
    memcpy(id, handed[0].id, sizeof id);
    sent = strdup(handed[0].text);
    bench_stop(bench);
    fill_disk(false);
    assert_int_equal(bench_start(bench), STORE_OK);
    check_handed(bench, 1, false);
    assert_string_equal(handed[0].id, id);
    assert_string_equal(handed[0].text, sent);
    free(sent);
}

static int end_test(void **state)
{
    fill_disk(false);
    forget_handed();
    return end_bench(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_test)
    const struct CMUnitTest tests[] = {
        TEST(a_restart_knows_what_may_have_been_sent),
        TEST(another_try_is_one_that_may_have_been_sent),
        TEST(what_no_carrier_took_was_not_sent),
        TEST(what_was_put_off_was_not_sent),
        TEST(what_may_have_been_sent_is_not_written_anew),
        TEST(what_may_have_been_sent_is_in_no_list),
        TEST(what_is_sent_again_is_tried_as_soon_as_a_new_one),
        TEST(a_full_disk_holds_up_no_message),
        TEST(what_a_full_disk_did_not_keep_goes_again),
    };

    fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
