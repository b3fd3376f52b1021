/* bounced.h - one mail that came to the address for bounces: which delivery it is about, and what
 * it says of it (RFC 3464, RFC 6533; automatic answers by RFC 3834).
 *
 * MIME is read by GMime: a library of its own, kept for twenty years, in Debian, that readers of
 * everybody's mail are made of.  What of it could be made to work without end is bounded here
 * before it sees a byte.
 */
#ifndef CONCERN_CONCERNCTL_BOUNCED_H
#define CONCERN_CONCERNCTL_BOUNCED_H

#include "protocol/command.h"

enum {
    BOUNCED_BYTES_MAX = 1024 * 1024, /* what comes behind them is not looked at */
    BOUNCED_LINES_MAX = 40000,
    BOUNCED_PARTS_MAX = 100 /* Content-Type fields, so that nothing lies deeper in one another */
};

enum bounced_answer {
    BOUNCED_OK,       /* `*command` is set */
    BOUNCED_TOO_MUCH, /* over the limits above */
    BOUNCED_NOT_OURS, /* it names no delivery */
};

/**
 * Reads a mail: sets the action, status, diagnostic and delivery of a `bounce` command.  What is
 * no report of a mail system counts as "answered".  A delivery that no address named, but what
 * came back of the mail itself, may have no signature.
 *
 * `recipient` is the address it came to, where the mail system said so, or NULL: then the headers
 * that mail systems write it into are asked.
 */
int bounced_read(const char *bytes, size_t size, const char *recipient, struct command *command);

#endif
