/* peer.c - the DEALER socket of a publisher, and its monitor. */
#include "libconcern/peer.h"

#include "core/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MONITOR_ENDPOINT "inproc://concern-peer-monitor"

enum {
    MONITORED = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED |
                ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    RECONNECT_FIRST_MS = 100,
    RECONNECT_MOST_MS = 5000
};

struct peer {
    void *context;
    void *socket;
    void *monitor;
    enum peer_trouble trouble;
    bool shaking;      /* connected, the handshake is not over */
    unsigned failures; /* since the connection was up last */
};

static int set_options(void *socket, const char *server_key, const struct key_pair *pair);
static int open_monitor(struct peer *peer);
static bool take_event(struct peer *peer, unsigned event);
static int take_frames(struct peer *peer, struct peer_message *message);

int peer_open(const char *endpoint, const char *server_key, const struct key_pair *pair,
              struct peer **peer_p)
{
    struct peer *peer = calloc(1, sizeof *peer);
    int error;

    if (!peer)
        return -ENOMEM;
    peer->trouble = PEER_CONNECTING;
    peer->context = zmq_ctx_new();
    peer->socket = peer->context ? zmq_socket(peer->context, ZMQ_DEALER) : NULL;
    if (!peer->socket || set_options(peer->socket, server_key, pair) || open_monitor(peer) ||
        zmq_connect(peer->socket, endpoint)) {
        error = errno ? errno : ENOMEM;
        peer_close(&peer, 0);
        return -error;
    }
    *peer_p = peer;
    return 0;
}

/* No routing id: the daemon's ROUTER gives one, and takes no chosen ones.  IMMEDIATE
 * keeps events out of the queue of a connection that may never be; the window does
 * the queueing. */
static int set_options(void *socket, const char *server_key, const struct key_pair *pair)
{
    static const struct {
        int option;
        int value;
    } numbers[] = {
        { ZMQ_IMMEDIATE, 1 },
        { ZMQ_LINGER, 0 },
        { ZMQ_HANDSHAKE_IVL, WIRE_HANDSHAKE_MS },
        { ZMQ_HEARTBEAT_IVL, WIRE_HEARTBEAT_MS },
        { ZMQ_HEARTBEAT_TIMEOUT, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_HEARTBEAT_TTL, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_RECONNECT_IVL, RECONNECT_FIRST_MS },
        { ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS },
        { ZMQ_TCP_KEEPALIVE, 1 },
        { ZMQ_IPV6, 1 },
    };
    int64_t most = WIRE_FRAME_MAX;

    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (zmq_setsockopt(socket, numbers[i].option, &numbers[i].value, sizeof(int)))
            return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most) ||
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, WIRE_KEY_TEXT + 1) ||
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, pair->public_key, WIRE_KEY_TEXT + 1) ||
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, WIRE_KEY_TEXT + 1);
}

static int open_monitor(struct peer *peer)
{
    int unbounded = 0;

    if (zmq_socket_monitor(peer->socket, MONITOR_ENDPOINT, MONITORED) < 0)
        return -1;
    peer->monitor = zmq_socket(peer->context, ZMQ_PAIR);
    /* A full queue would stop libzmq's own thread; tries to connect are seconds apart. */
    return peer->monitor && !zmq_setsockopt(peer->monitor, ZMQ_RCVHWM, &unbounded, sizeof unbounded)
               ? zmq_connect(peer->monitor, MONITOR_ENDPOINT)
               : -1;
}

/* An event is two frames: its number and value, and the endpoint. */
bool peer_came_up(struct peer *peer)
{
    bool came_up = false;
    uint8_t frame[6];
    uint16_t event;

    while (zmq_recv(peer->monitor, frame, sizeof frame, ZMQ_DONTWAIT) == (int)sizeof frame) {
        memcpy(&event, frame, sizeof event);
        zmq_recv(peer->monitor, NULL, 0, ZMQ_DONTWAIT);
        came_up |= take_event(peer, event);
    }
    return came_up;
}

/* Of one kind: a daemon that was away for hours and is killed in one handshake has not failed a
 * hundred of them. */
static void count_failure(struct peer *peer, enum peer_trouble trouble)
{
    peer->failures = peer->trouble == trouble ? peer->failures + 1 : 1;
    peer->trouble = trouble;
}

static bool take_event(struct peer *peer, unsigned event)
{
    switch (event) {
    case ZMQ_EVENT_CONNECTED:
        peer->shaking = true;
        return false;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        peer->shaking = false;
        peer->failures = 0;
        peer->trouble = PEER_FINE;
        return true;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        peer->shaking = false;
        peer->failures++;
        peer->trouble = PEER_NOT_ADMITTED;
        return false;
    default:
        break;
    }
    /* Whatever else is told while we shake hands is its failure; told at another time
     * it is a lost connection, or one that was refused. */
    if (peer->trouble == PEER_NOT_ADMITTED)
        return false;
    if (peer->shaking)
        count_failure(peer, PEER_HANDSHAKE);
    else if (peer->trouble != PEER_HANDSHAKE)
        count_failure(peer, PEER_UNREACHABLE);
    peer->shaking = false;
    return false;
}

enum peer_trouble peer_trouble(const struct peer *peer, unsigned *failures)
{
    if (failures)
        *failures = peer->failures;
    return peer->trouble;
}

int peer_send(struct peer *peer, enum wire_command command, const char *correlation,
              const char *body, size_t size)
{
    const char *text = wire_command_text(command);

    /* Room for the first frame is room for them all. */
    if (zmq_send(peer->socket, WIRE_MAGIC, WIRE_MAGIC_SIZE, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN || errno == EINTR ? PEER_NOT_NOW : -errno;
    if (zmq_send(peer->socket, text, strlen(text), ZMQ_SNDMORE) < 0 ||
        zmq_send(peer->socket, correlation, strlen(correlation), ZMQ_SNDMORE) < 0 ||
        zmq_send(peer->socket, body, size, 0) < 0)
        return -errno;
    return PEER_OK;
}

int peer_receive(struct peer *peer, struct peer_message *message)
{
    for (;;) {
        int frames;

        zmq_msg_init(&message->body);
        frames = take_frames(peer, message);
        if (frames == WIRE_FRAMES && message->command < WIRE_COMMAND_COUNT)
            return PEER_OK;
        zmq_msg_close(&message->body);
        if (frames < 0)
            return frames;
        if (frames == 0)
            return PEER_NOT_NOW;
    }
}

/* How many frames the message had; they are read to the end in any case. */
static int take_frames(struct peer *peer, struct peer_message *message)
{
    int count = 0;
    bool ours = true;

    do {
        size_t size;

        if (zmq_msg_recv(&message->body, peer->socket, ZMQ_DONTWAIT) < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        size = zmq_msg_size(&message->body);
        if (count == 0)
            ours = size == WIRE_MAGIC_SIZE &&
                   !memcmp(zmq_msg_data(&message->body), WIRE_MAGIC, WIRE_MAGIC_SIZE);
        else if (count == 1)
            message->command = wire_command_read(zmq_msg_data(&message->body), size);
        else if (count == 2) {
            ours = ours && size <= WIRE_CORRELATION_MAX;
            size = ours ? size : 0;
            memcpy(message->correlation, zmq_msg_data(&message->body), size);
            message->correlation[size] = '\0';
        }
        count++;
    } while (zmq_msg_more(&message->body));
    return ours ? count : WIRE_FRAMES + 1;
}

void peer_message_close(struct peer_message *message)
{
    zmq_msg_close(&message->body);
}

int peer_sleep(struct peer *peer, bool for_room, long wait_ms)
{
    zmq_pollitem_t items[] = {
        { .socket = peer->socket, .events = (short)(ZMQ_POLLIN | (for_room ? ZMQ_POLLOUT : 0)) },
        { .socket = peer->monitor, .events = ZMQ_POLLIN },
    };

    return zmq_poll(items, COUNT_OF(items), wait_ms) < 0 ? -errno : 0;
}

void peer_descriptors(struct peer *peer, int descriptors[2])
{
    void *const sockets[] = { peer->socket, peer->monitor };

    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        size_t size = sizeof descriptors[i];

        zmq_getsockopt(sockets[i], ZMQ_FD, &descriptors[i], &size);
    }
}

bool peer_is_pending(struct peer *peer, bool for_room)
{
    int wanted = ZMQ_POLLIN | (for_room ? ZMQ_POLLOUT : 0);
    int socket = 0, monitor = 0;
    size_t size = sizeof socket;

    zmq_getsockopt(peer->socket, ZMQ_EVENTS, &socket, &size);
    zmq_getsockopt(peer->monitor, ZMQ_EVENTS, &monitor, &size);
    return (socket & wanted) || (monitor & ZMQ_POLLIN);
}

void peer_close(struct peer **peer_p, int linger_ms)
{
    struct peer *peer = *peer_p;

    if (!peer)
        return;
    /* The monitor ends before who listens to it is gone: libzmq's own thread would wait for ever
     * to tell him, with the lock that ending it needs. */
    if (peer->socket)
        zmq_socket_monitor(peer->socket, NULL, 0);
    if (peer->monitor)
        zmq_close(peer->monitor);
    if (peer->socket) {
        zmq_setsockopt(peer->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        zmq_close(peer->socket);
    }
    if (peer->context)
        zmq_ctx_term(peer->context);
    free(peer);
    *peer_p = NULL;
}
