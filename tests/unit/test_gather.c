/* test_gather.c - what waits for a digest and until when; what goes one by one, and what together.
 *
 * The instants were worked out by hand: London, whose clocks go forward on 28 March 2027 at 01:00
 * UTC and back on 31 October 2027 at 01:00 UTC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/gather.h"

static struct instant at(const char *text)
{
    struct instant instant;

    if (instant_read(text, NULL, &instant) != INSTANT_OK)
        fail_msg("no time: %s", text);
    return instant;
}

/* --- until when */

enum { NINE = 9 * 3600, HALF_PAST_ONE = 3600 + 1800, NEVER = -1 };

static const struct {
    const char *name;
    int32_t second;
    enum priority priority;
    const char *at, *act_by, *until; /* NULL: none */
} rows[] = {
    { "before nine: that day", NINE, PRIORITY_NORMAL, "2027-01-06T08:59:59Z", NULL,
      "2027-01-06T09:00:00Z" },
    { "at nine: then", NINE, PRIORITY_NORMAL, "2027-01-06T09:00:00Z", NULL,
      "2027-01-06T09:00:00Z" },
    { "after nine: the next day", NINE, PRIORITY_NORMAL, "2027-01-06T09:00:00.000001Z", NULL,
      "2027-01-07T09:00:00Z" },
    { "on a Friday evening: the Saturday", NINE, PRIORITY_NORMAL, "2027-01-08T17:00:00Z", NULL,
      "2027-01-09T09:00:00Z" },
    { "over the night the clocks go forward: 23 hours", NINE, PRIORITY_NORMAL,
      "2027-03-27T09:00:01Z", NULL, "2027-03-28T08:00:00Z" },
    { "over the night they go back: 25 hours", NINE, PRIORITY_NORMAL, "2027-10-30T08:00:01Z", NULL,
      "2027-10-31T09:00:00Z" },
    { "a time that the clocks skip: when it would have been over", HALF_PAST_ONE, PRIORITY_NORMAL,
      "2027-03-27T12:00:00Z", NULL, "2027-03-28T01:00:00Z" },
    { "a time that comes twice: the second", HALF_PAST_ONE, PRIORITY_NORMAL, "2027-10-30T12:00:00Z",
      NULL, "2027-10-31T01:30:00Z" },
    { "an answer due later waits", NINE, PRIORITY_NORMAL, "2027-01-06T17:00:00Z",
      "2027-01-07T09:00:00.000001Z", "2027-01-07T09:00:00Z" },
    { "due just then: at once", NINE, PRIORITY_NORMAL, "2027-01-06T17:00:00Z",
      "2027-01-07T09:00:00Z", NULL },
    { "due before: at once", NINE, PRIORITY_NORMAL, "2027-01-06T17:00:00Z", "2027-01-06T18:00:00Z",
      NULL },
    { "overdue: at once", NINE, PRIORITY_NORMAL, "2027-01-06T17:00:00Z", "2027-01-05T17:00:00Z",
      NULL },
    { "urgent: at once", NINE, PRIORITY_URGENT, "2027-01-06T17:00:00Z", NULL, NULL },
    { "immediate: at once", NINE, PRIORITY_IMMEDIATE, "2027-01-06T17:00:00Z", NULL, NULL },
    { "no digest: at once", NEVER, PRIORITY_NORMAL, "2027-01-06T17:00:00Z", NULL, NULL },
};

static void waits_until_the_next_digest(void **state)
{
    static const struct zone_change changes[] = { { 1806195600, 3600 }, { 1824944400, 0 } };
    static const struct zone london = { .name = "Europe/London",
                                        .changes = changes,
                                        .change_count = COUNT_OF(changes) };

    (void)state;
    assert_int_equal(at("2027-03-28T01:00:00Z").us / SECOND_US, changes[0].at_s);
    assert_int_equal(at("2027-10-31T01:00:00Z").us / SECOND_US, changes[1].at_s);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct gather_question question = {
            .zone = &london,
            .second = rows[i].second,
            .priority = rows[i].priority,
            .at = at(rows[i].at),
            .act_by = rows[i].act_by ? at(rows[i].act_by) : INSTANT_NONE,
        };
        struct instant until = gather_until(&question);

        print_message("  %s\n", rows[i].name);
        assert_int_equal(until.us, (rows[i].until ? at(rows[i].until) : INSTANT_NONE).us);
    }
}

/* --- together */

enum { ROOM = 300, MOST = 200 };

static struct gather_tally tallies[4];

static struct gather_row row_numbered(size_t number)
{
    static char references[MOST][16];

    snprintf(references[number], sizeof references[number], "D-%04u", (unsigned)number % 10000);
    return (struct gather_row){ .number = (int64_t)number,
                                .index = number,
                                .who = "unit",
                                .apart = "",
                                .board = "board",
                                .gist = "Something happened.",
                                .reference = references[number],
                                .room = ROOM,
                                .tally = &tallies[0] };
}

static void begin(struct gather_row *list, size_t count)
{
    memset(tallies, 0, sizeof tallies);
    for (size_t i = 0; i < count; i++)
        list[i] = row_numbered(i);
}

static size_t count_of(const struct gather_row *list, size_t count, enum gather_fate fate)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += list[i].fate == fate;
    return found;
}

static void a_few_go_one_by_one(void **state)
{
    struct gather_row list[GATHER_ALONE_MAX + 1];
    struct instant now = at("2027-01-06T17:00:00Z"), later = { now.us + GATHER_SPAN_US - 1 };

    (void)state;
    begin(list, COUNT_OF(list));
    assert_int_equal(gather(list, GATHER_ALONE_MAX, now), 0);
    assert_int_equal(count_of(list, GATHER_ALONE_MAX, GATHER_ALONE), GATHER_ALONE_MAX);
    /* One more within the span waits for its end; after it they are counted anew. */
    assert_int_equal(gather(list, 1, later), 0);
    assert_int_equal(list[0].fate, GATHER_WAIT);
    assert_int_equal(list[0].until.us, now.us + GATHER_SPAN_US);
    later.us++;
    assert_int_equal(gather(list, 1, later), 0);
    assert_int_equal(list[0].fate, GATHER_ALONE);
    /* More than a few at once: none of them goes. */
    begin(list, COUNT_OF(list));
    assert_int_equal(gather(list, COUNT_OF(list), now), 0);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_WAIT), COUNT_OF(list));
    /* Nor does one that comes in the same span. */
    assert_int_equal(gather(list, 1, now), 0);
    assert_int_equal(list[0].fate, GATHER_WAIT);
}

static void what_is_ripe_goes_with_all_else(void **state)
{
    struct gather_row list[5];
    struct instant now = at("2027-01-06T09:00:00Z");

    (void)state;
    begin(list, COUNT_OF(list));
    list[0].ripe = true;
    list[4].who = "another";
    list[4].tally = &tallies[1];
    assert_int_equal(gather(list, COUNT_OF(list), now), 1);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_IN), 4);
    assert_int_equal(list[0].fate, GATHER_ALONE); /* "another" comes first */
    assert_int_equal(list[1].part, 1);
    assert_int_equal(list[1].parts, 1);
    /* One alone goes as it is, but where it cannot. */
    begin(list, 1);
    list[0].ripe = true;
    assert_int_equal(gather(list, 1, now), 0);
    assert_int_equal(list[0].fate, GATHER_ALONE);
    list[0].must = true;
    assert_int_equal(gather(list, 1, now), 1);
    assert_int_equal(list[0].fate, GATHER_IN);
    /* A route that carries no list. */
    begin(list, COUNT_OF(list));
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        list[i].ripe = true;
        list[i].room = 0;
    }
    assert_int_equal(gather(list, COUNT_OF(list), now), 0);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_ALONE), COUNT_OF(list));
}

static void what_was_overtaken_does_not_go_as_it_is(void **state)
{
    struct gather_row list[2];

    (void)state;
    begin(list, 2);
    list[0].ripe = list[0].overtaken = true;
    assert_int_equal(gather(list, 1, at("2027-02-10T09:00:00Z")), 1);
    assert_int_equal(list[0].fate, GATHER_IN);
    assert_int_equal(list[0].parts, 1);
    list[0].overtaken = false;
    assert_int_equal(gather(list, 1, at("2027-02-10T09:00:00Z")), 0);
    assert_int_equal(list[0].fate, GATHER_ALONE);

    /* What is said of it takes room, too. */
    begin(list, 2);
    list[0].ripe = list[1].ripe = true;
    assert_int_equal(gather(list, 2, at("2027-02-10T09:00:00Z")), 1);
    list[0].since_size = ROOM;
    assert_int_equal(gather(list, 2, at("2027-02-10T09:00:00Z")), 2);
}

static void what_is_stale_goes_at_once_in_a_list(void **state)
{
    struct gather_row list[GATHER_ALONE_MAX + 5];
    struct instant now = at("2027-01-06T17:00:00Z");

    (void)state;
    begin(list, 5);
    list[1].stale = list[3].stale = true;
    assert_int_equal(gather(list, 5, now), 1);
    for (size_t i = 0; i < 5; i++) {
        bool stale = list[i].index == 1 || list[i].index == 3;

        assert_int_equal(list[i].fate, stale ? GATHER_IN : GATHER_ALONE);
    }
    assert_int_equal(tallies[0].count, 3);
    /* It does not wait with too many others; nor does a silence let it go. */
    begin(list, COUNT_OF(list));
    list[1].stale = list[2].stale = list[2].silenced = true;
    assert_int_equal(gather(list, COUNT_OF(list), now), 1);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_IN), 1);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_ALONE), 1);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_WAIT), COUNT_OF(list) - 2);
}

static void what_a_silence_holds_is_not_put_together(void **state)
{
    struct gather_row list[GATHER_ALONE_MAX + 5];
    struct instant now = at("2027-01-06T17:00:00Z");

    (void)state;
    begin(list, COUNT_OF(list));
    for (size_t i = 0; i < COUNT_OF(list); i++)
        list[i].silenced = true;
    assert_int_equal(gather(list, COUNT_OF(list), now), 0);
    assert_int_equal(count_of(list, COUNT_OF(list), GATHER_ALONE), COUNT_OF(list));
    assert_int_equal(tallies[0].count, 0); /* he got none of them */
    /* Nor does it join what is ripe; what is ripe itself, or has to be written anew, does. */
    begin(list, 5);
    for (size_t i = 0; i < 4; i++)
        list[i].silenced = true;
    list[1].ripe = list[4].ripe = true;
    list[2].must = true;
    assert_int_equal(gather(list, 5, now), 1);
    for (size_t i = 0; i < 5; i++) {
        bool together = list[i].index == 1 || list[i].index == 2 || list[i].index == 4;

        assert_int_equal(list[i].fate, together ? GATHER_IN : GATHER_ALONE);
    }
}

static void boards_and_deputies_part_messages(void **state)
{
    struct gather_row list[6];

    (void)state;
    begin(list, COUNT_OF(list));
    for (size_t i = 0; i < COUNT_OF(list); i++)
        list[i].ripe = true;
    list[2].board = list[3].board = "other board";
    list[4].apart = list[5].apart = "deputy";
    assert_int_equal(gather(list, COUNT_OF(list), at("2027-01-06T09:00:00Z")), 3);
    for (size_t i = 0; i < COUNT_OF(list); i++)
        assert_int_equal(list[i].message, i / 2);
}

static void is_sorted(void **state)
{
    struct gather_row list[4];

    (void)state;
    begin(list, COUNT_OF(list));
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        list[i].ripe = true;
        list[i].room = 2 * ROOM;
    }
    list[0].at.us = 7;
    list[1].gist = "Zebras.";
    list[3].reference = "D-0001";
    assert_int_equal(gather(list, COUNT_OF(list), at("2027-01-06T09:00:00Z")), 1);
    assert_int_equal(list[0].number, 3); /* by instant, by what happened, by reference */
    assert_int_equal(list[1].number, 2);
    assert_int_equal(list[2].number, 1);
    assert_int_equal(list[3].number, 0);
}

/* --- whatever there is */

static uint64_t chance(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

static size_t fill(struct gather_row *list, uint64_t *seed)
{
    static const char *const people[] = { "a", "b", "c", "d" };
    static const char *const words[] = { "One.", "Two happened, with a longer text.", "Three." };
    size_t count = (size_t)chance(seed, MOST);
    bool ripe = chance(seed, 2), roomy[COUNT_OF(people)];

    for (size_t i = 0; i < COUNT_OF(people); i++)
        roomy[i] = chance(seed, 5) > 0;
    for (size_t i = 0; i < count; i++) {
        size_t who = (size_t)chance(seed, chance(seed, 2) ? 1 : COUNT_OF(people));

        list[i] = row_numbered(i);
        list[i].who = people[who];
        list[i].tally = &tallies[who];
        list[i].room = roomy[who] ? ROOM : 0;
        list[i].board = chance(seed, 4) ? "board" : "other";
        list[i].apart = chance(seed, 6) ? "" : "deputy";
        list[i].gist = words[chance(seed, COUNT_OF(words))];
        list[i].at.us = (int64_t)chance(seed, 3);
        list[i].ripe = ripe && chance(seed, 20) == 0;
        list[i].must = chance(seed, 50) == 0;
        list[i].silenced = chance(seed, 30) == 0;
        list[i].stale = chance(seed, 40) == 0;
    }
    return count;
}

static void assert_one_message(const struct gather_row *first, const struct gather_row *row)
{
    assert_string_equal(row->who, first->who);
    assert_string_equal(row->board, first->board);
    assert_string_equal(row->apart, first->apart);
    assert_int_equal(row->part, first->part);
    assert_int_equal(row->parts, first->parts);
}

/* Each is there once, has one fate, and the rows of a message stand together and fit. */
static void assert_sound(const struct gather_row *list, size_t count, size_t messages)
{
    bool there[MOST] = { false };
    size_t next = 0, used = 0;
    const struct gather_row *first = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct gather_row *row = &list[i];
        size_t size = strlen(row->reference) + 3;

        assert_false(there[row->index]);
        there[row->index] = true;
        assert_true(row->fate != GATHER_IN || row->room > 0);
        if (row->must)
            assert_true(row->fate == GATHER_IN || row->room == 0);
        if (row->stale && !row->silenced)
            assert_true(row->fate == GATHER_IN || row->room == 0);
        if (row->fate != GATHER_IN)
            continue;
        assert_true(row->part >= 1 && row->part <= row->parts);
        if (!first || row->message != first->message) {
            assert_int_equal(row->message, next++);
            first = row;
            used = 0;
        }
        assert_one_message(first, row);
        used += size;
        assert_true(used <= row->room);
    }
    assert_int_equal(next, messages);
    for (size_t i = 0; i < count; i++)
        assert_true(there[i]);
}

static void assert_few_alone(const struct gather_row *list, size_t count)
{
    size_t alone[4] = { 0 };

    for (size_t i = 0; i < count; i++)
        if (list[i].fate == GATHER_ALONE && list[i].room > 0 && !list[i].ripe && !list[i].silenced)
            alone[list[i].tally - tallies]++;
    for (size_t i = 0; i < COUNT_OF(alone); i++)
        assert_true(alone[i] <= GATHER_ALONE_MAX);
}

static void nothing_is_lost_or_doubled(void **state)
{
    static struct gather_row list[MOST];
    uint64_t seed = 20270106;
    struct instant now = { 0 };
    size_t in = 0, waiting = 0, alone = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t count = fill(list, &seed), messages;

        now.us += (int64_t)chance(&seed, 2 * GATHER_SPAN_US);
        messages = gather(list, count, now);
        assert_sound(list, count, messages);
        assert_few_alone(list, count);
        in += count_of(list, count, GATHER_IN);
        waiting += count_of(list, count, GATHER_WAIT);
        alone += count_of(list, count, GATHER_ALONE);
    }
    print_message("    %zu together, %zu wait, %zu alone\n", in, waiting, alone);
    assert_true(in > 1000 && waiting > 1000 && alone > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_until_the_next_digest),
        cmocka_unit_test(a_few_go_one_by_one),
        cmocka_unit_test(what_is_ripe_goes_with_all_else),
        cmocka_unit_test(what_was_overtaken_does_not_go_as_it_is),
        cmocka_unit_test(what_is_stale_goes_at_once_in_a_list),
        cmocka_unit_test(what_a_silence_holds_is_not_put_together),
        cmocka_unit_test(boards_and_deputies_part_messages),
        cmocka_unit_test(is_sorted),
        cmocka_unit_test(nothing_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
