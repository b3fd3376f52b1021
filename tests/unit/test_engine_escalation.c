/* test_engine_escalation.c - nobody takes a delivery: the next route, the deputy, people; once.
 *
 * P3 I6: 0 silent.  What the other sides answer is set for each address; the clock is simulated,
 * and in some tests engine and store are stopped and started at every step.
 */
#include "escalation_bench.h"

static const struct answer housing_is_busy[] = { { "one@h.example", DELIVERY_LATER, 451, false },
                                                 { "two@h.example", DELIVERY_LATER, 451, false },
                                                 { "night@h.example", DELIVERY_LATER, 451, false },
                                                 { 0 } };

static void check_ladder(struct bench *bench)
{
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, housing_is_busy);
    assert_int_equal(took("manager@c.example"), 1);
    go_on(bench, "2027-02-09T10:29:59Z");
    assert_int_equal(recorded(bench, "escalated"), 2); /* the second route, and the night's */
    assert_int_equal(took("deputy@h.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
    /* At half an hour the deputy's turn comes, and people are told. */
    go_on(bench, "2027-02-09T10:30:00Z");
    assert_string_equal(when("deputy@h.example", text), "2027-02-09T10:30:00Z");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(recorded(bench, "escalated"), 3);
    assert_int_equal(counts_of(bench).undelivered, 0);
    assert_non_null(strstr(said_to("deputy@h.example"), "SENT BY ANOTHER WAY AS WELL"));
    assert_non_null(strstr(said_to("deputy@h.example"), "you are the deputy"));
    assert_null(strstr(said_to("manager@c.example"), "SENT BY ANOTHER WAY"));
    /* Everybody else was told once, as ever. */
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(took("care-system"), 1);
}

static void goes_by_the_next_route_then_to_the_deputy(void **state)
{
    check_ladder(*state);
}

static void restarts_and_lost_turns_change_nothing(void **state)
{
    world.restart = true;
    check_ladder(*state);
}

static void acceptance_by_any_route_ends_it(void **state)
{
    static const struct answer one_is_busy[] = { { "one@h.example", DELIVERY_LATER, 451, false },
                                                 { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, one_is_busy);
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_string_equal(when("two@h.example", text), "2027-02-09T10:10:00Z");
    assert_int_equal(took("two@h.example"), 1);
    assert_int_equal(took("deputy@h.example") + took("night@h.example"), 0);
    assert_int_equal(took("unit@board.example") + took("operator@board.example"), 0);
    assert_int_equal(recorded(bench, "escalated"), 1);
    assert_int_equal(recorded(bench, "undelivered"), 0);
    /* The first one is tried on, and comes when it can. */
    answers = NULL;
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("two@h.example"), 1);
}

static void first_route_in_time_needs_no_other(void **state)
{
    static const struct answer one_is_busy[] = { { "one@h.example", DELIVERY_LATER, 451, false },
                                                 { 0 } };
    struct bench *bench = *state;

    open_and_raise(bench, one_is_busy);
    /* The try after this one comes five minutes from the first, a fifth more or less. */
    go_on(bench, "2027-02-09T10:03:00Z");
    answers = NULL;
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("two@h.example") + took("deputy@h.example"), 0);
    assert_int_equal(recorded(bench, "escalated"), 0);
}

static void what_is_refused_goes_on_at_once(void **state)
{
    static const struct answer refused[] = { { "one@h.example", DELIVERY_REFUSED, 550, false },
                                             { "two@h.example", DELIVERY_REFUSED, 550, false },
                                             { "night@h.example", DELIVERY_LATER, 0, true },
                                             { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, refused);
    /* Refused twice, then a setting that is wrong: the deputy has it in the same second. */
    assert_string_equal(when("deputy@h.example", text), "2027-02-09T10:00:00Z");
    assert_int_equal(took("unit@board.example"), 0);
    /* Each address that is wrong is the operator's to put right: the first at once, then a list. */
    assert_int_equal(took("operator@board.example"), 1);
    go_on(bench, "2027-02-09T10:00:30Z");
    assert_int_equal(took("operator@board.example"), 2);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

/* Eight routes by day and eight by night, the most that a directory may give, and a deputy. */
static void who_has_many_routes_has_a_deputy_too(void **state)
{
    static const char *const kinds[] = { "d", "n" };
    struct answer given[17] = { 0 };
    char addresses[16][32], lists[2][300] = { "", "" }, people[sizeof directory + 1000];
    const char *manager = strstr(directory, "  h.manager: "), *deputy = strstr(manager, "  h.dep");
    struct bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        char *list = lists[i / 8];

        snprintf(addresses[i], sizeof addresses[0], "%s%zu@h.example", kinds[i / 8], i % 8);
        snprintf(list + strlen(list), sizeof lists[0] - strlen(list), "%s\"email:%s\"",
                 i % 8 ? ", " : "", addresses[i]);
        given[i] = (struct answer){ addresses[i], DELIVERY_REFUSED, 550, false };
    }
    snprintf(people, sizeof people,
             "%.*s  h.manager: {name: H, routes: [%s],\n    out_of_hours: [%s]}\n%s",
             (int)(manager - directory), directory, lists[0], lists[1], deputy);
    open_and_raise_at(bench, people, "2027-02-09T10:00:00Z", given);
    assert_int_equal(recorded(bench, "escalated"), 16);
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(took("unit@board.example"), 0);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

/* Care's manager leaves while nobody has accepted what he was told: whoever follows is told. */
static void check_who_follows(struct bench *bench, const char *route, const char *recipient)
{
    const struct answer given[] = { { recipient, DELIVERY_LATER, 503, false }, { 0 } };
    const char *of_manager = "c.manager: {name: C, routes: [\"email:manager@c.example\"]}";
    const char *at = strstr(directory, of_manager);
    char before[sizeof directory + 100], after[sizeof directory + 100], *name;
    struct policy *old;

    snprintf(before, sizeof before, "%.*sc.manager: {name: C, routes: [\"%s\"]}%s",
             (int)(at - directory), directory, route, at + strlen(of_manager));
    open_and_raise_at(bench, before, "2027-02-09T10:00:00Z", given);
    snprintf(after, sizeof after, "%s", directory);
    while ((name = strstr(after, "c.manager")))
        memcpy(name, "c.follows", strlen("c.follows"));
    bench_write(bench, "directory.yaml", after);
    old = bench->policy;
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&old);
    go_on(bench, "2027-02-09T11:00:00Z");
}

static void who_follows_is_told(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    check_who_follows(bench, "email:left@c.example", "left@c.example");
    assert_string_equal(when("manager@c.example", text), "2027-02-09T10:10:00Z");
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void who_follows_is_told_by_whatever_route_it_was(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    check_who_follows(bench, "webhook:worker", "worker");
    assert_string_equal(when("manager@c.example", text), "2027-02-09T10:10:00Z");
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void nobody_left_is_told_to_people_at_once(void **state)
{
    static const struct answer refused[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                             { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, refused);
    assert_string_equal(when("unit@board.example", text), "2027-02-09T10:00:00Z");
    assert_int_equal(took("unit2@board.example"), 1);    /* by all of its routes */
    assert_int_equal(took("operator@board.example"), 2); /* of the address, and of the list */
    assert_non_null(strstr(said_to("unit@board.example"), "D1, to the role line_manager"));
    assert_null(strchr(strstr(said_to("unit@board.example"), "\r\n\r\n"), '@')); /* no address */
    assert_int_equal(counts_of(bench).undelivered, 1);
    assert_int_equal(counts_of(bench).unheard, 0);
    assert_int_equal(recorded(bench, "undelivered"), 1);
    go_on(bench, "2027-02-12T10:00:00Z");
    assert_int_equal(took("unit@board.example"), 1);
    assert_int_equal(recorded(bench, "undelivered"), 1);
}

/* The board's team has routes for the night as everybody has. */
static void the_team_is_told_at_night_where_it_is(void **state)
{
    static const struct answer refused[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                             { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise_at(bench, directory, "2027-02-09T22:00:00Z", refused);
    assert_string_equal(when("duty@board.example", text), "2027-02-09T22:00:00Z");
    assert_int_equal(took("duty2@board.example"), 1); /* by all of this hour */
    assert_int_equal(took("operator@board.example"), 2);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("duty@board.example"), 1);
    assert_int_equal(took("unit@board.example") + took("unit2@board.example"), 0);
}

/* Nobody accepts it there: then by those of the day, in the night too. */
static void the_team_is_told_by_every_route_it_has(void **state)
{
    static const struct answer refused[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                             { "duty@board.example", DELIVERY_REFUSED, 550, false },
                                             { "duty2@board.example", DELIVERY_LATER, 451, false },
                                             { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise_at(bench, directory, "2027-02-09T22:00:00Z", refused);
    go_on(bench, "2027-02-10T08:00:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T22:02:00Z");
    assert_int_equal(took("unit@board.example"), 1);
    assert_int_equal(took("unit2@board.example"), 0);
    assert_int_equal(counts_of(bench).unheard, 0);
}

static void after_half_an_hour_people_are_told_once(void **state)
{
    static const struct answer slow[] = { { "manager@c.example", DELIVERY_LATER, 0, false },
                                          { "care-system", DELIVERY_LATER, 503, false },
                                          { 0 } };
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, slow);
    go_on(bench, "2027-02-09T10:29:59Z");
    assert_int_equal(took("unit@board.example"), 0);
    go_on(bench, "2027-02-10T10:00:00Z");
    assert_string_equal(when("unit@board.example", text), "2027-02-09T10:30:00Z");
    assert_string_equal(when("operator2@board.example", text), "2027-02-09T10:30:00Z");
    assert_int_equal(took("unit@board.example"), 1);
    /* The person and the case system, in one message; of the system the board need not know. */
    assert_int_equal(took("operator@board.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 2);
    answers = NULL;
    go_on(bench, "2027-02-10T16:00:00Z");
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
}

static void urgent_has_two_minutes(void **state)
{
    struct bench *bench = *state;
    char text[ZONE_TIME_SIZE];

    open_and_raise(bench, NULL);
    go_on(bench, "2027-02-09T11:00:00Z");
    answers = housing_is_busy;
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_string_equal(when("deputy@h.example", text), "2027-02-09T11:06:00Z");
    assert_int_equal(took("unit@board.example"), 0);
}

static void an_endpoint_that_is_gone_is_no_route(void **state)
{
    static const struct answer gone[] = { { "worker", DELIVERY_REFUSED, 410, false }, { 0 } };
    struct bench *bench = *state;

    open_and_raise(bench, gone);
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    go_on(bench, "2027-02-09T11:00:00Z");
    give(bench, "risk.changed", "D1", "{\"risk\":\"significant\"}");
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    go_on(bench, "2027-02-09T12:00:00Z");
    /* He is told each time, by mail; the operator hears of the endpoint once. */
    assert_int_equal(took("worker@c.example"), 2);
    assert_int_equal(took("operator@board.example"), 1);
    assert_non_null(strstr(said_to("operator@board.example"), "gone for good (410)"));
    assert_int_equal(recorded(bench, "escalated"), 1); /* from the second on it was not asked */
    /* After a reload somebody may have put it right. */
    engine_set_policy(bench->engine, bench->policy);
    answers = NULL;
    give(bench, "risk.changed", "D1", "{\"risk\":\"significant\"}");
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(took("worker@c.example"), 2);
    assert_int_equal(took("worker"), 1);
}

/* The operator's own webhook: he hears of it by his mail, and it is not asked again for him. */
static void an_endpoint_of_the_operator_that_is_gone_is_no_route(void **state)
{
    static const struct answer gone[] = { { "alarms", DELIVERY_REFUSED, 410, false },
                                          { "one@h.example", DELIVERY_REFUSED, 550, false },
                                          { 0 } };
    static const struct answer nobody[] = { { "alarms", DELIVERY_REFUSED, 410, false },
                                            { "*", DELIVERY_LATER, 451, false },
                                            { 0 } };
    struct bench *bench = *state;
    char own[sizeof directory + 200];
    const char *at = strstr(directory, "operator: [");

    snprintf(own, sizeof own,
             "%.*s  alarms: {kind: webhook, url: \"https://alarms.board.example/\", secret: a}\n"
             "operator: [\"webhook:alarms\", \"email:operator@board.example\"]\n",
             (int)(at - directory), directory);
    watched = "alarms";
    open_and_raise_at(bench, own, "2027-02-09T10:00:00Z", gone);
    go_on(bench, "2027-02-09T11:00:00Z");
    assert_int_equal(asked, 1);
    assert_non_null(strstr(said_to("operator@board.example"), "The endpoint alarms of the "));
    assert_int_equal(took("operator@board.example"), 2); /* of the refusal, and of the endpoint */
    /* Nor for the next alarm, nor for one that goes by all of his routes. */
    answers = nobody;
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_true(recorded(bench, "undelivered") > 0);
    assert_int_equal(asked, 1);
}

static size_t redrive(struct bench *bench, const char *id, const char *reference)
{
    struct engine_redrive again = {
        .id = id, .board = "board", .reference = reference, .by = "uid 1000"
    };

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &again), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    return again.count;
}

/* Nothing that a case system would have been told is lost, and nobody asks it in vain. */
static void a_case_system_that_is_gone_is_asked_once(void **state)
{
    static const struct answer gone[] = { { "care-system", DELIVERY_REFUSED, 410, false }, { 0 } };
    struct bench *bench = *state;

    watched = "care-system";
    open_and_raise(bench, gone);
    assert_int_equal(asked, 1);
    assert_int_equal(took("operator@board.example"), 1); /* of the endpoint */
    /* To the manager and the worker of its side. */
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took("manager@c.example"), 2);
    assert_int_equal(took("worker"), 1);
    assert_int_equal(asked, 1);
    assert_int_equal(counts_of(bench).undelivered, 3);
    assert_int_equal(counts_of(bench).to_systems, 3); /* nobody was not told */
    assert_int_equal(took("operator@board.example"), 1);
    assert_int_equal(took("unit@board.example"), 0);
    /* It was put right. */
    engine_set_policy(bench->engine, bench->policy);
    answers = NULL;
    assert_int_equal(redrive(bench, NULL, NULL), 3);
    assert_int_equal(took("care-system"), 3);
    assert_int_equal(counts_of(bench).undelivered, 0);
    give(bench, "risk.changed", "D1", "{\"risk\":\"significant\"}");
    give(bench, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(took("care-system"), 5);
}

static void what_was_refused_is_sent_again(void **state)
{
    static const struct answer refused[] = { { "manager@c.example", DELIVERY_REFUSED, 550, false },
                                             { "one@h.example", DELIVERY_REFUSED, 550, false },
                                             { 0 } };
    struct bench *bench = *state;

    open_and_raise(bench, refused);
    assert_int_equal(took("two@h.example"), 1);
    go_on(bench, "2027-02-09T12:00:00Z");
    /* Still refused: it is asked once more, and people know already. */
    assert_int_equal(redrive(bench, NULL, "D1"), 1);
    go_on(bench, "2027-02-09T13:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 1);
    assert_int_equal(took("unit@board.example"), 1);
    answers = NULL;
    assert_int_equal(redrive(bench, NULL, "D-unknown"), 0);
    assert_int_equal(redrive(bench, NULL, NULL), 1);
    assert_int_equal(took("manager@c.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
    /* What another route accepted is not sent again. */
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(redrive(bench, NULL, NULL), 0);
    assert_int_equal(redrive(bench, NULL, "D1"), 0);
    assert_int_equal(recorded(bench, "redrive"), 1); /* of D1 by name; the other is the daemon's */
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("manager@c.example"), 1);
}

static void what_nobody_takes_again_goes_on(void **state)
{
    static const struct answer refused[] = { { "one@h.example", DELIVERY_REFUSED, 550, false },
                                             { "two@h.example", DELIVERY_REFUSED, 550, false },
                                             { "night@h.example", DELIVERY_REFUSED, 550, false },
                                             { "deputy@h.example", DELIVERY_REFUSED, 550, false },
                                             { 0 } };
    static const struct answer busy[] = { { "one@h.example", DELIVERY_LATER, 451, false },
                                          { "two@h.example", DELIVERY_LATER, 451, false },
                                          { "night@h.example", DELIVERY_LATER, 451, false },
                                          { 0 } };
    struct bench *bench = *state;

    open_and_raise(bench, refused);
    assert_int_equal(counts_of(bench).undelivered, 1);
    go_on(bench, "2027-02-09T11:00:00Z");
    answers = busy;
    assert_int_equal(redrive(bench, NULL, "D1"), 4);
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(counts_of(bench).undelivered, 0);
    go_on(bench, "2027-02-09T14:00:00Z");
    assert_int_equal(took("deputy@h.example"), 1);
    assert_int_equal(took("unit@board.example"), 1);
}

/* The mail server is down for two hours: everything is late, nothing is silent, nothing doubled. */
static void all_of_it_fails(void **state)
{
    static const struct answer dead[] = { { "*", DELIVERY_LATER, 0, false }, { 0 } };
    struct bench *bench = *state;

    open_and_raise(bench, dead);
    go_on(bench, "2027-02-09T10:59:00Z");
    assert_int_equal(world.taken_count, 0);
    assert_int_equal(counts_of(bench).undelivered, 3); /* two managers and a case system */
    assert_int_equal(counts_of(bench).to_systems, 1);
    assert_int_equal(counts_of(bench).unheard, 0);
    go_on(bench, "2027-02-09T11:59:00Z");
    assert_int_equal(counts_of(bench).unheard, 2); /* the board and the operator: nobody knows */
    answers = NULL;
    go_on(bench, "2027-02-09T15:00:00Z");
    assert_int_equal(counts_of(bench).undelivered, 0);
    for (size_t i = 0; i < world.taken_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(world.taken[i].id, world.taken[j].id);
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(took("unit@board.example"), 1);
    assert_int_equal(took("operator@board.example"), 1);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, begin_bench, end_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(goes_by_the_next_route_then_to_the_deputy),
        WITH_BENCH(restarts_and_lost_turns_change_nothing),
        WITH_BENCH(acceptance_by_any_route_ends_it),
        WITH_BENCH(first_route_in_time_needs_no_other),
        WITH_BENCH(what_is_refused_goes_on_at_once),
        WITH_BENCH(who_has_many_routes_has_a_deputy_too),
        WITH_BENCH(who_follows_is_told),
        WITH_BENCH(who_follows_is_told_by_whatever_route_it_was),
        WITH_BENCH(nobody_left_is_told_to_people_at_once),
        WITH_BENCH(the_team_is_told_at_night_where_it_is),
        WITH_BENCH(the_team_is_told_by_every_route_it_has),
        WITH_BENCH(after_half_an_hour_people_are_told_once),
        WITH_BENCH(urgent_has_two_minutes),
        WITH_BENCH(an_endpoint_that_is_gone_is_no_route),
        WITH_BENCH(an_endpoint_of_the_operator_that_is_gone_is_no_route),
        WITH_BENCH(a_case_system_that_is_gone_is_asked_once),
        WITH_BENCH(what_was_refused_is_sent_again),
        WITH_BENCH(what_nobody_takes_again_goes_on),
        WITH_BENCH(all_of_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
