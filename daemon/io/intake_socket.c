/* intake_socket.c - the ROUTER with every option it must have, as promised on the wire. */
#include "io/intake_socket.h"
#include "protocol/wire.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <zmq.h>

/* Declared only with libzmq's draft interface, and yet in Debian's library.  Without it
 * a ROUTER whose handler is missing lets everybody in. */
enum { ENFORCE_DOMAIN = 93 };

static int set_options(void *socket, int ipv6);

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
