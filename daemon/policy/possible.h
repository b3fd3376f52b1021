/* possible.h - whether a `when` can ever hold. */
#ifndef CONCERN_POLICY_POSSIBLE_H
#define CONCERN_POLICY_POSSIBLE_H

#include "core/procedure.h"

/** Where and when a `when` is asked. */
struct possible_place {
    uint32_t stages;           /* bit s + 1: the stage s may be the current one; bit 0: none is */
    const char *const *events; /* without their prefix: one of them is being decided ... */
    size_t event_count;        /* ... or, where this is 0, any or none */
};

/** The bit of a stage in struct possible_place; -1: before the first. */
static inline uint32_t possible_stage(int stage)
{
    return 1u << (stage + 1);
}

/**
 * The stages of `place` at which all of `conditions` can hold together: 0 if they never can.
 * Tries every value of every fact named, every event named, come or not; a silence can always
 * be.  Answers place->stages where that would be too many to try, or for lack of memory.
 */
uint32_t possible_stages(const struct procedure *procedure, const struct conditions *conditions,
                         const struct possible_place *place);

/** Whether none of several `when`s may hold at a raise: then no stage is open to it. */
bool possible_that_no_stage_opens(const struct procedure *procedure);

#endif
