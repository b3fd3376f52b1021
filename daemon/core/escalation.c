/* escalation.c - when nobody takes a delivery: who is tried next, and when people are told. */
#include "core/escalation.h"

#include <string.h>

/* --- when */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int escalation_next(const struct escalation_waits *waits, const struct escalation *escalation,
                    struct instant now, struct instant *next)
{
    bool ordinary = escalation->priority == PRIORITY_NORMAL;
    int64_t climb_us =
        least(escalation->latest.us, now.us) + (ordinary ? waits->after_us : waits->urgent_us);
    int64_t tell_us = least(escalation->queued.us, now.us) + waits->told_us;
    bool climbs = escalation->has_route, tells = !escalation->told;

    if (escalation->accepted || (!climbs && !tells))
        return ESCALATION_OVER;
    if (climbs && (escalation->hopeless || climb_us <= now.us))
        return ESCALATION_CLIMB;
    if (tells && ((escalation->ended && !climbs) || tell_us <= now.us))
        return ESCALATION_TELL;
    if (!climbs)
        climb_us = tell_us;
    *next = (struct instant){ tells ? least(climb_us, tell_us) : climb_us };
    return ESCALATION_WAIT;
}

/* --- who */

struct route_search {
    const struct route *used;
    size_t used_count;
    struct escalation_route *found;
};

static bool is_used(const struct route_search *self, const struct route *route)
{
    for (size_t i = 0; i < self->used_count; i++)
        if (self->used[i].kind == route->kind && strcmp(self->used[i].to, route->to) == 0)
            return true;
    return false;
}

static bool find_in(const struct route_search *self, const struct route *routes, size_t count,
                    const struct person *person, bool is_deputy)
{
    for (size_t i = 0; i < count; i++) {
        if (is_used(self, &routes[i]))
            continue;
        *self->found = (struct escalation_route){
            .kind = routes[i].kind, .to = routes[i].to, .person = person, .is_deputy = is_deputy
        };
        return true;
    }
    return false;
}

/* Those of this hour first; then the others, for somebody must be reached. */
static bool find_of_person(const struct route_search *self, const struct person *person,
                           bool office_hours, bool is_deputy)
{
    bool night = !office_hours && person->out_of_hours_count > 0;

    return find_in(self, night ? person->out_of_hours : person->routes,
                   night ? person->out_of_hours_count : person->route_count, person, is_deputy) ||
           find_in(self, night ? person->routes : person->out_of_hours,
                   night ? person->route_count : person->out_of_hours_count, person, is_deputy);
}

/* Who stands in in a board's role keeps the party he stands in for. */
static bool is_of_board(const struct recipient_search *search, const struct recipient_role *role)
{
    return role->party == PARTY_BOARD || search->procedure->roles[role->role].side == SIDE_BOARD;
}

const struct role_holding *escalation_holding(const struct recipient_search *search,
                                              const struct recipient_role *role)
{
    const struct agency *agency =
        is_of_board(search, role)
            ? directory_board(search->directory, search->disagreement->board)
            : directory_agency(search->directory, search->disagreement->parties[role->party]);

    return agency ? directory_holding(agency, search->procedure->roles[role->role].id) : NULL;
}

bool escalation_has_deputy(const struct recipient_search *search, const struct recipient_role *role,
                           const struct person *of, const struct route *used, size_t used_count)
{
    const struct role_holding *holding = escalation_holding(search, role);
    const struct person *deputy = holding ? holding->deputy : NULL;
    struct escalation_route found;
    const struct route_search self = { .used = used, .used_count = used_count, .found = &found };

    return deputy && deputy != of && !person_is_away(deputy, search->today) &&
           find_of_person(&self, deputy, true, true);
}

bool escalation_route(const struct recipient_search *search,
                      const struct notification *notification, bool office_hours,
                      const struct route *used, size_t used_count, struct escalation_route *found)
{
    const struct route_search self = { .used = used, .used_count = used_count, .found = found };
    const struct directory *directory = search->directory;

    if (notification->to_operator)
        return find_in(&self, directory->operator_routes, directory->operator_route_count, NULL,
                       false);
    if (notification->person && find_of_person(&self, notification->person, office_hours, false))
        return true;
    for (size_t i = 0; i < notification->role_count; i++) {
        const struct role_holding *holding = escalation_holding(search, &notification->roles[i]);
        const struct person *holder = holding ? holding->holder : NULL;
        const struct person *deputy = holding ? holding->deputy : NULL;

        /* Told by an address of the event, or somebody who has left the directory. */
        if (!notification->person && holder && !person_is_away(holder, search->today) &&
            find_of_person(&self, holder, office_hours, false))
            return true;
        if (deputy && deputy != notification->person && !person_is_away(deputy, search->today) &&
            find_of_person(&self, deputy, office_hours, true))
            return true;
    }
    return false;
}

const struct person *escalation_board_person(const struct directory *directory, const char *board,
                                             struct date today)
{
    const struct agency *of = directory_board(directory, board);
    const struct person *person = NULL;

    for (size_t i = 0; of && i < of->role_count && !person; i++)
        person = role_present(&of->roles[i], today);
    for (size_t i = 0; of && i < of->role_count && !person; i++)
        person = role_holder(&of->roles[i], today);
    return person;
}
