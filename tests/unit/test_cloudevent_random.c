/* test_cloudevent_random.c - 200,000 spoilt samples: nothing crashes, and what is let in comes
 * back.
 *
 * The generator is our own and always begins with the same number, so that a failure is found
 * again; its count is printed with it.
 */
#include "protocol/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#define SAMPLES CONCERN_SOURCE_DIR "/protocol/samples"

enum { ROUNDS = 200000, SAMPLES_MAX = 200, ROOM = 80000, SPOIL_MAX = 4096 };

static struct sample {
    char *bytes;
    size_t size;
} samples[SAMPLES_MAX];
static size_t good_count, sample_count; /* the good ones come first */

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static size_t below(size_t most)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)((seed >> 11) % most);
}

static void take_samples(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) && sample_count < SAMPLES_MAX) {
        struct sample *sample = &samples[sample_count];
        char name[1024];
        FILE *file;

        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        file = fopen(name, "rb");
        assert_non_null(file);
        sample->bytes = malloc(ROOM);
        sample->size = fread(sample->bytes, 1, ROOM, file);
        fclose(file);
        if (sample->size > SPOIL_MAX) /* the few great ones cost most and say least */
            free(sample->bytes);
        else
            sample_count++;
    }
    closedir(folder);
}

/* Words that mean something to a reader. */
static const char *const words[] = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e9",
    "\"\"",
    "\"yes\"",
    "\"no\"",
    "\"by\"",
    "\"agency\"",
    "\"board\"",
    "\"event\"",
    "\"people\"",
    "\"facts\"",
    "\"email\"",
    "\"data\"",
    "\"type\"",
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "\\u0085",
    "\\ufffe",
    "\xff",
    "\xc0\x80",
    "\xf0\x9f\x98\x80",
    "\x01",
    "\n",
    "{}",
    "[]",
    "\"concernd.hold\"",
    "\"concernd.correction\"",
    "\"concernd.disagreement.raised\"",
    "\"concernd.contact.changed\"",
    "\"9999-12-31T23:59:60Z\"",
    "\"0000-01-01T00:00:00+23:59\"",
    "\"2027-01-06T17:00:00.123456789Z\"",
    "[[[[[[[[[[[[[[[[[",
    "\"09223372036854775807\"",
    "\"x\":{\"agency\":\"a\"},",
    "\"agency\":\"x\",",
    "\"risk\":\"none\",",
};

/* Puts `size` bytes in the place of `length` at `at`. */
static size_t replace(char *bytes, size_t used, size_t at, size_t length, const char *with,
                      size_t size)
{
    if (used - length + size > ROOM - 1)
        return used;
    memmove(bytes + at + size, bytes + at + length, used - at - length);
    memcpy(bytes + at, with, size);
    return used - length + size;
}

/* Where a string, with its marks, begins and ends at or after a random place. */
static size_t find_string(const char *bytes, size_t used, size_t *length)
{
    size_t at = below(used), end;

    while (at < used && bytes[at] != '"')
        at++;
    end = at + 1;
    while (end < used && bytes[end] != '"')
        end++;
    *length = end < used ? end + 1 - at : 0;
    return at;
}

/* Gently: a string for another, or a bit. */
static size_t spoil(char *bytes, size_t used, bool gently)
{
    const struct sample *other = &samples[below(sample_count)];
    const char *word = words[below(COUNT_OF(words))];
    size_t at = below(used), length = 1 + below(used - at < 20 ? used - at : 20);
    size_t from, piece;

    switch (gently ? (below(4) ? 4 : 0) : below(7)) {
    case 0:
        bytes[at] = (char)(bytes[at] ^ (1 << below(8)));
        return used;
    case 1:
        return replace(bytes, used, at, length, "", 0);
    case 2:
        return replace(bytes, used, at, 0, word, strlen(word));
    case 3: /* a value or a name for another: it mostly stays JSON */
        at = find_string(bytes, used, &length);
        return length ? replace(bytes, used, at, length, word, strlen(word)) : used;
    case 4:
        if (other->size == 0)
            return used;
        from = find_string(other->bytes, other->size, &piece);
        at = find_string(bytes, used, &length);
        if (!length || !piece)
            return used;
        return replace(bytes, used, at, length, other->bytes + from, piece);
    case 5: /* one sample's beginning, another's end */
        if (other->size == 0)
            return used;
        from = below(other->size);
        return replace(bytes, used, at, used - at, other->bytes + from, other->size - from);
    default:
        bytes[at] = (char)below(256);
        return used;
    }
}

static void comes_back(const char *bytes, size_t size, const struct event *event,
                       const struct event *corrected)
{
    static struct event again;
    struct event_reading reading;
    char *json = NULL;

    if (cloudevent_write(event, corrected, &json) != 0)
        fail_msg("let in, but cannot be written: %.*s", (int)size, bytes);
    if (cloudevent_read(json, strlen(json), &again, &reading) != CLOUDEVENT_OK)
        fail_msg("%s\n%s", reading.why, json);
    if (memcmp(&again, event, sizeof again) != 0)
        fail_msg("does not come back: %s", json);
    free(json);
}

static bool read_one(const char *bytes, size_t size)
{
    static struct event event, corrected;
    struct event_reading reading;
    char *exact = malloc(size ? size : 1); /* so that reading past the end is seen */
    int answer;

    memcpy(exact, bytes, size);
    answer = cloudevent_read(exact, size, &event, &reading);
    if (answer == CLOUDEVENT_OK) {
        bool inside = reading.has_corrected;

        if (inside)
            assert_int_equal(cloudevent_read_corrected(exact, size, &corrected, &reading),
                             CLOUDEVENT_OK);
        comes_back(exact, size, &event, inside ? &corrected : NULL);
    } else {
        assert_int_equal(answer, CLOUDEVENT_REFUSED);
        assert_int_equal(strlen(reading.code), 5);
        assert_true(reading.why[0] != '\0');
    }
    free(exact);
    return answer == CLOUDEVENT_OK;
}

static void survives_spoilt_samples(void **state)
{
    static char bytes[ROOM];
    size_t let_in = 0;

    (void)state;
    take_samples(SAMPLES);
    good_count = sample_count;
    take_samples(SAMPLES "/bad");
    for (int round = 0; round < ROUNDS; round++) {
        const struct sample *sample = &samples[below(round % 4 ? good_count : sample_count)];
        bool gently = round % 3 == 0;
        size_t used = sample->size;

        memcpy(bytes, sample->bytes, used);
        for (size_t spoils = gently ? 1 : 1 + below(3); spoils > 0 && used > 0; spoils--)
            used = spoil(bytes, used, gently);
        if (used > 2 * SPOIL_MAX)
            continue;
        let_in += read_one(bytes, used);
    }
    print_message("  %zu of %d were let in\n", let_in, ROUNDS);
    assert_true(let_in > ROUNDS / 20); /* or the second half of the promise was hardly tried */
    for (size_t i = 0; i < sample_count; i++)
        free(samples[i].bytes);
}

/* Batches cut and spoilt: never a piece outside the bytes. */
static void splits_spoilt_batches(void **state)
{
    static const char whole[] = "[{\"a\":\"]}\\\"\"},{\"b\":[1,{}]}, {} ,{\"c\":{}}]";
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    struct event_reading reading;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        char bytes[sizeof whole], *exact;
        size_t size = 1 + below(sizeof whole - 1), count = 0;

        memcpy(bytes, whole, sizeof whole);
        bytes[below(size)] = "[]{}\",\\: 1"[below(10)];
        exact = malloc(size);
        memcpy(exact, bytes, size);
        if (cloudevent_batch_split(exact, size, items, &count, &reading) == CLOUDEVENT_OK)
            for (size_t i = 0; i < count; i++) {
                assert_true(items[i].size >= 2);
                assert_true(items[i].offset + items[i].size <= size);
                assert_int_equal(exact[items[i].offset], '{');
            }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_spoilt_samples),
        cmocka_unit_test(splits_spoilt_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
