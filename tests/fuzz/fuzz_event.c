/* fuzz_event.c - one CloudEvent: what is read can be written and is read again as the same. */
#include "fuzz.h"

#include <jansson.h>

#include "protocol/cloudevent.h"
#include "protocol/wire.h"

static struct event event, again, corrected, corrected_again;

static void is_refused_with_a_code(const struct event_reading *reading)
{
    HOLDS(wire_code_find(reading->code));
    HOLDS(memchr(reading->why, '\0', sizeof reading->why) && reading->why[0]);
}

static void is_written_and_read_again(const struct event *inner)
{
    struct event_reading reading;
    char *once = NULL, *twice = NULL;

    HOLDS(cloudevent_write(&event, inner, &once) == 0);
    HOLDS(cloudevent_read(once, strlen(once), &again, &reading) == CLOUDEVENT_OK);
    HOLDS(memcmp(&again, &event, sizeof event) == 0);
    HOLDS(reading.dropped_total == 0);
    if (inner) {
        HOLDS(reading.has_corrected);
        HOLDS(cloudevent_read_corrected(once, strlen(once), &corrected_again, &reading) ==
              CLOUDEVENT_OK);
        HOLDS(memcmp(&corrected_again, inner, sizeof corrected) == 0);
    }
    HOLDS(cloudevent_write(&again, inner, &twice) == 0 && strcmp(once, twice) == 0);
    free(once);
    free(twice);
}

/* Who repeats an event may write it otherwise: indented, its members in another order. */
static void means_the_same_written_otherwise(const uint8_t *bytes, size_t size,
                                             const char *canonical)
{
    json_t *json = json_loadb((const char *)bytes, size, 0, NULL);
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    struct event_reading reading;

    HOLDS(text);
    if (strlen(text) <= WIRE_BODY_MAX) {
        HOLDS(cloudevent_read(text, strlen(text), &again, &reading) == CLOUDEVENT_OK);
        HOLDS(memcmp(&again, &event, sizeof event) == 0);
        HOLDS(strcmp(reading.canonical_sha256, canonical) == 0);
    }
    free(text);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct event_reading reading, inner;
    int answer = cloudevent_read((const char *)bytes, size, &event, &reading);

    HOLDS(answer == CLOUDEVENT_OK || answer == CLOUDEVENT_REFUSED);
    if (answer == CLOUDEVENT_REFUSED) {
        is_refused_with_a_code(&reading);
        return 0;
    }
    HOLDS(size <= WIRE_BODY_MAX && strlen(reading.canonical_sha256) == 64);
    if (reading.has_corrected)
        HOLDS(cloudevent_read_corrected((const char *)bytes, size, &corrected, &inner) ==
              CLOUDEVENT_OK);
    is_written_and_read_again(reading.has_corrected ? &corrected : NULL);
    means_the_same_written_otherwise(bytes, size, reading.canonical_sha256);
    return 0;
}
