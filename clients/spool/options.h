/* options.h - what concern-spool is told: options, environment, file.
 *
 * Each setting comes from the first of: an option, the environment (CONCERN_ENDPOINT,
 * CONCERN_SERVER_KEY, CONCERN_KEY, CONCERN_EVENT_SOURCE), the file of --config.
 */
#ifndef CONCERN_SPOOL_OPTIONS_H
#define CONCERN_SPOOL_OPTIONS_H

#include "core/base.h"
#include "libconcern/keyfile.h"

enum spool_exit {
    SPOOL_DONE = 0,
    SPOOL_WRONG = 1, /* something was refused, or cannot be used */
    SPOOL_USAGE = 2
};

enum { OPTIONS_TEXT_SIZE = 4096 };

struct options {
    char folder[OPTIONS_TEXT_SIZE];
    char endpoint[OPTIONS_TEXT_SIZE];
    char server_key_given[OPTIONS_TEXT_SIZE]; /* a path, or Z85 */
    char key_given[OPTIONS_TEXT_SIZE];        /* a path */
    char mapping[OPTIONS_TEXT_SIZE];          /* "": none */
    char source[OPTIONS_TEXT_SIZE];           /* "": none */
    int64_t rescan_us, settle_us, wait_us;
    bool once;
    const char *config;
    const char *check; /* the mapping to check; then `files` of `file_count` */
    char *const *files;
    int file_count;

    /* Read from the files that are named above. */
    char server_key[WIRE_KEY_TEXT + 1];
    struct key_pair pair;
};

enum options_answer { OPTIONS_RUN, OPTIONS_EXIT };

/**
 * Reads the command line.  OPTIONS_RUN: `*options` is what to do, complete where `check` is
 * NULL; or OPTIONS_EXIT with the exit code in `*code`, all told.
 */
int options_read(int argc, char **argv, struct options *options, int *code);

/** Overwrites the secret. */
void options_close(struct options *options);

#endif
