/* compose_examine.h - reads a notification over before anybody is sent one like it. */
#ifndef CONCERN_CORE_COMPOSE_EXAMINE_H
#define CONCERN_CORE_COMPOSE_EXAMINE_H

#include "core/compose.h"

struct compose_fault {
    const struct template_text *template; /* the one to mend */
    unsigned line;                        /* in it */
    char why[240];                        /* what a reader would see */
};

/**
 * Renders a notification and looks it over: every message says what happened, the subject is not
 * empty, nothing is cut, and nothing of what template_proof() finds is in any part of it.
 * TEMPLATE_OK, or TEMPLATE_FAULT with the first fault set.
 */
int compose_examine(const struct composition *composition, struct compose_fault *fault);

/** Looks one filled text over that is not to be empty; `template` is the one it was made of. */
int compose_proof(const struct template_text *template, const char *filled,
                  const struct template_trace *trace, struct compose_fault *fault);

#endif
