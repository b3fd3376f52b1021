/* calendar_make.h - from dates to a prepared calendar: shared by calendar_*.c, not for others. */
#ifndef CONCERN_POLICY_CALENDAR_MAKE_H
#define CONCERN_POLICY_CALENDAR_MAKE_H

#include "policy/calendar_read.h"

/** An empty calendar in an arena of its own, or NULL for lack of memory. */
struct loaded_calendar *calendar_make_open(void);

/** Sorts `closures` (by date; of one date the first stays) and makes them the calendar's. */
void calendar_make_closures(struct calendar *calendar, struct closure *closures, size_t count);

/** Prepares the tables and the version of a calendar that has everything else; 0 or -ENOMEM. */
int calendar_make_ready(struct loaded_calendar *loaded);

#endif
