/* message.c - takes what a case system publishes apart, and sees what of it is missing. */
#include "bridge/message.h"

#include "protocol/json_guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name);

int message_take(void *socket, struct message *message)
{
    char topic[sizeof WIRE_HEARTBEAT_TOPIC - 1] = "";
    bool magic = false;
    unsigned frames = 0;

    *message = (struct message){ 0 };
    zmq_msg_init(&message->body);
    do {
        if (zmq_msg_recv(&message->body, socket, frames ? 0 : ZMQ_DONTWAIT) < 0) {
            int error = errno;

            zmq_msg_close(&message->body);
            return error == EAGAIN || error == EINTR ? MESSAGE_NONE : -error;
        }
        frames++;
        if (frames == 1 && zmq_msg_size(&message->body) >= sizeof topic)
            memcpy(topic, zmq_msg_data(&message->body), sizeof topic);
        if (frames == 2)
            magic = zmq_msg_size(&message->body) == WIRE_MAGIC_SIZE &&
                    !memcmp(zmq_msg_data(&message->body), WIRE_MAGIC, WIRE_MAGIC_SIZE);
    } while (zmq_msg_more(&message->body));

    message->heartbeat =
        frames == WIRE_FEED_FRAMES && !memcmp(topic, WIRE_HEARTBEAT_TOPIC, sizeof topic);
    if (frames > WIRE_FEED_FRAMES)
        message->wrong = "more than three frames (topic, CON1, JSON; or topic, JSON; or JSON)";
    else if (frames == WIRE_FEED_FRAMES && !magic)
        message->wrong = "the second of three frames is not CON1 (topic, CON1, JSON)";
    return MESSAGE_OK;
}

void message_close(struct message *message)
{
    zmq_msg_close(&message->body);
}

bool heard_note(struct heard *heard, const char *json, size_t size, bool heartbeat,
                struct heard_gap *gap)
{
    static const struct json_limits limits = { WIRE_BODY_MAX, 16, 4096 };
    CLEANUP(json_release) json_t *object = NULL;
    struct sequence_decision decision;
    struct json_fault fault;
    const char *source, *epoch, *digits;
    uint64_t number;
    size_t i = 0;

    if (json_guard_load(json, size, &limits, &object, &fault) != JSON_GUARD_OK)
        return false;
    source = text_of(object, "source");
    epoch = text_of(object, "seqepoch");
    digits = text_of(object, heartbeat ? "last_sequence" : "sequence");
    if (!*source || strlen(source) > WIRE_SOURCE_MAX || strlen(epoch) != SEQUENCE_EPOCH_MAX ||
        sequence_read(digits, strlen(digits), &number) != SEQUENCE_READ)
        return false;
    while (i < heard->count && strcmp(heard->sources[i].source, source) != 0)
        i++;
    if (i == HEARD_SOURCES_MAX)
        return false;
    if (i == heard->count) {
        heard->count++;
        snprintf(heard->sources[i].source, sizeof heard->sources[i].source, "%s", source);
        heard->sources[i].told = 0;
        heard->sources[i].mark = (struct sequence_mark){ 0 };
    }
    /* What was published before we listened was an earlier process' to hear, or the daemon's to
     * miss: the first number, of an event or a heartbeat, is where we begin. */
    decision = heartbeat ? sequence_heartbeat(&heard->sources[i].mark, epoch, number)
                         : sequence_decide(&heard->sources[i].mark, epoch, number);
    if (decision.answer == SEQUENCE_NEW_EPOCH) {
        decision.high = number;
        heard->sources[i].told = 0;
    }
    sequence_keep(&heard->sources[i].mark, epoch, &decision);
    if (decision.answer != SEQUENCE_GAP || decision.to <= heard->sources[i].told)
        return false;
    *gap = (struct heard_gap){ heard->sources[i].source, decision.from, decision.to };
    if (gap->from <= heard->sources[i].told)
        gap->from = heard->sources[i].told + 1;
    heard->sources[i].told = decision.to;
    return true;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}
