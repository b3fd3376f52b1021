/* calendar_files.c - what goes with a mail for its reader's calendar. */
#include "io/calendar_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/journal.h"

_Static_assert((int)CALENDAR_FILES_MAX <= (int)MAIL_ATTACHMENTS_MAX, "a mail takes them all");
_Static_assert((int)CALENDAR_BYTES_MAX <= (int)MAIL_BODY_MAX, "and each of them");

void calendar_files_free(struct calendar_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->bytes[i]);
    files->count = 0;
}

static int add_file(const struct calendar_source *source,
                    const struct icalendar_entry *const *entries, size_t count, bool cancelled,
                    struct calendar_files *files)
{
    const struct icalendar_object object = { .entries = entries,
                                             .count = count,
                                             .organizer = source->organizer,
                                             .domain = source->domain,
                                             .cancelled = cancelled,
                                             .sent = source->sent };
    char **bytes = &files->bytes[files->count], *name = files->names[files->count];
    size_t size = 0;
    int error = icalendar_write(&object, bytes, &size);

    if (error || size == 0)
        return error;
    if (!cancelled)
        (void)snprintf(name, sizeof files->names[0], "deadline.ics");
    else if (files->count == 0)
        (void)snprintf(name, sizeof files->names[0], "stopped.ics");
    else
        (void)snprintf(name, sizeof files->names[0], "stopped-%zu.ics", files->count + 1);
    files->files[files->count++] = (struct mail_attachment){
        cancelled ? "text/calendar; method=CANCEL; charset=utf-8; component=VEVENT"
                  : "text/calendar; method=PUBLISH; charset=utf-8; component=VEVENT",
        name, *bytes, size
    };
    return 0;
}

/* Its lines, and those of its folds. */
static size_t size_of(const struct calendar_source *source, const struct icalendar_entry *entry)
{
    return 2 * strlen(entry->title) + strlen(source->organizer) + strlen(source->domain) + 320;
}

/* Of those that are to be put right (`sent`), or that are new, as many as there is room for. */
static void choose(const struct calendar_source *source, bool sent, size_t *room,
                   const struct icalendar_entry **shown, size_t *count)
{
    for (size_t i = 0; i < source->count; i++) {
        struct icalendar_entry *entry = &source->entries[i];
        size_t size = size_of(source, entry);

        if (!entry->left_out || entry->was_sent != sent || size > *room)
            continue;
        *room -= size;
        entry->left_out = false;
        shown[(*count)++] = entry;
    }
}

static int write_all(const struct calendar_source *source, const struct icalendar_entry **shown,
                     struct calendar_files *files)
{
    size_t room = CALENDAR_BYTES_MAX - 200, count = 0;
    int error = 0;

    for (size_t i = 0; i < source->count && error == 0; i++) {
        struct icalendar_entry *entry = &source->entries[i];
        const struct icalendar_entry *one = entry;

        if (!entry->cancelled || files->count == CALENDAR_CANCELS_MAX)
            continue;
        error = add_file(source, &one, 1, true, files);
        entry->left_out = false;
    }
    choose(source, true, &room, shown, &count);
    choose(source, false, &room, shown, &count);
    if (error == 0 && count > 0)
        error = add_file(source, shown, count, false, files);
    return error;
}

int calendar_files_write(const struct calendar_source *source, struct calendar_files *files)
{
    const struct icalendar_entry **shown = calloc(source->count + 1, sizeof *shown);
    int error = -ENOMEM;

    *files = (struct calendar_files){ .count = 0 };
    for (size_t i = 0; i < source->count; i++)
        source->entries[i].left_out = true;
    if (shown)
        error = write_all(source, shown, files);
    for (size_t i = 0; i < source->count; i++) {
        if (error)
            source->entries[i].left_out = true;
        files->left_out += source->entries[i].left_out;
    }
    if (error)
        calendar_files_free(files);
    free(shown);
    return error;
}
