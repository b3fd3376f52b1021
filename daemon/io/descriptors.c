/* descriptors.c - keeps descriptors free for what must go on, however many connections come. */
#include "io/descriptors.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_uint_least64_t turned_away;

/* The first number that no connection gets.  The kernel gives the lowest free one, so a number
 * says how many are in use; the limit is asked anew, for it may be changed from outside. */
static int first_kept(void)
{
    struct rlimit limit;
    rlim_t kept;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT32_MAX)
        return INT32_MAX;
    kept = limit.rlim_cur / 4 < DESCRIPTORS_KEPT ? limit.rlim_cur / 4 : DESCRIPTORS_KEPT;
    return (int)(limit.rlim_cur - kept);
}

/* In place of the C library's, for libzmq too: what it does not take for a fault of its own is a
 * connection that broke off before it was accepted. */
int accept4(int listener, __SOCKADDR_ARG address, socklen_t *restrict size, int flags)
{
    int descriptor = (int)syscall(SYS_accept4, listener, address.__sockaddr__, size, flags);

    if (descriptor < first_kept())
        return descriptor;
    close(descriptor);
    atomic_fetch_add(&turned_away, 1);
    errno = ECONNABORTED;
    return -1;
}

int descriptors_accept(int listener, int flags)
{
    return (int)syscall(SYS_accept4, listener, NULL, NULL, flags);
}

uint64_t descriptors_turned_away(void)
{
    return atomic_load(&turned_away);
}
