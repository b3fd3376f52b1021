/* test_engine_word.c - very many deliveries that fail make few messages to those who must know, and
 * each of them is named in one.
 *
 * Engine and store are real, the clock is simulated.
 */
#include "gather_bench.h"
#include "io/engine_private.h"

enum { MANY = 9 /* each by two routes of one person: fewer than go to him together */ };

static const char people[] = DIRECTORY("h.manager", "at once", MANAGER(""));
static const char operator_[] = "operator@board.example", unit[] = "unit@board.example";

static void open_and_raise(struct bench *bench, bool restart)
{
    static const char *const refuse[] = { "one@h.example", "two@h.example", "deputy@h.example" };
    char reference[16];

    forget();
    world.restart = restart;
    memcpy(other_sides.refuses, refuse, sizeof refuse);
    other_sides.for_good = true;
    bench_open(bench, people, "2027-02-09T10:00:00Z");
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(reference, sizeof reference, "D-%03u", i);
        give(bench, "disagreement.raised", reference, raised);
    }
}

static size_t took_about(const char *recipient, const char *subject)
{
    size_t count = 0;

    for (size_t i = 0; i < world.taken_count; i++)
        count += strcmp(world.taken[i].recipient, recipient) == 0 &&
                 strstr(world.taken[i].text, subject) != NULL;
    return count;
}

/* In how many lines of all messages to him it stands. */
static size_t named(const char *recipient, const char *words)
{
    size_t count = 0;

    for (size_t i = 0; i < world.taken_count; i++) {
        if (strcmp(world.taken[i].recipient, recipient) != 0)
            continue;
        for (const char *at = world.taken[i].text; (at = strstr(at, words)); at++)
            count++;
    }
    return count;
}

static const char alone[] = "Subject: A notification is not delivered",
                  listed[] = "Subject: Notifications are not delivered",
                  nobody[] = "Subject: Nobody accepted a notification: tell them another way";

static void check_few(struct bench *bench, bool restart)
{
    char words[64];

    open_and_raise(bench, restart);
    assert_int_equal(took_about(operator_, alone), 1); /* the first of each kind at once ... */
    assert_int_equal(took_about(operator_, nobody), 1);
    assert_int_equal(took(operator_), 2);
    assert_int_equal(took_about(unit, nobody), 1);
    go_on(bench, "2027-02-09T10:00:29Z");
    assert_int_equal(took(operator_), 2);
    assert_int_equal(took(unit), 1);
    go_on(bench, "2027-02-09T10:00:30Z"); /* ... and all that followed */
    assert_int_equal(took_about(operator_, listed), 1);
    assert_int_equal(took_about(operator_, nobody), 2);
    assert_int_equal(took(operator_), 4);
    assert_int_equal(took(unit), 2);
    for (unsigned i = 0; i < MANY; i++) {
        /* Refused by three routes (the first of all stood alone), and accepted by nobody. */
        snprintf(words, sizeof words, "\n- D-%03u, to the role line_manager", i);
        assert_int_equal(named(operator_, words), i == 0 ? 2 + 1 : 3 + 1);
        assert_int_equal(named(unit, words), 1);
    }
    assert_int_equal(named(operator_, "\nA notification of the disagreement D-000"), 1);
    go_on(bench, "2027-02-09T12:00:00Z");
    assert_int_equal(took(operator_), 4);
    assert_int_equal(took(unit), 2);
}

static void many_refusals_make_a_word_and_a_list(void **state)
{
    check_few(*state, false);
}

static void so_they_do_over_restarts_and_lost_turns(void **state)
{
    check_few(*state, true);
}

static void one_after_a_while_is_told_at_once(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, false);
    go_on(bench, "2027-02-09T10:02:00Z");
    give(bench, "disagreement.raised", "D-999", raised);
    assert_int_equal(took_about(operator_, alone), 2);
    assert_int_equal(took_about(operator_, nobody), 3);
    assert_int_equal(took_about(operator_, "of the disagreement D-999"), 1);
    assert_int_equal(named(unit, "\n- D-999, "), 1);
    assert_int_equal(took(unit), 3);
}

/* What waits is told at once, and what follows gathers by the clock as it is now. */
static void a_clock_set_back_holds_up_none_and_floods_nobody(void **state)
{
    struct bench *bench = *state;

    open_and_raise(bench, false);
    bench_set_back(bench, "2027-02-08T10:00:00Z");
    deliver(bench);
    assert_int_equal(took(operator_), 4);
    assert_int_equal(took(unit), 2);
    give(bench, "disagreement.raised", "D-901", raised);
    give(bench, "disagreement.raised", "D-902", raised);
    assert_int_equal(took(operator_), 4);
    assert_int_equal(took(unit), 2);
    go_on(bench, "2027-02-08T10:00:30Z");
    assert_int_equal(took(operator_), 6);
    assert_int_equal(took(unit), 3);
    assert_int_equal(named(unit, "\n- D-901, "), 1);
    assert_int_equal(named(unit, "\n- D-902, "), 1);
}

/* --- said without a cause */

static void say(struct bench *bench, const char *board, unsigned first, unsigned end)
{
    struct engine_word word = { .kind = WORD_UNDELIVERED, .board = board, .text = "" };
    char line[64];

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (unsigned i = first; i < end; i++) {
        snprintf(line, sizeof line, "X-%03u, to the role of somebody invented (%03u)", i, i);
        word.about = word.line = line;
        assert_int_equal(engine_say_word(bench->engine, &word), 0);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static void assert_each_named_once(const char *recipient, const char *line_end, unsigned end)
{
    char line[64];

    for (unsigned i = 0; i < end; i++) {
        snprintf(line, sizeof line, "%s- X-%03u, ", line_end, i);
        assert_int_equal(named(recipient, line), 1);
    }
}

/* `people` with another text in the place of one. */
static void put_in(char *directory, size_t size, const char *old, const char *instead)
{
    const char *at = strstr(people, old);

    assert_non_null(at);
    assert_true((size_t)snprintf(directory, size, "%.*s%s%s", (int)(at - people), people, instead,
                                 at + strlen(old)) < size);
}

static void each_board_has_its_own_list(void **state)
{
    struct bench *bench = *state;
    char directory[sizeof people + 400];

    put_in(directory, sizeof directory, "people:\n",
           "  other:\n"
           "    name: Other Invented Board\n"
           "    procedures: [plcsab-adults]\n"
           "    roles: {board_team: {holder: others}}\n"
           "people:\n"
           "  others: {name: O, routes: [\"email:others@board.example\"]}\n");
    forget();
    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    for (unsigned i = 0; i < 9; i++)
        say(bench, i % 3 == 0 ? "board" : "other", i, i + 1);
    assert_int_equal(took(unit), 1);
    assert_int_equal(took("others@board.example"), 1);
    go_on(bench, "2027-02-09T10:01:00Z");
    assert_int_equal(took(unit), 2);
    assert_int_equal(took("others@board.example"), 2);
    assert_int_equal(took(operator_), 0);
    for (unsigned i = 0; i < 9; i++) {
        char line[64];

        snprintf(line, sizeof line, "\n- X-%03u, ", i);
        assert_int_equal(named(unit, line), i % 3 == 0);
        assert_int_equal(named("others@board.example", line), i % 3 != 0);
    }
}

/* More than one message has room for: numbered by nothing, but none is lost. */
static void a_list_too_long_goes_as_several(void **state)
{
    struct bench *bench = *state;

    forget();
    bench_open(bench, people, "2027-02-09T10:00:00Z");
    say(bench, NULL, 0, 400);
    assert_true(took(operator_) > 1 && took(operator_) < 5);
    assert_each_named_once(operator_, "\n", 400);
}

/* GOV.UK Notify refuses a text message of more than 918 letters. */
static void none_is_too_long_for_a_text_message(void **state)
{
    static const char number[] = "+447700900123"; /* of those that are kept for drama */
    struct bench *bench = *state;
    char directory[sizeof people + 400];

    put_in(directory, sizeof directory, "operator: [",
           "  notify: {kind: govuk-notify, secret: care,\n"
           "    text_template: 00000000-0000-0000-0000-000000000002}\n"
           "operator: [\"notify-text:+447700900123\", ");
    forget();
    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    say(bench, NULL, 0, 40);
    assert_true(took(number) > 1);
    for (size_t i = 1; i <= took(number); i++)
        assert_true(strlen(taken_by(number, i)->text) < 918 + 200 /* of JSON */);
    assert_each_named_once(number, "\\n" /* of JSON */, 40);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(many_refusals_make_a_word_and_a_list),
        ROW(so_they_do_over_restarts_and_lost_turns),
        ROW(one_after_a_while_is_told_at_once),
        ROW(a_clock_set_back_holds_up_none_and_floods_nobody),
        ROW(each_board_has_its_own_list),
        ROW(a_list_too_long_goes_as_several),
        ROW(none_is_too_long_for_a_text_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
