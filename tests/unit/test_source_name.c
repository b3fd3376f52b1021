/* test_source_name.c - what a source is called where others read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/source_name.h"

static const char keyring_text[] =
    "keys:\n"
    "  - {key: \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\", agency: northtown-housing,"
    " boards: [northtown-sab], sources: [\"urn:northtown\", \"urn:northtown:las\"],"
    " types: [all], rights: [publish]}\n";

static void test_digest_is_what_sha256sum_prints(void **state)
{
    char brief[DIGEST_BRIEF_SIZE];

    (void)state;
    digest_brief("abc", brief); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(brief, "ba7816bf8f01");
    digest_brief("", brief);
    assert_string_equal(brief, "");
}

static void test_names_of_sources(void **state)
{
    static const struct {
        const char *source, *name;
        bool has_digest;
    } rows[] = {
        { "urn:northtown:las", "urn:northtown:las", false },
        { "urn:northtown", "urn:northtown", false },
        { "urn:northtown:las:zebedee", "urn:northtown:las#", true },
        { "urn:northtown:las/1931-02-17", "urn:northtown:las#", true },
        { "urn:northtown:last", "urn:northtown#", true },
        { "urn:elsewhere:zebedee", "#", true },
        { "", "", false },
    };
    struct keyring *keyring = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char name[SOURCE_NAME_SIZE], wanted[SOURCE_NAME_SIZE], brief[DIGEST_BRIEF_SIZE] = "";

        if (rows[i].has_digest)
            digest_brief(rows[i].source, brief);
        snprintf(wanted, sizeof wanted, "%s%s", rows[i].name, brief);
        source_name(keyring, rows[i].source, name);
        assert_string_equal(name, wanted);
        source_name(NULL, rows[i].source, name);
        assert_string_equal(name, rows[i].source);
    }
}

/* The longest there can be have room. */
static void test_the_longest(void **state)
{
    char source[EVENT_SOURCE_MAX + 1] = "urn:northtown:las/", name[SOURCE_NAME_SIZE];

    memset(source + strlen(source), 'z', EVENT_SOURCE_MAX - strlen(source));
    source[EVENT_SOURCE_MAX] = '\0';
    source_name(*state, source, name);
    assert_int_equal(strlen(name), strlen("urn:northtown:las#") + DIGEST_BRIEF_SIZE - 1);
    source_name(NULL, source, name);
    assert_string_equal(name, source);
}

static int open_keyring(void **state)
{
    char path[] = "/tmp/concern-source-name-XXXXXX";
    int descriptor = mkstemp(path);
    struct keyring *keyring = NULL;
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    int answer;

    if (!file)
        return -1;
    fputs(keyring_text, file);
    fclose(file);
    answer = keyring_read(path, stderr, &keyring);
    unlink(path);
    *state = keyring;
    return answer;
}

static int close_keyring(void **state)
{
    struct keyring *keyring = *state;

    keyring_close(&keyring);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_is_what_sha256sum_prints),
        cmocka_unit_test(test_names_of_sources),
        cmocka_unit_test(test_the_longest),
    };

    return cmocka_run_group_tests(tests, open_keyring, close_keyring);
}
