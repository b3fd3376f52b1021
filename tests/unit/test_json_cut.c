/* test_json_cut.c - a file of JSON is cut into objects; what is none is told with its place. */
#include "spool/json_cut.h"

#include "protocol/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Objects are written LINE:COLUMN=bytes, faults LINE:COLUMN! */
static const struct {
    const char *name, *text, *pieces;
} rows[] = {
    { "one per line", "{\"a\":1}\n{\"b\":2}\n", "1:1={\"a\":1} 2:1={\"b\":2} " },
    { "CRLF", "{}\r\n{}\r\n", "1:1={} 2:1={} " },
    { "a document over lines", "\n  {\n \"a\":{}\n}\n", "2:3={\n \"a\":{}\n} " },
    { "a list", "[{},\n {\"a\":[1]}]\n", "1:2={} 2:2={\"a\":[1]} " },
    { "an empty list", "[]", "" },
    { "nothing", " \n\n", "" },
    { "two behind each other", "{}{}", "1:1={} 1:3={} " },
    { "braces in a text", "{\"a\":\"}{\\\"\"}{}", "1:1={\"a\":\"}{\\\"\"} 1:13={} " },
    { "columns count characters", "{\"\xc3\xa9\":1} {}", "1:1={\"\xc3\xa9\":1} 1:9={} " },
    { "a list that is cut off", "[{},\n", "1:2={} 2:1! " },
    { "cut off within an object", "{}\n{\"a\":\n", "1:1={} 2:1! " },
    { "an open one before a whole one", "{\"a\":\n{}\n", "1:1! 2:1={} " },
    { "something else in a list", "[1,\"a,]\",{},null]", "1:2! 1:4! 1:10={} 1:13! " },
    { "something else between lines", "{}\nhello {}\n{}\n", "1:1={} 2:1! 3:1={} " },
    { "two lists", "[{}]\n[{}]\n{}\n", "1:2={} 2:1! 3:1={} " },
};

static void cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = strlen(rows[i].text), length;
        char *bytes = malloc(size + 1), *all = NULL;
        struct json_cut cut;
        struct json_piece piece;
        enum json_cut_answer answer;
        FILE *out = open_memstream(&all, &length);

        memcpy(bytes + 1, rows[i].text, size);
        cut = json_cut_over(bytes + 1, size);
        print_message("  %s\n", rows[i].name);
        while ((answer = json_cut_next(&cut, &piece)) != JSON_CUT_END) {
            fprintf(out, "%lu:%u%s", piece.line, piece.column,
                    answer == JSON_CUT_FAULT ? "! " : "=");
            if (answer == JSON_CUT_OBJECT)
                fprintf(out, "%.*s ", (int)piece.size, piece.bytes);
            else
                assert_true(piece.fault && wire_code_find(piece.code));
        }
        fclose(out);
        assert_string_equal(all, rows[i].pieces);
        free(all);
        free(bytes);
    }
}

/* An object may have as many bytes as an event, and is told when it has one more. */
static void bounds_objects(void **state)
{
    size_t size = WIRE_BODY_MAX + 1;
    char *text = malloc(size + 4);
    struct json_piece piece;
    struct json_cut cut;

    (void)state;
    memset(text, ' ', size + 4);
    text[0] = '{';
    text[WIRE_BODY_MAX - 1] = '}';
    cut = json_cut_over(text, size);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_OBJECT);
    assert_int_equal(piece.size, WIRE_BODY_MAX);

    text[WIRE_BODY_MAX - 1] = ' ';
    text[WIRE_BODY_MAX] = '}';
    memcpy(text + size, "\n{}", 3);
    cut = json_cut_over(text, size + 3);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_FAULT);
    assert_string_equal(piece.code, WIRE_CODE_TOO_LARGE);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_OBJECT);
    assert_int_equal(piece.line, 2);
    free(text);
}

/* One that lacks a brace closes with the next one's, and is no JSON: the next is not lost. */
static void retries(void **state)
{
    static const char text[] = "{\"a\":{\"b\":1}\n{\"c\":2}}\n{\"d\":3}\n";
    struct json_cut cut = json_cut_over(text, sizeof text - 1);
    struct json_piece piece;
    unsigned long line;
    unsigned column;

    (void)state;
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_OBJECT);
    json_cut_place(&cut, piece.bytes + 14, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
    json_cut_retry(&cut, &piece);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_OBJECT);
    assert_int_equal(piece.line, 2);
    assert_memory_equal(piece.bytes, "{\"c\":2}", piece.size);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_FAULT);
    assert_int_equal(piece.line, 2);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_OBJECT);
    assert_int_equal(piece.line, 3);
    assert_int_equal(json_cut_next(&cut, &piece), JSON_CUT_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts),
        cmocka_unit_test(bounds_objects),
        cmocka_unit_test(retries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
