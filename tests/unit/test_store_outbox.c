/* test_store_outbox.c - the rows of the outbox: in which order they go, and how they move on. */
#include "store_bench.h"

/* ---- the outbox ------------------------------------------------------------------------------ */

static void queue(unsigned number, enum priority priority, struct instant next_try)
{
    struct outbox_row row = outbox_numbered(number, priority, next_try);

    assert_int_equal(store_put_outbox(store, &row), 0);
}

static void raise_and_queue(void)
{
    struct disagreement made = plain_disagreement("D-1", NOON(30));

    save(NULL, &made);
    assert_int_equal(store_begin(store), 0);
    queue(1, PRIORITY_NORMAL, NOON(1));
    queue(2, PRIORITY_URGENT, NOON(3));
    queue(3, PRIORITY_NORMAL, NOON(0));
    queue(4, PRIORITY_IMMEDIATE, NOON(9));
    assert_int_equal(store_commit(store), 0);
}

struct walk {
    char text[200];
    int most;
};

static enum outbox_walk write_due(void *context, const struct outbox_row *row)
{
    struct walk *walk = context;
    size_t used = strlen(walk->text);

    snprintf(walk->text + used, sizeof walk->text - used, "%s%s", used ? " " : "", row->key);
    assert_int_equal(row->state, OUTBOX_QUEUED);
    assert_int_equal(row->size, 27);
    assert_memory_equal(row->bytes, "Subject: invented\r\n\r\ntext\r\n", 27);
    return --walk->most == 0 ? OUTBOX_STOP : OUTBOX_GO_ON;
}

static const char *due_at(struct instant now, int most)
{
    static struct walk walk;
    walk = (struct walk){ .most = most };
    for (int priority = PRIORITY_IMMEDIATE; priority >= PRIORITY_NORMAL; priority--) {
        struct outbox_place place = { INSTANT_NONE, 0 };

        if (most == 0 || walk.most > 0)
            assert_int_equal(store_outbox_due(store, "email", (enum priority)priority, now, &place,
                                              write_due, &walk),
                             0);
    }
    return walk.text;
}

static void walks_the_outbox(void **unused)
{
    struct outbox_row row, *found = NULL;
    struct instant next;

    (void)unused;
    assert_int_equal(store_outbox_next_try(store, "email", INSTANT_NONE, &next), STORE_NONE);
    raise_and_queue();
    assert_int_equal(store_outbox_next_try(store, "email", INSTANT_NONE, &next), 0);
    assert_int_equal(next.us, NOON(0).us);
    assert_string_equal(due_at(NOON(0), 0), "key-3");
    assert_string_equal(due_at(NOON(5), 0), "key-2 key-3 key-1");
    assert_string_equal(due_at(NOON(9), 0), "key-4 key-2 key-3 key-1");
    assert_string_equal(due_at(NOON(9), 2), "key-4 key-2");

    assert_int_equal(store_begin(store), 0);
    row = outbox_numbered(1, PRIORITY_NORMAL, NOON(1));
    row.id[3] = '9'; /* another id, the same notification */
    assert_int_equal(store_put_outbox(store, &row), STORE_DUPLICATE);
    row.position = 1; /* the same by the person's next route */
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.board = row.reference = ""; /* about no disagreement: kept apart, once too */
    row.id[3] = '8';
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.id[3] = '7';
    assert_int_equal(store_put_outbox(store, &row), STORE_DUPLICATE);
    assert_int_equal(store_commit(store), 0);

    assert_int_equal(store_get_outbox(store, "nobody's", &found), STORE_NONE);
    row = outbox_numbered(2, PRIORITY_URGENT, NOON(3));
    assert_int_equal(store_get_outbox(store, row.id, &found), 0);
    assert_string_equal(found->id, row.id);
    assert_string_equal(found->board, row.board);
    assert_string_equal(found->reference, row.reference);
    assert_string_equal(found->key, row.key);
    assert_string_equal(found->person, row.person);
    assert_string_equal(found->role, row.role);
    assert_string_equal(found->recipient, row.recipient);
    assert_int_equal(found->route, row.route);
    assert_int_equal(found->priority, row.priority);
    assert_int_equal(found->at.us, row.at.us);
    assert_int_equal(found->late, row.late);
    assert_int_equal(found->size, row.size);
    assert_memory_equal(found->bytes, row.bytes, row.size);
    assert_int_equal(found->attempts, 0);
    assert_true(instant_is_none(found->first_tried));
    assert_int_equal(found->next_try.us, NOON(3).us);
    outbox_row_close(&found);
    assert_null(found);
}

/* All mail is one lane, and each endpoint. */
static void finds_the_lanes(void **unused)
{
    struct outbox_row row = outbox_numbered(5, PRIORITY_NORMAL, NOON(7));
    char lane[ADDRESS_MAX + 1];
    struct instant next;

    (void)unused;
    assert_int_equal(store_next_lane(store, NULL, lane), STORE_NONE);
    raise_and_queue();
    assert_int_equal(store_begin(store), 0);
    row.route = ROUTE_WEBHOOK;
    row.recipient = "hook-b";
    assert_int_equal(store_put_outbox(store, &row), 0);
    row.id[3] = '9';
    row.key = "another";
    row.recipient = "hook-a";
    assert_int_equal(store_put_outbox(store, &row), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_next_lane(store, NULL, lane), STORE_OK);
    assert_string_equal(lane, "email");
    assert_int_equal(store_next_lane(store, "email", lane), STORE_OK);
    assert_string_equal(lane, "hook-a");
    assert_int_equal(store_next_lane(store, "hook-a", lane), STORE_OK);
    assert_string_equal(lane, "hook-b");
    assert_int_equal(store_next_lane(store, "hook-b", lane), STORE_NONE);
    assert_int_equal(store_outbox_next_try(store, "hook-b", INSTANT_NONE, &next), STORE_OK);
    assert_int_equal(next.us, NOON(7).us);
    assert_string_equal(due_at(NOON(9), 0), "key-4 key-2 key-3 key-1"); /* of mail alone */
}

static bool write_attempt(void *context, const struct attempt_row *attempt)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 200 - used, "%u:%d:%d:%s ", attempt->number, attempt->outcome,
             attempt->code, attempt->detail);
    return true;
}

static void moves_on_by_attempts(void **unused)
{
    struct outbox_row *found = NULL;
    char text[200] = "", id[DELIVERY_ID_SIZE];
    struct attempt_row attempt = { .number = 1,
                                   .at = NOON(4),
                                   .outcome = DELIVERY_LATER,
                                   .code = 451,
                                   .detail = "greylisted",
                                   .state = OUTBOX_QUEUED,
                                   .next_try = NOON(6) };
    struct store_counts counts;

    (void)unused;
    raise_and_queue();
    memcpy(id, outbox_numbered(2, 0, NOON(0)).id, sizeof id);
    attempt.id = id;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &attempt), 0);
    assert_int_equal(store_put_attempt(store, &attempt), STORE_DUPLICATE);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(due_at(NOON(5), 0), "key-3 key-1");
    assert_string_equal(due_at(NOON(6), 0), "key-2 key-3 key-1");

    attempt.number = 2;
    attempt.at = NOON(7);
    attempt.outcome = DELIVERY_DONE;
    attempt.code = 250;
    attempt.detail = "";
    attempt.state = OUTBOX_ACCEPTED;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &attempt), 0);
    attempt.number = 3;
    assert_int_equal(store_put_attempt(store, &attempt), STORE_NONE); /* its end was kept */
    attempt.id = "nobody's";
    assert_int_equal(store_put_attempt(store, &attempt), STORE_NONE);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(due_at(NOON(8), 0), "key-3 key-1");

    assert_int_equal(store_get_outbox(store, id, &found), 0);
    assert_int_equal(found->state, OUTBOX_ACCEPTED);
    assert_int_equal(found->attempts, 2);
    assert_int_equal(found->first_tried.us, NOON(4).us);
    assert_true(instant_is_none(found->next_try));
    outbox_row_close(&found);
    assert_int_equal(store_list_attempts(store, id, write_attempt, text), 0);
    assert_string_equal(text, "1:1:451:greylisted 2:0:250: ");
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.outbox[OUTBOX_ACCEPTED], 1);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 3);
}

static bool write_key(void *context, const struct outbox_row *row)
{
    struct walk *walk = context;

    write_due(walk, row);
    return true;
}

static void lists_the_outbox(void **unused)
{
    struct attempt_row refused = { .id = NULL,
                                   .number = 1,
                                   .at = NOON(4),
                                   .outcome = DELIVERY_REFUSED,
                                   .code = 550,
                                   .detail = "no such user",
                                   .state = OUTBOX_REFUSED };
    static const struct {
        struct outbox_query query;
        const char *keys;
    } lists[] = {
        { { 0 }, "key-4 key-2 key-1" },
        { { .most = 2 }, "key-4 key-2" },
        { { .board = "invented-board", .reference = "D-1" }, "key-4 key-2 key-1" },
        { { .board = "invented-board", .reference = "D-9", .ended_too = true }, "" },
        { { .board = "", .reference = "" }, "" },
    };
    char id[DELIVERY_ID_SIZE];

    (void)unused;
    raise_and_queue();
    memcpy(id, outbox_numbered(3, 0, NOON(0)).id, sizeof id);
    refused.id = id;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_attempt(store, &refused), 0);
    assert_int_equal(store_commit(store), 0);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct walk walk = { .text = "" };

        assert_int_equal(store_list_outbox(store, &lists[i].query, write_key, &walk), 0);
        assert_string_equal(walk.text, lists[i].keys);
    }
}

static void counts_without_counting(void **unused)
{
    struct store_counts counts;
    uint64_t record;

    (void)unused;
    raise_and_queue();
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 0);
    assert_int_equal(counts.disagreements_open, 1);
    assert_int_equal(counts.deadlines_open, 1);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 4);
    assert_int_equal(counts.record, 1);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    queue(9, PRIORITY_NORMAL, NOON(1));
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 1);
    store_roll_back(store);
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 0);
    assert_int_equal(counts.outbox[OUTBOX_QUEUED], 4);
    assert_int_equal(counts.outbox[OUTBOX_ACCEPTED], 0);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(put_event(store, 1, &record), 0);
    assert_int_equal(store_commit(store), 0);
    reopen();
    assert_int_equal(store_count(store, &counts), 0);
    assert_int_equal(counts.events, 1);
    assert_int_equal(counts.record, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(walks_the_outbox),        WITH_STORE(finds_the_lanes),
        WITH_STORE(moves_on_by_attempts),    WITH_STORE(lists_the_outbox),
        WITH_STORE(counts_without_counting),
    };

    full_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
