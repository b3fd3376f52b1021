/* test_sequence.c - what a sequence number says about the ones before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/sequence.h"

#define FIRST "8d6a0000-0000-4000-8000-000000000001"
#define SECOND "8d6a0000-0000-4000-8000-000000000002"

static void reads_twenty_digits(void **state)
{
    static const struct {
        const char *text;
        int answer;
        uint64_t sequence;
    } rows[] = {
        { "00000000000000000000", SEQUENCE_READ, 0 },
        { "00000000000000000042", SEQUENCE_READ, 42 },
        { "09223372036854775807", SEQUENCE_READ, INT64_MAX },
        { "09223372036854775808", SEQUENCE_MALFORMED, 0 },
        { "18446744073709551616", SEQUENCE_MALFORMED, 0 },
        { "99999999999999999999", SEQUENCE_MALFORMED, 0 },
        { "42", SEQUENCE_MALFORMED, 0 },
        { "", SEQUENCE_MALFORMED, 0 },
        { "0000000000000000004 ", SEQUENCE_MALFORMED, 0 },
        { "-0000000000000000042", SEQUENCE_MALFORMED, 0 },
        { "+0000000000000000042", SEQUENCE_MALFORMED, 0 },
        { "000000000000000000042", SEQUENCE_MALFORMED, 0 },
        { "0x000000000000000042", SEQUENCE_MALFORMED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t sequence = 7;
        char again[SEQUENCE_DIGITS + 1];

        print_message("  \"%s\"\n", rows[i].text);
        assert_int_equal(sequence_read(rows[i].text, strlen(rows[i].text), &sequence),
                         rows[i].answer);
        if (rows[i].answer != SEQUENCE_READ) {
            assert_int_equal(sequence, 7);
            continue;
        }
        assert_int_equal(sequence, rows[i].sequence);
        sequence_write(sequence, again);
        assert_string_equal(again, rows[i].text);
    }
}

/* from > to where nothing is missing. */
#define NOTHING 1, 0

static const struct sequence_mark never = { .known = false };
static const struct sequence_mark at_ten = { .known = true, .seqepoch = FIRST, .high = 10 };
static const struct sequence_mark at_last = { true, FIRST, INT64_MAX };

static const struct {
    const char *name;
    const struct sequence_mark *mark;
    const char *seqepoch;
    uint64_t sequence;
    enum sequence_answer answer;
    uint64_t high, from, to;
} events[] = {
    { "the next", &at_ten, FIRST, 11, SEQUENCE_NEXT, 11, NOTHING },
    { "the same again", &at_ten, FIRST, 10, SEQUENCE_DUPLICATE, 10, NOTHING },
    { "an older one", &at_ten, FIRST, 3, SEQUENCE_DUPLICATE, 10, NOTHING },
    { "one is missing", &at_ten, FIRST, 12, SEQUENCE_GAP, 12, 11, 11 },
    { "many are missing", &at_ten, FIRST, 100, SEQUENCE_GAP, 100, 11, 99 },
    { "first heard, at one", &never, FIRST, 1, SEQUENCE_NEW_EPOCH, 1, NOTHING },
    { "first heard, at nought", &never, FIRST, 0, SEQUENCE_NEW_EPOCH, 0, NOTHING },
    { "first heard, later", &never, FIRST, 5, SEQUENCE_NEW_EPOCH, 5, 1, 4 },
    { "a new counter", &at_ten, SECOND, 1, SEQUENCE_NEW_EPOCH, 1, NOTHING },
    { "a new counter, its first ones lost", &at_ten, SECOND, 3, SEQUENCE_NEW_EPOCH, 3, 1, 2 },
    { "no number", &at_ten, "", 0, SEQUENCE_UNSEQUENCED, 10, NOTHING },
    { "no number, NULL", &never, NULL, 0, SEQUENCE_UNSEQUENCED, 0, NOTHING },
    { "at the end of counting", &at_last, FIRST, INT64_MAX, SEQUENCE_DUPLICATE, INT64_MAX,
      NOTHING },
};

static const struct {
    const char *name;
    const struct sequence_mark *mark;
    const char *seqepoch;
    uint64_t last;
    enum sequence_answer answer;
    uint64_t high, from, to;
} heartbeats[] = {
    { "all heard", &at_ten, FIRST, 10, SEQUENCE_NEXT, 10, NOTHING },
    { "behind us", &at_ten, FIRST, 9, SEQUENCE_NEXT, 10, NOTHING },
    { "a lost tail", &at_ten, FIRST, 13, SEQUENCE_GAP, 13, 11, 13 },
    { "first heard, nothing published", &never, FIRST, 0, SEQUENCE_NEW_EPOCH, 0, NOTHING },
    { "first heard, after four", &never, FIRST, 4, SEQUENCE_NEW_EPOCH, 4, 1, 4 },
    { "a new counter", &at_ten, SECOND, 2, SEQUENCE_NEW_EPOCH, 2, 1, 2 },
    { "no epoch", &at_ten, "", 5, SEQUENCE_UNSEQUENCED, 10, NOTHING },
};

static void decides_over_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct sequence_decision decision =
            sequence_decide(events[i].mark, events[i].seqepoch, events[i].sequence);

        print_message("  %s\n", events[i].name);
        assert_int_equal(decision.answer, events[i].answer);
        assert_int_equal(decision.high, events[i].high);
        assert_int_equal(decision.from, events[i].from);
        assert_int_equal(decision.to, events[i].to);
    }
}

static void decides_over_heartbeats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heartbeats); i++) {
        struct sequence_decision decision =
            sequence_heartbeat(heartbeats[i].mark, heartbeats[i].seqepoch, heartbeats[i].last);

        print_message("  %s\n", heartbeats[i].name);
        assert_int_equal(decision.answer, heartbeats[i].answer);
        assert_int_equal(decision.high, heartbeats[i].high);
        assert_int_equal(decision.from, heartbeats[i].from);
        assert_int_equal(decision.to, heartbeats[i].to);
    }
}

static const struct {
    struct sequence_range gap, gone;
    size_t count;
    struct sequence_range left[2];
} cuts[] = {
    { { 5, 9 }, { 7, 7 }, 2, { { 5, 6 }, { 8, 9 } } },
    { { 5, 9 }, { 5, 5 }, 1, { { 6, 9 } } },
    { { 5, 9 }, { 9, 9 }, 1, { { 5, 8 } } },
    { { 5, 9 }, { 5, 9 }, 0, { { 0, 0 } } },
    { { 5, 9 }, { 0, INT64_MAX }, 0, { { 0, 0 } } },
    { { 5, 9 }, { 0, 6 }, 1, { { 7, 9 } } },
    { { 5, 9 }, { 8, 100 }, 1, { { 5, 7 } } },
    { { 5, 9 }, { 10, 100 }, 1, { { 5, 9 } } },
    { { 5, 9 }, { 1, 4 }, 1, { { 5, 9 } } },
    { { 5, 9 }, { 7, 6 }, 1, { { 5, 9 } } },
    { { 0, INT64_MAX }, { INT64_MAX, INT64_MAX }, 1, { { 0, INT64_MAX - 1 } } },
    { { 0, 0 }, { 0, 0 }, 0, { { 0, 0 } } },
    { { 6, 5 }, { 1, 9 }, 0, { { 0, 0 } } },
};

static void cuts_a_gap(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        struct sequence_range left[2];
        size_t count = sequence_cut(cuts[i].gap, cuts[i].gone, left);

        assert_int_equal(count, cuts[i].count);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(left[j].from, cuts[i].left[j].from);
            assert_int_equal(left[j].to, cuts[i].left[j].to);
        }
    }
}

/* Whatever is lost on the way: every number below the mark was either kept or told as missing. */
static void tells_of_every_loss(void **state)
{
    enum { LAST = 2000 };
    static bool kept[LAST + 1], told[LAST + 1];
    struct sequence_mark mark = { 0 };
    uint32_t chance = 12345;

    (void)state;
    memset(kept, 0, sizeof kept);
    memset(told, 0, sizeof told);
    for (uint64_t sequence = 1; sequence <= LAST; sequence++) {
        struct sequence_decision decision;

        chance = chance * 1664525 + 1013904223;
        if ((chance >> 24) % 3 == 0)
            continue; /* lost */
        decision = sequence_decide(&mark, FIRST, sequence);
        for (uint64_t missing = decision.from; missing <= decision.to; missing++) {
            assert_false(told[missing]);
            told[missing] = true;
        }
        kept[sequence] = true;
        sequence_keep(&mark, FIRST, &decision);
    }
    for (uint64_t sequence = 1; sequence <= mark.high; sequence++)
        assert_true(kept[sequence] != told[sequence]);
    assert_string_equal(mark.seqepoch, FIRST);
}

static void an_unnumbered_event_leaves_the_mark(void **state)
{
    struct sequence_mark mark = at_ten;
    struct sequence_decision decision = sequence_decide(&mark, NULL, 0);

    (void)state;
    sequence_keep(&mark, NULL, &decision);
    assert_int_equal(mark.high, 10);
    assert_string_equal(mark.seqepoch, FIRST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_twenty_digits),
        cmocka_unit_test(decides_over_events),
        cmocka_unit_test(decides_over_heartbeats),
        cmocka_unit_test(cuts_a_gap),
        cmocka_unit_test(tells_of_every_loss),
        cmocka_unit_test(an_unnumbered_event_leaves_the_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
