/* intake_socket.c - the ROUTER with every option it must have, and the proof that it is shut. */
#include "io/intake_socket.h"
#include "protocol/wire.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

/* Declared only with libzmq's draft interface, and yet in Debian's library.  Without it
 * a ROUTER whose handler is missing lets everybody in. */
enum { ENFORCE_DOMAIN = 93 };

static int set_options(void *socket, int ipv6);
static enum intake_probe watch_handshake(void *monitor, int wait_ms);
static enum intake_probe judge_event(void *monitor, int *decided);

int intake_socket_open(void *context, const char *secret_key, const char *domain, int ipv6,
                       void **socket_p)
{
    void *socket = zmq_socket(context, ZMQ_ROUTER);

    if (!socket)
        return -zmq_errno();
    if (set_options(socket, ipv6) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, WIRE_KEY_TEXT) ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain))) {
        int error = zmq_errno();

        zmq_close(socket);
        return -error;
    }
    *socket_p = socket;
    return 0;
}

static int set_options(void *socket, int ipv6)
{
    const struct {
        int option;
        int value;
    } options[] = {
        { ZMQ_LINGER, 0 },
        { ZMQ_CURVE_SERVER, 1 },
        { ENFORCE_DOMAIN, 1 },
        { ZMQ_RCVHWM, 256 },
        { ZMQ_SNDHWM, 1000 },
        { ZMQ_ROUTER_MANDATORY, 1 },
        { ZMQ_ROUTER_HANDOVER, 0 },
        { ZMQ_HANDSHAKE_IVL, WIRE_HANDSHAKE_MS },
        { ZMQ_HEARTBEAT_IVL, WIRE_HEARTBEAT_MS },
        { ZMQ_HEARTBEAT_TIMEOUT, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_HEARTBEAT_TTL, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_TCP_KEEPALIVE, 1 },
        { ZMQ_BACKLOG, 128 },
        { ZMQ_IPV6, ipv6 },
    };
    int64_t most = WIRE_FRAME_MAX;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)))
            return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
}

int intake_socket_bind(void *socket, const char *wanted, char *endpoint, size_t room)
{
    if (zmq_bind(socket, wanted) || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &room))
        return -zmq_errno();
    return 0;
}

enum intake_probe intake_socket_probe(void *context, const char *endpoint, const char *public_key,
                                      int wait_ms)
{
    static unsigned number;
    char own_public[WIRE_KEY_TEXT + 1], own_secret[WIRE_KEY_TEXT + 1], place[64];
    int zero = 0, never = -1, ipv6 = strchr(endpoint, '[') != NULL;
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    enum intake_probe answer = PROBE_UNANSWERED;

    snprintf(place, sizeof place, "inproc://concernd.probe.%u", ++number);
    if (dealer && monitor && !zmq_curve_keypair(own_public, own_secret) &&
        !zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero) &&
        !zmq_setsockopt(monitor, ZMQ_LINGER, &zero, sizeof zero) &&
        !zmq_setsockopt(dealer, ZMQ_RECONNECT_IVL, &never, sizeof never) &&
        !zmq_setsockopt(dealer, ZMQ_IPV6, &ipv6, sizeof ipv6) &&
        !zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, public_key, WIRE_KEY_TEXT) &&
        !zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, own_public, WIRE_KEY_TEXT) &&
        !zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, own_secret, WIRE_KEY_TEXT) &&
        !zmq_socket_monitor(dealer, place, ZMQ_EVENT_ALL) && !zmq_connect(monitor, place) &&
        !zmq_connect(dealer, endpoint))
        answer = watch_handshake(monitor, wait_ms);
    explicit_bzero(own_secret, sizeof own_secret);
    if (dealer) {
        zmq_socket_monitor(dealer, NULL, 0);
        zmq_close(dealer);
    }
    if (monitor)
        zmq_close(monitor);
    return answer;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum intake_probe watch_handshake(void *monitor, int wait_ms)
{
    int64_t until = monotonic_ms() + wait_ms;
    int64_t left = wait_ms;
    int decided = 0;
    enum intake_probe answer = PROBE_UNANSWERED;

    while (!decided && left > 0) {
        zmq_pollitem_t item = { .socket = monitor, .events = ZMQ_POLLIN };

        if (zmq_poll(&item, 1, left) < 0 && zmq_errno() != EINTR)
            return PROBE_UNANSWERED;
        if (item.revents)
            answer = judge_event(monitor, &decided);
        left = until - monotonic_ms();
    }
    return decided ? answer : PROBE_UNANSWERED;
}

/* Two frames: 16 bits of event and 32 of value, then an endpoint.  Only the
 * status 400 says that a handler looked at the key and knew it not. */
static enum intake_probe judge_event(void *monitor, int *decided)
{
    unsigned char frame[6] = { 0 };
    uint16_t event;
    uint32_t value;

    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
        return PROBE_UNANSWERED;
    zmq_recv(monitor, NULL, 0, ZMQ_DONTWAIT);
    memcpy(&event, frame, sizeof event);
    memcpy(&value, frame + 2, sizeof value);
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        *decided = 1;
        return PROBE_GOT_IN;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        *decided = 1;
        return value == 400 ? PROBE_REFUSED : PROBE_UNANSWERED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_DISCONNECTED:
        *decided = 1;
        return PROBE_UNANSWERED;
    default:
        return PROBE_UNANSWERED;
    }
}
