/* story.h - a story: dates, events, expectations; and the world it is played in.
 *
 * The world is real where it can be: policy from files, and a rehearsal (daemon/rehearsal) of
 * the daemon's engine and store.  Only the clock is put by hand, and whoever carries deliveries
 * takes every one.
 */
#ifndef CONCERN_TESTS_STORY_H
#define CONCERN_TESTS_STORY_H

#include "rehearsal/rehearsal.h"

enum {
    STORY_LINE_MAX = 512,
    STORY_WORDS_MAX = 64,
    STORY_AGENCIES_MAX = 8,
    STORY_TOLD_MAX = 4096,
    STORY_SENT_MAX = 4096,
    STORY_POLICIES_MAX = 8,
    STORY_LINES_MAX = 16 /* of a heading that may be repeated */
};

/** Stands in every free text and name that a story has, and in no mail. */
#define STORY_PRIVATE "Inventedname"

/** One line of a story, cut into words. */
struct story_line {
    unsigned number;
    struct instant at;
    char text[STORY_LINE_MAX];
    char *words[STORY_WORDS_MAX];
    size_t count;
};

/** What one person was told at one instant. */
struct told {
    struct instant at;
    char person[ADDRESS_MAX + 2 * ID_MAX + 2];
    char roles[RECIPIENT_ROLES_MAX][2 * ID_MAX + 2]; /* "line_manager@A"; the board is "board" */
    size_t role_count;
    char says[SAYS_MAX][ID_MAX + 1];
    size_t say_count;
    enum priority priority;
    bool expected; /* an expectation named it */
};

/** Deliveries to one address, or to "everybody", fail for a time. */
struct trouble {
    char recipient[ADDRESS_MAX + 1];
    struct instant from, until;
    bool refuses; /* for good; else they may be tried again */
};

/** What one delivery carried. */
struct sent {
    struct instant taken; /* when the other side accepted it */
    struct instant at;    /* of its notification */
    char recipient[ADDRESS_MAX + 1];
    char *text; /* headings and body, decoded, each run of blanks one blank */
};

/** How a story is played. */
enum story_mode {
    STORY_PLAIN,
    STORY_RESTARTED, /* the daemon stops and starts after every turn */
    STORY_DOUBLED,   /* every event arrives twice */
    STORY_POWER_CUT, /* every turn is lost before its commit; the files are found as they were */
    STORY_SHUFFLED,  /* events of one instant and different senders come in another order */
    STORY_MODE_COUNT
};

struct world {
    enum story_mode mode;
    char directory[64]; /* temporary; removed at the end */
    char procedure[ID_MAX + 1];
    struct settings_file *settings_file;
    struct policy *policies[STORY_POLICIES_MAX]; /* the last is in force; views borrow from all */
    size_t policy_count;
    struct policy_view view; /* of the procedure in force */
    struct rehearsal *rehearsal;
    struct instant quiet_since; /* of "expect silence" */
    unsigned event_number;
    char *waiting; /* an event that another one overtakes */
    char waiting_by[ID_MAX + 1];
    struct instant waiting_at;
    char refused[8]; /* the code of the last event; "" where it was taken */
    char last_reference[ID_MAX + 1];

    struct told told[STORY_TOLD_MAX];
    size_t told_count;

    struct sent sent[STORY_SENT_MAX];
    size_t sent_count;
    struct trouble troubles[STORY_LINES_MAX];
    size_t trouble_count;
    bool told_private; /* a delivery carried what none may */

    /* as decided, for expectations */
    struct disagreement latest;
    struct instant passed_at[PROCEDURE_DEADLINES_MAX];
    struct instant stopped_at[PROCEDURE_DEADLINES_MAX];
    struct instant stage_at;
};

/** Who holds what, as the story's first lines say; written into a directory file. */
struct cast {
    struct {
        char id[ID_MAX + 1];
        char kind[ID_MAX + 1];
        char system[ID_MAX + 1]; /* its case system's endpoint; "" where it has none */
        char without[16][ID_MAX + 1];
        size_t without_count;
    } agencies[STORY_AGENCIES_MAX];
    size_t agency_count;
    char board_without[16][ID_MAX + 1];
    size_t board_without_count;
    struct {
        char role[ID_MAX + 1], agency[ID_MAX + 1], person[ID_MAX + 1];
    } holders[16];
    size_t holder_count;
    struct {
        char role[ID_MAX + 1], agency[ID_MAX + 1], person[ID_MAX + 1];
    } deputies[STORY_LINES_MAX];
    size_t deputy_count;
    struct {
        char person[2 * ID_MAX + 2];
        char line[STORY_LINE_MAX]; /* of the person's entry in the directory */
    } traits[STORY_LINES_MAX];
    size_t trait_count;
    struct {
        char folder[16], name[ID_MAX + 1], from[ID_MAX + 1];
    } files[STORY_LINES_MAX];
    size_t file_count;
    char settings[STORY_LINES_MAX][STORY_LINE_MAX];
    size_t setting_count;
};

/** Opens the world for a procedure: 0, or 1 with the reason on standard error. */
int world_open(struct world *world, const struct cast *cast, const char *procedure,
               struct instant now);
void world_close(struct world *world);

/** Stops and starts the engine and the store. */
int world_restart(struct world *world);

/** The daemon is down until then. */
void world_sleep(struct world *world, struct instant until);

/** Whether a case system or an address was sent this text, in what was due to be told at `at`. */
bool world_was_sent(const struct world *world, const char *recipient, struct instant at,
                    const char *text);

/** Lets time go on to `at`: everything due until then comes about, at its instant. */
int world_advance(struct world *world, struct instant at);

/** Puts a file of tests/stories/FOLDER in the place of config/FOLDER/NAME.yaml: 0 or 1. */
int world_put_file(struct world *world, const char *folder, const char *name, const char *from);

/** Loads the policy anew at `at`, as a reload of the daemon does. */
int world_reload(struct world *world, struct instant at);

/** Begins a maintenance silence; 0 or negative. */
int world_silence(struct world *world, const char *what, struct instant at, struct instant until);

/** Moves a disagreement to the version in force; a refusal is kept in `refused` as "move". */
int world_move(struct world *world, const char *reference, struct instant at);

/** Gives one event (a JSON text) to the engine, as arrived at `received`. */
int world_give(struct world *world, const char *json, struct instant received);

/**
 * The same of a story that is shuffled: `by` sends it; it waits, and goes after the next one where
 * that is of the same instant and another sender.  world_flush gives what waits.
 */
int world_give_shuffled(struct world *world, const char *json, const char *by,
                        struct instant received);
int world_flush(struct world *world);

/** "line_manager@A": whether this was told in that role. */
bool told_in_role(const struct told *told, const char *role_at);
bool told_says(const struct told *told, const char *message);

/** From now on the other side gives that trouble: 0, or 1 where there are too many. */
int world_trouble(struct world *world, const struct trouble *trouble);

/** Keeps what a delivery carries; and notes it where it carries what none may. */
void sent_keep(struct world *world, const struct delivery *delivery, struct instant now);

/** Whether `recipient` accepted this text after `since` and not after `until`. */
bool world_accepted(const struct world *world, const char *recipient, struct instant since,
                    struct instant until, const char *text);

/** The mail that told this; NULL where none went out. */
const struct sent *sent_for(const struct world *world, const struct told *told);

/**
 * The id ("notification") or the token ("token") of what the holder of "line_manager@A" was sent
 * last; "" where there is none.
 */
const char *sent_answer(const struct world *world, const char *role_at, const char *member,
                        char answer[ID_MAX + 1]);

/** Whether a text stands in what was sent; letters large or small, blanks any number. */
bool sent_contains(const struct sent *sent, const char *text);
void sent_close(struct world *world);

/** Whether a line of this type in the record of the last reference contains a text. */
bool world_record_contains(struct world *world, const char *type, const char *text);

#endif
