/* engine_heard.c - a deputy accepted what was told in several roles: in which nobody did yet. */
#include <string.h>

#include "io/engine_private.h"

/* The roles of a notification, in their order. */
struct hearing {
    const struct recipient_search *search;
    const struct notification *notification;
    const char *person;              /* whom it was for first: he has heard it in every role */
    bool heard[RECIPIENT_ROLES_MAX]; /* somebody of this role accepted it */
    bool asked[RECIPIENT_ROLES_MAX]; /* ... or may accept it */
};

static bool is_of(const struct role_holding *holding, const char *person)
{
    return holding && ((holding->deputy && strcmp(holding->deputy->id, person) == 0) ||
                       (holding->holder && strcmp(holding->holder->id, person) == 0));
}

static bool note_row(void *context, const struct outbox_row *row)
{
    struct hearing *self = context;
    bool accepted = row->state == OUTBOX_ACCEPTED && instant_is_none(row->delayed);
    bool is_his = strcmp(row->person, self->person) == 0;

    for (size_t i = 0; i < self->notification->role_count; i++) {
        if (!is_his &&
            !is_of(escalation_holding(self->search, &self->notification->roles[i]), row->person))
            continue;
        self->heard[i] = self->heard[i] || accepted;
        self->asked[i] = self->asked[i] || !is_his;
    }
    return true;
}

int engine_leave_unheard(struct engine *engine, const struct outbox_row *first,
                         const struct recipient_search *search, const struct route *used,
                         size_t used_count, struct notification *notification)
{
    struct hearing self = { .search = search,
                            .notification = notification,
                            .person = first->person };
    int answer =
        engine_store_answer(store_list_routes(engine->settings.store, first->id, note_row, &self));
    size_t count = 0;

    for (size_t i = 0; answer == 0 && i < notification->role_count; i++)
        if (!self.heard[i] &&
            (self.asked[i] || escalation_has_deputy(search, &notification->roles[i],
                                                    notification->person, used, used_count)))
            notification->roles[count++] = notification->roles[i];
    if (answer == 0)
        notification->role_count = count;
    return answer;
}
