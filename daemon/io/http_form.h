/* http_form.h - the fields of a query or of a form, as browsers send them.
 *
 * "a=b&c=d" with '+' for a blank and %XX for any byte.  Everything is bounded, and what is
 * not such a text is refused whole: a field is never guessed at.
 */
#ifndef CONCERN_IO_HTTP_FORM_H
#define CONCERN_IO_HTTP_FORM_H

#include "core/base.h"

enum {
    HTTP_FORM_MAX = 4096, /* bytes of a query or a form, as sent */
    HTTP_FIELDS_MAX = 16
};

struct http_form {
    char text[HTTP_FORM_MAX + 1]; /* names and values, each closed with a zero */
    struct {
        const char *name;
        const char *value;
    } fields[HTTP_FIELDS_MAX]; /* they point into `text`: a form is not copied */
    size_t count;
};

/**
 * Reads `length` bytes.  False, and an empty form: too long, too many fields, a name that is
 * empty or comes twice, a '%' without two digits, a zero byte, or no UTF-8.
 */
bool http_form_read(const char *bytes, size_t length, struct http_form *form);

/** The value of a field, or NULL: there is none of this name. */
const char *http_form_value(const struct http_form *form, const char *name);

#endif
