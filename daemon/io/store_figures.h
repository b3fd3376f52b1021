/* store_figures.h - counts for metrics and pages, beside store_count(). */
#ifndef CONCERN_IO_STORE_FIGURES_H
#define CONCERN_IO_STORE_FIGURES_H

#include "io/store.h"

/** Rows of one lane of the outbox in one state. */
struct lane_count {
    const char *lane; /* an endpoint's id, or a kind of route */
    enum outbox_state state;
    uint64_t count;
};

/** Every lane with rows that wait, were refused or given up; what was accepted is not counted. */
int store_count_lanes(struct store *store, bool (*say)(void *, const struct lane_count *),
                      void *context);

/** Open disagreements of one board that stand in one stage. */
struct stage_count {
    const char *board, *stage; /* stage "" before the first */
    uint64_t count;
};

int store_count_stages(struct store *store, bool (*say)(void *, const struct stage_count *),
                       void *context);

#endif
