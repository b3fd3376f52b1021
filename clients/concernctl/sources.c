/* sources.c - prints who publishes: how, when last, and what of it is missing. */
#include "concernctl/ask.h"
#include "concernctl/table.h"

#include <stdio.h>
#include <string.h>

const char sources_usage[] =
    "[OPTION…]\n"
    "Lists who publishes, one line per source: whose key, how it comes in, what can be\n"
    "promised of it, when it was last heard, which events of it are missing, what was\n"
    "refused and what came twice.\n\n" ASK_USAGE;

enum { COLUMNS = 10 };

static void add_row(void *context, const json_t *row);

int sources_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS, { 0 } };
    static const char *const heads[COLUMNS] = { "SOURCE",     "OWNER",       "PLANE",   "ASSURANCE",
                                                "LAST HEARD", "LAST NUMBER", "MISSING", "SINCE",
                                                "REFUSED",    "DUPLICATES" };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_SOURCES };
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if (ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    if (optind < argc)
        return usage_wrong(argv[0], "%s: it takes no argument", argv[optind]);
    if (!table)
        return EXIT_NO;
    code = ask_daemon(&ask, &command, add_row, table);
    table_print(table);
    if (!code && !ask.json && table_rows(table) == 0)
        puts("no source");
    return code;
}

/* "404.1 3, 422.1 1" */
static const char *write_refusals(const json_t *row, char cell[ASK_CELL_SIZE])
{
    json_t *refusals = json_object_get(row, "refusals"), *count;
    const char *code;
    size_t used = 0;

    cell[0] = '\0';
    json_object_foreach(refusals, code, count)
    {
        int added = snprintf(cell + used, ASK_CELL_SIZE - used, "%s%s %lld", used ? ", " : "", code,
                             (long long)json_integer_value(count));

        if (added < 0 || (size_t)added >= ASK_CELL_SIZE - used)
            break;
        used += (size_t)added;
    }
    return cell;
}

/* The number without the zeros before it, as people count. */
static const char *write_number(const json_t *row, char cell[ASK_CELL_SIZE])
{
    const char *text = ask_cell(row, "last_sequence", cell);

    text += strspn(text, "0");
    return *text || !cell[0] ? text : "0";
}

static void add_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = { "source",      "owner",       "plane",
                                                "assurance",   "last_heard",  NULL,
                                                "gaps.events", "gaps.oldest", NULL,
                                                "duplicates" };
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        if (paths[i])
            texts[i] = ask_cell(row, paths[i], cells[i]);
    if (!*texts[4])
        texts[4] = "never";
    texts[5] = write_number(row, cells[5]);
    texts[8] = write_refusals(row, cells[8]);
    table_add(context, texts);
}
