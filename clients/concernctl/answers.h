/* answers.h - tells a person, or a program, what became of the events that were sent. */
#ifndef CONCERN_CONCERNCTL_ANSWERS_H
#define CONCERN_CONCERNCTL_ANSWERS_H

#include "libconcern/publisher.h"

/** What was told so far; begins as { .json = …, .trouble = NULL }. */
struct answers {
    bool json;   /* one JSON object per event, nothing else on standard output */
    bool bar;    /* a progress bar on standard error */
    int percent; /* for the bar; -1: not known */
    const struct publisher *publisher; /* for why there is no answer */
    const char *endpoint;
    unsigned long acknowledged, refused, unanswered;
};

/** A publisher_tell; `context` is the struct answers. */
void answers_tell(void *context, const struct publisher_told *told);

/** Tells something that was never sent: `where` is FILE:LINE. */
void answers_fault(struct answers *answers, const char *where, const char *fault);

/** The sum, on standard error, where there was more than one.  EXIT_DONE or EXIT_NO. */
int answers_end(struct answers *answers);

#endif
