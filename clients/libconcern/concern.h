/* concern.h - tells concernd what happens in professional disagreements, and loses none of it.
 *
 *     struct concern_settings settings = { 0 };
 *     struct concern *concern;
 *     settings.endpoint = "tcp://concernd.board.example:5570";   ...
 *     if (concern_open(&settings, &concern) != CONCERN_OK)
 *         ... concern_open_error()
 *     concern_raise(concern, &about, &disagreement);        on disk when it returns CONCERN_OK
 *     concern_flush(concern, 10000);                        or concern_wait, or an event loop
 *     concern_close(&concern);
 *
 * An event is checked, given its number, and written to the outbox, a directory of yours, before
 * the function that takes it returns; from there it is sent again, for ever, until the daemon has
 * acknowledged that it is on its own disk.  The program may be killed and the machine lose its
 * power at any instant: the next concern_open of the same outbox goes on where it was.
 *
 * ORDER.  Events of one source are numbered in the order in which they were kept, and sent in that
 * order.  One that the daemon answers with "later" (its key's rate, a full store) may be overtaken
 * by those that were on their way already, at most 64; the daemon sees that by the numbers and
 * lets no event that could silence a disagreement act before what went ahead of it.
 *
 * THREADS.  A handle is one thread's at a time: its calls must not overlap, and its callbacks come
 * in the thread that called concern_wait, concern_turn or concern_flush.  Handles are independent
 * of each other.  After fork() only the parent uses the handle.  No signal handler is installed.
 *
 * ANSWERS.  Functions that can fail return CONCERN_OK (0), another of enum concern_answer, or a
 * negative errno (-EIO, -ENOMEM ...): the world failed.  concern_error says it in a sentence.
 *
 * concernd speaks of a person by role and reference only: no text of an event may hold a name or
 * a detail of the adult or child.
 */
#ifndef CONCERN_H
#define CONCERN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct concern;

enum concern_answer {
    CONCERN_OK = 0,
    CONCERN_INVALID = 1,  /* an event or setting is wrong: the error names the member, and what
                             would be right; nothing was kept */
    CONCERN_FULL = 2,     /* the outbox holds all it may, or the disk is full; nothing was kept */
    CONCERN_ID_USED = 3,  /* the id was used for another event of this source; nothing was kept */
    CONCERN_IN_USE = 4,   /* of concern_open: another process has the outbox */
    CONCERN_TIME_OUT = 5, /* of concern_wait, concern_flush: the time has passed */
    CONCERN_NONE = 6      /* of concern_refused_...: there is no such event */
};

/* ---- what is told ------------------------------------------------------------------------- */

/** The event is on the daemon's disk.  Texts live for the time of the call; "" where there is
 *  nothing to say. */
struct concern_acknowledgement {
    const char *source;
    const char *id;
    const char *subject;       /* the disagreement's reference */
    const char *type;          /* "concernd.disagreement.raised" */
    int64_t record;            /* the number of its line in the daemon's record */
    const char *hash;          /* of that line, in hex */
    int duplicate;             /* 1: the daemon had it before, this is that one's line */
    int parked;                /* 1: acts when what is missing before it has come */
    int ignored;               /* 1: kept, and changes nothing */
    const char *state;         /* of the disagreement: open, resolved, withdrawn, lapsed */
    const char *next_deadline; /* the limit that is due next, for you to show and to check */
    const char *next_due;      /* when, RFC 3339 in UTC */
    const char *json;          /* the whole answer */
};

/** The event was refused and is set aside in the outbox until concern_refused_retry or _forget:
 *  a refused safeguarding event is itself an incident. */
struct concern_refusal {
    const char *source;
    const char *id;
    const char *subject;
    const char *type;
    const char *code;   /* stable: "403.1"; concern-protocol(7) lists them; "damaged" is our own:
                           the bytes on disk are no longer those that were kept */
    const char *reason; /* for people */
    const char *event;  /* the event as it was sent, JSON; "" for a damaged one */
};

enum concern_trouble {
    CONCERN_TROUBLE_UNANSWERED = 1,  /* events wait, and none was acknowledged for five minutes;
                                        told again every hour.  Tell your operator */
    CONCERN_TROUBLE_OVER = 2,        /* and now one was */
    CONCERN_TROUBLE_REFUSED_KEY = 3, /* the daemon does not admit our key; tried again */
    CONCERN_TROUBLE_OUTBOX = 4,      /* the outbox' disk failed: nothing more can be kept or sent
                                        until it is closed and opened on a disk that works */
    CONCERN_TROUBLE_REPAIRED = 5,    /* of concern_open: the outbox was damaged; what was whole was
                                        taken over, the damaged file is beside it */
    CONCERN_TROUBLE_DAEMON_BEHIND = 6, /* the daemon knows less of a source than it acknowledged:
                                          it was put back to an older store */
    CONCERN_TROUBLE_COUNTER_BEHIND = 7 /* the outbox was put back to an older one: numbers begin
                                          anew, in a new epoch */
};

/* ---- settings ----------------------------------------------------------------------------- */

/** All texts are copied; all zero is the default.  Later versions add members at the end. */
struct concern_settings {
    const char *endpoint;   /* tcp://host:5570 */
    const char *server_key; /* the daemon's public key: its file, or the 40 letters */
    const char *key;        /* our own: the file with the secret (`concernctl keys make`) */
    const char *outbox;     /* a directory on a local disk, ours alone; is made where its parent
                               is there */
    const char *source;     /* of events that do not say theirs: urn:northtown:las */
    const char *client;     /* who we say we are; NULL: "libconcern" and its version */
    uint64_t events_max;    /* the most the outbox holds; 0: 100,000 events */
    uint64_t bytes_max;     /* and 0: 256 MiB of them */
    unsigned alarm_ms;      /* CONCERN_TROUBLE_UNANSWERED after; 0: five minutes */

    /* Called from within concern_wait, concern_turn and concern_flush (on_trouble: from others
     * too).  They may keep events and look at counts; they must not close the handle or wait.
     * Each may be NULL.  An acknowledgement is told at least once: again after a crash, where the
     * program died before the outbox had noted that it was told. */
    void *context;
    void (*on_acknowledged)(void *context, const struct concern_acknowledgement *told);
    void (*on_refused)(void *context, const struct concern_refusal *told);
    void (*on_trouble)(void *context, enum concern_trouble trouble, const char *words);
};

/** "0.1.0" of the library that runs. */
const char *concern_version(void);

/**
 * Opens the outbox, begins to connect, and sends what is waiting there.
 *
 * CONCERN_OK sets `*concern`.  CONCERN_INVALID: a setting, a key file or an outbox of something
 * else; CONCERN_IN_USE; or negative.  Nothing is opened then, and concern_open_error says why.
 * That the daemon is not there is no reason to fail.
 */
static inline int concern_open(const struct concern_settings *settings, struct concern **concern);

/** Why concern_open failed last in this thread; "" when it did not. */
const char *concern_open_error(void);

/** Closes; what waits stays in the outbox for the next concern_open.  NULL is fine; sets NULL. */
void concern_close(struct concern **concern);

/** What went wrong last, one sentence, until the next call; "" when nothing did. */
const char *concern_error(const struct concern *concern);

/* ---- events ------------------------------------------------------------------------------- */

/** What every event has.  NULL is "not said" everywhere; all zero but `subject` will do. */
struct concern_about {
    const char *subject;   /* the disagreement's reference, chosen by whoever raises it: 1 to 64 of
                              A-Z a-z 0-9 . _ : / - */
    const char *time;      /* when it happened: RFC 3339 with an offset; NULL: now.  Deadlines
                              start here */
    const char *id;        /* unique within the source; NULL: a new one.  Give one, with the time,
                              to be able to say the same again after a crash: it is kept once */
    const char *source;    /* NULL: the settings' */
    const char *board;     /* where the key speaks to more than one */
    const char *by_agency; /* who did it: an agency of the key's, */
    const char *by_board;  /* or a board */
    const char *by_role;   /* beside either */
    const char *by_person; /* a reference, as all ids */
};

/** Who holds a role for this disagreement: a person of the directory, or an address in a domain
 *  that the directory lists for the agency. */
struct concern_person {
    const char *role;
    const char *person; /* one of the two */
    const char *email;
};

struct concern_party {
    const char *agency;
    const struct concern_person *people;
    size_t people_count;
};

/** "yes" and "no" are JSON's true and false; anything else is an id. */
struct concern_fact {
    const char *name; /* "risk", "relates_to", "urgent", or one the procedure declares */
    const char *value;
};

struct concern_disagreement {
    const char *procedure; /* NULL: the key's */
    const char *board;
    const char *case_reference;
    const char *category;
    struct concern_party challenging;
    const struct concern_party *challenged; /* 1 to 8 */
    size_t challenged_count;
    const struct concern_fact *facts; /* at most 24 */
    size_t fact_count;
    const char *stage;
    const char *link;
};

/**
 * Each of these keeps one event and returns: CONCERN_OK when it is on disk here, to be sent in
 * the background; CONCERN_INVALID, CONCERN_FULL, CONCERN_ID_USED or negative when it was not kept.
 * The same id with the same content again is CONCERN_OK and kept once, for as long as it waits
 * and for the 100,000 events acknowledged last.  concern_last_id names the event.
 *
 * The procedure says what follows from each (concern-protocol(7), "DATA").  Members that may be
 * NULL say so; those marked + need `by_agency` or `by_board` unless the key speaks for one only.
 */
int concern_raise(struct concern *concern, const struct concern_about *about,
                  const struct concern_disagreement *disagreement);

/** + A person has seen a notification; `notification` may be NULL. */
int concern_tell_acknowledged(struct concern *concern, const struct concern_about *about,
                              const char *notification);
/** + The same of whoever followed its link to you: what stood there as `token`. */
int concern_tell_acknowledged_link(struct concern *concern, const struct concern_about *about,
                                   const char *token);
/** They spoke; `stage` may be NULL. */
int concern_tell_discussion_held(struct concern *concern, const struct concern_about *about,
                                 const char *stage);
/** Move up now; with `stage` only from that one.  Both may be NULL. */
int concern_tell_stage_unresolved(struct concern *concern, const struct concern_about *about,
                                  const char *stage, const char *reason);
/** Skip, bypass or go back: enters that stage afresh. */
int concern_tell_stage_set(struct concern *concern, const struct concern_about *about,
                           const char *stage, const char *reason);
/** The next stage is intended. */
int concern_tell_escalation_intended(struct concern *concern, const struct concern_about *about);
/** The case sets a date; `deadline` may be NULL, `due` is RFC 3339. */
int concern_tell_deadline_set(struct concern *concern, const struct concern_about *about,
                              const char *deadline, const char *due);
/** `deadline` and `due` may be NULL. */
int concern_tell_deadline_extended(struct concern *concern, const struct concern_about *about,
                                   const char *deadline, const char *due, const char *reason);
/** The holder of a role does not answer. */
int concern_tell_manager_unresponsive(struct concern *concern, const struct concern_about *about,
                                      const char *agency, const char *role);
/** `risk` is none, significant, immediate or life_threatening. */
int concern_tell_risk_changed(struct concern *concern, const struct concern_about *about,
                              const char *risk);
/** `non_involvement` is yes or no. */
int concern_tell_position_changed(struct concern *concern, const struct concern_about *about,
                                  const char *agency, const char *non_involvement);
/** A fact: relates_to, urgent, policy_issue ..., or one the procedure declares. */
int concern_tell_flag_changed(struct concern *concern, const struct concern_about *about,
                              const char *flag, const char *value);
/** + Answers a rule or deadline that asked: `answer` is yes or no; `reason` may be NULL. */
int concern_tell_question_answered(struct concern *concern, const struct concern_about *about,
                                   const char *question, const char *answer, const char *reason);
/** `side` is challenging or challenged; the party's people may be none. */
int concern_tell_agency_joined(struct concern *concern, const struct concern_about *about,
                               const struct concern_party *party, const char *side,
                               const char *reason);
/** `reference`, your own, may be NULL in all of these. */
int concern_tell_advice_requested(struct concern *concern, const struct concern_about *about,
                                  const char *reference);
int concern_tell_liaison_requested(struct concern *concern, const struct concern_about *about,
                                   const char *reference);
int concern_tell_case_review_referred(struct concern *concern, const struct concern_about *about,
                                      const char *reference);
int concern_tell_external_referred(struct concern *concern, const struct concern_about *about,
                                   const char *reference);
int concern_tell_complaint_raised(struct concern *concern, const struct concern_about *about,
                                  const char *reference);
int concern_tell_learning_identified(struct concern *concern, const struct concern_about *about,
                                     const char *reference);
int concern_tell_case_closure_proposed(struct concern *concern, const struct concern_about *about,
                                       const char *reference);
int concern_tell_case_deescalated(struct concern *concern, const struct concern_about *about,
                                  const char *reference);
/** + `outcome` is a code; `review`, a time, `wishes_considered`, yes or no, and `reference` may be
 *  NULL. */
int concern_tell_resolution_proposed(struct concern *concern, const struct concern_about *about,
                                     const char *outcome, const char *review,
                                     const char *wishes_considered, const char *reference);
/** + This side agrees. */
int concern_tell_resolution_agreed(struct concern *concern, const struct concern_about *about);
/** + By the challenging agency only. */
int concern_tell_withdrawn(struct concern *concern, const struct concern_about *about,
                           const char *reason);
/** + Within five working days of its end. */
int concern_tell_reopened(struct concern *concern, const struct concern_about *about,
                          const char *reason);
/** No deadline passes before `until`, a time, or the release. */
int concern_tell_hold(struct concern *concern, const struct concern_about *about,
                      const char *reason, const char *until);
int concern_tell_release(struct concern *concern, const struct concern_about *about,
                         const char *reason);
/** + What was to be done by `deadline` is done. */
int concern_tell_followup_done(struct concern *concern, const struct concern_about *about,
                               const char *deadline);
/** Who holds a role, for this disagreement only. */
int concern_tell_contact_changed(struct concern *concern, const struct concern_about *about,
                                 const char *agency, const struct concern_person *contact);
/** What a procedure declares under `events:`: `type` with or without "concernd."; `date`, a time,
 *  may be NULL. */
int concern_tell_declared(struct concern *concern, const struct concern_about *about,
                          const char *type, const char *date);
/** Event `supersedes` was wrong: `event_json` is the CloudEvent as it should have been, NULL takes
 *  it back. */
int concern_tell_correction(struct concern *concern, const struct concern_about *about,
                            const char *supersedes, const char *event_json);

/** One CloudEvent as JSON of `size` bytes.  Its own sequence and seqepoch stay where it has them;
 *  else it gets ours. */
int concern_publish_json(struct concern *concern, const char *json, size_t size);

/** The id of the event kept last, "" before there was one. */
const char *concern_last_id(const struct concern *concern);

/** Between the two, events share one flush: many at once are much faster, and none of them is
 *  promised before concern_commit has answered CONCERN_OK; if it did not, none was kept.  Nothing
 *  is sent and no callback comes in between. */
int concern_begin(struct concern *concern);
int concern_commit(struct concern *concern);

/* ---- sending ------------------------------------------------------------------------------ */

/** Sends, receives and calls back, for up to `ms` milliseconds; returns early when something was
 *  told (CONCERN_OK), else CONCERN_TIME_OUT; -EINTR after a signal.  A program without a loop of
 *  its own calls this, for ever, in a thread that owns the handle. */
int concern_wait(struct concern *concern, unsigned ms);

/** Waits until no event waits any more, all acknowledged or refused: CONCERN_OK; or
 *  CONCERN_TIME_OUT: those that wait stay in the outbox and are sent on. */
int concern_flush(struct concern *concern, unsigned ms);

/** For your own event loop: a descriptor to poll for reading (edge- or level-triggered; it is the
 *  handle's, do not read or close it).  When it is readable call concern_turn, which never blocks
 *  but for the disk. */
int concern_descriptor(const struct concern *concern);
int concern_turn(struct concern *concern);

/** Why nothing gets through just now, in words; NULL while it does. */
const char *concern_connection(const struct concern *concern);

struct concern_counts {
    uint64_t waiting;      /* kept and not answered, those under way included */
    uint64_t under_way;    /* sent, at most 64 */
    uint64_t refused;      /* set aside */
    uint64_t bytes;        /* of what waits and was refused */
    uint64_t acknowledged; /* since concern_open */
    uint64_t oldest_ms;    /* for how long the oldest waits; 0: none does */
};

void concern_counts(const struct concern *concern, struct concern_counts *counts);

/* ---- refused events ----------------------------------------------------------------------- */

/** Tells every event that is set aside, oldest first, until `tell` answers other than 0. */
int concern_refused_list(struct concern *concern,
                         int (*tell)(void *context, const struct concern_refusal *refusal),
                         void *context);

/** Sends it again, as it was: once the keyring, the directory or the raise has been put right.
 *  CONCERN_OK or CONCERN_NONE. */
int concern_refused_retry(struct concern *concern, const char *source, const char *id);

/** Takes it out for ever.  What it said was never heard: the daemon goes on telling its operator
 *  that its number is missing. */
int concern_refused_forget(struct concern *concern, const char *source, const char *id);

/* ------------------------------------------------------------------------------------------- */

/** What concern_open calls: `size` tells the library which members the program knows. */
int concern_open_sized(const struct concern_settings *settings, size_t size,
                       struct concern **concern);

static inline int concern_open(const struct concern_settings *settings, struct concern **concern)
{
    return concern_open_sized(settings, sizeof *settings, concern);
}

#ifdef __cplusplus
}
#endif

#endif
