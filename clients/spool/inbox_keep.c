/* inbox_keep.c - reads the file that is taken, keeps what it has become, lays it aside. */
#include "spool/inbox.h"

#include "spool/inbox_parts.h"
#include "spool/spool_read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_NAME ".rows"
#define DRAFT_NAME ".tmp"

enum { NUMBERS_MAX = 100000 };

static int judge(int file, const struct stat *status, const char **why);
static int read_whole(int file, const char *name, const struct stat *status,
                      struct inbox_content *content);
static int hash_of(const char *name, const struct stat *status, struct inbox_content *content);
static int write_draft(struct inbox *inbox, inbox_write *writer, void *context, const char *name);
static int publish_draft(struct inbox *inbox, int folder, const char *name);
static int free_name(int folder, const char *name, char place[NAME_MAX + 1]);
static int write_rows(void *context, const char *name, FILE *file);

int inbox_read(struct inbox *inbox, const char *name, struct inbox_content *content,
               const char **why)
{
    /* Without waiting for the other end of what only looked like a file. */
    int file = openat(inbox->work, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat before, after;
    int answer;

    memset(content, 0, sizeof *content);
    if (file < 0 && (errno == ELOOP || errno == EACCES || errno == EPERM || errno == ENXIO)) {
        *why = errno == ELOOP || errno == ENXIO
                   ? "is no regular file (a file, no link)"
                   : "cannot be read by concern-spool (give its user the right to read)";
        return INBOX_UNFIT;
    }
    if (file < 0 || fstat(file, &before) < 0) {
        answer = inbox_fail("cannot read", name);
    } else if ((answer = judge(file, &before, why)) == INBOX_OK) {
        answer = read_whole(file, name, &before, content);
        if (!answer && fstat(file, &after) < 0)
            answer = inbox_fail("cannot read", name);
        else if (!answer && (after.st_size != before.st_size ||
                             after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
                             after.st_mtim.tv_nsec != before.st_mtim.tv_nsec))
            answer = INBOX_LATER;
    }
    if (file >= 0)
        close(file);
    if (!answer)
        return INBOX_OK;
    free(content->bytes);
    content->bytes = NULL;
    return answer;
}

static int judge(int file, const struct stat *status, const char **why)
{
    (void)file;
    if (!S_ISREG(status->st_mode))
        *why = "is no regular file (a file, no folder, pipe or device)";
    else if (status->st_size > SPOOL_FILE_MAX)
        *why = "is larger than a file may be (8 MiB; split it)";
    else
        return INBOX_OK;
    return INBOX_UNFIT;
}

static int read_whole(int file, const char *name, const struct stat *status,
                      struct inbox_content *content)
{
    size_t size = (size_t)status->st_size;

    content->bytes = malloc(size + 1);
    if (!content->bytes)
        return -ENOMEM;
    /* One byte more than there should be shows that it has grown. */
    while (content->size <= size) {
        ssize_t got = read(file, content->bytes + content->size, size + 1 - content->size);

        if (got < 0 && errno != EINTR)
            return inbox_fail("cannot read", name);
        if (got == 0)
            break;
        if (got > 0)
            content->size += (size_t)got;
    }
    if (content->size != size)
        return INBOX_LATER;
    content->written = (struct instant){ status->st_mtim.tv_sec * SECOND_US };
    return hash_of(name, status, content);
}

/* Two files may hold the same; by name and time they are told apart. */
static int hash_of(const char *name, const struct stat *status, struct inbox_content *content)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char hash[EVP_MAX_MD_SIZE];
    char head[NAME_MAX + 64];
    int length = snprintf(head, sizeof head, "%s/%" PRId64 ".%ld/", name,
                          (int64_t)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
    bool made = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(digest, head, (size_t)length) == 1 &&
                EVP_DigestUpdate(digest, content->bytes, content->size) == 1 &&
                EVP_DigestFinal_ex(digest, hash, NULL) == 1;

    EVP_MD_CTX_free(digest);
    if (!made)
        return -ENOMEM;
    for (size_t i = 0; i < 32; i++)
        snprintf(content->hash + 2 * i, 3, "%02x", hash[i]);
    return 0;
}

int inbox_kept(struct inbox *inbox, const char hash[ROWS_HASH_SIZE], struct rows *rows)
{
    int file = openat(inbox->work, ROWS_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    FILE *stream = file < 0 ? NULL : fdopen(file, "r");
    int answer;

    if (!stream) {
        if (file >= 0)
            close(file);
        return errno == ENOENT ? INBOX_NOTHING : inbox_fail("cannot read", "work/" ROWS_NAME);
    }
    answer = rows_read(stream, hash, rows);
    fclose(stream);
    if (answer < 0) {
        errno = -answer;
        return inbox_fail("cannot read", "work/" ROWS_NAME);
    }
    return answer == ROWS_OK ? INBOX_OK : INBOX_NOTHING;
}

struct keeping {
    const char *hash;
    const struct rows *rows;
};

int inbox_keep(struct inbox *inbox, const char hash[ROWS_HASH_SIZE], const struct rows *rows)
{
    struct keeping keeping = { .hash = hash, .rows = rows };
    int error = write_draft(inbox, write_rows, &keeping, ROWS_NAME);

    return error ? error : publish_draft(inbox, inbox->work, ROWS_NAME);
}

static int write_rows(void *context, const char *name, FILE *file)
{
    const struct keeping *keeping = context;

    (void)name;
    return rows_write(keeping->rows, keeping->hash, file);
}

int inbox_lay_aside(struct inbox *inbox, const char *name, bool error, inbox_write *writer,
                    void *context, const char **place)
{
    int folder = error ? inbox->error : inbox->done;
    char free_place[NAME_MAX + 1], text_place[NAME_MAX + 16];
    int failed = free_name(folder, name, free_place);

    if (failed)
        return failed;
    snprintf(text_place, sizeof text_place, "%s%s", free_place, error ? INBOX_REASON : INBOX_NOTE);
    if (writer && ((failed = write_draft(inbox, writer, context, free_place)) ||
                   (failed = publish_draft(inbox, folder, text_place))))
        return failed;
    if (renameat(inbox->work, name, folder, free_place) < 0 || inbox_sync(folder) < 0 ||
        inbox_sync(inbox->work) < 0)
        return inbox_fail("cannot lay aside", name);
    /* They are this file's alone; left behind, they would be written over by the next. */
    unlinkat(inbox->work, ROWS_NAME, 0);
    snprintf(inbox->place, sizeof inbox->place, "%s/%s", error ? "error" : "done", free_place);
    *place = inbox->place;
    return 0;
}

/* "export.csv", else "export.2.csv", "export.3.csv" … */
static int free_name(int folder, const char *name, char place[NAME_MAX + 1])
{
    const char *ending = strrchr(name, '.');
    int stem = (int)(ending && ending > name ? (size_t)(ending - name) : strlen(name));
    struct stat status;

    snprintf(place, NAME_MAX + 1, "%s", name);
    for (int number = 2; number < NUMBERS_MAX; number++) {
        if (fstatat(folder, place, &status, AT_SYMLINK_NOFOLLOW) < 0)
            return errno == ENOENT ? 0 : inbox_fail("cannot lay aside", name);
        snprintf(place, NAME_MAX + 1, "%.*s.%d%s", stem, name, number, name + stem);
    }
    errno = EEXIST;
    return inbox_fail("cannot lay aside", name);
}

/* On disk whole before it has its name. */
static int write_draft(struct inbox *inbox, inbox_write *writer, void *context, const char *name)
{
    int file = openat(inbox->work, DRAFT_NAME,
                      O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    int error;

    if (!stream) {
        error = inbox_fail("cannot write", "work/" DRAFT_NAME);
        if (file >= 0)
            close(file);
        return error;
    }
    errno = 0;
    error = writer(context, name, stream);
    if (error || fflush(stream) || fsync(file) < 0)
        error = inbox_fail("cannot write", "work/" DRAFT_NAME);
    if (fclose(stream) && !error)
        error = inbox_fail("cannot write", "work/" DRAFT_NAME);
    return error;
}

static int publish_draft(struct inbox *inbox, int folder, const char *name)
{
    if (renameat(inbox->work, DRAFT_NAME, folder, name) < 0 || inbox_sync(folder) < 0)
        return inbox_fail("cannot write", name);
    return 0;
}
