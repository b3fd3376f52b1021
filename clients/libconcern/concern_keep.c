/* concern_keep.c - an event is checked, numbered and put on disk. */
#include "libconcern/concern_private.h"

#include "protocol/cloudevent.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_event(struct concern *concern, const char *json, size_t size, struct event *event,
                      struct event_reading *reading);
static int put(struct concern *concern, const struct event *event,
               const struct event_reading *reading, const char *json, size_t size);
static int number(struct concern *concern, const struct event *event, const char *json, size_t size,
                  struct outbox_source *source, char **numbered);
static int put_numbered(struct concern *concern, const struct event *event,
                        const struct outbox_source *source, struct outbox_event *kept);

int concern_publish_json(struct concern *concern, const char *json, size_t size)
{
    struct event *event = malloc(sizeof *event);
    struct event_reading reading;
    bool own = !outbox_is_begun(concern->outbox);
    int answer;

    concern->error[0] = '\0';
    if (!event)
        return concern_fail(concern, -ENOMEM, "no memory");
    answer = read_event(concern, json, size, event, &reading);
    if (answer == CONCERN_OK && own)
        answer = concern_fail_outbox(concern, outbox_begin(concern->outbox));
    if (answer == CONCERN_OK) {
        answer = put(concern, event, &reading, json, size);
        if (own && answer == CONCERN_OK)
            answer = concern_fail_outbox(concern, outbox_commit(concern->outbox));
        else if (own)
            outbox_roll_back(concern->outbox);
    }
    if (answer == CONCERN_OK)
        snprintf(concern->id, sizeof concern->id, "%s", event->id);
    free(event);
    /* It is kept: what sending meets is for concern_wait to say. */
    if (answer == CONCERN_OK && own)
        concern_feed(concern);
    concern_call_troubles(concern);
    return answer;
}

int concern_begin(struct concern *concern)
{
    concern->error[0] = '\0';
    concern->spoiled = false;
    return concern_fail_outbox(concern, outbox_begin(concern->outbox));
}

int concern_commit(struct concern *concern)
{
    int answer;

    if (concern->spoiled) {
        outbox_roll_back(concern->outbox);
        concern->spoiled = false;
        return CONCERN_FULL;
    }
    concern->error[0] = '\0';
    answer = concern_fail_outbox(concern, outbox_commit(concern->outbox));
    if (answer == CONCERN_OK)
        concern_feed(concern);
    concern_call_troubles(concern);
    return answer;
}

const char *concern_last_id(const struct concern *concern)
{
    return concern->id;
}

/* By the daemon's own reader.  Who did it may be left to the key, which the daemon knows. */
static int read_event(struct concern *concern, const char *json, size_t size, struct event *event,
                      struct event_reading *reading)
{
    static const struct event_sender whoever = { .agency = "the-agency-of-the-key" };
    int answer = cloudevent_read_from(json, size, &whoever, event, reading);

    if (answer < 0)
        return concern_fail(concern, answer, "no memory");
    if (answer == CLOUDEVENT_REFUSED)
        return concern_fail(concern, CONCERN_INVALID, "%s", reading->why);
    return CONCERN_OK;
}

static int put(struct concern *concern, const struct event *event,
               const struct event_reading *reading, const char *json, size_t size)
{
    struct outbox_source source = { 0 };
    struct outbox_event kept = { .source = event->source,
                                 .id = event->id,
                                 .given = reading->canonical_sha256,
                                 .bytes = json,
                                 .size = size,
                                 .kept = concern_wall_clock() };
    char *numbered = NULL;
    int answer =
        outbox_look_up(concern->outbox, event->source, event->id, reading->canonical_sha256);

    if (answer == OUTBOX_KNOWN)
        return CONCERN_OK;
    if (answer == OUTBOX_ID_USED)
        return concern_fail(concern, CONCERN_ID_USED,
                            "id %s was used for another event of %s (a new id)", event->id,
                            event->source);
    if (answer != OUTBOX_NONE)
        return concern_fail_outbox(concern, answer);
    if ((answer = number(concern, event, json, size, &source, &numbered)) != CONCERN_OK)
        return answer;
    if (numbered) {
        kept.bytes = numbered;
        kept.size = strlen(numbered);
        kept.numbered = true;
        kept.sequence = source.last;
    }
    answer = put_numbered(concern, event, &source, &kept);
    free(numbered);
    return answer;
}

/* The number and the event are one transaction, so no number is lost or given twice. */
static int put_numbered(struct concern *concern, const struct event *event,
                        const struct outbox_source *source, struct outbox_event *kept)
{
    int answer;

    if (!outbox_has_room(concern->outbox, kept->size))
        return concern_fail_outbox(concern, OUTBOX_FULL);
    answer = outbox_put_source(concern->outbox, event->source, source);
    if (answer == OUTBOX_OK)
        answer = outbox_put(concern->outbox, kept);
    concern->spoiled |= answer != OUTBOX_OK;
    return concern_fail_outbox(concern, answer);
}

/* Sets `*numbered` to the event with our number, the caller's to free; leaves it NULL where the
 * source numbers its events itself: once it did, one without a number stays without. */
static int number(struct concern *concern, const struct event *event, const char *json, size_t size,
                  struct outbox_source *source, char **numbered)
{
    int answer = outbox_source(concern->outbox, event->source, source);
    char digits[SEQUENCE_DIGITS + 1];
    json_t *whole;

    if (answer != OUTBOX_OK && answer != OUTBOX_NONE)
        return concern_fail_outbox(concern, answer);
    source->own |= event->has_sequence;
    if (source->own)
        return CONCERN_OK;
    if (!source->seqepoch[0])
        concern_make_epoch(source->seqepoch);
    sequence_write(++source->last, digits);
    whole = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
    if (whole && !json_object_set_new(whole, "sequence", json_string(digits)) &&
        !json_object_set_new(whole, "seqepoch", json_string(source->seqepoch)))
        *numbered = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    if (!*numbered)
        return concern_fail(concern, -ENOMEM, "no memory");
    if (strlen(*numbered) <= WIRE_BODY_MAX)
        return CONCERN_OK;
    free(*numbered);
    *numbered = NULL;
    return concern_fail(concern, CONCERN_INVALID,
                        "the event is longer than 65,536 bytes with its sequence number");
}

int concern_keep_object(struct concern *concern, json_t *event)
{
    char *json = event ? json_dumps(event, JSON_COMPACT) : NULL;
    int answer;

    json_decref(event);
    if (!json)
        return concern_fail(concern, -ENOMEM, "no memory");
    answer = concern_publish_json(concern, json, strlen(json));
    free(json);
    return answer;
}
