/* test_answer.c - what the daemon answers: written, read back, and refused when it is no answer. */
#include "protocol/answer.h"

#include "core/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct answer_ack whole_ack(void)
{
    struct answer_ack ack;

    memset(&ack, 0, sizeof ack);
    snprintf(ack.source, sizeof ack.source, "urn:northtown:las");
    snprintf(ack.id, sizeof ack.id, "01JD2M8XQ4");
    ack.has_sequence = true;
    ack.sequence = 42;
    ack.record = 1234;
    memset(ack.hash, 'a', 64);
    ack.committed = true;
    snprintf(ack.dropped[0], sizeof ack.dropped[0], "colour");
    snprintf(ack.dropped[1], sizeof ack.dropped[1], "by.\"name\"");
    ack.dropped_count = 2;
    ack.has_state = true;
    ack.state = DISAGREEMENT_RESOLVED;
    ack.has_next_deadline = true;
    snprintf(ack.next_deadline.deadline, sizeof ack.next_deadline.deadline, "stage-1");
    assert_int_equal(instant_read("2026-12-29T17:00:00Z", NULL, &ack.next_deadline.due),
                     INSTANT_OK);
    ack.next_deadline.provisional = true;
    return ack;
}

static void writes_an_ack_as_documented(void **state)
{
    struct answer_ack ack = whole_ack();
    char *json = NULL;

    (void)state;
    assert_int_equal(answer_write_ack(&ack, &json), 0);
    assert_string_equal(
        json, "{\"source\":\"urn:northtown:las\",\"id\":\"01JD2M8XQ4\","
              "\"sequence\":\"00000000000000000042\",\"record\":1234,"
              "\"hash\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
              "\"committed\":true,\"duplicate\":false,\"parked\":false,\"ignored\":false,"
              "\"dropped\":[\"colour\",\"by.\\\"name\\\"\"],\"disagreement_state\":\"resolved\","
              "\"next_deadline\":{\"deadline\":\"stage-1\",\"due\":\"2026-12-29T17:00:00Z\","
              "\"provisional\":true}}");
    free(json);
}

static void comes_back(const struct answer_ack *ack)
{
    struct answer_ack again;
    char *json = NULL;

    assert_int_equal(answer_write_ack(ack, &json), 0);
    assert_int_equal(answer_read_ack(json, strlen(json), &again), ANSWER_OK);
    assert_memory_equal(&again, ack, sizeof again);
    free(json);
}

static void reads_every_ack_it_writes(void **state)
{
    struct answer_ack ack = whole_ack();

    (void)state;
    comes_back(&ack);
    ack.next_deadline.due = INSTANT_NONE;
    comes_back(&ack);
    ack.duplicate = ack.parked = ack.ignored = true;
    ack.committed = false;
    for (int kind = 0; kind < DISAGREEMENT_STATE_COUNT; kind++) {
        ack.state = (enum disagreement_state)kind;
        comes_back(&ack);
    }
    memset(&ack, 0, sizeof ack);
    ack.source[0] = ack.id[0] = 'x';
    ack.next_deadline.due = INSTANT_NONE;
    comes_back(&ack);
    ack.has_sequence = true;
    ack.sequence = INT64_MAX;
    ack.record = INT64_MAX;
    ack.dropped_count = CLOUDEVENT_DROPPED_MAX;
    for (unsigned i = 0; i < CLOUDEVENT_DROPPED_MAX; i++)
        memset(ack.dropped[i], 'n', ID_MAX);
    comes_back(&ack);
}

static const struct {
    const char *json;
    int answer;
} rows[] = {
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true}", ANSWER_OK },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"newer\":[1]}", ANSWER_OK },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"disagreement_state\":\"newer\"}",
      ANSWER_OK },
    { "{\"source\":\"u\",\"id\":\"e\"}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"committed\":true}", ANSWER_UNREADABLE },
    { "{\"id\":\"e\",\"committed\":true}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":1}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"record\":-1}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"sequence\":42}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"sequence\":\"42\"}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"next_deadline\":5}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"dropped\":[1]}", ANSWER_UNREADABLE },
    { "{\"source\":\"u\",\"id\":\"e\",\"committed\":true,\"dropped\":\"x\"}", ANSWER_UNREADABLE },
    { "[]", ANSWER_UNREADABLE },
    { "", ANSWER_NO_JSON },
    { "{\"id\":\"e\"", ANSWER_NO_JSON },
};

static void refuses_what_is_no_ack(void **state)
{
    struct answer_ack ack;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].json);
        assert_int_equal(answer_read_ack(rows[i].json, strlen(rows[i].json), &ack), rows[i].answer);
    }
}

static void answers_a_batch(void **state)
{
    static struct answer_ack acks[ANSWER_BATCH_MAX + 1], again[ANSWER_BATCH_MAX];
    char *json = NULL;
    size_t count;

    (void)state;
    for (size_t i = 0; i <= ANSWER_BATCH_MAX; i++) {
        acks[i] = whole_ack();
        memset(acks[i].id, 0, sizeof acks[i].id);
        snprintf(acks[i].id, sizeof acks[i].id, "e%zu", i);
    }
    assert_int_equal(answer_write_acks(acks, ANSWER_BATCH_MAX, &json), 0);
    assert_int_equal(answer_read_acks(json, strlen(json), again, &count), ANSWER_OK);
    assert_int_equal(count, ANSWER_BATCH_MAX);
    assert_memory_equal(again, acks, sizeof again);
    free(json);

    assert_int_equal(answer_write_acks(acks, ANSWER_BATCH_MAX + 1, &json), 0);
    assert_int_equal(answer_read_acks(json, strlen(json), again, &count), ANSWER_UNREADABLE);
    free(json);
}

/* The greatest answer there can be fits a frame: without the names, if need be. */
static void a_batch_fits_a_frame(void **state)
{
    static struct answer_ack acks[ANSWER_BATCH_MAX], again[ANSWER_BATCH_MAX];
    char *json = NULL;
    size_t count;

    (void)state;
    for (size_t i = 0; i < ANSWER_BATCH_MAX; i++) {
        acks[i] = whole_ack();
        memset(acks[i].source, 's', EVENT_SOURCE_MAX);
        memset(acks[i].id, 'i', ID_MAX);
        memset(acks[i].next_deadline.deadline, 'd', ID_MAX);
        acks[i].dropped_count = CLOUDEVENT_DROPPED_MAX;
        for (unsigned n = 0; n < CLOUDEVENT_DROPPED_MAX; n++)
            memset(acks[i].dropped[n], '"', ID_MAX);
    }
    assert_int_equal(answer_write_acks(acks, ANSWER_BATCH_MAX, &json), 0);
    assert_true(strlen(json) <= 65536);
    assert_int_equal(answer_read_acks(json, strlen(json), again, &count), ANSWER_OK);
    assert_int_equal(count, ANSWER_BATCH_MAX);
    assert_int_equal(again[49].dropped_count, 0);
    assert_string_equal(again[49].id, acks[49].id);
    free(json);
}

static void writes_and_reads_nacks(void **state)
{
    struct answer_nack nack = { .code = "403.1", .source = "urn:x", .id = "e" }, again;
    char *json = NULL;

    (void)state;
    assert_int_equal(answer_write_nack(&nack, &json), 0);
    assert_string_equal(json, "{\"code\":\"403.1\",\"reason\":\"the key may not speak for this "
                              "source\",\"retry\":false,\"source\":\"urn:x\",\"id\":\"e\"}");
    assert_int_equal(answer_read_nack(json, strlen(json), &again), ANSWER_OK);
    assert_string_equal(again.code, "403.1");
    assert_string_equal(again.id, "e");
    assert_false(again.retry);
    free(json);

    nack = (struct answer_nack){ .code = "503.1", .why = "full" };
    assert_int_equal(answer_write_nack(&nack, &json), 0);
    assert_string_equal(json, "{\"code\":\"503.1\",\"reason\":\"full\",\"retry\":true}");
    assert_int_equal(answer_read_nack(json, strlen(json), &again), ANSWER_OK);
    assert_true(again.retry);
    free(json);

    assert_int_equal(answer_read_nack("{\"reason\":\"x\"}", 14, &again), ANSWER_UNREADABLE);
    assert_int_equal(answer_read_nack("{\"code\":400.4}", 14, &again), ANSWER_UNREADABLE);
    assert_int_equal(answer_read_nack("{\"code\":\"12345678\"}", 19, &again), ANSWER_UNREADABLE);
}

static void writes_and_reads_busy(void **state)
{
    struct answer_busy busy = { 1500 }, again = { 0 };
    char *json = NULL;

    (void)state;
    assert_int_equal(answer_write_busy(&busy, &json), 0);
    assert_string_equal(json, "{\"retry_after_ms\":1500}");
    assert_int_equal(answer_read_busy(json, strlen(json), &again), ANSWER_OK);
    assert_int_equal(again.retry_after_ms, 1500);
    free(json);
    assert_int_equal(answer_read_busy("{\"retry_after_ms\":-1}", 21, &again), ANSWER_UNREADABLE);
    assert_int_equal(answer_read_busy("{\"retry_after_ms\":4294967296}", 29, &again),
                     ANSWER_UNREADABLE);
    assert_int_equal(answer_read_busy("{}", 2, &again), ANSWER_UNREADABLE);
}

static void writes_and_reads_last_and_queries(void **state)
{
    struct answer_last last = { .source = "urn:x" }, again;
    struct answer_query query = { .source = "urn:x", .id = "e" }, asked;
    char *json = NULL;

    (void)state;
    assert_int_equal(answer_write_last(&last, &json), 0);
    assert_string_equal(json, "{\"source\":\"urn:x\",\"seqepoch\":null,\"sequence\":null}");
    assert_int_equal(answer_read_last(json, strlen(json), &again), ANSWER_OK);
    assert_false(again.known);
    free(json);

    last.known = true;
    last.sequence = 7;
    snprintf(last.seqepoch, sizeof last.seqepoch, "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10");
    assert_int_equal(answer_write_last(&last, &json), 0);
    assert_int_equal(answer_read_last(json, strlen(json), &again), ANSWER_OK);
    assert_true(again.known);
    assert_int_equal(again.sequence, 7);
    assert_string_equal(again.seqepoch, last.seqepoch);
    free(json);

    assert_int_equal(answer_write_query(&query, &json), 0);
    assert_int_equal(answer_read_query(json, strlen(json), &asked), ANSWER_OK);
    assert_string_equal(asked.source, "urn:x");
    assert_string_equal(asked.id, "e");
    free(json);
    assert_int_equal(answer_read_query("{\"source\":\"urn:x\"}", 18, &asked), ANSWER_OK);
    assert_string_equal(asked.id, "");
    assert_int_equal(answer_read_query("{\"source\":\"a b\"}", 16, &asked), ANSWER_UNREADABLE);
    assert_int_equal(answer_read_query("{\"source\":\"u\",\"id\":\"a b\"}", 25, &asked),
                     ANSWER_UNREADABLE);
}

/* Every sample of an answer, which the schemas are checked with, is read and written the same. */
static int written_again(const char *name, const char *bytes, size_t size, char **json)
{
    static struct answer_ack acks[ANSWER_BATCH_MAX];
    struct answer_nack nack;
    struct answer_busy busy;
    struct answer_last last;
    size_t count;
    int answer;

    if (!strncmp(name, "acks", 4)) {
        answer = answer_read_acks(bytes, size, acks, &count);
        return answer ? answer : answer_write_acks(acks, count, json);
    }
    if (!strncmp(name, "ack", 3)) {
        answer = answer_read_ack(bytes, size, &acks[0]);
        return answer ? answer : answer_write_ack(&acks[0], json);
    }
    if (!strncmp(name, "nack", 4)) {
        answer = answer_read_nack(bytes, size, &nack);
        return answer ? answer : answer_write_nack(&nack, json);
    }
    if (!strncmp(name, "busy", 4)) {
        answer = answer_read_busy(bytes, size, &busy);
        return answer ? answer : answer_write_busy(&busy, json);
    }
    answer = answer_read_last(bytes, size, &last);
    return answer ? answer : answer_write_last(&last, json);
}

static void the_samples_come_back(void **state)
{
    static const char folder[] = CONCERN_SOURCE_DIR "/protocol/samples/answers";
    static const char *const names[] = {
        "ack",  "ack-parked", "ack-ignored", "ack-no-due", "ack-unknown", "ack-duplicate",
        "acks", "nack",       "nack-store",  "busy",       "last",        "last-unknown",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[1024], *bytes, *json = NULL;
        json_t *sample, *again;

        print_message("  %s\n", names[i]);
        snprintf(path, sizeof path, "%s/%s.json", folder, names[i]);
        sample = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(sample);
        bytes = json_dumps(sample, 0);
        assert_int_equal(written_again(names[i], bytes, strlen(bytes), &json), 0);
        again = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
        assert_true(json_equal(sample, again));
        json_decref(sample);
        json_decref(again);
        free(bytes);
        free(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_an_ack_as_documented),
        cmocka_unit_test(reads_every_ack_it_writes),
        cmocka_unit_test(refuses_what_is_no_ack),
        cmocka_unit_test(answers_a_batch),
        cmocka_unit_test(a_batch_fits_a_frame),
        cmocka_unit_test(writes_and_reads_nacks),
        cmocka_unit_test(writes_and_reads_busy),
        cmocka_unit_test(writes_and_reads_last_and_queries),
        cmocka_unit_test(the_samples_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
