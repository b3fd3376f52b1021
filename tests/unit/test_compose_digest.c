/* test_compose_digest.c - what a person reads who gets several notifications in one message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/compose_digest.h"

static char shipped[8000];
static struct template_text text = { .id = TEMPLATE_DIGEST, .file = "digest.txt", .text = shipped };
static const struct templates templates = { .list = &text, .count = 1 };

static const struct digest_entry entries[] = {
    { "D-0001", "17:00 on Wednesday 6 January 2027, Stage 3: Senior officers are involved.",
      "https://b.example/1", NULL },
    { "D-0002", "17:00 on Wednesday 6 January 2027, Stage 3: Senior officers are involved.",
      "https://b.example/2", NULL },
    { "D-0001", "18:00 on Wednesday 6 January 2027, Stage 3: The disagreement is resolved.", "",
      "" },
};

static int read_shipped(void **state)
{
    FILE *file = fopen(CONCERN_SOURCE_DIR "/config/templates/digest.txt", "re");

    (void)state;
    assert_non_null(file);
    shipped[fread(shipped, 1, sizeof shipped - 1, file)] = '\0';
    fclose(file);
    return 0;
}

static struct digest three(void)
{
    return (struct digest){ .board = "An invented board",
                            .entries = entries,
                            .count = COUNT_OF(entries),
                            .part = 1,
                            .parts = 1,
                            .notification = "01INVENTED",
                            .templates = &templates };
}

static void assert_says(const struct digest *digest, bool brief, const char *subject,
                        const char *const *says, const char *never)
{
    static char body[DIGEST_BODY_SIZE], flat[DIGEST_BODY_SIZE];
    char line[SUBJECT_SIZE];
    size_t used = 0;

    assert_int_equal(compose_digest(digest, brief, line, body, sizeof body), TEMPLATE_OK);
    print_message("Subject: %s\n\n%s\n", line, body);
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
}

static void says_each_and_the_same_once(void **state)
{
    static const char *const says[] = { "3 notifications of An invented board",
                                        "Senior officers are involved. - D-0001 - D-0002",
                                        "The disagreement is resolved. - D-0001",
                                        "Message 01INVENTED", NULL };
    struct digest digest = three();

    (void)state;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board", says, "part 1");
}

static void says_which_part_it_is(void **state)
{
    static const char *const says[] = { "This is part 2 of 3.", "SENT BY ANOTHER WAY AS WELL",
                                        "in the place of somebody", NULL };
    struct digest digest = three();

    (void)state;
    digest.part = 2;
    digest.parts = 3;
    digest.is_other_way = digest.stand_in = true;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board, part 2 of 3", says,
                "you, the operator");
    digest.operator= true;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board, part 2 of 3",
                (const char *const[]){ "you, the operator", NULL }, "in the place of somebody");
}

static void each_link_stands_below_its_reference(void **state)
{
    static const char *const says[] = { "Senior officers are involved. - D-0001 "
                                        "  https://b.example/1 - D-0002   https://b.example/2 ",
                                        "The disagreement is resolved. - D-0001  WHAT TO DO",
                                        "The link below a reference is for that notification "
                                        "alone",
                                        NULL };
    struct digest digest = three();

    (void)state;
    digest.links = DIGEST_LINKS_LISTED;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board", says,
                "no room for links");
}

static void what_has_come_about_since_stands_behind_its_reference(void **state)
{
    struct digest_entry list[COUNT_OF(entries)];
    struct digest digest = three();

    (void)state;
    memcpy(list, entries, sizeof list);
    list[1].since = "resolved since";
    digest.entries = list;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board",
                (const char *const[]){ "Senior officers are involved. - D-0001 - D-0002 (resolved "
                                       "since)  18:00",
                                       "The disagreement is resolved. - D-0001  WHAT TO DO",
                                       "What stands in brackets behind a reference has come about "
                                       "since",
                                       NULL },
                "no room");
    digest.since_left_out = true;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board",
                (const char *const[]){ "Senior officers are involved. - D-0001 - D-0002  18:00",
                                       "Some of these have been overtaken since, and there is no "
                                       "room to say which.",
                                       NULL },
                "(resolved");
    digest.entries = entries;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board",
                (const char *const[]){ "- D-0001 - D-0002  18:00", NULL }, "overtaken");
}

static void without_room_for_links_it_says_so(void **state)
{
    struct digest digest = three();

    (void)state;
    digest.links = DIGEST_LINKS_LEFT_OUT;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board",
                (const char *const[]){ "no room for links to confirm by",
                                       "Senior officers are involved. - D-0001 - D-0002", NULL },
                "https://");
    digest.links = DIGEST_LINKS_NONE;
    assert_says(&digest, false, "[Digest] 3 notifications of An invented board",
                (const char *const[]){ "Senior officers are involved. - D-0001 - D-0002", NULL },
                "confirm");
}

static void a_text_message_names_each_reference(void **state)
{
    static const char *const says[] = { "3 notifications of An invented board, part 2 of 3: "
                                        "D-0001, D-0002, D-0001. Look each up",
                                        NULL };
    struct digest digest = three();

    (void)state;
    digest.part = 2;
    digest.parts = 3;
    assert_says(&digest, true, "[Digest] 3 notifications of An invented board, part 2 of 3", says,
                "Senior");
}

static void a_list_that_was_sent_already_is_told_of(void **state)
{
    static const char *const says[] = { "100 notifications of An invented board, the first about "
                                        "D-0001. The list was sent to you",
                                        NULL };
    struct digest_entry many[100];
    struct digest digest = three();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = entries[0];
    digest.entries = many;
    digest.count = COUNT_OF(many);
    assert_says(&digest, true, "[Digest] 100 notifications of An invented board", says, "D-0002");
}

static void has_words_of_its_own(void **state)
{
    struct digest digest = three();

    (void)state;
    digest.templates = NULL;
    assert_says(&digest, false, "3 notifications of An invented board",
                (const char *const[]){ "Senior officers are involved. - D-0001 - D-0002", NULL },
                "part");
    assert_string_equal(compose_digest_language(&digest), "en");
}

static void a_list_that_does_not_fit_is_told(void **state)
{
    char line[SUBJECT_SIZE], body[300];
    struct digest digest = three();

    (void)state;
    assert_int_equal(compose_digest(&digest, false, line, body, sizeof body), TEMPLATE_CUT);
}

static void finds_what_is_wrong(void **state)
{
    static const char *const wrong[] = {
        "no parts",
        "{{#subject}}a{{/subject}}{{#opening}}b{{/opening}}",
        "{{#opening}}b{{/opening}}{{#brief}}c{{/brief}}",
        "{{#subject}}a{{/subject}}{{#opening}}{{reference}}{{/opening}}{{#brief}}c{{/brief}}",
        "{{#subject}}a{{/subject}}{{#opening}}b{{/opening}}{{#brief}}c",
    };
    struct template_fault fault;

    (void)state;
    assert_int_equal(template_check(&text, &fault), TEMPLATE_OK);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct template_text other = { .id = TEMPLATE_DIGEST, .file = "x.txt", .text = wrong[i] };

        assert_int_equal(template_check(&other, &fault), TEMPLATE_FAULT);
        assert_true(strlen(fault.why) > 10);
    }
}

static bool is_part(const char *name)
{
    static const char *const parts[] = { "subject", "opening", "closing", "brief" };

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strcmp(name, parts[i]) == 0)
            return true;
    return false;
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
    table = strstr(page, "### of `digest.txt`");
    assert_non_null(table);
    others = strstr(table + 1, "\n### ");
    if (others)
        *others = '\0';
    for (const char *name; (name = compose_digest_field(fields)); fields++) {
        char row[100];

        snprintf(row, sizeof row, "\n| `%s` |", name);
        if (!strstr(table, row) && !is_part(name))
            fail_msg("no row for %s", name);
    }
    for (const char *row = strstr(table, "\n| `"); row; row = strstr(row + 1, "\n| `"))
        rows++;
    assert_int_equal(rows + 4, fields); /* but for its parts */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_each_and_the_same_once),
        cmocka_unit_test(says_which_part_it_is),
        cmocka_unit_test(each_link_stands_below_its_reference),
        cmocka_unit_test(what_has_come_about_since_stands_behind_its_reference),
        cmocka_unit_test(without_room_for_links_it_says_so),
        cmocka_unit_test(a_text_message_names_each_reference),
        cmocka_unit_test(a_list_that_was_sent_already_is_told_of),
        cmocka_unit_test(has_words_of_its_own),
        cmocka_unit_test(a_list_that_does_not_fit_is_told),
        cmocka_unit_test(finds_what_is_wrong),
        cmocka_unit_test(the_page_lists_every_field),
    };

    return cmocka_run_group_tests(tests, read_shipped, NULL);
}
