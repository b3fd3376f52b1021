/* test_store_faults.c - a failing disk: what was answered for is there, and the store latches. */
#include "store_turns.h"

#include <errno.h>

static void assert_latched(struct store *store)
{
    assert_true(store_is_latched(store));
    assert_int_equal(store_begin(store), -EIO);
    assert_int_equal(store_commit(store), -EIO);
    store_roll_back(store);
    assert_int_equal(store_begin(store), -EIO);
    assert_int_equal(store_tend(store), -EIO);
}

/* ---- a failing disk -------------------------------------------------------------------------- */

/* Fails the n-th operation, from the first of making the store on: every third, another third for
 * each kind of failure, so that each operation fails in some way; CONCERN_LONG: every n in every
 * way. */
static void fail_each(enum fault_kind kind, long first)
{
    const long stride = getenv("CONCERN_LONG") ? 1 : 3;
    long n = (stride == 1 ? 1 : first) - stride;
    bool failed = true;
    int latched = 0, refused = 0;

    while (failed) {
        struct store *store = NULL;
        int answer;

        fresh();
        fault.kind = kind;
        fault.at = n += stride;
        fault.code = 0;
        fault.count = fault.failed = 0;
        answer = open_with("fault", false, &store);
        if (answer == STORE_OK) {
            answer = play(store, 1);
            failed = fault.failed > 0;
            fault.at = 0; /* the disk is well again, as if nothing had been: the latch holds */
            if (answer != 0 || store_is_latched(store)) {
                assert_latched(store);
                latched++;
            } else if (failed) {
                /* An error that SQLite absorbed lost nothing either. */
                assert_true(acknowledged[STEPS]);
            }
        } else {
            assert_null(store);
            assert_int_equal(answer, -EIO);
            refused++;
        }
        fault.at = 0;
        store_close(&store);
        assert_all_there(STEPS + 1);
    }
    print_message("  %ld operations, each %ld.: %d latched, %d were refused at the opening\n",
                  n - 1, stride, latched, refused);
    assert_true(latched > STEPS * 2);
    assert_true(refused > 5);
}

static void fails_before(void **unused)
{
    (void)unused;
    fail_each(FAULT_BEFORE, 1);
}

static void fails_after(void **unused)
{
    (void)unused;
    fail_each(FAULT_AFTER, 2);
}

static void fails_half_way(void **unused)
{
    (void)unused;
    fail_each(FAULT_HALF, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_before),
        cmocka_unit_test(fails_after),
        cmocka_unit_test(fails_half_way),
    };

    full_make();
    fault_install();
    journal_set_least((enum journal_priority)0); /* thousands of failures, each as it should be */
    return cmocka_run_group_tests(tests, in_memory, remove_folder);
}
