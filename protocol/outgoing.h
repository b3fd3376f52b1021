/* outgoing.h - a notification as every route but mail carries it. */
#ifndef CONCERN_PROTOCOL_OUTGOING_H
#define CONCERN_PROTOCOL_OUTGOING_H

#include "core/compose.h"
#include "protocol/notification_body.h"

/** What an outgoing borrows beside what it is about. */
struct outgoing_room {
    char causes[SAYS_MAX][EVENT_TYPE_MAX + 16];
    struct outgoing_say says[SAYS_MAX];
    const char *also[RECIPIENT_ROLES_MAX];
};

/** What every route but mail is made of; texts are borrowed from `room` and the arguments. */
struct outgoing outgoing_of(const struct composition *composition, const char *subject,
                            const char *text, struct outgoing_room *room);

/** "challenging", "challenged" or "board". */
const char *party_side(int party);

/** "normal", "urgent", "immediate". */
const char *priority_name(enum priority priority);

#endif
