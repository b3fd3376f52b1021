/* compose_time.c - instants and spans in words. */
#include "core/compose_private.h"

enum { CLOCK_SIZE = 80, NUMBER_SIZE = 24 };

static void write_clock(const struct words *words, const struct timekeeping *time,
                        struct instant at, struct civil civil, struct text *text)
{
    char hour[NUMBER_SIZE], minute[NUMBER_SIZE], plain[CLOCK_SIZE], offset[NUMBER_SIZE];
    struct text to_hour = text_over(hour, sizeof hour);
    struct text to_minute = text_over(minute, sizeof minute);
    struct text to_plain = text_over(plain, sizeof plain);
    struct text to_offset = text_over(offset, sizeof offset);
    struct word_values values = { .of[FIELD_HOUR] = hour, .of[FIELD_MINUTE] = minute };
    struct instant same;

    text_addf(&to_hour, "%02d", (int)(civil.second / 3600));
    text_addf(&to_minute, "%02d", (int)(civil.second / 60 % 60));
    words_write(words, WORD_TIME, &values, &to_plain);
    /* Where clocks go back an hour comes twice: which one is meant must be said. */
    if (zone_instant(time->zone, civil, &same) == ZONE_TWICE) {
        int32_t offset_s = zone_offset(time->zone, at);
        int32_t size_s = offset_s < 0 ? -offset_s : offset_s;

        text_addf(&to_offset, "%c%02d:%02d", offset_s < 0 ? '-' : '+', (int)(size_s / 3600),
                  (int)(size_s / 60 % 60));
        values = (struct word_values){ .of[FIELD_TIME] = plain, .of[FIELD_OFFSET] = offset };
        words_write(words, WORD_TIME_TWICE, &values, text);
    } else {
        text_add(text, plain);
    }
}

void write_instant(const struct words *words, const struct timekeeping *time, struct instant at,
                   bool brief, struct text *text)
{
    struct civil civil = zone_civil(time->zone, at);
    char clock[2 * CLOCK_SIZE], in_month[NUMBER_SIZE], in_era[NUMBER_SIZE];
    struct text to_clock = text_over(clock, sizeof clock);
    struct text to_month = text_over(in_month, sizeof in_month);
    struct text to_era = text_over(in_era, sizeof in_era);
    /* "00:00 on Thursday" is read as the end of Thursday by half of its readers. */
    bool midnight = civil.second < 60;
    enum word word = midnight ? WORD_MIDNIGHT : WORD_DATE_TIME;
    struct word_values values = { .of[FIELD_TIME] = clock };
    int year, month, day;

    if (midnight)
        civil.date.day--;
    else
        write_clock(words, time, at, civil, &to_clock);
    if (brief)
        word = midnight ? WORD_MIDNIGHT_BRIEF : WORD_DATE_TIME_BRIEF;
    date_parts(civil.date, &year, &month, &day);
    text_addf(&to_month, "%d", day);
    text_addf(&to_era, "%d", year);
    values.of[FIELD_WEEKDAY] =
        (brief ? words->weekdays_brief : words->weekdays)[date_weekday(civil.date)];
    values.of[FIELD_DAY] = in_month;
    values.of[FIELD_MONTH] = words->months[month - 1];
    values.of[FIELD_YEAR] = in_era;
    words_write(words, word, &values, text);
}

void write_span(const struct words *words, int64_t span_us, struct text *text)
{
    int64_t minutes = span_us / MINUTE_US;
    char hours[CLOCK_SIZE], rest[CLOCK_SIZE];
    struct text to_hours = text_over(hours, sizeof hours);
    struct text to_rest = text_over(rest, sizeof rest);
    struct word_values values = { .of[FIELD_HOURS] = hours, .of[FIELD_MINUTES] = rest };

    if (minutes == 0) {
        words_write(words, WORD_MOMENT, NULL, text);
        return;
    }
    if (minutes >= 48 * 60) {
        words_write_count(words, UNIT_DAY, minutes / (24 * 60), text);
        return;
    }
    words_write_count(words, UNIT_HOUR, minutes / 60, &to_hours);
    words_write_count(words, UNIT_MINUTE, minutes % 60, &to_rest);
    if (minutes >= 60 && minutes % 60)
        words_write(words, WORD_HOURS_MINUTES, &values, text);
    else
        text_add(text, minutes >= 60 ? hours : rest);
}

bool is_out_of_hours(const struct timekeeping *time, struct instant at)
{
    struct civil civil = zone_civil(time->zone, at);

    return civil.second < time->opens_s || civil.second > time->closes_s ||
           (time->calendar && !calendar_is_working_day(time->calendar, civil.date));
}
