/* test_signature.c - Standard Webhooks signatures, against values made elsewhere. */
#include "protocol/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Made with Python, not with this code:
 *   base64.b64encode(hmac.new(bytes(range(1, 33)), ID + b".1798131540." + BODY,
 *                             hashlib.sha256).digest())
 * and the same with bytes(range(100, 148)) for the second secret. */
static const char id[] = "01JFEX0M0Z8K3T5Q7W9Y1B2C4D";
static const char body[] =
    "{\"specversion\":\"1.0\",\"id\":\"01JFEX0M0Z8K3T5Q7W9Y1B2C4D\",\"subject\":\"7F3K-0192\"}";
static const char first_text[] = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
static const char second_text[] =
    "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKT";
static const char first_signature[] = "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=";
static const char second_signature[] = "v1,VsLPQu212xPLllnz0oUYDDl6wtdZTL76kqtjYY91iUM=";

static const struct signed_message message = { id, 1798131540, body, sizeof body - 1 };

static struct signature_secret secret_of(const char *text)
{
    struct signature_secret secret;

    assert_int_equal(signature_secret_read(text, &secret), SIGNATURE_OK);
    return secret;
}

static void signs_as_the_standard_says(void **state)
{
    struct signature_secret secret = secret_of(first_text);
    char text[SIGNATURES_SIZE];

    (void)state;
    assert_int_equal(secret.size, 32);
    assert_int_equal(secret.bytes[31], 32);
    assert_int_equal(signature_write(&secret, 1, &message, text), SIGNATURE_OK);
    assert_string_equal(text, first_signature);
}

static void signs_once_for_each_secret(void **state)
{
    const struct signature_secret secrets[] = { secret_of(first_text), secret_of(second_text),
                                                secret_of(first_text), secret_of(second_text) };
    char text[SIGNATURES_SIZE], expected[SIGNATURES_SIZE];

    (void)state;
    assert_int_equal(signature_write(secrets, 2, &message, text), SIGNATURE_OK);
    (void)snprintf(expected, sizeof expected, "%s %s", first_signature, second_signature);
    assert_string_equal(text, expected);
    assert_int_equal(signature_write(secrets, SIGNATURE_SECRETS_MAX, &message, text), SIGNATURE_OK);
    assert_int_equal(strlen(text), SIGNATURES_SIZE - 1);
}

/* clang-format off */
static const struct {
    const char *name, *text;
    int answer;
    size_t size;
} secrets[] = {
    { "24 bytes",            "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",     SIGNATURE_OK, 24 },
    { "25 bytes",            "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==", SIGNATURE_OK, 25 },
    { "64 bytes",            "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
                             "QUFBQUFBQUFBQUFBQUFBQQ==",                    SIGNATURE_OK, 64 },
    { "a line of a file",    " whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n",   SIGNATURE_OK, 24 },
    { "23 bytes",            "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",     SIGNATURE_BAD_SECRET, 0 },
    { "65 bytes",            "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
                             "QUFBQUFBQUFBQUFBQUFBQUE=",                    SIGNATURE_BAD_SECRET, 0 },
    { "nothing",             "",                                           SIGNATURE_BAD_SECRET, 0 },
    { "only the prefix",     "whsec_",                                     SIGNATURE_BAD_SECRET, 0 },
    { "no prefix",           "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",           SIGNATURE_BAD_SECRET, 0 },
    { "upper case prefix",   "WHSEC_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",     SIGNATURE_BAD_SECRET, 0 },
    { "not base64",          "whsec_QUFBQUFBQUFBQUFB*UFBQUFBQUFBQUFB",     SIGNATURE_BAD_SECRET, 0 },
    { "a blank inside",      "whsec_QUFBQUFBQUFBQUFB UFBQUFBQUFBQUFB",     SIGNATURE_BAD_SECRET, 0 },
    { "padding inside",      "whsec_QUFBQUFBQUFB====QUFBQUFBQUFBQUFBQUFB", SIGNATURE_BAD_SECRET, 0 },
    { "three of padding",    "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQ===", SIGNATURE_BAD_SECRET, 0 },
    { "one letter short",    "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF",  SIGNATURE_BAD_SECRET, 0 },
};

static const struct {
    const char *name, *signatures;
    int64_t now_s;
    int answer;
} checks[] = {
    { "right",                 "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=", 1798131540, SIGNATURE_OK },
    { "at the tolerance",      "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=", 1798131840, SIGNATURE_OK },
    { "second of two",         "v1,VsLPQu212xPLllnz0oUYDDl6wtdZTL76kqtjYY91iUM= "
                               "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=", 1798131540, SIGNATURE_OK },
    { "another version too",   "v1a,bm90IG91cnM= v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=",
                                                                                  1798131540, SIGNATURE_OK },
    { "too old",               "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=", 1798131841, SIGNATURE_TOO_OLD },
    { "from the future",       "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=", 1798131239, SIGNATURE_TOO_OLD },
    { "another's",             "v1,VsLPQu212xPLllnz0oUYDDl6wtdZTL76kqtjYY91iUM=", 1798131540, SIGNATURE_WRONG },
    { "cut",                   "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0",  1798131540, SIGNATURE_WRONG },
    { "longer",                "v1,xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=A", 1798131540, SIGNATURE_WRONG },
    { "no version",            "xurwluwOe9J2ypsoyvRpezjDKQIRJgMReU5btTees+0=",    1798131540, SIGNATURE_WRONG },
    { "none",                  "",                                                1798131540, SIGNATURE_WRONG },
    { "blanks",                "   ",                                             1798131540, SIGNATURE_WRONG },
};
/* clang-format on */

static void reads_only_good_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        struct signature_secret secret = { .size = 0 };

        print_message("  %s\n", secrets[i].name);
        assert_int_equal(signature_secret_read(secrets[i].text, &secret), secrets[i].answer);
        assert_int_equal(secret.size, secrets[i].size);
    }
}

static void verifies(void **state)
{
    struct signature_secret secret = secret_of(first_text);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        print_message("  %s\n", checks[i].name);
        assert_int_equal(
            signature_verify(&secret, &message, checks[i].signatures, checks[i].now_s, 300),
            checks[i].answer);
    }
}

/* Every part counts: the id, the instant, each byte of the body. */
static void any_change_is_seen(void **state)
{
    struct signature_secret secret = secret_of(first_text);
    struct signed_message other = message;
    char changed[sizeof body];

    (void)state;
    other.id = "01JFEX0M0Z8K3T5Q7W9Y1B2C4E";
    assert_int_equal(signature_verify(&secret, &other, first_signature, 1798131540, 300),
                     SIGNATURE_WRONG);
    other = message;
    other.timestamp_s++;
    assert_int_equal(signature_verify(&secret, &other, first_signature, 1798131540, 300),
                     SIGNATURE_WRONG);
    other = message;
    other.body = changed;
    for (size_t i = 0; i < sizeof body - 1; i++) {
        memcpy(changed, body, sizeof body);
        changed[i] = (char)(changed[i] ^ 1);
        assert_int_equal(signature_verify(&secret, &other, first_signature, 1798131540, 300),
                         SIGNATURE_WRONG);
    }
}

static void wipes(void **state)
{
    struct signature_secret secret = secret_of(first_text);

    (void)state;
    signature_wipe(&secret);
    assert_int_equal(secret.size, 0);
    for (size_t i = 0; i < sizeof secret.bytes; i++)
        assert_int_equal(secret.bytes[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_standard_says), cmocka_unit_test(signs_once_for_each_secret),
        cmocka_unit_test(reads_only_good_secrets),    cmocka_unit_test(verifies),
        cmocka_unit_test(any_change_is_seen),         cmocka_unit_test(wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
