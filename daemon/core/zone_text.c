/* zone_text.c - instants as people and protocols write them: RFC 3339, and civil time. */
#include "core/text.h"
#include "core/zone.h"

#include <string.h>

static const struct zone utc = { .name = "UTC" };

static bool read_date(const char **at, struct civil *civil);
static bool read_clock(const char **at, bool brief, struct civil *civil);
static bool read_offset(const char **at, int32_t *offset_s);

static void write_civil(struct text *text, const struct civil *civil)
{
    int year, month, day;

    date_parts(civil->date, &year, &month, &day);
    text_addf(text, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, (int)civil->second / 3600,
              (int)civil->second / 60 % 60, (int)civil->second % 60);
    if (civil->us != 0)
        text_addf(text, ".%06d", (int)civil->us);
}

void instant_write_utc(struct instant at, char buffer[ZONE_TIME_SIZE])
{
    struct text text = text_over(buffer, ZONE_TIME_SIZE);
    struct civil civil = zone_civil(&utc, at);

    write_civil(&text, &civil);
    text_add(&text, "Z");
}

/* RFC 3339 has no seconds in its offsets; the few zones that once had them are written in UTC. */
void instant_write_local(const struct zone *zone, struct instant at, char buffer[ZONE_TIME_SIZE])
{
    struct text text = text_over(buffer, ZONE_TIME_SIZE);
    struct civil civil = zone_civil(zone, at);
    int32_t offset_s = zone_offset(zone, at);
    int32_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

    if (offset_s % 60 != 0) {
        instant_write_utc(at, buffer);
        return;
    }
    write_civil(&text, &civil);
    text_addf(&text, "%c%02d:%02d", offset_s < 0 ? '-' : '+', (int)minutes / 60, (int)minutes % 60);
}

void date_write(struct date date, char buffer[DATE_SIZE])
{
    struct text text = text_over(buffer, DATE_SIZE);
    int year, month, day;

    date_parts(date, &year, &month, &day);
    text_addf(&text, "%04d-%02d-%02d", year, month, day);
}

int date_read(const char *text, struct date *date)
{
    struct civil civil;

    if (!read_date(&text, &civil) || *text != '\0')
        return INSTANT_UNREADABLE;
    *date = civil.date;
    return INSTANT_OK;
}

/* A leap second is the last of a UTC day, and Unix time gives it the number of the next. */
static bool is_second_allowed(const struct civil *civil, bool leap, int32_t offset_s)
{
    return !leap || (civil->second - offset_s + 2 * 86400) % 86400 == 0;
}

/* An offset may carry a time over the edge of what can be written again. */
static int keep_in_range(struct instant found, struct instant *at)
{
    if (found.us < 0 || found.us >= date_of(10000, 1, 1).day * DAY_US)
        return INSTANT_UNREADABLE;
    *at = found;
    return INSTANT_OK;
}

int instant_read(const char *text, const struct zone *zone, struct instant *at)
{
    struct civil civil = { .second = 0 };
    struct instant found;
    int32_t offset_s;
    const char *clock;
    bool leap;

    if (!read_date(&text, &civil))
        return INSTANT_UNREADABLE;
    if (*text == '\0' && zone) {
        (void)zone_instant(zone, civil, &found);
        return keep_in_range(found, at);
    }
    if (*text == '\0' || !strchr(zone ? "Tt " : "Tt", *text))
        return INSTANT_UNREADABLE;
    clock = ++text;
    if (!read_clock(&text, zone != NULL, &civil))
        return INSTANT_UNREADABLE;
    leap = strncmp(clock + 2, ":", 1) == 0 && strncmp(clock + 5, ":60", 3) == 0;

    if (*text == '\0' && zone) {
        if (leap)
            return INSTANT_UNREADABLE;
        (void)zone_instant(zone, civil, &found);
        return keep_in_range(found, at);
    }
    if (!read_offset(&text, &offset_s) || *text != '\0' ||
        !is_second_allowed(&civil, leap, offset_s))
        return INSTANT_UNREADABLE;
    found.us = civil.date.day * DAY_US + (civil.second - offset_s) * SECOND_US + civil.us;
    return keep_in_range(found, at);
}

/* Reads exactly `digits` digits; -1 where there are fewer. */
static int read_digits(const char **at, int digits)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    return value;
}

static bool read_sign(const char **at, char sign)
{
    if (**at != sign)
        return false;
    (*at)++;
    return true;
}

/* Years before 1970 are nobody's deadline and are taken for mistakes. */
static bool read_date(const char **at, struct civil *civil)
{
    int year, month = -1, day = -1;

    year = read_digits(at, 4);
    if (year < 1970 || !read_sign(at, '-'))
        return false;
    month = read_digits(at, 2);
    if (month < 0 || !read_sign(at, '-'))
        return false;
    day = read_digits(at, 2);
    if (day < 0 || !date_is_real(year, month, day))
        return false;
    *civil = (struct civil){ .date = date_of(year, month, day) };
    return true;
}

static bool read_fraction(const char **at, int32_t *us)
{
    int digits = 0;

    *us = 0;
    while (digits < 9 && **at >= '0' && **at <= '9') {
        if (digits < 6)
            *us = *us * 10 + (**at - '0');
        digits++;
        (*at)++;
    }
    for (int i = digits; i < 6; i++)
        *us *= 10;
    return digits > 0;
}

/* HH:MM:SS with a fraction or without; `brief`: HH:MM will do. */
static bool read_clock(const char **at, bool brief, struct civil *civil)
{
    int hour, minute, second;

    hour = read_digits(at, 2);
    if (hour < 0 || hour > 23 || !read_sign(at, ':'))
        return false;
    minute = read_digits(at, 2);
    if (minute < 0 || minute > 59)
        return false;
    civil->second = hour * 3600 + minute * 60;
    if (!read_sign(at, ':'))
        return brief;
    second = read_digits(at, 2);
    if (second < 0 || second > 60)
        return false;
    civil->second += second;
    return !read_sign(at, '.') || read_fraction(at, &civil->us);
}

static bool read_offset(const char **at, int32_t *offset_s)
{
    int hours, minutes, sign = **at == '-' ? -1 : 1;

    *offset_s = 0;
    if (read_sign(at, 'Z') || read_sign(at, 'z'))
        return true;
    if (!read_sign(at, '+') && !read_sign(at, '-'))
        return false;
    hours = read_digits(at, 2);
    if (hours < 0 || hours > 23 || !read_sign(at, ':'))
        return false;
    minutes = read_digits(at, 2);
    if (minutes < 0 || minutes > 59)
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}
