/* gather.c - ordinary notifications that wait, and those that go together in one message. */
#include "core/gather.h"

#include <stdlib.h>
#include <string.h>

/* --- by which route */

bool gather_can_carry(enum route_kind kind)
{
    return gather_room(kind) > 0;
}

bool gather_can_link(enum route_kind kind)
{
    return kind == ROUTE_EMAIL || kind == ROUTE_NOTIFY_EMAIL;
}

bool gather_can_carry_list(enum route_kind kind)
{
    return gather_can_carry(kind) && kind != ROUTE_NOTIFY_TEXT;
}

/* A mail may be three times as long once it is encoded, and a card takes 28 KiB with all that is
 * around its text; of a text message's letters (compose.h) these are for references. */
size_t gather_room(enum route_kind kind)
{
    switch (kind) {
    case ROUTE_EMAIL:
    case ROUTE_NOTIFY_EMAIL:
        return 48 * (size_t)1024;
    case ROUTE_TEAMS:
        return 10 * (size_t)1024;
    case ROUTE_NOTIFY_TEXT:
        return 400;
    case ROUTE_WEBHOOK:
    case ROUTE_COUNT:
    default:
        return 0;
    }
}

/* --- the daily one */

struct instant gather_until(const struct gather_question *question)
{
    struct civil civil = zone_civil(question->zone, question->at);
    struct instant until;

    if (question->priority != PRIORITY_NORMAL || question->second < 0)
        return INSTANT_NONE;
    civil.second = question->second;
    civil.us = 0;
    zone_instant(question->zone, civil, &until);
    if (until.us < question->at.us) {
        civil.date.day++;
        zone_instant(question->zone, civil, &until);
    }
    if (!instant_is_none(question->act_by) && question->act_by.us <= until.us)
        return INSTANT_NONE;
    return until;
}

/* --- all that may go now */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_message(const struct gather_row *a, const struct gather_row *b)
{
    int order = strcmp(a->who, b->who);

    if (order == 0)
        order = strcmp(a->board, b->board);
    return order ? order : strcmp(a->apart, b->apart);
}

/* A day's list, and one that has to be written anew, is held as it is made. */
static bool is_held(const struct gather_row *row)
{
    return row->silenced && !row->ripe && !row->must;
}

static int compare_rows(const void *left, const void *right)
{
    const struct gather_row *a = left, *b = right;
    int order = is_held(b) - is_held(a);

    if (order == 0)
        order = strcmp(a->who, b->who);
    if (order == 0)
        order = b->stale - a->stale;
    if (order == 0)
        order = compare_message(a, b);
    if (order == 0)
        order = compare_numbers(a->at.us, b->at.us);
    if (order == 0)
        order = strcmp(a->gist, b->gist);
    if (order == 0)
        order = strcmp(a->reference, b->reference);
    return order ? order : compare_numbers(a->number, b->number);
}

static size_t same_person(const struct gather_row *rows, size_t count)
{
    size_t same = 1;

    while (same < count && strcmp(rows[same].who, rows[0].who) == 0)
        same++;
    return same;
}

static size_t same_message(const struct gather_row *rows, size_t count)
{
    size_t same = 1;

    while (same < count && compare_message(&rows[same], &rows[0]) == 0)
        same++;
    return same;
}

/* A line of the list, and before the first of its kind the words; they are broken into lines that
 * are indented, and the page has its marks around each. */
static size_t line_size(const struct gather_row *row, bool first)
{
    size_t words = strlen(row->gist);

    return strlen(row->reference) + 3 + (row->since_size > 0 ? row->since_size + 3 : 0) +
           (first ? words + words / 16 + 100 : 0);
}

static bool is_first_of_gist(const struct gather_row *rows, size_t index)
{
    return index == 0 || rows[index].at.us != rows[index - 1].at.us ||
           strcmp(rows[index].gist, rows[index - 1].gist) != 0;
}

/* All of it is for one person; each part takes as many as it has room for, one at least. */
static size_t divide(struct gather_row *rows, size_t count, size_t message)
{
    uint32_t part = 0;
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        size_t size = line_size(&rows[i], is_first_of_gist(rows, i));

        if (part == 0 || used + size > rows[i].room) {
            part++;
            used = 0;
            size = line_size(&rows[i], true);
        }
        used += size;
        rows[i].fate = GATHER_IN;
        rows[i].part = part;
        rows[i].message = (uint32_t)message + part - 1;
    }
    for (size_t i = 0; i < count; i++)
        rows[i].parts = part;
    return part;
}

static void let_alone(struct gather_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rows[i].fate = GATHER_ALONE;
}

static void begin_anew(struct gather_tally *tally, struct instant now)
{
    if (now.us < tally->since.us || now.us - tally->since.us >= GATHER_SPAN_US)
        *tally = (struct gather_tally){ .since = now };
}

/* A few go one by one; where it would be more, none of these does. */
static void let_few(struct gather_row *rows, size_t count, struct instant now)
{
    struct gather_tally *tally = rows->tally;

    begin_anew(tally, now);
    if (tally->count + count <= GATHER_ALONE_MAX) {
        tally->count += (unsigned)count;
        let_alone(rows, count);
        return;
    }
    /* And what comes in this span joins them. */
    tally->count = GATHER_ALONE_MAX;
    for (size_t i = 0; i < count; i++) {
        rows[i].fate = GATHER_WAIT;
        rows[i].until = (struct instant){ tally->since.us + GATHER_SPAN_US };
    }
}

static bool is_time(const struct gather_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].ripe || rows[i].must)
            return true;
    return false;
}

/* All of one person; how many messages. */
static size_t decide_person(struct gather_row *rows, size_t count, struct instant now,
                            size_t message)
{
    size_t made = 0, stale = 0;

    if (rows->room == 0) {
        let_alone(rows, count);
        return 0;
    }
    while (stale < count && rows[stale].stale)
        stale++;
    for (size_t i = 0, same; i < stale; i += same) {
        same = same_message(rows + i, stale - i);
        made += divide(rows + i, same, message + made);
    }
    if (!is_time(rows + stale, count - stale)) {
        if (count > stale)
            let_few(rows + stale, count - stale, now);
        return made;
    }
    for (size_t i = stale, same; i < count; i += same) {
        same = same_message(rows + i, count - i);
        if (same == 1 && !rows[i].must && !rows[i].overtaken)
            let_alone(rows + i, 1);
        else
            made += divide(rows + i, same, message + made);
    }
    return made;
}

size_t gather(struct gather_row *rows, size_t count, struct instant now)
{
    size_t messages = 0, held = 0;

    if (count > 0)
        qsort(rows, count, sizeof *rows, compare_rows);
    while (held < count && is_held(&rows[held]))
        held++;
    let_alone(rows, held);
    for (size_t i = held, same; i < count; i += same) {
        same = same_person(rows + i, count - i);
        messages += decide_person(rows + i, same, now, messages);
    }
    return messages;
}
