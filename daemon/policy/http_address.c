/* http_address.c - where the daemon's own pages are to be found. */
#include "policy/http_address.h"

#include <arpa/inet.h>
#include <string.h>

static const char unix_scheme[] = "unix:";

static bool read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 5 || text[digits])
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool read_tcp(const char *text, struct http_address *address)
{
    const char *colon = strrchr(text, ':');
    bool bracketed = *text == '[';
    struct in6_addr in;
    size_t length;

    if (!colon || (bracketed && colon[-1] != ']'))
        return false;
    text += bracketed;
    length = (size_t)(colon - text) - bracketed;
    if (length > HTTP_HOST_MAX)
        return false;
    memcpy(address->host, text, length);
    address->kind = HTTP_TCP;
    return inet_pton(bracketed ? AF_INET6 : AF_INET, address->host, &in) == 1 &&
           read_port(colon + 1, &address->port);
}

bool http_address_read(const char *text, struct http_address *address)
{
    struct http_address read = { .kind = HTTP_NOWHERE };
    const char *path = text + strlen(unix_scheme);
    bool is_right;

    if (strcmp(text, "none") == 0) {
        is_right = true;
    } else if (strncmp(text, unix_scheme, strlen(unix_scheme)) == 0) {
        is_right = *path == '/' && strlen(path) <= HTTP_SOCKET_PATH_MAX;
        read.kind = HTTP_UNIX;
        if (is_right)
            memcpy(read.path, path, strlen(path) + 1);
    } else {
        is_right = read_tcp(text, &read);
    }
    if (is_right)
        *address = read;
    return is_right;
}

bool http_address_is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}
