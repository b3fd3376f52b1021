/* intake_arrival.c - one message as it lies in the ROUTER: who sent it, and its frames. */
#include "io/intake_arrival.h"

#include <errno.h>
#include <string.h>

static int read_frame(void *socket, struct arrival *arrival);
static void note_user(struct arrival *arrival, zmq_msg_t *frame);

/* Messages lie in the socket whole or not at all, so once the first frame is
 * there the others are too. */
int arrival_read(void *socket, struct instant now, struct arrival *arrival)
{
    zmq_msg_t first;
    int more;

    *arrival = (struct arrival){ .now = now };
    zmq_msg_init(&first);
    if (zmq_msg_recv(&first, socket, ZMQ_DONTWAIT) < 0) {
        int error = zmq_errno();

        zmq_msg_close(&first);
        return error == EINTR ? -EAGAIN : -error;
    }
    arrival->routing_is_ours = zmq_msg_size(&first) == INTAKE_ROUTING_SIZE &&
                               ((const char *)zmq_msg_data(&first))[0] == '\0';
    if (arrival->routing_is_ours)
        memcpy(arrival->routing, zmq_msg_data(&first), INTAKE_ROUTING_SIZE);
    more = zmq_msg_more(&first);
    zmq_msg_close(&first);
    while (more) {
        more = read_frame(socket, arrival);
        if (more < 0)
            return more;
    }
    return 1;
}

/* Keeps the first four, drops and counts the others.  1 when more follow. */
static int read_frame(void *socket, struct arrival *arrival)
{
    zmq_msg_t frame;
    int more;

    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
        int error = zmq_errno();

        zmq_msg_close(&frame);
        return -error;
    }
    /* The key is asked of a body frame: on the routing id, libzmq 4.3.4 loses it
     * whenever the socket was polled. */
    if (arrival->count == 0)
        note_user(arrival, &frame);
    more = zmq_msg_more(&frame);
    if (arrival->count < WIRE_FRAMES) {
        zmq_msg_init(&arrival->frames[arrival->count]);
        zmq_msg_move(&arrival->frames[arrival->count], &frame);
    }
    arrival->count++;
    zmq_msg_close(&frame);
    return more;
}

static void note_user(struct arrival *arrival, zmq_msg_t *frame)
{
    const char *user = zmq_msg_gets(frame, "User-Id");

    if (user && strlen(user) == WIRE_KEY_TEXT)
        memcpy(arrival->key, user, WIRE_KEY_TEXT + 1);
}

void arrival_close(struct arrival *arrival)
{
    for (size_t i = 0; i < arrival->count && i < WIRE_FRAMES; i++)
        zmq_msg_close(&arrival->frames[i]);
    arrival->count = 0;
}

/* The version is looked at before the number of frames: another major may have another. */
const char *arrival_fault(struct arrival *arrival)
{
    zmq_msg_t *frames = arrival->frames;
    const char *magic;

    if (arrival->count < 1 || zmq_msg_size(&frames[0]) != WIRE_MAGIC_SIZE)
        return WIRE_CODE_FRAMES;
    magic = zmq_msg_data(&frames[0]);
    if (memcmp(magic, WIRE_MAGIC, WIRE_MAGIC_SIZE - 1) != 0)
        return WIRE_CODE_FRAMES;
    if (magic[WIRE_MAGIC_SIZE - 1] != WIRE_MAGIC[WIRE_MAGIC_SIZE - 1])
        return WIRE_CODE_VERSION;
    if (arrival->count != WIRE_FRAMES || zmq_msg_size(&frames[1]) > WIRE_COMMAND_MAX ||
        zmq_msg_size(&frames[2]) < 1 || zmq_msg_size(&frames[2]) > WIRE_CORRELATION_MAX ||
        !wire_command_is_request(arrival_command(arrival)))
        return WIRE_CODE_FRAMES;
    return zmq_msg_size(&frames[3]) > WIRE_BODY_MAX ? WIRE_CODE_TOO_LARGE : NULL;
}

enum wire_command arrival_command(struct arrival *arrival)
{
    return wire_command_read(zmq_msg_data(&arrival->frames[1]), zmq_msg_size(&arrival->frames[1]));
}

const void *arrival_correlation(struct arrival *arrival, size_t *size)
{
    *size = arrival->count > 2 ? zmq_msg_size(&arrival->frames[2]) : 0;
    if (*size > WIRE_CORRELATION_MAX)
        *size = 0;
    return *size > 0 ? zmq_msg_data(&arrival->frames[2]) : "";
}

const void *arrival_body(struct arrival *arrival, size_t *size)
{
    *size = zmq_msg_size(&arrival->frames[3]);
    return zmq_msg_data(&arrival->frames[3]);
}
