/* policy.c - loads procedures, calendars, directory and templates together. */
#include "policy/policy.h"

#include "policy/policy_loaded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_folders(struct policy *policy, const struct settings *settings);
static int load_calendars(struct policy *policy, const struct settings *settings,
                          struct faults *faults);
static int load_procedures(struct policy *policy, const struct settings *settings,
                           struct faults *faults);
static int load_procedure(struct policy *policy, const char *path, struct faults *faults);
static int load_templates(struct policy *policy, const struct settings *settings,
                          struct faults *faults);
static int add_version(struct policy *policy, struct procedure_file **file, bool in_force,
                       struct faults *faults);

/* "data/name", kept in the policy's arena. */
static const char *data_folder(struct policy *policy, const struct settings *settings,
                               const char *name)
{
    size_t room = strlen(settings->data) + 1 + strlen(name) + 1;
    char *path = arena_take(policy->arena, room);

    if (path)
        snprintf(path, room, "%s/%s", settings->data, name);
    return path;
}

/* Every part is read even where one is faulty, so that all faults are told at once. */
int policy_load(const struct settings *settings, struct faults *faults, struct policy **policy_p)
{
    CLEANUP(policy_close) struct policy *policy = calloc(1, sizeof *policy);
    int answers[4], texts;

    if (!policy || !(policy->arena = arena_open()))
        return -ENOMEM;
    policy->defaults = settings_defaults(settings);
    answers[0] = load_calendars(policy, settings, faults);
    answers[1] = load_procedures(policy, settings, faults);
    answers[2] = load_templates(policy, settings, faults);
    answers[3] = directory_read(settings->directory, faults, &policy->directory);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        if (answers[i] < 0)
            return answers[i];
    }
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        if (answers[i])
            return POLICY_FAULTY;
    }
    if (!policy_check(policy, faults))
        return POLICY_FAULTY;
    texts = policy_check_text_names(policy, settings->templates, faults);
    if (texts == POLICY_OK)
        texts = policy_check_texts(policy, false, faults);
    if (texts != POLICY_OK)
        return texts;
    *policy_p = policy;
    policy = NULL;
    return POLICY_OK;
}

/* Whether the directory says of which board the one procedure is. */
static bool has_its_board(const struct policy *policy)
{
    const struct directory *directory = policy_directory(policy);
    const struct procedure *procedure = policy_procedure(policy, 0);

    return directory && procedure &&
           (directory->board_count == 1 || policy_board_of(policy, procedure->id));
}

int policy_load_alone(const struct settings *settings, const char *procedure, const char *directory,
                      struct faults *faults, struct policy **policy_p)
{
    CLEANUP(policy_close) struct policy *policy = calloc(1, sizeof *policy);
    int answers[3];

    if (!policy || !(policy->arena = arena_open()))
        return -ENOMEM;
    policy->defaults = settings_defaults(settings);
    answers[0] = find_folders(policy, settings);
    answers[1] = answers[0] ? 0 : load_procedure(policy, procedure, faults);
    answers[2] = directory ? directory_read(directory, faults, &policy->directory) : 0;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        if (answers[i])
            return answers[i] < 0 ? answers[i] : POLICY_FAULTY;
    }
    if (directory && !has_its_board(policy)) {
        const struct procedure *one = policy_procedure(policy, 0);
        const char *id = one ? one->id : procedure;

        faults_add(faults, directory, 0, 0,
                   "no board, or more than one, has the procedure `%s` (one board's procedures: "
                   "[%s])",
                   id, id);
        return POLICY_FAULTY;
    }
    *policy_p = policy;
    policy = NULL;
    return POLICY_OK;
}

void policy_close(struct policy **policy_p)
{
    struct policy *policy = *policy_p;

    if (!policy)
        return;
    for (size_t i = 0; i < policy->version_count; i++)
        procedure_close(&policy->versions[i].file);
    for (size_t i = 0; i < policy->calendar_count; i++) {
        loaded_calendar_close(&policy->calendars[i].loaded);
        free(policy->calendars[i].phrase);
    }
    for (size_t i = 0; i < policy->zone_count; i++)
        zoneinfo_free(&policy->zones[i]);
    directory_close(&policy->directory);
    templates_close(&policy->templates);
    free(policy->versions);
    free(policy->calendars);
    free(policy->zones);
    arena_close(&policy->arena);
    free(policy);
    *policy_p = NULL;
}

/* Room for one more thing in a list. */
static bool grow(void *list_p, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity ? 2 * *capacity : 8;
    void *grown, *list;

    if (count < *capacity)
        return true;
    memcpy(&list, list_p, sizeof list);
    grown = realloc(list, more * size);
    if (!grown)
        return false;
    memcpy(list_p, &grown, sizeof grown);
    *capacity = more;
    return true;
}

/* The calendar of a phrase, loaded now if it is not yet.  The phrase stands in `file` at `line`. */
static int find_calendar(struct policy *policy, const char *phrase,
                         const struct calendar_search *where, struct faults *faults,
                         const struct calendar **calendar)
{
    struct named_calendar *named;
    int answer;

    *calendar = policy_calendar(policy, phrase);
    if (*calendar)
        return POLICY_OK;
    if (!grow(&policy->calendars, policy->calendar_count, &policy->calendar_capacity,
              sizeof *policy->calendars))
        return -ENOMEM;
    named = &policy->calendars[policy->calendar_count];
    *named = (struct named_calendar){ .phrase = strdup(phrase) };
    if (!named->phrase)
        return -ENOMEM;
    answer = calendar_load(where, phrase, faults, &named->loaded);
    if (answer != CALENDAR_READ) {
        free(named->phrase);
        return answer < 0 ? answer : POLICY_FAULTY;
    }
    policy->calendar_count++;
    *calendar = &named->loaded->calendar;
    return POLICY_OK;
}

static int find_zone(struct policy *policy, const struct procedure_file *file,
                     struct faults *faults, const struct zone **zone)
{
    const char *name = procedure_of(file)->zone;
    char why[FAULT_TEXT_SIZE / 2];
    struct text error = text_over(why, sizeof why);
    unsigned line, column;
    int answer;

    for (size_t i = 0; i < policy->zone_count; i++) {
        if (!strcmp(policy->zones[i]->name, name)) {
            *zone = policy->zones[i];
            return POLICY_OK;
        }
    }
    if (!grow(&policy->zones, policy->zone_count, &policy->zone_capacity, sizeof *policy->zones))
        return -ENOMEM;
    answer = zoneinfo_load(name, &policy->zones[policy->zone_count], &error);
    if (answer == ZONEINFO_OK) {
        *zone = policy->zones[policy->zone_count++];
        return POLICY_OK;
    }
    procedure_place(file, "time_zone", &line, &column);
    faults_add(faults, procedure_name(file), line, column, "%s", why);
    return answer < 0 ? answer : POLICY_FAULTY;
}

/* Where calendars are: 0 or -ENOMEM. */
static int find_folders(struct policy *policy, const struct settings *settings)
{
    policy->calendar_folders[0] =
        arena_text(policy->arena, settings->calendars, strlen(settings->calendars));
    policy->calendar_folders[1] = data_folder(policy, settings, "calendars");
    return arena_failed(policy->arena) ? -ENOMEM : 0;
}

/* All of them are read, used or not, so that a faulty one is told before it is needed. */
static int load_calendars(struct policy *policy, const struct settings *settings,
                          struct faults *faults)
{
    struct calendar_search where = { .directories = policy->calendar_folders,
                                     .directory_count = SEARCHED };
    struct folder_files files = { 0 };
    int answer;

    if (find_folders(policy, settings) < 0)
        return -ENOMEM;
    answer =
        folder_list(policy->calendar_folders, SEARCHED, ".yaml", policy->arena, faults, &files);
    for (size_t i = 0; answer >= 0 && i < files.count; i++) {
        const struct calendar *calendar;
        int one;

        where.file = files.list[i].path;
        one = find_calendar(policy, files.list[i].name, &where, faults, &calendar);
        answer = one ? one : answer;
    }
    return answer;
}

static int compare_versions(const void *a, const void *b)
{
    const struct version *left = a, *right = b;

    return strcmp(procedure_of(left->file)->id, procedure_of(right->file)->id);
}

static int load_procedure(struct policy *policy, const char *path, struct faults *faults)
{
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    int answer = procedure_read(path, &policy->defaults, faults, &file);

    if (answer)
        return answer < 0 ? answer : POLICY_FAULTY;
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct procedure_file *other = policy->versions[i].file;
        unsigned line, column;

        if (strcmp(procedure_of(other)->id, procedure_of(file)->id) != 0)
            continue;
        procedure_place(file, "procedure", &line, &column);
        faults_add(faults, path, line, column, "the procedure `%s` is in %s too (one file each)",
                   procedure_of(file)->id, procedure_name(other));
        return POLICY_FAULTY;
    }
    return add_version(policy, &file, true, faults);
}

static int load_procedures(struct policy *policy, const struct settings *settings,
                           struct faults *faults)
{
    const char *folders[SEARCHED] = { settings->procedures,
                                      data_folder(policy, settings, "procedures") };
    struct folder_files files = { 0 };
    int answer = folder_list(folders, SEARCHED, ".yaml", policy->arena, faults, &files);

    for (size_t i = 0; answer >= 0 && i < files.count; i++) {
        int one = load_procedure(policy, files.list[i].path, faults);

        answer = one ? one : answer;
    }
    if (answer >= 0 && !files.count) {
        faults_add(faults, settings->procedures, 0, 0,
                   "no procedure here nor in %s (one NAME.yaml per board)",
                   folders[1] ? folders[1] : settings->data);
        return POLICY_FAULTY;
    }
    if (policy->version_count)
        qsort(policy->versions, policy->version_count, sizeof *policy->versions, compare_versions);
    return answer;
}

static int load_templates(struct policy *policy, const struct settings *settings,
                          struct faults *faults)
{
    const char *folders[SEARCHED] = { settings->templates,
                                      data_folder(policy, settings, "templates") };

    policy->template_folder = folders[1];
    if (!folders[1])
        return -ENOMEM;
    return templates_read(folders, SEARCHED, faults, &policy->templates);
}

/* Takes the file over, with the calendar and the zone it names. */
static int add_version(struct policy *policy, struct procedure_file **file, bool in_force,
                       struct faults *faults)
{
    struct calendar_search where = { .directories = policy->calendar_folders,
                                     .directory_count = SEARCHED,
                                     .file = procedure_name(*file) };
    struct version version = { .in_force = in_force };
    int calendar, zone;

    procedure_place(*file, "calendar", &where.line, &where.column);
    calendar =
        find_calendar(policy, procedure_of(*file)->calendar, &where, faults, &version.calendar);
    zone = find_zone(policy, *file, faults, &version.zone);
    if (calendar < 0 || zone < 0)
        return calendar < 0 ? calendar : zone;
    if (calendar || zone)
        return POLICY_FAULTY;
    if (!grow(&policy->versions, policy->version_count, &policy->version_capacity,
              sizeof *policy->versions))
        return -ENOMEM;
    version.file = *file;
    *file = NULL;
    policy->versions[policy->version_count++] = version;
    return POLICY_OK;
}

static const struct version *version_of_hash(const struct policy *policy, const char *hash)
{
    for (size_t i = 0; i < policy->version_count; i++) {
        if (!strcmp(procedure_of(policy->versions[i].file)->hash, hash))
            return &policy->versions[i];
    }
    return NULL;
}

int policy_remember(struct policy *policy, const char *name, const char *text, size_t length,
                    struct faults *faults)
{
    CLEANUP(procedure_close) struct procedure_file *file = NULL;
    int answer = procedure_read_text(name, text, length, &policy->defaults, faults, &file);

    if (answer)
        return answer < 0 ? answer : POLICY_FAULTY;
    if (version_of_hash(policy, procedure_of(file)->hash))
        return POLICY_OK;
    return add_version(policy, &file, false, faults);
}

static int view_of(const struct version *version, struct policy_view *view)
{
    const struct procedure *procedure;

    if (!version)
        return POLICY_UNKNOWN;
    procedure = procedure_of(version->file);
    *view = (struct policy_view){
        .procedure = procedure,
        .time = { .calendar = version->calendar,
                  .zone = version->zone,
                  .opens_s = procedure->opens_s,
                  .closes_s = procedure->closes_s },
    };
    return POLICY_OK;
}

int policy_view(const struct policy *policy, const char *id, struct policy_view *view)
{
    for (size_t i = 0; i < policy->version_count; i++) {
        if (policy->versions[i].in_force && !strcmp(procedure_of(policy->versions[i].file)->id, id))
            return view_of(&policy->versions[i], view);
    }
    return POLICY_UNKNOWN;
}

int policy_view_of_hash(const struct policy *policy, const char *hash, struct policy_view *view)
{
    return view_of(version_of_hash(policy, hash), view);
}

const struct procedure *policy_procedure_by_hash(const struct policy *policy, const char *hash)
{
    const struct version *version = version_of_hash(policy, hash);

    return version ? procedure_of(version->file) : NULL;
}

const char *policy_text_of_hash(const struct policy *policy, const char *hash, size_t *length)
{
    const struct version *version = version_of_hash(policy, hash);

    return version ? procedure_text(version->file, length) : NULL;
}

const struct procedure *policy_procedure(const struct policy *policy, size_t index)
{
    if (index >= policy->version_count || !policy->versions[index].in_force)
        return NULL;
    return procedure_of(policy->versions[index].file);
}

const struct agency *policy_board_of(const struct policy *policy, const char *procedure)
{
    return directory_board_of(policy_directory(policy), procedure);
}

const struct directory *policy_directory(const struct policy *policy)
{
    return policy->directory ? directory_of(policy->directory) : NULL;
}

const struct templates *policy_templates(const struct policy *policy)
{
    return templates_of(policy->templates);
}

const struct endpoint_setting *policy_endpoints(const struct policy *policy, size_t *count)
{
    return directory_endpoints(policy->directory, count);
}

const struct calendar *policy_calendar(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->calendar_count; i++) {
        if (!strcmp(policy->calendars[i].phrase, id))
            return &policy->calendars[i].loaded->calendar;
    }
    return NULL;
}
