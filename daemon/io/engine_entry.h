/* engine_entry.h - what mails bring to their readers' calendars, and what these were sent. */
#ifndef CONCERN_IO_ENGINE_ENTRY_H
#define CONCERN_IO_ENGINE_ENTRY_H

#include "io/engine_private.h"
#include "io/store_gather.h"

/** Entries of one mail. */
struct engine_entries {
    struct icalendar_entry *list;
    size_t count, capacity;
    bool failed; /* there was no memory for all of them */
};

void engine_entries_close(struct engine_entries *entries);

/** A mailbox, whose it is, and in which role he is told there. */
struct engine_mailbox {
    const char *recipient, *person, *role;
};

/** Finds what the mail of a notification brings: what it tells of, and what else of the same
 *  disagreement is not right there.  None where it is no mail.  0, ENGINE_STORE_FULL or negative,
 *  as all below. */
int engine_entries_of(struct engine *engine, const struct engine_outgoing *out,
                      const struct composition *composition, struct engine_entries *entries);

/** Adds what is not right, or owed, of a disagreement in a mailbox. */
int engine_entries_wrong(struct engine *engine, const char *board, const char *reference,
                         const char *recipient, struct engine_entries *entries);

/** Notifications that go in one mail, to a mailbox and a person. */
struct engine_rows {
    const struct gathering_row *const *list;
    size_t count;
    const char *recipient, *person;
};

/** Adds what is not right, or owed, of all their disagreements: one state of each entry.  What is
 *  owed to the mailbox for which one was written is owed to this one. */
int engine_entries_of_rows(struct engine *engine, const struct engine_rows *rows,
                           struct engine_entries *entries);

/** The mail with them is in the outbox: all but those that were left out are sent. */
int engine_entries_sent(struct engine *engine, const struct engine_mailbox *mailbox,
                        const struct engine_entries *entries);

/** The mail waits to go with others: they are owed. */
int engine_entries_owe(struct engine *engine, const struct engine_mailbox *mailbox,
                       const struct engine_entries *entries);

enum { ENGINE_ENTRIES_SIZE = 4096 };

/** Adds what gathering_row has as `entries`. */
void engine_entries_write(const struct engine_entries *entries, struct text *text);

/** A mail that waited goes as it is: what is in it is sent. */
int engine_entries_released(struct engine *engine, const struct gathering_row *row);

/** Whether such a mail would leave its reader's calendar wrong by now. */
int engine_entries_stale(struct engine *engine, const struct gathering_row *row, bool *is_stale);

/** Sends what is not right any more of engine->told_of to mailboxes that no other message will
 *  bring it to. */
int engine_put_entries_right(struct engine *engine);

#endif
