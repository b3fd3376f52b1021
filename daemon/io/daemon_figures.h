/* daemon_figures.h - how the daemon is, in numbers: for `status`, metrics and pages alike. */
#ifndef CONCERN_IO_DAEMON_FIGURES_H
#define CONCERN_IO_DAEMON_FIGURES_H

#include <jansson.h>

#include "io/daemon_private.h"

enum { FIGURE_LANES_MAX = 256, FIGURE_CODES_MAX = 64, FIGURE_CALENDARS_MAX = 32 };

/** Deliveries of one lane (store_figures.h); lanes without any but accepted ones are left out. */
struct lane_figure {
    char lane[ADDRESS_MAX + 1];
    uint64_t counts[OUTBOX_STATE_COUNT];
};

struct code_figure {
    char code[REFUSAL_CODE_SIZE];
    uint64_t count;
};

struct calendar_figure {
    char id[2 * ID_MAX];
    int64_t days_left; /* until the last day it knows; negative past it */
};

struct daemon_figures {
    struct store_counts counts;
    struct engine_counts engine; /* since the start */
    struct lane_figure lanes[FIGURE_LANES_MAX];
    size_t lane_count;
    struct code_figure codes[FIGURE_CODES_MAX]; /* refused events, of all keys */
    size_t code_count;
    struct calendar_figure calendars[FIGURE_CALENDARS_MAX]; /* of procedures in force */
    size_t calendar_count;
    struct instant now, wake; /* of the clock it runs on */
    double overdue_s;         /* how long the first deadline that is due has waited; 0 */
    double since_s, policy_loaded_s;
    uint64_t policy_reload_failed, is_full, is_short, is_trial; /* 0 or 1 */
    uint64_t silent_keys, silent_feeds;
    uint64_t turned_away; /* connections */
};

/** Reads them; 0, or negative where the store cannot be read. */
int daemon_read_figures(struct daemon *self, struct daemon_figures *figures);

/** "running", or what is wrong with the store. */
const char *daemon_state_text(const struct daemon *self);

/** What `status` says; for pages without keys' names and texts of faults, which may hold
 *  what stands in files.  NULL without memory. */
json_t *daemon_status_json(struct daemon *self, const struct daemon_figures *figures,
                           bool is_for_page);

/** /metrics: the text format 0.0.4 of Prometheus. */
void daemon_say_metrics(const struct daemon *self, const struct daemon_figures *figures,
                        struct http_response *response);

/** "/": the page for people; 0, or negative where the store cannot be read. */
int daemon_say_front(struct daemon *self, const struct daemon_figures *figures,
                     struct http_response *response);

#endif
