/* daemon.h - the daemon as a whole: opens everything, turns until told to stop. */
#ifndef CONCERN_IO_DAEMON_H
#define CONCERN_IO_DAEMON_H

#include "core/base.h"

struct daemon_options {
    const char *config; /* NULL: /etc/concernd/concernd.yaml, which need not be there */
    const char *state;  /* NULL: as the settings say */
    const char
        *clock; /* "START[xSPEED]": a trial store on a time-lapse clock; NULL: the real one */
    bool check; /* only read and check the files */
};

/**
 * Runs until SIGTERM or SIGINT.  The answer is the exit code: 0 stopped cleanly (or the files
 * are good), 1 the files or the store cannot be used, 69 who may connect could not be checked any
 * more, 74 the store failed while running.
 */
int daemon_run(const struct daemon_options *options);

#endif
