/* clock.h - now; wakes at an instant; sees when the wall clock is set.
 *
 * Only this module reads the clock for the engine; everything else is told `now`.
 * Three kinds behind one interface: the real one; a time-lapse one for demonstrations
 * and drills, which runs faster and never runs past an instant it was asked to wake at,
 * so that what happens then happens at that instant; and one that stands where it is put.
 */
#ifndef CONCERN_IO_CLOCK_H
#define CONCERN_IO_CLOCK_H

#include "core/base.h"

struct clock;

enum clock_tick {
    CLOCK_NOT_YET, /* woken for nothing */
    CLOCK_WOKE,    /* the instant asked for has come */
    CLOCK_WAS_SET, /* the wall clock was set, or the machine slept: ask everything again */
};

enum { CLOCK_SPEED_MAX = 1000000 };

/** The wall clock: a timerfd of CLOCK_REALTIME, cancelled when the clock is set. */
int clock_open_real(struct clock **clock);

/** From `start` on, `speed` (1 to CLOCK_SPEED_MAX) times as fast as the real one towards the
 *  instant it is asked to wake at; as fast as the real one while there is none. */
int clock_open_lapse(struct instant start, uint32_t speed, struct clock **clock);

/** Stands at `start` until clock_put(). */
int clock_open_still(struct instant start, struct clock **clock);

/** Puts a still clock; does nothing to the others. */
void clock_put(struct clock *clock, struct instant at);

struct instant clock_now(struct clock *clock);

/** Milliseconds of a clock that never jumps, for watches and patience. */
int64_t clock_monotonic_ms(void);

/** Asks to be woken at `at` (INSTANT_NONE: never); replaces what was asked before. */
int clock_wake_at(struct clock *clock, struct instant at);

/** The descriptor to poll for reading; it stays the same.  -1 of a still clock. */
int clock_descriptor(const struct clock *clock);

/** After the descriptor became readable: what that was.  Never waits. */
enum clock_tick clock_tick(struct clock *clock);

/** How far the wall clock was set since the last call, in µs (positive: forward), 0: not. */
int64_t clock_step(struct clock *clock);

/** How many times as fast as the real one it goes; 1 of a real one. */
uint32_t clock_speed(const struct clock *clock);

/** NULL is fine; sets NULL. */
void clock_close(struct clock **clock);

/** Reads "START[xSPEED]", as --clock takes it: RFC 3339, or civil time in the
 *  zone given (NULL: none).  Answers false where it cannot be read. */
struct zone;
bool clock_setting_read(const char *text, const struct zone *zone, struct instant *start,
                        uint32_t *speed);

#endif
