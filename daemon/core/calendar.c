/* calendar.c - which days count as working days.
 *
 * Every day has a rank: how many working days there are from the table's first day up to and
 * including it.  n working days later is then one addition and one look-up back from rank to
 * day.  Outside the table's years a rank goes on by weeks alone, without closures, so that
 * every question has an answer; past what the calendar knows, a provisional one.
 */
#include "core/calendar.h"

#include "core/zone.h"

enum {
    MONDAY = -3,            /* 1969-12-29, from which weeks are counted */
    DAY_LEAST = -700000,    /* the year 53; what lies beyond is treated as this day ... */
    DAY_GREATEST = 40000000 /* ... and what lies beyond about the year 111,000 as this one */
};

static const char *const weekdays[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday" };

static int64_t rank_of(const struct calendar *calendar, int64_t day);
static int64_t day_of(const struct calendar *calendar, int64_t rank);

void calendar_prepare(struct calendar *calendar, int32_t *ordinal, int32_t *nth)
{
    struct date first = date_of(CALENDAR_FIRST_YEAR, 1, 1);
    size_t closure = 0;
    int32_t working = 0;

    for (int32_t i = 0; i < CALENDAR_DAYS_MAX; i++) {
        struct date day = { first.day + i };
        bool closed = calendar->weekend >> date_weekday(day) & 1;

        while (closure < calendar->closure_count && calendar->closures[closure].date.day < day.day)
            closure++;
        if (closure < calendar->closure_count && calendar->closures[closure].date.day == day.day)
            closed = true;
        if (!closed)
            nth[working++] = i;
        ordinal[i] = working;
    }
    calendar->first_day = first;
    calendar->day_count = CALENDAR_DAYS_MAX;
    calendar->ordinal = ordinal;
    calendar->nth = nth;
    calendar->working_count = working;
}

static int64_t clamp(int64_t day)
{
    if (day < DAY_LEAST)
        return DAY_LEAST;
    return day > DAY_GREATEST ? DAY_GREATEST : day;
}

static bool is_never_open(const struct calendar *calendar)
{
    return (calendar->weekend & 0x7f) == 0x7f;
}

bool calendar_is_working_day(const struct calendar *calendar, struct date day)
{
    return rank_of(calendar, day.day) > rank_of(calendar, (int64_t)day.day - 1);
}

/* The title a closure has on `day`; NULL where the list does not name the day. */
static const char *closure_reason(const struct calendar *calendar, struct date day)
{
    size_t low = 0, high = calendar->closure_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (calendar->closures[middle].date.day < day.day)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == calendar->closure_count || calendar->closures[low].date.day != day.day)
        return NULL;
    return calendar->closures[low].reason;
}

const char *calendar_reason(const struct calendar *calendar, struct date day)
{
    const char *reason;

    if (calendar_is_working_day(calendar, day))
        return NULL;
    reason = closure_reason(calendar, day);
    return reason ? reason : weekdays[date_weekday(day)];
}

/* An answer that rests on days whose closures are not known may still move. */
static int answer_for(const struct calendar *calendar, int64_t first_looked_at,
                      int64_t last_looked_at)
{
    bool known =
        first_looked_at >= calendar->known_from.day && last_looked_at <= calendar->known_until.day;

    return known ? CALENDAR_OK : CALENDAR_PROVISIONAL;
}

int calendar_add_working_days(const struct calendar *calendar, struct date from, uint32_t count,
                              struct date *due)
{
    int64_t start = clamp(from.day);

    due->day = (int32_t)start;
    if (is_never_open(calendar))
        return CALENDAR_PROVISIONAL;
    due->day = (int32_t)clamp(day_of(calendar, rank_of(calendar, start) + count));
    return answer_for(calendar, start + 1, due->day);
}

int calendar_subtract_working_days(const struct calendar *calendar, struct date from,
                                   uint32_t count, struct date *day)
{
    int64_t start = clamp(from.day);

    day->day = (int32_t)start;
    if (is_never_open(calendar))
        return CALENDAR_PROVISIONAL;
    day->day = (int32_t)clamp(day_of(calendar, rank_of(calendar, start - 1) - count + 1));
    return answer_for(calendar, day->day, start - 1);
}

int calendar_next_working_day(const struct calendar *calendar, struct date day, struct date *next)
{
    struct date before = { (int32_t)(clamp(day.day) - 1) };

    return calendar_add_working_days(calendar, before, 1, next);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    int64_t quotient = value / by;

    return value % by < 0 ? quotient - 1 : quotient;
}

/* Working days among the first `days` days of a week. */
static int64_t open_days(const struct calendar *calendar, int64_t days)
{
    int64_t open = 0;

    for (int64_t i = 0; i < days; i++)
        open += !(calendar->weekend >> i & 1);
    return open;
}

/* The rank by weeks alone: working days from that Monday in 1969 up to and including `day`. */
static int64_t weekly_rank(const struct calendar *calendar, int64_t day)
{
    int64_t days = day - MONDAY + 1;
    int64_t weeks = floor_divide(days, 7);

    return weeks * open_days(calendar, 7) + open_days(calendar, days - weeks * 7);
}

static int64_t weekly_day(const struct calendar *calendar, int64_t rank)
{
    int64_t per_week = open_days(calendar, 7);
    int64_t weeks = floor_divide(rank - 1, per_week);
    int64_t wanted = rank - weeks * per_week; /* the how manieth of its week, from 1 */
    int64_t day = 0;

    while (open_days(calendar, day + 1) < wanted)
        day++;
    return MONDAY + weeks * 7 + day;
}

static int64_t rank_of(const struct calendar *calendar, int64_t day)
{
    int64_t first = calendar->first_day.day;
    int64_t last = first + calendar->day_count - 1;

    if (day < first)
        return weekly_rank(calendar, day) - weekly_rank(calendar, first - 1);
    if (day > last)
        return calendar->working_count + weekly_rank(calendar, day) - weekly_rank(calendar, last);
    return calendar->ordinal[day - first];
}

static int64_t day_of(const struct calendar *calendar, int64_t rank)
{
    int64_t first = calendar->first_day.day;
    int64_t last = first + calendar->day_count - 1;

    if (rank < 1)
        return weekly_day(calendar, rank + weekly_rank(calendar, first - 1));
    if (rank > calendar->working_count)
        return weekly_day(calendar, rank - calendar->working_count + weekly_rank(calendar, last));
    return first + calendar->nth[rank - 1];
}
