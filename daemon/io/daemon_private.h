/* daemon_private.h - what the files of the daemon share. */
#ifndef CONCERN_IO_DAEMON_PRIVATE_H
#define CONCERN_IO_DAEMON_PRIVATE_H

#include "io/bounce_key.h"
#include "io/clock.h"
#include "io/control.h"
#include "io/daemon.h"
#include "io/dispatcher.h"
#include "io/engine.h"
#include "io/feed.h"
#include "io/http.h"
#include "io/intake.h"
#include "io/intake_fuse.h"
#include "io/intake_probe.h"
#include "io/keyring.h"
#include "io/replay.h"
#include "io/secret.h"
#include "io/service.h"
#include "io/store.h"
#include "io/zap.h"
#include "policy/policy.h"

enum {
    DAEMON_FAULT_SIZE = 1024,
    DAEMON_ANSWERS_MAX = 1024,        /* messages of one turn, and their answers after the commit */
    DAEMON_KEY_MAX = 4 * WIRE_WINDOW, /* of one key, over all its connections */
    DAEMON_PUT_OFF_KEYS_MAX = 16,     /* more of them at once are told to wait alike */
    DAEMON_FEED_MESSAGES_MAX = 1024
};

/** The pages of which the store is asked. */
enum daemon_page { DAEMON_PAGE_FRONT, DAEMON_PAGE_METRICS, DAEMON_PAGE_STATUS, DAEMON_PAGE_COUNT };

/** What the store says was told of somebody's silence. */
enum silence { SILENCE_UNREAD, SILENCE_NOT, SILENCE_TOLD };

/** How far a feed is with what it missed. */
struct catching_up {
    uint64_t seen_changes; /* of the engine's gaps, when they were last looked at */
    bool looked;           /* they were, at all */
    bool is_asked;         /* its last request has ended and was not judged */
    bool was_snapshot;     /* that was for a snapshot */
    bool had_none;         /* it brought no progress */
    uint64_t missing;      /* events in open gaps of its sources, snapshots wanted counted in */
    int64_t gap;           /* number of the gap it was asked for last */
    bool is_ready;         /* heard, compared, and nothing that could be asked for is missing */
};

struct daemon {
    struct daemon_options options;
    struct settings_file *settings_file;
    const struct settings *settings;
    struct policy *policy;
    struct keyring *keyring; /* NULL: no keyring file; nobody may publish */
    struct secret server_key;
    struct return_path_key bounce_key;

    struct service *service;
    struct clock *clock;
    struct store *store;
    struct engine *engine;
    struct dispatcher *dispatcher;
    struct control *control;
    struct control *bounces; /* the same for a mail system; NULL: there is none */
    struct http *http;       /* NULL: http: none */
    struct daemon_kept_page {
        char *text;       /* NULL: it was never asked for */
        int64_t until_ms; /* it is made anew from then on */
    } kept_pages[DAEMON_PAGE_COUNT];

    void *zmq; /* libzmq's context */
    struct zap *zap;
    struct intake *intake; /* NULL: listen: none */
    struct feed *feeds[SETTINGS_FEEDS_MAX];
    enum silence feed_silence[SETTINGS_FEEDS_MAX];
    int64_t keys_looked_ms;                     /* when the keys' silence was last looked at */
    struct replay *replays[SETTINGS_FEEDS_MAX]; /* NULL: it cannot be asked for what is missing */
    struct catching_up catching_up[SETTINGS_FEEDS_MAX];
    size_t feed_count;
    bool feeds_recorded; /* the record says what is promised of them */
    struct fuse fuse;    /* where there is no intake, which has its own */
    int64_t fuse_looked_ms;

    struct instant since;
    struct instant policy_loaded;
    char policy_fault[DAEMON_FAULT_SIZE]; /* why the last reload changed nothing; "" if it did */
    char policy_hash[STORE_HASH_SIZE];
    struct turn *turn; /* the one of run() */
    bool stopping;
    bool is_full; /* the last turn found no room on the disk */

    struct instant told_calendars; /* when calendars were last looked at; 0: never */
    int64_t refusals_looked_ms;    /* when refusals were last looked at */
    struct refusals refusals;      /* of every way in; the store keeps them */
    uint64_t turned_away_told;     /* connections, when it was last said */
    int64_t turned_away_ms;
    struct {
        struct intake_probe *probe; /* a key nobody knows, under way; or NULL */
        int64_t looked_ms;          /* when it was last sent; 0: now is the time */
        unsigned silent;            /* how often the handler did not answer, in a row */
        bool is_blocked;            /* the last one came to nothing */
        bool failed;                /* who may connect cannot be checked: the process ends */
    } door;
};

/* An event taken in this turn, to be answered after its commit. */
struct waiting_answer {
    struct intake_message *message;
    enum wire_command command;
    char *json; /* NULL: refused with `code` */
    char code[8];
};

/* One turn.  What nobody sends again - a feed's messages, outcomes - stays here until a turn
 * that took it is on the disk. */
struct turn {
    struct daemon *daemon;
    struct waiting_answer answers[DAEMON_ANSWERS_MAX];
    size_t answer_count;
    size_t event_count; /* of these messages */
    size_t put_off;     /* messages answered with BUSY */
    struct put_off_key {
        char key[WIRE_KEY_TEXT + 1];
        unsigned count; /* of them, over its rate */
    } put_off_keys[DAEMON_PUT_OFF_KEYS_MAX];
    size_t put_off_key_count;
    struct feed_message *messages[DAEMON_FEED_MESSAGES_MAX];
    size_t message_count;
    size_t message_taken; /* in this turn; the rest is for the next */
    struct outcome outcomes[ENGINE_IN_FLIGHT_MAX];
    size_t outcome_count;
    bool begun;
    bool start_is_kept; /* the record says that we started */
    bool clock_was_set; /* or may have been before we started: it may have gone back */
};

/* --- daemon.c */

/** Begins the transaction of a turn unless it is open: 0, ENGINE_STORE_FULL or negative. */
int daemon_begin(struct turn *turn);

/** The name of whose key it is, for people. */
const char *daemon_name_of_key(const struct daemon *self, const char *key);

/* --- daemon_intake.c: what publishers bring */

/** Takes what waits, as far as a turn goes and each key's share of it: 0, FULL or negative. */
int daemon_take_intake(struct turn *turn);

/** Answers all that was taken, once it is kept; or says that it was not. */
void daemon_answer_publishers(struct turn *turn, bool kept);

/** Counts a refusal that nobody is answered; the context is the daemon. */
void daemon_count_refusal(void *context, const char *key, const char *code);

/** Tells the journal of a refused event, which it names by a digest of its id; `who` brought it. */
void daemon_log_refusal(const struct daemon *self, const char *key, const char *who,
                        const struct engine_reply *reply);

/* --- daemon_feeds.c: what feeds bring, and what they are asked for */

/** Takes what waits in the feeds' sockets: 0, FULL or negative. */
int daemon_take_feeds(struct turn *turn);

/** Writes into the record, after a start and a change, what is promised of each feed. */
int daemon_record_feeds(struct turn *turn);

/** Outside a turn: asks publishers for what is missing; 0 or negative. */
int daemon_ask_replays(struct turn *turn);

/** "down", "waiting" (no heartbeat yet), "catching up", "ready"; "best-effort" where it promises
 *  none. */
const char *daemon_feed_state(const struct daemon *self, size_t index);

/** Lets go of everything that waits in their sockets: the memory fuse. */
void daemon_reset_feeds(struct daemon *self);

/** The memory fuse where there is no intake to look after it. */
void daemon_watch_memory(struct daemon *self);

/* --- daemon_silence.c: who promised to be heard, and is not */

/** Feeds and keys that fall silent or are heard again, each told once: 0, FULL or negative. */
int daemon_watch_silence(struct turn *turn);

/** What was told is asked of the store anew. */
void daemon_forget_silence(struct daemon *self);

/** The clock may have been set back: nobody was heard later than now. */
void daemon_set_back_silence(struct daemon *self);

/* --- daemon_watch.c: what the operator is told about the ways in */

/** Silence, refusals of a kind, connections turned away: 0, FULL or negative. */
int daemon_watch(struct turn *turn);

/** What was told in this turn was not kept: it is to be told again. */
void daemon_watch_again(struct daemon *self);

/* --- daemon_door.c */

/** Sees now and then that a key nobody knows is refused; else the intake is closed and the
 *  process is to end. */
void daemon_watch_door(struct daemon *self);

/** The next turn looks. */
void daemon_look_at_door(struct daemon *self);

/* --- daemon_files.c */

/** Reads every file the settings name; tells every fault on standard error.  0 or 1. */
int daemon_read_files(struct daemon *self);

/** Reads all files anew; a bad one leaves everything as it is and says so. */
void daemon_reload(struct daemon *self);

/* --- daemon_open.c */

/** Opens everything behind the files; 0, or an exit code. */
int daemon_open_all(struct daemon *self);

/** Closes everything, whatever was opened. */
void daemon_close_all(struct daemon *self);

/** Feeds that are open and not yet heard; all of them, or none. */
struct fresh_feeds {
    struct feed *feeds[SETTINGS_FEEDS_MAX];
    struct replay *replays[SETTINGS_FEEDS_MAX];
    size_t count;
};

/** Opens all feeds of the settings beside those there are: 0; or 1 (told), and none is. */
int daemon_open_feeds(struct daemon *self, const struct settings *settings,
                      struct fresh_feeds *fresh);

/** Puts them in place of those before. */
void daemon_use_feeds(struct daemon *self, struct fresh_feeds *fresh);

/** Closes what was not taken. */
void daemon_close_feeds(struct fresh_feeds *fresh);

/* --- daemon_dispatch.c */

/**
 * Reads what the dispatcher needs, secrets too, from files that need not be in force: 0, or 1
 * (told).  Either way `*read` is wiped afterwards.
 */
int daemon_read_dispatch(const struct daemon *self, const struct settings *settings,
                         const struct policy *policy, struct dispatch_settings *read);
void daemon_wipe_dispatch(struct dispatch_settings *read);

/* --- daemon_answer.c */

/** Answers concernctl; a control_handler whose context is the daemon. */
const char *daemon_answer(void *context, const struct command *command,
                          struct control_answer *answer);

/** Opens the socket that answers `bounce` alone, for a mail system's user (daemon_bounce.c).
 *  Deadlines do not wait for it: where it cannot be made that is told, and it is not there. */
void daemon_open_bounces(struct daemon *self);

/* --- daemon_pages.c: what the daemon's own pages say */

/** Opens them where the settings say; 0 or 1. */
int daemon_open_pages(struct daemon *self);

void daemon_close_pages(struct daemon *self);

/** The page behind the link of a notification, and its form (daemon_acknowledge.c). */
http_handler daemon_show_link, daemon_take_link, daemon_tell_of_links;

#endif
