/* fuzz_answer.c - what the daemon answers: what is read can be written and is read as the same.
 *
 * The first byte says which answer the others are to be.
 */
#include "fuzz.h"

#include "protocol/answer.h"
#include "protocol/wire.h"

/* Whatever is read is written, and from then on nothing changes any more. */
#define ROUND_TRIP(name)                                                                           \
    static void read_##name(const char *text, size_t size)                                         \
    {                                                                                              \
        static struct answer_##name first, second;                                                 \
        char *once = NULL, *twice = NULL;                                                          \
                                                                                                   \
        memset(&first, 0, sizeof first);                                                           \
        memset(&second, 0, sizeof second);                                                         \
        if (answer_read_##name(text, size, &first) != ANSWER_OK)                                   \
            return;                                                                                \
        HOLDS(answer_write_##name(&first, &once) == 0 && !strchr(once, '\n'));                     \
        HOLDS(answer_read_##name(once, strlen(once), &second) == ANSWER_OK);                       \
        HOLDS(answer_write_##name(&second, &twice) == 0);                                          \
        HOLDS(strcmp(once, twice) == 0);                                                           \
        free(once);                                                                                \
        free(twice);                                                                               \
    }

ROUND_TRIP(ack)
ROUND_TRIP(nack)
ROUND_TRIP(busy)
ROUND_TRIP(last)
ROUND_TRIP(query)

static void read_acks(const char *text, size_t size)
{
    static struct answer_ack acks[ANSWER_BATCH_MAX], again[ANSWER_BATCH_MAX];
    size_t count = 0, count_again = 0;
    char *json = NULL;

    if (answer_read_acks(text, size, acks, &count) != ANSWER_OK)
        return;
    HOLDS(count >= 1 && count <= ANSWER_BATCH_MAX);
    HOLDS(answer_write_acks(acks, count, &json) == 0 && strlen(json) <= WIRE_BODY_MAX);
    HOLDS(answer_read_acks(json, strlen(json), again, &count_again) == ANSWER_OK);
    HOLDS(count_again == count);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const readers[])(const char *, size_t) = { read_ack,  read_nack,  read_busy,
                                                             read_last, read_query, read_acks };

    if (size > 0)
        readers[bytes[0] % (sizeof readers / sizeof readers[0])]((const char *)bytes + 1, size - 1);
    return 0;
}
