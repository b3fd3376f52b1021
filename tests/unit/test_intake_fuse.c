/* test_intake_fuse.c - when the fuse blows, and when it must not blow again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "io/intake_fuse.h"

/* A course of measurements against a limit of 100; the marks say where it blows. */
static void blows_where_it_must(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        struct {
            size_t resident;
            bool blows;
        } course[8];
    } rows[] = {
        { "small", 3, { { 10, false }, { 100, false }, { 99, false } } },
        { "over the limit once, and freed",
          4,
          { { 101, true }, { 60, false }, { 20, false }, { 101, true } } },
        { "freed bit by bit",
          5,
          { { 200, true }, { 180, false }, { 160, false }, { 130, false }, { 90, false } } },
        { "memory that is not the intake's",
          5,
          { { 120, true }, { 120, false }, { 121, false }, { 119, false }, { 144, false } } },
        { "and a flood on top of it",
          5,
          { { 120, true }, { 118, false }, { 143, false }, { 144, true }, { 145, false } } },
        { "a flood that goes on",
          4,
          { { 150, true }, { 176, true }, { 202, true }, { 203, false } } },
        { "unreadable", 2, { { 0, false }, { 0, false } } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fuse fuse = { .limit = 100 };

        print_message("  %s\n", rows[i].name);
        for (size_t c = 0; c < rows[i].count; c++) {
            assert_int_equal(fuse_blows(&fuse, rows[i].course[c].resident),
                             rows[i].course[c].blows);
            assert_int_equal(fuse_is_cooling(&fuse), rows[i].course[c].resident > 100);
        }
    }
}

static void is_calm_while_low_and_not_growing(void **state)
{
    struct fuse fuse = { .limit = 320 };

    (void)state;
    assert_false(fuse_is_calm(&fuse)); /* nothing is known yet */
    fuse_blows(&fuse, 100);
    assert_false(fuse_is_calm(&fuse)); /* it has grown from nothing */
    fuse_blows(&fuse, 110);
    assert_true(fuse_is_calm(&fuse));
    fuse_blows(&fuse, 121);
    assert_false(fuse_is_calm(&fuse)); /* by more than 10 */
    fuse_blows(&fuse, 60);
    assert_true(fuse_is_calm(&fuse));
    fuse_blows(&fuse, 160);
    fuse_blows(&fuse, 160);
    assert_false(fuse_is_calm(&fuse)); /* half the limit */
    fuse_blows(&fuse, 0);
    assert_false(fuse_is_calm(&fuse)); /* cannot be read */
}

static void measures_this_process(void **state)
{
    enum { MORE = 64 * 1024 * 1024 };
    size_t before = fuse_resident();
    char *memory = malloc(MORE);

    (void)state;
    assert_non_null(memory);
    memset(memory, 'x', MORE);
    assert_true(before > 0);
    assert_true(fuse_resident() >= before + MORE / 2);
    assert_int_equal(memory[MORE / 2], 'x');
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blows_where_it_must),
        cmocka_unit_test(is_calm_while_low_and_not_growing),
        cmocka_unit_test(measures_this_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
