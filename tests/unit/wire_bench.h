/* wire_bench.h - a small server made of the real intake, and peers to play against it.
 *
 * The peers live in a context of their own, as in a process of their own; the
 * names and keys are invented, the keys anew in every run.
 */
#ifndef CONCERN_TESTS_WIRE_BENCH_H
#define CONCERN_TESTS_WIRE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "io/intake.h"

enum { BENCH_WAIT_MS = 60000 };

/* The instant the tests happen at: 2026-12-18T16:59:00Z. */
static const struct instant bench_now = { INT64_C(1797613140) * 1000000 };

struct bench_key {
    char public[WIRE_KEY_TEXT + 1];
    char secret[WIRE_KEY_TEXT + 1];
};

struct bench {
    void *context; /* of the server */
    void *outside; /* of the peers */
    char folder[64];
    struct bench_key server;
    struct bench_key good;
    struct bench_key other;
    struct bench_key stranger; /* in no keyring */
    struct keyring *keyring;
    struct zap *zap;
    struct intake *intake;
    unsigned taken;
    bool silent; /* takes messages and answers nothing */
};

static inline int64_t bench_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void bench_tell(void *context, int priority, const char *line)
{
    (void)context;
    (void)priority;
    if (getenv("BENCH_TELL"))
        print_message("    %s\n", line);
}

static inline void bench_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

/* A keyring of these keys, one agency each. */
static inline struct keyring *bench_keyring(struct bench *bench,
                                            const struct bench_key *const *keys, size_t count)
{
    char path[128];
    char text[8192] = "keys:\n";
    struct keyring *keyring = NULL;

    snprintf(path, sizeof path, "%s/keys of test.yaml", bench->folder);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(text);

        snprintf(text + used, sizeof text - used,
                 "  - {key: \"%s\", agency: agency-%zu, boards: [board-one],"
                 " sources: [\"urn:agency:%zu\"], types: [all], rights: [publish]}\n",
                 keys[i]->public, i, i);
    }
    if (count == 0)
        snprintf(text, sizeof text, "keys: []\n");
    bench_write(path, text);
    assert_int_equal(keyring_read(path, stderr, &keyring), KEYRING_OK);
    unlink(path);
    return keyring;
}

static inline struct intake_settings bench_settings(struct bench *bench)
{
    struct intake_settings settings = {
        .endpoint = "tcp://127.0.0.1:*",
        .secret_key = bench->server.secret,
        .zap = bench->zap,
        .keyring = bench->keyring,
        .tell = bench_tell,
    };

    return settings;
}

/* Everything but the intake itself. */
static inline void bench_prepare(struct bench *bench)
{
    struct bench_key *keys[] = { &bench->server, &bench->good, &bench->other, &bench->stranger };

    memset(bench, 0, sizeof *bench);
    snprintf(bench->folder, sizeof bench->folder, "/tmp/concern bench XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_int_equal(zmq_curve_keypair(keys[i]->public, keys[i]->secret), 0);
    bench->context = zmq_ctx_new();
    bench->outside = zmq_ctx_new();
    bench->keyring =
        bench_keyring(bench, (const struct bench_key *const[]){ &bench->good, &bench->other }, 2);
    assert_int_equal(zap_open(bench->context, WIRE_ZAP_DOMAIN, bench_tell, NULL, &bench->zap), 0);
}

static inline void bench_open_with(struct bench *bench, size_t memory_limit)
{
    struct intake_settings settings;

    bench_prepare(bench);
    settings = bench_settings(bench);
    settings.memory_limit = memory_limit;
    assert_int_equal(intake_open(bench->context, &settings, bench_now, &bench->intake), 0);
}

static inline void bench_open(struct bench *bench)
{
    bench_open_with(bench, (size_t)1 << 40);
}

static inline void bench_close(struct bench *bench)
{
    intake_close(&bench->intake);
    zap_close(&bench->zap);
    keyring_close(&bench->keyring);
    if (bench->outside)
        zmq_ctx_term(bench->outside);
    zmq_ctx_term(bench->context);
    rmdir(bench->folder);
}

/* Lets the server work for at most `wait_ms`, or until something else is readable. */
static inline bool bench_pump(struct bench *bench, void *until, int wait_ms)
{
    int64_t end = bench_ms() + wait_ms;

    for (int64_t left = wait_ms; left >= 0; left = end - bench_ms()) {
        struct intake_message *message = NULL;
        zmq_pollitem_t items[] = {
            { .socket = bench->intake ? intake_socket(bench->intake) : until,
              .events = ZMQ_POLLIN },
            { .socket = until, .events = ZMQ_POLLIN },
        };

        zmq_poll(items, until ? 2 : 1, left < 50 ? left : 50);
        if (until && items[1].revents)
            return true;
        if (!bench->intake)
            continue;
        intake_watch(bench->intake, bench_ms(), bench_now);
        while (intake_take(bench->intake, bench_now, &message) == 1) {
            bench->taken++;
            if (!bench->silent)
                intake_answer(bench->intake, message, WIRE_ACK, "{\"committed\":true}");
            intake_message_close(&message);
        }
    }
    return false;
}

/* A DEALER as a publisher uses it; `identity` NULL for none, `key` NULL for no CURVE. */
static inline void *bench_dealer(struct bench *bench, const char *endpoint,
                                 const struct bench_key *key, const void *identity, size_t size)
{
    void *dealer = zmq_socket(bench->outside, ZMQ_DEALER);
    int zero = 0;
    int fast = 20;

    assert_non_null(dealer);
    zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(dealer, ZMQ_RECONNECT_IVL, &fast, sizeof fast);
    if (key) {
        zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, bench->server.public, WIRE_KEY_TEXT);
        zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, key->public, WIRE_KEY_TEXT);
        zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, key->secret, WIRE_KEY_TEXT);
    }
    if (identity)
        assert_int_equal(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, identity, size), 0);
    assert_int_equal(zmq_connect(dealer, endpoint), 0);
    return dealer;
}

/* Never waits: the socket of a peer that was refused has nowhere to send to, for ever. */
static inline void bench_send(void *dealer, const char *command, const void *body, size_t size)
{
    int more = ZMQ_DONTWAIT | ZMQ_SNDMORE;

    if (zmq_send(dealer, WIRE_MAGIC, 4, more) == 4 &&
        zmq_send(dealer, command, strlen(command), more) >= 0 &&
        zmq_send(dealer, "c-1", 3, more) == 3)
        zmq_send(dealer, body, size, ZMQ_DONTWAIT);
}

/* The frames of an answer, each with a closing zero; 0 when none came in time. */
struct bench_answer {
    size_t count;
    char frames[6][4096];
};

static inline size_t bench_receive(struct bench *bench, void *dealer, int wait_ms,
                                   struct bench_answer *answer)
{
    int more = 1;
    size_t more_size = sizeof more;

    memset(answer, 0, sizeof *answer);
    if (!bench_pump(bench, dealer, wait_ms))
        return 0;
    while (more && answer->count < COUNT_OF(answer->frames)) {
        assert_true(zmq_recv(dealer, answer->frames[answer->count++], 4095, ZMQ_DONTWAIT) >= 0);
        zmq_getsockopt(dealer, ZMQ_RCVMORE, &more, &more_size);
    }
    return answer->count;
}

/* Asks and expects an answer of four frames with this command and, if not NULL, this in its body.
 */
static inline void bench_expect(struct bench *bench, void *dealer, const char *command,
                                const char *inside)
{
    struct bench_answer answer;

    assert_int_equal(bench_receive(bench, dealer, BENCH_WAIT_MS, &answer), 4);
    assert_string_equal(answer.frames[0], "CON1");
    assert_string_equal(answer.frames[1], command);
    if (inside && !strstr(answer.frames[3], inside))
        fail_msg("\"%s\" is not in %s", inside, answer.frames[3]);
}

/* A good client connects, sends an event and is answered. */
static inline void bench_good_client_works(struct bench *bench)
{
    void *dealer = bench_dealer(bench, intake_endpoint(bench->intake), &bench->good, NULL, 0);

    bench_send(dealer, "EVENT", "{}", 2);
    bench_expect(bench, dealer, "ACK", "committed");
    zmq_close(dealer);
}

#endif
