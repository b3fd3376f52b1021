/* ulid.h - ids that sort by the time they were made: 48 bits of milliseconds, 80 random ones. */
#ifndef CONCERN_IO_ULID_H
#define CONCERN_IO_ULID_H

#include "core/base.h"

enum {
    ULID_LENGTH = 26, /* letters of Crockford's base 32 */
    ULID_SIZE = ULID_LENGTH + 1
};

/**
 * Makes an id from `now` and the kernel's random numbers.  An instant before 1970 counts as
 * 1970.  Returns 0, or negative where the kernel gave no random numbers.
 */
int ulid_make(struct instant now, char text[ULID_SIZE]);

/** Whether `text` is an id such as ulid_make() writes. */
bool ulid_is_well_formed(const char *text);

#endif
