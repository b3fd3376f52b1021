/* yaml_record.c - a tree becomes records by tables: one row per key. */
#include "policy/yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    TEXT_MAX = 4000, /* bytes of a text whose row says nothing */
    LIST_MAX = 20000,
    NUMBER_DIGITS_MAX = 15
};

static const struct yaml_key *row_of(const struct yaml_key *keys, size_t count, const char *name);
static void tell_unknown_key(const struct yaml_source *source, const struct yaml_node *key,
                             const struct yaml_key *keys, size_t key_count);
static bool read_text(const struct yaml_source *source, const struct yaml_node *value,
                      const struct yaml_key *key, void *field);
static bool read_texts(const struct yaml_source *source, const struct yaml_node *value,
                       const struct yaml_key *key, void *field);
static bool read_number(const struct yaml_source *source, const struct yaml_node *value,
                        const struct yaml_key *key, void *field);
static bool read_yes(const struct yaml_source *source, const struct yaml_node *value,
                     const struct yaml_key *key, void *field);
static bool read_choice(const struct yaml_source *source, const struct yaml_node *value,
                        const struct yaml_key *key, void *field);
static bool read_duration(const struct yaml_source *source, const struct yaml_node *value,
                          const struct yaml_key *key, void *field);
static bool read_node(const struct yaml_source *source, const struct yaml_node *value,
                      const struct yaml_key *key, void *field);

/* One row per kind of key; what it must be, for who wrote something else. */
static const struct {
    bool (*read)(const struct yaml_source *, const struct yaml_node *, const struct yaml_key *,
                 void *field);
    enum yaml_node_kind node;
    const char *is;
} kinds[] = {
    [YAML_KEY_TEXT] = { read_text, YAML_SCALAR, "a text" },
    [YAML_KEY_ID] = { read_text, YAML_SCALAR, "an id" },
    [YAML_KEY_TEXTS] = { read_texts, YAML_LIST, "a list, in [ ]" },
    [YAML_KEY_NUMBER] = { read_number, YAML_SCALAR, "a number" },
    [YAML_KEY_YES] = { read_yes, YAML_SCALAR, "yes or no" },
    [YAML_KEY_TRUE] = { read_yes, YAML_SCALAR, "true" },
    [YAML_KEY_CHOICE] = { read_choice, YAML_SCALAR, "a word" },
    [YAML_KEY_DURATION] = { read_duration, YAML_SCALAR, "a length of time" },
    [YAML_KEY_LIST] = { read_node, YAML_LIST, "a list" },
    [YAML_KEY_MAP] = { read_node, YAML_MAP, "a map" },
    [YAML_KEY_NODE] = { read_node, YAML_SCALAR, "a value" },
};

int yaml_record(const struct yaml_source *source, const struct yaml_node *map,
                const struct yaml_key *keys, size_t key_count, void *record)
{
    int answer = YAML_READ;

    if (map->kind != YAML_MAP) {
        yaml_fault(source, map, "%s where a map of keys is expected", yaml_kind_name(map));
        return YAML_FAULTY;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        const struct yaml_key *row = row_of(keys, key_count, pair->key.text);

        if (!row) {
            tell_unknown_key(source, &pair->key, keys, key_count);
            answer = YAML_FAULTY;
        } else if (yaml_value(source, &pair->value, row, record) != YAML_READ) {
            answer = YAML_FAULTY;
        }
    }
    for (size_t i = 0; i < key_count; i++) {
        if (!keys[i].required || yaml_get(map, keys[i].name))
            continue;
        yaml_fault(source, map, "`%s` is missing", keys[i].name);
        answer = YAML_FAULTY;
    }
    return arena_failed(source->arena) ? -ENOMEM : answer;
}

int yaml_value(const struct yaml_source *source, const struct yaml_node *value,
               const struct yaml_key *key, void *record)
{
    if (value->empty) {
        yaml_fault(source, value, "`%s` has no value (it is %s)", key->name, kinds[key->kind].is);
        return YAML_FAULTY;
    }
    if (key->kind != YAML_KEY_NODE && value->kind != kinds[key->kind].node) {
        yaml_fault(source, value, "`%s` is %s (it should be %s)", key->name, yaml_kind_name(value),
                   kinds[key->kind].is);
        return YAML_FAULTY;
    }
    if (!kinds[key->kind].read(source, value, key, (char *)record + key->offset))
        return arena_failed(source->arena) ? -ENOMEM : YAML_FAULTY;
    return YAML_READ;
}

bool yaml_is_id(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._:/-";
    size_t length = strlen(text);

    return length >= 1 && length <= ID_MAX && strspn(text, letters) == length;
}

static const struct yaml_key *row_of(const struct yaml_key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(keys[i].name, name))
            return &keys[i];
    }
    return NULL;
}

enum { NAMES_MAX = 64 };

static void tell_unknown_key(const struct yaml_source *source, const struct yaml_node *key,
                             const struct yaml_key *keys, size_t key_count)
{
    const char *names[NAMES_MAX];
    size_t count = key_count < NAMES_MAX ? key_count : NAMES_MAX;
    const char *nearest;
    char all[FAULT_TEXT_SIZE / 2] = "";
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        names[i] = keys[i].name;
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "",
                                     keys[i].name);
    }
    nearest = nearest_word(key->text, names, count);
    if (nearest)
        yaml_fault(source, key, "unknown key `%s` (did you mean `%s`?)", key->text, nearest);
    else
        yaml_fault(source, key, "unknown key `%s` (there are: %s)", key->text, all);
}

static bool read_text(const struct yaml_source *source, const struct yaml_node *value,
                      const struct yaml_key *key, void *field)
{
    size_t length = strlen(value->text);
    size_t most = key->most ? (size_t)key->most : TEXT_MAX;

    if (key->kind == YAML_KEY_ID && !yaml_is_id(value->text)) {
        yaml_fault(source, value, "`%s` is no id (1 to %d letters A-Z a-z, digits and . _ : / -)",
                   key->name, ID_MAX);
        return false;
    }
    if (strchr(value->text, '\n')) {
        yaml_fault(source, value, "`%s` goes over several lines (it is one line)", key->name);
        return false;
    }
    if (length > most) {
        yaml_fault(source, value, "`%s` is too long, %zu bytes (at most %zu)", key->name, length,
                   most);
        return false;
    }
    if (length < (size_t)key->least) {
        yaml_fault(source, value, "`%s` is too short (at least %zu bytes)", key->name,
                   (size_t)key->least);
        return false;
    }
    *(const char **)field = value->text;
    return true;
}

static bool is_within(const struct yaml_source *source, const struct yaml_node *value,
                      const struct yaml_key *key)
{
    size_t most = key->most ? (size_t)key->most : LIST_MAX;

    if (value->count > most) {
        const struct yaml_node *at =
            value->kind == YAML_MAP ? &value->pairs[most].key : &value->items[most];

        yaml_fault(source, at, "`%s` holds too much, %zu (at most %zu)", key->name, value->count,
                   most);
        return false;
    }
    if (value->count == 0 && key->least > 0) {
        yaml_fault(source, value, "`%s` is empty (at least %zu)", key->name, (size_t)key->least);
        return false;
    }
    if (value->count < (size_t)key->least) {
        yaml_fault(source, value, "`%s` holds too little, %zu (at least %zu)", key->name,
                   value->count, (size_t)key->least);
        return false;
    }
    return true;
}

static bool read_texts(const struct yaml_source *source, const struct yaml_node *value,
                       const struct yaml_key *key, void *field)
{
    struct yaml_texts texts = { .count = value->count };
    const char **list;
    bool fine = is_within(source, value, key);

    if (!fine)
        return false;
    list = arena_take(source->arena, value->count * sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml_node *item = &value->items[i];

        if (item->kind != YAML_SCALAR || item->empty || strchr(item->text, '\n')) {
            yaml_fault(source, item, "%s in `%s` (every item is one line of text)",
                       yaml_kind_name(item), key->name);
            fine = false;
            continue;
        }
        list[i] = item->text;
    }
    if (!fine)
        return false;
    texts.list = list;
    *(struct yaml_texts *)field = texts;
    return true;
}

/* Plain digits only: nothing is guessed to be hexadecimal or a power. */
static bool digits_read(const char *text, size_t length, int64_t *number)
{
    int64_t sum = 0;

    if (!length || length > NUMBER_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        sum = sum * 10 + (text[i] - '0');
    }
    *number = sum;
    return true;
}

static bool read_number(const struct yaml_source *source, const struct yaml_node *value,
                        const struct yaml_key *key, void *field)
{
    int64_t number;
    int64_t most = key->most ? key->most : INT64_MAX;

    if (!digits_read(value->text, strlen(value->text), &number)) {
        yaml_fault(source, value, "`%s` is no number: \"%s\" (digits alone)", key->name,
                   value->text);
        return false;
    }
    if (number < key->least || number > most) {
        yaml_fault(source, value, "`%s` is %" PRId64 " (at least %" PRId64 ", at most %" PRId64 ")",
                   key->name, number, key->least, most);
        return false;
    }
    *(int64_t *)field = number;
    return true;
}

static bool read_yes(const struct yaml_source *source, const struct yaml_node *value,
                     const struct yaml_key *key, void *field)
{
    bool yes = !strcmp(value->text, "yes"), no = !strcmp(value->text, "no");
    bool is_true = !strcmp(value->text, "true"), is_false = !strcmp(value->text, "false");

    if (key->kind == YAML_KEY_TRUE && !is_true) {
        yaml_fault(source, value, "`%s` is \"%s\" (write true, or leave it out)", key->name,
                   value->text);
        return false;
    }
    if (!yes && !no && !is_true && !is_false) {
        yaml_fault(source, value, "`%s` is \"%s\" (yes or no)", key->name, value->text);
        return false;
    }
    *(bool *)field = yes || is_true;
    return true;
}

static bool read_choice(const struct yaml_source *source, const struct yaml_node *value,
                        const struct yaml_key *key, void *field)
{
    char all[FAULT_TEXT_SIZE / 2] = "";
    size_t count = 0, used = 0;
    const char *nearest;

    for (; key->words[count]; count++) {
        if (!strcmp(value->text, key->words[count])) {
            *(int *)field = (int)count;
            return true;
        }
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", count ? ", " : "",
                                     key->words[count]);
    }
    nearest = nearest_word(value->text, key->words, count);
    if (nearest)
        yaml_fault(source, value, "`%s` is \"%s\" (did you mean %s?)", key->name, value->text,
                   nearest);
    else
        yaml_fault(source, value, "`%s` is \"%s\" (one of: %s)", key->name, value->text, all);
    return false;
}

static const struct {
    const char *name;
    int64_t us;
} units[] = {
    { "ms", SECOND_US / 1000 }, { "second", SECOND_US },  { "seconds", SECOND_US },
    { "minute", MINUTE_US },    { "minutes", MINUTE_US }, { "hour", HOUR_US },
    { "hours", HOUR_US },       { "day", DAY_US },        { "days", DAY_US },
};

static bool duration_read(const char *text, int64_t *us)
{
    size_t digits = strspn(text, "0123456789");
    int64_t number;

    if (!digits_read(text, digits, &number) || text[digits] != ' ')
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!strcmp(text + digits + 1, units[i].name) && number <= INT64_MAX / units[i].us) {
            *us = number * units[i].us;
            return true;
        }
    }
    return false;
}

static bool read_duration(const struct yaml_source *source, const struct yaml_node *value,
                          const struct yaml_key *key, void *field)
{
    int64_t us;
    int64_t most = key->most ? key->most : INT64_MAX;

    if (!duration_read(value->text, &us)) {
        yaml_fault(source, value,
                   "`%s` is no length of time: \"%s\" (a number and ms, seconds, minutes, hours "
                   "or days)",
                   key->name, value->text);
        return false;
    }
    if (us < key->least || us > most) {
        yaml_fault(source, value, "`%s` is too %s: \"%s\"", key->name,
                   us < key->least ? "short" : "long", value->text);
        return false;
    }
    *(int64_t *)field = us;
    return true;
}

static bool read_node(const struct yaml_source *source, const struct yaml_node *value,
                      const struct yaml_key *key, void *field)
{
    if (value->kind != YAML_SCALAR && !is_within(source, value, key))
        return false;
    *(const struct yaml_node **)field = value;
    return true;
}
