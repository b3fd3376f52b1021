/* audience.c - selectors become roles of parties. */
#include "core/audience.h"

static const party_mask board_bit = (party_mask)(1u << PARTY_BOARD);

static party_mask challenged_parties(const struct disagreement *disagreement)
{
    return (party_mask)(disagreement_agencies(disagreement) & ~1u);
}

party_mask audience_parties(const struct audience_place *place, int role)
{
    switch (place->procedure->roles[role].side) {
    case SIDE_CHALLENGING:
        return 1;
    case SIDE_CHALLENGED:
        return challenged_parties(place->disagreement);
    case SIDE_BOARD:
        return board_bit;
    case SIDE_EACH:
    default:
        return disagreement_agencies(place->disagreement);
    }
}

static party_mask parties_at(const struct audience_place *place, enum place where)
{
    switch (where) {
    case PLACE_CHALLENGING:
        return 1;
    case PLACE_CHALLENGED:
        return challenged_parties(place->disagreement);
    case PLACE_SENDER:
        return place->sender;
    case PLACE_ANY:
    default:
        return EVERY_PARTY;
    }
}

void audience_add_role(struct audience *audience, const struct audience_place *place, int role,
                       party_mask only)
{
    if (role >= 0)
        audience->to[role] =
            (party_mask)(audience->to[role] | (audience_parties(place, role) & only));
}

void audience_add_told(struct audience *audience, const struct disagreement *disagreement)
{
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        audience->to[role] = (party_mask)(audience->to[role] | disagreement->told[role]);
}

static void add_told_of(struct audience *audience, const struct audience_place *place,
                        party_mask only)
{
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        audience->to[role] =
            (party_mask)(audience->to[role] | (place->disagreement->told[role] & only));
}

/* Owners of a stage are roles: the reader refuses "stage.handlers" as a stage's handlers, so
 * that this cannot go round in circles. */
void audience_add_handlers(struct audience *audience, const struct audience_place *place, int stage,
                           party_mask only)
{
    const struct selectors *owners;

    if (stage < 0 || (size_t)stage >= place->procedure->stage_count)
        return;
    owners = &procedure_stage_deadline(place->procedure, stage)->owners;
    for (size_t i = 0; i < owners->count; i++)
        if (owners->list[i].kind == SELECT_ROLE)
            audience_add_role(audience, place, owners->list[i].role,
                              (party_mask)(parties_at(place, owners->list[i].place) & only));
}

static void add_one(struct audience *audience, const struct audience_place *place,
                    const struct selector *selector)
{
    party_mask only = parties_at(place, selector->place);

    switch (selector->kind) {
    case SELECT_ROLE:
        audience_add_role(audience, place, selector->role, only);
        break;
    case SELECT_STAGE_HANDLERS:
        audience_add_handlers(audience, place, place->stage, only);
        break;
    case SELECT_PREVIOUS_HANDLERS:
        audience_add_handlers(audience, place, place->previous, only);
        break;
    case SELECT_NEXT_HANDLERS:
        audience_add_handlers(audience, place, place->next, only);
        break;
    case SELECT_EVERYONE_TOLD:
        add_told_of(audience, place, only);
        break;
    case SELECT_NOBODY:
    default:
        break;
    }
}

void audience_add(struct audience *audience, const struct audience_place *place,
                  const struct selectors *selectors)
{
    for (size_t i = 0; i < selectors->count; i++)
        add_one(audience, place, &selectors->list[i]);
}

bool audience_is_empty(const struct audience *audience)
{
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        if (audience->to[role])
            return false;
    return true;
}
