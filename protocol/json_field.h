/* json_field.h - takes members out of a parsed object and puts them into one.  Inside protocol
 * only.
 *
 * Readers are for what our own programs wrote, or a newer one of them: a member that is not
 * there is "", 0 or false; one of another kind or too long answers false.
 */
#ifndef CONCERN_PROTOCOL_JSON_FIELD_H
#define CONCERN_PROTOCOL_JSON_FIELD_H

#include "core/base.h"

#include <jansson.h>

/** Copies a string of fewer than `size` bytes; null is as if it were not there. */
bool field_text(const json_t *object, const char *name, char *text, size_t size);

/** The same, where the text must be there and be an id, a source, ….: `is` judges it. */
bool field_required(const json_t *object, const char *name, bool (*is)(const char *), char *text,
                    size_t size);

bool field_truth(const json_t *object, const char *name, bool *truth);

/** An integer of at least 0. */
bool field_count(const json_t *object, const char *name, int64_t *count);

/** RFC 3339; null or not there is INSTANT_NONE. */
bool field_instant(const json_t *object, const char *name, struct instant *at);

/** 20 digits, to SEQUENCE_MAX, as a CloudEvents sequence is written. */
bool field_sequence_text(const char *text, uint64_t *sequence);

/** Set a member; false when it could not be: no memory, or no UTF-8. */
bool field_set(json_t *object, const char *name, json_t *value);
bool field_set_text(json_t *object, const char *name, const char *text);
/** Not at all where the text is NULL or "". */
bool field_set_some(json_t *object, const char *name, const char *text);
/** In UTC; INSTANT_NONE is null. */
bool field_set_instant(json_t *object, const char *name, struct instant at);
bool field_set_sequence(json_t *object, const char *name, uint64_t sequence);

#endif
