/* alarm_body.c - what a webhook receives of an alarm to the operator or a board's team. */
#include "protocol/alarm_body.h"

#include "protocol/json_field.h"
#include "protocol/json_guard.h"

#include <errno.h>

static bool add_data(json_t *data, const struct outgoing *alarm)
{
    json_t *to = json_object();

    return field_set(data, "to", to) && field_set_text(data, "alarm", alarm->id) &&
           field_set_text(to, "role", alarm->role) && field_set_text(to, "person", alarm->person) &&
           field_set_instant(data, "at", alarm->at) &&
           field_set_text(data, "priority", alarm->priority) &&
           field_set_text(data, "subject", alarm->subject) &&
           field_set_text(data, "text", alarm->text);
}

int alarm_body_write(const struct outgoing *alarm, char **json)
{
    CLEANUP(json_release) json_t *whole = json_object();
    json_t *data = json_object();
    bool made = alarm->id && alarm->role && alarm->person && alarm->priority && alarm->subject &&
                alarm->text && !instant_is_none(alarm->at);

    made = made && field_set_text(whole, "specversion", "1.0") &&
           field_set_text(whole, "id", alarm->id) &&
           field_set_text(whole, "source", "urn:concernd:alarm") &&
           field_set_text(whole, "type", "concernd.alarm") &&
           field_set_text(whole, "subject", "alarm") &&
           field_set_instant(whole, "time", alarm->at) &&
           field_set_text(whole, "datacontenttype", "application/json") &&
           field_set_text(whole, "dataschema", "urn:concernd:alarm:1");
    /* Set last, and whatever was made before: from here on the whole owns it. */
    made = field_set(whole, "data", data) && made && add_data(data, alarm);
    if (!made)
        return -EINVAL;
    *json = json_dumps(whole, JSON_COMPACT);
    return *json ? 0 : -ENOMEM;
}
