/* test_words.c - the words the program puts into texts: read, refused, written. */
#include "core/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/compose_private.h"
#include "policy/words_read.h"
#include "policy/zoneinfo.h"

/* Times that are read in the zone of the boards. */
static struct timekeeping timekeeping;
static struct zone *london;

static struct arena *arena;
static struct words english, welsh;

static void read_language(const char *file, const char *code, struct words *words)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    char path[1000], line[FAULT_LINE_SIZE];

    snprintf(path, sizeof path, "%s/config/templates/%s", CONCERN_SOURCE_DIR, file);
    words->language = code;
    if (words_read(path, arena, &faults, words) == WORDS_READ &&
        words_complete(words, path, &faults) == WORDS_READ)
        return;
    fault_write(&faults.list[0], line);
    fail_msg("%s", line);
}

static int set_up(void **state)
{
    char buffer[200];
    struct text error = text_over(buffer, sizeof buffer);

    (void)state;
    arena = arena_open();
    assert_non_null(arena);
    assert_int_equal(zoneinfo_load("Europe/London", &london, &error), ZONEINFO_OK);
    timekeeping = (struct timekeeping){ .zone = london };
    read_language("words.yaml", NULL, &english);
    read_language("cy/words.yaml", "cy", &welsh);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(&arena);
    zoneinfo_free(&london);
    return 0;
}

static void assert_same(const char *one, const char *other)
{
    if (one && other)
        assert_string_equal(one, other);
    else
        assert_true(one == other);
}

static void last_resort_says_the_same_as_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORD_COUNT; i++)
        assert_same(english.of[i], words_builtin.of[i]);
    for (size_t i = 0; i < 7; i++) {
        assert_same(english.weekdays[i], words_builtin.weekdays[i]);
        assert_same(english.weekdays_brief[i], words_builtin.weekdays_brief[i]);
    }
    for (size_t i = 0; i < 12; i++)
        assert_same(english.months[i], words_builtin.months[i]);
    for (size_t unit = 0; unit < WORD_UNITS; unit++) {
        assert_same(english.units[unit].other, words_builtin.units[unit].other);
        for (size_t i = 0; i < WORD_FORMS_MAX; i++)
            assert_same(english.units[unit].of[i], words_builtin.units[unit].of[i]);
    }
}

/* --- times */

static void assert_instant(const struct words *words, const char *at, bool brief, const char *said)
{
    char buffer[200];
    struct text text = text_over(buffer, sizeof buffer);
    struct instant instant;

    assert_int_equal(instant_read(at, NULL, &instant), INSTANT_OK);
    write_instant(words, &timekeeping, instant, brief, &text);
    assert_string_equal(buffer, said);
}

static const struct {
    const char *at;
    const char *english, *english_brief, *welsh, *welsh_brief;
} instants[] = {
    { "2027-01-04T17:00:00Z", "17:00 on Monday 4 January 2027", "17:00 Mon 4 January 2027",
      "17:00 ddydd Llun 4 Ionawr 2027", "17:00 Llun 4 Ionawr 2027" },
    { "2027-02-02T09:05:00Z", "09:05 on Tuesday 2 February 2027", "09:05 Tue 2 February 2027",
      "09:05 ddydd Mawrth 2 Chwefror 2027", "09:05 Maw 2 Chwefror 2027" },
    { "2027-03-03T17:00:00Z", "17:00 on Wednesday 3 March 2027", "17:00 Wed 3 March 2027",
      "17:00 ddydd Mercher 3 Mawrth 2027", "17:00 Mer 3 Mawrth 2027" },
    { "2027-04-01T16:00:00Z", "17:00 on Thursday 1 April 2027", "17:00 Thu 1 April 2027",
      "17:00 ddydd Iau 1 Ebrill 2027", "17:00 Iau 1 Ebrill 2027" },
    { "2027-05-07T16:00:00Z", "17:00 on Friday 7 May 2027", "17:00 Fri 7 May 2027",
      "17:00 ddydd Gwener 7 Mai 2027", "17:00 Gwe 7 Mai 2027" },
    { "2027-06-05T16:00:00Z", "17:00 on Saturday 5 June 2027", "17:00 Sat 5 June 2027",
      "17:00 ddydd Sadwrn 5 Mehefin 2027", "17:00 Sad 5 Mehefin 2027" },
    { "2027-07-04T16:00:00Z", "17:00 on Sunday 4 July 2027", "17:00 Sun 4 July 2027",
      "17:00 ddydd Sul 4 Gorffennaf 2027", "17:00 Sul 4 Gorffennaf 2027" },
    { "2027-08-02T16:00:00Z", "17:00 on Monday 2 August 2027", "17:00 Mon 2 August 2027",
      "17:00 ddydd Llun 2 Awst 2027", "17:00 Llun 2 Awst 2027" },
    { "2027-09-01T16:00:00Z", "17:00 on Wednesday 1 September 2027", "17:00 Wed 1 September 2027",
      "17:00 ddydd Mercher 1 Medi 2027", "17:00 Mer 1 Medi 2027" },
    { "2027-10-01T16:00:00Z", "17:00 on Friday 1 October 2027", "17:00 Fri 1 October 2027",
      "17:00 ddydd Gwener 1 Hydref 2027", "17:00 Gwe 1 Hydref 2027" },
    { "2027-11-01T17:00:00Z", "17:00 on Monday 1 November 2027", "17:00 Mon 1 November 2027",
      "17:00 ddydd Llun 1 Tachwedd 2027", "17:00 Llun 1 Tachwedd 2027" },
    { "2027-12-31T17:00:00Z", "17:00 on Friday 31 December 2027", "17:00 Fri 31 December 2027",
      "17:00 ddydd Gwener 31 Rhagfyr 2027", "17:00 Gwe 31 Rhagfyr 2027" },
    /* Midnight is the end of the day before; half a minute past it is the same to a reader. */
    { "2027-01-01T00:00:00Z", "midnight at the end of Thursday 31 December 2026",
      "midnight at the end of Thu 31 December 2026",
      "hanner nos ar ddiwedd dydd Iau 31 Rhagfyr 2026",
      "hanner nos ar ddiwedd Iau 31 Rhagfyr 2026" },
    { "2027-06-05T23:00:30Z", "midnight at the end of Saturday 5 June 2027",
      "midnight at the end of Sat 5 June 2027", "hanner nos ar ddiwedd dydd Sadwrn 5 Mehefin 2027",
      "hanner nos ar ddiwedd Sad 5 Mehefin 2027" },
    /* The hour that comes twice. */
    { "2027-10-31T00:30:00Z", "01:30 (UTC+01:00) on Sunday 31 October 2027",
      "01:30 (UTC+01:00) Sun 31 October 2027", "01:30 (UTC+01:00) ddydd Sul 31 Hydref 2027",
      "01:30 (UTC+01:00) Sul 31 Hydref 2027" },
    { "2027-10-31T01:30:00Z", "01:30 (UTC+00:00) on Sunday 31 October 2027",
      "01:30 (UTC+00:00) Sun 31 October 2027", "01:30 (UTC+00:00) ddydd Sul 31 Hydref 2027",
      "01:30 (UTC+00:00) Sul 31 Hydref 2027" },
};

static void every_weekday_and_month_has_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(instants); i++) {
        assert_instant(&english, instants[i].at, false, instants[i].english);
        assert_instant(&english, instants[i].at, true, instants[i].english_brief);
        assert_instant(&welsh, instants[i].at, false, instants[i].welsh);
        assert_instant(&welsh, instants[i].at, true, instants[i].welsh_brief);
    }
}

/* --- what is counted */

static void assert_span(const struct words *words, int64_t minutes, const char *said)
{
    char buffer[200];
    struct text text = text_over(buffer, sizeof buffer);

    write_span(words, minutes * MINUTE_US, &text);
    assert_string_equal(buffer, said);
}

static const struct {
    int64_t minutes;
    const char *english, *welsh;
} spans[] = {
    { 0, "less than 1 minute", "llai nag 1 munud" },
    { 1, "1 minute", "1 munud" },
    { 2, "2 minutes", "2 funud" },
    { 59, "59 minutes", "59 munud" },
    { 60, "1 hour", "1 awr" },
    { 61, "1 hour 1 minute", "1 awr 1 munud" },
    { 122, "2 hours 2 minutes", "2 awr 2 funud" },
    { 3 * 60 + 20, "3 hours 20 minutes", "3 awr 20 munud" },
    { 47 * 60 + 59, "47 hours 59 minutes", "47 awr 59 munud" },
    { 48 * 60, "2 days", "2 ddiwrnod" },
    { 10 * 24 * 60, "10 days", "10 diwrnod" },
};

static void a_span_is_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        assert_span(&english, spans[i].minutes, spans[i].english);
        assert_span(&welsh, spans[i].minutes, spans[i].welsh);
    }
}

static const struct {
    int64_t count;
    const char *day, *hour, *minute;
} english_counts[] = {
    { 0, "0 days", "0 hours", "0 minutes" },     { 1, "1 day", "1 hour", "1 minute" },
    { 2, "2 days", "2 hours", "2 minutes" },     { 3, "3 days", "3 hours", "3 minutes" },
    { 5, "5 days", "5 hours", "5 minutes" },     { 6, "6 days", "6 hours", "6 minutes" },
    { 10, "10 days", "10 hours", "10 minutes" },
};

/* The noun is singular after a number, and changes its first letter after two. */
static const struct {
    int64_t count;
    const char *day, *hour, *minute;
} welsh_counts[] = {
    { 0, "0 diwrnod", "0 awr", "0 munud" },     { 1, "1 diwrnod", "1 awr", "1 munud" },
    { 2, "2 ddiwrnod", "2 awr", "2 funud" },    { 3, "3 diwrnod", "3 awr", "3 munud" },
    { 5, "5 diwrnod", "5 awr", "5 munud" },     { 6, "6 diwrnod", "6 awr", "6 munud" },
    { 10, "10 diwrnod", "10 awr", "10 munud" },
};

static void assert_count(const struct words *words, enum word_unit unit, int64_t count,
                         const char *said)
{
    char buffer[200];
    struct text text = text_over(buffer, sizeof buffer);

    words_write_count(words, unit, count, &text);
    assert_string_equal(buffer, said);
}

static void numbers_have_their_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(english_counts); i++) {
        assert_count(&english, UNIT_DAY, english_counts[i].count, english_counts[i].day);
        assert_count(&english, UNIT_HOUR, english_counts[i].count, english_counts[i].hour);
        assert_count(&english, UNIT_MINUTE, english_counts[i].count, english_counts[i].minute);
    }
    for (size_t i = 0; i < COUNT_OF(welsh_counts); i++) {
        assert_count(&welsh, UNIT_DAY, welsh_counts[i].count, welsh_counts[i].day);
        assert_count(&welsh, UNIT_HOUR, welsh_counts[i].count, welsh_counts[i].hour);
        assert_count(&welsh, UNIT_MINUTE, welsh_counts[i].count, welsh_counts[i].minute);
    }
}

/* --- files that are wrong, and files that have a part */

static int read_from(const char *text, struct words *words, char line[FAULT_LINE_SIZE])
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    char path[] = "/tmp/concern words XXXXXX";
    int descriptor = mkstemp(path), answer;

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
    answer = words_read(path, arena, &faults, words);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(answer == WORDS_FAULTY, faults.errors > 0);
    line[0] = '\0';
    if (faults.count > 0)
        fault_write(&faults.list[0], line);
    return answer;
}

static const struct {
    const char *text;
    const char *place, *why;
} wrong[] = {
    { "weekday: [a, b]\n", ":1:1:", "`weekdays`" },
    { "side_board: board\nweekdays: [Mon, Tue]\n", ":2:", "at least 7" },
    { "months: [a, b, c, d, e, f, g, h, i, j, k, '{{l}}']\n", ":1:", "one of them is no word" },
    { "date_time: '{{time}} {{weekday}} {{day}} {{month}}'\n", ":1:", "{{year}} is not in it" },
    { "date_time: '{{tyme}} {{weekday}} {{day}} {{month}} {{year}}'\n",
      ":1:", "nearest: \"time\"" },
    { "\nstage: '({{title}}) {{number'\n", ":2:", "\"{{\" without a name" },
    { "side_board:\n", ":1:", "has no value" },
    { "day:\n  1: '{{count}} day'\n", ":2:", "`other` is missing" },
    { "day:\n  one: day\n  other: '{{count}} days'\n", ":2:3:", "no number from 0 to 59" },
    { "day:\n  60: day\n  other: '{{count}} days'\n", ":2:3:", "no number from 0 to 59" },
    { "day:\n  other: days\n", ":2:", "{{count}} is not in it" },
    { "day:\n  2: '{{counts}}'\n  other: '{{count}} days'\n", ":2:", "nearest: \"count\"" },
    { "day:\n  2: [a]\n  other: '{{count}} days'\n", ":2:", "not a text" },
    { "- a\n", ":1:", "a list where a map of keys is expected" },
};

static void a_wrong_file_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct words words = { .language = NULL };
        char line[FAULT_LINE_SIZE];

        assert_int_equal(read_from(wrong[i].text, &words, line), WORDS_FAULTY);
        if (!strstr(line, wrong[i].place) || !strstr(line, wrong[i].why))
            fail_msg("%zu: no \"%s\" in %s", i, wrong[i].why, line);
    }
}

static void what_a_later_file_has_stands_where_an_earlier_has_nothing(void **state)
{
    struct words words = { .language = NULL };
    char line[FAULT_LINE_SIZE];

    (void)state;
    assert_int_equal(read_from("side_board: the SAB\nday: {other: '{{count}}d'}\n", &words, line),
                     WORDS_READ);
    read_language("words.yaml", NULL, &words);
    assert_string_equal(words.of[WORD_SIDE_BOARD], "the SAB");
    assert_string_equal(words.of[WORD_TAG_ACTION], "Action");
    /* The forms of one unit belong together. */
    assert_count(&words, UNIT_DAY, 1, "1d");
    assert_count(&words, UNIT_HOUR, 1, "1 hour");
}

static void every_word_that_is_missing_is_told(void **state)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct words words = { .language = NULL };
    char line[FAULT_LINE_SIZE];

    (void)state;
    assert_int_equal(words_complete(&words, "words.yaml", &faults), WORDS_FAULTY);
    assert_int_equal(faults.errors, WORD_COUNT + 3 + WORD_UNITS);
    fault_write(&faults.list[WORD_STAGE], line);
    assert_string_equal(line, "words.yaml: `stage` is missing (stage: \"Stage {{number}} "
                              "({{title}})\" in English)");
    fault_write(&faults.list[faults.count - 1], line);
    assert_string_equal(line, "words.yaml: `minute` is missing (minute: {1: \"{{count}} minute\", "
                              "other: \"{{count}} minutes\"} in English)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_resort_says_the_same_as_the_file),
        cmocka_unit_test(every_weekday_and_month_has_its_words),
        cmocka_unit_test(a_span_is_counted),
        cmocka_unit_test(numbers_have_their_forms),
        cmocka_unit_test(a_wrong_file_is_told_with_its_place),
        cmocka_unit_test(what_a_later_file_has_stands_where_an_earlier_has_nothing),
        cmocka_unit_test(every_word_that_is_missing_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
