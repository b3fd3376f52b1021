/* check.c - validates the daemon's files with the daemon's own readers. */
#include "concernctl/installed.h"
#include "concernctl/subcommand.h"

#include "policy/calendar_read.h"
#include "policy/policy.h"
#include "policy/secrets_check.h"
#include "policy/templates.h"
#include "policy/words_read.h"
#include "policy/yaml.h"
#include "protocol/secret_form.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char check_usage[] =
    "[--json] [--today TIME] [DIR or FILE…]\n"
    "Validates settings, procedures, calendars, directory and templates as the daemon would,\n"
    "and lists every fault as file:line:column.  Exits with 1 when there is an error.\n"
    "Without an argument: what " CONCERN_SYSCONFDIR "/concernd.yaml names.  A DIR with a\n"
    "concernd.yaml is checked as a whole; of any other, each file by what it holds.\n\n"
    "  --json                print each fault as one JSON object\n"
    "  --today TIME          from when on calendars have to reach, and people to be there\n"
    "                        (default: now)\n";

enum { DEPTH_MAX = 4, FILES_MAX = 10000 };

/* What was looked at, and what was found. */
struct check {
    struct faults faults;
    size_t files;
    struct instant today;
};

static struct instant now(void);
static bool read_today(const char *text, struct instant *today);
static int check_path(struct check *check, const char *path, unsigned depth);
static int check_folder(struct check *check, const char *path, unsigned depth);
static int check_settings(struct check *check, const char *path);
static int check_file(struct check *check, const char *path);
static int check_yaml(struct check *check, const char *path);
static int check_procedure(struct check *check, const char *path);
static int check_calendar(struct check *check, const char *path);
static int check_directory(struct check *check, const char *path);
static int check_template(struct check *check, const char *path);
static int check_words(struct check *check, const char *path);
static int check_keyring(struct check *check, const char *path);
static char *read_text(const char *path, struct faults *faults);
static bool ends_in(const char *name, const char *end);
static int print_faults(const struct check *check, bool json);
static void print_fault_json(const struct fault *fault);
static void check_close(struct check *check);

/* A YAML file is known by a key that it alone has; the first row that fits. */
static const struct {
    const char *key;
    int (*check)(struct check *check, const char *path);
} kinds[] = {
    { "procedure", check_procedure }, { "closed", check_calendar },  { "calendar", check_calendar },
    { "agencies", check_directory },  { "people", check_directory }, { "keys", check_keyring },
};

int check_command(int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' },
                                             { "today", required_argument, NULL, 't' },
                                             { 0 } };
    CLEANUP(check_close) struct check check = { 0 };
    bool json = false;
    int option, answer = 0;

    check.today = now();
    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'j')
            json = true;
        else if (option != 't' || !read_today(optarg, &check.today))
            return EXIT_USAGE;
    }
    if (optind == argc)
        answer = check_settings(&check, CONCERN_SYSCONFDIR "/concernd.yaml");
    for (int i = optind; i < argc && answer == 0; i++)
        answer = check_path(&check, argv[i], 0);
    if (answer < 0)
        fprintf(stderr, "concernctl check: %s\n", strerror(-answer));
    return print_faults(&check, json) || answer < 0 ? EXIT_NO : EXIT_DONE;
}

static struct instant now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    return (struct instant){ (int64_t)at.tv_sec * SECOND_US + at.tv_nsec / 1000 };
}

static bool read_today(const char *text, struct instant *today)
{
    if (instant_read(text, NULL, today) == INSTANT_OK)
        return true;
    fprintf(stderr, "concernctl check: \"%s\" is no time (2027-01-06T09:00:00Z)\n", text);
    return false;
}

/* 0 or negative, as all of these: faults are in the collector. */
static int check_path(struct check *check, const char *path, unsigned depth)
{
    struct stat status;
    char settings[PATH_MAX];

    if (stat(path, &status) < 0) {
        faults_add(&check->faults, path, 0, 0, "%s", strerror(errno));
        return 0;
    }
    if (!S_ISDIR(status.st_mode))
        return check_file(check, path);
    snprintf(settings, sizeof settings, "%s/concernd.yaml", path);
    return access(settings, F_OK) == 0 ? check_settings(check, settings)
                                       : check_folder(check, path, depth);
}

static int check_folder(struct check *check, const char *path, unsigned depth)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    char inner[PATH_MAX];
    int answer = 0;

    if (count < 0)
        faults_add(&check->faults, path, 0, 0, "%s", strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct stat status;

        snprintf(inner, sizeof inner, "%s/%s", path, name);
        if (answer == 0 && name[0] != '.' && stat(inner, &status) == 0) {
            if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
                answer = check_folder(check, inner, depth + 1);
            else if (S_ISREG(status.st_mode) && check->files < FILES_MAX &&
                     (ends_in(name, ".yaml") || ends_in(name, ".txt")))
                answer = check_file(check, inner);
        }
        free(entries[i]);
    }
    free(entries);
    return answer;
}

/* Everything the settings name, together: what one file says of another is checked too. */
static int check_settings(struct check *check, const char *path)
{
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(policy_close) struct policy *policy = NULL;
    int answer = settings_read(path, &check->faults, &file);

    check->files++;
    if (answer == SETTINGS_OK)
        answer = policy_load(settings_of(file), &check->faults, &policy);
    if (policy) {
        struct secrets_check secrets = { file, policy, false, secret_form_fault };

        secrets_check(&secrets, &check->faults);
        policy_check_calendars(policy, check->today, &check->faults);
        policy_check_absence(policy, check->today, &check->faults);
        answer = policy_check_texts(policy, true, &check->faults);
    }
    return answer < 0 ? answer : 0;
}

static int check_file(struct check *check, const char *path)
{
    check->files++;
    return ends_in(path, ".txt") ? check_template(check, path) : check_yaml(check, path);
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int check_yaml(struct check *check, const char *path)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = path, .arena = arena, .faults = &check->faults };
    const struct yaml_node *root = NULL;
    char *bytes;
    size_t length;
    int answer;

    if (strcmp(name_of(path), WORDS_FILE) == 0)
        return check_words(check, path);
    answer = arena ? yaml_read_bytes(&source, &bytes, &length) : -ENOMEM;

    if (!answer)
        answer = yaml_parse(&source, bytes, length, &root);
    if (answer)
        return answer < 0 ? answer : 0;
    for (size_t i = 0; i < COUNT_OF(kinds) && root->kind == YAML_MAP; i++)
        if (yaml_get(root, kinds[i].key))
            return kinds[i].check(check, path);
    return check_settings(check, path);
}

/* With the calendar and the time zone it names, as `simulate` finds them. */
static int check_surroundings(struct check *check, const char *path)
{
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(policy_close) struct policy *policy = NULL;
    const char *chosen = getenv("CONCERN_CALENDARS");
    char calendars[PATH_MAX];
    struct settings settings;
    int answer = settings_read(NULL, &check->faults, &file);

    if (answer != SETTINGS_OK)
        return answer;
    settings = *settings_of(file);
    settings.data = installed_data();
    if (chosen && *chosen)
        settings.calendars = chosen;
    else if (installed_sibling_calendars(path, calendars))
        settings.calendars = calendars;
    answer = policy_load_alone(&settings, path, NULL, &check->faults, &policy);
    if (policy)
        policy_check_calendars(policy, check->today, &check->faults);
    return answer;
}

static int check_procedure(struct check *check, const char *path)
{
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    struct procedure_defaults defaults = procedure_defaults_shipped();
    int answer = procedure_read(path, &defaults, &check->faults, &file);

    if (answer == PROCEDURE_OK) {
        procedure_check(file, &check->faults);
        answer = check_surroundings(check, path);
    }
    return answer < 0 ? answer : 0;
}

static int check_calendar(struct check *check, const char *path)
{
    CLEANUP(loaded_calendar_close) struct loaded_calendar *calendar = NULL;
    int answer = calendar_read(path, &check->faults, &calendar);

    return answer < 0 ? answer : 0;
}

static int check_directory(struct check *check, const char *path)
{
    CLEANUP(directory_close) struct directory_file *file = NULL;
    int answer = directory_read(path, &check->faults, &file);

    return answer < 0 ? answer : 0;
}

/* What it lacks, another folder's may have: only a whole set is held against that. */
static int check_words(struct check *check, const char *path)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct words words = { .language = NULL };
    int answer = arena ? words_read(path, arena, &check->faults, &words) : -ENOMEM;

    return answer < 0 ? answer : 0;
}

static int check_template(struct check *check, const char *path)
{
    char *text = read_text(path, &check->faults);
    char id[ID_MAX + 1];
    struct template_text template = { .id = id, .file = path, .text = text };
    struct template_fault fault = { 0 };
    const char *name = name_of(path);

    /* Some ids have fields of their own. */
    snprintf(id, sizeof id, "%.*s", (int)(strlen(name) - strlen(".txt")), name);

    if (text && template_check(&template, &fault) == TEMPLATE_FAULT)
        faults_add(&check->faults, path, fault.line, fault.column, "%s", fault.why);
    free(text);
    return 0;
}

static char *read_text(const char *path, struct faults *faults)
{
    FILE *file = fopen(path, "re");
    char *text = file ? calloc(1, TEMPLATE_TEXT_MAX + 2) : NULL;
    size_t got = text ? fread(text, 1, TEMPLATE_TEXT_MAX + 1, file) : 0;

    if (!text || ferror(file))
        faults_add(faults, path, 0, 0, "%s", strerror(errno));
    else if (got > TEMPLATE_TEXT_MAX)
        faults_add(faults, path, 0, 0, "longer than %d bytes", TEMPLATE_TEXT_MAX);
    if (file)
        fclose(file);
    return text;
}

static bool ends_in(const char *name, const char *end)
{
    size_t length = strlen(name);

    return length > strlen(end) && !strcmp(name + length - strlen(end), end);
}

/* The keyring is read by the daemon alone, which refuses a faulty one whole. */
static int check_keyring(struct check *check, const char *path)
{
    faults_warn(&check->faults, path, 0, 0,
                "a keyring: only its YAML was checked (concernd --check reads it)");
    return 0;
}

static int print_faults(const struct check *check, bool json)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < check->faults.count; i++) {
        fault_write(&check->faults.list[i], line);
        if (json)
            print_fault_json(&check->faults.list[i]);
        else
            fprintf(stderr, "%s\n", line);
    }
    if (check->faults.left_out > 0)
        fprintf(stderr, "… and %zu more\n", check->faults.left_out);
    if (!json && check->faults.errors == 0)
        printf("no error%s\n", check->faults.warnings ? ", but warnings" : "");
    else if (!json)
        fprintf(stderr, "%zu error%s\n", check->faults.errors,
                check->faults.errors == 1 ? "" : "s");
    return check->faults.errors > 0 ? EXIT_NO : EXIT_DONE;
}

static void print_fault_json(const struct fault *fault)
{
    json_t *row =
        json_pack("{s:s, s:i, s:i, s:s, s:s}", "file", fault->file, "line", (int)fault->line,
                  "column", (int)fault->column, "severity",
                  fault->severity == FAULT_ERROR ? "error" : "warning", "text", fault->text);

    json_dumpf(row, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(row);
}

static void check_close(struct check *check)
{
    faults_close(&check->faults);
}
