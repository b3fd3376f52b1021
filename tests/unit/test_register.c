/* test_register.c - the register counted: rows of disagreements, and what is said of a period. */
#include "core/register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Days since some day 0; the period is [10, 20) unless a row says otherwise. */
static struct instant day(double days)
{
    return (struct instant){ (int64_t)(days * (double)DAY_US) };
}

static struct register_period ten_to_twenty(void)
{
    return (struct register_period){ day(10), day(20), day(1000) };
}

static struct register_entry entry_of(double raised, double ended, enum register_outcome outcome)
{
    struct register_entry entry = { .procedure = "p",
                                    .agencies = { "a", "b" },
                                    .agency_count = 2,
                                    .raised = day(raised),
                                    .ended = ended < 0 ? INSTANT_NONE : day(ended),
                                    .outcome = outcome };

    snprintf(entry.month, sizeof entry.month, "2026-12");
    return entry;
}

/* --- what belongs to a period */

static const struct {
    double raised, ended; /* ended -1: it is open */
    enum register_outcome outcome;
    uint64_t before, began, ended_in, open;
} rows[] = {
    { 5, -1, REGISTER_OPEN, 1, 0, 0, 1 },
    { 10, -1, REGISTER_OPEN, 0, 1, 0, 1 }, /* its first instant is inside */
    { 19.999, -1, REGISTER_OPEN, 0, 1, 0, 1 },
    { 20, -1, REGISTER_OPEN, 0, 0, 0, 0 },       /* its last is outside */
    { 5, 9.999, REGISTER_RESOLVED, 0, 0, 0, 0 }, /* over before */
    { 5, 10, REGISTER_RESOLVED, 1, 0, 1, 0 },
    { 5, 15, REGISTER_WITHDRAWN, 1, 0, 1, 0 },
    { 12, 15, REGISTER_LAPSED, 0, 1, 1, 0 },
    { 12, 20, REGISTER_RESOLVED, 0, 1, 0, 1 }, /* it ended after: in the period it was open */
    { 5, 25, REGISTER_RESOLVED, 1, 0, 0, 1 },
    { 25, 26, REGISTER_RESOLVED, 0, 0, 0, 0 },
};

static void each_belongs_where_it_does(void **state)
{
    struct register_period period = ten_to_twenty();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct register_counts counts = { 0 };
        struct register_entry entry = entry_of(rows[i].raised, rows[i].ended, rows[i].outcome);
        uint64_t ended = 0;

        print_message("  %g to %g\n", rows[i].raised, rows[i].ended);
        assert_true(register_add(&counts, &period, &entry));
        for (int outcome = REGISTER_OPEN + 1; outcome < REGISTER_OUTCOME_COUNT; outcome++) {
            ended += counts.ended[outcome];
            assert_true(counts.ended[outcome] == 0 || outcome == (int)rows[i].outcome);
        }
        assert_int_equal(counts.before, rows[i].before);
        assert_int_equal(counts.raised, rows[i].began);
        assert_int_equal(ended, rows[i].ended_in);
        assert_int_equal(counts.ended[REGISTER_OPEN], rows[i].open);
        assert_int_equal(counts.months.count, rows[i].began);
        assert_int_equal(counts.pairs.count, rows[i].before + rows[i].began);
        assert_int_equal(register_is_in(&period, &entry), rows[i].before + rows[i].began);
        register_close(&counts);
    }
}

/* What was open before and what came in is what ended and what stays, whatever comes. */
static void the_sums_agree(void **state)
{
    struct register_period period = ten_to_twenty();
    struct register_counts counts = { 0 };
    unsigned seed = 7;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        double raised, length;
        struct register_entry entry;
        uint64_t gone = 0;

        seed = seed * 1103515245U + 12345U;
        raised = (double)(seed >> 8 & 0xfff) / 128;
        length = (double)(seed >> 20) / 256;
        entry = entry_of(raised, seed & 0x80 ? -1 : raised + length,
                         seed & 0x80 ? REGISTER_OPEN : REGISTER_RESOLVED);
        assert_true(register_add(&counts, &period, &entry));
        for (int outcome = 0; outcome < REGISTER_OUTCOME_COUNT; outcome++)
            gone += counts.ended[outcome];
        assert_int_equal(counts.before + counts.raised, gone);
    }
    assert_true(counts.before > 100 && counts.raised > 100 &&
                counts.ended[REGISTER_RESOLVED] > 100);
    register_close(&counts);
}

/* --- how long at a stage */

static const struct {
    double from, to, now; /* to -1: it is there still */
    uint64_t stays, going_on;
    double days;
} stays[] = {
    { 11, 14, 1000, 1, 0, 3 }, { 5, 12, 1000, 1, 0, 7 },    /* whole, though it began before */
    { 5, 9, 1000, 0, 0, 0 },                                /* over before */
    { 5, 10, 1000, 1, 0, 5 },  { 15, 25, 1000, 1, 1, 5 },   /* as far as it is over at the end */
    { 15, -1, 1000, 1, 1, 5 }, { 15, -1, 16.5, 1, 1, 1.5 }, /* or now, where the period goes on */
    { 15, 16, 16.5, 1, 0, 1 }, { 20, 25, 1000, 0, 0, 0 },   /* after */
    { 17, -1, 16.5, 0, 0, 0 },
};

static void stays_are_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stays); i++) {
        struct register_period period = { day(10), day(20), day(stays[i].now) };
        struct register_counts counts = { 0 };
        struct register_entry entry = entry_of(1, -1, REGISTER_OPEN);

        print_message("  %g to %g\n", stays[i].from, stays[i].to);
        entry.stays[0] =
            (struct register_stay){ "s", day(stays[i].from),
                                    stays[i].to < 0 ? INSTANT_NONE : day(stays[i].to) };
        entry.stay_count = 1;
        assert_true(register_add(&counts, &period, &entry));
        assert_int_equal(counts.stage_count, stays[i].stays);
        if (stays[i].stays > 0) {
            assert_int_equal(counts.stages[0].stays, stays[i].stays);
            assert_int_equal(counts.stages[0].going_on, stays[i].going_on);
            assert_int_equal(counts.stages[0].total_us, day(stays[i].days).us);
            assert_int_equal(counts.stages[0].longest_us, day(stays[i].days).us);
        }
        register_close(&counts);
    }
}

static void stages_of_two_procedures_are_two(void **state)
{
    struct register_period period = ten_to_twenty();
    struct register_counts counts = { 0 };
    struct register_entry one = entry_of(11, -1, REGISTER_OPEN), other = one;

    (void)state;
    one.stays[0] = (struct register_stay){ "stage-1", day(11), day(13) };
    one.stays[1] = (struct register_stay){ "stage-2", day(13), day(14) };
    one.stays[2] = (struct register_stay){ "stage-1", day(14), day(19) };
    one.stay_count = 3;
    other.stays[0] = one.stays[0];
    other.stay_count = 1;
    snprintf(other.procedure, sizeof other.procedure, "another");
    assert_true(register_add(&counts, &period, &one));
    assert_true(register_add(&counts, &period, &other));
    register_sort(&counts);
    assert_int_equal(counts.stage_count, 3);
    assert_string_equal(counts.stages[0].procedure, "another");
    assert_string_equal(counts.stages[1].stage, "stage-1");
    assert_int_equal(counts.stages[1].stays, 2);
    assert_int_equal(counts.stages[1].total_us, day(7).us);
    assert_int_equal(counts.stages[1].longest_us, day(5).us);
    assert_string_equal(counts.stages[2].stage, "stage-2");
    register_close(&counts);
}

/* --- limits, agencies, themes */

static void limits_due_in_the_period_are_counted(void **state)
{
    struct register_period period = ten_to_twenty();
    struct register_counts counts = { 0 };
    struct register_entry entry = entry_of(1, -1, REGISTER_OPEN);

    (void)state;
    entry.limits[0] = (struct register_limit){ "l", day(9), REGISTER_PASSED };
    entry.limits[1] = (struct register_limit){ "l", day(10), REGISTER_PASSED };
    entry.limits[2] = (struct register_limit){ "l", day(12), REGISTER_MET };
    entry.limits[3] = (struct register_limit){ "l", day(19), REGISTER_MET };
    entry.limits[4] = (struct register_limit){ "l", day(20), REGISTER_MET };
    entry.limits[5] = (struct register_limit){ "k", day(15), REGISTER_RUNNING };
    entry.limits[6] = (struct register_limit){ "m", INSTANT_NONE, REGISTER_RUNNING };
    entry.limit_count = 7;
    assert_true(register_add(&counts, &period, &entry));
    register_sort(&counts);
    assert_int_equal(counts.deadline_count, 2);
    assert_string_equal(counts.deadlines[0].deadline, "k");
    assert_int_equal(counts.deadlines[0].running, 1);
    assert_int_equal(counts.deadlines[1].passed, 1);
    assert_int_equal(counts.deadlines[1].met, 2);
    assert_int_equal(counts.deadlines[1].running, 0);
    register_close(&counts);
}

static void names_are_counted_and_sorted(void **state)
{
    static const char *const themes[] = { "thresholds", "", "information", "information" };
    struct register_period period = ten_to_twenty();
    struct register_counts counts = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(themes); i++) {
        struct register_entry entry = entry_of(11, -1, REGISTER_OPEN);

        snprintf(entry.theme, sizeof entry.theme, "%s", themes[i]);
        if (i == 3) {
            snprintf(entry.agencies[2], sizeof entry.agencies[2], "c");
            entry.agency_count = 3;
        }
        assert_true(register_add(&counts, &period, &entry));
    }
    register_sort(&counts);
    assert_int_equal(counts.themes.count, 3);
    assert_string_equal(counts.themes.rows[0].name, "information");
    assert_int_equal(counts.themes.rows[0].count, 2);
    assert_string_equal(counts.themes.rows[1].name, "(none named)");
    assert_string_equal(counts.themes.rows[2].name, "thresholds");
    assert_int_equal(counts.challenging.count, 1);
    assert_int_equal(counts.challenging.rows[0].count, 4);
    assert_int_equal(counts.challenged.count, 2);
    assert_string_equal(counts.pairs.rows[0].name, "a against b");
    assert_int_equal(counts.pairs.rows[0].count, 4);
    assert_string_equal(counts.pairs.rows[1].name, "a against c");
    register_close(&counts);
}

static void many_names_have_room(void **state)
{
    struct register_period period = ten_to_twenty();
    struct register_counts counts = { 0 };

    (void)state;
    for (int i = 0; i < 300; i++) {
        struct register_entry entry = entry_of(11, -1, REGISTER_OPEN);

        snprintf(entry.theme, sizeof entry.theme, "theme %d", i % 100);
        memset(entry.agencies[0], 'a' + i % 20, ID_MAX);
        memset(entry.agencies[1], 'z', ID_MAX);
        assert_true(register_add(&counts, &period, &entry));
    }
    assert_int_equal(counts.themes.count, 100);
    assert_int_equal(counts.themes.rows[99].count, 3);
    assert_int_equal(counts.pairs.count, 20);
    assert_int_equal(strlen(counts.pairs.rows[0].name), 2 * ID_MAX + strlen(" against "));
    register_close(&counts);
}

static void outcomes_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < REGISTER_OUTCOME_COUNT; i++)
        assert_int_equal(register_outcome_of(register_outcome_name((enum register_outcome)i)), i);
    assert_int_equal(register_outcome_of("other"), REGISTER_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_belongs_where_it_does),
        cmocka_unit_test(the_sums_agree),
        cmocka_unit_test(stays_are_measured),
        cmocka_unit_test(stages_of_two_procedures_are_two),
        cmocka_unit_test(limits_due_in_the_period_are_counted),
        cmocka_unit_test(names_are_counted_and_sorted),
        cmocka_unit_test(many_names_have_room),
        cmocka_unit_test(outcomes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
