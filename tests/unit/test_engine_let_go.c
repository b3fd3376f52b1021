/* test_engine_let_go.c - what a maintenance silence held in numbers reaches a person as few
 * messages: nothing is lost, nothing comes twice, and a few go as themselves.
 *
 * The engine over a real store, the clock simulated; in some tests both are stopped and started
 * after every turn, and each turn is lost once before it is kept; in one the disk fails at the
 * writes of the turns that let go.
 */
#include "silence_bench.h"

#include "core/gather.h"
#include "fault_vfs.h"

enum { MANY = 100, REFERENCES_MAX = 100 };

static const char end_of_silence[] = "2027-02-09T12:00:00Z";

static void open_deaf(struct bench *bench)
{
    bench->deaf = true;
    open_world(bench);
}

/* --- what is raised */

static void raise_number(struct bench *bench, unsigned number)
{
    char subject[16];

    snprintf(subject, sizeof subject, "D-%03u", number);
    give(bench, "disagreement.raised", subject, raised);
}

/* Fifteen in half a minute: not so many that they would go together. */
static void raise_from(struct bench *bench, unsigned first, unsigned count)
{
    for (unsigned i = first; i < count; i++) {
        raise_number(bench, i);
        bench->now.us += 2 * SECOND_US;
    }
}

static void raise_many(struct bench *bench, unsigned count)
{
    raise_from(bench, 0, count);
}

static void raise_in_one_turn(struct bench *bench, unsigned count)
{
    char json[2048], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (unsigned i = 0; i < count; i++) {
        snprintf(json, sizeof json,
                 "{\"specversion\":\"1.0\",\"id\":\"t%u\",\"source\":\"urn:invented:las\",\"type\":"
                 "\"concernd.disagreement.raised\",\"subject\":\"D-%03u\",\"time\":\"%s\","
                 "\"datacontenttype\":\"application/json\",\"data\":%s}",
                 i, i, time, raised);
        input.size = strlen(json);
        assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* The bench's directory with other words in the place of some. */
static const char *directory_with(const char *words, const char *others)
{
    static char text[sizeof directory + 200];
    const char *found = strstr(directory, words);

    assert_non_null(found);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(found - directory), directory, others,
             found + strlen(words));
    return text;
}

static void reload(struct bench *bench, const char *people)
{
    struct policy *before = bench->policy;

    bench_write(bench, "directory.yaml", people);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&before);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_recompute(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* --- what came */

struct came {
    size_t alone, lists;
};

static size_t note_references(bool there[REFERENCES_MAX], const char *text, const char *before)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, before)); count++) {
        unsigned long number = strtoul(at += strlen(before), NULL, 10);

        assert_true(number < REFERENCES_MAX);
        assert_false(there[number]); /* else it is told twice */
        there[number] = true;
    }
    return count;
}

/* Each of `count` references is in one message to the recipient, and in one only. */
static struct came check_told(const char *recipient, size_t count)
{
    bool there[REFERENCES_MAX] = { false };
    struct came came = { 0 };

    for (size_t i = 0; i < world.taken_count; i++) {
        const char *text = world.taken[i].text;
        bool is_list = strstr(text, "Subject: [Digest] ");
        size_t found;

        if (strcmp(world.taken[i].recipient, recipient) != 0)
            continue;
        found = note_references(there, text, is_list ? "\r\n- D-" : "\r\nX-Concernd-Reference: D-");
        assert_true(is_list ? found > 1 : found == 1);
        came.lists += is_list;
        came.alone += !is_list;
    }
    for (size_t i = 0; i < count; i++)
        if (!there[i])
            fail_msg("%s was not told of D-%03zu", recipient, i);
    return came;
}

static size_t in_state(struct bench *bench, enum outbox_state state)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), STORE_OK);
    return counts.outbox[state];
}

/* --- very many */

static void check_many(struct bench *bench, bool restart)
{
    struct came came;

    open_deaf(bench);
    silence(bench, "person:h.manager", end_of_silence);
    raise_many(bench, MANY);
    world.restart = restart;
    check_held(bench, MANY);
    give(bench, "risk.changed", "D-005", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(took("one@h.example"), 1); /* what is immediate was not held */
    go_on(bench, "2027-02-09T11:59:59Z");
    assert_int_equal(took("one@h.example"), 1);
    forget_taken();
    go_on(bench, "2027-02-09T12:00:29Z");
    assert_true(took("one@h.example") <= GATHER_ALONE_MAX);
    check_held(bench, 0);
    go_on(bench, "2027-02-09T16:00:00Z");
    came = check_told("one@h.example", MANY);
    print_message("    %d held: %zu as themselves, %zu lists\n", MANY, came.alone, came.lists);
    assert_true(came.alone <= GATHER_ALONE_MAX);
    assert_true(came.lists >= 1 && came.lists <= 3);
    /* Each is settled as what was gathered when it was queued: nobody else is told of it. */
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), MANY - came.alone);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    assert_int_equal(recorded(bench, "held"), MANY);
    assert_int_equal(recorded(bench, "let_go"), MANY);
    assert_int_equal(recorded(bench, "gathered"), MANY - came.alone);
    assert_int_equal(recorded(bench, "escalated") + recorded(bench, "undelivered"), 0);
    assert_int_equal(took("deputy@h.example") + took("two@h.example"), 0);
}

static void a_hundred_are_few_messages(void **state)
{
    check_many(*state, false);
}

static void restarts_and_lost_turns_change_nothing(void **state)
{
    check_many(*state, true);
}

static void a_few_go_as_themselves(void **state)
{
    struct bench *bench = *state;
    struct came came;

    open_deaf(bench);
    silence(bench, "person:h.manager", end_of_silence);
    raise_many(bench, GATHER_ALONE_MAX);
    go_on(bench, end_of_silence);
    came = check_told("one@h.example", GATHER_ALONE_MAX);
    assert_int_equal(came.alone, GATHER_ALONE_MAX);
    assert_int_equal(came.lists, 0);
    for (size_t i = 0; i < GATHER_ALONE_MAX; i++) { /* in the order in which they were to be told */
        char reference[40];

        snprintf(reference, sizeof reference, "\r\nX-Concernd-Reference: D-%03zu", i);
        assert_non_null(strstr(said_to("one@h.example", i + 1, end_of_silence), reference));
    }
}

/* What is too much at a time is held as it comes, and put together once, at the end. */
static void a_flood_is_held_as_it_comes(void **state)
{
    struct bench *bench = *state;
    struct came came;

    open_deaf(bench);
    silence(bench, "route:email", end_of_silence);
    raise_in_one_turn(bench, MANY);
    check_held(bench, MANY); /* the other agency's are webhooks */
    go_on(bench, "2027-02-09T11:00:00Z");
    check_held(bench, MANY + 1); /* but their list is a mail */
    assert_int_equal(took("phone") + took("manager@c.example"), 0);
    go_on(bench, "2027-02-09T13:00:00Z");
    came = check_told("one@h.example", MANY);
    assert_true(came.alone <= GATHER_ALONE_MAX && came.lists <= 2);
    came = check_told("manager@c.example", MANY);
    assert_true(came.alone == 0 && came.lists == 1);
    assert_int_equal(took("phone"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

static void a_days_list_is_held_as_one(void **state)
{
    struct bench *bench = *state;
    struct came came;

    open_world_of(bench, directory_with("\"email:two@h.example\"]",
                                        "\"email:two@h.example\"], ordinary: daily 11:00"));
    raise_many(bench, 5);
    silence(bench, "route:email", end_of_silence);
    go_on(bench, "2027-02-09T11:59:59Z");
    check_held(bench, 1);
    go_on(bench, end_of_silence);
    came = check_told("one@h.example", 5);
    assert_int_equal(came.lists, 1);
    assert_int_equal(came.alone, 0);
}

/* --- what was tried before */

static void what_failed_by_several_ways_comes_once_to_each(void **state)
{
    enum { SOME = 30 };
    struct bench *bench = *state;
    struct came came;

    open_deaf(bench);
    other_sides.busy[0] = "one@h.example";
    other_sides.busy[1] = "two@h.example";
    other_sides.busy[2] = "deputy@h.example";
    raise_many(bench, SOME);
    go_on(bench, "2027-02-09T10:22:00Z");
    silence(bench, "route:email", "2027-02-09T16:00:00Z");
    go_on(bench, "2027-02-09T15:59:59Z");
    check_held(bench, 3 * SOME);
    other_sides.busy[0] = NULL;
    go_on(bench, "2027-02-09T18:00:00Z");
    came = check_told("one@h.example", SOME);
    assert_true(came.alone == 0 && came.lists == 1);
    came = check_told("deputy@h.example", SOME);
    assert_true(came.alone <= GATHER_ALONE_MAX && came.lists == 1);
    assert_int_equal(took("two@h.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

/* It has the id by which it is known there; in a list nobody would see that it is the same. */
static void what_may_have_arrived_goes_as_itself(void **state)
{
    enum { SOME = 40 };
    struct bench *bench = *state;
    struct came came;

    open_deaf(bench);
    other_sides.busy[0] = "one@h.example";
    other_sides.breaks_off = true;
    raise_number(bench, 0);
    assert_int_equal(other_sides.tries, 1);
    silence(bench, "person:h.manager", end_of_silence);
    other_sides.busy[0] = NULL;
    raise_from(bench, 1, SOME);
    go_on(bench, "2027-02-09T10:30:00Z");
    check_held(bench, SOME);
    go_on(bench, "2027-02-09T13:00:00Z");
    came = check_told("one@h.example", SOME);
    assert_true(came.alone >= 1 && came.alone <= GATHER_ALONE_MAX);
    assert_non_null(
        strstr(said_to("one@h.example", 1, end_of_silence), "\r\nX-Concernd-Reference: D-000\r\n"));
    assert_int_equal(recorded(bench, "gathered"), SOME - came.alone);
}

/* --- what changes meanwhile */

static void goes_to_the_address_he_has_then(void **state)
{
    struct bench *bench = *state;

    open_deaf(bench);
    silence(bench, "route:email", end_of_silence);
    raise_many(bench, 2);
    bench->now = bench_at("2027-02-09T11:00:00Z");
    reload(bench, directory_with("email:one@h.example", "email:new@h.example"));
    check_held(bench, 2);
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_int_equal(took("new@h.example"), 2); /* each told anew (engine_forward.c) */
    assert_non_null(strstr(said_to("new@h.example", 1, end_of_silence), "ref D-000 "));
    assert_non_null(strstr(said_to("new@h.example", 2, end_of_silence), "ref D-001 "));
    assert_int_equal(took("one@h.example"), 0);
}

/* What is so no more is not told as if it were: it stands in a list, with what has come about. */
static void check_overtaken(struct bench *bench, bool restart)
{
    size_t lists = 0, ended = 0;

    open_deaf(bench);
    silence(bench, "person:h.manager", end_of_silence);
    raise_many(bench, 4);
    bench->now = bench_at("2027-02-09T11:00:00Z");
    give(bench, "withdrawn", "D-001", "{\"reason\":\"Settled.\",\"by\":{\"agency\":\"housing\"}}");
    give(bench, "stage.unresolved", "D-002", "{\"by\":{\"agency\":\"housing\"}}");
    world.restart = restart;
    go_on(bench, "2027-02-09T13:00:00Z");
    for (size_t i = 1; i <= took("one@h.example"); i++) {
        const char *text = said_to("one@h.example", i, end_of_silence);

        assert_null(strstr(text, "Stage 1 begins - ref D-001"));
        assert_null(strstr(text, "Stage 1 begins - ref D-002"));
        ended += strstr(text, "Withdrawn - ref D-001") != NULL; /* the last word goes as itself */
        if (!strstr(text, "Subject: [Digest] 2 notifications "))
            continue;
        lists++;
        assert_non_null(strstr(text, "- D-001 (withdrawn since)\r\n"));
        assert_non_null(strstr(text, "- D-002 (Stage 1: no longer running)\r\n"));
    }
    assert_int_equal(lists, 1);
    assert_int_equal(ended, 1);
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 2);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    assert_int_equal(recorded(bench, "let_go"), recorded(bench, "held"));
    assert_int_equal(recorded(bench, "escalated") + recorded(bench, "undelivered"), 0);
}

static void what_was_overtaken_says_so(void **state)
{
    check_overtaken(*state, false);
}

static void and_over_lost_turns(void **state)
{
    check_overtaken(*state, true);
}

/* They were tried, and while they wait he is nowhere any more where a list can go. */
static void who_can_have_no_list_has_each_by_another_way(void **state)
{
    enum { SOME = GATHER_ALONE_MAX + 2 };
    struct bench *bench = *state;
    size_t tries;

    open_deaf(bench);
    other_sides.busy[0] = "one@h.example";
    raise_many(bench, SOME);
    silence(bench, "agency:housing", end_of_silence);
    tries = other_sides.tries;
    assert_true(tries >= SOME);
    go_on(bench, "2027-02-09T12:00:10Z");
    check_held(bench, 0);
    assert_int_equal(other_sides.tries, tries);
    forget_taken();
    reload(bench, directory_with("[\"email:one@h.example\", \"email:two@h.example\"]",
                                 "[\"webhook:phone\"]"));
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_int_equal(took("phone"), SOME);
    assert_int_equal(world.taken_count, SOME);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    assert_int_equal(in_state(bench, OUTBOX_REFUSED), SOME);
}

static void a_new_silence_holds_the_list(void **state)
{
    struct bench *bench = *state;
    struct came came;

    open_deaf(bench);
    silence(bench, "route:email", "2027-02-09T11:00:00Z");
    raise_many(bench, MANY);
    go_on(bench, "2027-02-09T11:00:10Z");
    silence(bench, "route:email", end_of_silence);
    go_on(bench, "2027-02-09T11:59:59Z");
    assert_true(took("one@h.example") <= GATHER_ALONE_MAX);
    go_on(bench, "2027-02-09T13:00:00Z");
    came = check_told("one@h.example", MANY);
    assert_true(came.alone <= GATHER_ALONE_MAX && came.lists <= 3);
    check_held(bench, 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

/* --- the disk fails while they are let go */

static int with_breaking_disk(void **state)
{
    int answer = bench_begin(state);

    ((struct bench *)*state)->vfs = "fault";
    return answer;
}

enum { HELD = GATHER_ALONE_MAX + 2 };

/* The turn that lets go and the one that makes the list; false where none of their writes was
 * the one that was to fail. */
static bool breaks_at(struct bench *bench, long operation)
{
    bool more, broke;

    bench_forget(bench);
    bench->say_count = 0;
    fault.at = 0;
    open_deaf(bench);
    silence(bench, "person:h.manager", end_of_silence);
    raise_in_one_turn(bench, HELD);
    check_held(bench, HELD);
    fault.count = fault.failed = 0;
    fault.at = operation;
    for (int turn = 0; turn < 2 && fault.failed == 0; turn++) {
        bench->now = bench_at(turn == 0 ? end_of_silence : "2027-02-09T12:00:30Z");
        if (engine_begin(bench->engine, bench->now) == 0 && engine_pass(bench->engine, &more) == 0)
            (void)engine_commit(bench->engine);
    }
    broke = fault.failed > 0;
    fault.at = 0;
    start_again(bench);
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_int_equal(check_told("one@h.example", HELD).lists, 1);
    assert_int_equal(check_told("manager@c.example", HELD).lists, 1); /* who was not held */
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 2 * HELD);
    assert_int_equal(recorded(bench, "let_go"), HELD);
    assert_int_equal(recorded(bench, "gathered"), 2 * HELD);
    bench_stop(bench);
    policy_close(&bench->policy);
    return broke;
}

/* Some of the writes, others for each kind of failure; CONCERN_LONG: every one in every way. */
static void a_power_cut_neither_loses_nor_doubles(void **state)
{
    const long stride = getenv("CONCERN_LONG") ? 1 : 29;
    long operation = 1;

    for (int kind = FAULT_BEFORE; kind <= FAULT_HALF; kind++) {
        fault.kind = (enum fault_kind)kind;
        operation = stride == 1 ? 1 : 1 + kind - FAULT_BEFORE;
        while (breaks_at(*state, operation))
            operation += stride;
        assert_true(operation > 100);
    }
    print_message("    about %ld writes, each %ld.\n", operation - 1, stride);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        TEST(a_hundred_are_few_messages),
        TEST(restarts_and_lost_turns_change_nothing),
        TEST(a_few_go_as_themselves),
        TEST(a_flood_is_held_as_it_comes),
        TEST(a_days_list_is_held_as_one),
        TEST(what_failed_by_several_ways_comes_once_to_each),
        TEST(what_may_have_arrived_goes_as_itself),
        TEST(goes_to_the_address_he_has_then),
        TEST(what_was_overtaken_says_so),
        TEST(and_over_lost_turns),
        TEST(who_can_have_no_list_has_each_by_another_way),
        TEST(a_new_silence_holds_the_list),
        cmocka_unit_test_setup_teardown(a_power_cut_neither_loses_nor_doubles, with_breaking_disk,
                                        end_bench),
    };

    fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
