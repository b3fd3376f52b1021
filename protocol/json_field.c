/* json_field.c - takes members out of a parsed object and puts them into one. */
#include "protocol/json_field.h"

#include "core/sequence.h"
#include "core/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool field_text(const json_t *object, const char *name, char *text, size_t size)
{
    const json_t *value = json_object_get(object, name);

    text[0] = '\0';
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value) || json_string_length(value) >= size)
        return false;
    memcpy(text, json_string_value(value), json_string_length(value) + 1);
    return true;
}

bool field_required(const json_t *object, const char *name, bool (*is)(const char *), char *text,
                    size_t size)
{
    return field_text(object, name, text, size) && is(text);
}

bool field_truth(const json_t *object, const char *name, bool *truth)
{
    const json_t *value = json_object_get(object, name);

    *truth = json_is_true(value);
    return !value || json_is_boolean(value);
}

bool field_count(const json_t *object, const char *name, int64_t *count)
{
    const json_t *value = json_object_get(object, name);

    *count = json_integer_value(value);
    return !value || json_is_null(value) || (json_is_integer(value) && *count >= 0);
}

bool field_instant(const json_t *object, const char *name, struct instant *at)
{
    char text[ZONE_TIME_SIZE];

    *at = INSTANT_NONE;
    if (!field_text(object, name, text, sizeof text))
        return false;
    return !text[0] || instant_read(text, NULL, at) == INSTANT_OK;
}

bool field_sequence_text(const char *text, uint64_t *sequence)
{
    return sequence_read(text, strlen(text), sequence) == SEQUENCE_READ;
}

bool field_set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0; /* takes a NULL for a failure */
}

bool field_set_text(json_t *object, const char *name, const char *text)
{
    return field_set(object, name, json_string(text));
}

bool field_set_some(json_t *object, const char *name, const char *text)
{
    return !text || !text[0] || field_set_text(object, name, text);
}

bool field_set_instant(json_t *object, const char *name, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return field_set(object, name, json_null());
    instant_write_utc(at, text);
    return field_set_text(object, name, text);
}

bool field_set_sequence(json_t *object, const char *name, uint64_t sequence)
{
    char text[SEQUENCE_DIGITS + 1];

    snprintf(text, sizeof text, "%020" PRIu64, sequence);
    return field_set_text(object, name, text);
}
