/* given.c - the members of an event that its file left out. */
#include "spool/given.h"

#include "core/zone.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 16, ID_TEXT_SIZE = ID_MAX + 1 };

/* 128 bits of SHA-256, and how often they were given; free while `times` is 0. */
struct given_id {
    unsigned char hash[HASH_BYTES];
    unsigned times;
};

static bool has(const json_t *event, const char *name);
static int put_text(json_t *event, const char *name, const char *text, bool *changed);
static int put_id(struct given *given, json_t *event, const json_t *identity, bool *changed);
static int hash_of(const json_t *event, const json_t *identity, unsigned char hash[HASH_BYTES]);
static int count_up(struct given *given, const unsigned char hash[HASH_BYTES], unsigned *times);
static int grow(struct given *given);
static struct given_id *place_of(const struct given *given, const unsigned char hash[HASH_BYTES]);

int given_complete(struct given *given, json_t *event, const json_t *identity, const char *source,
                   struct instant time, bool *changed)
{
    char time_text[ZONE_TIME_SIZE];
    int error = 0;

    *changed = false;
    instant_write_utc(time, time_text);
    /* The id is of what the event says itself, and of whose it is; a time that was given may be
     * another when the same event stands in the next file. */
    if ((source && (error = put_text(event, "source", source, changed))) ||
        (error = put_id(given, event, identity, changed)) ||
        (error = put_text(event, "time", time_text, changed)) ||
        (error = put_text(event, "specversion", "1.0", changed)) ||
        (error = put_text(event, "datacontenttype", "application/json", changed)))
        return error;
    if (!has(event, "data")) {
        *changed = true;
        error = json_object_set_new(event, "data", json_object()) ? -ENOMEM : 0;
    }
    return error;
}

/* A null is as good as nothing. */
static bool has(const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);

    return value && !json_is_null(value);
}

static int put_text(json_t *event, const char *name, const char *text, bool *changed)
{
    if (has(event, name))
        return 0;
    *changed = true;
    return json_object_set_new(event, name, json_string(text)) ? -ENOMEM : 0;
}

static int put_id(struct given *given, json_t *event, const json_t *identity, bool *changed)
{
    unsigned char hash[HASH_BYTES];
    char id[ID_TEXT_SIZE];
    size_t used = 0;
    unsigned times;
    int error;

    if (has(event, "id"))
        return 0;
    if ((error = hash_of(event, identity, hash)) || (error = count_up(given, hash, &times)))
        return error;
    used = (size_t)snprintf(id, sizeof id, "spool-");
    for (size_t i = 0; i < HASH_BYTES; i++)
        used += (size_t)snprintf(id + used, sizeof id - used, "%02x", hash[i]);
    if (times > 1)
        snprintf(id + used, sizeof id - used, "-%u", times);
    return put_text(event, "id", id, changed);
}

/* By sorted keys without blanks: however the file writes it, the same event has the same hash. */
static int hash_of(const json_t *event, const json_t *identity, unsigned char hash[HASH_BYTES])
{
    CLEANUP(json_release)
    json_t *both =
        identity ? json_pack("[o?, O]", json_incref(json_object_get(event, "source")), identity)
                 : NULL;
    char *text = json_dumps(identity ? both : event, JSON_SORT_KEYS | JSON_COMPACT);
    unsigned char whole[EVP_MAX_MD_SIZE];
    bool made = text && EVP_Digest(text, strlen(text), whole, NULL, EVP_sha256(), NULL) == 1;

    free(text);
    if (!made)
        return -ENOMEM;
    memcpy(hash, whole, HASH_BYTES);
    return 0;
}

static int count_up(struct given *given, const unsigned char hash[HASH_BYTES], unsigned *times)
{
    struct given_id *id;

    if (2 * given->count >= given->capacity && grow(given))
        return -ENOMEM;
    id = place_of(given, hash);
    if (!id->times) {
        memcpy(id->hash, hash, HASH_BYTES);
        given->count++;
    }
    *times = ++id->times;
    return 0;
}

static int grow(struct given *given)
{
    struct given bigger = { .count = given->count,
                            .capacity = given->capacity ? 2 * given->capacity : 64 };

    bigger.ids = calloc(bigger.capacity, sizeof *bigger.ids);
    if (!bigger.ids)
        return -ENOMEM;
    for (size_t i = 0; i < given->capacity; i++)
        if (given->ids[i].times)
            *place_of(&bigger, given->ids[i].hash) = given->ids[i];
    free(given->ids);
    *given = bigger;
    return 0;
}

static struct given_id *place_of(const struct given *given, const unsigned char hash[HASH_BYTES])
{
    size_t at;

    memcpy(&at, hash, sizeof at);
    for (at %= given->capacity; given->ids[at].times; at = (at + 1) % given->capacity)
        if (!memcmp(given->ids[at].hash, hash, HASH_BYTES))
            break;
    return &given->ids[at];
}

void given_close(struct given *given)
{
    free(given->ids);
    *given = (struct given){ 0 };
}
