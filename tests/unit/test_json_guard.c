/* test_json_guard.c - the scan in front of the parser: each limit reached, and passed by one. */
#include "protocol/json_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name, *text;
    struct json_limits limits;
    int answer;
    size_t at;
} rows[] = {
    { "nothing", "", { 10, 1, 1 }, JSON_GUARD_OK, 0 },
    { "as long as may be", "[]        ", { 10, 9, 9 }, JSON_GUARD_OK, 0 },
    { "one byte longer", "[]         ", { 10, 9, 9 }, JSON_GUARD_SIZE, 10 },
    { "as deep as may be", "[[{}]]", { 99, 3, 9 }, JSON_GUARD_OK, 0 },
    { "one deeper", "[[{\"a\":[]}]]", { 99, 3, 9 }, JSON_GUARD_DEPTH, 7 },
    { "side by side is not deep", "[[],[],[{}]]", { 99, 3, 9 }, JSON_GUARD_OK, 0 },
    { "brackets in a string are not deep", "[\"[[[[{{\"]", { 99, 1, 9 }, JSON_GUARD_OK, 0 },
    { "nor behind an escaped mark", "[\"\\\"[[[\"]", { 99, 1, 9 }, JSON_GUARD_OK, 0 },
    { "an escaped backslash ends nothing", "[\"\\\\\",[]]", { 99, 1, 9 }, JSON_GUARD_DEPTH, 6 },
    { "closing more than was opened", "]]]]][", { 99, 1, 9 }, JSON_GUARD_OK, 0 },
    { "as many tokens as may be", "{\"a\":1,\"b\":[true]}", { 99, 9, 6 }, JSON_GUARD_OK, 0 },
    { "one more", "{\"a\":1,\"b\":[true,0]}", { 99, 9, 6 }, JSON_GUARD_TOKENS, 17 },
    { "a word ends at a bracket", "[1[", { 99, 9, 2 }, JSON_GUARD_TOKENS, 2 },
    { "a word ends at a mark", "1\"a\"", { 99, 9, 1 }, JSON_GUARD_TOKENS, 1 },
    { "a control character outside", "[1,\x01]", { 99, 9, 9 }, JSON_GUARD_CONTROL, 3 },
    { "a tab outside is a space", "[\t1\r\n]", { 99, 9, 9 }, JSON_GUARD_OK, 0 },
    { "a tab in a string is not", "[\"a\tb\"]", { 99, 9, 9 }, JSON_GUARD_CONTROL, 3 },
    { "nor behind a backslash", "[\"a\\\tb\"]", { 99, 9, 9 }, JSON_GUARD_CONTROL, 4 },
    { "a string that never ends", "[\"abc", { 99, 9, 9 }, JSON_GUARD_OK, 0 },
    { "nor after a backslash", "[\"abc\\", { 99, 9, 9 }, JSON_GUARD_OK, 0 },
};

static void judges_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = strlen(rows[i].text), at = 0;
        char *exact = malloc(size + 1); /* so that reading past the end is seen */

        exact = realloc(exact, size ? size : 1);
        memcpy(exact, rows[i].text, size);
        print_message("  %s\n", rows[i].name);
        assert_int_equal(json_guard(exact, size, &rows[i].limits, &at), rows[i].answer);
        if (rows[i].answer != JSON_GUARD_OK)
            assert_int_equal(at, rows[i].at);
        free(exact);
    }
}

static void finds_a_zero_byte(void **state)
{
    static const struct json_limits limits = { 99, 9, 9 };
    size_t at;

    (void)state;
    assert_int_equal(json_guard("[\0]", 3, &limits, &at), JSON_GUARD_CONTROL);
    assert_int_equal(at, 1);
    assert_int_equal(json_guard("[\"\0\"]", 5, &limits, &at), JSON_GUARD_CONTROL);
    assert_int_equal(at, 2);
}

static const struct {
    const char *name, *text;
    int answer;
    const char *why;
} loads[] = {
    { "an object", "{\"a\":1}", JSON_GUARD_OK, NULL },
    { "a member twice", "{\"a\":1,\"a\":1}", JSON_GUARD_SYNTAX, "has a member twice" },
    { "something behind it", "{} {}", JSON_GUARD_SYNTAX, "goes on after its end" },
    { "cut", "{\"a\":", JSON_GUARD_SYNTAX, "ends too early" },
    { "not UTF-8", "{\"a\":\"\xff\"}", JSON_GUARD_SYNTAX, "is not UTF-8" },
    { "overlong UTF-8", "{\"a\":\"\xc0\x80\"}", JSON_GUARD_SYNTAX, "is not UTF-8" },
    { "a zero character", "{\"a\":\"\\u0000\"}", JSON_GUARD_SYNTAX, "holds a zero byte" },
    { "a great number", "{\"a\":99999999999999999999}", JSON_GUARD_SYNTAX,
      "has a number out of range" },
    { "a bare word", "hello", JSON_GUARD_SYNTAX, "is not JSON" },
    { "a byte order mark", "\xef\xbb\xbf{}", JSON_GUARD_SYNTAX, "is not JSON" },
    { "too deep", "[[[[]]]]", JSON_GUARD_DEPTH, "goes deeper than 3 levels" },
    { "too long", "[                                                   ]", JSON_GUARD_SIZE,
      "is longer than 40 bytes" },
    { "too many", "[1,2,3,4,5,6,7,8,9]", JSON_GUARD_TOKENS, "has more than 8 values and names" },
    { "a control character", "[\x02]", JSON_GUARD_CONTROL, "holds a control character" },
};

static void loads_what_is_within(void **state)
{
    static const struct json_limits limits = { 40, 3, 8 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(loads); i++) {
        CLEANUP(json_release) json_t *json = NULL;
        struct json_fault fault;
        int answer = json_guard_load(loads[i].text, strlen(loads[i].text), &limits, &json, &fault);

        print_message("  %s\n", loads[i].name);
        assert_int_equal(answer, loads[i].answer);
        if (loads[i].why)
            assert_string_equal(fault.why, loads[i].why);
        else
            assert_non_null(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_sizes),
        cmocka_unit_test(finds_a_zero_byte),
        cmocka_unit_test(loads_what_is_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
