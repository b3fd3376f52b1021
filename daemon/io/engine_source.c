/* engine_source.c - what of a source has not come: gaps, and the heartbeats that show them. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

static int record_gap(struct engine *engine, const char *source, const char *seqepoch,
                      const struct sequence_decision *sequence)
{
    json_t *payload = json_pack("{s:s,s:s,s:I,s:I}", "source", source, "seqepoch", seqepoch, "from",
                                (json_int_t)sequence->from, "to", (json_int_t)sequence->to);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_record(engine, "gap", text) : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

int engine_note_gap(struct engine *engine, const char *source, const char *seqepoch,
                    const struct sequence_decision *sequence)
{
    char key[EVENT_SOURCE_MAX + 100], text[EVENT_SOURCE_MAX + 300];
    int answer = store_put_gap(engine->settings.store, source, seqepoch, sequence->from,
                               sequence->to, engine->now);

    if (answer == STORE_DUPLICATE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_SEQUENCE_GAP }, { "SOURCE", source }),
                 "events %llu to %llu of %s have not come", (unsigned long long)sequence->from,
                 (unsigned long long)sequence->to, source);
    snprintf(key, sizeof key, "gap %s %s %llu", source, seqepoch,
             (unsigned long long)sequence->from);
    snprintf(text, sizeof text,
             "Events %llu to %llu of the source %s have not come.\n"
             "What they said is not known here; ask the case system's operator to send them.\n",
             (unsigned long long)sequence->from, (unsigned long long)sequence->to, source);
    answer = record_gap(engine, source, seqepoch, sequence);
    return answer ? answer : engine_tell_operator(engine, key, "Events are missing", text);
}

int engine_take_heartbeat(struct engine *engine, const char *feed, const char *source,
                          const char *seqepoch, uint64_t last)
{
    struct source_progress progress;
    struct sequence_decision sequence;
    int answer = store_get_source(engine->settings.store, source, &progress);

    (void)feed;
    if (answer == STORE_NONE)
        return 0; /* nothing was heard of it yet, so nothing is missing */
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    sequence = sequence_heartbeat(&progress.mark, seqepoch, last);
    if (sequence.answer == SEQUENCE_NEXT || sequence.from > sequence.to)
        return 0;
    return engine_note_gap(engine, source, seqepoch, &sequence);
}
