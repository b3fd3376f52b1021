/* daemon_figures.c - how the daemon is, in numbers. */
#include "io/daemon_figures.h"

#include <stdio.h>
#include <string.h>

#include "io/descriptors.h"
#include "io/store_figures.h"

static bool add_lane(void *context, const struct lane_count *count)
{
    struct daemon_figures *figures = context;
    size_t i = 0;

    while (i < figures->lane_count && strcmp(figures->lanes[i].lane, count->lane) != 0)
        i++;
    if (i == FIGURE_LANES_MAX)
        return true;
    if (i == figures->lane_count) {
        snprintf(figures->lanes[i].lane, sizeof figures->lanes[i].lane, "%s", count->lane);
        figures->lane_count++;
    }
    figures->lanes[i].counts[count->state] += count->count;
    return true;
}

static void count_codes(const struct refusals *refusals, struct daemon_figures *figures)
{
    for (size_t row = 0; row < refusals->count; row++) {
        size_t i = 0;

        while (i < figures->code_count &&
               strcmp(figures->codes[i].code, refusals->rows[row].code) != 0)
            i++;
        if (i == FIGURE_CODES_MAX)
            continue;
        if (i == figures->code_count)
            memcpy(figures->codes[figures->code_count++].code, refusals->rows[row].code,
                   sizeof figures->codes[0].code);
        figures->codes[i].count += refusals->rows[row].count;
    }
}

/* Two procedures may count by one calendar, which is one figure. */
static void add_calendar(const struct timekeeping *time, struct instant now,
                         struct daemon_figures *figures)
{
    struct calendar_figure *figure = &figures->calendars[figures->calendar_count];

    for (size_t i = 0; i < figures->calendar_count; i++)
        if (strcmp(figures->calendars[i].id, time->calendar->id) == 0)
            return;
    if (figures->calendar_count == FIGURE_CALENDARS_MAX)
        return;
    snprintf(figure->id, sizeof figure->id, "%s", time->calendar->id);
    figure->days_left = time->calendar->known_until.day - zone_civil(time->zone, now).date.day;
    figures->calendar_count++;
}

static void read_calendars(const struct daemon *self, struct daemon_figures *figures)
{
    const struct procedure *procedure;

    for (size_t i = 0; (procedure = policy_procedure(self->policy, i)); i++) {
        struct policy_view view;

        if (policy_view(self->policy, procedure->id, &view) == POLICY_OK && view.time.calendar)
            add_calendar(&view.time, figures->now, figures);
    }
}

static void read_silence(const struct daemon *self, struct daemon_figures *figures)
{
    for (size_t i = 0; i < self->feed_count; i++)
        figures->silent_feeds += self->feed_silence[i] == SILENCE_TOLD;
    for (size_t i = 0; self->keyring && i < keyring_count(self->keyring); i++)
        figures->silent_keys += keyring_hearing(self->keyring, i)->told == SILENCE_TOLD;
}

static double seconds_of(struct instant at)
{
    return (double)at.us / (double)SECOND_US;
}

int daemon_read_figures(struct daemon *self, struct daemon_figures *figures)
{
    struct instant due = INSTANT_NONE;
    int answer;

    memset(figures, 0, sizeof *figures);
    figures->now = clock_now(self->clock);
    if (store_count(self->store, &figures->counts) != STORE_OK ||
        engine_next_wake(self->engine, &figures->wake) < 0 ||
        store_count_lanes(self->store, add_lane, figures) != STORE_OK)
        return -1;
    answer = store_next_wake(self->store, &due);
    if (answer != STORE_OK && answer != STORE_NONE)
        return -1;
    if (!instant_is_none(due) && due.us < figures->now.us)
        figures->overdue_s = seconds_of((struct instant){ figures->now.us - due.us });
    figures->engine = *engine_counts(self->engine);
    count_codes(&self->refusals, figures);
    read_calendars(self, figures);
    read_silence(self, figures);
    figures->since_s = seconds_of(self->since);
    figures->policy_loaded_s = seconds_of(self->policy_loaded);
    figures->policy_reload_failed = self->policy_fault[0] != '\0';
    figures->is_full = self->is_full;
    figures->is_short = store_is_short(self->store);
    figures->is_trial = store_is_trial(self->store);
    figures->turned_away = descriptors_turned_away();
    return 0;
}
