/* silence.c - holds ordinary notifications while something is under maintenance. */
#include "core/silence.h"
#include "concernctl/ask.h"
#include "concernctl/table.h"
#include "policy/zoneinfo.h"

#include <stdio.h>
#include <string.h>

/* Whose clock a time without an offset is read by: the boards' own. */
#define CIVIL_ZONE "Europe/London"

const char silence_usage[] =
    "add WHAT --until TIME --reason TEXT [OPTION…]\n"
    "       concernctl silence list [OPTION…]\n"
    "       concernctl silence end ID [OPTION…]\n"
    "Holds ordinary notifications to WHAT until its end: endpoint:ID, person:ID, agency:ID,\n"
    "route:email, route:notify-email or route:notify-text.  They are not tried, and nobody else\n"
    "is told in their place; then they go out, late.  What is urgent or immediate, and all to\n"
    "a board and to the operator, is sent as ever, and no deadline moves.\n\n"
    "  --until TIME          when it ends, at most 7 days ahead: RFC 3339, or civil time in\n"
    "                        London (\"2026-12-18 16:59\")\n"
    "  --reason TEXT         why, one line of at most 200 bytes; the record keeps it\n" ASK_USAGE;

enum { OPTION_UNTIL = 'u', OPTION_REASON = 'r', COLUMNS = 7 };

struct silence_words {
    struct ask ask;
    const char *until, *reason;
};

static int add(const struct silence_words *words, int argc, char **argv);
static int list(const struct silence_words *words);
static int end(const struct silence_words *words, const char *id);

static int take_option(struct silence_words *words, int option)
{
    if (option == OPTION_UNTIL)
        words->until = optarg;
    else if (option == OPTION_REASON)
        words->reason = optarg;
    else
        return ask_option(&words->ask, option, optarg);
    return EXIT_DONE;
}

int silence_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "until", required_argument, NULL, OPTION_UNTIL },
                                             { "reason", required_argument, NULL, OPTION_REASON },
                                             { 0 } };
    struct silence_words words = { .ask = { .command = argv[0] } };
    const char *what;
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if (take_option(&words, option))
            return EXIT_USAGE;
    what = optind < argc ? argv[optind] : "";
    if (strcmp(what, "add") == 0)
        return add(&words, argc - optind - 1, argv + optind + 1);
    if (words.until || words.reason)
        return usage_wrong(argv[0], "--until and --reason are for add");
    if (strcmp(what, "list") == 0)
        return argc - optind == 1 ? list(&words) : usage_wrong(argv[0], "list takes no argument");
    if (strcmp(what, "end") == 0)
        return argc - optind == 2 ? end(&words, argv[optind + 1])
                                  : usage_wrong(argv[0], "end takes one ID; list shows them");
    return *what ? usage_wrong(argv[0], "%s: it is add, list or end", what)
                 : usage_wrong(argv[0], "add, list or end?");
}

/* --- add */

static void say_added(void *context, const json_t *row)
{
    char id[ASK_CELL_SIZE], what[ASK_CELL_SIZE], until[ASK_CELL_SIZE];

    (void)context;
    printf("silence %s of %s until %s\n", ask_cell(row, "id", id), ask_cell(row, "what", what),
           ask_cell(row, "until", until));
}

static int read_until(const char *text, char until[ID_MAX + 1])
{
    CLEANUP(zoneinfo_free) struct zone *zone = NULL;
    char utc[ZONE_TIME_SIZE], words[200];
    struct text error = text_over(words, sizeof words);
    struct instant at;

    /* Without the zone's table a time with an offset can still be read. */
    (void)zoneinfo_load(CIVIL_ZONE, &zone, &error);
    if (instant_read(text, zone, &at) != INSTANT_OK)
        return usage_wrong("silence",
                           "--until %s is no time (2026-12-18T16:59:00Z or \"2026-12-18 16:59\")",
                           text);
    instant_write_utc(at, utc);
    snprintf(until, ID_MAX + 1, "%s", utc);
    return EXIT_DONE;
}

/* "endpoint:las" */
static int read_what(const char *what, struct command *command)
{
    const char *colon = strchr(what, ':');
    struct silencing silencing;

    if (!silencing_read(what, &silencing))
        return usage_wrong("silence",
                           "%s is nothing to silence (endpoint:ID, person:ID, agency:ID, "
                           "route:email, route:notify-email, route:notify-text)",
                           what);
    snprintf(command->scope, sizeof command->scope, "%.*s", (int)(colon - what), what);
    snprintf(command->target, sizeof command->target, "%s", colon + 1);
    return EXIT_DONE;
}

static int add(const struct silence_words *words, int argc, char **argv)
{
    struct command command = { .kind = COMMAND_SILENCE };

    if (argc != 1)
        return usage_wrong("silence", "add takes one WHAT (as endpoint:northtown-las)");
    if (!words->until || !words->reason)
        return usage_wrong("silence",
                           "a silence needs its end and why: --until TIME --reason TEXT");
    if (!*words->reason || strlen(words->reason) > COMMAND_REASON_MAX)
        return usage_wrong("silence", "--reason has 1 to %d bytes", COMMAND_REASON_MAX);
    if (read_what(argv[0], &command) || read_until(words->until, command.until))
        return EXIT_USAGE;
    snprintf(command.reason, sizeof command.reason, "%s", words->reason);
    return ask_daemon(&words->ask, &command, say_added, NULL);
}

/* --- list, end */

static void add_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = { "id",   "what", "since", "until",
                                                "held", "by",   "reason" };
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = ask_cell(row, paths[i], cells[i]);
    table_add(context, texts);
}

static int list(const struct silence_words *words)
{
    static const char *const heads[COLUMNS] = {
        "ID", "OF", "SINCE", "UNTIL", "HELD", "BY", "REASON"
    };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    struct command command = { .kind = COMMAND_SILENCES };
    int code;

    if (!table)
        return EXIT_NO;
    code = ask_daemon(&words->ask, &command, add_row, table);
    table_print(table);
    if (!code && !words->ask.json && table_rows(table) == 0)
        puts("no silence is in force");
    return code;
}

static void say_ended(void *context, const json_t *row)
{
    char id[ASK_CELL_SIZE], what[ASK_CELL_SIZE];

    (void)context;
    printf("silence %s of %s is ended: what it held goes out now\n", ask_cell(row, "id", id),
           ask_cell(row, "what", what));
}

static int end(const struct silence_words *words, const char *id)
{
    struct command command = { .kind = COMMAND_UNSILENCE };

    if (ask_id(&words->ask, id, command.id))
        return EXIT_USAGE;
    return ask_daemon(&words->ask, &command, say_ended, NULL);
}
