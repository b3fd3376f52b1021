/* audience.h - selectors become roles of parties.
 *
 * An audience says for every role which parties' holders are meant; it knows no person.
 */
#ifndef CONCERN_CORE_AUDIENCE_H
#define CONCERN_CORE_AUDIENCE_H

#include "core/disagreement.h"
#include "core/procedure.h"

struct audience {
    party_mask to[PROCEDURE_ROLES_MAX];
};

/** Where the selectors are read: "stage.handlers" of which stage, "sender" is whom. */
struct audience_place {
    const struct procedure *procedure;
    const struct disagreement *disagreement;
    int stage;         /* the current stage; -1: none */
    int previous;      /* the stage just left; -1: none */
    int next;          /* the stage an advance would enter; -1: none */
    party_mask sender; /* the parties of the agency whose event is the cause; 0: none */
};

/** The parties at which a role exists: each agency, one side, or the board. */
party_mask audience_parties(const struct audience_place *place, int role);

/** Adds everyone the selectors name. */
void audience_add(struct audience *audience, const struct audience_place *place,
                  const struct selectors *selectors);

/** Adds the handlers of a stage (nobody for -1), of the parties in `only`. */
void audience_add_handlers(struct audience *audience, const struct audience_place *place, int stage,
                           party_mask only);

/** Adds one role's holders at the parties in `only`; nothing where the role is -1. */
void audience_add_role(struct audience *audience, const struct audience_place *place, int role,
                       party_mask only);

/** Adds everyone told so far. */
void audience_add_told(struct audience *audience, const struct disagreement *disagreement);

bool audience_is_empty(const struct audience *audience);

/** Every party, the board included. */
#define EVERY_PARTY ((party_mask)0xFFFF)

#endif
