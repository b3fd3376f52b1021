/* fuzz_heartbeat.c - what a feed says between its events; and what the bridge notes of either. */
#include "fuzz.h"

#include "bridge/message.h"
#include "core/sequence.h"
#include "protocol/alphabet.h"
#include "protocol/heartbeat.h"

static void is_noted(const char *text, size_t size)
{
    static struct heard heard;
    struct heard_gap gap;

    for (int beat = 0; beat < 2; beat++)
        if (heard_note(&heard, text, size, beat, &gap))
            HOLDS(gap.source[0] && gap.from <= gap.to && gap.to <= SEQUENCE_MAX);
    HOLDS(heard.count <= HEARD_SOURCES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct heartbeat beat;
    int answer = heartbeat_read((const char *)bytes, size, &beat);

    is_noted((const char *)bytes, size);
    HOLDS(answer == HEARTBEAT_OK || answer == HEARTBEAT_UNREADABLE);
    if (answer != HEARTBEAT_OK)
        return 0;
    HOLDS(size <= HEARTBEAT_MAX);
    HOLDS(alphabet_is_source(beat.source) && alphabet_is_uuid(beat.seqepoch));
    HOLDS(beat.last_sequence <= SEQUENCE_MAX);
    return 0;
}
