/* simulate_moment.h - a play instant by instant, with what only repeats folded together. */
#ifndef CONCERN_CONCERNCTL_SIMULATE_MOMENT_H
#define CONCERN_CONCERNCTL_SIMULATE_MOMENT_H

#include "concernctl/simulate.h"

/** One instant: the events that arrive and what comes about.  All zero: before the first. */
struct moment {
    struct instant at;
    size_t event, event_end;         /* in the simulation's events */
    size_t happening, happening_end; /* and happenings */
    size_t repeats;                  /* moments after it that only chase the same people anew */
    struct instant last_repeat;
    size_t next_happening; /* where the next moment begins */
};

/** The next moment; false where there is none. */
bool moment_next(const struct simulation *simulation, struct moment *moment);

/** Whether somebody is told nothing but that it is still not done. */
bool is_only_chase(const struct happening *happening);

#endif
