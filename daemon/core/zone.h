/* zone.h - UTC to civil time and back, from a table of offset changes.
 *
 * A zone is a value: its table is borrowed and outlives it.  policy/zoneinfo.h
 * makes one from the system's tzdata.
 */
#ifndef CONCERN_CORE_ZONE_H
#define CONCERN_CORE_ZONE_H

#include "core/base.h"

struct zone_change {
    int64_t at_s;     /* seconds since 1970 UTC; from this second on ... */
    int32_t offset_s; /* ... local time is UTC plus this many seconds */
};

struct zone {
    char name[ID_MAX + 1];             /* "Europe/London" */
    int32_t first_offset_s;            /* before the first change */
    const struct zone_change *changes; /* ascending by at_s */
    size_t change_count;
};

/** A civil time: a date and seconds after its midnight, 0 to 86,399. */
struct civil {
    struct date date;
    int32_t second;
    int32_t us; /* 0 to 999,999 */
};

enum zone_answer {
    ZONE_OK,
    ZONE_SKIPPED, /* the civil time does not exist: clocks went forward over it */
    ZONE_TWICE,   /* the civil time exists twice: clocks went back over it */
};

/** The offset of local time from UTC at `at`, in seconds (positive east). */
int32_t zone_offset(const struct zone *zone, struct instant at);

/** The civil time at `at`. */
struct civil zone_civil(const struct zone *zone, struct instant at);

/**
 * The instant of a civil time, by the one written rule (procedure-language 12):
 * the first instant that is not earlier than the civil time; of two, the second.
 *
 * Always sets `*at`; the answer says whether the civil time was ordinary.
 */
int zone_instant(const struct zone *zone, struct civil civil, struct instant *at);

/** The civil date `year`-`month`-`day` (1 to 12, 1 to 31; proleptic Gregorian). */
struct date date_of(int year, int month, int day);

/** The year, month (1 to 12) and day (1 to 31) of a date. */
void date_parts(struct date date, int *year, int *month, int *day);

/** 0 Monday to 6 Sunday. */
int date_weekday(struct date date);

/** Whether there is such a day: 2028-02-29, not 2027-02-29. */
bool date_is_real(int year, int month, int day);

enum {
    DATE_SIZE = 16,     /* room for "2026-12-29", for far years too, and a zero */
    ZONE_TIME_SIZE = 40 /* room for "2026-12-29T17:00:00.000000+00:00" and a zero */
};

/** "2026-12-29". */
void date_write(struct date date, char text[DATE_SIZE]);

/** RFC 3339 in UTC, "2026-12-29T17:00:00Z", with microseconds only if there are any. */
void instant_write_utc(struct instant at, char text[ZONE_TIME_SIZE]);

/** RFC 3339 with the zone's offset, "2026-12-29T17:00:00+00:00". */
void instant_write_local(const struct zone *zone, struct instant at, char text[ZONE_TIME_SIZE]);

enum instant_answer {
    INSTANT_OK,
    INSTANT_UNREADABLE, /* neither RFC 3339 nor, with a zone, a civil time */
};

/**
 * Reads RFC 3339 with an offset ("…Z", "…+01:00", fractions up to nine digits, cut
 * to microseconds), years 1970 to 9999.  With a `zone` (not NULL) also civil time in it:
 * "2026-12-18 16:59", "2026-12-18T16:59[:SS]", and a bare date, its midnight.
 *
 * Sets `*at` on INSTANT_OK only.
 */
int instant_read(const char *text, const struct zone *zone, struct instant *at);

/** Reads "2026-12-29", from 1970 to 9999; sets `*date` on INSTANT_OK only. */
int date_read(const char *text, struct date *date);

#endif
