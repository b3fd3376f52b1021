/* templates.c - the texts of notifications, read from folders and checked. */
#include "policy/templates.h"

#include "policy/folder.h"
#include "policy/words_read.h"
#include "policy/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDERS_MAX = 4 };

struct templates_file {
    struct arena *arena;
    struct templates templates;
};

/* A language while it is read; the first one is English and lies in the folders themselves. */
struct language {
    const char *code; /* NULL: English */
    const char *folders[FOLDERS_MAX];
    struct folder_files files;
};

struct reading {
    struct templates_file *file;
    struct faults *faults;
    size_t folder_count;
    struct language languages[LANGUAGES_MAX];
    size_t language_count;
    struct template_text *list;
    struct words *words;
};

static int find_languages(struct reading *reading, const char *const *folders);
static int list_files(struct reading *reading);
static int read_texts(struct reading *reading, const struct language *language);
static int read_words(struct reading *reading, const struct language *language,
                      struct words *words);
static void warn_of_missing(const struct reading *reading, const struct language *language);

/* The worse of two answers: lack of memory, a fault, none. */
static int worse(int one, int other)
{
    return one < 0 || other == 0 ? one : other;
}

static int read_all(struct reading *reading)
{
    int answer = list_files(reading);

    if (answer)
        return answer;
    for (size_t i = 0; i < reading->language_count && answer >= 0; i++)
        answer = worse(worse(answer, read_texts(reading, &reading->languages[i])),
                       read_words(reading, &reading->languages[i], &reading->words[i]));
    reading->file->templates.words = reading->words;
    reading->file->templates.words_count = reading->language_count;
    return answer;
}

int templates_read(const char *const *folders, size_t count, struct faults *faults,
                   struct templates_file **file_p)
{
    CLEANUP(templates_close) struct templates_file *file = calloc(1, sizeof *file);
    struct reading reading = { .file = file,
                               .faults = faults,
                               .folder_count = count < FOLDERS_MAX ? count : FOLDERS_MAX };
    int answer;

    if (!file || !(file->arena = arena_open()))
        return -ENOMEM;
    answer = find_languages(&reading, folders);
    answer = answer ? answer : read_all(&reading);
    if (answer)
        return answer < 0 ? answer : TEMPLATES_FAULTY;
    for (size_t i = 1; i < reading.language_count; i++)
        warn_of_missing(&reading, &reading.languages[i]);
    *file_p = file;
    file = NULL;
    return TEMPLATES_OK;
}

/* --- which languages there are */

static bool is_code(const char *name)
{
    return strlen(name) == 2 && strspn(name, "abcdefghijklmnopqrstuvwxyz") == 2 &&
           strcmp(name, LANGUAGE_DEFAULT) != 0;
}

static const char *path_of(struct reading *reading, const char *folder, const char *name)
{
    size_t room = strlen(folder) + 1 + strlen(name) + 1;
    char *path = arena_take(reading->file->arena, room);

    if (path)
        snprintf(path, room, "%s/%s", folder, name);
    return path;
}

static struct language *language_of(struct reading *reading, const char *code)
{
    struct language *language;

    for (size_t i = 1; i < reading->language_count; i++)
        if (!strcmp(reading->languages[i].code, code))
            return &reading->languages[i];
    if (reading->language_count == LANGUAGES_MAX)
        return NULL;
    language = &reading->languages[reading->language_count++];
    language->code = code;
    return language;
}

static int take_folder(struct reading *reading, size_t place, const struct folder_file *found)
{
    struct language *language;

    if (!is_code(found->name)) {
        faults_warn(reading->faults, found->path, 0, 0,
                    strcmp(found->name, LANGUAGE_DEFAULT) == 0
                        ? "is not read (the English texts stand in the folder above)"
                        : "is not read (a language's folder is named by its two letters: cy)");
        return 0;
    }
    language = language_of(reading, found->name);
    if (!language) {
        faults_add(reading->faults, found->path, 0, 0, "is one language too many (at most %d)",
                   LANGUAGES_MAX);
        return TEMPLATES_FAULTY;
    }
    language->folders[place] = found->path;
    return 0;
}

static int find_languages(struct reading *reading, const char *const *folders)
{
    int answer = 0;

    reading->language_count = 1;
    for (size_t i = 0; i < reading->folder_count && answer >= 0; i++) {
        struct folder_files found = { 0 };

        reading->languages[0].folders[i] = folders[i];
        answer = worse(
            answer, folder_list_folders(folders[i], reading->file->arena, reading->faults, &found));
        for (size_t j = 0; j < found.count && answer >= 0; j++)
            answer = worse(answer, take_folder(reading, i, &found.list[j]));
    }
    return answer;
}

/* --- texts */

static int list_files(struct reading *reading)
{
    size_t all = 0;

    for (size_t i = 0; i < reading->language_count; i++) {
        struct language *language = &reading->languages[i];
        int answer = folder_list(language->folders, reading->folder_count, ".txt",
                                 reading->file->arena, reading->faults, &language->files);

        if (answer)
            return answer < 0 ? answer : TEMPLATES_FAULTY;
        if (language->files.count > TEMPLATES_MAX) {
            faults_add(reading->faults, language->files.list[TEMPLATES_MAX].path, 0, 0,
                       "is one template too many (at most %d)", TEMPLATES_MAX);
            return TEMPLATES_FAULTY;
        }
        all += language->files.count;
    }
    reading->list = arena_take(reading->file->arena, all * sizeof *reading->list);
    reading->words =
        arena_take(reading->file->arena, reading->language_count * sizeof *reading->words);
    reading->file->templates.list = reading->list;
    return reading->list && reading->words ? 0 : -ENOMEM;
}

static int read_one(struct reading *reading, const struct folder_file *listed, const char *language,
                    struct template_text *text)
{
    struct yaml_source source = { listed->path, reading->file->arena, reading->faults };
    struct template_fault fault;
    char *bytes = NULL;
    size_t length;
    int answer = yaml_read_bytes(&source, &bytes, &length);

    if (answer)
        return answer < 0 ? answer : TEMPLATES_FAULTY;
    if (length > TEMPLATE_TEXT_MAX) {
        faults_add(reading->faults, listed->path, 0, 0, "is too long (at most %d bytes)",
                   TEMPLATE_TEXT_MAX);
        return TEMPLATES_FAULTY;
    }
    if (!yaml_check_text(&source, bytes, length))
        return TEMPLATES_FAULTY;
    *text = (struct template_text){ .id = listed->name,
                                    .file = listed->path,
                                    .text = bytes + yaml_mark_length(bytes, length),
                                    .language = language };
    if (template_check(text, &fault) == TEMPLATE_OK)
        return TEMPLATES_OK;
    faults_add(reading->faults, listed->path, fault.line, fault.column, "%s", fault.why);
    return TEMPLATES_FAULTY;
}

static int read_texts(struct reading *reading, const struct language *language)
{
    struct templates *templates = &reading->file->templates;
    int answer = 0;

    for (size_t i = 0; i < language->files.count && answer >= 0; i++)
        answer = worse(answer, read_one(reading, &language->files.list[i], language->code,
                                        &reading->list[templates->count++]));
    return answer;
}

/* --- words */

static int read_words(struct reading *reading, const struct language *language, struct words *words)
{
    const char *last = NULL;
    int answer = 0;

    words->language = language->code;
    for (size_t i = 0; i < reading->folder_count && answer >= 0; i++) {
        const char *path;

        if (!language->folders[i])
            continue;
        path = path_of(reading, language->folders[i], WORDS_FILE);
        if (!path)
            return -ENOMEM;
        last = path;
        if (access(path, F_OK) == 0)
            answer = worse(answer, words_read(path, reading->file->arena, reading->faults, words));
    }
    if (answer || !last)
        return answer;
    if (words_complete(words, last, reading->faults) == WORDS_READ)
        return 0;
    return TEMPLATES_FAULTY;
}

/* --- what a language lacks */

static bool has_text(const struct reading *reading, const char *language, const char *id)
{
    const struct templates *templates = &reading->file->templates;

    for (size_t i = 0; i < templates->count; i++)
        if (templates->list[i].language && !strcmp(templates->list[i].language, language) &&
            !strcmp(templates->list[i].id, id))
            return true;
    return false;
}

static void warn_of_missing(const struct reading *reading, const struct language *language)
{
    const struct templates *templates = &reading->file->templates;
    const char *folder = NULL;

    for (size_t i = 0; i < reading->folder_count; i++)
        folder = language->folders[i] ? language->folders[i] : folder;
    for (size_t i = 0; i < templates->count; i++)
        if (!templates->list[i].language &&
            !has_text(reading, language->code, templates->list[i].id))
            faults_warn(reading->faults, folder, 0, 0,
                        "`%s.txt` is missing (until it is there the English one is sent)",
                        templates->list[i].id);
}

const struct templates *templates_of(const struct templates_file *file)
{
    return &file->templates;
}

bool templates_have(const struct templates *templates, const char *id)
{
    return templates_find(templates, LANGUAGE_DEFAULT, id) != NULL;
}

bool templates_speak(const struct templates *templates, const char *language)
{
    for (size_t i = 0; i < templates->words_count; i++) {
        const char *its = templates->words[i].language;

        if (!strcmp(its ? its : LANGUAGE_DEFAULT, language))
            return true;
    }
    return false;
}

void templates_close(struct templates_file **file)
{
    if (*file)
        arena_close(&(*file)->arena);
    free(*file);
    *file = NULL;
}
