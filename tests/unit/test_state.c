/* test_state.c - the JSON part of a disagreement: what is written reads back the same. */
#include "io/state.h"

#include "store_fixture.h"

enum { RANDOM_ONES = 3000 };

static void reads_what_it_wrote(void **unused)
{
    (void)unused;
    for (int i = 0; i < RANDOM_ONES; i++) {
        struct disagreement made = chance_disagreement(), read = chance_disagreement();
        char *text = NULL, *again = NULL;

        assert_int_equal(state_write(&full_procedure, &made, &text), STATE_OK);
        assert_int_equal(state_read(&full_procedure, text, &read), STATE_OK);
        assert_same_state(&made, &read);
        assert_int_equal(state_write(&full_procedure, &read, &again), STATE_OK);
        assert_string_equal(text, again);
        free(text);
        free(again);
    }
}

/* An id stands where a place would mean something else in another version. */
static void names_by_id(void **unused)
{
    struct disagreement made = plain_disagreement("D-1", NOON(60));
    char *text = NULL;

    (void)unused;
    made.stage = 3;
    made.told[5] = 3;
    made.rule_held[2] = true;
    made.rule_told_entry[2] = 9;
    assert_int_equal(state_write(&full_procedure, &made, &text), STATE_OK);
    assert_non_null(strstr(text, "\"stage\":\"deadline-3\""));
    assert_non_null(strstr(text, "\"told\":{\"role-5\":3}"));
    assert_non_null(strstr(text, "\"rules\":{\"rule-2\":{\"held\":true,\"told\":9}}"));
    assert_non_null(strstr(text, "\"parties\":[\"northtown-housing\",\"northtown-care\"]"));
    free(text);
}

static const struct {
    const char *name;
    const char *text;
    int answer;
} rows[] = {
    { "an empty object: all at its default", "{}", STATE_OK },
    { "a key from a later version is passed over", "{\"later\":1}", STATE_OK },
    { "nothing", "", STATE_UNREADABLE },
    { "no object", "[1]", STATE_UNREADABLE },
    { "half a text", "{\"stage\":", STATE_UNREADABLE },
    { "a key twice", "{\"entry\":1,\"entry\":2}", STATE_UNREADABLE },
    { "a stage that the procedure has not", "{\"stage\":\"stage-99\"}", STATE_UNREADABLE },
    { "a rule that it has not", "{\"rules\":{\"x\":{}}}", STATE_UNREADABLE },
    { "a role that it has not", "{\"told\":{\"x\":1}}", STATE_UNREADABLE },
    { "a mask of seventeen bits", "{\"agreed\":65536}", STATE_UNREADABLE },
    { "a negative mask", "{\"told\":{\"role-1\":-1}}", STATE_UNREADABLE },
    { "an entry past 32 bits", "{\"entry\":4294967296}", STATE_UNREADABLE },
    { "an instant in words", "{\"held_until\":\"soon\"}", STATE_UNREADABLE },
    { "ten parties", "{\"parties\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}",
      STATE_UNREADABLE },
    { "a party that is a number", "{\"parties\":[1]}", STATE_UNREADABLE },
    { "a fact without a value", "{\"facts\":[[\"a\"]]}", STATE_UNREADABLE },
    { "a case of 65 letters",
      "{\"case\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
      STATE_UNREADABLE },
};

static void refuses(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct disagreement read = chance_disagreement();

        print_message("  %s\n", rows[i].name);
        assert_int_equal(state_read(&full_procedure, rows[i].text, &read), rows[i].answer);
    }
}

static void takes_defaults(void **unused)
{
    struct disagreement read = chance_disagreement();

    (void)unused;
    assert_int_equal(state_read(&full_procedure, "{}", &read), STATE_OK);
    assert_int_equal(read.stage, -1);
    assert_int_equal(read.previous, -1);
    assert_int_equal(read.party_count, 0);
    assert_true(instant_is_none(read.held_until));
    assert_false(read.held);
    assert_int_equal(read.told[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(names_by_id),
        cmocka_unit_test(refuses),
        cmocka_unit_test(takes_defaults),
    };

    full_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
