/* reach.h - how concernctl reaches the daemon's event socket, and who it is there.
 *
 * Each setting comes from the first of: an option, the environment (CONCERN_ENDPOINT,
 * CONCERN_SERVER_KEY, CONCERN_KEY, CONCERN_EVENT_SOURCE, CONCERN_AGENCY, CONCERN_BOARD,
 * CONCERN_PROCEDURE), a file: --config, $CONCERN_CONFIG, ~/.config/concernctl.yaml or
 * concernctl.yaml beside the daemon's settings.
 */
#ifndef CONCERN_CONCERNCTL_REACH_H
#define CONCERN_CONCERNCTL_REACH_H

#include "concernctl/subcommand.h"
#include "libconcern/publisher.h"

/** Values of `struct option` below this one are the commands' own. */
enum reach_option {
    REACH_ENDPOINT = 1000,
    REACH_SERVER_KEY,
    REACH_KEY,
    REACH_CONFIG,
    REACH_SOURCE,
    REACH_WAIT,
    REACH_RESEND,
};

#define REACH_OPTIONS                                                                              \
    { "endpoint", required_argument, NULL, REACH_ENDPOINT },                                       \
        { "server-key", required_argument, NULL, REACH_SERVER_KEY },                               \
        { "key", required_argument, NULL, REACH_KEY },                                             \
        { "config", required_argument, NULL, REACH_CONFIG },                                       \
        { "wait", required_argument, NULL, REACH_WAIT },                                           \
    {                                                                                              \
        "resend", required_argument, NULL, REACH_RESEND                                            \
    }

#define REACH_USAGE                                                                                \
    "  --endpoint ENDPOINT   where the daemon takes events: tcp://host:5570\n"                     \
    "  --server-key FILE     the daemon's public key, a file or the 40 letters\n"                  \
    "  --key FILE            our own key, the file with the secret\n"                              \
    "  --config FILE         where these are set instead: ~/.config/concernctl.yaml\n"             \
    "  --wait SECONDS        how long an event may stay unanswered (default 60; 0: for ever)\n"

enum { REACH_FIELDS = 7, REACH_TEXT_SIZE = 1024 };

/** `struct reach reach = { 0 };` is one with nothing set. */
struct reach {
    const char *config; /* option --config */
    char endpoint[REACH_TEXT_SIZE];
    char server_key[REACH_TEXT_SIZE]; /* a path, or Z85 */
    char key[REACH_TEXT_SIZE];        /* a path */
    char source[REACH_TEXT_SIZE];     /* of events that are made here */
    char agency[REACH_TEXT_SIZE];
    char board[REACH_TEXT_SIZE];
    char procedure[REACH_TEXT_SIZE];
    bool wait_set;
    unsigned wait_ms;
    unsigned resend_ms[PUBLISHER_RESEND_MAX];
    size_t resend_count; /* 0: the contract's waits */
};

/**
 * Takes an option that is one of REACH_OPTIONS.
 * EXIT_DONE, or EXIT_USAGE after saying what is wrong with it.
 */
int reach_option(struct reach *reach, const char *command, int option, const char *value);

/** Fills what no option gave from the environment and the file.  EXIT_DONE; EXIT_NO, told. */
int reach_complete(struct reach *reach);

/** Opens a publisher with what was completed.  EXIT_DONE; EXIT_NO or EXIT_USAGE, told. */
int reach_open(const struct reach *reach, const char *command, struct publisher **publisher);

#endif
