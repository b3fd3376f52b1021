/* service.c - systemd's side of the daemon. */
#include "io/service.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "io/journal.h"

struct service {
    int descriptor;
    int64_t watchdog_ms;
    int64_t fed_ms;
};

int service_open(struct service **service)
{
    struct service *fresh = calloc(1, sizeof *fresh);
    uint64_t watchdog_us = 0;
    sigset_t signals;

    if (!fresh)
        return journal_fail(-ENOMEM, "cannot allocate the service");
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of the write */
    fresh->descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fresh->descriptor < 0) {
        int error = -errno;

        free(fresh);
        return journal_fail(error, "cannot take signals: %s", strerror(-error));
    }
    if (sd_watchdog_enabled(0, &watchdog_us) > 0)
        fresh->watchdog_ms = (int64_t)(watchdog_us / 1000);
    *service = fresh;
    return 0;
}

int service_descriptor(const struct service *service)
{
    return service->descriptor;
}

enum service_signal service_take_signal(struct service *service)
{
    struct signalfd_siginfo info;

    if (read(service->descriptor, &info, sizeof info) != (ssize_t)sizeof info)
        return SERVICE_NOTHING;
    return info.ssi_signo == SIGHUP ? SERVICE_RELOAD : SERVICE_STOP;
}

void service_ready(struct service *service, const char *status)
{
    (void)service;
    sd_notifyf(0, "READY=1\nSTATUS=%s", status ? status : "");
}

void service_reloading(struct service *service)
{
    struct timespec now;

    (void)service;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               (long long)now.tv_sec * SECOND_US + now.tv_nsec / 1000);
}

void service_stopping(struct service *service, const char *status)
{
    (void)service;
    sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status ? status : "");
}

void service_status(struct service *service, const char *status)
{
    (void)service;
    sd_notifyf(0, "STATUS=%s", status);
}

void service_watchdog(struct service *service, int64_t monotonic_ms)
{
    if (!service->watchdog_ms || monotonic_ms - service->fed_ms < service->watchdog_ms / 4)
        return;
    service->fed_ms = monotonic_ms;
    sd_notify(0, "WATCHDOG=1");
}

int64_t service_watchdog_ms(const struct service *service)
{
    return service->watchdog_ms;
}

void service_close(struct service **service)
{
    if (!*service)
        return;
    close((*service)->descriptor);
    free(*service);
    *service = NULL;
}
