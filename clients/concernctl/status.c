/* status.c - prints how the daemon is; exits with 1 when something needs a person. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char status_usage[] =
    "[OPTION…]\n"
    "Tells how the daemon is.  Exits with 1 when it does not answer, is not running as it\n"
    "should, has a fault in files it was to reload, hears nothing of a feed or of a\n"
    "key that promised to be heard, or has a notification that nobody accepted by any "
    "route.\n\n" ASK_USAGE;

enum { FEED_COLUMNS = 7, REFUSAL_COLUMNS = 3, SILENCE_COLUMNS = 5 };

static void take_status(void *context, const json_t *row);
static bool needs_a_person(const json_t *row);
static void print_status(const json_t *row);
static void print_list(const json_t *list, const char *const *heads, const char *const *paths,
                       size_t columns);

int status_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS, { 0 } };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_STATUS };
    bool wrong = false;
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if (ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    if (optind < argc)
        return usage_wrong(argv[0], "%s: it takes no argument", argv[optind]);
    code = ask_daemon(&ask, &command, take_status, &wrong);
    return code ? code : wrong ? EXIT_NO : EXIT_DONE;
}

static void take_status(void *context, const json_t *row)
{
    bool *wrong = context;

    *wrong = *wrong || needs_a_person(row);
    print_status(row);
}

static bool needs_a_person(const json_t *row)
{
    char fault[ASK_CELL_SIZE], state[ASK_CELL_SIZE];
    const json_t *feed;
    size_t i;

    json_array_foreach(json_object_get(row, "feeds"), i, feed)
    {
        if (json_is_true(json_object_get(feed, "silent")))
            return true;
    }
    if (json_array_size(json_object_get(row, "silent_keys")) > 0 ||
        json_integer_value(json_object_get(json_object_get(row, "outbox"), "undelivered")) > 0)
        return true;
    return *ask_cell(row, "policy.fault", fault) ||
           strcmp(ask_cell(row, "state", state), "running");
}

static void print_status(const json_t *row)
{
    static const char *const lines[][2] = {
        { "version", "version" },
        { "running since", "since" },
        { "state", "state" },
        { "trial store", "trial" },
        { "its clock", "now" },
        { "listening at", "endpoint" },
        { "pages at", "pages" },
        { "bounces taken at", "bounces" },
        { "open disagreements", "open" },
        { "open deadlines", "deadlines_open" },
        { "next wake-up", "next_wake" },
        { "events kept", "events" },
        { "gaps in sequences", "gaps" },
        { "silent keys", "silent_keys" },
        { "lines of record", "record" },
        { "notifications queued", "outbox.queued" },
        { "notifications accepted", "outbox.accepted" },
        { "in digests", "outbox.gathered" },
        { "superseded", "outbox.superseded" },
        { "notifications refused", "outbox.refused" },
        { "notifications given up", "outbox.exhausted" },
        { "UNDELIVERED TO ALL", "outbox.undelivered" },
        { "of them to operators", "outbox.unheard" },
        { "of them to systems", "outbox.to_systems" },
        { "files loaded", "policy.loaded" },
        { "their hash", "policy.hash" },
        { "fault in newer files", "policy.fault" },
    };
    static const char *const feed_heads[FEED_COLUMNS] = { "FEED",       "ASSURANCE", "STATE",
                                                          "LAST HEARD", "SILENT",    "EVENTS",
                                                          "REFUSED" };
    static const char *const feed_paths[FEED_COLUMNS] = { "feed",       "assurance", "state",
                                                          "last_heard", "silent",    "events",
                                                          "refused" };
    static const char *const refusal_heads[REFUSAL_COLUMNS] = { "REFUSED", "CODE", "TIMES" };
    static const char *const refusal_paths[REFUSAL_COLUMNS] = { "name", "code", "count" };
    static const char *const silence_heads[SILENCE_COLUMNS] = { "SILENCE", "OF", "UNTIL", "HELD",
                                                                "REASON" };
    static const char *const silence_paths[SILENCE_COLUMNS] = { "id", "what", "until", "held",
                                                                "reason" };
    char cell[ASK_CELL_SIZE];

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *text = ask_cell(row, lines[i][1], cell);

        if (*text)
            printf("%-22s  %s\n", lines[i][0], text);
    }
    print_list(json_object_get(row, "feeds"), feed_heads, feed_paths, FEED_COLUMNS);
    print_list(json_object_get(row, "silences"), silence_heads, silence_paths, SILENCE_COLUMNS);
    print_list(json_object_get(row, "refusals"), refusal_heads, refusal_paths, REFUSAL_COLUMNS);
}

static void print_list(const json_t *list, const char *const *heads, const char *const *paths,
                       size_t columns)
{
    CLEANUP(table_close) struct table *table = table_open(heads, columns);
    char cells[TABLE_COLUMNS_MAX][ASK_CELL_SIZE];
    const char *texts[TABLE_COLUMNS_MAX];
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        for (size_t column = 0; column < columns; column++)
            texts[column] = ask_cell(item, paths[column], cells[column]);
        if (table)
            table_add(table, texts);
    }
    if (table && table_rows(table) > 0) {
        putchar('\n');
        table_print(table);
    }
}
