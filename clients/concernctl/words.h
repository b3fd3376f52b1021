/* words.h - dates, times and whatever the daemon kept, in words for people. */
#ifndef CONCERN_CONCERNCTL_WORDS_H
#define CONCERN_CONCERNCTL_WORDS_H

#include "core/zone.h"

enum { WORDS_SIZE = 80 };

/** "Tuesday 29 December 2026". */
const char *words_date(struct date date, char text[WORDS_SIZE]);

/** "Tue 29 Dec 2026"; the month two columns wide where days stand in columns (" 1 Dec"). */
const char *words_short_date(struct date date, char text[WORDS_SIZE]);

/** "December 2026". */
const char *words_month(struct date date, char text[WORDS_SIZE]);

/** "17:00", "17:00:30": the civil time, without its date. */
const char *words_clock(const struct zone *zone, struct instant at, char text[WORDS_SIZE]);

/** "17:00+01:00". */
const char *words_time(const struct zone *zone, struct instant at, char text[WORDS_SIZE]);

/** "Tue 29 Dec 2026 17:00+00:00". */
const char *words_instant(const struct zone *zone, struct instant at, char text[WORDS_SIZE]);

/** A copy of `text`, of at most `most` bytes, in which each character that does not show, or turns
 *  what stands around it (core/plain.h), is a "?": nothing kept by the daemon can speak to a
 *  terminal.  The caller's to free(); NULL without memory. */
char *words_plain(const char *text, size_t most);

#endif
