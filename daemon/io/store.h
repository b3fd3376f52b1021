/* store.h - what must survive a power cut.
 *
 * One SQLite database in the state directory, opened by one process, used by one thread
 * (the engine's).  One turn of the engine is one transaction:
 *
 *     store_begin, then for each event: store_find_event, store_load_disagreement, decide,
 *     record_append / store_put_event, store_save_disagreement, store_put_outbox ...,
 *     store_commit, and only then acknowledgements and deliveries; store_tend when idle.
 *
 * What store_commit() answered 0 for is on the disk.  Nothing before it is anywhere.
 *
 * Answers.  Reading and writing functions answer STORE_OK, a positive answer that their
 * comment names, or a negative errno that the journal was told of.  STORE_FULL may come from
 * any function between store_begin and store_commit, these included: the disk is full, the
 * caller calls store_roll_back() and answers "busy" to publishers; nothing is lost, and the
 * reserve has been given back so that the next turn has room.
 *
 * The latch.  After an I/O error of the database SQLite would go on as if nothing had been
 * (facts.md 0, 9), and the kernel may have dropped what it could not write.  So the first one
 * latches: from then on store_begin and store_commit answer -EIO, whatever they would have
 * done.  Stop acknowledging, tell the operator, exit; the next start recovers and checks.
 *
 * Walks call back for each row.  The row is borrowed and ends with the call; a callback calls
 * no function of the store, and answers true to go on, false to stop.
 */
#ifndef CONCERN_IO_STORE_H
#define CONCERN_IO_STORE_H

#include "core/decide.h"
#include "core/delivery.h"
#include "core/disagreement.h"
#include "core/event.h"
#include "core/sequence.h"
#include "io/refusals.h"

struct store;

enum store_answer {
    STORE_OK,
    STORE_NONE,         /* there is no such row */
    STORE_DUPLICATE,    /* it is there already; nothing was changed */
    STORE_FULL,         /* the disk is full: roll back, nothing is lost */
    STORE_NO_PROCEDURE, /* the version it was raised under is unknown to the lookup */

    /* of store_open: why it refuses; each is told to the journal with what to do */
    STORE_TOO_NEW,   /* written by a later concernd */
    STORE_BEHIND,    /* the database lacks lines that were acknowledged: restore a backup */
    STORE_DAMAGED,   /* no database of ours, corrupt, or the record's chain is broken */
    STORE_NOT_TRIAL, /* a trial was asked for, and the directory holds something else */
    STORE_IS_TRIAL,  /* no trial was asked for, and this is one */
    STORE_UNSAFE,    /* directory or file: a link, another's, or open to others */
    STORE_IN_USE,    /* another process has it open */
};

/* ---- opening ------------------------------------------------------------------------ */

enum {
    STORE_RESERVE_BYTES = 64 * 1024 * 1024, /* the ordinary reserve */
    STORE_TAIL_LINES = 1000                 /* of the record verified at each start */
};

struct store_settings {
    const char *directory;  /* made with mode 0700 where it is missing (not its parents) */
    struct instant now;     /* for the first line of a new store */
    bool trial;             /* for a time-lapse clock; see store_is_trial */
    bool check;             /* run SQLite's quick_check: takes time with the size */
    bool sync_head;         /* record.head is on the disk before store_commit answers; costs a
                               second flush, and shows a database lost whole up to its last line */
    uint64_t reserve_bytes; /* kept free for a full disk; 0: none */
    bool fleeting;          /* nothing need survive a power cut: no commit waits for the disk.
                               For rehearsals, which end with their store; `trial` only */
    const char *vfs;        /* SQLite's name of another file layer, for tests; NULL: its own */
};

/**
 * Opens the store in a directory, making or migrating it where needed.  The directory must be
 * ours, no link, mode 0700; the files 0600.  What a crash left is recovered, the tail of the
 * record verified and compared with the last acknowledged line (file record.head).  Costs the
 * same however much the store holds, but for `check`.
 *
 * A trial store is made only in an empty directory, with `trial` set, and says so in its first
 * record line; a store is opened only with the same `trial` it was made with.
 *
 * Sets `*store` on STORE_OK only; otherwise a reason for refusing, or negative.
 */
int store_open(const struct store_settings *settings, struct store **store);

/** Rolls back what is open, closes; accepts NULL, sets NULL. */
void store_close(struct store **store);

/** One sentence for the operator on what a refusal of store_open means and what to do. */
const char *store_answer_text(int answer);

bool store_is_trial(const struct store *store);

/** Whether an I/O error has latched the store (see above). */
bool store_is_latched(const struct store *store);

/** Whether the reserve is gone: the disk was full.  Take no new disagreements; go on sending. */
bool store_is_short(const struct store *store);

/* ---- the turn ----------------------------------------------------------------------- */

/** 0, STORE_FULL, or -EIO.  There must be no transaction open. */
int store_begin(struct store *store);

/** 0: all since store_begin is on the disk.  Any other answer: nothing of it is, and the
 *  transaction is over or waits for store_roll_back. */
int store_commit(struct store *store);

/** Forgets all since store_begin; harmless where no transaction is open. */
void store_roll_back(struct store *store);

/**
 * A part of a turn that is kept or undone as one, the rest of the turn untouched; one at a time.
 * store_part_end with `keep` makes it like all else of the turn, without it nothing of the part
 * is left.  STORE_OK, STORE_FULL or negative; after a failure only the whole turn can be rolled
 * back, which ends the part too.
 */
int store_part_begin(struct store *store);
int store_part_end(struct store *store, bool keep);

/**
 * Moves the write-ahead log into the database where it has grown (1,000 pages), and makes the
 * reserve again where there is room.  Call it after the turn's answers have gone out; a commit
 * does it by itself only when the log has grown four times as long.  0 or -EIO.
 */
int store_tend(struct store *store);

/* ---- events and sources --------------------------------------------------------------- */

enum {
    STORE_HASH_SIZE = 65, /* SHA-256 as hex, and a zero */
    STORE_KEY_NAME_MAX = 64
};

enum store_event_flag {
    STORE_EVENT_IGNORED = 1,     /* changed nothing */
    STORE_EVENT_FEED = 2,        /* came by a subscribed feed */
    STORE_EVENT_BEST_EFFORT = 4, /* by one that does not meet the guarantee, or without a number */
    STORE_EVENT_REPLAYED = 8,    /* asked for again, or of a snapshot */
    STORE_EVENT_PARKED = 16,     /* had to wait for what was missing before it */
};

/** What is kept of an event beside its line in the record. */
struct kept_event {
    uint64_t record; /* its line's number */
    char sha256[STORE_HASH_SIZE];
    struct instant received;
    uint32_t flags;
};

/** An event to keep. */
struct event_row {
    const struct event *event; /* source, id, subject and received are read */
    const char *board;         /* as resolved; the event itself may not name it */
    const char *json;          /* the whole event, an object of JSON */
    const char *sha256;        /* hex, of its canonical form: what a repeat is compared with */
    const char *key_name;      /* whose key brought it */
    uint32_t flags;
};

/** Finds an event by source and id.  STORE_OK sets `*kept`; STORE_NONE. */
int store_find_event(struct store *store, const char *source, const char *id,
                     struct kept_event *kept);

/**
 * Keeps an event: appends its line to the record (type "event", payload {"flags","key",
 * "event": the JSON as given}), and the row by which a repeat is found.
 * STORE_OK sets `*record`, the line's number; STORE_DUPLICATE where (source, id) is known:
 * then nothing was appended.
 */
int store_put_event(struct store *store, const struct event_row *row, uint64_t *record);

enum { STORE_PUBLIC_KEY_SIZE = 41, STORE_SOURCE_SIZE = 256 };

/** How far a source was heard, and how it is heard. */
struct source_progress {
    struct sequence_mark mark;
    struct instant last_heard;       /* with an event */
    char key[STORE_PUBLIC_KEY_SIZE]; /* whose events brought it last, Z85; "" */
    char feed[ID_MAX + 1];           /* by which feed; "": the acknowledged plane */
    bool best_effort;                /* by a feed that promises neither numbers nor heartbeats */
    uint64_t duplicates;             /* events that came again */
    struct instant resync;           /* since when a snapshot of it is wanted; INSTANT_NONE */
};

/** STORE_NONE sets `*progress` to "never heard". */
int store_get_source(struct store *store, const char *source, struct source_progress *progress);
int store_put_source(struct store *store, const char *source,
                     const struct source_progress *progress);

/** Counts an event that came again; harmless where the source is not known. */
int store_note_repeat(struct store *store, const char *source, struct instant at);

struct source_row {
    const char *source;
    struct source_progress progress;
    uint64_t missing;      /* events in its open gaps */
    uint64_t gaps;         /* open ones */
    struct instant oldest; /* when the oldest of them was found; INSTANT_NONE */
    uint64_t gone;         /* events that never came and never will */
};

int store_list_sources(struct store *store, bool (*say)(void *, const struct source_row *),
                       void *context);

/** The sources of which a snapshot is wanted. */
int store_list_resyncs(struct store *store, bool (*say)(void *, const char *source), void *context);

/** How far a source had counted in an epoch before its present one.  STORE_NONE: never. */
int store_get_former_epoch(struct store *store, const char *source, const char *seqepoch,
                           uint64_t *high);
int store_put_former_epoch(struct store *store, const char *source, const char *seqepoch,
                           uint64_t high);

enum gap_how { GAP_BY_EVENT, GAP_BY_HEARTBEAT };
enum gap_state { GAP_OPEN, GAP_FILLED, GAP_GONE /* it never comes */ };

/** "event", "heartbeat". */
const char *gap_how_name(enum gap_how how);
/** "open", "filled", "gone". */
const char *gap_state_name(enum gap_state state);

/** Numbers of one epoch that have not come, both ends inclusive. */
struct gap_row {
    const char *source, *seqepoch;
    uint64_t from, to;
    struct instant found;
    enum gap_how how;                         /* what showed it */
    struct instant tell_operator, tell_board; /* when they are to be told; INSTANT_NONE: told */
    enum gap_state state;                     /* read only: noted ones are open */
    int64_t number;                           /* read only: the store's own, ascending */
    struct instant closed;                    /* read only; INSTANT_NONE while open */
};

/** Notes a gap.  STORE_DUPLICATE where it is noted already; one that begins the same and ends
 *  earlier is made longer. */
int store_put_gap(struct store *store, const struct gap_row *gap);

/**
 * Takes one number, which has come, out of the open gap it lies in: the gap becomes smaller, two,
 * or is closed as filled.  STORE_NONE where it lies in none.
 */
int store_fill_gap(struct store *store, const char *source, const char *seqepoch, uint64_t sequence,
                   struct instant at);

/** Closes as gone whatever of the range lies in open gaps; `*count` numbers. */
int store_give_up_gaps(struct store *store, const char *source, const char *seqepoch,
                       struct sequence_range range, struct instant at, uint64_t *count);

/** An epoch other than `seqepoch` in which the source has an open gap.  STORE_NONE. */
int store_find_other_epoch(struct store *store, const char *source, const char *seqepoch,
                           char other[SEQUENCE_EPOCH_MAX + 1]);

/** Closes every open gap of a source in an epoch as gone (the operator has settled it). */
int store_close_gaps(struct store *store, const char *source, const char *seqepoch,
                     struct instant at);

/** Open gaps, or all; `source` NULL: of every one. */
int store_list_gaps(struct store *store, const char *source, bool closed_too,
                    bool (*say)(void *, const struct gap_row *), void *context);

/** Who is told of a gap that stays open. */
enum gap_listener { GAP_TELL_OPERATOR, GAP_TELL_BOARD };

/** What is missing of one source altogether. */
struct missing_row {
    char source[STORE_SOURCE_SIZE];
    char key[STORE_PUBLIC_KEY_SIZE]; /* whose it is; "" where nobody knows */
    char feed[ID_MAX + 1];
    bool best_effort;
    uint64_t count;
    struct instant since; /* when the oldest of its open gaps was found */
};

/** The earliest instant at which somebody is to be told of an open gap; STORE_NONE. */
int store_gaps_wake(struct store *store, struct instant *wake);

/** Up to `room` sources with an open gap of which the listener is to be told by `now`. */
int store_list_missing(struct store *store, enum gap_listener listener, struct instant now,
                       struct missing_row *rows, size_t room, size_t *count);

/** The listener was told: not again of these. */
int store_note_missing_told(struct store *store, enum gap_listener listener, const char *source,
                            struct instant now);

/* ---- events that wait --------------------------------------------------------------------- */

/** An event that is kept and has no effect until what is missing before it has come, or is given
 *  up. */
struct parked_row {
    char source[STORE_SOURCE_SIZE];
    char id[ID_MAX + 1];
    char seqepoch[SEQUENCE_EPOCH_MAX + 1];
    uint64_t sequence;
    char board[ID_MAX + 1], reference[ID_MAX + 1];
    uint64_t record;                 /* the number of its line */
    char key[STORE_PUBLIC_KEY_SIZE]; /* who brought it; "" in a rehearsal */
    bool feed;                       /* by a subscribed feed */
    struct instant since;            /* when it came */
    struct instant until;            /* when it waits no more */
};

/** STORE_DUPLICATE where the event waits already. */
int store_put_parked(struct store *store, const struct parked_row *row);

/** Each sets `*row`, or answers STORE_NONE: the one of this name; the first in order of a source's
 *  epoch; one whose time is over, the earliest first; the last before `event` of the same source
 *  and epoch that is about the same disagreement. */
int store_find_parked(struct store *store, const char *source, const char *id,
                      struct parked_row *row);
int store_first_parked(struct store *store, const char *source, const char *seqepoch,
                       struct parked_row *row);
int store_parked_due(struct store *store, struct instant now, struct parked_row *row);
int store_parked_before(struct store *store, const struct event *event, struct parked_row *row);

/** When the next one's time is over; STORE_NONE. */
int store_parked_wake(struct store *store, struct instant *wake);

/** How many of a source wait. */
int store_count_parked(struct store *store, const char *source, size_t *count);

int store_move_parked(struct store *store, const struct parked_row *row, struct instant until);
int store_drop_parked(struct store *store, const struct parked_row *row);

/** Those about one disagreement, in the order of their sources. */
int store_list_parked(struct store *store, const char *board, const char *reference,
                      bool (*say)(void *, const struct parked_row *), void *context);

/** When the latest open gap before a number was found; STORE_NONE: nothing is missing before it. */
int store_gap_before(struct store *store, const char *source, const char *seqepoch,
                     uint64_t sequence, struct instant *found);

/* ---- refusals ------------------------------------------------------------------------------ */

/** Keeps how often a key was refused with a code, in place of what was kept of it before. */
int store_put_refusal(struct store *store, const struct refusal *row);

/** Reads those that were counted up since an instant into `refusals`, the latest first. */
int store_load_refusals(struct store *store, struct instant since, struct refusals *refusals);

/* ---- procedures and disagreements ------------------------------------------------------ */

/** Keeps the text of a procedure's version; harmless where it is kept already. */
int store_put_procedure(struct store *store, const struct procedure *procedure, const char *text);

/** STORE_OK sets `*text`, which the caller frees; STORE_NONE. */
int store_get_procedure(struct store *store, const char *hash, char **text);

/** Finds the version of a procedure by its hash; NULL: it cannot be had.  It may call
 *  store_get_procedure(), nothing else of the store. */
typedef const struct procedure *store_lookup(void *context, const char *hash);

void store_set_lookup(struct store *store, store_lookup *lookup, void *context);

/**
 * Loads a disagreement.  STORE_OK, STORE_NONE, STORE_NO_PROCEDURE; STORE_DAMAGED where the row
 * names what its procedure does not have.  A deadline that never started comes back with every
 * instant INSTANT_NONE and all else zero.
 */
int store_load_disagreement(struct store *store, const char *board, const char *reference,
                            struct disagreement *disagreement);

/**
 * Saves a disagreement: writes only what differs from `before`, which must be what the store
 * holds; NULL: writes all, whether or not it is there.  `view` names the procedure it keeps
 * and the calendar its deadlines were computed with (may be NULL).
 */
int store_save_disagreement(struct store *store, const struct policy_view *view,
                            const struct disagreement *before, const struct disagreement *after);

/** Before a disagreement is saved under another version: forgets its deadlines that the other one
 *  does not have.  What they were stands in the record. */
int store_leave_version(struct store *store, const char *board, const char *reference,
                        const struct procedure *from, const struct procedure *to);

struct disagreement_row {
    int64_t number; /* the store's own, ascending as they were raised */
    const char *board, *reference, *procedure, *procedure_hash;
    const char *state; /* "open", "resolved", "withdrawn", "lapsed" */
    const char *stage; /* "" before the first */
    const char *challenging;
    const char *challenged; /* agencies, a space between them */
    const char *category;   /* its theme, as the raise named it; "" */
    struct instant raised, closed;
    struct instant next_due;   /* of its running deadlines; INSTANT_NONE */
    const char *next_deadline; /* which one; "" */
    bool provisional;          /* of next_due */
};

struct disagreement_query {
    bool closed_too;
    const char *board;     /* NULL: all */
    const char *reference; /* NULL: all; through an index, whatever the number of others */
    int64_t after; /* rows with a greater number, to go on where a page ended; 0: from the first */
    size_t most;   /* 0: no bound */
};

int store_list_disagreements(struct store *store, const struct disagreement_query *query,
                             bool (*say)(void *, const struct disagreement_row *), void *context);

struct deadline_row {
    const char *deadline;
    uint32_t entry;
    const char *state; /* "not", "on", "passed", "stopped" */
    struct instant start, due, wake;
    bool provisional;
    const char *calendar; /* the version it was computed with */
};

/** Every deadline row of one disagreement, earlier entries of the same deadline included. */
int store_list_deadlines(struct store *store, const char *board, const char *reference,
                         bool (*say)(void *, const struct deadline_row *), void *context);

/* ---- what is due ----------------------------------------------------------------------- */

struct due_row {
    char board[ID_MAX + 1];
    char reference[ID_MAX + 1];
    struct instant wake;
};

/** The earliest wake of all deadlines.  STORE_NONE: nothing waits.  One look at an index. */
int store_next_wake(struct store *store, struct instant *wake);

/** Up to `max` disagreements with a wake at or before `now`, by wake, then as they were raised;
 *  one with two due wakes has two rows.  Through the index, whatever the number of open ones. */
int store_due(struct store *store, struct instant now, struct due_row *rows, size_t max,
              size_t *count);

/* ---- the outbox ------------------------------------------------------------------------ */

enum outbox_state {
    OUTBOX_QUEUED,     /* to be tried, or tried again */
    OUTBOX_ACCEPTED,   /* the other side has taken it */
    OUTBOX_REFUSED,    /* never by this route */
    OUTBOX_EXHAUSTED,  /* tried until the time was over */
    OUTBOX_GATHERED,   /* it went in another one: store_gather.h */
    OUTBOX_SUPERSEDED, /* the same was told anew in its place: store_forward.h */
    OUTBOX_STATE_COUNT
};

/** "queued", "accepted", "refused", "exhausted", "gathered", "superseded". */
const char *outbox_state_name(enum outbox_state state);

/** One rendered notification by one route.  Texts and bytes are borrowed. */
struct outbox_row {
    char id[DELIVERY_ID_SIZE];     /* a ULID; the same over all attempts */
    const char *board, *reference; /* both "": about no disagreement */
    const char *key;               /* plan.h: one of a kind within its disagreement */
    uint32_t position;             /* of the route among the person's, from 0 */
    const char *person;            /* id, invented holder, address, or "operator" */
    const char *role;              /* as told, for people */
    enum route_kind route;
    const char *recipient; /* address or endpoint */
    enum priority priority;
    struct instant at;       /* when it was to be told */
    bool late;               /* and said so */
    const char *bytes;       /* what is sent is what is stored */
    size_t size;             /* 1 to DELIVERY_BYTES_MAX */
    uint64_t record;         /* the line of the record that tells of it; 0: none does */
    struct instant queued;   /* when it was put on its way */
    struct instant escalate; /* of position 0: when to ask escalation.h; 0 or INSTANT_NONE: never */
    const char *agency;      /* as silencing_agency() answers it (core/silence.h); NULL */

    /* set by the store; `next_try` also read by store_put_outbox */
    int64_t number;
    enum outbox_state state;
    uint32_t attempts, attempts_before; /* ... it was sent anew: they lengthen no wait */
    struct instant first_tried;         /* INSTANT_NONE before */
    struct instant next_try;    /* INSTANT_NONE when it has ended, or waits (store_gather.h) */
    int64_t silence;            /* which one holds it (store_silence.h); 0: none */
    int last_code;              /* what the other side answered last; 0 before, or no answer */
    const char *last_detail;    /* in words; "" */
    struct instant undelivered; /* since when people know that nobody accepted it; INSTANT_NONE */
    struct instant delayed;     /* store_bounce.h; INSTANT_NONE */
    struct instant handed;      /* store_claim.h; INSTANT_NONE */
};

/** Queues a row, with 0 attempts.  STORE_DUPLICATE: there is one of its key and position. */
int store_put_outbox(struct store *store, const struct outbox_row *row);

enum outbox_walk { OUTBOX_GO_ON, OUTBOX_STOP };

/** How far a walk came in the rows of one priority; INSTANT_NONE: nowhere yet. */
struct outbox_place {
    struct instant next_try;
    int64_t number;
};

/* A lane is what has one way out: an endpoint's id, "email", "notify-email", "notify-text".  Rows
 * are looked for lane by lane: those for one that is dead are never read for another's sake. */

/** The first lane with a queued row, in an order of its own, after `after` (NULL: of all).
 *  STORE_NONE: there is none.  One look at an index. */
int store_next_lane(struct store *store, const char *after, char lane[ADDRESS_MAX + 1]);

/**
 * Walks the queued rows of a lane and priority with a next try at or before `now`, by next try;
 * only those behind `place`, which goes on to the last row that `take` answered OUTBOX_GO_ON for.
 * Rows in flight are rows like others (after a restart they must be tried again): the caller
 * knows which they are, and passes over them.
 */
int store_outbox_due(struct store *store, const char *lane, enum priority priority,
                     struct instant now, struct outbox_place *place,
                     enum outbox_walk (*take)(void *context, const struct outbox_row *row),
                     void *context);

/** A lane's earliest next try after `after` (INSTANT_NONE: of all).  STORE_NONE: there is none.
 *  Rows in flight keep their next try, so who has handed out all that was due asks for later ones.
 */
int store_outbox_next_try(struct store *store, const char *lane, struct instant after,
                          struct instant *next_try);

/** The row of an id, texts copied: free with outbox_row_close.  STORE_NONE. */
int store_get_outbox(struct store *store, const char *id, struct outbox_row **row);
void outbox_row_close(struct outbox_row **row);

/** What came of an attempt, and what follows. */
struct attempt_row {
    const char *id;  /* of the outbox row */
    uint32_t number; /* from 1 */
    struct instant at;
    enum delivery_outcome outcome;
    bool ambiguous;
    int code;
    const char *detail;
    enum outbox_state state; /* QUEUED: another try at next_try */
    struct instant next_try;
};

/** Keeps an attempt and moves its row on.  STORE_NONE: no row of this id is queued (any more).
 *  STORE_DUPLICATE: this attempt was kept already. */
int store_put_attempt(struct store *store, const struct attempt_row *attempt);

/** Each queued row that waits for another try is tried at `now`. */
int store_try_again(struct store *store, struct instant now);

/* ---- what nobody accepted (store_escalation.c); each of these names the first row ----------- */

/** The earliest `escalate` of all rows.  STORE_NONE: none waits.  One look at an index. */
int store_next_escalation(struct store *store, struct instant *at);

/** The ids of up to `max` rows whose `escalate` is at or before `now`, the earliest first. */
int store_escalations_due(struct store *store, struct instant now, char (*ids)[DELIVERY_ID_SIZE],
                          size_t max, size_t *count);

/** Walks the rows of the notification that row `id` belongs to, by position, the first included. */
int store_list_routes(struct store *store, const char *id,
                      bool (*say)(void *, const struct outbox_row *), void *context);

/** Sets when to look at the first row `id` again; INSTANT_NONE: never. */
int store_put_escalation(struct store *store, const char *id, struct instant at);
/** People were told at `at` that nobody accepted the notification of the first row `id`. */
int store_put_undelivered(struct store *store, const char *id, struct instant at);

/** Row `id`, of a later route, was accepted: its notification is settled. */
int store_settle_escalation(struct store *store, const char *id);

/** Walks the first rows of what nobody accepted and people know of, the earliest first. */
int store_list_undelivered(struct store *store, bool (*say)(void *, const struct outbox_row *),
                           void *context);

struct outbox_query {
    const char *board, *reference; /* NULL: of all */
    bool ended_too;                /* not only the queued ones */
    size_t most;                   /* 0: no bound; the latest ones where it cuts */
};

/** Walks outbox rows, the latest first. */
int store_list_outbox(struct store *store, const struct outbox_query *query,
                      bool (*say)(void *, const struct outbox_row *), void *context);

/** The attempts of one row, in order; `state` and `next_try` are not set. */
int store_list_attempts(struct store *store, const char *id,
                        bool (*say)(void *, const struct attempt_row *), void *context);

/* ---- other ------------------------------------------------------------------------------ */

struct store_counts {
    uint64_t events, disagreements_open, gaps_open;
    uint64_t deadlines_open; /* that wait for an instant */
    uint64_t outbox[OUTBOX_STATE_COUNT];
    uint64_t undelivered; /* notifications that nobody accepted, and people were told so */
    uint64_t unheard;     /* of them: messages to the operator or the board's team */
    uint64_t to_systems;  /* and: what case systems missed, whose people are told apart */
    uint64_t record;      /* number of the latest line */
    uint64_t log_pages;   /* in the write-ahead log at the last commit */
};

/** Counts for `status`; the first call reads what later ones only keep up to date. */
int store_count(struct store *store, struct store_counts *counts);

/** Small settings of the engine's own, by name.  Value of up to 255 bytes.  STORE_NONE. */
enum { STORE_META_SIZE = 256 };
int store_get_meta(struct store *store, const char *name, char value[STORE_META_SIZE]);
int store_put_meta(struct store *store, const char *name, const char *value);

#endif
