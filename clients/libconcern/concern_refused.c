/* concern_refused.c - events that were refused: looked at, sent again, or let go. */
#include "libconcern/concern_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tell_one(const struct outbox_event *event, bool damaged,
                    int (*tell)(void *context, const struct concern_refusal *refusal),
                    void *context);
static const char *text_of(const json_t *object, const char *name);

int concern_refused_list(struct concern *concern,
                         int (*tell)(void *context, const struct concern_refusal *refusal),
                         void *context)
{
    struct outbox_event event = { 0 };
    int answer, stop = 0;

    concern->error[0] = '\0';
    while (!stop) {
        answer = outbox_read(concern->outbox, true, event.row, &event);
        if (answer != OUTBOX_OK && answer != OUTBOX_DAMAGED)
            return answer == OUTBOX_NONE ? CONCERN_OK : concern_fail_outbox(concern, answer);
        stop = tell_one(&event, answer == OUTBOX_DAMAGED, tell, context);
        if (stop < 0)
            return concern_fail(concern, -ENOMEM, "no memory");
    }
    return CONCERN_OK;
}

/* From copies: the callback may change the outbox, whose texts go then. */
static int tell_one(const struct outbox_event *event, bool damaged,
                    int (*tell)(void *context, const struct concern_refusal *refusal),
                    void *context)
{
    json_t *json = damaged ? NULL : json_loadb(event->bytes, event->size, 0, NULL);
    char *copies[] = { strdup(event->source), strdup(event->id), strdup(event->code),
                       strdup(event->reason),
                       damaged ? strdup("") : strndup(event->bytes, event->size) };
    int stop = -1;

    if (copies[0] && copies[1] && copies[2] && copies[3] && copies[4]) {
        const struct concern_refusal refusal = { .source = copies[0],
                                                 .id = copies[1],
                                                 .subject = text_of(json, "subject"),
                                                 .type = text_of(json, "type"),
                                                 .code = copies[2],
                                                 .reason = copies[3],
                                                 .event = copies[4] };

        stop = tell(context, &refusal) != 0;
    }
    for (size_t i = 0; i < COUNT_OF(copies); i++)
        free(copies[i]);
    json_decref(json);
    return stop;
}

int concern_refused_retry(struct concern *concern, const char *source, const char *id)
{
    int64_t row;
    int answer = outbox_find_refused(concern->outbox, source, id, &row);

    concern->error[0] = '\0';
    if (answer == OUTBOX_OK && (answer = outbox_retry(concern->outbox, row)) == OUTBOX_OK) {
        /* It stands behind the cursor; what is under way is passed over. */
        concern->cursor = 0;
        concern->oldest_row = 0;
    }
    if (answer == OUTBOX_NONE)
        return concern_fail(concern, CONCERN_NONE, "no refused event %s of %s", id, source);
    if (answer == OUTBOX_OK && !outbox_is_begun(concern->outbox) && !concern->calling)
        return concern_feed(concern);
    return concern_fail_outbox(concern, answer);
}

int concern_refused_forget(struct concern *concern, const char *source, const char *id)
{
    int64_t row;
    int answer = outbox_find_refused(concern->outbox, source, id, &row);

    concern->error[0] = '\0';
    if (answer == OUTBOX_OK)
        answer = outbox_forget(concern->outbox, row);
    if (answer == OUTBOX_NONE)
        return concern_fail(concern, CONCERN_NONE, "no refused event %s of %s", id, source);
    return concern_fail_outbox(concern, answer);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}
