/* test_policy_check.c - what can be read and can never come about, each at its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/policy.h"

/* Seven lines stand before what a row says; so its first line is the eighth. */
#define TOP                                                                                        \
    "procedure: invented\n"                                                                        \
    "version: \"1\"\n"                                                                             \
    "title: An invented one\n"                                                                     \
    "calendar: england-and-wales\n"                                                                \
    "roles: [{role: manager}, {role: head, side: challenged}, {role: team, side: board}]\n"        \
    "events: [meeting.held, concern.seen]\n"                                                       \
    "facts: [{fact: weight, values: [low, high]}]\n"
#define TWO_STAGES                                                                                 \
    "stages:\n"                                                                                    \
    "  - {id: one, handlers: [manager], limit: 5 working days}\n"                                  \
    "  - {id: two, handlers: [manager]}\n" /* lines 8 to 10 */

static const struct {
    const char *name;
    const char *text;
    const char *fault; /* "line:column: text", up to where the row ends; NULL: none */
} rows[] = {
    { "nothing wrong", TWO_STAGES, NULL },

    /* stages */
    { "a stage whose tests shut each other out",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - id: two\n"
      "    handlers: [manager]\n"
      "    when: [risk is none, urgent, risk is immediate]\n",
      "12:34: the stage `two` can never be reached: \"risk is none\" and \"risk is immediate\" "
      "never hold together" },
    { "a stage that waits for itself: its `when` is asked at the one before",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - {id: two, handlers: [manager], when: [stage is two]}\n",
      "10:43: the stage `two` can never be reached: \"stage is two\" never holds here" },
    { "a level that no stage before it has",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - {id: two, handlers: [manager], when: [stage.level is at least 2]}\n",
      "10:43: the stage `two` can never be reached: \"stage.level is at least 2\" never holds" },
    { "either of two is enough",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - {id: two, handlers: [manager], when: [risk is none or risk is immediate]}\n",
      NULL },
    { "ordered values that leave no room",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - {id: two, handlers: [manager], when: [weight is at least high, weight is at most "
      "low]}\n",
      "10:68: the stage `two` can never be reached: \"weight is at least high\" and \"weight is at "
      "most low\" never hold together" },
    { "a raise that no stage is open to is warned of",
      "stages:\n"
      "  - {id: one, handlers: [manager], when: [risk is none]}\n"
      "  - {id: two, handlers: [manager], when: [urgent]}\n",
      "9:3: warning: no stage is open to some raises" },
    { "the last stage advances to nothing",
      "stages:\n"
      "  - {id: one, handlers: [manager]}\n"
      "  - {id: two, handlers: [manager], advanced_by: [meeting.held]}\n",
      "10:49: no stage follows `two`" },

    /* deadlines */
    { "what passes without a limit",
      "stages:\n"
      "  - {id: one, handlers: [manager], when_passed: close}\n",
      "9:49: `one` never passes: it has no limit" },
    { "it starts when one without a limit passes",
      TWO_STAGES "deadlines:\n"
                 "  - {id: reply, limit: 5 days, from: deadline two passed}\n",
      "12:38: `reply` starts when `two` passes, which has no limit and never passes" },
    { "it starts when its stage is left",
      "stages:\n"
      "  - {id: one, handlers: [manager], limit: 5 days, deadlines: [\n"
      "     {id: reply, limit: 2 days, from: deadline one passed}]}\n"
      "  - {id: two, handlers: [manager]}\n",
      "10:39: `reply` starts when `one` passes, which is left at that instant (under the "
      "procedure's `deadlines`)" },
    { "one of two limits is none",
      "stages:\n"
      "  - {id: one, handlers: [manager], limit: earlier of none and 5 days}\n",
      "9:43: of `one` one limit is none and never ends (leave it out)" },
    { "a silence of nobody",
      TWO_STAGES
      "rules:\n"
      "  - {id: quiet, when: [urgent, silence of nobody for 2 hours], tell: [manager]}\n",
      "12:32: the rule `quiet` waits for a silence that never comes (of a role that agencies "
      "have)" },
    { "two that wait for each other",
      TWO_STAGES "deadlines:\n"
                 "  - {id: a, limit: 5 days, from: deadline b passed}\n"
                 "  - {id: b, limit: 5 days, from: deadline a passed}\n",
      "12:34: `a` can never start: what it waits for waits for it" },
    { "two that wait for each other, and one of them for something else too",
      TWO_STAGES "deadlines:\n"
                 "  - {id: a, limit: 5 days, from: deadline b passed}\n"
                 "  - {id: b, limit: 5 days, from: deadline a passed or event meeting.held}\n",
      NULL },
    { "a stage's own deadline that starts in another stage",
      "stages:\n"
      "  - {id: one, handlers: [manager], limit: 5 working days}\n"
      "  - id: two\n"
      "    handlers: [manager]\n"
      "    deadlines:\n"
      "      - {id: own, limit: 2 days, from: deadline one passed}\n",
      "13:40: `own` starts when `one` passes, which is in another stage" },
    { "stage entered where there is no stage",
      TWO_STAGES "deadlines:\n"
                 "  - {id: reply, limit: 5 days, from: stage entered}\n",
      "12:38: `reply` starts when a stage is entered, but stands under none" },
    { "the resolution comes before it",
      TWO_STAGES "after_resolution:\n"
                 "  - {id: write, limit: 5 days}\n"
                 "deadlines:\n"
                 "  - {id: reply, limit: 5 days, from: deadline write passed}\n",
      "14:38: `reply` starts when `write` passes, which is after the resolution" },
    { "a duty that can never fall due to anybody",
      TWO_STAGES "deadlines:\n"
                 "  - {id: report, when: [risk is none, risk is immediate]}\n",
      "12:39: `report` can never start: \"risk is none\" and \"risk is immediate\" never hold" },
    { "at one event another cannot be",
      TWO_STAGES "deadlines:\n"
                 "  - {id: reply, limit: 5 days, from: event meeting.held, when: [event "
                 "concern.seen]}\n",
      "12:65: `reply` can never start: \"event concern.seen\" never holds here" },
    { "a stage's own deadline that asks for another stage",
      "stages:\n"
      "  - id: one\n"
      "    handlers: [manager]\n"
      "    deadlines:\n"
      "      - {id: own, limit: 2 days, when: [stage is two]}\n"
      "  - {id: two, handlers: [manager]}\n",
      "12:41: `own` can never start: \"stage is two\" never holds here" },
    { "a deadline that nobody owns: the handlers stand on the other side",
      "stages:\n"
      "  - id: one\n"
      "    handlers: [head]\n"
      "    deadlines:\n"
      "      - {id: own, limit: 2 days, owners: [stage.handlers@challenging]}\n",
      "12:42: nobody ever owns `own`" },
    { "a date kept for others is owned by nobody on purpose",
      TWO_STAGES "deadlines:\n"
                 "  - {id: kept, limit: 5 days, owners: [nobody], tell: [team]}\n",
      NULL },

    /* rules */
    { "two events at once",
      TWO_STAGES "rules:\n"
                 "  - id: odd\n"
                 "    when: [event meeting.held, event complaint.raised]\n"
                 "    tell: [team]\n",
      "13:32: the rule `odd` can never fire: \"event meeting.held\" and \"event complaint.raised\" "
      "never hold together" },
    { "either of two events",
      TWO_STAGES "rules:\n"
                 "  - id: odd\n"
                 "    when: [event meeting.held or event complaint.raised]\n"
                 "    tell: [team]\n",
      NULL },
    { "before the event that is being decided",
      TWO_STAGES "rules:\n"
                 "  - id: odd\n"
                 "    when: [event meeting.held, before event meeting.held]\n"
                 "    tell: [team]\n",
      "13:32: the rule `odd` can never fire: \"event meeting.held\" and \"before event "
      "meeting.held\" never hold together" },
    { "no stage is senior",
      TWO_STAGES "rules:\n"
                 "  - {id: odd, when: [stage.senior], tell: [team]}\n",
      "12:22: the rule `odd` can never fire: \"stage.senior\" never holds here" },
    { "three that fit in pairs",
      TWO_STAGES
      "rules:\n"
      "  - id: odd\n"
      "    when: [urgent or policy_issue, not urgent or policy_issue, not policy_issue]\n"
      "    tell: [team]\n",
      "13:11: the rule `odd` can never fire: its tests never hold all together" },
    { "a silence can always be",
      TWO_STAGES
      "rules:\n"
      "  - id: heads_up\n"
      "    when: [urgent, event manager.unresponsive or silence of manager for 4 hours]\n"
      "    tell: [next.handlers]\n",
      NULL },
    { "after the last stage there is nobody",
      TWO_STAGES "rules:\n"
                 "  - id: odd\n"
                 "    when: [stage is two, urgent]\n"
                 "    tell: [next.handlers]\n",
      "14:11: the rule `odd` tells nobody where it fires" },
    { "the handlers stand on the other side, so nobody is asked",
      "stages:\n"
      "  - {id: one, handlers: [head]}\n"
      "rules:\n"
      "  - id: odd\n"
      "    when: [urgent]\n"
      "    confirm_by: [stage.handlers@challenging]\n"
      "    tell: [team]\n",
      "13:17: the rule `odd` asks nobody where it fires" },

    /* found when it is read, and told in the same way */
    { "an event nobody declares",
      TWO_STAGES "deadlines:\n"
                 "  - {id: reply, limit: 5 days, from: event meeting.hold}\n",
      "12:38: unknown event `meeting.hold` (did you mean `meeting.held`?)" },
    { "a level beyond the stages",
      TWO_STAGES "rules:\n"
                 "  - {id: odd, when: [stage.level is at least 9], tell: [team]}\n",
      "12:22: `stage.level` cannot be \"9\" (1 to 2: there are 2 stages)" },
    { "a value that is none of the fact's",
      TWO_STAGES "rules:\n"
                 "  - {id: odd, when: [weight is medium], tell: [team]}\n",
      "12:22: unknown value of `weight` `medium`" },
    { "a role on the other side",
      TWO_STAGES "rules:\n"
                 "  - {id: odd, when: [urgent], tell: [head@challenging]}\n",
      "12:38: \"head@challenging\" is nobody" },
};

static const char *check(const char *text, struct faults *faults)
{
    static char line[FAULT_LINE_SIZE];
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct procedure_defaults defaults = procedure_defaults_shipped();
    char whole[4096];

    snprintf(whole, sizeof whole, "%s%s", TOP, text);
    if (procedure_read_text("p", whole, strlen(whole), &defaults, faults, &file) == PROCEDURE_OK) {
        bool fine = procedure_check(file, faults);

        assert_int_equal(fine, faults->errors == 0);
    }
    if (faults->count == 0)
        return "";
    fault_write(&faults->list[0], line);
    return line + strlen("p:");
}

static void each_is_told_at_its_place(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(faults_close) struct faults faults = { 0 };
        const char *told = check(rows[i].text, &faults);
        const char *right = rows[i].fault ? rows[i].fault : "";

        if (rows[i].fault ? strncmp(told, right, strlen(right)) != 0 : *told) {
            print_message("%s:\n  told   %s\n  wanted %s\n", rows[i].name, told, right);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* --- with calendars: data of this project, today as it is given */

static void of_what_ends(const char *today, size_t warnings, const char *part)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(settings_close) struct settings_file *settings = NULL;
    CLEANUP(policy_close) struct policy *policy = NULL;
    char text[512], line[FAULT_LINE_SIZE];
    struct instant at;

    snprintf(text, sizeof text,
             "data: \"%s/config\"\ndirectory: \"%s/config/directory.example.yaml\"\n",
             CONCERN_SOURCE_DIR, CONCERN_SOURCE_DIR);
    assert_int_equal(instant_read(today, NULL, &at), INSTANT_OK);
    assert_int_equal(settings_read_text("s", text, strlen(text), &faults, &settings), SETTINGS_OK);
    assert_int_equal(policy_load(settings_of(settings), &faults, &policy), POLICY_OK);
    assert_int_equal(faults.errors, 0);
    faults_close(&faults);
    policy_check_calendars(policy, at, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        if (faults.warnings != warnings)
            print_message("    %s\n", line);
        if (part && strstr(line, part))
            part = NULL;
    }
    assert_int_equal(faults.errors, 0);
    assert_int_equal(faults.warnings, warnings);
    assert_null(part);
}

/* England and Wales is known until 31 December 2028.  Fifteen working days from Wednesday 6
 * December 2028 end on Friday the 29th (Christmas and Boxing Day are closed); from the 7th on
 * Monday 1 January 2029, whose closure nobody has listed yet.  Six times five pass the year's end
 * before. */
static void a_calendar_has_to_reach_as_far_as_its_deadlines(void **state)
{
    (void)state;
    of_what_ends("2026-11-21T12:00:00Z", 0, NULL);
    of_what_ends("2028-12-06T12:00:00Z", 1, "rochdale-adults.yaml:6:11: warning: the calendar");
    of_what_ends(
        "2028-12-07T12:00:00Z", 2,
        "plcsab-adults.yaml:6:11: warning: the calendar `england-and-wales` is known until "
        "2028-12-31, and a disagreement raised today may run until 2029-01-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told_at_its_place),
        cmocka_unit_test(a_calendar_has_to_reach_as_far_as_its_deadlines),
    };

    return cmocka_run_group_tests_name("policy_check", tests, NULL, NULL);
}
