/* test_procedure.c - a procedure's parts are found by their ids. */
#include "core/procedure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static const struct {
    const char *name, *id;
    int role, stage, deadline, rule;
} found[] = {
    { "a role", "head_of_service", ROLE_HEAD, -1, -1, -1 },
    { "the last role", "chair", ROLE_CHAIR, -1, -1, -1 },
    { "a stage is a deadline too", "stage-2", -1, STAGE_TWO, DEADLINE_TWO, -1 },
    { "a deadline is no stage", "overall", -1, -1, DEADLINE_OVERALL, -1 },
    { "a rule", "immediate_action", -1, -1, -1, RULE_ACTION },
    { "nothing", "", -1, -1, -1, -1 },
    { "a beginning", "stage", -1, -1, -1, -1 },
    { "another case", "Stage-2", -1, -1, -1, -1 },
};

static void finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        print_message("  %s\n", found[i].name);
        assert_int_equal(procedure_role(&fixture_procedure, found[i].id), found[i].role);
        assert_int_equal(procedure_stage(&fixture_procedure, found[i].id), found[i].stage);
        assert_int_equal(procedure_deadline(&fixture_procedure, found[i].id), found[i].deadline);
        assert_int_equal(procedure_rule(&fixture_procedure, found[i].id), found[i].rule);
    }
    assert_string_equal(procedure_stage_id(&fixture_procedure, STAGE_THREE), "stage-3");
    assert_ptr_equal(procedure_stage_deadline(&fixture_procedure, STAGE_THREE),
                     &fixture_deadlines[DEADLINE_THREE]);
}

/* A procedure that speaks of one event in each place where one may stand. */
static const char *const stops[] = { "concern.communicated" }, *const advances[] = {
    "meeting.failed"
};
static const struct start starts[] = { { START_RAISED, NULL, -1 },
                                       { START_EVENT, "concern.identified", -1 },
                                       { START_DATE_IN_EVENT, "resolution.proposed", -1 } };
static const struct test heard[] = { { .kind = TEST_FACT, .name = "urgent", .value = "yes" },
                                     { .kind = TEST_EVENT, .name = "complaint.raised" } };
static const struct test before[] = { { .kind = TEST_BEFORE_EVENT, .name = "discussion.held" } };
static const struct test after[] = { { .kind = TEST_AFTER_EVENT, .name = "acknowledged" } };
static const struct condition of_rule[] = { LIST_OF(before), LIST_OF(heard) };
static const struct condition of_deadline[] = { LIST_OF(after) };
static const struct deadline deadlines[] = { { .id = "only",
                                               .title = "only",
                                               .when = LIST_OF(of_deadline),
                                               .from = starts,
                                               .from_count = COUNT_OF(starts),
                                               .stopped_by = LIST_OF(stops) } };
static const struct stage stages[] = { { .deadline = 0, .advanced_by = LIST_OF(advances) } };
static const struct rule rules[] = { { .id = "r", .when = LIST_OF(of_rule) } };
static const struct procedure speaking = { .deadlines = deadlines,
                                           .deadline_count = 1,
                                           .stages = stages,
                                           .stage_count = 1,
                                           .rules = rules,
                                           .rule_count = 1 };

static const struct {
    const char *type;
    bool known;
} types[] = {
    { "concern.identified", true },
    { "concernd.concern.identified", true },
    { "resolution.proposed", true },
    { "concern.communicated", true },
    { "meeting.failed", true },
    { "complaint.raised", true },
    { "discussion.held", true },
    { "acknowledged", true },
    { "urgent", false }, /* a fact is no event */
    { "concern", false },
    { "risk.changed", false },
    { "", false },
};

static void knows_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        print_message("  %s\n", types[i].type);
        assert_int_equal(procedure_knows_event(&speaking, types[i].type), types[i].known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(knows_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
