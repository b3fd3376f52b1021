/* intake_socket.h - the ROUTER with every option it must have, and the proof that it is shut. */
#ifndef CONCERN_IO_INTAKE_SOCKET_H
#define CONCERN_IO_INTAKE_SOCKET_H

#include <stddef.h>

enum intake_probe {
    PROBE_REFUSED,   /* a key nobody knows was refused by the ZAP handler */
    PROBE_GOT_IN,    /* it was let in: the socket is open to everybody */
    PROBE_UNANSWERED /* neither: nobody answers handshakes, or nothing listens there */
};

/** Opens a ROUTER, not bound yet.  0, or negative errno. */
int intake_socket_open(void *context, const char *secret_key, const char *domain, int ipv6,
                       void **socket);

/** Binds it and writes where into `endpoint`.  0, or negative errno: -EADDRINUSE. */
int intake_socket_bind(void *socket, const char *wanted, char *endpoint, size_t room);

/** Knocks at `endpoint` with a key made for this purpose and thrown away; waits at most `wait_ms`.
 */
enum intake_probe intake_socket_probe(void *context, const char *endpoint, const char *public_key,
                                      int wait_ms);

#endif
