/* icalendar.h - a deadline as an object for a reader's calendar: RFC 5545, and 5546 for its method.
 *
 * One object for one start of one deadline: its UID stays, its SEQUENCE is raised whenever it
 * moves, is stopped or runs on.  It holds a title of the procedure, the reference and instants in
 * UTC; nothing else.
 */
#ifndef CONCERN_IO_ICALENDAR_H
#define CONCERN_IO_ICALENDAR_H

#include "core/compose.h"
#include "core/invite.h"

struct icalendar_object {
    const struct composition *composition; /* about which disagreement, and when it is sent */
    const char *organizer;                 /* the sender's mail address */
    const char *domain;                    /* of UIDs: what the sender's was at first */
    bool cancelled;                        /* METHOD:CANCEL, else PUBLISH */
    const struct invite *invites;          /* those that are so, and others: these are left out */
    size_t count;
};

/**
 * Writes one VCALENDAR with a VEVENT for each invite whose `cancelled` is the object's.
 *
 * 0 sets `*bytes` (the caller frees) and `*size`; a size of 0 and NULL says that there is none to
 * write.  -EINVAL for an organizer or a title that may not go out, -ENOMEM.
 */
int icalendar_write(const struct icalendar_object *object, char **bytes, size_t *size);

#endif
