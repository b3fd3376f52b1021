/* limit_explain.c - why a limit passes when it does: the derivation, day by day. */
#include "core/limit_days.h"

struct walk {
    const struct timekeeping *time;
    bool (*say)(void *context, const struct limit_day *day);
    void *context;
    uint32_t counted;
    bool is_stopped;
};

static void explain_same_day(struct walk *walk, const struct civil *from);
static void explain_working_hours(struct walk *walk, const struct limit_term *term,
                                  struct instant start);
static void explain_days(struct walk *walk, const struct limit_term *term,
                         const struct counting *counting, const struct civil *from);

int limit_explain(const struct limit_term *term, const struct timekeeping *time,
                  const struct counting *counting, struct instant from,
                  bool (*say)(void *context, const struct limit_day *day), void *context)
{
    struct walk walk = { .time = time, .say = say, .context = context };
    struct civil civil;

    if (instant_is_none(from) || term->kind == LIMIT_NONE || term->kind == LIMIT_SET_BY_THE_CASE)
        return LIMIT_NO_DUE;
    from = limit_clamp(from);
    civil = zone_civil(time->zone, from);
    if (term->kind == LIMIT_SAME_WORKING_DAY)
        explain_same_day(&walk, &civil);
    else if (term->length.unit == LENGTH_WORKING_HOURS)
        explain_working_hours(&walk, term, from);
    else if (term->length.unit != LENGTH_HOURS)
        explain_days(&walk, term, counting, &civil);
    return walk.is_stopped ? LIMIT_STOPPED : LIMIT_DUE;
}

const struct limit_term *limit_deciding_term(const struct limit *limit,
                                             const struct timekeeping *time,
                                             const struct counting *counting, struct instant from,
                                             struct instant set_by_case, struct instant due)
{
    for (size_t i = 0; i < limit->count; i++) {
        struct limit alone = { .terms = { limit->terms[i] }, .count = 1 };
        struct instant at = INSTANT_NONE;
        int answer = limit_due(&alone, time, counting, from, set_by_case, &at);

        if (answer != LIMIT_NO_DUE && at.us == due.us)
            return &limit->terms[i];
    }
    return NULL;
}

static void count(struct walk *walk, struct date date)
{
    struct limit_day day = { .date = date, .counted = true, .n = ++walk->counted };

    if (!walk->is_stopped)
        walk->is_stopped = !walk->say(walk->context, &day);
}

static void skip(struct walk *walk, struct date date, const char *reason)
{
    struct limit_day day = { .date = date, .reason = reason };

    if (!walk->is_stopped)
        walk->is_stopped = !walk->say(walk->context, &day);
}

/* The days from `first` on towards `end`, which is not said; all of them closed. */
static void skip_closed(struct walk *walk, struct date first, struct date end)
{
    for (struct date day = first; day.day < end.day && !walk->is_stopped; day.day++)
        skip(walk, day, calendar_reason(walk->time->calendar, day));
}

/* The day of a start that is too late for it, and the closed days up to the one it moves to. */
static void skip_late(struct walk *walk, struct date start, struct date moved_to)
{
    const char *reason = calendar_reason(walk->time->calendar, start);

    skip(walk, start, reason ? reason : "after hours");
    skip_closed(walk, (struct date){ start.day + 1 }, moved_to);
}

static void explain_same_day(struct walk *walk, const struct civil *from)
{
    struct date day;

    (void)limit_same_day(walk->time, from, &day);
    if (day.day != from->date.day)
        skip_late(walk, from->date, day);
    count(walk, day);
}

/* Counts the days from `first` to `last`, in either direction; of working days, the open ones. */
static void count_days(struct walk *walk, bool only_working, struct date first, struct date last)
{
    int32_t step = last.day < first.day ? -1 : 1;

    for (struct date day = first; !walk->is_stopped; day.day += step) {
        const char *reason = calendar_reason(walk->time->calendar, day);

        if (only_working && reason)
            skip(walk, day, reason);
        else
            count(walk, day);
        if (day.day == last.day)
            break;
    }
}

static void explain_days(struct walk *walk, const struct limit_term *term,
                         const struct counting *counting, const struct civil *from)
{
    int32_t step = term->before ? -1 : 1;
    struct date zero, first, last, rolled;

    (void)limit_day_zero(term, walk->time, counting, from, &zero);
    (void)limit_last_day(term, walk->time, counting, zero, &last);
    if (zero.day != from->date.day)
        skip_late(walk, from->date, zero);
    first = zero;
    if (counting->first_day == FIRST_DAY_EXCLUDED) {
        skip(walk, zero, "the day of the start");
        first.day += step;
    }
    count_days(walk, term->length.unit == LENGTH_WORKING_DAYS, first, last);
    if (!limit_does_roll(term, counting) || calendar_is_working_day(walk->time->calendar, last))
        return;
    (void)calendar_next_working_day(walk->time->calendar, last, &rolled);
    skip_closed(walk, (struct date){ last.day + 1 }, rolled);
    skip(walk, rolled, "the next working day");
}

/* The first day is named as used only if some of its hours were: the start may lie after them,
 * or counting back before them. */
static bool is_day_used(const struct walk *walk, const struct limit_term *term,
                        const struct civil *from)
{
    int64_t of_day = limit_time_of_day(from);

    if (!calendar_is_working_day(walk->time->calendar, from->date))
        return false;
    return term->before ? of_day > walk->time->opens_s * SECOND_US
                        : of_day < walk->time->closes_s * SECOND_US;
}

static void explain_working_hours(struct walk *walk, const struct limit_term *term,
                                  struct instant start)
{
    struct civil from = zone_civil(walk->time->zone, start);
    struct date first = from.date;
    struct instant due;
    struct civil end;

    if (term->before)
        (void)limit_subtract_working_hours(walk->time, start, term->length.count, &due);
    else
        (void)limit_add_working_hours(walk->time, start, term->length.count, &due);
    /* Close of business may be midnight, which is the next date's. */
    end = zone_civil(walk->time->zone, (struct instant){ due.us - !term->before });
    if (!is_day_used(walk, term, &from)) {
        const char *reason = calendar_reason(walk->time->calendar, first);

        skip(walk, first, reason ? reason : term->before ? "before hours" : "after hours");
        first.day += term->before ? -1 : 1;
    }
    count_days(walk, true, first, end.date);
}
