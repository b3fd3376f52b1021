/* refusals.c - how often each key was refused with which code, in a table that cannot grow. */
#include "io/refusals.h"

#include <stdio.h>
#include <string.h>

static struct refusal *find(const struct refusals *refusals, const char *key, const char *code)
{
    for (size_t i = 0; i < refusals->count; i++) {
        const struct refusal *row = &refusals->rows[i];

        if (strcmp(row->key, key) == 0 && strcmp(row->code, code) == 0)
            return (struct refusal *)row;
    }
    return NULL;
}

/* The last free row is for everybody who comes too late for one of his own. */
static struct refusal *find_or_add(struct refusals *refusals, const char *key, const char *code)
{
    struct refusal *row = find(refusals, key, code);
    bool last = refusals->count + 1 == REFUSALS_MAX;

    if (row)
        return row;
    if (refusals->count == REFUSALS_MAX)
        return &refusals->rows[REFUSALS_MAX - 1];
    row = &refusals->rows[refusals->count++];
    *row = (struct refusal){ .count = 0 };
    snprintf(row->key, sizeof row->key, "%s", last ? "" : key);
    snprintf(row->code, sizeof row->code, "%s", last ? "" : code);
    return row;
}

uint64_t refusals_count(struct refusals *refusals, const char *key, const char *code,
                        struct instant now)
{
    struct refusal *row = find_or_add(refusals, key, code);

    row->last = now;
    return ++row->count;
}

uint64_t refusals_of(const struct refusals *refusals, const char *key, const char *code)
{
    const struct refusal *row = find(refusals, key, code);

    return row ? row->count : 0;
}

void refusals_restore(struct refusals *refusals, const struct refusal *row)
{
    if (refusals->count + 1 < REFUSALS_MAX && !find(refusals, row->key, row->code))
        refusals->rows[refusals->count++] = *row;
}
