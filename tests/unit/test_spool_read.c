/* test_spool_read.c - bytes become rows, the same ones every time; and rows survive the disk. */
#include "spool/spool_read.h"

#include "protocol/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EVENT(id)                                                                                  \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"urn:x\",\"type\":\"concernd.hold\","  \
    "\"subject\":\"D-1\",\"time\":\"2026-12-18T16:59:00Z\","                                       \
    "\"datacontenttype\":\"application/json\",\"data\":{}}"
#define BARE "{\"type\":\"concernd.advice.requested\",\"subject\":\"D-1\"}"

static const char hash[ROWS_HASH_SIZE] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* 2026-12-18T16:59:00Z */
static const struct instant noon = { 1797613140 * SECOND_US };

static void read_text(const char *name, const char *text, const char *source, struct instant time,
                      struct rows *rows)
{
    struct spool_input input = {
        .name = name, .bytes = text, .size = strlen(text), .source = source, .time = time
    };

    assert_int_equal(spool_read(&input, rows), 0);
}

static void hands_on_bytes(void **state)
{
    CLEANUP(rows_close) struct rows rows = { 0 };

    (void)state;
    read_text("a.jsonl", "\xef\xbb\xbf" EVENT("E1") "\r\n  " EVENT("E2") "\n", "urn:other", noon,
              &rows);
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.list[0].event, EVENT("E1"));
    assert_string_equal(rows.list[1].event, EVENT("E2"));
    assert_string_equal(rows.list[1].id, "E2");
    assert_string_equal(rows.list[1].subject, "D-1");
    assert_int_equal(rows.list[1].line, 2);
    assert_int_equal(rows.list[1].column, 3);
}

/* What is given makes an event the daemon's own reader takes. */
static void completes(void **state)
{
    CLEANUP(rows_close) struct rows rows = { 0 };
    struct event_reading reading;
    struct event *event = malloc(sizeof *event);

    (void)state;
    read_text("a", "[" BARE "," BARE "]", "urn:northtown:las", noon, &rows);
    assert_int_equal(rows.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cloudevent_read(rows.list[i].event, rows.list[i].size, event, &reading),
                         CLOUDEVENT_OK);
        assert_string_equal(event->source, "urn:northtown:las");
        assert_int_equal(event->time.us, noon.us);
        assert_string_equal(event->id, rows.list[i].id);
        assert_false(event->has_sequence);
    }
    assert_string_not_equal(rows.list[0].id, rows.list[1].id);
    free(event);
}

/* The same event has the same id, however it is written and whenever it is read; one that says
 * something else has another.  SHA-256 by hand: printf '%s' '{"source":"urn:x",
 * "subject":"D-1","type":"concernd.advice.requested"}' | sha256sum, without the line end. */
static void gives_lasting_ids(void **state)
{
    static const char *const same[] = {
        BARE, "{ \"subject\" : \"D-1\",\n\"type\":\"concernd.advice.requested\" }\n",
        "{\"subject\":\"D-1\",\"source\":\"urn:x\",\"type\":\"concernd.advice.requested\"}"
    };
    static const char *const other[] = {
        "{\"subject\":\"D-2\",\"type\":\"concernd.advice.requested\"}",
        "{\"subject\":\"D-1\",\"type\":\"concernd.hold\"}",
        "{\"subject\":\"D-1\",\"type\":\"concernd.advice.requested\",\"data\":{}}",
        "{\"subject\":\"D-1\",\"type\":\"concernd.advice.requested\",\"source\":\"urn:y\"}"
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(same) + COUNT_OF(other); i++) {
        CLEANUP(rows_close) struct rows rows = { 0 };
        struct instant later = { noon.us + (int64_t)i * HOUR_US };
        bool is_same = i < COUNT_OF(same);

        read_text("a.json", is_same ? same[i] : other[i - COUNT_OF(same)], "urn:x", later, &rows);
        assert_int_equal(rows.count, 1);
        if (is_same)
            assert_string_equal(rows.list[0].id, "spool-ad0253252fa980e2717250e5014f89d5");
        else
            assert_string_not_equal(rows.list[0].id, "spool-ad0253252fa980e2717250e5014f89d5");
    }
}

static void tells_faults(void **state)
{
    static const struct {
        const char *name, *text, *code, *fault;
        unsigned long line;
        unsigned column;
    } wrong[] = {
        { "a.json", "", "", "no event in it", 0, 0 },
        { "a.json", "[]\n", "", "no event in it", 0, 0 },
        { "a.csv", "a,b\n", "", "neither JSON, nor is there a mapping", 0, 0 },
        { "a.txt", "hello\n", "", "neither JSON, nor is there a mapping", 0, 0 },
        { "a.txt", "\xff\xfe{\0", "", "UTF-16", 0, 0 },
        { "a.JSON", "hello\n", "400.2", "not a JSON object", 1, 1 },
        { "a.json", "\n {\"a\":1,}\n", "400.2", "begins in line 2", 2, 9 },
        { "a.json", "{\"a\":1,\n\"a\":2}", "400.2", "begins in line 1", 2, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        CLEANUP(rows_close) struct rows rows = { 0 };

        print_message("  %s\n", wrong[i].fault);
        read_text(wrong[i].name, wrong[i].text, NULL, noon, &rows);
        assert_int_equal(rows.count, 1);
        assert_null(rows.list[0].event);
        assert_int_equal(rows.list[0].outcome, ROW_REFUSED);
        assert_string_equal(rows.list[0].code, wrong[i].code);
        assert_int_equal(rows.list[0].line, wrong[i].line);
        if (wrong[i].column)
            assert_int_equal(rows.list[0].column, wrong[i].column);
        if (!strstr(rows.list[0].fault, wrong[i].fault))
            fail_msg("%s", rows.list[0].fault);
    }
}

/* Good events stand beside bad ones. */
static void keeps_what_is_good(void **state)
{
    CLEANUP(rows_close) struct rows rows = { 0 };

    (void)state;
    read_text("a.jsonl", EVENT("E1") "\n{\"a\":{}\n" EVENT("E2") "\nhello\n" EVENT("E3") "\n", NULL,
              noon, &rows);
    assert_int_equal(rows.count, 5);
    assert_string_equal(rows.list[0].id, "E1");
    assert_int_equal(rows.list[1].outcome, ROW_REFUSED);
    assert_string_equal(rows.list[2].id, "E2");
    assert_int_equal(rows.list[3].line, 4);
    assert_string_equal(rows.list[4].id, "E3");
}

static void bounds_a_file(void **state)
{
    size_t most = SPOOL_FILE_MAX + 1, size = strlen("{}\n") * (ROWS_MAX + 1);
    char *bytes = malloc(most);
    struct spool_input input = { .name = "a.json", .bytes = bytes, .size = most, .time = noon };
    CLEANUP(rows_close) struct rows large = { 0 }, full = { 0 }, again = { 0 };
    char *kept = NULL;
    size_t kept_size;
    FILE *file = open_memstream(&kept, &kept_size);

    (void)state;
    memset(bytes, ' ', most);
    assert_int_equal(spool_read(&input, &large), 0);
    assert_int_equal(large.count, 1);
    assert_non_null(strstr(large.list[0].fault, "larger than a file may be"));

    for (size_t i = 0; i < size; i += 3)
        memcpy(bytes + i, "{}\n", 3);
    input.size = size - 3;
    input.source = "urn:x";
    assert_int_equal(spool_read(&input, &again), 0);
    assert_int_equal(again.count, ROWS_MAX);
    assert_int_equal(rows_count(&again, ROW_REFUSED), 0);
    rows_close(&again);

    input.size = size;
    assert_int_equal(spool_read(&input, &full), 0);
    assert_int_equal(full.count, ROWS_MAX + 1);
    assert_int_equal(rows_count(&full, ROW_REFUSED), 1);
    assert_int_equal(full.list[ROWS_MAX].line, ROWS_MAX + 1);
    assert_non_null(strstr(full.list[ROWS_MAX].fault, "more than a file may hold"));

    /* It comes back from the disk with its last word. */
    assert_int_equal(rows_write(&full, hash, file), 0);
    fclose(file);
    file = fmemopen(kept, kept_size, "r");
    assert_int_equal(rows_read(file, hash, &again), ROWS_OK);
    assert_int_equal(again.count, full.count);
    assert_string_equal(again.list[ROWS_MAX].fault, full.list[ROWS_MAX].fault);
    fclose(file);
    free(kept);
    free(bytes);
}

/* What was kept comes back byte for byte; a part of it, or another file's, never does. */
static void survives_the_disk(void **state)
{
    CLEANUP(rows_close) struct rows rows = { 0 };
    char other[ROWS_HASH_SIZE], *kept = NULL;
    size_t size;
    FILE *file = open_memstream(&kept, &size);

    (void)state;
    read_text("a.jsonl", EVENT("E1") "\n" BARE "\n{\"type\":\"\\u00e9\\\\\"}\n{,}\n", "urn:x", noon,
              &rows);
    assert_int_equal(rows.count, 4);
    assert_int_equal(rows_write(&rows, hash, file), 0);
    fclose(file);
    for (size_t part = 1; part <= size; part++) {
        struct rows again = { 0 };
        int answer;

        file = fmemopen(kept, part, "r");
        answer = rows_read(file, hash, &again);
        fclose(file);
        /* The last line's end says nothing more. */
        assert_int_equal(answer, part >= size - 1 ? ROWS_OK : ROWS_FOREIGN);
        for (size_t i = 0; i < again.count; i++) {
            assert_int_equal(again.list[i].line, rows.list[i].line);
            assert_int_equal(again.list[i].column, rows.list[i].column);
            assert_string_equal(again.list[i].id, rows.list[i].id);
            assert_int_equal(again.list[i].outcome, rows.list[i].outcome);
            if (rows.list[i].event)
                assert_string_equal(again.list[i].event, rows.list[i].event);
            else
                assert_string_equal(again.list[i].fault, rows.list[i].fault);
        }
        rows_close(&again);
    }
    memcpy(other, hash, sizeof other);
    other[0] = 'f';
    file = fmemopen(kept, size, "r");
    rows_close(&rows);
    assert_int_equal(rows_read(file, other, &rows), ROWS_FOREIGN);
    assert_int_equal(rows.count, 0);
    fclose(file);
    free(kept);
}

/* Whatever the bytes are, reading ends, tells something, and tells the same again. */
static void bears_anything(void **state)
{
    static const char yaml[] = "members: {type: {column: a}, subject: {column: b}}\n";
    static const char letters[] = "{}[]\",;:\\\n\r ab1\xc3\xa9";
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(mapping_close) struct mapping *mapping = NULL;
    uint32_t dice = 1;

    (void)state;
    assert_int_equal(mapping_read("m", yaml, sizeof yaml - 1, &faults, &mapping), MAPPING_OK);
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        struct rows rows[2] = { { 0 } };
        struct spool_input input = { .name = round % 2 ? "a.csv" : "a.json",
                                     .bytes = bytes,
                                     .mapping = mapping,
                                     .source = "urn:x",
                                     .time = noon };

        dice = dice * 1664525 + 1013904223;
        input.size = dice >> 26;
        for (size_t i = 0; i < input.size; i++) {
            dice = dice * 1664525 + 1013904223;
            bytes[i] = letters[(dice >> 16) % (sizeof letters - 1)];
        }
        if (round % 4 == 1 && input.size > 4)
            memcpy(bytes, "a,b\n", 4);
        for (int i = 0; i < 2; i++)
            assert_int_equal(spool_read(&input, &rows[i]), 0);
        assert_true(rows[0].count > 0);
        assert_int_equal(rows[0].count, rows[1].count);
        for (size_t i = 0; i < rows[0].count; i++)
            if (rows[0].list[i].event)
                assert_string_equal(rows[0].list[i].event, rows[1].list[i].event);
        rows_close(&rows[0]);
        rows_close(&rows[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_on_bytes),     cmocka_unit_test(completes),
        cmocka_unit_test(gives_lasting_ids),  cmocka_unit_test(tells_faults),
        cmocka_unit_test(keeps_what_is_good), cmocka_unit_test(bounds_a_file),
        cmocka_unit_test(survives_the_disk),  cmocka_unit_test(bears_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
