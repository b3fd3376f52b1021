/* test_text.c - the bounded writer: what fits, what is cut, and that nothing is written past it. */
#include "core/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Each row adds the same text twice, by text_add and by text_addf, to a buffer of `size`. */
static const struct {
    const char *name;
    size_t size;
    const char *first, *second;
    const char *expected;
    bool cut;
} rows[] = {
    { "nothing", 1, "", "", "", false },
    { "no room at all", 1, "a", "b", "", true },
    { "just fits", 5, "ab", "cd", "abcd", false },
    { "one too many", 4, "ab", "cd", "abc", true },
    { "the first is cut, the second not added", 3, "abc", "d", "ab", true },
    { "a character of two bytes is not halved", 4, "ab", "\xc3\xa9", "ab", true },
    { "a character of three bytes fits", 6, "ab", "\xe2\x80\x99", "ab\xe2\x80\x99", false },
    { "and is not halved", 5, "ab", "\xe2\x80\x99", "ab", true },
    { "a character of four bytes is not halved", 6, "ab", "\xf0\x9f\x98\x80", "ab", true },
    { "a whole one before the cut stays", 5, "ab\xc3\xa9", "x", "ab\xc3\xa9", true },
    { "only half a character", 2, "\xc3\xa9", "", "", true },
};

static void adds_and_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char buffer[16], formatted[16];
        struct text text, same;

        memset(buffer, '#', sizeof buffer);
        memset(formatted, '#', sizeof formatted);
        print_message("  %s\n", rows[i].name);
        text = text_over(buffer, rows[i].size);
        text_add(&text, rows[i].first);
        text_add(&text, rows[i].second);
        same = text_over(formatted, rows[i].size);
        text_addf(&same, "%s", rows[i].first);
        text_addf(&same, "%s", rows[i].second);

        assert_string_equal(buffer, rows[i].expected);
        assert_string_equal(formatted, rows[i].expected);
        assert_int_equal(text.used, strlen(rows[i].expected));
        assert_int_equal(same.used, strlen(rows[i].expected));
        assert_int_equal(text_was_cut(&text), rows[i].cut);
        assert_int_equal(text_was_cut(&same), rows[i].cut);
        for (size_t past = rows[i].size; past < sizeof buffer; past++) {
            assert_int_equal(buffer[past], '#');
            assert_int_equal(formatted[past], '#');
        }
    }
}

static const struct {
    const char *name;
    size_t size;
    const char *added, *shown;
} shown[] = {
    { "whole", 6, "abcde", "abcde" },
    { "cut", 6, "abcdef", "ab\xe2\x80\xa6" },
    { "cut behind a character of two", 7, "a\xc3\xa9 def", "a\xc3\xa9\xe2\x80\xa6" },
    { "cut in a character of two", 6, "a\xc3\xa9 def", "a\xe2\x80\xa6" },
    { "nothing but the mark", 4, "abcdef", "\xe2\x80\xa6" },
    { "no room for the mark", 3, "abcdef", "ab" },
};

static void shows_that_it_was_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        char buffer[16];
        struct text text;

        memset(buffer, '#', sizeof buffer);
        print_message("  %s\n", shown[i].name);
        text = text_over(buffer, shown[i].size);
        text_add(&text, shown[i].added);
        text_show_cut(&text);
        assert_string_equal(buffer, shown[i].shown);
        assert_int_equal(text.used, strlen(shown[i].shown));
        for (size_t past = shown[i].size; past < sizeof buffer; past++)
            assert_int_equal(buffer[past], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_cuts),
        cmocka_unit_test(shows_that_it_was_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
