/* test_engine_overtaken.c - a digest is true at the instant it goes: what has come about since.
 *
 * Engine and store are real, the clock is simulated.
 */
#include "gather_bench.h"

static const char daily[] =
    DIRECTORY("h.manager", "daily 09:00", MANAGER(", ordinary: daily 09:00"));

static const char digest_at[] = "2027-02-10T09:00:00Z";

static void open_and_raise(struct bench *bench)
{
    forget();
    bench_open(bench, daily, "2027-02-09T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    give(bench, "disagreement.raised", "D2", raised);
    give(bench, "disagreement.raised", "D3", raised);
    bench->now = bench_at("2027-02-09T15:00:00Z");
}

/* Its text, without the page: the mail as it went out. */
static const char *digest_to(const char *recipient, const char *at)
{
    const struct taken *mail = last_to(recipient);

    assert_int_equal(mail->at.us, bench_at(at).us);
    assert_non_null(strstr(mail->text, "Subject: [Digest] "));
    return mail->text;
}

static void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("not there: %s", part);
}

static void an_ended_one_says_so(void **state)
{
    struct bench *bench = *state;
    const char *text;

    open_and_raise(bench);
    give(bench, "withdrawn", "D2", "{\"reason\":\"Settled.\",\"by\":{\"agency\":\"housing\"}}");
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    text = digest_to("one@h.example", digest_at);
    assert_holds(text, "- D1\r\n- D2 (withdrawn since)\r\n- D3\r\n");
    assert_holds(text, "What stands in brackets behind a reference has come about since");
    assert_holds(text, "\r\n- D2\r\n"); /* the withdrawal itself, which is the last word */
}

static void a_moved_date_is_the_one_of_now(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    give(bench, "deadline.extended", "D3",
         "{\"deadline\":\"stage-1\",\"due\":\"2027-03-05T17:00:00Z\",\"reason\":\"Asked for.\","
         "\"by\":{\"agency\":\"housing\"}}");
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_holds(digest_to("one@h.example", digest_at),
                 "- D1\r\n- D2\r\n- D3 (Stage 1: now by 17:00 Fri 5 March 2027)\r\n");
}

static void what_was_reported_ended_runs_no_more(void **state)
{
    struct bench *bench = *state;
    const char *text;

    open_and_raise(bench);
    give(bench, "stage.unresolved", "D1", "{\"by\":{\"agency\":\"housing\"}}");
    go_on(bench, "2027-02-10T12:00:00Z");
    text = digest_to("one@h.example", digest_at);
    assert_holds(text, "- D1 (Stage 1: no longer running)\r\n- D2\r\n- D3\r\n");
}

/* And so does what is written anew for somebody else, later. */
static void who_has_it_later_reads_what_is_so_then(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench);
    other_sides.refuses[0] = "one@h.example";
    go_on(bench, "2027-02-10T09:05:00Z");
    assert_int_equal(took("two@h.example"), 0);
    give(bench, "withdrawn", "D1", "{\"reason\":\"Settled.\",\"by\":{\"agency\":\"housing\"}}");
    go_on(bench, "2027-02-10T09:15:00Z");
    assert_holds(digest_to("two@h.example", "2027-02-10T09:10:00Z"),
                 "- D1 (withdrawn since)\r\n- D2\r\n- D3\r\n");
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(an_ended_one_says_so),
        ROW(a_moved_date_is_the_one_of_now),
        ROW(what_was_reported_ended_runs_no_more),
        ROW(who_has_it_later_reads_what_is_so_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
