/* test_procedure_faults.c - every fault of a file of a procedure is told at its place. */
#include "sound_procedure.h"

struct fault_row {
    size_t line;
    const char *instead;
    const char *fault; /* the first that is told */
};

#define LIMIT_RIGHT                                                                                \
    "(none, same working day, set by the case, a length such as \"5 working days\" or \"24 "       \
    "hours\", "                                                                                    \
    "or \"earlier of … and …\")"
#define TEST_RIGHT                                                                                 \
    "(FACT, not FACT, FACT is [not, at least, at most] VALUE, event NAME, after event NAME, "      \
    "before "                                                                                      \
    "event NAME, silence of ROLE for LENGTH)"
#define START_RIGHT                                                                                \
    "(raised, stage entered, event NAME, date in event NAME, deadline ID passed, joined by "       \
    "\"or\")"

static const struct fault_row fault_rows[] = {
    { 8,
      "  - {role: a, or_else: [b]}\n  - {role: b, or_else: [a]}\n  - {role: board_team, side: "
      "board}",
      "p.yaml:8:24: `or_else` of `a` comes back to it (end the chain at a role that somebody "
      "holds)" },
    { 8,
      "  - {role: a, side: board, via: b}\n  - {role: b, via: a}\n  - {role: board_team, side: "
      "board}",
      "p.yaml:8:33: `via` of `a` comes back to it (end it at a role that somebody holds)" },
    { 1, "# gone", "p.yaml:2:1: `procedure` is missing" },
    { 1, "procedure: two words",
      "p.yaml:1:12: `procedure` is no id (1 to 64 letters A-Z a-z, digits and . _ : / -)" },
    { 2, "version: [1]", "p.yaml:2:10: `version` is a list (it should be a text)" },
    { 3, "title:", "p.yaml:3:1: `title` has no value (it is a text)" },
    { 4, "calendar: \"england + \"",
      "p.yaml:4:11: \"england + \" names no calendar (\"england-and-wales\", \"a + b\")" },
    { 16, "working_day: 9-5", "p.yaml:16:14: \"9-5\" is no working day (\"09:00-17:00\")" },
    { 16, "working_day: 17:00-09:00",
      "p.yaml:16:14: the working day \"17:00-09:00\" ends before it begins" },
    { 16, "working_day: 09:00-24:30",
      "p.yaml:16:14: \"09:00-24:30\" is no working day (\"09:00-17:00\")" },
    { 16, "skipping: markd", "p.yaml:16:11: `skipping` is \"markd\" (did you mean marked?)" },
    { 16, "calendar_change: later",
      "p.yaml:16:18: `calendar_change` is \"later\" (one of: never later)" },
    { 16, "counting: {frist_day: included}",
      "p.yaml:16:12: unknown key `frist_day` (did you mean `first_day`?)" },
    { 16, "counting: {ends: close of busines}",
      "p.yaml:16:18: `ends` is \"close of busines\" (did you mean close of business?)" },
    { 16, "remind: 1 working day",
      "p.yaml:16:9: \"1 working day\" is no reminder (none, or \"1 working day before\", joined by "
      "\"and\")" },
    { 16, "remind: [none]", "p.yaml:16:9: `remind` is a list (it should be a phrase)" },
    { 16, "chase: evry 5 days",
      "p.yaml:16:8: \"evry 5 days\" is no chase (did you mean \"every\"?)" },
    { 16, "stage: x", "p.yaml:16:1: unknown key `stage` (did you mean `stages`?)" },
    { 16, "facts: [{fact: risk}]", "p.yaml:16:9: the fact `risk` is there already" },
    { 16, "facts: [{fact: a}, {fact: a}]", "p.yaml:16:20: the fact `a` is declared twice" },
    { 16, "facts: [{fact: a, values: [x]}]",
      "p.yaml:16:27: `values` holds too little, 1 (at least 2)" },
    { 16, "facts: [{fact: a, values: [x, x]}]", "p.yaml:16:31: \"x\" is named twice" },
    { 16, "events: [risk.changed]", "p.yaml:16:10: the event `risk.changed` is there already" },
    { 16, "events: [concernd.meeting.held]",
      "p.yaml:16:10: \"concernd.meeting.held\" is written with its prefix (without it: "
      "meeting.held)" },
    { 6, "  - {rol: practitioner}", "p.yaml:6:5: `role` is missing" },
    { 6, "  - {role: line_manager}", "p.yaml:7:12: the role `line_manager` is written twice" },
    { 6, "  - {role: stage.handlers}",
      "p.yaml:6:12: `stage.handlers` is a word of the notation (name the role otherwise)" },
    { 6, "  - practitioner", "p.yaml:6:5: a text where a map of keys is expected" },
    { 8, "  - {role: board_team, side: bord}",
      "p.yaml:8:30: `side` is \"bord\" (did you mean board?)" },
    { 6, "  - {role: practitioner, or_else: [line_managr]}",
      "p.yaml:6:36: unknown role `line_managr` (did you mean `line_manager`?)" },
    { 6, "  - {role: practitioner, or_else: [practitioner]}",
      "p.yaml:6:36: `practitioner` stands in for itself (another role)" },
    { 6, "  - {role: practitioner, or_else: line_manager}",
      "p.yaml:6:35: `or_else` is a text (it should be a list, in [ ])" },
    { 6, "  - {role: practitioner, via: nobody_known}",
      "p.yaml:6:31: unknown role `nobody_known` (there are: practitioner, line_manager, "
      "board_team)" },
    { 6, "  - {role: practitioner, via: practitioner}",
      "p.yaml:6:31: `practitioner` goes via itself (another role)" },
    { 6, "  - {role: practitioner, for_kind: [{kinds: [vfc], use: [line_manager]}]}",
      "p.yaml:6:46: unknown kind of agency `vfc` (did you mean `vcf`?)" },
    { 6, "  - {role: practitioner, for_kind: [{kinds: [vcf]}]}", "p.yaml:6:37: `use` is missing" },
    { 6, "  - {role: practitioner, optional: yes}",
      "p.yaml:6:36: `optional` is \"yes\" (write true, or leave it out)" },
    { 9, "stages: []\nx:", "p.yaml:9:9: `stages` is empty (at least 1)" },
    { 10, "  - {id: stage-1, limit: 5 working days}",
      "p.yaml:10:5: the stage `stage-1` has no handlers (`handlers: [ROLE]`)" },
    { 10, "  - {id: stage-1, handlers: []}", "p.yaml:10:29: `handlers` is empty (at least 1)" },
    { 10, "  - {id: stage-1, handlers: line_manager}",
      "p.yaml:10:29: `handlers` is a text (it should be a list)" },
    { 10, "  - {id: stage-1, handlers: [stage.handlers]}",
      "p.yaml:10:30: \"stage.handlers\" cannot handle a stage (a role can)" },
    { 10, "  - {id: stage-1, handlers: [nobody]}",
      "p.yaml:10:30: \"nobody\" cannot handle a stage (a role can)" },
    { 10, "  - {id: stage-1, handlers: [line_manager@sender]}",
      "p.yaml:10:30: \"line_manager@sender\" cannot handle a stage (no event need have been "
      "sent)" },
    { 10, "  - {id: stage-1, handlers: [line_manager@challengd]}",
      "p.yaml:10:30: unknown place `challengd` (did you mean `challenged`?)" },
    { 10, "  - {id: stage-1, handlers: [board_team@challenged]}",
      "p.yaml:10:30: \"board_team@challenged\" is nobody: `board_team` is a role of the board "
      "(write it without \"@\")" },
    { 10, "  - {id: stage-1, handlers: [line_manager], owners: [line_manager]}",
      "p.yaml:10:53: `owners` means nothing under `stages` (of a stage it is `handlers`)" },
    { 10, "  - {id: stage-1, handlers: [line_manager], senior: yes}",
      "p.yaml:10:53: `senior` is \"yes\" (write true, or leave it out)" },
    { 10, "  - {id: stage-1, handlers: [line_manager], limit: five days}",
      "p.yaml:10:52: \"five days\" is no limit " LIMIT_RIGHT },
    { 10, "  - {id: stage-1, handlers: [line_manager], limit: 0 days}",
      "p.yaml:10:52: \"0 days\" is no limit " LIMIT_RIGHT },
    { 10, "  - {id: stage-1, handlers: [line_manager], limit: 5 days before}",
      "p.yaml:10:52: \"before\" counts back from a date (with `from: date in event NAME`)" },
    { 11, "  - {id: stage-1, handlers: [line_manager]}",
      "p.yaml:11:10: the id `stage-1` is written twice (an id occurs once in a file)" },
    { 11, "  - {id: stage-2, handlers: [line_manager], when_passed: advance}",
      "p.yaml:11:58: no stage follows `stage-2` (alert or close)" },
    { 10, "  - {id: stage-1, handlers: [line_manager], advanced_by: [stage.unresolvd]}",
      "p.yaml:10:59: unknown event `stage.unresolvd` (did you mean `stage.unresolved`?)" },
    { 10, "  - {id: stage-1, handlers: [line_manager], advanced_by: [concernd.stage.set]}",
      "p.yaml:10:59: \"concernd.stage.set\" is written with its prefix (without it: stage.set)" },
    { 13, "  - {id: overall, handlers: [line_manager]}",
      "p.yaml:13:29: `handlers` means nothing under `deadlines` (here it is `owners`)" },
    { 13, "  - {limit: 1 day}", "p.yaml:13:5: `id` is missing" },
    { 13, "  - {id: overall, from: raise}", "p.yaml:13:25: \"raise\" is no start " START_RIGHT },
    { 13, "  - {id: overall, from: raised or}",
      "p.yaml:13:25: \"or\" without a start on both its sides" },
    { 13, "  - {id: overall, from: deadline stage-3 passed}",
      "p.yaml:13:25: unknown deadline `stage-3` (did you mean `stage-1`?)" },
    { 13, "  - {id: overall, from: deadline overall passed}",
      "p.yaml:13:25: `overall` starts when it passes itself (another start)" },
    { 13, "  - {id: overall, tell: [nobody, board_team]}",
      "p.yaml:13:26: \"nobody\" beside others (it stands alone)" },
    { 13, "  - {id: overall, owners: [everyone_told]}",
      "p.yaml:13:28: \"everyone_told\" cannot own a deadline (a role can)" },
    { 13, "  - {id: overall, priority: urgnt}",
      "p.yaml:13:29: `priority` is \"urgnt\" (did you mean urgent?)" },
    { 13, "  - {id: overall, limit: [1 day]}",
      "p.yaml:13:26: `limit` is a list (it should be a phrase)" },
    { 15, "  - {id: aware, when: [stage.senior]}",
      "p.yaml:15:5: the rule `aware` tells nobody (`tell: [ROLE]`)" },
    { 15, "  - {id: aware, when: [stage.senior], tell: []}",
      "p.yaml:15:45: the rule `aware` tells nobody (`tell: [ROLE]`)" },
    { 15, "  - {id: aware, when: [stage.senior], tell: [nobody]}",
      "p.yaml:15:45: the rule `aware` tells nobody (`tell: [ROLE]`)" },
    { 15, "  - {id: aware, tell: [board_team]}", "p.yaml:15:5: `when` is missing" },
    { 15, "  - {id: overall, when: [urgent], tell: [board_team]}",
      "p.yaml:15:10: the id `overall` is written twice (an id occurs once in a file)" },
    { 15, "  - {id: aware, when: [stage.seniour], tell: [board_team]}",
      "p.yaml:15:24: unknown fact `stage.seniour` (did you mean `stage.senior`?)" },
    { 15, "  - {id: aware, when: [risk], tell: [board_team]}",
      "p.yaml:15:24: `risk` is no yes-or-no fact (write \"risk is …\")" },
    { 15, "  - {id: aware, when: [risk is life_threatning], tell: [board_team]}",
      "p.yaml:15:24: unknown value of `risk` `life_threatning` (did you mean "
      "`life_threatening`?)" },
    { 15, "  - {id: aware, when: [relates_to is at least process], tell: [board_team]}",
      "p.yaml:15:24: the values of `relates_to` have no order (\"is\" or \"is not\")" },
    { 15, "  - {id: aware, when: [stage is stage-3], tell: [board_team]}",
      "p.yaml:15:24: unknown value of `stage` `stage-3` (did you mean `stage-1`?)" },
    { 15, "  - {id: aware, when: [stage.level is at most 3], tell: [board_team]}",
      "p.yaml:15:24: `stage.level` cannot be \"3\" (1 to 2: there are 2 stages)" },
    { 15, "  - {id: aware, when: [event risk.chnged], tell: [board_team]}",
      "p.yaml:15:24: unknown event `risk.chnged` (did you mean `risk.changed`?)" },
    { 15, "  - {id: aware, when: [event harbour.closed], tell: [board_team]}",
      "p.yaml:15:24: unknown event `harbour.closed` (declare it at the top: `events: "
      "[harbour.closed]`)" },
    { 15, "  - {id: aware, when: [urgent or], tell: [board_team]}",
      "p.yaml:15:24: \"or\" without a test on both its sides" },
    { 15, "  - {id: aware, when: [risk was none], tell: [board_team]}",
      "p.yaml:15:24: \"risk was none\" is no test " TEST_RIGHT },
    { 15, "  - {id: aware, when: [silence of stage.handlers for a while], tell: [board_team]}",
      "p.yaml:15:24: \"a while\" is no length of time (\"4 working hours\")" },
    { 15, "  - {id: aware, when: [silence of line_manager], tell: [board_team]}",
      "p.yaml:15:24: a silence is \"silence of ROLE for LENGTH\"" },
    { 15, "  - {id: aware, when: stage.senior, tell: [board_team]}",
      "p.yaml:15:23: `when` is a text (it should be a list)" },
    { 15, "  - {id: aware, when: [urgent], once: per day, tell: [board_team]}",
      "p.yaml:15:39: `once` is \"per day\" (one of: per stage, per disagreement)" },
    { 13, "  - {id: overall, limit: 15 working days, when_passed: ask}",
      "p.yaml:13:56: only a stage asks whether to move on (advance or alert)" },
    { 16, "after_resolution: [{id: aware_too, when_passed: advance}]",
      "p.yaml:16:49: no stage is left to move on from after the resolution (alert)" },
    { 16, "after_resolution: [{id: overall}]",
      "p.yaml:16:25: the id `overall` is written twice (an id occurs once in a file)" },
};

static bool row_holds(const struct fault_row *row)
{
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct faults faults = { 0 };
    char line[FAULT_LINE_SIZE] = "nothing";
    int answer = read_sound(row->line, row->instead, &faults, &file);

    if (faults.count)
        fault_write(&faults.list[0], line);
    faults_close(&faults);
    if (answer == PROCEDURE_FAULTY && !strcmp(line, row->fault))
        return true;
    print_message("  %s\n    told   %s\n    wanted %s\n", row->instead, line, row->fault);
    return false;
}

static void every_fault_is_told_at_its_place(void **state)
{
    bool fine = true;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fault_rows); i++)
        fine = row_holds(&fault_rows[i]) && fine;
    assert_true(fine);
}

static void all_faults_of_a_file_are_told_in_its_order(void **state)
{
    static const char text[] =
        "procedure: p\n"
        "title: T\n"
        "calender: england-and-wales\n"
        "roles: [{role: line_manager}]\n"
        "stages:\n"
        "  - {id: a, handlers: [line_manger], limit: 5 workign days}\n"
        "  - {id: a, handlers: [line_manager], tell: [nextt.handlers]}\n"
        "rules:\n"
        "  - {id: r, when: [event disagreement.risen], tell: [line_manager]}\n";
    static const char *const told[] = {
        "p.yaml:1:1: `version` is missing",
        "p.yaml:1:1: `calendar` is missing",
        "p.yaml:3:1: unknown key `calender` (did you mean `calendar`?)",
        "p.yaml:6:24: unknown role `line_manger` (did you mean `line_manager`?)",
        "p.yaml:6:45: \"5 workign days\" is no limit (did you mean \"working\"?)",
        "p.yaml:7:10: the id `a` is written twice (an id occurs once in a file)",
        "p.yaml:7:46: unknown role `nextt.handlers` (did you mean `next.handlers`?)",
        "p.yaml:9:20: unknown event `disagreement.risen` (did you mean `disagreement.raised`?)",
    };
    struct procedure_defaults defaults = procedure_defaults_shipped();
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct faults faults = { 0 };

    (void)state;
    assert_int_equal(procedure_read_text("p.yaml", text, strlen(text), &defaults, &faults, &file),
                     PROCEDURE_FAULTY);
    print_faults(&faults);
    assert_int_equal(faults.count, COUNT_OF(told));
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        char line[FAULT_LINE_SIZE];

        fault_write(&faults.list[i], line);
        assert_string_equal(line, told[i]);
    }
    faults_close(&faults);
}

/* One more than there may be of each is told at the first that is too many. */
static const struct {
    const char *line; /* of which `count` take the place of line `at` */
    size_t at, count;
    const char *fault;
} too_many[] = {
    { "  - {role: r%zu}\n", 6, PROCEDURE_ROLES_MAX - 1,
      "p.yaml:38:5: `roles` holds too much, 33 (at most 32)" },
    { "  - {id: s%zu, handlers: [line_manager]}\n", 11, PROCEDURE_STAGES_MAX,
      "p.yaml:26:5: `stages` holds too much, 17 (at most 16)" },
    { "  - {id: d%zu}\n", 13, PROCEDURE_DEADLINES_MAX - 1,
      "p.yaml:59:5: too many stages and deadlines (at most 48 in all)" },
    { "  - {id: r%zu, when: [urgent], tell: [board_team]}\n", 15, PROCEDURE_RULES_MAX + 1,
      "p.yaml:47:5: `rules` holds too much, 33 (at most 32)" },
};

static void every_list_is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(too_many); i++) {
        CLEANUP(procedure_close) struct procedure_file *file = NULL;
        struct faults faults = { 0 };
        char lines[TEXT_SIZE / 2] = "", line[FAULT_LINE_SIZE];
        size_t used = 0;

        for (size_t n = 0; n < too_many[i].count; n++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            used += (size_t)snprintf(lines + used, sizeof lines - used, too_many[i].line, n);
#pragma GCC diagnostic pop
        }
        lines[used - 1] = '\0';
        assert_int_equal(read_sound(too_many[i].at, lines, &faults, &file), PROCEDURE_FAULTY);
        fault_write(&faults.list[0], line);
        assert_string_equal(line, too_many[i].fault);
        faults_close(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(all_faults_of_a_file_are_told_in_its_order),
        cmocka_unit_test(every_list_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
