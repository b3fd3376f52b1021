/* fuzz_frames.c - the frames of a message as they lie in the ROUTER, and what the intake itself
 * reads of them.  Each frame is two bytes of length, low one first, and what follows.
 */
#include "fuzz.h"

#include "io/intake_arrival.h"
#include "io/intake_words.h"
#include "protocol/answer.h"

enum { FRAMES_MOST = 8 };

static size_t make_frame(zmq_msg_t *frame, const uint8_t *bytes, size_t size)
{
    size_t length = size >= 2 ? (size_t)(bytes[0] | bytes[1] << 8) : size;
    size_t head = size >= 2 ? 2 : 0;

    if (length > size - head)
        length = size - head;
    HOLDS(zmq_msg_init_size(frame, length) == 0);
    if (length > 0)
        memcpy(zmq_msg_data(frame), bytes + head, length);
    return head + length;
}

static void fill(struct arrival *arrival, const uint8_t *bytes, size_t size)
{
    while (size > 0 && arrival->count < FRAMES_MOST) {
        zmq_msg_t frame;
        size_t used = make_frame(&frame, bytes, size);

        if (arrival->count < WIRE_FRAMES)
            arrival->frames[arrival->count] = frame;
        else
            zmq_msg_close(&frame);
        arrival->count++;
        bytes += used;
        size -= used;
    }
}

static void is_welcomed(const void *body, size_t size)
{
    static const char *const sources[] = { "urn:northtown:las" };
    static const struct principal principal = {
        .key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
        .name = "northtown-housing/Yne@$w-v",
        .agency = "northtown-housing",
        .sources = { sources, 1 },
        .rights = KEYRING_PUBLISH,
    };
    const char *code = NULL;
    char *text = words_welcome(body, size, &principal, principal.key, (struct instant){ 0 }, &code);

    HOLDS(code ? wire_code_find(code) != NULL : text && strlen(text) <= WIRE_BODY_MAX);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arrival arrival = { .count = 0 };
    struct answer_query query;
    const char *code;
    const void *correlation, *body;
    size_t correlation_size, body_size;

    fill(&arrival, bytes, size);
    code = arrival_fault(&arrival);
    correlation = arrival_correlation(&arrival, &correlation_size);
    HOLDS(correlation && correlation_size <= WIRE_CORRELATION_MAX);
    if (code) {
        HOLDS(wire_code_find(code));
        arrival_close(&arrival);
        return 0;
    }
    body = arrival_body(&arrival, &body_size);
    HOLDS(arrival.count == WIRE_FRAMES && body_size <= WIRE_BODY_MAX && correlation_size >= 1);
    HOLDS(wire_command_is_request(arrival_command(&arrival)));
    if (arrival_command(&arrival) == WIRE_HELLO)
        is_welcomed(body, body_size);
    else
        answer_read_query(body, body_size, &query);
    arrival_close(&arrival);
    HOLDS(arrival.count == 0);
    return 0;
}
