/* test_engine_forward.c - who has left, or has moved, is sent nothing that waited for him; whoever
 * is to be told in his place is.
 *
 * Engine and store are real, the clock is simulated.
 */
#include "gather_bench.h"
#include "io/engine_private.h"

static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));

#define NEWCOMER "  h.new: {name: N, routes: [\"email:new@h.example\"]}\n"

/* The manager has left; or is there still, and manages no more. */
static const char left[] = DIRECTORY("h.new", "at once", NEWCOMER);
static const char replaced[] = DIRECTORY("h.new", "at once", MANAGER("") NEWCOMER);

static const char tuesday_at_ten[] = "2027-02-09T10:00:00Z";

static void reload(struct bench *bench, const char *directory)
{
    struct policy *before = bench->policy;

    bench_write(bench, "directory.yaml", directory);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&before);
    for (int lost = 1; lost >= 0; lost--) { /* a turn that is lost leaves nothing */
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_recompute(bench->engine), 0);
        assert_int_equal(engine_try_again(bench->engine), 0);
        if (lost)
            engine_roll_back(bench->engine);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* Raised while nobody takes a mail for the manager. */
static void open_and_raise(struct bench *bench, const char *directory)
{
    forget();
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    bench_open(bench, directory, tuesday_at_ten);
    give(bench, "disagreement.raised", "D1", raised);
    assert_int_equal(took("one@h.example"), 0);
}

/* The mail server is there again, and it is later. */
static void mend(struct bench *bench, const char *at)
{
    other_sides.refuses[0] = other_sides.refuses[1] = NULL;
    bench->now = bench_at(at);
}

static size_t recorded(struct bench *bench, const char *reference, const char *type)
{
    struct lines lines = { .type = type };

    assert_int_equal(record_history(bench->store, "board", reference, count_line, &lines), 0);
    return lines.count;
}

static size_t undelivered(struct bench *bench)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), 0);
    return counts.undelivered;
}

static bool says(const char *recipient, const char *words)
{
    return strstr(last_to(recipient)->text, words) != NULL;
}

/* --- a notification */

static void check_goes_to_the_new_one(struct bench *bench, const char *directory)
{
    open_and_raise(bench, at_once);
    mend(bench, "2027-02-09T10:05:00Z");
    reload(bench, directory);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("new@h.example"), 1);
    assert_int_equal(took("deputy@h.example"), 0);
    assert_true(says("new@h.example", "Subject: [Action] Stage 1 begins - ref D1"));
    assert_int_equal(in_state(bench, OUTBOX_SUPERSEDED), 1);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    assert_int_equal(recorded(bench, "D1", "superseded"), 1);
    assert_int_equal(undelivered(bench), 0);
}

static void goes_to_whoever_comes_after_who_has_left(void **state)
{
    check_goes_to_the_new_one(*state, left);
}

static void goes_to_whoever_has_the_role_now(void **state)
{
    check_goes_to_the_new_one(*state, replaced);
}

/* Though it may have been sent: what the new one gets has an id of its own. */
static void what_is_handed_out_goes_to_the_new_one_too(void **state)
{
    struct bench *bench = *state;
    struct outcome lost;

    open_and_raise(bench, at_once);
    bench->now = bench_at("2027-02-09T10:05:00Z");
    world.count = 0;
    other_sides.refuses[0] = other_sides.refuses[1] = NULL;
    assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, bench), 0);
    assert_int_equal(world.count, 1);
    assert_int_equal(took("one@h.example"), 1);
    lost = world.outcomes[0];
    reload(bench, left);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_note(bench->engine, &lost), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("new@h.example"), 1);
    assert_string_not_equal(last_to("new@h.example")->id, last_to("one@h.example")->id);
}

static void goes_to_the_address_he_has_now(void **state)
{
    static const char moved[] = DIRECTORY(
        "h.manager", "at once", "  h.manager: {name: M, routes: [\"email:moved@h.example\"]}\n");
    struct bench *bench = *state;

    open_and_raise(bench, at_once);
    mend(bench, "2027-02-09T10:05:00Z");
    reload(bench, moved);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("moved@h.example"), 1);
    assert_int_equal(in_state(bench, OUTBOX_SUPERSEDED), 1);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

/* A second and a third time: each goes on from the last. */
static void goes_on_at_the_next_reload(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, at_once);
    other_sides.refuses[1] = "new@h.example";
    reload(bench, left);
    reload(bench, at_once);
    assert_int_equal(in_state(bench, OUTBOX_SUPERSEDED), 2);
    reload(bench, at_once); /* nothing is another */
    assert_int_equal(in_state(bench, OUTBOX_SUPERSEDED), 2);
    mend(bench, "2027-02-09T10:05:00Z");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("new@h.example"), 0);
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(recorded(bench, "D1", "superseded"), 2);
}

static void of_two_roles_each_holder_is_told(void **state)
{
    static const char both[] =
        DIRECTORY("h.both", "at once", "  h.both: {name: B, routes: [\"email:one@h.example\"]}\n");
    static const char apart[] = DIRECTORY("h.new", "at once", NEWCOMER);
    static const char data[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                               "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                               "\"facts\":{\"relates_to\":\"individual\"}}";
    struct bench *bench = *state;
    char *text = strdup(both), *at = strstr(text, "line_manager: {holder: c.manager}");

    assert_non_null(at);
    memcpy(at, "line_manager: {holder: h.both   }", 33);
    forget();
    other_sides.refuses[0] = "one@h.example";
    bench_open(bench, text, tuesday_at_ten);
    free(text);
    give(bench, "disagreement.raised", "D1", data);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 1);
    mend(bench, "2027-02-09T10:05:00Z");
    reload(bench, apart);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(took("new@h.example"), 1);
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(recorded(bench, "D1", "superseded"), 1);
}

static void nobody_who_is_right_is_disturbed(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, at_once);
    bench->now = bench_at("2027-02-09T10:05:00Z");
    reload(bench, DIRECTORY("h.manager", "at once", MANAGER("") NEWCOMER));
    assert_int_equal(in_state(bench, OUTBOX_SUPERSEDED), 0);
    other_sides.refuses[0] = NULL;
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("new@h.example"), 0);
}

/* --- what went on by other routes */

static void a_deputy_who_has_left_is_sent_nothing(void **state)
{
    char *text = strdup(at_once), *at = strstr(text, ", deputy: h.deputy");
    struct bench *bench = *state;

    memset(at, ' ', strlen(", deputy: h.deputy"));
    open_and_raise(bench, at_once);
    other_sides.refuses[2] = "deputy@h.example";
    go_on(bench, "2027-02-09T10:21:00Z"); /* two more ways, ten minutes each */
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 3);
    other_sides.refuses[2] = NULL;
    reload(bench, text);
    free(text);
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(took("deputy@h.example"), 0);
    assert_int_equal(undelivered(bench), 1);
    other_sides.refuses[0] = NULL;
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(undelivered(bench), 0);
}

static void what_somebody_has_accepted_ends_with_who_has_left(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, at_once);
    other_sides.refuses[1] = NULL; /* the second route takes it */
    go_on(bench, "2027-02-09T10:30:00Z");
    assert_int_equal(took("two@h.example"), 1);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 1);
    mend(bench, "2027-02-09T10:31:00Z");
    reload(bench, left);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("new@h.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

/* --- what was refused, and is sent again */

static void so_does_what_is_sent_again(void **state)
{
    struct bench *bench = *state;
    struct engine_redrive redrive = { .by = "somebody" };

    forget();
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    other_sides.refuses[2] = "deputy@h.example";
    other_sides.for_good = true;
    bench_open(bench, at_once, tuesday_at_ten);
    give(bench, "disagreement.raised", "D1", raised);
    assert_int_equal(undelivered(bench), 1);
    mend(bench, "2027-02-09T10:05:00Z");
    other_sides.refuses[2] = NULL;
    reload(bench, left);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &redrive), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("new@h.example"), 1);
    assert_int_equal(undelivered(bench), 0);
}

/* --- under a silence */

static void what_is_held_is_held_for_the_new_one(void **state)
{
    struct bench *bench = *state;
    struct silence_row silence = { .silencing = { .kind = SILENCING_ROUTE, .of = "email" },
                                   .reason = "the server is moved",
                                   .by = "uid 0" };

    forget();
    bench_open(bench, at_once, tuesday_at_ten);
    silence.silencing.until = bench_at("2027-02-09T14:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_add_silence(bench->engine, &silence), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    give(bench, "disagreement.raised", "D1", raised);
    bench->now = bench_at("2027-02-09T11:00:00Z");
    reload(bench, left);
    go_on(bench, "2027-02-09T13:59:59Z");
    assert_int_equal(took("one@h.example") + took("new@h.example"), 0);
    assert_int_equal(undelivered(bench), 0);
    go_on(bench, "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(took("new@h.example"), 1);
}

/* --- digests */

static const char daily[] = DIRECTORY("h.manager", "at once", MANAGER(", ordinary: daily 09:00"));

static void raise_two_more(struct bench *bench)
{
    give(bench, "disagreement.raised", "D2", raised);
    give(bench, "disagreement.raised", "D3", raised);
}

static bool is_in(const char *text, const char *reference)
{
    char alone[32], listed[32];

    snprintf(alone, sizeof alone, "ref %s -", reference);
    snprintf(listed, sizeof listed, "\n- %s\r\n", reference);
    return strstr(text, alone) || strstr(text, listed);
}

static void assert_each_once(const char *recipient)
{
    static const char *const references[] = { "D1", "D2", "D3" };

    for (size_t i = 0; i < COUNT_OF(references); i++) {
        size_t count = 0;

        for (size_t j = 0; j < world.taken_count; j++)
            count += strcmp(world.taken[j].recipient, recipient) == 0 &&
                     is_in(world.taken[j].text, references[i]);
        assert_int_equal(count, 1);
    }
}

static void a_digest_is_put_together_anew(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, daily);
    raise_two_more(bench);
    go_on(bench, "2027-02-10T09:05:00Z");
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 3);
    mend(bench, "2027-02-10T09:06:00Z");
    reload(bench, replaced);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_each_once("new@h.example");
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    assert_int_equal(undelivered(bench), 0);
}

static void a_digest_goes_to_the_address_he_has_now(void **state)
{
    static const char moved[] = DIRECTORY(
        "h.manager", "at once",
        "  h.manager: {name: M, routes: [\"email:moved@h.example\"], ordinary: daily 09:00}\n");
    struct bench *bench = *state;

    open_and_raise(bench, daily);
    raise_two_more(bench);
    go_on(bench, "2027-02-10T09:05:00Z");
    mend(bench, "2027-02-10T09:06:00Z");
    reload(bench, moved);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("moved@h.example"), 1);
    assert_each_once("moved@h.example");
}

/* He has left the role, not the directory. */
static void what_waits_for_a_digest_goes_to_the_new_one(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, daily);
    raise_two_more(bench);
    mend(bench, "2027-02-09T15:00:00Z");
    reload(bench, replaced);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example") + took("two@h.example"), 0);
    assert_each_once("new@h.example");
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

/* --- the operator */

static void the_operator_is_told_at_his_new_address(void **state)
{
    struct bench *bench = *state;
    char *text = strdup(at_once), *at = strstr(text, "email:operator@board");

    memcpy(at, "email:watchman@board", 20);
    forget();
    other_sides.refuses[0] = "operator@board.example";
    bench_open(bench, at_once, tuesday_at_ten);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_tell_operator(bench->engine, "k", "Something", "Something.\n"), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    mend(bench, "2027-02-09T10:01:00Z");
    reload(bench, text);
    free(text);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("operator@board.example"), 0);
    assert_int_equal(took("watchman@board.example"), 1);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(goes_to_whoever_comes_after_who_has_left),
        ROW(goes_to_whoever_has_the_role_now),
        ROW(what_is_handed_out_goes_to_the_new_one_too),
        ROW(goes_to_the_address_he_has_now),
        ROW(goes_on_at_the_next_reload),
        ROW(of_two_roles_each_holder_is_told),
        ROW(nobody_who_is_right_is_disturbed),
        ROW(a_deputy_who_has_left_is_sent_nothing),
        ROW(what_somebody_has_accepted_ends_with_who_has_left),
        ROW(so_does_what_is_sent_again),
        ROW(what_is_held_is_held_for_the_new_one),
        ROW(a_digest_is_put_together_anew),
        ROW(a_digest_goes_to_the_address_he_has_now),
        ROW(what_waits_for_a_digest_goes_to_the_new_one),
        ROW(the_operator_is_told_at_his_new_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
