/* compose_time.c - instants and spans in words. */
#include "core/compose_private.h"

static const char *const weekdays[7] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday" };
static const char *const months[12] = { "January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December" };

static void write_clock(const struct timekeeping *time, struct instant at, struct civil civil,
                        struct text *text)
{
    struct instant same;

    text_addf(text, "%02d:%02d", (int)(civil.second / 3600), (int)(civil.second / 60 % 60));
    /* Where clocks go back an hour comes twice: which one is meant must be said. */
    if (zone_instant(time->zone, civil, &same) == ZONE_TWICE) {
        int32_t offset_s = zone_offset(time->zone, at);
        int32_t size_s = offset_s < 0 ? -offset_s : offset_s;

        text_addf(text, " (UTC%c%02d:%02d)", offset_s < 0 ? '-' : '+', (int)(size_s / 3600),
                  (int)(size_s / 60 % 60));
    }
}

void write_instant(const struct timekeeping *time, struct instant at, bool brief, struct text *text)
{
    struct civil civil = zone_civil(time->zone, at);
    const char *weekday;
    int year, month, day;

    /* "00:00 on Thursday" is read as the end of Thursday by half of its readers. */
    if (civil.second < 60) {
        text_add(text, "midnight at the end of");
        civil.date.day--;
    } else {
        write_clock(time, at, civil, text);
        text_add(text, brief ? "" : " on");
    }
    date_parts(civil.date, &year, &month, &day);
    weekday = weekdays[date_weekday(civil.date)];
    text_addf(text, brief ? " %.3s %d %s %d" : " %s %d %s %d", weekday, day, months[month - 1],
              year);
}

static void write_count(int64_t count, const char *unit, struct text *text)
{
    text_addf(text, "%lld %s%s", (long long)count, unit, count == 1 ? "" : "s");
}

void write_span(int64_t span_us, struct text *text)
{
    int64_t minutes = span_us / MINUTE_US;

    if (minutes == 0) {
        text_add(text, "less than 1 minute");
        return;
    }
    if (minutes >= 48 * 60) {
        write_count(minutes / (24 * 60), "day", text);
        return;
    }
    if (minutes >= 60)
        write_count(minutes / 60, "hour", text);
    if (minutes >= 60 && minutes % 60)
        text_add(text, " ");
    if (minutes % 60)
        write_count(minutes % 60, "minute", text);
}

bool is_out_of_hours(const struct timekeeping *time, struct instant at)
{
    struct civil civil = zone_civil(time->zone, at);

    return civil.second < time->opens_s || civil.second > time->closes_s ||
           (time->calendar && !calendar_is_working_day(time->calendar, civil.date));
}
