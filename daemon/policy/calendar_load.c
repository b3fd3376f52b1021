/* calendar_load.c - the calendar of a phrase: finds its files, and unites them. */
#include "core/text.h"
#include "policy/calendar_make.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
    NAMES_MAX = 64 /* calendars a wrong name is compared with */
};

/* The ids of a phrase, in a copy of it. */
struct parts {
    char copy[CALENDAR_PHRASE_MAX + 1];
    const char *ids[CALENDAR_PARTS_MAX];
    size_t count;
};

static bool split(const char *phrase, struct parts *parts);
static int load_one(const struct calendar_search *search, const char *id, struct faults *faults,
                    struct loaded_calendar **loaded);
static int unite(const struct loaded_calendar *first, const struct loaded_calendar *second,
                 struct loaded_calendar **united);

int calendar_load(const struct calendar_search *search, const char *phrase, struct faults *faults,
                  struct loaded_calendar **loaded)
{
    CLEANUP(loaded_calendar_close) struct loaded_calendar *so_far = NULL;
    struct parts parts = { .count = 0 };
    int answer;

    if (!split(phrase, &parts)) {
        faults_add(faults, search->file, search->line, search->column,
                   "\"%s\" names no calendar (an id like england-and-wales, or up to %d with + "
                   "between them)",
                   phrase, (int)CALENDAR_PARTS_MAX);
        return CALENDAR_FAULTY;
    }
    answer = load_one(search, parts.ids[0], faults, &so_far);
    for (size_t i = 1; answer == CALENDAR_READ && i < parts.count; i++) {
        CLEANUP(loaded_calendar_close) struct loaded_calendar *first = so_far;
        CLEANUP(loaded_calendar_close) struct loaded_calendar *second = NULL;

        so_far = NULL;
        answer = load_one(search, parts.ids[i], faults, &second);
        if (answer == CALENDAR_READ)
            answer = unite(first, second, &so_far);
    }
    if (answer != CALENDAR_READ)
        return answer;
    if ((so_far->calendar.weekend & 0x7f) == 0x7f) {
        faults_add(faults, search->file, search->line, search->column,
                   "the calendars of \"%s\" together leave no working day in the week", phrase);
        return CALENDAR_FAULTY;
    }
    *loaded = so_far;
    so_far = NULL;
    return CALENDAR_READ;
}

/* An id is a file's name too, and may not lead out of the folder. */
static bool is_id(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-.";
    size_t length = strlen(text);

    return length > 0 && length <= ID_MAX && text[0] != '.' && strspn(text, allowed) == length;
}

static bool split(const char *phrase, struct parts *parts)
{
    struct text text = text_over(parts->copy, sizeof parts->copy);
    char *at = parts->copy;

    text_add(&text, phrase);
    if (text_was_cut(&text))
        return false;
    while (at) {
        char *plus = strchr(at, '+');
        char *end = plus ? plus : at + strlen(at);

        while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
        *end = '\0';
        at += strspn(at, " \t");
        if (parts->count == CALENDAR_PARTS_MAX || !is_id(at))
            return false;
        parts->ids[parts->count++] = at;
        at = plus ? plus + 1 : NULL;
    }
    return true;
}

/* The calendars of a folder, without ".yaml", copied to `names`; returns how many there are now. */
static size_t list_names(const char *directory, char names[][ID_MAX + 1], size_t count)
{
    DIR *folder = opendir(directory);
    const struct dirent *entry;

    while (folder && count < NAMES_MAX && (entry = readdir(folder))) {
        size_t length = strlen(entry->d_name);

        if (length <= 5 || length - 5 > ID_MAX || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        memcpy(names[count], entry->d_name, length - 5);
        names[count++][length - 5] = '\0';
    }
    if (folder)
        closedir(folder);
    return count;
}

static void tell_missing(const struct calendar_search *search, const char *id,
                         struct faults *faults)
{
    char names[NAMES_MAX][ID_MAX + 1];
    const char *known[NAMES_MAX], *near;
    char places[FAULT_TEXT_SIZE / 2];
    struct text text = text_over(places, sizeof places);
    size_t count = 0;

    for (size_t i = 0; i < search->directory_count; i++) {
        if (!search->directories[i])
            continue;
        text_addf(&text, "%s%s", text.used > 0 ? ", " : "", search->directories[i]);
        count = list_names(search->directories[i], names, count);
    }
    for (size_t i = 0; i < count; i++)
        known[i] = names[i];
    near = nearest_word(id, known, count);
    faults_add(faults, search->file, search->line, search->column,
               "there is no calendar \"%s\" in %s%s%s%s", id, places, near ? " (did you mean " : "",
               near ? near : "", near ? "?)" : "");
}

/* A file must say the name it goes by: a copy not yet edited would count wrongly unseen. */
static int load_one(const struct calendar_search *search, const char *id, struct faults *faults,
                    struct loaded_calendar **loaded)
{
    char path[PATH_MAX];
    int answer;

    for (size_t i = 0; i < search->directory_count; i++) {
        struct text text = text_over(path, sizeof path);

        if (!search->directories[i])
            continue;
        text_addf(&text, "%s/%s.yaml", search->directories[i], id);
        if (text_was_cut(&text) || access(path, F_OK) != 0)
            continue;
        answer = calendar_read(path, faults, loaded);
        if (answer != CALENDAR_READ || strcmp((*loaded)->calendar.id, id) == 0)
            return answer;
        faults_add(faults, path, 0, 0, "the file's name and its \"calendar: %s\" differ (%s)",
                   (*loaded)->calendar.id, id);
        loaded_calendar_close(loaded);
        return CALENDAR_FAULTY;
    }
    tell_missing(search, id, faults);
    return CALENDAR_MISSING;
}

/* The reasons are copied, so that a union outlives its parts. */
static size_t copy_closures(const struct calendar *from, struct arena *arena,
                            struct closure *closures, size_t count)
{
    for (size_t i = 0; i < from->closure_count; i++) {
        closures[count] = from->closures[i];
        closures[count].reason =
            arena_text(arena, from->closures[i].reason, strlen(from->closures[i].reason));
        count++;
    }
    return count;
}

static const char *join(struct arena *arena, const char *first, const char *second)
{
    char both[CALENDAR_PHRASE_MAX * 3];
    struct text text = text_over(both, sizeof both);

    text_addf(&text, "%s + %s", first, second);
    return arena_text(arena, both, text.used);
}

static int unite(const struct loaded_calendar *first, const struct loaded_calendar *second,
                 struct loaded_calendar **united)
{
    CLEANUP(loaded_calendar_close) struct loaded_calendar *made = calendar_make_open();
    const struct calendar *a = &first->calendar, *b = &second->calendar;
    struct closure *closures;
    struct calendar *both;
    size_t count;

    if (!made)
        return -ENOMEM;
    both = &made->calendar;
    both->id = join(made->arena, a->id, b->id);
    made->title = join(made->arena, first->title, second->title);
    made->source = join(made->arena, first->source, second->source);
    both->weekend = a->weekend | b->weekend;
    both->known_from = a->known_from.day > b->known_from.day ? a->known_from : b->known_from;
    both->known_until = a->known_until.day < b->known_until.day ? a->known_until : b->known_until;
    closures =
        arena_take(made->arena, (a->closure_count + b->closure_count + 1) * sizeof *closures);
    if (!closures)
        return -ENOMEM;
    count = copy_closures(a, made->arena, closures, 0);
    count = copy_closures(b, made->arena, closures, count);
    if (arena_failed(made->arena))
        return -ENOMEM;
    calendar_make_closures(both, closures, count);
    if (calendar_make_ready(made) < 0)
        return -ENOMEM;
    *united = made;
    made = NULL;
    return CALENDAR_READ;
}
