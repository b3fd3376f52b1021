/* rule.h - a procedure's conditions over facts and events. */
#ifndef CONCERN_CORE_RULE_H
#define CONCERN_CORE_RULE_H

#include "core/disagreement.h"
#include "core/event.h"
#include "core/procedure.h"

/**
 * Whether all of `conditions` hold for the disagreement as it now stands.
 *
 * `event` is the event being decided, or NULL: "event NAME" holds at that event alone.
 * A fact never told: risk is none, a yes-or-no is no, any other equals nothing.
 */
bool conditions_hold(const struct procedure *procedure, const struct disagreement *disagreement,
                     const struct event *event, const struct conditions *conditions);

/** Whether any of the tests is about an event: such a condition comes to hold anew each time. */
bool conditions_name_event(const struct conditions *conditions);

/** The bit of an event's type in disagreement.seen; 0 for a type nobody here knows. */
uint64_t event_seen_bit(const struct procedure *procedure, const char *short_type);

#endif
