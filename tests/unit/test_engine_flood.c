/* test_engine_flood.c - a flood that reaches nobody as one: each notification is in one message.
 *
 * Engine and store are real, the clock is simulated.
 */
#include "core/gather.h"
#include "gather_bench.h"

enum { FLOOD = 10000, TURN = 200 };

static uint8_t told[FLOOD];

/* Every reference in a message's list, in one of all messages to him. */
static size_t count_references(const char *recipient, const char *line)
{
    size_t messages = 0, length = strlen(line);

    memset(told, 0, sizeof told);
    for (size_t i = 0; i < world.taken_count; i++) {
        if (strcmp(world.taken[i].recipient, recipient) != 0)
            continue;
        messages++;
        for (const char *at = world.taken[i].text; (at = strchr(at, line[0])); at++) {
            unsigned long number;

            if (strncmp(at, line, length) != 0)
                continue;
            number = strtoul(at + length, NULL, 10);
            assert_true(number < FLOOD);
            assert_int_equal(told[number], 0);
            told[number] = 1;
        }
    }
    for (size_t i = 0; i < FLOOD; i++)
        if (!told[i])
            fail_msg("%s was not told of F%05zu", recipient, i);
    print_message("    %s: %d notifications in %zu messages\n", recipient, FLOOD, messages);
    return messages;
}

static void raise_all(struct bench *bench)
{
    char reference[16];

    for (unsigned i = 0; i < FLOOD; i += TURN) {
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (unsigned j = i; j < i + TURN; j++) {
            snprintf(reference, sizeof reference, "F%05u", j);
            take(bench, "disagreement.raised", reference, raised);
        }
        assert_int_equal(engine_commit(bench->engine), 0);
        bench->now.us += 10000; /* all within half a second */
    }
}

/* One person manages for everybody, one channel is every head's. */
static const char few_people[] =
    "agencies:\n"
    "  housing: {name: Invented Housing, kind: statutory, roles: {line_manager: {holder: one},\n"
    "    head_of_service: {holder: head}, strategic_head: {holder: head},\n"
    "    practitioner: {holder: one}}}\n"
    "  care: {name: Invented Care, kind: statutory, roles: {line_manager: {holder: one},\n"
    "    head_of_service: {holder: head}, strategic_head: {holder: head},\n"
    "    practitioner: {holder: one}}}\n"
    "boards:\n"
    "  board: {name: Invented Board, procedures: [plcsab-adults],\n"
    "    roles: {board_team: {holder: one}}}\n"
    "people:\n"
    "  one: {name: O, routes: [\"email:one@h.example\"]}\n"
    "  head: {name: H, routes: [\"teams:channel\"]}\n"
    "endpoints:\n"
    "  channel: {kind: teams, secret: care}\n"
    "operator: [\"email:operator@board.example\"]\n";

/* Ten thousand deadlines pass in one second, after a restart. */
static void ten_thousand_in_one_second(void **state)
{
    struct bench *bench = *state;

    forget();
    bench->deaf = bench->mute = true;
    bench->acknowledge = (struct acknowledge_setting){ "https://board.example/acknowledge", 0 };
    bench_open(bench, few_people, "2027-02-09T10:00:00Z");
    raise_all(bench);
    go_on(bench, "2027-02-16T16:59:59Z");
    bench->mute = false;
    start_again(bench);
    go_on(bench, "2027-02-16T17:02:00Z");
    assert_true(count_references("one@h.example", "\r\n- F") <= FLOOD / 1000);
    assert_true(count_references("channel", "\\n- F") <= FLOOD / 200);
    assert_int_equal(took("operator@board.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
    /* Lists as long as these have no links, and say how to answer instead. */
    for (size_t i = 0; i < world.taken_count; i++)
        if (strstr(world.taken[i].text, "[Digest]")) {
            assert_non_null(strstr(world.taken[i].text, "no room for links to confirm by"));
            assert_null(strstr(world.taken[i].text, "/acknowledge/"));
        }
}

static void a_few_come_one_by_one(void **state)
{
    static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));
    struct bench *bench = *state;
    char reference[16];

    forget();
    bench_open(bench, at_once, "2027-02-09T10:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (unsigned i = 0; i < GATHER_ALONE_MAX; i++) {
        snprintf(reference, sizeof reference, "D%u", i);
        take(bench, "disagreement.raised", reference, raised);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX);
    assert_int_equal(took("manager@c.example"), GATHER_ALONE_MAX);
    /* Two more in the same half minute wait for its end; later all is as ever. */
    give(bench, "disagreement.raised", "E1", raised);
    give(bench, "disagreement.raised", "E2", raised);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX);
    go_on(bench, "2027-02-09T10:00:30Z");
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX + 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "[Digest] 2 notifications"));
    go_on(bench, "2027-02-09T10:05:00Z");
    give(bench, "disagreement.raised", "E3", raised);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX + 2);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(a_few_come_one_by_one),
        ROW(ten_thousand_in_one_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
