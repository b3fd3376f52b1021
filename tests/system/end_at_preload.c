/* end_at_preload.c - ends a program at a chosen call, as a power cut or SIGKILL would.
 *
 * Preloaded; counts the calls that change what is on disk or on the wire, and ends the process
 * without another word before (END_AT=n) or right after (END_AFTER=n) the n-th of them; or the
 * n-th, where it is about the disk, fails as on a full one (FAIL_AT=n).  A file called $HELD cannot
 * be renamed, as where another has it in hand.  At a normal exit it writes the number of calls to
 * $END_COUNT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENDED = 99 };

static atomic_long calls;

/* Without strtol, which the house does not use. */
static long number_of(const char *name)
{
    const char *text = getenv(name);
    long number = 0;

    for (; text && *text >= '0' && *text <= '9'; text++)
        number = 10 * number + (*text - '0');
    return number;
}

static long before(void)
{
    long call = atomic_fetch_add(&calls, 1) + 1;

    if (call == number_of("END_AT"))
        _exit(ENDED);
    return call;
}

static void after(long call)
{
    if (call == number_of("END_AFTER"))
        _exit(ENDED);
}

static bool fails(long call)
{
    errno = ENOSPC;
    return call == number_of("FAIL_AT");
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("END_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;

    if (file) {
        fprintf(file, "%ld\n", atomic_load(&calls));
        fclose(file);
    }
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

static bool is_held(const char *name)
{
    const char *held = getenv("HELD");

    errno = EBUSY;
    return held && !strcmp(name, held);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    long call = before();
    int answer = is_held(from) || fails(call) ? -1
                                              : NEXT(int (*)(int, const char *, int, const char *),
                                                     "renameat")(from_folder, from, to_folder, to);

    after(call);
    return answer;
}

int unlinkat(int folder, const char *name, int flags)
{
    long call = before();
    int answer =
        fails(call) ? -1 : NEXT(int (*)(int, const char *, int), "unlinkat")(folder, name, flags);

    after(call);
    return answer;
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    long call = before();
    int answer =
        fails(call) ? -1 : NEXT(int (*)(int, const char *, mode_t), "mkdirat")(folder, name, mode);

    after(call);
    return answer;
}

int fsync(int file)
{
    long call = before();
    int answer = fails(call) ? -1 : NEXT(int (*)(int), "fsync")(file);

    after(call);
    return answer;
}

int openat(int folder, const char *name, int flags, ...)
{
    long call = before();
    mode_t mode = 0;
    va_list arguments;
    int answer;

    va_start(arguments, flags);
    if (flags & O_CREAT)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    answer = fails(call)
                 ? -1
                 : NEXT(int (*)(int, const char *, int, ...), "openat")(folder, name, flags, mode);
    after(call);
    return answer;
}

/* What libzmq sends and hears: an event is under way, its answer has come. */
ssize_t send(int peer, const void *bytes, size_t size, int flags)
{
    long call = before();
    ssize_t answer =
        NEXT(ssize_t(*)(int, const void *, size_t, int), "send")(peer, bytes, size, flags);

    after(call);
    return answer;
}

ssize_t recv(int peer, void *bytes, size_t size, int flags)
{
    long call = before();
    ssize_t answer = NEXT(ssize_t(*)(int, void *, size_t, int), "recv")(peer, bytes, size, flags);

    after(call);
    return answer;
}
