/* test_directory.c - agencies, boards, people, holders and whose an address is. */
#include "core/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static void finds(void **state)
{
    (void)state;
    assert_ptr_equal(directory_agency(&fixture_directory, "care"), &fixture_agencies[1]);
    assert_null(directory_agency(&fixture_directory, "coast"));
    assert_ptr_equal(directory_board(&fixture_directory, "coast"), &fixture_boards[0]);
    assert_null(directory_board(&fixture_directory, "care"));
    assert_ptr_equal(directory_person(&fixture_directory, "team"), &fixture_people[6]);
    assert_null(directory_person(&fixture_directory, "h"));
}

static void finds_the_board_of_a_procedure(void **state)
{
    struct agency boards[2] = { fixture_boards[0], fixture_boards[0] };
    struct directory two = { .boards = boards, .board_count = 2 };

    (void)state;
    assert_ptr_equal(directory_board_of(&fixture_directory, "invented-adults"), &fixture_boards[0]);
    assert_null(directory_board_of(&fixture_directory, "invented"));
    /* Of two that name it neither may be guessed. */
    assert_null(directory_board_of(&two, "invented-adults"));
}

static void finds_holders(void **state)
{
    static const struct role_holding roles[] = { { "nobody", NULL, NULL },
                                                 { "deputy_only", NULL, &fixture_people[0] } };
    static const struct agency agency = { .id = "x", .roles = roles, .role_count = 2 };

    (void)state;
    assert_ptr_equal(directory_holding(&fixture_agencies[0], "strategic_head")->holder,
                     &fixture_people[2]);
    assert_null(directory_holding(&fixture_agencies[0], "chair"));
    assert_null(directory_holding(&agency, "nobody"));
    assert_ptr_equal(directory_holding(&agency, "deputy_only")->deputy, &fixture_people[0]);
}

static const struct {
    const char *name, *address;
    bool owned;
} addresses[] = {
    { "its domain", "duty.desk@housing.example", true },
    { "in another case", "Duty@HOUSING.Example", true },
    { "its other domain", "a@homes.example", true },
    { "a domain below it", "a@mail.housing.example", false },
    { "a domain that ends so", "a@otherhousing.example", false },
    { "a domain that begins so", "a@housing.example.net", false },
    { "with a dot behind", "a@housing.example.", false },
    { "no name", "@housing.example", false },
    { "no domain", "a@", false },
    { "no address", "housing.example", false },
    { "nothing", "", false },
    { "two at signs", "a@evil.example@housing.example", false },
    { "two addresses", "a@evil.example,b@housing.example", false },
    { "a quoted name", "\"a@evil.example \"@housing.example", false },
    { "a blank", "a b@housing.example", false },
    { "a line's end", "a\r\nBcc: b@housing.example", false },
    { "brackets", "<a@housing.example>", false },
};

static void knows_whose_an_address_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        print_message("  %s\n", addresses[i].name);
        assert_int_equal(directory_owns_address(&fixture_agencies[0], addresses[i].address),
                         addresses[i].owned);
        assert_false(directory_owns_address(&fixture_agencies[1], addresses[i].address));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(finds_the_board_of_a_procedure),
        cmocka_unit_test(finds_holders),
        cmocka_unit_test(knows_whose_an_address_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
