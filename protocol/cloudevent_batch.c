/* cloudevent_batch.c - finds the events of a BATCH without parsing them. */
#include "protocol/cloudevent.h"
#include "protocol/cloudevent_data.h"
#include "protocol/json_guard.h"
#include "protocol/wire.h"

#include <string.h>

struct batch {
    const char *bytes;
    size_t size, at;
};

static int refuse_syntax(struct event_reading *reading, size_t at);
static void skip_spaces(struct batch *batch);
static bool skip_object(struct batch *batch);

int cloudevent_batch_split(const char *bytes, size_t size,
                           struct batch_item items[CLOUDEVENT_BATCH_MAX], size_t *count,
                           struct event_reading *reading)
{
    struct batch batch = { bytes, size, 0 };
    size_t found = 0;

    memset(reading, 0, sizeof *reading);
    if (size > WIRE_BODY_MAX)
        return cloudevent_refuse(reading, WIRE_CODE_TOO_LARGE, "the batch is longer than %d bytes",
                                 WIRE_BODY_MAX);
    skip_spaces(&batch);
    if (batch.at == size || bytes[batch.at] != '[')
        return refuse_syntax(reading, batch.at);
    do {
        size_t start;

        batch.at++; /* the bracket, or the comma between two */
        skip_spaces(&batch);
        start = batch.at;
        if (!skip_object(&batch))
            return refuse_syntax(reading, start);
        if (found == CLOUDEVENT_BATCH_MAX)
            return cloudevent_refuse(reading, WIRE_CODE_JSON, "the batch has more than %d events",
                                     CLOUDEVENT_BATCH_MAX);
        items[found++] = (struct batch_item){ start, batch.at - start };
        skip_spaces(&batch);
    } while (batch.at < size && bytes[batch.at] == ',');

    if (batch.at == size || bytes[batch.at++] != ']')
        return refuse_syntax(reading, batch.at);
    skip_spaces(&batch);
    if (batch.at < size)
        return refuse_syntax(reading, batch.at);
    *count = found;
    return CLOUDEVENT_OK;
}

static int refuse_syntax(struct event_reading *reading, size_t at)
{
    return cloudevent_refuse(reading, WIRE_CODE_JSON, "the batch is no list of events, at byte %zu",
                             at);
}

static void skip_spaces(struct batch *batch)
{
    while (batch->at < batch->size && memchr(" \t\r\n", batch->bytes[batch->at], 4))
        batch->at++;
}

/* Over a string, from its first quotation mark; false where it is not closed. */
static bool skip_string(struct batch *batch)
{
    for (batch->at++; batch->at < batch->size; batch->at++) {
        if (batch->bytes[batch->at] == '\\')
            batch->at++;
        else if (batch->bytes[batch->at] == '"')
            return true;
    }
    return false;
}

/* From "{" to behind the "}" that closes it; what stands between is the reader's matter. */
static bool skip_object(struct batch *batch)
{
    size_t depth = 0;

    if (batch->at == batch->size || batch->bytes[batch->at] != '{')
        return false;
    for (; batch->at < batch->size; batch->at++) {
        char byte = batch->bytes[batch->at];

        if (byte == '"' && !skip_string(batch))
            return false;
        depth += byte == '{' || byte == '[';
        depth -= byte == '}' || byte == ']';
        if (depth == 0) {
            batch->at++;
            return true;
        }
    }
    return false;
}
