/* time_cost.c - what one working-day sum and one whole limit cost, in nanoseconds.
 *
 *     time_cost SETTINGS    with the procedures and calendars that these settings name
 *
 * Each sum starts from another day, and from the one before's answer, so that nothing can be
 * computed at once; the answers are added up and printed, so that nothing can be left out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"

enum { ROUNDS = 5000000 };

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double sum_cost(const struct calendar *calendar, int64_t *total)
{
    struct date first = date_of(2026, 1, 1), due = first;
    double began = now_ns();

    for (int i = 0; i < ROUNDS; i++) {
        struct date from = { first.day + (i * 7 + (due.day & 1)) % 600 };

        (void)calendar_add_working_days(calendar, from, 1 + (uint32_t)i % 20, &due);
        *total += due.day;
    }
    return (now_ns() - began) / ROUNDS;
}

static double limit_cost(const struct timekeeping *time, const char *phrase, int64_t *total)
{
    struct counting counting = { 0 };
    struct limit limit;
    struct instant due = { 0 };
    int64_t first = INT64_C(1767225600) * SECOND_US; /* 2026-01-01 */
    double began = now_ns();

    if (limit_read(phrase, &limit) != LIMIT_DUE)
        return -1;
    for (int i = 0; i < ROUNDS; i++) {
        struct instant from = { first +
                                (i * INT64_C(25200) % 51840000 + (due.us & 1)) * SECOND_US };

        (void)limit_due(&limit, time, &counting, from, INSTANT_NONE, &due);
        *total += due.us;
    }
    return (now_ns() - began) / ROUNDS;
}

int main(int argc, char **argv)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct policy_view view;
    int64_t total = 0;
    double sum, days, hours;

    if (argc != 2 || settings_read(argv[1], &faults, &file) != SETTINGS_OK ||
        policy_load(settings_of(file), &faults, &policy) != POLICY_OK ||
        policy_view(policy, "plcsab-adults", &view) != POLICY_OK) {
        fputs("time_cost: cannot read the settings\n", stderr);
        return 1;
    }
    sum = sum_cost(view.time.calendar, &total);
    days = limit_cost(&view.time, "5 working days", &total);
    hours = limit_cost(&view.time, "24 hours", &total);
    printf("{\"working_day_sum_ns\":%.2f,\"limit_working_days_ns\":%.2f,\"limit_hours_ns\":%.2f,"
           "\"total\":%" PRId64 "}\n",
           sum, days, hours, total);
    return 0;
}
