/* store_calendar.h - the deadlines in readers' calendars: what each mailbox was sent of them.
 *
 * A calendar belongs to a mailbox, not to a role: whoever was sent an entry there, a deputy too, is
 * sent its moves and its end.
 */
#ifndef CONCERN_IO_STORE_CALENDAR_H
#define CONCERN_IO_STORE_CALENDAR_H

#include "core/invite.h"
#include "io/store.h"

/** An entry of a mailbox.  Texts are borrowed. */
struct calendar_row {
    const char *board, *reference, *recipient;
    int64_t number; /* of the disagreement; of rows that are listed */
    const char *deadline;
    int64_t entry;
    const char *person, *role, *title;
    struct invite_sent sent;
    struct invite_now now; /* as the deadline is; of rows that are listed */
    bool waits; /* a notification of this disagreement waits for this mailbox: it will bring it */
};

/** It was sent; the row is new, or takes the place of what was sent before. */
int store_put_calendar(struct store *store, const struct calendar_row *row);

/** It is to be sent: of a new row `sent` counts, of one that was sent before only that it is not
 *  right any more. */
int store_owe_calendar(struct store *store, const struct calendar_row *row);

/** What `from` has, or is owed, of a disagreement is owed to `to` as well; `person` is there. */
int store_pass_calendar(struct store *store, const char *board, const char *reference,
                        const char *from, const char *to, const char *person);

/** Walks the entries of a disagreement, or (`recipient` not NULL) of one mailbox. */
int store_list_calendar(struct store *store, const char *board, const char *reference,
                        const char *recipient, bool (*say)(void *, const struct calendar_row *),
                        void *context);

#endif
