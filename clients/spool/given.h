/* given.h - what an event does not say itself is given to it: source, time, id. */
#ifndef CONCERN_SPOOL_GIVEN_H
#define CONCERN_SPOOL_GIVEN_H

#include "core/base.h"

#include <jansson.h>

/** Which ids one file was given so far; `{ 0 }` is none. */
struct given {
    struct given_id *ids; /* a hash table, open addressing */
    size_t count, capacity;
};

/**
 * Gives `event`, a JSON object, what it lacks, as spool_read.h says; `identity` (NULL: the whole
 * event) is what its id is made of.  `*changed` says whether anything was given.  0 or -ENOMEM.
 */
int given_complete(struct given *given, json_t *event, const json_t *identity, const char *source,
                   struct instant time, bool *changed);

void given_close(struct given *given);

#endif
