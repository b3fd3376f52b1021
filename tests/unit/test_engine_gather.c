/* test_engine_gather.c - a digest a day: nothing is lost, and nothing comes twice.
 *
 * Engine and store are real, the clock is simulated; in some tests they are stopped and started
 * at every step, in one the disk fails at every write of the turn that makes the digest.
 */
#include "core/gather.h"
#include "fault_vfs.h"
#include "gather_bench.h"
#include "io/record.h"
#include "io/store_gather.h"

static const char daily[] =
    DIRECTORY("h.manager", "daily 09:00", MANAGER(", ordinary: daily 09:00"));

static const char tuesday_at_ten[] = "2027-02-09T10:00:00Z";

static void raise_three(struct bench *bench)
{
    give(bench, "disagreement.raised", "D1", raised);
    give(bench, "disagreement.raised", "D2", raised);
    give(bench, "disagreement.raised", "D3", raised);
}

static void open_and_raise(struct bench *bench, const char *directory)
{
    bench_open(bench, directory, tuesday_at_ten);
    raise_three(bench);
}

static void reload(struct bench *bench, const char *directory)
{
    struct policy *before = bench->policy;

    bench_write(bench, "directory.yaml", directory);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&before);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_recompute(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* --- what came */

static void assert_digest_of_three(const char *recipient, const char *at)
{
    const struct taken *mail = last_to(recipient);

    assert_int_equal(took(recipient), 1);
    assert_int_equal(mail->at.us, bench_at(at).us);
    assert_non_null(strstr(mail->text, "Subject: [Digest] 3 notifications of Invented Board\r\n"));
    assert_non_null(strstr(mail->text, "- D1\r\n- D2\r\n- D3\r\n"));
}

struct gathered {
    const char *id;
    size_t count;
};

static bool count_gathered(void *context, const struct record_line *line)
{
    struct gathered *gathered = context;

    gathered->count += strcmp(line->type, "gathered") == 0 && strstr(line->payload, gathered->id);
    return true;
}

/* Each disagreement's history names the digest, and so does the store. */
static void assert_settled_by(struct bench *bench, const char *id)
{
    static const char *const references[] = { "D1", "D2", "D3" };

    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 3);
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        struct gathered gathered = { .id = id };

        assert_int_equal(
            record_history(bench->store, "board", references[i], count_gathered, &gathered), 0);
        assert_int_equal(gathered.count, 1);
    }
}

/* --- the daily digest */

static void check_daily(struct bench *bench)
{
    open_and_raise(bench, daily);
    assert_int_equal(took("manager@c.example"), 3);
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 3);
    go_on(bench, "2027-02-10T08:59:59Z");
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-10T09:00:00Z");
    assert_settled_by(bench, last_to("one@h.example")->id);
    assert_non_null(strstr(last_to("one@h.example")->text, "Stage 1 begins"));
    assert_non_null(strstr(last_to("one@h.example")->text, "Answer by 17:00 on Tuesday 16"));
    assert_non_null(strstr(last_to("one@h.example")->text, "text/calendar"));
    /* Nothing comes twice, and nobody else was told of it; each system has each. */
    assert_int_equal(took("deputy@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("manager@c.example"), 3);
    assert_int_equal(other_sides.webhooks, 3);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

static void gathers_for_the_day(void **state)
{
    forget();
    check_daily(*state);
}

static void restarts_and_lost_turns_change_nothing(void **state)
{
    forget();
    world.restart = true;
    check_daily(*state);
}

static void one_alone_goes_as_it_is(void **state)
{
    struct bench *bench = *state;

    forget();
    bench_open(bench, daily, "2027-02-09T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(last_to("one@h.example")->at.us, bench_at("2027-02-10T09:00:00Z").us);
    assert_non_null(strstr(last_to("one@h.example")->text, "Subject: [Action] Stage 1 begins"));
    assert_non_null(strstr(last_to("one@h.example")->text, "text/calendar"));
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 0);
}

static void urgent_ones_never_wait(void **state)
{
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    give(bench, "risk.changed", "D2", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(took("one@h.example"), 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "IMMEDIATE"));
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 2);
    assert_non_null(strstr(last_to("one@h.example")->text, "[Digest] 3 notifications"));
}

static void one_late_for_its_digest_goes_at_once(void **state)
{
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    /* The daemon is down from eight to eleven. */
    bench->now = bench_at("2027-02-10T11:00:00Z");
    start_again(bench);
    pass(bench);
    assert_digest_of_three("one@h.example", "2027-02-10T11:00:00Z");
}

/* --- the clock was wrong, and is put right */

static void a_clock_set_back_takes_the_next_digest(void **state)
{
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench_set_back(bench, "2027-02-08T10:05:00Z");
    go_on(bench, "2027-02-09T08:59:59Z");
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-09T09:00:00Z");
    assert_settled_by(bench, last_to("one@h.example")->id);
}

/* What would be too much at a time waits half a minute at most. */
static void and_holds_up_no_crowd(void **state)
{
    static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));
    struct bench *bench = *state;
    char reference[16];

    forget();
    bench_open(bench, at_once, tuesday_at_ten);
    for (unsigned i = 1; i <= GATHER_ALONE_MAX + 2; i++) {
        snprintf(reference, sizeof reference, "D%u", i);
        give(bench, "disagreement.raised", reference, raised);
    }
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX);
    bench_set_back(bench, "2027-02-08T10:00:10Z");
    go_on(bench, "2027-02-08T10:00:40Z");
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX + 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "- D21\r\n- D22\r\n"));
}

/* --- by which route */

#define WEBHOOK_FIRST(more)                                                                        \
    "  h.manager: {name: M, routes: [\"webhook:care-system\", \"email:one@h.example\"]" more "}\n"

/* The first that can carry a list, whichever a single one goes by. */
static void a_list_goes_past_a_webhook(void **state)
{
    static const char first[] =
        DIRECTORY("h.manager", "at once", WEBHOOK_FIRST(", ordinary: daily 09:00"));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, first);
    assert_int_equal(other_sides.webhooks, 3); /* of the case system */
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-10T09:00:00Z");
    assert_int_equal(other_sides.webhooks, 3);
}

static void and_so_does_a_crowd(void **state)
{
    enum { ALL = GATHER_ALONE_MAX + 5 };
    static const char first[] = DIRECTORY("h.manager", "at once", WEBHOOK_FIRST(""));
    struct bench *bench = *state;
    char reference[16];

    forget();
    bench_open(bench, first, tuesday_at_ten);
    for (unsigned i = 1; i <= ALL; i++) {
        snprintf(reference, sizeof reference, "D%u", i);
        give(bench, "disagreement.raised", reference, raised);
    }
    go_on(bench, "2027-02-09T10:05:00Z");
    assert_int_equal(other_sides.webhooks, ALL + GATHER_ALONE_MAX);
    assert_int_equal(took("one@h.example"), 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "- D21\r\n- D22\r\n- D23\r\n"));
}

/* --- the directory changes */

static void goes_at_once_where_nothing_is_to_wait(void **state)
{
    static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, at_once);
    assert_digest_of_three("one@h.example", "2027-02-09T15:00:00Z");
}

static void goes_by_the_new_time(void **state)
{
    static const char later[] =
        DIRECTORY("h.manager", "at once", MANAGER(", ordinary: daily 18:30"));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, later);
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-09T18:30:00Z");
}

static void goes_to_whoever_holds_the_role_now(void **state)
{
    static const char other[] =
        DIRECTORY("h.new", "at once", "  h.new: {name: N, routes: [\"email:new@h.example\"]}\n");
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, other);
    assert_digest_of_three("new@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
    assert_settled_by(bench, last_to("new@h.example")->id);
    assert_non_null(strstr(last_to("new@h.example")->text, "in the place of somebody"));
}

static void goes_to_the_deputy_of_who_is_away(void **state)
{
    static const char away[] = DIRECTORY(
        "h.manager", "at once", MANAGER(", ordinary: daily 09:00, away: {until: 2027-02-20}"));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, away);
    assert_digest_of_three("deputy@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
}

static void goes_to_the_address_he_has_now(void **state)
{
    static const char moved[] = DIRECTORY(
        "h.manager", "at once",
        "  h.manager: {name: M, routes: [\"email:moved@h.example\"], ordinary: daily 09:00}\n");
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, moved);
    assert_digest_of_three("moved@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
}

/* --- nobody accepts it */

static void check_ladder(struct bench *bench)
{
    const char *id;
    struct store_counts counts;

    open_and_raise(bench, daily);
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    go_on(bench, "2027-02-10T09:19:59Z");
    assert_int_equal(took("deputy@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("deputy@h.example", "2027-02-10T09:20:00Z");
    assert_non_null(strstr(last_to("deputy@h.example")->text, "SENT BY ANOTHER WAY AS WELL"));
    assert_int_equal(store_count(bench->store, &counts), 0);
    assert_int_equal(counts.undelivered, 0);
    id = last_to("deputy@h.example")->id;
    assert_int_not_equal(strlen(id), 0);
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 3);
}

static void goes_by_the_next_route_then_to_the_deputy(void **state)
{
    forget();
    check_ladder(*state);
}

static void so_it_does_over_restarts(void **state)
{
    forget();
    world.restart = true;
    check_ladder(*state);
}

static void people_are_told_where_nobody_accepts_it(void **state)
{
    struct bench *bench = *state;
    struct store_counts counts;

    forget();
    open_and_raise(bench, daily);
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    other_sides.refuses[2] = "deputy@h.example";
    go_on(bench, "2027-02-10T09:45:00Z");
    assert_int_equal(store_count(bench->store, &counts), 0);
    assert_int_equal(counts.undelivered, 1);
    assert_int_equal(counts.unheard, 0);
    assert_non_null(
        strstr(last_to("unit@board.example")->text, "- 3 notifications in one message"));
    assert_non_null(
        strstr(last_to("operator@board.example")->text, "- 3 notifications in one message"));
}

static void is_sent_again_for_any_of_its_references(void **state)
{
    struct bench *bench = *state;
    struct engine_redrive redrive = { .board = "board", .reference = "D2", .by = "somebody" };

    forget();
    open_and_raise(bench, daily);
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    other_sides.refuses[2] = "deputy@h.example";
    other_sides.for_good = true;
    go_on(bench, "2027-02-10T09:45:00Z");
    assert_int_equal(took("one@h.example"), 0);
    other_sides.refuses[0] = NULL;
    bench->now = bench_at("2027-02-10T10:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &redrive), 0);
    assert_true(redrive.count > 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_digest_of_three("one@h.example", "2027-02-10T10:00:00Z");
}

/* --- the disk fails at every write of the turn that makes it */

static int with_breaking_disk(void **state)
{
    int answer = bench_begin(state);

    ((struct bench *)*state)->vfs = "fault";
    return answer;
}

static bool breaks_at(struct bench *bench, long operation)
{
    bool more, broke;

    forget();
    bench_forget(bench);
    bench->say_count = 0;
    fault.at = 0;
    bench->now = bench_at(tuesday_at_ten);
    assert_int_equal(bench_start(bench), STORE_OK);
    raise_three(bench);
    bench->now = bench_at("2027-02-10T09:00:00Z");
    fault.count = fault.failed = 0;
    fault.at = operation;
    if (engine_begin(bench->engine, bench->now) == 0 && engine_pass(bench->engine, &more) == 0)
        (void)engine_commit(bench->engine);
    broke = fault.failed > 0;
    fault.at = 0;
    start_again(bench);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-10T09:00:00Z");
    assert_settled_by(bench, last_to("one@h.example")->id);
    bench_stop(bench);
    return broke;
}

/* Every third write, another third for each kind of failure; CONCERN_LONG: every one in every way.
 */
static void a_power_cut_leaves_one_digest(void **state)
{
    const long stride = getenv("CONCERN_LONG") ? 1 : 3;
    long operation = 1;

    bench_prepare(*state, daily);
    for (int kind = FAULT_BEFORE; kind <= FAULT_HALF; kind++) {
        fault.kind = (enum fault_kind)kind;
        operation = stride == 1 ? 1 : 1 + kind - FAULT_BEFORE;
        while (breaks_at(*state, operation))
            operation += stride;
        assert_true(operation > 3);
    }
    print_message("    about %ld writes, each %ld.\n", operation - 1, stride);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(gathers_for_the_day),
        ROW(restarts_and_lost_turns_change_nothing),
        ROW(one_alone_goes_as_it_is),
        ROW(urgent_ones_never_wait),
        ROW(one_late_for_its_digest_goes_at_once),
        ROW(a_clock_set_back_takes_the_next_digest),
        ROW(and_holds_up_no_crowd),
        ROW(a_list_goes_past_a_webhook),
        ROW(and_so_does_a_crowd),
        ROW(goes_at_once_where_nothing_is_to_wait),
        ROW(goes_by_the_new_time),
        ROW(goes_to_whoever_holds_the_role_now),
        ROW(goes_to_the_deputy_of_who_is_away),
        ROW(goes_to_the_address_he_has_now),
        ROW(goes_by_the_next_route_then_to_the_deputy),
        ROW(so_it_does_over_restarts),
        ROW(people_are_told_where_nobody_accepts_it),
        ROW(is_sent_again_for_any_of_its_references),
        cmocka_unit_test_setup_teardown(a_power_cut_leaves_one_digest, with_breaking_disk,
                                        end_bench),
    };

    fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
