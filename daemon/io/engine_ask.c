/* engine_ask.c - what publishers ask: how far a source was heard, and whether an event was kept. */
#include <stdio.h>
#include <string.h>

#include "io/engine_private.h"

int engine_last(struct engine *engine, const char *source, struct answer_last *last)
{
    struct source_progress progress;
    int answer = store_get_source(engine->settings.store, source, &progress);

    memset(last, 0, sizeof *last);
    snprintf(last->source, sizeof last->source, "%s", source);
    if (answer == STORE_NONE || !progress.mark.known)
        return answer < 0 ? answer : 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    last->known = true;
    last->sequence = progress.mark.high;
    snprintf(last->seqepoch, sizeof last->seqepoch, "%s", progress.mark.seqepoch);
    return 0;
}

int engine_stat(struct engine *engine, const char *source, const char *id, struct answer_ack *ack)
{
    struct kept_event kept;
    int answer = store_find_event(engine->settings.store, source, id, &kept);

    memset(ack, 0, sizeof *ack);
    snprintf(ack->source, sizeof ack->source, "%s", source);
    snprintf(ack->id, sizeof ack->id, "%s", id);
    if (answer == STORE_NONE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = engine_still_parked(engine, source, id, &kept);
    if (answer)
        return answer;
    ack->committed = true;
    ack->duplicate = true;
    ack->parked = kept.flags & STORE_EVENT_PARKED;
    ack->record = (int64_t)kept.record;
    ack->ignored = kept.flags & STORE_EVENT_IGNORED;
    return 0;
}
