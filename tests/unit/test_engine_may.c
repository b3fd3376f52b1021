/* test_engine_may.c - who may say what: random keyrings and events against a second opinion, and
 * no sequence of events ends a disagreement without the right to and a part in it.
 *
 * CONCERN_LONG=N in the environment multiplies how much is tried.
 */
#include "publisher_bench.h"

#include "io/journal.h"

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t chance(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static unsigned long_factor(void)
{
    const char *text = getenv("CONCERN_LONG");

    return text ? (unsigned)strtoul(text, NULL, 10) : 1;
}

/* --- a keyring by chance, and what it says */

enum { KEYS = 6, SOURCES = 7, TYPES = 9 };

static const char *const key_texts[KEYS] = {
    KEY_HOUSING,
    KEY_CARE,
    KEY_HEALTH,
    KEY_BOARD,
    "aaaaabbbbbcccccdddddeeeeefffffggggghhhhh",
    "0000011111222223333344444555556666677777",
};
static const char *const sources[SOURCES] = { "urn:a",   "urn:a:b", "urn:a:bc",   "urn:a:b/c",
                                              "urn:a/b", "urn:ab",  "urn:a:b:c/d" };
static const char *const types[TYPES] = {
    "disagreement.raised", "discussion.held",   "risk.changed", "hold",        "withdrawn",
    "resolution.proposed", "resolution.agreed", "release",      "acknowledged"
};
static const char *const agencies[] = { "housing", "care", "health" };
static const char *const boards[] = { "board", "other" };

/* What one entry of the keyring grants, as the test means it. */
struct grant {
    bool is_there;
    int agency; /* -1: the board's own key */
    unsigned boards, sources, types, rights;
    bool all_types, is_early, is_over;
    unsigned burst, spent;
};

static struct grant grants[KEYS];

static void write_list(FILE *file, const char *name, const char *const *words, size_t count,
                       unsigned chosen)
{
    const char *between = "";

    fprintf(file, ", %s: [", name);
    for (size_t i = 0; i < count; i++)
        if (chosen >> i & 1) {
            fprintf(file, "%s\"%s\"", between, words[i]);
            between = ", ";
        }
    fputs("]", file);
}

static void write_grant(FILE *file, const struct grant *grant, const char *key)
{
    static const char *const rights[] = { "publish", "close", "read" };

    fprintf(file, "  - {key: \"%s\", %s: %s, rate: 1, burst: %u", key,
            grant->agency < 0 ? "board" : "agency",
            grant->agency < 0 ? "board" : agencies[grant->agency], grant->burst);
    write_list(file, "boards", boards, 2, grant->boards);
    write_list(file, "sources", sources, SOURCES, grant->sources);
    if (grant->all_types)
        fputs(", types: [all]", file);
    else
        write_list(file, "types", types, TYPES, grant->types);
    write_list(file, "rights", rights, 3, grant->rights);
    if (grant->is_early)
        fputs(", not_before: 2027-02-01T10:00:01Z", file);
    if (grant->is_over && !grant->is_early)
        fputs(", not_after: 2027-02-01T10:00:00Z", file);
    fputs("}\n", file);
}

static struct grant any_grant(void)
{
    return (struct grant){
        .is_there = chance(6) > 0,
        .agency = (int)chance(4) - 1,
        .boards = 1 + (unsigned)chance(3),
        .sources = 1 + (unsigned)chance((1u << SOURCES) - 1),
        .types = 1 + (unsigned)chance((1u << TYPES) - 1),
        .all_types = chance(2),
        .rights = chance(8) ? 1u | (unsigned)chance(2) << 1 : 4u,
        .is_early = chance(12) == 0,
        .is_over = chance(12) == 0,
        .burst = chance(3) ? 1000 : 1 + (unsigned)chance(4),
    };
}

static void any_keyring(struct bench *bench)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    fputs("keys:\n", file);
    for (size_t i = 0; i < KEYS; i++) {
        grants[i] = any_grant();
        grants[i].is_there = grants[i].is_there || i == 0;
        if (grants[i].is_there)
            write_grant(file, &grants[i], key_texts[i]);
    }
    assert_int_equal(fclose(file), 0);
    keyring_close(&bench->keyring); /* so that no rate is taken over */
    bench_keys(bench, text);
    free(text);
}

/* --- an event by chance, and what should become of it */

struct attempt {
    unsigned key, source, type;
    int by;    /* an agency, 3: the board, -1: not said */
    int board; /* -1: not said */
    unsigned subject;
};

static const char *const subjects[] = { "D1", "D2", "DX" };

/* D1: housing against care; D2: care against health; both before the one board. */
static bool has_part(unsigned subject, int agency)
{
    return subject == 0 ? agency != 2 : agency != 0;
}

static bool lies_within(const char *prefix, const char *source)
{
    size_t length = strlen(prefix);

    return strncmp(prefix, source, length) == 0 && strchr(":/", source[length]) != NULL;
}

static bool may_source(const struct grant *grant, unsigned source)
{
    for (unsigned i = 0; i < SOURCES; i++)
        if (grant->sources >> i & 1 && lies_within(sources[i], sources[source]))
            return true;
    return false;
}

static bool is_closing(unsigned type)
{
    return type >= 3 && type <= 6;
}

/* The code of the first no; "BUSY"; or "" where the key may. */
static const char *second_opinion(const struct attempt *attempt)
{
    struct grant *grant = &grants[attempt->key];
    bool raises = attempt->type == 0;
    int board = attempt->board;

    if (!grant->is_there || grant->is_early || grant->is_over)
        return "401.1";
    if (!may_source(grant, attempt->source))
        return "403.1";
    if (board < 0)
        board = raises || grant->agency < 0 || grant->boards == 3 ? 0 : (int)grant->boards - 1;
    if (!(grant->boards >> board & 1) && !(grant->agency < 0 && board == 0))
        return "403.2";
    if ((!grant->all_types && !(grant->types >> attempt->type & 1)) || !(grant->rights & 1) ||
        (is_closing(attempt->type) && !(grant->rights & 2)))
        return "403.3";
    if (attempt->by >= 0 && attempt->by != (grant->agency < 0 ? 3 : grant->agency))
        return "403.4";
    if (board == 1 || attempt->subject == 2) {
        if (!raises)
            return "404.1";
        return grant->agency == 2 ? "403.4" : "raise"; /* housing against care */
    }
    if (grant->agency >= 0 && !has_part(attempt->subject, grant->agency))
        return "403.4";
    return grant->spent++ < grant->burst ? "" : "BUSY";
}

static const char *data_of(const struct attempt *attempt, char data[512])
{
    static const char *const members[TYPES] = {
        ",\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"
        "\"challenged\":[{\"agency\":\"care\"}]",
        "",
        ",\"risk\":\"immediate\"",
        ",\"reason\":\"invented\",\"until\":\"2027-03-01T09:00:00Z\"",
        ",\"reason\":\"invented\"",
        ",\"outcome\":\"agreed\"",
        "",
        ",\"reason\":\"invented\"",
        ""
    };
    char by[64] = "";

    if (attempt->by >= 0)
        snprintf(by, sizeof by, ",\"by\":{\"%s\":\"%s\"}", attempt->by == 3 ? "board" : "agency",
                 attempt->by == 3 ? "board" : agencies[attempt->by]);
    snprintf(data, 512, "{%s%s}", by[0] ? by + 1 : "",
             members[attempt->type][0] && !by[0] ? members[attempt->type] + 1
                                                 : members[attempt->type]);
    return data;
}

static struct attempt any_attempt(void)
{
    return (struct attempt){
        .key = (unsigned)chance(KEYS),
        .source = (unsigned)chance(SOURCES),
        .type = (unsigned)chance(TYPES),
        .by = chance(3) ? -1 : (int)chance(4),
        .board = chance(4) ? -1 : (int)chance(2),
        .subject = (unsigned)chance(3),
    };
}

static int try_it(struct bench *bench, const struct attempt *attempt)
{
    char data[512], id[32];
    struct sending sending = { .key = key_texts[attempt->key],
                               .source = sources[attempt->source],
                               .id = id,
                               .type = types[attempt->type],
                               .subject = subjects[attempt->subject],
                               .data = data_of(attempt, data),
                               .board = attempt->board < 0 ? NULL : boards[attempt->board] };

    snprintf(id, sizeof id, "n%u", ++bench->number);
    return sending_take(bench, &sending);
}

static void print_attempt(const struct attempt *attempt, const char *expected, const char *code)
{
    print_message("key %u source %s type %s by %d board %d subject %s: %s, not \"%s\"\n",
                  attempt->key, sources[attempt->source], types[attempt->type], attempt->by,
                  attempt->board, subjects[attempt->subject], code, expected);
}

/* A first opinion that is about the disagreement's state is as good as "it may". */
static bool agrees(const char *expected, int answer, const char *code)
{
    if (answer == ENGINE_BUSY)
        return strcmp(expected, "BUSY") == 0;
    if (expected[0] && strcmp(expected, "raise") != 0)
        return answer == ENGINE_REFUSED && strcmp(code, expected) == 0;
    return answer == ENGINE_TAKEN || strcmp(code, "422.1") == 0 || strcmp(code, "409.1") == 0 ||
           strcmp(code, "403.4 withdrawn") == 0;
}

static void raise_both(struct bench *bench)
{
    struct sending raise = { .source = "urn:invented:x",
                             .id = "r1",
                             .type = "disagreement.raised",
                             .subject = "D1",
                             .data = RAISE };

    assert_int_equal(sending_take(bench, &raise), ENGINE_TAKEN);
    raise.id = "r2";
    raise.subject = "D2";
    raise.data = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"care\"},"
                 "\"challenged\":[{\"agency\":\"health\"}]}";
    assert_int_equal(sending_take(bench, &raise), ENGINE_TAKEN);
}

/* Only the challenging agency withdraws: decide()'s own rule, behind all of these. */
static bool is_others_withdrawal(const struct attempt *attempt, const char *code)
{
    return attempt->type == 4 && strcmp(code, "403.4") == 0;
}

static void the_first_no_is_the_answer(void **state)
{
    struct bench *bench = *state;
    unsigned counts[8] = { 0 };
    static const char *const all[] = { "",      "401.1", "403.1", "403.2",
                                       "403.3", "403.4", "404.1", "BUSY" };

    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    journal_set_least((enum journal_priority)0);
    for (unsigned round = 0; round < 150 * long_factor(); round++) {
        any_keyring(bench);
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        raise_both(bench);
        bench->say_count = 0;
        for (unsigned i = 0; i < 60; i++) {
            struct attempt attempt = any_attempt();
            const char *expected = second_opinion(&attempt);
            int answer;

            if (strcmp(expected, "raise") == 0)
                continue; /* it would be known from now on */
            answer = try_it(bench, &attempt);
            for (size_t k = 0; k < COUNT_OF(all); k++)
                counts[k] += strcmp(expected, all[k]) == 0;
            if (!agrees(expected, answer, bench->reply.nack.code) &&
                !(!expected[0] && is_others_withdrawal(&attempt, bench->reply.nack.code))) {
                print_attempt(&attempt, expected, bench->reply.nack.code);
                fail();
            }
        }
        engine_roll_back(bench->engine); /* each round begins alike */
    }
    for (size_t k = 0; k < COUNT_OF(all); k++) {
        print_message("  %-5s %u\n", all[k][0] ? all[k] : "may", counts[k]);
        assert_true(counts[k] >= 20);
    }
    journal_set_least(JOURNAL_INFO);
}

/* --- silencing */

/* Care has a part and may not close, health may close and has no part, the board's key may not
 * close, and one key is nobody's. */
static const char silencers[] =
    "keys:\n"
    "  - {key: \"" KEY_HOUSING "\", agency: housing, boards: [board], sources: [\"" OF_HOUSING
    "\"], types: [all], rights: [publish, close], rate: 60000, burst: 10000}\n"
    "  - {key: \"" KEY_CARE "\", agency: care, boards: [board], sources: [\"" OF_CARE
    "\"], types: [all], rights: [publish], rate: 60000, burst: 10000}\n"
    "  - {key: \"" KEY_HEALTH "\", agency: health, boards: [board], sources: [\"" OF_HEALTH
    "\"], types: [all], rights: [publish, close], rate: 60000, burst: 10000}\n"
    "  - {key: \"" KEY_BOARD "\", board: board, sources: [\"" OF_BOARD
    "\"], types: [all], rights: [publish], rate: 60000, burst: 10000}\n";

struct silencing_event {
    const char *type, *data;
};

static const struct silencing_event tries[] = {
    { "resolution.proposed", "{\"outcome\":\"agreed\"}" },
    { "resolution.agreed", "{}" },
    { "withdrawn", "{\"reason\":\"invented\"}" },
    { "hold", "{\"reason\":\"invented\",\"until\":\"2027-06-01T09:00:00Z\"}" },
    { "discussion.held", "{}" },
    { "case.closure_proposed", "{}" },
    { "case.deescalated", "{}" },
    { "risk.changed", "{\"risk\":\"none\"}" },
    { "stage.unresolved", "{}" },
    { "stage.set", "{\"stage\":\"stage-1\",\"reason\":\"invented\"}" },
    { "release", "{\"reason\":\"invented\"}" },
    { "acknowledged", "{}" },
    { "position.changed", "{\"agency\":\"care\",\"non_involvement\":true}" },
    { "question.answered", "{\"question\":\"stage-1\",\"answer\":\"no\"}" },
    { "followup.done", "{\"deadline\":\"overall\"}" },
    { "disagreement.raised", RAISE },
};

/* A correction of any event there was, of its own source or another's: taken back, or into one that
 * would silence. */
static const char *any_correction(struct bench *bench, const char *source, char data[1500])
{
    const struct silencing_event *into = &tries[chance(4)];
    unsigned of = 1 + (unsigned)chance(bench->number);

    if (chance(2))
        snprintf(data, 1500, "{\"supersedes\":\"n%u\",\"event\":null}", of);
    else
        snprintf(data, 1500,
                 "{\"supersedes\":\"n%u\",\"event\":{\"specversion\":\"1.0\",\"id\":\"n%u\","
                 "\"source\":\"%s\",\"type\":\"concernd.%s\",\"subject\":\"D1\",\"time\":"
                 "\"2027-02-01T10:00:00Z\",\"datacontenttype\":\"application/json\",\"data\":%s}}",
                 of, of, source, into->type, into->data);
    return data;
}

static void try_to_silence(struct bench *bench)
{
    static const struct {
        const char *key, *source;
    } who[] = {
        { KEY_CARE, OF_CARE },    { KEY_HEALTH, OF_HEALTH },
        { KEY_BOARD, OF_BOARD },  { "aaaaabbbbbcccccdddddeeeeefffffggggghhhhh", OF_HOUSING },
        { KEY_CARE, OF_HOUSING }, { KEY_HEALTH, OF_HOUSING }
    };
    size_t sender = chance(COUNT_OF(who));
    const struct silencing_event *try = &tries[chance(COUNT_OF(tries))];
    char id[32], corrected[1500], by[1600];
    struct sending sending = { .key = who[sender].key,
                               .source = who[sender].source,
                               .id = id,
                               .type = try->type,
                               .subject = "D1",
                               .data = try->data,
                               .sequence = chance(3) ? 0 : 1 + chance(40),
                               .feed = chance(4) ? NULL : "an-invented-feed" };

    if (chance(5) == 0) {
        sending.type = "correction";
        sending.data = any_correction(bench, sending.source, corrected);
    }
    if (chance(4) == 0) { /* in another's name */
        snprintf(by, sizeof by, "{\"by\":{\"agency\":\"housing\"}%s%s",
                 sending.data[1] == '}' ? "" : ",", sending.data + 1);
        sending.data = by;
    }
    snprintf(id, sizeof id, "n%u", ++bench->number);
    bench_send(bench, &sending);
    bench->say_count = 0;
}

static void nobody_ends_it_without_right_and_part(void **state)
{
    struct sending raise = { .key = KEY_HOUSING,
                             .source = OF_HOUSING,
                             .id = "n1",
                             .type = "disagreement.raised",
                             .subject = "D1",
                             .data = RAISE };
    struct bench *bench = *state;

    journal_set_least((enum journal_priority)0);
    bench_keys(bench, silencers);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    for (unsigned round = 0; round < 12 * long_factor(); round++) {
        bench->now = bench_at("2027-02-01T10:00:00Z");
        bench->number = 1;
        assert_int_equal(bench_send(bench, &raise), ENGINE_TAKEN);
        for (unsigned i = 0; i < 80; i++) {
            const struct disagreement *kept;

            try_to_silence(bench);
            bench->now.us += (int64_t)chance(40) * MINUTE_US;
            kept = bench_kept(bench, "D1");
            assert_int_equal(kept->state, DISAGREEMENT_OPEN);
            assert_false(kept->held);
        }
        bench_stop(bench);
        bench_forget(bench);
        assert_int_equal(bench_start(bench), STORE_OK);
    }
    journal_set_least(JOURNAL_INFO);
}

/* Both sides hear that it ended, and the board where it had heard of it; either opens it again. */
static void an_end_is_confirmed_and_can_be_taken_back(void **state)
{
    static const struct {
        const char *key, *source;
    } sides[] = { { KEY_HOUSING, OF_HOUSING }, { KEY_CARE, OF_CARE } };
    struct bench *bench = *state;
    struct sending sending = { .key = KEY_HOUSING,
                               .source = OF_HOUSING,
                               .id = "a1",
                               .type = "disagreement.raised",
                               .subject = "D1",
                               .data =
                                   "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                                   "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                                   "\"facts\":{\"relates_to\":\"individual\"}}" };

    bench_keys(bench, BENCH_KEYS);
    bench_open(bench, bench_directory, "2027-02-01T10:00:00Z");
    assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
    /* On Wednesday the 17th the third stage began, and the board's team was told. */
    bench_advance(bench, "2027-02-18T10:00:00Z");
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        char ids[3][16];

        for (size_t k = 0; k < COUNT_OF(ids); k++)
            snprintf(ids[k], sizeof ids[k], "c%zu%zu", i, k);
        sending = (struct sending){ .key = KEY_HOUSING,
                                    .source = OF_HOUSING,
                                    .subject = "D1",
                                    .id = ids[0],
                                    .type = "resolution.proposed",
                                    .data = "{\"outcome\":\"agreed\"}" };
        assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
        assert_int_equal(bench_kept(bench, "D1")->state, DISAGREEMENT_OPEN);
        sending = (struct sending){ .key = KEY_CARE,
                                    .source = OF_CARE,
                                    .subject = "D1",
                                    .id = ids[1],
                                    .type = "resolution.agreed" };
        assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
        assert_int_equal(bench_kept(bench, "D1")->state, DISAGREEMENT_RESOLVED);
        assert_non_null(bench_sent_to(bench, "h.manager@housing.example"));
        assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
        assert_non_null(bench_sent_to(bench, "unit@board.example"));
        /* Four working days later, by one side and then by the other; no right to close is asked.
         */
        bench->now.us += 4 * DAY_US;
        sending = (struct sending){ .key = sides[i].key,
                                    .source = sides[i].source,
                                    .subject = "D1",
                                    .id = ids[2],
                                    .type = "reopened",
                                    .data = "{\"reason\":\"invented\"}" };
        assert_int_equal(bench_send(bench, &sending), ENGINE_TAKEN);
        assert_int_equal(bench_kept(bench, "D1")->state, DISAGREEMENT_OPEN);
        assert_non_null(bench_sent_to(bench, "h.manager@housing.example"));
        assert_non_null(bench_sent_to(bench, "c.manager@care.example"));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_no_is_the_answer, bench_begin, bench_end),
        cmocka_unit_test_setup_teardown(nobody_ends_it_without_right_and_part, bench_begin,
                                        bench_end),
        cmocka_unit_test_setup_teardown(an_end_is_confirmed_and_can_be_taken_back, bench_begin,
                                        bench_end),
    };

    return cmocka_run_group_tests_name("engine_may", tests, NULL, NULL);
}
