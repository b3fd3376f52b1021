/* retell.h - what the record says of a notification: written, and read to tell it again.
 *
 * The line of type "notification" holds enough to write the same notification once more: by
 * another route, to a deputy, to an address that was put right.
 */
#ifndef CONCERN_IO_RETELL_H
#define CONCERN_IO_RETELL_H

#include <jansson.h>

#include "core/plan.h"

/** A notification and what it is about. */
struct retelling {
    const struct policy_view *view;
    const struct disagreement *disagreement;
    const struct directory *directory; /* to read: who is who; NULL: invented holders */
};

/** The payload of the line, for a notification of this id; NULL without memory. */
json_t *retell_write(const struct retelling *of, const struct notification *notification,
                     const char *id);

/**
 * Reads a payload back.  Its texts are borrowed from the payload, which must outlive it.  An
 * address is not in the record: `*notification` has none, and `person` is NULL.  False where the
 * payload is none of ours, or names what the procedure and the disagreement do not have.
 */
bool retell_read(const struct retelling *of, const json_t *payload,
                 struct notification *notification);

#endif
