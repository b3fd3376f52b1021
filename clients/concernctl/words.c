/* words.c - dates, times and whatever the daemon kept, in words for people. */
#include "concernctl/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plain.h"

static const char *const weekdays[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday" };
static const char *const months[] = { "January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December" };

const char *words_date(struct date date, char text[WORDS_SIZE])
{
    int year, month, day;

    date_parts(date, &year, &month, &day);
    snprintf(text, WORDS_SIZE, "%s %d %s %d", weekdays[date_weekday(date)], day, months[month - 1],
             year);
    return text;
}

const char *words_short_date(struct date date, char text[WORDS_SIZE])
{
    int year, month, day;

    date_parts(date, &year, &month, &day);
    snprintf(text, WORDS_SIZE, "%.3s %2d %.3s %04d", weekdays[date_weekday(date)], day,
             months[month - 1], year);
    return text;
}

const char *words_month(struct date date, char text[WORDS_SIZE])
{
    int year, month, day;

    date_parts(date, &year, &month, &day);
    snprintf(text, WORDS_SIZE, "%s %d", months[month - 1], year);
    return text;
}

const char *words_clock(const struct zone *zone, struct instant at, char text[WORDS_SIZE])
{
    int32_t second = zone_civil(zone, at).second;
    int length = snprintf(text, WORDS_SIZE, "%02d:%02d", second / 3600, second / 60 % 60);

    if (second % 60 != 0)
        snprintf(text + length, (size_t)(WORDS_SIZE - length), ":%02d", second % 60);
    return text;
}

const char *words_time(const struct zone *zone, struct instant at, char text[WORDS_SIZE])
{
    char clock[WORDS_SIZE];
    int32_t offset = zone_offset(zone, at), size = abs(offset);

    snprintf(text, WORDS_SIZE, "%.8s%c%02d:%02d", words_clock(zone, at, clock),
             offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    return text;
}

const char *words_instant(const struct zone *zone, struct instant at, char text[WORDS_SIZE])
{
    char date[WORDS_SIZE], time[WORDS_SIZE];

    snprintf(text, WORDS_SIZE, "%.20s %.16s", words_short_date(zone_civil(zone, at).date, date),
             words_time(zone, at, time));
    return text;
}

char *words_plain(const char *text, size_t most)
{
    char *copy = strndup(text, most), *to = copy;
    size_t step;

    for (const char *from = copy; copy && *from; from += step) {
        uint32_t character;

        step = plain_character(from, SIZE_MAX, &character);
        if (step == 0 || !plain_is_shown(character)) {
            *to++ = '?';
            step += step == 0;
        } else {
            memmove(to, from, step);
            to += step;
        }
    }
    if (copy)
        *to = '\0';
    return copy;
}
