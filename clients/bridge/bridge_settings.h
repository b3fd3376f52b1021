/* bridge_settings.h - what concern-bridge is told: options, and a file of the same names. */
#ifndef CONCERN_BRIDGE_BRIDGE_SETTINGS_H
#define CONCERN_BRIDGE_BRIDGE_SETTINGS_H

#include "core/base.h"

enum { SETTINGS_TEXT_SIZE = 1024, SETTINGS_TOPIC_MAX = 200 };

struct bridge_settings {
    char subscribe[SETTINGS_TEXT_SIZE]; /* where the case system publishes */
    char topic[SETTINGS_TEXT_SIZE];     /* "": everything it says */
    char endpoint[SETTINGS_TEXT_SIZE];  /* the daemon's */
    char server_key[SETTINGS_TEXT_SIZE];
    char key[SETTINGS_TEXT_SIZE];
    char state[SETTINGS_TEXT_SIZE]; /* our directory */
};

enum bridge_settings_answer {
    SETTINGS_OK,
    SETTINGS_SHOWN, /* --help or --version: done */
    SETTINGS_WRONG, /* a file or value is wrong; told */
    SETTINGS_USAGE  /* the command line is wrong; told */
};

/** Reads the command line, then the file for what it leaves open. */
int bridge_settings_read(int argc, char **argv, struct bridge_settings *settings);

/**
 * Whether a case system may be subscribed to there without encryption: a socket file, or an
 * address of the loopback written as a number (a name may resolve to anything).
 */
bool bridge_is_local(const char *endpoint);

#endif
