/* test_zone.c - civil time and UTC: dates, clock changes, what is written and what is read. */
#include "time_fixture.h"

#include <time.h>

static struct zone *london;

static int open_london(void **state)
{
    (void)state;
    london = fixture_zone("Europe/London");
    return 0;
}

static int close_london(void **state)
{
    (void)state;
    zoneinfo_free(&london);
    return 0;
}

/* Every day from 1600 to 2400, walked by the rules of the Gregorian calendar alone. */
static void dates_follow_each_other(void **state)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int32_t day = date_of(1600, 1, 1).day;
    int weekday = 5; /* 1600-01-01 was a Saturday */

    (void)state;
    assert_int_equal(date_of(1970, 1, 1).day, 0);
    assert_int_equal(date_of(2000, 3, 1).day, 11017);
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int length = lengths[month - 1] + (month == 2 && leap);

            for (int number = 1; number <= length; number++, day++) {
                int y, m, d;

                date_parts((struct date){ day }, &y, &m, &d);
                if (y != year || m != month || d != number || date_of(y, m, d).day != day ||
                    date_weekday((struct date){ day }) != weekday)
                    fail_msg("%d-%d-%d is day %d", year, month, number, (int)day);
                weekday = (weekday + 1) % 7;
            }
            assert_true(date_is_real(year, month, length));
            assert_false(date_is_real(year, month, length + 1));
        }
    assert_false(date_is_real(2026, 13, 1));
    assert_false(date_is_real(2026, 0, 1));
    assert_false(date_is_real(2026, 1, 0));
}

/* The vectors of the clock changes: civil time, its instant, and whether it was ordinary. */
static const struct {
    const char *name;
    struct {
        int year, month, day;
    } date;
    int32_t second;
    int answer;
    const char *utc;
} civil_rows[] = {
    { "winter", { 2026, 12, 29 }, FIVE, ZONE_OK, "2026-12-29T17:00:00Z" },
    { "summer", { 2027, 4, 5 }, FIVE, ZONE_OK, "2027-04-05T16:00:00Z" },
    { "just before the gap", { 2027, 3, 28 }, 3599, ZONE_OK, "2027-03-28T00:59:59Z" },
    { "the gap begins", { 2027, 3, 28 }, 3600, ZONE_SKIPPED, "2027-03-28T01:00:00Z" },
    { "in the gap", { 2027, 3, 28 }, 5400, ZONE_SKIPPED, "2027-03-28T01:00:00Z" },
    { "the last of the gap", { 2027, 3, 28 }, 7199, ZONE_SKIPPED, "2027-03-28T01:00:00Z" },
    { "the gap has ended", { 2027, 3, 28 }, 7200, ZONE_OK, "2027-03-28T01:00:00Z" },
    { "just before what comes twice", { 2026, 10, 25 }, 3599, ZONE_OK, "2026-10-24T23:59:59Z" },
    { "the first that comes twice", { 2026, 10, 25 }, 3600, ZONE_TWICE, "2026-10-25T01:00:00Z" },
    { "of two, the second", { 2026, 10, 25 }, 5400, ZONE_TWICE, "2026-10-25T01:30:00Z" },
    { "the last that comes twice", { 2026, 10, 25 }, 7199, ZONE_TWICE, "2026-10-25T01:59:59Z" },
    { "once again", { 2026, 10, 25 }, 7200, ZONE_OK, "2026-10-25T02:00:00Z" },
    { "twice in 2027", { 2027, 10, 31 }, 5400, ZONE_TWICE, "2027-10-31T01:30:00Z" },
};

static void civil_times_have_one_instant(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(civil_rows); i++) {
        struct civil civil = { .date = date_of(civil_rows[i].date.year, civil_rows[i].date.month,
                                               civil_rows[i].date.day),
                               .second = civil_rows[i].second };
        char utc[ZONE_TIME_SIZE];
        struct instant at;

        print_message("  %s\n", civil_rows[i].name);
        assert_int_equal(zone_instant(london, civil, &at), civil_rows[i].answer);
        instant_write_utc(at, utc);
        assert_string_equal(utc, civil_rows[i].utc);
    }
}

/* Text, whether civil time is allowed, and the instant it means ("" for none). */
static const struct {
    const char *text;
    bool civil;
    const char *utc;
} read_rows[] = {
    { "2026-12-18T16:59:00Z", false, "2026-12-18T16:59:00Z" },
    { "2026-12-18t16:59:00z", false, "2026-12-18T16:59:00Z" },
    { "2027-04-05T17:00:00+01:00", false, "2027-04-05T16:00:00Z" },
    { "2027-04-05T10:30:00-05:30", false, "2027-04-05T16:00:00Z" },
    { "2026-12-18T16:59:00.5Z", false, "2026-12-18T16:59:00.500000Z" },
    { "2026-12-18T16:59:00.123456789Z", false, "2026-12-18T16:59:00.123456Z" },
    { "2026-12-18T16:59:00.1234567891Z", false, "" },
    { "2026-12-18T16:59:00.Z", false, "" },
    { "2016-12-31T23:59:60Z", false, "2017-01-01T00:00:00Z" },
    { "2017-01-01T00:59:60+01:00", false, "2017-01-01T00:00:00Z" },
    { "2026-12-18T16:59:60Z", false, "" },
    { "9999-12-31T23:59:59Z", false, "9999-12-31T23:59:59Z" },
    { "1970-01-01T00:00:00Z", false, "1970-01-01T00:00:00Z" },
    { "1969-12-31T23:59:59Z", false, "" },
    { "9999-12-31T23:59:59.999999-14:00", false, "" },
    { "1970-01-01T00:00:00+00:01", false, "" },
    { "1969-12-31T23:59:59-00:01", false, "" },
    { "2026-12-18T16:59:00", false, "" },
    { "2026-12-18 16:59:00Z", false, "" },
    { "2026-12-18T16:59Z", false, "" },
    { "2026-12-18", false, "" },
    { "", false, "" },
    { "2026-12-18 16:59", true, "2026-12-18T16:59:00Z" },
    { "2027-04-05T17:00", true, "2027-04-05T16:00:00Z" },
    { "2027-04-05T17:00:01", true, "2027-04-05T16:00:01Z" },
    { "2027-04-05 17:00+02:00", true, "2027-04-05T15:00:00Z" },
    { "2027-04-05", true, "2027-04-04T23:00:00Z" },
    { "2027-03-28 01:30", true, "2027-03-28T01:00:00Z" },
    { "2026-10-25 01:30", true, "2026-10-25T01:30:00Z" },
    { "2027-02-29 10:00", true, "" },
    { "2027-13-01 10:00", true, "" },
    { "2027-00-01 10:00", true, "" },
    { "2027-04-05 24:00", true, "" },
    { "2027-04-05 10:60", true, "" },
    { "2027-04-05 10:00:60", true, "" },
    { "2027-04-05 10:00 ", true, "" },
    { " 2027-04-05 10:00", true, "" },
    { "2027-4-5", true, "" },
    { "27-04-05", true, "" },
    { "tomorrow", true, "" },
    { "2027-04-05T17:00:00+24:00", true, "" },
    { "2027-04-05T17:00:00+01:60", true, "" },
    { "2027-04-05T17:00:00+01", true, "" },
    { "2027-04-05T17:00:00Zulu", true, "" },
    { "2027-04-05\n", true, "" },
    { "-027-04-05", true, "" },
};

static void reads_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(read_rows); i++) {
        struct instant at = { 42 };
        char utc[ZONE_TIME_SIZE] = "";
        int answer = instant_read(read_rows[i].text, read_rows[i].civil ? london : NULL, &at);

        print_message("  \"%s\"\n", read_rows[i].text);
        if (answer == INSTANT_OK)
            instant_write_utc(at, utc);
        else
            assert_int_equal(at.us, 42);
        assert_string_equal(utc, read_rows[i].utc);
    }
}

static void writes_offsets(void **state)
{
    struct zone_change change = { 0, -(5 * 3600 + 30 * 60) };
    struct zone west = { "West", 0, &change, 1 };
    struct zone odd = { "Odd", -75, NULL, 0 };
    char text[ZONE_TIME_SIZE];

    (void)state;
    instant_write_local(london, fixture_time(NULL, "2027-04-05T16:00:00Z"), text);
    assert_string_equal(text, "2027-04-05T17:00:00+01:00");
    instant_write_local(london, fixture_time(NULL, "2026-12-29T17:00:00.25Z"), text);
    assert_string_equal(text, "2026-12-29T17:00:00.250000+00:00");
    instant_write_local(&west, fixture_time(NULL, "2026-12-29T03:00:00Z"), text);
    assert_string_equal(text, "2026-12-28T21:30:00-05:30");
    instant_write_local(&odd, fixture_time(NULL, "2026-12-29T03:00:00Z"), text);
    assert_string_equal(text, "2026-12-29T03:00:00Z");
    /* Whatever the instant, the text fits and the answer is total. */
    for (size_t i = 0; i < 2; i++) {
        struct instant far = { i ? INT64_MAX : INT64_MIN + 1 };
        struct civil civil = zone_civil(london, far);

        instant_write_utc(far, text);
        instant_write_local(london, far, text);
        (void)zone_instant(london, civil, &far);
    }
}

static uint64_t random_state = 20260705;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Both ways against the C library, which reads the same file by code of its own. */
static void compare_with_libc(const struct zone *zone, int64_t at_s)
{
    struct instant at = { at_s * SECOND_US + 7 }, back;
    struct civil civil = zone_civil(zone, at);
    time_t time = (time_t)at_s;
    int year, month, day, answer;
    struct tm tm;

    localtime_r(&time, &tm);
    date_parts(civil.date, &year, &month, &day);
    if (year != tm.tm_year + 1900 || month != tm.tm_mon + 1 || day != tm.tm_mday ||
        civil.second != tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec || civil.us != 7 ||
        date_weekday(civil.date) != (tm.tm_wday + 6) % 7 || zone_offset(zone, at) != tm.tm_gmtoff)
        fail_msg("%s differs from the C library at %lld", zone->name, (long long)at_s);
    answer = zone_instant(zone, civil, &back);
    if (answer == ZONE_SKIPPED || (answer == ZONE_OK && back.us != at.us) || back.us < at.us)
        fail_msg("%s: %lld does not come back", zone->name, (long long)at_s);
}

static void agrees_with_libc(void **state)
{
    static const char *const names[] = { "Europe/London",       "America/New_York",
                                         "Australia/Lord_Howe", "Europe/Dublin",
                                         "Asia/Kolkata",        "Pacific/Apia",
                                         "Africa/Casablanca",   "UTC",
                                         "America/Havana" };
    const int64_t end_s = date_of(2100, 1, 1).day * (DAY_US / SECOND_US);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct zone *zone = fixture_zone(names[i]);

        setenv("TZ", names[i], 1);
        tzset();
        for (int n = 0; n < (i == 0 ? 200000 : 10000); n++)
            compare_with_libc(zone, (int64_t)(next_random() % (uint64_t)end_s));
        for (size_t c = 0; c < zone->change_count; c++)
            for (int64_t near = -7200; near <= 7200; near += 600)
                if (zone->changes[c].at_s > 86400 && zone->changes[c].at_s < end_s - 7200) {
                    compare_with_libc(zone, zone->changes[c].at_s + near);
                    compare_with_libc(zone, zone->changes[c].at_s + near - 1);
                }
        zoneinfo_free(&zone);
    }
    unsetenv("TZ");
    tzset();
}

static void refuses_what_is_no_zone(void **state)
{
    static const char *const names[] = {
        "",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe",
        "Europe/Lonndn",
        "Europe/../Europe/London",
        "zone.tab",
        "Europe/London\n",
        "Europe/Londonxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char message[512];
        struct text error = text_over(message, sizeof message);
        struct zone *zone = NULL;

        assert_int_equal(zoneinfo_load(names[i], &zone, &error), ZONEINFO_UNKNOWN);
        assert_null(zone);
        assert_true(error.used > 0);
    }
}

/* Any cut and any changed byte of a real file: refused or read, never more than that. */
static void reads_broken_files(void **state)
{
    unsigned char bytes[8192];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/London", "rb");
    size_t size;

    (void)state;
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t i = 0; i < 2 * size; i++) {
        unsigned char *copy = malloc(size);
        size_t length = i < size ? i : size;
        char message[256], utc[ZONE_TIME_SIZE];
        struct text error = text_over(message, sizeof message);
        struct zone *zone = NULL;

        assert_non_null(copy);
        memcpy(copy, bytes, length);
        if (i >= size)
            copy[i - size] ^= (unsigned char)(1u << next_random() % 8);
        if (zoneinfo_read("Europe/London", copy, length, &zone, &error) == ZONEINFO_OK)
            instant_write_local(zone, (struct instant){ 0 }, utc);
        else
            assert_true(error.used > 0);
        zoneinfo_free(&zone);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_follow_each_other),
        cmocka_unit_test(civil_times_have_one_instant),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(writes_offsets),
        cmocka_unit_test(agrees_with_libc),
        cmocka_unit_test(refuses_what_is_no_zone),
        cmocka_unit_test(reads_broken_files),
    };
    return cmocka_run_group_tests(tests, open_london, close_london);
}
