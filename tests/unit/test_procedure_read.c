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
    assert_int_equal(procedure_supported(file, &faults), PROCEDURE_OK);
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

            assert_string_equal(deadline->id, row->id);
            limit_write(&deadline->limit, limit);
            assert_string_equal(limit, row->limit);
            assert_selectors(procedure, &deadline->owners, row->handlers);
            assert_int_equal(procedure->stages[s].senior, row->senior);
            assert_int_equal(deadline->when_passed,
                             s + 1 == procedure->stage_count ? PASSED_ALERT : PASSED_ADVANCE);
            assert_non_null(deadline->words);
        }
        for (size_t r = 0; r < procedure->rule_count; r++)
            assert_non_null(procedure->rules[r].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_five_say_what_their_documents_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
