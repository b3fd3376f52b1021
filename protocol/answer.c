/* answer.c - what the daemon answers a publisher, as values and as JSON. */
#include "protocol/answer.h"

#include "core/sequence.h"
#include "protocol/alphabet.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"
#include "protocol/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct json_limits limits = { WIRE_BODY_MAX, CLOUDEVENT_DEPTH_MAX,
                                           CLOUDEVENT_TOKENS_MAX };

static json_t *ack_object(const struct answer_ack *ack, bool with_dropped);
static int read_ack(const json_t *object, struct answer_ack *ack);

static const char *const states[DISAGREEMENT_STATE_COUNT] = {
    [DISAGREEMENT_OPEN] = "open",
    [DISAGREEMENT_RESOLVED] = "resolved",
    [DISAGREEMENT_WITHDRAWN] = "withdrawn",
    [DISAGREEMENT_LAPSED] = "lapsed",
};

const char *answer_state_text(enum disagreement_state state)
{
    return (unsigned)state < DISAGREEMENT_STATE_COUNT ? states[state] : "";
}

/* Writes `object` as one line and lets go of it; NULL, or one that `made` says is not whole, is
 * a lack of memory: every text in an answer was checked when it came in. */
static int finish(json_t *object, bool made, char **json)
{
    char *text = object && made ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (!text)
        return -ENOMEM;
    *json = text;
    return 0;
}

/* Parses an answer; ANSWER_OK sets `*object`. */
static int load(const char *bytes, size_t size, json_t **object)
{
    struct json_fault fault;
    int answer = json_guard_load(bytes, size, &limits, object, &fault);

    if (answer < 0)
        return answer;
    if (answer != JSON_GUARD_OK)
        return ANSWER_NO_JSON;
    return json_is_object(*object) ? ANSWER_OK : ANSWER_UNREADABLE;
}

int answer_write_ack(const struct answer_ack *ack, char **json)
{
    return finish(ack_object(ack, true), true, json);
}

static bool set_dropped(json_t *object, const struct answer_ack *ack, bool with_dropped)
{
    json_t *list = json_array();
    bool made = field_set(object, "dropped", list);

    for (unsigned i = 0; made && with_dropped && i < ack->dropped_count; i++)
        made = json_array_append_new(list, json_string(ack->dropped[i])) == 0;
    return made;
}

static bool set_deadline(json_t *object, const struct answer_ack *ack)
{
    json_t *deadline;

    if (!ack->has_next_deadline)
        return field_set(object, "next_deadline", json_null());
    deadline = json_object();
    return field_set(object, "next_deadline", deadline) &&
           field_set_text(deadline, "deadline", ack->next_deadline.deadline) &&
           field_set_instant(deadline, "due", ack->next_deadline.due) &&
           field_set(deadline, "provisional", json_boolean(ack->next_deadline.provisional));
}

/* Every member is always there, so that a reader in any language finds it; NULL: no memory. */
static json_t *ack_object(const struct answer_ack *ack, bool with_dropped)
{
    json_t *object = json_object();
    bool made =
        object && field_set_text(object, "source", ack->source) &&
        field_set_text(object, "id", ack->id) &&
        (ack->has_sequence ? field_set_sequence(object, "sequence", ack->sequence)
                           : field_set(object, "sequence", json_null())) &&
        field_set(object, "record", ack->record ? json_integer(ack->record) : json_null()) &&
        field_set(object, "hash", ack->hash[0] ? json_string(ack->hash) : json_null()) &&
        field_set(object, "committed", json_boolean(ack->committed)) &&
        field_set(object, "duplicate", json_boolean(ack->duplicate)) &&
        field_set(object, "parked", json_boolean(ack->parked)) &&
        field_set(object, "ignored", json_boolean(ack->ignored)) &&
        set_dropped(object, ack, with_dropped) &&
        field_set(object, "disagreement_state",
                  ack->has_state ? json_string(answer_state_text(ack->state)) : json_null()) &&
        set_deadline(object, ack);

    if (!made)
        json_release(&object);
    return object;
}

int answer_read_ack(const char *bytes, size_t size, struct answer_ack *ack)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);

    return answer == ANSWER_OK ? read_ack(object, ack) : answer;
}

static bool read_dropped(const json_t *object, struct answer_ack *ack)
{
    const json_t *list = json_object_get(object, "dropped");
    const json_t *name;
    size_t i;

    json_array_foreach(list, i, name)
    {
        if (i == CLOUDEVENT_DROPPED_MAX)
            break;
        if (!json_is_string(name) || json_string_length(name) > ID_MAX)
            return false;
        memcpy(ack->dropped[i], json_string_value(name), json_string_length(name) + 1);
        ack->dropped_count++;
    }
    return !list || json_is_array(list);
}

static bool read_state(const json_t *object, struct answer_ack *ack)
{
    char text[32];

    if (!field_text(object, "disagreement_state", text, sizeof text))
        return false;
    for (int state = 0; state < DISAGREEMENT_STATE_COUNT; state++)
        if (!strcmp(text, states[state])) {
            ack->has_state = true;
            ack->state = (enum disagreement_state)state;
        }
    return true; /* one that a newer daemon knows is none */
}

static bool read_deadline(const json_t *object, struct answer_ack *ack)
{
    const json_t *deadline = json_object_get(object, "next_deadline");
    struct answer_deadline *next = &ack->next_deadline;

    next->due = INSTANT_NONE;
    ack->has_next_deadline = json_is_object(deadline);
    if (!ack->has_next_deadline)
        return !deadline || json_is_null(deadline);
    return field_required(deadline, "deadline", alphabet_is_id, next->deadline,
                          sizeof next->deadline) &&
           field_instant(deadline, "due", &next->due) &&
           field_truth(deadline, "provisional", &next->provisional);
}

static int read_ack(const json_t *object, struct answer_ack *ack)
{
    struct answer_ack read;
    char sequence[SEQUENCE_DIGITS + 1];
    bool well;

    memset(&read, 0, sizeof read);
    well = field_required(object, "source", alphabet_is_source, read.source, sizeof read.source) &&
           field_required(object, "id", alphabet_is_id, read.id, sizeof read.id) &&
           field_text(object, "sequence", sequence, sizeof sequence) &&
           field_count(object, "record", &read.record) &&
           field_text(object, "hash", read.hash, sizeof read.hash) &&
           json_is_boolean(json_object_get(object, "committed")) &&
           field_truth(object, "committed", &read.committed) &&
           field_truth(object, "duplicate", &read.duplicate) &&
           field_truth(object, "parked", &read.parked) &&
           field_truth(object, "ignored", &read.ignored) && read_dropped(object, &read) &&
           read_state(object, &read) && read_deadline(object, &read);
    if (well && sequence[0])
        well = read.has_sequence = field_sequence_text(sequence, &read.sequence);
    if (!well)
        return ANSWER_UNREADABLE;
    *ack = read;
    return ANSWER_OK;
}

int answer_write_nack(const struct answer_nack *nack, char **json)
{
    const struct wire_code *code = wire_code_find(nack->code);
    const char *why = nack->why[0] ? nack->why : code ? code->meaning : "refused";
    json_t *object = json_object();
    bool made = object && field_set_text(object, "code", nack->code) &&
                field_set_text(object, "reason", why) &&
                field_set(object, "retry", json_boolean(wire_code_is_retryable(nack->code))) &&
                field_set_some(object, "source", nack->source) &&
                field_set_some(object, "id", nack->id);

    return finish(object, made, json);
}

int answer_read_nack(const char *bytes, size_t size, struct answer_nack *nack)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);
    struct answer_nack read;

    if (answer != ANSWER_OK)
        return answer;
    memset(&read, 0, sizeof read);
    if (!field_required(object, "code", alphabet_is_id, read.code, sizeof read.code) ||
        !field_text(object, "reason", read.why, sizeof read.why) ||
        !field_text(object, "source", read.source, sizeof read.source) ||
        !field_text(object, "id", read.id, sizeof read.id) ||
        !field_truth(object, "retry", &read.retry))
        return ANSWER_UNREADABLE;
    *nack = read;
    return ANSWER_OK;
}

int answer_write_busy(const struct answer_busy *busy, char **json)
{
    json_t *object = json_object();
    bool made = object && field_set(object, "retry_after_ms", json_integer(busy->retry_after_ms));

    return finish(object, made, json);
}

int answer_read_busy(const char *bytes, size_t size, struct answer_busy *busy)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);
    int64_t wait;

    if (answer != ANSWER_OK)
        return answer;
    if (!json_object_get(object, "retry_after_ms") ||
        !field_count(object, "retry_after_ms", &wait) || wait > UINT32_MAX)
        return ANSWER_UNREADABLE;
    busy->retry_after_ms = (uint32_t)wait;
    return ANSWER_OK;
}

int answer_write_last(const struct answer_last *last, char **json)
{
    json_t *object = json_object();
    bool made = object && field_set_text(object, "source", last->source) &&
                (last->known ? field_set_text(object, "seqepoch", last->seqepoch) &&
                                   field_set_sequence(object, "sequence", last->sequence)
                             : field_set(object, "seqepoch", json_null()) &&
                                   field_set(object, "sequence", json_null()));

    return finish(object, made, json);
}

int answer_read_last(const char *bytes, size_t size, struct answer_last *last)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);
    char sequence[SEQUENCE_DIGITS + 1];
    struct answer_last read;

    if (answer != ANSWER_OK)
        return answer;
    memset(&read, 0, sizeof read);
    if (!field_required(object, "source", alphabet_is_source, read.source, sizeof read.source) ||
        !field_text(object, "seqepoch", read.seqepoch, sizeof read.seqepoch) ||
        !field_text(object, "sequence", sequence, sizeof sequence))
        return ANSWER_UNREADABLE;
    read.known = sequence[0] != '\0';
    if (read.known != (read.seqepoch[0] != '\0') ||
        (read.known &&
         (!field_sequence_text(sequence, &read.sequence) || !alphabet_is_uuid(read.seqepoch))))
        return ANSWER_UNREADABLE;
    *last = read;
    return ANSWER_OK;
}

static int write_acks(const struct answer_ack *acks, size_t count, bool with_dropped, char **json)
{
    json_t *object = json_object();
    json_t *list = json_array();
    bool made = field_set(object, "acks", list);

    for (size_t i = 0; made && i < count; i++)
        made = json_array_append_new(list, ack_object(&acks[i], with_dropped)) == 0;
    return finish(object, made, json);
}

/* Fifty answers fit a frame but for the names of dropped members, which are the publisher's own
 * and can be as long as what it sent. */
int answer_write_acks(const struct answer_ack *acks, size_t count, char **json)
{
    char *text = NULL;
    int error = write_acks(acks, count, true, &text);

    if (error == 0 && strlen(text) > WIRE_BODY_MAX) {
        free(text);
        error = write_acks(acks, count, false, &text);
    }
    if (error == 0)
        *json = text;
    return error;
}

int answer_read_acks(const char *bytes, size_t size, struct answer_ack *acks, size_t *count)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);
    const json_t *list, *one;
    size_t i;

    if (answer != ANSWER_OK)
        return answer;
    list = json_object_get(object, "acks");
    if (json_array_size(list) < 1 || json_array_size(list) > ANSWER_BATCH_MAX)
        return ANSWER_UNREADABLE;
    json_array_foreach(list, i, one)
    {
        if (read_ack(one, &acks[i]) != ANSWER_OK)
            return ANSWER_UNREADABLE;
    }
    *count = json_array_size(list);
    return ANSWER_OK;
}

int answer_write_query(const struct answer_query *query, char **json)
{
    json_t *object = json_object();
    bool made = object && field_set_text(object, "source", query->source) &&
                field_set_some(object, "id", query->id);

    return finish(object, made, json);
}

int answer_read_query(const char *bytes, size_t size, struct answer_query *query)
{
    CLEANUP(json_release) json_t *object = NULL;
    int answer = load(bytes, size, &object);
    struct answer_query read;

    if (answer != ANSWER_OK)
        return answer;
    memset(&read, 0, sizeof read);
    if (!field_required(object, "source", alphabet_is_source, read.source, sizeof read.source) ||
        !field_text(object, "id", read.id, sizeof read.id) ||
        (read.id[0] && !alphabet_is_id(read.id)))
        return ANSWER_UNREADABLE;
    *query = read;
    return ANSWER_OK;
}
