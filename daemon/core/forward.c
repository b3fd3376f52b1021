/* forward.c - a notification that waits, once the directory is another: whom it is for now. */
#include "core/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- whether it is for him still */

static bool has_role(const struct recipient_search *search, int role, int party,
                     const struct person *person)
{
    const struct agency *agency =
        party == PARTY_BOARD
            ? directory_board(search->directory, search->disagreement->board)
            : directory_agency(search->directory, search->disagreement->parties[party]);
    const struct role_holding *holding =
        agency ? directory_holding(agency, search->procedure->roles[role].id) : NULL;

    return holding && (holding->holder == person || holding->deputy == person);
}

bool forward_answers(const struct recipient_search *search, const struct notification *told,
                     const struct person *person)
{
    for (size_t i = 0; person && i < told->role_count; i++) {
        const struct recipient_role *role = &told->roles[i];
        struct recipient to;

        if (has_role(search, role->role, role->party, person) ||
            has_role(search, role->for_role, role->party, person) ||
            (recipient_find(search, role->for_role, role->party, &to) && to.person == person))
            return true;
    }
    return false;
}

/* --- whom it is for now */

static bool is_for(const struct notification *notification, const struct recipient *to)
{
    return notification->person == to->person && notification->to_operator == to->is_operator &&
           strcmp(notification->address, to->address) == 0;
}

static int add(struct plan *plan, const struct notification *told, const struct recipient *to)
{
    struct notification *at = plan->notifications;

    while (at < plan->notifications + plan->count && !is_for(at, to))
        at++;
    if (plan->count == plan->capacity && at == plan->notifications + plan->count) {
        size_t capacity = plan->capacity ? 2 * plan->capacity : 4;
        struct notification *grown = realloc(plan->notifications, capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        plan->notifications = grown;
        plan->capacity = capacity;
        at = grown + plan->count;
    }
    if (at == plan->notifications + plan->count) {
        plan->count++;
        *at = *told;
        at->person = to->person;
        at->to_operator = to->is_operator;
        snprintf(at->address, sizeof at->address, "%s", to->address);
        at->role_count = 0;
    }
    at->roles[at->role_count++] = to->role;
    return 0;
}

int forward_plan(const struct recipient_search *search, const struct notification *told,
                 struct plan *plan)
{
    struct recipient to;
    size_t before = plan->count;

    for (size_t i = 0; i < told->role_count; i++)
        if (recipient_find(search, told->roles[i].for_role, told->roles[i].party, &to) &&
            add(plan, told, &to) < 0)
            return -ENOMEM;
    if (plan->count > before)
        return 0;
    to = (struct recipient){ .address = "", .is_operator = true, .role = told->roles[0] };
    to.role.stand_in = STAND_IN_OPERATOR;
    return add(plan, told, &to);
}
