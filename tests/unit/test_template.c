/* test_template.c - what a template becomes, what is wrong with one, and where lines break. */
#include "core/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fields of a test: one of each kind. */
enum { NAME, EMPTY, FLAG, ITEMS, LINES, ONLY_VALUE };
static const struct template_field fields[] = {
    [NAME] = { "name", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION },
    [EMPTY] = { "empty", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION },
    [FLAG] = { "flag", TEMPLATE_AS_SECTION },
    [ITEMS] = { "items", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION | TEMPLATE_LIST },
    [LINES] = { "lines", TEMPLATE_AS_VALUE | TEMPLATE_LINES },
    [ONLY_VALUE] = { "only_value", TEMPLATE_AS_VALUE },
};

static const char *const items[] = { "one", "two", "three" };

static bool value_of(void *context, size_t field, struct text *value)
{
    size_t *item = context;
    static const char *const values[] = {
        [NAME] = "Ann\nBea {{flag}}", [EMPTY] = "",       [FLAG] = "", [ITEMS] = "all",
        [LINES] = "a\nb\a",           [ONLY_VALUE] = "v",
    };

    text_add(value, field == ITEMS && *item < COUNT_OF(items) ? items[*item] : values[field]);
    return field != EMPTY;
}

static bool item_of(void *context, size_t field, size_t item)
{
    assert_int_equal(field, ITEMS);
    *(size_t *)context = item;
    return item < COUNT_OF(items);
}

static void fill(const char *template, struct text *result)
{
    size_t item = COUNT_OF(items);
    struct template_source source = { fields, COUNT_OF(fields), &item, value_of, item_of, NULL };

    template_fill(template, &source, result);
}

static const struct {
    const char *name, *template, *result;
} filled[] = {
    { "nothing", "", "" },
    { "plain words", "a } }} { b", "a } }} { b" },
    { "a value is one line and no template", "<{{name}}>", "<Ann Bea {{flag}}>" },
    { "a value of lines keeps them", "{{lines}}", "a\nb " },
    { "blanks in a tag", "{{ only_value }}{{# flag }}x{{/ flag }}", "vx" },
    { "a value that is none", "<{{empty}}>", "<>" },
    { "shown and not", "{{#name}}a{{/name}}{{#empty}}b{{/empty}}", "a" },
    { "shown where there is none", "{{^name}}a{{/name}}{{^empty}}b{{/empty}}", "b" },
    { "nested, the inner one hidden", "{{#flag}}a{{#empty}}b{{/empty}}c{{/flag}}", "ac" },
    { "the outer one hidden", "{{#empty}}a{{#flag}}b{{/flag}}c{{/empty}}d", "d" },
    { "each item", "{{#items}}<{{items}}>{{/items}}", "<one><two><three>" },
    { "a list outside its section", "{{items}}", "all" },
    { "no items", "{{^items}}none{{/items}}", "" },
    { "lines of tags leave none behind", "a\n{{#flag}}\nb\n  {{/flag}}  \nc\n", "a\nb\nc\n" },
    { "on the first and last line", "{{#flag}}\nb\n{{/flag}}", "b\n" },
    { "with the line ends of another system", "a\r\n{{#flag}}\r\nb\r\n{{/flag}}\r\n",
      "a\r\nb\r\n" },
    { "a line of two tags stays a line", "a\n{{#flag}}{{/flag}}\nb", "a\n\nb" },
    { "a value alone on a line stays", "a\n{{only_value}}\nb", "a\nv\nb" },
    { "remarks", "a{{! x {{ y }}b\n{{! z }}\nc", "ab\nc" },
    /* not examined before: left out, nothing lost behind it */
    { "unknown", "a{{what}}b{{#what}}c{{/what}}d", "abd" },
    { "a close that closes nothing", "a{{/flag}}b", "ab" },
    { "never closed", "a{{#empty}}b", "a" },
    { "a list within itself", "{{#items}}{{#items}}{{items}}{{/items}}{{/items}}", "onetwothree" },
};

static void fills(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(filled); i++) {
        char buffer[200];
        struct text result = text_over(buffer, sizeof buffer);

        print_message("  %s\n", filled[i].name);
        fill(filled[i].template, &result);
        assert_string_equal(buffer, filled[i].result);
    }
}

#define OPEN_9 "{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}"

static const struct {
    const char *name, *template;
    unsigned line, column; /* 0: sound */
    const char *why;       /* a piece of it */
} examined[] = {
    { "sound", "{{name}}{{#flag}}{{^items}}x{{/items}}{{/flag}}{{#items}}{{items}}{{/items}}", 0, 0,
      "" },
    { "a misspelt field", "Dear\n\xc3\xa9\xc3\xa9 {{nmae}}", 2, 4, "nearest: \"name\"" },
    { "a misspelt section", "{{#flags}}x{{/flags}}", 1, 1, "nearest: \"flag\"" },
    { "on a line of its own", "a\n  {{#flags}}\nx{{/flags}}", 2, 3, "nearest: \"flag\"" },
    { "never closed", "a\n{{#flag}}\nb", 2, 1, "{{#flag}} is never closed (add {{/flag}})" },
    { "closed twice", "{{#flag}}a{{/flag}}\n b{{/flag}}", 2, 3, "{{/flag}} closes nothing" },
    { "crossed", "{{#flag}}{{#name}}{{/flag}}{{/name}}", 1, 19, "({{/name}} comes first)" },
    { "no end on its line", "a {{name\n}}", 1, 3, "on its line" },
    { "no name", "a {{ }}", 1, 3, "without a name" },
    { "a section's mark alone", "{{#}}", 1, 1, "without a name" },
    { "a flag has no words", "x {{flag}}", 1, 3, "{{#flag}} ... {{/flag}}" },
    { "a value makes no section", "{{#only_value}}{{/only_value}}", 1, 1, "makes no section" },
    { "a list within itself", "{{#items}}{{#items}}{{/items}}{{/items}}", 1, 11, "within itself" },
    { "but not in its absence", "{{^items}}{{#items}}{{/items}}{{/items}}", 0, 0, "" },
    { "nested too deep", OPEN_9, 1, 73, "too deep" },
    { "a control character", "a\n\tb\x1b", 2, 3, "no plain text" },
    { "not UTF-8", "a\xff", 1, 2, "no plain text" },
    { "half a character", "abc\xc3", 1, 4, "no plain text" },
    { "a name of great length",
      "{{"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aa}}",
      1, 1, "nearest" },
};

static void examines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(examined); i++) {
        struct template_fault fault = { 0 };
        int answer = template_examine(examined[i].template, fields, COUNT_OF(fields), &fault);

        print_message("  %s\n", examined[i].name);
        assert_int_equal(answer, examined[i].line ? TEMPLATE_FAULT : TEMPLATE_OK);
        if (!examined[i].line)
            continue;
        if (fault.line != examined[i].line || fault.column != examined[i].column ||
            !strstr(fault.why, examined[i].why))
            fail_msg("%u:%u: %s", fault.line, fault.column, fault.why);
    }
}

/* Width 20. */
static const struct {
    const char *name, *raw, *wrapped;
} wraps[] = {
    { "nothing", "", "" },
    { "only blanks", " \n\n  \n", "" },
    { "one paragraph", "a b\nc\n", "a b c\n" },
    { "blanks in a row", "a   b  \n  ", "a b\n" },
    { "breaks before the word that does not fit", "aaaaaaaaa bbbbbbbbbb c",
      "aaaaaaaaa bbbbbbbbbb\nc\n" },
    { "a word longer than a line", "a bbbbbbbbbbbbbbbbbbbbbbbbb c",
      "a\nbbbbbbbbbbbbbbbbbbbbbbbbb\nc\n" },
    { "paragraphs, one empty line between", "\n\na\n\n\n\nb\n\n", "a\n\nb\n" },
    { "items hang", "x\n- aaaaaaaaa bbbbbbbbbb\n- c\nd", "x\n- aaaaaaaaa\n  bbbbbbbbbb\n- c d\n" },
    { "an item after nothing", "- a\n\n- b", "- a\n\n- b\n" },
    { "kept lines keep their blanks", "  a    b\n  c", "  a    b\n  c\n" },
    { "and hang", "  aaaaaaaaa bbbbbbbbbb", "  aaaaaaaaa\n  bbbbbbbbbb\n" },
    { "characters count, not bytes", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 aaaaaaaaaaaaaa",
      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 aaaaaaaaaaaaaa\n" },
    { "control characters go", "a\x1b[1m\x07 b\r\nc", "a[1m b c\n" },
    { "what would turn the line goes",
      "a \xe2\x80\xae"
      "b\xe2\x80\xa8"
      "c \xc2\x85 d\xff",
      "a bc d\n" },
    { "a dash within a paragraph", "a\n-b -\nc", "a -b - c\n" },
    { "a dash stays on the line", "aaaaaaaaa bbbbbbbb - cc", "aaaaaaaaa bbbbbbbb -\ncc\n" },
    { "and begins no further one", "aaaaaaaaa bbbbbbbbb - cc", "aaaaaaaaa\nbbbbbbbbb - cc\n" },
    { "nor behind a word as long as a line", "a bbbbbbbbbbbbbbbbbbbbbbbbb c - d",
      "a\nbbbbbbbbbbbbbbbbbbbbbbbbb\nc - d\n" },
};

static void wraps_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wraps); i++) {
        char buffer[200];
        struct text result = text_over(buffer, sizeof buffer);

        print_message("  %s\n", wraps[i].name);
        template_wrap(wraps[i].raw, 20, &result);
        assert_string_equal(buffer, wraps[i].wrapped);
    }
}

/* A small generator of its own, so that every run tries the same ones. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void survives_anything(void **state)
{
    static const char *const pieces[] = {
        "{{",    "}}",       "{{#",        "{{^",        "{{/",        "{{!",
        "\n",    " ",        "name",       "flag",       "items",      "empty",
        "lines", "{{name}}", "{{#items}}", "{{/items}}", "{{#flag}}",  "{{/flag}}",
        "- ",    "word",     "\xff",       "\xc3",       "\r",         "\t",
        "{",     "}",        "{{^empty}}", "{{/empty}}", "{{#lines}}", "aaaaaaaaaaaaaaaaaaaa",
    };
    uint32_t seed = 2027;
    unsigned sound = 0;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        char template[400], filled_in[300], wrapped[300];
        struct text text = text_over(template, sizeof template);
        struct text result = text_over(filled_in, sizeof filled_in);
        struct text lines = text_over(wrapped, 1 + next_random(&seed) % (sizeof wrapped - 1));
        struct template_fault fault = { 0 };
        unsigned count = next_random(&seed) % 24;
        int answer;

        for (unsigned i = 0; i < count; i++)
            text_add(&text, pieces[next_random(&seed) % COUNT_OF(pieces)]);
        answer = template_examine(template, fields, COUNT_OF(fields), &fault);
        assert_true(answer == TEMPLATE_OK || (fault.line > 0 && fault.column > 0 && fault.why[0]));
        sound += answer == TEMPLATE_OK;
        fill(template, &result);
        template_wrap(filled_in, 1 + next_random(&seed) % 80, &lines);
        if (answer == TEMPLATE_OK && !text_was_cut(&result))
            assert_null(strstr(filled_in, "{{#"));
    }
    print_message("  %u of 100000 were sound\n", sound);
    assert_true(sound > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills),
        cmocka_unit_test(examines),
        cmocka_unit_test(wraps_lines),
        cmocka_unit_test(survives_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
