/* event.c - sends an event of any type about a disagreement. */
#include "concernctl/draft.h"

#include "core/event.h"
#include "policy/faults.h"

#include <stdio.h>
#include <string.h>

const char event_usage[] =
    "TYPE REF [--by AGENCY] [--data NAME=VALUE]… [OPTION…]\n"
    "Sends the event concernd.TYPE about the disagreement REF: stage.unresolved,\n"
    "risk.changed, hold, or one that the procedure declares.\n\n"
    "  --by AGENCY           which agency says so; board:ID for a board\n"
    "  --data NAME=VALUE     a member of its data; yes and no are read as such\n"
    "  --data NAME:=JSON     the same, the value being JSON; a dot in NAME goes deeper\n"
    "  --declared            the type is one that a procedure declares; do not doubt it\n"
    "\n" DRAFT_USAGE;

enum event_option { EVENT_BY = 1, EVENT_DATA, EVENT_DECLARED };

struct event_line {
    struct draft draft;
    const char *by;
    bool declared;
    json_t *data;
};

static void event_close(struct event_line *line);
static int take_option(struct event_line *line, int option, const char *value);
static int add_data(struct event_line *line, const char *text);
static json_t *go_deeper(json_t *object, const char **name, const char *end);
static int doubt_type(const struct event_line *line, const char *type);

int event_command(int argc, char **argv)
{
    static const struct option options[] = {
        { "by", required_argument, NULL, EVENT_BY },
        { "data", required_argument, NULL, EVENT_DATA },
        { "declared", no_argument, NULL, EVENT_DECLARED },
        DRAFT_OPTIONS,
        REACH_OPTIONS,
        { 0 },
    };
    CLEANUP(event_close) struct event_line line = { .draft = { .command = argv[0] } };
    int option, error;
    json_t *data;

    line.data = json_object();
    while ((option = usage_next_option(argc, argv, options)) != -1)
        if ((error = take_option(&line, option, optarg)))
            return error;
    if (argc - optind != 2)
        return usage_wrong(argv[0], "which event about which disagreement? (TYPE REF)");
    if ((error = doubt_type(&line, argv[optind])) || (error = draft_complete(&line.draft)))
        return error;
    if (!json_object_get(line.data, "by"))
        draft_by(line.data, line.by ? line.by : line.draft.reach.agency);
    data = line.data;
    line.data = NULL;
    return draft_send(&line.draft, argv[optind], argv[optind + 1], data);
}

static void event_close(struct event_line *line)
{
    json_decref(line->data);
}

static int take_option(struct event_line *line, int option, const char *value)
{
    switch (option) {
    case EVENT_BY:
        line->by = value;
        return EXIT_DONE;
    case EVENT_DATA:
        return add_data(line, value);
    case EVENT_DECLARED:
        line->declared = true;
        return EXIT_DONE;
    default:
        return draft_option(&line->draft, option, value);
    }
}

static int add_data(struct event_line *line, const char *text)
{
    const char *equals = strchr(text, '=');
    bool is_json = equals && equals > text && equals[-1] == ':';
    const char *end = is_json ? equals - 1 : equals;
    const char *name = text;
    char last[ID_MAX + 1];
    json_t *value, *object;

    if (!equals || end == text)
        return usage_wrong(line->draft.command, "--data %s is no NAME=VALUE", text);
    object = go_deeper(line->data, &name, end);
    if (!object || end == name || end - name > ID_MAX)
        return usage_wrong(line->draft.command, "--data %s: no such NAME can be", text);
    value = is_json ? json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL)
                    : draft_value(equals + 1);
    if (!value)
        return usage_wrong(line->draft.command, "--data %s: the value is no JSON", text);
    snprintf(last, sizeof last, "%.*s", (int)(end - name), name);
    json_object_set_new(object, last, value);
    return EXIT_DONE;
}

/* "by.role": the object `by`, made if need be; `*name` is then what follows the dot. */
static json_t *go_deeper(json_t *object, const char **name, const char *end)
{
    const char *dot;

    while (object && (dot = memchr(*name, '.', (size_t)(end - *name)))) {
        char part[ID_MAX + 1];
        json_t *inner;

        if (dot == *name || dot - *name > ID_MAX)
            return NULL;
        snprintf(part, sizeof part, "%.*s", (int)(dot - *name), *name);
        inner = json_object_get(object, part);
        if (!inner) {
            inner = json_object();
            json_object_set_new(object, part, inner);
        }
        object = json_is_object(inner) ? inner : NULL;
        *name = dot + 1;
    }
    return object;
}

/* An unknown type is acknowledged and changes nothing, so a slip of the pen in
 * "hold" would be found out too late. */
static int doubt_type(const struct event_line *line, const char *type)
{
    const char *names[EVENT_KIND_COUNT];
    const char *short_type = event_short_type(type);
    const char *near;

    names[EVENT_UNKNOWN] = NULL;
    for (int kind = EVENT_UNKNOWN + 1; kind < EVENT_KIND_COUNT; kind++) {
        names[kind] = event_name((enum event_kind)kind);
        if (!strcmp(names[kind], short_type))
            return EXIT_DONE;
    }
    near = line->declared ? NULL : nearest_word(short_type, names, EVENT_KIND_COUNT);
    if (near)
        return usage_wrong(line->draft.command,
                           "no event %s (did you mean %s? --declared sends it as it is)",
                           short_type, near);
    return EXIT_DONE;
}
