/* time_fixture.h - what the tests of time share: London, and a calendar typed in by hand.
 *
 * The closures are those of the worked timelines, England and Wales, and not read from
 * config/calendars: test_calendar_read compares the two.
 */
#ifndef CONCERN_TESTS_TIME_FIXTURE_H
#define CONCERN_TESTS_TIME_FIXTURE_H

#include "core/limit.h"
#include "policy/zoneinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NINE = 9 * 3600, FIVE = 17 * 3600 };

static const struct {
    int year, month, day;
    const char *title;
} fixture_closed[] = {
    { 2026, 1, 1, "New Year" },       { 2026, 4, 3, "Good Friday" },
    { 2026, 4, 6, "Easter Monday" },  { 2026, 5, 4, "Early May" },
    { 2026, 5, 25, "Spring" },        { 2026, 8, 31, "Summer" },
    { 2026, 12, 25, "Christmas" },    { 2026, 12, 28, "Boxing Day" },
    { 2027, 1, 1, "New Year" },       { 2027, 3, 26, "Good Friday" },
    { 2027, 3, 29, "Easter Monday" }, { 2027, 5, 3, "Early May" },
    { 2027, 5, 31, "Spring" },        { 2027, 8, 30, "Summer" },
    { 2027, 12, 27, "Christmas" },    { 2027, 12, 28, "Boxing Day" },
    { 2028, 1, 3, "New Year" },       { 2028, 4, 14, "Good Friday" },
    { 2028, 4, 17, "Easter Monday" }, { 2028, 5, 1, "Early May" },
    { 2028, 5, 29, "Spring" },        { 2028, 8, 28, "Summer" },
    { 2028, 12, 25, "Christmas" },    { 2028, 12, 26, "Boxing Day" },
};

static struct closure fixture_closures[COUNT_OF(fixture_closed)];
static int32_t fixture_ordinal[CALENDAR_DAYS_MAX], fixture_nth[CALENDAR_DAYS_MAX];

/** The calendar typed in above, known to the end of 2028. */
static inline struct calendar fixture_england(void)
{
    struct calendar england = { .id = "england-and-wales",
                                .weekend = 0x60,
                                .closures = fixture_closures,
                                .closure_count = COUNT_OF(fixture_closures),
                                .known_until = date_of(2028, 12, 31) };

    for (size_t i = 0; i < COUNT_OF(fixture_closed); i++) {
        fixture_closures[i].date =
            date_of(fixture_closed[i].year, fixture_closed[i].month, fixture_closed[i].day);
        fixture_closures[i].reason = fixture_closed[i].title;
    }
    calendar_prepare(&england, fixture_ordinal, fixture_nth);
    return england;
}

/** A zone of the system; the test fails without it. */
static inline struct zone *fixture_zone(const char *name)
{
    char message[256];
    struct text error = text_over(message, sizeof message);
    struct zone *zone = NULL;

    if (zoneinfo_load(name, &zone, &error) != ZONEINFO_OK)
        fail_msg("%s", message);
    return zone;
}

/** A time as people write it, in a zone; the test fails where it cannot be read. */
static inline struct instant fixture_time(const struct zone *zone, const char *text)
{
    struct instant at = INSTANT_NONE;

    if (instant_read(text, zone, &at) != INSTANT_OK)
        fail_msg("\"%s\" is no time", text);
    return at;
}

#endif
