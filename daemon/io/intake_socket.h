/* intake_socket.h - the ROUTER with every option it must have, as promised on the wire. */
#ifndef CONCERN_IO_INTAKE_SOCKET_H
#define CONCERN_IO_INTAKE_SOCKET_H

#include <stddef.h>

/** Opens a ROUTER, not bound yet.  0, or negative errno. */
int intake_socket_open(void *context, const char *secret_key, const char *domain, int ipv6,
                       void **socket);

/** Binds it and writes where into `endpoint`.  0, or negative errno: -EADDRINUSE. */
int intake_socket_bind(void *socket, const char *wanted, char *endpoint, size_t room);

#endif
