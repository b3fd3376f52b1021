/* address_range.h - ranges of network addresses, as a directory's `allow` names them. */
#ifndef CONCERN_POLICY_ADDRESS_RANGE_H
#define CONCERN_POLICY_ADDRESS_RANGE_H

#include "core/base.h"

/** "10.20.0.0/16" or "fd00:1234::/32"; an address alone is a range of one. */
struct address_range {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint8_t bits;      /* of the 128 */
};

enum address_answer {
    ADDRESS_OK,
    ADDRESS_UNREADABLE,
};

/** Reads one range; sets `*range` on ADDRESS_OK.  Bits behind the prefix must be zero. */
int address_range_read(const char *text, struct address_range *range);

#endif
