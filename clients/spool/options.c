/* options.c - options, environment, settings file. */
#include "spool/options.h"

#include "core/event.h"
#include "policy/yaml.h"
#include "protocol/alphabet.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: concern-spool --folder DIR --endpoint ENDPOINT --server-key FILE --key FILE [OPTION…]\n"
    "       concern-spool --config FILE [OPTION…]\n"
    "       concern-spool --check MAPPING [FILE…]\n"
    "\n"
    "Takes files of events out of a folder, sends each event until the daemon has acknowledged\n"
    "it, and lays the file aside: in done/, or in error/ with the reason beside it.\n"
    "\n"
    "  --folder DIR          where the case system drops files, by renaming them into it\n"
    "  --endpoint ENDPOINT   where the daemon takes events: tcp://host:5570\n"
    "  --server-key FILE     the daemon's public key, a file or the 40 letters\n"
    "  --key FILE            our own key, the file with the secret\n"
    "  --mapping FILE        which column of a CSV file becomes which member of an event\n"
    "  --source SOURCE       as whom, where an event does not say it itself\n"
    "  --rescan SECONDS      how often the folder is looked at anyway (default 10)\n"
    "  --settle SECONDS      how long a file must not have been written (default 2)\n"
    "  --once                take what is there, and end when it is told: 0 all acknowledged\n"
    "  --wait SECONDS        with --once: how long nothing may be answered (default 60; 0: for "
    "ever)\n"
    "  --config FILE         a file with these settings (YAML)\n"
    "  --check MAPPING       say what is wrong in a mapping; and what FILEs would become by it\n"
    "  --help, --version\n"
    "\n"
    "It exits with 0: done, 1: something was refused or cannot be used, 2: wrong usage.\n"
    "concern-spool(1) tells everything.\n";

enum spool_option {
    OPTION_FOLDER = 1000,
    OPTION_ENDPOINT,
    OPTION_SERVER_KEY,
    OPTION_KEY,
    OPTION_MAPPING,
    OPTION_SOURCE,
    OPTION_RESCAN,
    OPTION_SETTLE,
    OPTION_ONCE,
    OPTION_WAIT,
    OPTION_CONFIG,
    OPTION_CHECK,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option options_known[] = {
    { "folder", required_argument, NULL, OPTION_FOLDER },
    { "endpoint", required_argument, NULL, OPTION_ENDPOINT },
    { "server-key", required_argument, NULL, OPTION_SERVER_KEY },
    { "key", required_argument, NULL, OPTION_KEY },
    { "mapping", required_argument, NULL, OPTION_MAPPING },
    { "source", required_argument, NULL, OPTION_SOURCE },
    { "rescan", required_argument, NULL, OPTION_RESCAN },
    { "settle", required_argument, NULL, OPTION_SETTLE },
    { "once", no_argument, NULL, OPTION_ONCE },
    { "wait", required_argument, NULL, OPTION_WAIT },
    { "config", required_argument, NULL, OPTION_CONFIG },
    { "check", required_argument, NULL, OPTION_CHECK },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { 0 },
};

#define SECONDS_MOST (INT64_C(24) * 3600)
#define UNSET (-1)

/* Texts: the option, its place, its variable, its key in the file. */
static const struct text_setting {
    enum spool_option option;
    size_t offset;
    const char *variable, *key;
    bool is_path;
} texts[] = {
    { OPTION_FOLDER, offsetof(struct options, folder), NULL, "folder", true },
    { OPTION_ENDPOINT, offsetof(struct options, endpoint), "CONCERN_ENDPOINT", "endpoint", false },
    { OPTION_SERVER_KEY, offsetof(struct options, server_key_given), "CONCERN_SERVER_KEY",
      "server_key", true },
    { OPTION_KEY, offsetof(struct options, key_given), "CONCERN_KEY", "key", true },
    { OPTION_MAPPING, offsetof(struct options, mapping), NULL, "mapping", true },
    { OPTION_SOURCE, offsetof(struct options, source), "CONCERN_EVENT_SOURCE", "source", false },
};

/* Lengths of time, with what holds where nothing is said. */
static const struct time_setting {
    enum spool_option option;
    size_t offset;
    const char *key; /* NULL: an option only */
    int64_t least_us, default_us;
} times[] = {
    { OPTION_RESCAN, offsetof(struct options, rescan_us), "rescan", SECOND_US / 10,
      10 * SECOND_US },
    { OPTION_SETTLE, offsetof(struct options, settle_us), "settle", 0, 2 * SECOND_US },
    { OPTION_WAIT, offsetof(struct options, wait_us), NULL, 0, 60 * SECOND_US },
};

static int take_option(struct options *options, int option, const char *value);
static int take_text(struct options *options, const struct text_setting *setting,
                     const char *value);
static int take_time(struct options *options, const struct time_setting *setting,
                     const char *value);
static int next_option(int argc, char **argv);
static void tell_unknown(const char *word);
static int complete(struct options *options);
static int read_config(struct options *options);
static void keep_text(struct options *options, const struct text_setting *setting,
                      const char *value);
static int check_complete(const struct options *options);
static int read_keys(struct options *options);
static int wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_place(struct options *options, const struct text_setting *setting);
static int64_t *time_place(struct options *options, const struct time_setting *setting);

int options_read(int argc, char **argv, struct options *options, int *code)
{
    int option;

    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        *time_place(options, &times[i]) = UNSET;
    while ((option = next_option(argc, argv)) != -1) {
        *code = SPOOL_DONE;
        if (option == OPTION_HELP)
            return fputs(usage, stdout), OPTIONS_EXIT;
        if (option == OPTION_VERSION)
            return puts("concern-spool " CONCERN_VERSION), OPTIONS_EXIT;
        if ((*code = option == '?' ? SPOOL_USAGE : take_option(options, option, optarg)))
            return OPTIONS_EXIT;
    }
    options->files = argv + optind;
    options->file_count = argc - optind;
    if (options->file_count > 0 && !options->check)
        *code = wrong("%s: no argument is expected (--folder DIR)", argv[optind]);
    else
        *code = complete(options);
    return *code ? OPTIONS_EXIT : OPTIONS_RUN;
}

static int take_option(struct options *options, int option, const char *value)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if ((int)texts[i].option == option)
            return take_text(options, &texts[i], value);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        if ((int)times[i].option == option)
            return take_time(options, &times[i], value);
    if (option == OPTION_ONCE)
        options->once = true;
    else if (option == OPTION_CONFIG)
        options->config = value;
    else if (option == OPTION_CHECK)
        options->check = value;
    return SPOOL_DONE;
}

static int take_text(struct options *options, const struct text_setting *setting, const char *value)
{
    if (!*value || strlen(value) >= OPTIONS_TEXT_SIZE)
        return wrong("--%s is empty or too long", setting->key);
    memcpy(text_place(options, setting), value, strlen(value) + 1);
    return SPOOL_DONE;
}

static int take_time(struct options *options, const struct time_setting *setting, const char *value)
{
    char *end;
    double seconds = strtod(value, &end);

    if (*value < '0' || *value > '9' || *end || !(seconds <= (double)SECONDS_MOST) ||
        seconds * (double)SECOND_US < (double)setting->least_us)
        return wrong("%s is no number of seconds (%s to 86400)", value,
                     setting->least_us ? "0.1" : "0");
    *time_place(options, setting) = (int64_t)(seconds * (double)SECOND_US);
    return SPOOL_DONE;
}

static int next_option(int argc, char **argv)
{
    int option;

    opterr = 0;
    option = getopt_long(argc, argv, ":", options_known, NULL);
    if (option == ':')
        wrong("%s wants a value", argv[optind - 1]);
    else if (option == '?' && optopt >= OPTION_FOLDER)
        wrong("%s takes no value", argv[optind - 1]);
    else if (option == '?')
        tell_unknown(argv[optind - 1]);
    return option == ':' ? '?' : option;
}

static void tell_unknown(const char *word)
{
    const char *names[COUNT_OF(options_known)];
    const char *near;

    for (size_t i = 0; i < COUNT_OF(options_known); i++)
        names[i] = options_known[i].name;
    near = nearest_word(word + strspn(word, "-"), names, COUNT_OF(names) - 1);
    wrong("no option %s%s%s%s", word, near ? " (did you mean --" : "", near ? near : "",
          near ? "?)" : "");
}

static int complete(struct options *options)
{
    int code = SPOOL_DONE;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *value = texts[i].variable ? getenv(texts[i].variable) : NULL;

        if (value && *value && !*text_place(options, &texts[i]))
            code = take_text(options, &texts[i], value);
        if (code)
            return code;
    }
    if (options->config && (code = read_config(options)))
        return code;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        if (*time_place(options, &times[i]) == UNSET)
            *time_place(options, &times[i]) = times[i].default_us;
    if (options->check)
        return SPOOL_DONE;
    code = check_complete(options);
    return code ? code : read_keys(options);
}

static int read_config(struct options *options)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = options->config, .arena = arena, .faults = &faults };
    const struct yaml_node *root = NULL;
    struct yaml_key keys[COUNT_OF(texts) + COUNT_OF(times)];
    size_t count = 0, size;
    /* The texts first, then the times. */
    struct {
        const char *texts[COUNT_OF(texts)];
        int64_t times[COUNT_OF(times)];
    } values = { .times = { UNSET, UNSET, UNSET } };
    char line[FAULT_LINE_SIZE], *bytes;
    int answer;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        keys[count++] = (struct yaml_key){ .name = texts[i].key,
                                           .kind = YAML_KEY_TEXT,
                                           .offset = i * sizeof values.texts[0],
                                           .least = 1,
                                           .most = OPTIONS_TEXT_SIZE - 1 };
    for (size_t i = 0; i < COUNT_OF(times); i++)
        if (times[i].key)
            keys[count++] =
                (struct yaml_key){ .name = times[i].key,
                                   .kind = YAML_KEY_DURATION,
                                   .offset = sizeof values.texts + i * sizeof values.times[0],
                                   .least = times[i].least_us,
                                   .most = SECONDS_MOST * SECOND_US };
    answer = arena ? yaml_read_bytes(&source, &bytes, &size) : -ENOMEM;
    if (!answer)
        answer = yaml_parse(&source, bytes, size, &root);
    if (!answer)
        answer = yaml_record(&source, root, keys, count, &values);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    for (size_t i = 0; !answer && i < COUNT_OF(texts); i++)
        if (values.texts[i])
            keep_text(options, &texts[i], values.texts[i]);
    for (size_t i = 0; !answer && i < COUNT_OF(times); i++)
        if (*time_place(options, &times[i]) == UNSET)
            *time_place(options, &times[i]) = values.times[i];
    return answer ? SPOOL_WRONG : SPOOL_DONE;
}

/* A path in a file is relative to that file; a key written out is no path. */
static void keep_text(struct options *options, const struct text_setting *setting,
                      const char *value)
{
    const char *slash = strrchr(options->config, '/');
    char *place = text_place(options, setting);

    if (*place)
        return;
    if (slash && setting->is_path && *value != '/' && !key_is_z85(value))
        snprintf(place, OPTIONS_TEXT_SIZE, "%.*s/%s", (int)(slash - options->config),
                 options->config, value);
    else
        snprintf(place, OPTIONS_TEXT_SIZE, "%s", value);
}

static int check_complete(const struct options *options)
{
    if (!*options->folder)
        return wrong("which folder? (--folder DIR)");
    if (!*options->endpoint)
        return wrong("where is the daemon? (--endpoint tcp://host:5570)");
    if (!*options->server_key_given)
        return wrong("which is the daemon's public key? (--server-key FILE)");
    if (!*options->key_given)
        return wrong("which is our own key? (--key FILE; concernctl keys make)");
    if (*options->source && !alphabet_is_source(options->source))
        return wrong("%s is no source (a URI reference of 1 to 200 characters)", options->source);
    return SPOOL_DONE;
}

static int read_keys(struct options *options)
{
    CLEANUP(key_pair_wipe) struct key_pair server = { 0 };

    if (key_is_z85(options->server_key_given))
        memcpy(options->server_key, options->server_key_given, WIRE_KEY_TEXT + 1);
    else if (keyfile_read(options->server_key_given, stderr, &server))
        return SPOOL_WRONG;
    else
        memcpy(options->server_key, server.public_key, sizeof server.public_key);
    if (keyfile_read(options->key_given, stderr, &options->pair))
        return SPOOL_WRONG;
    if (*options->pair.secret_key)
        return SPOOL_DONE;
    fprintf(stderr, "%s: no secret-key in it (the file that ends in _secret)\n",
            options->key_given);
    return SPOOL_WRONG;
}

static int wrong(const char *format, ...)
{
    va_list arguments;

    fputs("concern-spool: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\nconcern-spool --help tells more\n", stderr);
    return SPOOL_USAGE;
}

static char *text_place(struct options *options, const struct text_setting *setting)
{
    return (char *)options + setting->offset;
}

static int64_t *time_place(struct options *options, const struct time_setting *setting)
{
    return (int64_t *)(void *)((char *)options + setting->offset);
}

void options_close(struct options *options)
{
    key_pair_wipe(&options->pair);
}
