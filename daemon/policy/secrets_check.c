/* secrets_check.c - whether the daemon could use every secret that its files name. */
#include "policy/secrets_check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/certificate_check.h"
#include "policy/policy_loaded.h"

enum { SECRET_FILE_MAX = 8192, SECRET_LINE_MAX = 511, PASSWORD_MAX = 255, CURVE_LETTERS = 40 };

/* One secret: where it is named, and what stands in it. */
struct look {
    const struct secrets_check *check;
    struct faults *faults;
    bool fine;

    const char *file; /* that names it */
    unsigned line, column;
    char bytes[SECRET_FILE_MAX + 1]; /* what was read; wiped after each */
};

static void fault(struct look *self, const char *path, const char *what)
{
    faults_add(self->faults, self->file, self->line, self->column, "the secret %s %s", path, what);
    self->fine = false;
}

static void in_settings(struct look *self, const char *section, const char *key)
{
    self->file = settings_of(self->check->settings)->file;
    settings_place(self->check->settings, section, key, &self->line, &self->column);
}

static void in_directory(struct look *self, const char *endpoint, const char *key)
{
    self->file = directory_name(self->check->policy->directory);
    directory_place_of_endpoint(self->check->policy->directory, endpoint, key, &self->line,
                                &self->column);
}

/* --- a file */

/* Whoever looks after the daemon as root sees files of the daemon's own user. */
static bool may_own(const struct look *self, uid_t owner)
{
    return owner == 0 || owner == geteuid() || (!self->check->is_daemon && geteuid() == 0);
}

static bool owner_is_right(struct look *self, int descriptor, const char *path)
{
    struct stat status;

    if (fstat(descriptor, &status) < 0)
        fault(self, path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        fault(self, path, "is no regular file");
    else if (!may_own(self, status.st_uid))
        fault(self, path, "belongs to somebody else (root or the daemon's user owns a secret)");
    else if (status.st_mode & 077)
        fault(self, path, "can be read by others (chmod 600)");
    else
        return true;
    return false;
}

static void cannot_open(struct look *self, const char *path, int error)
{
    if (error == EACCES && !self->check->is_daemon)
        faults_warn(self->faults, self->file, self->line, self->column,
                    "the secret %s was not looked at: it cannot be read by whoever runs this check "
                    "(run it as root, or as the daemon's user)",
                    path);
    else if (error == ELOOP)
        fault(self, path, "is a link (a secret is a file itself)");
    else
        fault(self, path,
              error == ENOENT ? "is not there (a file with the secret, chmod 600)"
                              : strerror(error));
}

/* Reads the whole file; false where that was told, or could not be seen. */
static bool read_secret(struct look *self, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool is_read = false;
    ssize_t size;

    if (descriptor < 0) {
        cannot_open(self, path, errno);
        return false;
    }
    if (owner_is_right(self, descriptor, path)) {
        size = read(descriptor, self->bytes, SECRET_FILE_MAX);
        is_read = size >= 0;
        self->bytes[is_read ? size : 0] = '\0';
        if (!is_read)
            fault(self, path, strerror(errno));
    }
    close(descriptor);
    return is_read;
}

/* Its first line, as the daemon takes it. */
static bool read_line(struct look *self, const char *path)
{
    size_t length;

    if (!read_secret(self, path))
        return false;
    length = strcspn(self->bytes, "\r\n");
    self->bytes[length] = '\0';
    if (length > 0 && length <= SECRET_LINE_MAX)
        return true;
    fault(self, path, "is empty, or too long (one line of 1 to 511 characters)");
    return false;
}

static void forget(struct look *self)
{
    explicit_bzero(self->bytes, sizeof self->bytes);
}

/* --- a name */

/* Where systemd gets the credentials of the service that runs, or is to. */
static bool is_credential(const char *name)
{
    static const char *const places[] = { "/run/credentials/concernd.service/", "/etc/credstore/",
                                          "/etc/credstore/concernd.", "/etc/credstore.encrypted/",
                                          "/etc/credstore.encrypted/concernd." };
    char path[PATH_MAX];

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        snprintf(path, sizeof path, "%s%s", places[i], name);
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* Sets the path of a named secret; false where there is none to look at. */
static bool find_named(struct look *self, const char *name, char path[PATH_MAX])
{
    if (!settings_secret_path(settings_of(self->check->settings), name, path, PATH_MAX)) {
        fault(self, name, "has no place (a file's name, in the directory `secrets`)");
        return false;
    }
    return access(path, F_OK) == 0 || errno != ENOENT || self->check->is_daemon ||
           !is_credential(name);
}

/* --- each */

static void check_password(struct look *self)
{
    const struct settings *settings = settings_of(self->check->settings);
    const char *file = settings->mail.password_file;
    char path[PATH_MAX];

    if (*file) {
        in_settings(self, "mail", "password_file");
        snprintf(path, sizeof path, "%s", file);
    } else if (*settings->mail.user) {
        in_settings(self, "mail", "user");
        if (!find_named(self, "mail-password", path))
            return;
    } else {
        return;
    }
    if (read_line(self, path) && strlen(self->bytes) > PASSWORD_MAX)
        fault(self, path, "is longer than 255 characters");
    forget(self);
}

static void check_pair(struct look *self, const char *certificate, const char *key)
{
    char why[CERTIFICATE_FAULT_SIZE];
    bool is_read = read_secret(self, key);

    forget(self);
    if (is_read && certificate_fault(certificate, key, why)) {
        faults_add(self->faults, self->file, self->line, self->column, "%s", why);
        self->fine = false;
    }
}

static void check_mail_pair(struct look *self)
{
    const struct settings *settings = settings_of(self->check->settings);
    char path[PATH_MAX];

    if (!*settings->mail.certificate)
        return;
    in_settings(self, "mail", "certificate");
    if (*settings->mail.key_file)
        check_pair(self, settings->mail.certificate, settings->mail.key_file);
    else if (find_named(self, "mail-key", path))
        check_pair(self, settings->mail.certificate, path);
}

static void check_endpoint_secret(struct look *self, const struct endpoint_setting *endpoint,
                                  const char *key, const char *name)
{
    char path[PATH_MAX], what[FAULT_TEXT_SIZE];
    const char *right = NULL;

    in_directory(self, endpoint->id, key);
    if (!find_named(self, name, path))
        return;
    if (read_line(self, path))
        right = endpoint->kind == ENDPOINT_TEAMS && !url_is_sound(self->bytes)
                    ? "the https address of a workflow"
                    : self->check->form(endpoint->kind, self->bytes);
    forget(self);
    if (!right)
        return;
    snprintf(what, sizeof what, "is not %s", right);
    fault(self, path, what);
}

static void check_endpoint(struct look *self, const struct endpoint_setting *endpoint)
{
    char path[PATH_MAX];

    check_endpoint_secret(self, endpoint, "secret", endpoint->secret);
    if (endpoint->previous_secret)
        check_endpoint_secret(self, endpoint, "previous_secret", endpoint->previous_secret);
    if (!endpoint->certificate)
        return;
    in_directory(self, endpoint->id, "certificate");
    if (find_named(self, endpoint->key, path))
        check_pair(self, endpoint->certificate, path);
}

/* As `concernctl keys make` writes it: secret-key = "...". */
static void check_curve(struct look *self, const char *path)
{
    const char *at = NULL;

    if (!read_secret(self, path))
        return;
    at = strstr(self->bytes, "secret-key");
    at = at ? strchr(at, '"') : NULL;
    if (!at || strcspn(at + 1, "\"") != CURVE_LETTERS)
        fault(self, path, "holds no CURVE secret key (concernctl keys make makes one)");
    forget(self);
}

static void check_keys(struct look *self)
{
    const struct settings *settings = settings_of(self->check->settings);

    /* Without the server's the daemon runs and does not listen, which it says. */
    in_settings(self, NULL, "server_key");
    if (strcmp(settings->listen, "none") != 0 && access(settings->keyring, F_OK) == 0 &&
        access(settings->server_key, F_OK) == 0)
        check_curve(self, settings->server_key);
    for (size_t i = 0; i < settings->feed_count; i++) {
        self->file = settings->file;
        settings_place_of_feed(self->check->settings, i, "secret_key", &self->line, &self->column);
        check_curve(self, settings->feeds[i].secret_key_file);
    }
}

bool secrets_check(const struct secrets_check *check, struct faults *faults)
{
    struct look self = { .check = check, .faults = faults, .fine = true };
    const struct endpoint_setting *endpoints;
    size_t count;

    endpoints = policy_endpoints(check->policy, &count);
    check_password(&self);
    check_mail_pair(&self);
    check_keys(&self);
    for (size_t i = 0; i < count; i++)
        check_endpoint(&self, &endpoints[i]);
    return self.fine;
}
