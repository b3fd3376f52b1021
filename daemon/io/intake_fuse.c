/* intake_fuse.c - when the process holds so much that the intake must let go. */
#include "io/intake_fuse.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

/* The second number of statm, in pages. */
size_t fuse_resident(void)
{
    char text[128];
    unsigned long pages = 0;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);

    if (file >= 0)
        close(file);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    if (sscanf(text, "%*u %lu", &pages) != 1)
        return 0;
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

bool fuse_blows(struct fuse *fuse, size_t resident)
{
    fuse->calm =
        resident > 0 && resident < fuse->limit / 2 && resident <= fuse->seen + fuse->limit / 32;
    fuse->seen = resident;
    if (resident <= fuse->limit) {
        fuse->least = 0;
        return false;
    }
    if (fuse->least && resident < fuse->least)
        fuse->least = resident;
    if (fuse->least && resident <= fuse->least + fuse->limit / 4)
        return false;
    fuse->least = resident;
    return true;
}

bool fuse_is_calm(const struct fuse *fuse)
{
    return fuse->calm;
}

bool fuse_is_cooling(const struct fuse *fuse)
{
    return fuse->least != 0;
}
