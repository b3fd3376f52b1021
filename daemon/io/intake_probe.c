/* intake_probe.c - the proof that the door is shut: a key that nobody knows is not let in. */
#include "io/intake_probe.h"
#include "core/base.h"
#include "io/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct intake_probe {
    void *dealer;
    void *monitor; /* hears what becomes of the dealer's handshake */
    int64_t until_ms;
};

static int connect_dealer(struct intake_probe *probe, const char *endpoint, const char *server_key,
                          const struct probe_key *key);
static enum probe_answer judge_event(void *monitor);

int probe_make_key(struct probe_key *key)
{
    return zmq_curve_keypair(key->public_key, key->secret_key) ? -zmq_errno() : 0;
}

int probe_begin(void *context, const char *endpoint, const char *server_key,
                const struct probe_key *key, int wait_ms, struct intake_probe **probe_p)
{
    CLEANUP(probe_end) struct intake_probe *probe = calloc(1, sizeof *probe);

    if (!probe)
        return -ENOMEM;
    probe->until_ms = clock_monotonic_ms() + wait_ms;
    probe->dealer = zmq_socket(context, ZMQ_DEALER);
    probe->monitor = zmq_socket(context, ZMQ_PAIR);
    if (!probe->dealer || !probe->monitor || connect_dealer(probe, endpoint, server_key, key))
        return -zmq_errno();
    *probe_p = probe;
    probe = NULL;
    return 0;
}

/* It never comes back by itself: what is asked is this one handshake. */
static int connect_dealer(struct intake_probe *probe, const char *endpoint, const char *server_key,
                          const struct probe_key *key)
{
    static unsigned number;
    const int zero = 0, never = -1, ipv6 = strchr(endpoint, '[') != NULL;
    char place[64];

    snprintf(place, sizeof place, "inproc://concernd.probe.%u", ++number);
    return zmq_setsockopt(probe->dealer, ZMQ_LINGER, &zero, sizeof zero) ||
           zmq_setsockopt(probe->monitor, ZMQ_LINGER, &zero, sizeof zero) ||
           zmq_setsockopt(probe->dealer, ZMQ_RECONNECT_IVL, &never, sizeof never) ||
           zmq_setsockopt(probe->dealer, ZMQ_IPV6, &ipv6, sizeof ipv6) ||
           zmq_setsockopt(probe->dealer, ZMQ_CURVE_SERVERKEY, server_key, WIRE_KEY_TEXT) ||
           zmq_setsockopt(probe->dealer, ZMQ_CURVE_PUBLICKEY, key->public_key, WIRE_KEY_TEXT) ||
           zmq_setsockopt(probe->dealer, ZMQ_CURVE_SECRETKEY, key->secret_key, WIRE_KEY_TEXT) ||
           zmq_socket_monitor(probe->dealer, place, ZMQ_EVENT_ALL) < 0 ||
           zmq_connect(probe->monitor, place) || zmq_connect(probe->dealer, endpoint);
}

enum probe_answer probe_look(struct intake_probe *probe)
{
    enum probe_answer answer = PROBE_WAITING;
    zmq_pollitem_t item = { .socket = probe->monitor, .events = ZMQ_POLLIN };

    while (answer == PROBE_WAITING && zmq_poll(&item, 1, 0) > 0)
        answer = judge_event(probe->monitor);
    if (answer == PROBE_WAITING && clock_monotonic_ms() >= probe->until_ms)
        return PROBE_UNANSWERED;
    return answer;
}

/* Two frames: 16 bits of event and 32 of value, then an endpoint.  Only the
 * status 400 says that a handler looked at the key and knew it not. */
static enum probe_answer judge_event(void *monitor)
{
    unsigned char frame[6] = { 0 };
    uint16_t event;
    uint32_t value;

    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
        return PROBE_WAITING;
    zmq_recv(monitor, NULL, 0, ZMQ_DONTWAIT);
    memcpy(&event, frame, sizeof event);
    memcpy(&value, frame + 2, sizeof value);
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return PROBE_GOT_IN;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return value == 400 ? PROBE_REFUSED : PROBE_UNANSWERED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_DISCONNECTED:
        return PROBE_UNANSWERED;
    default:
        return PROBE_WAITING;
    }
}

void probe_end(struct intake_probe **probe_p)
{
    struct intake_probe *probe = *probe_p;

    if (!probe)
        return;
    if (probe->dealer) {
        zmq_socket_monitor(probe->dealer, NULL, 0);
        zmq_close(probe->dealer);
    }
    if (probe->monitor)
        zmq_close(probe->monitor);
    free(probe);
    *probe_p = NULL;
}

enum probe_answer probe_knock(void *context, const char *endpoint, const char *server_key,
                              int wait_ms)
{
    CLEANUP(probe_end) struct intake_probe *probe = NULL;
    struct probe_key key;
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    enum probe_answer answer = PROBE_UNANSWERED;

    if (probe_make_key(&key) == 0 &&
        probe_begin(context, endpoint, server_key, &key, wait_ms, &probe) == 0)
        while ((answer = probe_look(probe)) == PROBE_WAITING) {
            zmq_pollitem_t item = { .socket = probe->monitor, .events = ZMQ_POLLIN };
            int64_t left_ms = until_ms - clock_monotonic_ms();

            zmq_poll(&item, 1, left_ms > 0 ? (long)left_ms : 0);
        }
    explicit_bzero(&key, sizeof key);
    return answer;
}
