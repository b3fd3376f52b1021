/* test_yaml.c - bytes become a tree with places, a tree becomes records, faults are all told. */
#include "policy/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct reading {
    struct arena *arena;
    struct faults faults;
    struct yaml_source source;
    const struct yaml_node *root;
    int answer;
};

static void read_bytes(struct reading *reading, const char *bytes, size_t length)
{
    *reading = (struct reading){ .arena = arena_open() };
    assert_non_null(reading->arena);
    reading->source = (struct yaml_source){ "f.yaml", reading->arena, &reading->faults };
    reading->answer = yaml_parse(&reading->source, bytes, length, &reading->root);
}

static void close_reading(struct reading *reading)
{
    faults_close(&reading->faults);
    arena_close(&reading->arena);
}

static void assert_node(const struct yaml_node *node, enum yaml_node_kind kind, unsigned line,
                        unsigned column)
{
    assert_non_null(node);
    assert_int_equal(node->kind, kind);
    assert_int_equal(node->line, line);
    assert_int_equal(node->column, column);
}

static void every_node_knows_its_place(void **state)
{
    static const char text[] = "# a comment\n"
                               "name: é plain text\n"
                               "list:\n"
                               "  - {id: a, more: [x, \"y: z\"]}\n"
                               "  - id: b\n"
                               "    words: \"two\n"
                               "      lines\"\n"
                               "  - >-\n"
                               "    folded\n"
                               "    text\n"
                               "empty:\n"
                               "quoted: \"\"\n"
                               "number: 010\n";
    struct reading reading;
    const struct yaml_node *list, *more;

    (void)state;
    read_bytes(&reading, text, strlen(text));
    assert_int_equal(reading.answer, YAML_READ);
    assert_node(reading.root, YAML_MAP, 2, 1);
    assert_int_equal(reading.root->count, 5);
    assert_node(yaml_get(reading.root, "name"), YAML_SCALAR, 2, 7);
    assert_string_equal(yaml_get(reading.root, "name")->text, "é plain text");
    list = yaml_get(reading.root, "list");
    assert_node(list, YAML_LIST, 4, 3);
    assert_node(&list->items[0], YAML_MAP, 4, 5);
    more = yaml_get(&list->items[0], "more");
    assert_node(more, YAML_LIST, 4, 19);
    assert_node(&more->items[1], YAML_SCALAR, 4, 23);
    assert_string_equal(more->items[1].text, "y: z");
    assert_node(&list->items[1], YAML_MAP, 5, 5);
    assert_string_equal(yaml_get(&list->items[1], "words")->text, "two lines");
    assert_string_equal(list->items[2].text, "folded text");
    assert_true(yaml_get(reading.root, "empty")->empty);
    assert_false(yaml_get(reading.root, "quoted")->empty);
    assert_node(yaml_get(reading.root, "quoted"), YAML_SCALAR, 12, 9);
    assert_string_equal(yaml_get(reading.root, "number")->text, "010");
    assert_null(yaml_get(reading.root, "none"));
    close_reading(&reading);
}

/* Each is refused, with this fault first. */
static const struct {
    const char *name;
    const char *text;
    const char *fault;
} refused[] = {
    { "nothing", "", "f.yaml: is empty" },
    { "comments alone", "# nothing\n", "f.yaml: is empty" },
    { "an alias", "a: 1\nb: *a\n", "f.yaml:2:5: an alias (write the value where it is used)" },
    { "an anchor", "a: &x 1\n", "f.yaml:1:5: an anchor (write the value where it is used)" },
    { "a tag", "a: !!str 1\n",
      "f.yaml:1:4: a tag (write the value alone, quoted where it must be)" },
    { "a key twice", "a: 1\nb: 2\na: 3\n", "f.yaml:3:1: `a` is written twice (first in line 1)" },
    { "a key twice, after other letters", "é: {a: é, b: 1, a: 2}\n",
      "f.yaml:1:17: `a` is written twice (first in line 1)" },
    { "a second document", "a: 1\n---\nb: 2\n",
      "f.yaml:2:1: a second document (one file holds one)" },
    { "a list as a key", "? [a]\n: 1\n",
      "f.yaml:1:3: a key that is no text (a list or a map cannot be a key)" },
    { "an open bracket", "a: [1, 2\nb: 3\n",
      "f.yaml:3:1: flow sequence without a closing bracket" },
    { "a control character by escape", "a: \"x\\u0007\"\n",
      "f.yaml:1:4: a control character in a text (write it in plain letters)" },
    { "a line end by escape", "a: \"x\\r\\ny\"\n",
      "f.yaml:1:4: a control character in a text (write it in plain letters)" },
    { "a byte that is no UTF-8", "a: 1\nb: \xff\n",
      "f.yaml:2:4: a byte that is no text, 0xff (files are UTF-8 without control characters)" },
    { "an overlong letter", "\xc0\xaf: 1\n",
      "f.yaml:1:1: a byte that is no text, 0xc0 (files are UTF-8 without control characters)" },
    { "a surrogate", "a: \xed\xa0\x80\n",
      "f.yaml:1:4: a byte that is no text, 0xed (files are UTF-8 without control characters)" },
    { "a C1 control", "a: \xc2\x85\n",
      "f.yaml:1:4: a byte that is no text, 0xc2 (files are UTF-8 without control characters)" },
    { "an override of direction", "a: x\xe2\x80\xaey\n",
      "f.yaml:1:5: a character that does not show and changes what stands around it, U+202E "
      "(leave it out)" },
    { "a line separator", "# x\xe2\x80\xa8\n",
      "f.yaml:1:4: a character that does not show and changes what stands around it, U+2028 "
      "(leave it out)" },
    { "a byte order mark that begins no file", "a: x\xef\xbb\xbf\n",
      "f.yaml:1:5: a character that does not show and changes what stands around it, U+FEFF "
      "(leave it out)" },
    { "a line separator by escape", "a: \"x\\Ly\"\n",
      "f.yaml:1:4: a control character in a text (write it in plain letters)" },
    { "an isolate by escape", "a: \"x\\u2066y\"\n",
      "f.yaml:1:4: a control character in a text (write it in plain letters)" },
    { "too deep", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n",
      "f.yaml:1:17: is nested too deep (at most 16)" },
};

static void tricks_and_mistakes_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct reading reading;
        char line[FAULT_LINE_SIZE];

        print_message("  %s\n", refused[i].name);
        read_bytes(&reading, refused[i].text, strlen(refused[i].text));
        assert_int_equal(reading.answer, YAML_FAULTY);
        assert_true(reading.faults.count > 0);
        fault_write(&reading.faults.list[0], line);
        assert_string_equal(line, refused[i].fault);
        close_reading(&reading);
    }
}

static void a_zero_byte_is_refused(void **state)
{
    struct reading reading;

    (void)state;
    read_bytes(&reading, "a: 1\0b", 6);
    assert_int_equal(reading.answer, YAML_FAULTY);
    assert_int_equal(reading.faults.list[0].column, 5);
    close_reading(&reading);
}

static void sizes_are_bounded(void **state)
{
    struct reading reading;
    char *text = malloc(YAML_FILE_MAX + 2);
    size_t used = 0;

    (void)state;
    assert_non_null(text);
    memset(text, '#', YAML_FILE_MAX + 1);
    read_bytes(&reading, text, YAML_FILE_MAX + 1);
    assert_int_equal(reading.answer, YAML_FAULTY);
    assert_string_equal(reading.faults.list[0].text, "is too long (at most 1048576 bytes)");
    close_reading(&reading);

    text[used++] = '[';
    for (int i = 0; i <= YAML_NODES_MAX; i++) {
        text[used++] = '1';
        text[used++] = ',';
    }
    text[used++] = ']';
    read_bytes(&reading, text, used);
    assert_int_equal(reading.answer, YAML_FAULTY);
    assert_string_equal(reading.faults.list[0].text,
                        "holds too much (at most 100000 values in a file)");
    close_reading(&reading);
    free(text);
}

struct sample {
    const char *text, *id;
    struct yaml_texts texts;
    int64_t number, duration;
    bool yes, is_true;
    int choice;
    const struct yaml_node *list, *map, *node;
};

static const char *const colours[] = { "red", "green", "blue", NULL };

#define AT(field) offsetof(struct sample, field)

static const struct yaml_key keys[] = {
    { "text", YAML_KEY_TEXT, AT(text), true, 2, 10, NULL },
    { "id", YAML_KEY_ID, AT(id), false, 0, 0, NULL },
    { "texts", YAML_KEY_TEXTS, AT(texts), false, 1, 2, NULL },
    { "number", YAML_KEY_NUMBER, AT(number), false, 5, 50, NULL },
    { "yes", YAML_KEY_YES, AT(yes), false, 0, 0, NULL },
    { "is_true", YAML_KEY_TRUE, AT(is_true), false, 0, 0, NULL },
    { "choice", YAML_KEY_CHOICE, AT(choice), false, 0, 0, colours },
    { "duration", YAML_KEY_DURATION, AT(duration), false, SECOND_US, DAY_US, NULL },
    { "list", YAML_KEY_LIST, AT(list), false, 1, 2, NULL },
    { "map", YAML_KEY_MAP, AT(map), false, 0, 1, NULL },
    { "node", YAML_KEY_NODE, AT(node), false, 0, 0, NULL },
};

static void a_record_is_read_by_its_table(void **state)
{
    static const char text[] = "{text: hello, id: a.b-c, texts: [x, y], number: 50, yes: yes, "
                               "is_true: true, choice: blue, duration: 2 hours, list: [1], "
                               "map: {a: 1}, node: [z]}";
    struct sample sample = { 0 };
    struct reading reading;

    (void)state;
    read_bytes(&reading, text, strlen(text));
    assert_int_equal(yaml_record(&reading.source, reading.root, keys, COUNT_OF(keys), &sample),
                     YAML_READ);
    assert_string_equal(sample.text, "hello");
    assert_string_equal(sample.id, "a.b-c");
    assert_int_equal(sample.texts.count, 2);
    assert_string_equal(sample.texts.list[1], "y");
    assert_int_equal(sample.number, 50);
    assert_true(sample.yes);
    assert_true(sample.is_true);
    assert_int_equal(sample.choice, 2);
    assert_int_equal(sample.duration, 2 * HOUR_US);
    assert_int_equal(sample.list->count, 1);
    assert_int_equal(sample.map->count, 1);
    assert_int_equal(sample.node->kind, YAML_LIST);
    close_reading(&reading);
}

static const struct {
    const char *text;
    const char *fault;
} rows[] = {
    { "{id: a}", "f.yaml:1:1: `text` is missing" },
    { "[text]", "f.yaml:1:1: a list where a map of keys is expected" },
    { "text", "f.yaml:1:1: a text where a map of keys is expected" },
    { "{txet: hello, text: hello}", "f.yaml:1:2: unknown key `txet` (did you mean `text`?)" },
    { "{text: hello, wholly_other: 1}",
      "f.yaml:1:15: unknown key `wholly_other` (there are: text, id, texts, number, yes, is_true, "
      "choice, duration, list, map, node)" },
    { "{text: }", "f.yaml:1:2: `text` has no value (it is a text)" },
    { "{text: [a]}", "f.yaml:1:8: `text` is a list (it should be a text)" },
    { "{text: h}", "f.yaml:1:8: `text` is too short (at least 2 bytes)" },
    { "{text: hello world}", "f.yaml:1:8: `text` is too long, 11 bytes (at most 10)" },
    { "{text: \"a\\nb\"}", "f.yaml:1:8: `text` goes over several lines (it is one line)" },
    { "{text: hello, id: a b}",
      "f.yaml:1:19: `id` is no id (1 to 64 letters A-Z a-z, digits and . _ : / -)" },
    { "{text: hello, texts: x}", "f.yaml:1:22: `texts` is a text (it should be a list, in [ ])" },
    { "{text: hello, texts: []}", "f.yaml:1:22: `texts` is empty (at least 1)" },
    { "{text: hello, texts: [a, b, c]}", "f.yaml:1:29: `texts` holds too much, 3 (at most 2)" },
    { "{text: hello, texts: [a, [b]]}",
      "f.yaml:1:26: a list in `texts` (every item is one line of text)" },
    { "{text: hello, number: 0x10}",
      "f.yaml:1:23: `number` is no number: \"0x10\" (digits alone)" },
    { "{text: hello, number: 4}", "f.yaml:1:23: `number` is 4 (at least 5, at most 50)" },
    { "{text: hello, number: 99999999999999999999}",
      "f.yaml:1:23: `number` is no number: \"99999999999999999999\" (digits alone)" },
    { "{text: hello, yes: on}", "f.yaml:1:20: `yes` is \"on\" (yes or no)" },
    { "{text: hello, is_true: yes}",
      "f.yaml:1:24: `is_true` is \"yes\" (write true, or leave it out)" },
    { "{text: hello, choice: gren}", "f.yaml:1:23: `choice` is \"gren\" (did you mean green?)" },
    { "{text: hello, choice: purple}",
      "f.yaml:1:23: `choice` is \"purple\" (one of: red, green, blue)" },
    { "{text: hello, duration: 2}",
      "f.yaml:1:25: `duration` is no length of time: \"2\" (a number and ms, seconds, minutes, "
      "hours or days)" },
    { "{text: hello, duration: 500 ms}", "f.yaml:1:25: `duration` is too short: \"500 ms\"" },
    { "{text: hello, duration: 2 days}", "f.yaml:1:25: `duration` is too long: \"2 days\"" },
    { "{text: hello, list: {a: 1}}", "f.yaml:1:21: `list` is a map (it should be a list)" },
    { "{text: hello, map: {a: 1, b: 2}}", "f.yaml:1:27: `map` holds too much, 2 (at most 1)" },
};

static void a_record_tells_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sample sample = { 0 };
        struct reading reading;
        char line[FAULT_LINE_SIZE];

        print_message("  %s\n", rows[i].text);
        read_bytes(&reading, rows[i].text, strlen(rows[i].text));
        assert_int_equal(reading.answer, YAML_READ);
        assert_int_equal(yaml_record(&reading.source, reading.root, keys, COUNT_OF(keys), &sample),
                         YAML_FAULTY);
        assert_int_equal(reading.faults.count, 1);
        fault_write(&reading.faults.list[0], line);
        assert_string_equal(line, rows[i].fault);
        close_reading(&reading);
    }
}

static const struct {
    const char *word, *nearest;
} words[] = {
    { "handlres", "handlers" },
    { "handler", "handlers" },
    { "HANDLERS", "handlers" },
    { "limt", "limit" },
    { "ilmit", "limit" },
    { "x", NULL },
    { "limitation", NULL },
    { "", NULL },
    { "when_pased", "when_passed" },
};

static void the_nearest_word_is_found(void **state)
{
    static const char *const known[] = { "handlers", "limit", NULL, "when_passed" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *nearest = nearest_word(words[i].word, known, COUNT_OF(known));

        print_message("  %s\n", words[i].word);
        if (words[i].nearest)
            assert_string_equal(nearest, words[i].nearest);
        else
            assert_null(nearest);
    }
}

static void faults_are_bounded_per_file_and_in_all(void **state)
{
    struct faults faults = { 0 };
    char file[16];

    (void)state;
    for (unsigned f = 0; f < 12; f++) {
        snprintf(file, sizeof file, "%u.yaml", f);
        for (unsigned i = 0; i < 150; i++)
            faults_add(&faults, file, 150 - i, 1, "fault %u", i);
    }
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_int_equal(faults.errors, 12 * 150);
    assert_int_equal(faults.left_out, 12 * 150 - FAULTS_MAX);
    assert_string_equal(faults.list[FAULTS_PER_FILE_MAX].file, "1.yaml");
    faults_sort(&faults, FAULTS_MAX - FAULTS_PER_FILE_MAX);
    for (size_t i = FAULTS_MAX - FAULTS_PER_FILE_MAX + 1; i < FAULTS_MAX; i++)
        assert_true(faults.list[i - 1].line < faults.list[i].line);
    faults_close(&faults);
    assert_int_equal(faults.count, 0);
}

static void files_that_cannot_be_read_are_told(void **state)
{
    struct faults faults = { 0 };
    struct arena *arena = arena_open();
    struct yaml_source source = { "/nowhere/at all.yaml", arena, &faults };
    char *bytes;
    size_t length;

    (void)state;
    assert_int_equal(yaml_read_bytes(&source, &bytes, &length), YAML_FAULTY);
    assert_string_equal(faults.list[0].text, "cannot be opened: No such file or directory");
    source.file = "/";
    assert_int_equal(yaml_read_bytes(&source, &bytes, &length), YAML_FAULTY);
    assert_string_equal(faults.list[1].text, "cannot be read: Is a directory");
    faults_close(&faults);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(tricks_and_mistakes_are_refused),
        cmocka_unit_test(a_zero_byte_is_refused),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(a_record_is_read_by_its_table),
        cmocka_unit_test(a_record_tells_what_is_wrong_and_where),
        cmocka_unit_test(the_nearest_word_is_found),
        cmocka_unit_test(faults_are_bounded_per_file_and_in_all),
        cmocka_unit_test(files_that_cannot_be_read_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
