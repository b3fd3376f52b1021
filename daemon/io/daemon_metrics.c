/* daemon_metrics.c - the figures as Prometheus reads them (text format 0.0.4). */
#include <string.h>

#include "io/daemon_figures.h"

#define AT(field) offsetof(struct daemon_figures, field)

/* One figure without labels: every row is a metric. */
static const struct metric {
    const char *name; /* behind "concernd_" */
    const char *type, *help;
    size_t offset;
    bool is_seconds; /* a double; else a uint64_t */
} metrics[] = {
    { "start_time_seconds", "gauge", "When the daemon began, in seconds since 1970.", AT(since_s),
      true },
    { "disagreements_open", "gauge", "Disagreements that are open.", AT(counts.disagreements_open),
      false },
    { "deadlines_waiting", "gauge", "Deadlines and reminders that wait for their instant.",
      AT(counts.deadlines_open), false },
    { "deadlines_overdue_seconds", "gauge",
      "How long the first deadline that is due has not been acted on; 0: none is.", AT(overdue_s),
      true },
    { "events_kept_total", "counter", "Events that were taken and kept, ever.", AT(counts.events),
      false },
    { "gaps_open", "gauge", "Gaps in the numbering of case systems' events.", AT(counts.gaps_open),
      false },
    { "undelivered_notifications", "gauge",
      "Notifications that nobody has accepted by any route, and people were told so.",
      AT(counts.undelivered), false },
    { "unheard_notifications", "gauge",
      "Of them, messages to the operator or a board's team about no disagreement.",
      AT(counts.unheard), false },
    { "undelivered_to_systems", "gauge",
      "Of them, what a case system did not take; people were told by routes of their own.",
      AT(counts.to_systems), false },
    { "notifications_undelivered_total", "counter",
      "Notifications that became undelivered since the start.", AT(engine.undelivered), false },
    { "notifications_late_total", "counter",
      "Notifications put on their way more than a minute late since the start.", AT(engine.late),
      false },
    { "record_lines_total", "counter", "Number of the latest line of the record.",
      AT(counts.record), false },
    { "policy_loaded_time_seconds", "gauge",
      "When the files in force were loaded, in seconds since 1970.", AT(policy_loaded_s), true },
    { "policy_reload_failed", "gauge", "1: the last reload was refused, older files are in force.",
      AT(policy_reload_failed), false },
    { "store_full", "gauge", "1: the disk is full, nothing is acknowledged.", AT(is_full), false },
    { "store_short", "gauge", "1: the reserve of disk space is gone.", AT(is_short), false },
    { "store_trial", "gauge", "1: a trial store on a time-lapse clock.", AT(is_trial), false },
    { "keys_silent", "gauge", "Keys that promised to be heard and are not.", AT(silent_keys),
      false },
    { "feeds_silent", "gauge", "Feeds of which nothing is heard.", AT(silent_feeds), false },
    { "connections_turned_away_total", "counter",
      "Connections ended since the start so that descriptors stay free.", AT(turned_away), false },
};

static void say_head(struct http_response *response, const char *name, const char *type,
                     const char *help)
{
    http_sayf(response, "# HELP concernd_%s %s\n# TYPE concernd_%s %s\n", name, help, name, type);
}

/* A label's value, with what would end it early escaped. */
static void say_value(struct http_response *response, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            http_say(response, "\\n");
        else
            http_sayf(response, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    }
}

static void say_labelled(struct http_response *response, const char *name, const char *label,
                         const char *value, long long number)
{
    http_sayf(response, "concernd_%s{%s=\"", name, label);
    say_value(response, value);
    http_sayf(response, "\"} %lld\n", number);
}

static void say_simple(const struct daemon_figures *figures, struct http_response *response)
{
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        const struct metric *metric = &metrics[i];
        const char *place = (const char *)figures + metric->offset;

        say_head(response, metric->name, metric->type, metric->help);
        if (metric->is_seconds)
            http_sayf(response, "concernd_%s %.6f\n", metric->name, *(const double *)place);
        else
            http_sayf(response, "concernd_%s %llu\n", metric->name,
                      (unsigned long long)*(const uint64_t *)place);
    }
}

static void say_outbox(const struct daemon_figures *figures, struct http_response *response)
{
    say_head(response, "outbox_deliveries", "gauge",
             "Deliveries that wait, were refused or given up (exhausted), by lane: an endpoint, "
             "or a kind of route.");
    for (size_t i = 0; i < figures->lane_count; i++)
        for (int state = 0; state < OUTBOX_STATE_COUNT; state++) {
            if (state == OUTBOX_ACCEPTED || state == OUTBOX_GATHERED || state == OUTBOX_SUPERSEDED)
                continue;
            http_say(response, "concernd_outbox_deliveries{lane=\"");
            say_value(response, figures->lanes[i].lane);
            http_sayf(response, "\",state=\"%s\"} %llu\n",
                      outbox_state_name((enum outbox_state)state),
                      (unsigned long long)figures->lanes[i].counts[state]);
        }
}

static void say_outcomes(const struct daemon_figures *figures, struct http_response *response)
{
    static const char name[] = "deliveries_total";

    say_head(response, name, "counter",
             "Deliveries that have ended since the start: accepted, refused, given up after the "
             "time for trying (exhausted), or come back after they were accepted (bounced).");
    say_labelled(response, name, "outcome", "accepted", (long long)figures->engine.accepted);
    say_labelled(response, name, "outcome", "refused", (long long)figures->engine.refused);
    say_labelled(response, name, "outcome", "exhausted", (long long)figures->engine.exhausted);
    say_labelled(response, name, "outcome", "bounced", (long long)figures->engine.bounced);
}

static void say_feeds(const struct daemon *self, struct http_response *response)
{
    say_head(response, "feed_silent", "gauge", "1: the feed promised to be heard and is not.");
    for (size_t i = 0; i < self->feed_count; i++)
        say_labelled(response, "feed_silent", "feed", feed_name(self->feeds[i]),
                     self->feed_silence[i] == SILENCE_TOLD);
}

void daemon_say_metrics(const struct daemon *self, const struct daemon_figures *figures,
                        struct http_response *response)
{
    http_type(response, "text/plain; version=0.0.4; charset=utf-8");
    say_head(response, "build_info", "gauge", "Which concernd this is.");
    say_labelled(response, "build_info", "version", CONCERN_VERSION, 1);
    say_simple(figures, response);
    say_head(response, "events_refused_total", "counter",
             "Refused events of the last 90 days and since, by the code they were answered.");
    for (size_t i = 0; i < figures->code_count; i++)
        say_labelled(response, "events_refused_total", "code", figures->codes[i].code,
                     (long long)figures->codes[i].count);
    say_outbox(figures, response);
    say_outcomes(figures, response);
    say_head(response, "calendar_days_left", "gauge",
             "Days until the last one that the calendar of a procedure in force knows.");
    for (size_t i = 0; i < figures->calendar_count; i++)
        say_labelled(response, "calendar_days_left", "calendar", figures->calendars[i].id,
                     figures->calendars[i].days_left);
    say_feeds(self, response);
}
