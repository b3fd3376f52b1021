/* template_private.h - the tags of a template, for template*.c alone. */
#ifndef CONCERN_CORE_TEMPLATE_PRIVATE_H
#define CONCERN_CORE_TEMPLATE_PRIVATE_H

#include "core/template.h"

enum token_kind {
    TOKEN_END,
    TOKEN_TEXT,
    TOKEN_REMARK,
    TOKEN_VALUE,
    TOKEN_OPEN,     /* {{#name}} */
    TOKEN_OPEN_NOT, /* {{^name}} */
    TOKEN_CLOSE,
    TOKEN_BROKEN, /* "{{" that is not closed on its line, or holds no name */
};

struct token {
    enum token_kind kind;
    const char *at;   /* its first byte */
    size_t length;    /* of a text, its bytes */
    const char *name; /* of a tag */
    size_t name_length;
    const char *next; /* what follows it */
};

/** The first tag from `at` on; NULL if there is none. */
const char *template_tag(const char *at);

/** What stands at `at`, a place within `template` or its end. */
struct token template_token(const char *template, const char *at);

/** The place of a tag's name among the fields; `count` if it is none. */
size_t template_field_of(const struct template_field *fields, size_t count,
                         const struct token *token);

#endif
