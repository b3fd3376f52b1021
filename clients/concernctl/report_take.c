/* report_take.c - what the daemon says of a period, and how it is put in words. */
#include "concernctl/report.h"

#include "core/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *make_room(void *rows, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return rows;
    *capacity = *capacity ? 2 * *capacity : 32;
    return reallocarray(rows, *capacity, size);
}

static void copy(const json_t *row, const char *name, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(row, name));

    snprintf(text, size, "%s", value ? value : "");
}

static struct instant instant_of(const json_t *row, const char *name)
{
    const char *value = json_string_value(json_object_get(row, name));
    struct instant at;

    return value && instant_read(value, NULL, &at) == INSTANT_OK ? at : INSTANT_NONE;
}

/* --- a disagreement */

static void take_stays(const json_t *list, struct register_entry *entry)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        struct register_stay *stay = &entry->stays[entry->stay_count];

        if (entry->stay_count == REGISTER_STAYS_MAX)
            return;
        copy(item, "stage", stay->stage, sizeof stay->stage);
        stay->from = instant_of(item, "from");
        stay->to = instant_of(item, "to");
        entry->stay_count++;
    }
}

static void take_limits(const json_t *list, struct register_entry *entry)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        struct register_limit *limit = &entry->limits[entry->limit_count];
        char end[16];

        if (entry->limit_count == REGISTER_LIMITS_MAX)
            return;
        copy(item, "deadline", limit->deadline, sizeof limit->deadline);
        copy(item, "end", end, sizeof end);
        limit->due = instant_of(item, "due");
        limit->end = strcmp(end, "passed") == 0 ? REGISTER_PASSED
                     : strcmp(end, "met") == 0  ? REGISTER_MET
                                                : REGISTER_RUNNING;
        entry->limit_count++;
    }
}

static void write_month(const struct zone *zone, struct instant at, char month[REGISTER_MONTH_SIZE])
{
    char date[DATE_SIZE];

    date_write(zone_civil(zone, at).date, date);
    snprintf(month, REGISTER_MONTH_SIZE, "%.7s", date);
}

static int take_entry(struct report *report, const json_t *row)
{
    struct register_entry *entry;
    const json_t *item;
    char outcome[16];
    size_t i;
    void *grown = make_room(report->entries, report->entry_count, &report->entry_capacity,
                            sizeof *report->entries);

    if (!grown)
        return -ENOMEM;
    report->entries = grown;
    entry = &report->entries[report->entry_count++];
    memset(entry, 0, sizeof *entry);
    copy(row, "board", entry->board, sizeof entry->board);
    copy(row, "reference", entry->reference, sizeof entry->reference);
    copy(row, "procedure", entry->procedure, sizeof entry->procedure);
    copy(row, "theme", entry->theme, sizeof entry->theme);
    copy(row, "outcome", outcome, sizeof outcome);
    entry->outcome = register_outcome_of(outcome);
    json_array_foreach(json_object_get(row, "agencies"), i, item)
    {
        const char *agency = json_string_value(item);

        if (agency && entry->agency_count < PARTIES_MAX)
            snprintf(entry->agencies[entry->agency_count++], sizeof entry->agencies[0], "%s",
                     agency);
    }
    entry->raised = instant_of(row, "raised");
    entry->ended = instant_of(row, "ended");
    write_month(report->zone, entry->raised, entry->month);
    take_stays(json_object_get(row, "stages"), entry);
    take_limits(json_object_get(row, "limits"), entry);
    return register_add(&report->counts, &report->period, entry) ? 0 : -ENOMEM;
}

/* --- a notification */

static int take_trouble(struct report *report, const json_t *row)
{
    struct report_trouble *trouble;
    const json_t *item;
    size_t i;
    void *grown = make_room(report->troubles, report->trouble_count, &report->trouble_capacity,
                            sizeof *report->troubles);

    if (!grown)
        return -ENOMEM;
    report->troubles = grown;
    trouble = &report->troubles[report->trouble_count++];
    memset(trouble, 0, sizeof *trouble);
    copy(row, "board", trouble->board, sizeof trouble->board);
    copy(row, "reference", trouble->reference, sizeof trouble->reference);
    copy(row, "role", trouble->role, sizeof trouble->role);
    copy(row, "side", trouble->side, sizeof trouble->side);
    copy(row, "agency", trouble->agency, sizeof trouble->agency);
    copy(row, "now", trouble->now, sizeof trouble->now);
    trouble->since = instant_of(row, "since");
    trouble->undelivered = instant_of(row, "undelivered");
    trouble->delivered = instant_of(row, "delivered");
    json_array_foreach(json_object_get(row, "tried"), i, item)
    {
        struct report_try *try;

        if (trouble->try_count == REPORT_TRIES_MAX) {
            trouble->more++;
            continue;
        }
        try = &trouble->tries[trouble->try_count];
        copy(item, "route", try->route, sizeof try->route);
        copy(item, "state", try->state, sizeof try->state);
        try->attempts = (long)json_integer_value(json_object_get(item, "attempts"));
        try->code = (long)json_integer_value(json_object_get(item, "code"));
        trouble->try_count++;
    }
    return 0;
}

int report_take(struct report *report, const json_t *row)
{
    const char *what = json_string_value(json_object_get(row, "report"));

    if (what && strcmp(what, "disagreement") == 0)
        return take_entry(report, row);
    if (what && strcmp(what, "notification") == 0)
        return take_trouble(report, row);
    return -EINVAL;
}

/* --- in words */

const char *report_days(int64_t length_us, char text[REPORT_DAYS_SIZE])
{
    snprintf(text, REPORT_DAYS_SIZE, "%.1f", (double)length_us / (double)DAY_US);
    return text;
}

const char *report_agencies(const struct register_entry *entry, size_t first,
                            char text[REPORT_AGENCIES_SIZE])
{
    struct text to = text_over(text, REPORT_AGENCIES_SIZE);

    for (size_t i = first; i < (first ? entry->agency_count : 1); i++)
        text_addf(&to, "%s%s", i > first ? ", " : "", entry->agencies[i]);
    return text;
}

const char *report_stays(const struct report *report, const struct register_entry *entry,
                         char text[REPORT_STAYS_SIZE])
{
    struct text to = text_over(text, REPORT_STAYS_SIZE);
    char days[REPORT_DAYS_SIZE];

    for (size_t i = 0; i < entry->stay_count; i++) {
        const struct register_stay *stay = &entry->stays[i];
        bool goes_on = instant_is_none(stay->to);
        struct instant end = goes_on ? report->period.now : stay->to;

        text_addf(&to, "%s%s %s%s", i ? "; " : "", stay->stage,
                  report_days(end.us - stay->from.us, days), goes_on ? " (goes on)" : "");
    }
    return text;
}

unsigned report_limits(const struct report *report, const struct register_entry *entry,
                       enum register_end end)
{
    unsigned count = 0;

    for (size_t i = 0; i < entry->limit_count; i++)
        count += entry->limits[i].end == end && entry->limits[i].due.us >= report->period.from.us &&
                 entry->limits[i].due.us < report->period.to.us;
    return count;
}

const char *report_tried(const struct report_trouble *trouble, char text[REPORT_TRIED_SIZE])
{
    struct text to = text_over(text, REPORT_TRIED_SIZE);

    for (size_t i = 0; i < trouble->try_count; i++) {
        const struct report_try *try = &trouble->tries[i];

        text_addf(&to, "%s%s: %ld %s, %s", i ? "; " : "", try->route, try->attempts,
                  try->attempts == 1 ? "try" : "tries", try->state);
        if (try->code != 0 && strcmp(try->state, "accepted") != 0)
            text_addf(&to, " (%ld)", try->code);
    }
    if (trouble->more > 0)
        text_addf(&to, "; and %zu more", trouble->more);
    return text;
}
