/* state_memory.h - the part of a disagreement's JSON that remembers: what was seen and said.
 *
 * Apart from state.c, which writes where it stands.
 */
#ifndef CONCERN_IO_STATE_MEMORY_H
#define CONCERN_IO_STATE_MEMORY_H

#include <jansson.h>

#include "core/disagreement.h"

/** Adds the members to `root`: 0, or not where there is no memory. */
int state_write_memory(json_t *root, const struct procedure *procedure,
                       const struct disagreement *disagreement);

/** Reads them; what is absent is at its default.  False where what is there does not fit. */
bool state_read_memory(json_t *root, const struct procedure *procedure,
                       struct disagreement *disagreement);

#endif
