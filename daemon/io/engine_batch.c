/* engine_batch.c - a BATCH: all of its events are taken, or none. */
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"

static int refuse_batch(struct engine_batch *batch, const struct event_reading *reading)
{
    struct answer_nack *nack = &batch->refused.nack;

    snprintf(nack->code, sizeof nack->code, "%s", reading->code);
    snprintf(nack->why, sizeof nack->why, "%s", reading->why);
    return ENGINE_REFUSED;
}

/* Who may not send the first of them has paid for none. */
static int take_each(struct engine *engine, const struct engine_input *input,
                     const struct batch_item *items, struct engine_batch *batch)
{
    int answer = ENGINE_TAKEN;

    for (size_t i = 0; answer == ENGINE_TAKEN && i < batch->count; i++) {
        struct engine_input one = *input;

        one.bytes = input->bytes + items[i].offset;
        one.size = items[i].size;
        one.others = (unsigned)batch->count - 1;
        one.paid = i > 0;
        answer = engine_take(engine, &one, &batch->refused);
        batch->acks[i] = batch->refused.ack;
    }
    return answer;
}

int engine_take_batch(struct engine *engine, const struct engine_input *input,
                      struct engine_batch *batch)
{
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    struct event_reading reading;
    int answer, ended;

    memset(batch, 0, sizeof *batch);
    answer = cloudevent_batch_split(input->bytes, input->size, items, &batch->count, &reading);
    if (answer != CLOUDEVENT_OK)
        return answer < 0 ? answer : refuse_batch(batch, &reading);
    /* Who is told by what came before it is told whatever becomes of the batch. */
    answer = engine_tell(engine);
    if (answer == 0)
        answer = engine_store_answer(store_part_begin(engine->settings.store));
    if (answer)
        return answer;
    answer = take_each(engine, input, items, batch);
    /* Where the disk failed the whole turn goes, and the part with it. */
    if (answer < 0 || answer == ENGINE_STORE_FULL)
        return answer;
    if (answer != ENGINE_TAKEN) {
        engine->plan.count = 0;
        engine->has_told_of = false;
    }
    ended = engine_store_answer(store_part_end(engine->settings.store, answer == ENGINE_TAKEN));
    return ended ? ended : answer;
}
