/* bounced_status.h - the fields of a delivery status: RFC 3464, already decoded. */
#ifndef CONCERN_CONCERNCTL_BOUNCED_STATUS_H
#define CONCERN_CONCERNCTL_BOUNCED_STATUS_H

#include "protocol/command.h"

enum { BOUNCED_FIELD_SIZE = 1024 };

/**
 * Reads a message/delivery-status closed with a zero: of all recipients in it, what became of the
 * worst one, into action, status and diagnostic.  Where nothing can be read they stay empty.
 */
void bounced_status_read(const char *text, struct command *command);

/** Copies the value of the first field `name` of a group of header fields, unfolded and cut to
 *  its size; false where the group has none. */
bool bounced_field(const char *group, const char *name, char value[BOUNCED_FIELD_SIZE]);

#endif
