/* world.c - the world a story is played in. */
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

static void write_holder(FILE *file, const struct cast *cast, const char *role, const char *agency)
{
    for (size_t i = 0; i < cast->holder_count; i++)
        if (strcmp(cast->holders[i].role, role) == 0 &&
            strcmp(cast->holders[i].agency, agency) == 0) {
            fprintf(file, "      %s: {holder: %s}\n", role, cast->holders[i].person);
            return;
        }
    fprintf(file, "      %s: {holder: %s.%s}\n", role, role, agency);
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
            !is_without(cast, index, procedure->roles[i].id))
            write_holder(file, cast, procedure->roles[i].id, id);
}

static void write_person(FILE *file, const char *person)
{
    fprintf(file, "  %s:\n    name: Invented\n    routes: [\"email:%s@mail.example\"]\n", person,
            person);
}

static void write_people(FILE *file, const struct cast *cast, const struct procedure *procedure)
{
    char person[2 * ID_MAX + 2];

    fputs("people:\n", file);
    for (size_t i = 0; i < procedure->role_count; i++) {
        const char *role = procedure->roles[i].id;

        if (procedure->roles[i].side == SIDE_BOARD) {
            snprintf(person, sizeof person, "%s.board", role);
            write_person(file, person);
            continue;
        }
        for (size_t agency = 0; agency < cast->agency_count; agency++) {
            snprintf(person, sizeof person, "%s.%s", role, cast->agencies[agency].id);
            write_person(file, person);
        }
    }
    for (size_t i = 0; i < cast->holder_count; i++)
        if (!strchr(cast->holders[i].person, '.'))
            write_person(file, cast->holders[i].person);
    fputs("operator: [\"email:operator@mail.example\"]\n", file);
}

static int write_directory(const char *path, const struct cast *cast,
                           const struct procedure *procedure)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return 1;
    fputs("agencies:\n", file);
    for (size_t i = 0; i < cast->agency_count; i++)
        write_agency(file, cast, i, procedure);
    fprintf(file, "boards:\n  board:\n    name: Invented Board\n    procedures: [%s]\n    roles:\n",
            procedure->id);
    for (size_t i = 0; i < procedure->role_count; i++)
        if (procedure->roles[i].side == SIDE_BOARD)
            write_holder(file, cast, procedure->roles[i].id, "board");
    write_people(file, cast, procedure);
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

static void watch(void *context, const struct policy_view *view, const struct decision *decision,
                  const struct plan *plan);

static int open_engine(struct world *world)
{
    char state[96];
    struct store_settings store = { .directory = state, .trial = true, .now = world->now };
    struct engine_settings engine = { .policy = world->policy,
                                      .mail_from = "concernd@board.example",
                                      .watch = watch,
                                      .watch_context = world };

    snprintf(state, sizeof state, "%s/state", world->directory);
    if (store_open(&store, &world->store) != STORE_OK) {
        fprintf(stderr, "the store in %s cannot be opened\n", state);
        return 1;
    }
    engine.store = world->store;
    return engine_open(&engine, &world->engine) < 0;
}

static int load_policy(struct world *world, const struct cast *cast)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct procedure_file *file = NULL;
    struct procedure_defaults defaults = procedure_defaults_shipped();
    char path[512], text[1024];
    int answer;

    snprintf(path, sizeof path, "%s/config/procedures/%s.yaml", CONCERN_SOURCE_DIR,
             world->procedure);
    if (procedure_read(path, &defaults, &faults, &file) != PROCEDURE_OK)
        return print_faults(&faults);
    snprintf(path, sizeof path, "%s/directory.yaml", world->directory);
    answer = write_directory(path, cast, procedure_of(file));
    procedure_close(&file);
    if (answer)
        return 1;
    snprintf(text, sizeof text, "data: \"%s/config\"\ndirectory: \"%s\"\n", CONCERN_SOURCE_DIR,
             path);
    if (settings_read_text("story.yaml", text, strlen(text), &faults, &world->settings_file) !=
            SETTINGS_OK ||
        policy_load(settings_of(world->settings_file), &faults, &world->policy) != POLICY_OK ||
        policy_view(world->policy, world->procedure, &world->view) != POLICY_OK)
        return print_faults(&faults);
    return 0;
}

int world_open(struct world *world, const struct cast *cast, const char *procedure,
               struct instant now)
{
    char state[96];

    snprintf(world->directory, sizeof world->directory, "/tmp/concern-story.XXXXXX");
    if (!mkdtemp(world->directory))
        return 1;
    snprintf(state, sizeof state, "%s/state", world->directory);
    if (mkdir(state, 0700) < 0)
        return 1;
    snprintf(world->procedure, sizeof world->procedure, "%s", procedure);
    world->now = now;
    world->quiet_since = now;
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        world->passed_at[i] = world->stopped_at[i] = INSTANT_NONE;
    return load_policy(world, cast) || open_engine(world);
}

static void remove_files(const char *directory)
{
    /* Ours alone, made by mkdtemp: the names are known. */
    static const char *const names[] = { "state/concernd.db",
                                         "state/concernd.db-wal",
                                         "state/concernd.db-shm",
                                         "state/record.head",
                                         "state/reserve",
                                         "state/lock",
                                         "state",
                                         "directory.yaml" };
    char path[128];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        remove(path);
    }
    if (rmdir(directory) < 0)
        fprintf(stderr, "%s is left behind: %s\n", directory, strerror(errno));
}

void world_close(struct world *world)
{
    engine_close(&world->engine);
    store_close(&world->store);
    policy_close(&world->policy);
    settings_close(&world->settings_file);
    if (world->directory[0])
        remove_files(world->directory);
}

int world_restart(struct world *world)
{
    engine_close(&world->engine);
    store_close(&world->store);
    return open_engine(world);
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

static void watch(void *context, const struct policy_view *view, const struct decision *decision,
                  const struct plan *plan)
{
    struct world *world = context;

    world->latest = decision->after;
    for (size_t i = 0; i < decision->effect_count; i++) {
        const struct effect *effect = &decision->effects[i];

        if (effect->kind == EFFECT_PASSED)
            world->passed_at[effect->deadline] = effect->at;
        else if (effect->kind == EFFECT_STOPPED)
            world->stopped_at[effect->deadline] = effect->at;
        else if (effect->kind == EFFECT_STAGE)
            world->stage_at = effect->at;
    }
    for (size_t i = 0; i < plan->count && world->told_count < STORY_TOLD_MAX; i++)
        note_told(world, view, &decision->after, &plan->notifications[i]);
}

/* --- turns */

struct carried {
    struct outcome outcomes[64];
    size_t count;
};

static bool carry(void *context, const struct delivery *delivery)
{
    struct carried *carried = context;
    struct outcome *outcome;

    if (carried->count == COUNT_OF(carried->outcomes))
        return false;
    outcome = &carried->outcomes[carried->count++];
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = DELIVERY_DONE,
                                 .code = 250 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    return true;
}

/* Everything that can be carried is carried, and what became of it written down. */
static int deliver(struct world *world)
{
    struct carried carried;
    int error;

    do {
        carried.count = 0;
        error = engine_hand_out(world->engine, world->now, carry, &carried);
        if (error || carried.count == 0)
            break;
        error = engine_begin(world->engine, world->now);
        for (size_t i = 0; error == 0 && i < carried.count; i++)
            error = engine_note(world->engine, &carried.outcomes[i]);
        if (error == 0)
            error = engine_commit(world->engine);
        world->delivered += carried.count;
    } while (error == 0);
    if (error == 0 && world->mode == STORY_RESTARTED)
        error = world_restart(world);
    return error;
}

int world_advance(struct world *world, struct instant at)
{
    struct instant wake;
    bool more;
    int error;

    while ((error = engine_next_wake(world->engine, &wake)) == 0 && !instant_is_none(wake) &&
           wake.us <= at.us) {
        if (wake.us > world->now.us)
            world->now = wake;
        error = engine_begin(world->engine, world->now);
        if (error == 0)
            error = engine_pass(world->engine, &more);
        if (error == 0)
            error = engine_commit(world->engine);
        if (error == 0)
            error = deliver(world);
        if (error)
            return error;
    }
    if (error == 0 && at.us > world->now.us)
        world->now = at;
    return error;
}

static int give_once(struct world *world, const char *json, bool again)
{
    struct engine_input input = { .bytes = json, .size = strlen(json), .received = world->now };
    struct engine_reply reply = { 0 };
    int error = engine_begin(world->engine, world->now);
    int answer = error ? error : engine_take(world->engine, &input, &reply);

    if (answer != ENGINE_TAKEN && answer != ENGINE_REFUSED)
        return answer ? answer : 1;
    snprintf(world->refused, sizeof world->refused, "%s",
             answer == ENGINE_REFUSED ? reply.nack.code : "");
    if (answer == ENGINE_REFUSED)
        fprintf(stderr, "  (refused %s: %s)\n", reply.nack.code, reply.nack.why);
    if (again && answer == ENGINE_TAKEN && !reply.ack.duplicate) {
        fprintf(stderr, "an event that came twice was taken twice\n");
        return 1;
    }
    error = engine_commit(world->engine);
    return error ? error : deliver(world);
}

int world_give(struct world *world, const char *json, struct instant received)
{
    int error = world_advance(world, (struct instant){ received.us - 1 });

    if (error)
        return error;
    world->now = received;
    error = give_once(world, json, false);
    if (error == 0 && world->mode == STORY_DOUBLED && !world->refused[0])
        error = give_once(world, json, true);
    return error;
}

bool told_in_role(const struct told *told, const char *role_at)
{
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
