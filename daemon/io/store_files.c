/* store_files.c - the state directory: whose it is, its lock, record.head, the reserve. */
#include "io/store_private.h"

#include "io/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* record.head is one line of fixed width, overwritten in place: "%020" number, space, hash. */
enum { HEAD_SIZE = 20 + 1 + 2 * RECORD_DIGEST_SIZE + 1 };

static int open_directory(struct store *store, const char *directory);
static int open_file(struct store *store, const char *name, int flags, int *fd);

int store_files_open(struct store *store, const char *directory, char *path, size_t size)
{
    char link[64];
    ssize_t length;
    int answer, fd;

    if ((answer = open_directory(store, directory)) != STORE_OK)
        return answer;
    if (flock(store->directory, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK)
            return journal_fail(-errno, "cannot lock %s: %m", directory);
        journal_error(NULL, "%s is in use by another concernd", directory);
        return STORE_IN_USE;
    }
    /* The path without links, so that SQLite may refuse every link it meets. */
    snprintf(link, sizeof link, "/proc/self/fd/%d", store->directory);
    length = readlink(link, path, size);
    if (length < 0 || (size_t)length + sizeof "/" STORE_DATABASE > size)
        return journal_fail(length < 0 ? -errno : -ENAMETOOLONG, "cannot tell the path of %s",
                            directory);
    memcpy(path + length, "/" STORE_DATABASE, sizeof "/" STORE_DATABASE);

    if ((answer = open_file(store, STORE_DATABASE, O_RDWR | O_CREAT, &fd)) != STORE_OK)
        return answer;
    close(fd);
    return STORE_OK;
}

/* A link that ends in a slash would be followed, whatever O_NOFOLLOW says. */
static int open_directory(struct store *store, const char *directory)
{
    char name[PATH_MAX];
    size_t length = strlen(directory);
    struct stat status;

    while (length > 1 && directory[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof name)
        return journal_fail(-ENAMETOOLONG, "the state directory has no usable name");
    memcpy(name, directory, length);
    name[length] = '\0';

    if (mkdir(name, 0700) < 0 && errno != EEXIST)
        return journal_fail(-errno, "cannot make the state directory %s: %m", name);
    store->directory = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (store->directory < 0 && (errno == ELOOP || errno == ENOTDIR)) {
        journal_error(NULL, "the state directory %s is a link or no directory", name);
        return STORE_UNSAFE;
    }
    if (store->directory < 0 || fstat(store->directory, &status) < 0)
        return journal_fail(-errno, "cannot open the state directory %s: %m", name);
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        journal_error(NULL,
                      "the state directory %s must belong to uid %u with mode 0700, "
                      "not to uid %u with mode %04o",
                      name, (unsigned)geteuid(), (unsigned)status.st_uid,
                      (unsigned)status.st_mode & 07777);
        return STORE_UNSAFE;
    }
    return STORE_OK;
}

/* Opens one of our files; STORE_UNSAFE where it is not plainly ours alone. */
static int open_file(struct store *store, const char *name, int flags, int *fd)
{
    struct stat status;

    *fd = openat(store->directory, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (*fd < 0 && errno != ELOOP)
        return journal_fail(-errno, "cannot open %s: %m", name);
    if (*fd >= 0 && fstat(*fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == geteuid() && (status.st_mode & 077) == 0 && status.st_nlink == 1)
        return STORE_OK;
    journal_error(NULL, "%s in the state directory must be a file of uid %u alone with mode 0600",
                  name, (unsigned)geteuid());
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return STORE_UNSAFE;
}

int store_files_are_alone(struct store *store, bool *alone)
{
    static const char *const ours[] = {
        ".",        "..",         STORE_DATABASE, STORE_DATABASE "-wal", STORE_DATABASE "-journal",
        STORE_HEAD, STORE_RESERVE
    };
    int fd = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!list) {
        if (fd >= 0)
            close(fd);
        return journal_fail(-errno, "cannot read the state directory: %m");
    }
    *alone = true;
    while ((entry = readdir(list))) {
        bool known = false;

        for (size_t i = 0; i < COUNT_OF(ours); i++)
            known |= strcmp(entry->d_name, ours[i]) == 0;
        *alone &= known;
    }
    closedir(list);
    return STORE_OK;
}

int store_head_open(struct store *store, bool synchronous)
{
    return open_file(store, STORE_HEAD, O_RDWR | O_CREAT | (synchronous ? O_DSYNC : 0),
                     &store->head);
}

int store_head_read(struct store *store, struct chain_end *end)
{
    char line[HEAD_SIZE + 1], again[HEAD_SIZE + 1];
    ssize_t size = pread(store->head, line, sizeof line, 0);

    if (size < 0)
        return journal_fail(-errno, "cannot read " STORE_HEAD ": %m");
    if (size == 0)
        return STORE_NONE;
    if (size == HEAD_SIZE && sequence_read(line, SEQUENCE_DIGITS, &end->number) == SEQUENCE_READ &&
        hex_read(line + SEQUENCE_DIGITS + 1, end->hash, sizeof end->hash)) {
        snprintf(again, sizeof again, "%020" PRIu64 " ", end->number);
        hex_write(end->hash, sizeof end->hash, again + SEQUENCE_DIGITS + 1);
        again[HEAD_SIZE - 1] = '\n';
        if (memcmp(line, again, HEAD_SIZE) == 0)
            return STORE_OK;
    }
    journal_error(NULL, STORE_HEAD " in the state directory cannot be read: it should be one line "
                                   "of a number and a hash");
    return STORE_DAMAGED;
}

int store_head_write(struct store *store, const struct chain_end *end)
{
    char line[HEAD_SIZE + 1];

    snprintf(line, sizeof line, "%020" PRIu64 " ", end->number);
    hex_write(end->hash, sizeof end->hash, line + SEQUENCE_DIGITS + 1);
    line[HEAD_SIZE - 1] = '\n';
    if (pwrite(store->head, line, HEAD_SIZE, 0) == HEAD_SIZE)
        return STORE_OK;
    return journal_fail(errno ? -errno : -EIO, "cannot write " STORE_HEAD ": %m");
}

/* ---- the reserve ------------------------------------------------------------------------ */

void store_reserve_make(struct store *store)
{
    struct stat status;
    int fd, error;

    store->is_short = false;
    if (store->reserve_bytes == 0 || open_file(store, STORE_RESERVE, O_RDWR | O_CREAT, &fd) != 0)
        return;
    error = fstat(fd, &status) < 0 ? errno : 0;
    if (error == 0 && (uint64_t)status.st_size < store->reserve_bytes)
        error = posix_fallocate(fd, 0, (off_t)store->reserve_bytes);
    close(fd);
    if (error == 0)
        return;
    journal_warn(NULL, "no room for a reserve of %" PRIu64 " bytes in the state directory: %s",
                 store->reserve_bytes, strerrordesc_np(error));
    unlinkat(store->directory, STORE_RESERVE, 0);
    store->is_short = true;
}

/* Twice the room, so that a disk that stays full is not filled and emptied in turns. */
void store_reserve_restore(struct store *store)
{
    struct statvfs room;

    if (!store->is_short || store->latched || fstatvfs(store->directory, &room) < 0 ||
        (uint64_t)room.f_bavail * room.f_frsize < 2 * store->reserve_bytes)
        return;
    store_reserve_make(store);
    if (!store->is_short) {
        store->told_full = false;
        journal_notice(NULL, "there is room in the state directory again");
    }
}

void store_reserve_give(struct store *store)
{
    if (!store->is_short && store->reserve_bytes > 0 &&
        unlinkat(store->directory, STORE_RESERVE, 0) == 0)
        journal_warn(NULL, "the reserve of %" PRIu64 " bytes in the state directory was given back",
                     store->reserve_bytes);
    store->is_short = true;
}
