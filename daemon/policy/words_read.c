/* words_read.c - reads the words of a language from their files. */
#include "policy/words_read.h"

#include "policy/yaml.h"

#include <string.h>

enum { WORD_MAX = 300, LISTS = 3, KEYS = WORD_COUNT + LISTS + WORD_UNITS };

/* A file's keys as they are written. */
struct raw_words {
    const char *of[WORD_COUNT];
    struct yaml_texts lists[LISTS];
    const struct yaml_node *units[WORD_UNITS];
};

static const struct {
    const char *name;
    size_t count;
    size_t offset; /* in struct words */
    const char *like;
} lists[LISTS] = {
    { "weekdays", 7, offsetof(struct words, weekdays), "[Monday, Tuesday, ..., Sunday]" },
    { "weekdays_brief", 7, offsetof(struct words, weekdays_brief), "[Mon, Tue, ..., Sun]" },
    { "months", 12, offsetof(struct words, months), "[January, February, ..., December]" },
};

struct words_reader {
    struct yaml_source source;
    const struct yaml_node *root;
    struct words *words;
    bool faulty;
};

static void make_keys(struct yaml_key keys[KEYS])
{
    size_t count = 0;

    for (size_t i = 0; i < WORD_COUNT; i++)
        keys[count++] =
            (struct yaml_key){ .name = word_name((enum word)i),
                               .kind = YAML_KEY_TEXT,
                               .offset = offsetof(struct raw_words, of) + i * sizeof(const char *),
                               .least = 1,
                               .most = WORD_MAX };
    for (size_t i = 0; i < LISTS; i++)
        keys[count++] = (struct yaml_key){ .name = lists[i].name,
                                           .kind = YAML_KEY_TEXTS,
                                           .offset = offsetof(struct raw_words, lists) +
                                                     i * sizeof(struct yaml_texts),
                                           .least = (int64_t)lists[i].count,
                                           .most = (int64_t)lists[i].count };
    for (size_t i = 0; i < WORD_UNITS; i++)
        keys[count++] = (struct yaml_key){ .name = word_unit_name((enum word_unit)i),
                                           .kind = YAML_KEY_MAP,
                                           .offset = offsetof(struct raw_words, units) +
                                                     i * sizeof(const struct yaml_node *),
                                           .least = 1,
                                           .most = WORD_FORMS_MAX + 1 };
}

static void tell(struct words_reader *reader, const struct yaml_node *at, const char *name,
                 const char *why, const char *right)
{
    yaml_fault(&reader->source, at, "`%s`: %s (%s)", name, why, right);
    reader->faulty = true;
}

static void take_word(struct words_reader *reader, enum word word, const char *text)
{
    struct template_fault fault;

    if (!text)
        return;
    if (word_check(word, text, &fault) != TEMPLATE_OK)
        tell(reader, yaml_get(reader->root, word_name(word)), word_name(word), fault.why,
             words_builtin.of[word]);
    else if (!reader->words->of[word])
        reader->words->of[word] = text;
}

static void take_list(struct words_reader *reader, size_t list, const struct yaml_texts *texts)
{
    const char **words = (const char **)((char *)reader->words + lists[list].offset);

    for (size_t i = 0; i < texts->count && i < lists[list].count && !words[0]; i++)
        if (texts->list[i][0] == '\0' || strstr(texts->list[i], "{{"))
            tell(reader, yaml_get(reader->root, lists[list].name), lists[list].name,
                 "one of them is no word", lists[list].like);
    if (texts->count == lists[list].count && !words[0])
        memcpy(words, texts->list, texts->count * sizeof *words);
}

/* The number a form is for: "other" is WORD_FORMS_MAX; -1 if it is none. */
static int number_of(const char *key)
{
    int number = 0;

    if (!strcmp(key, "other"))
        return WORD_FORMS_MAX;
    if (strlen(key) > 2 || strspn(key, "0123456789") != strlen(key))
        return -1;
    for (; *key; key++)
        number = number * 10 + (*key - '0');
    return number < WORD_FORMS_MAX ? number : -1;
}

static void take_form(struct words_reader *reader, const char *unit, const struct yaml_pair *pair,
                      struct word_forms *forms)
{
    static const char like[] = "1: \"{{count}} hour\", other: \"{{count}} hours\"";
    int number = number_of(pair->key.text);
    struct template_fault fault;

    if (number < 0)
        tell(reader, &pair->key, unit, "no number from 0 to 59, nor `other`", like);
    else if (pair->value.kind != YAML_SCALAR || pair->value.empty)
        tell(reader, &pair->value, unit, "not a text", like);
    else if (word_form_check(pair->value.text, number < WORD_FORMS_MAX, &fault) != TEMPLATE_OK)
        tell(reader, &pair->value, unit, fault.why, like);
    else if (number == WORD_FORMS_MAX)
        forms->other = pair->value.text;
    else
        forms->of[number] = pair->value.text;
}

/* The forms of a unit belong together: one file has all of them. */
static void take_unit(struct words_reader *reader, enum word_unit unit, const struct yaml_node *map)
{
    struct word_forms forms = { .other = NULL };

    if (!map)
        return;
    for (size_t i = 0; i < map->count; i++)
        take_form(reader, word_unit_name(unit), &map->pairs[i], &forms);
    if (!yaml_get(map, "other"))
        tell(reader, map, word_unit_name(unit), "`other` is missing",
             words_builtin.units[unit].other);
    else if (!reader->words->units[unit].other)
        reader->words->units[unit] = forms;
}

int words_read(const char *path, struct arena *arena, struct faults *faults, struct words *words)
{
    struct words_reader reader = { .source = { path, arena, faults }, .words = words };
    struct raw_words raw = { .of = { NULL } };
    struct yaml_key keys[KEYS];
    char *bytes = NULL;
    size_t length = 0;
    int answer = yaml_read_bytes(&reader.source, &bytes, &length);

    if (answer == YAML_READ)
        answer = yaml_parse(&reader.source, bytes, length, &reader.root);
    if (answer)
        return answer < 0 ? answer : WORDS_FAULTY;
    make_keys(keys);
    answer = yaml_record(&reader.source, reader.root, keys, KEYS, &raw);
    if (answer)
        return answer < 0 ? answer : WORDS_FAULTY;
    for (size_t i = 0; i < WORD_COUNT; i++)
        take_word(&reader, (enum word)i, raw.of[i]);
    for (size_t i = 0; i < LISTS; i++)
        take_list(&reader, i, &raw.lists[i]);
    for (size_t i = 0; i < WORD_UNITS; i++)
        take_unit(&reader, (enum word_unit)i, raw.units[i]);
    return reader.faulty ? WORDS_FAULTY : WORDS_READ;
}

int words_complete(const struct words *words, const char *path, struct faults *faults)
{
    int answer = WORDS_READ;

    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words->of[i])
            continue;
        faults_add(faults, path, 0, 0, "`%s` is missing (%s: \"%s\" in English)",
                   word_name((enum word)i), word_name((enum word)i), words_builtin.of[i]);
        answer = WORDS_FAULTY;
    }
    for (size_t i = 0; i < LISTS; i++) {
        if (*(const char *const *)((const char *)words + lists[i].offset))
            continue;
        faults_add(faults, path, 0, 0, "`%s` is missing (%s: %s in English)", lists[i].name,
                   lists[i].name, lists[i].like);
        answer = WORDS_FAULTY;
    }
    for (size_t i = 0; i < WORD_UNITS; i++) {
        if (words->units[i].other)
            continue;
        faults_add(faults, path, 0, 0,
                   "`%s` is missing (%s: {1: \"%s\", other: \"%s\"} in English)",
                   word_unit_name((enum word_unit)i), word_unit_name((enum word_unit)i),
                   words_builtin.units[i].of[1], words_builtin.units[i].other);
        answer = WORDS_FAULTY;
    }
    return answer;
}
