/* icalendar.h - deadlines as an object for a reader's calendar: RFC 5545, and 5546 for its method.
 *
 * One entry for one start of one deadline: its UID stays, its SEQUENCE is raised whenever it
 * moves, is stopped or runs on.  It holds a title of the procedure, the reference and instants in
 * UTC; nothing else.
 */
#ifndef CONCERN_IO_ICALENDAR_H
#define CONCERN_IO_ICALENDAR_H

#include "core/compose.h"
#include "core/invite.h"

/** One entry, as it is to be sent. */
struct icalendar_entry {
    char board[ID_MAX + 1], reference[ID_MAX + 1];
    char deadline[ID_MAX + 1];
    uint32_t start; /* which of the deadline's starts */
    char title[ENTRY_SIZE];
    uint32_t sequence;
    struct instant due;
    bool provisional;
    bool cancelled;
    bool was_sent; /* to this mailbox, at another time or at all */
    bool is_known; /* the store has it for this mailbox */
    bool left_out; /* calendar_files.h had no room for it */
};

struct icalendar_object {
    const struct icalendar_entry *const *entries;
    size_t count;
    const char *organizer; /* the sender's mail address */
    const char *domain;    /* of UIDs: what the sender's was at first */
    bool cancelled;        /* METHOD:CANCEL, else PUBLISH */
    struct instant sent;
};

/**
 * Writes one VCALENDAR with a VEVENT for each entry; one that is cancelled in an object which is
 * not has STATUS:CANCELLED there too.
 *
 * 0 sets `*bytes` (the caller frees) and `*size`; a size of 0 and NULL says that there is none to
 * write.  -EINVAL for an organizer or a title that may not go out, -ENOMEM.
 */
int icalendar_write(const struct icalendar_object *object, char **bytes, size_t *size);

#endif
