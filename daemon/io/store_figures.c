/* store_figures.c - counts for metrics and pages. */
#include "io/store_figures.h"

#include <string.h>

#include "io/store_private.h"

static enum outbox_state state_of(const char *name)
{
    for (int state = 0; state < OUTBOX_STATE_COUNT; state++)
        if (strcmp(outbox_state_name((enum outbox_state)state), name) == 0)
            return (enum outbox_state)state;
    return OUTBOX_QUEUED;
}

int store_count_lanes(struct store *store, bool (*say)(void *, const struct lane_count *),
                      void *context)
{
    struct statement rows = statement_of(store, SQL_COUNT_LANES);
    bool row, on = true;
    int answer;

    while (on) {
        struct lane_count count;

        if ((answer = statement_fetch(&rows, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        count.lane = take_text(&rows);
        count.state = state_of(take_text(&rows));
        count.count = (uint64_t)take_number(&rows);
        on = say(context, &count);
    }
    return statement_end(&rows);
}

int store_count_stages(struct store *store, bool (*say)(void *, const struct stage_count *),
                       void *context)
{
    struct statement rows = statement_of(store, SQL_COUNT_STAGES);
    bool row, on = true;
    int answer;

    while (on) {
        struct stage_count count;

        if ((answer = statement_fetch(&rows, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        count.board = take_text(&rows);
        count.stage = take_text(&rows);
        count.count = (uint64_t)take_number(&rows);
        on = say(context, &count);
    }
    return statement_end(&rows);
}
