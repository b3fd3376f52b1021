/* keyfile.c - reads and writes CURVE keys in the format of CZMQ's certificates. */
#include "libconcern/keyfile.h"

#include "core/base.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { KEYFILE_SIZE_MAX = 16384, KEYFILE_PATH_MAX = 4096 };

static int read_whole(const char *path, FILE *complaints, char *text, size_t size, mode_t *mode);
static int find_value(const char *text, const char *name, char value[WIRE_KEY_TEXT + 1]);
static int complain(FILE *complaints, const char *path, const char *what);
static int write_file(const char *path, mode_t mode, FILE *complaints, const char *text);
static int make_text(const char *name, const struct key_pair *pair, bool secret, char *text,
                     size_t size);

int keyfile_read(const char *path, FILE *complaints, struct key_pair *pair)
{
    char text[KEYFILE_SIZE_MAX];
    struct key_pair found = { 0 };
    mode_t mode = 0;
    int answer = read_whole(path, complaints, text, sizeof text, &mode);

    if (answer)
        return answer;
    if (find_value(text, "public-key", found.public_key) || !key_is_z85(found.public_key))
        answer = complain(complaints, path, "no public-key of 40 letters (a file of 'keys make')");
    else if (!find_value(text, "secret-key", found.secret_key) && !key_is_z85(found.secret_key))
        answer = complain(complaints, path, "its secret-key is not 40 letters of Z85");
    else if (found.secret_key[0] && (mode & 027))
        answer = complain(complaints, path, "others can read or write this secret (chmod 600)");
    else
        *pair = found;
    explicit_bzero(text, sizeof text);
    key_pair_wipe(&found);
    return answer;
}

int keyfile_make(const char *path, const char *name, FILE *complaints, struct key_pair *pair)
{
    char secret_path[KEYFILE_PATH_MAX];
    char text[1024];
    int answer;

    if ((size_t)snprintf(secret_path, sizeof secret_path, "%s_secret", path) >= sizeof secret_path)
        return complain(complaints, path, "the path is too long"), -ENAMETOOLONG;
    if (access(path, F_OK) == 0)
        return complain(complaints, path, "is there already (a key is never replaced)"), -EEXIST;
    if (zmq_curve_keypair(pair->public_key, pair->secret_key))
        return complain(complaints, path, "this libzmq has no CURVE"), -ENOTSUP;

    answer = make_text(name, pair, true, text, sizeof text);
    if (!answer)
        answer = write_file(secret_path, 0600, complaints, text);
    explicit_bzero(text, sizeof text);
    if (!answer)
        answer = make_text(name, pair, false, text, sizeof text);
    if (!answer)
        answer = write_file(path, 0644, complaints, text);
    return answer;
}

void key_pair_wipe(struct key_pair *pair)
{
    explicit_bzero(pair, sizeof *pair);
}

bool key_is_z85(const char *text)
{
    uint8_t bytes[WIRE_KEY_SIZE];
    bool is = strlen(text) == WIRE_KEY_TEXT && zmq_z85_decode(bytes, text);

    explicit_bzero(bytes, sizeof bytes);
    return is;
}

static int complain(FILE *complaints, const char *path, const char *what)
{
    if (complaints)
        fprintf(complaints, "%s: %s\n", path, what);
    return KEYFILE_WRONG;
}

/* The mode is asked of the open file, so that it is the one that is read. */
static int read_whole(const char *path, FILE *complaints, char *text, size_t size, mode_t *mode)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    ssize_t got;
    int error;

    if (file < 0 || fstat(file, &status) < 0) {
        error = errno;
        complain(complaints, path, strerror(error));
        if (file >= 0)
            close(file);
        return -error;
    }
    got = S_ISREG(status.st_mode) ? read(file, text, size - 1) : 0;
    close(file);
    if (got <= 0 || (size_t)got == size - 1)
        return complain(complaints, path, "is no key file");
    text[got] = '\0';
    *mode = status.st_mode;
    return KEYFILE_OK;
}

/* Lines are `name = "value"`, indented by their section; there is one section with keys. */
static int find_value(const char *text, const char *name, char value[WIRE_KEY_TEXT + 1])
{
    size_t length = strlen(name);
    const char *line = text;

    for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *at = line + strspn(line, " \t");

        if (strncmp(at, name, length) != 0)
            continue;
        at += length;
        at += strspn(at, " \t");
        if (*at++ != '=')
            continue;
        at += strspn(at, " \t");
        if (*at++ != '"' || strcspn(at, "\"\n") != WIRE_KEY_TEXT || at[WIRE_KEY_TEXT] != '"')
            return KEYFILE_WRONG;
        memcpy(value, at, WIRE_KEY_TEXT);
        value[WIRE_KEY_TEXT] = '\0';
        return KEYFILE_OK;
    }
    return KEYFILE_WRONG;
}

static int make_text(const char *name, const struct key_pair *pair, bool secret, char *text,
                     size_t size)
{
    int length = snprintf(text, size,
                          "#   ZeroMQ CURVE %s key, made by concernctl keys make\n"
                          "%s"
                          "\nmetadata\n    name = \"%s\"\ncurve\n    public-key = \"%s\"\n",
                          secret ? "secret" : "public",
                          secret ? "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its "
                                   "permissions.\n"
                                 : "#   This file may be given to whoever is to be spoken to.\n",
                          name, pair->public_key);

    if (secret && length > 0 && (size_t)length < size)
        length += snprintf(text + length, size - (size_t)length, "    secret-key = \"%s\"\n",
                           pair->secret_key);
    return length > 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
}

static int write_file(const char *path, mode_t mode, FILE *complaints, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    size_t size = strlen(text);
    int error = 0;

    if (file < 0) {
        error = errno;
    } else {
        if (fchmod(file, mode) < 0 || write(file, text, size) != (ssize_t)size || fsync(file) < 0)
            error = errno ? errno : EIO;
        close(file);
        if (error)
            unlink(path);
    }
    if (error)
        complain(complaints, path, strerror(error));
    return -error;
}
