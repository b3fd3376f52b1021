/* test_connections.c - each endpoint has connections of its own; when they are let go.
 *
 * That libcurl keeps to them is shown over a network: tests/system/test_dispatcher_webhooks.py.
 */
#include "io/connections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct connections connections;

static CURLSH *used(const char *endpoint, int64_t until_ms)
{
    CURLSH *kept = connections_take(&connections, endpoint);

    connections_done(&connections, kept, until_ms);
    return kept;
}

static void each_endpoint_has_its_own(void **state)
{
    CURLSH *one, *other;

    (void)state;
    one = connections_take(&connections, "one");
    other = connections_take(&connections, "other");
    assert_non_null(one);
    assert_non_null(other);
    assert_ptr_not_equal(one, other);
    assert_ptr_equal(connections_take(&connections, "one"), one);
    connections_done(&connections, one, 0);
    connections_done(&connections, one, 0);
    connections_done(&connections, other, 0);
    assert_ptr_equal(used("one", 0), one);
    assert_ptr_equal(used("other", 0), other);
    assert_int_equal(connections_count(&connections), 2);
}

/* A transfer from before goes on with its own; nothing that begins later does. */
static void new_settings_begin_without_any(void **state)
{
    CURLSH *before, *after;

    (void)state;
    used("idle", 0);
    before = connections_take(&connections, "one");
    connections_forget(&connections);
    assert_int_equal(connections_count(&connections), 1);
    after = connections_take(&connections, "one");
    assert_ptr_not_equal(after, before);
    connections_done(&connections, before, 0);
    assert_int_equal(connections_count(&connections), 1);
    connections_done(&connections, after, 0);
    assert_ptr_equal(used("one", 0), after);
}

static void what_nobody_uses_is_closed(void **state)
{
    CURLSH *busy;

    (void)state;
    used("idle", 1000);
    busy = connections_take(&connections, "busy");
    connections_tend(&connections, 1000 + CONNECTIONS_IDLE_MS);
    assert_int_equal(connections_count(&connections), 2);
    connections_tend(&connections, 1001 + CONNECTIONS_IDLE_MS);
    assert_int_equal(connections_count(&connections), 1);
    connections_tend(&connections, 100 * CONNECTIONS_IDLE_MS);
    assert_ptr_equal(connections_take(&connections, "busy"), busy);
    connections_done(&connections, busy, 0);
    connections_done(&connections, busy, 0);
}

/* However many endpoints there are, so many at most are kept: the one idle longest makes room. */
static void the_idlest_makes_room(void **state)
{
    CURLSH *busy, *last;
    char name[16];

    (void)state;
    busy = connections_take(&connections, "busy");
    for (int i = 0; i < 10 * CONNECTIONS_ENDPOINTS_MAX; i++) {
        snprintf(name, sizeof name, "e%d", i);
        assert_non_null(used(name, i + 1));
        assert_true(connections_count(&connections) <= CONNECTIONS_ENDPOINTS_MAX);
    }
    assert_int_equal(connections_count(&connections), CONNECTIONS_ENDPOINTS_MAX);
    last = connections_take(&connections, name);
    assert_ptr_equal(connections_take(&connections, name), last);
    assert_ptr_equal(connections_take(&connections, "busy"), busy);
    connections_tend(&connections, INT64_MAX);
    assert_int_equal(connections_count(&connections), 2);
    for (int i = 0; i < 2; i++) {
        connections_done(&connections, busy, 0);
        connections_done(&connections, last, 0);
    }
}

/* Who goes without gives nothing back. */
static void none_is_none(void **state)
{
    (void)state;
    connections_done(&connections, NULL, 0);
    assert_int_equal(connections_count(&connections), 0);
}

static int end(void **state)
{
    (void)state;
    connections_close(&connections);
    assert_int_equal(connections_count(&connections), 0);
    return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_endpoint_has_its_own),
        TEST(new_settings_begin_without_any),
        TEST(what_nobody_uses_is_closed),
        TEST(the_idlest_makes_room),
        TEST(none_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
