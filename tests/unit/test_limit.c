/* test_limit.c - limits: the grammar, the worked timelines, the conventions, reminders, chases. */
#include "time_fixture.h"

static struct calendar england;
static struct zone *london;
static struct timekeeping office;

static int open_time(void **state)
{
    (void)state;
    england = fixture_england();
    london = fixture_zone("Europe/London");
    office = (struct timekeeping){ &england, london, NINE, FIVE };
    return 0;
}

static int close_time(void **state)
{
    (void)state;
    zoneinfo_free(&london);
    return 0;
}

static const char *local(struct instant at)
{
    static char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return "none";
    instant_write_local(london, at, text);
    return text;
}

/* A phrase, and how it is written back; NULL where it is none. */
static const struct {
    const char *phrase, *written;
} phrase_rows[] = {
    { "none", "none" },
    { "same working day", "same working day" },
    { "set by the case", "set by the case" },
    { "24 hours", "24 hours" },
    { "1 hour", "1 hour" },
    { "1 hours", "1 hour" },
    { "5 working day", "5 working days" },
    { "4 working hours", "4 working hours" },
    { "2 weeks", "2 weeks" },
    { "3 months before", "3 months before" },
    { "10000 days", "10000 days" },
    { "  5   working\tdays ", "5 working days" },
    { "earlier of 2 days and 24 hours", "earlier of 2 days and 24 hours" },
    { "earlier of set by the case and 5 working days",
      "earlier of set by the case and 5 working days" },
    { "earlier of none and 2 days before", "earlier of none and 2 days before" },
    { "earlier of 1 day and earlier of 2 days and 3 days",
      "earlier of 1 day and earlier of 2 days and 3 days" },
    { "earlier of earlier of 1 day and 2 days and 3 days",
      "earlier of 1 day and earlier of 2 days and 3 days" },
    { "earlier of earlier of 1 day and 2 days and earlier of 3 days and 4 days",
      "earlier of 1 day and earlier of 2 days and earlier of 3 days and 4 days" },
    { "earlier of 10000 working hours before and earlier of 10000 working hours before and "
      "earlier of 10000 working hours before and 10000 working hours before",
      "earlier of 10000 working hours before and earlier of 10000 working hours before and "
      "earlier of 10000 working hours before and 10000 working hours before" },
    { "earlier of 1 day and earlier of 2 days and earlier of 3 days and earlier of 4 days and 5 "
      "days",
      NULL },
    { "earlier of earlier of earlier of earlier of earlier of earlier of 1 day", NULL },
    { "", NULL },
    { " ", NULL },
    { "5", NULL },
    { "days", NULL },
    { "0 days", NULL },
    { "05 days", NULL },
    { "-5 days", NULL },
    { "5.5 days", NULL },
    { "10001 days", NULL },
    { "99999999999999999999 days", NULL },
    { "5days", NULL },
    { "5 workingdays", NULL },
    { "5 Days", NULL },
    { "5 working", NULL },
    { "5 working days later", NULL },
    { "5 working dayss", NULL },
    { "five days", NULL },
    { "nonesuch", NULL },
    { "none before", NULL },
    { "same working day before", NULL },
    { "earlier of 2 days", NULL },
    { "earlier of 2 days and", NULL },
    { "earlier of 2 days or 3 days", NULL },
    { "2 days and 3 days", NULL },
    { "5 working\ndays", NULL },
};

static void reads_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(phrase_rows); i++) {
        struct limit limit = { .count = 77 }, again;
        char text[LIMIT_TEXT_SIZE], again_text[LIMIT_TEXT_SIZE];

        print_message("  \"%s\"\n", phrase_rows[i].phrase);
        if (!phrase_rows[i].written) {
            assert_int_equal(limit_read(phrase_rows[i].phrase, &limit), LIMIT_UNREADABLE);
            assert_int_equal(limit.count, 77);
            continue;
        }
        assert_int_equal(limit_read(phrase_rows[i].phrase, &limit), LIMIT_DUE);
        limit_write(&limit, text);
        assert_string_equal(text, phrase_rows[i].written);
        assert_int_equal(limit_read(text, &again), LIMIT_DUE);
        limit_write(&again, again_text);
        assert_string_equal(again_text, text);
        assert_int_equal(again.count, limit.count);
    }
}

static void reads_other_phrases(void **state)
{
    struct remind remind;
    struct chase chase;
    struct length length;
    char text[LIMIT_TEXT_SIZE];

    (void)state;
    assert_int_equal(remind_read("1 working day before", &remind), LIMIT_DUE);
    assert_int_equal(remind.count, 1);
    assert_int_equal(remind.before[0].unit, LENGTH_WORKING_DAYS);
    assert_int_equal(remind_read("2 days before and 4 hours before", &remind), LIMIT_DUE);
    assert_int_equal(remind.count, 2);
    assert_int_equal(remind.before[1].count, 4);
    assert_int_equal(remind_read("none", &remind), LIMIT_DUE);
    assert_int_equal(remind.count, 0);
    remind.count = 9;
    assert_int_equal(remind_read("1 day", &remind), LIMIT_UNREADABLE);
    assert_int_equal(remind_read("1 day before and", &remind), LIMIT_UNREADABLE);
    assert_int_equal(remind_read("none and 1 day before", &remind), LIMIT_UNREADABLE);
    assert_int_equal(remind_read("1 day before and 2 days before and 3 days before and 4 days "
                                 "before and 5 days before",
                                 &remind),
                     LIMIT_UNREADABLE);
    assert_int_equal(remind.count, 9);

    assert_int_equal(chase_read("every 5 working days", &chase), LIMIT_DUE);
    assert_false(chase.none);
    length_write(&chase.every, text);
    assert_string_equal(text, "5 working days");
    assert_int_equal(chase_read("none", &chase), LIMIT_DUE);
    assert_true(chase.none);
    assert_int_equal(chase_read("5 days", &chase), LIMIT_UNREADABLE);
    assert_int_equal(chase_read("every day", &chase), LIMIT_UNREADABLE);
    assert_int_equal(chase_read("every 5 days before", &chase), LIMIT_UNREADABLE);

    assert_int_equal(length_read("4 working hours", &length), LIMIT_DUE);
    assert_int_equal(length.unit, LENGTH_WORKING_HOURS);
    assert_int_equal(length_read("4 working hours before", &length), LIMIT_UNREADABLE);
}

static void reads_counting(void **state)
{
    struct counting counting = { 0 };

    (void)state;
    assert_int_equal(counting_read("first_day", "included", &counting), LIMIT_DUE);
    assert_int_equal(counting_read("late", "next working day", &counting), LIMIT_DUE);
    assert_int_equal(counting_read("ends", "same time", &counting), LIMIT_DUE);
    assert_int_equal(counting_read("roll", "next working day", &counting), LIMIT_DUE);
    assert_int_equal(counting_read("hours", "clock", &counting), LIMIT_DUE);
    assert_int_equal(counting.first_day, FIRST_DAY_INCLUDED);
    assert_int_equal(counting.late, LATE_NEXT_WORKING_DAY);
    assert_int_equal(counting.ends, ENDS_SAME_TIME);
    assert_int_equal(counting.roll, ROLL_NEXT_WORKING_DAY);
    assert_int_equal(counting.hours, HOURS_CLOCK);
    assert_int_equal(counting_read("late", "as dated", &counting), LIMIT_DUE);
    assert_int_equal(counting.late, LATE_AS_DATED);
    assert_int_equal(counting_read("ends", "start of business", &counting), LIMIT_DUE);
    assert_int_equal(counting.ends, ENDS_START_OF_BUSINESS);
    assert_int_equal(counting_read("ends", "noon", &counting), LIMIT_UNREADABLE);
    assert_int_equal(counting_read("starts", "midnight", &counting), LIMIT_UNREADABLE);
    assert_int_equal(counting_read("roll", "", &counting), LIMIT_UNREADABLE);
    assert_int_equal(counting.ends, ENDS_START_OF_BUSINESS);
}

/* A limit, its conventions (key=value,...), its start and its due instant, in London time. */
struct due_row {
    const char *name, *limit, *counting, *from;
    int answer;
    const char *due;
};

/* The worked timelines, where they are pure time, and the ambiguous points. */
/* clang-format off */
static const struct due_row timeline_rows[] = {
    { "PL stage 1",  "5 working days", "", "2026-12-18 16:59", LIMIT_DUE, "2026-12-29T17:00:00+00:00" },
    { "PL stage 2",  "5 working days", "", "2026-12-29 17:00", LIMIT_DUE, "2027-01-06T17:00:00+00:00" },
    { "PL stage 3",  "5 working days", "", "2027-01-06 17:00", LIMIT_DUE, "2027-01-13T17:00:00+00:00" },
    { "PL cap",     "15 working days", "", "2026-12-18 16:59", LIMIT_DUE, "2027-01-13T17:00:00+00:00" },
    { "PL Easter 1", "5 working days", "", "2027-03-22 10:00", LIMIT_DUE, "2027-03-31T17:00:00+01:00" },
    { "PL Easter 2", "5 working days", "", "2027-03-31 17:00", LIMIT_DUE, "2027-04-07T17:00:00+01:00" },
    { "PL Easter 3", "5 working days", "", "2027-04-07 17:00", LIMIT_DUE, "2027-04-14T17:00:00+01:00" },
    { "PL Easter cap", "15 working days", "", "2027-03-22 10:00", LIMIT_DUE, "2027-04-14T17:00:00+01:00" },
    { "LS one minute", "same working day", "", "2027-02-12 16:59", LIMIT_DUE, "2027-02-12T17:00:00+00:00" },
    { "LS at five",    "same working day", "", "2027-02-12 17:00", LIMIT_DUE, "2027-02-15T17:00:00+00:00" },
    { "LS at 17:01",   "same working day", "", "2027-02-12 17:01", LIMIT_DUE, "2027-02-15T17:00:00+00:00" },
    { "LS on a Sunday", "same working day", "", "2027-02-14 10:00", LIMIT_DUE, "2027-02-15T17:00:00+00:00" },
    { "LS at night",   "same working day", "", "2027-02-12 03:00", LIMIT_DUE, "2027-02-12T17:00:00+00:00" },
    { "LS on a bank holiday", "same working day", "", "2027-03-26 11:00", LIMIT_DUE, "2027-03-30T17:00:00+01:00" },
    { "LS to midnight", "same working day", "ends=midnight", "2027-02-12 16:59", LIMIT_DUE, "2027-02-13T00:00:00+00:00" },
    { "RO stage 1", "5 working days", "", "2026-12-28 11:00", LIMIT_DUE, "2027-01-05T17:00:00+00:00" },
    { "RO stage 2", "5 working days", "", "2027-01-05 17:00", LIMIT_DUE, "2027-01-12T17:00:00+00:00" },
    { "RO stage 3", "5 working days", "", "2027-01-12 17:00", LIMIT_DUE, "2027-01-19T17:00:00+00:00" },
    { "RO stage 4", "5 working days", "", "2027-01-19 17:00", LIMIT_DUE, "2027-01-26T17:00:00+00:00" },
    { "RO stage 5", "5 working days", "", "2027-01-26 17:00", LIMIT_DUE, "2027-02-02T17:00:00+00:00" },
    { "RO stage 6", "5 working days", "", "2027-02-02 17:00", LIMIT_DUE, "2027-02-09T17:00:00+00:00" },
    { "WO stage 1", "1 working day", "", "2027-03-26 23:30", LIMIT_DUE, "2027-03-30T17:00:00+01:00" },
    { "WO stage 2", "24 hours", "", "2027-03-30 17:00", LIMIT_DUE, "2027-03-31T17:00:00+01:00" },
    { "WO over the spring change", "24 hours", "", "2027-03-27 13:30", LIMIT_DUE, "2027-03-28T14:30:00+01:00" },
    { "WO over a weekend", "24 hours", "", "2027-02-12 16:59", LIMIT_DUE, "2027-02-13T16:59:00+00:00" },
    { "SO no number", "none", "", "2027-04-06 09:00", LIMIT_NO_DUE, "none" },
    { "AMB-1 included", "5 working days", "first_day=included", "2026-11-16 10:00", LIMIT_DUE, "2026-11-20T17:00:00+00:00" },
    { "AMB-1 included, closed", "1 working day", "first_day=included", "2026-11-21 10:00", LIMIT_DUE, "2026-11-23T17:00:00+00:00" },
    { "AMB-2 midnight", "5 working days", "ends=midnight", "2026-11-16 10:00", LIMIT_DUE, "2026-11-24T00:00:00+00:00" },
    { "AMB-2 same time", "5 working days", "ends=same time", "2026-11-16 10:11:12", LIMIT_DUE, "2026-11-23T10:11:12+00:00" },
    { "AMB-2 start of business", "5 working days", "ends=start of business", "2026-11-16 10:00", LIMIT_DUE, "2026-11-23T09:00:00+00:00" },
    { "AMB-3 at night", "1 working day", "", "2026-11-16 23:30", LIMIT_DUE, "2026-11-17T17:00:00+00:00" },
    { "AMB-3 on Sunday", "1 working day", "", "2026-11-15 10:00", LIMIT_DUE, "2026-11-16T17:00:00+00:00" },
    { "AMB-3 late at night", "1 working day", "late=next working day", "2026-11-16 23:30", LIMIT_DUE, "2026-11-18T17:00:00+00:00" },
    { "AMB-3 late on Sunday", "1 working day", "late=next working day", "2026-11-15 10:00", LIMIT_DUE, "2026-11-17T17:00:00+00:00" },
    { "AMB-3 five is not late", "1 working day", "late=next working day", "2026-11-16 17:00", LIMIT_DUE, "2026-11-17T17:00:00+00:00" },
    { "AMB-3 a second after is", "1 working day", "late=next working day", "2026-11-16 17:00:01", LIMIT_DUE, "2026-11-18T17:00:00+00:00" },
    { "AMB-8 the clock, spring", "24 hours", "hours=clock", "2027-03-27 13:30", LIMIT_DUE, "2027-03-28T13:30:00+01:00" },
    { "AMB-8 elapsed, autumn", "24 hours", "", "2026-10-24 12:00", LIMIT_DUE, "2026-10-25T11:00:00+00:00" },
    { "AMB-8 the clock, autumn", "24 hours", "hours=clock", "2026-10-24 12:00", LIMIT_DUE, "2026-10-25T12:00:00+00:00" },
    { "AMB-8 elapsed, spring", "24 hours", "", "2027-03-27 12:00", LIMIT_DUE, "2027-03-28T13:00:00+01:00" },
    { "the clock into the gap", "24 hours", "hours=clock", "2027-03-27 01:30", LIMIT_DUE, "2027-03-28T02:00:00+01:00" },
    { "the clock into what comes twice", "24 hours", "hours=clock", "2026-10-24 01:30", LIMIT_DUE, "2026-10-25T01:30:00+00:00" },
    { "a day into the gap", "1 day", "ends=same time", "2027-03-27 01:30", LIMIT_DUE, "2027-03-28T02:00:00+01:00" },
    { "hours leave days' conventions alone", "24 hours", "late=next working day,roll=next working day,first_day=included", "2027-02-13 10:00", LIMIT_DUE, "2027-02-14T10:00:00+00:00" },
    { "the interface's example", "5 working days", "", "2027-03-25T16:00:00Z", LIMIT_DUE, "2027-04-05T17:00:00+01:00" },
};

static const struct due_row length_rows[] = {
    { "days end on a Sunday", "3 days", "", "2026-11-19 10:00", LIMIT_DUE, "2026-11-22T17:00:00+00:00" },
    { "and roll", "3 days", "roll=next working day", "2026-11-19 10:00", LIMIT_DUE, "2026-11-23T17:00:00+00:00" },
    { "days, first included", "3 days", "first_day=included", "2026-11-19 10:00", LIMIT_DUE, "2026-11-21T17:00:00+00:00" },
    { "days, late", "1 day", "late=next working day", "2026-11-20 18:00", LIMIT_DUE, "2026-11-24T17:00:00+00:00" },
    { "a week", "1 week", "", "2026-12-18 10:00", LIMIT_DUE, "2026-12-25T17:00:00+00:00" },
    { "a week rolls", "1 week", "roll=next working day", "2026-12-18 10:00", LIMIT_DUE, "2026-12-29T17:00:00+00:00" },
    { "a week, first included", "1 week", "first_day=included", "2026-12-18 10:00", LIMIT_DUE, "2026-12-24T17:00:00+00:00" },
    { "a month", "1 month", "", "2027-01-15 10:00", LIMIT_DUE, "2027-02-15T17:00:00+00:00" },
    { "a short month", "1 month", "", "2027-01-31 10:00", LIMIT_DUE, "2027-02-28T17:00:00+00:00" },
    { "a leap month", "1 month", "", "2028-01-31 10:00", LIMIT_DUE, "2028-02-29T17:00:00+00:00" },
    { "over the year", "14 months", "", "2026-12-31 10:00", LIMIT_DUE, "2028-02-29T17:00:00+00:00" },
    { "a month, first included", "1 month", "first_day=included", "2027-03-01 10:00", LIMIT_DUE, "2027-03-31T17:00:00+01:00" },
    { "a short one, included", "1 month", "first_day=included", "2027-01-31 10:00", LIMIT_DUE, "2027-02-28T17:00:00+00:00" },
    { "working hours of a day", "4 working hours", "", "2026-11-16 10:15", LIMIT_DUE, "2026-11-16T14:15:00+00:00" },
    { "over a weekend", "4 working hours", "", "2026-11-20 15:00", LIMIT_DUE, "2026-11-23T11:00:00+00:00" },
    { "to the close", "2 working hours", "", "2026-11-20 15:00", LIMIT_DUE, "2026-11-20T17:00:00+00:00" },
    { "from the close", "1 working hour", "", "2026-11-20 17:00", LIMIT_DUE, "2026-11-23T10:00:00+00:00" },
    { "from before the opening", "1 working hour", "", "2026-11-20 06:00", LIMIT_DUE, "2026-11-20T10:00:00+00:00" },
    { "from a closed day", "8 working hours", "", "2026-12-25 12:00", LIMIT_DUE, "2026-12-29T17:00:00+00:00" },
    { "over Christmas", "4 working hours", "", "2026-12-24 15:00", LIMIT_DUE, "2026-12-29T11:00:00+00:00" },
    { "working days before", "5 working days before", "", "2027-04-05", LIMIT_DUE, "2027-03-25T17:00:00+00:00" },
    { "before, included", "5 working days before", "first_day=included", "2027-04-05", LIMIT_DUE, "2027-03-30T17:00:00+01:00" },
    { "days before", "3 days before", "", "2027-04-05", LIMIT_DUE, "2027-04-02T17:00:00+01:00" },
    { "hours before", "24 hours before", "", "2027-03-28 14:30", LIMIT_DUE, "2027-03-27T13:30:00+00:00" },
    { "clock hours before", "24 hours before", "hours=clock", "2027-03-28 14:30", LIMIT_DUE, "2027-03-27T14:30:00+00:00" },
    { "a week before", "1 week before", "", "2027-01-08 10:00", LIMIT_DUE, "2027-01-01T17:00:00+00:00" },
    { "a month before", "1 month before", "", "2027-03-31 10:00", LIMIT_DUE, "2027-02-28T17:00:00+00:00" },
    { "working hours before", "8 working hours before", "", "2026-12-29 11:00", LIMIT_DUE, "2026-12-24T11:00:00+00:00" },
    { "to the opening", "2 working hours before", "", "2026-11-16 11:00", LIMIT_DUE, "2026-11-16T09:00:00+00:00" },
    { "the earlier of two", "earlier of 2 days and 5 working days", "", "2026-11-16 10:00", LIMIT_DUE, "2026-11-18T17:00:00+00:00" },
    { "the other one", "earlier of 3 weeks and 5 working days", "", "2026-11-16 10:00", LIMIT_DUE, "2026-11-23T17:00:00+00:00" },
    { "one of them none", "earlier of none and 2 days", "", "2026-11-16 10:00", LIMIT_DUE, "2026-11-18T17:00:00+00:00" },
    { "no date set: the other alone", "earlier of set by the case and 2 days", "", "2026-11-16 10:00", LIMIT_DUE, "2026-11-18T17:00:00+00:00" },
    { "no date set at all", "set by the case", "", "2026-11-16 10:00", LIMIT_NO_DUE, "none" },
    { "past what is known", "5 working days", "", "2028-12-28 10:00", LIMIT_PROVISIONAL, "2029-01-04T17:00:00+00:00" },
    { "days need no calendar", "10 days", "", "2028-12-28 10:00", LIMIT_DUE, "2029-01-07T17:00:00+00:00" },
    { "but to roll", "10 days", "roll=next working day", "2028-12-28 10:00", LIMIT_PROVISIONAL, "2029-01-08T17:00:00+00:00" },
    { "the certain one is earlier", "earlier of 2 days and 5 working days", "", "2028-12-28 10:00", LIMIT_DUE, "2028-12-30T17:00:00+00:00" },
    { "one that may come earlier", "earlier of 100 hours and 2 working days before", "", "2029-01-10 10:00", LIMIT_PROVISIONAL, "2029-01-08T17:00:00+00:00" },
    { "the same day of an unknown one", "same working day", "", "2029-01-10 10:00", LIMIT_PROVISIONAL, "2029-01-10T17:00:00+00:00" },
    { "far away", "10000 months", "", "9999-12-31 10:00", LIMIT_DUE, "10833-04-30T17:00:00+00:00" },
};
/* clang-format on */

static void read_conventions(const char *list, struct counting *counting)
{
    char copy[256], *at = copy, *save = NULL;

    snprintf(copy, sizeof copy, "%s", list);
    for (char *pair = strtok_r(at, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
        char *equals = strchr(pair, '=');

        assert_non_null(equals);
        *equals = '\0';
        assert_int_equal(counting_read(pair, equals + 1, counting), LIMIT_DUE);
    }
}

static void check_due(const struct due_row *row)
{
    struct counting counting = { 0 };
    struct instant due = INSTANT_NONE;
    struct limit limit;

    print_message("  %s: %s\n", row->name, row->limit);
    read_conventions(row->counting, &counting);
    assert_int_equal(limit_read(row->limit, &limit), LIMIT_DUE);
    assert_int_equal(
        limit_due(&limit, &office, &counting, fixture_time(london, row->from), INSTANT_NONE, &due),
        row->answer);
    assert_string_equal(local(due), row->due);
}

static void keeps_the_timelines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(timeline_rows); i++)
        check_due(&timeline_rows[i]);
}

static void counts_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(length_rows); i++)
        check_due(&length_rows[i]);
}

static void takes_the_date_of_the_case(void **state)
{
    struct instant from = fixture_time(london, "2026-11-16 10:00");
    struct instant set = fixture_time(london, "2026-11-17 12:00"), due;
    struct counting counting = { 0 };
    struct limit limit;

    (void)state;
    assert_int_equal(limit_read("set by the case", &limit), LIMIT_DUE);
    assert_int_equal(limit_due(&limit, &office, &counting, from, set, &due), LIMIT_DUE);
    assert_int_equal(due.us, set.us);
    assert_int_equal(limit_read("earlier of 5 working days and set by the case", &limit),
                     LIMIT_DUE);
    assert_int_equal(limit_due(&limit, &office, &counting, from, set, &due), LIMIT_DUE);
    assert_int_equal(due.us, set.us);
    set = fixture_time(london, "2027-11-17 12:00");
    assert_int_equal(limit_due(&limit, &office, &counting, from, set, &due), LIMIT_DUE);
    assert_string_equal(local(due), "2026-11-23T17:00:00+00:00");
    assert_int_equal(limit_due(&limit, &office, &counting, INSTANT_NONE, INSTANT_NONE, &due),
                     LIMIT_NO_DUE);
}

static void answers_any_start(void **state)
{
    static const char *const phrases[] = { "10000 hours",        "10000 working hours",
                                           "10000 days",         "10000 working days",
                                           "10000 weeks",        "10000 months",
                                           "same working day",   "10000 hours before",
                                           "10000 days before",  "10000 working hours before",
                                           "10000 weeks before", "10000 months before" };
    static const int64_t starts[] = { INT64_MIN + 1, -1, 0, INT64_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        for (size_t j = 0; j < COUNT_OF(starts); j++)
            for (unsigned bits = 0; bits < 128; bits++) {
                struct counting counting = { bits & 1, bits >> 1 & 1, bits >> 2 & 3, bits >> 4 & 1,
                                             bits >> 5 & 1 };
                struct timekeeping time = office;
                struct limit limit;
                struct instant due;

                time.closes_s = bits & 64 ? 86400 : FIVE;
                assert_int_equal(limit_read(phrases[i], &limit), LIMIT_DUE);
                assert_int_not_equal(limit_due(&limit, &time, &counting,
                                               (struct instant){ starts[j] }, INSTANT_NONE, &due),
                                     LIMIT_NO_DUE);
            }
}

/* What limit_explain said, on one line: "25:the day of the start 26:Good Friday 30=1". */
struct told {
    struct text text;
    size_t most;
};

static bool tell_day(void *context, const struct limit_day *said)
{
    struct told *told = context;
    int year, month, day;

    date_parts(said->date, &year, &month, &day);
    if (said->counted)
        text_addf(&told->text, "%d=%u ", day, said->n);
    else
        text_addf(&told->text, "%d:%s ", day, said->reason);
    return --told->most > 0;
}

/* clang-format off */
static const struct {
    const char *limit, *counting, *from;
    int answer;
    const char *days;
} explain_rows[] = {
    { "2 working days", "", "2027-03-25 16:00", LIMIT_DUE,
      "25:the day of the start 26:Good Friday 27:Saturday 28:Sunday 29:Easter Monday 30=1 31=2 " },
    { "1 working day", "first_day=included", "2027-03-25 16:00", LIMIT_DUE, "25=1 " },
    { "1 working day", "first_day=included", "2027-03-27 16:00", LIMIT_DUE,
      "27:Saturday 28:Sunday 29:Easter Monday 30=1 " },
    { "1 working day", "late=next working day", "2027-02-12 18:00", LIMIT_DUE,
      "12:after hours 13:Saturday 14:Sunday 15:the day of the start 16=1 " },
    { "2 days", "roll=next working day", "2027-02-11 18:00", LIMIT_DUE,
      "11:the day of the start 12=1 13=2 14:Sunday 15:the next working day " },
    { "1 week", "", "2027-02-08 18:00", LIMIT_DUE,
      "8:the day of the start 9=1 10=2 11=3 12=4 13=5 14=6 15=7 " },
    { "2 working days before", "", "2027-03-30", LIMIT_DUE,
      "30:the day of the start 29:Easter Monday 28:Sunday 27:Saturday 26:Good Friday 25=1 24=2 " },
    { "same working day", "", "2027-02-12 10:00", LIMIT_DUE, "12=1 " },
    { "same working day", "", "2027-02-12 17:00", LIMIT_DUE, "12:after hours 13:Saturday 14:Sunday 15=1 " },
    { "4 working hours", "", "2026-11-20 15:00", LIMIT_DUE, "20=1 21:Saturday 22:Sunday 23=2 " },
    { "2 working hours", "", "2026-11-20 15:00", LIMIT_DUE, "20=1 " },
    { "1 working hour", "", "2026-11-20 17:00", LIMIT_DUE, "20:after hours 21:Saturday 22:Sunday 23=1 " },
    { "1 working hour before", "", "2026-11-23 09:00", LIMIT_DUE, "23:before hours 22:Sunday 21:Saturday 20=1 " },
    { "24 hours", "", "2026-11-20 17:00", LIMIT_DUE, "" },
    { "set by the case", "", "2026-11-20 17:00", LIMIT_NO_DUE, "" },
    { "10000 working days", "", "2027-03-25 16:00", LIMIT_STOPPED,
      "25:the day of the start 26:Good Friday 27:Saturday 28:Sunday 29:Easter Monday 30=1 31=2 1=3 2=4 3:Saturday " },
};
/* clang-format on */

static void explains(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(explain_rows); i++) {
        char line[512];
        struct told told = { text_over(line, sizeof line), 10 };
        struct counting counting = { 0 };
        struct limit limit;

        print_message("  %s from %s\n", explain_rows[i].limit, explain_rows[i].from);
        read_conventions(explain_rows[i].counting, &counting);
        assert_int_equal(limit_read(explain_rows[i].limit, &limit), LIMIT_DUE);
        assert_int_equal(limit_explain(&limit.terms[0], &office, &counting,
                                       fixture_time(london, explain_rows[i].from), tell_day, &told),
                         explain_rows[i].answer);
        assert_string_equal(line, explain_rows[i].days);
    }
}

/* clang-format off */
static const struct {
    const char *remind, *start, *due, *at; /* the instants, each followed by a blank */
} remind_rows[] = {
    { "1 working day before", "2026-12-29 17:00", "2027-01-06 17:00", "2027-01-05T09:00:00+00:00 " },
    { "1 working day before", "2026-12-21 17:00", "2026-12-29 17:00", "2026-12-24T09:00:00+00:00 " },
    { "1 working day before", "2027-03-30 17:00", "2027-03-31 17:00", "" },
    { "1 working day before", "2027-03-30 08:00", "2027-03-31 17:00", "2027-03-30T09:00:00+01:00 " },
    { "1 working day before", "2027-03-01 08:00", "2027-03-20", "2027-03-18T09:00:00+00:00 " },
    { "2 days before", "2027-03-01 08:00", "2027-03-30 17:00", "2027-03-25T09:00:00+00:00 " },
    { "1 week before", "2027-03-01 08:00", "2027-03-30 17:00", "2027-03-23T09:00:00+00:00 " },
    { "1 month before", "2027-01-01 08:00", "2027-03-31 17:00", "2027-02-26T09:00:00+00:00 " },
    { "24 hours before", "2027-03-01 08:00", "2027-03-19 17:00", "2027-03-18T17:00:00+00:00 " },
    { "4 hours before", "2027-03-01 08:00", "2027-03-19 10:00", "2027-03-19T09:00:00+00:00 " },
    { "2 hours before", "2027-03-27 13:30", "2027-03-28 14:30", "" },
    { "4 working hours before", "2027-03-01 08:00", "2027-03-22 11:00", "2027-03-19T15:00:00+00:00 " },
    { "2 days before and 1 working day before", "2027-03-01", "2027-03-19 17:00", "2027-03-17T09:00:00+00:00 2027-03-18T09:00:00+00:00 " },
    { "1 working day before and 2 working days before", "2027-03-01", "2027-03-19 17:00", "2027-03-17T09:00:00+00:00 2027-03-18T09:00:00+00:00 " },
    { "1 working day before and 1 day before", "2027-03-01", "2027-03-19 17:00", "2027-03-18T09:00:00+00:00 " },
    { "none", "2027-03-01", "2027-03-19 17:00", "" },
};

static const struct {
    const char *chase, *base, *after, *at;
} chase_rows[] = {
    { "every 5 working days", "2026-12-18 16:59", "2026-12-18 16:59", "2026-12-29T09:00:00+00:00" },
    { "every 5 working days", "2026-12-18 16:59", "2026-12-29 08:59:59", "2026-12-29T09:00:00+00:00" },
    { "every 5 working days", "2026-12-18 16:59", "2026-12-29 09:00", "2027-01-06T09:00:00+00:00" },
    { "every 5 working days", "2026-12-18 16:59", "2027-01-06 12:00", "2027-01-13T09:00:00+00:00" },
    { "every 1 working day", "2027-03-25 17:00", "2027-03-25 17:00", "2027-03-30T09:00:00+01:00" },
    { "every 1 day", "2027-03-25 17:00", "2027-03-25 17:00", "2027-03-30T09:00:00+01:00" },
    { "every 1 day", "2027-03-25 17:00", "2027-03-30 09:00", "2027-03-31T09:00:00+01:00" },
    { "every 1 week", "2027-03-19 17:00", "2027-03-19 17:00", "2027-03-30T09:00:00+01:00" },
    { "every 1 month", "2027-01-31 12:00", "2027-02-28 12:00", "2027-03-01T09:00:00+00:00" },
    { "every 1 month", "2027-01-31 12:00", "2027-03-01 09:00", "2027-03-31T09:00:00+01:00" },
    { "every 4 hours", "2027-03-19 10:00", "2027-03-19 10:00", "2027-03-19T14:00:00+00:00" },
    { "every 4 hours", "2027-03-19 10:00", "2027-03-19 14:00", "2027-03-22T09:00:00+00:00" },
    { "every 4 hours", "2027-03-19 10:00", "2027-03-22 09:00", "2027-03-22T10:00:00+00:00" },
    { "every 4 working hours", "2027-03-19 15:00", "2027-03-19 15:00", "2027-03-22T11:00:00+00:00" },
    { "every 1 working day", "2027-03-25 17:00", "2027-03-01", "2027-03-30T09:00:00+01:00" },
    { "none", "2027-03-25 17:00", "2027-03-25 17:00", "none" },
};
/* clang-format on */

static void reminds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(remind_rows); i++) {
        struct instant at[REMIND_MAX];
        struct remind remind;
        char line[256];
        struct text text = text_over(line, sizeof line);
        size_t count;

        print_message("  %s, due %s\n", remind_rows[i].remind, remind_rows[i].due);
        assert_int_equal(remind_read(remind_rows[i].remind, &remind), LIMIT_DUE);
        count = remind_instants(&remind, &office, fixture_time(london, remind_rows[i].start),
                                fixture_time(london, remind_rows[i].due), at);
        for (size_t j = 0; j < count; j++)
            text_addf(&text, "%s ", local(at[j]));
        assert_string_equal(line, remind_rows[i].at);
    }
}

static void chases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(chase_rows); i++) {
        struct chase chase;

        print_message("  %s after %s\n", chase_rows[i].chase, chase_rows[i].after);
        assert_int_equal(chase_read(chase_rows[i].chase, &chase), LIMIT_DUE);
        assert_string_equal(
            local(chase_next(&chase, &office, fixture_time(london, chase_rows[i].base),
                             fixture_time(london, chase_rows[i].after))),
            chase_rows[i].at);
    }
}

/* Every chase comes once, in order, in working time, and none is left out by asking between. */
static void chases_come_one_after_the_other(void **state)
{
    static const char *const phrases[] = { "every 1 hour",          "every 7 hours",
                                           "every 3 working hours", "every 2 days",
                                           "every 1 working day",   "every 2 weeks",
                                           "every 1 month",         "every 10000 months" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        struct instant base = fixture_time(london, "2026-12-18 16:59"), at = base;
        struct chase chase;

        assert_int_equal(chase_read(phrases[i], &chase), LIMIT_DUE);
        for (int n = 0; n < 300 && at.us < fixture_time(london, "9000-01-01").us; n++) {
            struct instant next = chase_next(&chase, &office, base, at);
            struct civil civil = zone_civil(london, next);
            struct instant halfway = { at.us + (next.us - at.us) / 2 };

            assert_true(next.us > at.us);
            assert_true(calendar_is_working_day(&england, civil.date));
            assert_in_range(civil.second, NINE, FIVE);
            assert_int_equal(chase_next(&chase, &office, base, halfway).us, next.us);
            at = next;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_limits),
        cmocka_unit_test(reads_other_phrases),
        cmocka_unit_test(reads_counting),
        cmocka_unit_test(keeps_the_timelines),
        cmocka_unit_test(counts_every_length),
        cmocka_unit_test(takes_the_date_of_the_case),
        cmocka_unit_test(answers_any_start),
        cmocka_unit_test(explains),
        cmocka_unit_test(reminds),
        cmocka_unit_test(chases),
        cmocka_unit_test(chases_come_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, open_time, close_time);
}
