/* daemon_private.h - what the files of the daemon share. */
#ifndef CONCERN_IO_DAEMON_PRIVATE_H
#define CONCERN_IO_DAEMON_PRIVATE_H

#include "io/clock.h"
#include "io/control.h"
#include "io/daemon.h"
#include "io/dispatcher.h"
#include "io/engine.h"
#include "io/feed.h"
#include "io/intake.h"
#include "io/keyring.h"
#include "io/secret.h"
#include "io/service.h"
#include "io/store.h"
#include "io/zap.h"
#include "policy/policy.h"

enum { DAEMON_FAULT_SIZE = 1024 };

struct daemon {
    struct daemon_options options;
    struct settings_file *settings_file;
    const struct settings *settings;
    struct policy *policy;
    struct keyring *keyring; /* NULL: no keyring file; nobody may publish */
    struct secret server_key;

    struct service *service;
    struct clock *clock;
    struct store *store;
    struct engine *engine;
    struct dispatcher *dispatcher;
    struct control *control;

    void *zmq; /* libzmq's context */
    struct zap *zap;
    struct intake *intake; /* NULL: listen: none */
    struct feed *feeds[SETTINGS_FEEDS_MAX];
    bool feed_was_silent[SETTINGS_FEEDS_MAX];
    size_t feed_count;

    struct instant since;
    struct instant policy_loaded;
    char policy_fault[DAEMON_FAULT_SIZE]; /* why the last reload changed nothing; "" if it did */
    bool stopping;
    int64_t told_refusals_ms; /* when refusals were last looked at */
};

/* --- daemon_open.c */

/** Reads every file the settings name; tells every fault on standard error.  0 or 1. */
int daemon_read_files(struct daemon *self);

/** Opens everything behind the files; 0, or an exit code. */
int daemon_open_all(struct daemon *self);

/** Closes everything, whatever was opened. */
void daemon_close_all(struct daemon *self);

/** Reads all files anew; a bad one leaves everything as it is and says so. */
void daemon_reload(struct daemon *self);

/* --- daemon_answer.c */

/** Answers concernctl; a control_handler whose context is the daemon. */
const char *daemon_answer(void *context, const struct command *command,
                          struct control_answer *answer);

#endif
