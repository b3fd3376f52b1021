/* test_silence.c - what a maintenance silence holds, what it never holds, and when it is over. */
#include "core/silence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *what;
    enum priority priority;
    enum route_kind route;
    const char *recipient, *person, *agency;
    bool held;
} covers[] = {
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_WEBHOOK, "las", "system:las", "asc", true },
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_WEBHOOK, "las", "j.brown", "", true },
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_TEAMS, "las", "j.brown", "asc", true },
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_WEBHOOK, "las2", "system:las2", "asc", false },
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_EMAIL, "las", "las", "las", false },
    { "endpoint:las", PRIORITY_URGENT, ROUTE_WEBHOOK, "las", "system:las", "asc", false },
    { "endpoint:las", PRIORITY_IMMEDIATE, ROUTE_WEBHOOK, "las", "system:las", "asc", false },
    { "endpoint:las", PRIORITY_NORMAL, ROUTE_WEBHOOK, "las", "unit", NULL, false },
    { "route:email", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", true },
    { "route:email", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "a@x.example", "asc", true },
    { "route:email", PRIORITY_NORMAL, ROUTE_NOTIFY_EMAIL, "a@x.example", "j.brown", "asc", false },
    { "route:email", PRIORITY_NORMAL, ROUTE_WEBHOOK, "email", "email", "email", false },
    { "route:email", PRIORITY_URGENT, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", false },
    { "route:email", PRIORITY_IMMEDIATE, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", false },
    /* To a board, to the operator, about no disagreement. */
    { "route:email", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "unit", NULL, false },
    { "route:notify-email", PRIORITY_NORMAL, ROUTE_NOTIFY_EMAIL, "a@x.example", "b", "asc", true },
    { "route:notify-text", PRIORITY_NORMAL, ROUTE_NOTIFY_TEXT, "+447700900123", "b", "asc", true },
    { "route:notify-text", PRIORITY_NORMAL, ROUTE_NOTIFY_EMAIL, "a@x.example", "b", "asc", false },
    { "person:j.brown", PRIORITY_NORMAL, ROUTE_NOTIFY_TEXT, "+447700900123", "j.brown", "asc",
      true },
    { "person:j.brown", PRIORITY_NORMAL, ROUTE_EMAIL, "j.brown", "j.brown2", "j.brown", false },
    { "person:j.brown", PRIORITY_URGENT, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", false },
    { "person:j.brown", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "j.brown", NULL, false },
    { "agency:asc", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", true },
    { "agency:asc", PRIORITY_NORMAL, ROUTE_WEBHOOK, "las", "system:las", "asc", true },
    { "agency:asc", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "asc", "housing", false },
    /* He is told for another agency too. */
    { "agency:asc", PRIORITY_NORMAL, ROUTE_EMAIL, "a@x.example", "j.brown", "", false },
    { "agency:asc", PRIORITY_IMMEDIATE, ROUTE_EMAIL, "a@x.example", "j.brown", "asc", false },
};

static void holds_what_is_ordinary_and_to_an_agency(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(covers); i++) {
        struct silencing silencing;
        struct silencing_question question = { .priority = covers[i].priority,
                                               .route = covers[i].route,
                                               .recipient = covers[i].recipient,
                                               .person = covers[i].person,
                                               .agency = covers[i].agency };

        print_message("  %zu %s\n", i, covers[i].what);
        assert_true(silencing_read(covers[i].what, &silencing));
        assert_int_equal(silencing_covers(&silencing, &question), covers[i].held);
    }
}

static void reads_what_it_writes_and_nothing_else(void **state)
{
    static const char *const good[] = { "endpoint:las",       "person:j.brown",    "agency:asc",
                                        "route:email",        "route:notify-text", "person:a:b",
                                        "route:notify-email", "endpoint:email" };
    static const char *const bad[] = { "",           "las",  "endpoint:",     "endpoints:las",
                                       "endpoint",   ":las", "route:webhook", "route:teams",
                                       "route:post", "end:x" };
    char what[SILENCING_WHAT_SIZE], longest[200] = "person:";
    struct silencing silencing;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(silencing_read(good[i], &silencing));
        silencing_write(&silencing, what);
        assert_string_equal(what, good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(silencing_read(bad[i], &silencing));
    memset(longest + 7, 'x', ID_MAX);
    assert_true(silencing_read(longest, &silencing));
    longest[7 + ID_MAX] = 'x';
    assert_false(silencing_read(longest, &silencing));
}

static void is_over_at_its_end_whatever_the_clock_does(void **state)
{
    static const struct silencing silencing = { .since = { 1000 * HOUR_US },
                                                .until = { 1002 * HOUR_US } };
    static const struct {
        int64_t us;
        bool over;
    } rows[] = {
        { 1000 * HOUR_US, false },
        { 1002 * HOUR_US - 1, false },
        { 1002 * HOUR_US, true },
        { 9000 * HOUR_US, true },
        { 1000 * HOUR_US - 5 * MINUTE_US, false }, /* a clock put right by a little */
        { 1000 * HOUR_US - 5 * MINUTE_US - 1, true },
        { 0, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(silencing_is_over(&silencing, (struct instant){ rows[i].us }),
                         rows[i].over);
}

static void knows_in_whose_roles_it_is_told(void **state)
{
    static const struct {
        int parties[3];
        size_t count;
        bool to_operator;
        const char *agency;
    } rows[] = {
        { { 0 }, 1, false, "housing" },
        { { 1 }, 1, false, "asc" },
        { { 1, 1, 1 }, 3, false, "asc" },
        { { 0, 1 }, 2, false, "" },
        { { 0, 1, 0 }, 3, false, "" },
        { { PARTY_BOARD }, 1, false, NULL },
        { { 1, PARTY_BOARD }, 2, false, NULL },
        { { 0, 1, PARTY_BOARD }, 3, false, NULL },
        { { 0 }, 0, false, NULL },
        { { 1 }, 1, true, NULL },
    };
    static struct disagreement disagreement;
    static struct notification notification;

    (void)state;
    snprintf(disagreement.parties[0], sizeof disagreement.parties[0], "housing");
    snprintf(disagreement.parties[1], sizeof disagreement.parties[1], "asc");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *agency;

        notification.role_count = rows[i].count;
        notification.to_operator = rows[i].to_operator;
        for (size_t j = 0; j < rows[i].count; j++)
            notification.roles[j].party = rows[i].parties[j];
        agency = silencing_agency(&notification, &disagreement);
        if (rows[i].agency)
            assert_string_equal(agency, rows[i].agency);
        else
            assert_null(agency);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_is_ordinary_and_to_an_agency),
        cmocka_unit_test(reads_what_it_writes_and_nothing_else),
        cmocka_unit_test(is_over_at_its_end_whatever_the_clock_does),
        cmocka_unit_test(knows_in_whose_roles_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
