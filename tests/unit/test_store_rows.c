/* test_store_rows.c - sources, gaps and disagreements are kept as they were, and found when due. */
#include "store_bench.h"

#include <errno.h>

/* ---- sources and gaps ------------------------------------------------------------------------ */

static void keeps_sources(void **unused)
{
    struct source_progress progress = {
        .mark = { .known = true, .seqepoch = "c0ffee00-0000-4000-8000-000000000001", .high = 7 },
        .last_heard = NOON(3),
        .resync = INSTANT_NONE,
    };
    struct source_progress read;

    (void)unused;
    assert_int_equal(store_get_source(store, "urn:invented:a", &read), STORE_NONE);
    assert_false(read.mark.known);
    assert_true(instant_is_none(read.last_heard));
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_source(store, "urn:invented:a", &progress), 0);
    progress.mark.high = SEQUENCE_MAX;
    assert_int_equal(store_put_source(store, "urn:invented:a", &progress), 0);
    progress = (struct source_progress){ .last_heard = NOON(4), .resync = NOON(5) };
    assert_int_equal(store_put_source(store, "urn:invented:b", &progress), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_get_source(store, "urn:invented:a", &read), 0);
    assert_true(read.mark.known);
    assert_string_equal(read.mark.seqepoch, "c0ffee00-0000-4000-8000-000000000001");
    assert_true(read.mark.high == SEQUENCE_MAX);
    assert_int_equal(read.last_heard.us, NOON(3).us);
    assert_int_equal(store_get_source(store, "urn:invented:b", &read), 0);
    assert_false(read.mark.known);
    assert_int_equal(read.last_heard.us, NOON(4).us);
}

static bool write_gap(void *context, const struct gap_row *gap)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 200 - used, "%s%d-%d", used ? " " : "", (int)gap->from, (int)gap->to);
    return true;
}

static const char *gaps_now(void)
{
    static char text[200];

    text[0] = '\0';
    assert_int_equal(store_list_gaps(store, "urn:invented:a", false, write_gap, text), 0);
    return text;
}

static int put_gap(const char *epoch, uint64_t from, uint64_t to)
{
    struct gap_row gap = { .source = "urn:invented:a",
                           .seqepoch = epoch,
                           .from = from,
                           .to = to,
                           .found = NOON(1),
                           .tell_operator = INSTANT_NONE,
                           .tell_board = INSTANT_NONE };

    return store_put_gap(store, &gap);
}

/* What is noted or filled, and the gaps open afterwards. */
static const struct {
    const char *name;
    bool fill;
    unsigned from, to;
    int answer;
    const char *open;
} gap_rows[] = {
    { "a gap", false, 8, 10, STORE_OK, "8-10" },
    { "the same again", false, 8, 10, STORE_DUPLICATE, "8-10" },
    { "its beginning again", false, 8, 9, STORE_DUPLICATE, "8-10" },
    { "longer", false, 8, 14, STORE_OK, "8-14" },
    { "one before it", true, 7, 0, STORE_NONE, "8-14" },
    { "one after it", true, 15, 0, STORE_NONE, "8-14" },
    { "its first", true, 8, 0, STORE_OK, "9-14" },
    { "its last", true, 14, 0, STORE_OK, "9-13" },
    { "one in the middle", true, 11, 0, STORE_OK, "9-10 12-13" },
    { "the same one", true, 11, 0, STORE_NONE, "9-10 12-13" },
    { "another gap", false, 20, 20, STORE_OK, "9-10 12-13 20-20" },
    { "all of it", true, 20, 0, STORE_OK, "9-10 12-13" },
    { "over another", false, 9, 13, STORE_OK, "9-13 12-13" },
    { "down to the other's", true, 11, 0, STORE_OK, "9-10 12-13" },
    { "one", true, 9, 0, STORE_OK, "10-10 12-13" },
};

static void keeps_gaps(void **unused)
{
    static const char epoch[] = "c0ffee00-0000-4000-8000-000000000001";

    (void)unused;
    for (size_t i = 0; i < COUNT_OF(gap_rows); i++) {
        int answer;

        print_message("  %s\n", gap_rows[i].name);
        assert_int_equal(store_begin(store), 0);
        if (gap_rows[i].fill)
            answer = store_fill_gap(store, "urn:invented:a", epoch, gap_rows[i].from, NOON(2));
        else
            answer = put_gap(epoch, gap_rows[i].from, gap_rows[i].to);
        assert_int_equal(answer, gap_rows[i].answer);
        assert_int_equal(store_commit(store), 0);
        assert_string_equal(gaps_now(), gap_rows[i].open);
    }
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_fill_gap(store, "urn:invented:a", "another", 10, NOON(2)), STORE_NONE);
    assert_int_equal(store_close_gaps(store, "urn:invented:a", epoch, NOON(9)), 0);
    assert_int_equal(store_commit(store), 0);
    assert_string_equal(gaps_now(), "");
}

/* ---- disagreements ----------------------------------------------------------------------------
 */

static void keeps_procedures(void **unused)
{
    char *text = NULL;

    (void)unused;
    assert_int_equal(store_get_procedure(store, full_procedure.hash, &text), STORE_NONE);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_procedure(store, &full_procedure, "id: invented-full\n"), 0);
    assert_int_equal(store_put_procedure(store, &full_procedure, "id: invented-full\n"), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_get_procedure(store, full_procedure.hash, &text), 0);
    assert_string_equal(text, "id: invented-full\n");
    free(text);
}

/* Any disagreement after any other, with and without knowing the one before. */
static void loads_what_it_saved(void **unused)
{
    struct disagreement before, after, loaded;

    (void)unused;
    for (int i = 0; i < 150; i++) {
        bool knows = i > 0 && chance(2) == 1;

        after = chance_disagreement();
        for (size_t d = 0; knows && d < PROCEDURE_DEADLINES_MAX; d++)
            if (chance(2) == 1)
                after.running[d] = before.running[d];
        save(knows ? &before : NULL, &after);
        assert_int_equal(store_load_disagreement(store, "invented-board", "D-1", &loaded), 0);
        assert_same_disagreement(&after, &loaded);
        before = after;
    }
    assert_int_equal(store_load_disagreement(store, "invented-board", "D-2", &loaded), STORE_NONE);
    assert_int_equal(store_load_disagreement(store, "other-board", "D-1", &loaded), STORE_NONE);
}

static void refuses_what_does_not_fit(void **unused)
{
    struct disagreement made = plain_disagreement("D-1", NOON(60)), loaded;

    (void)unused;
    snprintf(made.procedure_hash, sizeof made.procedure_hash, "another version");
    save(NULL, &made);
    assert_int_equal(store_load_disagreement(store, made.board, "D-1", &loaded),
                     STORE_NO_PROCEDURE);
    made = plain_disagreement("D-2", NOON(60));
    save(NULL, &made);
    run_sql("UPDATE deadline SET deadline = 'nobody knows' WHERE disagreement = 2");
    assert_int_equal(store_load_disagreement(store, made.board, "D-2", &loaded), STORE_DAMAGED);
    run_sql("DELETE FROM deadline WHERE disagreement = 2");
    run_sql("UPDATE disagreement SET state = 'undecided' WHERE number = 2");
    assert_int_equal(store_load_disagreement(store, made.board, "D-2", &loaded), STORE_DAMAGED);
    /* a change of what is not there */
    made = plain_disagreement("D-3", NOON(60));
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_save_disagreement(store, &full_view, &made, &made), -EINVAL);
    assert_int_equal(store_commit(store), -EINVAL);
    store_roll_back(store);
}

static bool write_deadline(void *context, const struct deadline_row *row)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(text + used, 300 - used, "%s%s/%u %s%s", used ? ", " : "", row->deadline, row->entry,
             row->state, instant_is_none(row->wake) ? "" : " wakes");
    return true;
}

static const char *deadlines_now(void)
{
    static char text[300];

    text[0] = '\0';
    assert_int_equal(store_list_deadlines(store, "invented-board", "D-1", write_deadline, text), 0);
    return text;
}

/* A start anew is another row; the one before wakes nobody any more. */
static void keeps_a_row_for_each_start(void **unused)
{
    struct disagreement first = plain_disagreement("D-1", NOON(60)), second = first, third;

    (void)unused;
    save(NULL, &first);
    assert_string_equal(deadlines_now(), "deadline-0/1 on wakes");
    second.running[0].entry = 2;
    second.running[0].wake = second.running[0].due = NOON(90);
    save(&first, &second);
    assert_string_equal(deadlines_now(), "deadline-0/1 stopped, deadline-0/2 on wakes");
    third = second;
    third.running[0].state = RUNNING_PASSED;
    third.running[0].wake = INSTANT_NONE;
    save(&second, &third);
    assert_string_equal(deadlines_now(), "deadline-0/1 stopped, deadline-0/2 passed");
    save(NULL, &first); /* taken back, without knowing from where */
    assert_string_equal(deadlines_now(), "deadline-0/1 on wakes");
    first.running[0] = running_never();
    save(NULL, &first);
    assert_string_equal(deadlines_now(), "");
}

/* One row changed is one row written. */
static void writes_only_what_changed(void **unused)
{
    struct disagreement before = plain_disagreement("D-1", NOON(60)), after;
    int changed;

    (void)unused;
    save(NULL, &before);
    after = before;
    changed = sqlite3_total_changes(store->db);
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 0);
    after.running[0].wake = NOON(30);
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 1);
    before = after;
    after.held = true;
    save(&before, &after);
    assert_int_equal(sqlite3_total_changes(store->db) - changed, 2);
}

static bool write_row(void *context, const struct disagreement_row *row)
{
    char *text = context;
    size_t used = strlen(text);

    snprintf(
        text + used, 400 - used, "%s%d %s %s %s %s due %s+%d", used ? "; " : "", (int)row->number,
        row->reference, row->state, row->stage, row->challenging, row->next_deadline,
        instant_is_none(row->next_due) ? -1 : (int)((row->next_due.us - NOON(0).us) / MINUTE_US));
    return true;
}

static void lists_disagreements(void **unused)
{
    struct disagreement made;
    char text[400] = "", paged[400] = "";

    (void)unused;
    for (int i = 1; i <= 3; i++) {
        char reference[8];

        snprintf(reference, sizeof reference, "D-%d", i);
        made = plain_disagreement(reference, NOON(60 * i));
        made.running[1] = made.running[0];
        made.running[1].due = NOON(30 * i);
        if (i == 2) {
            made.state = DISAGREEMENT_RESOLVED;
            made.closed = NOON(5);
            made.running[0].state = made.running[1].state = RUNNING_STOPPED;
        }
        save(NULL, &made);
    }
    store_list_disagreements(store, &(struct disagreement_query){ 0 }, write_row, text);
    assert_string_equal(text, "1 D-1 open deadline-0 northtown-housing due deadline-1+30; "
                              "3 D-3 open deadline-0 northtown-housing due deadline-1+90");
    store_list_disagreements(
        store, &(struct disagreement_query){ .closed_too = true, .after = 1, .most = 1 }, write_row,
        paged);
    assert_string_equal(paged, "2 D-2 resolved deadline-0 northtown-housing due +-1");
    paged[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .reference = "D-3" }, write_row,
                             paged);
    assert_string_equal(paged, "3 D-3 open deadline-0 northtown-housing due deadline-1+90");
    paged[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .reference = "D-2" }, write_row,
                             paged);
    assert_string_equal(paged, "");
    text[0] = '\0';
    store_list_disagreements(store, &(struct disagreement_query){ .board = "another" }, write_row,
                             text);
    assert_string_equal(text, "");
}

/* ---- what is due ----------------------------------------------------------------------------- */

static void finds_what_is_due(void **unused)
{
    struct disagreement made;
    struct due_row rows[8];
    struct instant wake;
    size_t count;

    (void)unused;
    assert_int_equal(store_next_wake(store, &wake), STORE_NONE);
    assert_int_equal(store_due(store, NOON(1000), rows, COUNT_OF(rows), &count), 0);
    assert_int_equal(count, 0);
    made = plain_disagreement("D-1", NOON(30));
    made.running[1] = made.running[2] = made.running[0];
    made.running[1].wake = NOON(10);
    save(NULL, &made);
    made = plain_disagreement("D-2", NOON(20));
    save(NULL, &made);
    made = plain_disagreement("D-3", NOON(10));
    save(NULL, &made);
    made = plain_disagreement("D-4", NOON(31));
    save(NULL, &made);

    assert_int_equal(store_next_wake(store, &wake), 0);
    assert_int_equal(wake.us, NOON(10).us);
    assert_int_equal(store_due(store, NOON(30), rows, COUNT_OF(rows), &count), 0);
    assert_int_equal(count, 4); /* two deadlines that wake together are one row */
    assert_string_equal(rows[0].reference, "D-1");
    assert_string_equal(rows[1].reference, "D-3");
    assert_string_equal(rows[2].reference, "D-2");
    assert_string_equal(rows[3].reference, "D-1");
    assert_int_equal(rows[0].wake.us, NOON(10).us);
    assert_int_equal(rows[3].wake.us, NOON(30).us);
    assert_string_equal(rows[0].board, "invented-board");
    assert_int_equal(store_due(store, NOON(30), rows, 3, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(store_due(store, (struct instant){ NOON(10).us - 1 }, rows, 3, &count), 0);
    assert_int_equal(count, 0);
}

/* The queries that run in every turn, whatever the store holds, and the index each must use. */
static const struct {
    enum store_statement statement;
    const char *uses;
} plans[] = {
    { SQL_NEXT_WAKE, "deadline_wake" },
    { SQL_DUE, "deadline_wake" },
    { SQL_OUTBOX_DUE, "outbox_lane (<expr>=? AND priority=? AND next_try_us>" },
    { SQL_OUTBOX_NEXT_TRY, "outbox_lane" },
    { SQL_OUTBOX_LANE, "outbox_lane (<expr>>?)" },
    { SQL_OUTBOX_GET, "sqlite_autoindex_outbox_1" },
    { SQL_OUTBOX_MOVE, "sqlite_autoindex_outbox_1" },
    { SQL_ESCALATE_NEXT, "outbox_escalate" },
    { SQL_ESCALATE_DUE, "outbox_escalate" },
    { SQL_ESCALATE_SETTLE, "outbox_once" },
    { SQL_OUTBOX_ROUTES, "outbox_once" },
    { SQL_UNDELIVERED, "outbox_undelivered" },
    { SQL_EVENT_FIND, "PRIMARY KEY" },
    { SQL_GAP_OF, "gap_open" },
    { SQL_DISAGREEMENT_GET, "sqlite_autoindex_disagreement_1" },
    { SQL_DISAGREEMENT_NUMBER, "sqlite_autoindex_disagreement_1" },
    { SQL_DEADLINES, "PRIMARY KEY" },
    { SQL_HISTORY, "record_about" },
    { SQL_LAST_LINE, "SCAN record_line" }, /* backwards along the row ids, one step */
    { SQL_DISAGREEMENTS_OPEN, "disagreement_open" },
    { SQL_DISAGREEMENTS_NAMED, "sqlite_autoindex_disagreement_1" },
    { SQL_OUTBOX_ABOUT, "outbox_once" },
    { SQL_ATTEMPTS, "PRIMARY KEY" },
};

static void asks_the_index(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        char sql[1200], plan[1000] = "";
        sqlite3_stmt *statement;

        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", store_sql[plans[i].statement]);
        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            size_t used = strlen(plan);

            snprintf(plan + used, sizeof plan - used, "%s; ", sqlite3_column_text(statement, 3));
        }
        sqlite3_finalize(statement);
        print_message("  %s\n", plan);
        assert_non_null(strstr(plan, plans[i].uses));
        if (plans[i].statement != SQL_OUTBOX_ABOUT &&
            plans[i].statement != SQL_DISAGREEMENTS_OPEN &&
            plans[i].statement != SQL_DISAGREEMENTS_NAMED)
            assert_null(strstr(plan, "TEMP B-TREE"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(keeps_sources),
        WITH_STORE(keeps_gaps),
        WITH_STORE(keeps_procedures),
        WITH_STORE(loads_what_it_saved),
        WITH_STORE(refuses_what_does_not_fit),
        WITH_STORE(keeps_a_row_for_each_start),
        WITH_STORE(writes_only_what_changed),
        WITH_STORE(lists_disagreements),
        WITH_STORE(finds_what_is_due),
        WITH_STORE(asks_the_index),
    };

    full_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
