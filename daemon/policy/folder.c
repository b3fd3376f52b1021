/* folder.c - the files of a kind in several folders, of which the earlier ones win. */
#include "policy/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare_files(const void *a, const void *b)
{
    const struct folder_file *left = a, *right = b;

    return strcmp(left->name, right->name);
}

static bool is_listed(const struct folder_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++) {
        if (!strcmp(files->list[i].name, name))
            return true;
    }
    return false;
}

static int add_file(struct arena *arena, const char *folder, const char *entry, size_t stem,
                    struct folder_files *files)
{
    struct folder_file *file = &files->list[files->count];
    size_t room = strlen(folder) + 1 + strlen(entry) + 1;
    char *path = arena_take(arena, room);

    file->name = arena_text(arena, entry, stem);
    if (!path || !file->name)
        return -ENOMEM;
    snprintf(path, room, "%s/%s", folder, entry);
    file->path = path;
    if (!is_listed(files, file->name))
        files->count++;
    return 0;
}

static void close_directory(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

/* Whether an entry ends in `ending`; with NULL, whether it is a folder. */
static bool is_meant(DIR *directory, const char *name, const char *ending)
{
    size_t length = strlen(name), tail = ending ? strlen(ending) : 0;
    struct stat status;

    if (name[0] == '.')
        return false;
    if (ending)
        return length > tail && strcmp(name + length - tail, ending) == 0;
    return fstatat(dirfd(directory), name, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

static int list_folder(const char *folder, const char *ending, struct arena *arena,
                       struct faults *faults, struct folder_files *files)
{
    CLEANUP(close_directory) DIR *directory = opendir(folder);
    const struct dirent *entry;

    if (!directory) {
        if (errno == ENOENT)
            return 0;
        faults_add(faults, folder, 0, 0, "cannot be opened: %s", strerror(errno));
        return 1;
    }
    while ((entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name), tail = ending ? strlen(ending) : 0;

        if (!is_meant(directory, entry->d_name, ending))
            continue;
        if (files->count == FOLDER_FILES_MAX) {
            faults_add(faults, folder, 0, 0, "holds too many files (at most %d)", FOLDER_FILES_MAX);
            return 1;
        }
        if (add_file(arena, folder, entry->d_name, length - tail, files))
            return -ENOMEM;
    }
    return 0;
}

int folder_list(const char *const *folders, size_t count, const char *ending, struct arena *arena,
                struct faults *faults, struct folder_files *files)
{
    files->count = 0;
    files->list = arena_take(arena, (FOLDER_FILES_MAX + 1) * sizeof *files->list);
    if (!files->list)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int answer = folders[i] ? list_folder(folders[i], ending, arena, faults, files) : 0;

        if (answer)
            return answer;
    }
    qsort(files->list, files->count, sizeof *files->list, compare_files);
    return 0;
}

int folder_list_folders(const char *folder, struct arena *arena, struct faults *faults,
                        struct folder_files *files)
{
    return folder_list(&folder, 1, NULL, arena, faults, files);
}
