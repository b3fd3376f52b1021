/* address.h - which network addresses a webhook may go to.
 *
 * A webhook's URL comes from a file only the administrator writes, but its host
 * name is answered by somebody else's name server.  So what counts is the address
 * that is about to be connected to.
 */
#ifndef CONCERN_IO_ADDRESS_H
#define CONCERN_IO_ADDRESS_H

#include "policy/address_range.h"

struct sockaddr;

/**
 * Whether a connection to `address` may be opened: it is an ordinary public address (not
 * loopback, private, link-local, shared (CGNAT), unique local, multicast, reserved, nor one of
 * those inside an IPv6 address that maps or translates IPv4), or `allowed` names it.
 */
bool address_is_allowed(const struct sockaddr *address, const struct address_range *allowed,
                        size_t count);

#endif
