/* fact.h - the facts every procedure may ask about, and what each can be.
 *
 * A procedure may declare more of its own (procedure.h).
 */
#ifndef CONCERN_CORE_FACT_H
#define CONCERN_CORE_FACT_H

#include "core/base.h"

/** The values of a fact in the order of their weight, NULL-ended: "yes" and "no" for those that
 *  are that; NULL for a fact that is not one of the language's. */
const char *const *fact_values(const char *name);

/** Whether it is one of the language's yes-or-no facts. */
bool fact_is_yes_or_no(const char *name);

/** Whether it follows from the stage, and so is never told: stage, stage.level, stage.senior. */
bool fact_is_derived(const char *name);

#endif
