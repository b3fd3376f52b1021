/* mapping.c - reads a mapping out of its YAML file. */
#include "spool/mapping_parts.h"

#include "core/event.h"
#include "policy/zoneinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ZONE "Europe/London"

/* The file's keys. */
struct written {
    const char *separator, *zone;
    struct yaml_texts times, identity;
    const struct yaml_node *members, *members_of;
};

#define FIELD(name) offsetof(struct written, name)
/* clang-format off */
static const struct yaml_key file_keys[] = {
    { "separator",  YAML_KEY_TEXT,  FIELD(separator),  .least = 1, .most = 3 },
    { "zone",       YAML_KEY_TEXT,  FIELD(zone),       .least = 1, .most = ID_MAX },
    { "times",      YAML_KEY_TEXTS, FIELD(times),      .least = 1, .most = TIMES_FORMS_MAX },
    { "identity",   YAML_KEY_TEXTS, FIELD(identity),   .least = 1, .most = MAPPING_IDENTITY_MAX },
    { "members",    YAML_KEY_MAP,   FIELD(members),    true, 1, MAPPING_MEMBERS_MAX, NULL },
    { "members_of", YAML_KEY_MAP,   FIELD(members_of), .least = 1, .most = EVENT_KIND_COUNT * 2 },
};

/* The keys of one member. */
struct written_member {
    const char *column;
    struct yaml_texts columns;
    const struct yaml_node *values;
    const char *otherwise, *empty, *before;
    bool required;
};

#undef FIELD
#define FIELD(name) offsetof(struct written_member, name)
static const struct yaml_key member_keys[] = {
    { "column",    YAML_KEY_TEXT,  FIELD(column),    .least = 1, .most = 200 },
    { "columns",   YAML_KEY_TEXTS, FIELD(columns),   .least = 1, .most = MAPPING_COLUMNS_MAX },
    { "values",    YAML_KEY_MAP,   FIELD(values),    .least = 1, .most = MAPPING_VALUES_MAX },
    { "otherwise", YAML_KEY_TEXT,  FIELD(otherwise), .least = 1, .most = FREE_TEXT_MAX },
    { "empty",     YAML_KEY_TEXT,  FIELD(empty),     .least = 1, .most = FREE_TEXT_MAX },
    { "before",    YAML_KEY_TEXT,  FIELD(before),    .least = 1, .most = ID_MAX },
    { "required",  YAML_KEY_YES,   FIELD(required),  .least = 0 },
};
/* clang-format on */
#undef FIELD

/* Members that are times, wherever they stand. */
static const char *const times_of_events[] = { "time",       "received",    "data.due",
                                               "data.until", "data.review", "data.date" };

static int read_file(const struct yaml_source *source, const char *bytes, size_t size,
                     struct mapping *mapping);
static int read_separator(const struct yaml_source *source, const struct yaml_node *root,
                          const char *written, char *separator);
static int read_times(const struct yaml_source *source, const struct yaml_node *root,
                      const struct written *written, struct mapping *mapping);
static int read_section(const struct yaml_source *source, const struct yaml_node *map,
                        struct mapping_section *section);
static int read_sections(const struct yaml_source *source, const struct yaml_node *map,
                         struct mapping *mapping);
static int read_member(const struct yaml_source *source, const struct yaml_pair *pair,
                       struct mapping_member *member);
static int read_origin(const struct yaml_source *source, const struct yaml_pair *pair,
                       struct mapping_member *member);
static bool read_path(const struct yaml_source *source, const struct yaml_node *key,
                      struct mapping_member *member);
static const char *read_step(const struct yaml_source *source, const char *at,
                             struct mapping_step *step);
static bool values_are_texts(const struct yaml_source *source, const struct yaml_node *values);
static int check_needed(const struct yaml_source *source, const struct yaml_node *members,
                        const struct mapping *mapping);
static void check_types(const struct yaml_source *source, const struct yaml_node *members);
static void warn_of_type(const struct yaml_source *source, const struct yaml_node *at,
                         const char *type);

int mapping_load(const char *file, struct faults *faults, struct mapping **mapping)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = file, .arena = arena, .faults = faults };
    char *bytes;
    size_t size;
    int answer = arena ? yaml_read_bytes(&source, &bytes, &size) : -ENOMEM;

    if (answer)
        return answer == YAML_FAULTY ? MAPPING_FAULTY : answer;
    return mapping_read(file, bytes, size, faults, mapping);
}

int mapping_read(const char *file, const char *bytes, size_t size, struct faults *faults,
                 struct mapping **mapping_p)
{
    CLEANUP(mapping_close) struct mapping *mapping = calloc(1, sizeof *mapping);
    struct yaml_source source = { .file = file, .faults = faults };
    size_t first = faults->count;
    int answer;

    if (!mapping || !(mapping->arena = arena_open()))
        return -ENOMEM;
    source.arena = mapping->arena;
    answer = read_file(&source, bytes, size, mapping);
    faults_sort(faults, first);
    if (answer == YAML_READ && !arena_failed(mapping->arena)) {
        *mapping_p = mapping;
        mapping = NULL;
        return MAPPING_OK;
    }
    return answer == YAML_FAULTY ? MAPPING_FAULTY : -ENOMEM;
}

static int read_file(const struct yaml_source *source, const char *bytes, size_t size,
                     struct mapping *mapping)
{
    struct written written = { .separator = ",", .zone = DEFAULT_ZONE };
    const struct yaml_node *root;
    int answer = yaml_parse(source, bytes, size, &root);

    if (answer || (answer = yaml_record(source, root, file_keys, COUNT_OF(file_keys), &written)))
        return answer;
    mapping->identity = written.identity;
    if ((answer = read_separator(source, root, written.separator, &mapping->separator)) ||
        (answer = read_times(source, root, &written, mapping)) ||
        (answer = read_section(source, written.members, &mapping->every)) ||
        (answer = read_sections(source, written.members_of, mapping)))
        return answer;
    check_types(source, written.members);
    return check_needed(source, written.members, mapping);
}

static int read_separator(const struct yaml_source *source, const struct yaml_node *root,
                          const char *written, char *separator)
{
    if (!strcmp(written, "tab")) {
        *separator = '\t';
        return YAML_READ;
    }
    if (strlen(written) == 1 && strchr(",;|", *written)) {
        *separator = *written;
        return YAML_READ;
    }
    yaml_fault(source, yaml_get(root, "separator"),
               "`separator` is none of \",\" \";\" \"|\" and tab");
    return YAML_FAULTY;
}

static int read_times(const struct yaml_source *source, const struct yaml_node *root,
                      const struct written *written, struct mapping *mapping)
{
    const struct yaml_node *zone = yaml_get(root, "zone");
    const struct yaml_node *list = yaml_get(root, "times");
    char why[FAULT_TEXT_SIZE];
    struct text error = text_over(why, sizeof why);
    int answer = zoneinfo_load(written->zone, &mapping->zone, &error);

    if (answer < 0)
        return answer;
    if (answer != ZONEINFO_OK) {
        yaml_fault(source, zone ? zone : root, "`zone`: %s", why);
        return YAML_FAULTY;
    }
    mapping->times.zone = mapping->zone;
    for (size_t i = 0; i < written->times.count; i++) {
        const char *form = written->times.list[i];
        const char *fault = times_form_fault(form);

        if (fault) {
            yaml_fault(source, &list->items[i], "`times`: \"%.60s\" %s", form, fault);
            return YAML_FAULTY;
        }
        snprintf(mapping->times.forms[mapping->times.form_count++], TIMES_FORM_MAX + 1, "%s", form);
    }
    return YAML_READ;
}

static int read_section(const struct yaml_source *source, const struct yaml_node *map,
                        struct mapping_section *section)
{
    int answer = YAML_READ;

    if (map->count > MAPPING_MEMBERS_MAX) {
        yaml_fault(source, &map->pairs[MAPPING_MEMBERS_MAX].key, "more than %d members",
                   MAPPING_MEMBERS_MAX);
        return YAML_FAULTY;
    }
    for (size_t i = 0; i < map->count; i++)
        answer |= read_member(source, &map->pairs[i], &section->members[section->count++]);
    return answer;
}

static int read_sections(const struct yaml_source *source, const struct yaml_node *map,
                         struct mapping *mapping)
{
    int answer = YAML_READ;

    if (!map)
        return answer;
    mapping->sections = arena_take(source->arena, map->count * sizeof *mapping->sections);
    if (!mapping->sections)
        return -ENOMEM;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        struct mapping_section *section = &mapping->sections[mapping->section_count++];
        char whole[EVENT_TYPE_MAX + 1];

        if (pair->value.kind != YAML_MAP || pair->value.count == 0 ||
            !mapping_whole_type(pair->key.text, whole, sizeof whole)) {
            yaml_fault(source, &pair->key, "`members_of` holds maps of members by type of event");
            answer = YAML_FAULTY;
            continue;
        }
        warn_of_type(source, &pair->key, pair->key.text);
        section->type = arena_text(source->arena, whole, strlen(whole));
        answer |= read_section(source, &pair->value, section);
    }
    return answer;
}

static int read_member(const struct yaml_source *source, const struct yaml_pair *pair,
                       struct mapping_member *member)
{
    *member = (struct mapping_member){ .path = pair->key.text };
    if (!read_path(source, &pair->key, member))
        return YAML_FAULTY;
    for (size_t i = 0; i < COUNT_OF(times_of_events); i++)
        member->is_time |= !strcmp(member->path, times_of_events[i]);
    member->required = !strcmp(member->path, "type") || !strcmp(member->path, "subject") ||
                       !strcmp(member->path, "time");
    if (pair->value.kind == YAML_SCALAR && !pair->value.empty) {
        member->constant = pair->value.text;
        return YAML_READ;
    }
    if (pair->value.kind != YAML_MAP) {
        yaml_fault(source, &pair->value,
                   "`%s` is neither a text nor a map with `column` (a constant, or where it "
                   "comes from)",
                   member->path);
        return YAML_FAULTY;
    }
    return read_origin(source, pair, member);
}

static int read_origin(const struct yaml_source *source, const struct yaml_pair *pair,
                       struct mapping_member *member)
{
    struct written_member written = { .required = member->required };
    int answer = yaml_record(source, &pair->value, member_keys, COUNT_OF(member_keys), &written);

    if (answer)
        return answer;
    if (!written.column == !written.columns.count) {
        yaml_fault(source, &pair->value, "`%s` needs one of `column` and `columns`", member->path);
        return YAML_FAULTY;
    }
    if (written.values && !values_are_texts(source, written.values))
        return YAML_FAULTY;
    if (written.otherwise && !written.values) {
        yaml_fault(source, &pair->value, "`otherwise` says nothing without `values`");
        return YAML_FAULTY;
    }
    if (written.column) {
        const char **list = arena_take(source->arena, sizeof *list);

        if (!list)
            return -ENOMEM;
        list[0] = written.column;
        written.columns = (struct yaml_texts){ .list = list, .count = 1 };
    }
    member->columns = written.columns;
    member->values = written.values;
    member->otherwise = written.otherwise;
    member->empty = written.empty;
    member->before = written.before;
    member->required = written.required;
    return YAML_READ;
}

/* "data.challenged[0].agency" */
static bool read_path(const struct yaml_source *source, const struct yaml_node *key,
                      struct mapping_member *member)
{
    const char *at = key->text;

    while (at && *at && member->step_count < MAPPING_STEPS_MAX)
        at = read_step(source, at, &member->steps[member->step_count++]);
    if (at && !*at && member->step_count > 0)
        return true;
    yaml_fault(source, key,
               "`%.80s` is no member's path (names with dots, places of lists 0 to 7: "
               "data.challenged[0].agency)",
               key->text);
    return false;
}

/* The text behind the step, or NULL where there is none. */
static const char *read_step(const struct yaml_source *source, const char *at,
                             struct mapping_step *step)
{
    size_t length = strcspn(at, ".[");

    if (*at == '[') {
        if (at[1] < '0' || at[1] >= '0' + MAPPING_LIST_MAX || at[2] != ']')
            return NULL;
        step->place = (size_t)(at[1] - '0');
        at += 3;
    } else {
        step->name = length > 0 ? arena_text(source->arena, at, length) : NULL;
        if (!step->name)
            return NULL;
        at += length;
    }
    if (*at == '.')
        return at[1] && !strchr(".[", at[1]) ? at + 1 : NULL;
    return !*at || *at == '[' ? at : NULL;
}

static bool values_are_texts(const struct yaml_source *source, const struct yaml_node *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct yaml_node *value = &values->pairs[i].value;

        if (value->kind == YAML_SCALAR && !value->empty)
            continue;
        yaml_fault(source, value, "`values`: `%.60s` is given no text", values->pairs[i].key.text);
        return false;
    }
    return true;
}

static const struct mapping_member *member_of(const struct mapping_section *section,
                                              const char *path)
{
    for (size_t i = 0; i < section->count; i++)
        if (!strcmp(section->members[i].path, path))
            return &section->members[i];
    return NULL;
}

static int check_needed(const struct yaml_source *source, const struct yaml_node *members,
                        const struct mapping *mapping)
{
    static const char *const needed[] = { "type", "subject" };

    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (member_of(&mapping->every, needed[i]))
            continue;
        yaml_fault(source, members, "`members` has no `%s` (every event has one)", needed[i]);
        return YAML_FAULTY;
    }
    for (size_t i = 0; i < mapping->section_count; i++)
        if (member_of(&mapping->sections[i], "type")) {
            yaml_fault(source, members, "`type` is said twice (in `members` alone)");
            return YAML_FAULTY;
        }
    return YAML_READ;
}

/* A type nobody knows is acknowledged and changes nothing, unless a procedure declares it. */
static void check_types(const struct yaml_source *source, const struct yaml_node *members)
{
    const struct yaml_node *type = yaml_get(members, "type");
    const struct yaml_node *values = type && type->kind == YAML_MAP ? yaml_get(type, "values") : 0;

    if (type && type->kind == YAML_SCALAR)
        warn_of_type(source, type, type->text);
    for (size_t i = 0; values && i < values->count; i++)
        if (values->pairs[i].value.kind == YAML_SCALAR)
            warn_of_type(source, &values->pairs[i].value, values->pairs[i].value.text);
}

static void warn_of_type(const struct yaml_source *source, const struct yaml_node *at,
                         const char *type)
{
    const char *names[EVENT_KIND_COUNT];
    const char *near;
    char whole[EVENT_TYPE_MAX + 1];

    if (mapping_whole_type(type, whole, sizeof whole) && event_kind_of(whole) != EVENT_UNKNOWN)
        return;
    for (int i = 0; i < EVENT_KIND_COUNT; i++)
        names[i] = i == EVENT_UNKNOWN ? NULL : event_name((enum event_kind)i);
    near = nearest_word(event_short_type(type), names, COUNT_OF(names));
    faults_warn(source->faults, source->file, at->line, at->column,
                "no type of event is called `%.80s`, so it changes nothing unless the procedure "
                "declares it%s%s%s",
                type, near ? " (did you mean `" : "", near ? near : "", near ? "`?)" : "");
}

bool mapping_whole_type(const char *type, char *whole, size_t size)
{
    int length = snprintf(whole, size, "%s%s", EVENT_PREFIX, event_short_type(type));

    return length > 0 && (size_t)length < size;
}

char mapping_separator(const struct mapping *mapping)
{
    return mapping->separator;
}

void mapping_close(struct mapping **mapping_p)
{
    struct mapping *mapping = *mapping_p;

    if (!mapping)
        return;
    zoneinfo_free(&mapping->zone);
    arena_close(&mapping->arena);
    free(mapping);
    *mapping_p = NULL;
}
