/* reach.c - finds endpoint and keys in options, environment and files. */
#include "concernctl/reach.h"

#include "policy/yaml.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_DEFAULT_MS = 60000, WAIT_MOST_S = 86400 * 7 };

/* One row per setting that may come from three places. */
static const struct {
    const char *key;      /* in the file */
    const char *variable; /* in the environment */
    size_t offset;
    bool is_path; /* in the file: relative to it */
} fields[REACH_FIELDS] = {
    { "endpoint", "CONCERN_ENDPOINT", offsetof(struct reach, endpoint), false },
    { "server_key", "CONCERN_SERVER_KEY", offsetof(struct reach, server_key), true },
    { "key", "CONCERN_KEY", offsetof(struct reach, key), true },
    { "source", "CONCERN_EVENT_SOURCE", offsetof(struct reach, source), false },
    { "agency", "CONCERN_AGENCY", offsetof(struct reach, agency), false },
    { "board", "CONCERN_BOARD", offsetof(struct reach, board), false },
    { "procedure", "CONCERN_PROCEDURE", offsetof(struct reach, procedure), false },
};

static int keep(const char *command, char *field, const char *value);
static int take_wait(struct reach *reach, const char *command, const char *value);
static int take_resend(struct reach *reach, const char *command, const char *value);
static bool read_seconds(const char *text, char end, double most, unsigned *ms, const char **rest);
static bool find_file(const struct reach *reach, char *path, size_t size);
static int read_file(struct reach *reach, const char *path);
static void keep_path(const char *file, const char *value, char *field);
static int server_key_of(const char *given, char key[WIRE_KEY_TEXT + 1]);
static int pair_of(const char *path, struct key_pair *pair);

int reach_option(struct reach *reach, const char *command, int option, const char *value)
{
    switch (option) {
    case REACH_ENDPOINT:
        return keep(command, reach->endpoint, value);
    case REACH_SERVER_KEY:
        return keep(command, reach->server_key, value);
    case REACH_KEY:
        return keep(command, reach->key, value);
    case REACH_SOURCE:
        return keep(command, reach->source, value);
    case REACH_CONFIG:
        reach->config = value;
        return EXIT_DONE;
    case REACH_WAIT:
        return take_wait(reach, command, value);
    case REACH_RESEND:
        return take_resend(reach, command, value);
    default:
        return EXIT_USAGE;
    }
}

static int keep(const char *command, char *field, const char *value)
{
    if (strlen(value) >= REACH_TEXT_SIZE)
        return usage_wrong(command, "a value is longer than %d letters", REACH_TEXT_SIZE - 1);
    snprintf(field, REACH_TEXT_SIZE, "%s", value);
    return EXIT_DONE;
}

static int take_wait(struct reach *reach, const char *command, const char *value)
{
    reach->wait_set = true;
    if (!read_seconds(value, '\0', WAIT_MOST_S, &reach->wait_ms, NULL))
        return usage_wrong(command, "--wait %s is no number of seconds", value);
    return EXIT_DONE;
}

/* For tests and measurements: the waits between sends of one event, in seconds. */
static int take_resend(struct reach *reach, const char *command, const char *value)
{
    const char *at = value;

    reach->resend_count = 0;
    while (*at) {
        if (reach->resend_count == PUBLISHER_RESEND_MAX ||
            !read_seconds(at, ',', WAIT_MOST_S, &reach->resend_ms[reach->resend_count++], &at))
            return usage_wrong(command, "--resend %s is no list of seconds", value);
    }
    return EXIT_DONE;
}

/* A number that ends the text, or is followed by `end`. */
static bool read_seconds(const char *text, char end, double most, unsigned *ms, const char **rest)
{
    char *after;
    double seconds;

    if (*text < '0' || *text > '9')
        return false;
    seconds = strtod(text, &after);
    if ((*after && *after != end) || !(seconds >= 0 && seconds <= most))
        return false;
    *ms = (unsigned)(seconds * 1000);
    if (rest)
        *rest = *after ? after + 1 : after;
    return true;
}

int reach_complete(struct reach *reach)
{
    char path[PATH_MAX];

    if (!reach->wait_set)
        reach->wait_ms = WAIT_DEFAULT_MS;
    for (size_t i = 0; i < REACH_FIELDS; i++) {
        char *field = (char *)reach + fields[i].offset;
        const char *value = getenv(fields[i].variable);

        if (!*field && value && strlen(value) < REACH_TEXT_SIZE)
            snprintf(field, REACH_TEXT_SIZE, "%s", value);
    }
    return find_file(reach, path, sizeof path) ? read_file(reach, path) : EXIT_DONE;
}

/* A file that is named must be there; the usual places may be empty. */
static bool find_file(const struct reach *reach, char *path, size_t size)
{
    const char *named = reach->config ? reach->config : getenv("CONCERN_CONFIG");
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (named && *named) {
        snprintf(path, size, "%s", named);
        return true;
    }
    if (base && *base == '/')
        snprintf(path, size, "%s/concernctl.yaml", base);
    else
        snprintf(path, size, "%s/.config/concernctl.yaml", home && *home ? home : "");
    if (access(path, R_OK) == 0)
        return true;
    snprintf(path, size, "%s/concernctl.yaml", CONCERN_SYSCONFDIR);
    return access(path, R_OK) == 0;
}

static int read_file(struct reach *reach, const char *path)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = path, .arena = arena, .faults = &faults };
    const struct yaml_node *root = NULL;
    struct yaml_key keys[REACH_FIELDS];
    const char *values[REACH_FIELDS] = { NULL };
    char line[FAULT_LINE_SIZE];
    char *bytes;
    size_t length;
    int answer;

    for (size_t i = 0; i < REACH_FIELDS; i++)
        keys[i] = (struct yaml_key){ .name = fields[i].key,
                                     .kind = YAML_KEY_TEXT,
                                     .offset = i * sizeof values[0],
                                     .least = 1,
                                     .most = REACH_TEXT_SIZE - 1 };
    answer = arena ? yaml_read_bytes(&source, &bytes, &length) : -ENOMEM;
    if (!answer)
        answer = yaml_parse(&source, bytes, length, &root);
    if (!answer)
        answer = yaml_record(&source, root, keys, REACH_FIELDS, values);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (answer)
        return EXIT_NO;
    for (size_t i = 0; i < REACH_FIELDS; i++) {
        char *field = (char *)reach + fields[i].offset;

        if (!*field && values[i])
            keep_path(fields[i].is_path ? path : "", values[i], field);
    }
    return EXIT_DONE;
}

/* A path in a file is relative to that file; a key written out is no path. */
static void keep_path(const char *file, const char *value, char *field)
{
    const char *slash = strrchr(file, '/');

    if (slash && *value != '/' && !key_is_z85(value))
        snprintf(field, REACH_TEXT_SIZE, "%.*s/%s", (int)(slash - file), file, value);
    else
        snprintf(field, REACH_TEXT_SIZE, "%s", value);
}

int reach_open(const struct reach *reach, const char *command, struct publisher **publisher)
{
    char server_key[WIRE_KEY_TEXT + 1];
    CLEANUP(key_pair_wipe) struct key_pair pair = { 0 };
    struct publisher_settings settings = {
        .endpoint = reach->endpoint,
        .server_key = server_key,
        .pair = &pair,
        .client = "concernctl/" CONCERN_VERSION,
        .wait_ms = reach->wait_ms,
        .resend_ms = reach->resend_count ? reach->resend_ms : NULL,
        .resend_count = reach->resend_count,
    };
    int error;

    if (!*reach->endpoint)
        return usage_wrong(command, "where is the daemon? (--endpoint tcp://host:5570)");
    if (!*reach->server_key)
        return usage_wrong(command, "which is the daemon's public key? (--server-key FILE)");
    if (!*reach->key)
        return usage_wrong(command, "which is our own key? (--key FILE; concernctl keys make)");
    if (server_key_of(reach->server_key, server_key) || pair_of(reach->key, &pair))
        return EXIT_NO;
    error = publisher_open(&settings, publisher);
    if (error == -EINVAL || error == -EPROTONOSUPPORT)
        return usage_wrong(command, "--endpoint %s is no endpoint (tcp://host:5570)",
                           reach->endpoint);
    if (error)
        fprintf(stderr, "concernctl: cannot open %s: %s\n", reach->endpoint, strerror(-error));
    return error ? EXIT_NO : EXIT_DONE;
}

static int server_key_of(const char *given, char key[WIRE_KEY_TEXT + 1])
{
    CLEANUP(key_pair_wipe) struct key_pair pair = { 0 };

    if (key_is_z85(given))
        memcpy(key, given, WIRE_KEY_TEXT + 1);
    else if (keyfile_read(given, stderr, &pair))
        return EXIT_NO;
    else
        memcpy(key, pair.public_key, sizeof pair.public_key);
    return EXIT_DONE;
}

/* Who names the public half is understood: the secret lies beside it. */
static int pair_of(const char *path, struct key_pair *pair)
{
    char beside[PATH_MAX];

    if (keyfile_read(path, stderr, pair))
        return EXIT_NO;
    if (*pair->secret_key)
        return EXIT_DONE;
    snprintf(beside, sizeof beside, "%s_secret", path);
    if (access(beside, F_OK) == 0)
        return keyfile_read(beside, stderr, pair) ? EXIT_NO : EXIT_DONE;
    fprintf(stderr, "%s: no secret-key in it (the file that ends in _secret)\n", path);
    return EXIT_NO;
}
