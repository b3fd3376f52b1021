/* intake_words.c - what the intake says by itself, as JSON. */
#include "io/intake_words.h"
#include "core/zone.h"
#include "protocol/alphabet.h"
#include "protocol/cloudevent.h"
#include "protocol/json_guard.h"

#include <jansson.h>
#include <string.h>

enum { SOURCES_MOST = 64 /* of a HELLO that are looked at */ };

static const char *fault_of_hello(const json_t *hello);
static json_t *refused_sources(const json_t *hello, const struct principal *principal);
static char *text_of(json_t *body);

char *words_nack(const char *code, const char *reason)
{
    const struct wire_code *row = wire_code_find(code);

    return text_of(json_pack("{s:s, s:s, s:b}", "code", code, "reason",
                             reason ? reason : (row ? row->meaning : ""), "retry",
                             wire_code_is_retryable(code)));
}

char *words_pong(struct instant now, int64_t last)
{
    char time[ZONE_TIME_SIZE];

    instant_write_utc(now, time);
    return text_of(json_pack("{s:s, s:I}", "time", time, "last", (json_int_t)last));
}

char *words_welcome(const void *bytes, size_t size, const struct principal *principal,
                    const char *public_key, struct instant now, const char **code)
{
    static const struct json_limits limits = { WIRE_HELLO_MAX, CLOUDEVENT_DEPTH_MAX,
                                               CLOUDEVENT_TOKENS_MAX };
    json_t *hello = NULL;
    struct json_fault found;
    const char *fault = json_guard_load(bytes, size, &limits, &hello, &found) == JSON_GUARD_OK
                            ? fault_of_hello(hello)
                            : WIRE_CODE_JSON;
    char time[ZONE_TIME_SIZE];
    char *text = NULL;

    instant_write_utc(now, time);
    if (fault)
        *code = fault;
    else
        text = text_of(json_pack("{s:i, s:i, s:i, s:s, s:[s], s:o*}", "version", WIRE_VERSION,
                                 "max_body", WIRE_BODY_MAX, "window", WIRE_WINDOW, "server_time",
                                 time, "keys", public_key, "refused_sources",
                                 refused_sources(hello, principal)));
    json_decref(hello);
    return text;
}

/* Integers from 1; one of them is the version spoken here. */
static const char *fault_of_versions(const json_t *versions)
{
    const char *fault = WIRE_CODE_VERSION;

    if (json_array_size(versions) == 0)
        return WIRE_CODE_SCHEMA;
    for (size_t i = 0; i < json_array_size(versions); i++) {
        json_int_t version = json_integer_value(json_array_get(versions, i));

        if (version < 1)
            return WIRE_CODE_SCHEMA;
        if (version == WIRE_VERSION)
            fault = NULL;
    }
    return fault;
}

static bool are_sources(const json_t *sources)
{
    if (!sources)
        return true;
    if (!json_is_array(sources))
        return false;
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const char *source = json_string_value(json_array_get(sources, i));

        if (!source || strlen(source) > EVENT_SOURCE_MAX || !alphabet_is_source(source))
            return false;
    }
    return true;
}

static const char *fault_of_hello(const json_t *hello)
{
    const json_t *client = json_object_get(hello, "client");

    if ((client && !json_is_string(client)) || !are_sources(json_object_get(hello, "sources")))
        return WIRE_CODE_SCHEMA;
    return fault_of_versions(json_object_get(hello, "versions"));
}

static json_t *refused_sources(const json_t *hello, const struct principal *principal)
{
    const json_t *sources = json_object_get(hello, "sources");
    json_t *refused = json_array();

    for (size_t i = 0; i < json_array_size(sources) && i < SOURCES_MOST; i++) {
        const char *source = json_string_value(json_array_get(sources, i));

        if (source && !keyring_check_source(principal, source))
            json_array_append_new(refused, json_string(source));
    }
    return refused;
}

/* Takes over `body`; NULL passes through. */
static char *text_of(json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

    json_decref(body);
    return text;
}
