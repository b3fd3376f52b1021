/* test_compose_acknowledge.c - what the page behind a link says, in each state and language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/compose_acknowledge.h"
#include "core/compose_examine.h"

static char english[8000], welsh[8000];
static struct template_text texts[] = {
    { .id = TEMPLATE_ACKNOWLEDGE, .file = "acknowledge.txt", .text = english },
    { .id = TEMPLATE_ACKNOWLEDGE, .file = "cy/acknowledge.txt", .text = welsh, .language = "cy" },
};
static const struct templates both = { .list = texts, .count = 2 };

static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static int read_shipped(void **state)
{
    (void)state;
    read_file(CONCERN_SOURCE_DIR "/config/templates/acknowledge.txt", english, sizeof english);
    read_file(CONCERN_SOURCE_DIR "/config/templates/cy/acknowledge.txt", welsh, sizeof welsh);
    return 0;
}

static struct acknowledge_words words_of(enum acknowledge_state state, const char *language)
{
    struct acknowledge_page page = {
        .state = state,
        .seen_at = state == ACKNOWLEDGE_USED ? "14:02 AT A TIME" : "",
        .templates = &both,
        .language = language,
    };
    struct acknowledge_words words;

    assert_int_equal(compose_acknowledge(&page, &words), TEMPLATE_OK);
    print_message("%s: %s\n%s[%s]\n", acknowledge_state_name(state), words.title, words.text,
                  words.button);
    return words;
}

/* No two states look alike, in neither language; only the question has a button. */
static void each_state_has_words_of_its_own(void **state)
{
    static const char *const languages[] = { "en", "cy" };
    static struct acknowledge_words all[2 * ACKNOWLEDGE_STATES];

    (void)state;
    for (int i = 0; i < 2 * ACKNOWLEDGE_STATES; i++) {
        enum acknowledge_state which = (enum acknowledge_state)(i % ACKNOWLEDGE_STATES);

        all[i] = words_of(which, languages[i / ACKNOWLEDGE_STATES]);
        assert_true(all[i].title[0] && all[i].text[0]);
        assert_int_equal(all[i].button[0] != '\0', which == ACKNOWLEDGE_ASKS);
        assert_int_equal(strstr(all[i].text, "14:02 AT A TIME") != NULL, which == ACKNOWLEDGE_USED);
        assert_null(strstr(all[i].text, "{{"));
        for (int j = 0; j < i; j++)
            if (!strcmp(all[i].text, all[j].text) || !strcmp(all[i].title, all[j].title))
                fail_msg("%d and %d say the same: %s", i, j, all[i].title);
    }
    assert_string_equal(all[0].title, "Have you seen this message?");
    assert_string_equal(all[ACKNOWLEDGE_STATES].title, "A ydych wedi gweld y neges hon?");
}

static void a_language_that_nobody_worded_is_english(void **state)
{
    (void)state;
    assert_string_equal(compose_acknowledge_language(&both, "cy"), "cy");
    assert_string_equal(compose_acknowledge_language(&both, "fr"), "en");
    assert_string_equal(compose_acknowledge_language(&both, NULL), "en");
    assert_string_equal(words_of(ACKNOWLEDGE_THANKS, "fr").title, "Thank you");
}

static void has_words_of_its_own_where_a_file_is_missing(void **state)
{
    (void)state;
    for (int i = 0; i < ACKNOWLEDGE_STATES; i++) {
        struct acknowledge_page page = { .state = (enum acknowledge_state)i, .seen_at = "" };
        struct acknowledge_words words;

        assert_int_equal(compose_acknowledge(&page, &words), TEMPLATE_OK);
        assert_true(words.title[0] && words.text[0]);
        assert_int_equal(words.button[0] != '\0', i == ACKNOWLEDGE_ASKS);
    }
    assert_string_equal(compose_acknowledge_language(NULL, "cy"), "en");
}

static void what_is_shipped_is_right_in_every_state(void **state)
{
    struct compose_fault fault;
    struct template_fault where;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(template_check(&texts[i], &where), TEMPLATE_OK);
        assert_int_equal(compose_acknowledge_examine(&both, texts[i].language, &fault),
                         TEMPLATE_OK);
    }
}

/* Each state by itself is left out or left empty. */
static void what_is_left_out_is_told_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < ACKNOWLEDGE_STATES; i++) {
        const char *name = acknowledge_state_name((enum acknowledge_state)i);
        static char changed[8000];
        struct template_text text = { .id = TEMPLATE_ACKNOWLEDGE, .file = "x", .text = changed };
        const struct templates one = { .list = &text, .count = 1 };
        struct template_fault where;
        struct compose_fault fault;
        char begins[40], ends[40], *from, *to;

        snprintf(begins, sizeof begins, "{{#%s}}", name);
        snprintf(ends, sizeof ends, "{{/%s}}", name);
        memcpy(changed, english, sizeof changed);
        from = strstr(changed, begins) + strlen(begins);
        to = strstr(changed, ends);
        memmove(from, to, strlen(to) + 1); /* an empty section */
        /* The button stands in the one that asks. */
        assert_int_equal(template_check(&text, &where),
                         i == ACKNOWLEDGE_ASKS ? TEMPLATE_FAULT : TEMPLATE_OK);
        assert_int_equal(compose_acknowledge_examine(&one, NULL, &fault), TEMPLATE_FAULT);
        assert_non_null(strstr(fault.why, begins));
        from = strstr(changed, begins);
        memmove(from, from + strlen(begins) + strlen(ends),
                strlen(from + strlen(begins) + strlen(ends)) + 1);
        assert_int_equal(template_check(&text, &where), TEMPLATE_FAULT);
        assert_non_null(strstr(where.why, begins));
    }
}

static bool is_section_of_the_page(const char *name)
{
    static const char *const parts[] = { "title", "text", "button" };

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strcmp(name, parts[i]) == 0)
            return true;
    return false;
}

static void the_page_lists_every_field(void **state)
{
    static char page[60000];
    char *table, *others;
    size_t fields = 0, rows = 0;

    (void)state;
    read_file(CONCERN_SOURCE_DIR "/config/templates/README.md", page, sizeof page);
    table = strstr(page, "### of `acknowledge.txt`");
    assert_non_null(table);
    others = strstr(table + 1, "\n### ");
    if (others)
        *others = '\0';
    for (const char *name; (name = compose_acknowledge_field(fields)); fields++) {
        char row[100];

        snprintf(row, sizeof row, "\n| `%s` |", name);
        if (!strstr(table, row) && !is_section_of_the_page(name))
            fail_msg("no row for %s", name);
    }
    for (const char *row = strstr(table, "\n| `"); row; row = strstr(row + 1, "\n| `"))
        rows++;
    assert_int_equal(rows + 3, fields); /* but for its parts */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_words_of_its_own),
        cmocka_unit_test(a_language_that_nobody_worded_is_english),
        cmocka_unit_test(has_words_of_its_own_where_a_file_is_missing),
        cmocka_unit_test(what_is_shipped_is_right_in_every_state),
        cmocka_unit_test(what_is_left_out_is_told_by_its_name),
        cmocka_unit_test(the_page_lists_every_field),
    };

    return cmocka_run_group_tests(tests, read_shipped, NULL);
}
