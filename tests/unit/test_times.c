/* test_times.c - times as case systems write them. */
#include "spool/times.h"

#include "policy/zoneinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *form, *text, *utc; /* NULL: cannot be read */
} readings[] = {
    { "DD/MM/YYYY hh:mm", "18/12/2026 16:59", "2026-12-18T16:59:00Z" },
    { "DD/MM/YYYY hh:mm", "18/06/2026 16:59", "2026-06-18T15:59:00Z" },
    { "DD/MM/YYYY hh:mm", "8/12/2026 16:59", NULL },
    { "D/M/YYYY h:mm", "8/2/2026 6:59", "2026-02-08T06:59:00Z" },
    { "D/M/YYYY h:mm", "18/12/2026 16:59", "2026-12-18T16:59:00Z" },
    { "D MMM YYYY h:mm am", "18 Dec 2026 4:59 PM", "2026-12-18T16:59:00Z" },
    { "D MMM YYYY h:mm am", "18 Dec 2026 12:00 am", "2026-12-18T00:00:00Z" },
    { "D MMM YYYY h:mm am", "18 Dec 2026 12:00 pm", "2026-12-18T12:00:00Z" },
    { "D MMM YYYY h:mm am", "18 Dec 2026 0:30 am", NULL },
    { "D MMM YYYY h:mm am", "18 Dec 2026 13:30 pm", NULL },
    { "DD/MM/YYYY", "18/12/2026", "2026-12-18T00:00:00Z" },
    { "DD/MM/YYYY", "30/02/2026", NULL },
    { "DD/MM/YYYY", "18/13/2026", NULL },
    { "DD/MM/YYYY", "18/12/2026 16:59", NULL },
    { "DD/MM/YYYY hh:mm:ss", "18/12/2026 16:59:07", "2026-12-18T16:59:07Z" },
    { "DD/MM/YYYY hh:mm:ss", "18/12/2026 24:00:00", NULL },
    { "DD/MM/YYYY hh:mm:ss", "18/12/2026 23:60:00", NULL },
    /* An offset that is written goes before every form. */
    { "DD/MM/YYYY", "2026-06-18T16:59:00+02:00", "2026-06-18T14:59:00Z" },
    /* Without forms, as everywhere else. */
    { NULL, "2026-06-18 16:59", "2026-06-18T15:59:00Z" },
    { NULL, "2026-06-18", "2026-06-17T23:00:00Z" },
    { NULL, "18/06/2026", NULL },
    /* The night the clocks change: 01:30 is not there in March, and twice in October. */
    { "DD/MM/YYYY hh:mm", "29/03/2026 01:30", "2026-03-29T01:00:00Z" },
    { "DD/MM/YYYY hh:mm", "25/10/2026 01:30", "2026-10-25T01:30:00Z" },
};

static void reads_times(void **state)
{
    CLEANUP(zoneinfo_free) struct zone *zone = NULL;

    (void)state;
    assert_int_equal(zoneinfo_load("Europe/London", &zone, NULL), ZONEINFO_OK);
    for (size_t i = 0; i < COUNT_OF(readings); i++) {
        struct times times = { .zone = zone };
        char utc[ZONE_TIME_SIZE] = "";
        struct instant at;

        print_message("  %s\n", readings[i].text);
        if (readings[i].form) {
            assert_null(times_form_fault(readings[i].form));
            snprintf(times.forms[times.form_count++], TIMES_FORM_MAX + 1, "%s", readings[i].form);
        }
        if (times_read(&times, readings[i].text, &at) == INSTANT_OK)
            instant_write_utc(at, utc);
        assert_string_equal(utc, readings[i].utc ? readings[i].utc : "");
    }
}

static void tries_forms_in_order(void **state)
{
    struct zone utc = { .name = "UTC" };
    struct times times = { .zone = &utc, .forms = { "DD/MM/YYYY", "MM/DD/YYYY" }, .form_count = 2 };
    char text[ZONE_TIME_SIZE];
    struct instant at;

    (void)state;
    assert_int_equal(times_read(&times, "03/04/2026", &at), INSTANT_OK);
    instant_write_utc(at, text);
    assert_string_equal(text, "2026-04-03T00:00:00Z");
    assert_int_equal(times_read(&times, "03/14/2026", &at), INSTANT_OK);
    instant_write_utc(at, text);
    assert_string_equal(text, "2026-03-14T00:00:00Z");
}

static void refuses_forms(void **state)
{
    static const char *const wrong[] = { "",
                                         "DD/MM",
                                         "YYYY-MM-DD hh",
                                         "YYYY-MM-DD mm",
                                         "%d/%m/%Y",
                                         "YYYY-MM-DD DD",
                                         "YYYY-MM-DD am",
                                         "YYYY-MM-DD ss",
                                         "dd/mm/yyyy",
                                         "YYYY-MM-DDThh:mmZ",
                                         "YYYY-MM-DD                                hh:mm" };
    static const char *const right[] = { "YYYY-MM-DD", "YYYY-MM-DDThh:mm:ss", "DD.MM.YYYY, hh:mm",
                                         "MMM D YYYY h:mm am" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        print_message("  %s\n", wrong[i]);
        assert_non_null(times_form_fault(wrong[i]));
    }
    for (size_t i = 0; i < COUNT_OF(right); i++)
        assert_null(times_form_fault(right[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(tries_forms_in_order),
        cmocka_unit_test(refuses_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
