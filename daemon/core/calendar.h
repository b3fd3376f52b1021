/* calendar.h - which days count as working days.
 *
 * A calendar is a value: a weekend mask, a sorted list of closed dates and the
 * last date that list speaks for.  It knows no clock and no time zone.  The
 * prefix counts make every question constant time in the number of days; they
 * are made once, by calendar_prepare().
 */
#ifndef CONCERN_CORE_CALENDAR_H
#define CONCERN_CORE_CALENDAR_H

#include "core/base.h"

struct closure {
    struct date date;
    const char *reason; /* "Good Friday"; borrowed, outlives the calendar */
};

struct calendar {
    const char *id;                 /* "england-and-wales"; "a + b" for a union */
    char version[17];               /* first 16 hex digits of a hash of the content */
    uint8_t weekend;                /* bit 0 Monday ... bit 6 Sunday */
    const struct closure *closures; /* ascending; borrowed */
    size_t closure_count;
    struct date known_from;  /* the closures are complete from this day (zero: 1970) ... */
    struct date known_until; /* ... up to this day */

    /* Made by calendar_prepare(), borrowed from the same owner. */
    struct date first_day; /* of the table */
    int32_t day_count;
    const int32_t *ordinal; /* per day: working days from first_day up to and including it */
    const int32_t *nth;     /* per working day: its offset from first_day */
    int32_t working_count;
};

enum calendar_answer {
    CALENDAR_OK,
    CALENDAR_PROVISIONAL, /* rests on days outside known_from to known_until; may still move */
};

enum {
    CALENDAR_FIRST_YEAR = 2000, /* the table's first and last year */
    CALENDAR_LAST_YEAR = 2099,
    CALENDAR_DAYS_MAX = 36525 /* days in them */
};

/**
 * Fills the prefix tables of `calendar`, whose other fields are set.  `ordinal` and
 * `nth` have room for CALENDAR_DAYS_MAX each and belong to the caller, who keeps them
 * as long as the calendar lives.
 */
void calendar_prepare(struct calendar *calendar, int32_t *ordinal, int32_t *nth);

bool calendar_is_working_day(const struct calendar *calendar, struct date day);

/** Why a day is closed: "Good Friday", "Saturday"; NULL for a working day. */
const char *calendar_reason(const struct calendar *calendar, struct date day);

/**
 * Finds the working day that is `count` working days after `from`.
 *
 * The day `from` itself is never counted, whether or not it is a working day;
 * counting starts on the next working day.  `count` is at least 1.
 *
 * Sets `*due` and returns CALENDAR_OK; or CALENDAR_PROVISIONAL when the answer
 * lies past the closures the calendar holds and may still move.
 */
int calendar_add_working_days(const struct calendar *calendar, struct date from, uint32_t count,
                              struct date *due);

/** The same backwards: the working day that is `count` working days before `from`. */
int calendar_subtract_working_days(const struct calendar *calendar, struct date from,
                                   uint32_t count, struct date *day);

/** `day` if it is a working day, else the next one after it. */
int calendar_next_working_day(const struct calendar *calendar, struct date day, struct date *next);

#endif
