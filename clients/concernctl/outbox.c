/* outbox.c - prints the notifications that are on their way, sent or stuck. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char outbox_usage[] =
    "[--state STATE] [OPTION…]\n"
    "Lists the notifications: what is on its way, what was accepted, what was given up.\n\n"
    "  --state STATE         only those that are queued, held, accepted, refused,\n"
    "                        exhausted, gathered (in a digest), superseded or\n"
    "                        undelivered\n" ASK_USAGE;

enum { NEXT_TRY = 9, DETAIL = 11, COLUMNS = 12 };

static const char *const states[] = { "queued",    "held",     "accepted",   "refused",
                                      "exhausted", "gathered", "superseded", "undelivered" };

static void add_row(void *context, const json_t *row);

static bool is_state(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (!strcmp(word, states[i]))
            return true;
    return false;
}

int outbox_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "state", required_argument, NULL, 's' },
                                             { 0 } };
    static const char *const heads[COLUMNS] = { "ID",    "REFERENCE", "PERSON",       "ROLE",
                                                "ROUTE", "STATE",     "ACKNOWLEDGED", "SINCE",
                                                "TRIES", "NEXT TRY",  "LAST",         "DETAIL" };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_OUTBOX };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option != 's' && ask_option(&ask, option, optarg))
            return EXIT_USAGE;
        if (option == 's' && !is_state(optarg))
            return usage_wrong(
                argv[0],
                "--state %s is no state (queued, held, accepted, refused, exhausted, gathered, "
                "superseded, undelivered)",
                optarg);
        if (option == 's')
            snprintf(command.state, sizeof command.state, "%s", optarg);
    }
    if (optind < argc)
        return usage_wrong(argv[0], "%s: it takes no argument", argv[optind]);
    if (!table)
        return EXIT_NO;
    code = ask_daemon(&ask, &command, add_row, table);
    table_print(table);
    if (!code && !ask.json && table_rows(table) == 0)
        puts("nothing in the outbox");
    return code;
}

static void add_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = {
        "id", "reference", "person",   "role",      "route",      "state", "acknowledged_at",
        "at", "attempts",  "next_try", "last.code", "last.detail"
    };
    char cells[COLUMNS][ASK_CELL_SIZE], held[2 * ASK_CELL_SIZE];
    char in_digest[ASK_CELL_SIZE];
    const char *digest = ask_cell(row, "gathered_in", in_digest);
    const char *texts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = ask_cell(row, paths[i], cells[i]);
    if (!*texts[NEXT_TRY])
        texts[NEXT_TRY] = ask_cell(row, "waits_until", cells[NEXT_TRY]);
    if (*digest) {
        snprintf(cells[DETAIL], ASK_CELL_SIZE, "in %.*s", ASK_CELL_SIZE - 4, digest);
        texts[DETAIL] = cells[DETAIL];
    }
    if (json_object_get(row, "held")) {
        char cell[ASK_CELL_SIZE], until[ASK_CELL_SIZE], reason[ASK_CELL_SIZE];

        texts[COLUMNS - 1] = held;
        snprintf(held, sizeof held, "by silence %s until %.40s: %.200s",
                 ask_cell(row, "held.silence", cell), ask_cell(row, "held.until", until),
                 ask_cell(row, "held.reason", reason));
    }
    table_add(context, texts);
}
