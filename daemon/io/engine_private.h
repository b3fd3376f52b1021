/* engine_private.h - what the files of the engine share. */
#ifndef CONCERN_IO_ENGINE_PRIVATE_H
#define CONCERN_IO_ENGINE_PRIVATE_H

#include <jansson.h>

#include "core/compose.h"
#include "core/gather.h"
#include "io/engine.h"
#include "io/render.h"
#include "protocol/acknowledgement.h"
#include "protocol/cloudevent.h"
#include "protocol/notification_body.h"

/** The notification that an event acknowledges. */
struct acknowledging {
    bool is_named; /* it names one */
    struct acknowledged acknowledged;
    char id[DELIVERY_ID_SIZE];  /* of the delivery that it names */
    char own[DELIVERY_ID_SIZE]; /* the notification's own: of its first delivery to a person */
    char role[ID_MAX + 1];      /* in which it was told to the event's sender */
    char agency[ID_MAX + 1];    /* "": the board */
    json_t *also;               /* the other roles in which he was told: owned; NULL: none */
};

struct engine {
    struct engine_settings settings;
    struct instant now; /* of the turn */
    bool in_turn;
    uint64_t last_record;
    uint64_t gap_changes;
    struct engine_counts counts, counting; /* on the disk; the same and this turn's */

    /* scratch of one decision; large, so not on the stack */
    struct disagreement before;
    struct decision decision;
    struct event event;
    struct event_reading reading;
    struct event superseded, corrected; /* of a correction */
    struct acknowledging acknowledging; /* of an event that names a notification */

    /* Who is told by the decisions kept last, all of one disagreement and one instant: it waits
     * for the next of them, because one instant is one message to one person. */
    struct plan plan;
    struct disagreement told_of;
    struct policy_view told_under;
    bool has_told_of; /* the last two are of a decision of this turn that is not told yet */

    /* Handed out; one whose outcome was noted in this turn has landed once that is committed. */
    struct flight {
        char id[DELIVERY_ID_SIZE];
        bool landing;
        bool urgent;
        bool outdated; /* there are new settings since */
        bool claimed;  /* by this handing out: nothing of it had been sent before */
        size_t lane;
    } in_flight[ENGINE_IN_FLIGHT_MAX];
    size_t in_flight_count;

    /* Endpoints that said they are gone for good (410): no route any more, until the next reload
     * or start, for then somebody may have put it right. */
    struct {
        enum route_kind kind;
        char to[ID_MAX + 1];
    } ended[ENGINE_ENDED_MAX];
    size_t ended_count;

    struct engine_silences {
        struct silence_row rows[ENGINE_SILENCES_MAX]; /* in force */
        size_t count;
        bool are_known;      /* as the store has them, this turn's included */
        bool lets_go;        /* one has ended, and deliveries may be held by it still */
        bool holds;          /* something is due that is to be held */
        struct instant seen; /* when it was last, as the engine was told; INSTANT_NONE */
    } silences;

    struct instant tested[ENGINE_TESTS_PER_MINUTE]; /* when the last tests were asked for */
    size_t test_count;                              /* ever */

    struct engine_lane {
        char name[ADDRESS_MAX + 1];                 /* store.h */
        bool has_rows;                              /* that wait, when last looked */
        size_t in_flight[2];                        /* ordinary; urgent and immediate */
        struct outbox_place handed[PRIORITY_COUNT]; /* every row up to here that was due went out */
        struct instant held_until[2];               /* its endpoint is left alone; INSTANT_NONE */
    } lanes[ENGINE_LANES_MAX];
    size_t lane_count;

    /* What each person lately got of ordinary notifications one by one; a restart forgets it. */
    struct engine_tally {
        char who[ADDRESS_MAX + 1];
        struct gather_tally tally;
    } tallies[ENGINE_TALLIES_MAX];
    bool gathers; /* something was queued in this turn that may go together with others */

    struct instant handed_at;   /* when that was */
    bool outbox_changed;        /* rows may be due that were not when last looked */
    struct instant outbox_wake; /* the next try of rows not in flight; INSTANT_NONE */
};

/** 0 for STORE_OK, ENGINE_STORE_FULL for STORE_FULL; anything else unexpected is -EIO. */
int engine_store_answer(int answer);

/** The view of a kept version; 0, 1 where it cannot be had, or negative. */
int engine_view_of_hash(struct engine *engine, const char *hash, struct policy_view *view);

/**
 * Keeps engine->decision: saves the disagreement, writes the record, plans who is told.
 * `before` is what the store holds, or NULL.
 */
int engine_keep(struct engine *engine, const struct policy_view *view,
                const struct disagreement *before);

/** Records and queues what the plan holds; the end of a turn does it. */
int engine_tell(struct engine *engine);

/** Decides what has come about at `wake`, the earliest of engine->before (the store's state of
 *  it), and keeps it; leaves the state in engine->before. */
int engine_act(struct engine *engine, const struct policy_view *view, struct instant wake);

/** Acts on the wakes of engine->before (the store's state of it) that come before `until`, and
 *  not after now; leaves the state in engine->before. */
int engine_catch_up(struct engine *engine, const struct policy_view *view, struct instant until);

/** Records and queues a notification about engine->before (the store's state of it) in the place
 *  of the one whose first delivery was `after`; sets the id of its own.  Case systems are not told
 *  again.  0, ENGINE_STORE_FULL or negative. */
int engine_tell_again(struct engine *engine, const struct policy_view *view,
                      const struct notification *notification, const char *after,
                      char id[DELIVERY_ID_SIZE]);

/** A notification that is to go by one route. */
struct engine_outgoing {
    const struct policy_view *view;
    const struct disagreement *disagreement;
    const struct notification *notification;
    const char *id;              /* of the delivery */
    const char *notification_id; /* the same over all routes: the id of the first delivery */
    const char *key;
    const char *person;
    uint32_t position; /* of the route, from 0 */
    enum route_kind kind;
    const char *to;
    uint64_t record; /* the line that tells of it; 0 */
    bool is_kept;    /* it was to be told before, and was kept from it */
};

/** Stands before the endpoint's id where an agency's case system is the person. */
#define ENGINE_SYSTEM "system:"

/** Renders it and puts it into the outbox; 0 where it is there already. */
int engine_queue(struct engine *engine, const struct engine_outgoing *out);

bool engine_is_office_hours(const struct timekeeping *time, struct instant now);

/** How long a route has before the next one is taken. */
int64_t engine_escalation_wait(const struct engine *engine, enum priority priority);

/* --- engine_out.c */

/** An endpoint said that it is gone for good: it is no route any more. */
void engine_end_route(struct engine *engine, const struct route *route);
bool engine_route_has_ended(const struct engine *engine, const struct route *route);

/* --- engine_escalate.c */

/** Looks at what nobody accepted in time; `*more` is set where some is left. */
int engine_escalate(struct engine *engine, bool *more);

/** A delivery has ended, or (`hopeless`) met what will not mend by itself: what follows at once.
 *  `row` as it was before the attempt; `state` is what it is now. */
int engine_escalate_row(struct engine *engine, const struct outbox_row *row,
                        enum outbox_state state, bool hopeless);

/** Row `id`, which nobody accepted, goes out no more: what follows is as if it had been refused. */
int engine_escalate_now(struct engine *engine, const char *id);

/** Row `id` was just queued to an endpoint that is gone: it is kept as refused, for somebody to
 *  send again, and nobody is told but by `status`: the operator knows of the endpoint.  0 where
 *  there is no such row. */
int engine_escalate_ended(struct engine *engine, const char *id);

/* --- engine_retell.c */

/** Loads what the notification of its first row says: `*payload` is set, and the caller's to let
 *  go of (the notification borrows from it), or NULL where it cannot be had - a store of an older
 *  version, an erased record.  The disagreement is engine->before.  0 or negative. */
int engine_load_notification(struct engine *engine, const struct outbox_row *first,
                             struct policy_view *view, struct notification *notification,
                             json_t **payload);

/* --- engine_heard.c */

/** Of the roles of a notification that somebody accepted leaves those in which nobody did, neither
 *  the person that it was for nor whoever deputises there, though a deputy was asked or has a route
 *  that is not among the `used_count` at `used`.  0 or negative. */
int engine_leave_unheard(struct engine *engine, const struct outbox_row *first,
                         const struct recipient_search *search, const struct route *used,
                         size_t used_count, struct notification *notification);

/* --- engine_silence.c */

/** Reads from the store which silences are in force, where that is not known; 0 or negative. */
int engine_know_silences(struct engine *engine);

/** A turn was rolled back: what is in force is asked of the store anew. */
void engine_forget_silences(struct engine *engine);

/** The silence in force at `now` that would hold a delivery, the longest; NULL: none. */
const struct silence_row *engine_silence_on(const struct engine *engine,
                                            const struct silencing_question *question,
                                            struct instant now);

/** Holds the delivery `id`, which is not handed out, where a silence covers it; 0,
 *  ENGINE_STORE_FULL or negative. */
int engine_hold(struct engine *engine, const char *id);

/** Holds what is due at the end of a turn and covered; 0, ENGINE_STORE_FULL or negative. */
int engine_hold_due(struct engine *engine);

/** Ends those whose time is over, and lets go what they held; `*more` where some are left to let
 * go. */
int engine_pass_silences(struct engine *engine, bool *more);

/** When engine_pass_silences() has something to do; INSTANT_NONE. */
struct instant engine_silences_wake(const struct engine *engine);

/* --- engine_test.c */

/** Whether it is a test that somebody asked for: nobody else is told what becomes of it. */
bool engine_is_test(const struct outbox_row *row);

/* --- engine_gather.c */

struct engine_entries;

/** Whether it may wait for others: it is ordinary, and to somebody who can have a list. */
bool engine_may_gather(const struct engine *engine, const struct engine_outgoing *out);

/** It was put into the outbox without a next try: it waits, if only for the end of the turn. */
int engine_begin_gathering(struct engine *engine, const struct engine_outgoing *out,
                           const struct composition *composition,
                           const struct engine_entries *entries);

/** At the end of a turn: what waits no more goes as it is, or in digests. */
int engine_gather(struct engine *engine);

/** The directory may be another, or the clock set back: until when each waits is reckoned anew. */
int engine_gather_anew(struct engine *engine);

/* --- engine_forward.c */

/** The directory may be another: what waits for somebody who has left it, has none of its roles
 *  any more, or another address, is superseded, and told to whoever is to be told now; what waits
 *  gathered is engine_gather_anew()'s, which comes after.  0, ENGINE_STORE_FULL or negative. */
int engine_forward(struct engine *engine);

/* --- engine_word.c */

/** What people must know of deliveries that failed. */
enum engine_word_kind {
    WORD_REFUSED,     /* never by this route */
    WORD_RETURNED,    /* accepted, and sent back */
    WORD_NOWHERE,     /* no route is known */
    WORD_UNDELIVERED, /* nobody accepted it: urgent, by all routes */
    WORD_KIND_COUNT
};

/** One of them; the first goes at once, and those of the next half minute in one list. */
struct engine_word {
    enum engine_word_kind kind;
    const char *board; /* whose team is told; NULL: the operator is */
    const char *about; /* told once a day at most */
    const char *line;  /* in a list; without its end */
    const char *text;  /* alone; "" for a list of one */
};

/** Keeps a word, in a turn.  0, ENGINE_STORE_FULL or negative. */
int engine_say_word(struct engine *engine, const struct engine_word *word);

/** Tells, at the end of a turn, what waits no longer. */
int engine_tell_words(struct engine *engine);

/** When something waits no longer; INSTANT_NONE.  0 or negative. */
int engine_words_wake(struct engine *engine, struct instant *wake);

/* --- engine_operator.c */

/** A message of plain words, about no disagreement. */
struct engine_message {
    const char *key;
    const char *person; /* a directory id, or "operator" */
    const char *role;
    uint32_t number;   /* of the route it goes by, from 0 */
    const char *first; /* the id of the first delivery; NULL: this is it */
    enum priority priority;
    const char *subject;
    const char *text;
    const char *language; /* of both; NULL: not known */
};

/** The same, where it cannot be written for the route: it was told to the journal. */
enum { ENGINE_NO_ROUTE = 30 };

/** Puts it into the outbox, once per key and number, and sets the delivery's id; what nobody
 * accepts goes on from there (engine_escalate.c).  0, ENGINE_NO_ROUTE, ENGINE_STORE_FULL or
 * negative. */
int engine_queue_message(struct engine *engine, const struct engine_message *message,
                         const struct route *route, char id[DELIVERY_ID_SIZE]);

/** All routes of somebody, in the order in which they are taken; borrowed from the directory. */
struct engine_routes {
    struct route list[2 * DIRECTORY_ROUTES_MAX];
    size_t count, of_hour; /* the first ones are those of this hour */
};

/** Those of a directory id or of "operator", none where there is nobody.  What hour it is, is the
 *  board's matter; NULL: of the first board in which the person has a role. */
void engine_routes_to(struct engine *engine, const char *who, const char *board,
                      struct engine_routes *routes);

/** Finds the first route of a message that is not among the `used_count` at `used`: of whom it is
 *  to, then (`found->person` is set) of who deputises for him in the board that the message is
 *  about, which is the second word of its key. */
bool engine_message_route(struct engine *engine, const struct outbox_row *first,
                          const struct route *used, size_t used_count,
                          struct escalation_route *found);

/** By the first of the routes that can be taken; where there is none the journal is told.  0,
 *  ENGINE_STORE_FULL or negative. */
int engine_send_message(struct engine *engine, const struct engine_message *message,
                        const struct engine_routes *routes);

/** By every one of this hour at once, or the first of the others where none of those can be
 *  taken; the rest is tried where nobody accepts it (engine_escalate.c). */
int engine_send_message_by_all(struct engine *engine, struct engine_message *message,
                               const struct engine_routes *routes);

/** What a route carries of plain words; an endpoint's webhook gets what `write_body` writes.  0
 *  sets `*bytes` (the caller frees) and `*size`; -EINVAL, -ENOMEM. */
int engine_write_words(const struct engine *engine, const struct outgoing *outgoing,
                       const struct route *route,
                       int (*write_body)(const struct outgoing *outgoing, char **json),
                       char **bytes, size_t *size);

/** Tells the operator that a deadline runs past its calendar; once per calendar and day. */
int engine_tell_provisional(struct engine *engine, const struct policy_view *view,
                            const struct disagreement *after);

enum engine_superseded {
    SUPERSEDED_FOUND,
    SUPERSEDED_UNKNOWN,    /* no such event of this source in this disagreement */
    SUPERSEDED_TAKEN_BACK, /* a correction said that it should not have been */
    SUPERSEDED_ERASED,     /* its text was erased */
};

/** The event that `correction` supersedes, as it was last told (earlier corrections of it
 *  counted in), into engine->superseded: an enum engine_superseded, or negative. */
int engine_find_superseded(struct engine *engine, const struct event *correction);

/* --- engine_hand.c */

/** The longest that a lane is left alone before the dispatcher is asked again. */
#define ENGINE_HOLD_MAX_US MINUTE_US

/** A delivery in flight was not tried, for its endpoint fails: its lane is left alone for a while.
 *  What is urgent is held only by an urgent one.  0, ENGINE_STORE_FULL or negative. */
int engine_put_off(struct engine *engine, const struct outcome *outcome);

/** Rows that are due may lie before where the last walk ended. */
void engine_look_anew(struct engine *engine);

/** All lanes may be asked again. */
void engine_release_lanes(struct engine *engine);

/** An outcome of `id` is noted in this turn. */
void engine_begin_landing(struct engine *engine, const char *id);

/** What is in flight goes by settings that are no longer those. */
void engine_outdate_flights(struct engine *engine);
bool engine_is_outdated(const struct engine *engine, const char *id);

/** Whether `id` is handed out and its outcome is not on disk. */
bool engine_is_in_flight(const struct engine *engine, const char *id);

/** The turn is over: what was noted in it has landed where it was kept, else is in flight still
 *  and must be noted again. */
void engine_land(struct engine *engine, bool kept);

/* --- engine_source.c */

/** How far the source was heard, in the event's own transaction; gaps are noted or filled.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_note_heard(struct engine *engine, const struct engine_input *input,
                      const struct event *event);

/** When the latest of the gaps before a numbered event was found, the one that it shows itself
 *  included; INSTANT_NONE: nothing is missing.  0, ENGINE_STORE_FULL or negative. */
int engine_gap_before(struct engine *engine, const struct event *event, struct instant *found);

/** Whether nothing can be promised of what comes so: by a feed that says so, or by any feed
 *  without a number. */
bool engine_is_best_effort(const struct engine_input *input, const struct event *event);

/** Counts an event that came again; its number has come, wherever it was kept from.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_note_repeat(struct engine *engine, const struct event *event);

/** Gives up what of the range lies in open gaps, and records it; `*count` numbers. */
int engine_give_up(struct engine *engine, const char *source, const char *seqepoch,
                   struct sequence_range range, uint64_t *count);

/* --- engine_missing.c */

/** Tells the operator or the board's team what is missing of a source; `since` INSTANT_NONE: it
 *  will never come.  0, ENGINE_STORE_FULL or negative. */
int engine_tell_missing(struct engine *engine, enum gap_listener listener,
                        const struct missing_row *missing);

/** Tells of gaps that have stayed open until now, once each. */
int engine_tell_gaps(struct engine *engine);

/* --- engine_park.c */

/** How long an event waits for those before it, from when they were missed. */
#define ENGINE_PARKED_US (30 * MINUTE_US)

/** Takes the mark of an event that had to wait off `kept` where it waits no more. */
int engine_still_parked(struct engine *engine, const char *source, const char *id,
                        struct kept_event *kept);

/** What of a source's epoch waited, and at `at` waits for nothing more, has its effect, in order.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_take_up(struct engine *engine, const char *source, const char *seqepoch,
                   struct instant at);

/** The same of the event whose time was over first by `until`. */
int engine_take_up_due(struct engine *engine, struct instant until);

/* --- engine_acknowledge.c */

/** Forgets which notification was named last. */
void engine_forget_acknowledging(struct engine *engine);

/** Keeps that the notification of engine->acknowledging was seen at `at`, and records it once;
 *  `way` is "event" or "link".  0, ENGINE_STORE_FULL or negative. */
int engine_keep_acknowledged(struct engine *engine, struct instant at, const char *way);

/* --- engine_entry.c */

/** The domain of the UIDs in readers' calendars: of mail.from when the store's first mail was
 *  written, so that a later sender moves and cancels the same entries; "" where there is no mail.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_find_domain(struct engine *engine, char domain[STORE_META_SIZE]);

/* --- engine_link.c */

enum { ENGINE_LINK_SIZE = EVENT_LINK_MAX + 1 };

/** A notification somebody may acknowledge by a link, and who is sent it. */
struct engine_link_to {
    const char *notification_id; /* or that of one of its deliveries */
    const char *agency;          /* an id, of his first role; "": the board's */
    const char *language;        /* his; NULL: LANGUAGE_DEFAULT */
    bool is_told_first;          /* the record says that it went to him */
};

/** Writes such a link; "" where nobody said where it leads.  0, ENGINE_STORE_FULL or negative. */
int engine_sign_link(struct engine *engine, const struct engine_link_to *to,
                     char link[ENGINE_LINK_SIZE]);

/** The link by which whoever is told acknowledges; "" where there is none.  0 or negative. */
int engine_write_link(struct engine *engine, const struct engine_outgoing *out,
                      char link[ENGINE_LINK_SIZE]);

/** Reads a token at `now`: an enum acknowledgement_answer, or negative. */
int engine_read_token(struct engine *engine, const char *token, struct instant now,
                      struct acknowledgement *acknowledgement);

/* --- engine_understood.c */

/**
 * What is kept of an event, as JSON: the bytes that came where all of them were understood, else
 * what was understood of them.  0, and `*json` is the caller's to free; or negative.
 */
int engine_understood(const struct engine *engine, const struct engine_input *input,
                      const struct event *event, const struct event_reading *reading, char **json);

/* --- engine_reference.c */

/** Leaves out of an event what could say something of a person, the reference of the case and the
 *  link where the directory does not admit them, and names them as dropped behind `prefix`. */
void engine_leave_out(const struct engine *engine, const char *board, struct event *event,
                      const char *prefix, struct event_reading *reading);

#endif
