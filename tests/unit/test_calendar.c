/* test_calendar.c - working days: rows, both directions, and days no table holds. */
#include "time_fixture.h"

static struct calendar england;

static int open_calendar(void **state)
{
    (void)state;
    england = fixture_england();
    return 0;
}

struct ymd {
    int year, month, day;
};

static struct date day(struct ymd ymd)
{
    return date_of(ymd.year, ymd.month, ymd.day);
}

/* clang-format off */
static const struct {
    const char *name;
    struct ymd from;
    uint32_t count;
    int answer;
    struct ymd due;
} rows[] = {
    { "a plain week",              { 2026, 11, 16 }, 5,  CALENDAR_OK,          { 2026, 11, 23 } },
    { "raised on a Saturday",      { 2026, 11, 21 }, 1,  CALENDAR_OK,          { 2026, 11, 23 } },
    { "over Easter",               { 2026, 4, 2 },   1,  CALENDAR_OK,          { 2026, 4, 7 } },
    { "raised on a bank holiday",  { 2026, 5, 4 },   1,  CALENDAR_OK,          { 2026, 5, 5 } },
    { "over Christmas",            { 2026, 12, 24 }, 2,  CALENDAR_OK,          { 2026, 12, 30 } },
    { "past the known closures",   { 2028, 12, 28 }, 5,  CALENDAR_PROVISIONAL, { 2029, 1, 4 } },
    { "the last known day",        { 2028, 12, 28 }, 1,  CALENDAR_OK,          { 2028, 12, 29 } },
    { "two closures and weekends", { 2026, 12, 18 }, 5,  CALENDAR_OK,          { 2026, 12, 29 } },
    { "the cap of fifteen days",   { 2026, 12, 18 }, 15, CALENDAR_OK,          { 2027, 1, 13 } },
    { "from 21 December",          { 2026, 12, 21 }, 5,  CALENDAR_OK,          { 2026, 12, 30 } },
    { "Christmas on a weekend",    { 2027, 12, 24 }, 1,  CALENDAR_OK,          { 2027, 12, 29 } },
};

static const struct {
    const char *name;
    struct ymd from;
    uint32_t count;
    int answer;
    struct ymd day;
} back_rows[] = {
    { "a plain week",             { 2026, 11, 23 }, 5, CALENDAR_OK,          { 2026, 11, 16 } },
    { "from a Sunday",            { 2026, 11, 22 }, 1, CALENDAR_OK,          { 2026, 11, 20 } },
    { "over Easter",              { 2026, 4, 7 },   1, CALENDAR_OK,          { 2026, 4, 2 } },
    { "the day before a closure", { 2027, 1, 4 },   1, CALENDAR_OK,          { 2026, 12, 31 } },
    { "from past what is known",  { 2029, 1, 3 },   3, CALENDAR_PROVISIONAL, { 2028, 12, 29 } },
    { "from the day after it",    { 2029, 1, 1 },   1, CALENDAR_OK,          { 2028, 12, 29 } },
};

static const struct {
    const char *name;
    struct ymd day;
    int answer;
    struct ymd next;
    const char *reason;
} next_rows[] = {
    { "a working day",        { 2026, 11, 20 }, CALENDAR_OK,          { 2026, 11, 20 }, NULL },
    { "a Saturday",           { 2026, 11, 21 }, CALENDAR_OK,          { 2026, 11, 23 }, "Saturday" },
    { "a bank holiday",       { 2026, 4, 3 },   CALENDAR_OK,          { 2026, 4, 7 },   "Good Friday" },
    { "a Sunday in between",  { 2026, 4, 5 },   CALENDAR_OK,          { 2026, 4, 7 },   "Sunday" },
    { "the last known day",   { 2028, 12, 31 }, CALENDAR_PROVISIONAL, { 2029, 1, 1 },   "Sunday" },
    { "past what is known",   { 2029, 1, 1 },   CALENDAR_PROVISIONAL, { 2029, 1, 1 },   NULL },
    { "past the table",       { 2101, 1, 1 },   CALENDAR_PROVISIONAL, { 2101, 1, 3 },   "Saturday" },
    { "before the table",     { 1999, 12, 31 }, CALENDAR_OK,          { 1999, 12, 31 }, NULL },
};
/* clang-format on */

static void adds_working_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct date due;

        print_message("  %s\n", rows[i].name);
        assert_int_equal(
            calendar_add_working_days(&england, day(rows[i].from), rows[i].count, &due),
            rows[i].answer);
        assert_int_equal(due.day, day(rows[i].due).day);
    }
}

static void subtracts_working_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(back_rows); i++) {
        struct date found;

        print_message("  %s\n", back_rows[i].name);
        assert_int_equal(calendar_subtract_working_days(&england, day(back_rows[i].from),
                                                        back_rows[i].count, &found),
                         back_rows[i].answer);
        assert_int_equal(found.day, day(back_rows[i].day).day);
    }
}

static void finds_the_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(next_rows); i++) {
        struct date next;
        const char *reason = calendar_reason(&england, day(next_rows[i].day));

        print_message("  %s\n", next_rows[i].name);
        assert_int_equal(calendar_next_working_day(&england, day(next_rows[i].day), &next),
                         next_rows[i].answer);
        assert_int_equal(next.day, day(next_rows[i].next).day);
        assert_int_equal(calendar_is_working_day(&england, day(next_rows[i].day)), reason == NULL);
        if (next_rows[i].reason)
            assert_string_equal(reason, next_rows[i].reason);
        else
            assert_null(reason);
    }
}

/* From any day, tables or not, n working days on and n back: walked one by one. */
static void agrees_with_walking(void **state)
{
    static const struct ymd starts[] = {
        { 1999, 11, 1 }, { 2026, 12, 1 }, { 2099, 11, 1 }, { 1970, 1, 1 }, { 2400, 1, 1 }
    };

    (void)state;
    for (size_t s = 0; s < COUNT_OF(starts); s++)
        for (int32_t offset = 0; offset < 100; offset++) {
            struct date from = { day(starts[s]).day + offset }, on = from, back = from;

            for (uint32_t count = 1; count <= 60; count++) {
                struct date found;

                do
                    on.day++;
                while (calendar_reason(&england, on));
                do
                    back.day--;
                while (calendar_reason(&england, back));
                (void)calendar_add_working_days(&england, from, count, &found);
                assert_int_equal(found.day, on.day);
                (void)calendar_subtract_working_days(&england, from, count, &found);
                assert_int_equal(found.day, back.day);
            }
        }
}

/* Other weekends, and weeks with one working day, or none. */
static void counts_with_any_weekend(void **state)
{
    static int32_t ordinal[CALENDAR_DAYS_MAX], nth[CALENDAR_DAYS_MAX];

    (void)state;
    for (uint8_t weekend = 0; weekend < 0x80; weekend++) {
        struct calendar calendar = { .weekend = weekend, .known_until = date_of(2099, 12, 31) };
        struct date from = date_of(2099, 12, 20), found, walked = from;

        calendar_prepare(&calendar, ordinal, nth);
        if (weekend == 0x7f) {
            assert_int_equal(calendar_add_working_days(&calendar, from, 3, &found),
                             CALENDAR_PROVISIONAL);
            assert_int_equal(calendar_subtract_working_days(&calendar, from, 3, &found),
                             CALENDAR_PROVISIONAL);
            continue;
        }
        for (int left = 10; left > 0; left -= !(weekend >> date_weekday(walked) & 1))
            walked.day++;
        (void)calendar_add_working_days(&calendar, from, 10, &found);
        assert_int_equal(found.day, walked.day);
    }
}

/* A calendar known from 2026 on says nothing certain about 2025. */
static void says_what_it_does_not_know(void **state)
{
    struct calendar late = england;
    struct date found;

    (void)state;
    late.known_from = date_of(2026, 1, 1);
    assert_int_equal(calendar_add_working_days(&late, date_of(2025, 12, 30), 2, &found),
                     CALENDAR_PROVISIONAL);
    assert_int_equal(calendar_add_working_days(&late, date_of(2025, 12, 31), 1, &found),
                     CALENDAR_OK);
    assert_int_equal(calendar_subtract_working_days(&late, date_of(2026, 1, 2), 1, &found),
                     CALENDAR_PROVISIONAL);
    assert_int_equal(calendar_subtract_working_days(&late, date_of(2026, 1, 6), 1, &found),
                     CALENDAR_OK);
}

static void answers_any_question(void **state)
{
    static const int32_t days[] = {
        INT32_MIN, INT32_MIN + 1, -719529, 0, INT32_MAX - 1, INT32_MAX
    };
    static const uint32_t counts[] = { 1, 10000, UINT32_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(days); i++)
        for (size_t j = 0; j < COUNT_OF(counts); j++) {
            struct date from = { days[i] }, found;

            (void)calendar_add_working_days(&england, from, counts[j], &found);
            (void)calendar_subtract_working_days(&england, from, counts[j], &found);
            (void)calendar_next_working_day(&england, from, &found);
            (void)calendar_is_working_day(&england, from);
            (void)calendar_reason(&england, from);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_working_days),       cmocka_unit_test(subtracts_working_days),
        cmocka_unit_test(finds_the_next),          cmocka_unit_test(agrees_with_walking),
        cmocka_unit_test(counts_with_any_weekend), cmocka_unit_test(says_what_it_does_not_know),
        cmocka_unit_test(answers_any_question),
    };
    return cmocka_run_group_tests(tests, open_calendar, NULL);
}
