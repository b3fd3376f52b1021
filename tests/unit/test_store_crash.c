/* test_store_crash.c - full disks and kills: nothing acknowledged is lost, and it goes on. */
#include "store_turns.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

enum { KILLS = 50 };

/* ---- a full disk ----------------------------------------------------------------------------- */

static bool reserve_is_there(void)
{
    return folder_has(&folder, STORE_RESERVE);
}

static bool always(void)
{
    return true;
}

/* Full from the n-th operation on, until the reserve is given back: every turn is kept after
 * all, and nothing latches. */
static void goes_on_with_its_reserve(void **unused)
{
    long last = 1;
    int full = 0;

    (void)unused;
    for (long n = 1; n <= last; n += 5) {
        struct store *store = NULL;
        int answer;

        fresh();
        fault.at = 0;
        assert_int_equal(open_with("fault", false, &store), STORE_OK);
        fault.kind = FAULT_WHILE;
        fault.still = reserve_is_there;
        fault.code = SQLITE_FULL;
        fault.count = fault.failed = 0;
        fault.at = n;
        answer = play(store, 1);
        /* A turn may meet it, and another when the reserve was made again in between. */
        for (int again = 0; answer == STORE_FULL && again < STEPS; again++) {
            store_roll_back(store);
            assert_false(reserve_is_there());
            full++;
            answer = play(store, 1);
        }
        assert_int_equal(answer, 0);
        assert_false(store_is_latched(store));
        if (fault.count > last && fault.failed == 0)
            last = fault.count;
        if (n == 1)
            last = fault.count;
        fault.at = 0;
        assert_int_equal(store_tend(store), 0);
        assert_true(reserve_is_there()); /* made again: there is room */
        assert_false(store_is_short(store));
        store_close(&store);
        assert_all_there(STEPS + 1);
    }
    print_message("  %ld operations, %d met a turn\n", last, full);
    assert_true(full > STEPS);
}

/* Full, and the reserve is no help: the same answer each time, what was kept stays. */
static void stays_full_and_loses_nothing(void **unused)
{
    struct store *store = NULL;

    (void)unused;
    fresh();
    fault.at = 0;
    assert_int_equal(open_with("fault", false, &store), STORE_OK);
    assert_int_equal(play(store, 1), 0);
    fault.kind = FAULT_WHILE;
    fault.still = always;
    fault.code = SQLITE_FULL;
    fault.count = 0;
    fault.at = 1;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(turn(store, STEPS + 1), STORE_FULL);
        assert_int_equal(store_commit(store), STORE_FULL);
        store_roll_back(store);
        assert_true(store_is_short(store));
        assert_false(store_is_latched(store));
    }
    fault.at = 0;
    assert_int_equal(turn(store, STEPS + 1), 0);
    store_close(&store);
    assert_all_there(STEPS + 2);
}

/* A turn that met a full disk takes no more writes: SQLite may have rolled it back by itself,
 * and they would be commits of their own. */
static void takes_nothing_after_a_failure(void **unused)
{
    struct store *store = NULL;
    uint64_t record;

    (void)unused;
    fresh();
    fault.at = 0;
    assert_int_equal(open_with("fault", false, &store), STORE_OK);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    store_judge(store, SQLITE_FULL, "pretend to write");
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    assert_int_equal(put_event(store, 2, &record), STORE_FULL);
    assert_int_equal(store_commit(store), STORE_FULL);
    store_roll_back(store);
    assert_int_equal(turn(store, 3), 0);
    store_close(&store);
    assert_all_there(4);
}

/* A real one: a file system of seven megabytes, in a mount namespace of our own.  The reserve holds
 * more than the log (1,000 pages), so that the log can be moved when the disk is full. */
static void fills_a_real_disk(void **unused)
{
    struct folder small = folder_make(), before = folder;
    struct store *store = NULL;
    unsigned number = 0;
    int full = 0, answer;

    (void)unused;
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", small.path, "tmpfs", MS_NOSUID | MS_NODEV, "size=7M,mode=0700") < 0) {
        print_message("  not allowed to mount: %s\n", strerror(errno));
        rmdir(small.path);
        skip();
    }
    folder = small;
    reserve_bytes = 5 * 1024 * 1024;
    memset(acknowledged, 0, sizeof acknowledged);
    assert_int_equal(open_with(NULL, false, &store), STORE_OK);
    assert_true(reserve_is_there());
    while (full < 8) {
        answer = turn(store, ++number);
        if (answer == 0)
            answer = store_tend(store);
        if (answer == STORE_FULL) {
            store_roll_back(store);
            assert_false(reserve_is_there());
            full++;
        } else {
            assert_int_equal(answer, 0);
        }
    }
    print_message("  %u turns until it was full for good\n", number - 8);
    assert_true(number > 300);
    assert_false(store_is_latched(store));
    store_close(&store);
    for (unsigned i = 1; i <= number; i++) { /* opens, and reads, on the full disk */
        struct kept_event kept;
        struct event event = event_numbered(i);

        if (!store)
            assert_int_equal(open_with(NULL, true, &store), STORE_OK);
        if (acknowledged[i])
            assert_int_equal(store_find_event(store, event.source, event.id, &kept), 0);
    }
    assert_true(store_is_short(store));
    store_close(&store);
    assert_int_equal(umount(small.path), 0);
    folder = before;
    rmdir(small.path);
}

/* ---- a kill ---------------------------------------------------------------------------------- */

/* The child commits and says so, one number at a time, until it is killed. */
static void commit_and_report(int out, unsigned number)
{
    struct store *store = NULL;

    if (open_with(NULL, false, &store) != STORE_OK)
        _exit(3);
    for (;; number++) {
        if (turn(store, number) != 0)
            _exit(4);
        if (write(out, &number, sizeof number) != sizeof number)
            _exit(5);
        if (number % 7 == 0) {
            store->log_pages = 1000;
            if (store_tend(store) != 0)
                _exit(6);
        }
    }
}

static void survives_kills(void **unused)
{
    unsigned next = 1;
    int reported = 0;

    (void)unused;
    fresh();
    for (int i = 0; i < KILLS; i++) {
        uint64_t wanted = chance(40);
        unsigned number;
        int pipes[2], status;
        pid_t child;

        assert_int_equal(pipe(pipes), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(pipes[0]);
            commit_and_report(pipes[1], next);
        }
        close(pipes[1]);
        while (wanted-- > 0 && read(pipes[0], &number, sizeof number) == sizeof number) {
            acknowledged[number] = true;
            reported++;
            next = number + 1;
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        while (read(pipes[0], &number, sizeof number) == sizeof number) {
            acknowledged[number] = true;
            reported++;
            next = number + 1;
        }
        close(pipes[0]);
        assert_all_there(next + 1); /* one turn more may have been kept, and not reported */
        next += 2;
    }
    print_message("  %d kills, %d turns reported, all of them kept\n", KILLS, reported);
    assert_true(reported > KILLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_with_its_reserve),
        cmocka_unit_test(stays_full_and_loses_nothing),
        cmocka_unit_test(takes_nothing_after_a_failure),
        cmocka_unit_test(survives_kills),
        cmocka_unit_test(fills_a_real_disk),
    };

    full_make();
    fault_install();
    journal_set_least((enum journal_priority)0); /* hundreds of failures, each as it should be */
    return cmocka_run_group_tests(tests, in_memory, remove_folder);
}
