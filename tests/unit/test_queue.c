/* test_queue.c - which delivery goes next: urgency, turns, due instants, and the limits. */
#include "io/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/breaker.h"
#include "io/dispatcher.h"

static struct queue *queue;

static int open_queue(void **state)
{
    (void)state;
    return queue_open(&queue);
}

static int close_queue(void **state)
{
    (void)state;
    queue_close(&queue);
    return 0;
}

/* `endpoint` NULL: a mail. */
static void add(const char *id, const char *endpoint, enum priority priority, int64_t due)
{
    struct delivery delivery = {
        .route = endpoint ? ROUTE_WEBHOOK : ROUTE_EMAIL,
        .priority = priority,
        .due = { due },
        .bytes = "{}",
        .size = 2,
    };

    (void)snprintf(delivery.id, sizeof delivery.id, "%s", id);
    (void)snprintf(delivery.recipient, sizeof delivery.recipient, "%s",
                   endpoint ? endpoint : "somebody@agency.example");
    assert_int_equal(queue_add(queue, parcel_of(&delivery)), 0);
}

/* Takes what goes next, which must be `id`; NULL: nothing may. */
static struct parcel *expect(const char *id)
{
    struct parcel *parcel = queue_next(queue, 0);

    if (!id)
        assert_null(parcel);
    else
        assert_string_equal(parcel ? parcel->delivery.id : "nothing", id);
    return parcel;
}

static void done(struct parcel *parcel)
{
    queue_done(queue, parcel, QUEUE_END_WELL, 0);
    parcel_close(&parcel);
}

static void urgent_goes_first_then_what_is_due_first(void **state)
{
    (void)state;
    add("N2", "a", PRIORITY_NORMAL, 20);
    add("N1", "a", PRIORITY_NORMAL, 10);
    add("U1", "a", PRIORITY_URGENT, 30);
    add("I1", "a", PRIORITY_IMMEDIATE, 40);
    add("N0", "a", PRIORITY_NORMAL, 10); /* as due as N1, and came later */
    done(expect("I1"));
    done(expect("U1"));
    done(expect("N1"));
    done(expect("N0"));
    done(expect("N2"));
    expect(NULL);
}

static void an_endpoint_has_two_under_way_at_most(void **state)
{
    struct parcel *first, *second;

    (void)state;
    for (int i = 0; i < 100; i++)
        add("A", "dead", PRIORITY_IMMEDIATE, 0);
    first = expect("A");
    second = expect("A");
    expect(NULL);
    add("B", "well", PRIORITY_NORMAL, 1000);
    add("M", NULL, PRIORITY_NORMAL, 2000);
    done(expect("B"));
    done(expect("M"));
    expect(NULL);
    done(first);
    first = expect("A");
    expect(NULL);
    done(first);
    done(second);
    assert_int_equal(queue_waiting(queue), 97);
    assert_int_equal(queue_under_way(queue), 0);
}

/* Three ordinary mails, then two places for the urgent, then two more for the immediate; and none
 * of them takes a webhook's. */
static void urgent_mail_waits_for_no_ordinary_one(void **state)
{
    static const struct {
        const char *id;
        enum priority priority;
        int most;
    } steps[] = { { "N", PRIORITY_NORMAL, 3 },
                  { "U", PRIORITY_URGENT, 2 },
                  { "I", PRIORITY_IMMEDIATE, 2 } };
    struct parcel *taken[DISPATCH_MAILS_MAX];
    size_t count = 0;

    (void)state;
    assert_int_equal(DISPATCH_MAILS_MAX, 7);
    for (int i = 0; i < 4000; i++)
        add("N", NULL, PRIORITY_NORMAL, i);
    for (size_t step = 0; step < COUNT_OF(steps); step++) {
        for (int i = 0; step > 0 && i < 5; i++)
            add(steps[step].id, NULL, steps[step].priority, 9999);
        for (int i = 0; i < steps[step].most; i++)
            taken[count++] = expect(steps[step].id);
        expect(NULL);
    }
    add("W", "well", PRIORITY_NORMAL, 9999);
    done(expect("W"));
    assert_int_equal(queue_under_way(queue), DISPATCH_MAILS_MAX);
    done(taken[--count]);
    done(expect("I"));
    while (count > 0)
        done(taken[--count]);
    done(expect("I"));
}

/* One ordinary webhook, then one more place for what is urgent; and beside an urgent one none. */
static void an_urgent_webhook_waits_for_no_ordinary_one(void **state)
{
    struct parcel *ordinary, *urgent;

    (void)state;
    for (int i = 0; i < 4000; i++)
        add("N", "a", PRIORITY_NORMAL, i);
    ordinary = expect("N");
    expect(NULL);
    add("I", "a", PRIORITY_IMMEDIATE, 9999);
    urgent = expect("I");
    expect(NULL);
    done(ordinary);
    expect(NULL);
    add("U", "a", PRIORITY_URGENT, 9999);
    done(expect("U"));
    done(urgent);
    done(expect("N"));
    assert_int_equal(queue_waiting(queue), 3998);
}

static void endpoints_take_turns(void **state)
{
    (void)state;
    add("A1", "a", PRIORITY_NORMAL, 1);
    add("A2", "a", PRIORITY_NORMAL, 2);
    add("A3", "a", PRIORITY_NORMAL, 3);
    add("B1", "b", PRIORITY_NORMAL, 100);
    add("C1", "c", PRIORITY_NORMAL, 200);
    add("B2", "b", PRIORITY_NORMAL, 300);
    done(expect("A1"));
    done(expect("B1"));
    done(expect("C1")); /* and its lane is closed: it may come back as new */
    done(expect("A2"));
    done(expect("B2"));
    done(expect("A3"));
}

/* 32 in all, and the last eight only for what is urgent. */
static void keeps_places_for_the_urgent(void **state)
{
    struct parcel *taken[DISPATCH_TRANSFERS_MAX];
    const int ordinary = DISPATCH_TRANSFERS_MAX - DISPATCH_RESERVED;
    char endpoint[16];
    int count = 0;

    (void)state;
    for (int i = 0; i < 40; i++) {
        (void)snprintf(endpoint, sizeof endpoint, "n%d", i);
        add("N", endpoint, PRIORITY_NORMAL, 0);
    }
    while (count < ordinary)
        taken[count++] = expect("N");
    expect(NULL);
    for (int i = 0; i < 10; i++) {
        (void)snprintf(endpoint, sizeof endpoint, "u%d", i);
        add("U", endpoint, i % 2 ? PRIORITY_URGENT : PRIORITY_IMMEDIATE, 0);
    }
    while (count < DISPATCH_TRANSFERS_MAX)
        taken[count++] = expect("U");
    expect(NULL);
    assert_int_equal(queue_under_way(queue), DISPATCH_TRANSFERS_MAX);
    while (count > 0)
        done(taken[--count]);
}

static void fail_at(struct parcel *parcel, int64_t now_ms)
{
    queue_done(queue, parcel, QUEUE_END_FAILED, now_ms);
    parcel_close(&parcel);
}

static size_t put_off_at(int64_t now_ms)
{
    struct parcel *parcel;
    int64_t wait_ms;
    size_t count = 0;

    while ((parcel = queue_put_off(queue, now_ms, &wait_ms))) {
        assert_string_equal(parcel->delivery.id, "A");
        assert_in_range(wait_ms, 1, BREAKER_LONGEST_MS);
        parcel_close(&parcel);
        count++;
    }
    return count;
}

/* Five failures in a row: what waits goes back, the others go on; then one goes alone. */
static void what_fails_is_left_alone(void **state)
{
    struct parcel *first, *second;

    (void)state;
    for (int i = 0; i < 20; i++)
        add("A", "dead", PRIORITY_NORMAL, 0);
    for (int i = 0; i < 4; i++)
        fail_at(expect("A"), 0);
    assert_int_equal(put_off_at(0), 0);
    first = expect("A");
    add("A", "dead", PRIORITY_URGENT, 0);
    second = expect("A");
    fail_at(second, 0); /* the fifth */
    expect(NULL);
    add("B", "well", PRIORITY_NORMAL, 1000);
    done(expect("B"));
    assert_int_equal(put_off_at(0), 15);
    assert_int_equal(queue_waiting(queue), 0);
    add("A", "dead", PRIORITY_IMMEDIATE, 0);
    expect(NULL); /* not even this one */
    assert_int_equal(put_off_at(29999), 1);
    fail_at(first, 29999); /* one that was under way; it changes nothing */
    add("A", "dead", PRIORITY_NORMAL, 0);
    add("A", "dead", PRIORITY_NORMAL, 0);
    assert_int_equal(put_off_at(30000), 0);
    first = queue_next(queue, 30000);
    assert_non_null(first);
    assert_null(queue_next(queue, 30000)); /* a probe goes alone */
    fail_at(first, 31000);
    assert_int_equal(put_off_at(31000), 1);
    assert_int_equal(put_off_at(90999), 0);
    add("A", "dead", PRIORITY_NORMAL, 0);
    add("A", "dead", PRIORITY_NORMAL, 0);
    assert_int_equal(put_off_at(90999), 2);
    /* New settings may have put it right. */
    queue_configure(queue, 0);
    add("A", "dead", PRIORITY_NORMAL, 0);
    first = expect("A");
    add("A", "dead", PRIORITY_URGENT, 0);
    done(expect("A"));
    done(first);
}

/* A probe that hangs, and a wait that has grown, are for the ordinary. */
static void what_is_urgent_asks_for_itself(void **state)
{
    struct parcel *probe, *urgent;

    (void)state;
    for (int i = 0; i < 5; i++) {
        add("A", NULL, PRIORITY_NORMAL, 0);
        fail_at(expect("A"), 0);
    }
    add("A", NULL, PRIORITY_NORMAL, 0);
    fail_at(queue_next(queue, 30000), 30000); /* alone for a minute now */
    add("A", NULL, PRIORITY_NORMAL, 0);
    add("A", NULL, PRIORITY_URGENT, 0);
    assert_null(queue_next(queue, 59999));
    urgent = queue_next(queue, 60000);
    assert_non_null(urgent);
    assert_int_equal(urgent->delivery.priority, PRIORITY_URGENT);
    assert_null(queue_next(queue, 60000));
    fail_at(urgent, 60001);
    probe = queue_next(queue, 90000); /* the ordinary one's minute is over too */
    assert_non_null(probe);
    add("A", NULL, PRIORITY_NORMAL, 0);
    assert_null(queue_next(queue, 90000));
    add("A", NULL, PRIORITY_URGENT, 0);
    urgent = queue_next(queue, 90000);
    assert_non_null(urgent);
    done(urgent);
    done(probe);
    done(queue_next(queue, 90000));
}

/* Whatever comes and goes: the limits hold, and everything goes out once. */
static void holds_its_limits_under_any_load(void **state)
{
    struct parcel *under_way[DISPATCH_TRANSFERS_MAX];
    size_t count = 0, added = 0, gone = 0;
    uint64_t seed = 7;
    char endpoint[16];

    (void)state;
    while (gone < 3000) {
        struct parcel *next;
        size_t of_lane[20] = { 0 }, ordinary[20] = { 0 };

        seed = seed * 6364136223846793005U + 1442695040888963407U;
        if (added < 3000) {
            (void)snprintf(endpoint, sizeof endpoint, "%c", (char)('a' + (seed >> 40) % 20));
            add("R", endpoint, (enum priority)((seed >> 50) % 3), (int64_t)(seed >> 54));
            added++;
        }
        if (seed >> 33 & 1 && (next = queue_next(queue, 0)))
            under_way[count++] = next;
        if (count > 0 && (count == DISPATCH_TRANSFERS_MAX || seed >> 34 & 1)) {
            size_t which = (seed >> 35) % count;

            done(under_way[which]);
            under_way[which] = under_way[--count];
            gone++;
        }
        assert_int_equal(queue_under_way(queue), count);
        for (size_t i = 0; i < count; i++) {
            const struct delivery *one = &under_way[i]->delivery;
            size_t lane = (size_t)(one->recipient[0] - 'a');

            assert_in_range(++of_lane[lane], 1, DISPATCH_PER_ENDPOINT_MAX);
            ordinary[lane] += one->priority == PRIORITY_NORMAL;
            assert_in_range(ordinary[lane], 0, DISPATCH_ENDPOINT_ORDINARY);
        }
    }
    assert_int_equal(queue_waiting(queue), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(urgent_goes_first_then_what_is_due_first, open_queue,
                                        close_queue),
        cmocka_unit_test_setup_teardown(an_endpoint_has_two_under_way_at_most, open_queue,
                                        close_queue),
        cmocka_unit_test_setup_teardown(urgent_mail_waits_for_no_ordinary_one, open_queue,
                                        close_queue),
        cmocka_unit_test_setup_teardown(an_urgent_webhook_waits_for_no_ordinary_one, open_queue,
                                        close_queue),
        cmocka_unit_test_setup_teardown(endpoints_take_turns, open_queue, close_queue),
        cmocka_unit_test_setup_teardown(keeps_places_for_the_urgent, open_queue, close_queue),
        cmocka_unit_test_setup_teardown(what_fails_is_left_alone, open_queue, close_queue),
        cmocka_unit_test_setup_teardown(what_is_urgent_asks_for_itself, open_queue, close_queue),
        cmocka_unit_test_setup_teardown(holds_its_limits_under_any_load, open_queue, close_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
