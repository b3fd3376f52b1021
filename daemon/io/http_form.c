/* http_form.c - the fields of a query or of a form. */
#include "io/http_form.h"

#include <jansson.h>
#include <string.h>

static int digit_of(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* One character at `*at`, which is moved past it; -1: there is none such. */
static int decode_one(const char **at, const char *end)
{
    const char *from = *at;
    int high, low;

    *at += *from == '%' ? 3 : 1;
    if (*from != '%')
        return *from == '+' ? ' ' : *from ? (unsigned char)*from : -1;
    if (end - from < 3 || (high = digit_of(from[1])) < 0 || (low = digit_of(from[2])) < 0)
        return -1;
    return high + low > 0 ? high * 16 + low : -1;
}

/* Decodes up to a '&' or `end_mark` into `*out`, which is closed; false where it cannot be. */
static bool decode(const char **at, const char *end, char end_mark, char **out)
{
    while (*at < end && **at != '&' && **at != end_mark) {
        int character = decode_one(at, end);

        if (character < 0)
            return false;
        *(*out)++ = (char)character;
    }
    *(*out)++ = '\0';
    return true;
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text);

    json_decref(string);
    return string != NULL;
}

/* A name and its value, each closed: as many bytes as were sent and at most one more, for the
 * '=' and the '&' make room for a zero each. */
static bool read_field(const char **at, const char *end, char **out, struct http_form *form)
{
    const char *name = *out, *value;

    if (form->count == HTTP_FIELDS_MAX || !decode(at, end, '=', out) || !*name)
        return false;
    value = *out - 1;
    if (*at < end && **at == '=') {
        (*at)++;
        value = *out;
        if (!decode(at, end, '&', out))
            return false;
    }
    if (!is_utf8(name) || !is_utf8(value) || http_form_value(form, name))
        return false;
    form->fields[form->count].name = name;
    form->fields[form->count].value = value;
    form->count++;
    return true;
}

bool http_form_read(const char *bytes, size_t length, struct http_form *form)
{
    const char *at = bytes, *end = bytes + length;
    char *out = form->text;

    form->count = 0;
    if (length > HTTP_FORM_MAX)
        return false;
    while (at < end) {
        if (!read_field(&at, end, &out, form)) {
            form->count = 0;
            return false;
        }
        if (at < end)
            at++; /* the '&' */
    }
    return true;
}

const char *http_form_value(const struct http_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}
