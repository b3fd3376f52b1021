/* simulate_moment.c - a play instant by instant, with what only repeats folded together. */
#include "concernctl/simulate_moment.h"

#include <string.h>

static size_t end_of(const struct happenings *all, size_t from)
{
    size_t end = from;

    while (end < all->count && all->list[end]->at.us == all->list[from]->at.us)
        end++;
    return end;
}

bool is_only_chase(const struct happening *happening)
{
    if (happening->kind != HAPPENING_NOTIFICATION)
        return false;
    for (size_t i = 0; i < happening->say_count; i++)
        if (strcmp(happening->says[i].message, "chase") != 0)
            return false;
    return true;
}

static bool is_same(const struct happening *one, const struct happening *other)
{
    if (one->say_count != other->say_count || strcmp(one->person, other->person) != 0 ||
        strcmp(one->disagreement, other->disagreement) != 0)
        return false;
    for (size_t i = 0; i < one->say_count; i++)
        if (strcmp(one->says[i].cause, other->says[i].cause) != 0)
            return false;
    return true;
}

/* Whether what begins at `next` chases the same people about the same as `moment`. */
static bool is_repeated(const struct simulation *simulation, const struct moment *moment,
                        size_t next)
{
    const struct happenings *all = &simulation->happenings;
    size_t count = moment->happening_end - moment->happening;

    if (next == all->count || count == 0 || end_of(all, next) - next != count)
        return false;
    if (moment->event_end < simulation->events.count &&
        simulation->events.list[moment->event_end].received.us <= all->list[next]->at.us)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_only_chase(all->list[next + i]) ||
            !is_only_chase(all->list[moment->happening + i]) ||
            !is_same(all->list[next + i], all->list[moment->happening + i]))
            return false;
    return true;
}

bool moment_next(const struct simulation *simulation, struct moment *moment)
{
    const struct happenings *all = &simulation->happenings;
    const struct simulate_events *events = &simulation->events;
    bool more = moment->next_happening < all->count, event = moment->event_end < events->count;
    struct instant at = more ? all->list[moment->next_happening]->at : INSTANT_NONE;

    if (!more && !event)
        return false;
    if (event && (!more || events->list[moment->event_end].received.us < at.us))
        at = events->list[moment->event_end].received;
    *moment = (struct moment){ .at = at,
                               .event = moment->event_end,
                               .event_end = moment->event_end,
                               .happening = moment->next_happening,
                               .happening_end = moment->next_happening };
    while (moment->event_end < events->count &&
           events->list[moment->event_end].received.us == at.us)
        moment->event_end++;
    if (more && all->list[moment->happening]->at.us == at.us)
        moment->happening_end = end_of(all, moment->happening);
    moment->next_happening = moment->happening_end;
    while (is_repeated(simulation, moment, moment->next_happening)) {
        moment->last_repeat = all->list[moment->next_happening]->at;
        moment->next_happening = end_of(all, moment->next_happening);
        moment->repeats++;
    }
    return true;
}
