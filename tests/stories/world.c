/* world.c - the world a story is played in. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "story.h"

/* --- the directory file */

static bool is_without(const struct cast *cast, size_t agency, const char *role)
{
    for (size_t i = 0; i < cast->agencies[agency].without_count; i++)
        if (strcmp(cast->agencies[agency].without[i], role) == 0)
            return true;
    return false;
}

static bool board_is_without(const struct cast *cast, const char *role)
{
    for (size_t i = 0; i < cast->board_without_count; i++)
        if (strcmp(cast->board_without[i], role) == 0)
            return true;
    return false;
}

static bool has_deputy(const struct cast *cast, const char *role, const char *agency)
{
    for (size_t i = 0; i < cast->deputy_count; i++)
        if (strcmp(cast->deputies[i].role, role) == 0 &&
            strcmp(cast->deputies[i].agency, agency) == 0)
            return true;
    return false;
}

static void write_holder(FILE *file, const struct cast *cast, const char *role, const char *agency,
                         bool nobody)
{
    fprintf(file, "      %s: {", role);
    for (size_t i = 0; i <= cast->holder_count && !nobody; i++) {
        if (i == cast->holder_count) {
            fprintf(file, "holder: %s.%s", role, agency);
        } else if (strcmp(cast->holders[i].role, role) == 0 &&
                   strcmp(cast->holders[i].agency, agency) == 0) {
            fprintf(file, "holder: %s", cast->holders[i].person);
            break;
        }
    }
    for (size_t i = 0; i < cast->deputy_count; i++)
        if (strcmp(cast->deputies[i].role, role) == 0 &&
            strcmp(cast->deputies[i].agency, agency) == 0)
            fprintf(file, "%sdeputy: %s", nobody ? "" : ", ", cast->deputies[i].person);
    fputs("}\n", file);
}

static void write_agency(FILE *file, const struct cast *cast, size_t index,
                         const struct procedure *procedure)
{
    const char *id = cast->agencies[index].id;

    fprintf(file,
            "  %s:\n    name: Invented %s\n    kind: %s\n    domains: [%s.example]\n    roles:\n",
            id, id, cast->agencies[index].kind, id);
    for (size_t i = 0; i < procedure->role_count; i++)
        if (procedure->roles[i].side != SIDE_BOARD &&
            (!is_without(cast, index, procedure->roles[i].id) ||
             has_deputy(cast, procedure->roles[i].id, id)))
            write_holder(file, cast, procedure->roles[i].id, id,
                         is_without(cast, index, procedure->roles[i].id));
    if (cast->agencies[index].system[0])
        fprintf(file, "    systems: [%s]\n", cast->agencies[index].system);
}

static void write_systems(FILE *file, const struct cast *cast)
{
    const char *head = "endpoints:\n";

    for (size_t i = 0; i < cast->agency_count; i++) {
        const char *system = cast->agencies[i].system;

        if (system[0]) {
            fprintf(file, "%s  %s: {kind: webhook, url: \"https://%s.example/\", secret: %s}\n",
                    head, system, system, system);
            head = "";
        }
    }
}

static const char *trait(const struct cast *cast, size_t index, const char *person)
{
    return strcmp(cast->traits[index].person, person) == 0 ? cast->traits[index].line : NULL;
}

/* Everybody has a name and a route, unless the story gives him another. */
static void write_person(FILE *file, const struct cast *cast, const char *person)
{
    bool named = false, reached = false;

    fprintf(file, "  %s:\n", person);
    for (size_t i = 0; i < cast->trait_count; i++) {
        const char *line = trait(cast, i, person);

        if (!line)
            continue;
        fprintf(file, "    %s\n", line);
        named = named || strncmp(line, "name:", 5) == 0;
        reached = reached || strncmp(line, "routes:", 7) == 0;
    }
    if (!named)
        fprintf(file, "    name: Holder %s of %s\n", STORY_PRIVATE, person);
    if (!reached)
        fprintf(file, "    routes: [\"email:%s@mail.example\"]\n", person);
}

/* Somebody the story itself names is written once, however often he is. */
static void write_named(FILE *file, const struct cast *cast)
{
    for (size_t i = 0; i < cast->holder_count + cast->deputy_count; i++) {
        const char *person = i < cast->holder_count ? cast->holders[i].person
                                                    : cast->deputies[i - cast->holder_count].person;
        bool known = strchr(person, '.') != NULL;

        for (size_t j = 0; j < i && !known; j++)
            known = strcmp(person, j < cast->holder_count
                                       ? cast->holders[j].person
                                       : cast->deputies[j - cast->holder_count].person) == 0;
        if (!known)
            write_person(file, cast, person);
    }
}

static void write_people(FILE *file, const struct cast *cast, const struct procedure *procedure)
{
    char person[2 * ID_MAX + 2];

    fputs("people:\n", file);
    for (size_t i = 0; i < procedure->role_count; i++) {
        const char *role = procedure->roles[i].id;

        if (procedure->roles[i].side == SIDE_BOARD) {
            snprintf(person, sizeof person, "%s.board", role);
            write_person(file, cast, person);
            continue;
        }
        for (size_t agency = 0; agency < cast->agency_count; agency++) {
            snprintf(person, sizeof person, "%s.%s", role, cast->agencies[agency].id);
            write_person(file, cast, person);
        }
    }
    write_named(file, cast);
    fputs("operator: [\"email:operator@mail.example\"]\n", file);
}

static int write_directory(const char *path, const struct cast *cast,
                           const struct procedure *procedure)
{
    FILE *file = fopen(path, "w");
    bool has_roles = false;

    if (!file)
        return 1;
    fputs("agencies:\n", file);
    for (size_t i = 0; i < cast->agency_count; i++)
        write_agency(file, cast, i, procedure);
    fprintf(file, "boards:\n  board:\n    name: Invented Board\n    procedures: [%s]\n",
            procedure->id);
    fputs("    links: [\"https://las.A.example/r/\"]\n", file);
    for (size_t i = 0; i < procedure->role_count; i++)
        if (procedure->roles[i].side == SIDE_BOARD &&
            !board_is_without(cast, procedure->roles[i].id)) {
            fputs(has_roles ? "" : "    roles:\n", file);
            has_roles = true;
            write_holder(file, cast, procedure->roles[i].id, "board", false);
        }
    fputs(has_roles ? "" : "    roles: {}\n", file);
    write_people(file, cast, procedure);
    write_systems(file, cast);
    return fclose(file);
}

/* --- opening */

static int print_faults(const struct faults *faults)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++)
        if (faults->list[i].severity == FAULT_ERROR) {
            fault_write(&faults->list[i], line);
            fprintf(stderr, "%s\n", line);
        }
    return 1;
}

static void watch(void *context, const struct policy_view *view, const struct decision *decision);
static void note_plan(void *context, const struct policy_view *view,
                      const struct disagreement *after, const struct plan *plan);

/* What the story says of whom it goes to; else it is accepted. */
static void take(void *context, const struct delivery *delivery, struct instant now,
                 struct outcome *outcome)
{
    struct world *world = context;

    for (size_t i = 0; i < world->trouble_count; i++) {
        const struct trouble *trouble = &world->troubles[i];

        if (now.us < trouble->from.us || now.us >= trouble->until.us ||
            (strcmp(trouble->recipient, "everybody") != 0 &&
             strcmp(trouble->recipient, delivery->recipient) != 0))
            continue;
        outcome->outcome = trouble->refuses ? DELIVERY_REFUSED : DELIVERY_LATER;
        outcome->code = trouble->refuses ? 550 : 0;
        return;
    }
    sent_keep(world, delivery, now);
}

int world_trouble(struct world *world, const struct trouble *trouble)
{
    if (world->trouble_count == STORY_LINES_MAX)
        return 1;
    world->troubles[world->trouble_count++] = *trouble;
    return 0;
}

static int open_rehearsal(struct world *world, struct instant now)
{
    const struct settings *setting = settings_of(world->settings_file);
    struct rehearsal_settings settings = { .policy = world->policies[world->policy_count - 1],
                                           .start = now,
                                           .restart = world->mode == STORY_RESTARTED,
                                           .power_cut = world->mode == STORY_POWER_CUT,
                                           .deliver = true,
                                           .mail_from = "concernd@board.example",
                                           .acknowledge_url = setting->acknowledge.url,
                                           .acknowledge_within_us = setting->acknowledge.within_us,
                                           .watch = watch,
                                           .told = note_plan,
                                           .take = take,
                                           .watch_context = world };

    return rehearsal_open(&settings, &world->rehearsal) < 0;
}

/* The policy as the files are now; those before live on, for views borrow from them. */
static int read_policy(struct world *world)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct policy **policy = &world->policies[world->policy_count];

    if (world->policy_count == STORY_POLICIES_MAX)
        return 1;
    if (policy_load(settings_of(world->settings_file), &faults, policy) != POLICY_OK ||
        policy_view(*policy, world->procedure, &world->view) != POLICY_OK)
        return print_faults(&faults);
    world->policy_count++;
    return 0;
}

static int copy(FILE *from, const char *path)
{
    FILE *to = fopen(path, "w");
    char bytes[4096];
    size_t size;
    int error = to ? 0 : 1;

    while (!error && (size = fread(bytes, 1, sizeof bytes, from)) > 0)
        error = fwrite(bytes, 1, size, to) != size;
    return (to && fclose(to)) || error;
}

int world_put_file(struct world *world, const char *folder, const char *name, const char *from)
{
    char path[512];
    FILE *file;
    int error;

    snprintf(path, sizeof path, "%s/tests/stories/%s/%s.yaml", CONCERN_SOURCE_DIR, folder, from);
    file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    snprintf(path, sizeof path, "%s/%s/%s.yaml", world->directory, folder, name);
    error = copy(file, path);
    fclose(file);
    return error;
}

static const char *const folders[] = { "procedures", "calendars" };

static int put_files(struct world *world, const struct cast *cast)
{
    char path[128];
    int error = 0;

    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", world->directory, folders[i]);
        if (mkdir(path, 0700) < 0)
            return 1;
    }
    for (size_t i = 0; i < cast->file_count && !error; i++)
        error =
            world_put_file(world, cast->files[i].folder, cast->files[i].name, cast->files[i].from);
    return error;
}

static int load_policy(struct world *world, const struct cast *cast)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct procedure_file *file = NULL;
    struct procedure_defaults defaults = procedure_defaults_shipped();
    char path[512], text[4096];
    size_t length;
    int answer;

    snprintf(path, sizeof path, "%s/procedures/%s.yaml", world->directory, world->procedure);
    if (access(path, R_OK) < 0)
        snprintf(path, sizeof path, "%s/config/procedures/%s.yaml", CONCERN_SOURCE_DIR,
                 world->procedure);
    if (procedure_read(path, &defaults, &faults, &file) != PROCEDURE_OK)
        return print_faults(&faults);
    snprintf(path, sizeof path, "%s/directory.yaml", world->directory);
    answer = write_directory(path, cast, procedure_of(file));
    procedure_close(&file);
    if (answer)
        return 1;
    length = (size_t)snprintf(text, sizeof text,
                              "data: \"%s/config\"\ndirectory: \"%s\"\nprocedures: "
                              "\"%s/procedures\"\ncalendars: \"%s/calendars\"\n",
                              CONCERN_SOURCE_DIR, path, world->directory, world->directory);
    for (size_t i = 0; i < cast->setting_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s\n", cast->settings[i]);
    if (settings_read_text("story.yaml", text, strlen(text), &faults, &world->settings_file) !=
        SETTINGS_OK)
        return print_faults(&faults);
    return read_policy(world);
}

int world_open(struct world *world, const struct cast *cast, const char *procedure,
               struct instant now)
{
    snprintf(world->directory, sizeof world->directory, "/tmp/concern-story.XXXXXX");
    if (!mkdtemp(world->directory))
        return 1;
    snprintf(world->procedure, sizeof world->procedure, "%s", procedure);
    world->quiet_since = now;
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        world->passed_at[i] = world->stopped_at[i] = INSTANT_NONE;
    return put_files(world, cast) || load_policy(world, cast) || open_rehearsal(world, now);
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

static void remove_files(const char *directory)
{
    char path[128];

    snprintf(path, sizeof path, "%s/directory.yaml", directory);
    remove(path);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, folders[i]);
        remove_folder(path);
    }
    if (rmdir(directory) < 0)
        fprintf(stderr, "%s is left behind: %s\n", directory, strerror(errno));
}

void world_close(struct world *world)
{
    free(world->waiting);
    rehearsal_close(&world->rehearsal);
    sent_close(world);
    for (size_t i = 0; i < world->policy_count; i++)
        policy_close(&world->policies[i]);
    settings_close(&world->settings_file);
    if (world->directory[0])
        remove_files(world->directory);
}

int world_restart(struct world *world)
{
    return rehearsal_restart(world->rehearsal);
}

void world_sleep(struct world *world, struct instant until)
{
    rehearsal_sleep(world->rehearsal, until);
}

int world_reload(struct world *world, struct instant at)
{
    if (read_policy(world))
        return 1;
    return rehearsal_set_policy(world->rehearsal, world->policies[world->policy_count - 1], at);
}

int world_silence(struct world *world, const char *what, struct instant at, struct instant until)
{
    return rehearsal_silence(world->rehearsal, what, at, until);
}

int world_move(struct world *world, const char *reference, struct instant at)
{
    char why[REHEARSAL_WHY_SIZE] = "";
    int answer = rehearsal_move(world->rehearsal, "board", reference, at, why);

    if (answer == REHEARSAL_REFUSED) {
        fprintf(stderr, "  (not moved: %s)\n", why);
        snprintf(world->refused, sizeof world->refused, "move");
        answer = 0;
    }
    return answer;
}

/* --- what is decided */

static void note_told(struct world *world, const struct policy_view *view,
                      const struct disagreement *after, const struct notification *notification)
{
    struct told *told = &world->told[world->told_count++];

    memset(told, 0, sizeof *told);
    told->at = notification->at;
    told->priority = notification->priority;
    notification_person(view, after, notification, told->person);
    for (size_t i = 0; i < notification->role_count; i++) {
        const struct recipient_role *role = &notification->roles[i];

        snprintf(told->roles[told->role_count++], sizeof told->roles[0], "%s@%s",
                 view->procedure->roles[role->role].id,
                 role->party == PARTY_BOARD ? "board" : after->parties[role->party]);
    }
    for (size_t i = 0; i < notification->say_count; i++)
        snprintf(told->says[told->say_count++], sizeof told->says[0], "%s",
                 say_message(view, &notification->says[i]));
}

static void watch(void *context, const struct policy_view *view, const struct decision *decision)
{
    struct world *world = context;

    world->latest = decision->after;
    world->view = *view; /* a disagreement keeps its procedure over a reload */
    for (size_t i = 0; i < decision->effect_count; i++) {
        const struct effect *effect = &decision->effects[i];

        if (effect->kind == EFFECT_PASSED)
            world->passed_at[effect->deadline] = effect->at;
        else if (effect->kind == EFFECT_STOPPED)
            world->stopped_at[effect->deadline] = effect->at;
        else if (effect->kind == EFFECT_STAGE)
            world->stage_at = effect->at;
    }
}

static void note_plan(void *context, const struct policy_view *view,
                      const struct disagreement *after, const struct plan *plan)
{
    struct world *world = context;

    for (size_t i = 0; i < plan->count && world->told_count < STORY_TOLD_MAX; i++)
        note_told(world, view, after, &plan->notifications[i]);
}

/* --- turns */

int world_advance(struct world *world, struct instant at)
{
    return rehearsal_advance(world->rehearsal, at);
}

static int give_once(struct world *world, const char *json, struct instant received, bool again)
{
    struct answer_nack refusal = { 0 };
    int answer = rehearsal_give(world->rehearsal, json, strlen(json), received, &refusal);

    if (answer < 0)
        return answer;
    snprintf(world->refused, sizeof world->refused, "%s", refusal.code);
    if (answer == REHEARSAL_REFUSED)
        fprintf(stderr, "  (refused %s: %s)\n", refusal.code, refusal.why);
    if (again && answer == REHEARSED) {
        fprintf(stderr, "an event that came twice was taken twice\n");
        return 1;
    }
    return 0;
}

int world_give(struct world *world, const char *json, struct instant received)
{
    int error = give_once(world, json, received, false);

    if (error == 0 && world->mode == STORY_DOUBLED && !world->refused[0])
        error = give_once(world, json, received, true);
    return error;
}

/* --- another order */

int world_flush(struct world *world)
{
    char *json = world->waiting;
    char refused[sizeof world->refused];
    int error;

    if (!json)
        return 0;
    world->waiting = NULL;
    memcpy(refused, world->refused, sizeof refused);
    error = world_give(world, json, world->waiting_at);
    if (refused[0])
        memcpy(world->refused, refused, sizeof refused);
    free(json);
    return error;
}

int world_give_shuffled(struct world *world, const char *json, const char *by,
                        struct instant received)
{
    bool overtakes =
        world->waiting && strcmp(by, world->waiting_by) != 0 && received.us == world->waiting_at.us;
    int error = overtakes ? world_give(world, json, received) : world_flush(world);

    if (error == 0 && overtakes)
        return world_flush(world);
    if (error)
        return error;
    world->waiting = strdup(json);
    world->waiting_at = received;
    snprintf(world->waiting_by, sizeof world->waiting_by, "%s", by);
    return world->waiting ? 0 : -ENOMEM;
}

bool told_in_role(const struct told *told, const char *role_at)
{
    bool is_operator = strcmp(told->person, "operator") == 0;

    if (is_operator || strcmp(role_at, "operator@") == 0)
        return is_operator && strcmp(role_at, "operator@") == 0;
    for (size_t i = 0; i < told->role_count; i++)
        if (strcmp(told->roles[i], role_at) == 0)
            return true;
    return false;
}

bool told_says(const struct told *told, const char *message)
{
    for (size_t i = 0; i < told->say_count; i++)
        if (strcmp(told->says[i], message) == 0)
            return true;
    return false;
}
