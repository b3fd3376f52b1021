/* test_plain.c - which characters may leave, and which would do harm. */
#include "core/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
static const struct {
    const char *what, *text;
    bool line, lines;
} rows[] = {
    { "letters",               "Stage 1",                         true,  true },
    { "nothing",               "",                                false, true },
    { "Welsh",                 "Bwrdd G\xc5\xb5yr",               true,  true },
    { "quotes and marks",      "\"A\", <b>; \\ {{x}} =?UTF-8?",   true,  true },
    { "an emoji of two",       "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x92", true, true },
    { "Hebrew with a mark",    "\xd7\x90\xe2\x80\x8f(1)",         true,  true },
    { "a soft hyphen",         "a\xc2\xad" "b",                   true,  true },
    { "a line end",            "a\nb",                            false, true },
    { "CR LF",                 "a\r\nb",                          false, true },
    { "a lone CR",             "a\rb",                            false, false },
    { "a CR at the end",       "a\r",                             false, false },
    { "a tab",                 "a\tb",                            false, true },
    { "an escape",             "\x1b[31m",                        false, false },
    { "delete",                "\x7f",                            false, false },
    { "next line U+0085",      "a\xc2\x85" "b",                   false, false },
    { "line separator",        "a\xe2\x80\xa8" "b",               false, false },
    { "paragraph separator",   "a\xe2\x80\xa9" "b",               false, false },
    { "override U+202E",       "a\xe2\x80\xae" "b",               false, false },
    { "embedding U+202A",      "a\xe2\x80\xaa" "b",               false, false },
    { "isolate U+2066",        "a\xe2\x81\xa6" "b",               false, false },
    { "pop isolate U+2069",    "a\xe2\x81\xa9" "b",               false, false },
    { "byte order mark",       "a\xef\xbb\xbf" "b",               false, false },
    { "noncharacter U+FDD0",   "\xef\xb7\x90",                    false, false },
    { "noncharacter U+FFFE",   "\xef\xbf\xbe",                    false, false },
    { "noncharacter U+10FFFF", "\xf4\x8f\xbf\xbf",                false, false },
    { "replacement U+FFFD",    "\xef\xbf\xbd",                    true,  true },
    { "Latin-1",               "\xe9",                            false, false },
    { "overlong line feed",    "a\xc0\x8a" "b",                   false, false },
    { "overlong in three",     "a\xe0\x80\x8a" "b",               false, false },
    { "overlong in four",      "\xf0\x80\x80\x8a",                false, false },
    { "a surrogate",           "\xed\xa0\x80",                    false, false },
    { "past Unicode",          "\xf4\x90\x80\x80",                false, false },
    { "a lone continuation",   "\x80",                            false, false },
    { "cut in a character",    "a\xe2\x80",                       false, false },
};
/* clang-format on */

static void judges_lines_and_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].what);
        assert_int_equal(plain_is_line(rows[i].text, 80), rows[i].line);
        assert_int_equal(plain_is_text(rows[i].text, 80), rows[i].lines);
    }
    assert_false(plain_is_line(NULL, 80));
    assert_false(plain_is_text(NULL, 80));
}

static void counts_bytes(void **state)
{
    (void)state;
    assert_true(plain_is_line("G\xc5\xb5yr", 5));
    assert_false(plain_is_line("G\xc5\xb5yr", 4));
    assert_true(plain_is_text("a\nb\n", 4));
    assert_false(plain_is_text("a\nb\n", 3));
}

/* Every code point is written by hand and read back, at its own size and in no less room. */
static void reads_every_character(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
        char bytes[5] = { 0 };
        uint32_t character = 0;

        for (size_t i = size; i-- > 1;)
            bytes[i] = (char)(0x80 | (point >> 6 * (size - 1 - i) & 0x3f));
        bytes[0] = (char)(leads[size] | point >> 6 * (size - 1));
        if (point >= 0xd800 && point <= 0xdfff) {
            assert_int_equal(plain_character(bytes, size, &character), 0);
            continue;
        }
        assert_int_equal(plain_character(bytes, size, &character), size);
        assert_int_equal(character, point);
        assert_int_equal(plain_character(bytes, size - 1, &character), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_lines_and_texts),
        cmocka_unit_test(counts_bytes),
        cmocka_unit_test(reads_every_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
