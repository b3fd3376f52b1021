/* rule.h - a procedure's conditions over facts and events. */
#ifndef CONCERN_CORE_RULE_H
#define CONCERN_CORE_RULE_H

#include "core/disagreement.h"
#include "core/event.h"
#include "core/procedure.h"

/** What conditions are read against. */
struct rule_view {
    const struct procedure *procedure;
    const struct timekeeping *time;
    const struct disagreement *disagreement;
    const struct event *event; /* being decided, or NULL: "event NAME" holds at that event alone */
    struct instant at;         /* what silence is measured to */
};

/**
 * Whether all of `conditions` hold for the disagreement as it now stands.
 *
 * A fact never told: risk is none, a yes-or-no is no, any other equals nothing.
 */
bool conditions_hold(const struct rule_view *view, const struct conditions *conditions);

/** Whether any of the tests is about silence, which the passing of time alone brings about. */
bool conditions_name_silence(const struct conditions *conditions);

/**
 * The earliest instant after `after` at which a silence that `conditions` name is long enough;
 * INSTANT_NONE where none runs.
 */
struct instant conditions_silence_instant(const struct rule_view *view,
                                          const struct conditions *conditions,
                                          struct instant after);

#endif
