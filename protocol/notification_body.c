/* notification_body.c - what a webhook receives: a CloudEvent that tells of a notification. */
#include "protocol/notification_body.h"

#include "core/plain.h"
#include "protocol/alphabet.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TYPE "concernd.notification"

static bool add_data(json_t *data, const struct outgoing *outgoing);
static bool add_recipient(json_t *data, const struct outgoing *outgoing);
static bool add_says(json_t *data, const struct outgoing *outgoing);

static bool is_plain_or_none(const char *text)
{
    return !text || !*text || plain_is_line(text, OUTGOING_LINE_MAX);
}

static bool are_says_plain(const struct outgoing *outgoing)
{
    if (outgoing->say_count > OUTGOING_SAYS_MAX)
        return false;
    for (size_t i = 0; i < outgoing->say_count; i++) {
        const struct outgoing_say *say = &outgoing->says[i];

        if (!is_plain_or_none(say->message) || !is_plain_or_none(say->stage) ||
            !is_plain_or_none(say->deadline) || !is_plain_or_none(say->rule) ||
            !is_plain_or_none(say->words) || !is_plain_or_none(say->cause))
            return false;
    }
    return true;
}

static bool is_link_or_none(const char *link)
{
    return !link || !*link || alphabet_is_link(link);
}

bool outgoing_is_plain(const struct outgoing *outgoing)
{
    const char *const lines[] = {
        outgoing->id,       outgoing->board,     outgoing->reference,
        outgoing->person,   outgoing->procedure, outgoing->procedure_version,
        outgoing->role,     outgoing->side,      outgoing->calendar_version,
        outgoing->priority, outgoing->agency,    outgoing->subject,
    };

    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!is_plain_or_none(lines[i]))
            return false;
    for (size_t i = 0; i < outgoing->also_count; i++)
        if (!plain_is_line(outgoing->also[i], OUTGOING_LINE_MAX))
            return false;
    return (!outgoing->text || plain_is_text(outgoing->text, OUTGOING_TEXT_MAX)) &&
           is_link_or_none(outgoing->link) && is_link_or_none(outgoing->acknowledge) &&
           are_says_plain(outgoing);
}

int notification_body_write(const struct outgoing *outgoing, char **json)
{
    CLEANUP(json_release) json_t *whole = json_object();
    json_t *data;
    char source[sizeof "urn:concernd:" + ID_MAX];
    bool made;

    if (!outgoing->id || !outgoing->board || !outgoing->reference || !outgoing->priority ||
        !alphabet_is_id(outgoing->board) || instant_is_none(outgoing->at) ||
        !outgoing_is_plain(outgoing))
        return -EINVAL;
    data = json_object();
    snprintf(source, sizeof source, "urn:concernd:%s", outgoing->board);
    made = field_set_text(whole, "specversion", "1.0") &&
           field_set_text(whole, "id", outgoing->id) && field_set_text(whole, "source", source) &&
           field_set_text(whole, "type", TYPE) &&
           field_set_text(whole, "subject", outgoing->reference) &&
           field_set_instant(whole, "time", outgoing->at) &&
           field_set_text(whole, "datacontenttype", "application/json") &&
           field_set_text(whole, "dataschema", "urn:concernd:notification:1") &&
           field_set_text(whole, "board", outgoing->board);
    /* Set last, and whatever was made before: from here on the whole owns it. */
    made = field_set(whole, "data", data) && made && add_data(data, outgoing);
    if (!made)
        return -EINVAL;
    *json = json_dumps(whole, JSON_COMPACT);
    return *json ? 0 : -ENOMEM;
}

static bool add_data(json_t *data, const struct outgoing *outgoing)
{
    return field_set_text(data, "notification", outgoing->id) &&
           field_set_text(data, "board", outgoing->board) &&
           field_set_text(data, "reference", outgoing->reference) &&
           field_set_some(data, "procedure", outgoing->procedure) &&
           field_set_some(data, "procedure_version", outgoing->procedure_version) &&
           field_set_some(data, "calendar_version", outgoing->calendar_version) &&
           add_recipient(data, outgoing) && field_set_instant(data, "at", outgoing->at) &&
           (instant_is_none(outgoing->sent) || field_set_instant(data, "sent", outgoing->sent)) &&
           field_set_text(data, "priority", outgoing->priority) &&
           field_set(data, "late_by_s", json_integer(outgoing->late_by_s)) &&
           field_set_some(data, "link", outgoing->link) &&
           field_set_some(data, "acknowledge", outgoing->acknowledge) &&
           field_set_some(data, "subject", outgoing->subject) &&
           field_set_some(data, "text", outgoing->text) && add_says(data, outgoing);
}

static bool add_recipient(json_t *data, const struct outgoing *outgoing)
{
    json_t *to = json_object();
    json_t *also;
    bool made = field_set(data, "to", to) && field_set_some(to, "role", outgoing->role) &&
                field_set_some(to, "side", outgoing->side) &&
                field_set_some(to, "agency", outgoing->agency) &&
                field_set_some(to, "person", outgoing->person);

    if (!made || outgoing->also_count == 0)
        return made;
    also = json_array();
    made = field_set(to, "also", also);
    for (size_t i = 0; made && i < outgoing->also_count; i++)
        made = json_array_append_new(also, json_string(outgoing->also[i])) == 0;
    return made;
}

static bool add_say(json_t *list, const struct outgoing_say *say)
{
    json_t *one = json_object();

    return json_array_append_new(list, one) == 0 && field_set_some(one, "message", say->message) &&
           field_set_some(one, "stage", say->stage) &&
           field_set_some(one, "deadline", say->deadline) &&
           field_set_some(one, "rule", say->rule) && field_set_instant(one, "due", say->due) &&
           field_set(one, "provisional", json_boolean(say->provisional)) &&
           field_set_some(one, "cause", say->cause) && field_set_some(one, "words", say->words);
}

static bool add_says(json_t *data, const struct outgoing *outgoing)
{
    json_t *list = json_array();
    bool made = field_set(data, "says", list);

    for (size_t i = 0; made && i < outgoing->say_count; i++)
        made = add_say(list, &outgoing->says[i]);
    return made;
}
