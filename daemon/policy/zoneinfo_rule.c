/* zoneinfo_rule.c - the rule at the end of a time zone file: "GMT0BST,M3.5.0/1,M10.5.0". */
#include "policy/zoneinfo_rule.h"

#include <ctype.h>

static bool read_name(const char **at);
static bool read_offset(const char **at, int most_hours, int32_t *second);
static bool read_moment(const char **at, struct rule_moment *moment);

static bool read_sign(const char **at, char sign)
{
    if (**at != sign)
        return false;
    (*at)++;
    return true;
}

bool zoneinfo_rule_read(const char *text, struct zoneinfo_rule *rule)
{
    struct zoneinfo_rule read = { .has_summer = false };

    /* POSIX counts offsets westwards. */
    if (!read_name(&text) || !read_offset(&text, 24, &read.standard_s))
        return false;
    read.standard_s = -read.standard_s;
    if (*text == '\0') {
        *rule = read;
        return true;
    }
    if (!read_name(&text))
        return false;
    read.has_summer = true;
    read.summer_s = read.standard_s + 3600;
    if (*text != ',') {
        if (!read_offset(&text, 24, &read.summer_s))
            return false;
        read.summer_s = -read.summer_s;
    }
    if (!read_sign(&text, ',') || !read_moment(&text, &read.begins) || !read_sign(&text, ',') ||
        !read_moment(&text, &read.ends) || *text != '\0')
        return false;
    *rule = read;
    return true;
}

static bool read_name(const char **at)
{
    int letters = 0;

    if (read_sign(at, '<')) {
        while (isalnum((unsigned char)**at) || **at == '+' || **at == '-') {
            (*at)++;
            letters++;
        }
        return letters > 0 && read_sign(at, '>');
    }
    while (isalpha((unsigned char)**at)) {
        (*at)++;
        letters++;
    }
    return letters >= 3;
}

static bool read_number(const char **at, int least, int most, int *number)
{
    int value = 0;

    if (!isdigit((unsigned char)**at))
        return false;
    while (isdigit((unsigned char)**at)) {
        value = value * 10 + (*(*at)++ - '0');
        if (value > most)
            return false;
    }
    *number = value;
    return value >= least;
}

/* [+-]hh[:mm[:ss]] */
static bool read_offset(const char **at, int most_hours, int32_t *second)
{
    int hours, minutes = 0, seconds = 0;
    int sign = **at == '-' ? -1 : 1;

    if (**at == '+' || **at == '-')
        (*at)++;
    if (!read_number(at, 0, most_hours, &hours))
        return false;
    if (read_sign(at, ':')) {
        if (!read_number(at, 0, 59, &minutes))
            return false;
        if (read_sign(at, ':') && !read_number(at, 0, 59, &seconds))
            return false;
    }
    *second = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_rule_day(const char **at, struct rule_moment *moment)
{
    if (read_sign(at, 'M')) {
        moment->kind = RULE_MONTH_WEEK;
        return read_number(at, 1, 12, &moment->month) && read_sign(at, '.') &&
               read_number(at, 1, 5, &moment->week) && read_sign(at, '.') &&
               read_number(at, 0, 6, &moment->day);
    }
    if (read_sign(at, 'J')) {
        moment->kind = RULE_JULIAN;
        return read_number(at, 1, 365, &moment->day);
    }
    moment->kind = RULE_DAY;
    return read_number(at, 0, 365, &moment->day);
}

static bool read_moment(const char **at, struct rule_moment *moment)
{
    moment->second = 2 * 3600;
    if (!read_rule_day(at, moment))
        return false;
    return !read_sign(at, '/') || read_offset(at, 167, &moment->second);
}

/* The w-th weekday of a month, or its last where there is no w-th. */
static struct date month_week_date(const struct rule_moment *moment, int year)
{
    struct date first = date_of(year, moment->month, 1);
    int weekday = (moment->day + 6) % 7; /* 0 Monday */
    int day = 1 + (weekday - date_weekday(first) + 7) % 7 + (moment->week - 1) * 7;

    while (!date_is_real(year, moment->month, day))
        day -= 7;
    return date_of(year, moment->month, day);
}

static struct date moment_date(const struct rule_moment *moment, int year)
{
    struct date first = date_of(year, 1, 1);

    switch (moment->kind) {
    case RULE_JULIAN:
        if (moment->day > 59 && date_is_real(year, 2, 29))
            first.day++;
        first.day += moment->day - 1;
        return first;
    case RULE_DAY:
        first.day += moment->day;
        return first;
    case RULE_MONTH_WEEK:
        break;
    }
    return month_week_date(moment, year);
}

void zoneinfo_rule_changes(const struct zoneinfo_rule *rule, int year,
                           struct zone_change changes[2])
{
    int64_t begins = (int64_t)moment_date(&rule->begins, year).day * 86400 + rule->begins.second;
    int64_t ends = (int64_t)moment_date(&rule->ends, year).day * 86400 + rule->ends.second;
    struct zone_change to_summer = { begins - rule->standard_s, rule->summer_s };
    struct zone_change to_standard = { ends - rule->summer_s, rule->standard_s };
    bool is_north = to_summer.at_s < to_standard.at_s;

    changes[0] = is_north ? to_summer : to_standard;
    changes[1] = is_north ? to_standard : to_summer;
}
