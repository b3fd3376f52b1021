/* test_limit_property.c - limits against a slow walk: random starts, limits, calendars, counting.
 *
 * The walk shares nothing with the code it checks: closed dates are scanned from the files' text,
 * dates come from timegm and gmtime_r, London time from the C library's localtime_r, and days and
 * working hours are counted one after the other.  It also notes whether it ever asked about a day
 * the calendar does not know: exactly then the answer must be provisional.
 */
#include "policy/calendar_read.h"
#include "time_fixture.h"

#include <time.h>

enum { CASES = 120000, DAYS = 60000 };

static const char *const calendar_ids[] = { "england-and-wales", "scotland", "northern-ireland" };

struct slow_calendar {
    bool closed[DAYS]; /* by day since 1970, weekends included */
    long known_from, known_until;
};

static struct slow_calendar slow[COUNT_OF(calendar_ids)];
static struct loaded_calendar *loaded[COUNT_OF(calendar_ids)];
static struct zone *london;
static bool asked_the_unknown;

static long day_number(int year, int month, int day)
{
    struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };

    return (long)(timegm(&tm) / 86400);
}

static void scan_calendar(const char *id, struct slow_calendar *calendar)
{
    char path[512], line[512];
    int year, month, day;
    FILE *file;

    snprintf(path, sizeof path, "%s/config/calendars/%s.yaml", CONCERN_SOURCE_DIR, id);
    file = fopen(path, "r");
    assert_non_null(file);
    for (long i = 0; i < DAYS; i++)
        calendar->closed[i] = (i + 3) % 7 >= 5; /* 1970-01-01 was a Thursday */
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, " - {date: %d-%d-%d,", &year, &month, &day) == 3)
            calendar->closed[day_number(year, month, day)] = true;
        if (sscanf(line, "known_from: %d-%d-%d", &year, &month, &day) == 3)
            calendar->known_from = day_number(year, month, day);
        if (sscanf(line, "known_until: %d-%d-%d", &year, &month, &day) == 3)
            calendar->known_until = day_number(year, month, day);
    }
    fclose(file);
}

static int open_everything(void **state)
{
    static const char *const places[] = { CONCERN_SOURCE_DIR "/config/calendars" };
    struct calendar_search search = { .directories = places, .directory_count = 1, .file = "test" };
    struct faults faults = { 0 };

    (void)state;
    setenv("TZ", "Europe/London", 1);
    tzset();
    london = fixture_zone("Europe/London");
    for (size_t i = 0; i < COUNT_OF(calendar_ids); i++) {
        scan_calendar(calendar_ids[i], &slow[i]);
        assert_int_equal(calendar_load(&search, calendar_ids[i], &faults, &loaded[i]),
                         CALENDAR_READ);
    }
    assert_int_equal(faults.count, 0);
    faults_close(&faults);
    return 0;
}

static int close_everything(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(calendar_ids); i++)
        loaded_calendar_close(&loaded[i]);
    zoneinfo_free(&london);
    return 0;
}

static uint64_t random_state = 88172645463325252u;

static uint64_t below(uint64_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % bound;
}

static bool is_open(const struct slow_calendar *calendar, long day)
{
    if (day < calendar->known_from || day > calendar->known_until)
        asked_the_unknown = true;
    return !calendar->closed[day];
}

/* The wall clock of London: day and microseconds after its midnight. */
static void wall(int64_t us, long *day, int64_t *of_day)
{
    int64_t second = us / 1000000;
    time_t time = (time_t)second;
    struct tm tm;

    localtime_r(&time, &tm);
    *day = day_number(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    *of_day = (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * INT64_C(1000000) + us % 1000000;
}

/* The last instant at which the wall shows that time; if there is none, the first instant at
 * which it shows a later one.  Tried by hours, for London is a whole hour away, or none. */
static int64_t instant_on_wall(long day, int64_t of_day)
{
    int64_t shown_as_utc = day * INT64_C(86400000000) + of_day;
    long found_day;
    int64_t found_of_day;

    for (int hour = 0; hour >= -1; hour--) {
        int64_t us = shown_as_utc + hour * INT64_C(3600000000);

        wall(us, &found_day, &found_of_day);
        if (found_day == day && found_of_day == of_day % INT64_C(86400000000))
            return us;
    }
    for (int64_t minute = shown_as_utc / 60000000 - 120;; minute++) {
        wall(minute * 60000000, &found_day, &found_of_day);
        if (found_day > day || (found_day == day && found_of_day >= of_day))
            return minute * 60000000;
    }
}

static int64_t ends_on(long day, enum ends ends, int64_t of_day)
{
    switch (ends) {
    case ENDS_CLOSE_OF_BUSINESS:
        return instant_on_wall(day, FIVE * INT64_C(1000000));
    case ENDS_START_OF_BUSINESS:
        return instant_on_wall(day, NINE * INT64_C(1000000));
    case ENDS_MIDNIGHT:
        return instant_on_wall(day + 1, 0);
    case ENDS_SAME_TIME:
        break;
    }
    return instant_on_wall(day, of_day);
}

/* The same number of a month further on or back; the month's last where there is none. */
static long months_from(long day, int months, bool *cut)
{
    time_t time = (time_t)day * 86400;
    struct tm tm;
    int number, first;

    gmtime_r(&time, &tm);
    number = tm.tm_mday;
    tm.tm_mday = 1;
    tm.tm_mon += months;
    first = (int)(timegm(&tm) / 86400);
    *cut = true;
    for (int last = number; last > 0; last--) {
        struct tm end = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = last };
        time_t at = timegm(&end);

        gmtime_r(&at, &end);
        if (end.tm_mon == tm.tm_mon) {
            *cut = last < number;
            return first + last - 1;
        }
    }
    return first;
}

static int64_t slow_working_hours(const struct slow_calendar *calendar, int64_t hours, bool before,
                                  long day, int64_t of_day)
{
    const int64_t opens = NINE * INT64_C(1000000), closes = FIVE * INT64_C(1000000);
    int64_t left = hours * INT64_C(3600000000);
    int64_t now = of_day < opens ? opens : of_day > closes ? closes : of_day;

    for (;;) {
        if (is_open(calendar, day)) {
            int64_t here = before ? now - opens : closes - now;

            if (left <= here)
                return instant_on_wall(day, before ? now - left : now + left);
            left -= here;
        }
        day += before ? -1 : 1;
        now = before ? closes : opens;
    }
}

static long slow_last_day(const struct slow_calendar *calendar, const struct limit_term *term,
                          const struct counting *counting, long zero)
{
    bool included = counting->first_day == FIRST_DAY_INCLUDED, cut;
    long step = term->before ? -1 : 1, day = zero;
    int left = (int)term->length.count;

    if (term->length.unit == LENGTH_MONTHS) {
        day = months_from(zero, (int)step * left, &cut);
        if (included && (term->before || !cut))
            day -= step;
        return day;
    }
    if (term->length.unit == LENGTH_WEEKS)
        left *= 7;
    for (day = included ? zero : zero + step;; day += step) {
        if (term->length.unit != LENGTH_WORKING_DAYS || is_open(calendar, day))
            left--;
        if (left == 0)
            return day;
    }
}

static int64_t slow_days(const struct slow_calendar *calendar, const struct limit_term *term,
                         const struct counting *counting, long day, int64_t of_day)
{
    long zero = day, last;

    if (!term->before && counting->late == LATE_NEXT_WORKING_DAY) {
        bool open = is_open(calendar, day);

        if (!open || of_day > FIVE * INT64_C(1000000))
            do
                zero++;
            while (!is_open(calendar, zero));
    }
    last = slow_last_day(calendar, term, counting, zero);
    if (counting->roll == ROLL_NEXT_WORKING_DAY && term->length.unit != LENGTH_WORKING_DAYS)
        while (!is_open(calendar, last))
            last++;
    return ends_on(last, counting->ends, of_day);
}

static int64_t slow_due(const struct slow_calendar *calendar, const struct limit_term *term,
                        const struct counting *counting, int64_t from)
{
    int64_t sign = term->before ? -1 : 1, of_day;
    long day;

    wall(from, &day, &of_day);
    if (term->kind == LIMIT_SAME_WORKING_DAY) {
        if (!is_open(calendar, day) || of_day >= FIVE * INT64_C(1000000))
            do
                day++;
            while (!is_open(calendar, day));
        return ends_on(
            day, counting->ends == ENDS_MIDNIGHT ? ENDS_MIDNIGHT : ENDS_CLOSE_OF_BUSINESS, of_day);
    }
    if (term->length.unit == LENGTH_WORKING_HOURS)
        return slow_working_hours(calendar, term->length.count, term->before, day, of_day);
    if (term->length.unit != LENGTH_HOURS)
        return slow_days(calendar, term, counting, day, of_day);
    if (counting->hours == HOURS_ELAPSED)
        return from + sign * term->length.count * INT64_C(3600000000);
    of_day += sign * term->length.count * INT64_C(3600000000);
    for (; of_day < 0; day--)
        of_day += INT64_C(86400000000);
    for (; of_day >= INT64_C(86400000000); day++)
        of_day -= INT64_C(86400000000);
    return instant_on_wall(day, of_day);
}

/* A start in the years the calendars know, a little before or after, some on the very hour or at
 * the edges of the working day, and many near changes of the clocks. */
static int64_t random_start(void)
{
    static const int64_t edges[] = { 0, 3600, 5400, 7200, NINE, FIVE, FIVE - 1, FIVE + 1, 86399 };
    long day = day_number(2023, 6, 1) + (long)below(2200);
    int64_t of_day = (int64_t)below(INT64_C(86400000000));

    if (below(4) == 0) {
        static const int changes[][3] = { { 2024, 3, 31 },  { 2025, 10, 26 }, { 2026, 3, 29 },
                                          { 2026, 10, 25 }, { 2027, 3, 28 },  { 2027, 10, 31 } };
        size_t row = (size_t)below(COUNT_OF(changes));

        day = day_number(changes[row][0], changes[row][1], changes[row][2]) + (long)below(12) - 8;
    }
    if (below(2) == 0)
        of_day = edges[below(COUNT_OF(edges))] * 1000000;
    return instant_on_wall(day, of_day);
}

static struct limit_term random_term(void)
{
    struct limit_term term = { .kind = below(10) == 0 ? LIMIT_SAME_WORKING_DAY : LIMIT_LENGTH };

    if (term.kind == LIMIT_SAME_WORKING_DAY)
        return term;
    term.length.unit = (enum length_unit)below(6);
    term.length.count = (uint32_t)below(below(10) == 0 ? 400 : 25) + 1;
    if (term.length.unit == LENGTH_MONTHS)
        term.length.count = term.length.count % 30 + 1;
    if (term.length.unit == LENGTH_WEEKS)
        term.length.count = term.length.count % 60 + 1;
    term.before = below(4) == 0;
    return term;
}

static struct counting random_counting(void)
{
    if (below(3) == 0)
        return (struct counting){ 0 };
    return (struct counting){ (enum first_day)below(2), (enum late)below(2), (enum ends)below(4),
                              (enum roll)below(2), (enum hours)below(2) };
}

struct derivation {
    struct limit_day last;
    uint32_t counted;
    int32_t previous;
    bool in_order;
};

static bool note_day(void *context, const struct limit_day *day)
{
    struct derivation *derivation = context;

    if (derivation->previous != INT32_MIN && abs(day->date.day - derivation->previous) != 1)
        derivation->in_order = false;
    if (day->counted != (day->reason == NULL) || (day->counted && day->n != ++derivation->counted))
        derivation->in_order = false;
    derivation->previous = day->date.day;
    derivation->last = *day;
    return true;
}

/* The derivation names every day once and ends on the day of the due instant. */
static bool is_explained(const struct limit_term *term, const struct timekeeping *time,
                         const struct counting *counting, struct instant from, struct instant due)
{
    struct derivation derivation = { .previous = INT32_MIN, .in_order = true };
    bool midnight = counting->ends == ENDS_MIDNIGHT && (term->kind == LIMIT_SAME_WORKING_DAY ||
                                                        term->length.unit != LENGTH_WORKING_HOURS);
    struct civil civil = zone_civil(london, (struct instant){ due.us - midnight });

    if (limit_explain(term, time, counting, from, note_day, &derivation) != LIMIT_DUE)
        return false;
    if (term->kind == LIMIT_LENGTH && term->length.unit == LENGTH_HOURS)
        return derivation.previous == INT32_MIN;
    return derivation.in_order && derivation.last.date.day == civil.date.day;
}

static void agrees_with_the_slow_walk(void **state)
{
    (void)state;
    for (int n = 0; n < CASES; n++) {
        size_t which = (size_t)below(COUNT_OF(calendar_ids));
        struct timekeeping time = { &loaded[which]->calendar, london, NINE, FIVE };
        struct limit limit = { .terms = { random_term() }, .count = 1 };
        struct counting counting = random_counting();
        struct instant from = { random_start() }, due = INSTANT_NONE;
        int answer = limit_due(&limit, &time, &counting, from, INSTANT_NONE, &due);
        int64_t expected;

        asked_the_unknown = false;
        expected = slow_due(&slow[which], &limit.terms[0], &counting, from.us);
        if (due.us != expected || answer != (asked_the_unknown ? LIMIT_PROVISIONAL : LIMIT_DUE) ||
            !is_explained(&limit.terms[0], &time, &counting, from, due)) {
            char phrase[LIMIT_TEXT_SIZE], start[ZONE_TIME_SIZE], fast[ZONE_TIME_SIZE],
                walked[ZONE_TIME_SIZE];

            limit_write(&limit, phrase);
            instant_write_local(london, from, start);
            instant_write_local(london, due, fast);
            instant_write_local(london, (struct instant){ expected }, walked);
            fail_msg("case %d: %s from %s by %s (first %d late %d ends %d roll %d hours %d): %s "
                     "(%d), the walk says %s (asked the unknown: %d)",
                     n, phrase, start, calendar_ids[which], (int)counting.first_day,
                     (int)counting.late, (int)counting.ends, (int)counting.roll,
                     (int)counting.hours, fast, answer, walked, asked_the_unknown);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_slow_walk),
    };
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
