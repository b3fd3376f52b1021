/* engine_retell.c - what a notification of the outbox says, as the record tells it. */
#include <stdio.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/record.h"
#include "io/retell.h"

struct telling {
    const struct outbox_row *first;
    json_t *payload;
};

static bool note_payload(void *context, const struct record_line *line)
{
    struct telling *self = context;

    if (line->payload && strcmp(line->type, "notification") == 0 &&
        strcmp(line->reference, self->first->reference) == 0)
        self->payload = json_loads(line->payload, 0, NULL);
    return false;
}

int engine_load_notification(struct engine *engine, const struct outbox_row *first,
                             struct policy_view *view, struct notification *notification,
                             json_t **payload)
{
    struct telling telling = { .first = first };
    struct retelling of = { .view = view,
                            .disagreement = &engine->before,
                            .directory = policy_directory(engine->settings.policy) };
    int answer;

    *payload = NULL;
    if (!first->reference[0] || first->record == 0 || !of.directory)
        return 0;
    answer = store_load_disagreement(engine->settings.store, first->board, first->reference,
                                     &engine->before);
    if (answer != STORE_OK)
        return answer < 0 || answer == STORE_FULL ? engine_store_answer(answer) : 0;
    answer = engine_view_of_hash(engine, engine->before.procedure_hash, view);
    if (answer)
        return answer < 0 ? answer : 0;
    answer = record_list(engine->settings.store, first->record, 1, note_payload, &telling);
    if (answer < 0)
        return answer;
    if (!telling.payload || !retell_read(&of, telling.payload, notification)) {
        json_decref(telling.payload);
        return 0;
    }
    if (!notification->person && !notification->to_operator && first->route == ROUTE_EMAIL)
        snprintf(notification->address, sizeof notification->address, "%s", first->recipient);
    *payload = telling.payload;
    return 0;
}
