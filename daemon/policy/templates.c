/* templates.c - the texts of notifications, read from folders and checked. */
#include "policy/templates.h"

#include "policy/folder.h"
#include "policy/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct templates_file {
    struct arena *arena;
    struct templates templates;
};

static int read_one(struct templates_file *file, const struct folder_file *listed,
                    struct faults *faults, struct template_text *text);

int templates_read(const char *const *folders, size_t count, struct faults *faults,
                   struct templates_file **file_p)
{
    CLEANUP(templates_close) struct templates_file *file = calloc(1, sizeof *file);
    struct folder_files files = { 0 };
    struct template_text *list;
    int answer;

    if (!file || !(file->arena = arena_open()))
        return -ENOMEM;
    answer = folder_list(folders, count, ".txt", file->arena, faults, &files);
    if (answer)
        return answer < 0 ? answer : TEMPLATES_FAULTY;
    if (files.count > TEMPLATES_MAX) {
        faults_add(faults, files.list[TEMPLATES_MAX].path, 0, 0,
                   "is one template too many (at most %d)", TEMPLATES_MAX);
        return TEMPLATES_FAULTY;
    }
    list = arena_take(file->arena, files.count * sizeof *list);
    for (size_t i = 0; list && i < files.count; i++) {
        int one = read_one(file, &files.list[i], faults, &list[i]);

        if (one < 0)
            return one;
        answer = one ? one : answer;
    }
    if (!list)
        return -ENOMEM;
    file->templates = (struct templates){ list, files.count };
    if (answer)
        return TEMPLATES_FAULTY;
    *file_p = file;
    file = NULL;
    return TEMPLATES_OK;
}

static int read_one(struct templates_file *file, const struct folder_file *listed,
                    struct faults *faults, struct template_text *text)
{
    struct yaml_source source = { listed->path, file->arena, faults };
    struct template_fault fault;
    char *bytes = NULL;
    size_t length;
    int answer = yaml_read_bytes(&source, &bytes, &length);

    if (answer)
        return answer < 0 ? answer : TEMPLATES_FAULTY;
    if (length > TEMPLATE_TEXT_MAX) {
        faults_add(faults, listed->path, 0, 0, "is too long (at most %d bytes)", TEMPLATE_TEXT_MAX);
        return TEMPLATES_FAULTY;
    }
    if (!yaml_check_text(&source, bytes, length))
        return TEMPLATES_FAULTY;
    *text = (struct template_text){ listed->name, listed->path, bytes };
    if (template_check(text, &fault) == TEMPLATE_OK)
        return TEMPLATES_OK;
    faults_add(faults, listed->path, fault.line, fault.column, "%s", fault.why);
    return TEMPLATES_FAULTY;
}

const struct templates *templates_of(const struct templates_file *file)
{
    return &file->templates;
}

bool templates_have(const struct templates *templates, const char *id)
{
    for (size_t i = 0; i < templates->count; i++) {
        if (!strcmp(templates->list[i].id, id))
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
