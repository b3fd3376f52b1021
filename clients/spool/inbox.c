/* inbox.c - opens the folder, finds what is dropped in it and takes it. */
#include "spool/inbox.h"

#include "spool/inbox_parts.h"
#include "spool/tell.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int open_folders(struct inbox *inbox, const char *path);
static int open_below(struct inbox *inbox, const char *name, int *folder);
static int take_lock(struct inbox *inbox, const char *path);
static void watch(struct inbox *inbox, const char *path);
static int first_of_work(struct inbox *inbox);
static int first_of_folder(struct inbox *inbox, int64_t settle_s);
static int look(struct inbox *inbox, int64_t settle_s);
static bool is_still_there(const struct inbox *inbox);
static int look_at(struct inbox *inbox, const char *name, int64_t settle_s, int64_t now_s);
static bool is_ours(const char *name);
static bool ends_in(const char *name, const char *ending);
static bool can_be_taken(const struct inbox *inbox, const char *name, struct stat *status);
static int add_name(struct inbox *inbox, const char *name);
static int by_name(const void *one, const void *other);
static void tell_passed_over(struct inbox *inbox, size_t count, const char *first);
static int take_next(struct inbox *inbox);
static void forget_names(struct inbox *inbox);
static void close_descriptor(int descriptor);

int inbox_open(const char *path, struct inbox **inbox_p)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);
    int error;

    if (!inbox)
        return -ENOMEM;
    inbox->folder = inbox->work = inbox->done = inbox->error = inbox->watch = inbox->lock = -1;
    snprintf(inbox->path, sizeof inbox->path, "%s", path);
    if ((error = open_folders(inbox, path))) {
        inbox_close(&inbox);
        return error;
    }
    watch(inbox, path);
    *inbox_p = inbox;
    return 0;
}

static int open_folders(struct inbox *inbox, const char *path)
{
    int error;

    inbox->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inbox->folder < 0) {
        error = -errno;
        tell(TELL_ERROR, "%s: %m (--folder: a folder that is there)", path);
        return error;
    }
    if ((error = open_below(inbox, "work", &inbox->work)) ||
        (error = open_below(inbox, "done", &inbox->done)) ||
        (error = open_below(inbox, "error", &inbox->error)))
        return error;
    return take_lock(inbox, path);
}

/* Of a file that is open for writing: network file systems lock nothing else. */
static int take_lock(struct inbox *inbox, const char *path)
{
    int error;

    inbox->lock = openat(inbox->work, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (inbox->lock >= 0 && flock(inbox->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    error = -errno;
    if (error == -EWOULDBLOCK)
        tell(TELL_ERROR, "%s: another concern-spool works on it (one for each folder)", path);
    else
        tell(TELL_ERROR, "%s/work/.lock: cannot lock it: %m", path);
    return error;
}

/* Some file systems have nothing to do there, and say so as an error. */
int inbox_sync(int folder)
{
    return fsync(folder) < 0 && errno != EINVAL ? -1 : 0;
}

/* A link in the place of one of ours would lead anywhere. */
static int open_below(struct inbox *inbox, const char *name, int *folder)
{
    int error;

    if (mkdirat(inbox->folder, name, 0750) == 0)
        inbox_sync(inbox->folder);
    else if (errno != EEXIST)
        return inbox_fail("cannot make", name);
    *folder = openat(inbox->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    error = *folder < 0 ? inbox_fail("cannot open", name) : 0;
    return error;
}

int inbox_fail(const char *what, const char *name)
{
    int error = errno ? errno : EIO;

    errno = error;
    tell(TELL_ERROR, "%s %s: %m", what, name);
    return -error;
}

/* Network mounts tell nothing of what other machines do; the look every few seconds does. */
static void watch(struct inbox *inbox, const char *path)
{
    inbox->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inbox->watch >= 0 &&
        inotify_add_watch(inbox->watch, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0)
        return;
    tell(TELL_WARNING, "%s: cannot be watched: %m; it is looked at every few seconds only", path);
    if (inbox->watch >= 0)
        close(inbox->watch);
    inbox->watch = -1;
}

int inbox_descriptor(const struct inbox *inbox)
{
    return inbox ? inbox->watch : -1;
}

/* What it was about does not matter: the folder is looked at. */
void inbox_heard(struct inbox *inbox)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

    while (inbox && inbox->watch >= 0 && read(inbox->watch, events, sizeof events) > 0)
        ;
}

int inbox_take(struct inbox *inbox, int64_t settle_s, const char **name)
{
    int answer = first_of_work(inbox);

    if (answer == INBOX_NOTHING)
        answer = first_of_folder(inbox, settle_s);
    *name = inbox->taken;
    return answer;
}

static int first_of_folder(struct inbox *inbox, int64_t settle_s)
{
    int answer;

    if (inbox->next == inbox->name_count && (answer = look(inbox, settle_s)) != INBOX_OK)
        return answer;
    for (answer = INBOX_NOTHING; answer == INBOX_NOTHING && inbox->next < inbox->name_count;)
        answer = take_next(inbox);
    if (answer != INBOX_NOTHING)
        return answer;
    if (inbox->unsettled)
        return INBOX_LATER;
    return inbox->stuck ? -EBUSY : INBOX_NOTHING;
}

/* At most one is there, but for what a person may have put. */
static int first_of_work(struct inbox *inbox)
{
    DIR *folder = inbox_list(inbox->work);
    struct dirent *entry;
    char first[NAME_MAX + 1] = "";

    if (!folder)
        return inbox_fail("cannot list", "work");
    for (errno = 0; (entry = readdir(folder)); errno = 0)
        if (entry->d_name[0] != '.' && (!*first || strcmp(entry->d_name, first) < 0))
            snprintf(first, sizeof first, "%s", entry->d_name);
    closedir(folder);
    if (errno)
        return inbox_fail("cannot list", "work");
    snprintf(inbox->taken, sizeof inbox->taken, "%s", first);
    return *first ? INBOX_OK : INBOX_NOTHING;
}

DIR *inbox_list(int folder)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again < 0 ? NULL : fdopendir(again);

    if (!list && again >= 0)
        close(again);
    return list;
}

/* All names that may be taken now, sorted; of very many the first of what is listed. */
static int look(struct inbox *inbox, int64_t settle_s)
{
    DIR *folder = inbox_list(inbox->folder);
    struct dirent *entry;
    struct timespec now;
    char passed_over[NAME_MAX + 1] = "";
    size_t passed = 0;
    int answer = 0;

    forget_names(inbox);
    if (!folder || !is_still_there(inbox)) {
        answer = inbox_fail("cannot look into", inbox->path);
        if (folder)
            closedir(folder);
        return answer;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    for (errno = 0; answer >= 0 && (entry = readdir(folder)); errno = 0) {
        if (is_ours(entry->d_name))
            continue;
        answer = look_at(inbox, entry->d_name, settle_s, now.tv_sec);
        if (answer == INBOX_UNFIT && passed++ == 0)
            snprintf(passed_over, sizeof passed_over, "%s", entry->d_name);
    }
    if (answer >= 0 && errno)
        answer = inbox_fail("cannot list", "the folder");
    closedir(folder);
    tell_passed_over(inbox, passed, passed_over);
    qsort(inbox->names, inbox->name_count, sizeof *inbox->names, by_name);
    return answer < 0 ? answer : INBOX_OK;
}

/* Where another folder has taken its name, that one is meant: a mount that came back. */
static bool is_still_there(const struct inbox *inbox)
{
    struct stat ours, named;

    if (stat(inbox->path, &named) < 0 || fstat(inbox->folder, &ours) < 0)
        return false;
    errno = ESTALE;
    return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int look_at(struct inbox *inbox, const char *name, int64_t settle_s, int64_t now_s)
{
    struct stat status;

    if (!can_be_taken(inbox, name, &status))
        return INBOX_UNFIT;
    inbox->waiting++;
    /* A clock that is a little ahead over there must not make it young for ever. */
    if (llabs((long long)(now_s - status.st_mtime)) < settle_s) {
        inbox->unsettled++;
        return INBOX_LATER;
    }
    return add_name(inbox, name);
}

/* What begins with a dot is hidden; .tmp and .part are being written. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = { "work", "done", "error" };
    static const char *const endings[] = { ".tmp", ".part" };

    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (!strcmp(name, ours[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (ends_in(name, endings[i]))
            return true;
    return name[0] == '.';
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);

    return length >= end && !strcmp(name + length - end, ending);
}

/* A reason that is dropped would take the place of another file's when it is laid aside. */

static bool can_be_taken(const struct inbox *inbox, const char *name, struct stat *status)
{
    if (strlen(name) > INBOX_NAME_MAX || ends_in(name, INBOX_REASON) || ends_in(name, INBOX_NOTE))
        return false;
    for (const char *letter = name; *letter; letter++)
        if ((unsigned char)*letter < 0x20 || *letter == 0x7f)
            return false;
    return fstatat(inbox->folder, name, status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status->st_mode);
}

/* Keeps the least names of all: the greatest makes room. */
static int add_name(struct inbox *inbox, const char *name)
{
    size_t at = inbox->name_count;
    char *copy;

    if (at == INBOX_LOOK_MAX) {
        at = 0;
        for (size_t i = 1; i < INBOX_LOOK_MAX; i++)
            if (strcmp(inbox->names[i], inbox->names[at]) > 0)
                at = i;
        if (strcmp(name, inbox->names[at]) >= 0)
            return 0;
        free(inbox->names[at]);
        inbox->names[at] = NULL;
    } else {
        inbox->name_count++;
    }
    copy = strdup(name);
    inbox->names[at] = copy;
    if (copy)
        return 0;
    inbox->names[at] = inbox->names[--inbox->name_count];
    return -ENOMEM;
}

/* Byte by byte, whatever the locale: 2026-12-18T1659.csv before 2026-12-18T1701.csv. */
static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void tell_passed_over(struct inbox *inbox, size_t count, const char *first)
{
    if (count > 0 && count != inbox->passed_over)
        tell(TELL_WARNING,
             "%zu in the folder not taken, the first %s: no regular file, a reason or note, or a "
             "name with control characters or more than 200 bytes",
             count, first);
    inbox->passed_over = count;
}

/* INBOX_NOTHING: somebody else took it, or has it in hand; the others do not wait for it. */
static int take_next(struct inbox *inbox)
{
    const char *name = inbox->names[inbox->next++];

    if (inbox->waiting)
        inbox->waiting--;
    if (renameat(inbox->folder, name, inbox->work, name) < 0) {
        if (errno == ENOENT)
            return INBOX_NOTHING;
        if (errno != EACCES && errno != EPERM && errno != EBUSY && errno != ETXTBSY)
            return inbox_fail("cannot take", name);
        inbox->stuck++;
        inbox_fail("cannot take", name);
        return INBOX_NOTHING;
    }
    if (inbox_sync(inbox->work) < 0 || inbox_sync(inbox->folder) < 0)
        return inbox_fail("cannot take", name);
    snprintf(inbox->taken, sizeof inbox->taken, "%s", name);
    return INBOX_OK;
}

size_t inbox_waiting(const struct inbox *inbox)
{
    return inbox ? inbox->waiting : 0;
}

static void forget_names(struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->name_count; i++)
        free(inbox->names[i]);
    inbox->name_count = inbox->next = inbox->waiting = inbox->unsettled = 0;
    inbox->stuck = 0;
}

void inbox_close(struct inbox **inbox_p)
{
    struct inbox *inbox = *inbox_p;

    if (!inbox)
        return;
    close_descriptor(inbox->folder);
    close_descriptor(inbox->work);
    close_descriptor(inbox->done);
    close_descriptor(inbox->error);
    close_descriptor(inbox->watch);
    close_descriptor(inbox->lock);
    forget_names(inbox);
    free(inbox);
    *inbox_p = NULL;
}

static void close_descriptor(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}
