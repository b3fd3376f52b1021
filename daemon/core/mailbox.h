/* mailbox.h - what may stand before the "@" of a mail address. */
#ifndef CONCERN_CORE_MAILBOX_H
#define CONCERN_CORE_MAILBOX_H

#include "core/base.h"

enum { MAILBOX_LOCAL_MAX = 64 }; /* bytes: RFC 5321 4.5.3.1.1 */

/**
 * Whether the first `length` bytes of `text` are a dot-atom of at most MAILBOX_LOCAL_MAX bytes:
 * RFC 5322's, or with characters beyond ASCII, RFC 6532's (SMTPUTF8).  Those are well formed and
 * can be seen: no controls, blanks, marks of direction, private or unassigned for ever.
 */
bool mailbox_is_local_part(const char *text, size_t length);

/** Whether an address needs no SMTPUTF8. */
bool mailbox_is_ascii(const char *address);

#endif
