/* recipient.h - who is told for a role of a party, and who stands in.
 *
 * Never silence (procedure-language 6): a role nobody holds goes to `or_else`, then the
 * agency's deputy for it, then its safeguarding_lead, then the operator.  So does one whose holder
 * and deputy are away; where nobody of all these is there, its holder is told all the same.
 */
#ifndef CONCERN_CORE_RECIPIENT_H
#define CONCERN_CORE_RECIPIENT_H

#include "core/plan.h"

struct recipient_search {
    const struct procedure *procedure;
    const struct disagreement *disagreement;
    const struct directory *directory; /* NULL: every role has one invented holder */
    struct date today;
};

struct recipient {
    const struct person *person; /* NULL: an address, the operator, or invented */
    const char *address;         /* "" unless the disagreement names an address */
    bool is_operator;
    bool is_absent; /* nobody of the chain is there: the operator has to know */
    struct recipient_role role;
};

/**
 * Finds who is told for `role` of `party` (PARTY_BOARD for the board).  Answers false where
 * that is nobody and no fault: an optional role that this agency does not fill.
 */
bool recipient_find(const struct recipient_search *search, int role, int party,
                    struct recipient *recipient);

#endif
