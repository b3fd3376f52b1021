/* test.c - sends a test notification to whoever holds a role, or to an agency's case systems, and
 * reports each reply. */
#include "concernctl/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char test_usage[] =
    "ROLE@AGENCY|systems@AGENCY [--wait SECONDS] [OPTION…]\n"
    "Sends one test notification to whoever holds that role now (of an agency, or of a board),\n"
    "by each of his routes, or to each of an agency's case systems, and reports each reply.\n"
    "It is marked as a test and is about no disagreement; nobody else is told where it fails.\n"
    "Exits with 0 if every route has accepted it.\n\n"
    "  --wait SECONDS        how long to wait for the replies (default 60, at most "
    "600)\n" ASK_USAGE;

enum {
    OPTION_WAIT = 'w',
    WAIT_DEFAULT_S = 60,
    WAIT_MOST_S = 600,
    ROUTES_MAX = 64,
    KIND_SIZE = 24,
    LABEL_SIZE = 100,
    PAUSE_NS = 200 * 1000 * 1000
};

/* One delivery of the test, and what is known of it. */
struct tested_route {
    char id[ID_MAX + 1]; /* "": it could not be written */
    char kind[KIND_SIZE];
    char label[LABEL_SIZE];
    long long attempts; /* that were told */
    bool is_settled, is_accepted;
};

struct testing {
    const char *wanted; /* ROLE@AGENCY */
    struct ask ask;
    bool json;
    struct tested_route routes[ROUTES_MAX];
    size_t count;
    struct tested_route *asked; /* which one is asked for */
};

static void take_route(void *context, const json_t *row);
static int wait_for_replies(struct testing *testing, unsigned wait_s);
static int tell_end(const struct testing *testing, unsigned wait_s);

static bool read_wait(const char *text, unsigned *wait_s)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || value > WAIT_MOST_S)
        return false;
    *wait_s = (unsigned)value;
    return true;
}

/* Roles have no "@"; nor have agencies. */
static int read_whom(const struct ask *ask, const char *whom, struct command *command)
{
    const char *at = strchr(whom, '@');
    char role[ID_MAX + 2];

    if (!at || at == whom || !at[1])
        return usage_wrong(
            ask->command,
            "%s is no ROLE@AGENCY (as line_manager@northtown-asc), nor systems@AGENCY", whom);
    snprintf(role, sizeof role, "%.*s", (int)(at - whom), whom);
    return ask_id(ask, role, command->role) || ask_id(ask, at + 1, command->agency) ? EXIT_USAGE
                                                                                    : EXIT_DONE;
}

int test_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "wait", required_argument, NULL, OPTION_WAIT },
                                             { 0 } };
    struct testing testing = { .ask = { .command = argv[0] } };
    struct command command = { .kind = COMMAND_TEST };
    unsigned wait_s = WAIT_DEFAULT_S;
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option != OPTION_WAIT && ask_option(&testing.ask, option, optarg))
            return EXIT_USAGE;
        if (option == OPTION_WAIT && !read_wait(optarg, &wait_s))
            return usage_wrong(argv[0], "--wait %s is no number of seconds (0 to %d)", optarg,
                               WAIT_MOST_S);
    }
    if (argc - optind != 1)
        return usage_wrong(argv[0], "whom? (one ROLE@AGENCY, or systems@AGENCY)");
    if (read_whom(&testing.ask, argv[optind], &command))
        return EXIT_USAGE;
    testing.wanted = argv[optind];
    testing.json = testing.ask.json;
    testing.ask.json = false; /* what is printed is not what the daemon says, line by line */
    code = ask_daemon(&testing.ask, &command, take_route, &testing);
    if (code == EXIT_DONE)
        code = wait_for_replies(&testing, wait_s);
    return code ? code : tell_end(&testing, wait_s);
}

/* --- what is told */

/* "550 5.1.1 no such user": the server's last line may have its own number. */
static void write_reply(const json_t *row, char reply[2 * ASK_CELL_SIZE])
{
    char code[ASK_CELL_SIZE], detail[ASK_CELL_SIZE];
    const char *number = ask_cell(row, "last.code", code);
    const char *words = ask_cell(row, "last.detail", detail);
    bool is_said = strcmp(number, "0") == 0 || strstr(words, number);

    snprintf(reply, 2 * ASK_CELL_SIZE, "%.255s%s%.255s", is_said ? "" : number, is_said ? "" : " ",
             words);
}

static void tell_as_json(const struct tested_route *route, const char *state, const json_t *row)
{
    json_t *last = json_object_get(row, "last");
    json_t *line =
        json_pack("{s:s,s:s,s:s,s:I,s:O}", "id", route->id, "route", route->label, "state", state,
                  "attempts", (json_int_t)route->attempts, "last", last ? last : json_null());

    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void tell(const struct testing *testing, const struct tested_route *route, const char *state,
                 const json_t *row)
{
    char reply[2 * ASK_CELL_SIZE];

    write_reply(row, reply);
    if (testing->json)
        tell_as_json(route, state, row);
    else if (strcmp(state, "waiting") != 0)
        printf("%-24s  %-8s  %s\n", route->label, state, reply);
    else if (route->attempts == 0)
        printf("%-24s  waiting, not tried yet\n", route->label);
    else
        printf("%-24s  waiting, tried %s: %s\n", route->label,
               route->attempts == 1 ? "once" : "again", reply);
    fflush(stdout);
}

/* "email", "webhook northtown-las"; the second of a kind is "email 2". */
static void write_label(const struct testing *testing, const json_t *row,
                        struct tested_route *route)
{
    char kind[ASK_CELL_SIZE], endpoint[ASK_CELL_SIZE];
    const char *word = ask_cell(row, "route", kind), *to = ask_cell(row, "endpoint", endpoint);
    size_t before = 0;

    snprintf(route->kind, sizeof route->kind, "%.23s", word);
    for (size_t i = 0; i < testing->count; i++)
        before += strcmp(testing->routes[i].kind, word) == 0;
    if (*to)
        snprintf(route->label, sizeof route->label, "%.23s %.64s", word, to);
    else if (before > 0)
        snprintf(route->label, sizeof route->label, "%.23s %zu", word, before + 1);
    else
        snprintf(route->label, sizeof route->label, "%.23s", word);
}

static void say_whom(const struct testing *testing, const json_t *row)
{
    char cell[ASK_CELL_SIZE];

    if (json_is_null(json_object_get(row, "person")))
        printf("to the case systems of %s\n", ask_cell(row, "agency", cell));
    else
        printf("to %s%s, who holds %s\n", ask_cell(row, "person", cell),
               json_is_true(json_object_get(row, "deputy")) ? " (the deputy)" : "",
               testing->wanted);
}

static void take_route(void *context, const json_t *row)
{
    struct testing *testing = context;
    struct tested_route *route = &testing->routes[testing->count];
    char cell[ASK_CELL_SIZE];

    if (testing->count == ROUTES_MAX)
        return;
    if (testing->count == 0 && !testing->json)
        say_whom(testing, row);
    *route = (struct tested_route){ 0 };
    write_label(testing, row, route);
    snprintf(route->id, sizeof route->id, "%.64s", ask_cell(row, "id", cell));
    testing->count++;
    if (*route->id)
        return;
    route->is_settled = true;
    tell(testing, route, "unwritten", NULL);
}

static void take_delivery(void *context, const json_t *row)
{
    struct testing *testing = context;
    struct tested_route *route = testing->asked;
    long long attempts = json_integer_value(json_object_get(row, "attempts"));
    char cell[ASK_CELL_SIZE];
    const char *state = ask_cell(row, "state", cell);
    bool is_waiting = strcmp(state, "queued") == 0;

    if (is_waiting && attempts == route->attempts)
        return;
    route->attempts = attempts;
    route->is_settled = !is_waiting;
    route->is_accepted = strcmp(state, "accepted") == 0;
    tell(testing, route, is_waiting ? "waiting" : state, row);
}

/* --- until all is settled, or the time is over */

static bool is_over(unsigned wait_s, const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000 >=
           (long long)wait_s * 1000;
}

static int look_once(struct testing *testing, size_t *left)
{
    int code = EXIT_DONE;

    *left = 0;
    for (size_t i = 0; i < testing->count && code == EXIT_DONE; i++) {
        struct command command = { .kind = COMMAND_OUTBOX };

        testing->asked = &testing->routes[i];
        if (testing->asked->is_settled)
            continue;
        snprintf(command.id, sizeof command.id, "%s", testing->asked->id);
        code = ask_daemon(&testing->ask, &command, take_delivery, testing);
        *left += !testing->asked->is_settled;
    }
    return code;
}

static int wait_for_replies(struct testing *testing, unsigned wait_s)
{
    static const struct timespec pause = { .tv_nsec = PAUSE_NS };
    struct timespec since;
    size_t left;
    int code;

    clock_gettime(CLOCK_MONOTONIC, &since);
    while ((code = look_once(testing, &left)) == EXIT_DONE && left > 0 && !is_over(wait_s, &since))
        nanosleep(&pause, NULL);
    return code;
}

static int tell_end(const struct testing *testing, unsigned wait_s)
{
    size_t accepted = 0;

    for (size_t i = 0; i < testing->count; i++) {
        const struct tested_route *route = &testing->routes[i];

        accepted += route->is_accepted;
        if (!route->is_settled && route->attempts == 0)
            tell(testing, route, "waiting", NULL);
    }
    if (accepted == testing->count)
        return EXIT_DONE;
    fprintf(stderr, "concernctl test: %zu of %zu routes have not accepted it within %u seconds\n",
            testing->count - accepted, testing->count, wait_s);
    return EXIT_NO;
}
