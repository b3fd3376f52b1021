/* fixture.h - an invented board, its three-stage procedure and its directory, as C values.
 *
 * Every name here is made up; the domains are of those that exist for examples only.
 */
#ifndef CONCERN_TESTS_FIXTURE_H
#define CONCERN_TESTS_FIXTURE_H

#include <string.h>

#include "core/decide.h"
#include "core/directory.h"
#include "core/plan.h"

enum {
    ROLE_PRACTITIONER,
    ROLE_MANAGER,
    ROLE_HEAD,
    ROLE_OFFICER, /* stands in for the head of service */
    ROLE_DIRECTOR,
    ROLE_LEAD,
    ROLE_TEAM,  /* of the board */
    ROLE_CHAIR, /* of the board, reached through the team */
};

enum { STAGE_ONE, STAGE_TWO, STAGE_THREE };

enum { DEADLINE_ONE, DEADLINE_TWO, DEADLINE_THREE, DEADLINE_OVERALL, DEADLINE_RECORD };

enum { RULE_INVOKED, RULE_SENIOR, RULE_ACTION, RULE_BOARD_LIFE, RULE_HEADS_UP, RULE_OWN };

#define LIST_OF(array)                                                                             \
    {                                                                                              \
        (array), COUNT_OF(array)                                                                   \
    }
#define ONE_LENGTH(n, what)                                                                        \
    {                                                                                              \
        .terms = { { .kind = LIMIT_LENGTH, .length = { (n), (what) } } }, .count = 1               \
    }

static const int fixture_officers[] = { ROLE_OFFICER };
static const struct role fixture_roles[] = {
    { .id = "practitioner", .title = "practitioner", .via = -1 },
    { .id = "line_manager", .title = "First line manager", .via = -1 },
    { .id = "head_of_service",
      .title = "Head of Service or equivalent",
      .or_else = fixture_officers,
      .or_else_count = 1,
      .via = -1 },
    { .id = "designated_safeguarding_officer",
      .title = "designated_safeguarding_officer",
      .via = -1 },
    { .id = "strategic_head", .title = "Strategic Head of Service or Director", .via = -1 },
    { .id = "safeguarding_lead", .title = "safeguarding_lead", .via = -1 },
    { .id = "board_team", .title = "Board Team", .side = SIDE_BOARD, .via = -1 },
    { .id = "chair", .title = "Board Chair", .side = SIDE_BOARD, .via = ROLE_TEAM },
};

static const struct selector fixture_practitioners[] = { { SELECT_ROLE, ROLE_PRACTITIONER,
                                                           PLACE_ANY } };
static const struct selector fixture_managers[] = { { SELECT_ROLE, ROLE_MANAGER, PLACE_ANY } };
static const struct selector fixture_heads[] = { { SELECT_ROLE, ROLE_HEAD, PLACE_ANY } };
static const struct selector fixture_directors[] = { { SELECT_ROLE, ROLE_DIRECTOR, PLACE_ANY } };
static const struct selector fixture_team[] = { { SELECT_ROLE, ROLE_TEAM, PLACE_ANY } };
static const struct selector fixture_stage_handlers[] = { { SELECT_STAGE_HANDLERS, -1,
                                                            PLACE_ANY } };

static const struct start fixture_on_entry[] = { { START_STAGE_ENTERED, NULL, -1 } };
static const struct start fixture_on_raise[] = { { START_RAISED, NULL, -1 } };
#define A_DAY_BEFORE                                                                               \
    {                                                                                              \
        .before = { { 1, LENGTH_WORKING_DAYS } }, .count = 1                                       \
    }
#define EVERY_FIVE_DAYS                                                                            \
    {                                                                                              \
        .every = { 5, LENGTH_WORKING_DAYS }                                                        \
    }

static const struct test fixture_is_senior[] = {
    { .kind = TEST_FACT, .name = "stage.senior", .value = "yes" },
};
static const struct test fixture_is_individual[] = {
    { .kind = TEST_FACT, .name = "relates_to", .value = "individual" },
};
static const struct test fixture_is_life[] = {
    { .kind = TEST_FACT, .name = "risk", .value = "life_threatening" },
};
static const struct test fixture_is_never[] = {
    { .kind = TEST_FACT, .name = "never_told", .value = "yes" },
};
static const struct condition fixture_senior_individual[] = { LIST_OF(fixture_is_senior),
                                                              LIST_OF(fixture_is_individual) };
static const struct condition fixture_life[] = { LIST_OF(fixture_is_life) };
static const struct condition fixture_never[] = { LIST_OF(fixture_is_never) };
static const struct selector fixture_all_here[] = { { SELECT_ROLE, ROLE_PRACTITIONER, PLACE_ANY },
                                                    { SELECT_STAGE_HANDLERS, -1, PLACE_ANY } };

static const struct deadline fixture_deadlines[] = {
    { .id = "stage-1",
      .from = fixture_on_entry,
      .from_count = 1,
      .remind = A_DAY_BEFORE,
      .chase = EVERY_FIVE_DAYS,
      .title = "stage-1",
      .words = "Each stage should be completed within 5 working days",
      .stage = STAGE_ONE,
      .owners = LIST_OF(fixture_managers),
      .tell = LIST_OF(fixture_practitioners),
      .limit = ONE_LENGTH(5, LENGTH_WORKING_DAYS),
      .when_passed = PASSED_ADVANCE },
    { .id = "stage-2",
      .from = fixture_on_entry,
      .from_count = 1,
      .remind = A_DAY_BEFORE,
      .chase = EVERY_FIVE_DAYS,
      .title = "stage-2",
      .words = "Each stage should be completed within 5 working days",
      .stage = STAGE_TWO,
      .owners = LIST_OF(fixture_heads),
      .limit = ONE_LENGTH(5, LENGTH_WORKING_DAYS),
      .when_passed = PASSED_ADVANCE },
    { .id = "stage-3",
      .from = fixture_on_entry,
      .from_count = 1,
      .remind = A_DAY_BEFORE,
      .chase = EVERY_FIVE_DAYS,
      .title = "stage-3",
      .words = "Each stage should be completed within 5 working days",
      .stage = STAGE_THREE,
      .owners = LIST_OF(fixture_directors),
      .limit = ONE_LENGTH(5, LENGTH_WORKING_DAYS),
      .when_passed = PASSED_ADVANCE },
    { .id = "overall",
      .from = fixture_on_raise,
      .from_count = 1,
      .remind = A_DAY_BEFORE,
      .chase = EVERY_FIVE_DAYS,
      .title = "Overall limit",
      .words = "15 working days maximum",
      .under = UNDER_DEADLINES,
      .stage = -1,
      .owners = LIST_OF(fixture_stage_handlers),
      .tell = LIST_OF(fixture_team),
      .limit = ONE_LENGTH(15, LENGTH_WORKING_DAYS),
      .when_passed = PASSED_ALERT },
    { .id = "written_record",
      .title = "written_record",
      .under = UNDER_AFTER_RESOLUTION,
      .stage = -1,
      .owners = LIST_OF(fixture_managers),
      .when_passed = PASSED_ALERT },
};

static const struct stage fixture_stages[] = {
    { .deadline = DEADLINE_ONE },
    { .deadline = DEADLINE_TWO },
    { .deadline = DEADLINE_THREE, .senior = true },
};

static const struct rule fixture_rules[] = {
    { .id = "protocol_invoked",
      .words = "formally communicate that this protocol will be implemented",
      .when = LIST_OF(fixture_never) },
    { .id = "board_senior_involved",
      .words = "the Board Team must be made aware of this",
      .when = LIST_OF(fixture_senior_individual),
      .once = ONCE_PER_DISAGREEMENT,
      .tell = LIST_OF(fixture_team) },
    { .id = "immediate_action",
      .words = "immediate action to reduce the risk of harm will be required by all",
      .when = LIST_OF(fixture_life),
      .tell = LIST_OF(fixture_all_here),
      .priority = PRIORITY_IMMEDIATE },
    { .id = "board_life_threatening",
      .words = "the Board Team should be informed at the earliest opportunity",
      .when = LIST_OF(fixture_never),
      .priority = PRIORITY_IMMEDIATE },
    { .id = "heads_up_next_level",
      .words = "letting them know there is a disagreement",
      .when = LIST_OF(fixture_never),
      .priority = PRIORITY_URGENT },
    { .id = "share_learning",
      .words = "learning points should be referred to the Board",
      .when = LIST_OF(fixture_never) },
};

static const struct procedure fixture_procedure = {
    .id = "invented-adults",
    .version = "1",
    .title = "Resolving Disagreements (an invented board)",
    .calendar = "invented",
    .zone = "Europe/London",
    .opens_s = 9 * 3600,
    .closes_s = 17 * 3600,
    .hash = "00",
    .roles = fixture_roles,
    .role_count = COUNT_OF(fixture_roles),
    .stages = fixture_stages,
    .stage_count = COUNT_OF(fixture_stages),
    .deadlines = fixture_deadlines,
    .deadline_count = COUNT_OF(fixture_deadlines),
    .rules = fixture_rules,
    .rule_count = COUNT_OF(fixture_rules),
};

/* London's clocks of the winter and summer that the tests play in. */
static const struct zone_change fixture_changes[] = {
    { INT64_C(1774746000), 3600 }, /* 2026-03-29 01:00 UTC */
    { INT64_C(1792890000), 0 },    /* 2026-10-25 */
    { INT64_C(1806195600), 3600 }, /* 2027-03-28 */
    { INT64_C(1824944400), 0 },    /* 2027-10-31 */
};
static const struct zone fixture_zone = { .name = "Europe/London",
                                          .changes = fixture_changes,
                                          .change_count = COUNT_OF(fixture_changes) };

/* Saturdays, Sundays, and the bank holidays of that Christmas. */
static struct closure fixture_closures[4];
static struct calendar fixture_calendar = { .id = "invented", .weekend = 0x60 };

static inline void fixture_make_calendar(void)
{
    static int32_t ordinal[CALENDAR_DAYS_MAX], nth[CALENDAR_DAYS_MAX];

    fixture_closures[0] = (struct closure){ date_of(2026, 12, 25), "Christmas Day" };
    fixture_closures[1] = (struct closure){ date_of(2026, 12, 28), "Boxing Day (substitute)" };
    fixture_closures[2] = (struct closure){ date_of(2027, 1, 1), "New Year's Day" };
    fixture_closures[3] = (struct closure){ date_of(2027, 3, 26), "Good Friday" };
    fixture_calendar.closures = fixture_closures;
    fixture_calendar.closure_count = COUNT_OF(fixture_closures);
    fixture_calendar.known_until = date_of(2027, 12, 31);
    calendar_prepare(&fixture_calendar, ordinal, nth);
}

static inline struct policy_view fixture_view(void)
{
    return (struct policy_view){ .procedure = &fixture_procedure,
                                 .time = { .calendar = &fixture_calendar,
                                           .zone = &fixture_zone,
                                           .opens_s = fixture_procedure.opens_s,
                                           .closes_s = fixture_procedure.closes_s } };
}

static inline struct instant fixture_at(const char *civil)
{
    struct instant at = INSTANT_NONE;

    instant_read(civil, &fixture_zone, &at);
    return at;
}

/* Invented people of two invented agencies: the second has no head of service of its own. */
static const struct person fixture_people[] = {
    { .id = "h.manager", .name = "Hazel Harbour", .shareable = true },
    { .id = "h.head", .name = "Hugo Hillside" },
    { .id = "h.director", .name = "Hester Highfield" },
    { .id = "c.manager", .name = "Clive Causeway", .shareable = true },
    { .id = "c.officer", .name = "Cora Cliffside", .shareable = true },
    { .id = "c.director", .name = "Celia Coombe" },
    { .id = "team", .name = "Tessa Tidewater" },
};
static const struct role_holding fixture_housing_roles[] = {
    { "line_manager", &fixture_people[0], NULL },
    { "head_of_service", &fixture_people[1], NULL },
    { "strategic_head", &fixture_people[2], NULL },
};
static const struct role_holding fixture_care_roles[] = {
    { "line_manager", &fixture_people[3], NULL },
    { "designated_safeguarding_officer", &fixture_people[4], NULL },
    { "strategic_head", &fixture_people[5], NULL },
};
static const struct role_holding fixture_board_roles[] = {
    { "board_team", &fixture_people[6], NULL },
};
static const char *const fixture_domains[] = { "housing.example", "Homes.Example" };
static const char *const fixture_procedures[] = { "invented-adults" };
static const struct agency fixture_agencies[] = {
    { .id = "housing",
      .name = "Harbour Housing",
      .kind = "statutory",
      .domains = fixture_domains,
      .domain_count = COUNT_OF(fixture_domains),
      .roles = fixture_housing_roles,
      .role_count = COUNT_OF(fixture_housing_roles) },
    { .id = "care",
      .name = "Cliffside Care",
      .kind = "care_provider",
      .roles = fixture_care_roles,
      .role_count = COUNT_OF(fixture_care_roles) },
};
static const struct agency fixture_boards[] = {
    { .id = "coast",
      .name = "Coast Safeguarding Board",
      .roles = fixture_board_roles,
      .role_count = COUNT_OF(fixture_board_roles),
      .procedures = fixture_procedures,
      .procedure_count = COUNT_OF(fixture_procedures) },
};
static const struct directory fixture_directory = {
    .agencies = fixture_agencies,
    .agency_count = COUNT_OF(fixture_agencies),
    .boards = fixture_boards,
    .board_count = COUNT_OF(fixture_boards),
    .people = fixture_people,
    .person_count = COUNT_OF(fixture_people),
};

/* Housing challenges care, raised in the evening of the last Friday before Christmas. */
static inline struct disagreement fixture_disagreement(int stage)
{
    struct disagreement disagreement = { .board = "coast",
                                         .reference = "D-2026-0192",
                                         .procedure = "invented-adults",
                                         .procedure_hash = "00",
                                         .case_reference = "7F3K-0192",
                                         .raised = fixture_at("2026-12-18 16:59"),
                                         .closed = INSTANT_NONE,
                                         .parties = { "housing", "care" },
                                         .party_count = 2,
                                         .stage = (int16_t)stage,
                                         .previous = (int16_t)(stage - 1),
                                         .entry = (uint32_t)stage + 1,
                                         .held_until = INSTANT_NONE };
    static const char *const due[] = { "2026-12-29 17:00", "2027-01-06 17:00", "2027-01-13 17:00" };

    disagreement.running[stage] =
        (struct running){ .state = RUNNING_ON, .due = fixture_at(due[stage]) };
    disagreement.running[DEADLINE_OVERALL] =
        (struct running){ .state = RUNNING_ON, .due = fixture_at("2027-01-13 17:00") };
    return disagreement;
}

#endif
