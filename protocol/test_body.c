/* test_body.c - what a webhook receives of `concernctl test`. */
#include "protocol/test_body.h"

#include "protocol/json_field.h"
#include "protocol/json_guard.h"

#include <errno.h>

static bool add_data(json_t *data, const struct outgoing *test)
{
    json_t *to = json_object();

    return field_set(data, "to", to) && field_set_text(data, "test", test->id) &&
           field_set_text(to, "role", test->role) && field_set_text(to, "agency", test->agency) &&
           field_set_some(to, "person", test->person) && field_set_instant(data, "at", test->at) &&
           field_set_text(data, "subject", test->subject) &&
           field_set_text(data, "text", test->text);
}

int test_body_write(const struct outgoing *test, char **json)
{
    CLEANUP(json_release) json_t *whole = json_object();
    json_t *data = json_object();
    bool made = test->id && test->role && test->agency && test->subject && test->text &&
                !instant_is_none(test->at) && outgoing_is_plain(test);

    made = made && field_set_text(whole, "specversion", "1.0") &&
           field_set_text(whole, "id", test->id) &&
           field_set_text(whole, "source", "urn:concernd:test") &&
           field_set_text(whole, "type", "concernd.test") &&
           field_set_text(whole, "subject", "test") && field_set_instant(whole, "time", test->at) &&
           field_set_text(whole, "datacontenttype", "application/json") &&
           field_set_text(whole, "dataschema", "urn:concernd:test:1");
    /* Set last, and whatever was made before: from here on the whole owns it. */
    made = field_set(whole, "data", data) && made && add_data(data, test);
    if (!made)
        return -EINVAL;
    *json = json_dumps(whole, JSON_COMPACT);
    return *json ? 0 : -ENOMEM;
}
