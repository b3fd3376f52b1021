/* register.c - a board's register counted. */
#include "core/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcome_names[REGISTER_OUTCOME_COUNT] = {
    [REGISTER_OPEN] = "open",
    [REGISTER_RESOLVED] = "resolved",
    [REGISTER_WITHDRAWN] = "withdrawn",
    [REGISTER_LAPSED] = "lapsed",
};

const char *register_outcome_name(enum register_outcome outcome)
{
    return outcome_names[outcome];
}

enum register_outcome register_outcome_of(const char *name)
{
    for (int i = 0; i < REGISTER_OUTCOME_COUNT; i++)
        if (strcmp(outcome_names[i], name) == 0)
            return (enum register_outcome)i;
    return REGISTER_OPEN;
}

static bool is_before(struct instant one, struct instant other)
{
    return one.us < other.us;
}

static bool is_within(const struct register_period *period, struct instant at)
{
    return !instant_is_none(at) && !is_before(at, period->from) && is_before(at, period->to);
}

bool register_is_in(const struct register_period *period, const struct register_entry *entry)
{
    return is_before(entry->raised, period->to) &&
           (instant_is_none(entry->ended) || !is_before(entry->ended, period->from));
}

/* Room for one row more of `size` bytes. */
static bool make_room(void **rows, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *grown;

    if (count < *capacity)
        return true;
    grown = realloc(*rows, wanted * size);
    if (!grown)
        return false;
    *rows = grown;
    *capacity = wanted;
    return true;
}

static bool count_name(struct register_list *list, const char *name)
{
    void *rows = list->rows;

    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->rows[i].name, name) == 0) {
            list->rows[i].count++;
            return true;
        }
    if (!make_room(&rows, list->count, &list->capacity, sizeof *list->rows))
        return false;
    list->rows = rows;
    snprintf(list->rows[list->count].name, REGISTER_NAME_SIZE, "%s", name);
    list->rows[list->count++].count = 1;
    return true;
}

/* --- stages and limits */

static struct register_stage *stage_of(struct register_counts *counts, const char *procedure,
                                       const char *stage)
{
    void *rows = counts->stages;
    struct register_stage *found;

    for (size_t i = 0; i < counts->stage_count; i++)
        if (strcmp(counts->stages[i].procedure, procedure) == 0 &&
            strcmp(counts->stages[i].stage, stage) == 0)
            return &counts->stages[i];
    if (!make_room(&rows, counts->stage_count, &counts->stage_capacity, sizeof *counts->stages))
        return NULL;
    counts->stages = rows;
    found = &counts->stages[counts->stage_count++];
    memset(found, 0, sizeof *found);
    snprintf(found->procedure, sizeof found->procedure, "%s", procedure);
    snprintf(found->stage, sizeof found->stage, "%s", stage);
    return found;
}

/* How long a stay is, as far as it is over by the end of the period or by now. */
static bool count_stay(struct register_counts *counts, const struct register_period *period,
                       const char *procedure, const struct register_stay *stay)
{
    struct instant end = is_before(period->now, period->to) ? period->now : period->to;
    bool goes_on = instant_is_none(stay->to) || !is_before(stay->to, end);
    struct register_stage *stage;
    int64_t length_us;

    if (!is_before(stay->from, end) || (!goes_on && is_before(stay->to, period->from)))
        return true;
    stage = stage_of(counts, procedure, stay->stage);
    if (!stage)
        return false;
    length_us = (goes_on ? end : stay->to).us - stay->from.us;
    stage->stays++;
    stage->going_on += goes_on;
    stage->total_us += length_us;
    if (length_us > stage->longest_us)
        stage->longest_us = length_us;
    return true;
}

static struct register_deadline *deadline_of(struct register_counts *counts, const char *procedure,
                                             const char *deadline)
{
    void *rows = counts->deadlines;
    struct register_deadline *found;

    for (size_t i = 0; i < counts->deadline_count; i++)
        if (strcmp(counts->deadlines[i].procedure, procedure) == 0 &&
            strcmp(counts->deadlines[i].deadline, deadline) == 0)
            return &counts->deadlines[i];
    if (!make_room(&rows, counts->deadline_count, &counts->deadline_capacity,
                   sizeof *counts->deadlines))
        return NULL;
    counts->deadlines = rows;
    found = &counts->deadlines[counts->deadline_count++];
    memset(found, 0, sizeof *found);
    snprintf(found->procedure, sizeof found->procedure, "%s", procedure);
    snprintf(found->deadline, sizeof found->deadline, "%s", deadline);
    return found;
}

static bool count_limit(struct register_counts *counts, const struct register_period *period,
                        const char *procedure, const struct register_limit *limit)
{
    struct register_deadline *deadline;

    if (!is_within(period, limit->due))
        return true;
    deadline = deadline_of(counts, procedure, limit->deadline);
    if (!deadline)
        return false;
    deadline->met += limit->end == REGISTER_MET;
    deadline->passed += limit->end == REGISTER_PASSED;
    deadline->running += limit->end == REGISTER_RUNNING;
    return true;
}

/* --- an entry */

static bool count_agencies(struct register_counts *counts, const struct register_entry *entry)
{
    bool counted = entry->agency_count == 0 || count_name(&counts->challenging, entry->agencies[0]);

    for (size_t i = 1; counted && i < entry->agency_count; i++) {
        char pair[REGISTER_NAME_SIZE];

        snprintf(pair, sizeof pair, "%s against %s", entry->agencies[0], entry->agencies[i]);
        counted =
            count_name(&counts->challenged, entry->agencies[i]) && count_name(&counts->pairs, pair);
    }
    return counted;
}

bool register_add(struct register_counts *counts, const struct register_period *period,
                  const struct register_entry *entry)
{
    bool counted = true;

    if (!register_is_in(period, entry))
        return true;
    if (is_within(period, entry->raised)) {
        counts->raised++;
        counted = count_name(&counts->months, entry->month);
    } else {
        counts->before++;
    }
    counts->ended[is_within(period, entry->ended) ? entry->outcome : REGISTER_OPEN]++;
    counted = counted &&
              count_name(&counts->themes, *entry->theme ? entry->theme : "(none named)") &&
              count_agencies(counts, entry);
    for (size_t i = 0; counted && i < entry->stay_count; i++)
        counted = count_stay(counts, period, entry->procedure, &entry->stays[i]);
    for (size_t i = 0; counted && i < entry->limit_count; i++)
        counted = count_limit(counts, period, entry->procedure, &entry->limits[i]);
    return counted;
}

/* --- order */

static int by_count(const void *one, const void *other)
{
    const struct register_count *a = one, *b = other;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int by_name(const void *one, const void *other)
{
    const struct register_count *a = one, *b = other;

    return strcmp(a->name, b->name);
}

static int by_stage(const void *one, const void *other)
{
    const struct register_stage *a = one, *b = other;
    int procedures = strcmp(a->procedure, b->procedure);

    return procedures ? procedures : strcmp(a->stage, b->stage);
}

static int by_deadline(const void *one, const void *other)
{
    const struct register_deadline *a = one, *b = other;
    int procedures = strcmp(a->procedure, b->procedure);

    return procedures ? procedures : strcmp(a->deadline, b->deadline);
}

static void sort(void *rows, size_t count, size_t size, int (*order)(const void *, const void *))
{
    if (count > 1)
        qsort(rows, count, size, order);
}

void register_sort(struct register_counts *counts)
{
    struct register_list *lists[] = { &counts->themes, &counts->challenging, &counts->challenged,
                                      &counts->pairs };

    for (size_t i = 0; i < COUNT_OF(lists); i++)
        sort(lists[i]->rows, lists[i]->count, sizeof *lists[i]->rows, by_count);
    sort(counts->months.rows, counts->months.count, sizeof *counts->months.rows, by_name);
    sort(counts->stages, counts->stage_count, sizeof *counts->stages, by_stage);
    sort(counts->deadlines, counts->deadline_count, sizeof *counts->deadlines, by_deadline);
}

void register_close(struct register_counts *counts)
{
    free(counts->months.rows);
    free(counts->themes.rows);
    free(counts->challenging.rows);
    free(counts->challenged.rows);
    free(counts->pairs.rows);
    free(counts->stages);
    free(counts->deadlines);
    memset(counts, 0, sizeof *counts);
}
