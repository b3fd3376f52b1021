/* engine_gather.h - what the engine's files about gathered notifications share. */
#ifndef CONCERN_IO_ENGINE_GATHER_H
#define CONCERN_IO_ENGINE_GATHER_H

#include "core/gather.h"
#include "core/since.h"
#include "io/engine_entry.h"
#include "io/store_gather.h"

enum { GATHERING_ROWS_MAX = 16384 /* decided over in one turn; more are in the next */ };

/** Rows of the store with their texts. */
struct gathering_list {
    struct gathering_row *rows;
    size_t count, capacity;
    bool failed; /* there was no memory for all of them */
};

/** Adds a copy: a callback of store_gather.h, over a struct gathering_list. */
bool gathering_list_add(void *list, const struct gathering_row *row);
void gathering_list_close(struct gathering_list *list);

/** Who is to have a notification that waited, as the directory is now. */
struct addressee {
    const char *who;             /* a directory id, "operator", or an address; "": nobody */
    const struct person *person; /* NULL: the operator, or an address */
    const struct person *deputy; /* of the roles it was told in; NULL: none */
    struct route route;          /* by which a list goes to him; `to` NULL: by none */
    bool stand_in;               /* it was for somebody else */
};

/** `view` and `today` are of the row's board; texts are borrowed from the row and the directory. */
struct addressee engine_addressee(struct engine *engine, const struct gathering_row *row);

/** Whether a person has one of the roles that a notification was told in, or is its deputy. */
bool engine_has_holding(const struct directory *directory, const struct gathering_row *row,
                        const char *person);

/** How a board reckons time; NULL where no procedure of it is in force. */
const struct timekeeping *engine_time_of_board(struct engine *engine, const char *board,
                                               struct policy_view *view);

/** The date there, by which somebody is away; where no procedure of it is in force, in UTC. */
struct date engine_today_of(struct engine *engine, const char *board);

/* --- engine_since.c */

enum { ENGINE_DATES_SIZE = 8 * (ID_MAX + 40 + 120) + 1 };

/** Adds what gathering_row has as `dates`. */
void engine_write_dates(const struct engine_outgoing *out, struct text *text);

/** Adds one line of it. */
void engine_write_date(const char *deadline, uint32_t entry, struct instant due, const char *title,
                       struct text *text);

/** Whether it tells of nothing but entries of calendars; then all that has become of their
 *  deadlines is told of it, whenever that was. */
bool engine_is_of_entries(const struct gathering_row *row);

/** Queues a mail about nothing but entries of calendars: a digest of one, by the route of `row`,
 *  which waits as any other notification.  0, ENGINE_STORE_FULL or negative. */
int engine_queue_of_entries(struct engine *engine, const struct gathering_row *row);

/** Writes what has overtaken it by now, in a language (NULL: LANGUAGE_DEFAULT); "": nothing.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_since(struct engine *engine, const struct gathering_row *row, const char *language,
                 char text[SINCE_SIZE]);

/** The rows that go in one message, in their order. */
struct engine_digest_rows {
    const struct gathering_row *const *rows;
    size_t count;
    uint32_t part, parts;
};

/** Queues the message, and ends the waiting of all that is in it; 0, ENGINE_STORE_FULL or
 *  negative. */
int engine_queue_digest(struct engine *engine, const struct addressee *to,
                        const struct engine_digest_rows *rows);

#endif
