/* limit_days.c - the steps limits are made of: days, months, working hours. */
#include "core/limit_days.h"

/* The years 1 to 9999. */
#define INSTANT_LEAST_US INT64_C(-62135596800000000)
#define INSTANT_MOST_US INT64_C(253402300799999999)

/* More working days than these reach the end of every calendar. */
#define DAYS_MOST INT64_C(40000000)

static int merge(int first, int second)
{
    return first == LIMIT_DUE ? second : first;
}

/* Calendars answer with their own words. */
static int limit_answer(int calendar_answer)
{
    return calendar_answer == CALENDAR_PROVISIONAL ? LIMIT_PROVISIONAL : LIMIT_DUE;
}

struct instant limit_clamp(struct instant at)
{
    if (at.us < INSTANT_LEAST_US)
        return (struct instant){ INSTANT_LEAST_US };
    return at.us > INSTANT_MOST_US ? (struct instant){ INSTANT_MOST_US } : at;
}

struct instant limit_instant(const struct timekeeping *time, struct date date, int64_t us)
{
    struct civil civil = { .date = { date.day + (int32_t)(us / DAY_US) },
                           .second = (int32_t)(us % DAY_US / SECOND_US),
                           .us = (int32_t)(us % SECOND_US) };
    struct instant at;

    (void)zone_instant(time->zone, civil, &at); /* either answer is the written rule's */
    return at;
}

int64_t limit_time_of_day(const struct civil *civil)
{
    return civil->second * SECOND_US + civil->us;
}

/* An advance at 17:00:00 is not after hours, or three stages of five days would take seventeen. */
static bool is_late(const struct timekeeping *time, const struct civil *from)
{
    return !calendar_is_working_day(time->calendar, from->date) ||
           limit_time_of_day(from) > time->closes_s * SECOND_US;
}

/* Whether it is known that `day` is a working day or that it is none. */
static int day_answer(const struct calendar *calendar, struct date day)
{
    bool known = day.day >= calendar->known_from.day && day.day <= calendar->known_until.day;

    return known ? LIMIT_DUE : LIMIT_PROVISIONAL;
}

int limit_day_zero(const struct limit_term *term, const struct timekeeping *time,
                   const struct counting *counting, const struct civil *from, struct date *zero)
{
    int answer = LIMIT_DUE;

    *zero = from->date;
    if (term->before || counting->late == LATE_AS_DATED)
        return LIMIT_DUE;
    answer = day_answer(time->calendar, from->date);
    if (!is_late(time, from))
        return answer;
    return merge(answer,
                 limit_answer(calendar_add_working_days(time->calendar, from->date, 1, zero)));
}

struct date limit_add_months(struct date date, int64_t months, bool *is_cut)
{
    int year, month, day;
    int64_t total;

    date_parts(date, &year, &month, &day);
    total = (int64_t)year * 12 + month - 1 + months;
    year = (int)((total >= 0 ? total : total - 11) / 12);
    month = (int)(total - (int64_t)year * 12) + 1;
    *is_cut = false;
    while (!date_is_real(year, month, day)) {
        *is_cut = true;
        day--;
    }
    return date_of(year, month, day);
}

/* With the first day included a month ends on the day before the same number; where there is no
 * such number, the month's last day is that day before. */
static struct date last_of_months(const struct limit_term *term, struct date zero, bool included)
{
    int64_t months = term->length.count;
    bool is_cut;
    struct date last = limit_add_months(zero, term->before ? -months : months, &is_cut);

    if (included && term->before)
        last.day++;
    else if (included && !is_cut)
        last.day--;
    return last;
}

static struct date last_of_days(const struct limit_term *term, struct date zero, bool included)
{
    int32_t days = (int32_t)(term->length.count * (term->length.unit == LENGTH_WEEKS ? 7 : 1));

    days -= included;
    return (struct date){ zero.day + (term->before ? -days : days) };
}

/* With the first day included the count starts one day earlier, on the day before. */
static int last_of_working_days(const struct limit_term *term, const struct calendar *calendar,
                                struct date zero, bool included, struct date *last)
{
    if (term->before) {
        zero.day += included;
        return limit_answer(
            calendar_subtract_working_days(calendar, zero, term->length.count, last));
    }
    zero.day -= included;
    return limit_answer(calendar_add_working_days(calendar, zero, term->length.count, last));
}

int limit_last_day(const struct limit_term *term, const struct timekeeping *time,
                   const struct counting *counting, struct date zero, struct date *last)
{
    bool included = counting->first_day == FIRST_DAY_INCLUDED;

    if (term->length.unit == LENGTH_WORKING_DAYS)
        return last_of_working_days(term, time->calendar, zero, included, last);
    if (term->length.unit == LENGTH_MONTHS)
        *last = last_of_months(term, zero, included);
    else
        *last = last_of_days(term, zero, included);
    return LIMIT_DUE;
}

bool limit_does_roll(const struct limit_term *term, const struct counting *counting)
{
    return counting->roll == ROLL_NEXT_WORKING_DAY && term->length.unit != LENGTH_WORKING_DAYS;
}

int limit_same_day(const struct timekeeping *time, const struct civil *from, struct date *day)
{
    int answer = day_answer(time->calendar, from->date);

    *day = from->date;
    if (calendar_is_working_day(time->calendar, from->date) && from->second < time->closes_s)
        return answer;
    return merge(answer,
                 limit_answer(calendar_add_working_days(time->calendar, from->date, 1, day)));
}

/* Working time of a date that has passed at a time of that day. */
static int64_t time_used(const struct timekeeping *time, const struct civil *civil)
{
    int64_t used = limit_time_of_day(civil) - time->opens_s * SECOND_US;
    int64_t whole = (time->closes_s - time->opens_s) * SECOND_US;

    if (used < 0)
        return 0;
    return used > whole ? whole : used;
}

int limit_add_working_hours(const struct timekeeping *time, struct instant from, int64_t hours,
                            struct instant *due)
{
    int64_t whole = (time->closes_s - time->opens_s) * SECOND_US;
    struct civil civil = zone_civil(time->zone, from);
    struct date day = civil.date;
    int answer = day_answer(time->calendar, day);
    int64_t total, days;

    if (whole <= 0) { /* a working day without hours: there is nothing to count in */
        due->us = from.us + hours * HOUR_US;
        return LIMIT_PROVISIONAL;
    }
    /* A closed day is a day whose hours are all used up. */
    total = hours * HOUR_US +
            (calendar_is_working_day(time->calendar, day) ? time_used(time, &civil) : whole);
    days = (total - 1) / whole;
    if (days > DAYS_MOST)
        days = DAYS_MOST;
    if (days > 0)
        answer = merge(answer, limit_answer(calendar_add_working_days(time->calendar, civil.date,
                                                                      (uint32_t)days, &day)));
    total = days == DAYS_MOST ? whole : total - days * whole;
    *due = limit_instant(time, day, time->opens_s * SECOND_US + total);
    return answer;
}

int limit_subtract_working_hours(const struct timekeeping *time, struct instant from, int64_t hours,
                                 struct instant *due)
{
    int64_t whole = (time->closes_s - time->opens_s) * SECOND_US;
    struct civil civil = zone_civil(time->zone, from);
    struct date day = civil.date;
    int answer = day_answer(time->calendar, day);
    int64_t missing = hours * HOUR_US, days = 0;

    if (whole <= 0) {
        due->us = from.us - hours * HOUR_US;
        return LIMIT_PROVISIONAL;
    }
    if (calendar_is_working_day(time->calendar, day))
        missing -= time_used(time, &civil);
    if (missing > 0) {
        days = (missing + whole - 1) / whole;
        answer = merge(answer, limit_answer(calendar_subtract_working_days(
                                   time->calendar, civil.date, (uint32_t)days, &day)));
    }
    *due = limit_instant(time, day, time->opens_s * SECOND_US + days * whole - missing);
    return answer;
}

struct instant limit_next_working_hour(const struct timekeeping *time, struct instant at)
{
    struct civil civil = zone_civil(time->zone, at);
    struct date day = civil.date;

    if (calendar_is_working_day(time->calendar, day)) {
        if (limit_time_of_day(&civil) < time->opens_s * SECOND_US)
            return limit_instant(time, day, time->opens_s * SECOND_US);
        if (limit_time_of_day(&civil) <= time->closes_s * SECOND_US)
            return at;
    }
    (void)calendar_add_working_days(time->calendar, civil.date, 1, &day);
    return limit_instant(time, day, time->opens_s * SECOND_US);
}
