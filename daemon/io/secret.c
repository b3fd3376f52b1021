/* secret.c - secrets come from files or systemd credentials. */
#include "io/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/journal.h"

enum { SECRET_FILE_MAX = 8192 };

static int check_owner(int descriptor, const char *path)
{
    struct stat status;

    if (fstat(descriptor, &status) < 0)
        return journal_fail(-errno, "cannot look at %s: %m", path);
    if (!S_ISREG(status.st_mode))
        return journal_fail(-EINVAL, "%s is no regular file", path);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return journal_fail(-EACCES,
                            "%s belongs to somebody else (root or the daemon's user "
                            "owns a secret)",
                            path);
    if (status.st_mode & 077)
        return journal_fail(-EACCES, "%s can be read by others (chmod 600)", path);
    return 0;
}

/* Reads the whole file, which ends in a zero; `bytes` has SECRET_FILE_MAX + 1. */
static int read_file(const char *path, char *bytes)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t size;
    int error;

    if (descriptor < 0)
        return journal_fail(-errno, "cannot open %s: %m", path);
    error = check_owner(descriptor, path);
    if (error == 0) {
        size = read(descriptor, bytes, SECRET_FILE_MAX);
        if (size < 0)
            error = journal_fail(-errno, "cannot read %s: %m", path);
        else
            bytes[size] = '\0';
    }
    close(descriptor);
    return error;
}

static int take(const char *path, const char *from, size_t size, struct secret *secret)
{
    if (size == 0 || size > SECRET_MAX)
        return journal_fail(-EINVAL, "%s holds no secret (one line of 1 to %d characters)", path,
                            SECRET_MAX);
    memcpy(secret->text, from, size);
    secret->text[size] = '\0';
    return 0;
}

int secret_read(const char *path, struct secret *secret)
{
    char bytes[SECRET_FILE_MAX + 1];
    int error = read_file(path, bytes);

    if (error == 0)
        error = take(path, bytes, strcspn(bytes, "\r\n"), secret);
    explicit_bzero(bytes, sizeof bytes);
    return error;
}

int secret_check(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int error;

    if (descriptor < 0)
        return journal_fail(-errno, "cannot open %s: %m", path);
    error = check_owner(descriptor, path);
    close(descriptor);
    return error;
}

int secret_path(const char *directory, const char *name, char *path, size_t size)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");

    if (credentials && (size_t)snprintf(path, size, "%s/%s", credentials, name) < size &&
        access(path, F_OK) == 0)
        return 0;
    if ((size_t)snprintf(path, size, "%s/%s", directory, name) >= size)
        return journal_fail(-ENAMETOOLONG, "the path of the secret %s is too long", name);
    return 0;
}

int secret_read_named(const char *directory, const char *name, struct secret *secret)
{
    char path[PATH_MAX];
    int error = secret_path(directory, name, path, sizeof path);

    return error ? error : secret_read(path, secret);
}

int secret_read_curve(const char *path, struct secret *secret)
{
    static const char label[] = "secret-key";
    char bytes[SECRET_FILE_MAX + 1];
    int error = read_file(path, bytes);
    const char *at;

    if (error < 0)
        return error;
    at = strstr(bytes, label);
    at = at ? strchr(at, '"') : NULL;
    if (at && strcspn(at + 1, "\"") == 40)
        error = take(path, at + 1, 40, secret);
    else
        error = journal_fail(-EINVAL,
                             "%s holds no CURVE secret key (concernctl keys make makes "
                             "one)",
                             path);
    explicit_bzero(bytes, sizeof bytes);
    return error;
}

void secret_wipe(struct secret *secret)
{
    explicit_bzero(secret, sizeof *secret);
}
