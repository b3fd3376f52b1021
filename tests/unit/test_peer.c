/* test_peer.c - a connection can be closed at any instant, whatever its other end does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base.h"
#include "libconcern/peer.h"

enum { CLOSINGS = 600, MOST_NS = 2000000, PATIENCE_S = 120 };

/* Takes every connection and ends it at once: no handshake ever comes about. */
static void *end_each(void *context)
{
    int listener = *(int *)context, connection;

    while ((connection = accept(listener, NULL, NULL)) >= 0)
        close(connection);
    return NULL;
}

/* Ends the first connection, and takes the others for as long as there is a listener. */
static void *end_the_first(void *context)
{
    int listener = *(int *)context, connections[16];
    size_t count = 0;

    while (count < COUNT_OF(connections) &&
           (connections[count] = accept(listener, NULL, NULL)) >= 0)
        if (++count == 1)
            shutdown(connections[0], SHUT_RDWR);
    while (count > 0)
        close(connections[--count]);
    return NULL;
}

/* Bound only: until listen() a connection is refused. */
static int bind_somewhere(char endpoint[64])
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    snprintf(endpoint, 64, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    return listener;
}

/* libzmq's own thread tells the monitor of each failure: it must never be left waiting. */
static void closes_while_it_fails(void **unused)
{
    struct key_pair pair;
    pthread_t server;
    char endpoint[64];
    int listener = bind_somewhere(endpoint);

    (void)unused;
    assert_int_equal(zmq_curve_keypair(pair.public_key, pair.secret_key), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(pthread_create(&server, NULL, end_each, &listener), 0);
    alarm(PATIENCE_S); /* a closing that hangs ends the test */
    for (int i = 0; i < CLOSINGS; i++) {
        struct peer *peer = NULL;
        struct timespec pause = { 0 };
        uint32_t chance;

        assert_int_equal(getrandom(&chance, sizeof chance, 0), sizeof chance);
        pause.tv_nsec = chance % MOST_NS;
        assert_int_equal(peer_open(endpoint, pair.public_key, &pair, &peer), 0);
        nanosleep(&pause, NULL);
        peer_close(&peer, 0);
        assert_null(peer);
    }
    alarm(0);
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
}

/* Failures of one kind are counted, not those of another before them. */
static void counts_one_kind_of_failure(void **unused)
{
    struct key_pair pair;
    struct peer *peer = NULL;
    unsigned failures = 0;
    pthread_t server;
    char endpoint[64];
    int listener = bind_somewhere(endpoint);

    (void)unused;
    assert_int_equal(zmq_curve_keypair(pair.public_key, pair.secret_key), 0);
    alarm(PATIENCE_S);
    assert_int_equal(peer_open(endpoint, pair.public_key, &pair, &peer), 0);
    while (peer_trouble(peer, &failures) != PEER_UNREACHABLE || failures < 4) {
        assert_false(peer_came_up(peer));
        assert_int_equal(peer_sleep(peer, false, 1000), 0);
    }
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(pthread_create(&server, NULL, end_the_first, &listener), 0);
    while (peer_trouble(peer, &failures) != PEER_HANDSHAKE) {
        assert_false(peer_came_up(peer));
        assert_int_equal(peer_sleep(peer, false, 1000), 0);
    }
    assert_in_range(failures, 1, 2);
    alarm(0);
    peer_close(&peer, 0);
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes_while_it_fails),
        cmocka_unit_test(counts_one_kind_of_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
