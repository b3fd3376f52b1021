/* json_guard.h - looks at JSON before a parser allocates anything for it.
 *
 * jansson takes up to 79 times the memory of its input and recurses 2,048 deep; a linear scan
 * in front of it keeps both small.  The scan judges sizes, not syntax: what it lets pass may
 * still be no JSON, but never costs more than the limits say.
 */
#ifndef CONCERN_PROTOCOL_JSON_GUARD_H
#define CONCERN_PROTOCOL_JSON_GUARD_H

#include "core/base.h"

#include <jansson.h>

struct json_limits {
    size_t size;   /* bytes */
    size_t depth;  /* arrays and objects inside each other */
    size_t tokens; /* strings (names too), numbers, literals, arrays and objects */
};

enum json_guard_answer {
    JSON_GUARD_OK,
    JSON_GUARD_SIZE,    /* too many bytes */
    JSON_GUARD_DEPTH,   /* too deep */
    JSON_GUARD_TOKENS,  /* too many tokens */
    JSON_GUARD_CONTROL, /* a control character that JSON does not allow where it stands */
    JSON_GUARD_SYNTAX,  /* of json_guard_load: within the limits, but no JSON */
};

/** Scans `size` bytes; any answer but JSON_GUARD_OK sets `*at`, the byte (from 0) that broke
 *  the limit.  Allocates nothing, reads every byte at most once. */
int json_guard(const char *bytes, size_t size, const struct json_limits *limits, size_t *at);

/** What went wrong while a text was loaded. */
struct json_fault {
    size_t at;    /* byte, from 0 */
    char why[96]; /* "goes deeper than 16 levels", "has a member twice"; quotes nothing */
};

/**
 * Scans, then parses with duplicate members refused and nothing allowed behind the value.
 *
 * JSON_GUARD_OK sets `*json`, to be released with json_decref(); any other answer sets
 * `*fault`; -ENOMEM.
 */
int json_guard_load(const char *bytes, size_t size, const struct json_limits *limits, json_t **json,
                    struct json_fault *fault);

/** For CLEANUP: releases `*json`, NULL is fine, and sets NULL. */
void json_release(json_t **json);

#endif
