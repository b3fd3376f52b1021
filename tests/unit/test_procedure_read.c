/* test_procedure_read.c - the notation is read whole, and every fault is told at its place. */
#include "policy/procedure_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void print_faults(const struct faults *faults)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        print_message("    %s\n", line);
    }
}

static struct procedure_file *read_shipped(const char *name)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    struct procedure_file *file = NULL;
    struct faults faults = { 0 };
    char path[1024];

    snprintf(path, sizeof path, "%s/config/procedures/%s.yaml", CONCERN_SOURCE_DIR, name);
    assert_int_equal(procedure_read(path, &defaults, &faults, &file), PROCEDURE_OK);
    print_faults(&faults);
    assert_int_equal(faults.count, 0);
    faults_close(&faults);
    return file;
}

enum { STAGES = 6, LISTED = 4 };

/* What the five documents say, written out here from the documents, not from the files. */
struct stage_row {
    const char *id;
    const char *limit;
    const char *handlers[LISTED];
    bool senior;
};

static const struct {
    const char *procedure;
    size_t stage_count;
    struct stage_row stages[STAGES];
} documents[] = {
    { "plcsab-adults",
      3,
      { { "stage-1", "5 working days", { "line_manager" }, false },
        { "stage-2", "5 working days", { "head_of_service" }, false },
        { "stage-3", "5 working days", { "strategic_head" }, true } } },
    { "lscb-children",
      4,
      { { "workers", "same working day", { "practitioner" }, false },
        { "managers", "none", { "line_manager" }, false },
        { "board-representatives", "none", { "board_rep" }, false },
        { "board-manager", "none", { "board_manager" }, false } } },
    { "somerset-adults",
      5,
      { { "practitioners", "set by the case", { "practitioner" }, false },
        { "managers", "set by the case", { "line_manager" }, false },
        { "senior-managers", "set by the case", { "senior_manager" }, false },
        { "board-representatives", "set by the case", { "board_rep" }, false },
        { "board", "set by the case", { "board_team" }, false } } },
    { "rochdale-adults",
      6,
      { { "stage-1", "5 working days", { "practitioner" }, false },
        { "stage-2", "5 working days", { "line_manager" }, false },
        { "stage-3", "5 working days", { "head_of_service" }, false },
        { "stage-4",
          "5 working days",
          { "line_manager@challenging", "safeguarding_lead@challenging",
            "service_manager@challenged" },
          false },
        { "stage-5", "5 working days", { "head_of_agency" }, true },
        { "stage-6", "5 working days", { "board_member" }, true } } },
    { "worcestershire-annex-c",
      4,
      { { "stage-one", "1 working day", { "practitioner" }, false },
        { "stage-two", "24 hours", { "line_manager" }, false },
        { "stage-three", "none", { "senior_manager" }, false },
        { "stage-four", "none", { "chief_officer" }, false } } },
};

static void write_selector(const struct procedure *procedure, const struct selector *selector,
                           char *text, size_t size)
{
    static const char *const places[] = { "", "@challenging", "@challenged", "@sender" };
    static const char *const kinds[] = {
        "", "stage.handlers", "previous.handlers", "next.handlers", "everyone_told", "nobody"
    };

    snprintf(text, size, "%s%s",
             selector->kind == SELECT_ROLE ? procedure->roles[selector->role].id
                                           : kinds[selector->kind],
             places[selector->place]);
}

static void assert_selectors(const struct procedure *procedure, const struct selectors *selectors,
                             const char *const *expected)
{
    char text[2 * ID_MAX];
    size_t i = 0;

    for (; i < LISTED && expected[i]; i++) {
        assert_true(i < selectors->count);
        write_selector(procedure, &selectors->list[i], text, sizeof text);
        assert_string_equal(text, expected[i]);
    }
    assert_int_equal(selectors->count, i);
}

static void the_five_say_what_their_documents_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        CLEANUP(procedure_close) struct procedure_file *file = read_shipped(documents[i].procedure);
        const struct procedure *procedure = procedure_of(file);

        print_message("  %s\n", documents[i].procedure);
        assert_string_equal(procedure->id, documents[i].procedure);
        assert_int_equal(procedure->stage_count, documents[i].stage_count);
        assert_string_equal(procedure->calendar, "england-and-wales");
        assert_string_equal(procedure->zone, "Europe/London");
        for (size_t s = 0; s < procedure->stage_count; s++) {
            const struct stage_row *row = &documents[i].stages[s];
            const struct deadline *deadline = procedure_stage_deadline(procedure, (int)s);
            char limit[LIMIT_TEXT_SIZE];
            /* "consideration should be given to progressing the dispute" (PL-5) */
            bool asks = i == 0 && s == 1;

            assert_string_equal(deadline->id, row->id);
            limit_write(&deadline->limit, limit);
            assert_string_equal(limit, row->limit);
            assert_selectors(procedure, &deadline->owners, row->handlers);
            assert_int_equal(procedure->stages[s].senior, row->senior);
            assert_int_equal(deadline->when_passed, asks ? PASSED_ASK
                                                    : s + 1 == procedure->stage_count
                                                        ? PASSED_ALERT
                                                        : PASSED_ADVANCE);
            assert_non_null(deadline->words);
        }
        for (size_t r = 0; r < procedure->rule_count; r++)
            assert_non_null(procedure->rules[r].words);
    }
}

/* A sound file in lines, one of which each row below replaces. */
static const char *const sound[] = {
    "procedure: northtown-adults",                                        /* 1 */
    "version: \"1\"",                                                     /* 2 */
    "title: Invented",                                                    /* 3 */
    "calendar: england-and-wales",                                        /* 4 */
    "roles:",                                                             /* 5 */
    "  - {role: practitioner}",                                           /* 6 */
    "  - {role: line_manager}",                                           /* 7 */
    "  - {role: board_team, side: board}",                                /* 8 */
    "stages:",                                                            /* 9 */
    "  - {id: stage-1, handlers: [line_manager], limit: 5 working days}", /* 10 */
    "  - {id: stage-2, handlers: [line_manager], senior: true}",          /* 11 */
    "deadlines:",                                                         /* 12 */
    "  - {id: overall, limit: 15 working days}",                          /* 13 */
    "rules:",                                                             /* 14 */
    "  - {id: aware, when: [stage.senior], tell: [board_team]}",          /* 15 */
    "# end",                                                              /* 16 */
};

enum { TEXT_SIZE = 65536 };

static void write_sound(size_t line, const char *instead, char *text)
{
    size_t used = 0;

    for (size_t i = 0; i < COUNT_OF(sound); i++)
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s\n",
                                 i + 1 == line ? instead : sound[i]);
}

static int read_sound(size_t line, const char *instead, struct faults *faults,
                      struct procedure_file **file)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    char text[TEXT_SIZE];

    write_sound(line, instead, text);
    return procedure_read_text("p.yaml", text, strlen(text), &defaults, faults, file);
}

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
    { 16, "facts: [{fact: a, values: [x]}]", "p.yaml:16:27: `values` holds too little, 1 (at least 2)" },
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

/* The whole notation in one file (invented): it is read, whatever the engine does of it. */
static const char whole[] =
    "procedure: whole\n"
    "version: \"7\"\n"
    "title: The whole notation\n"
    "source: \"invented, for a test\"\n"
    "calendar: england-and-wales + northtown\n"
    "working_day: 08:30-16:45\n"
    "time_zone: Europe/Dublin\n"
    "skipping: marked\n"
    "calendar_change: never later\n"
    "counting: {first_day: included, late: next working day, ends: midnight}\n"
    "remind: 2 working days before and 4 working hours before\n"
    "chase: every 1 week\n"
    "facts: [{fact: concern_level, values: [low, middle, high]}, {fact: noted}]\n"
    "events: [concern.identified, meeting.held]\n"
    "roles:\n"
    "  - {role: practitioner}\n"
    "  - {role: line_manager, title: First line manager, or_else: [safeguarding_lead]}\n"
    "  - {role: safeguarding_lead, for_kind: [{kinds: [vcf, care_provider], use: [committee]}]}\n"
    "  - {role: committee, optional: true}\n"
    "  - {role: manager, side: board}\n"
    "  - {role: chair, side: board, via: manager}\n"
    "deadlines:\n"
    "  - {id: first, from: event concern.identified or deadline one passed, limit: same working "
    "day,"
    " owners: [practitioner@challenging], stopped_by: [meeting.held], done_by: each,"
    " when_passed: close, message: overdue}\n"
    "  - {id: duty, when: [policy_issue or stage is two, not noted], owners: [manager]}\n"
    "  - {id: review, from: date in event resolution.proposed, limit: 2 weeks before,"
    " owners: [nobody], copy: [everyone_told], counting: {roll: next working day, ends: same "
    "time}}\n"
    "stages:\n"
    "  - {id: one, when: [risk is at most significant, stage.level is not 2], handlers:"
    " [line_manager], limit: earlier of 24 hours and set by the case, advanced_by: [meeting.held],"
    " remind: none, priority: urgent, deadlines: [{id: meet, limit: 1 month, extended: 6 weeks}]}\n"
    "  - {id: two, title: The second, handlers: [manager, practitioner@challenged], senior: true,"
    " copy: [previous.handlers], tell: [next.handlers], chase: none, when_passed: alert}\n"
    "rules:\n"
    "  - {id: up, when: [concern_level is at least middle, after event withdrawn, before event"
    " reopened, event complaint.raised or silence of stage.handlers@challenged for 4 working "
    "hours],"
    " once: per stage, confirm_by: [practitioner@sender], tell: [chair], priority: immediate,"
    " words: \"A sentence, with a comma.\"}\n"
    "after_resolution:\n"
    "  - {id: record}\n"
    "  - {id: debrief, owners: [practitioner], done_by: one, when: [stage is one]}\n";

static const struct deadline *deadline_of(const struct procedure *procedure, const char *id)
{
    int index = procedure_deadline(procedure, id);

    assert_true(index >= 0);
    return &procedure->deadlines[index];
}

static void assert_top(const struct procedure *procedure)
{
    assert_string_equal(procedure->calendar, "england-and-wales + northtown");
    assert_string_equal(procedure->zone, "Europe/Dublin");
    assert_int_equal(procedure->opens_s, 8 * 3600 + 1800);
    assert_int_equal(procedure->closes_s, 16 * 3600 + 2700);
    assert_true(procedure->skipping_marked);
    assert_true(procedure->never_later);
    assert_int_equal(procedure->fact_count, 2);
    assert_int_equal(procedure->facts[0].values.count, 3);
    assert_int_equal(procedure->facts[1].values.count, 0);
    assert_int_equal(procedure->events.count, 2);
    assert_int_equal(procedure->role_count, 6);
    assert_string_equal(procedure->roles[0].title, "practitioner");
    assert_int_equal(procedure->roles[1].or_else[0], 2);
    assert_string_equal(procedure->roles[2].for_kind[0].kinds[1], "care_provider");
    assert_int_equal(procedure->roles[2].for_kind[0].uses[0], 3);
    assert_true(procedure->roles[3].optional);
    assert_int_equal(procedure->roles[4].side, SIDE_BOARD);
    assert_int_equal(procedure->roles[5].via, 4);
    assert_int_equal(procedure->roles[4].via, -1);
}

static void assert_deadlines(const struct procedure *procedure)
{
    static const char *const order[] = { "first", "duty", "review", "one",
                                         "meet",  "two",  "record", "debrief" };
    const struct deadline *first = deadline_of(procedure, "first");
    const struct deadline *duty = deadline_of(procedure, "duty");
    const struct deadline *review = deadline_of(procedure, "review");

    assert_int_equal(procedure->deadline_count, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_string_equal(procedure->deadlines[i].id, order[i]);
    assert_int_equal(first->from_count, 2);
    assert_int_equal(first->from[0].kind, START_EVENT);
    assert_string_equal(first->from[0].event, "concern.identified");
    assert_int_equal(first->from[1].kind, START_DEADLINE_PASSED);
    assert_int_equal(first->from[1].deadline, 3);
    assert_int_equal(first->done_by, DONE_BY_EACH);
    assert_int_equal(first->when_passed, PASSED_CLOSE);
    assert_string_equal(first->message, "overdue");
    assert_int_equal(first->remind.count, 2);
    assert_int_equal(first->chase.every.unit, LENGTH_WEEKS);
    assert_int_equal(first->counting.ends, ENDS_MIDNIGHT);
    assert_int_equal(duty->from_count, 0);
    assert_int_equal(duty->when.list[0].count, 2);
    assert_string_equal(duty->when.list[0].tests[1].value, "two");
    assert_true(duty->when.list[1].tests[0].negated);
    assert_true(review->limit.terms[0].before);
    assert_int_equal(review->owners.list[0].kind, SELECT_NOBODY);
    assert_int_equal(review->copy.list[0].kind, SELECT_EVERYONE_TOLD);
    assert_int_equal(review->counting.first_day, FIRST_DAY_INCLUDED);
    assert_int_equal(review->counting.ends, ENDS_SAME_TIME);
    assert_int_equal(review->counting.roll, ROLL_NEXT_WORKING_DAY);
}

static void assert_stages(const struct procedure *procedure)
{
    const struct deadline *one = procedure_stage_deadline(procedure, 0);
    const struct deadline *two = procedure_stage_deadline(procedure, 1);
    const struct deadline *meet = deadline_of(procedure, "meet");

    assert_int_equal(procedure->stage_count, 2);
    assert_int_equal(one->under, UNDER_STAGES);
    assert_int_equal(one->limit.count, 2);
    assert_int_equal(one->limit.terms[1].kind, LIMIT_SET_BY_THE_CASE);
    assert_int_equal(one->from[0].kind, START_STAGE_ENTERED);
    assert_int_equal(one->remind.count, 0);
    assert_int_equal(one->priority, PRIORITY_URGENT);
    assert_int_equal(one->when_passed, PASSED_ADVANCE);
    assert_int_equal(one->when.list[0].tests[0].comparison, COMPARE_AT_MOST);
    assert_int_equal(one->when.list[1].tests[0].comparison, COMPARE_IS_NOT);
    assert_string_equal(procedure->stages[0].advanced_by.list[0], "meeting.held");
    assert_string_equal(two->title, "The second");
    assert_true(procedure->stages[1].senior);
    assert_int_equal(two->owners.count, 2);
    assert_int_equal(two->owners.list[1].place, PLACE_CHALLENGED);
    assert_int_equal(two->copy.list[0].kind, SELECT_PREVIOUS_HANDLERS);
    assert_int_equal(two->tell.list[0].kind, SELECT_NEXT_HANDLERS);
    assert_true(two->chase.none);
    assert_int_equal(two->when_passed, PASSED_ALERT);
    assert_int_equal(meet->under, UNDER_A_STAGE);
    assert_int_equal(meet->stage, 0);
    assert_int_equal(meet->owners.list[0].kind, SELECT_STAGE_HANDLERS);
    assert_int_equal(meet->extended.terms[0].length.count, 6);
}

static void assert_the_rest(const struct procedure *procedure)
{
    const struct rule *rule = &procedure->rules[0];
    const struct test *silence = &rule->when.list[3].tests[1];
    const struct deadline *record = deadline_of(procedure, "record");

    assert_int_equal(rule->once, ONCE_PER_STAGE);
    assert_int_equal(rule->priority, PRIORITY_IMMEDIATE);
    assert_string_equal(rule->words, "A sentence, with a comma.");
    assert_int_equal(rule->confirm_by.list[0].place, PLACE_SENDER);
    assert_int_equal(rule->tell.list[0].role, 5);
    assert_int_equal(rule->when.list[0].tests[0].comparison, COMPARE_AT_LEAST);
    assert_int_equal(rule->when.list[1].tests[0].kind, TEST_AFTER_EVENT);
    assert_int_equal(rule->when.list[2].tests[0].kind, TEST_BEFORE_EVENT);
    assert_string_equal(rule->when.list[2].tests[0].name, "reopened");
    assert_int_equal(silence->kind, TEST_SILENCE);
    assert_int_equal(silence->who.kind, SELECT_STAGE_HANDLERS);
    assert_int_equal(silence->who.place, PLACE_CHALLENGED);
    assert_int_equal(silence->length.unit, LENGTH_WORKING_HOURS);
    assert_int_equal(record->under, UNDER_AFTER_RESOLUTION);
    assert_int_equal(record->from_count, 0);
    assert_int_equal(record->done_by, DONE_BY_EACH);
    assert_int_equal(record->owners.list[0].kind, SELECT_STAGE_HANDLERS);
    assert_int_equal(deadline_of(procedure, "debrief")->done_by, DONE_BY_ONE);
}

static void the_whole_notation_is_read(void **state)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct faults faults = { 0 };
    size_t length;

    (void)state;
    assert_int_equal(
        procedure_read_text("whole.yaml", whole, strlen(whole), &defaults, &faults, &file),
        PROCEDURE_OK);
    print_faults(&faults);
    assert_int_equal(faults.count, 0);
    assert_top(procedure_of(file));
    assert_deadlines(procedure_of(file));
    assert_stages(procedure_of(file));
    assert_the_rest(procedure_of(file));
    assert_string_equal(procedure_text(file, &length), whole);
    assert_int_equal(length, strlen(whole));
    assert_string_equal(procedure_name(file), "whole.yaml");
}

static void defaults_are_given_procedure_then_own(void **state)
{
    struct procedure_defaults defaults = { .remind = { .count = 0 }, .chase = { .none = true } };
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct faults faults = { 0 };
    char text[TEXT_SIZE];

    (void)state;
    write_sound(16, "chase: every 3 days", text);
    assert_int_equal(procedure_read_text("p.yaml", text, strlen(text), &defaults, &faults, &file),
                     PROCEDURE_OK);
    for (size_t i = 0; i < procedure_of(file)->deadline_count; i++) {
        const struct deadline *deadline = &procedure_of(file)->deadlines[i];

        assert_int_equal(deadline->remind.count, 0);
        assert_false(deadline->chase.none);
        assert_int_equal(deadline->chase.every.count, 3);
    }
    assert_int_equal(deadline_of(procedure_of(file), "overall")->from[0].kind, START_RAISED);
    assert_int_equal(deadline_of(procedure_of(file), "overall")->owners.list[0].kind,
                     SELECT_STAGE_HANDLERS);
}

/* SHA-256 of the three bytes "abc" is FIPS 180-2's own example; here only that a byte more is
 * another version, and the same bytes are the same one. */
static void the_hash_is_of_the_bytes(void **state)
{
    CLEANUP(procedure_close) struct procedure_file *one = NULL;
    CLEANUP(procedure_close) struct procedure_file *same = NULL;
    CLEANUP(procedure_close) struct procedure_file *other = NULL;
    struct faults faults = { 0 };

    (void)state;
    assert_int_equal(read_sound(0, NULL, &faults, &one), PROCEDURE_OK);
    assert_int_equal(read_sound(0, NULL, &faults, &same), PROCEDURE_OK);
    assert_int_equal(read_sound(16, "# End", &faults, &other), PROCEDURE_OK);
    assert_int_equal(strlen(procedure_of(one)->hash), 64);
    assert_string_equal(procedure_of(one)->hash, procedure_of(same)->hash);
    assert_string_not_equal(procedure_of(one)->hash, procedure_of(other)->hash);
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

/* Cut anywhere, the file is refused or read, and never more than that. */
static void no_cut_of_the_whole_breaks_the_reader(void **state)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();

    (void)state;
    for (size_t length = 0; length < strlen(whole); length += 7) {
        CLEANUP(procedure_close) struct procedure_file *file = NULL;
        struct faults faults = { 0 };
        int answer = procedure_read_text("cut.yaml", whole, length, &defaults, &faults, &file);

        assert_true(answer == PROCEDURE_OK ? file != NULL : faults.errors > 0);
        faults_close(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_five_say_what_their_documents_say),
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(all_faults_of_a_file_are_told_in_its_order),
        cmocka_unit_test(the_whole_notation_is_read),
        cmocka_unit_test(defaults_are_given_procedure_then_own),
        cmocka_unit_test(the_hash_is_of_the_bytes),
        cmocka_unit_test(every_list_is_bounded),
        cmocka_unit_test(no_cut_of_the_whole_breaks_the_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
