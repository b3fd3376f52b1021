/* test_engine_entries.c - calendars follow their deadlines: in digests, and of whoever stood in.
 *
 * Engine and store are real, the clock is simulated.  A calendar here is what a reader's program
 * makes of all mails to one mailbox, in their order (RFC 5546).
 */
#include "gather_bench.h"

static const char daily[] =
    DIRECTORY("h.manager", "daily 09:00", MANAGER(", ordinary: daily 09:00"));
static const char at_once[] = DIRECTORY("h.manager", "daily 09:00", MANAGER(""));

static const char withdrawal[] = "{\"reason\":\"Settled.\",\"by\":{\"agency\":\"housing\"}}";
static const char extension[] =
    "{\"deadline\":\"stage-1\",\"due\":\"2027-03-05T17:00:00Z\",\"reason\":\"Asked for.\","
    "\"by\":{\"agency\":\"housing\"}}";

/* --- a reader's calendar */

enum { SHOWN_MAX = 200, FILE_SIZE = 64 * 1024 };

struct shown {
    char uid[320], start[20], title[200];
    int sequence;
    bool cancelled;
};

static struct calendar_read {
    struct shown entries[SHOWN_MAX];
    size_t count;
    size_t events, cancels; /* in all the files that were read */
} reader;

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);

    return at ? (int)(at - digits) : -1;
}

/* Base64 up to a "-", and folds of lines taken out. */
static void read_file(const char *from, char *file)
{
    char *to = file, *plain = file;
    unsigned bits = 0, value = 0;

    for (; *from && *from != '-' && to < file + FILE_SIZE - 2; from++) {
        int digit = *from == '\r' || *from == '\n' || *from == '=' ? -1 : digit_of(*from);

        if (digit < 0)
            continue;
        value = value << 6 | (unsigned)digit;
        bits += 6;
        if (bits >= 8)
            *to++ = (char)(value >> (bits -= 8) & 0xff);
    }
    *to = '\0';
    for (const char *at = file; *at;) {
        if (strncmp(at, "\r\n ", 3) == 0)
            at += 3;
        else
            *plain++ = *at++;
    }
    *plain = '\0';
}

static void take_value(const char *event, const char *name, char *value, size_t size)
{
    const char *at = strstr(event, name);

    assert_non_null(at);
    at += strlen(name);
    snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
}

static struct shown *shown_by(const char *uid)
{
    for (size_t i = 0; i < reader.count; i++)
        if (strcmp(reader.entries[i].uid, uid) == 0)
            return &reader.entries[i];
    assert_true(reader.count < SHOWN_MAX);
    reader.entries[reader.count] = (struct shown){ .sequence = -1 };
    return &reader.entries[reader.count++];
}

static void take_event(const char *event, bool is_cancel)
{
    struct shown is = { .cancelled = false }, *was;
    char sequence[20], status[20];

    take_value(event, "\r\nUID:", is.uid, sizeof is.uid);
    take_value(event, "\r\nDTSTART:", is.start, sizeof is.start);
    take_value(event, "\r\nSUMMARY:", is.title, sizeof is.title);
    take_value(event, "\r\nSEQUENCE:", sequence, sizeof sequence);
    take_value(event, "\r\nSTATUS:", status, sizeof status);
    is.sequence = (int)strtoll(sequence, NULL, 10);
    is.cancelled = strcmp(status, "CANCELLED") == 0;
    assert_true(is.cancelled || !is_cancel);
    was = shown_by(is.uid);
    if (is.sequence >= was->sequence)
        *was = is;
    else
        fail_msg("%s: SEQUENCE went back from %d to %d", is.title, was->sequence, is.sequence);
    reader.events++;
    reader.cancels += is_cancel;
}

static void take_files(const char *mail)
{
    static char file[FILE_SIZE];

    while ((mail = strstr(mail, "\r\nContent-Type: text/calendar"))) {
        bool is_cancel;
        size_t events = 0;

        mail = strstr(mail, "\r\n\r\n");
        read_file(mail, file);
        is_cancel = strstr(file, "METHOD:CANCEL") != NULL;
        for (char *at = file; (at = strstr(at, "BEGIN:VEVENT")); events++) {
            char *end = strstr(at, "END:VEVENT");

            *end = '\0';
            take_event(at, is_cancel);
            at = end + 1;
        }
        assert_true(!is_cancel || events == 1);
    }
}

/* What the calendar behind a mailbox shows after all that came; `events` of the last mail. */
static void read_calendar(const char *recipient)
{
    memset(&reader, 0, sizeof reader);
    for (size_t i = 0; i < world.taken_count; i++)
        if (strcmp(world.taken[i].recipient, recipient) == 0) {
            reader.events = reader.cancels = 0;
            take_files(world.taken[i].text);
        }
}

static const struct shown *entry_of(const char *title)
{
    for (size_t i = 0; i < reader.count; i++)
        if (strcmp(reader.entries[i].title, title) == 0)
            return &reader.entries[i];
    fail_msg("not in the calendar: %s", title);
    return NULL;
}

static size_t shows(void)
{
    size_t count = 0;

    for (size_t i = 0; i < reader.count; i++)
        count += !reader.entries[i].cancelled;
    return count;
}

/* --- digests */

static void raise_three(struct bench *bench)
{
    forget();
    bench_open(bench, daily, "2027-02-09T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    give(bench, "disagreement.raised", "D2", raised);
    give(bench, "disagreement.raised", "D3", raised);
    bench->now = bench_at("2027-02-09T15:00:00Z");
}

static void a_digest_brings_each_as_it_is_then(void **state)
{
    struct bench *bench = *state;

    raise_three(bench);
    give(bench, "deadline.extended", "D3", extension);
    give(bench, "withdrawn", "D2", withdrawal);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    read_calendar("one@h.example");
    /* Of each two deadlines, once; what ended before it was shown never is. */
    assert_int_equal(reader.events, 4);
    assert_int_equal(reader.cancels, 0);
    assert_string_equal(entry_of("Stage 1 - ref D3")->start, "20270305T170000Z");
    assert_int_equal(entry_of("Stage 1 - ref D3")->sequence, 1);
    assert_string_equal(entry_of("Stage 1 - ref D1")->start, "20270216T170000Z");
    assert_int_equal(entry_of("Stage 1 - ref D1")->sequence, 0);
}

static void check_following(struct bench *bench, bool restart)
{
    raise_three(bench);
    world.restart = restart;
    go_on(bench, "2027-02-10T12:00:00Z");
    read_calendar("one@h.example");
    assert_int_equal(shows(), 6);
    give(bench, "deadline.extended", "D3", extension);
    give(bench, "withdrawn", "D2", withdrawal);
    go_on(bench, "2027-02-11T12:00:00Z");
    assert_int_equal(took("one@h.example"), 2);
    read_calendar("one@h.example");
    assert_int_equal(shows(), 4);
    assert_int_equal(reader.events, 3);
    assert_int_equal(reader.cancels, 2);
    assert_true(entry_of("Stage 1 - ref D2")->cancelled);
    assert_int_equal(entry_of("Stage 1 - ref D2")->sequence, 1);
    assert_string_equal(entry_of("Stage 1 - ref D3")->start, "20270305T170000Z");
    /* And nothing more of it comes. */
    go_on(bench, "2027-02-12T12:00:00Z");
    assert_int_equal(took("one@h.example"), 2);
}

static void the_next_digest_moves_and_drops(void **state)
{
    check_following(*state, false);
}

static void so_it_does_over_restarts(void **state)
{
    check_following(*state, true);
}

static void what_goes_another_way_is_shown_there(void **state)
{
    struct bench *bench = *state;

    raise_three(bench);
    other_sides.refuses[0] = "one@h.example";
    go_on(bench, "2027-02-10T09:15:00Z");
    assert_int_equal(took("two@h.example"), 1);
    read_calendar("two@h.example");
    assert_int_equal(shows(), 6);
    other_sides.refuses[0] = NULL;
    give(bench, "withdrawn", "D2", withdrawal);
    go_on(bench, "2027-02-11T12:00:00Z");
    read_calendar("two@h.example");
    assert_int_equal(shows(), 4);
    read_calendar("one@h.example");
    assert_int_equal(shows(), 4);
}

static void what_has_no_room_is_said(void **state)
{
    struct bench *bench = *state;
    char reference[16];

    forget();
    bench->deaf = true;
    bench_open(bench, daily, "2027-02-09T10:00:00Z");
    for (int i = 0; i < 90; i++) {
        snprintf(reference, sizeof reference, "D%02d", i);
        give(bench, "disagreement.raised", reference, raised);
    }
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    read_calendar("one@h.example");
    print_message("    %zu of 180 entries\n", reader.events);
    assert_true(reader.events > 80 && reader.events < 180);
    snprintf(reference, sizeof reference, "%zu", 180 - reader.events);
    assert_non_null(strstr(last_to("one@h.example")->text, "NOT IN YOUR CALENDAR: "));
    assert_non_null(
        strstr(strstr(last_to("one@h.example")->text, "NOT IN YOUR CALENDAR: "), reference));
}

/* --- whoever stood in */

static void reaches_the_deputy(struct bench *bench)
{
    forget();
    bench_open(bench, at_once, "2027-02-09T10:00:00Z");
    other_sides.refuses[0] = "one@h.example";
    other_sides.refuses[1] = "two@h.example";
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-09T10:50:00Z");
    assert_int_equal(took("deputy@h.example"), 1);
    read_calendar("deputy@h.example");
    assert_int_equal(shows(), 2);
    memset(other_sides.refuses, 0, sizeof other_sides.refuses);
    go_on(bench, "2027-02-09T15:00:00Z");
}

static void check_deputy(struct bench *bench, bool restart)
{
    size_t to_manager;

    reaches_the_deputy(bench);
    world.restart = restart;
    to_manager = took("one@h.example");
    give(bench, "deadline.extended", "D1", extension);
    go_on(bench, "2027-02-09T15:30:00Z");
    assert_int_equal(took("one@h.example"), to_manager + 1);
    assert_int_equal(took("deputy@h.example"), 2);
    assert_non_null(strstr(last_to("deputy@h.example")->text,
                           "An entry in your calendar is not right any more."));
    assert_non_null(
        strstr(last_to("deputy@h.example")->text, "- D1 (now by 17:00 Fri 5 March 2027)"));
    read_calendar("deputy@h.example");
    assert_int_equal(reader.events, 1);
    assert_string_equal(entry_of("Stage 1 - ref D1")->start, "20270305T170000Z");

    give(bench, "withdrawn", "D1", withdrawal);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("deputy@h.example"), 3);
    assert_non_null(strstr(last_to("deputy@h.example")->text, "- D1 (withdrawn since)"));
    read_calendar("deputy@h.example");
    assert_int_equal(reader.cancels, 2);
    assert_int_equal(shows(), 0);
    /* The manager has it once, in the mail that tells him. */
    assert_int_equal(took("one@h.example"), to_manager + 2);
    read_calendar("one@h.example");
    assert_int_equal(shows(), 0);
}

static void a_deputy_hears_of_what_he_was_sent(void **state)
{
    check_deputy(*state, false);
}

static void so_he_does_over_restarts(void **state)
{
    check_deputy(*state, true);
}

static void who_is_not_in_the_directory_any_more_hears_nothing(void **state)
{
    static const char without[] = DIRECTORY(
        "h.manager", "daily 09:00", "  h.manager: {name: M, routes: [\"email:one@h.example\"]}\n");
    struct bench *bench = *state;
    struct policy *before;
    size_t to_two;

    reaches_the_deputy(bench);
    to_two = took("two@h.example");
    read_calendar("two@h.example");
    assert_int_equal(shows(), to_two > 0 ? 2 : 0);
    before = bench->policy;
    bench_write(bench, "directory.yaml", without);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&before);
    give(bench, "withdrawn", "D1", withdrawal);
    go_on(bench, "2027-02-09T16:00:00Z");
    assert_int_equal(took("two@h.example"), to_two);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, end_bench)
    const struct CMUnitTest tests[] = {
        ROW(a_digest_brings_each_as_it_is_then),
        ROW(the_next_digest_moves_and_drops),
        ROW(so_it_does_over_restarts),
        ROW(what_goes_another_way_is_shown_there),
        ROW(what_has_no_room_is_said),
        ROW(a_deputy_hears_of_what_he_was_sent),
        ROW(so_he_does_over_restarts),
        ROW(who_is_not_in_the_directory_any_more_hears_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
