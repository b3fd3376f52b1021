/* directory.c - finds agencies, boards, people and who holds a role. */
#include "core/directory.h"

#include <string.h>
#include <strings.h>

static const struct agency *agency_in(const struct agency *list, size_t count, const char *id);
static const char *domain_of(const char *address);

const struct agency *directory_agency(const struct directory *directory, const char *id)
{
    return agency_in(directory->agencies, directory->agency_count, id);
}

const struct agency *directory_board(const struct directory *directory, const char *id)
{
    return agency_in(directory->boards, directory->board_count, id);
}

const struct person *directory_person(const struct directory *directory, const char *id)
{
    for (size_t i = 0; i < directory->person_count; i++)
        if (!strcmp(directory->people[i].id, id))
            return &directory->people[i];
    return NULL;
}

static bool has_mail_at(const struct route *routes, size_t count, const char *address)
{
    for (size_t i = 0; i < count; i++)
        if (routes[i].kind == ROUTE_EMAIL && !strcasecmp(routes[i].to, address))
            return true;
    return false;
}

const struct person *directory_person_at(const struct directory *directory, const char *address)
{
    const struct person *found = NULL;

    for (size_t i = 0; i < directory->person_count; i++) {
        const struct person *person = &directory->people[i];

        if (!has_mail_at(person->routes, person->route_count, address) &&
            !has_mail_at(person->out_of_hours, person->out_of_hours_count, address))
            continue;
        if (found)
            return NULL;
        found = person;
    }
    return found;
}

struct reference_rules directory_references(const struct directory *directory, const char *agency,
                                            const char *board)
{
    const struct agency *of = directory_agency(directory, agency);
    const struct agency *at = directory_board(directory, board);
    struct reference_rules rules = of ? of->references : (struct reference_rules){ .forms = NULL };

    if (rules.form_count == 0 && at) {
        rules.forms = at->references.forms;
        rules.form_count = at->references.form_count;
    }
    if (rules.link_count == 0 && at) {
        rules.links = at->references.links;
        rules.link_count = at->references.link_count;
    }
    return rules;
}

bool directory_lists_category(const struct directory *directory, const char *board,
                              const char *category)
{
    const struct agency *at = directory_board(directory, board);

    for (size_t i = 0; at && i < at->category_count; i++)
        if (!strcmp(at->categories[i], category))
            return true;
    return false;
}

static bool names_procedure(const struct agency *board, const char *procedure)
{
    for (size_t i = 0; i < board->procedure_count; i++)
        if (!strcmp(board->procedures[i], procedure))
            return true;
    return false;
}

const struct agency *directory_board_of(const struct directory *directory, const char *procedure)
{
    const struct agency *found = NULL;

    for (size_t i = 0; i < directory->board_count; i++) {
        if (!names_procedure(&directory->boards[i], procedure))
            continue;
        if (found)
            return NULL;
        found = &directory->boards[i];
    }
    return found;
}

bool route_is_one_of(const struct route *route, const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (routes[i].kind == route->kind && !strcmp(routes[i].to, route->to))
            return true;
    return false;
}

bool person_has_route(const struct person *person, const struct route *route)
{
    return route_is_one_of(route, person->routes, person->route_count) ||
           route_is_one_of(route, person->out_of_hours, person->out_of_hours_count);
}

const struct role_holding *directory_holding(const struct agency *agency, const char *role)
{
    for (size_t i = 0; i < agency->role_count; i++) {
        const struct role_holding *holding = &agency->roles[i];

        if (!strcmp(holding->role, role))
            return holding->holder || holding->deputy ? holding : NULL;
    }
    return NULL;
}

bool person_is_away(const struct person *person, struct date today)
{
    return person->is_away && today.day < person->away_until.day;
}

const struct person *role_present(const struct role_holding *holding, struct date today)
{
    if (holding->holder && !person_is_away(holding->holder, today))
        return holding->holder;
    return holding->deputy && !person_is_away(holding->deputy, today) ? holding->deputy : NULL;
}

const struct person *role_holder(const struct role_holding *holding, struct date today)
{
    const struct person *present = role_present(holding, today);

    if (present)
        return present;
    return holding->holder ? holding->holder : holding->deputy;
}

bool directory_owns_address(const struct agency *agency, const char *address)
{
    const char *domain = domain_of(address);

    for (size_t i = 0; domain && i < agency->domain_count; i++)
        if (!strcasecmp(agency->domains[i], domain))
            return true;
    return false;
}

/* What follows the only @; NULL for what two readers could read as two different addresses. */
static const char *domain_of(const char *address)
{
    const char *at = strchr(address, '@');

    if (!at || at == address || !at[1] || strchr(at + 1, '@'))
        return NULL;
    for (const char *c = address; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("<>,;:\"()[]\\\x7f", *c))
            return NULL;
    return at + 1;
}

static const struct agency *agency_in(const struct agency *list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].id, id))
            return &list[i];
    return NULL;
}
