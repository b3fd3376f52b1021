/* engine.h - takes turns: what has arrived is decided and kept in one transaction.
 *
 * The engine owns every decision and the store; it knows no socket and reads no clock.
 * Whoever drives it (daemon.c with sockets, the stories and rehearsals with a simulated
 * clock) says what arrived and what time it is:
 *
 *     engine_begin     a turn begins
 *     engine_take      an event, any number of times; engine_take_batch, several as one
 *     engine_note      what became of a delivery, any number of times
 *     engine_pass      deadlines that are due
 *     engine_commit    what goes together is put together, and all of it is on disk; or
 *                      engine_roll_back
 *     ...answers to publishers go out only now...
 *     engine_hand_out  deliveries that are due go to whoever carries them
 *
 * Content can never fail a turn: what is unreadable is refused before the store is touched,
 * and decide() is total.  Only the disk can, and then nothing is acknowledged.
 */
#ifndef CONCERN_IO_ENGINE_H
#define CONCERN_IO_ENGINE_H

#include "core/delivery.h"
#include "core/escalation.h"
#include "core/plan.h"
#include "core/sequence.h"
#include "io/keyring.h"
#include "io/store.h"
#include "io/store_silence.h"
#include "policy/policy.h"
#include "protocol/answer.h"
#include "protocol/return_path.h"

struct engine;

enum {
    ENGINE_IN_FLIGHT_MAX = 512, /* deliveries handed out and not answered */
    ENGINE_RESERVED = 64,       /* of them only for urgent and immediate ones */
    ENGINE_LANE_LEAST = 4,      /* a lane may have so many, whatever the others have */
    ENGINE_LANES_MAX = 258,     /* all endpoints there can be, and mail */
    ENGINE_PASS_MAX = 256,      /* disagreements acted on in one turn */
    ENGINE_ESCALATE_MAX = 256,  /* notifications that nobody accepted, looked at in one turn */
    ENGINE_ENDED_MAX = 256,     /* endpoints that are gone */
    ENGINE_TALLIES_MAX = 1024,  /* people whose notifications are counted (core/gather.h) */
    ENGINE_TESTS_PER_MINUTE = 6,
    ENGINE_SILENCES_MAX = 32,                    /* in force at once */
    ENGINE_TEST_ROUTES_MAX = DIRECTORY_LIST_MAX, /* more than a person's of all hours */
    ENGINE_WHY_SIZE = 200 /* why something that a person asked for is not done */
};

/** Where a link leads by which a notification is acknowledged, and how long it is good. */
struct acknowledge_setting {
    const char *url;   /* borrowed; "" or NULL: nowhere, unless the directory says so */
    int64_t within_us; /* 0: ACKNOWLEDGE_WITHIN_US */
};

#define ACKNOWLEDGE_WITHIN_US (14 * DAY_US)

struct engine_settings {
    struct store *store;     /* borrowed; open */
    struct policy *policy;   /* borrowed until engine_set_policy */
    struct keyring *keyring; /* borrowed; NULL: nobody is asked (rehearsals) */
    const char *mail_from;   /* borrowed; "" where there is no mail */

    /* Signs what is mailed, so that its bounces are believed; borrowed; NULL: nothing is. */
    const struct return_path_key *bounce_key;
    int64_t retry_us;                       /* how long a delivery is tried; 0: RETRY_SPAN_US */
    struct escalation_waits escalation;     /* all 0: ESCALATION_WAITS */
    struct acknowledge_setting acknowledge; /* links by which people say they have seen it */
    int64_t gap_operator_us; /* events missing so long: the operator is told; 0: 5 minutes */
    int64_t gap_board_us;    /* and so long: the board's team; 0: 30 minutes */

    /* Called where an event that had waited is refused in the end; for counts.  May be NULL. */
    void (*refused)(void *context, const char *key, const char *code);
    void *refused_context;
    bool undelivered; /* nothing is queued, for anybody: a rehearsal that only watches */

    /* Called inside the turn, for rehearsals: for every decision kept; and for whom it and those
     * of the same disagreement and instant after it told.  Each may be NULL. */
    void (*watch)(void *context, const struct policy_view *view, const struct decision *decision);
    void (*told)(void *context, const struct policy_view *view, const struct disagreement *after,
                 const struct plan *plan);
    void *watch_context;
};

/** One event as it arrived. */
struct engine_input {
    const char *bytes;
    size_t size;
    const char *key;  /* Z85, of the acknowledged plane or the feed's pinned one; NULL: rehearsal */
    const char *feed; /* the feed's name; NULL: the acknowledged plane */

    /* Of a feed: whether it was subscribed for this source and board; beside what its key may.
     * A no sets `*code`.  NULL: it was. */
    bool (*may)(void *context, const char *source, const char *board, const char **code);
    void *may_context;
    bool best_effort; /* of a feed that does not meet the guarantee */
    bool can_replay;  /* of a feed that can be asked for what is missing */
    bool is_replayed; /* it came because it was asked for */
    bool of_snapshot; /* and says how things stand: it waits for nothing, and begins no epoch */
    bool by_link;     /* the daemon's own: somebody followed the link of a notification */
    struct instant received;

    /* Of a batch: the first that its key may send pays for all of it. */
    unsigned others; /* that it pays for beside itself */
    bool paid;       /* it was paid for */
};

/** What a feed's heartbeat says. */
struct engine_heartbeat {
    const char *feed, *key, *source, *seqepoch;
    uint64_t last; /* the last number that was published */
    bool best_effort, can_replay;
};

enum engine_answer {
    ENGINE_TAKEN,      /* `ack` is set; true only once the turn is committed */
    ENGINE_REFUSED,    /* `nack` is set, and nothing was changed */
    ENGINE_STORE_FULL, /* nothing can be kept: roll the turn back, answer 503.1 */
    ENGINE_BUSY,       /* not now: `busy` is set, and `nack` with why; nothing was changed */
};

struct engine_reply {
    struct answer_ack ack;
    struct answer_nack nack;
    struct answer_busy busy;
    char board[ID_MAX + 1]; /* for logs */
    bool has_sequence;      /* the same: the number of the event, where it was read */
    uint64_t sequence;
};

/** What became of a batch. */
struct engine_batch {
    struct answer_ack acks[ANSWER_BATCH_MAX]; /* of ENGINE_TAKEN, in the order of the events */
    size_t count;
    struct engine_reply refused; /* else: of the event that was, where it is one event's fault */
};

int engine_open(const struct engine_settings *settings, struct engine **engine);
void engine_close(struct engine **engine);

/** From now on these; the ones before are the caller's again. */
void engine_set_policy(struct engine *engine, struct policy *policy);
void engine_set_keyring(struct engine *engine, struct keyring *keyring);
void engine_set_escalation(struct engine *engine, const struct escalation_waits *waits);
void engine_set_mail_from(struct engine *engine, const char *mail_from);
void engine_set_acknowledge(struct engine *engine, const struct acknowledge_setting *setting);

/** 0 or negative: the store has failed and stays failed. */
int engine_begin(struct engine *engine, struct instant now);

/** 0, ENGINE_STORE_FULL, or negative.  After anything but 0 the turn is rolled back. */
int engine_commit(struct engine *engine);
void engine_roll_back(struct engine *engine);

/** Decides on one event: an enum engine_answer, or negative. */
int engine_take(struct engine *engine, const struct engine_input *input,
                struct engine_reply *reply);

/**
 * Takes a BATCH, the list of events in `input`, as one: either all of them are taken, or nothing
 * of any is left in the turn.  An enum engine_answer, or negative.
 */
int engine_take_batch(struct engine *engine, const struct engine_input *input,
                      struct engine_batch *batch);

/** A heartbeat of a feed: a gap at its end is recorded.  0, ENGINE_STORE_FULL or negative. */
int engine_take_heartbeat(struct engine *engine, const struct engine_heartbeat *heartbeat);

/**
 * The publisher says that these numbers will never come: what of them lies in a gap is given up,
 * recorded and told at once, and where it can be asked a snapshot is wanted.  0, ENGINE_STORE_FULL
 * or negative.
 */
int engine_take_gone(struct engine *engine, const char *source, const char *seqepoch,
                     struct sequence_range range, bool can_replay);

/** A replayed event was refused for good: its number is given up and recorded, and the operator
 *  told once a day.  While a snapshot of its source is wanted an unknown disagreement (404.1) is
 *  not for good.  0, ENGINE_STORE_FULL or negative. */
int engine_take_refused(struct engine *engine, const char *source, const char *seqepoch,
                        uint64_t sequence, const char *code);

/** What a publisher says at the end of a snapshot: it was taken after `sequence` of an epoch. */
struct engine_snapshot {
    const char *source, *seqepoch;
    uint64_t sequence;
    uint64_t values; /* disagreements it told of */
};

/** The snapshot has been taken whole: 0, ENGINE_STORE_FULL or negative. */
int engine_take_snapshot(struct engine *engine, const struct engine_snapshot *snapshot);

/** What happened to notifications since the engine was opened, as far as it is on the disk. */
struct engine_counts {
    uint64_t accepted, refused, exhausted; /* deliveries that have ended so */
    uint64_t undelivered; /* notifications that nobody accepted, as people were told */
    uint64_t bounced;     /* accepted deliveries that came back */
    uint64_t late;        /* notifications put on their way more than a minute late */
};

const struct engine_counts *engine_counts(const struct engine *engine);

/** Grows whenever a gap is found or a snapshot wanted. */
uint64_t engine_gap_changes(const struct engine *engine);

/** How long gaps stay open before the operator and the board's team are told; 0: as settings. */
void engine_set_gap_times(struct engine *engine, int64_t operator_us, int64_t board_us);

/** LAST and STAT: fills the answers; 0 or negative. */
int engine_last(struct engine *engine, const char *source, struct answer_last *last);
int engine_stat(struct engine *engine, const char *source, const char *id, struct answer_ack *ack);

/**
 * Acts on deadlines due at or before `now`, in order of their instants, at most
 * ENGINE_PASS_MAX disagreements' instants; `*more` says that some are left.
 * Then on silences that end, and what they held; on notifications that nobody accepted in time
 * (core/escalation.h), at most ENGINE_ESCALATE_MAX.  And tells of gaps in what sources said that
 * have stayed open for so long that somebody is to know.  0, ENGINE_STORE_FULL or negative.
 */
int engine_pass(struct engine *engine, bool *more);

/**
 * Writes down what became of a delivery; 0, ENGINE_STORE_FULL or negative.  After a turn that
 * was rolled back it must be noted again: until its outcome is on disk a delivery counts as
 * under way, so that a full disk does not make it go out again and again.
 */
int engine_note(struct engine *engine, const struct outcome *outcome);

/** Deliveries that wait for another try are tried now: what kept them may have been put right; and
 *  what is undelivered goes by the routes that the directory has now, and had not.  0,
 * ENGINE_STORE_FULL or negative. */
int engine_try_again(struct engine *engine);

/** Deliveries that were refused, given up or are undelivered, and that somebody sends again. */
struct engine_redrive {
    const char *id;                /* one delivery; NULL: what nobody has accepted ... */
    const char *board, *reference; /* ... of one disagreement; NULL: of all; of `id` its own */
    const char *by;                /* who does it, for the record */
    size_t count;                  /* of the answer: how many go again */
};

/** In a turn: queues them, and records it where there are any; 0, ENGINE_STORE_FULL or negative. */
int engine_redrive(struct engine *engine, struct engine_redrive *redrive);

enum engine_silence_answer {
    ENGINE_SILENCED,
    ENGINE_SILENCE_REFUSED =
        22, /* as many as can be are in force; or there is none of that number */
};

/**
 * In a turn: begins a silence now, whose kind, of, until, reason and by are set and sound; sets its
 * number and since.  Deadlines are never touched.  An enum engine_silence_answer,
 * ENGINE_STORE_FULL or negative.
 */
int engine_add_silence(struct engine *engine, struct silence_row *row);

/** In a turn: ends one before its time; sets `*ended`.  Answers as engine_add_silence(). */
int engine_end_silence(struct engine *engine, int64_t number, const char *by,
                       struct silence_row *ended);

/** The silence in force that holds a queued row, the longest; NULL: none. */
const struct silence_row *engine_silence_of(const struct engine *engine,
                                            const struct outbox_row *row, struct instant now);

/** How long a test is tried; then it is given up. */
#define ENGINE_TEST_SPAN_US (10 * MINUTE_US)

/** The word for an agency's case systems where a role is asked for; a role of that name goes
 *  before it. */
#define ENGINE_TEST_SYSTEMS "systems"

/** A test notification to whoever holds a role, by each of his routes; or to each endpoint of an
 *  agency's case systems. */
struct engine_test {
    const char *role, *agency; /* of an agency, or of a board */
    const char *by;            /* who asks, for the record */

    /* of the answer; the texts borrow from the directory */
    const char *person; /* NULL: it goes to case systems */
    bool is_deputy;
    struct engine_test_route {
        char id[DELIVERY_ID_SIZE]; /* "": it cannot be written, told to the journal */
        enum route_kind kind;
        const char *endpoint; /* NULL: it goes to an address, which stays here */
    } routes[ENGINE_TEST_ROUTES_MAX];
    size_t route_count;
    char why[ENGINE_WHY_SIZE];
};

enum engine_test_answer {
    ENGINE_TESTED,
    ENGINE_TEST_REFUSED = 21, /* `why` is set, and nothing was changed */
};

/** In a turn: queues one for each route, each once, and records that it was asked for.  Nobody
 *  else is told where it fails.  An enum engine_test_answer, ENGINE_STORE_FULL or negative. */
int engine_test(struct engine *engine, struct engine_test *test);

enum bounce_action {
    BOUNCE_FAILED, /* it will not arrive */
    BOUNCE_DELAYED,
    BOUNCE_DELIVERED, /* into a mailbox ... */
    BOUNCE_RELAYED,   /* ... to a system that tells no more ... */
    BOUNCE_EXPANDED,  /* ... or to the members of a list */
    BOUNCE_ANSWERED,  /* by a machine: out of office */
    BOUNCE_ACTION_COUNT
};

/** "failed", "delayed", ...: as RFC 3464 has them, and "answered". */
const char *bounce_action_name(enum bounce_action action);

/** What a mail system further on says of a mail that was accepted. */
struct engine_bounce {
    enum bounce_action action;
    const char *status; /* of RFC 3463; "" */
    int code;           /* of the SMTP reply that it tells of; 0 */
    const char *detail; /* told_reply() of the report; "" */
    enum bounce_result {
        BOUNCE_ACTED, /* the delivery is refused now, and goes on by the next route */
        BOUNCE_NOTED, /* the record has it */
        BOUNCE_KNOWN, /* it was said before, or too much was */
    } result;         /* of the answer */
};

/** In a turn: takes a bounce of `row`, once whatever often it comes; whether it is genuine is the
 *  caller's matter.  0, ENGINE_STORE_FULL or negative. */
int engine_bounce(struct engine *engine, const struct outbox_row *row,
                  struct engine_bounce *bounce);

/** Tells the operator something that belongs to no disagreement, once per `key`.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_tell_operator(struct engine *engine, const char *key, const char *subject,
                         const char *text);

/** Tells the operator of every calendar in use whose closures are known for less than a year
 *  more; in a turn, at a start, a reload, and now and then.  0, ENGINE_STORE_FULL or negative. */
int engine_tell_calendars(struct engine *engine);

/** Writes a line of the daemon's own into the record (a start, a reload, a gap). */
int engine_record(struct engine *engine, const char *type, const char *payload_json);

/**
 * Recomputes every open disagreement's deadlines under the policy now in force (after a
 * reload), and until when notifications wait; 0, ENGINE_STORE_FULL or negative.
 */
int engine_recompute(struct engine *engine);

/** A running disagreement that somebody moves to the version of its procedure in force. */
struct engine_move {
    const char *board, *reference;
    const char *version; /* the one in force must be called so; "": whichever it is */
    const char *by;      /* who does it, for the record */

    /* Called for each decision of it; may be NULL. */
    void (*show)(void *context, const struct engine_move *move, const struct decision *decision);
    void *context;

    /* of the answer; the views borrow from the policy */
    struct policy_view from, to;
    char why[200];
};

enum engine_move_answer {
    ENGINE_MOVED,             /* a caller who only wants to see rolls the turn back */
    ENGINE_MOVE_REFUSED = 20, /* `why` is set, and the turn is to be rolled back */
};

/** In a turn: an enum engine_move_answer, ENGINE_STORE_FULL, or negative. */
int engine_move(struct engine *engine, struct engine_move *move);

/** Takes one delivery: false says that no more can be taken now. */
typedef bool engine_carrier(void *context, const struct delivery *delivery);

/** In a turn: the clock may have been set back since the store was written to.  What waits for
 *  another try, to be told to others, for a digest or for missing events, and who is to be told of
 *  those, waits no longer for that.  0, ENGINE_STORE_FULL or negative. */
int engine_set_back(struct engine *engine);

/** Outside a turn: hands out what is due and not on its way; 0 or negative. */
int engine_hand_out(struct engine *engine, struct instant now, engine_carrier *carrier,
                    void *context);

/** The earliest instant at which something must be done, or INSTANT_NONE; 0 or negative. */
int engine_next_wake(struct engine *engine, struct instant *wake);

/** The number of the last line of the record. */
uint64_t engine_last_record(const struct engine *engine);

#endif
