/* daemon_status.c - how the daemon is, as concernctl and /status.json tell it. */
#include <stdlib.h>
#include <string.h>

#include "io/daemon_answering.h"
#include "io/daemon_figures.h"

const char *daemon_state_text(const struct daemon *self)
{
    return store_is_latched(self->store) ? "failed"
           : self->is_full               ? "the disk is full"
           : store_is_short(self->store) ? "short of disk space"
                                         : "running";
}

static json_t *json_outbox(const struct store_counts *counts)
{
    json_t *outbox = json_object();

    for (int state = 0; state < OUTBOX_STATE_COUNT; state++)
        json_object_set_new(outbox, outbox_state_name((enum outbox_state)state),
                            json_integer((json_int_t)counts->outbox[state]));
    json_object_set_new(outbox, "undelivered", json_integer((json_int_t)counts->undelivered));
    json_object_set_new(outbox, "unheard", json_integer((json_int_t)counts->unheard));
    json_object_set_new(outbox, "to_systems", json_integer((json_int_t)counts->to_systems));
    return outbox;
}

static json_t *json_refusals(const struct daemon *daemon)
{
    json_t *list = json_array();

    for (size_t i = 0; i < daemon->refusals.count; i++) {
        const struct refusal *row = &daemon->refusals.rows[i];

        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:I,s:o}", "key", row->key, "name",
                            row->key[0] ? daemon_name_of_key(daemon, row->key) : "others", "code",
                            row->code, "count", (json_int_t)row->count, "last",
                            answering_instant(row->last)));
    }
    return list;
}

static json_t *json_codes(const struct daemon_figures *figures)
{
    json_t *list = json_array();

    for (size_t i = 0; i < figures->code_count; i++)
        json_array_append_new(list, json_pack("{s:s,s:I}", "code", figures->codes[i].code, "count",
                                              (json_int_t)figures->codes[i].count));
    return list;
}

static json_t *json_calendars(const struct daemon_figures *figures)
{
    json_t *list = json_array();

    for (size_t i = 0; i < figures->calendar_count; i++)
        json_array_append_new(list,
                              json_pack("{s:s,s:I}", "calendar", figures->calendars[i].id,
                                        "days_left", (json_int_t)figures->calendars[i].days_left));
    return list;
}

/* What is told to who may open the control socket only. */
static void add_private(const struct daemon *self, json_t *object)
{
    json_object_set_new(object, "feeds", answering_feeds(self));
    json_object_set_new(object, "refusals", json_refusals(self));
    json_object_set_new(object, "silent_keys", answering_silent_keys(self));
    json_object_set_new(object, "silences", answering_silence_list(self));
    json_object_set_new(object, "policy",
                        json_pack("{s:o,s:s,s:s}", "loaded", answering_instant(self->policy_loaded),
                                  "hash", self->policy_hash, "fault", self->policy_fault));
    json_object_set_new(object, "pages",
                        self->http ? json_string(http_address(self->http)) : json_null());
    json_object_set_new(object, "bounces",
                        self->bounces ? json_string(control_path(self->bounces)) : json_null());
    json_object_set_new(object, "endpoint",
                        self->intake ? json_string(intake_endpoint(self->intake)) : json_null());
}

static void add_public(const struct daemon *self, const struct daemon_figures *figures,
                       json_t *object)
{
    json_object_set_new(object, "silent_feeds", json_integer((json_int_t)figures->silent_feeds));
    json_object_set_new(object, "silent_keys", json_integer((json_int_t)figures->silent_keys));
    json_object_set_new(object, "refusals", json_codes(figures));
    json_object_set_new(object, "policy",
                        json_pack("{s:o,s:s,s:b}", "loaded", answering_instant(self->policy_loaded),
                                  "hash", self->policy_hash, "reload_failed",
                                  (int)figures->policy_reload_failed));
}

json_t *daemon_status_json(struct daemon *self, const struct daemon_figures *figures,
                           bool is_for_page)
{
    const struct store_counts *counts = &figures->counts;
    json_t *object = json_pack(
        "{s:s,s:o,s:s,s:b,s:o,s:I,s:I,s:f,s:I,s:I,s:I,s:o,s:o,s:o}", "version", CONCERN_VERSION,
        "since", answering_instant(self->since), "state", daemon_state_text(self), "trial",
        store_is_trial(self->store), "now", answering_instant(figures->now), "open",
        (json_int_t)counts->disagreements_open, "deadlines_open",
        (json_int_t)counts->deadlines_open, "overdue_seconds", figures->overdue_s, "events",
        (json_int_t)counts->events, "record", (json_int_t)counts->record, "gaps",
        (json_int_t)counts->gaps_open, "outbox", json_outbox(counts), "next_wake",
        answering_instant(figures->wake), "calendars", json_calendars(figures));

    if (object && is_for_page)
        add_public(self, figures, object);
    else if (object)
        add_private(self, object);
    return object;
}

const char *answering_status(struct answering *self)
{
    struct daemon_figures *figures = malloc(sizeof *figures);
    const char *error = NULL;

    if (!figures || daemon_read_figures(self->daemon, figures) < 0)
        error = figures ? "the store cannot be read" : "there is no memory";
    else
        answering_say(self, daemon_status_json(self->daemon, figures, false));
    free(figures);
    return error;
}
