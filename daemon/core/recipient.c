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

/* A search that goes on past whoever is away, and remembers the first of them. */
struct finding {
    const struct recipient_search *search;
    struct recipient *to;
    struct recipient absent;
    bool has_absent;
};

static void note_absent(struct finding *self)
{
    if (self->has_absent)
        return;
    self->absent = *self->to;
    self->absent.is_absent = true;
    self->has_absent = true;
}

/* Whoever is there of a role that has a holder: he, or his deputy. */
static bool find_present(struct finding *self, const struct role_holding *holding)
{
    const struct person *present = role_present(holding, self->search->today);

    self->to->person = present ? present : holding->holder;
    if (present && present != holding->holder)
        self->to->role.stand_in = STAND_IN_DEPUTY;
    return present;
}

/* The holder of a role; his deputy while he is away. */
static bool find_holder(struct finding *self, int role, int party)
{
    const struct recipient_search *search = self->search;
    const char *id = search->procedure->roles[role].id;
    const struct agency *agency;
    const struct role_holding *holding;

    self->to->role.role = role;
    self->to->role.party = party;
    if (find_named(search, id, party, self->to) || !search->directory)
        return true;
    agency = agency_of(search, party);
    holding = agency ? directory_holding(agency, id) : NULL;
    if (!holding || !holding->holder)
        return false;
    if (find_present(self, holding))
        return true;
    note_absent(self);
    self->to->person = NULL;
    return false;
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

static bool find_first_of(struct finding *self, const int *roles, size_t count, int party,
                          enum stand_in stand_in)
{
    struct recipient *to = self->to;

    for (size_t i = 0; i < count; i++) {
        struct recipient_role kept = to->role;
        bool had_absent = self->has_absent;

        if (find_holder(self, roles[i],
                        is_of_board(self->search, roles[i]) ? PARTY_BOARD : party)) {
            /* A stand-in keeps the side and agency he stands in for. */
            to->role.party = party;
            if (to->role.stand_in == STAND_IN_NONE)
                to->role.stand_in = stand_in;
            return true;
        }
        if (self->has_absent && !had_absent) {
            self->absent.role.party = party;
            self->absent.role.stand_in = stand_in;
        }
        to->role = kept;
    }
    return false;
}

static bool find_for_kind(struct finding *self, int role, int party)
{
    const struct role *wanted = &self->search->procedure->roles[role];
    const struct agency *agency;

    if (!self->search->directory || party == PARTY_BOARD)
        return false;
    agency = agency_of(self->search, party);
    for (size_t i = 0; agency && i < wanted->for_kind_count; i++)
        if (kind_matches(&wanted->for_kind[i], agency->kind))
            return find_first_of(self, wanted->for_kind[i].uses, wanted->for_kind[i].use_count,
                                 party, STAND_IN_FOR_KIND);
    return false;
}

/* One of the last resorts: who has it and is there, or, to be told where nobody is, who is away. */
static bool take_resort(struct finding *self, const struct role_holding *holding,
                        enum stand_in stand_in)
{
    const struct person *present = role_present(holding, self->search->today);

    self->to->person = present ? present : role_holder(holding, self->search->today);
    self->to->role.stand_in = stand_in;
    if (!present)
        note_absent(self);
    return present;
}

/* The last resorts, in their order; only ever reached with a directory.  False where somebody has
 * one of the roles and nobody is there. */
static bool find_stand_in(struct finding *self, int role, int party)
{
    const struct recipient_search *search = self->search;
    const struct agency *agency = agency_of(search, party);
    const struct role_holding *holding =
        agency ? directory_holding(agency, search->procedure->roles[role].id) : NULL;
    const struct role_holding *lead =
        agency ? directory_holding(agency, "safeguarding_lead") : NULL;
    struct recipient *to = self->to;

    to->role.role = role;
    to->role.party = party;
    if (holding && holding->deputy && take_resort(self, holding, STAND_IN_DEPUTY))
        return true;
    to->person = NULL;
    to->role.stand_in = STAND_IN_SAFEGUARDING_LEAD;
    if (find_named(search, "safeguarding_lead", party, to))
        return true;
    if (lead && take_resort(self, lead, STAND_IN_SAFEGUARDING_LEAD))
        return true;
    if (self->has_absent)
        return false;
    to->person = NULL;
    to->is_operator = true;
    to->role.stand_in = STAND_IN_OPERATOR;
    return true;
}

bool recipient_find(const struct recipient_search *search, int role, int party,
                    struct recipient *to)
{
    const struct role *wanted = &search->procedure->roles[role];
    struct finding finding = { .search = search, .to = to };

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
    if (find_for_kind(&finding, role, party) || find_holder(&finding, role, party) ||
        find_first_of(&finding, wanted->or_else, wanted->or_else_count, party, STAND_IN_OR_ELSE))
        return true;
    if (!wanted->optional && find_stand_in(&finding, role, party))
        return true;
    if (finding.has_absent)
        *to = finding.absent;
    return finding.has_absent;
}
