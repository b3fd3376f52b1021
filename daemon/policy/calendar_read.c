/* calendar_read.c - calendars from files. */
#include "policy/calendar_read.h"

#include "core/zone.h"
#include "policy/calendar_make.h"
#include "policy/yaml.h"

#include <errno.h>
#include <string.h>

enum {
    WEEKEND_USUAL = 0x60, /* Saturday and Sunday */
    WEEKEND_WHOLE = 0x7f
};

/* What the tables fill: texts as written. */
struct calendar_record {
    const char *id, *title, *source, *known_from, *known_until;
    struct yaml_texts weekend;
    const struct yaml_node *closed;
};

struct closure_record {
    const char *date, *title, *note;
};

static const char *const weekdays[] = { "monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday" };

/* clang-format off */
static const struct yaml_key calendar_keys[] = {
    { .name = "calendar",    .kind = YAML_KEY_ID,    .offset = offsetof(struct calendar_record, id),
      .required = true },
    { .name = "title",       .kind = YAML_KEY_TEXT,  .offset = offsetof(struct calendar_record, title),
      .least = 1, .most = 200 },
    { .name = "source",      .kind = YAML_KEY_TEXT,  .offset = offsetof(struct calendar_record, source),
      .required = true, .least = 1, .most = 400 },
    { .name = "known_from",  .kind = YAML_KEY_TEXT,  .offset = offsetof(struct calendar_record, known_from),
      .least = 1, .most = 40 },
    { .name = "known_until", .kind = YAML_KEY_TEXT,  .offset = offsetof(struct calendar_record, known_until),
      .required = true, .least = 1, .most = 40 },
    { .name = "weekend",     .kind = YAML_KEY_TEXTS, .offset = offsetof(struct calendar_record, weekend),
      .least = 0, .most = 7 },
    { .name = "closed",      .kind = YAML_KEY_LIST,  .offset = offsetof(struct calendar_record, closed),
      .required = true, .least = 0, .most = CALENDAR_CLOSURES_MAX },
};

static const struct yaml_key closure_keys[] = {
    { .name = "date",  .kind = YAML_KEY_TEXT, .offset = offsetof(struct closure_record, date),
      .required = true, .least = 1, .most = 40 },
    { .name = "title", .kind = YAML_KEY_TEXT, .offset = offsetof(struct closure_record, title),
      .required = true, .least = 1, .most = 100 },
    { .name = "note",  .kind = YAML_KEY_TEXT, .offset = offsetof(struct closure_record, note),
      .least = 1, .most = 200 },
};
/* clang-format on */

static int read_into(const struct yaml_source *source, struct loaded_calendar *loaded);
static void read_weekend(const struct yaml_source *source, const struct yaml_node *root,
                         const struct calendar_record *record, struct calendar *calendar);
static void read_known(const struct yaml_source *source, const struct yaml_node *root,
                       const struct calendar_record *record, struct calendar *calendar);
static int read_closures(const struct yaml_source *source, const struct yaml_node *closed,
                         struct calendar *calendar);

int calendar_read(const char *file, struct faults *faults, struct loaded_calendar **loaded)
{
    CLEANUP(loaded_calendar_close) struct loaded_calendar *made = calendar_make_open();
    size_t errors = faults->errors;
    struct yaml_source source = { .file = file, .faults = faults };
    int answer;

    if (!made)
        return -ENOMEM;
    source.arena = made->arena;
    answer = read_into(&source, made);
    if (answer < 0)
        return answer;
    if (answer == YAML_FAULTY || faults->errors > errors)
        return CALENDAR_FAULTY;
    answer = calendar_make_ready(made);
    if (answer < 0)
        return answer;
    *loaded = made;
    made = NULL;
    return CALENDAR_READ;
}

static int read_into(const struct yaml_source *source, struct loaded_calendar *loaded)
{
    struct calendar_record record = { .id = NULL };
    const struct yaml_node *root;
    size_t length;
    char *bytes;
    int answer;

    if ((answer = yaml_read_bytes(source, &bytes, &length)) != YAML_READ ||
        (answer = yaml_parse(source, bytes, length, &root)) != YAML_READ ||
        (answer = yaml_record(source, root, calendar_keys, COUNT_OF(calendar_keys), &record)) < 0)
        return answer;
    loaded->calendar.id = record.id;
    loaded->title = record.title ? record.title : record.id;
    loaded->source = record.source;
    if (root->kind != YAML_MAP)
        return answer;
    read_weekend(source, root, &record, &loaded->calendar);
    read_known(source, root, &record, &loaded->calendar);
    if (record.closed && read_closures(source, record.closed, &loaded->calendar) < 0)
        return -ENOMEM;
    return answer;
}

static void read_weekend(const struct yaml_source *source, const struct yaml_node *root,
                         const struct calendar_record *record, struct calendar *calendar)
{
    const struct yaml_node *list = yaml_get(root, "weekend");

    calendar->weekend = list ? 0 : WEEKEND_USUAL;
    for (size_t i = 0; i < record->weekend.count; i++) {
        size_t day = 0;

        while (day < COUNT_OF(weekdays) && strcmp(weekdays[day], record->weekend.list[i]) != 0)
            day++;
        if (day == COUNT_OF(weekdays)) {
            const char *near = nearest_word(record->weekend.list[i], weekdays, day);

            yaml_fault(source, &list->items[i], "\"%s\" is no day of the week (%s)",
                       record->weekend.list[i], near ? near : "one of monday to sunday");
            continue;
        }
        calendar->weekend |= (uint8_t)(1u << day);
    }
    if (calendar->weekend == WEEKEND_WHOLE)
        yaml_fault(source, list, "a week without a working day (leave at least one day out)");
}

static bool read_day(const struct yaml_source *source, const struct yaml_node *at, const char *text,
                     struct date *date)
{
    int year, month, day;

    if (date_read(text, date) != INSTANT_OK) {
        yaml_fault(source, at, "\"%s\" is no date (one like 2026-12-28)", text);
        return false;
    }
    date_parts(*date, &year, &month, &day);
    if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR) {
        yaml_fault(source, at, "%s lies outside the years a calendar covers (%d to %d)", text,
                   (int)CALENDAR_FIRST_YEAR, (int)CALENDAR_LAST_YEAR);
        return false;
    }
    return true;
}

static void read_known(const struct yaml_source *source, const struct yaml_node *root,
                       const struct calendar_record *record, struct calendar *calendar)
{
    const struct yaml_node *from = yaml_get(root, "known_from");
    const struct yaml_node *until = yaml_get(root, "known_until");

    if (record->known_from)
        (void)read_day(source, from, record->known_from, &calendar->known_from);
    if (record->known_until &&
        read_day(source, until, record->known_until, &calendar->known_until) &&
        calendar->known_until.day < calendar->known_from.day)
        yaml_fault(source, until, "known_until lies before known_from (%s or later)",
                   record->known_from);
}

/* A holiday on a Saturday closes nothing; whoever lists it may have forgotten its substitute. */
static void warn_of_weekend(const struct yaml_source *source, const struct yaml_node *at,
                            const struct closure_record *record, const struct calendar *calendar,
                            struct date date)
{
    if (calendar->weekend >> date_weekday(date) & 1)
        faults_warn(source->faults, source->file, at->line, at->column,
                    "%s (%s) falls on a weekend and closes no working day (list the substitute "
                    "day)",
                    record->date, record->title);
}

static bool read_closure(const struct yaml_source *source, const struct yaml_node *item,
                         const struct calendar *calendar, const struct closure *before,
                         size_t before_count, struct closure *closure)
{
    struct closure_record record = { .date = NULL };
    const struct yaml_node *at;

    if (yaml_record(source, item, closure_keys, COUNT_OF(closure_keys), &record) != YAML_READ)
        return false;
    at = yaml_get(item, "date");
    if (!read_day(source, at, record.date, &closure->date))
        return false;
    closure->reason = record.title;
    for (size_t i = 0; i < before_count; i++)
        if (before[i].date.day == closure->date.day) {
            yaml_fault(source, at, "%s is listed already, as %s (leave one out)", record.date,
                       before[i].reason);
            return false;
        }
    warn_of_weekend(source, at, &record, calendar, closure->date);
    return true;
}

static int read_closures(const struct yaml_source *source, const struct yaml_node *closed,
                         struct calendar *calendar)
{
    struct closure *closures = arena_take(source->arena, (closed->count + 1) * sizeof *closures);
    size_t count = 0;

    if (!closures)
        return -ENOMEM;
    for (size_t i = 0; i < closed->count; i++)
        if (read_closure(source, &closed->items[i], calendar, closures, count, &closures[count]))
            count++;
    calendar_make_closures(calendar, closures, count);
    return 0;
}
