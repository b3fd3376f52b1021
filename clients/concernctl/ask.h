/* ask.h - asks the daemon a question over its control socket. */
#ifndef CONCERN_CONCERNCTL_ASK_H
#define CONCERN_CONCERNCTL_ASK_H

#include "concernctl/subcommand.h"
#include "protocol/command.h"

#include <jansson.h>

enum ask_option { ASK_CONTROL = 1200, ASK_JSON };

#define ASK_OPTIONS                                                                                \
    { "control", required_argument, NULL, ASK_CONTROL },                                           \
    {                                                                                              \
        "json", no_argument, NULL, ASK_JSON                                                        \
    }

#define ASK_USAGE                                                                                  \
    "  --control PATH        the daemon's control socket (default $RUNTIME_DIRECTORY/control,\n"   \
    "                        or /run/concernd/control)\n"                                          \
    "  --json                print the daemon's answer, one JSON object per line\n"

struct ask {
    const char *command; /* argv[0], for what is said */
    const char *control; /* NULL: $CONCERN_CONTROL or the usual place */
    bool is_bounce;      /* without one the daemon's socket for bounces goes before it */
    bool json;
};

/** Takes an option of ASK_OPTIONS; EXIT_DONE, or EXIT_USAGE. */
int ask_option(struct ask *ask, int option, const char *value);

/** Is given each line of the answer, borrowed. */
typedef void ask_take(void *context, const json_t *row);

/**
 * Asks, and hands every line of the answer to `take`; with --json they are printed as they
 * are instead.  EXIT_DONE; EXIT_NO when the daemon cannot be reached or says no, told.
 */
int ask_daemon(const struct ask *ask, const struct command *command, ask_take *take, void *context);

/** Copies an argument into a field of the command: EXIT_DONE, or EXIT_USAGE, told, when it is
 *  longer than an id. */
int ask_id(const struct ask *ask, const char *argument, char id[ID_MAX + 1]);

/** The text at "a" or "a.b" of a row: numbers and truths in words, lists with commas, "" where
 *  there is nothing.  The text lives in `cell`. */
enum { ASK_CELL_SIZE = 256 };
const char *ask_cell(const json_t *row, const char *path, char cell[ASK_CELL_SIZE]);

#endif
