/* store_turns.h - turns that write all a turn can, for tests that break the disk under them. */
#ifndef CONCERN_TESTS_STORE_TURNS_H
#define CONCERN_TESTS_STORE_TURNS_H

#include "io/store_private.h"

#include "fault_vfs.h"
#include "store_fixture.h"

enum { STEPS = 30, RESERVE = 65536, EVENTS_MAX = 100000 };

static struct folder folder;
static bool acknowledged[EVENTS_MAX]; /* by the event's number */

static inline void fresh(void)
{
    folder_empty(&folder);
    memset(acknowledged, 0, sizeof acknowledged);
}

static uint64_t reserve_bytes = RESERVE;

static inline int open_with(const char *vfs, bool check, struct store **store)
{
    struct store_settings settings = settings_for(&folder);
    int answer;

    settings.vfs = vfs;
    settings.check = check;
    settings.reserve_bytes = reserve_bytes;
    answer = store_open(&settings, store);
    if (answer == STORE_OK)
        store_set_lookup(*store, full_lookup, NULL);
    return answer;
}

/* One turn of all that a turn writes; 0 or the first answer that is not. */
static inline int turn(struct store *store, unsigned number)
{
    struct disagreement before, after;
    struct outbox_row row = outbox_numbered(number, PRIORITY_NORMAL, NOON(number));
    struct attempt_row attempt = { .number = 1,
                                   .at = NOON(number),
                                   .outcome = DELIVERY_DONE,
                                   .code = 250,
                                   .detail = "",
                                   .state = OUTBOX_ACCEPTED };
    bool known;
    uint64_t record;
    int answer;

    if ((answer = store_begin(store)) != 0)
        return answer;
    answer = store_load_disagreement(store, "invented-board", "D-1", &before);
    known = answer == STORE_OK;
    if (answer != STORE_OK && answer != STORE_NONE)
        return answer;
    after = known ? before : plain_disagreement("D-1", NOON(number));
    after.entry = number;
    after.running[number % 3] = chance_running(number);
    attempt.id = row.id;
    if ((answer = put_event(store, number, &record)) != 0 ||
        (answer = store_save_disagreement(store, &full_view, known ? &before : NULL, &after)) ||
        (answer = store_put_outbox(store, &row)) != 0 ||
        (number % 2 && (answer = store_put_attempt(store, &attempt)) != 0))
        return answer;
    answer = store_commit(store);
    if (answer == 0)
        acknowledged[number] = true;
    return answer;
}

/* Thirty turns; every fifth the log is moved into the database, however short it is. */
static inline int play(struct store *store, unsigned from)
{
    int answer;

    for (unsigned number = from; number < from + STEPS; number++) {
        if (acknowledged[number])
            continue;
        if ((answer = turn(store, number)) != 0)
            return answer;
        if (number % 5 == 0) {
            store->log_pages = 1000;
            if ((answer = store_tend(store)) != 0)
                return answer;
        }
    }
    return 0;
}

/* All that was acknowledged is there, whole, and the store takes more. */
static inline void assert_all_there(unsigned most)
{
    struct store *store = NULL;
    struct record_verdict verdict;
    struct kept_event kept;

    assert_int_equal(open_with(NULL, true, &store), STORE_OK);
    assert_int_equal(record_verify(store, 1, 0, &verdict), RECORD_WHOLE);
    for (unsigned number = 0; number < most; number++) {
        struct event event = event_numbered(number);
        struct outbox_row *row = NULL;

        if (!acknowledged[number])
            continue;
        assert_int_equal(store_find_event(store, event.source, event.id, &kept), 0);
        assert_int_equal(store_get_outbox(store, outbox_numbered(number, 0, NOON(0)).id, &row), 0);
        assert_int_equal(row->state, number % 2 ? OUTBOX_ACCEPTED : OUTBOX_QUEUED);
        outbox_row_close(&row);
    }
    assert_int_equal(turn(store, most), 0);
    store_close(&store);
}

static inline int in_memory(void **unused)
{
    const char *shared = "/dev/shm";

    (void)unused;
    /* Thousands of turns: in memory, where a flush costs nothing, if there is such a place. */
    if (access(shared, W_OK) == 0)
        setenv("TMPDIR", shared, 0);
    folder = folder_make();
    return 0;
}

static inline int remove_folder(void **unused)
{
    (void)unused;
    folder_remove(&folder);
    return 0;
}

#endif
