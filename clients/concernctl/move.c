/* move.c - moves a running disagreement to the version of its procedure in force. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char move_usage[] =
    "REF [--to-version V] [--yes] [--board BOARD] [OPTION…]\n"
    "Moves the running disagreement REF to the version of its procedure that the daemon has\n"
    "loaded. Without --yes it changes nothing, and shows what it would do: which limits would\n"
    "move, start or pass, and who would be told.\n\n"
    "  --to-version V        only if the version loaded is V\n"
    "  --yes                 do it; the record keeps who did\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

enum { COLUMNS = 5, OPTION_YES = 'y', OPTION_VERSION = 'v' };

/* What the daemon says: first the whole, then what comes of it. */
struct moving {
    struct table *table;
    bool done;
};

static void take_row(void *context, const json_t *row);
static void take_whole(struct moving *self, const json_t *row);
static void print_end(const struct moving *self, const struct command *command);

static int take_option(struct ask *ask, struct command *command, int option)
{
    switch (option) {
    case OPTION_YES:
        command->yes = true;
        return EXIT_DONE;
    case OPTION_VERSION:
        return ask_id(ask, optarg, command->version);
    case 'b':
        return ask_id(ask, optarg, command->board);
    default:
        return ask_option(ask, option, optarg);
    }
}

int move_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "board", required_argument, NULL, 'b' },
                                             { "to-version", required_argument, NULL,
                                               OPTION_VERSION },
                                             { "yes", no_argument, NULL, OPTION_YES },
                                             { 0 } };
    static const char *const heads[COLUMNS] = { "WHAT", "", "FROM", "TO", "WHO" };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_MOVE };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    struct moving moving = { .table = table };
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if (take_option(&ask, &command, option))
            return EXIT_USAGE;
    if (argc - optind != 1)
        return usage_wrong(argv[0], "which disagreement? (one REF)");
    if (ask_id(&ask, argv[optind], command.reference) || !table)
        return EXIT_USAGE;
    code = ask_daemon(&ask, &command, take_row, &moving);
    if (code == EXIT_DONE && !ask.json)
        print_end(&moving, &command);
    return code;
}

/* "line_manager@A", a row of the table for each that is told. */
static void add_told(struct moving *self, const json_t *row, const char *texts[COLUMNS])
{
    const json_t *whom;
    char cell[ASK_CELL_SIZE];
    size_t i;

    json_array_foreach(json_object_get(row, "to"), i, whom)
    {
        texts[COLUMNS - 1] = ask_cell(whom, "", cell);
        table_add(self->table, texts);
    }
}

static void take_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = { "what", "deadline", "due_before", "due", "" };
    struct moving *self = context;
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];

    if (!json_object_get(row, "what")) {
        take_whole(self, row);
        return;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = *paths[i] ? ask_cell(row, paths[i], cells[i]) : "";
    if (!*texts[1])
        texts[1] = ask_cell(row, json_object_get(row, "rule") ? "rule" : "stage", cells[1]);
    if (strcmp(texts[0], "told") == 0) {
        texts[0] = ask_cell(row, "message", cells[0]);
        texts[3] = "";
        add_told(self, row, texts);
        return;
    }
    table_add(self->table, texts);
}

static void take_whole(struct moving *self, const json_t *row)
{
    static const char *const paths[] = { "reference", "board", "procedure", "from_version",
                                         "to_version" };
    char cells[COUNT_OF(paths)][ASK_CELL_SIZE];
    const char *texts[COUNT_OF(paths)];

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        texts[i] = ask_cell(row, paths[i], cells[i]);
    self->done = json_is_true(json_object_get(row, "done"));
    printf("%s of %s, %s: %s from version %s to version %s\n", texts[0], texts[1], texts[2],
           self->done ? "moved" : "would move", texts[3], texts[4]);
}

static void print_end(const struct moving *self, const struct command *command)
{
    if (table_rows(self->table) > 0)
        table_print(self->table);
    else
        puts("No limit moves, and nobody is told.");
    if (!self->done)
        printf("Nothing is changed yet. To do it: concernctl move %s --yes\n", command->reference);
}
