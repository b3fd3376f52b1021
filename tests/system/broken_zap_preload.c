/* broken_zap_preload.c - libzmq with a ZAP handler that is not what it should be, for the daemon
 * that is to notice it.  Loaded before libzmq; BROKEN_ZAP says how:
 *
 *     absent   the handler is never asked, for it is bound to nothing
 *     open     the same, and the socket does not insist on one: everybody gets in
 *     dies     once the file $BROKEN_ZAP_NOW is there, its thread ends at its next turn
 *     admits   once the file is there, it says yes to every key
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { ENFORCE_DOMAIN = 93 };

static bool is(const char *way)
{
    const char *wanted = getenv("BROKEN_ZAP");

    return wanted && !strcmp(wanted, way);
}

static bool is_time(void)
{
    const char *file = getenv("BROKEN_ZAP_NOW");

    return file && access(file, F_OK) == 0;
}

int zmq_bind(void *socket, const char *address)
{
    int (*next)(void *, const char *);

    *(void **)&next = dlsym(RTLD_NEXT, "zmq_bind");
    if (!strcmp(address, "inproc://zeromq.zap.01") && (is("absent") || is("open")))
        return 0;
    return next(socket, address);
}

int zmq_setsockopt(void *socket, int option, const void *value, size_t size)
{
    int (*next)(void *, int, const void *, size_t);

    *(void **)&next = dlsym(RTLD_NEXT, "zmq_setsockopt");
    return option == ENFORCE_DOMAIN && is("open") ? 0 : next(socket, option, value, size);
}

/* Only the handler waits for two sockets and for ever. */
int zmq_poll(zmq_pollitem_t *items, int count, long wait_ms)
{
    int (*next)(zmq_pollitem_t *, int, long);

    *(void **)&next = dlsym(RTLD_NEXT, "zmq_poll");
    if (count == 2 && wait_ms == -1 && is("dies") && is_time()) {
        errno = ETERM;
        return -1;
    }
    return next(items, count, wait_ms);
}

int zmq_send(void *socket, const void *bytes, size_t size, int flags)
{
    int (*next)(void *, const void *, size_t, int);

    *(void **)&next = dlsym(RTLD_NEXT, "zmq_send");
    if (size == 3 && !memcmp(bytes, "400", 3) && is("admits") && is_time())
        bytes = "200";
    return next(socket, bytes, size, flags);
}
