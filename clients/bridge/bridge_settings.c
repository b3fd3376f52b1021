/* bridge_settings.c - the command line and the file of concern-bridge, by one table. */
#include "bridge/bridge_settings.h"

#include "libconcern/keyfile.h"
#include "policy/yaml.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_FILE CONCERN_SYSCONFDIR "/concern-bridge.yaml"

static const char usage[] =
    "usage: concern-bridge [OPTION…]\n"
    "Subscribes to what a case system publishes beside it, keeps each event on disk and\n"
    "forwards it to concernd until it is acknowledged.\n\n"
    "  --subscribe ENDPOINT  where the case system publishes: ipc:///run/las/events or\n"
    "                        tcp://127.0.0.1:5555; this machine only\n"
    "  --topic PREFIX        only messages whose topic begins so (default: all)\n"
    "  --endpoint ENDPOINT   where the daemon takes events: tcp://host:5570\n"
    "  --server-key FILE     the daemon's public key, a file or the 40 letters\n"
    "  --key FILE            our own key, the file with the secret\n"
    "  --state DIRECTORY     what is not acknowledged, and what was refused\n"
    "                        (default $STATE_DIRECTORY, or /var/lib/concern-bridge)\n"
    "  --config FILE         where these are set, by the same names with _ for -\n"
    "                        (default " CONFIG_FILE ", if it is there)\n"
    "  --help, --version\n";

/* One row for each: its option, its key in the file, and where it goes. */
static const struct {
    const char *option;
    const char *key;
    size_t offset;
    bool is_path;  /* in a file: relative to it */
    bool required; /* from one or the other */
} fields[] = {
    { "subscribe", "subscribe", offsetof(struct bridge_settings, subscribe), false, true },
    { "topic", "topic", offsetof(struct bridge_settings, topic), false, false },
    { "endpoint", "endpoint", offsetof(struct bridge_settings, endpoint), false, true },
    { "server-key", "server_key", offsetof(struct bridge_settings, server_key), true, true },
    { "key", "key", offsetof(struct bridge_settings, key), true, true },
    { "state", "state", offsetof(struct bridge_settings, state), true, false },
};

enum { OPTION_FIRST = 1000, OPTION_CONFIG = 2000, OPTION_HELP, OPTION_VERSION };

static int read_options(int argc, char **argv, struct bridge_settings *settings,
                        const char **config);
static int read_file(const char *path, struct bridge_settings *settings);
static int keep(char *field, const char *file, const char *value);
static int check(struct bridge_settings *settings);

int bridge_settings_read(int argc, char **argv, struct bridge_settings *settings)
{
    const char *config = NULL;
    int answer = read_options(argc, argv, settings, &config);

    if (answer != SETTINGS_OK)
        return answer;
    if (config || access(CONFIG_FILE, F_OK) == 0)
        answer = read_file(config ? config : CONFIG_FILE, settings);
    return answer == SETTINGS_OK ? check(settings) : answer;
}

static int read_options(int argc, char **argv, struct bridge_settings *settings,
                        const char **config)
{
    struct option options[COUNT_OF(fields) + 4] = { { 0 } };
    int option;

    for (size_t i = 0; i < COUNT_OF(fields); i++)
        options[i] =
            (struct option){ fields[i].option, required_argument, NULL, OPTION_FIRST + (int)i };
    options[COUNT_OF(fields)] = (struct option){ "config", required_argument, NULL, OPTION_CONFIG };
    options[COUNT_OF(fields) + 1] = (struct option){ "help", no_argument, NULL, OPTION_HELP };
    options[COUNT_OF(fields) + 2] = (struct option){ "version", no_argument, NULL, OPTION_VERSION };

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            fputs(option == OPTION_HELP ? usage : "concern-bridge " CONCERN_VERSION "\n", stdout);
            return SETTINGS_SHOWN;
        }
        if (option == OPTION_CONFIG)
            *config = optarg;
        else if (option < OPTION_FIRST ||
                 keep((char *)settings + fields[option - OPTION_FIRST].offset, "", optarg))
            return SETTINGS_USAGE;
    }
    if (optind == argc)
        return SETTINGS_OK;
    fprintf(stderr, "concern-bridge: %s: options only (--help)\n", argv[optind]);
    return SETTINGS_USAGE;
}

static int read_file(const char *path, struct bridge_settings *settings)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = path, .arena = arena, .faults = &faults };
    const struct yaml_node *root = NULL;
    struct yaml_key keys[COUNT_OF(fields)];
    const char *values[COUNT_OF(fields)] = { NULL };
    char line[FAULT_LINE_SIZE];
    char *bytes;
    size_t length;
    int answer = arena ? yaml_read_bytes(&source, &bytes, &length) : -ENOMEM;

    for (size_t i = 0; i < COUNT_OF(fields); i++)
        keys[i] = (struct yaml_key){ .name = fields[i].key,
                                     .kind = YAML_KEY_TEXT,
                                     .offset = i * sizeof values[0],
                                     .least = 1,
                                     .most = SETTINGS_TEXT_SIZE - 1 };
    if (!answer)
        answer = yaml_parse(&source, bytes, length, &root);
    if (!answer)
        answer = yaml_record(&source, root, keys, COUNT_OF(fields), values);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    for (size_t i = 0; !answer && i < COUNT_OF(fields); i++) {
        char *field = (char *)settings + fields[i].offset;

        if (!*field && values[i])
            answer = keep(field, fields[i].is_path ? path : "", values[i]);
    }
    return answer ? SETTINGS_WRONG : SETTINGS_OK;
}

/* A path in a file is relative to that file; a key written out is no path. */
static int keep(char *field, const char *file, const char *value)
{
    const char *slash = strrchr(file, '/');
    int size =
        slash && *value != '/' && !key_is_z85(value)
            ? snprintf(field, SETTINGS_TEXT_SIZE, "%.*s/%s", (int)(slash - file), file, value)
            : snprintf(field, SETTINGS_TEXT_SIZE, "%s", value);

    if (size < SETTINGS_TEXT_SIZE)
        return SETTINGS_OK;
    fprintf(stderr, "concern-bridge: %.40s…: longer than %d letters\n", value,
            SETTINGS_TEXT_SIZE - 1);
    return SETTINGS_WRONG;
}

static int check(struct bridge_settings *settings)
{
    const char *state = getenv("STATE_DIRECTORY");

    if (!*settings->state)
        snprintf(settings->state, sizeof settings->state, "%s",
                 state && *state ? state : "/var/lib/concern-bridge");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (!fields[i].required || *((char *)settings + fields[i].offset))
            continue;
        fprintf(stderr, "concern-bridge: %s is missing (--%s, or %s: in the file; --help)\n",
                fields[i].key, fields[i].option, fields[i].key);
        return SETTINGS_USAGE;
    }
    if (strlen(settings->topic) > SETTINGS_TOPIC_MAX) {
        fprintf(stderr,
                "concern-bridge: topic is longer than %d bytes (libzmq loses longer ones)\n",
                SETTINGS_TOPIC_MAX);
        return SETTINGS_USAGE;
    }
    if (bridge_is_local(settings->subscribe))
        return SETTINGS_OK;
    fprintf(
        stderr,
        "concern-bridge: subscribe: %s is not on this machine (ipc:///PATH, tcp://127.0.0.1:PORT "
        "or tcp://[::1]:PORT: what comes there is not encrypted; beyond it the daemon "
        "subscribes itself, see concernd.yaml(5), feeds)\n",
        settings->subscribe);
    return SETTINGS_USAGE;
}

bool bridge_is_local(const char *endpoint)
{
    static const char ipc[] = "ipc://", tcp[] = "tcp://", six[] = "[::1]:";
    char host[INET_ADDRSTRLEN];
    struct in_addr address;
    size_t length;

    if (!strncmp(endpoint, ipc, sizeof ipc - 1))
        return endpoint[sizeof ipc - 1] == '/' || endpoint[sizeof ipc - 1] == '@';
    if (strncmp(endpoint, tcp, sizeof tcp - 1) != 0)
        return false;
    endpoint += sizeof tcp - 1;
    /* "tcp://source;address:port" would connect from elsewhere. */
    if (strchr(endpoint, ';'))
        return false;
    if (!strncmp(endpoint, six, sizeof six - 1))
        return true;
    length = strcspn(endpoint, ":");
    if (length >= sizeof host || !endpoint[length])
        return false;
    snprintf(host, sizeof host, "%.*s", (int)length, endpoint);
    return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}
