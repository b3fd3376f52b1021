/* list.c - prints the disagreements and what is due next in each. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>

const char list_usage[] = "[--all] [OPTION…]\n"
                          "Lists the open disagreements, and what is due next in each.\n\n"
                          "  --all                 closed ones too\n" ASK_USAGE;

enum { COLUMNS = 11 };

static void add_row(void *context, const json_t *row);

int list_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "all", no_argument, NULL, 'a' },
                                             { 0 } };
    static const char *const heads[COLUMNS] = { "REFERENCE",   "BOARD",      "PROCEDURE", "VERSION",
                                                "STAGE",       "STATE",      "NEXT",      "DUE",
                                                "CHALLENGING", "CHALLENGED", "" };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_LIST };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'a')
            command.all = true;
        else if (ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    }
    if (optind < argc)
        return usage_wrong(argv[0], "%s: it takes no argument", argv[optind]);
    if (!table)
        return EXIT_NO;
    code = ask_daemon(&ask, &command, add_row, table);
    table_print(table);
    if (!code && !ask.json && table_rows(table) == 0)
        puts(command.all ? "no disagreement" : "no open disagreement");
    return code;
}

static void add_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = {
        "reference",     "board",    "procedure",   "",           "stage", "state",
        "next.deadline", "next.due", "challenging", "challenged", ""
    };
    json_int_t count = json_integer_value(json_object_get(row, "notifications_held"));
    char cells[COLUMNS][ASK_CELL_SIZE], held[64];
    const char *texts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = *paths[i] ? ask_cell(row, paths[i], cells[i]) : "";
    if (json_is_false(json_object_get(row, "in_force")))
        texts[3] = "earlier";
    if (count > 0)
        texts[COLUMNS - 1] = held;
    snprintf(held, sizeof held, "%" JSON_INTEGER_FORMAT " held by a silence", count);
    table_add(context, texts);
}
