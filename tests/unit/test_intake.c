/* test_intake.c - the intake reads, answers and hands up what it must. */
#include "wire_bench.h"

#include "io/intake_fuse.h"

static void answers_hello_and_ping_itself(void **state)
{
    struct bench bench;
    void *dealer;

    (void)state;
    bench_open(&bench);
    intake_set_last(bench.intake, 4711);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    const char hello[] = "{\"versions\":[1],\"client\":\"test\","
                         "\"sources\":[\"urn:agency:0/x\",\"urn:agency:1\"]}";
    bench_send(dealer, "HELLO", hello, sizeof hello - 1);
    bench_expect(&bench, dealer, "WELCOME", "\"refused_sources\":[\"urn:agency:1\"]");
    bench_send(dealer, "HELLO", "{\"versions\":[2]}", 16);
    bench_expect(&bench, dealer, "NACK", "426.1");
    bench_send(dealer, "HELLO", "{\"client\":\"x\"}", 14);
    bench_expect(&bench, dealer, "NACK", "400.4");
    bench_send(dealer, "HELLO", "{\"versions\":[1],\"versions\":[1]}", 31);
    bench_expect(&bench, dealer, "NACK", "400.2");
    bench_send(dealer, "PING", "", 0);
    bench_expect(&bench, dealer, "PONG", "{\"time\":\"2026-12-18T16:59:00Z\",\"last\":4711}");
    assert_int_equal(bench.taken, 0);
    zmq_close(dealer);
    bench_close(&bench);
}

static void hands_up_whole_messages(void **state)
{
    static const struct {
        const char *text;
        enum wire_command command;
    } rows[] = { { "EVENT", WIRE_EVENT },
                 { "BATCH", WIRE_BATCH },
                 { "LAST", WIRE_LAST },
                 { "STAT", WIRE_STAT } };
    struct bench bench;
    struct intake_message *message = NULL;
    char *body = malloc(WIRE_BODY_MAX);
    void *dealer;

    (void)state;
    bench_open(&bench);
    memset(body, 'x', WIRE_BODY_MAX);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        zmq_pollitem_t item = { .socket = intake_socket(bench.intake), .events = ZMQ_POLLIN };

        bench_send(dealer, rows[i].text, body, WIRE_BODY_MAX);
        assert_int_equal(zmq_poll(&item, 1, BENCH_WAIT_MS), 1);
        assert_int_equal(intake_take(bench.intake, bench_now, &message), 1);
        assert_int_equal(message->command, rows[i].command);
        assert_int_equal(message->size, WIRE_BODY_MAX);
        assert_memory_equal(message->body, body, WIRE_BODY_MAX);
        assert_int_equal(message->correlation_size, 3);
        assert_memory_equal(message->correlation, "c-1", 3);
        /* The trap of the first frame: the key is known although the socket was polled. */
        assert_string_equal(message->key, bench.good.public);
        assert_int_equal(message->received.us, bench_now.us);
        intake_answer(bench.intake, message, WIRE_BUSY, "{\"retry_after_ms\":5}");
        bench_expect(&bench, dealer, "BUSY", "5");
        intake_refuse(bench.intake, message, WIRE_CODE_RATE, "slowly");
        bench_expect(&bench, dealer, "NACK",
                     "{\"code\":\"429.1\",\"reason\":\"slowly\",\"retry\":true}");
        intake_message_close(&message);
    }
    assert_int_equal(intake_take(bench.intake, bench_now, &message), 0);
    assert_int_equal(intake_counts(bench.intake).taken, COUNT_OF(rows));
    free(body);
    zmq_close(dealer);
    bench_close(&bench);
}

/* Sends frames of these sizes; the first is the magic, unless it has another size. */
static void send_sizes(void *dealer, const char *magic, const int *sizes, size_t count)
{
    char *bytes = calloc(1, 70000);

    for (size_t i = 0; i < count; i++) {
        memset(bytes, 'x', 70000);
        if (i == 0)
            memcpy(bytes, magic, 4);
        if (i == 1)
            memcpy(bytes, "EVENT", 5);
        zmq_send(dealer, bytes, (size_t)sizes[i], i + 1 < count ? ZMQ_SNDMORE : 0);
    }
    free(bytes);
}

static void refuses_wrong_frames(void **state)
{
    static const struct {
        const char *name;
        const char *magic;
        size_t count;
        int sizes[6];
        const char *code;
    } rows[] = {
        { "five frames", "CON1", 5, { 4, 5, 3, 2, 2 }, "400.1" },
        { "three frames", "CON1", 3, { 4, 5, 3 }, "400.1" },
        { "one frame", "CON1", 1, { 4 }, "400.1" },
        { "one empty frame", "CON1", 1, { 0 }, "400.1" },
        { "a longer magic", "CON1", 4, { 5, 5, 3, 2 }, "400.1" },
        { "another magic", "GET ", 4, { 4, 5, 3, 2 }, "400.1" },
        { "the next version", "CON2", 4, { 4, 5, 3, 2 }, "426.1" },
        { "the next version has six frames", "CON2", 6, { 4, 5, 3, 2, 1, 1 }, "426.1" },
        { "no command", "CON1", 4, { 4, 0, 3, 2 }, "400.1" },
        { "a long command", "CON1", 4, { 4, 9, 3, 2 }, "400.1" },
        { "an unknown command", "CON1", 4, { 4, 6, 3, 2 }, "400.1" },
        { "no correlation", "CON1", 4, { 4, 5, 0, 2 }, "400.1" },
        { "a long correlation", "CON1", 4, { 4, 5, 33, 2 }, "400.1" },
        { "a long body", "CON1", 4, { 4, 5, 32, 65537 }, "413.1" },
    };
    struct bench bench;
    void *dealer;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].name);
        send_sizes(dealer, rows[i].magic, rows[i].sizes, rows[i].count);
        bench_expect(&bench, dealer, "NACK", rows[i].code);
    }
    assert_int_equal(bench.taken, 0);
    assert_int_equal(intake_counts(bench.intake).refused, COUNT_OF(rows));
    zmq_close(dealer);
    bench_close(&bench);
}

/* What libzmq itself cuts off: the peer is disconnected, comes back, and works. */
static void survives_frames_beyond_reading(void **state)
{
    struct bench bench;
    char *bytes = calloc(1, 1 << 20);
    void *dealer;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(dealer, "EVENT", bytes, 1 << 20);
    bench_good_client_works(&bench);
    assert_int_equal(bench.taken, 1);
    zmq_close(dealer);
    free(bytes);
    bench_close(&bench);
}

static void counts_refusals_by_key_and_code(void **state)
{
    struct bench bench;
    const struct refusal *rows;
    void *dealer;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    for (unsigned i = 0; i < 3; i++) {
        bench_send(dealer, "NONSENSE", "", 0);
        bench_expect(&bench, dealer, "NACK", "400.1");
    }
    intake_count_refusal(bench.intake, bench.good.public, WIRE_CODE_SOURCE, bench_now);
    assert_int_equal(intake_refusals(bench.intake)->count, 2);
    rows = intake_refusals(bench.intake)->rows;
    assert_string_equal(rows[0].key, bench.good.public);
    assert_string_equal(rows[0].code, "400.1");
    assert_int_equal(rows[0].count, 3);
    assert_string_equal(rows[1].code, "403.1");
    /* A flood of keys finds the table full, not growing. */
    for (unsigned i = 0; i < 2 * REFUSALS_MAX; i++) {
        char key[WIRE_KEY_TEXT + 1];

        snprintf(key, sizeof key, "%040u", i);
        intake_count_refusal(bench.intake, key, WIRE_CODE_SOURCE, bench_now);
    }
    assert_int_equal(intake_refusals(bench.intake)->count, REFUSALS_MAX);
    assert_string_equal(rows[REFUSALS_MAX - 1].key, "");
    assert_int_equal(rows[REFUSALS_MAX - 1].count, 2 * REFUSALS_MAX - (REFUSALS_MAX - 3));
    zmq_close(dealer);
    bench_close(&bench);
}

static void refuses_settings_that_cannot_be_used(void **state)
{
    static const struct {
        const char *name;
        const char *endpoint;
        const char *secret;
        const char *domain;
    } rows[] = {
        { "inproc, where CURVE does not apply", "inproc://x", NULL, NULL },
        { "udp", "udp://127.0.0.1:5555", NULL, NULL },
        { "no endpoint", NULL, NULL, NULL },
        { "a short key", "tcp://127.0.0.1:*", "abc", NULL },
        { "no Z85", "tcp://127.0.0.1:*",
          "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
          NULL },
        { "a domain without end", "tcp://127.0.0.1:*", NULL,
          "0123456789012345678901234567890123456789012345678901234567890123" },
    };
    struct bench bench;

    (void)state;
    bench_prepare(&bench);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct intake_settings settings = bench_settings(&bench);

        print_message("  %s\n", rows[i].name);
        settings.endpoint = rows[i].endpoint;
        settings.secret_key = rows[i].secret ? rows[i].secret : bench.server.secret;
        settings.domain = rows[i].domain;
        assert_int_equal(intake_open(bench.context, &settings, bench_now, &bench.intake), -EINVAL);
        assert_null(bench.intake);
    }
    bench_close(&bench);
}

/* Over a path with a space in it, too; and there the fuse must free the same path. */
static void listens_on_a_path(void **state)
{
    struct bench bench;
    struct intake_settings settings;
    char endpoint[128];

    (void)state;
    bench_prepare(&bench);
    settings = bench_settings(&bench);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/in take", bench.folder);
    settings.endpoint = endpoint;
    settings.memory_limit = fuse_resident() / 4 * 3; /* blown at the first look */
    assert_int_equal(intake_open(bench.context, &settings, bench_now, &bench.intake), 0);
    assert_string_equal(intake_endpoint(bench.intake), endpoint);
    assert_int_equal(intake_watch(bench.intake, 1000, bench_now), INTAKE_FUSE_BLEW);
    assert_int_equal(intake_watch(bench.intake, 1001, bench_now), INTAKE_WELL);
    bench_good_client_works(&bench);
    /* What is in use for good does not blow it again and again. */
    assert_int_equal(intake_counts(bench.intake).fuse_blown, 1);
    intake_close(&bench.intake);
    /* libzmq leaves the name behind, and takes it over when it binds again. */
    unlink(endpoint + sizeof "ipc://" - 1);
    bench_close(&bench);
}

/* A key begins to live while the daemon runs, and another ends: no reload is needed. */
static void keys_come_and_go_with_time(void **state)
{
    struct bench bench;
    struct intake_settings settings;
    struct bench_answer answer;
    struct instant later = { bench_now.us + MINUTE_US };
    uint64_t admitted, refused;
    char path[128], text[1024];
    void *early, *late;

    (void)state;
    bench_prepare(&bench);
    keyring_close(&bench.keyring);
    snprintf(path, sizeof path, "%s/timed.yaml", bench.folder);
    snprintf(text, sizeof text,
             "keys:\n"
             "  - {key: \"%s\", agency: a, types: [all], rights: [read],"
             " not_after: 2026-12-18T17:00:00Z}\n"
             "  - {key: \"%s\", agency: a, types: [all], rights: [read],"
             " not_before: 2026-12-18T17:00:00Z}\n",
             bench.good.public, bench.other.public);
    bench_write(path, text);
    assert_int_equal(keyring_read(path, stderr, &bench.keyring), KEYRING_OK);
    unlink(path);
    settings = bench_settings(&bench);
    settings.memory_limit = (size_t)1 << 40;
    assert_int_equal(intake_open(bench.context, &settings, bench_now, &bench.intake), 0);
    early = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    late = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, NULL, 0);
    bench_send(early, "EVENT", "{}", 2);
    bench_expect(&bench, early, "ACK", NULL);
    bench_send(late, "EVENT", "{}", 2);
    assert_int_equal(bench_receive(&bench, late, 200, &answer), 0);
    zmq_close(late);
    intake_watch(bench.intake, bench_ms() + 1000, later);
    late = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, NULL, 0);
    bench_send(late, "EVENT", "{}", 2);
    /* The handler admits it; the bench goes on living at an instant before, and so refuses
     * its message: the connection and the message are judged one by one. */
    bench_expect(&bench, late, "NACK", "401.1");
    assert_true(zap_counts(bench.zap, &admitted, &refused));
    assert_int_equal(admitted, 2);
    zmq_close(early);
    early = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(early, "EVENT", "{}", 2);
    assert_int_equal(bench_receive(&bench, early, 200, &answer), 0);
    zmq_close(early);
    /* The clock was wrong, and is set back: the first is live still. */
    intake_watch(bench.intake, bench_ms() + 10000, bench_now);
    early = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(early, "EVENT", "{}", 2);
    bench_expect(&bench, early, "ACK", NULL);
    zmq_close(early);
    zmq_close(late);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_hello_and_ping_itself),
        cmocka_unit_test(hands_up_whole_messages),
        cmocka_unit_test(refuses_wrong_frames),
        cmocka_unit_test(survives_frames_beyond_reading),
        cmocka_unit_test(counts_refusals_by_key_and_code),
        cmocka_unit_test(refuses_settings_that_cannot_be_used),
        cmocka_unit_test(listens_on_a_path),
        cmocka_unit_test(keys_come_and_go_with_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
