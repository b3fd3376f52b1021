/* test_procedure_read.c - what a file of a procedure says is what is read. */
#include "sound_procedure.h"

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
        cmocka_unit_test(the_whole_notation_is_read),
        cmocka_unit_test(defaults_are_given_procedure_then_own),
        cmocka_unit_test(the_hash_is_of_the_bytes),
        cmocka_unit_test(no_cut_of_the_whole_breaks_the_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
