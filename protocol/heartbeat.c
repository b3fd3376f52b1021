/* heartbeat.c - what a feed says between its events: how far its source has come. */
#include "protocol/heartbeat.h"

#include "core/sequence.h"
#include "protocol/alphabet.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"

enum { DEPTH_MAX = 4, TOKENS_MAX = 64 };

/* As the events carry it, twenty digits; or a plain number, which cannot be misread. */
static bool take_sequence(const json_t *beat, uint64_t *sequence)
{
    const json_t *value = json_object_get(beat, "last_sequence");

    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *sequence = (uint64_t)json_integer_value(value);
        return true;
    }
    return json_is_string(value) &&
           sequence_read(json_string_value(value), json_string_length(value), sequence) ==
               SEQUENCE_READ;
}

int heartbeat_read(const char *bytes, size_t size, struct heartbeat *heartbeat)
{
    static const struct json_limits limits = { HEARTBEAT_MAX, DEPTH_MAX, TOKENS_MAX };
    CLEANUP(json_release) json_t *beat = NULL;
    struct json_fault fault;
    int answer = json_guard_load(bytes, size, &limits, &beat, &fault);

    if (answer < 0)
        return answer;
    if (answer != JSON_GUARD_OK || !json_is_object(beat) ||
        !field_required(beat, "source", alphabet_is_source, heartbeat->source,
                        sizeof heartbeat->source) ||
        !field_required(beat, "seqepoch", alphabet_is_uuid, heartbeat->seqepoch,
                        sizeof heartbeat->seqepoch) ||
        !take_sequence(beat, &heartbeat->last_sequence))
        return HEARTBEAT_UNREADABLE;
    return HEARTBEAT_OK;
}
