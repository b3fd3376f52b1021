/* test_keyring.c - who may say what, and what a keyring's file may not be. */
#include "wire_bench.h"

#define KEY_A "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_B "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static char folder[64];
static char path[128];

static int open_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/concern keys XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/keyring.yaml", folder);
    return 0;
}

static int close_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct instant seconds(int64_t count)
{
    return (struct instant){ bench_now.us + count * SECOND_US };
}

/* Reads `text` and keeps what was complained of, without the folder's name. */
static int read_text(const char *text, char *said, size_t room, struct keyring **keyring)
{
    FILE *complaints;
    char all[8192] = "";
    char *at;
    int answer;

    bench_write(path, text);
    complaints = fmemopen(all, sizeof all, "w");
    answer = keyring_read(path, complaints, keyring);
    fclose(complaints);
    said[0] = '\0';
    at = strstr(all, "keyring.yaml:");
    if (at)
        snprintf(said, room, "%s", at + sizeof "keyring.yaml:" - 1);
    return answer;
}

static struct keyring *read_good(const char *text)
{
    struct keyring *keyring = NULL;
    char said[1024];

    if (read_text(text, said, sizeof said, &keyring) != KEYRING_OK)
        fail_msg("refused: %s", said);
    return keyring;
}

static const char whole[] =
    "keys:\n"
    "  - key: \"" KEY_A "\"\n"
    "    agency: northtown-housing\n"
    "    boards: [plcsab, other-board]\n"
    "    sources: [\"urn:northtown:las\", \"https://las.northtown.example/east\"]\n"
    "    procedures: [plcsab-adults, plcsab-children]\n"
    "    types: [all]\n"
    "    rights: [publish, close, read]\n"
    "    not_before: 2026-01-01T00:00:00Z\n"
    "    not_after: 2027-01-01T01:00:00+01:00\n"
    "    rate: 120\n"
    "    burst: 3\n"
    "    contact: systems-team\n"
    "    max_silence: 10 minutes\n"
    "  - {key: \"" KEY_B "\", board: plcsab, sources: [\"urn:plcsab\"],"
    " types: [disagreement.raised, concernd.hold], rights: [publish]}\n";

static void reads_everything(void **state)
{
    struct keyring *keyring = read_good(whole);
    const struct principal *principal;

    (void)state;
    assert_int_equal(keyring_count(keyring), 2);
    principal = keyring_find(keyring, KEY_A);
    assert_ptr_equal(principal, keyring_at(keyring, 0));
    assert_string_equal(principal->key, KEY_A);
    assert_string_equal(principal->name, "northtown-housing/rq:rM>}U");
    assert_string_equal(principal->agency, "northtown-housing");
    assert_string_equal(principal->board, "");
    assert_int_equal(principal->boards.count, 2);
    assert_string_equal(principal->procedures.items[0], "plcsab-adults");
    assert_int_equal(principal->types.count, 0);
    assert_int_equal(principal->rights, KEYRING_PUBLISH | KEYRING_CLOSE | KEYRING_READ);
    assert_int_equal(principal->not_before.us / SECOND_US, 1767225600);
    assert_int_equal(principal->not_after.us / SECOND_US, 1798761600);
    assert_int_equal(principal->rate, 120);
    assert_int_equal(principal->burst, 3);
    assert_string_equal(principal->contact, "systems-team");
    assert_int_equal(principal->max_silence_us, 10 * MINUTE_US);
    assert_true(instant_is_none(keyring_hearing(keyring, 0)->heard));
    keyring_note_heard(keyring, KEY_A, (struct instant){ 7 });
    assert_int_equal(keyring_hearing(keyring, 0)->heard.us, 7);
    keyring_set_back(keyring, (struct instant){ 8 });
    assert_int_equal(keyring_hearing(keyring, 0)->heard.us, 7);
    keyring_set_back(keyring, (struct instant){ 6 });
    assert_int_equal(keyring_hearing(keyring, 0)->heard.us, 6);
    assert_true(instant_is_none(keyring_hearing(keyring, 1)->heard));
    principal = keyring_find(keyring, KEY_B);
    assert_string_equal(principal->name, "plcsab/Yne@$w-v");
    assert_int_equal(principal->rate, 60);
    assert_int_equal(principal->burst, 120);
    assert_true(instant_is_none(principal->not_after));
    assert_null(keyring_find(keyring, ""));
    assert_null(keyring_find(keyring, "rq:rM>}U"));
    keyring_close(&keyring);
    keyring_close(&keyring);
}

#define HEAD "keys:\n  - key: \"" KEY_A "\"\n"
#define REST "    types: [all]\n    rights: [publish]\n    boards: [b]\n    sources: [\"urn:a\"]\n"

/* The place of a quoted text is that of its first letter. */
static void refuses_wrong_files_with_their_place(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *place;
        const char *what;
    } rows[] = {
        { "an empty file", "", "", "" },
        { "a list", "- a\n", "1:", "" },
        { "no YAML", "keys: [\n", "", "" },
        { "another top", "kees: []\n", "1:", "keys" },
        { "a member twice", HEAD "    agency: a\n    agency: b\n" REST, "4:", "" },
        { "an unknown member", HEAD "    agncy: a\n" REST, "3:5:", "agency" },
        { "an unknown right", HEAD "    agency: a\n    types: [all]\n    rights: [publsh]\n",
          "5:14:", "did you mean \"publish\"?" },
        { "a far right", HEAD "    agency: a\n    types: [all]\n    rights: [xyz]\n",
          "5:14:", "publish, close, read, replay, admin" },
        { "no rights", HEAD "    agency: a\n    types: [all]\n    boards: [b]\n", "2:", "rights" },
        { "a short key", "keys:\n  - key: abc\n    agency: a\n" REST, "2:10:", "Z85" },
        { "no Z85",
          "keys:\n  - key: \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf~\"\n    agency: a\n" REST,
          "2:10:", "Z85" },
        { "a key beyond 32 bits",
          "keys:\n  - key: \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8#####\"\n    agency: a\n" REST,
          "2:10:", "Z85" },
        { "nobody's", HEAD REST, "2:", "agency: or board:" },
        { "of two", HEAD "    agency: a\n    board: b\n" REST, "2:", "agency: or board:" },
        { "no sources",
          HEAD "    agency: a\n    types: [all]\n    rights: [publish]\n    boards: [b]\n",
          "2:", "sources:" },
        { "no boards",
          HEAD "    agency: a\n    types: [all]\n    rights: [publish]\n    sources: [\"urn:a\"]\n",
          "2:", "boards:" },
        { "close alone",
          HEAD "    agency: a\n    types: [all]\n    rights: [close]\n    boards: [b]\n"
               "    sources: [\"urn:a\"]\n",
          "2:", "[publish, close]" },
        { "a source that ends in a colon",
          HEAD "    agency: a\n    types: [all]\n    rights: [publish]\n    boards: [b]\n"
               "    sources: [\"urn:a:\"]\n",
          "7:15:", "leave out the last \":\"" },
        { "a source with a space",
          HEAD "    agency: a\n    types: [all]\n    rights: [publish]\n    boards: [b]\n"
               "    sources: [\"urn: a\"]\n",
          "7:15:", "not a source" },
        { "all and others",
          HEAD "    agency: a\n    types: [all, hold]\n    rights: [publish]\n    boards: [b]\n"
               "    sources: [\"urn:a\"]\n",
          "4:13:", "\"all\" and others" },
        { "a rate of nought", HEAD "    agency: a\n    rate: 0\n" REST, "4:11:", "" },
        { "a rate in words", HEAD "    agency: a\n    rate: many\n" REST, "4:11:", "" },
        { "no instant", HEAD "    agency: a\n    not_after: 2027-01-01\n" REST,
          "4:16:", "with the offset" },
        { "a life of nothing",
          HEAD "    agency: a\n    not_before: 2027-01-01T00:00:00Z\n"
               "    not_after: 2027-01-01T00:00:00Z\n" REST,
          "2:", "not later" },
        { "the same key twice",
          HEAD "    agency: a\n" REST "  - key: \"" KEY_A "\"\n    agency: b\n" REST,
          "8:", "entry 1" },
        { "two documents", HEAD "    agency: a\n" REST "---\nkeys: []\n", "", "" },
        { "an alias", "keys: &x []\nmore: *x\n", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct keyring *keyring = NULL;
        char said[1024];

        print_message("  %s\n", rows[i].name);
        assert_int_equal(read_text(rows[i].text, said, sizeof said, &keyring), KEYRING_WRONG);
        assert_null(keyring);
        assert_string_not_equal(said, "");
        if (strncmp(said, rows[i].place, strlen(rows[i].place)) || !strstr(said, rows[i].what))
            fail_msg("expected %s … %s, was told %s", rows[i].place, rows[i].what, said);
    }
}

static void refuses_files_others_can_change(void **state)
{
    struct keyring *keyring = NULL;

    (void)state;
    bench_write(path, whole);
    assert_int_equal(chmod(path, 0620), 0);
    assert_int_equal(keyring_read(path, NULL, &keyring), KEYRING_WRONG);
    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(keyring_read(path, NULL, &keyring), KEYRING_WRONG);
    assert_int_equal(keyring_read(folder, NULL, &keyring), KEYRING_WRONG);
    if (geteuid() == 0) {
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(chown(path, 12345, 0), 0);
        assert_int_equal(keyring_read(path, NULL, &keyring), KEYRING_WRONG);
        assert_int_equal(chown(path, 0, 0), 0);
    }
    unlink(path);
    assert_int_equal(keyring_read(path, NULL, &keyring), -ENOENT);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(keyring_read(path, NULL, &keyring), KEYRING_WRONG);
    assert_null(keyring);
    unlink(path);
}

static void refuses_a_file_without_end(void **state)
{
    struct keyring *keyring = NULL;
    char *text = malloc(KEYRING_FILE_MAX + 2);

    (void)state;
    memset(text, '#', KEYRING_FILE_MAX + 1);
    text[KEYRING_FILE_MAX + 1] = '\0';
    bench_write(path, text);
    assert_int_equal(keyring_read(path, NULL, &keyring), KEYRING_WRONG);
    assert_null(keyring);
    free(text);
}

static void sources_match_by_whole_segments(void **state)
{
    static const struct {
        const char *source;
        bool may;
    } rows[] = {
        { "urn:northtown:las", true },
        { "urn:northtown:las:ward", true },
        { "urn:northtown:las/ward/3", true },
        { "urn:northtown:las2", false },
        { "urn:northtown:las-x", false },
        { "urn:northtown:las.evil", false },
        { "urn:northtown:la", false },
        { "urn:northtown", false },
        { "URN:northtown:las", false },
        { "", false },
        { "https://las.northtown.example/east", true },
        { "https://las.northtown.example/east/1", true },
        { "https://las.northtown.example/eastern", false },
        { "https://las.northtown.example/", false },
        { "https://las.northtown.example.evil.example/east", false },
    };
    struct keyring *keyring = read_good(whole);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].source);
        assert_int_equal(keyring_check_source(keyring_at(keyring, 0), rows[i].source), rows[i].may);
    }
    keyring_close(&keyring);
}

static void checks_in_the_order_of_the_wire(void **state)
{
    static const struct {
        const char *name, *key, *source, *board, *type;
        int64_t at_s;
        const char *code; /* NULL: yes */
    } rows[] = {
        { "a good event", KEY_A, "urn:northtown:las", "plcsab", "concernd.disagreement.raised", 0,
          NULL },
        { "no board named", KEY_A, "urn:northtown:las", "", "concernd.acknowledged", 0, NULL },
        { "a custom type", KEY_A, "urn:northtown:las", NULL, "panel.sat", 0, NULL },
        { "nobody, and all else wrong", "x", "x", "x", "x", 0, "401.1" },
        { "too early", KEY_A, "x", "x", "x", -40000000, "401.1" },
        { "too late", KEY_A, "x", "x", "x", 40000000, "401.1" },
        { "another source", KEY_A, "urn:plcsab", "x", "x", 0, "403.1" },
        { "another board", KEY_A, "urn:northtown:las", "x", "concernd.hold", 0, "403.2" },
        { "a board's own key", KEY_B, "urn:plcsab", "plcsab", "disagreement.raised", 0, NULL },
        { "a type it may not", KEY_B, "urn:plcsab", "plcsab", "acknowledged", 0, "403.3" },
        { "may hold by type, not by right", KEY_B, "urn:plcsab", "plcsab", "concernd.hold", 0,
          "403.3" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct keyring *keyring = read_good(whole);
        const char *code = NULL;
        int answer = keyring_may(keyring, rows[i].key, rows[i].source, rows[i].board, rows[i].type,
                                 seconds(rows[i].at_s), &code);

        print_message("  %s\n", rows[i].name);
        assert_int_equal(answer, rows[i].code ? KEYRING_REFUSED : KEYRING_OK);
        if (rows[i].code)
            assert_string_equal(code, rows[i].code);
        keyring_close(&keyring);
    }
}

static void what_can_silence_needs_close(void **state)
{
    static const struct {
        const char *type;
        bool silences;
    } rows[] = {
        { "resolution.proposed", true },
        { "concernd.resolution.proposed", true },
        { "resolution.agreed", true },
        { "withdrawn", true },
        { "concernd.hold", true },
        { "hold", true },
        { "release", false },
        { "reopened", false },
        { "disagreement.raised", false },
        { "concernd.risk.changed", false },
    };
    struct principal publishes = { .rights = KEYRING_PUBLISH };
    struct principal closes = { .rights = KEYRING_PUBLISH | KEYRING_CLOSE };
    struct principal reads = { .rights = KEYRING_READ | KEYRING_ADMIN };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].type);
        assert_int_equal(keyring_check_right(&publishes, rows[i].type), !rows[i].silences);
        assert_true(keyring_check_right(&closes, rows[i].type));
        assert_false(keyring_check_right(&reads, rows[i].type));
    }
}

static bool may(struct keyring *keyring, int64_t ms)
{
    const char *code = NULL;
    struct instant now = { bench_now.us + ms * 1000 };

    assert_int_equal(
        keyring_may(keyring, KEY_A, "urn:northtown:las", "plcsab", "acknowledged", now, &code),
        KEYRING_OK);
    return keyring_spend(keyring, KEY_A, 1, now);
}

/* 120 a minute, three at once: a token every half second. */
static void limits_the_rate(void **state)
{
    struct keyring *keyring = read_good(whole);
    struct keyring *after = read_good(whole);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(may(keyring, 0));
    assert_false(may(keyring, 0));
    assert_int_equal(keyring_wait_ms(keyring, KEY_A, 1, bench_now), 501);
    assert_false(may(keyring, 499));
    assert_true(may(keyring, 500));
    assert_false(may(keyring, 501));
    /* A clock set back fills nothing, and takes nothing either. */
    assert_false(may(keyring, -3600000));
    assert_true(may(keyring, -3600000 + 500));
    /* A long silence fills no more than the burst. */
    for (unsigned i = 0; i < 3; i++)
        assert_true(may(keyring, 100000000));
    assert_false(may(keyring, 100000000));
    /* A reload is no new burst. */
    keyring_inherit(after, keyring);
    assert_false(may(after, 100000000));
    assert_true(keyring_spend(after, KEY_A, 1, seconds(100001)));
    keyring_close(&keyring);
    keyring_close(&after);
}

/* 120 a minute, three at once: as many as the burst are let in together, and more are owed. */
static void a_batch_pays_for_all_of_its_events(void **state)
{
    struct keyring *keyring = read_good(whole);

    (void)state;
    assert_true(keyring_spend(keyring, KEY_A, 2, seconds(0)));
    assert_false(keyring_spend(keyring, KEY_A, 2, seconds(0))); /* one is left, and stays */
    assert_int_equal(keyring_wait_ms(keyring, KEY_A, 2, seconds(0)), 501);
    assert_true(keyring_spend(keyring, KEY_A, 1, seconds(0)));
    /* Fifty of a burst of three: not before all three are there, then at once ... */
    assert_false(keyring_spend(keyring, KEY_A, 50, seconds(1)));
    assert_int_equal(keyring_wait_ms(keyring, KEY_A, 50, seconds(1)), 501);
    assert_true(keyring_spend(keyring, KEY_A, 50, seconds(2)));
    /* ... and the next one when 47 have been paid for, two a second, and it. */
    assert_int_equal(keyring_wait_ms(keyring, KEY_A, 1, seconds(2)), 24001);
    assert_false(keyring_spend(keyring, KEY_A, 1, seconds(25)));
    assert_true(keyring_spend(keyring, KEY_A, 1, seconds(26)));
    assert_false(keyring_spend(keyring, "nobody's", 1, seconds(26)));
    keyring_close(&keyring);
}

/* Asking takes nothing, or a wrong board would silence the right one. */
static void a_refusal_takes_nothing(void **state)
{
    struct keyring *keyring = read_good(whole);
    const char *code;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(keyring_may(keyring, KEY_A, "urn:northtown:las", "nowhere", "acknowledged",
                                     bench_now, &code),
                         KEYRING_REFUSED);
        assert_int_equal(keyring_may_ask(keyring, KEY_A, "urn:plcsab", bench_now, &code),
                         KEYRING_REFUSED);
        assert_string_equal(code, "403.1");
    }
    assert_true(may(keyring, 0));
    keyring_close(&keyring);
}

static void knows_when_keys_change(void **state)
{
    struct keyring *keyring = read_good(whole);

    (void)state;
    assert_int_equal(keyring_next_change(keyring, (struct instant){ 0 }).us / SECOND_US,
                     1767225600);
    assert_int_equal(keyring_next_change(keyring, bench_now).us / SECOND_US, 1798761600);
    assert_true(instant_is_none(keyring_next_change(keyring, seconds(40000000))));
    assert_non_null(keyring_live(keyring, KEY_A, (struct instant){ 1767225600 * SECOND_US }));
    assert_null(keyring_live(keyring, KEY_A, (struct instant){ 1767225600 * SECOND_US - 1 }));
    assert_non_null(keyring_live(keyring, KEY_A, (struct instant){ 1798761600 * SECOND_US - 1 }));
    assert_null(keyring_live(keyring, KEY_A, (struct instant){ 1798761600 * SECOND_US }));
    keyring_close(&keyring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_everything),
        cmocka_unit_test(refuses_wrong_files_with_their_place),
        cmocka_unit_test(refuses_files_others_can_change),
        cmocka_unit_test(refuses_a_file_without_end),
        cmocka_unit_test(sources_match_by_whole_segments),
        cmocka_unit_test(checks_in_the_order_of_the_wire),
        cmocka_unit_test(what_can_silence_needs_close),
        cmocka_unit_test(limits_the_rate),
        cmocka_unit_test(a_batch_pays_for_all_of_its_events),
        cmocka_unit_test(a_refusal_takes_nothing),
        cmocka_unit_test(knows_when_keys_change),
    };

    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
