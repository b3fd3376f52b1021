/* aside.c - writes what was refused to files. */
#include "bridge/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_SIZE = 80, TRIES = 1000 };

#define UNFINISHED ".unfinished"

struct aside {
    int directory;
    int count; /* at most so many are there: somebody removes them meanwhile */
};

static int count_events(struct aside *aside);
static int put_file(struct aside *aside, const char *name, const void *bytes, size_t size);

int aside_open(const char *state, struct aside **aside_p)
{
    CLEANUP(aside_close) struct aside *aside = calloc(1, sizeof *aside);
    int parent = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = 0;

    if (!aside || parent < 0)
        error = aside ? -errno : -ENOMEM;
    else if (mkdirat(parent, "refused", 0700) == 0)
        error = fsync(parent) ? -errno : 0;
    else if (errno != EEXIST)
        error = -errno;
    if (aside)
        aside->directory =
            error ? -1 : openat(parent, "refused", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (!error && aside->directory < 0)
        error = -errno;
    if (parent >= 0)
        close(parent);
    if (error)
        return error;
    aside->count = count_events(aside);
    *aside_p = aside;
    aside = NULL;
    return ASIDE_OK;
}

/* The reason first: an event without one would be a riddle, and who sees the event finds both
 * whole.  The same second may see many. */
int aside_put(struct aside *aside, const void *bytes, size_t size, const char *reason)
{
    char name[NAME_SIZE], line[600];
    struct tm at;
    time_t now = time(NULL);
    int length = snprintf(line, sizeof line, "%s\n", reason);
    int error = -EEXIST;
    size_t stem;

    if (aside->count >= ASIDE_MAX && (aside->count = count_events(aside)) >= ASIDE_MAX)
        return ASIDE_FULL;
    gmtime_r(&now, &at);
    length = length < (int)sizeof line ? length : (int)sizeof line - 1;
    for (int i = 0; error == -EEXIST && i < TRIES; i++) {
        stem = strftime(name, sizeof name, "%Y%m%dT%H%M%SZ", &at);
        stem += (size_t)snprintf(name + stem, sizeof name - stem, "-%03d", i);
        snprintf(name + stem, sizeof name - stem, ".reason");
        error = put_file(aside, name, line, (size_t)length);
        if (error)
            continue;
        snprintf(name + stem, sizeof name - stem, ".event");
        error = put_file(aside, name, bytes, size);
        if (error) { /* nor may it be taken for the reason of another event */
            snprintf(name + stem, sizeof name - stem, ".reason");
            unlinkat(aside->directory, name, 0);
        }
    }
    aside->count += error == 0;
    return error == -EEXIST ? ASIDE_FULL : error;
}

static int count_events(struct aside *aside)
{
    int copy = openat(aside->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    int count = 0;

    while (directory && (entry = readdir(directory))) {
        const char *end = strrchr(entry->d_name, '.');

        count += end && !strcmp(end, ".event");
    }
    if (directory)
        closedir(directory);
    else if (copy >= 0)
        close(copy);
    return count;
}

/* Written under another name and then linked: whoever looks meanwhile sees nothing or all of it.
 * What a power cut leaves under that name, the next one overwrites: one bridge has the directory.
 */
static int put_file(struct aside *aside, const char *name, const void *bytes, size_t size)
{
    int file = openat(aside->directory, UNFINISHED,
                      O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    ssize_t written;
    int error = 0;

    if (file < 0)
        return -errno;
    written = write(file, bytes, size);
    if (written != (ssize_t)size)
        error = written < 0 ? -errno : -ENOSPC;
    else if (fsync(file) || linkat(aside->directory, UNFINISHED, aside->directory, name, 0) ||
             unlinkat(aside->directory, UNFINISHED, 0) || fsync(aside->directory))
        error = -errno;
    close(file);
    if (error)
        unlinkat(aside->directory, UNFINISHED, 0);
    return error;
}

void aside_close(struct aside **aside)
{
    if (!*aside)
        return;
    if ((*aside)->directory >= 0)
        close((*aside)->directory);
    free(*aside);
    *aside = NULL;
}
