/* test_acknowledgement.c - the token of a link, against values made elsewhere. */
#include "protocol/acknowledgement.h"

#include "protocol/alphabet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Made with Python, not with this code: with id and end as 16 and 7 bytes, the greatest first,
 *   mac = hmac.new(KEY, b"concernd acknowledgement\0" + id + end + b"\1",
 * hashlib.sha256).digest()[:24] base64.urlsafe_b64encode(id + end + mac + b"\1") KEY is
 * bytes(range(1, 33)) of the first and bytes(range(100, 132)) of the second. */
static const struct {
    const char *id;
    int64_t expires_s;
    uint8_t key_from;
    const char *token;
} known[] = {
    { "01JFEX0M0Z8K3T5Q7W9Y1B2C4D", 1798131540, 1,
      "AZPd0FAfRMei3PxPgrEwjQAAAGstT1SEb0PtmbnMipsT44BNPTvTYI-FqZkwbNAB" },
    { "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 0, 100,
      "_____________________wAAAAAAAADJwAk50OAOYe_KsCIoAV3SGgu-hH47LysB" },
};

static struct acknowledgement_key key_from(uint8_t first)
{
    struct acknowledgement_key key;

    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)(first + i);
    return key;
}

static int read_at(const char *token, int64_t now_s)
{
    struct acknowledgement_key key = key_from(known[0].key_from);
    struct acknowledgement read;

    return acknowledgement_read(&key, token, now_s, &read);
}

static void writes_as_its_header_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct acknowledgement_key key = key_from(known[i].key_from);
        struct acknowledgement of = { .expires_s = known[i].expires_s }, read;
        char token[ACKNOWLEDGEMENT_SIZE];

        memcpy(of.notification, known[i].id, sizeof of.notification);
        assert_int_equal(acknowledgement_write(&key, &of, token), 0);
        assert_string_equal(token, known[i].token);
        assert_int_equal(acknowledgement_read(&key, token, -1, &read), ACKNOWLEDGEMENT_OK);
        assert_string_equal(read.notification, known[i].id);
        assert_int_equal(read.expires_s, known[i].expires_s);
    }
}

static void writes_only_what_it_can_read(void **state)
{
    static const char *const ids[] = { "", "01JFEX0M0Z8K3T5Q7W9Y1B2C4",
                                       "81JFEX0M0Z8K3T5Q7W9Y1B2C4D", "01JFEX0M0Z8K3T5Q7W9Y1B2C4U",
                                       "01jfex0m0z8k3t5q7w9y1b2c4d" };
    struct acknowledgement_key key = key_from(1);
    char token[ACKNOWLEDGEMENT_SIZE];
    struct acknowledgement of = { .expires_s = -1 };

    (void)state;
    memcpy(of.notification, known[0].id, sizeof of.notification);
    assert_int_equal(acknowledgement_write(&key, &of, token), -EINVAL);
    of.expires_s = INT64_C(1) << 56;
    assert_int_equal(acknowledgement_write(&key, &of, token), -EINVAL);
    of.expires_s = 0;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        (void)snprintf(of.notification, sizeof of.notification, "%s", ids[i]);
        assert_int_equal(acknowledgement_write(&key, &of, token), -EINVAL);
    }
}

static void is_old_from_its_second_on(void **state)
{
    struct acknowledgement_key key = key_from(1);
    struct acknowledgement read = { .expires_s = 0 };

    (void)state;
    assert_int_equal(read_at(known[0].token, known[0].expires_s - 1), ACKNOWLEDGEMENT_OK);
    assert_int_equal(read_at(known[0].token, known[0].expires_s), ACKNOWLEDGEMENT_OLD);
    assert_int_equal(read_at(known[0].token, INT64_MAX), ACKNOWLEDGEMENT_OLD);
    /* Whose it was is known all the same. */
    assert_int_equal(acknowledgement_read(&key, known[0].token, INT64_MAX, &read),
                     ACKNOWLEDGEMENT_OLD);
    assert_string_equal(read.notification, known[0].id);
}

static void another_key_is_refused(void **state)
{
    struct acknowledgement_key key = key_from(1);
    struct acknowledgement read;

    (void)state;
    for (size_t i = 0; i < sizeof key.bytes; i++) {
        struct acknowledgement_key other = key;

        other.bytes[i] ^= 1;
        assert_int_equal(acknowledgement_read(&other, known[0].token, 0, &read),
                         ACKNOWLEDGEMENT_ALTERED);
    }
}

static void is_an_id_of_the_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_true(alphabet_is_id(known[i].token));
}

/* All 48 bytes count, so every letter changed to any other is another token: 64 times 63. */
static void every_bit_counts(void **state)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char token[ACKNOWLEDGEMENT_SIZE];

    (void)state;
    for (size_t i = 0; i < ACKNOWLEDGEMENT_LENGTH; i++)
        for (const char *letter = letters; *letter; letter++) {
            memcpy(token, known[0].token, sizeof token);
            if (token[i] == *letter)
                continue;
            token[i] = *letter;
            assert_int_equal(read_at(token, 0), ACKNOWLEDGEMENT_ALTERED);
        }
}

static void what_is_no_token_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "A",
        "AZPd0FAfRMei3PxPgrEwjQAAAGstT1SEb0PtmbnMipsT44BNPTvTYI-FqZkwbNA",
        "AZPd0FAfRMei3PxPgrEwjQAAAGstT1SEb0PtmbnMipsT44BNPTvTYI-FqZkwbNABA",
        "AZPd0FAfRMei3PxPgrEwjQAAAGstT1+Eb0PtmbnMipsT44BNPTvTYI-FqZkwbNAB",
        "AZPd0FAfRMei3PxPgrEwjQAAAGstT1%Eb0PtmbnMipsT44BNPTvTYI-FqZkwbNAB",
        " ZPd0FAfRMei3PxPgrEwjQAAAGstT1SEb0PtmbnMipsT44BNPTvTYI-FqZkwbNAB",
        "AZPd0FAfRMei3PxPgrEwjQAAAGstT1SEb0PtmbnMipsT44BNPTvTYI-FqZkwbN==",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(read_at(texts[i], 0), ACKNOWLEDGEMENT_ALTERED);
}

static void a_key_is_kept_as_text(void **state)
{
    struct acknowledgement_key key = key_from(250), read;
    char text[ACKNOWLEDGEMENT_KEY_TEXT_SIZE];

    (void)state;
    acknowledgement_key_write(&key, text);
    assert_memory_equal(text, "fafbfcfdfeff000102", 18);
    assert_true(acknowledgement_key_read(text, &read));
    assert_memory_equal(&read, &key, sizeof key);
    text[63] = 'G';
    assert_false(acknowledgement_key_read(text, &read));
    text[63] = '\0';
    assert_false(acknowledgement_key_read(text, &read));
    acknowledgement_key_wipe(&key);
    for (size_t i = 0; i < sizeof key.bytes; i++)
        assert_int_equal(key.bytes[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_as_its_header_says), cmocka_unit_test(writes_only_what_it_can_read),
        cmocka_unit_test(is_old_from_its_second_on), cmocka_unit_test(another_key_is_refused),
        cmocka_unit_test(every_bit_counts),          cmocka_unit_test(what_is_no_token_is_refused),
        cmocka_unit_test(a_key_is_kept_as_text),     cmocka_unit_test(is_an_id_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
