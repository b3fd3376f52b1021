/* fuzz_batch.c - the events of a BATCH: the pieces found are those a parser of JSON finds. */
#include "fuzz.h"

#include <jansson.h>

#include "protocol/cloudevent.h"
#include "protocol/wire.h"

static void lie_in_order(const struct batch_item *items, size_t count, size_t size)
{
    size_t end = 0;

    HOLDS(count >= 1 && count <= CLOUDEVENT_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        HOLDS(items[i].offset > end || (i == 0 && items[i].offset >= 1));
        HOLDS(items[i].size >= 2 && items[i].offset + items[i].size < size);
        end = items[i].offset + items[i].size;
    }
}

/* Where all of it is JSON, the pieces are its elements. */
static void are_the_elements(const char *text, size_t size, const struct batch_item *items,
                             size_t count)
{
    json_t *whole = json_loadb(text, size, 0, NULL);

    if (!whole)
        return;
    HOLDS(json_is_array(whole) && json_array_size(whole) == count);
    for (size_t i = 0; i < count; i++) {
        json_t *piece = json_loadb(text + items[i].offset, items[i].size, 0, NULL);

        HOLDS(json_equal(piece, json_array_get(whole, i)));
        json_decref(piece);
    }
    json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct event event;
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    struct event_reading reading;
    const char *text = (const char *)bytes;
    size_t count = 0;

    if (cloudevent_batch_split(text, size, items, &count, &reading) != CLOUDEVENT_OK) {
        HOLDS(wire_code_find(reading.code) && reading.why[0]);
        return 0;
    }
    lie_in_order(items, count, size);
    are_the_elements(text, size, items, count);
    for (size_t i = 0; i < count; i++)
        cloudevent_read(text + items[i].offset, items[i].size, &event, &reading);
    return 0;
}
