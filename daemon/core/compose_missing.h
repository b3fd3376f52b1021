/* compose_missing.h - tells a board's team that events of a case system have not come.
 *
 * It is about no disagreement, for which ones it concerns is what nobody knows; so it has a
 * template of its own, "events_missing", with two parts {{#subject}} and {{#body}} and a closed
 * list of fields (config/templates/README.md).
 */
#ifndef CONCERN_CORE_COMPOSE_MISSING_H
#define CONCERN_CORE_COMPOSE_MISSING_H

#include "core/compose_examine.h"

#define TEMPLATE_EVENTS_MISSING "events_missing"

struct missing_events {
    const char *source;
    const char *board; /* its name */
    const char *role;  /* the reader's, as the procedure titles it */
    uint64_t count;
    struct instant since;           /* when the first of them was missed; INSTANT_NONE: gone */
    bool best_effort;               /* by a feed that does not meet the guarantee */
    bool stand_in;                  /* the reader is the operator, for nobody else can be told */
    const struct timekeeping *time; /* of the board */
    const struct templates *templates;
    const char *language; /* the reader's; NULL: LANGUAGE_DEFAULT */
};

/** Checks the template; TEMPLATE_OK, or TEMPLATE_FAULT with `*fault` set. */
int compose_missing_check(const struct template_text *text, struct template_fault *fault);

/** Renders it in every shape and looks it over, as compose_examine() does a notification. */
int compose_missing_examine(const struct templates *templates, const char *language,
                            const struct timekeeping *time, struct compose_fault *fault);

/** The names of the fields, by `index` from 0; NULL past the last. */
const char *compose_missing_field(size_t index);

/** Writes the subject (one line) and the body (wrapped); TEMPLATE_OK, or TEMPLATE_CUT. */
int compose_missing(const struct missing_events *missing, char subject[SUBJECT_SIZE], char *body,
                    size_t size);

/** The language it is in: the reader's where there is a template in it. */
const char *compose_missing_language(const struct missing_events *missing);

#endif
