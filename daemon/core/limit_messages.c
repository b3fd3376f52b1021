/* limit_messages.c - when reminders and chases go: always within the working day. */
#include "core/limit_days.h"

/* Counts past this reach beyond the year 9999 from any start, whatever their unit. */
enum { STEPS_MOST = 5000000 };

static struct instant opening(const struct timekeeping *time, struct date day)
{
    return limit_instant(time, day, time->opens_s * SECOND_US);
}

/* The day of a due instant; midnight ends the day before it. */
static struct date day_of_due(const struct timekeeping *time, struct instant due)
{
    return zone_civil(time->zone, (struct instant){ due.us - 1 }).date;
}

static struct date working_day_until(const struct timekeeping *time, struct date day)
{
    struct date after = { day.day + 1 };

    (void)calendar_subtract_working_days(time->calendar, after, 1, &day);
    return day;
}

static struct instant remind_instant(const struct length *before, const struct timekeeping *time,
                                     struct instant due)
{
    struct date day = day_of_due(time, due);
    struct instant at;
    bool is_cut;

    switch (before->unit) {
    case LENGTH_HOURS:
        at.us = due.us - before->count * HOUR_US;
        return limit_next_working_hour(time, at);
    case LENGTH_WORKING_HOURS:
        (void)limit_subtract_working_hours(time, due, before->count, &at);
        return at;
    case LENGTH_WORKING_DAYS:
        (void)calendar_subtract_working_days(time->calendar, day, before->count, &day);
        break;
    case LENGTH_DAYS:
        day.day -= (int32_t)before->count;
        break;
    case LENGTH_WEEKS:
        day.day -= (int32_t)before->count * 7;
        break;
    case LENGTH_MONTHS:
        day = limit_add_months(day, -(int64_t)before->count, &is_cut);
        break;
    }
    return opening(time, working_day_until(time, day));
}

/* Puts `at` in its place among `count` ascending instants, or nowhere if it is there already. */
static size_t insert(struct instant *instants, size_t count, struct instant at)
{
    size_t place = count;

    while (place > 0 && instants[place - 1].us > at.us)
        place--;
    if (place > 0 && instants[place - 1].us == at.us)
        return count;
    for (size_t i = count; i > place; i--)
        instants[i] = instants[i - 1];
    instants[place] = at;
    return count + 1;
}

size_t remind_instants(const struct remind *remind, const struct timekeeping *time,
                       struct instant start, struct instant due, struct instant at[REMIND_MAX])
{
    size_t count = 0;

    if (instant_is_none(due))
        return 0;
    due = limit_clamp(due);
    for (size_t i = 0; i < remind->count; i++) {
        struct instant reminder = remind_instant(&remind->before[i], time, due);

        if (reminder.us > start.us && reminder.us < due.us)
            count = insert(at, count, reminder);
    }
    return count;
}

/* The chase number `k`, from 1. */
static struct instant chase_instant(const struct chase *chase, const struct timekeeping *time,
                                    struct instant base, int64_t k)
{
    int64_t steps = k * chase->every.count < STEPS_MOST ? k * chase->every.count : STEPS_MOST;
    struct date day = zone_civil(time->zone, base).date;
    struct instant at;
    bool is_cut;

    switch (chase->every.unit) {
    case LENGTH_HOURS:
        at.us = base.us + k * chase->every.count * HOUR_US;
        return limit_next_working_hour(time, at);
    case LENGTH_WORKING_HOURS:
        (void)limit_add_working_hours(time, base, k * chase->every.count, &at);
        return at;
    case LENGTH_WORKING_DAYS:
        (void)calendar_add_working_days(time->calendar, day, (uint32_t)steps, &day);
        break;
    case LENGTH_DAYS:
        day.day += (int32_t)steps;
        break;
    case LENGTH_WEEKS:
        day.day += (int32_t)steps * 7;
        break;
    case LENGTH_MONTHS:
        day = limit_add_months(day, steps, &is_cut);
        break;
    }
    (void)calendar_next_working_day(time->calendar, day, &day);
    return opening(time, day);
}

/* Chases ascend with their number, so the first one after `after` is found by halving: as long
 * as a chaser is waited for, this costs no more than the first time. */
struct instant chase_next(const struct chase *chase, const struct timekeeping *time,
                          struct instant base, struct instant after)
{
    int64_t low = 1, high;

    if (chase->none || chase->every.count == 0 || instant_is_none(base))
        return INSTANT_NONE;
    base = limit_clamp(base);
    after = limit_clamp(after);
    high = after.us > base.us ? (after.us - base.us) / HOUR_US / chase->every.count + 2 : 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (chase_instant(chase, time, base, middle).us > after.us)
            high = middle;
        else
            low = middle + 1;
    }
    return chase_instant(chase, time, base, low);
}
