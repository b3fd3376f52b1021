/* test_breaker.c - when an endpoint is left alone, for how long, and what ends it. */
#include "core/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* One try after the other: when it ended, how, and how long it is left alone then. */
/* clang-format off */
static const struct {
    const char *name;
    int64_t at_ms;
    bool failed;
    int64_t wait_ms;
    bool probe;
} tries[] = {
    { "first",                                    0,               true,  0,           false },
    { "fourth would be",                          1,               true,  0,           false },
    { "third",                                    2,               true,  0,           false },
    { "fourth",                                   3,               true,  0,           false },
    { "well: counted from the start again",       4,               false, 0,           false },
    { "1",                                        5,               true,  0,           false },
    { "2",                                        6,               true,  0,           false },
    { "3",                                        7,               true,  0,           false },
    { "4",                                        8,               true,  0,           false },
    { "5: left alone",                            10,              true,  30 * SECOND, true },
    { "one that was under way",                   20,              true,  29990,       true },
    { "the probe fails",                          30010,           true,  60 * SECOND, true },
    { "again",                                    100 * SECOND,    true,  2 * MINUTE,  true },
    { "again",                                    300 * SECOND,    true,  4 * MINUTE,  true },
    { "again",                                    600 * SECOND,    true,  8 * MINUTE,  true },
    { "never longer than a quarter of an hour",   1200 * SECOND,   true,  15 * MINUTE, true },
    { "however often",                            3600 * SECOND,   true,  15 * MINUTE, true },
    { "the probe is taken",                       7200 * SECOND,   false, 0,           false },
    { "and it all begins anew",                   7201 * SECOND,   true,  0,           false },
};
/* clang-format on */

static void leaves_alone_and_probes(void **state)
{
    struct breaker breaker = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        print_message("  %s\n", tries[i].name);
        breaker_note(&breaker, tries[i].failed, tries[i].at_ms, 0);
        assert_int_equal(breaker_wait_ms(&breaker, tries[i].at_ms), tries[i].wait_ms);
        assert_int_equal(breaker_wait_ms(&breaker, tries[i].at_ms + tries[i].wait_ms), 0);
        assert_int_equal(breaker_urgent_wait_ms(&breaker, tries[i].at_ms, 0),
                         tries[i].wait_ms < 30 * SECOND ? tries[i].wait_ms : 30 * SECOND);
        assert_int_equal(breaker_wants_probe(&breaker), tries[i].probe);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(leaves_alone_and_probes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
