/* service.h - systemd's side of the daemon: ready, reloading, stopping, watchdog, signals.
 *
 * Without systemd (no $NOTIFY_SOCKET) the telling does nothing and the rest works the same.
 */
#ifndef CONCERN_IO_SERVICE_H
#define CONCERN_IO_SERVICE_H

#include "core/base.h"

struct service;

enum service_signal {
    SERVICE_NOTHING,
    SERVICE_STOP,   /* SIGTERM, SIGINT */
    SERVICE_RELOAD, /* SIGHUP */
};

/** Blocks the signals and takes them by a descriptor from now on; before any thread starts. */
int service_open(struct service **service);

/** The descriptor to poll for signals. */
int service_descriptor(const struct service *service);

/** The next signal that waits, or SERVICE_NOTHING. */
enum service_signal service_take_signal(struct service *service);

/** Tells systemd; `status` is one line for people and may be NULL. */
void service_ready(struct service *service, const char *status);
void service_reloading(struct service *service);
void service_stopping(struct service *service, const char *status);
void service_status(struct service *service, const char *status);

/** Feeds the watchdog, at most as often as half of its period asks; `monotonic_ms` as clock.h. */
void service_watchdog(struct service *service, int64_t monotonic_ms);

/** The watchdog's period in ms; 0: there is none. */
int64_t service_watchdog_ms(const struct service *service);

void service_close(struct service **service);

#endif
