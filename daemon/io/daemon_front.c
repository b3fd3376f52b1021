/* daemon_front.c - the page for people: how the daemon is, and what is open; no person in it. */
#include <stdio.h>
#include <string.h>

#include "io/daemon_figures.h"
#include "io/store_figures.h"

enum {
    OPEN_MAX = 500,        /* disagreements that are listed; the rest is only counted */
    UNDELIVERED_MAX = 200, /* notifications */
    GROUPS_MAX = 500
};

struct listing {
    struct daemon *daemon;
    struct http_response *response;
    size_t rows, most;
};

static void say_heading(struct http_response *response, const char *heading,
                        const char *const *heads)
{
    http_sayf(response, "<h2>%s</h2>\n<table>\n<tr>", heading);
    for (; *heads; heads++)
        http_sayf(response, "<th scope=\"col\">%s</th>", *heads);
    http_say(response, "</tr>\n");
}

static void say_cell(struct http_response *response, const char *text)
{
    http_say(response, "<td>");
    http_say_text(response, *text ? text : "-");
    http_say(response, "</td>");
}

/* In the zone of the procedure, with its offset; in UTC where the procedure is gone. */
static void say_instant(struct listing *self, const char *procedure, struct instant at)
{
    struct policy_view view;
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at)) {
        say_cell(self->response, "");
        return;
    }
    at.us -= at.us % SECOND_US;
    if (policy_view(self->daemon->policy, procedure, &view) == POLICY_OK)
        instant_write_local(view.time.zone, at, text);
    else
        instant_write_utc(at, text);
    http_sayf(self->response, "<td><time datetime=\"%s\">%.10s %.5s %s</time></td>", text, text,
              text + 11, strcmp(text + 19, "Z") == 0 ? "UTC" : text + 19);
}

static bool say_group(void *context, const struct stage_count *count)
{
    struct listing *self = context;

    http_say(self->response, "<tr>");
    say_cell(self->response, count->board);
    say_cell(self->response, count->stage);
    http_sayf(self->response, "<td class=\"n\">%llu</td></tr>\n", (unsigned long long)count->count);
    return ++self->rows < self->most;
}

static bool say_open(void *context, const struct disagreement_row *row)
{
    struct listing *self = context;

    http_say(self->response, "<tr>");
    say_cell(self->response, row->reference);
    say_cell(self->response, row->board);
    say_cell(self->response, row->stage);
    say_instant(self, row->procedure, row->raised);
    say_cell(self->response, row->next_deadline);
    say_instant(self, row->procedure, row->next_due);
    http_say(self->response, "</tr>\n");
    return ++self->rows < self->most;
}

static bool say_undelivered(void *context, const struct outbox_row *row)
{
    struct listing *self = context;

    http_say(self->response, "<tr>");
    say_cell(self->response, row->reference);
    say_cell(self->response, row->board);
    say_cell(self->response, row->role);
    say_instant(self, "", row->at);
    say_instant(self, "", row->undelivered);
    http_say(self->response, "</tr>\n");
    return ++self->rows < self->most;
}

static void end_table(struct listing *self, uint64_t all)
{
    http_say(self->response, "</table>\n");
    if (all == 0)
        http_say(self->response, "<p>None.</p>\n");
    else if (self->rows < all)
        http_sayf(self->response,
                  "<p>The first %zu of %llu; <code>concernctl</code> lists all.</p>\n", self->rows,
                  (unsigned long long)all);
}

static void say_state(const struct daemon *self, const struct daemon_figures *figures,
                      struct http_response *response)
{
    const char *state = daemon_state_text(self);
    bool is_good = strcmp(state, "running") == 0;

    http_sayf(response, "<p class=\"%s\">State: %s</p>\n", is_good ? "good" : "bad", state);
    if (figures->is_trial)
        http_say(response, "<p class=\"bad\">A trial store on a time-lapse clock: nothing here is "
                           "real.</p>\n");
    if (figures->overdue_s > 1)
        http_sayf(response,
                  "<p class=\"bad\">A deadline has been due for %.0f seconds and is not "
                  "acted on.</p>\n",
                  figures->overdue_s);
    if (figures->policy_reload_failed)
        http_say(response, "<p class=\"bad\">The last reload was refused: older files are in force "
                           "(<code>concernctl status</code> says why).</p>\n");
    if (figures->counts.undelivered > 0)
        http_sayf(response,
                  "<p class=\"bad\">Nobody has accepted %llu of the notifications, by any "
                  "route; %llu of them were for case systems.</p>\n",
                  (unsigned long long)figures->counts.undelivered,
                  (unsigned long long)figures->counts.to_systems);
    if (figures->silent_feeds + figures->silent_keys > 0)
        http_sayf(response, "<p class=\"bad\">Of %llu case systems nothing is heard.</p>\n",
                  (unsigned long long)figures->silent_feeds + figures->silent_keys);
}

static void say_counts(const struct daemon_figures *figures, struct http_response *response)
{
    const struct store_counts *counts = &figures->counts;
    const struct {
        const char *what;
        uint64_t count;
    } rows[] = {
        { "open disagreements", counts->disagreements_open },
        { "deadlines and reminders that wait", counts->deadlines_open },
        { "events kept", counts->events },
        { "gaps in the numbering of events", counts->gaps_open },
        { "deliveries that wait", counts->outbox[OUTBOX_QUEUED] },
        { "deliveries accepted", counts->outbox[OUTBOX_ACCEPTED] },
        { "deliveries refused", counts->outbox[OUTBOX_REFUSED] },
        { "deliveries given up (exhausted)", counts->outbox[OUTBOX_EXHAUSTED] },
        { "notifications undelivered by any route", counts->undelivered },
        { "of them to case systems", counts->to_systems },
        { "lines of the record", counts->record },
    };

    http_say(response, "<h2>Counts</h2>\n<table>\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        http_sayf(response, "<tr><th scope=\"row\">%s</th><td class=\"n\">%llu</td></tr>\n",
                  rows[i].what, (unsigned long long)rows[i].count);
    for (size_t i = 0; i < figures->calendar_count; i++) {
        http_say(response, "<tr><th scope=\"row\">days that the calendar ");
        http_say_text(response, figures->calendars[i].id);
        http_sayf(response, " still knows</th><td class=\"n\">%lld</td></tr>\n",
                  (long long)figures->calendars[i].days_left);
    }
    http_say(response, "</table>\n");
}

/* Begins a listing of at most so many rows. */
static struct listing *begin(struct listing *self, size_t most)
{
    self->rows = 0;
    self->most = most;
    return self;
}

int daemon_say_front(struct daemon *self, const struct daemon_figures *figures,
                     struct http_response *response)
{
    static const char *const groups[] = { "Board", "Stage", "Open", NULL };
    static const char *const open[] = { "Reference",     "Board", "Stage", "Raised",
                                        "Next deadline", "Due",   NULL };
    static const char *const undelivered[] = {
        "Reference", "Board", "Role", "To be told at", "Undelivered since", NULL
    };
    struct listing listing = { .daemon = self, .response = response };
    struct disagreement_query query = { .most = OPEN_MAX };
    int answer;

    http_page_begin(response, "en-GB", "concernd");
    say_state(self, figures, response);
    say_heading(response, "Undelivered notifications", undelivered);
    answer = store_list_undelivered(self->store, say_undelivered, begin(&listing, UNDELIVERED_MAX));
    end_table(&listing, figures->counts.undelivered);
    say_heading(response, "Open disagreements by board and stage", groups);
    if (answer == STORE_OK)
        answer = store_count_stages(self->store, say_group, begin(&listing, GROUPS_MAX));
    end_table(&listing, listing.rows);
    say_heading(response, "Open disagreements", open);
    if (answer == STORE_OK)
        answer = store_list_disagreements(self->store, &query, say_open, begin(&listing, OPEN_MAX));
    end_table(&listing, figures->counts.disagreements_open);
    say_counts(figures, response);
    http_sayf(response,
              "<p>concernd %s. For machines: <a href=\"/metrics\">/metrics</a>, "
              "<a href=\"/status.json\">/status.json</a>, <a href=\"/health\">/health</a>, "
              "<a href=\"/ready\">/ready</a>.</p>\n",
              CONCERN_VERSION);
    http_page_end(response);
    return answer == STORE_OK ? 0 : -1;
}
