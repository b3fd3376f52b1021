/* reference.c - what a reference may look like, so that it says nothing of a person. */
#include "core/reference_private.h"

#include <string.h>
#include <strings.h>

#include "core/contact.h"

enum {
    FIRST_YEAR = 1900,
    LAST_YEAR = 2100,
    HEX_LEAST = 12, /* of a machine's id that is no UUID */
    HEX_OF_EACH = 3
};

bool is_digit_character(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_hex_character(char c)
{
    return is_digit_character(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* --- a machine's ids */

bool begins_with_ulid(const char *text)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";

    return text[0] == '0' && strspn(text, letters) >= ULID_TEXT_LENGTH;
}

/* Twelve and more hexadecimal digits, both kinds among them: no word, and no number of a person. */
static bool is_hex_id(const char *text, size_t length)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < length; i++) {
        if (!is_hex_character(text[i]))
            return false;
        digits += is_digit_character(text[i]);
        letters += is_letter_character(text[i]);
    }
    return length >= HEX_LEAST && digits >= HEX_OF_EACH && letters >= HEX_OF_EACH;
}

static void blank_hex_ids(char *part, size_t length)
{
    for (size_t i = 0, of; i < length; i += of + 1) {
        of = strcspn(part + i, "._-/:");
        if (is_hex_id(part + i, of))
            memset(part + i, '*', of);
    }
}

/* Puts "*" for each machine's id: neither letter, digit nor separator. */
static void blank_ids(char *text)
{
    for (size_t i = 0, length; text[i]; i += length + (text[i + length] != '\0')) {
        length = strcspn(text + i, "/:");
        if ((length == CONTACT_UUID_LENGTH && contact_begins_with_uuid(text + i)) ||
            (length == ULID_TEXT_LENGTH && begins_with_ulid(text + i)))
            memset(text + i, '*', length);
        else
            blank_hex_ids(text + i, length);
    }
}

/* --- numbers that are a person's */

/* A digit of a text; of a form its "#" as well. */
static bool is_place(char c, bool any)
{
    return is_digit_character(c) || (any && c == '#');
}

/* How many digits begin here; 0 where one stands before them, or as many as need be follow. */
static size_t run_at(const char *text, size_t at, bool any)
{
    size_t length = 0;

    if (at > 0 && is_place(text[at - 1], any))
        return 0;
    while (is_place(text[at + length], any))
        length++;
    return any && text[at + length] == '+' ? 0 : length;
}

static bool is_between(char c)
{
    return c && strchr("._-/:", c) != NULL;
}

/* The lengths of up to three runs of digits with one separator between each two. */
static void runs_from(const char *text, size_t at, bool any, size_t lengths[3], size_t starts[3])
{
    memset(lengths, 0, 3 * sizeof lengths[0]);
    memset(starts, 0, 3 * sizeof starts[0]);
    for (size_t i = 0; i < 3; i++) {
        starts[i] = at;
        lengths[i] = run_at(text, at, any);
        at += lengths[i];
        if (lengths[i] == 0 || !is_between(text[at]))
            return;
        at++;
    }
}

static unsigned number_of(const char *digits, size_t length)
{
    unsigned number = 0;

    for (size_t i = 0; i < length; i++)
        number = number * 10 + (unsigned)(digits[i] - '0');
    return number;
}

/* NHS Data Model and Dictionary, NHS NUMBER: weights 10 to 2; 11 less the remainder is the last
 * digit, 11 standing for 0, and 10 for no number. */
static bool is_nhs_number(const char *text, bool any)
{
    unsigned sum = 0, weight = 10, check = 0;

    if (any)
        return true;
    for (; weight > 0; text++) {
        if (!is_digit_character(*text))
            continue;
        check = (unsigned)(*text - '0');
        if (--weight > 0)
            sum += check * (weight + 1);
    }
    return (11 - sum % 11) % 11 == check;
}

bool holds_nhs_number(const char *text, bool any)
{
    for (size_t i = 0; text[i]; i++) {
        size_t lengths[3], starts[3];

        runs_from(text, i, any, lengths, starts);
        if ((lengths[0] == 10 || (lengths[0] == 3 && lengths[1] == 3 && lengths[2] == 4)) &&
            is_nhs_number(text + i, any))
            return true;
    }
    return false;
}

static bool is_year(unsigned year)
{
    return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/* Day and month, in either order. */
static bool is_day(unsigned one, unsigned other)
{
    return one >= 1 && other >= 1 && one <= 31 && other <= 31 && (one <= 12 || other <= 12);
}

static bool is_date_of(const char *year, const char *one, size_t one_length, const char *other,
                       size_t other_length, bool any)
{
    return any || (is_year(number_of(year, 4)) &&
                   is_day(number_of(one, one_length), number_of(other, other_length)));
}

static bool is_eight_digit_date(const char *text, bool any)
{
    return is_date_of(text, text + 4, 2, text + 6, 2, any) ||
           is_date_of(text + 4, text, 2, text + 2, 2, any);
}

static bool is_parted_date(const char *text, const size_t lengths[3], const size_t starts[3],
                           bool any)
{
    const char *a = text + starts[0], *b = text + starts[1], *c = text + starts[2];

    if (lengths[0] == 4 && lengths[1] == 2 && lengths[2] == 2)
        return is_date_of(a, b, 2, c, 2, any);
    return lengths[2] == 4 && lengths[0] <= 2 && lengths[1] >= 1 && lengths[1] <= 2 &&
           is_date_of(c, a, lengths[0], b, lengths[1], any);
}

static const char *month_at(const char *text)
{
    static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec" };

    for (size_t i = 0; i < COUNT_OF(months); i++)
        if (strncasecmp(text, months[i], 3) == 0 && !is_letter_character(text[3]))
            return text + 3;
    return NULL;
}

/* "17-Feb-1931", "17Feb1931"; a form has no months. */
static bool is_worded_date(const char *text, size_t day_length)
{
    const char *at = text + day_length;

    if (day_length < 1 || day_length > 2)
        return false;
    at = month_at(at + is_between(*at));
    if (!at)
        return false;
    at += is_between(*at);
    return run_at(at, 0, false) == 4 && is_year(number_of(at, 4)) &&
           is_day(number_of(text, day_length), 1);
}

bool holds_date(const char *text, bool any)
{
    for (size_t i = 0; text[i]; i++) {
        size_t lengths[3], starts[3];

        runs_from(text, i, any, lengths, starts);
        if ((lengths[0] == 8 && is_eight_digit_date(text + i, any)) ||
            is_parted_date(text, lengths, starts, any) ||
            (!any && is_worded_date(text + i, lengths[0])))
            return true;
    }
    return false;
}

/* --- postcodes */

static bool is_letter_place(char c, bool any)
{
    return is_letter_character(c) || (any && (c == '@' || c == '?'));
}

static bool is_digit_place(char c, bool any)
{
    return is_place(c, any) || (any && c == '?');
}

/* "9" a digit, "A" a letter; how many characters meet it; 0: not all. */
static size_t meets_pattern(const char *text, const char *pattern, bool any)
{
    for (size_t i = 0; pattern[i]; i++)
        if (pattern[i] == '9' ? !is_digit_place(text[i], any) : !is_letter_place(text[i], any))
            return 0;
    return strlen(pattern);
}

static bool ends_postcode(const char *text, bool any)
{
    static const char never[] = "CIKMOVcikmov";

    return meets_pattern(text, "9AA", any) && !strchr(never, text[1]) && !strchr(never, text[2]) &&
           !is_letter_place(text[3], any) && !is_place(text[3], any) &&
           !(any && strchr("+?%", text[3]) && text[3]);
}

bool holds_postcode(const char *text, bool any)
{
    static const char *const outward[] = { "A9", "A99", "AA9", "AA99", "A9A", "AA9A" };

    for (size_t i = 0; text[i]; i++) {
        if (i > 0 && (is_letter_place(text[i - 1], any) || is_place(text[i - 1], any)))
            continue;
        for (size_t j = 0; j < COUNT_OF(outward); j++) {
            size_t length = meets_pattern(text + i, outward[j], any);

            if (length &&
                (ends_postcode(text + i + length, any) ||
                 (is_between(text[i + length]) && ends_postcode(text + i + length + 1, any))))
                return true;
        }
    }
    return false;
}

/* --- numbers and initials */

static bool is_made_of_words(const char *text)
{
    size_t run = 0, all = 0;

    for (; *text; text++) {
        run = is_letter_character(*text) ? run + 1 : 0;
        all += run > 0;
        if (run > REFERENCE_LETTERS_RUN || all > REFERENCE_LETTERS_ALL)
            return true;
        if (!run && !is_digit_character(*text) && !is_between(*text) && *text != '*')
            return true;
    }
    return false;
}

static enum reference_fault plain_fault(const char *reference)
{
    char text[ID_MAX + 1];
    size_t length = strlen(reference);

    if (length > ID_MAX || strchr(reference, '*'))
        return REFERENCE_WORDS;
    if (!strpbrk(reference, "0123456789"))
        return REFERENCE_NO_DIGIT;
    memcpy(text, reference, length + 1);
    blank_ids(text);
    if (is_made_of_words(text))
        return REFERENCE_WORDS;
    if (holds_nhs_number(text, false))
        return REFERENCE_NHS_NUMBER;
    if (holds_date(text, false))
        return REFERENCE_DATE;
    return holds_postcode(text, false) ? REFERENCE_POSTCODE : REFERENCE_FINE;
}

/* --- the rules */

/* What a machine made may hold any digits; what the form spells itself cannot be told apart. */
static enum reference_fault fault_of_form(const char *form, const char *reference)
{
    unsigned room = reference_form_room(form);

    if (strpbrk(form, "%{"))
        return REFERENCE_FINE;
    if (!(room & ROOM_FOR_NHS_NUMBER) && holds_nhs_number(reference, false))
        return REFERENCE_NHS_NUMBER;
    if (!(room & ROOM_FOR_DATE) && holds_date(reference, false))
        return REFERENCE_DATE;
    return !(room & ROOM_FOR_POSTCODE) && holds_postcode(reference, false) ? REFERENCE_POSTCODE
                                                                           : REFERENCE_FINE;
}

enum reference_fault reference_fault(const struct reference_rules *rules, const char *reference)
{
    enum reference_fault fault = REFERENCE_OTHER_FORM;

    if (rules->form_count == 0)
        return plain_fault(reference);
    for (size_t i = 0; i < rules->form_count && fault != REFERENCE_FINE; i++)
        if (reference_has_form(rules->forms[i], reference))
            fault = fault_of_form(rules->forms[i], reference);
    return fault;
}

bool reference_link_is_fine(const struct reference_rules *rules, const char *link)
{
    for (size_t i = 0; i < rules->link_count; i++) {
        size_t length = strlen(rules->links[i]);
        const char *rest = link + length;

        if (strncmp(link, rules->links[i], length) == 0 &&
            (contact_is_uuid(rest) ||
             (begins_with_ulid(rest) && strlen(rest) == ULID_TEXT_LENGTH) ||
             reference_fault(rules, rest) == REFERENCE_FINE))
            return true;
    }
    return false;
}

const char *reference_fault_text(enum reference_fault fault)
{
    static const char *const texts[REFERENCE_FAULT_COUNT] = {
        [REFERENCE_FINE] = "is fine",
        [REFERENCE_OTHER_FORM] = "is of none of the forms that the directory states",
        [REFERENCE_NO_DIGIT] = "has no digit",
        [REFERENCE_WORDS] = "has more than four letters in a row, or eight in all",
        [REFERENCE_NHS_NUMBER] = "holds what can be an NHS number",
        [REFERENCE_DATE] = "holds what can be a date",
        [REFERENCE_POSTCODE] = "holds what can be a postcode",
    };

    return texts[fault];
}
