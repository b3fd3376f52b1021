/* fuzz_replay.c - what passes at a feed's replay endpoint: written again, and again the same. */
#include "fuzz.h"

#include "protocol/alphabet.h"
#include "protocol/replay.h"

static void request_comes_back(const char *text, size_t size, bool snapshot)
{
    struct replay_request request, again;
    char *json = NULL;

    if (replay_read_request(text, size, snapshot, &request) != REPLAY_OK)
        return;
    HOLDS(alphabet_is_source(request.source));
    HOLDS(snapshot ||
          (request.range.from <= request.range.to && request.range.to <= SEQUENCE_MAX &&
           request.max >= 1 && request.max <= REPLAY_MOST && alphabet_is_uuid(request.seqepoch)));
    HOLDS(replay_write_request(&request, &json) == 0);
    HOLDS(replay_read_request(json, strlen(json), snapshot, &again) == REPLAY_OK);
    HOLDS(strcmp(again.source, request.source) == 0 && again.range.to == request.range.to &&
          again.max == request.max);
    free(json);
}

static void answers_come_back(const char *text, size_t size)
{
    struct replay_end end, end_again;
    struct replay_gone gone, gone_again;
    struct replay_snap snap, snap_again;
    char *json = NULL;

    if (replay_read_end(text, size, &end) == REPLAY_OK && replay_write_end(&end, &json) == 0) {
        HOLDS(replay_read_end(json, strlen(json), &end_again) == REPLAY_OK);
        HOLDS(end.count == end_again.count);
        free(json);
    }
    if (replay_read_gone(text, size, &gone) == REPLAY_OK && replay_write_gone(&gone, &json) == 0) {
        HOLDS(replay_read_gone(json, strlen(json), &gone_again) == REPLAY_OK);
        HOLDS(gone.nothing == gone_again.nothing && gone.oldest == gone_again.oldest);
        free(json);
    }
    if (replay_read_snap(text, size, &snap) == REPLAY_OK && replay_write_snap(&snap, &json) == 0) {
        HOLDS(alphabet_is_source(snap.source) && snap.values <= REPLAY_VALUES_MOST);
        HOLDS(replay_read_snap(json, strlen(json), &snap_again) == REPLAY_OK);
        HOLDS(snap.sequence == snap_again.sequence && snap.values == snap_again.values);
        free(json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    struct replay_place place;

    request_comes_back(text, size, false);
    request_comes_back(text, size, true);
    answers_come_back(text, size);
    if (replay_read_place(text, size, &place) == REPLAY_OK) {
        HOLDS(size <= WIRE_BODY_MAX && alphabet_is_source(place.source));
        HOLDS(!place.seqepoch[0] || alphabet_is_uuid(place.seqepoch));
        HOLDS(place.sequence <= SEQUENCE_MAX);
    }
    return 0;
}
