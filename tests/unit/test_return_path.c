/* test_return_path.c - the envelope's sender that names a delivery, and who can make one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/mail.h"
#include "protocol/return_path.h"

#define ID "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3"

static const struct return_path_key key = { .is_set = true, .bytes = { 1, 2, 3 } };
static const struct return_path_key other = { .is_set = true, .bytes = { 1, 2, 4 } };
static const struct return_path_key none = { .is_set = false };

static void what_is_written_is_read_in_any_case(void **state)
{
    char address[ADDRESS_MAX + 1], shouted[ADDRESS_MAX + 1];
    struct return_path path;

    (void)state;
    assert_int_equal(return_path_write(&key, "bounces@concern.board.example", ID, address), 0);
    assert_true(mail_address_is_safe(address));
    assert_int_equal(strncmp(address, "bounces+01j8z3k5q7r9s1t3v5w7x9y1z3-", 35), 0);
    assert_string_equal(strchr(address, '@'), "@concern.board.example");
    for (size_t i = 0; i <= strlen(address); i++)
        shouted[i] = (char)(address[i] >= 'a' && address[i] <= 'z' ? address[i] - 32 : address[i]);
    assert_true(return_path_read(address, &path));
    assert_string_equal(path.delivery, ID);
    assert_true(return_path_is_signed(&key, &path));
    assert_true(return_path_read(shouted, &path));
    assert_string_equal(path.delivery, ID);
    assert_true(return_path_is_signed(&key, &path));
}

static void only_the_own_key_signs(void **state)
{
    char token[RETURN_PATH_TOKEN_SIZE];
    struct return_path path, forged;

    (void)state;
    assert_int_equal(return_path_token(&key, ID, token), 0);
    assert_true(return_path_read_token(token, &path));
    assert_false(return_path_is_signed(&other, &path));
    assert_false(return_path_is_signed(&none, &path));
    for (size_t i = 0; i < RETURN_PATH_SIGNATURE_SIZE - 1; i++) {
        forged = path;
        forged.signature[i] = forged.signature[i] == 'a' ? 'b' : 'a';
        assert_false(return_path_is_signed(&key, &forged));
    }
    /* Of the next delivery it is another one. */
    forged = path;
    forged.delivery[25] = '4';
    assert_false(return_path_is_signed(&key, &forged));
    forged = path;
    forged.signature[0] = '\0';
    assert_false(return_path_is_signed(&key, &forged));
    forged = path;
    forged.delivery[0] = '\0';
    assert_false(return_path_is_signed(&key, &forged));
    assert_int_equal(return_path_token(&none, ID, token), -EINVAL);
    assert_int_equal(return_path_token(&key, "no ulid", token), -EINVAL);
}

static void the_address_keeps_its_lengths(void **state)
{
    char address[ADDRESS_MAX + 1], domain[300] = "12345678901234567890@";

    (void)state;
    assert_int_equal(return_path_write(&key, "12345678901234567890@x.example", ID, address), 0);
    assert_true(mail_address_is_safe(address)); /* 64 before the @ */
    assert_int_equal(strcspn(address, "@"), 64);
    assert_int_equal(return_path_write(&key, "123456789012345678901@x.example", ID, address),
                     -EINVAL);
    assert_int_equal(return_path_write(&key, "bounces", ID, address), -EINVAL);
    memset(domain + strlen(domain), 'x', 211);
    assert_int_equal(return_path_write(&key, domain, ID, address), -EINVAL);
    domain[20 + 1 + 189] = '\0';
    assert_int_equal(return_path_write(&key, domain, ID, address), 0);
    assert_int_equal(strlen(address), ADDRESS_MAX);
}

static void other_texts_are_none(void **state)
{
    static const char *const texts[] = {
        "",
        "+",
        "bounces@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2l@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2lkk@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1ZU-mfrggzdfmztwq2lk@x.example", /* no U in a ULID */
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2l1@x.example", /* no 1 in base32 */
        "bounces-01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2lk@x.example",
        "bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2lk",
    };
    struct return_path path;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        print_message("  %s\n", texts[i]);
        assert_false(return_path_read(texts[i], &path));
    }
    /* Behind another one, and in a whole header. */
    assert_true(return_path_read("\"B+C\" <a+b@x>, <bounces+01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-"
                                 "mfrggzdfmztwq2lk@x.example>",
                                 &path));
    assert_false(return_path_read_token("01J8Z3K5Q7R9S1T3V5W7X9Y1Z3-mfrggzdfmztwq2lk@x", &path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_in_any_case),
        cmocka_unit_test(only_the_own_key_signs),
        cmocka_unit_test(the_address_keeps_its_lengths),
        cmocka_unit_test(other_texts_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
