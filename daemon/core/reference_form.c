/* reference_form.c - the forms that the directory states, and whether a reference is of one. */
#include "core/reference_private.h"

#include <string.h>

#include "core/contact.h"

/* One character of a form, or what stands for more. */
struct token {
    char kind; /* '#', '@', '?', '%'; 'u': {uuid}; 'l': {ulid}; '=': `literal` */
    char literal;
    bool many; /* "+" follows */
};

/* The next token, and how many characters it has; 0: there is none such. */
static size_t read_token(const char *form, struct token *token)
{
    static const char uuid[] = "{uuid}", ulid[] = "{ulid}";
    size_t length = sizeof uuid - 1;

    *token = (struct token){ .kind = *form, .literal = *form };
    if (strncmp(form, uuid, length) == 0 || strncmp(form, ulid, length) == 0) {
        token->kind = form[2] == 'u' ? 'u' : 'l';
        return length;
    }
    if (strchr("#@?%", *form)) {
        token->many = form[1] == '+';
        return token->many ? 2 : 1;
    }
    token->kind = '=';
    return is_letter_character(*form) || is_digit_character(*form) || strchr("._:/-", *form);
}

const char *reference_form_fault(const char *form)
{
    struct token token;
    bool has_digit = false;

    if (!*form || strlen(form) > ID_MAX)
        return "1 to 64 characters";
    for (size_t length; *form; form += length) {
        if (*form == '+')
            return "\"+\" stands behind one of # @ ? % (#+: one or more digits)";
        length = *form == '{' && strncmp(form, "{uuid}", 6) != 0 && strncmp(form, "{ulid}", 6) != 0
                     ? 0
                     : read_token(form, &token);
        if (length == 0)
            return "# a digit, @ a letter, ? one of both, % a hexadecimal digit, + behind them for "
                   "one or more, {uuid}, {ulid}; the rest A-Z a-z 0-9 . _ : / -";
        has_digit = has_digit || strchr("#?%ul", token.kind);
    }
    return has_digit ? NULL : "a place for a digit in it: # ? % {uuid} or {ulid}";
}

/* --- is it met */

static bool meets(const struct token *token, char c)
{
    bool upper = c >= 'A' && c <= 'Z';

    switch (token->kind) {
    case '#':
        return is_digit_character(c);
    case '@':
        return upper;
    case '?':
        return upper || is_digit_character(c);
    case '%':
        return is_hex_character(c);
    default:
        return c && c == token->literal;
    }
}

/* Where a reference may have been read up to: as many places as it has characters, and its end. */
struct reached {
    bool at[ID_MAX + 1];
};

static void step(const struct token *token, const char *reference, size_t from,
                 struct reached *next)
{
    size_t length = strlen(reference + from);

    if (token->kind == 'u' || token->kind == 'l') {
        size_t of = token->kind == 'u' ? CONTACT_UUID_LENGTH : ULID_TEXT_LENGTH;

        if (length >= of && (token->kind == 'u' ? contact_begins_with_uuid(reference + from)
                                                : begins_with_ulid(reference + from)))
            next->at[from + of] = true;
        return;
    }
    for (size_t i = 0; i < length && (i == 0 || token->many); i++) {
        if (!meets(token, reference[from + i]))
            return;
        next->at[from + i + 1] = true;
    }
}

bool reference_has_form(const char *form, const char *reference)
{
    size_t length = strlen(reference), step_length;
    struct reached reached = { { true } };

    if (length > ID_MAX)
        return false;
    for (; *form; form += step_length) {
        struct reached next = { { false } };
        struct token token;

        step_length = read_token(form, &token);
        if (step_length == 0)
            return false;
        for (size_t i = 0; i <= length; i++)
            if (reached.at[i])
                step(&token, reference, i, &next);
        reached = next;
    }
    return reached.at[length];
}

/* --- what it has room for */

static bool has_room_for_name(const char *form)
{
    size_t run = 0, all = 0, length;

    for (; *form; form += length) {
        struct token token;
        bool letter;

        length = read_token(form, &token);
        if (length == 0)
            return false;
        letter = token.kind == '@' || token.kind == '?';
        run = letter ? run + 1 : 0;
        all += letter;
        if ((letter && token.many) || run > REFERENCE_LETTERS_RUN || all > REFERENCE_LETTERS_ALL)
            return true;
    }
    return false;
}

unsigned reference_form_room(const char *form)
{
    return (has_room_for_name(form) ? (unsigned)ROOM_FOR_NAME : 0u) |
           (holds_nhs_number(form, true) ? (unsigned)ROOM_FOR_NHS_NUMBER : 0u) |
           (holds_date(form, true) ? (unsigned)ROOM_FOR_DATE : 0u) |
           (holds_postcode(form, true) || strstr(form, "?+") ? (unsigned)ROOM_FOR_POSTCODE : 0u);
}
