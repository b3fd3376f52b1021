/* test_plan.c - one person, one instant, one message: and nothing that has no room is lost. */
#include "core/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static struct decision *decision;
static struct plan plan;

static int begin(void **state)
{
    (void)state;
    decision = calloc(1, sizeof *decision);
    return decision ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    plan_close(&plan);
    free(decision);
    return 0;
}

static struct effect *tell(enum message message, int deadline, int stage)
{
    struct effect *effect = &decision->effects[decision->effect_count++];

    *effect = (struct effect){ .kind = EFFECT_TELL,
                               .at = fixture_at("2026-12-29 17:00"),
                               .deadline = deadline,
                               .stage = stage,
                               .rule = -1,
                               .words_of = -1,
                               .due = INSTANT_NONE,
                               .message = message,
                               .because = { .kind = BECAUSE_STAGE, .index = 0 } };
    return effect;
}

static void make_plan(const struct directory *directory)
{
    struct policy_view view = fixture_view();
    struct date today = zone_civil(&fixture_zone, fixture_at("2026-12-29 17:00")).date;

    assert_int_equal(plan_notifications(&view, directory, decision, today, &plan), 0);
}

/* Any procedure that may be written: each deadline of it ends, and each says its own. */
static void begin_many(size_t things)
{
    struct disagreement after = fixture_disagreement(0);

    plan.count = 0;
    decision->effect_count = 0;
    decision->after = after;
    for (size_t i = 0; i < things; i++)
        tell(MESSAGE_RULE, (int)(i % fixture_procedure.deadline_count),
             (int)(i / fixture_procedure.deadline_count))
            ->to[ROLE_MANAGER] = 1u << 0;
}

static size_t times_said(const struct effect *effect)
{
    size_t times = 0;

    for (size_t i = 0; i < plan.count; i++)
        for (size_t j = 0; j < plan.notifications[i].say_count; j++)
            times += plan.notifications[i].says[j].deadline == effect->deadline &&
                     plan.notifications[i].says[j].stage == effect->stage;
    return times;
}

static void says_all_of_it(void **state)
{
    static const struct {
        size_t things, messages;
    } rows[] = { { 1, 1 }, { SAYS_MAX, 1 }, { SAYS_MAX + 1, 2 }, { 2 * SAYS_MAX + 1, 3 } };

    (void)state;
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        begin_many(rows[row].things);
        make_plan(&fixture_directory);
        assert_int_equal(plan.count, rows[row].messages);
        for (size_t i = 0; i < decision->effect_count; i++)
            assert_int_equal(times_said(&decision->effects[i]), 1);
        /* The same once more, as of a second cause of that instant: it is said already. */
        make_plan(&fixture_directory);
        assert_int_equal(plan.count, rows[row].messages);
        for (size_t i = 0; i < decision->effect_count; i++)
            assert_int_equal(times_said(&decision->effects[i]), 1);
    }
}

/* The store keeps one message a key: those of one person at one instant must not share theirs. */
static void keeps_what_it_divided_apart(void **state)
{
    struct policy_view view = fixture_view();
    char keys[3][NOTIFICATION_KEY_SIZE];

    (void)state;
    begin_many(2 * SAYS_MAX + 1);
    make_plan(&fixture_directory);
    assert_int_equal(plan.count, COUNT_OF(keys));
    for (size_t i = 0; i < plan.count; i++) {
        assert_ptr_equal(plan.notifications[i].person, &fixture_people[0]);
        notification_key(&view, &decision->after, &plan.notifications[i], keys[i], sizeof keys[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(keys[i], keys[j]);
    }
}

static bool is_told(int role, int party)
{
    const struct notification *notification = &plan.notifications[0];

    for (size_t i = 0; i < notification->role_count; i++)
        if (notification->roles[i].for_role == role && notification->roles[i].party == party)
            return true;
    return false;
}

/* One person may hold every role of every party. */
static void names_every_role(void **state)
{
    const struct person one = { .id = "one", .name = "Olive Oakley (invented)" };
    struct role_holding holdings[PROCEDURE_ROLES_MAX];
    struct agency agencies[PARTIES_MAX], board = { .id = "coast", .roles = holdings };
    char ids[PARTIES_MAX][ID_MAX + 1];
    struct directory directory = { .agencies = agencies,
                                   .agency_count = PARTIES_MAX,
                                   .boards = &board,
                                   .board_count = 1,
                                   .people = &one,
                                   .person_count = 1 };
    struct effect *effect;

    (void)state;
    begin_many(0);
    for (size_t i = 0; i < fixture_procedure.role_count; i++)
        holdings[i] = (struct role_holding){ fixture_procedure.roles[i].id, &one, NULL };
    board.role_count = fixture_procedure.role_count;
    decision->after.party_count = PARTIES_MAX;
    for (size_t i = 0; i < PARTIES_MAX; i++) {
        snprintf(ids[i], sizeof ids[i], "agency-%zu", i);
        agencies[i] = (struct agency){ .id = ids[i],
                                       .kind = "statutory",
                                       .roles = holdings,
                                       .role_count = fixture_procedure.role_count };
        snprintf(decision->after.parties[i], ID_MAX + 1, "%s", ids[i]);
    }
    effect = tell(MESSAGE_RULE, 0, 0);
    for (size_t role = 0; role < fixture_procedure.role_count; role++)
        effect->to[role] = (party_mask)(((1u << PARTIES_MAX) - 1) | 1u << PARTY_BOARD);
    make_plan(&directory);
    assert_int_equal(plan.count, 1);
    for (int role = 0; role < (int)fixture_procedure.role_count; role++)
        for (int party = 0; party < PARTIES_MAX; party++)
            assert_true(fixture_procedure.roles[role].side == SIDE_BOARD || is_told(role, party));
    assert_true(is_told(ROLE_TEAM, PARTY_BOARD));
}

/* An event names an address; the directory knows whose that is. */
static const struct {
    const char *label, *email, *second; /* `second`: the address of another person, too */
    size_t messages;
} addresses[] = {
    { "the head's own", "head@housing.example", "", 1 },
    { "in another case", "Head@Housing.example", "", 1 },
    { "the head's at night", "night@housing.example", "", 1 },
    { "nobody's", "desk@housing.example", "", 2 },
    { "two people's", "head@housing.example", "head@housing.example", 2 },
};

static void knows_a_person_by_the_address(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(addresses); row++) {
        const struct route day = { ROUTE_EMAIL, "head@housing.example" };
        const struct route night = { ROUTE_EMAIL, "night@housing.example" };
        const struct route other = { ROUTE_EMAIL, addresses[row].second };
        struct person people[COUNT_OF(fixture_people)];
        struct role_holding roles[COUNT_OF(fixture_housing_roles)];
        struct agency agencies[] = { fixture_agencies[0], fixture_agencies[1] };
        struct directory directory = fixture_directory;
        struct event_person *named;

        print_message("  %s\n", addresses[row].label);
        memcpy(people, fixture_people, sizeof people);
        memcpy(roles, fixture_housing_roles, sizeof roles);
        people[1].routes = &day;
        people[1].out_of_hours = &night;
        people[1].route_count = people[1].out_of_hours_count = 1;
        people[2].routes = &other;
        people[2].route_count = other.to[0] != '\0';
        roles[1].holder = &people[1];
        agencies[0].roles = roles;
        directory.agencies = agencies;
        directory.people = people;

        begin_many(1);
        decision->effects[0].to[ROLE_HEAD] = 1u << 0;
        named = &decision->after.people[decision->after.people_count++];
        snprintf(named->agency, sizeof named->agency, "housing");
        snprintf(named->role, sizeof named->role, "line_manager");
        snprintf(named->email, sizeof named->email, "%s", addresses[row].email);
        make_plan(&directory);
        assert_int_equal(plan.count, addresses[row].messages);
        if (plan.count == 1)
            assert_ptr_equal(plan.notifications[0].person, &people[1]);
        else
            assert_string_equal(plan.notifications[0].address, addresses[row].email);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_all_of_it),
        cmocka_unit_test(keeps_what_it_divided_apart),
        cmocka_unit_test(names_every_role),
        cmocka_unit_test(knows_a_person_by_the_address),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
