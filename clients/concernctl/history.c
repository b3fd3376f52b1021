/* history.c - prints everything that happened to a disagreement, in the order of the record. */
#include "concernctl/ask.h"
#include "concernctl/table.h"
#include "core/base.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

const char history_usage[] =
    "REF [--board BOARD] [OPTION…]\n"
    "Prints what the record holds about the disagreement REF, oldest first.\n\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

enum { COLUMNS = 4, FLAG_PARKED = 16 /* of an event's line: it had to wait */ };

static void add_row(void *context, const json_t *row);
static void summarise(const json_t *row, char detail[ASK_CELL_SIZE]);

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

    summarise(row, detail);
    table_add(context, texts);
}

/* What --json shows and a reader of the table does without: the very numbers of what was in
 * force, what is ordinary, and a time that is the line's own to the second. */
static bool is_left_out(const json_t *row, const char *name, const char *word)
{
    static const char *const always[] = { "flags",     "procedure_version", "procedure_hash",
                                          "from_hash", "to_hash",           "calendar_version" };
    char cell[ASK_CELL_SIZE];

    for (size_t i = 0; i < COUNT_OF(always); i++)
        if (!strcmp(name, always[i]))
            return true;
    if (!strcmp(name, "at"))
        return !strncmp(word, ask_cell(row, "at", cell), strlen("2026-12-18T16:59:00"));
    return (!strcmp(name, "provisional") && !strcmp(word, "no")) ||
           (!strcmp(name, "priority") && !strcmp(word, "normal"));
}

static void say(struct text *text, const char *name, const char *word)
{
    if (*word)
        text_addf(text, "%s%s%s%s", text->used ? ", " : "", name, *name ? " " : "", word);
}

/* "type disagreement.raised": an event stands in its line as it came. */
static void say_event(struct text *text, const json_t *payload)
{
    static const char prefix[] = "concernd.";
    char cell[ASK_CELL_SIZE];
    const char *type = ask_cell(payload, "event.type", cell);

    say(text, "", strncmp(type, prefix, strlen(prefix)) ? type : type + strlen(prefix));
    if (json_integer_value(json_object_get(payload, "flags")) & FLAG_PARKED)
        say(text, "", "waits for what is missing before it");
}

/* "to line_manager of northtown-housing, and …"; the board's have no agency. */
static void say_roles(struct text *text, const char *word, const json_t *roles)
{
    const json_t *item;
    char cell[ASK_CELL_SIZE], agency[ASK_CELL_SIZE], whom[2 * ASK_CELL_SIZE + 4];
    size_t i;

    json_array_foreach(roles, i, item)
    {
        const char *role = ask_cell(item, "role", cell);
        const char *of = ask_cell(item, "agency", agency);

        snprintf(whom, sizeof whom, "%s%s%s", role, *of ? " of " : "", of);
        say(text, i ? "and" : word, whom);
    }
}

/* "stage_entered, deadline_started, to line_manager of northtown-housing": what was told, and in
 * which role. */
static void say_told(struct text *text, const json_t *payload)
{
    const json_t *item;
    char cell[ASK_CELL_SIZE];
    size_t i;

    json_array_foreach(json_object_get(payload, "says"), i, item)
        say(text, "", ask_cell(item, "message", cell));
    say_roles(text, "to", json_object_get(payload, "roles"));
}

/* "deadline stage-1, due 2026-…": what is plain text in the payload, in its order; --json
 * shows the rest. */
static void summarise(const json_t *row, char detail[ASK_CELL_SIZE])
{
    struct text text = text_over(detail, ASK_CELL_SIZE);
    json_t *payload = json_object_get(row, "payload");
    const char *name;
    json_t *value;
    char cell[ASK_CELL_SIZE];

    say_event(&text, payload);
    say_told(&text, payload);
    json_object_foreach(payload, name, value)
    {
        const char *word = ask_cell(value, "", cell);

        if (!is_left_out(row, name, word))
            say(&text, name, word);
    }
    say_roles(&text, "also as", json_object_get(payload, "also"));
}
