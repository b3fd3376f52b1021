/* test_escalation.c - when the next route is taken and people are told, row by row; and whose. */
#include "core/escalation.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROUTES_MOST = 40 };

static const struct escalation_waits waits = { 10 * MINUTE_US, 2 * MINUTE_US, 30 * MINUTE_US };

/* Instants are seconds from a start; the first delivery is of second 0. */
#define AT(s) ((struct instant){ INT64_C(1798131540000000) + (s)*SECOND_US })

enum { ACCEPTED = 1, HOPELESS = 2, ENDED = 4, ROUTE = 8, TOLD = 16 };

/* clang-format off */
static const struct {
    const char *name;
    enum priority priority;
    int64_t latest_s, now_s;
    unsigned how;
    int answer;
    int64_t next_s; /* of ESCALATION_WAIT */
} rows[] = {
    { "just queued, another route",      PRIORITY_NORMAL,    0,    0, ROUTE,                   ESCALATION_WAIT,   600 },
    { "just queued, no other route",     PRIORITY_NORMAL,    0,    0, 0,                       ESCALATION_WAIT,  1800 },
    { "urgent",                          PRIORITY_URGENT,    0,    0, ROUTE,                   ESCALATION_WAIT,   120 },
    { "immediate",                       PRIORITY_IMMEDIATE, 0,    0, ROUTE,                   ESCALATION_WAIT,   120 },
    { "urgent, no other route",          PRIORITY_URGENT,    0,    0, 0,                       ESCALATION_WAIT,  1800 },
    { "a second before",                 PRIORITY_NORMAL,    0,  599, ROUTE,                   ESCALATION_WAIT,   600 },
    { "ten minutes",                     PRIORITY_NORMAL,    0,  600, ROUTE,                   ESCALATION_CLIMB,    0 },
    { "urgent, two minutes",             PRIORITY_URGENT,    0,  120, ROUTE,                   ESCALATION_CLIMB,    0 },
    { "urgent, a second before",         PRIORITY_URGENT,    0,  119, ROUTE,                   ESCALATION_WAIT,   120 },
    { "the second route has ten too",    PRIORITY_NORMAL,  600,  600, ROUTE,                   ESCALATION_WAIT,  1200 },
    { "and then the third",              PRIORITY_NORMAL,  600, 1200, ROUTE,                   ESCALATION_CLIMB,    0 },
    { "the second was the last",         PRIORITY_NORMAL,  600,  600, 0,                       ESCALATION_WAIT,  1800 },
    { "refused: at once",                PRIORITY_NORMAL,    0,    1, ROUTE | HOPELESS | ENDED, ESCALATION_CLIMB,   0 },
    { "a wrong setting: at once",        PRIORITY_NORMAL,    0,    1, ROUTE | HOPELESS,        ESCALATION_CLIMB,    0 },
    { "refused by the last: told",       PRIORITY_NORMAL,    0,    1, HOPELESS | ENDED,        ESCALATION_TELL,     0 },
    { "a wrong setting, no other: waits", PRIORITY_NORMAL,   0,    1, HOPELESS,                ESCALATION_WAIT,  1800 },
    { "the first is tried on",           PRIORITY_NORMAL,  600,  601, HOPELESS,                ESCALATION_WAIT,  1800 },
    { "half an hour",                    PRIORITY_NORMAL,    0, 1800, 0,                       ESCALATION_TELL,     0 },
    { "a second before that",            PRIORITY_NORMAL,    0, 1799, 0,                       ESCALATION_WAIT,  1800 },
    { "half an hour, a route is left",   PRIORITY_NORMAL, 1200, 1800, ROUTE,                   ESCALATION_CLIMB,    0 },
    { "half an hour, its time is not up", PRIORITY_NORMAL, 1500, 1800, ROUTE,                  ESCALATION_TELL,     0 },
    { "told, a route is left",           PRIORITY_NORMAL, 1500, 1800, ROUTE | TOLD,            ESCALATION_WAIT,  2100 },
    { "told, none is left",              PRIORITY_NORMAL, 1500, 1800, TOLD,                    ESCALATION_OVER,     0 },
    { "told, all refused",               PRIORITY_NORMAL,    0,    1, TOLD | ENDED | HOPELESS, ESCALATION_OVER,     0 },
    { "accepted",                        PRIORITY_NORMAL,    0,    5, ACCEPTED | ROUTE,        ESCALATION_OVER,     0 },
    { "accepted late",                   PRIORITY_NORMAL,    0, 9999, ACCEPTED | ROUTE,        ESCALATION_OVER,     0 },
    { "down for three days",             PRIORITY_NORMAL,    0, 259200, ROUTE,                 ESCALATION_CLIMB,    0 },
    { "then people too",                 PRIORITY_NORMAL, 259200, 259200, ROUTE,               ESCALATION_TELL,     0 },
    { "the clock was set back",          PRIORITY_NORMAL, 7200,    0, ROUTE,                   ESCALATION_WAIT,   600 },
};
/* clang-format on */

static void climbs_in_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct escalation escalation = {
            .priority = rows[i].priority,
            .queued = AT(rows[i].latest_s > 3600 && rows[i].now_s == 0 ? rows[i].latest_s : 0),
            .latest = AT(rows[i].latest_s),
            .accepted = rows[i].how & ACCEPTED,
            .hopeless = rows[i].how & HOPELESS,
            .ended = rows[i].how & ENDED,
            .has_route = rows[i].how & ROUTE,
            .told = rows[i].how & TOLD
        };
        struct instant next = { 42 };

        print_message("  %s\n", rows[i].name);
        assert_int_equal(escalation_next(&waits, &escalation, AT(rows[i].now_s), &next),
                         rows[i].answer);
        if (rows[i].answer == ESCALATION_WAIT)
            assert_int_equal(next.us, AT(rows[i].next_s).us);
        else
            assert_int_equal(next.us, 42);
    }
}

/* Whatever was asked when: it ends, and an instant it names lies ahead. */
static void ends_after_every_route(void **state)
{
    (void)state;
    for (int routes = 0; routes < ROUTES_MOST; routes++) {
        struct escalation escalation = { .queued = AT(0),
                                         .latest = AT(0),
                                         .has_route = routes > 0 };
        struct instant now = AT(0), next = AT(0);
        int climbed = 0, told = 0, answer;

        for (int step = 0; step < 100; step++) {
            answer = escalation_next(&waits, &escalation, now, &next);
            if (answer == ESCALATION_OVER)
                break;
            if (answer == ESCALATION_WAIT) {
                assert_true(next.us > now.us);
                now = next;
            } else if (answer == ESCALATION_CLIMB) {
                escalation.latest = now;
                escalation.has_route = ++climbed < routes;
            } else {
                told++;
                escalation.told = true;
                assert_int_equal(now.us, AT(1800).us);
            }
        }
        assert_int_equal(answer, ESCALATION_OVER);
        assert_int_equal(climbed, routes);
        assert_int_equal(told, 1);
    }
}

/* --- whose */

static const struct route day_routes[] = { { ROUTE_EMAIL, "day@a.example" },
                                           { ROUTE_WEBHOOK, "hook" } };
static const struct route night_routes[] = { { ROUTE_EMAIL, "night@a.example" } };
static const struct route deputy_routes[] = { { ROUTE_EMAIL, "deputy@a.example" } };
static const struct route operator_routes[] = { { ROUTE_EMAIL, "one@ops.example" },
                                                { ROUTE_EMAIL, "two@ops.example" } };
static struct person people[] = {
    { .id = "h",
      .routes = day_routes,
      .route_count = 2,
      .out_of_hours = night_routes,
      .out_of_hours_count = 1 },
    { .id = "d", .routes = deputy_routes, .route_count = 1 },
};
static const struct role_holding holdings[] = {
    { .role = "other", .deputy = &people[1] },
    { .role = "manager", .holder = &people[0], .deputy = &people[1] },
};
static const struct agency agencies[] = { { .id = "A", .roles = holdings, .role_count = 2 } };
static const struct role_holding board_holdings[] = {
    { .role = "other", .deputy = &people[1] },
    { .role = "manager", .holder = &people[0], .deputy = &people[1] },
    { .role = "chair", .holder = &people[0], .deputy = &people[1] },
};
static const struct agency boards[] = { { .id = "B", .roles = board_holdings, .role_count = 3 },
                                        { .id = "C" } };
static const struct directory directory = {
    .agencies = agencies,
    .agency_count = 1,
    .boards = boards,
    .board_count = 2,
    .people = people,
    .person_count = 2,
    .operator_routes = operator_routes,
    .operator_route_count = 2,
};
static struct role roles[] = { { .id = "manager" }, { .id = "chair", .side = SIDE_BOARD } };
static const struct procedure procedure = { .roles = roles, .role_count = 2 };

struct bench {
    struct disagreement disagreement;
    struct notification notification;
    struct recipient_search search;
    struct route used[ROUTES_MOST];
    char taken[400];
};

/* Takes route after route; the list of them as text. */
static const char *take_all(struct bench *bench, bool office_hours, const char *first)
{
    struct escalation_route route;
    size_t count = 1;

    bench->used[0] = (struct route){ ROUTE_EMAIL, first };
    bench->taken[0] = '\0';
    while (escalation_route(&bench->search, &bench->notification, office_hours, bench->used, count,
                            &route)) {
        size_t length = strlen(bench->taken);

        snprintf(bench->taken + length, sizeof bench->taken - length, "%s(%s%s) ", route.to,
                 route.person ? route.person->id : "operator", route.is_deputy ? ", deputy" : "");
        assert_true(count < ROUTES_MOST);
        bench->used[count++] = (struct route){ route.kind, route.to };
    }
    return bench->taken;
}

static void takes_routes_in_order(void **state)
{
    static struct bench bench;

    (void)state;
    snprintf(bench.disagreement.parties[0], sizeof bench.disagreement.parties[0], "A");
    snprintf(bench.disagreement.board, sizeof bench.disagreement.board, "B");
    bench.disagreement.party_count = 1;
    bench.notification.role_count = 1;
    bench.search = (struct recipient_search){ .procedure = &procedure,
                                              .disagreement = &bench.disagreement,
                                              .directory = &directory,
                                              .today = { 100 } };
    bench.notification.person = &people[0];
    assert_string_equal(take_all(&bench, true, "day@a.example"),
                        "hook(h) night@a.example(h) deputy@a.example(d, deputy) ");
    assert_string_equal(take_all(&bench, false, "night@a.example"),
                        "day@a.example(h) hook(h) deputy@a.example(d, deputy) ");
    /* Begun in the night, and it is day now: nothing is taken twice. */
    assert_string_equal(take_all(&bench, true, "night@a.example"),
                        "day@a.example(h) hook(h) deputy@a.example(d, deputy) ");
    /* The deputy was told already, for the holder is away: nobody else is there. */
    bench.notification.person = &people[1];
    assert_string_equal(take_all(&bench, true, "deputy@a.example"), "");
    /* An address of the event: the directory's holder, then his deputy. */
    bench.notification.person = NULL;
    snprintf(bench.notification.address, sizeof bench.notification.address, "desk@a.example");
    assert_string_equal(take_all(&bench, true, "desk@a.example"),
                        "day@a.example(h) hook(h) night@a.example(h) deputy@a.example(d, deputy) ");
    /* The same for somebody who has left, by whatever route he was told. */
    bench.notification.address[0] = '\0';
    assert_string_equal(take_all(&bench, true, "left@a.example"),
                        "day@a.example(h) hook(h) night@a.example(h) deputy@a.example(d, deputy) ");
    /* A deputy who is away himself is no way. */
    bench.notification.person = &people[0];
    people[1].is_away = true;
    people[1].away_until = (struct date){ 101 };
    assert_string_equal(take_all(&bench, true, "day@a.example"), "hook(h) night@a.example(h) ");
    bench.search.today.day = 101; /* the first day back */
    assert_string_equal(take_all(&bench, true, "day@a.example"),
                        "hook(h) night@a.example(h) deputy@a.example(d, deputy) ");
    people[1].is_away = false;
    bench.notification.person = NULL;
    bench.notification.to_operator = true;
    assert_string_equal(take_all(&bench, true, "one@ops.example"), "two@ops.example(operator) ");
}

/* For an agency of which nobody is there a board's role is told: it keeps the agency's party. */
static void a_role_of_the_board_has_its_deputy_for_an_agency_too(void **state)
{
    static struct bench bench;

    (void)state;
    snprintf(bench.disagreement.parties[0], sizeof bench.disagreement.parties[0], "A");
    snprintf(bench.disagreement.board, sizeof bench.disagreement.board, "B");
    bench.disagreement.party_count = 1;
    bench.notification.role_count = 1;
    bench.notification.roles[0] =
        (struct recipient_role){ .role = 1, .stand_in = STAND_IN_OR_ELSE };
    bench.notification.person = &people[0];
    bench.search = (struct recipient_search){ .procedure = &procedure,
                                              .disagreement = &bench.disagreement,
                                              .directory = &directory,
                                              .today = { 100 } };
    assert_string_equal(take_all(&bench, true, "day@a.example"),
                        "hook(h) night@a.example(h) deputy@a.example(d, deputy) ");
}

static void finds_who_speaks_for_a_board(void **state)
{
    (void)state;
    /* The first role listed has a deputy alone. */
    assert_ptr_equal(escalation_board_person(&directory, "B", (struct date){ 1 }), &people[1]);
    assert_null(escalation_board_person(&directory, "C", (struct date){ 1 }));
    assert_null(escalation_board_person(&directory, "nowhere", (struct date){ 1 }));
    /* Who is away does not, as long as somebody of the board is there. */
    people[1].is_away = true;
    people[1].away_until = (struct date){ 5 };
    assert_ptr_equal(escalation_board_person(&directory, "B", (struct date){ 4 }), &people[0]);
    assert_ptr_equal(escalation_board_person(&directory, "B", (struct date){ 5 }), &people[1]);
    people[0].is_away = true;
    people[0].away_until = (struct date){ 9 };
    assert_ptr_equal(escalation_board_person(&directory, "B", (struct date){ 4 }), &people[1]);
    people[0].is_away = people[1].is_away = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(climbs_in_time),
        cmocka_unit_test(ends_after_every_route),
        cmocka_unit_test(takes_routes_in_order),
        cmocka_unit_test(a_role_of_the_board_has_its_deputy_for_an_agency_too),
        cmocka_unit_test(finds_who_speaks_for_a_board),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
