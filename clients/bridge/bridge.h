/* bridge.h - hears a case system, keeps what it says, forwards it. */
#ifndef CONCERN_BRIDGE_BRIDGE_H
#define CONCERN_BRIDGE_BRIDGE_H

#include "bridge/bridge_settings.h"

enum bridge_answer {
    BRIDGE_DONE,       /* told to stop, and did */
    BRIDGE_CANNOT,     /* could not begin; told */
    BRIDGE_DISK_FAILED /* the disk failed while it ran; told */
};

/** Runs until SIGTERM or SIGINT. */
int bridge_run(const struct bridge_settings *settings);

#endif
