/* compose_field.h - the closed list of the fields of templates, for compose*.c alone.
 *
 * None of them reads a name of a person (but one the directory marks shareable), an address, a
 * reason, a category or any other free text of an event; a test plants such and looks for them.
 * config/templates/README.md explains every field to whoever words a template.
 */
#ifndef CONCERN_CORE_COMPOSE_FIELD_H
#define CONCERN_CORE_COMPOSE_FIELD_H

#include "core/compose_private.h"

enum {
    V = TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION,
    FLAG = TEMPLATE_AS_SECTION,
    LIST = V | TEMPLATE_LIST,
    ITEMS = TEMPLATE_AS_SECTION | TEMPLATE_LIST,
    PART = TEMPLATE_AS_SECTION,
    WORDS = TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION | TEMPLATE_LINES,
};

/** Every field: X(name, how a frame may use it, how a message may). */
/* clang-format off */
#define FIELDS(X)                                          \
    X(reference, V, V) \
    X(case_reference, V, V) \
    X(board, V, V) \
    X(procedure, V, V) \
    X(procedure_version, V, V) \
    X(challenging, V, V) \
    X(challenged, V, V) \
    X(formal_challenge, FLAG, FLAG) \
    X(held, FLAG, FLAG) \
    X(held_until, V, V) \
    X(closed, FLAG, FLAG) \
    X(link, V, V) \
    X(role, V, V) \
    X(stands_for, V, V) \
    X(stand_in, V, V) \
    X(attention, V, V) \
    X(side, V, V) \
    X(agency, V, V) \
    X(also_roles, LIST, LIST) \
    X(operator, FLAG, FLAG) \
    X(nobody_named, FLAG, FLAG) \
    X(notification, V, V) \
    X(acknowledge, V, 0) \
    X(urgent, FLAG, FLAG) \
    X(immediate, FLAG, FLAG) \
    X(asked, FLAG, 0) \
    X(tag, V, 0) \
    X(told_at, V, V) \
    X(late, FLAG, FLAG) \
    X(sent_at, V, V) \
    X(other_way, FLAG, FLAG) \
    X(ended, FLAG, FLAG) \
    X(begins, FLAG, FLAG) \
    X(opposite, LIST, LIST) \
    X(told_next, LIST, LIST) \
    X(says, ITEMS, 0) \
    X(headline, WORDS, PART) \
    X(happened, WORDS, PART) \
    X(to_do, WORDS, PART) \
    X(stage, V, V) \
    X(stage_id, V, V) \
    X(stage_number, V, V) \
    X(stage_count, V, V) \
    X(senior, FLAG, FLAG) \
    X(last_stage, FLAG, FLAG) \
    X(handlers, V, V) \
    X(handles, FLAG, FLAG) \
    X(next_stage, V, V) \
    X(next_handlers, V, V) \
    X(deadline, V, V) \
    X(is_stage, FLAG, FLAG) \
    X(due, V, V) \
    X(overdue, FLAG, FLAG) \
    X(provisional, FLAG, FLAG) \
    X(answer_by, V, 0) \
    X(answer_by_brief, V, 0) \
    X(answer_overdue, FLAG, 0) \
    X(time_left, V, 0) \
    X(out_of_hours, FLAG, 0) \
    X(words, V, V) \
    X(again, FLAG, FLAG) \
    X(rule, V, V) \
    X(cause, V, V) \
    X(limit_passed, FLAG, FLAG) \
    X(stage_entered, FLAG, FLAG) \
    X(deadline_started, FLAG, FLAG) \
    X(due_moved, FLAG, FLAG) \
    X(reminder, FLAG, FLAG) \
    X(chase, FLAG, FLAG) \
    X(operator_notification, FLAG, FLAG)
/* clang-format on */

/** A field's value: adds it to the text, and answers whether there is any. */
#define FIELD_DECLARED(name, frame, message)                                                       \
    bool field_##name(const struct telling *self, struct text *text);
FIELDS(FIELD_DECLARED)

#endif
