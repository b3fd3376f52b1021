/* due.h - what `concernctl due` is asked, and how it prints its answers. */
#ifndef CONCERN_CONCERNCTL_DUE_H
#define CONCERN_CONCERNCTL_DUE_H

#include "core/limit.h"

/** What is asked: the limit, and everything that decides about its end. */
struct due_question {
    struct limit limit;
    struct counting counting;
    struct timekeeping time;
    struct instant set_by_case; /* INSTANT_NONE where nothing was given */
};

/** Prints the answer for one start as one line of JSON; 0, or -1 for lack of memory. */
int due_print_json(const struct due_question *question, struct instant from);

/** Prints the answer for one start in words, with the reason day by day. */
void due_print_words(const struct due_question *question, struct instant from);

#endif
