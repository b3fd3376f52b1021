/* simulate.c - concernctl simulate: plays a disagreement and prints who is told what and when. */
#include "concernctl/simulate.h"

#include "concernctl/installed.h"
#include "concernctl/subcommand.h"
#include "policy/folder.h"
#include "rehearsal/rehearsal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char simulate_usage[] =
    "--procedure ID or FILE [OPTION…]\n"
    "\n"
    "Plays a disagreement on a simulated clock, with the daemon's own engine and store, and\n"
    "prints who is told what and when.  Nobody is reached, and no daemon is needed.\n"
    "\n"
    "  --procedure ID or FILE  the procedure: its id (plcsab-adults) or a file (own.yaml)\n"
    "  --events FILE         what happens: CloudEvents, one per line (- reads standard input);\n"
    "                        `time` is when each happened, an extension `received` when it\n"
    "                        arrives (default: then).  Without it, one disagreement D1 that\n"
    "                        relates to an individual is raised, and all are silent\n"
    "  --directory FILE      who holds which role.  Without it there are agencies A\n"
    "                        (challenging), B, C … and for each role a person role@A,\n"
    "                        role@board\n"
    "  --raised TIME         when it is raised where no event does (default: this minute):\n"
    "                        RFC 3339, or civil time in the board's zone\n"
    "  --until TIME          the end of the play (default: one year after the last event)\n"
    "  --json                one JSON object per line, in order of time\n"
    "  --restored            after every instant stop engine and store, and go on from a copy of\n"
    "                        the store elsewhere, as after a restore: it prints the same\n"
    "  --html FILE           draw it into FILE, a page that needs no other file\n"
    "  --config FILE         settings that say where procedures and calendars are, and the\n"
    "                        defaults of reminders and chases (" CONCERN_SYSCONFDIR "/\n"
    "                        concernd.yaml where that is there)\n"
    "  --calendars DIR       where calendars are looked for first\n";

static int read_options(int argc, char **argv, struct simulate_words *words);
static int load(const struct simulate_words *words, struct simulation *simulation);
static int read_events(const struct simulate_words *words, struct simulation *simulation);
static int read_until(const struct simulate_words *words, struct simulation *simulation);
static int play(struct simulation *simulation, struct rehearsal **rehearsal);
static int print(const struct simulate_words *words, const struct simulation *simulation);

static void simulation_close(struct simulation *simulation)
{
    simulate_events_close(&simulation->events);
    policy_close(&simulation->policy);
}

int simulate_command(int argc, char **argv)
{
    /* In this order, so that what was reported goes before the policy it borrows from. */
    CLEANUP(simulation_close) struct simulation simulation = { .until = INSTANT_NONE };
    CLEANUP(rehearsal_close) struct rehearsal *rehearsal = NULL;
    struct simulate_words words = { 0 };
    int answer;

    if ((answer = read_options(argc, argv, &words)) != EXIT_DONE)
        return answer;
    simulation.restored = words.restored;
    if ((answer = load(&words, &simulation)) != EXIT_DONE ||
        (answer = read_events(&words, &simulation)) != EXIT_DONE ||
        (answer = read_until(&words, &simulation)) != EXIT_DONE ||
        (answer = play(&simulation, &rehearsal)) != EXIT_DONE ||
        (answer = print(&words, &simulation)) != EXIT_DONE)
        return answer;
    return simulation.events.faulty ? EXIT_NO : EXIT_DONE;
}

static int read_options(int argc, char **argv, struct simulate_words *words)
{
    static const struct option options[] = {
        { "procedure", required_argument, NULL, 'p' },
        { "events", required_argument, NULL, 'e' },
        { "directory", required_argument, NULL, 'd' },
        { "raised", required_argument, NULL, 'r' },
        { "until", required_argument, NULL, 'u' },
        { "config", required_argument, NULL, 'c' },
        { "calendars", required_argument, NULL, 'k' },
        { "html", required_argument, NULL, 'h' },
        { "json", no_argument, NULL, 'j' },
        { "restored", no_argument, NULL, 's' },
        { NULL, 0, NULL, 0 },
    };
    struct {
        int option;
        const char **word;
    } rows[] = {
        { 'p', &words->procedure }, { 'e', &words->events }, { 'd', &words->directory },
        { 'r', &words->raised },    { 'u', &words->until },  { 'c', &words->config },
        { 'k', &words->calendars }, { 'h', &words->html },
    };
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        words->json = words->json || option == 'j';
        words->restored = words->restored || option == 's';
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            if (rows[i].option == option)
                *rows[i].word = optarg;
    }
    if (optind < argc)
        return usage_wrong(argv[0],
                           "\"%s\" belongs to no option (times of two words stand in quotes)",
                           argv[optind]);
    if (!words->procedure)
        return usage_wrong(argv[0], "--procedure is missing (its id, or a file)");
    if (words->json && words->html)
        return usage_wrong(argv[0], "--json or --html, one at a time");
    return EXIT_DONE;
}

/* --- the files */

static int tell_faults(const struct faults *faults, int answer)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (answer < 0)
        fprintf(stderr, "concernctl simulate: %s\n", strerror(-answer));
    return answer ? EXIT_NO : EXIT_DONE;
}

static bool is_file_name(const char *procedure)
{
    size_t length = strlen(procedure);

    return strchr(procedure, '/') ||
           (length > strlen(".yaml") && !strcmp(procedure + length - strlen(".yaml"), ".yaml"));
}

static int tell_no_procedure(const char *id, const char *const *folders, size_t count)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct folder_files files = { 0 };
    const char *names[FOLDER_FILES_MAX];
    const char *near;

    if (arena)
        (void)folder_list(folders, count, ".yaml", arena, &faults, &files);
    for (size_t i = 0; i < files.count; i++)
        names[i] = files.list[i].name;
    near = nearest_word(id, names, files.count);
    fprintf(stderr, "concernctl simulate: no procedure %s in %s or %s", id, folders[0], folders[1]);
    if (near)
        fprintf(stderr, " (did you mean %s?)\n", near);
    else
        for (size_t i = 0; i < files.count; i++)
            fprintf(stderr, "%s%s%s", i ? ", " : " (there are ", names[i],
                    i + 1 < files.count ? "" : ")\n");
    if (!near && files.count == 0)
        fputs(" (an id, or a file that ends in .yaml)\n", stderr);
    return EXIT_NO;
}

/* Where the file of the procedure is. */
static int find_procedure(const char *procedure, const struct settings *settings,
                          char path[PATH_MAX])
{
    char installed[PATH_MAX - 64];
    const char *folders[] = { settings->procedures, installed };

    if (is_file_name(procedure)) {
        snprintf(path, PATH_MAX, "%s", procedure);
        return EXIT_DONE;
    }
    snprintf(installed, sizeof installed, "%s/procedures", settings->data);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        snprintf(path, PATH_MAX, "%s/%s.yaml", folders[i], procedure);
        if (access(path, F_OK) == 0)
            return EXIT_DONE;
    }
    return tell_no_procedure(procedure, folders, COUNT_OF(folders));
}

static int load_policy(const struct simulate_words *words, const struct settings *as_read,
                       struct faults *faults, struct simulation *simulation)
{
    struct settings settings = *as_read;
    const char *chosen = getenv("CONCERN_CALENDARS");
    char path[PATH_MAX], calendars[PATH_MAX];
    int answer;

    /* What the settings do not name is what came with us, wherever we stand. */
    if (!strcmp(settings.data, CONCERN_DATADIR))
        settings.data = installed_data();
    if ((answer = find_procedure(words->procedure, &settings, path)) != EXIT_DONE)
        return answer;
    if (words->calendars || (chosen && *chosen))
        settings.calendars = words->calendars ? words->calendars : chosen;
    else if (installed_sibling_calendars(path, calendars))
        settings.calendars = calendars;
    answer = policy_load_alone(&settings, path, words->directory, faults, &simulation->policy);
    if (answer == POLICY_OK)
        answer = policy_view(simulation->policy, policy_procedure(simulation->policy, 0)->id,
                             &simulation->view);
    return tell_faults(faults, answer);
}

static int load(const struct simulate_words *words, struct simulation *simulation)
{
    static const char usual[] = CONCERN_SYSCONFDIR "/concernd.yaml";
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(faults_close) struct faults faults = { 0 };
    const char *config = words->config ? words->config : access(usual, R_OK) == 0 ? usual : NULL;
    int answer = settings_read(config, &faults, &file);

    if (answer != SETTINGS_OK)
        return tell_faults(&faults, answer);
    return load_policy(words, settings_of(file), &faults, simulation);
}

/* --- times and events */

static int read_time(const char *option, const char *text, const struct zone *zone,
                     struct instant *at)
{
    if (instant_read(text, zone, at) == INSTANT_OK)
        return EXIT_DONE;
    return usage_wrong("simulate",
                       "--%s: \"%s\" is no time (as 2026-12-18T16:59:00Z or \"2026-12-18 16:59\")",
                       option, text);
}

static bool raises(const struct simulate_events *events)
{
    for (size_t i = 0; i < events->count; i++)
        if (events->list[i].is_raise)
            return true;
    return false;
}

static struct instant this_minute(void)
{
    return (struct instant){ (int64_t)(time(NULL) / 60) * MINUTE_US };
}

static int tell_no_event(const char *file)
{
    fprintf(stderr, "%s: nothing to play (one CloudEvent per line, or --raised TIME)\n", file);
    return EXIT_NO;
}

static int read_events(const struct simulate_words *words, struct simulation *simulation)
{
    const struct zone *zone = simulation->view.time.zone;
    struct instant raised = this_minute();
    int answer;

    if (words->raised && (answer = read_time("raised", words->raised, zone, &raised)) != EXIT_DONE)
        return answer;
    simulation->events.file = "";
    if (words->events &&
        (answer = simulate_read_events(words->events, &simulation->events)) != EXIT_DONE)
        return answer;
    if (words->raised && raises(&simulation->events))
        return usage_wrong("simulate", "--raised, and %s raises too (leave one out)",
                           simulation->events.file);
    if (words->events && !words->raised)
        return simulation->events.count ? EXIT_DONE : tell_no_event(simulation->events.file);
    return simulate_add_raise(&simulation->events, simulation->policy,
                              simulation->view.procedure->id, raised);
}

/* The same day of the next year; the last of February where that is none. */
static struct instant one_year_after(const struct zone *zone, struct instant at)
{
    struct civil civil = zone_civil(zone, at);
    struct instant later;
    int year, month, day;

    date_parts(civil.date, &year, &month, &day);
    while (!date_is_real(year + 1, month, day))
        day--;
    civil.date = date_of(year + 1, month, day);
    (void)zone_instant(zone, civil, &later);
    return later;
}

static int read_until(const struct simulate_words *words, struct simulation *simulation)
{
    const struct zone *zone = simulation->view.time.zone;
    const struct simulate_events *events = &simulation->events;

    if (words->until) {
        int answer = read_time("until", words->until, zone, &simulation->until);

        if (answer == EXIT_DONE && events->count &&
            simulation->until.us < events->list[0].received.us)
            return usage_wrong("simulate", "--until %s is before anything happens (a later time)",
                               words->until);
        return answer;
    }
    simulation->until = events->count
                            ? one_year_after(zone, events->list[events->count - 1].received)
                            : (struct instant){ 0 };
    return EXIT_DONE;
}

/* --- playing */

static int tell_failure(int error)
{
    fprintf(stderr, "concernctl simulate: the play failed: %s\n", strerror(-error));
    return EXIT_NO;
}

/* 0 or negative; what the engine refuses is told, and the play goes on, as the daemon would. */
static int give(struct simulation *simulation, struct rehearsal *rehearsal,
                struct simulate_event *event)
{
    struct answer_nack refusal;
    int answer = rehearsal_give(rehearsal, event->bytes, event->size, event->received, &refusal);

    if (answer < 0)
        return answer;
    if (answer == REHEARSAL_REFUSED) {
        fprintf(stderr, "%s:%lu:1: refused, %s: %s\n", simulation->events.file, event->line,
                refusal.code, refusal.why);
        simulation->events.faulty++;
        event->refused = true;
    }
    return 0;
}

static int play(struct simulation *simulation, struct rehearsal **rehearsal)
{
    struct simulate_events *events = &simulation->events;
    struct rehearsal_settings settings = {
        .policy = simulation->policy,
        .start = events->count ? events->list[0].received : (struct instant){ 0 },
        .restore = simulation->restored,
    };
    int error = rehearsal_open(&settings, rehearsal);

    for (size_t i = 0; error == 0 && i < events->count; i++)
        if (events->list[i].received.us <= simulation->until.us)
            error = give(simulation, *rehearsal, &events->list[i]);
    if (error == 0)
        error = rehearsal_advance(*rehearsal, simulation->until);
    /* Before anything is printed: whoever closes the pipe ends us without a word. */
    if (*rehearsal)
        rehearsal_end(*rehearsal);
    if (error == 0)
        error = rehearsal_report(*rehearsal, &simulation->happenings);
    return error ? tell_failure(error) : EXIT_DONE;
}

static int print(const struct simulate_words *words, const struct simulation *simulation)
{
    int error;

    if (words->html)
        error = simulate_print_html(simulation, words->html);
    else if (words->json)
        error = simulate_print_json(simulation);
    else
        error = simulate_print_text(simulation);
    if (error == 0)
        return EXIT_DONE;
    fprintf(stderr, "%s: %s\n", words->html ? words->html : "concernctl simulate",
            strerror(-error));
    return EXIT_NO;
}
