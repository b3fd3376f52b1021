/* limit_days.h - the steps limits are made of: shared by limit_*.c, not for others.
 *
 * Functions that answer do so with LIMIT_DUE or LIMIT_PROVISIONAL.
 */
#ifndef CONCERN_CORE_LIMIT_DAYS_H
#define CONCERN_CORE_LIMIT_DAYS_H

#include "core/limit.h"

/** Brings an instant into the years 1 to 9999, so that no sum below can overflow. */
struct instant limit_clamp(struct instant at);

/** The instant that is `us` microseconds (0 to a whole day) after the midnight of `date`. */
struct instant limit_instant(const struct timekeeping *time, struct date date, int64_t us);

/** Microseconds after midnight. */
int64_t limit_time_of_day(const struct civil *civil);

/**
 * The day from which a term counts: the date of its start, or where `late` says so and the start
 * is after hours or on a closed day, the next working day.  Terms that count back start as dated.
 */
int limit_day_zero(const struct limit_term *term, const struct timekeeping *time,
                   const struct counting *counting, const struct civil *from, struct date *zero);

/** The last day of a term of days, working days, weeks or months, before any roll. */
int limit_last_day(const struct limit_term *term, const struct timekeeping *time,
                   const struct counting *counting, struct date zero, struct date *last);

/** Whether `roll` moves the last day of a term of that unit. */
bool limit_does_roll(const struct limit_term *term, const struct counting *counting);

/** The working day that "same working day" means at `from`. */
int limit_same_day(const struct timekeeping *time, const struct civil *from, struct date *day);

/** The same day number `months` later, or the month's last; `*is_cut` says which. */
struct date limit_add_months(struct date date, int64_t months, bool *is_cut);

/** `hours` of working time after an instant; a whole day's end is its close, not the next opening.
 */
int limit_add_working_hours(const struct timekeeping *time, struct instant from, int64_t hours,
                            struct instant *due);

/** The same backwards; a whole day's beginning is its opening. */
int limit_subtract_working_hours(const struct timekeeping *time, struct instant from, int64_t hours,
                                 struct instant *due);

/** `at` if it lies in the working day, its ends included; else the next opening. */
struct instant limit_next_working_hour(const struct timekeeping *time, struct instant at);

#endif
