/* engine_redrive.c - somebody sends again what nobody accepted. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/store_redrive.h"

static int record_redrive(struct engine *engine, const struct engine_redrive *redrive)
{
    json_t *payload = json_pack("{s:s,s:i}", "by", redrive->by, "count", (int)redrive->count);
    char *text;
    int answer;

    if (payload && redrive->id)
        json_object_set_new(payload, "id", json_string(redrive->id));
    text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    json_decref(payload);
    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a line of the record");
    answer = engine_store_answer(record_append(
        engine->settings.store, engine->now, "redrive", redrive->reference ? redrive->board : "",
        redrive->reference ? redrive->reference : "", text, NULL));
    free(text);
    return answer;
}

int engine_redrive(struct engine *engine, struct engine_redrive *redrive)
{
    int answer = engine_store_answer(
        store_redrive(engine->settings.store, redrive->id, redrive->board,
                      redrive->id ? NULL : redrive->reference, engine->now, &redrive->count));

    if (answer || redrive->count == 0)
        return answer;
    engine_release_lanes(engine);
    engine->ended_count = 0; /* an endpoint that was gone may be back */
    answer = record_redrive(engine, redrive);
    return answer ? answer : engine_forward(engine);
}
