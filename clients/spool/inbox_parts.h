/* inbox_parts.h - what the folder's code shares: inbox.c finds and takes, inbox_keep.c reads,
 * keeps and lays aside.
 */
#ifndef CONCERN_SPOOL_INBOX_PARTS_H
#define CONCERN_SPOOL_INBOX_PARTS_H

#include "spool/inbox.h"

#include <dirent.h>
#include <limits.h>

#define INBOX_REASON ".reason.txt"
#define INBOX_NOTE ".note.txt"

struct inbox {
    char path[PATH_MAX];
    int folder, work, done, error, watch, lock;
    char taken[NAME_MAX + 1];
    char place[NAME_MAX + 16];
    char *names[INBOX_LOOK_MAX];
    size_t name_count, next;
    size_t waiting, unsettled, passed_over;
    size_t stuck; /* that could not be taken since the last look */
};

/** Tells "WHAT NAME: " and errno as words; answers it, negative. */
int inbox_fail(const char *what, const char *name);

/** Has a folder's entries on disk, as far as its file system can: 0 or -1 with errno. */
int inbox_sync(int folder);

/** Opens a folder for reading its entries, from the first. */
DIR *inbox_list(int folder);

#endif
