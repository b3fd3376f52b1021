/* address.h - which network addresses a webhook may go to.
 *
 * A webhook's URL comes from a file only the administrator writes, but its host
 * name is answered by somebody else's name server.  So what counts is the address
 * that is about to be connected to.
 */
#ifndef CONCERN_IO_ADDRESS_H
#define CONCERN_IO_ADDRESS_H

#include "core/base.h"

struct sockaddr;

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

/**
 * Whether a connection to `address` may be opened: it is an ordinary public address (not
 * loopback, private, link-local, shared (CGNAT), unique local, multicast, reserved, nor one of
 * those inside an IPv6 address that maps or translates IPv4), or `allowed` names it.
 */
bool address_is_allowed(const struct sockaddr *address, const struct address_range *allowed,
                        size_t count);

#endif
