/* recipient.c - who is told for a role of a party, and who stands in. */
#include "core/recipient.h"

#include <string.h>

static const struct agency *agency_of(const struct recipient_search *search, int party)
{
    if (party == PARTY_BOARD)
        return directory_board(search->directory, search->disagreement->board);
    return directory_agency(search->directory, search->disagreement->parties[party]);
}

static const char *agency_id(const struct recipient_search *search, int party)
{
    return party == PARTY_BOARD ? search->disagreement->board
                                : search->disagreement->parties[party];
}

/* Whom the disagreement itself names goes before the directory. */
static bool find_named(const struct recipient_search *search, const char *role, int party,
                       struct recipient *to)
{
    const struct disagreement *disagreement = search->disagreement;

    for (unsigned i = 0; i < disagreement->people_count; i++) {
        const struct event_person *named = &disagreement->people[i];

        if (strcmp(named->role, role) != 0 || strcmp(named->agency, agency_id(search, party)) != 0)
            continue;
        if (named->email[0]) {
            /* One person, one message: whose mail this is in the directory is known by it. */
            to->person =
                search->directory ? directory_person_at(search->directory, named->email) : NULL;
            to->address = to->person ? "" : named->email;
            return true;
        }
        to->person = search->directory ? directory_person(search->directory, named->person) : NULL;
        if (to->person || !search->directory)
            return true;
    }
    return false;
}

static bool is_away(const struct recipient_search *search, const struct person *person)
{
    return person->is_away && search->today.day < person->away_until.day;
}

/* The holder of a role; his deputy while he is away. */
static bool find_holder(const struct recipient_search *search, int role, int party,
                        struct recipient *to)
{
    const char *id = search->procedure->roles[role].id;
    const struct agency *agency;
    const struct role_holding *holding;

    to->role.role = role;
    to->role.party = party;
    if (find_named(search, id, party, to))
        return true;
    if (!search->directory)
        return true;
    agency = agency_of(search, party);
    holding = agency ? directory_holding(agency, id) : NULL;
    if (!holding || !holding->holder)
        return false;
    to->person = holding->holder;
    if (holding->deputy && is_away(search, holding->holder)) {
        to->person = holding->deputy;
        to->role.stand_in = STAND_IN_DEPUTY;
    }
    return true;
}

static bool kind_matches(const struct for_kind *for_kind, const char *kind)
{
    for (size_t i = 0; kind && i < for_kind->kind_count; i++)
        if (strcmp(for_kind->kinds[i], kind) == 0)
            return true;
    return false;
}

static bool is_of_board(const struct recipient_search *search, int role)
{
    return search->procedure->roles[role].side == SIDE_BOARD;
}

static bool find_first_of(const struct recipient_search *search, const int *roles, size_t count,
                          int party, enum stand_in stand_in, struct recipient *to)
{
    for (size_t i = 0; i < count; i++) {
        struct recipient_role kept = to->role;

        if (find_holder(search, roles[i], is_of_board(search, roles[i]) ? PARTY_BOARD : party,
                        to)) {
            /* A stand-in keeps the side and agency he stands in for. */
            to->role.party = party;
            if (to->role.stand_in == STAND_IN_NONE)
                to->role.stand_in = stand_in;
            return true;
        }
        to->role = kept;
    }
    return false;
}

static bool find_for_kind(const struct recipient_search *search, int role, int party,
                          struct recipient *to)
{
    const struct role *wanted = &search->procedure->roles[role];
    const struct agency *agency;

    if (!search->directory || party == PARTY_BOARD)
        return false;
    agency = agency_of(search, party);
    for (size_t i = 0; agency && i < wanted->for_kind_count; i++)
        if (kind_matches(&wanted->for_kind[i], agency->kind))
            return find_first_of(search, wanted->for_kind[i].uses, wanted->for_kind[i].use_count,
                                 party, STAND_IN_FOR_KIND, to);
    return false;
}

/* The last resorts, in their order; only ever reached with a directory. */
static void find_stand_in(const struct recipient_search *search, int role, int party,
                          struct recipient *to)
{
    const struct agency *agency = agency_of(search, party);
    const struct role_holding *holding =
        agency ? directory_holding(agency, search->procedure->roles[role].id) : NULL;
    const struct role_holding *lead =
        agency ? directory_holding(agency, "safeguarding_lead") : NULL;

    to->role.role = role;
    to->role.party = party;
    if (holding && holding->deputy) {
        to->person = holding->deputy;
        to->role.stand_in = STAND_IN_DEPUTY;
    } else if (find_named(search, "safeguarding_lead", party, to)) {
        to->role.stand_in = STAND_IN_SAFEGUARDING_LEAD;
    } else if (lead && lead->holder) {
        to->person = lead->deputy && is_away(search, lead->holder) ? lead->deputy : lead->holder;
        to->role.stand_in = STAND_IN_SAFEGUARDING_LEAD;
    } else {
        to->is_operator = true;
        to->role.stand_in = STAND_IN_OPERATOR;
    }
}

bool recipient_find(const struct recipient_search *search, int role, int party,
                    struct recipient *to)
{
    const struct role *wanted = &search->procedure->roles[role];

    *to = (struct recipient){ .address = "",
                              .role = { .role = role, .for_role = role, .party = party } };
    if (wanted->via >= 0) {
        bool found = recipient_find(search, wanted->via,
                                    is_of_board(search, wanted->via) ? PARTY_BOARD : party, to);

        to->role.for_role = role;
        if (to->role.stand_in == STAND_IN_NONE)
            to->role.stand_in = STAND_IN_VIA;
        return found;
    }
    if (find_for_kind(search, role, party, to) || find_holder(search, role, party, to) ||
        find_first_of(search, wanted->or_else, wanted->or_else_count, party, STAND_IN_OR_ELSE, to))
        return true;
    if (wanted->optional)
        return false;
    find_stand_in(search, role, party, to);
    return true;
}
