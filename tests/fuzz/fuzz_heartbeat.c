/* fuzz_heartbeat.c - what a feed says between its events. */
#include "fuzz.h"

#include "core/sequence.h"
#include "protocol/alphabet.h"
#include "protocol/heartbeat.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct heartbeat beat;
    int answer = heartbeat_read((const char *)bytes, size, &beat);

    HOLDS(answer == HEARTBEAT_OK || answer == HEARTBEAT_UNREADABLE);
    if (answer != HEARTBEAT_OK)
        return 0;
    HOLDS(size <= HEARTBEAT_MAX);
    HOLDS(alphabet_is_source(beat.source) && alphabet_is_uuid(beat.seqepoch));
    HOLDS(beat.last_sequence <= SEQUENCE_MAX);
    return 0;
}
