/* history.c - prints everything that happened to a disagreement, in the order of the record. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char history_usage[] =
    "REF [--board BOARD] [OPTION…]\n"
    "Prints what the record holds about the disagreement REF, oldest first.\n\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

enum { COLUMNS = 4 };

static void add_row(void *context, const json_t *row);
static void summarise(const json_t *payload, char text[ASK_CELL_SIZE]);

int history_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "board", required_argument, NULL, 'b' },
                                             { 0 } };
    static const char *const heads[COLUMNS] = { "NUMBER", "AT", "WHAT", "DETAIL" };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_HISTORY };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'b' ? ask_id(&ask, optarg, command.board) : ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    }
    if (argc - optind != 1)
        return usage_wrong(argv[0], "of which disagreement? (one REF)");
    if (ask_id(&ask, argv[optind], command.reference) || !table)
        return EXIT_USAGE;
    code = ask_daemon(&ask, &command, add_row, table);
    table_print(table);
    return code;
}

static void add_row(void *context, const json_t *row)
{
    char number[ASK_CELL_SIZE], at[ASK_CELL_SIZE], type[ASK_CELL_SIZE], detail[ASK_CELL_SIZE];
    const char *texts[COLUMNS] = { ask_cell(row, "number", number), ask_cell(row, "at", at),
                                   ask_cell(row, "type", type), detail };

    summarise(json_object_get(row, "payload"), detail);
    table_add(context, texts);
}

/* "deadline stage-1, due 2026-…": what is plain text in the payload, in its order; --json
 * shows the rest. */
static void summarise(const json_t *payload, char text[ASK_CELL_SIZE])
{
    size_t used = 0;
    const char *name;
    json_t *value;
    char cell[ASK_CELL_SIZE];

    text[0] = '\0';
    json_object_foreach((json_t *)payload, name, value)
    {
        const char *word = ask_cell(value, "", cell);

        if (*word && used < ASK_CELL_SIZE)
            used += (size_t)snprintf(text + used, ASK_CELL_SIZE - used, "%s%s %s", used ? ", " : "",
                                     name, word);
    }
}
