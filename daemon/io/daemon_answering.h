/* daemon_answering.h - what the files that answer concernctl share. */
#ifndef CONCERN_IO_DAEMON_ANSWERING_H
#define CONCERN_IO_DAEMON_ANSWERING_H

#include "io/daemon_private.h"

#include <jansson.h>

/** One command being answered.  What answers it returns NULL, or why it cannot. */
struct answering {
    struct daemon *daemon;
    const struct command *command;
    struct control_answer *answer;
    bool going; /* the peer still listens */
    size_t rows;
};

/** An instant in UTC, or null. */
json_t *answering_instant(struct instant at);

/** Sends a line; takes the object over.  Whether the peer still listens. */
bool answering_say(struct answering *self, json_t *object);

/** The board the command means: a reference is unique per board, so that without one it must
 *  be the only. */
const char *answering_find_board(struct answering *self, char board[ID_MAX + 1]);

/** The disagreement the command means, and the view of the version it keeps. */
const char *answering_load(struct answering *self, struct disagreement *disagreement,
                           struct policy_view *view);

/** "not started", "running", "passed", "stopped". */
const char *answering_state(enum running_state state);

/** Answers `move` (daemon_move.c). */
const char *answering_move(struct answering *self);

/** The feeds, as `status` shows them (daemon_sources.c). */
json_t *answering_feeds(const struct daemon *daemon);

/** The names of keys that promised to be heard and are not (daemon_sources.c). */
json_t *answering_silent_keys(const struct daemon *daemon);

/** Answers `sources` (daemon_sources.c). */
const char *answering_sources(struct answering *self);

/** Answers `report` (daemon_report.c). */
const char *answering_report(struct answering *self);

/** Answers `status` (daemon_status.c). */
const char *answering_status(struct answering *self);

/** Answers `explain` (daemon_explain.c). */
const char *answering_explain(struct answering *self);

/** Answers `redrive` (daemon_redrive.c). */
const char *answering_redrive(struct answering *self);

/** Answers `test` (daemon_test.c). */
const char *answering_test(struct answering *self);

/** Answers `bounce` (daemon_bounce.c). */
const char *answering_bounce(struct answering *self);
/** Answers `silence`, `silences` and `unsilence` (daemon_maintenance.c). */
const char *answering_add_silence(struct answering *self);
const char *answering_silences(struct answering *self);
const char *answering_end_silence(struct answering *self);

/** The silences in force, as `status` shows them. */
json_t *answering_silence_list(const struct daemon *daemon);

/** By which silence a queued row is held, until when and why; NULL: by none. */
json_t *answering_held_by(const struct answering *self, const struct outbox_row *row);

/** The same of all that is held of one disagreement: a list. */
json_t *answering_held(const struct answering *self, const char *board, const char *reference);

#endif
