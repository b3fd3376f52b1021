/* test_engine_undelivered.c - nobody accepted it by any route: who is told of that, and by which.
 *
 * What the other sides answer is set for each address; the clock is simulated.
 */
#include "escalation_bench.h"

static const struct answer refused[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                         { 0 } };

/* The directory with `new` in the place of `old`, which is in it. */
static const char *directory_with(const char *of, const char *old, const char *new)
{
    static char written[2][sizeof directory + 2000];
    static size_t which;
    const char *at = strstr(of, old);
    char *to = written[which++ % 2];

    assert_non_null(at);
    snprintf(to, sizeof written[0], "%.*s%s%s", (int)(at - of), of, new, at + strlen(old));
    return to;
}

/* --- the operator */

static void the_operator_is_told_by_all_his_routes(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, refused);
    /* That an address is wrong, by one; that nobody was reached at all, by each. */
    assert_int_equal(took("operator@board.example"), 2);
    assert_int_equal(took("operator2@board.example"), 1);
    assert_string_equal(when("operator2@board.example", text), "2027-02-09T10:00:00Z");
    assert_non_null(strstr(said_to("operator2@board.example"), "D1, to the role line_manager"));
    go_on(bench, "2027-02-10T10:00:00Z");
    assert_int_equal(took("operator2@board.example"), 1);
}

static void he_is_told_where_his_first_route_is_dead(void **state)
{
    static const struct answer given[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                           { "operator@board.example", DELIVERY_LATER, 451, false },
                                           { "unit@board.example", DELIVERY_LATER, 451, false },
                                           { "unit2@board.example", DELIVERY_LATER, 451, false },
                                           { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, given);
    assert_string_equal(when("operator2@board.example", text), "2027-02-09T10:00:00Z");
    assert_non_null(strstr(said_to("operator2@board.example"), "Nobody has accepted"));
}

/* --- a board's team */

static const char unit_alone[] = "board_team: {holder: unit}";
static const char with_deputy[] = "board_team: {holder: unit, deputy: h.head}";

static void a_board_that_does_not_hear_has_a_deputy(void **state)
{
    static const struct answer given[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                           { "unit@board.example", DELIVERY_LATER, 451, false },
                                           { "unit2@board.example", DELIVERY_LATER, 451, false },
                                           { "duty@board.example", DELIVERY_LATER, 451, false },
                                           { "duty2@board.example", DELIVERY_LATER, 451, false },
                                           { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise_at(bench, directory_with(directory, unit_alone, with_deputy),
                      "2027-02-09T10:00:00Z", given);
    go_on(bench, "2027-02-09T11:00:00Z");
    /* Two minutes for each that follows the first two, which are told at once. */
    assert_string_equal(when("head@h.example", text), "2027-02-09T10:06:00Z");
    assert_non_null(strstr(said_to("head@h.example"), "D1, to the role line_manager"));
    assert_int_equal(took("head@h.example"), 1);
    assert_int_equal(counts_of(bench).unheard, 0);
}

static const char one_board[] = "    roles: {board_team: {holder: unit}}\n";
static const char two_boards[] = "    roles: {board_team: {holder: unit}}\n"
                                 "  second:\n"
                                 "    name: Second Board\n"
                                 "    procedures: [plcsab-adults]\n"
                                 "    roles: {board_team: {holder: unit, deputy: h.head}}\n";

static void raise_at_both(struct bench *bench, const struct answer *given)
{
    static const char *const of[][2] = { { "D1", "board" }, { "D2", "second" } };
    char data[200];

    answers = given;
    world.judge = judge;
    bench_open(bench, directory_with(directory, one_board, two_boards), "2027-02-09T10:00:00Z");
    for (size_t i = 0; i < COUNT_OF(of); i++) {
        snprintf(data, sizeof data,
                 "{\"board\":\"%s\",\"procedure\":\"plcsab-adults\",\"challenging\":"
                 "{\"agency\":\"housing\"},\"challenged\":[{\"agency\":\"care\"}]}",
                 of[i][1]);
        give(bench, "disagreement.raised", of[i][0], data);
    }
}

static void one_person_is_told_for_each_of_two_boards(void **state)
{
    static const struct answer slow[] = { { "manager@c.example", DELIVERY_LATER, 451, false },
                                          { 0 } };
    struct bench *bench = *state;
    size_t told = 0;

    raise_at_both(bench, slow);
    go_on(bench, "2027-02-09T10:31:00Z");
    assert_int_equal(counts_of(bench).undelivered, 2);
    assert_int_equal(took("unit@board.example"), 2);
    for (size_t i = 0; i < world.taken_count; i++) {
        const char *text = world.taken[i].text;

        if (strcmp(world.taken[i].recipient, "unit@board.example") == 0)
            told += strstr(text, "- D1, to") ? 1 : strstr(text, "- D2, to") ? 10 : 100;
    }
    assert_int_equal(told, 11); /* each board's own, in a message of its own */
}

/* The deputy that the other board has is no deputy of this one. */
static void a_deputy_hears_of_his_own_board(void **state)
{
    static const struct answer given[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                           { "unit@board.example", DELIVERY_LATER, 451, false },
                                           { "unit2@board.example", DELIVERY_LATER, 451, false },
                                           { "duty@board.example", DELIVERY_LATER, 451, false },
                                           { "duty2@board.example", DELIVERY_LATER, 451, false },
                                           { 0 } };
    struct bench *bench = *state;

    raise_at_both(bench, given);
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(took("head@h.example"), 1);
    assert_non_null(strstr(said_to("head@h.example"), "- D2, to"));
    assert_null(strstr(said_to("head@h.example"), "- D1, to"));
    assert_int_equal(counts_of(bench).unheard, 1);
}

/* Half past midnight in summer, which is the day before in UTC. */
static void who_is_back_today_is_told_from_midnight(void **state)
{
    struct bench *bench = *state;
    const char *people = directory_with(directory, unit_alone, with_deputy);

    people =
        directory_with(people, "unit: {name: U, ", "unit: {name: U, away: {until: 2027-06-10}, ");
    open_and_raise_at(bench, people, "2027-06-09T23:30:00Z", refused);
    assert_int_equal(took("duty@board.example"), 1);
    assert_int_equal(took("head@h.example"), 0);
}

/* --- several roles */

/* One is the line manager of both agencies, and has a deputy in each. */
static const char *in_two_roles(void)
{
    return directory_with(
        directory_with(directory, "line_manager: {holder: h.manager, deputy: h.deputy}",
                       "line_manager: {holder: c.manager, deputy: h.deputy}"),
        "line_manager: {holder: c.manager}", "line_manager: {holder: c.manager, deputy: c.worker}");
}

static void each_role_has_its_deputy(void **state)
{
    struct bench *bench = *state;

    open_and_raise_at(bench, in_two_roles(), "2027-02-09T10:00:00Z", refused);
    /* The first accepts it in the same second, and so does the other. */
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(took("worker"), 1);
    assert_int_equal(recorded(bench, "escalated"), 2);
    assert_non_null(strstr(said_to("deputy@h.example"), "Invented Housing"));
    assert_non_null(strstr(said_to("deputy@h.example"), "you are the deputy"));
    assert_null(strstr(said_to("deputy@h.example"), "Also as"));
    assert_null(strstr(said_to("worker"), "\"also\""));
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(took("worker"), 1);
    assert_int_equal(took("worker@c.example") + took("unit@board.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void who_accepts_later_leaves_the_other_his_time(void **state)
{
    static const struct answer given[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                           { "worker", DELIVERY_LATER, 503, false },
                                           { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise_at(bench, in_two_roles(), "2027-02-09T10:00:00Z", given);
    assert_int_equal(took("deputy@h.example"), 1);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_string_equal(when("worker@c.example", text), "2027-02-09T10:10:00Z");
    assert_int_equal(took("unit@board.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

/* In one of the roles nobody is reached: that is told, of that one. */
static void a_role_that_nobody_heard_in_is_told(void **state)
{
    static const struct answer given[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                           { "worker", DELIVERY_REFUSED, 400, false },
                                           { "worker@c.example", DELIVERY_LATER, 451, false },
                                           { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise_at(bench, in_two_roles(), "2027-02-09T10:00:00Z", given);
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T10:30:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    answers = NULL;
    go_on(bench, "2027-02-09T15:00:00Z");
    assert_int_equal(took("worker@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
    assert_int_equal(took("deputy@h.example"), 1);
}

/* --- put right */

static const struct answer dead[] = { { "manager@c.example", DELIVERY_LATER, 451, false }, { 0 } };

static void reload(struct bench *bench, const char *people)
{
    struct policy *old = bench->policy;

    bench_write(bench, "directory.yaml", people);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&old);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_try_again(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
}

static const char one_route[] = "[\"email:manager@c.example\"]";
static const char two_routes[] = "[\"email:manager@c.example\", \"email:right@c.example\"]";

static void a_reload_brings_the_route_it_had_not(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, dead);
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    reload(bench, directory);
    go_on(bench, "2027-02-09T11:10:00Z");
    assert_int_equal(recorded(bench, "escalated"), 0);
    assert_int_equal(took("unit@board.example"), 1); /* and people hear of it once */
    reload(bench, directory_with(directory, one_route, two_routes));
    go_on(bench, "2027-02-09T11:30:00Z");
    assert_string_equal(when("right@c.example", text), "2027-02-09T11:10:00Z");
    assert_int_equal(counts_of(bench).undelivered, 0);
    assert_int_equal(took("unit@board.example"), 1);
}

static void a_reload_does_so_after_a_refusal(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, refused);
    reload(bench, directory_with(directory, one_route, two_routes));
    go_on(bench, "2027-02-09T10:01:00Z");
    assert_string_equal(when("right@c.example", text), "2027-02-09T10:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static size_t redrive(struct bench *bench, const char *id, const char *reference)
{
    struct engine_redrive again = {
        .id = id, .board = "board", .reference = reference, .by = "uid 1000"
    };

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &again), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    return again.count;
}

static bool note_id(void *context, const struct outbox_row *row)
{
    memcpy(context, row->id, DELIVERY_ID_SIZE);
    return true;
}

/* What is tried still, days of it left, is sent again where people know that nobody has it. */
static void what_is_undelivered_is_sent_again(void **state)
{
    struct bench *bench = *state;
    char id[DELIVERY_ID_SIZE] = "";

    watched = "manager@c.example";
    open_and_raise(bench, dead);
    go_on(bench, "2027-02-09T10:20:00Z");
    assert_int_equal(redrive(bench, NULL, "D1"), 0); /* nobody was told yet */
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(store_list_undelivered(bench->store, note_id, id), STORE_OK);
    asked = 0;
    assert_int_equal(redrive(bench, NULL, "D1"), 1);
    deliver(bench);
    assert_int_equal(asked, 1);
    assert_int_equal(redrive(bench, id, "D1"), 1);
    answers = NULL;
    deliver(bench);
    assert_int_equal(asked, 2);
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
    assert_int_equal(redrive(bench, id, "D1"), 0);
    assert_int_equal(took("unit@board.example"), 1);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, begin_bench, end_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_operator_is_told_by_all_his_routes),
        WITH_BENCH(he_is_told_where_his_first_route_is_dead),
        WITH_BENCH(a_board_that_does_not_hear_has_a_deputy),
        WITH_BENCH(one_person_is_told_for_each_of_two_boards),
        WITH_BENCH(a_deputy_hears_of_his_own_board),
        WITH_BENCH(who_is_back_today_is_told_from_midnight),
        WITH_BENCH(each_role_has_its_deputy),
        WITH_BENCH(who_accepts_later_leaves_the_other_his_time),
        WITH_BENCH(a_role_that_nobody_heard_in_is_told),
        WITH_BENCH(a_reload_brings_the_route_it_had_not),
        WITH_BENCH(a_reload_does_so_after_a_refusal),
        WITH_BENCH(what_is_undelivered_is_sent_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
