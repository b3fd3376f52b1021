/* http_listen.c - the socket that pages are asked at. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/http_private.h"
#include "io/journal.h"

enum { WAITING_MAX = 64 /* connections that the kernel keeps until they are taken */ };

union place {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un file;
};

static socklen_t fill(const struct http_address *address, union place *place)
{
    memset(place, 0, sizeof *place);
    if (address->kind == HTTP_UNIX) {
        place->file.sun_family = AF_UNIX;
        memcpy(place->file.sun_path, address->path, strlen(address->path) + 1);
        return sizeof place->file;
    }
    if (inet_pton(AF_INET, address->host, &place->four.sin_addr) == 1) {
        place->four.sin_family = AF_INET;
        place->four.sin_port = htons(address->port);
        return sizeof place->four;
    }
    place->six.sin6_family = AF_INET6;
    place->six.sin6_port = htons(address->port);
    inet_pton(AF_INET6, address->host, &place->six.sin6_addr);
    return sizeof place->six;
}

/* A socket file whose daemon is gone is taken away; one that answers is somebody's. */
static int clear_file(const union place *place, socklen_t size)
{
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;

    if (descriptor < 0)
        return -errno;
    if (connect(descriptor, &place->any, size) == 0)
        error = -EADDRINUSE;
    else if (errno == ECONNREFUSED)
        unlink(place->file.sun_path);
    close(descriptor);
    return error;
}

static int bind_and_listen(int descriptor, const union place *place, socklen_t size)
{
    int one = 1;

    if (place->any.sa_family != AF_UNIX &&
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
        return -errno;
    if (place->any.sa_family == AF_INET6 &&
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) < 0)
        return -errno;
    if (bind(descriptor, &place->any, size) < 0)
        return -errno;
    if (place->any.sa_family == AF_UNIX && chmod(place->file.sun_path, 0660) < 0)
        return -errno;
    return listen(descriptor, WAITING_MAX) < 0 ? -errno : 0;
}

static int open_at(const union place *place, socklen_t size)
{
    int descriptor, error = 0;

    if (place->any.sa_family == AF_UNIX && (error = clear_file(place, size)) < 0)
        return error;
    descriptor = socket(place->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -errno;
    if ((error = bind_and_listen(descriptor, place, size)) < 0) {
        close(descriptor);
        return error;
    }
    return descriptor;
}

/* With the port that the kernel has found, where any was asked for. */
static void write_where(int descriptor, const struct http_address *address,
                        char text[HTTP_ADDRESS_TEXT_SIZE])
{
    union place place = { 0 };
    socklen_t size = sizeof place;

    if (address->kind == HTTP_UNIX) {
        snprintf(text, HTTP_ADDRESS_TEXT_SIZE, "unix:%s", address->path);
        return;
    }
    if (getsockname(descriptor, &place.any, &size) < 0)
        place.four.sin_port = htons(address->port);
    snprintf(text, HTTP_ADDRESS_TEXT_SIZE,
             strchr(address->host, ':') ? "http://[%s]:%d" : "http://%s:%d", address->host,
             ntohs(place.four.sin_port)); /* the same place in both families */
}

static int tell(int error, const char *where)
{
    if (error == -EADDRINUSE)
        return journal_fail(error,
                            "pages: another program is at %s (set `http` to an address or port "
                            "that is free, or to none)",
                            where);
    if (error == -EADDRNOTAVAIL)
        return journal_fail(error,
                            "pages: %s is no address of this machine (set `http` to one that is, "
                            "to 127.0.0.1:9570, or to none)",
                            where);
    return journal_fail(error,
                        "pages: cannot listen at %s: %s (set `http` to an address the daemon may "
                        "use, or to none)",
                        where, strerror(-error));
}

int http_listen(const struct http_address *address, char text[HTTP_ADDRESS_TEXT_SIZE])
{
    union place place;
    socklen_t size = fill(address, &place);
    int descriptor = open_at(&place, size);

    write_where(descriptor, address, text);
    if (descriptor < 0)
        return tell(descriptor, text);
    if (address->kind == HTTP_TCP && !http_address_is_loopback(address->host))
        journal_warn(NULL,
                     "pages at %s can be asked from other machines, without encryption: behind a "
                     "reverse proxy that gives TLS, a loopback address or a unix socket is enough",
                     text);
    return descriptor;
}
