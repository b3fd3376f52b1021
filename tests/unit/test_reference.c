/* test_reference.c - which references may be passed on, and which forms may be stated.
 *
 * Everybody and every number here is invented.  The NHS numbers are of the range 999, which is
 * never given to anybody; their check digits were worked out by hand by the rule of the NHS Data
 * Model and Dictionary.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/reference.h"
#include "core/text.h"

static const struct {
    const char *reference;
    enum reference_fault fault;
} plain_rows[] = {
    /* as case systems have them */
    { "D-2026-0192", REFERENCE_FINE },
    { "7F3K-0192", REFERENCE_FINE },
    { "LAS/ASC-2026-00123", REFERENCE_FINE },
    { "MASH:2026/12:7", REFERENCE_FINE },
    { "1", REFERENCE_FINE },
    { "CYPS_77.1", REFERENCE_FINE },
    { "18122026001", REFERENCE_FINE }, /* eleven digits */
    { "2026-13-45", REFERENCE_FINE },  /* no day of any year */
    { "20261345", REFERENCE_FINE },
    { "1899-12-31", REFERENCE_FINE },
    { "2101-01-01", REFERENCE_FINE },
    { "9991374621", REFERENCE_FINE }, /* the check digit is another */
    { "999-137-4621", REFERENCE_FINE },
    { "99913746200", REFERENCE_FINE },
    { "9-9-9-1-3-7-4-6-2-0", REFERENCE_FINE },
    /* a machine's ids */
    { "8d6a1c2e-4b7f-4c3d-9e8f-0123456789ab", REFERENCE_FINE },
    { "las/8D6A1C2E-4B7F-4C3D-9E8F-0123456789AB", REFERENCE_FINE },
    { "01ARZ3NDEKTSV4RRFFQ69G5FAV", REFERENCE_FINE },
    { "D:01arz3ndektsv4rrffq69g5fav", REFERENCE_FINE },
    { "507f1f77bcf86cd799439011", REFERENCE_FINE },
    { "case.507f1f77bcf86cd799439011", REFERENCE_FINE },
    { "8d6a1c2e-4b7f-4c3d-9e8f-0123456789abc", REFERENCE_WORDS }, /* one digit too many */
    { "8d6a1c2e-4b7f-4c3d-9e8f-0123456789zebed", REFERENCE_WORDS },
    { "01ARZ3NDEKTSV4RRFFQ69G5FAVZ", REFERENCE_WORDS },
    { "81ARZ3NDEKTSV4RRFFQ69G5FAV", REFERENCE_WORDS }, /* of the year 10889 */
    /* names and narrative */
    { "Zebedee.Quillfeather", REFERENCE_NO_DIGIT },
    { "ZQ", REFERENCE_NO_DIGIT },
    { "Zebedee.Quillfeather-1", REFERENCE_WORDS },
    { "quillfeather1", REFERENCE_WORDS },
    { "ABCDE1", REFERENCE_WORDS },
    { "ABCD1", REFERENCE_FINE },
    { "was-hit-by-dad-1", REFERENCE_WORDS },
    { "14-Nightingale-Row", REFERENCE_WORDS },
    { "abcdefabcdef1", REFERENCE_WORDS },
    { "1%41", REFERENCE_WORDS },
    { "1*", REFERENCE_WORDS },
    { "1 2", REFERENCE_WORDS },
    { "", REFERENCE_NO_DIGIT },
    /* NHS numbers */
    { "9991374620", REFERENCE_NHS_NUMBER },
    { "999-137-4620", REFERENCE_NHS_NUMBER },
    { "999.137.4620", REFERENCE_NHS_NUMBER },
    { "999_137/4620", REFERENCE_NHS_NUMBER },
    { "999:137:4620", REFERENCE_NHS_NUMBER },
    { "D-9991374620", REFERENCE_NHS_NUMBER },
    { "NHS9991374620A", REFERENCE_NHS_NUMBER },
    { "12/999-137-4620/3", REFERENCE_NHS_NUMBER },
    { "9990000018", REFERENCE_NHS_NUMBER }, /* 9*(10+9+8)+1*2 = 245; 245 mod 11 = 3; 8 */
    /* dates */
    { "1931-02-17", REFERENCE_DATE },
    { "1931/02/17", REFERENCE_DATE },
    { "1931.02:17", REFERENCE_DATE },
    { "17-02-1931", REFERENCE_DATE },
    { "02-17-1931", REFERENCE_DATE },
    { "17_2_1931", REFERENCE_DATE },
    { "19310217", REFERENCE_DATE },
    { "17021931", REFERENCE_DATE },
    { "02171931", REFERENCE_DATE },
    { "DOB19310217", REFERENCE_DATE },
    { "ZQ/1931-02-17/1", REFERENCE_DATE },
    { "17-Feb-1931", REFERENCE_DATE },
    { "17feb1931", REFERENCE_DATE },
    { "7.FEB.1931", REFERENCE_DATE },
    { "2026-12-18-001", REFERENCE_DATE },
    { "1900-01-01", REFERENCE_DATE },
    /* postcodes: QF is no area of any */
    { "QF1-7ZZ", REFERENCE_POSTCODE },
    { "QF17ZZ", REFERENCE_POSTCODE },
    { "qf1.7zz", REFERENCE_POSTCODE },
    { "Q1-7ZZ", REFERENCE_POSTCODE },
    { "Q17_7ZZ", REFERENCE_POSTCODE },
    { "QF17/7ZZ", REFERENCE_POSTCODE },
    { "Q1F:7ZZ", REFERENCE_POSTCODE },
    { "QF1F-7ZZ", REFERENCE_POSTCODE },
    { "14/QF1-7ZZ/2", REFERENCE_POSTCODE },
    { "QF1-7CZ", REFERENCE_FINE },
    { "QF1-7ZZZ", REFERENCE_FINE },
    { "QF1-17ZZ", REFERENCE_FINE },
    { "1QF1-7ZZ", REFERENCE_FINE },
    { "QF1--7ZZ", REFERENCE_FINE },
    { "QFF1-7ZZ", REFERENCE_FINE },
    { "2100-12-31", REFERENCE_DATE },
};

static void numbers_and_initials(void **state)
{
    static const struct reference_rules none = { NULL, 0, NULL, 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(plain_rows); i++) {
        enum reference_fault fault = reference_fault(&none, plain_rows[i].reference);

        if (fault != plain_rows[i].fault)
            fail_msg("%s: it %s", plain_rows[i].reference, reference_fault_text(fault));
    }
}

/* The longest, and one longer than there can be. */
static void of_every_length(void **state)
{
    static const struct reference_rules none = { NULL, 0, NULL, 0 };
    char text[ID_MAX + 2];

    (void)state;
    memset(text, '1', sizeof text);
    text[ID_MAX] = '\0';
    assert_int_equal(reference_fault(&none, text), REFERENCE_FINE);
    assert_true(reference_has_form("#+", text));
    text[ID_MAX] = '1';
    text[ID_MAX + 1] = '\0';
    assert_int_equal(reference_fault(&none, text), REFERENCE_WORDS);
    assert_false(reference_has_form("#+", text));
}

static const struct {
    const char *form, *reference;
    bool met;
} form_rows[] = {
    { "D-####-####", "D-2026-0192", true },
    { "D-####-####", "D-2026-192", false },
    { "D-####-####", "D-2026-01920", false },
    { "D-####-####", "d-2026-0192", false },
    { "D-####-####", "D-2026-0192-Zebedee", false },
    { "D-####-####", "XD-2026-0192", false },
    { "D-####-####", "", false },
    { "#+", "0", true },
    { "#+", "123456789", true },
    { "#+", "", false },
    { "#+", "12a", false },
    { "@@#+", "AB1", true },
    { "@@#+", "Ab1", false },
    { "@@#+", "AB", false },
    { "??\?\?-####", "7F3K-0192", true },
    { "??\?\?-####", "7f3K-0192", false },
    { "%+", "01aF", true },
    { "%+", "01aG", false },
    { "#+#", "12", true },
    { "#+#", "1", false },
    { "#+-#+/@+#", "1-22/ABC3", true },
    { "#+-#+/@+#", "1-/ABC3", false },
    { "LAS.{uuid}", "LAS.8d6a1c2e-4b7f-4c3d-9e8f-0123456789ab", true },
    { "LAS.{uuid}", "LAS.8d6a1c2e-4b7f-4c3d-9e8f-0123456789a", false },
    { "{ulid}/#", "01ARZ3NDEKTSV4RRFFQ69G5FAV/7", true },
    { "{ulid}/#", "01ARZ3NDEKTSV4RRFFQ69G5FAU/7", false },
    { "Case_#:a/b.c", "Case_1:a/b.c", true },
};

static void a_form_is_met_by_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(form_rows); i++) {
        assert_null(reference_form_fault(form_rows[i].form));
        if (reference_has_form(form_rows[i].form, form_rows[i].reference) != form_rows[i].met)
            fail_msg("%s by %s", form_rows[i].form, form_rows[i].reference);
    }
}

/* What would take for ever by trying. */
static void it_takes_no_time(void **state)
{
    char form[ID_MAX + 1], text[ID_MAX + 1];
    struct text whole = text_over(form, sizeof form);

    (void)state;
    for (int i = 0; i < 31; i++)
        text_add(&whole, "?+");
    text_add(&whole, "#-");
    memset(text, '1', ID_MAX);
    text[ID_MAX] = '\0';
    assert_null(reference_form_fault(form));
    assert_false(reference_has_form(form, text));
}

static void forms_that_are_none(void **state)
{
    static const char *const forms[] = {
        "",        "D-2026", "@@@@", "+#",     "#++",       "D+#",     "D ####", "D-{guid}",
        "{uuid}{", "#*",     "\\d+", "[0-9]#", "#\xc3\xa9", "{UUID}#", "#%41(",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (!reference_form_fault(forms[i]))
            fail_msg("\"%s\" is a form", forms[i]);
}

static const struct {
    const char *form;
    unsigned room;
} room_rows[] = {
    { "D-####-####", 0 },
    { "#+", 0 },
    { "########-####", ROOM_FOR_DATE },
    { "#########", 0 },
    { "##########", ROOM_FOR_NHS_NUMBER },
    { "###-###-####", ROOM_FOR_NHS_NUMBER },
    { "L##########", ROOM_FOR_NHS_NUMBER },
    { "########", ROOM_FOR_DATE },
    { "####-##-##/#+", ROOM_FOR_DATE },
    { "20##-##-##", ROOM_FOR_DATE },
    { "##/##/####", ROOM_FOR_DATE },
    { "########+", 0 },
    { "@@@@-####", 0 },
    { "@@@@@-####", ROOM_FOR_NAME },
    { "@+#", ROOM_FOR_NAME },
    { "?????#", ROOM_FOR_NAME },
    { "??\?-??\?-??\?-#", ROOM_FOR_NAME | ROOM_FOR_POSTCODE },
    { "??????", ROOM_FOR_NAME | ROOM_FOR_POSTCODE },
    { "??????\?????", ROOM_FOR_NAME }, /* no end in it behind a postcode */
    { "%%%%%%%%%%", 0 },
    { "{uuid}", 0 },
    { "CASEWORK-####", 0 },
    { "@@#-#@@", ROOM_FOR_POSTCODE },
    { "@@##@@", ROOM_FOR_POSTCODE },
    { "QF#/#ZZ", ROOM_FOR_POSTCODE },
    { "@@#-#@@@", 0 },
    { "@@#-#@@?", 0 },
    { "D-?+", ROOM_FOR_NAME | ROOM_FOR_POSTCODE },
};

static void what_a_form_has_room_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(room_rows); i++)
        if (reference_form_room(room_rows[i].form) != room_rows[i].room)
            fail_msg("%s: %u", room_rows[i].form, reference_form_room(room_rows[i].form));
}

static void a_number_of_a_person_is_of_no_form(void **state)
{
    static const struct {
        const char *form, *reference;
        enum reference_fault fault;
    } rows[] = {
        { "#+", "123456789", REFERENCE_FINE },
        { "#+", "9991374620", REFERENCE_NHS_NUMBER },
        { "#+", "9991374621", REFERENCE_FINE },
        { "##########", "9991374620", REFERENCE_FINE }, /* nothing tells it from one */
        { "??????????", "9991374620", REFERENCE_NHS_NUMBER },
        { "#+", "19310217", REFERENCE_DATE },
        { "########", "19310217", REFERENCE_FINE },
        { "####-????", "1931-0217", REFERENCE_FINE },
        { "#+-#+-#+", "1931-02-17", REFERENCE_DATE },
        { "%+", "9991374620", REFERENCE_FINE }, /* a machine's digits */
        { "#+", "Zebedee", REFERENCE_OTHER_FORM },
        { "@@#+-#+@@", "QF1-7ZZ", REFERENCE_POSTCODE },
        { "@@#-#@@", "QF1-7ZZ", REFERENCE_FINE },
        { "D-?+-?+", "D-FF24AA-0", REFERENCE_FINE }, /* a counter in letters meets one by chance */
        { "??????", "FF24AA", REFERENCE_FINE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reference_rules rules = { &rows[i].form, 1, NULL, 0 };
        enum reference_fault fault = reference_fault(&rules, rows[i].reference);

        if (fault != rows[i].fault)
            fail_msg("%s by %s: it %s", rows[i].form, rows[i].reference,
                     reference_fault_text(fault));
    }
}

static void one_form_of_several(void **state)
{
    static const char *const forms[] = { "#+", "D-#", "##########" };
    const struct reference_rules rules = { forms, COUNT_OF(forms), NULL, 0 };

    (void)state;
    assert_int_equal(reference_fault(&rules, "D-7"), REFERENCE_FINE);
    assert_int_equal(reference_fault(&rules, "9991374620"), REFERENCE_FINE);
    assert_int_equal(reference_fault(&rules, "D-77"), REFERENCE_OTHER_FORM);
    assert_int_equal(reference_fault(&rules, "19310217"), REFERENCE_DATE);
}

static const struct {
    const char *link;
    bool plain, stated; /* with numbers and initials; with the form D-# */
} link_rows[] = {
    { "https://las.example/r/D-7", true, true },
    { "https://las.example/case?id=D-7", true, true },
    { "https://las.example/r/7F3K-0192", true, false },
    { "https://las.example/r/8d6a1c2e-4b7f-4c3d-9e8f-0123456789ab", true, true },
    { "https://las.example/r/01ARZ3NDEKTSV4RRFFQ69G5FAV", true, true },
    { "https://las.example/r/", false, false },
    { "https://las.example/r/D-7?name=zebedee", false, false },
    { "https://las.example/r/D-7#1931-02-17", false, false },
    { "https://las.example/r/%44-7", false, false },
    { "https://las.example/r/zebedee-quillfeather", false, false },
    { "https://las.example/r/1931-02-17", false, false },
    { "https://las.example/r/9991374620", false, false },
    { "https://las.example/x/D-7", false, false },
    { "https://zebedee.las.example/r/D-7", false, false },
    { "http://las.example/r/D-7", false, false },
    { "", false, false },
};

static void links(void **state)
{
    static const char *const forms[] = { "D-#" };
    static const char *const begin[] = { "https://las.example/case?id=", "https://las.example/r/" };
    const struct reference_rules plain = { NULL, 0, begin, COUNT_OF(begin) };
    const struct reference_rules stated = { forms, 1, begin, COUNT_OF(begin) };
    const struct reference_rules none = { forms, 1, NULL, 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(link_rows); i++) {
        if (reference_link_is_fine(&plain, link_rows[i].link) != link_rows[i].plain)
            fail_msg("plain: %s", link_rows[i].link);
        if (reference_link_is_fine(&stated, link_rows[i].link) != link_rows[i].stated)
            fail_msg("stated: %s", link_rows[i].link);
        assert_false(reference_link_is_fine(&none, link_rows[i].link));
    }
}

/* Of a million random numbers of ten digits one in eleven is taken for an NHS number, as must be
 * where the last digit alone decides. */
static void one_number_in_eleven(void **state)
{
    static const struct reference_rules none = { NULL, 0, NULL, 0 };
    uint64_t random = 88172645463325252;
    unsigned taken = 0;

    (void)state;
    for (int i = 0; i < 110000; i++) {
        char text[16];

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        snprintf(text, sizeof text, "%010u", (unsigned)(random % 4000000000u));
        taken += reference_fault(&none, text) == REFERENCE_NHS_NUMBER;
    }
    assert_in_range(taken, 9500, 10500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_initials),
        cmocka_unit_test(of_every_length),
        cmocka_unit_test(a_form_is_met_by_the_whole),
        cmocka_unit_test(it_takes_no_time),
        cmocka_unit_test(forms_that_are_none),
        cmocka_unit_test(what_a_form_has_room_for),
        cmocka_unit_test(a_number_of_a_person_is_of_no_form),
        cmocka_unit_test(one_form_of_several),
        cmocka_unit_test(links),
        cmocka_unit_test(one_number_in_eleven),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
