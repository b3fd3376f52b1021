/* engine_correct.c - finds in the record the event that a correction is about. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"

struct search {
    struct engine *engine;
    const struct event *correction;
    int answer; /* an enum engine_superseded, or negative */
    bool erased;
};

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* The line holds what was accepted once, so that it can be read again; what cannot is damage. */
static int read_again(struct search *self, json_t *json, struct instant received)
{
    struct event_reading reading;
    struct event *event = &self->engine->superseded;
    char *text = json_dumps(json, JSON_COMPACT);
    int answer = text ? cloudevent_read(text, strlen(text), event, &reading) : -ENOMEM;

    free(text);
    if (answer < 0)
        return answer;
    if (answer != CLOUDEVENT_OK)
        return SUPERSEDED_UNKNOWN;
    /* A clock a little ahead: it happened when it arrived, as it did then. */
    if (event->time.us > received.us)
        event->time = received;
    event->received = received;
    return SUPERSEDED_FOUND;
}

static void read_line(struct search *self, json_t *event, struct instant received)
{
    const struct event *correction = self->correction;
    json_t *data = json_object_get(event, "data"), *inner = json_object_get(data, "event");

    if (strcmp(text_of(event, "source"), correction->source) != 0)
        return;
    if (strcmp(text_of(event, "id"), correction->supersedes) == 0)
        self->answer = strcmp(text_of(event, "type"), EVENT_PREFIX "correction") == 0
                           ? SUPERSEDED_UNKNOWN
                           : read_again(self, event, received);
    else if (strcmp(text_of(event, "type"), EVENT_PREFIX "correction") == 0 &&
             strcmp(text_of(data, "supersedes"), correction->supersedes) == 0)
        self->answer =
            json_is_object(inner) ? read_again(self, inner, received) : SUPERSEDED_TAKEN_BACK;
}

static bool take_line(void *context, const struct record_line *line)
{
    struct search *self = context;
    json_t *payload;

    if (strcmp(line->type, "event") != 0)
        return true;
    self->erased = self->erased || !line->payload;
    payload = line->payload ? json_loads(line->payload, 0, NULL) : NULL;
    if (payload)
        read_line(self, json_object_get(payload, "event"), line->at);
    json_decref(payload);
    return self->answer >= 0;
}

int engine_find_superseded(struct engine *engine, const struct event *correction)
{
    struct search self = { .engine = engine,
                           .correction = correction,
                           .answer = SUPERSEDED_UNKNOWN };
    /* An id is written as it is.  Most lines are about other events, and to take them all apart
     * would hold up a turn where a disagreement has thousands. */
    int answer =
        record_history_naming(engine->settings.store, correction->board, correction->subject,
                              correction->supersedes, take_line, &self);

    if (answer != STORE_OK)
        return answer < 0 ? answer : journal_fail(-EIO, "the record cannot be read");
    if (self.answer == SUPERSEDED_UNKNOWN && self.erased)
        return SUPERSEDED_ERASED;
    return self.answer;
}
