/* command.h - what concernctl may ask of concernd, over the control socket.
 *
 * A UNIX stream socket carries lines of JSON, each one object closed by "\n":
 *
 *     {"command":"show","reference":"D-2026-0192"}            the request
 *     {"type":"disagreement", …}                              none or more answer lines
 *     {"end":true,"ok":true}                                  the last, always
 *     {"end":true,"ok":false,"error":"nobody raised D-1"}
 *
 * A connection may ask again after an end.  What the answer lines hold is the engine's
 * matter; here is how requests, lines and ends are read and written.
 */
#ifndef CONCERN_PROTOCOL_COMMAND_H
#define CONCERN_PROTOCOL_COMMAND_H

#include "core/base.h"
#include "protocol/return_path.h"

enum {
    COMMAND_LINE_MAX = 65536, /* bytes of a line, its "\n" included */
    COMMAND_STATE_MAX = 16,
    COMMAND_ACTION_MAX = 16,
    COMMAND_DIAGNOSTIC_MAX = 300,
    COMMAND_REASON_MAX = 200,
    COMMAND_WHY_SIZE = 200,
    COMMAND_DEPTH_MAX = 16,
    COMMAND_TOKENS_MAX = 4096
};

enum command_kind {
    COMMAND_STATUS,
    COMMAND_LIST,
    COMMAND_SHOW,
    COMMAND_EXPLAIN,
    COMMAND_HISTORY,
    COMMAND_OUTBOX,
    COMMAND_KEYS,
    COMMAND_RELOAD,
    COMMAND_MOVE,
    COMMAND_SOURCES,
    COMMAND_REDRIVE,
    COMMAND_TEST,
    COMMAND_BOUNCE,
    COMMAND_SILENCE,
    COMMAND_SILENCES,
    COMMAND_UNSILENCE,
    COMMAND_REPORT,
    COMMAND_KIND_COUNT
};

struct command {
    enum command_kind kind;
    char reference[ID_MAX + 1];        /* show, explain, history, move: required */
    char board[ID_MAX + 1];            /* the same: of two with one reference; list: only its own */
    char state[COMMAND_STATE_MAX + 1]; /* outbox: only deliveries in this state */
    char version[ID_MAX + 1];          /* move: the version in force must be called so */
    char id[ID_MAX + 1];               /* outbox: only this delivery, whatever its state;
                                          unsilence: which one, required */
    char role[ID_MAX + 1];             /* test: whose holder is sent one ... */
    char agency[ID_MAX + 1];           /* ... of this agency or board; both required */
    char scope[COMMAND_STATE_MAX + 1]; /* silence: endpoint, person, agency or route ... */
    char target[ID_MAX + 1];           /* ... which one, until when (UTC) ... */
    char until[ID_MAX + 1];
    char reason[COMMAND_REASON_MAX + 1];   /* ... and why: one line in words; all required */
    char from[ID_MAX + 1], to[ID_MAX + 1]; /* report: the period, instants in UTC; required */
    char after[ID_MAX + 1]; /* report: what "more" of the page before said; "": the first page */
    bool all;               /* list: closed ones too */
    bool yes;               /* move: do it; else only say what it would do */

    /* bounce: what became of an accepted delivery */
    struct return_path bounced;
    char action[COMMAND_ACTION_MAX + 1];         /* of RFC 3464, or "answered": required */
    char status[COMMAND_ACTION_MAX + 1];         /* of RFC 3463: "5.1.1"; or "" */
    char diagnostic[COMMAND_DIAGNOSTIC_MAX + 1]; /* printable ASCII: told_words() */
};

enum command_answer {
    COMMAND_OK,
    COMMAND_REFUSED, /* `why` says what is wrong (what would be right) */
    COMMAND_END,     /* of command_read_answer: the last line, `*end` is set */
    COMMAND_MORE,    /* of command_line: no whole line yet */
};

struct command_end {
    bool ok;
    char error[COMMAND_WHY_SIZE]; /* "" where ok */
};

/** "status", "list", … */
const char *command_name(enum command_kind kind);

/** Reads a request: COMMAND_OK, COMMAND_REFUSED or -ENOMEM.  An unknown command and an
 *  unknown member are refused, not ignored: this is a person waiting. */
int command_read(const char *bytes, size_t size, struct command *command,
                 char why[COMMAND_WHY_SIZE]);

/** Writes a request with its "\n"; `*line` is the caller's to free().  0 or -ENOMEM. */
int command_write(const struct command *command, char **line);

/** Writes the last line of an answer with its "\n"; `error` is NULL where all went well. */
int command_write_end(const char *error, char **line);

/** Reads one line of an answer: COMMAND_OK (an object for the caller), COMMAND_END (`*end`
 *  is set), COMMAND_REFUSED (no object, or over the limits) or -ENOMEM. */
int command_read_answer(const char *bytes, size_t size, struct command_end *end);

/**
 * Finds the first line among `used` bytes received: COMMAND_OK sets `*size`, its "\n"
 * included; COMMAND_MORE; COMMAND_REFUSED when COMMAND_LINE_MAX bytes hold no whole line,
 * after which the connection is to be closed.
 */
int command_line(const char *bytes, size_t used, size_t *size);

#endif
