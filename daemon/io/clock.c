/* clock.c - now; wakes at an instant; sees when the wall clock is set. */
#include "io/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "core/zone.h"
#include "io/journal.h"

enum clock_kind { CLOCK_KIND_REAL, CLOCK_KIND_LAPSE, CLOCK_KIND_STILL };

struct clock {
    enum clock_kind kind;
    int descriptor;
    struct instant wake; /* INSTANT_NONE: never */
    int64_t ahead_us;    /* of a real clock: CLOCK_REALTIME minus CLOCK_BOOTTIME when last asked */

    /* of a lapse clock: at `base_real` of the monotonic clock it showed `base` */
    struct instant base;
    int64_t base_real_us;
    uint32_t speed;
};

static int64_t read_us(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

static int64_t ahead_of_boot(void)
{
    return read_us(CLOCK_REALTIME) - read_us(CLOCK_BOOTTIME);
}

static int open_with(enum clock_kind kind, clockid_t id, struct clock **clock)
{
    struct clock *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return journal_fail(-ENOMEM, "cannot allocate the clock");
    fresh->kind = kind;
    fresh->wake = INSTANT_NONE;
    fresh->descriptor = -1;
    if (kind != CLOCK_KIND_STILL) {
        fresh->descriptor = timerfd_create(id, TFD_CLOEXEC | TFD_NONBLOCK);
        if (fresh->descriptor < 0) {
            int error = -errno;

            free(fresh);
            return journal_fail(error, "cannot make a timer: %s", strerror(-error));
        }
    }
    *clock = fresh;
    return 0;
}

int clock_open_real(struct clock **clock)
{
    int error = open_with(CLOCK_KIND_REAL, CLOCK_REALTIME, clock);

    if (error == 0) {
        (*clock)->ahead_us = ahead_of_boot();
        error = clock_wake_at(*clock, INSTANT_NONE);
    }
    return error;
}

int clock_open_lapse(struct instant start, uint32_t speed, struct clock **clock)
{
    int error = open_with(CLOCK_KIND_LAPSE, CLOCK_MONOTONIC, clock);

    if (error < 0)
        return error;
    (*clock)->base = start;
    (*clock)->base_real_us = read_us(CLOCK_MONOTONIC);
    (*clock)->speed = speed;
    return 0;
}

uint32_t clock_speed(const struct clock *clock)
{
    return clock->speed > 0 ? clock->speed : 1;
}

int clock_open_still(struct instant start, struct clock **clock)
{
    int error = open_with(CLOCK_KIND_STILL, CLOCK_MONOTONIC, clock);

    if (error == 0)
        (*clock)->base = start;
    return error;
}

void clock_put(struct clock *clock, struct instant at)
{
    if (clock->kind == CLOCK_KIND_STILL)
        clock->base = at;
}

static struct instant lapse_now(const struct clock *clock)
{
    /* With nothing to wait for it goes as life does: there is nothing to lapse to. */
    int64_t speed = instant_is_none(clock->wake) ? 1 : clock->speed;
    int64_t passed = read_us(CLOCK_MONOTONIC) - clock->base_real_us;
    struct instant now = { clock->base.us + passed * speed };

    /* It waits at the instant it was asked to wake at until it is asked for another. */
    if (!instant_is_none(clock->wake) && now.us > clock->wake.us)
        now.us = clock->wake.us > clock->base.us ? clock->wake.us : clock->base.us;
    return now;
}

struct instant clock_now(struct clock *clock)
{
    switch (clock->kind) {
    case CLOCK_KIND_LAPSE:
        return lapse_now(clock);
    case CLOCK_KIND_STILL:
        return clock->base;
    case CLOCK_KIND_REAL:
    default:
        return (struct instant){ read_us(CLOCK_REALTIME) };
    }
}

int64_t clock_monotonic_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

static struct timespec timespec_of(int64_t us)
{
    return (struct timespec){ .tv_sec = (time_t)(us / SECOND_US),
                              .tv_nsec = (long)(us % SECOND_US) * 1000 };
}

static int arm(struct clock *clock, int flags, int64_t us)
{
    /* All zeros would disarm the timer: the earliest instant is one microsecond in. */
    struct itimerspec when = { .it_value = timespec_of(us > 0 ? us : 1) };

    if (timerfd_settime(clock->descriptor, flags, &when, NULL) < 0 && errno != ECANCELED)
        return journal_fail(-errno, "cannot set the timer: %s", strerror(errno));
    return 0;
}

int clock_wake_at(struct clock *clock, struct instant at)
{
    if (clock->kind == CLOCK_KIND_LAPSE) {
        clock->base = lapse_now(clock);
        clock->base_real_us = read_us(CLOCK_MONOTONIC);
    }
    clock->wake = at;
    if (clock->kind == CLOCK_KIND_STILL)
        return 0;
    if (clock->kind == CLOCK_KIND_REAL)
        /* Armed even without a wake (at the end of time), so that a clock that is set is seen. */
        return arm(clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                   instant_is_none(at) ? INT64_MAX / 4 : at.us);
    if (instant_is_none(at)) {
        struct itimerspec never = { 0 };

        return timerfd_settime(clock->descriptor, 0, &never, NULL) < 0 ? -errno : 0;
    }
    return arm(clock, 0, (at.us - clock->base.us) / clock->speed + 1);
}

int clock_descriptor(const struct clock *clock)
{
    return clock->descriptor;
}

enum clock_tick clock_tick(struct clock *clock)
{
    uint64_t times;

    if (clock->descriptor < 0)
        return CLOCK_NOT_YET;
    if (read(clock->descriptor, &times, sizeof times) == (ssize_t)sizeof times)
        return CLOCK_WOKE;
    return errno == ECANCELED ? CLOCK_WAS_SET : CLOCK_NOT_YET;
}

int64_t clock_step(struct clock *clock)
{
    int64_t ahead, step;

    if (clock->kind != CLOCK_KIND_REAL)
        return 0;
    ahead = ahead_of_boot();
    step = ahead - clock->ahead_us;
    clock->ahead_us = ahead;
    return step;
}

void clock_close(struct clock **clock)
{
    if (!*clock)
        return;
    if ((*clock)->descriptor >= 0)
        close((*clock)->descriptor);
    free(*clock);
    *clock = NULL;
}

static bool read_speed(const char *text, uint32_t *speed)
{
    uint32_t value = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || value > CLOCK_SPEED_MAX)
            return false;
        value = value * 10 + (uint32_t)(*text - '0');
    }
    *speed = value;
    return value >= 1 && value <= CLOCK_SPEED_MAX;
}

bool clock_setting_read(const char *text, const struct zone *zone, struct instant *start,
                        uint32_t *speed)
{
    char copy[64];
    char *factor;

    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return false;
    *speed = 1;
    factor = strchr(copy, 'x');
    if (factor) {
        *factor = '\0';
        if (!read_speed(factor + 1, speed))
            return false;
    }
    return instant_read(copy, zone, start) == INSTANT_OK;
}
