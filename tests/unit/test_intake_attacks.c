/* test_intake_attacks.c - every attack on the intake that is known, made for real. */
#include "wire_bench.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Freed memory goes back at once: a quarantine would hold what the fuse must see go. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1:allocator_release_to_os_interval_ms=10";
}

/* Nobody without a key is heard: three peers, none of whom has one that counts. */
static void hears_nobody_without_a_key(void **state)
{
    struct bench bench;
    void *peers[3];
    struct bench_answer answer;

    (void)state;
    bench_open(&bench);
    peers[0] = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.stranger, NULL, 0);
    peers[1] = bench_dealer(&bench, intake_endpoint(bench.intake), NULL, NULL, 0);
    peers[2] = zmq_socket(bench.outside, ZMQ_DEALER);
    zmq_setsockopt(peers[2], ZMQ_PLAIN_USERNAME, "admin", 5);
    zmq_setsockopt(peers[2], ZMQ_PLAIN_PASSWORD, "admin", 5);
    zmq_setsockopt(peers[2], ZMQ_LINGER, &(int){ 0 }, sizeof(int));
    assert_int_equal(zmq_connect(peers[2], intake_endpoint(bench.intake)), 0);
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        bench_send(peers[i], "EVENT", "{}", 2);
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        assert_int_equal(bench_receive(&bench, peers[i], 300, &answer), 0);
    assert_int_equal(bench.taken, 0);
    bench_good_client_works(&bench);
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        zmq_close(peers[i]);
    bench_close(&bench);
}

static void refuses_to_start_without_a_handler(void **state)
{
    struct bench bench;
    struct intake_settings settings;

    (void)state;
    bench_prepare(&bench);
    zap_close(&bench.zap);
    settings = bench_settings(&bench);
    settings.zap = NULL;
    assert_int_equal(intake_open(bench.context, &settings, bench_now, &bench.intake), -EACCES);
    assert_null(bench.intake);
    bench_close(&bench);
}

/* A handler that lets everybody in, as a wrong certificate store would: seen, and refused. */
static void *open_door(void *socket)
{
    char frame[256];
    char id[256];

    for (;;) {
        int more = 1;
        int id_size = 0;
        size_t more_size = sizeof more;

        for (unsigned i = 0; more; i++) {
            int size = zmq_recv(socket, frame, sizeof frame, 0);

            if (size < 0) {
                zmq_close(socket);
                return NULL;
            }
            if (i == 1) {
                memcpy(id, frame, (size_t)size);
                id_size = size;
            }
            zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size);
        }
        zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
        zmq_send(socket, id, (size_t)id_size, ZMQ_SNDMORE);
        zmq_send(socket, "200", 3, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, 0);
    }
}

static void *bind_open_door(struct bench *bench, pthread_t *thread)
{
    void *door = zmq_socket(bench->context, ZMQ_REP);
    int64_t until = bench_ms() + BENCH_WAIT_MS;

    zmq_setsockopt(door, ZMQ_LINGER, &(int){ 0 }, sizeof(int));
    /* The name is free again a moment after the one who had it has closed. */
    while (zmq_bind(door, "inproc://zeromq.zap.01") && bench_ms() < until)
        zmq_poll(NULL, 0, 1);
    assert_true(bench_ms() < until);
    assert_int_equal(pthread_create(thread, NULL, open_door, door), 0);
    return door;
}

static void close_with_door(struct bench *bench, pthread_t thread)
{
    intake_close(&bench->intake);
    keyring_close(&bench->keyring);
    zmq_ctx_term(bench->outside);
    zmq_ctx_shutdown(bench->context);
    pthread_join(thread, NULL);
    zmq_ctx_term(bench->context);
    rmdir(bench->folder);
}

static void refuses_to_start_when_everybody_gets_in(void **state)
{
    struct bench bench;
    struct intake_settings settings;
    pthread_t thread;

    (void)state;
    bench_prepare(&bench);
    zap_close(&bench.zap);
    bind_open_door(&bench, &thread);
    settings = bench_settings(&bench);
    settings.zap = NULL;
    assert_int_equal(intake_open(bench.context, &settings, bench_now, &bench.intake), -EACCES);
    assert_null(bench.intake);
    close_with_door(&bench, thread);
}

/* Who was let in without a name, by whatever mishap, is nobody. */
static void refuses_a_message_without_user_id(void **state)
{
    struct bench bench;
    pthread_t thread;
    void *dealer;

    (void)state;
    bench_open(&bench);
    zap_close(&bench.zap);
    bind_open_door(&bench, &thread);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(dealer, "EVENT", "{}", 2);
    bench_expect(&bench, dealer, "NACK", "401.1");
    assert_int_equal(bench.taken, 0);
    zmq_close(dealer);
    close_with_door(&bench, thread);
}

static void takes_no_handshake_when_the_handler_has_died(void **state)
{
    struct bench bench;
    struct bench_answer answer;
    void *live;
    void *late;

    (void)state;
    bench_open(&bench);
    live = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(live, "EVENT", "{}", 2);
    bench_expect(&bench, live, "ACK", NULL);
    zap_close(&bench.zap);
    late = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, NULL, 0);
    bench_send(late, "EVENT", "{}", 2);
    assert_int_equal(bench_receive(&bench, late, 500, &answer), 0);
    bench_send(live, "EVENT", "{}", 2);
    bench_expect(&bench, live, "ACK", NULL);
    assert_int_equal(bench.taken, 2);
    zmq_close(live);
    zmq_close(late);
    bench_close(&bench);
}

static void refuses_a_revoked_key_on_a_live_connection(void **state)
{
    struct bench bench;
    struct keyring *after;
    struct bench_answer answer;
    void *dealer;
    void *late;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(dealer, "EVENT", "{}", 2);
    bench_expect(&bench, dealer, "ACK", NULL);
    after = bench_keyring(&bench, (const struct bench_key *const[]){ &bench.other }, 1);
    assert_int_equal(intake_set_keys(bench.intake, after, bench_now), 0);
    keyring_close(&bench.keyring);
    bench.keyring = after;
    bench_send(dealer, "EVENT", "{}", 2);
    bench_expect(&bench, dealer, "NACK", "401.1");
    bench_send(dealer, "PING", "", 0);
    bench_expect(&bench, dealer, "NACK", "401.1");
    assert_int_equal(bench.taken, 1);
    late = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(late, "EVENT", "{}", 2);
    assert_int_equal(bench_receive(&bench, late, 300, &answer), 0);
    zmq_close(dealer);
    zmq_close(late);
    bench_close(&bench);
}

/* A server in a process of its own, so that an abort is seen and not suffered.  It tells
 * its endpoint through a pipe and runs until it is killed. */
static pid_t fork_server(void (*serve)(struct bench *, int), struct bench *bench, char *endpoint,
                         size_t room)
{
    int ends[2];
    pid_t child;
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* libzmq says on stderr that it aborts; the parent looks at the signal. */
        if (freopen("/dev/null", "w", stderr))
            serve(bench, ends[1]);
        _exit(3);
    }
    close(ends[1]);
    got = read(ends[0], endpoint, room - 1);
    endpoint[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    return child;
}

static void serve_intake(struct bench *bench, int told)
{
    struct intake_settings settings;

    bench->context = zmq_ctx_new();
    if (zap_open(bench->context, WIRE_ZAP_DOMAIN, NULL, NULL, &bench->zap))
        _exit(4);
    settings = bench_settings(bench);
    if (intake_open(bench->context, &settings, bench_now, &bench->intake))
        _exit(5);
    dprintf(told, "%s", intake_endpoint(bench->intake));
    close(told);
    for (;;)
        bench_pump(bench, NULL, 1000);
}

/* A ROUTER as anybody would open it: nobody has called srand(). */
static void serve_unseeded(struct bench *bench, int told)
{
    char endpoint[256];
    size_t size = sizeof endpoint;
    void *router;

    (void)bench;
    srand(1); /* what a process starts with; the parent has seeded its own */
    signal(SIGABRT, SIG_DFL);
    router = zmq_socket(zmq_ctx_new(), ZMQ_ROUTER);
    if (zmq_bind(router, "tcp://127.0.0.1:*") ||
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size))
        _exit(4);
    dprintf(told, "%s", endpoint);
    close(told);
    for (;;) {
        char frame[64];

        zmq_recv(router, frame, sizeof frame, 0);
    }
}

/* The identity that libzmq gives its first peer when nobody has seeded rand(). */
static const unsigned char first_id[] = { 0x00, 0x6B, 0x8B, 0x45, 0x67 };

/* No thread of libzmq may live while we fork. */
static void prepare_to_fork(struct bench *bench)
{
    bench_prepare(bench);
    zap_close(&bench->zap);
    zmq_ctx_term(bench->context);
    zmq_ctx_term(bench->outside);
}

static struct bench outside_of(const struct bench *bench)
{
    struct bench outside = *bench;

    outside.intake = NULL;
    outside.context = zmq_ctx_new();
    outside.outside = zmq_ctx_new();
    return outside;
}

static void the_routing_id_attack_is_real(void **state)
{
    struct bench bench, outside;
    char endpoint[256];
    void *attacker, *client;
    pid_t server;
    int status = 0;
    int64_t until = bench_ms() + 5000;

    (void)state;
    prepare_to_fork(&bench);
    server = fork_server(serve_unseeded, &bench, endpoint, sizeof endpoint);
    assert_string_not_equal(endpoint, "");
    outside = outside_of(&bench);
    attacker = bench_dealer(&outside, endpoint, NULL, first_id, sizeof first_id);
    bench_send(attacker, "EVENT", "{}", 2);
    bench_pump(&outside, attacker, 300);
    client = bench_dealer(&outside, endpoint, NULL, NULL, 0);
    bench_send(client, "EVENT", "{}", 2);
    while (waitpid(server, &status, WNOHANG) == 0 && bench_ms() < until)
        bench_pump(&outside, client, 20);
    if (bench_ms() >= until) {
        kill(server, SIGKILL);
        waitpid(server, &status, 0);
        print_message("  this libzmq withstands it\n");
    } else {
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
    zmq_close(attacker);
    zmq_close(client);
    bench_close(&outside);
}

static void stays_alive_under_the_routing_id_attack(void **state)
{
    struct bench bench, outside;
    struct bench_answer answer;
    char endpoint[256];
    void *attacker;
    pid_t server;
    int status;

    (void)state;
    prepare_to_fork(&bench);
    server = fork_server(serve_intake, &bench, endpoint, sizeof endpoint);
    assert_string_not_equal(endpoint, "");
    outside = outside_of(&bench);
    attacker = bench_dealer(&outside, endpoint, &bench.other, first_id, sizeof first_id);
    bench_send(attacker, "EVENT", "{}", 2);
    /* Its id has the form of libzmq's own and is new, so it is heard: it is in. */
    assert_int_equal(bench_receive(&outside, attacker, BENCH_WAIT_MS, &answer), 4);
    for (unsigned i = 0; i < 3; i++) {
        void *dealer = bench_dealer(&outside, endpoint, &bench.good, NULL, 0);

        bench_send(dealer, "EVENT", "{}", 2);
        bench_expect(&outside, dealer, "ACK", NULL);
        zmq_close(dealer);
    }
    assert_int_equal(waitpid(server, &status, WNOHANG), 0);
    kill(server, SIGKILL);
    assert_int_equal(waitpid(server, &status, 0), server);
    zmq_close(attacker);
    bench_close(&outside);
}

static void an_id_with_a_second_key_is_dropped(void **state)
{
    static const unsigned char id[] = { 0x00, 0x11, 0x22, 0x33, 0x44 };
    struct bench bench;
    struct bench_answer answer;
    int64_t until = bench_ms() + BENCH_WAIT_MS;
    void *first;
    void *second;

    (void)state;
    bench_open(&bench);
    first = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, id, sizeof id);
    bench_send(first, "EVENT", "{}", 2);
    bench_expect(&bench, first, "ACK", NULL);
    /* While the first lives, the second is not heard at all; no reply goes astray. */
    second = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, id, sizeof id);
    bench_send(second, "EVENT", "{}", 2);
    assert_int_equal(bench_receive(&bench, second, 300, &answer), 0);
    bench_send(first, "EVENT", "{}", 2);
    bench_expect(&bench, first, "ACK", NULL);
    assert_int_equal(bench.taken, 2);
    /* The first has gone: the second gets the id, and the key gives it away. */
    zmq_close(first);
    zmq_close(second);
    while (intake_counts(bench.intake).dropped == 0 && bench_ms() < until) {
        second = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, id, sizeof id);
        bench_send(second, "EVENT", "{}", 2);
        assert_int_equal(bench_receive(&bench, second, 100, &answer), 0);
        zmq_close(second);
    }
    assert_true(intake_counts(bench.intake).dropped > 0);
    assert_int_equal(bench.taken, 2);
    bench_close(&bench);
}

static void an_id_of_the_peers_own_is_dropped(void **state)
{
    struct bench bench;
    struct bench_answer answer;
    int64_t until = bench_ms() + BENCH_WAIT_MS;
    void *dealer;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, "me", 2);
    bench_send(dealer, "EVENT", "{}", 2);
    while (intake_counts(bench.intake).dropped == 0 && bench_ms() < until)
        assert_int_equal(bench_receive(&bench, dealer, 20, &answer), 0);
    assert_int_equal(bench_receive(&bench, dealer, 100, &answer), 0);
    assert_int_equal(bench.taken, 0);
    assert_int_equal(intake_counts(bench.intake).dropped, 1);
    zmq_close(dealer);
    bench_close(&bench);
}

/* libzmq's own client keeps a message to itself until it ends, and shares this process: it is
 * there that memory grows, and the fuse asks only how much there is.  A peer that does send it is
 * in tests/system/test_attacks_memory.py. */
static void a_message_that_never_ends_blows_the_fuse(void **state)
{
    enum { MIB = 1024 * 1024, LIMIT = 200 };
    struct bench bench;
    char *bytes = calloc(1, 60000);
    int64_t until = bench_ms() + BENCH_WAIT_MS;
    int64_t blown;
    struct intake_message *message = NULL;
    zmq_pollitem_t item = { .events = ZMQ_POLLIN };
    void *early, *flood;

    (void)state;
    bench_open_with(&bench, LIMIT * MIB);
    early = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    bench_send(early, "EVENT", "{}", 2);
    item.socket = intake_socket(bench.intake);
    assert_int_equal(zmq_poll(&item, 1, BENCH_WAIT_MS), 1);
    assert_int_equal(intake_take(bench.intake, bench_now, &message), 1);
    flood = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.other, NULL, 0);
    while (intake_counts(bench.intake).fuse_blown == 0 && bench_ms() < until) {
        for (unsigned i = 0; i < 50; i++)
            zmq_send(flood, bytes, 60000, ZMQ_SNDMORE | ZMQ_DONTWAIT);
        bench_pump(&bench, NULL, 1);
    }
    blown = bench_ms();
    assert_int_equal(intake_counts(bench.intake).fuse_blown, 1);
    zmq_close(flood);
    bench_good_client_works(&bench);
    assert_true(bench_ms() - blown < 20000);
    /* What was taken before is answered into the void; its publisher has come back by
     * itself, sends again, and is answered. */
    intake_answer(bench.intake, message, WIRE_ACK, "{}");
    assert_int_equal(intake_counts(bench.intake).unanswered, 1);
    intake_message_close(&message);
    bench_send(early, "EVENT", "{}", 2);
    bench_expect(&bench, early, "ACK", NULL);
    zmq_close(early);
    free(bytes);
    bench_close(&bench);
}

/* Thousands of messages of random frames: each is answered once, and the good ones too. */
static void answers_a_storm_of_nonsense(void **state)
{
    enum { MESSAGES = 3000 };
    struct bench bench;
    unsigned answered = 0, expected = 0;
    uint32_t chance = 20261218;
    char bytes[600];
    struct bench_answer answer;
    void *dealer;

    (void)state;
    bench_open(&bench);
    dealer = bench_dealer(&bench, intake_endpoint(bench.intake), &bench.good, NULL, 0);
    for (unsigned m = 0; m < MESSAGES; m++) {
        unsigned count = 1 + (chance = chance * 1664525 + 1013904223) / 0x28000000;

        for (unsigned f = 0; f < count; f++) {
            size_t size = ((chance = chance * 1664525 + 1013904223) >> 16) % sizeof bytes;

            for (size_t i = 0; i < size; i++)
                bytes[i] = (char)((chance = chance * 1664525 + 1013904223) >> 24);
            if (f == 0 && chance & 0x10000)
                memcpy(bytes, WIRE_MAGIC, size = 4);
            if (f == 1 && chance & 0x20000)
                memcpy(bytes, chance & 0x40000 ? "EVENT" : "HELLO", size = 5);
            if (f == 2)
                size %= 40;
            zmq_send(dealer, bytes, size, f + 1 < count ? ZMQ_SNDMORE : 0);
        }
        expected++;
        /* Not more under way than a peer may leave unread. */
        while (expected - answered > 100 && bench_receive(&bench, dealer, BENCH_WAIT_MS, &answer))
            answered++;
    }
    while (answered < expected && bench_receive(&bench, dealer, BENCH_WAIT_MS, &answer))
        answered++;
    assert_int_equal(answered, expected);
    assert_int_equal(intake_counts(bench.intake).unanswered, 0);
    bench_good_client_works(&bench);
    zmq_close(dealer);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_routing_id_attack_is_real),
        cmocka_unit_test(stays_alive_under_the_routing_id_attack),
        cmocka_unit_test(hears_nobody_without_a_key),
        cmocka_unit_test(refuses_to_start_without_a_handler),
        cmocka_unit_test(refuses_to_start_when_everybody_gets_in),
        cmocka_unit_test(refuses_a_message_without_user_id),
        cmocka_unit_test(takes_no_handshake_when_the_handler_has_died),
        cmocka_unit_test(refuses_a_revoked_key_on_a_live_connection),
        cmocka_unit_test(an_id_with_a_second_key_is_dropped),
        cmocka_unit_test(an_id_of_the_peers_own_is_dropped),
        cmocka_unit_test(a_message_that_never_ends_blows_the_fuse),
        cmocka_unit_test(answers_a_storm_of_nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
