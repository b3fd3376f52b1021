/* engine_understood.c - what is kept of an event: no more than was understood of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/engine_private.h"
#include "io/journal.h"

/* What was not understood may be anybody's words, a name among them. */
static bool says_more(const struct event *event, const struct event_reading *reading,
                      const struct event_reading *of_corrected)
{
    return reading->dropped_total > 0 || of_corrected->dropped_total > 0 ||
           (event->kind == EVENT_UNKNOWN && event_short_type(event->type) == event->type);
}

/* Content never fails a turn: an event that cannot be written again is kept as its envelope. */
static int write_understood(const struct event *event, const struct event *corrected, char **json)
{
    int answer = cloudevent_write(event, corrected, json);
    json_t *envelope;

    if (answer != -EINVAL)
        return answer;
    envelope = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:{}}", "specversion", "1.0", "id", event->id,
                         "source", event->source, "type", event->type, "subject", event->subject,
                         "datacontenttype", "application/json", "data");
    *json = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    json_decref(envelope);
    return *json ? 0 : -ENOMEM;
}

int engine_understood(const struct engine *engine, const struct engine_input *input,
                      const struct event *event, const struct event_reading *reading, char **json)
{
    struct event_reading inner = { .dropped_total = 0 };
    struct event *corrected = NULL;
    int answer = CLOUDEVENT_OK;

    *json = NULL;
    if (reading->has_corrected) {
        corrected = malloc(sizeof *corrected);
        answer = corrected ? cloudevent_read_corrected(input->bytes, input->size, corrected, &inner)
                           : -ENOMEM;
    }
    if (corrected && answer == CLOUDEVENT_OK)
        engine_leave_out(engine, event->board, corrected, "", &inner);
    if (answer == CLOUDEVENT_OK && says_more(event, reading, &inner))
        answer = write_understood(event, corrected, json);
    else if (answer == CLOUDEVENT_OK && !(*json = strndup(input->bytes, input->size)))
        answer = -ENOMEM;
    free(corrected);
    if (answer == CLOUDEVENT_OK)
        return 0;
    return journal_fail(answer < 0 ? answer : -EIO, "an event cannot be written for the record");
}
