/* test_zap.c - the ZAP handler, asked directly as libzmq asks it. */
#include "wire_bench.h"

struct request {
    const char *name;
    const char *version;
    const char *domain;
    const char *mechanism;
    const struct bench_key *key; /* NULL: no seventh frame */
    size_t key_size;
    unsigned more; /* frames behind the seventh */
    const char *status;
};

/* Sends one request and reads the answer's status and user id. */
static void ask(void *socket, const struct request *request, char *status, char *user)
{
    uint8_t key[256] = { 0 };
    char frames[6][256] = { "" };
    int more = 1;
    size_t more_size = sizeof more;
    size_t count = 0;

    zmq_send(socket, request->version, strlen(request->version), ZMQ_SNDMORE);
    zmq_send(socket, "id-7", 4, ZMQ_SNDMORE);
    zmq_send(socket, request->domain, strlen(request->domain), ZMQ_SNDMORE);
    zmq_send(socket, "127.0.0.1", 9, ZMQ_SNDMORE);
    zmq_send(socket, "", 0, ZMQ_SNDMORE);
    zmq_send(socket, request->mechanism, strlen(request->mechanism),
             request->key ? ZMQ_SNDMORE : 0);
    if (request->key) {
        assert_non_null(zmq_z85_decode(key, request->key->public));
        zmq_send(socket, key, request->key_size, request->more ? ZMQ_SNDMORE : 0);
    }
    for (unsigned i = 0; i < request->more; i++)
        zmq_send(socket, "x", 1, i + 1 < request->more ? ZMQ_SNDMORE : 0);
    while (more && count < COUNT_OF(frames)) {
        assert_true(zmq_recv(socket, frames[count++], 255, 0) >= 0);
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size);
    }
    assert_int_equal(count, 6);
    assert_false(more);
    assert_string_equal(frames[0], "1.0");
    assert_string_equal(frames[1], "id-7");
    assert_string_equal(frames[5], "");
    assert_int_equal(strlen(frames[2]), 3);
    assert_true(strlen(frames[4]) <= WIRE_KEY_TEXT);
    memcpy(status, frames[2], 4);
    memcpy(user, frames[4], strlen(frames[4]) + 1);
}

static void *open_asker(struct bench *bench)
{
    void *socket = zmq_socket(bench->context, ZMQ_REQ);
    int wait_ms = BENCH_WAIT_MS;
    int zero = 0;

    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
    return socket;
}

static void answers_as_the_keyring_says(void **state)
{
    static struct bench bench;
    uint64_t admitted, refused;
    void *asker;

    (void)state;
    bench_prepare(&bench);
    assert_int_equal(zap_set_keys(bench.zap, bench.keyring, bench_now), 0);
    asker = open_asker(&bench);
    const struct request rows[] = {
        { "a key of the keyring", "1.0", "concernd", "CURVE", &bench.good, 32, 0, "200" },
        { "another", "1.0", "concernd", "CURVE", &bench.other, 32, 0, "200" },
        { "a stranger", "1.0", "concernd", "CURVE", &bench.stranger, 32, 0, "400" },
        { "another domain", "1.0", "global", "CURVE", &bench.good, 32, 0, "400" },
        { "no domain", "1.0", "", "CURVE", &bench.good, 32, 0, "400" },
        { "NULL", "1.0", "concernd", "NULL", &bench.good, 32, 0, "400" },
        { "PLAIN", "1.0", "concernd", "PLAIN", &bench.good, 32, 0, "400" },
        { "NULL, as it comes", "1.0", "concernd", "NULL", NULL, 0, 0, "500" },
        { "PLAIN, as it comes", "1.0", "concernd", "PLAIN", &bench.good, 5, 1, "500" },
        { "a short key", "1.0", "concernd", "CURVE", &bench.good, 31, 0, "400" },
        { "a long key", "1.0", "concernd", "CURVE", &bench.good, 33, 0, "400" },
        { "no key", "1.0", "concernd", "CURVE", &bench.good, 0, 0, "400" },
        { "another version", "2.0", "concernd", "CURVE", &bench.good, 32, 0, "500" },
        { "too many frames", "1.0", "concernd", "CURVE", &bench.good, 32, 20, "500" },
        { "a good one after all these", "1.0", "concernd", "CURVE", &bench.good, 32, 0, "200" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char status[8];
        char user[WIRE_KEY_TEXT + 1];

        print_message("  %s\n", rows[i].name);
        ask(asker, &rows[i], status, user);
        assert_string_equal(status, rows[i].status);
        assert_string_equal(user, strcmp(rows[i].status, "200") ? "" : rows[i].key->public);
    }
    assert_true(zap_counts(bench.zap, &admitted, &refused));
    assert_int_equal(admitted, 3);
    assert_int_equal(refused, COUNT_OF(rows) - 3);
    zmq_close(asker);
    bench_close(&bench);
}

static void admits_nobody_before_and_after(void **state)
{
    struct bench bench;
    struct request good = { "", "1.0", "concernd", "CURVE", NULL, 32, 0, "" };
    char status[8];
    char user[WIRE_KEY_TEXT + 1];
    void *asker;

    (void)state;
    bench_prepare(&bench);
    good.key = &bench.good;
    asker = open_asker(&bench);
    ask(asker, &good, status, user);
    assert_string_equal(status, "400");
    assert_int_equal(zap_set_keys(bench.zap, bench.keyring, bench_now), 0);
    ask(asker, &good, status, user);
    assert_string_equal(status, "200");
    assert_int_equal(zap_set_keys(bench.zap, NULL, bench_now), 0);
    ask(asker, &good, status, user);
    assert_string_equal(status, "400");
    assert_true(zap_is_alive(bench.zap, BENCH_WAIT_MS));
    zmq_close(asker);
    bench_close(&bench);
}

/* A key whose time has not come, or is over, does not even connect. */
static void hands_over_only_live_keys(void **state)
{
    struct bench bench;
    struct keyring *keyring = NULL;
    struct request asked = { "", "1.0", "concernd", "CURVE", NULL, 32, 0, "" };
    char path[128], text[1024], status[8], user[WIRE_KEY_TEXT + 1];
    void *asker;

    (void)state;
    bench_prepare(&bench);
    snprintf(path, sizeof path, "%s/timed.yaml", bench.folder);
    snprintf(text, sizeof text,
             "keys:\n"
             "  - {key: \"%s\", agency: a, types: [all], rights: [read],"
             " not_after: 2026-12-18T17:00:00Z}\n"
             "  - {key: \"%s\", agency: a, types: [all], rights: [read],"
             " not_before: 2026-12-18T17:00:00Z}\n",
             bench.good.public, bench.other.public);
    bench_write(path, text);
    assert_int_equal(keyring_read(path, stderr, &keyring), KEYRING_OK);
    unlink(path);
    asker = open_asker(&bench);
    for (unsigned minute = 0; minute < 2; minute++) {
        struct instant now = { bench_now.us + minute * MINUTE_US };

        assert_int_equal(zap_set_keys(bench.zap, keyring, now), 0);
        asked.key = &bench.good;
        ask(asker, &asked, status, user);
        assert_string_equal(status, minute == 0 ? "200" : "400");
        asked.key = &bench.other;
        ask(asker, &asked, status, user);
        assert_string_equal(status, minute == 0 ? "400" : "200");
    }
    zmq_close(asker);
    keyring_close(&keyring);
    bench_close(&bench);
}

static void there_is_only_one(void **state)
{
    struct bench bench;
    struct zap *second = NULL;

    (void)state;
    bench_prepare(&bench);
    assert_int_equal(zap_open(bench.context, WIRE_ZAP_DOMAIN, NULL, NULL, &second), -EADDRINUSE);
    assert_null(second);
    zap_close(&second);
    bench_close(&bench);
}

/* As many keys as a keyring may hold cross as one message. */
static void takes_a_full_keyring(void **state)
{
    struct bench bench;
    struct keyring *keyring = NULL;
    struct request asked = { "", "1.0", "concernd", "CURVE", NULL, 32, 0, "" };
    char path[128], status[8], user[WIRE_KEY_TEXT + 1];
    FILE *file;
    void *asker;

    (void)state;
    bench_prepare(&bench);
    asked.key = &bench.good;
    snprintf(path, sizeof path, "%s/full.yaml", bench.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("keys:\n", file);
    for (uint32_t i = 0; i < KEYRING_KEYS_MAX; i++) {
        uint8_t bytes[WIRE_KEY_SIZE] = { (uint8_t)i, (uint8_t)(i >> 8), 1, 2, 3 };
        char key[WIRE_KEY_TEXT + 1];

        if (i == 2000)
            assert_non_null(zmq_z85_decode(bytes, bench.good.public));
        assert_non_null(zmq_z85_encode(key, bytes, sizeof bytes));
        fprintf(file, "  - {key: \"%s\", agency: a, types: [all], rights: [read]}\n", key);
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(keyring_read(path, stderr, &keyring), KEYRING_OK);
    assert_int_equal(keyring_count(keyring), KEYRING_KEYS_MAX);
    unlink(path);
    assert_int_equal(zap_set_keys(bench.zap, keyring, bench_now), 0);
    asker = open_asker(&bench);
    ask(asker, &asked, status, user);
    assert_string_equal(status, "200");
    zmq_close(asker);
    keyring_close(&keyring);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_the_keyring_says),
        cmocka_unit_test(admits_nobody_before_and_after),
        cmocka_unit_test(hands_over_only_live_keys),
        cmocka_unit_test(there_is_only_one),
        cmocka_unit_test(takes_a_full_keyring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
