/* replay.c - what a feed's publisher is asked for when something is missing. */
#include "protocol/replay.h"

#include "protocol/alphabet.h"
#include "protocol/cloudevent.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <string.h>

static const struct json_limits limits = { REPLAY_BODY_MAX, 4, 64 };
static const struct json_limits event_limits = { WIRE_BODY_MAX, CLOUDEVENT_DEPTH_MAX,
                                                 CLOUDEVENT_TOKENS_MAX };

static int finish(json_t *object, bool made, char **json)
{
    char *text = object && made ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    *json = text;
    return text ? 0 : -ENOMEM;
}

static int load(const char *bytes, size_t size, const struct json_limits *within, json_t **object)
{
    struct json_fault fault;
    int answer = json_guard_load(bytes, size, within, object, &fault);

    if (answer < 0)
        return answer;
    return answer == JSON_GUARD_OK && json_is_object(*object) ? REPLAY_OK : REPLAY_UNREADABLE;
}

static bool take_number(const json_t *object, const char *name, uint64_t *number)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) &&
           sequence_read(json_string_value(value), json_string_length(value), number) ==
               SEQUENCE_READ;
}

static bool take_count(const json_t *object, const char *name, uint64_t *count)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *count = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_source(const json_t *object, char source[WIRE_SOURCE_MAX + 1])
{
    return field_required(object, "source", alphabet_is_source, source, WIRE_SOURCE_MAX + 1);
}

static bool take_epoch(const json_t *object, char seqepoch[WIRE_SEQEPOCH_MAX + 1])
{
    return field_required(object, "seqepoch", alphabet_is_uuid, seqepoch, WIRE_SEQEPOCH_MAX + 1);
}

/* --- requests */

int replay_write_request(const struct replay_request *request, char **json)
{
    json_t *object = json_object();
    bool made = object && field_set_text(object, "source", request->source);

    if (made && !request->snapshot)
        made = field_set_text(object, "seqepoch", request->seqepoch) &&
               field_set_sequence(object, "from", request->range.from) &&
               field_set_sequence(object, "to", request->range.to) &&
               field_set(object, "max", json_integer(request->max));
    return finish(object, made, json);
}

int replay_read_request(const char *bytes, size_t size, bool snapshot,
                        struct replay_request *request)
{
    CLEANUP(json_release) json_t *object = NULL;
    struct replay_request read = { .snapshot = snapshot };
    uint64_t max = 0;
    int answer = load(bytes, size, &limits, &object);

    if (answer != REPLAY_OK)
        return answer;
    if (!take_source(object, read.source))
        return REPLAY_UNREADABLE;
    if (!snapshot &&
        (!take_epoch(object, read.seqepoch) || !take_number(object, "from", &read.range.from) ||
         !take_number(object, "to", &read.range.to) || !take_count(object, "max", &max) ||
         read.range.from > read.range.to || max < 1 || max > REPLAY_MOST))
        return REPLAY_UNREADABLE;
    read.max = (unsigned)max;
    *request = read;
    return REPLAY_OK;
}

/* --- answers */

int replay_write_end(const struct replay_end *end, char **json)
{
    json_t *object = json_object();

    return finish(object,
                  object && field_set(object, "count", json_integer((json_int_t)end->count)), json);
}

int replay_read_end(const char *bytes, size_t size, struct replay_end *end)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &limits, &object);

    if (answer != REPLAY_OK)
        return answer;
    return take_count(object, "count", &end->count) ? REPLAY_OK : REPLAY_UNREADABLE;
}

int replay_write_gone(const struct replay_gone *gone, char **json)
{
    json_t *object = json_object();
    bool made = object && (gone->nothing ? field_set(object, "oldest", json_null())
                                         : field_set_sequence(object, "oldest", gone->oldest));

    return finish(object, made, json);
}

int replay_read_gone(const char *bytes, size_t size, struct replay_gone *gone)
{
    CLEANUP(json_release) json_t *object = NULL;
    struct replay_gone read = { 0 };
    int answer = load(bytes, size, &limits, &object);

    if (answer != REPLAY_OK)
        return answer;
    read.nothing = json_is_null(json_object_get(object, "oldest"));
    if (!read.nothing && !take_number(object, "oldest", &read.oldest))
        return REPLAY_UNREADABLE;
    *gone = read;
    return REPLAY_OK;
}

int replay_write_snap(const struct replay_snap *snap, char **json)
{
    json_t *object = json_object();
    bool made = object && field_set_text(object, "source", snap->source) &&
                field_set_text(object, "seqepoch", snap->seqepoch) &&
                field_set_sequence(object, "sequence", snap->sequence) &&
                field_set(object, "values", json_integer((json_int_t)snap->values));

    return finish(object, made, json);
}

int replay_read_snap(const char *bytes, size_t size, struct replay_snap *snap)
{
    CLEANUP(json_release) json_t *object = NULL;
    struct replay_snap read = { .sequence = 0 };
    int answer = load(bytes, size, &limits, &object);

    if (answer != REPLAY_OK)
        return answer;
    if (!take_source(object, read.source) || !take_epoch(object, read.seqepoch) ||
        !take_number(object, "sequence", &read.sequence) ||
        !take_count(object, "values", &read.values) || read.values > REPLAY_VALUES_MOST)
        return REPLAY_UNREADABLE;
    *snap = read;
    return REPLAY_OK;
}

int replay_read_place(const char *bytes, size_t size, struct replay_place *place)
{
    CLEANUP(json_release) json_t *object = NULL;
    struct replay_place read = { .sequence = 0 };
    int answer = load(bytes, size, &event_limits, &object);

    if (answer != REPLAY_OK)
        return answer;
    if (!take_source(object, read.source))
        return REPLAY_UNREADABLE;
    if (json_object_get(object, "sequence") &&
        (!take_epoch(object, read.seqepoch) || !take_number(object, "sequence", &read.sequence)))
        return REPLAY_UNREADABLE;
    *place = read;
    return REPLAY_OK;
}
