/* forward.h - a notification that waits, once the directory is another: whom it is for now. */
#ifndef CONCERN_CORE_FORWARD_H
#define CONCERN_CORE_FORWARD_H

#include "core/recipient.h"

/** Whether `person` (NULL: nobody) is who would be told in one of the roles that `told` was for, or
 *  holds one of them, or is its deputy. */
bool forward_answers(const struct recipient_search *search, const struct notification *told,
                     const struct person *person);

/**
 * The same to whoever is to be told now: one notification for each of them, with those of its roles
 * in which he is told; the operator where that is nobody.  They are added to `plan`, and borrow
 * what `told` borrows.  Returns 0 or -ENOMEM.
 */
int forward_plan(const struct recipient_search *search, const struct notification *told,
                 struct plan *plan);

#endif
