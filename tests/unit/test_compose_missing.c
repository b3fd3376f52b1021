/* test_compose_missing.c - what a board's team reads when events have not come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/compose_missing.h"

static char shipped[8000];
static struct template_text text = { .id = TEMPLATE_EVENTS_MISSING,
                                     .file = "events_missing.txt",
                                     .text = shipped };
static const struct templates templates = { .list = &text, .count = 1 };

static const struct zone utc = { .name = "UTC" };
static const struct timekeeping timekeeping = { .zone = &utc };

static int read_shipped(void **state)
{
    FILE *file = fopen(CONCERN_SOURCE_DIR "/config/templates/events_missing.txt", "re");

    (void)state;
    assert_non_null(file);
    shipped[fread(shipped, 1, sizeof shipped - 1, file)] = '\0';
    fclose(file);
    return 0;
}

static struct missing_events three_missing(void)
{
    return (struct missing_events){
        .source = "urn:invented:las",
        .board = "An invented board",
        .role = "Invented Team",
        .count = 3,
        .since = { INT64_C(1797613140000000) }, /* 2026-12-18 16:59 UTC */
        .time = &timekeeping,
        .templates = &templates,
    };
}

static void assert_says(const struct missing_events *missing, const char *subject,
                        const char *const *says, const char *never)
{
    char line[SUBJECT_SIZE], body[BODY_SIZE], flat[BODY_SIZE];
    size_t used = 0;

    assert_int_equal(compose_missing(missing, line, body, sizeof body), TEMPLATE_OK);
    assert_string_equal(line, subject);
    for (const char *c = body; *c; c++)
        flat[used++] = *c == '\n' ? ' ' : *c;
    flat[used] = '\0';
    for (; *says; says++)
        if (!strstr(flat, *says))
            fail_msg("not said: %s\n%s", *says, body);
    if (strstr(flat, never))
        fail_msg("said: %s\n%s", never, body);
    assert_null(strstr(body, "{{"));
    assert_null(strstr(body, "\n\n\n"));
}

static void says_what_is_missing(void **state)
{
    static const char *const says[] = {
        "3 events of the case system urn:invented:las have not come",
        "since 16:59 on Friday 18 December 2026", "as Invented Team of An invented board", NULL
    };
    struct missing_events missing = three_missing();

    (void)state;
    assert_says(&missing, "[Action] Events are missing: 3 of urn:invented:las", says,
                "best effort");
}

static void says_that_it_never_comes(void **state)
{
    static const char *const says[] = { "1 event of the case system urn:invented:las never came",
                                        "What it said is not known", "best effort", NULL };
    struct missing_events missing = three_missing();

    (void)state;
    missing.since = INSTANT_NONE;
    missing.count = 1;
    missing.best_effort = true;
    assert_says(&missing, "[Action] Events are missing: 1 of urn:invented:las", says,
                "have not come");
}

static void says_who_stands_in(void **state)
{
    static const char *const says[] = { "Nobody can be told as Invented Team", NULL };
    struct missing_events missing = three_missing();

    (void)state;
    missing.stand_in = true;
    assert_says(&missing, "[Action] Events are missing: 3 of urn:invented:las", says, "never came");
}

static void has_words_of_its_own(void **state)
{
    struct missing_events missing = three_missing();
    char line[SUBJECT_SIZE], body[BODY_SIZE];

    (void)state;
    missing.templates = NULL;
    assert_int_equal(compose_missing(&missing, line, body, sizeof body), TEMPLATE_OK);
    assert_string_equal(line, "3 events of urn:invented:las are missing");
    assert_string_equal(body, "3 events of urn:invented:las have not come.\n");
}

static void finds_what_is_wrong(void **state)
{
    static const char *const wrong[] = { "{{#subject}}{{reference}}{{/subject}}{{#body}}x{{/body}}",
                                         "{{#body}}x{{/body}}", "{{#subject}}x{{/subject}}", "" };
    struct template_fault fault;

    (void)state;
    assert_int_equal(template_check(&text, &fault), TEMPLATE_OK);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct template_text other = { .id = TEMPLATE_EVENTS_MISSING,
                                       .file = "x.txt",
                                       .text = wrong[i] };

        assert_int_equal(template_check(&other, &fault), TEMPLATE_FAULT);
        assert_true(strlen(fault.why) > 10);
    }
}

static void the_page_lists_every_field(void **state)
{
    static char page[40000];
    FILE *file = fopen(CONCERN_SOURCE_DIR "/config/templates/README.md", "re");
    char *table, *others;
    size_t fields = 0, rows = 0;

    (void)state;
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    table = strstr(page, "### of `events_missing.txt`");
    assert_non_null(table);
    others = strstr(table + 1, "\n### ");
    if (others)
        *others = '\0';
    for (const char *name; (name = compose_missing_field(fields)); fields++) {
        char row[100];

        snprintf(row, sizeof row, "\n| `%s` |", name);
        if (!strstr(table, row) && strcmp(name, "subject") != 0 && strcmp(name, "body") != 0)
            fail_msg("no row for %s", name);
    }
    for (const char *row = strstr(table, "\n| `"); row; row = strstr(row + 1, "\n| `"))
        rows++;
    assert_int_equal(rows + 2, fields); /* but for its two parts */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_missing), cmocka_unit_test(says_that_it_never_comes),
        cmocka_unit_test(says_who_stands_in),   cmocka_unit_test(has_words_of_its_own),
        cmocka_unit_test(finds_what_is_wrong),  cmocka_unit_test(the_page_lists_every_field),
    };

    return cmocka_run_group_tests(tests, read_shipped, NULL);
}
