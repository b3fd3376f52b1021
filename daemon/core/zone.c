/* zone.c - UTC to civil time and back, from a table of offset changes. */
#include "core/zone.h"

enum {
    DAY_S = 86400,
    OFFSET_MOST_S = 26 * 3600 /* no place on earth is further from UTC */
};

/* What is left of a division that rounds towards the past, for times before 1970. */
static int64_t floor_divide(int64_t value, int64_t by)
{
    int64_t quotient = value / by;

    return value % by < 0 ? quotient - 1 : quotient;
}

/* How many changes of the zone lie at or before a second. */
static size_t changes_until(const struct zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->change_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->changes[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Between two changes the offset stands still; stretch `i` ends where change `i` begins. */
static int32_t stretch_offset(const struct zone *zone, size_t i)
{
    return i == 0 ? zone->first_offset_s : zone->changes[i - 1].offset_s;
}

static bool is_in_stretch(const struct zone *zone, size_t i, int64_t at_s)
{
    return (i == 0 || zone->changes[i - 1].at_s <= at_s) &&
           (i == zone->change_count || at_s < zone->changes[i].at_s);
}

int32_t zone_offset(const struct zone *zone, struct instant at)
{
    return stretch_offset(zone, changes_until(zone, floor_divide(at.us, SECOND_US)));
}

struct civil zone_civil(const struct zone *zone, struct instant at)
{
    int64_t second = floor_divide(at.us, SECOND_US);
    int64_t local = second + zone_offset(zone, at);
    int64_t day = floor_divide(local, DAY_S);

    return (struct civil){ .date = { (int32_t)day },
                           .second = (int32_t)(local - day * DAY_S),
                           .us = (int32_t)((at.us % SECOND_US + SECOND_US) % SECOND_US) };
}

/* Dates reach further than instants; those beyond the first and the last are taken for them. */
static struct instant instant_of(int64_t second, int32_t us)
{
    const int64_t most = INT64_MAX / SECOND_US - 1;

    if (second > most || second < -most)
        second = second < 0 ? -most : most;
    return (struct instant){ second * SECOND_US + us };
}

/* A civil time is read against every stretch near it: where it falls inside one, it exists
 * there.  Where it falls in none, clocks went forward over it, and the change itself is the
 * first instant that is not earlier. */
int zone_instant(const struct zone *zone, struct civil civil, struct instant *at)
{
    int64_t local = (int64_t)civil.date.day * DAY_S + civil.second;
    size_t first = changes_until(zone, local - OFFSET_MOST_S);
    unsigned found = 0;
    int64_t second = local - stretch_offset(zone, first);

    for (size_t i = first; i <= zone->change_count; i++) {
        int64_t candidate = local - stretch_offset(zone, i);

        if (i > first && zone->changes[i - 1].at_s > local + OFFSET_MOST_S)
            break;
        if (is_in_stretch(zone, i, candidate)) {
            second = candidate;
            found++;
        } else if (found == 0 && i < zone->change_count && candidate >= zone->changes[i].at_s) {
            second = zone->changes[i].at_s;
        }
    }
    *at = instant_of(second, found > 0 ? civil.us : 0);
    if (found == 0)
        return ZONE_SKIPPED;
    return found == 1 ? ZONE_OK : ZONE_TWICE;
}

/* Years are counted from 1 March, so that the leap day is the last of its year; then a year's
 * days before a month are (153 month + 2) / 5, and 400 years have 146,097 days. */
struct date date_of(int year, int month, int day)
{
    int64_t march_year = month > 2 ? year : (int64_t)year - 1;
    int64_t era = floor_divide(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (struct date){ (int32_t)(era * 146097 + day_of_era - 719468) };
}

void date_parts(struct date date, int *year, int *month, int *day)
{
    int64_t days = (int64_t)date.day + 719468;
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

int date_weekday(struct date date)
{
    return (int)(((int64_t)date.day % 7 + 10) % 7); /* day 0 was a Thursday */
}

bool date_is_real(int year, int month, int day)
{
    int back_year, back_month, back_day;

    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    date_parts(date_of(year, month, day), &back_year, &back_month, &back_day);
    return back_month == month && back_day == day;
}
