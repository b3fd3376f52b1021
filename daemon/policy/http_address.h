/* http_address.h - where the daemon's own pages are to be found, as the setting `http` says it. */
#ifndef CONCERN_POLICY_HTTP_ADDRESS_H
#define CONCERN_POLICY_HTTP_ADDRESS_H

#include "core/base.h"

enum http_address_kind { HTTP_NOWHERE, HTTP_TCP, HTTP_UNIX };

enum {
    HTTP_HOST_MAX = 45,         /* an IPv6 address, without its brackets */
    HTTP_SOCKET_PATH_MAX = 107, /* bytes of a sun_path without its zero */
    HTTP_ADDRESS_SIZE = HTTP_SOCKET_PATH_MAX + 8
};

struct http_address {
    enum http_address_kind kind;
    char host[HTTP_HOST_MAX + 1]; /* an address in figures: no name is looked up */
    uint16_t port;                /* 0: any that is free */
    char path[HTTP_SOCKET_PATH_MAX + 1];
};

/** Reads "none", "127.0.0.1:9570", "[::1]:9570" or "unix:/run/concernd/http"; false: it is none
 *  of these. */
bool http_address_read(const char *text, struct http_address *address);

/** Whether `host`, an address in figures, can be reached from this machine alone. */
bool http_address_is_loopback(const char *host);

#endif
