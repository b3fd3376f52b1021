/* json_guard.c - looks at JSON before a parser allocates anything for it. */
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdio.h>

struct scan {
    const unsigned char *bytes;
    size_t size, at;
    size_t depth, tokens;
};

static int scan_string(struct scan *scan);
static void scan_word(struct scan *scan);
static int scan_one(struct scan *scan, const struct json_limits *limits);
static void tell_limit(int answer, const struct json_limits *limits, struct json_fault *fault);
static void tell_syntax(const json_error_t *error, struct json_fault *fault);

int json_guard(const char *bytes, size_t size, const struct json_limits *limits, size_t *at)
{
    struct scan scan = { .bytes = (const unsigned char *)bytes, .size = size };
    int answer = JSON_GUARD_OK;

    if (size > limits->size) {
        *at = limits->size;
        return JSON_GUARD_SIZE;
    }
    while (scan.at < size && answer == JSON_GUARD_OK) {
        size_t start = scan.at;

        answer = scan_one(&scan, limits);
        *at = answer == JSON_GUARD_CONTROL ? scan.at : start;
    }
    return answer;
}

/* One token with what is around it: an opening or closing bracket, a string, a word. */
static int scan_one(struct scan *scan, const struct json_limits *limits)
{
    int answer = JSON_GUARD_OK;

    switch (scan->bytes[scan->at]) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ':':
        scan->at++;
        return JSON_GUARD_OK;
    case ']':
    case '}':
        scan->at++;
        scan->depth -= scan->depth > 0;
        return JSON_GUARD_OK;
    case '[':
    case '{':
        scan->at++;
        if (++scan->depth > limits->depth)
            return JSON_GUARD_DEPTH;
        break;
    case '"':
        answer = scan_string(scan);
        break;
    default:
        if (scan->bytes[scan->at] < 0x20)
            return JSON_GUARD_CONTROL;
        scan_word(scan);
    }
    if (answer != JSON_GUARD_OK)
        return answer;
    return ++scan->tokens > limits->tokens ? JSON_GUARD_TOKENS : JSON_GUARD_OK;
}

/* From one quotation mark to behind the next that no backslash precedes. */
static int scan_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->size; scan->at++) {
        unsigned char byte = scan->bytes[scan->at];

        if (byte < 0x20)
            return JSON_GUARD_CONTROL;
        if (byte == '\\' && scan->at + 1 < scan->size && scan->bytes[scan->at + 1] >= 0x20)
            scan->at++;
        else if (byte == '"') {
            scan->at++;
            return JSON_GUARD_OK;
        }
    }
    return JSON_GUARD_OK; /* not closed: the parser will say so */
}

/* A number, a literal, or nonsense: one token up to what ends a word.  Whatever bytes it holds,
 * it costs the parser no more than that. */
static void scan_word(struct scan *scan)
{
    for (scan->at++; scan->at < scan->size; scan->at++) {
        unsigned char byte = scan->bytes[scan->at];

        if (byte <= ' ' || byte == ',' || byte == ':' || byte == '"' || byte == '[' ||
            byte == ']' || byte == '{' || byte == '}')
            return;
    }
}

int json_guard_load(const char *bytes, size_t size, const struct json_limits *limits, json_t **json,
                    struct json_fault *fault)
{
    int answer = json_guard(bytes, size, limits, &fault->at);
    json_error_t error;

    if (answer != JSON_GUARD_OK) {
        tell_limit(answer, limits, fault);
        return answer;
    }
    *json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (*json)
        return JSON_GUARD_OK;
    if (json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    tell_syntax(&error, fault);
    return JSON_GUARD_SYNTAX;
}

static void tell_limit(int answer, const struct json_limits *limits, struct json_fault *fault)
{
    if (answer == JSON_GUARD_SIZE)
        snprintf(fault->why, sizeof fault->why, "is longer than %zu bytes", limits->size);
    else if (answer == JSON_GUARD_DEPTH)
        snprintf(fault->why, sizeof fault->why, "goes deeper than %zu levels", limits->depth);
    else if (answer == JSON_GUARD_TOKENS)
        snprintf(fault->why, sizeof fault->why, "has more than %zu values and names",
                 limits->tokens);
    else
        snprintf(fault->why, sizeof fault->why, "holds a control character");
}

/* jansson's own text quotes what stands near, which may be anybody's words. */
static void tell_syntax(const json_error_t *error, struct json_fault *fault)
{
    static const struct {
        enum json_error_code code;
        const char *why;
    } rows[] = {
        { json_error_premature_end_of_input, "ends too early" },
        { json_error_end_of_input_expected, "goes on after its end" },
        { json_error_invalid_utf8, "is not UTF-8" },
        { json_error_duplicate_key, "has a member twice" },
        { json_error_null_character, "holds a zero byte" },
        { json_error_null_byte_in_key, "holds a zero byte" },
        { json_error_numeric_overflow, "has a number out of range" },
    };
    const char *why = "is not JSON";

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (json_error_code(error) == rows[i].code)
            why = rows[i].why;
    snprintf(fault->why, sizeof fault->why, "%s", why);
    fault->at = error->position > 0 ? (size_t)error->position : 0;
}

void json_release(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}
