/* test_retry.c - the schedule of tries, row by row, and that it ends. */
#include "core/retry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NO_JITTER = 32768 };

static const struct instant start = { INT64_C(1798131540000000) }; /* 2026-12-24T16:59:00Z */

/* clang-format off */
static const struct {
    const char *name;
    enum delivery_outcome outcome;
    uint32_t attempts;
    int64_t tried_for_s;
    uint32_t server_s;
    uint16_t jitter;
    int answer;
    int64_t wait_s;
} rows[] = {
    { "after the first try",       DELIVERY_LATER,   1,      0,    0, NO_JITTER, RETRY_AT,   10 },
    { "second",                    DELIVERY_LATER,   2,     10,    0, NO_JITTER, RETRY_AT,   20 },
    { "third",                     DELIVERY_LATER,   3,     30,    0, NO_JITTER, RETRY_AT,   90 },
    { "fourth, at 2 min",          DELIVERY_LATER,   4,    120,    0, NO_JITTER, RETRY_AT,  180 },
    { "fifth, at 5 min",           DELIVERY_LATER,   5,    300,    0, NO_JITTER, RETRY_AT,  300 },
    { "sixth, at 10 min",          DELIVERY_LATER,   6,    600,    0, NO_JITTER, RETRY_AT,  300 },
    { "seventh, at 15 min",        DELIVERY_LATER,   7,    900,    0, NO_JITTER, RETRY_AT,  900 },
    { "eighth, at 30 min",         DELIVERY_LATER,   8,   1800,    0, NO_JITTER, RETRY_AT, 1800 },
    { "ninth, at 1 h",             DELIVERY_LATER,   9,   3600,    0, NO_JITTER, RETRY_AT, 3600 },
    { "then every hour",           DELIVERY_LATER,  50, 100000,    0, NO_JITTER, RETRY_AT, 3600 },
    { "no attempt counts as one",  DELIVERY_LATER,   0,      0,    0, NO_JITTER, RETRY_AT,   10 },
    { "least jitter",              DELIVERY_LATER,   9,   3600,    0, 0,         RETRY_AT, 2880 },
    { "the server asks for more",  DELIVERY_LATER,   1,      0,  120, NO_JITTER, RETRY_AT,  120 },
    { "the server asks for less",  DELIVERY_LATER,   9,   3600,    1, NO_JITTER, RETRY_AT, 3600 },
    { "the server asks for days",  DELIVERY_LATER,   1,      0, 86400 * 30, NO_JITTER, RETRY_AT, 3600 },
    { "the clock was set back",    DELIVERY_LATER,   1, -86400,    0, NO_JITTER, RETRY_AT,   10 },
    { "the last that fits",        DELIVERY_LATER, 120, 5 * 86400 - 3600, 0, NO_JITTER, RETRY_AT, 3600 },
    { "five days are over",        DELIVERY_LATER, 120, 5 * 86400 - 3599, 0, NO_JITTER, RETRY_NEVER, 0 },
    { "long over",                 DELIVERY_LATER,   1, 86400 * 4000, 0, NO_JITTER, RETRY_NEVER, 0 },
    { "done",                      DELIVERY_DONE,    1,      0,    0, NO_JITTER, RETRY_NEVER, 0 },
    { "refused",                   DELIVERY_REFUSED, 1,      0,   60, NO_JITTER, RETRY_NEVER, 0 },
};
/* clang-format on */

static void follows_the_schedule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct instant now = { start.us + rows[i].tried_for_s * SECOND_US };
        struct instant next = { 42 };
        int answer;

        print_message("  %s\n", rows[i].name);
        answer = retry_after(rows[i].outcome, rows[i].attempts, start, now, rows[i].server_s,
                             rows[i].jitter, &next);
        assert_int_equal(answer, rows[i].answer);
        if (answer == RETRY_AT)
            assert_int_equal(next.us, now.us + rows[i].wait_s * SECOND_US);
        else
            assert_int_equal(next.us, 42);
    }
}

/* Whatever the jitter: 20 % at most, always forward, and the offsets of the page hold. */
static void any_jitter_stays_within_a_fifth(void **state)
{
    (void)state;
    for (uint32_t jitter = 0; jitter <= UINT16_MAX; jitter++) {
        struct instant next;

        assert_int_equal(retry_after(DELIVERY_LATER, 4, start, start, 0, (uint16_t)jitter, &next),
                         RETRY_AT);
        assert_in_range(next.us - start.us, 180 * SECOND_US * 8 / 10, 180 * SECOND_US * 12 / 10);
    }
}

/* A delivery nobody takes is tried for five days, and then a person is told. */
static void ends_after_five_days(void **state)
{
    struct instant now = start;
    uint32_t attempts = 1;

    (void)state;
    while (retry_after(DELIVERY_LATER, attempts, start, now, 0, NO_JITTER, &now) == RETRY_AT) {
        attempts++;
        assert_true(attempts < 1000);
    }
    assert_in_range(now.us - start.us, 5 * DAY_US - HOUR_US, 5 * DAY_US);
    assert_int_equal(attempts, 9 + 5 * 24 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_schedule),
        cmocka_unit_test(any_jitter_stays_within_a_fifth),
        cmocka_unit_test(ends_after_five_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
