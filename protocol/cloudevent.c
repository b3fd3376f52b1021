/* cloudevent.c - a JSON CloudEvent becomes a struct event: limits, envelope, hash. */
#include "protocol/cloudevent.h"

#include "core/calendar.h"
#include "core/zone.h"
#include "protocol/alphabet.h"
#include "protocol/cloudevent_data.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"
#include "protocol/wire.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One attribute of the envelope that we know. */
struct attribute {
    const char *name;
    bool required;
    bool (*read)(const char *text, struct event *event, struct event_reading *reading);
    const char *right; /* what it must be, for who got it wrong */
};

static const struct json_limits limits = { WIRE_BODY_MAX, CLOUDEVENT_DEPTH_MAX,
                                           CLOUDEVENT_TOKENS_MAX };

static int load(const char *bytes, size_t size, json_t **json, struct event_reading *reading);
static int check_names(json_t *json, struct event_reading *reading);
static int read_envelope(json_t *json, struct event *event, struct event_reading *reading);
static int settle_by(const struct event_sender *sender, struct event *event,
                     struct event_reading *reading);
static int hash_canonical(json_t *json, char hex[65]);
static void clear(struct event *event);

int cloudevent_read(const char *bytes, size_t size, struct event *event,
                    struct event_reading *reading)
{
    return cloudevent_read_from(bytes, size, NULL, event, reading);
}

int cloudevent_read_from(const char *bytes, size_t size, const struct event_sender *sender,
                         struct event *event, struct event_reading *reading)
{
    CLEANUP(json_release) json_t *json = NULL;
    int answer;

    memset(reading, 0, sizeof *reading);
    if ((answer = load(bytes, size, &json, reading)) != CLOUDEVENT_OK ||
        (answer = cloudevent_read_object(json, sender, event, reading)) != CLOUDEVENT_OK)
        return answer;
    return hash_canonical(json, reading->canonical_sha256);
}

int cloudevent_read_corrected(const char *bytes, size_t size, struct event *corrected,
                              struct event_reading *reading)
{
    CLEANUP(json_release) json_t *json = NULL;
    json_t *inner;
    int answer;

    memset(reading, 0, sizeof *reading);
    if ((answer = load(bytes, size, &json, reading)) != CLOUDEVENT_OK)
        return answer;
    inner = json_object_get(json_object_get(json, "data"), "event");
    if (!json_is_object(inner))
        return cloudevent_refuse(reading, WIRE_CODE_SCHEMA, "data.event is no event");
    if ((answer = cloudevent_read_object(inner, NULL, corrected, reading)) != CLOUDEVENT_OK)
        return answer;
    return hash_canonical(inner, reading->canonical_sha256);
}

int cloudevent_read_object(json_t *json, const struct event_sender *sender, struct event *event,
                           struct event_reading *reading)
{
    json_t *data;
    int answer;

    clear(event);
    if ((answer = check_names(json, reading)) != CLOUDEVENT_OK ||
        (answer = read_envelope(json, event, reading)) != CLOUDEVENT_OK)
        return answer;
    data = json_object_get(json, "data");
    if (!json_is_object(data))
        return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT, "data is %s",
                                 data ? "no object" : "missing (an object, empty if need be)");
    event->kind = event_kind_of(event->type);
    reading->ignored_type = event->kind == EVENT_UNKNOWN;
    if ((answer = cloudevent_read_data(data, event, reading)) != CLOUDEVENT_OK)
        return answer;
    return settle_by(sender, event, reading);
}

int cloudevent_refuse(struct event_reading *reading, const char *code, const char *format, ...)
{
    va_list arguments;

    snprintf(reading->code, sizeof reading->code, "%s", code);
    va_start(arguments, format);
    vsnprintf(reading->why, sizeof reading->why, format, arguments);
    va_end(arguments);
    return CLOUDEVENT_REFUSED;
}

bool cloudevent_read_time(const char *text, struct instant *at)
{
    struct date first = date_of(CALENDAR_FIRST_YEAR, 1, 1);
    struct date end = date_of(CALENDAR_LAST_YEAR + 1, 1, 1);
    struct instant read;

    if (instant_read(text, NULL, &read) != INSTANT_OK || read.us < first.day * DAY_US ||
        read.us >= end.day * DAY_US)
        return false;
    *at = read;
    return true;
}

static int load(const char *bytes, size_t size, json_t **json, struct event_reading *reading)
{
    struct json_fault fault;
    int answer = json_guard_load(bytes, size, &limits, json, &fault);

    if (answer < 0)
        return answer;
    if (answer == JSON_GUARD_SIZE)
        return cloudevent_refuse(reading, WIRE_CODE_TOO_LARGE, "the event %s", fault.why);
    if (answer != JSON_GUARD_OK)
        return cloudevent_refuse(reading, WIRE_CODE_JSON, "the event %s, at byte %zu", fault.why,
                                 fault.at);
    if (!json_is_object(*json))
        return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                 "the event is a list (many go by BATCH)");
    return CLOUDEVENT_OK;
}

static bool read_specversion(const char *text, struct event *event, struct event_reading *reading)
{
    (void)event, (void)reading;
    return !strcmp(text, "1.0");
}

static bool read_id(const char *text, struct event *event, struct event_reading *reading)
{
    if (!alphabet_is_id(text))
        return false;
    snprintf(event->id, sizeof event->id, "%s", text);
    snprintf(reading->id, sizeof reading->id, "%s", text);
    return true;
}

static bool read_source(const char *text, struct event *event, struct event_reading *reading)
{
    if (!alphabet_is_source(text))
        return false;
    snprintf(event->source, sizeof event->source, "%s", text);
    snprintf(reading->source, sizeof reading->source, "%s", text);
    return true;
}

static bool read_type(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    if (!alphabet_is_type(text))
        return false;
    snprintf(event->type, sizeof event->type, "%s", text);
    return true;
}

static bool read_subject(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    if (!alphabet_is_id(text))
        return false;
    snprintf(event->subject, sizeof event->subject, "%s", text);
    return true;
}

static bool read_time(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    return cloudevent_read_time(text, &event->time);
}

static bool read_received(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    return cloudevent_read_time(text, &event->received);
}

/* "application/json", in any letters, parameters allowed. */
static bool read_content_type(const char *text, struct event *event, struct event_reading *reading)
{
    static const char json[] = "application/json";
    size_t length = strlen(json);

    (void)event, (void)reading;
    return !strncasecmp(text, json, length) &&
           (text[length] == '\0' || text[length] == ';' || text[length] == ' ');
}

static bool read_schema(const char *text, struct event *event, struct event_reading *reading)
{
    (void)event, (void)reading;
    return alphabet_is_source(text) && strchr(text, ':');
}

static bool read_sequence(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    event->has_sequence = field_sequence_text(text, &event->sequence);
    return event->has_sequence;
}

/* As it came: heartbeats name it too, and one epoch is one text. */
static bool read_seqepoch(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    if (!alphabet_is_uuid(text))
        return false;
    snprintf(event->seqepoch, sizeof event->seqepoch, "%s", text);
    return true;
}

static bool read_board(const char *text, struct event *event, struct event_reading *reading)
{
    (void)reading;
    if (!alphabet_is_id(text))
        return false;
    snprintf(event->board, sizeof event->board, "%s", text);
    return true;
}

static bool read_agency(const char *text, struct event *event, struct event_reading *reading)
{
    (void)event;
    if (!alphabet_is_id(text))
        return false;
    snprintf(reading->agency, sizeof reading->agency, "%s", text);
    return true;
}

/* A wrong one is no reason to refuse an event, W3C says: it is as if it were not there. */
static bool read_traceparent(const char *text, struct event *event, struct event_reading *reading)
{
    (void)event;
    if (alphabet_is_traceparent(text))
        snprintf(reading->traceparent, sizeof reading->traceparent, "%s", text);
    return true;
}

#define AN_ID "1 to 64 of A-Z a-z 0-9 . _ : / -"
#define A_TIME "RFC 3339 with an offset, 2027-01-06T17:00:00Z, of this century"

/* id and source first: a refusal names the event by them. */
static const struct attribute attributes[] = {
    { "id", true, read_id, AN_ID },
    { "source", true, read_source, "a URI reference of 1 to 200 characters" },
    { "specversion", true, read_specversion, "\"1.0\"" },
    { "type", true, read_type, "1 to 80 of A-Z a-z 0-9 . _ : / -" },
    { "time", true, read_time, A_TIME },
    { "subject", true, read_subject, "the disagreement's reference, " AN_ID },
    { "datacontenttype", true, read_content_type, "application/json" },
    { "dataschema", false, read_schema, "a URI of at most 200 characters" },
    { "sequence", false, read_sequence, "20 digits, to 09223372036854775807" },
    { "seqepoch", false, read_seqepoch, "a UUID" },
    { "board", false, read_board, AN_ID },
    { "agency", false, read_agency, AN_ID },
    { "received", false, read_received, A_TIME },
    { "traceparent", false, read_traceparent, "as W3C says" },
};

/* What a refusal calls an attribute: one that nobody here knows may be called anything. */
static const char *name_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(attributes); i++)
        if (!strcmp(attributes[i].name, name))
            return attributes[i].name;
    return "an attribute that is not of the contract";
}

/* Names and values as CloudEvents has them, known here or not: so that nothing kept or passed on
 * later holds a control character. */
static int check_names(json_t *json, struct event_reading *reading)
{
    const char *name;
    json_t *value;

    json_object_foreach(json, name, value)
    {
        if (!strcmp(name, "data"))
            continue;
        if (!strcmp(name, "data_base64"))
            return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                     "data_base64 is not read here (data, as JSON)");
        if (!alphabet_is_attribute(name))
            return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                     "a member has no attribute's name (a-z and 0-9)");
        if (json_is_object(value) || json_is_array(value))
            return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                     "%s is an object or a list (attributes are simple)",
                                     name_of(name));
        if (json_is_string(value) && !alphabet_is_clean(json_string_value(value)))
            return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                     "%s holds a control character or a noncharacter",
                                     name_of(name));
    }
    return CLOUDEVENT_OK;
}

static int read_envelope(json_t *json, struct event *event, struct event_reading *reading)
{
    for (size_t i = 0; i < COUNT_OF(attributes); i++) {
        const struct attribute *attribute = &attributes[i];
        json_t *value = json_object_get(json, attribute->name);

        if (!value || json_is_null(value)) {
            if (attribute->required)
                return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT, "%s is missing (%s)",
                                         attribute->name, attribute->right);
            continue;
        }
        if (!json_is_string(value) || !attribute->read(json_string_value(value), event, reading))
            return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT, "%s is not as it must be (%s)",
                                     attribute->name, attribute->right);
    }
    if (event->has_sequence != (event->seqepoch[0] != '\0'))
        return cloudevent_refuse(reading, WIRE_CODE_CLOUDEVENT,
                                 "%s is missing (sequence and "
                                 "seqepoch come together)",
                                 event->has_sequence ? "seqepoch" : "sequence");
    return CLOUDEVENT_OK;
}

/* Who did it: the data says; else the extension; else who sent it, where that is one. */
static int settle_by(const struct event_sender *sender, struct event *event,
                     struct event_reading *reading)
{
    const struct member *member = cloudevent_members(event->kind);
    const char *agency = reading->agency[0] ? reading->agency : sender ? sender->agency : NULL;
    const char *board = sender && !agency ? sender->board : NULL;

    if (event->by.agency[0] || event->by.board[0])
        return CLOUDEVENT_OK;
    if (agency || board) {
        snprintf(event->by.agency, sizeof event->by.agency, "%s", agency ? agency : "");
        snprintf(event->by.board, sizeof event->by.board, "%s", board ? board : "");
        return CLOUDEVENT_OK;
    }
    while (member->name && member->kind != MEMBER_BY)
        member++;
    if (member->name && member->required)
        return cloudevent_refuse(reading, WIRE_CODE_SCHEMA,
                                 "data.by is missing (the agency or board that did it)");
    return CLOUDEVENT_OK;
}

static int add_to_hash(const char *bytes, size_t size, void *digest)
{
    return EVP_DigestUpdate(digest, bytes, size) == 1 ? 0 : -1;
}

/* Hashed while it is written, so that no copy of the text is made. */
static int hash_canonical(json_t *json, char hex[65])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char bytes[EVP_MAX_MD_SIZE];
    bool made;

    made = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
           json_dump_callback(json, add_to_hash, digest, JSON_SORT_KEYS | JSON_COMPACT) == 0 &&
           EVP_DigestFinal_ex(digest, bytes, NULL) == 1;
    EVP_MD_CTX_free(digest);
    if (!made)
        return -ENOMEM;
    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    return CLOUDEVENT_OK;
}

/* Every byte zero, so that equal events are equal bytes; every instant "none". */
static void clear(struct event *event)
{
    memset(event, 0, sizeof *event);
    event->time = event->received = INSTANT_NONE;
    event->due = event->until = event->date = INSTANT_NONE;
}
