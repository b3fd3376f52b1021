/* limit_due.c - when a limit passes. */
#include "core/limit_days.h"

static int term_due(const struct limit_term *term, const struct timekeeping *time,
                    const struct counting *counting, struct instant from,
                    struct instant set_by_case, struct instant *due);

int limit_due(const struct limit *limit, const struct timekeeping *time,
              const struct counting *counting, struct instant from, struct instant set_by_case,
              struct instant *due)
{
    int answer = LIMIT_NO_DUE;
    bool earlier_may_come = false;

    for (size_t i = 0; i < limit->count; i++) {
        struct instant at = INSTANT_NONE;
        int this = term_due(&limit->terms[i], time, counting, from, set_by_case, &at);

        if (this == LIMIT_NO_DUE)
            continue;
        /* A new closure moves a later term later, which changes nothing; but one that counts
         * back it moves earlier, and perhaps before all others. */
        if (this == LIMIT_PROVISIONAL && limit->terms[i].before)
            earlier_may_come = true;
        if (answer == LIMIT_NO_DUE || at.us < due->us || (at.us == due->us && this == LIMIT_DUE)) {
            *due = at;
            answer = this;
        }
    }
    return answer == LIMIT_DUE && earlier_may_come ? LIMIT_PROVISIONAL : answer;
}

/* Where the last day ends, or where in it. */
static struct instant end_of(const struct timekeeping *time, enum ends ends, struct date last,
                             const struct civil *from)
{
    switch (ends) {
    case ENDS_START_OF_BUSINESS:
        return limit_instant(time, last, time->opens_s * SECOND_US);
    case ENDS_MIDNIGHT:
        return limit_instant(time, last, DAY_US);
    case ENDS_SAME_TIME:
        return limit_instant(time, last, limit_time_of_day(from));
    case ENDS_CLOSE_OF_BUSINESS:
        break;
    }
    return limit_instant(time, last, time->closes_s * SECOND_US);
}

/* Days are counted on the calendar of the wall and made an instant once, at the end. */
static int days_due(const struct limit_term *term, const struct timekeeping *time,
                    const struct counting *counting, struct instant from, struct instant *due)
{
    struct civil civil = zone_civil(time->zone, from);
    struct date zero, last;
    int answer = limit_day_zero(term, time, counting, &civil, &zero);

    if (limit_last_day(term, time, counting, zero, &last) == LIMIT_PROVISIONAL)
        answer = LIMIT_PROVISIONAL;
    if (limit_does_roll(term, counting) &&
        calendar_next_working_day(time->calendar, last, &last) == CALENDAR_PROVISIONAL)
        answer = LIMIT_PROVISIONAL;
    *due = end_of(time, counting->ends, last, &civil);
    return answer;
}

/* The close of the working day, whatever else days end by; only midnight is later than it. */
static int same_day_due(const struct timekeeping *time, const struct counting *counting,
                        struct instant from, struct instant *due)
{
    struct civil civil = zone_civil(time->zone, from);
    enum ends ends = counting->ends == ENDS_MIDNIGHT ? ENDS_MIDNIGHT : ENDS_CLOSE_OF_BUSINESS;
    struct date day;
    int answer = limit_same_day(time, &civil, &day);

    *due = end_of(time, ends, day, &civil);
    return answer;
}

/* Hours count from the instant itself, day and night; on the clock of the wall an hour that it
 * skips or repeats is not noticed. */
static struct instant hours_due(const struct limit_term *term, const struct timekeeping *time,
                                const struct counting *counting, struct instant from)
{
    int64_t us = term->length.count * HOUR_US * (term->before ? -1 : 1);
    struct civil civil;
    int64_t of_day;

    if (counting->hours == HOURS_ELAPSED)
        return (struct instant){ from.us + us };
    civil = zone_civil(time->zone, from);
    us += limit_time_of_day(&civil);
    of_day = (us % DAY_US + DAY_US) % DAY_US;
    civil.date.day += (int32_t)((us - of_day) / DAY_US);
    return limit_instant(time, civil.date, of_day);
}

static int length_due(const struct limit_term *term, const struct timekeeping *time,
                      const struct counting *counting, struct instant from, struct instant *due)
{
    switch (term->length.unit) {
    case LENGTH_HOURS:
        *due = hours_due(term, time, counting, from);
        return LIMIT_DUE;
    case LENGTH_WORKING_HOURS:
        if (term->before)
            return limit_subtract_working_hours(time, from, term->length.count, due);
        return limit_add_working_hours(time, from, term->length.count, due);
    case LENGTH_DAYS:
    case LENGTH_WORKING_DAYS:
    case LENGTH_WEEKS:
    case LENGTH_MONTHS:
        break;
    }
    return days_due(term, time, counting, from, due);
}

static int term_due(const struct limit_term *term, const struct timekeeping *time,
                    const struct counting *counting, struct instant from,
                    struct instant set_by_case, struct instant *due)
{
    switch (term->kind) {
    case LIMIT_NONE:
        return LIMIT_NO_DUE;
    case LIMIT_SET_BY_THE_CASE:
        *due = set_by_case;
        return instant_is_none(set_by_case) ? LIMIT_NO_DUE : LIMIT_DUE;
    case LIMIT_SAME_WORKING_DAY:
    case LIMIT_LENGTH:
        break;
    }
    if (instant_is_none(from))
        return LIMIT_NO_DUE;
    from = limit_clamp(from);
    if (term->kind == LIMIT_SAME_WORKING_DAY)
        return same_day_due(time, counting, from, due);
    return length_due(term, time, counting, from, due);
}
