/* test_engine_reference.c - what could say something of a person is refused, or left out.
 *
 * Everybody in it is invented, and so is what is looked for.
 */
#include "publisher_bench.h"

#include "io/journal.h"
#include "io/record.h"

static const char directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n    kind: statutory\n"
    "    references: [\"H-####\"]\n    links: [\"https://las.housing.example/r/\"]\n"
    "    roles: {line_manager: {holder: h.manager}, practitioner: {holder: h.manager}}\n"
    "  care:\n"
    "    name: Invented Care\n    kind: statutory\n"
    "    roles: {line_manager: {holder: c.manager}, practitioner: {holder: c.manager}}\n"
    "boards:\n"
    "  board: {name: Invented Board, procedures: [plcsab-adults], roles: {}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:h.manager@housing.example\"]}\n"
    "  c.manager: {name: C, routes: [\"email:c.manager@care.example\"]}\n"
    "operator: [\"email:operator@board.example\"]\n";

#define BETWEEN(one, other, more)                                                                  \
    "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"" one "\"},\"challenged\":"    \
    "[{\"agency\":\"" other "\"}]" more "}"

/* Mails to the operator, by what they are of; and to care's manager. */
static size_t told_refused, told_left_out, told_manager;

static void count_mails(const struct bench *bench)
{
    for (size_t i = 0; i < bench->sent_count; i++) {
        const struct bench_sent *sent = &bench->sent[i];
        bool to_operator = strcmp(sent->recipient, "operator@board.example") == 0;

        told_refused += to_operator && strstr(sent->subject, "A disagreement was not taken");
        told_left_out += to_operator && strstr(sent->subject, "Something of events is left out");
        told_manager += strcmp(sent->recipient, "c.manager@care.example") == 0;
    }
}

static void open_world(struct bench *bench)
{
    journal_set_least(JOURNAL_ERROR);
    told_refused = told_left_out = told_manager = 0;
    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, directory, "2027-02-01T10:00:00Z");
}

static int send(struct bench *bench, const char *key, const char *type, const char *subject,
                const char *data)
{
    static char id[32];
    static unsigned number;
    struct sending sending = { .key = key,
                               .source = strcmp(key, KEY_CARE) == 0 ? OF_CARE : OF_HOUSING,
                               .id = id,
                               .type = type,
                               .subject = subject,
                               .data = data };

    int answer;

    snprintf(id, sizeof id, "e%u", ++number);
    answer = bench_send(bench, &sending);
    count_mails(bench);
    return answer;
}

struct looking {
    const char *text;
    bool found;
};

static bool look(void *context, const struct record_line *line)
{
    struct looking *looking = context;

    looking->found =
        looking->found || (line->payload && strstr(line->payload, looking->text) != NULL);
    return true;
}

static bool record_holds(struct bench *bench, const char *text)
{
    struct looking looking = { .text = text };

    assert_int_equal(record_list(bench->store, 1, 1000, look, &looking), STORE_OK);
    return looking.found;
}

static void a_reference_is_of_the_challenging_agencys_form(void **state)
{
    static const struct {
        const char *key, *subject, *data;
        bool taken;
    } rows[] = {
        { KEY_HOUSING, "H-2026", BETWEEN("housing", "care", ""), true },
        { KEY_HOUSING, "D-2027", BETWEEN("housing", "care", ""), false },
        { KEY_HOUSING, "H-2026-Zebedee", BETWEEN("housing", "care", ""), false },
        { KEY_CARE, "H-2028", BETWEEN("housing", "care", ""), true }, /* whoever sends it */
        { KEY_CARE, "C/77", BETWEEN("care", "housing", ""), true },
        { KEY_CARE, "Zebedee.Quillfeather-1", BETWEEN("care", "housing", ""), false },
        { KEY_CARE, "1931-02-17", BETWEEN("care", "housing", ""), false },
        { KEY_CARE, "9991374620", BETWEEN("care", "housing", ""), false },
    };
    struct bench *bench = *state;

    open_world(bench);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int answer = send(bench, rows[i].key, "disagreement.raised", rows[i].subject, rows[i].data);
        const struct answer_nack *nack = &bench->reply.nack;

        print_message("  %s\n", rows[i].subject);
        assert_int_equal(answer, rows[i].taken ? ENGINE_TAKEN : ENGINE_REFUSED);
        if (rows[i].taken)
            continue;
        assert_string_equal(nack->code, "400.4");
        assert_int_equal(strncmp(nack->why, "subject ", strlen("subject ")), 0);
        assert_null(strstr(nack->why, rows[i].subject));
        assert_int_equal(strstr(nack->why, "H-####") != NULL, strcmp(rows[i].key, KEY_CARE) != 0);
        assert_false(record_holds(bench, rows[i].subject));
    }
    /* A raise that is not taken may be a missed one: a person hears of it at once, of each agency
     * once a day. */
    assert_int_equal(told_refused, 2);
}

/* What a procedure declares may come before the raise; then it chooses the reference. */
static void what_comes_before_the_raise_is_held_to_it_too(void **state)
{
    struct bench *bench = *state;

    open_world(bench);
    assert_int_equal(
        send(bench, KEY_HOUSING, "thing.happened", "Quillfeather1", BETWEEN("housing", "care", "")),
        ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "400.4");
    assert_non_null(strstr(bench->reply.nack.why, "H-####"));
    /* What runs keeps the reference it has; nobody is to be left without an answer. */
    assert_int_equal(send(bench, KEY_HOUSING, "risk.changed", "Quillfeather1",
                          "{\"risk\":"
                          "\"none\"}"),
                     ENGINE_REFUSED);
    assert_string_equal(bench->reply.nack.code, "404.1");
}

static void assert_dropped(const struct bench *bench, const char *one, const char *other)
{
    const struct answer_ack *ack = &bench->reply.ack;

    assert_int_equal(ack->dropped_count, (one != NULL) + (other != NULL));
    if (one)
        assert_string_equal(ack->dropped[0], one);
    if (other)
        assert_string_equal(ack->dropped[1], other);
}

static void a_case_and_a_link_are_left_out(void **state)
{
    static const struct {
        const char *key, *subject, *data, *one, *other;
    } rows[] = {
        { KEY_HOUSING, "H-0001",
          BETWEEN("housing", "care",
                  ",\"case\":\"H-7777\",\"link\":\"https://las.housing.example/"
                  "r/H-7777\""),
          NULL, NULL },
        { KEY_HOUSING, "H-0002",
          BETWEEN("housing", "care",
                  ",\"case\":\"Zebedee\",\"link\":\"https://las.housing.example"
                  "/r/zebedee?dob=1931-02-17\""),
          "case", "link" },
        { KEY_HOUSING, "H-0003",
          BETWEEN("housing", "care",
                  ",\"case\":\"7F3K-0192\",\"link\":\"https://las.housing."
                  "example/r/8d6a1c2e-4b7f-4c3d-9e8f-0123456789ab\""),
          "case", NULL },
        { KEY_CARE, "C-4", BETWEEN("care", "housing", ",\"case\":\"7F3K-0192\""), NULL, NULL },
        /* The agency states no links, and another one's are not its own. */
        { KEY_CARE, "C-5",
          BETWEEN("care", "housing", ",\"link\":\"https://las.housing.example/r/zebedee-5\""),
          "link", NULL },
    };
    struct bench *bench = *state;

    open_world(bench);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].subject);
        assert_int_equal(
            send(bench, rows[i].key, "disagreement.raised", rows[i].subject, rows[i].data),
            ENGINE_TAKEN);
        assert_dropped(bench, rows[i].one, rows[i].other);
        assert_int_equal(bench_kept(bench, rows[i].subject)->link[0] != '\0', i == 0 || i == 2);
        assert_int_equal(bench_kept(bench, rows[i].subject)->case_reference[0] != '\0',
                         i == 0 || i == 3);
    }
    assert_false(record_holds(bench, "ebedee"));
    assert_true(record_holds(bench, "\"case\":\"H-7777\""));
    assert_int_equal(told_left_out, 2); /* once a day of each agency */
    assert_int_equal(told_manager, COUNT_OF(rows));
}

static void a_repeat_is_answered_alike(void **state)
{
    struct bench *bench = *state;
    const struct sending sending = {
        .key = KEY_HOUSING,
        .source = OF_HOUSING,
        .id = "again",
        .type = "disagreement.raised",
        .subject = "H-0001",
        .data = BETWEEN("housing", "care", ",\"case\":\"Zebedee\""),
        .time = "2027-02-01T10:00:00Z",
    };

    open_world(bench);
    assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
    count_mails(bench);
    assert_false(bench->reply.ack.duplicate);
    assert_dropped(bench, "case", NULL);
    assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
    count_mails(bench);
    assert_true(bench->reply.ack.duplicate);
    assert_dropped(bench, "case", NULL);
    assert_int_equal(told_left_out, 1);
}

static void a_correction_brings_none_in(void **state)
{
    struct bench *bench = *state;
    const struct sending raise = { .key = KEY_HOUSING,
                                   .source = OF_HOUSING,
                                   .id = "first",
                                   .type = "disagreement.raised",
                                   .subject = "H-0001",
                                   .data = BETWEEN("housing", "care", "") };
    const struct sending correction = {
        .key = KEY_HOUSING,
        .source = OF_HOUSING,
        .id = "second",
        .type = "correction",
        .subject = "H-0001",
        .data = "{\"supersedes\":\"first\",\"event\":{\"specversion\":\"1.0\",\"id\":\"first\","
                "\"source\":\"" OF_HOUSING "\",\"type\":\"concernd.disagreement.raised\","
                "\"subject\":\"H-0001\",\"time\":\"2027-02-01T10:00:00Z\",\"datacontenttype\":"
                "\"application/json\",\"data\":" BETWEEN(
                    "housing", "care",
                    ",\"case\":\"Zebedee\",\"link\":\"https://las.housing.example/r/H-0001\"") "}}",
    };

    open_world(bench);
    assert_int_equal(bench_send(bench, &raise), ENGINE_TAKEN);
    assert_int_equal(bench_send(bench, &correction), ENGINE_TAKEN);
    assert_dropped(bench, "event.case", NULL);
    assert_string_equal(bench_kept(bench, "H-0001")->case_reference, "");
    assert_string_equal(bench_kept(bench, "H-0001")->link, "https://las.housing.example/r/H-0001");
    assert_false(record_holds(bench, "Zebedee"));
    assert_true(record_holds(bench, "/r/H-0001"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, bench_begin, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reference_is_of_the_challenging_agencys_form),
        TEST(what_comes_before_the_raise_is_held_to_it_too),
        TEST(a_case_and_a_link_are_left_out),
        TEST(a_repeat_is_answered_alike),
        TEST(a_correction_brings_none_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
