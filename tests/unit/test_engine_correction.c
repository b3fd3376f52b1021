/* test_engine_correction.c - an event is put right: what moves, what is told, and who may. */
#include "engine_bench.h"

#include "io/store_private.h"

#define CLOSER "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define RAISER "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n    kind: statutory\n"
    "    roles: {line_manager: {holder: h.manager}, head_of_service: {holder: h.head},\n"
    "      strategic_head: {holder: h.head}, practitioner: {holder: h.worker}}\n"
    "  care:\n"
    "    name: Invented Care\n    kind: statutory\n"
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.head},\n"
    "      strategic_head: {holder: c.head}, practitioner: {holder: c.worker}}\n"
    "  health:\n"
    "    name: Invented Health\n    kind: statutory\n"
    "    roles: {line_manager: {holder: n.manager}, head_of_service: {holder: n.manager},\n"
    "      strategic_head: {holder: n.manager}, practitioner: {holder: n.manager}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:h.manager@housing.example\"]}\n"
    "  h.head: {name: H, routes: [\"email:h.head@housing.example\"]}\n"
    "  h.worker: {name: H, routes: [\"email:h.worker@housing.example\"]}\n"
    "  c.manager: {name: C, routes: [\"email:c.manager@care.example\"]}\n"
    "  c.head: {name: C, routes: [\"email:c.head@care.example\"]}\n"
    "  c.worker: {name: C, routes: [\"email:c.worker@care.example\"]}\n"
    "  n.manager: {name: N, routes: [\"email:n.manager@health.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "operator: [\"email:operator@board.example\"]\n";

/* One may close, the other only publish; both are the challenging agency's. */
static const char keys[] =
    "keys:\n"
    "  - {key: \"" CLOSER "\", agency: housing, boards: [board],\n"
    "     sources: [\"urn:invented:las\"], types: [all], rights: [publish, close]}\n"
    "  - {key: \"" RAISER "\", agency: housing, boards: [board],\n"
    "     sources: [\"urn:invented:las\"], types: [all], rights: [publish]}\n";

#define PARTIES                                                                                    \
    "\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"                    \
    "\"challenged\":[{\"agency\":\"care\"}]"

/* Monday 1 February 2027, 10:00: stage 1 ends on Monday the 8th, all of it on Monday the 22nd. */
static void raise_one(struct bench *bench, const char *key)
{
    bench_open(bench, directory, "2027-02-01T10:00:00Z");
    assert_int_equal(bench_give(bench, key, "disagreement.raised", "D1", "{" PARTIES "}"),
                     ENGINE_TAKEN);
    assert_int_equal(bench_running(bench, "stage-1")->due.us, bench_at("2027-02-08T17:00:00Z").us);
    assert_int_equal(bench_running(bench, "overall")->due.us, bench_at("2027-02-22T17:00:00Z").us);
}

static void read_keys(struct bench *bench)
{
    char path[256];

    bench_write(bench, "keyring.yaml", keys);
    snprintf(path, sizeof path, "%s/keyring.yaml", bench->folder);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(keyring_read(path, stderr, &bench->keyring), KEYRING_OK);
}

/* Corrects the event `id`: as it should have been at `time`, or null. */
static int correct(struct bench *bench, const char *key, const char *id, const char *time,
                   const char *type, const char *data)
{
    char inner[2048] = "null", text[3000];

    if (type)
        snprintf(inner, sizeof inner,
                 "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"urn:invented:las\","
                 "\"type\":\"concernd.%s\",\"subject\":\"D1\",\"time\":\"%s\","
                 "\"datacontenttype\":\"application/json\",\"data\":%s}",
                 id, type, time, data);
    snprintf(text, sizeof text,
             "{\"supersedes\":\"%s\",\"by\":{\"agency\":\"housing\"},\"event\":%s}", id, inner);
    return bench_give(bench, key, "correction", "D1", text);
}

static void a_raise_told_too_late_moves_what_it_began(void **state)
{
    struct bench *bench = *state;
    size_t before;

    raise_one(bench, NULL);
    bench_advance(bench, "2027-02-02T09:30:00Z");
    before = bench->say_count;
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-01-29T15:00:00Z", "disagreement.raised", "{" PARTIES "}"),
        ENGINE_TAKEN);
    /* Friday 29 January: five working days end on Friday the 5th, fifteen on Friday the 19th. */
    assert_int_equal(bench->after.raised.us, bench_at("2027-01-29T15:00:00Z").us);
    assert_int_equal(bench_running(bench, "stage-1")->due.us, bench_at("2027-02-05T17:00:00Z").us);
    assert_int_equal(bench_running(bench, "overall")->due.us, bench_at("2027-02-19T17:00:00Z").us);
    /* Both managers, of both deadlines; and nobody of anything else. */
    assert_int_equal(bench_told(bench, MESSAGE_DUE_MOVED, before), 4);
    assert_int_equal(bench->say_count - before, 4);
    assert_int_equal(bench->sent_count, 2);

    /* Corrected again, to another hour of that day: no due instant moves, nobody is told. */
    before = bench->say_count;
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-01-29T11:00:00Z", "disagreement.raised", "{" PARTIES "}"),
        ENGINE_TAKEN);
    assert_int_equal(bench->after.raised.us, bench_at("2027-01-29T11:00:00Z").us);
    assert_int_equal(bench_running(bench, "stage-1")->due.us, bench_at("2027-02-05T17:00:00Z").us);
    assert_int_equal(bench->say_count, before);
    /* It goes on from there. */
    bench_advance(bench, "2027-02-05T17:00:00Z");
    assert_string_equal(procedure_stage_id(bench->view.procedure, bench->after.stage), "stage-2");
}

/* What has passed does not un-pass, and a due instant put into the past passes at once. */
static void a_correction_looks_forward(void **state)
{
    struct bench *bench = *state;

    raise_one(bench, NULL);
    bench_advance(bench, "2027-02-02T09:30:00Z");
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-01-18T15:00:00Z", "disagreement.raised", "{" PARTIES "}"),
        ENGINE_TAKEN);
    bench_advance(bench, "2027-02-02T09:30:00Z");
    assert_int_equal(bench->after.stage, 1);
    assert_int_equal(bench->after.stage_entered.us, bench_at("2027-02-02T09:30:00Z").us);
    /* It was raised later after all: the stage that passed stays passed. */
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-02-01T10:00:00Z", "disagreement.raised", "{" PARTIES "}"),
        ENGINE_TAKEN);
    assert_int_equal(bench->after.stage, 1);
    assert_int_equal(bench_running(bench, "stage-1")->state, RUNNING_PASSED);
    assert_int_equal(bench_running(bench, "overall")->due.us, bench_at("2027-02-22T17:00:00Z").us);
}

static void a_raise_says_other_facts_and_one_more_agency(void **state)
{
    struct bench *bench = *state;
    size_t before;

    raise_one(bench, NULL);
    bench_advance(bench, "2027-02-01T10:30:00Z");
    before = bench->say_count;
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-02-01T10:00:00Z", "disagreement.raised",
                "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
                "\"challenged\":[{\"agency\":\"care\"},{\"agency\":\"health\"}],"
                "\"case\":\"7F3K-0192\",\"facts\":{\"risk\":\"life_threatening\"}}"),
        ENGINE_TAKEN);
    assert_int_equal(bench->after.party_count, 3);
    assert_string_equal(bench->after.parties[2], "health");
    assert_string_equal(bench->after.case_reference, "7F3K-0192");
    assert_string_equal(disagreement_fact(&bench->after, "risk"), "life_threatening");
    /* Who joins is told where things stand; and of the risk everybody who acts, at once. */
    assert_int_equal(bench_told(bench, MESSAGE_STAGE_ENTERED, before), 1);
    assert_non_null(bench_sent_to(bench, "n.manager@health.example"));
    assert_int_equal(bench_sent_to(bench, "c.worker@care.example")->priority, PRIORITY_IMMEDIATE);
    assert_int_equal(bench_told(bench, MESSAGE_DUE_MOVED, before), 0);
}

static void nobody_vanishes_from_a_disagreement(void **state)
{
    struct bench *bench = *state;

    raise_one(bench, NULL);
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-02-01T10:00:00Z", "disagreement.raised",
                "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
                "\"challenged\":[{\"agency\":\"health\"}]}"),
        ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "422.1");
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-02-01T10:00:00Z", "risk.changed", "{\"risk\":\"none\"}"),
        ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "422.1");
    assert_int_equal(correct(bench, NULL, "e99", NULL, NULL, NULL), ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "404.1");
    assert_int_equal(
        correct(bench, NULL, "e1", "2027-02-01T11:00:00Z", "disagreement.raised", "{" PARTIES "}"),
        ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "400.3"); /* it cannot be of the future */
}

static void a_fact_is_put_right_unless_told_anew(void **state)
{
    struct bench *bench = *state;

    raise_one(bench, NULL);
    bench_give(bench, NULL, "risk.changed", "D1", "{\"risk\":\"immediate\"}"); /* e2 */
    assert_int_equal(correct(bench, NULL, "e2", "2027-02-01T10:00:00Z", "risk.changed",
                             "{\"risk\":\"significant\"}"),
                     ENGINE_TAKEN);
    assert_string_equal(disagreement_fact(&bench->after, "risk"), "significant");
    bench_give(bench, NULL, "risk.changed", "D1", "{\"risk\":\"life_threatening\"}"); /* e4 */
    assert_int_equal(
        correct(bench, NULL, "e2", "2027-02-01T10:00:00Z", "risk.changed", "{\"risk\":\"none\"}"),
        ENGINE_TAKEN);
    assert_string_equal(disagreement_fact(&bench->after, "risk"), "life_threatening");
    /* What stood before a risk nobody can say: it is kept, and changes nothing. */
    assert_int_equal(correct(bench, NULL, "e4", NULL, NULL, NULL), ENGINE_TAKEN);
    assert_true(bench->reply.ack.ignored);
    assert_string_equal(disagreement_fact(&bench->after, "risk"), "life_threatening");
    /* Of a flag it can be said. */
    bench_give(bench, NULL, "flag.changed", "D1", "{\"flag\":\"urgent\",\"value\":true}"); /* e7 */
    assert_string_equal(disagreement_fact(&bench->after, "urgent"), "yes");
    assert_int_equal(correct(bench, NULL, "e7", NULL, NULL, NULL), ENGINE_TAKEN);
    assert_false(bench->reply.ack.ignored);
    assert_string_equal(disagreement_fact(&bench->after, "urgent"), "no");
    /* What was taken back cannot be corrected. */
    assert_int_equal(correct(bench, NULL, "e7", NULL, NULL, NULL), ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "422.1");
}

/* What happened does not happen twice; what was held goes on where the hold was a mistake. */
static void a_step_is_not_taken_twice_and_a_hold_ends(void **state)
{
    struct bench *bench = *state;
    size_t before;

    raise_one(bench, NULL);
    bench_advance(bench, "2027-02-02T12:00:00Z");
    bench_give(bench, NULL, "stage.unresolved", "D1", "{\"by\":{\"agency\":\"housing\"}}"); /* e2 */
    assert_int_equal(bench->after.stage, 1);
    bench_advance(bench, "2027-02-03T12:00:00Z");
    assert_int_equal(correct(bench, NULL, "e2", "2027-02-01T12:00:00Z", "stage.unresolved",
                             "{\"by\":{\"agency\":\"housing\"}}"),
                     ENGINE_TAKEN);
    assert_int_equal(bench->after.stage, 1);
    assert_int_equal(bench_running(bench, "stage-2")->due.us, bench_at("2027-02-08T17:00:00Z").us);

    bench_give(bench, NULL, "hold", "D1", /* e4 */
               "{\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\",\"by\":{\"agency\":"
               "\"housing\"}}");
    assert_true(bench->after.held);
    before = bench->say_count;
    assert_int_equal(correct(bench, NULL, "e4", NULL, NULL, NULL), ENGINE_TAKEN);
    assert_false(bench->after.held);
    assert_true(bench_told(bench, MESSAGE_RELEASE, before) > 0);
    assert_int_equal(bench->say_count - before, bench_told(bench, MESSAGE_RELEASE, before));
}

static void a_mistaken_raise_is_a_withdrawal(void **state)
{
    struct bench *bench = *state;
    size_t before;

    read_keys(bench);
    raise_one(bench, RAISER);
    bench_advance(bench, "2027-02-01T11:00:00Z");
    /* It can silence, so it asks the right to. */
    assert_int_equal(correct(bench, RAISER, "e1", NULL, NULL, NULL), ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "403.3");
    assert_int_equal(bench->after.state, DISAGREEMENT_OPEN);
    before = bench->say_count;
    assert_int_equal(correct(bench, CLOSER, "e1", NULL, NULL, NULL), ENGINE_TAKEN);
    assert_int_equal(bench->after.state, DISAGREEMENT_WITHDRAWN);
    assert_int_equal(bench_told(bench, MESSAGE_WITHDRAWN, before), 2); /* both managers */
    assert_int_equal(bench->say_count - before, 2);
}

/* A correction is no way round the rights: what it says instead asks its own. */
static void the_corrected_type_asks_its_right(void **state)
{
    struct bench *bench = *state;

    read_keys(bench);
    raise_one(bench, RAISER);
    bench_give(bench, RAISER, "discussion.held", "D1", "{}"); /* e2 */
    assert_int_equal(correct(bench, RAISER, "e2", "2027-02-01T10:00:00Z", "hold",
                             "{\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\",\"by\":{"
                             "\"agency\":\"housing\"}}"),
                     ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "403.3");
    assert_false(bench->after.held);
    assert_int_equal(correct(bench, CLOSER, "e2", "2027-02-01T10:00:00Z", "hold",
                             "{\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\",\"by\":{"
                             "\"agency\":\"housing\"}}"),
                     ENGINE_TAKEN);
    assert_true(bench->after.held);
}

/* A disk that was full: what runs goes on, what is new waits with its publisher. */
static void a_short_store_takes_no_new_disagreement(void **state)
{
    struct bench *bench = *state;

    raise_one(bench, NULL);
    store_reserve_give(bench->store);
    assert_true(store_is_short(bench->store));
    assert_int_equal(bench_give(bench, NULL, "disagreement.raised", "D2", "{" PARTIES "}"),
                     ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "503.1");
    assert_int_equal(bench_give(bench, NULL, "discussion.held", "D1", "{}"), ENGINE_TAKEN);
    bench_advance(bench, "2027-02-08T17:00:00Z");
    assert_int_equal(bench->after.stage, 1);
    assert_non_null(bench_sent_to(bench, "h.head@housing.example"));
    /* There is room again. */
    store_reserve_make(bench->store);
    assert_int_equal(bench_give(bench, NULL, "disagreement.raised", "D2", "{" PARTIES "}"),
                     ENGINE_TAKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_raise_told_too_late_moves_what_it_began, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_correction_looks_forward, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_raise_says_other_facts_and_one_more_agency, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(nobody_vanishes_from_a_disagreement, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_fact_is_put_right_unless_told_anew, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_step_is_not_taken_twice_and_a_hold_ends, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(a_mistaken_raise_is_a_withdrawal, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(the_corrected_type_asks_its_right, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(a_short_store_takes_no_new_disagreement, bench_begin,
                                        bench_end),
    };

    return cmocka_run_group_tests_name("engine_correction", tests, NULL, NULL);
}
