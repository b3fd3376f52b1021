/* show.c - prints where one disagreement stands. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char show_usage[] =
    "REF [--board BOARD] [OPTION…]\n"
    "Shows where the disagreement REF stands: agencies, facts, deadlines.\n\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

enum { COLUMNS = 5 };

static void print_disagreement(void *context, const json_t *row);
static void print_line(const json_t *row, const char *head, const char *path);
static void print_facts(const json_t *facts);
static void print_parties(const json_t *parties);
static void print_people(const json_t *row);
static void print_parked(const json_t *parked);
static void print_held(const json_t *held);
static void print_acknowledged(const json_t *acknowledged);
static void print_deadlines(const json_t *deadlines);

int show_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "board", required_argument, NULL, 'b' },
                                             { 0 } };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_SHOW };
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'b' ? ask_id(&ask, optarg, command.board) : ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    }
    if (argc - optind != 1)
        return usage_wrong(argv[0], "which disagreement? (one REF)");
    if (ask_id(&ask, argv[optind], command.reference))
        return EXIT_USAGE;
    return ask_daemon(&ask, &command, print_disagreement, NULL);
}

static void print_disagreement(void *context, const json_t *row)
{
    static const char *const lines[][2] = {
        { "reference", "reference" },
        { "board", "board" },
        { "procedure", "procedure" },
        { "version", "procedure_version" },
        { "state", "state" },
        { "stage", "stage" },
        { "entered", "stage_entered" },
        { "raised", "raised" },
        { "held", "held" },
        { "closed", "closed" },
        { "case", "case" },
        { "category", "category" },
        { "link", "link" },
        { "challenging", "challenging" },
        { "challenged", "challenged" },
    };

    (void)context;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        print_line(row, lines[i][0], lines[i][1]);
    print_parties(json_object_get(row, "parties"));
    print_facts(json_object_get(row, "facts"));
    print_people(row);
    print_parked(json_object_get(row, "parked"));
    print_held(json_object_get(row, "notifications_held"));
    print_acknowledged(json_object_get(row, "acknowledged"));
    print_deadlines(json_object_get(row, "deadlines"));
}

static void print_line(const json_t *row, const char *head, const char *path)
{
    char cell[ASK_CELL_SIZE];
    const char *text = ask_cell(row, path, cell);

    if (*text)
        printf("%-12s  %s\n", head, text);
}

static void print_facts(const json_t *facts)
{
    const char *name;
    const json_t *value;
    char cell[ASK_CELL_SIZE];
    const char *head = "facts";

    json_object_foreach((json_t *)facts, name, value)
    {
        printf("%-12s  %s is %s\n", head, name, ask_cell(value, "", cell));
        head = "";
    }
}

/* Each agency, its side, and what it has said of the outcome. */
static void print_parties(const json_t *parties)
{
    const json_t *party;
    size_t i;
    char side[ASK_CELL_SIZE], agency[ASK_CELL_SIZE];

    json_array_foreach(parties, i, party)
    {
        printf("%-12s  %s%s%s\n", ask_cell(party, "side", side), ask_cell(party, "agency", agency),
               json_is_true(json_object_get(party, "agreed")) ? ", has agreed" : "",
               json_is_true(json_object_get(party, "non_involvement"))
                   ? ", maintains its non-involvement"
                   : "");
    }
}

/* Ids and roles as the daemon gives them; addresses it keeps to itself. */
static void print_people(const json_t *row)
{
    const char *head = "people";
    const json_t *person;
    size_t i;
    char role[ASK_CELL_SIZE], agency[ASK_CELL_SIZE], who[ASK_CELL_SIZE];

    json_array_foreach(json_object_get(row, "people"), i, person)
    {
        printf("%-12s  %s@%s %s\n", head, ask_cell(person, "role", role),
               ask_cell(person, "agency", agency), ask_cell(person, "person", who));
        head = "";
    }
}

/* Events that are kept and have no effect yet: what came before them is missing. */
static void print_parked(const json_t *parked)
{
    const char *head = "waits";
    const json_t *event;
    size_t i;
    char id[ASK_CELL_SIZE], source[ASK_CELL_SIZE], until[ASK_CELL_SIZE];

    json_array_foreach(parked, i, event)
    {
        printf("%-12s  event %s of %s, for what is missing before it, until %s\n", head,
               ask_cell(event, "id", id), ask_cell(event, "source", source),
               ask_cell(event, "until", until));
        head = "";
    }
}

/* Notifications that wait for the end of a maintenance silence. */
static void print_held(const json_t *held)
{
    const char *head = "held";
    const json_t *one;
    size_t i;
    char id[ASK_CELL_SIZE], role[ASK_CELL_SIZE], silence[ASK_CELL_SIZE], until[ASK_CELL_SIZE],
        reason[ASK_CELL_SIZE];

    json_array_foreach(held, i, one)
    {
        printf("%-12s  notification %s to %s, by silence %s until %s: %s\n", head,
               ask_cell(one, "id", id), ask_cell(one, "role", role),
               ask_cell(one, "silence", silence), ask_cell(one, "until", until),
               ask_cell(one, "reason", reason));
        head = "";
    }
}

/* What whoever was told says that he has seen. */
static void print_acknowledged(const json_t *acknowledged)
{
    const char *head = "seen";
    const json_t *row;
    size_t i;
    char id[ASK_CELL_SIZE], role[ASK_CELL_SIZE], at[ASK_CELL_SIZE];

    json_array_foreach(acknowledged, i, row)
    {
        printf("%-12s  notification %s to %s, acknowledged %s\n", head,
               ask_cell(row, "notification", id), ask_cell(row, "role", role),
               ask_cell(row, "acknowledged_at", at));
        head = "";
    }
}

static void print_deadlines(const json_t *deadlines)
{
    static const char *const heads[COLUMNS] = { "DEADLINE", "STATE", "START", "DUE", "" };
    static const char *const paths[COLUMNS] = { "deadline", "state", "start", "due", "" };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];
    const json_t *deadline;
    size_t i;

    json_array_foreach(deadlines, i, deadline)
    {
        for (size_t column = 0; column < COLUMNS - 1; column++)
            texts[column] = ask_cell(deadline, paths[column], cells[column]);
        texts[COLUMNS - 1] =
            json_is_true(json_object_get(deadline, "provisional")) ? "provisional" : "";
        if (table)
            table_add(table, texts);
    }
    if (table && table_rows(table) > 0) {
        putchar('\n');
        table_print(table);
    }
}
