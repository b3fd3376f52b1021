/* procedure_read.c - a board's file becomes a struct procedure. */
#include "policy/procedure_read.h"

#include "policy/procedure_reader.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keys at the top of a file. */
struct raw_procedure {
    const char *id, *version, *title, *source, *calendar, *working_day, *zone;
    int skipping, calendar_change; /* -1: not written */
    const struct yaml_node *counting, *remind, *chase, *facts, *events, *roles;
    const struct yaml_node *stages, *deadlines, *rules, *after_resolution;
};

static const char *const skipping_words[] = { "allowed", "marked", NULL };
static const char *const calendar_change_words[] = { "never later", NULL };

#define AT(field) offsetof(struct raw_procedure, field)

/* clang-format off */
static const struct yaml_key top_keys[] = {
    { "procedure",        YAML_KEY_ID,     AT(id),               true,  0, 0,           NULL },
    { "version",          YAML_KEY_TEXT,   AT(version),          true,  1, ID_MAX,      NULL },
    { "title",            YAML_KEY_TEXT,   AT(title),            true,  1, TITLE_MAX,   NULL },
    { "source",           YAML_KEY_TEXT,   AT(source),           false, 1, 2 * TITLE_MAX, NULL },
    { "calendar",         YAML_KEY_TEXT,   AT(calendar),         true,  1, TITLE_MAX,   NULL },
    { "working_day",      YAML_KEY_TEXT,   AT(working_day),      false, 0, 0,           NULL },
    { "time_zone",        YAML_KEY_TEXT,   AT(zone),             false, 1, ID_MAX,      NULL },
    { "skipping",         YAML_KEY_CHOICE, AT(skipping),         false, 0, 0,           skipping_words },
    { "calendar_change",  YAML_KEY_CHOICE, AT(calendar_change),  false, 0, 0,           calendar_change_words },
    { "counting",         YAML_KEY_MAP,    AT(counting),         false, 1, 0,           NULL },
    { "remind",           YAML_KEY_NODE,   AT(remind),           false, 0, 0,           NULL },
    { "chase",            YAML_KEY_NODE,   AT(chase),            false, 0, 0,           NULL },
    { "facts",            YAML_KEY_LIST,   AT(facts),            false, 1, PROCEDURE_FACTS_MAX,     NULL },
    { "events",           YAML_KEY_LIST,   AT(events),           false, 1, PROCEDURE_EVENTS_MAX,    NULL },
    { "roles",            YAML_KEY_LIST,   AT(roles),            true,  1, PROCEDURE_ROLES_MAX,     NULL },
    { "stages",           YAML_KEY_LIST,   AT(stages),           true,  1, PROCEDURE_STAGES_MAX,    NULL },
    { "deadlines",        YAML_KEY_LIST,   AT(deadlines),        false, 0, PROCEDURE_DEADLINES_MAX, NULL },
    { "rules",            YAML_KEY_LIST,   AT(rules),            false, 0, PROCEDURE_RULES_MAX,     NULL },
    { "after_resolution", YAML_KEY_LIST,   AT(after_resolution), false, 0, PROCEDURE_DEADLINES_MAX, NULL },
};
/* clang-format on */

static int read_file(struct procedure_file *file, const struct procedure_defaults *defaults,
                     struct faults *faults);
static void read_procedure(struct procedure_reader *reader, const struct yaml_node *root);

struct procedure_defaults procedure_defaults_shipped(void)
{
    return (struct procedure_defaults){
        .remind = { .before = { { 1, LENGTH_WORKING_DAYS } }, .count = 1 },
        .chase = { .every = { 5, LENGTH_WORKING_DAYS } },
    };
}

static struct procedure_file *open_file(const char *name)
{
    struct procedure_file *file = calloc(1, sizeof *file);

    if (!file)
        return NULL;
    file->arena = arena_open();
    if (file->arena)
        file->name = arena_text(file->arena, name, strlen(name));
    if (!file->name)
        procedure_close(&file);
    return file;
}

int procedure_read(const char *path, const struct procedure_defaults *defaults,
                   struct faults *faults, struct procedure_file **file_p)
{
    CLEANUP(procedure_close) struct procedure_file *file = open_file(path);
    char *bytes;
    int answer;

    if (!file)
        return -ENOMEM;
    answer = yaml_read_bytes(&(struct yaml_source){ file->name, file->arena, faults }, &bytes,
                             &file->length);
    if (answer)
        return answer < 0 ? answer : PROCEDURE_FAULTY;
    file->bytes = bytes;
    answer = read_file(file, defaults, faults);
    if (answer != PROCEDURE_OK)
        return answer;
    *file_p = file;
    file = NULL;
    return PROCEDURE_OK;
}

int procedure_read_text(const char *name, const char *bytes, size_t length,
                        const struct procedure_defaults *defaults, struct faults *faults,
                        struct procedure_file **file_p)
{
    CLEANUP(procedure_close) struct procedure_file *file = open_file(name);
    int answer;

    if (!file)
        return -ENOMEM;
    file->bytes = arena_text(file->arena, bytes, length);
    file->length = length;
    if (!file->bytes)
        return -ENOMEM;
    answer = read_file(file, defaults, faults);
    if (answer != PROCEDURE_OK)
        return answer;
    *file_p = file;
    file = NULL;
    return PROCEDURE_OK;
}

static bool hash_bytes(const char *bytes, size_t length, char hash[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    if (!EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) || size != 32)
        return false;
    for (unsigned i = 0; i < size; i++) {
        hash[2 * i] = digits[digest[i] >> 4];
        hash[2 * i + 1] = digits[digest[i] & 15];
    }
    hash[64] = '\0';
    return true;
}

static int read_file(struct procedure_file *file, const struct procedure_defaults *defaults,
                     struct faults *faults)
{
    struct procedure_reader reader = {
        .source = { file->name, file->arena, faults },
        .defaults = *defaults,
        .file = file,
        .procedure = &file->procedure,
    };
    const struct yaml_node *root;
    size_t first = faults->count;
    int answer = yaml_parse(&reader.source, file->bytes, file->length, &root);

    if (answer)
        return answer < 0 ? answer : PROCEDURE_FAULTY;
    if (!hash_bytes(file->bytes, file->length, file->procedure.hash))
        return -ENOMEM;
    file->root = root;
    read_procedure(&reader, root);
    faults_sort(faults, first);
    if (arena_failed(file->arena))
        return -ENOMEM;
    return reader.faulty ? PROCEDURE_FAULTY : PROCEDURE_OK;
}

/* "09:00-17:00" */
static bool read_clock(const char *text, int32_t *second)
{
    for (size_t i = 0; i < 5; i++) {
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return false;
    }
    *second =
        ((text[0] - '0') * 10 + text[1] - '0') * 3600 + ((text[3] - '0') * 10 + text[4] - '0') * 60;
    return text[3] < '6' && *second <= 24 * 3600;
}

static void read_working_day(struct procedure_reader *reader, const struct yaml_node *at,
                             const char *text)
{
    struct procedure *procedure = reader->procedure;

    procedure->opens_s = 9 * 3600;
    procedure->closes_s = 17 * 3600;
    if (!text)
        return;
    if (strlen(text) != 11 || text[5] != '-' || !read_clock(text, &procedure->opens_s) ||
        !read_clock(text + 6, &procedure->closes_s))
        reader_fault(reader, at, "\"%s\" is no working day (\"09:00-17:00\")", text);
    else if (procedure->opens_s >= procedure->closes_s)
        reader_fault(reader, at, "the working day \"%s\" ends before it begins", text);
}

/* "a + b" is a calendar closed when any of its parts is. */
static void check_calendar(struct procedure_reader *reader, const struct yaml_node *at,
                           const char *text)
{
    char copy[TITLE_MAX + 1];
    char *rest = copy, *part;

    snprintf(copy, sizeof copy, "%s", text);
    while ((part = strsep(&rest, "+")) != NULL) {
        size_t length;

        part += strspn(part, " ");
        for (length = strlen(part); length && part[length - 1] == ' '; length--)
            part[length - 1] = '\0';
        if (!yaml_is_id(part)) {
            reader_fault(reader, at, "\"%s\" names no calendar (\"england-and-wales\", \"a + b\")",
                         text);
            return;
        }
    }
}

static void read_top(struct procedure_reader *reader, const struct yaml_node *root,
                     struct raw_procedure *raw)
{
    struct procedure *procedure = reader->procedure;

    raw->skipping = raw->calendar_change = -1;
    reader_record(reader, root, top_keys, COUNT_OF(top_keys), raw);
    procedure->id = raw->id ? raw->id : "";
    procedure->version = raw->version ? raw->version : "";
    procedure->title = raw->title ? raw->title : "";
    procedure->source = raw->source;
    procedure->calendar = raw->calendar ? raw->calendar : "";
    procedure->zone = raw->zone ? raw->zone : "Europe/London";
    procedure->skipping_marked = raw->skipping == 1;
    procedure->never_later = raw->calendar_change == 0;
    read_working_day(reader, yaml_get(root, "working_day"), raw->working_day);
    if (raw->calendar)
        check_calendar(reader, yaml_get(root, "calendar"), raw->calendar);
    if (raw->remind && raw->remind->kind == YAML_SCALAR)
        read_remind(reader, raw->remind, &reader->defaults.remind);
    else if (raw->remind)
        reader_fault(reader, raw->remind, "`remind` is %s (it should be a phrase)",
                     yaml_kind_name(raw->remind));
    if (raw->chase && raw->chase->kind == YAML_SCALAR)
        read_chase(reader, raw->chase, &reader->defaults.chase);
    else if (raw->chase)
        reader_fault(reader, raw->chase, "`chase` is %s (it should be a phrase)",
                     yaml_kind_name(raw->chase));
    read_counting(reader, raw->counting, &reader->counting);
}

static void declare_event(struct procedure_reader *reader, const struct yaml_node *item,
                          const char **declared)
{
    *declared = "";
    if (item->kind != YAML_SCALAR || !yaml_is_id(item->text)) {
        reader_fault(reader, item, "no name of an event (letters, digits and . _ -)");
        return;
    }
    if (!strncmp(item->text, EVENT_PREFIX, strlen(EVENT_PREFIX)))
        reader_fault(reader, item, "\"%s\" is written with its prefix (without it: %s)", item->text,
                     item->text + strlen(EVENT_PREFIX));
    for (size_t i = 0; i < reader->event_count; i++) {
        if (!strcmp(reader->events[i], item->text))
            reader_fault(reader, item, "the event `%s` is there already", item->text);
    }
    *declared = item->text;
    reader->events[reader->event_count++] = item->text;
}

static void read_events(struct procedure_reader *reader, const struct yaml_node *list)
{
    const char **declared;

    for (int kind = EVENT_UNKNOWN + 1; kind < EVENT_KIND_COUNT; kind++)
        reader->events[reader->event_count++] = event_name((enum event_kind)kind);
    if (!list)
        return;
    declared = arena_take(reader->source.arena, list->count * sizeof *declared);
    for (size_t i = 0; declared && i < list->count; i++)
        declare_event(reader, &list->items[i], &declared[i]);
    reader->procedure->events = (struct names){ declared, declared ? list->count : 0 };
}

static void read_procedure(struct procedure_reader *reader, const struct yaml_node *root)
{
    struct raw_procedure raw = { 0 };

    read_top(reader, root, &raw);
    if (root->kind != YAML_MAP)
        return;
    outline_roles(reader, raw.roles);
    read_roles(reader, raw.roles);
    read_events(reader, raw.events);
    outline_deadlines(reader, raw.stages, UNDER_STAGES);
    outline_deadlines(reader, raw.deadlines, UNDER_DEADLINES);
    outline_deadlines(reader, raw.after_resolution, UNDER_AFTER_RESOLUTION);
    sort_outline(reader);
    read_facts(reader, raw.facts);
    read_deadlines(reader);
    read_rules(reader, raw.rules);
}

void reader_fault(struct procedure_reader *reader, const struct yaml_node *at, const char *format,
                  ...)
{
    char text[FAULT_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_fault(&reader->source, at, "%s", text);
    reader->faulty = true;
}

void reader_fault_word(struct procedure_reader *reader, const struct yaml_node *at,
                       const char *what, const char *word, const char *const *words, size_t count)
{
    const char *nearest = nearest_word(word, words, count);
    char all[FAULT_TEXT_SIZE / 2] = "";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", words[i]);
    if (nearest)
        reader_fault(reader, at, "unknown %s `%s` (did you mean `%s`?)", what, word, nearest);
    else
        reader_fault(reader, at, "unknown %s `%s` (there are: %s)", what, word, all);
}

void reader_record(struct procedure_reader *reader, const struct yaml_node *map,
                   const struct yaml_key *keys, size_t key_count, void *record)
{
    if (yaml_record(&reader->source, map, keys, key_count, record) != YAML_READ)
        reader->faulty = true;
}

const struct procedure *procedure_of(const struct procedure_file *file)
{
    return &file->procedure;
}

const char *procedure_text(const struct procedure_file *file, size_t *length)
{
    *length = file->length;
    return file->bytes;
}

const char *procedure_name(const struct procedure_file *file)
{
    return file->name;
}

void procedure_place(const struct procedure_file *file, const char *key, unsigned *line,
                     unsigned *column)
{
    const struct yaml_node *value = yaml_get(file->root, key);

    *line = value ? value->line : 0;
    *column = value ? value->column : 0;
}

static const struct yaml_node *find_in(const struct yaml_node *node, unsigned line, const char *key)
{
    const struct yaml_node *found =
        node->kind == YAML_MAP && node->line == line ? yaml_get(node, key) : NULL;

    for (size_t i = 0; !found && node->kind == YAML_LIST && i < node->count; i++)
        found = find_in(&node->items[i], line, key);
    for (size_t i = 0; !found && node->kind == YAML_MAP && i < node->count; i++)
        found = find_in(&node->pairs[i].value, line, key);
    return found;
}

void procedure_place_in(const struct procedure_file *file, unsigned item_line, const char *key,
                        unsigned *line, unsigned *column)
{
    const struct yaml_node *value = find_in(file->root, item_line, key);

    *line = value ? value->line : 0;
    *column = value ? value->column : 0;
}

void procedure_close(struct procedure_file **file)
{
    if (*file)
        arena_close(&(*file)->arena);
    free(*file);
    *file = NULL;
}
