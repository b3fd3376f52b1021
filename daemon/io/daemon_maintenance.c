/* daemon_maintenance.c - concernctl silence: what is under maintenance, until when, and why. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/daemon_answering.h"
#include "io/engine_private.h"

/* An answer of engine_commit() or before it, in words; NULL: it is done. */
static const char *end_turn(struct engine *engine, int answer)
{
    if (answer == 0)
        answer = engine_commit(engine);
    else
        engine_roll_back(engine);
    if (answer == 0)
        return NULL;
    return answer == ENGINE_STORE_FULL ? "the disk is full: nothing was changed"
                                       : "the store has failed: nothing was changed";
}

static json_t *json_silence(const struct silence_row *row)
{
    char what[SILENCING_WHAT_SIZE];

    silencing_write(&row->silencing, what);
    return json_pack("{s:I,s:s,s:o,s:o,s:s,s:s,s:I}", "id", (json_int_t)row->silencing.number,
                     "what", what, "since", answering_instant(row->silencing.since), "until",
                     answering_instant(row->silencing.until), "reason", row->reason, "by", row->by,
                     "held", (json_int_t)row->held);
}

/* --- list */

static bool add_silence(void *context, const struct silence_row *row)
{
    json_array_append_new(context, json_silence(row));
    return true;
}

json_t *answering_silence_list(const struct daemon *daemon)
{
    json_t *list = json_array();

    store_list_silences(daemon->store, add_silence, list);
    return list;
}

const char *answering_silences(struct answering *self)
{
    json_t *list = answering_silence_list(self->daemon), *line;
    size_t i;

    json_array_foreach(list, i, line)
    {
        if (!answering_say(self, json_incref(line)))
            break;
    }
    json_decref(list);
    return NULL;
}

/* --- add */

static const char *no_such(char *why, size_t size, const struct silencing *silencing,
                           const char *near)
{
    snprintf(why, size, "the directory has no %s %s%s%s%s", silencing_kind_name(silencing->kind),
             silencing->of, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return why;
}

static const char *check_endpoint(const struct policy *policy, const struct silencing *silencing,
                                  char *why, size_t size)
{
    size_t count;
    const struct endpoint_setting *endpoints = policy_endpoints(policy, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(endpoints[i].id, silencing->of) != 0)
            continue;
        return endpoints[i].kind == ENDPOINT_GOVUK_NOTIFY
                   ? "that is GOV.UK Notify (silence route:notify-email, route:notify-text)"
                   : NULL;
    }
    return no_such(why, size, silencing,
                   nearest_id(silencing->of, endpoints, count, sizeof *endpoints));
}

static const char *check_agency(const struct directory *directory,
                                const struct silencing *silencing, char *why, size_t size)
{
    if (directory_agency(directory, silencing->of))
        return NULL;
    if (directory_board(directory, silencing->of))
        return "that is a board: what goes to a board is never held";
    return no_such(why, size, silencing,
                   nearest_id(silencing->of, directory->agencies, directory->agency_count,
                              sizeof *directory->agencies));
}

/* A silence of what is not there would hold nothing, and nobody would know. */
static const char *check_what(const struct policy *policy, const struct silencing *silencing,
                              char *why, size_t size)
{
    const struct directory *directory = policy_directory(policy);

    if (silencing->kind == SILENCING_ROUTE)
        return NULL;
    if (!directory)
        return "there is no directory";
    if (silencing->kind == SILENCING_ENDPOINT)
        return check_endpoint(policy, silencing, why, size);
    if (silencing->kind == SILENCING_AGENCY)
        return check_agency(directory, silencing, why, size);
    if (directory_person(directory, silencing->of))
        return NULL;
    return no_such(why, size, silencing,
                   nearest_id(silencing->of, directory->people, directory->person_count,
                              sizeof *directory->people));
}

static const char *check_until(struct instant now, const char *text, struct instant *until,
                               char *why, size_t size)
{
    struct instant latest = { now.us + SILENCING_LONGEST_US };
    char at[ZONE_TIME_SIZE];

    if (instant_read(text, NULL, until) != INSTANT_OK)
        return "the end is no time (RFC 3339, as 2026-12-18T16:59:00Z)";
    latest.us -= latest.us % SECOND_US; /* as one would write it */
    instant_write_utc(until->us <= now.us ? now : latest, at);
    if (until->us <= now.us)
        snprintf(why, size, "the end has passed already (it is %s)", at);
    else if (until->us - now.us > SILENCING_LONGEST_US)
        snprintf(why, size, "the end is more than 7 days ahead (at the latest %s)", at);
    else
        return NULL;
    return why;
}

const char *answering_add_silence(struct answering *self)
{
    static char why[COMMAND_WHY_SIZE]; /* read after this returns */
    struct daemon *daemon = self->daemon;
    const struct command *command = self->command;
    struct silence_row row = { .held = 0 };
    char what[COMMAND_STATE_MAX + ID_MAX + 2];
    struct instant now = clock_now(daemon->clock);
    const char *error;
    int answer;

    snprintf(what, sizeof what, "%s:%s", command->scope, command->target);
    if (!silencing_read(what, &row.silencing))
        return "that is nothing to silence (endpoint:ID, person:ID, agency:ID, route:email, "
               "route:notify-email, route:notify-text)";
    error = check_what(daemon->policy, &row.silencing, why, sizeof why);
    if (!error)
        error = check_until(now, command->until, &row.silencing.until, why, sizeof why);
    if (error)
        return error;
    memcpy(row.reason, command->reason, sizeof row.reason);
    snprintf(row.by, sizeof row.by, "uid %u", control_user(self->answer));
    answer = engine_begin(daemon->engine, now);
    if (answer == 0)
        answer = engine_add_silence(daemon->engine, &row);
    error = end_turn(daemon->engine, answer);
    if (answer == ENGINE_SILENCE_REFUSED)
        return "as many silences as can be are in force (end one)";
    if (!error)
        answering_say(self, json_silence(&row));
    return error;
}

/* --- end */

const char *answering_end_silence(struct answering *self)
{
    struct engine *engine = self->daemon->engine;
    const char *id = self->command->id, *error;
    struct silence_row row;
    char *end, by[STORE_SILENCE_BY_SIZE];
    long long number;
    int answer;

    errno = 0;
    number = strtoll(id, &end, 10);
    if (errno || *end || number < 1)
        return "a silence is named by its number (silence list shows it)";
    snprintf(by, sizeof by, "uid %u", control_user(self->answer));
    answer = engine_begin(engine, clock_now(self->daemon->clock));
    if (answer == 0)
        answer = engine_end_silence(engine, number, by, &row);
    error = end_turn(engine, answer);
    if (answer == ENGINE_SILENCE_REFUSED)
        return "no silence of that number is in force";
    if (!error)
        answering_say(self, json_silence(&row));
    return error;
}

/* --- a delivery that is held */

json_t *answering_held_by(const struct answering *self, const struct outbox_row *row)
{
    struct engine *engine = self->daemon->engine;
    const struct silence_row *silence;
    char what[SILENCING_WHAT_SIZE];

    if (engine_know_silences(engine) != 0 ||
        !(silence = engine_silence_of(engine, row, clock_now(self->daemon->clock))))
        return NULL;
    silencing_write(&silence->silencing, what);
    return json_pack("{s:I,s:s,s:s,s:o}", "silence", (json_int_t)silence->silencing.number, "what",
                     what, "reason", silence->reason, "until",
                     answering_instant(silence->silencing.until));
}

struct holding {
    const struct answering *answering;
    json_t *list;
};

static bool add_held(void *context, const struct outbox_row *row)
{
    const struct holding *self = context;
    json_t *by = answering_held_by(self->answering, row);

    if (by) {
        json_object_set_new(by, "id", json_string(row->id));
        json_object_set_new(by, "role", json_string(row->role));
        json_object_set_new(by, "route", json_string(route_name(row->route)));
        json_array_append_new(self->list, by);
    }
    return true;
}

json_t *answering_held(const struct answering *self, const char *board, const char *reference)
{
    struct holding holding = { .answering = self, .list = json_array() };
    struct outbox_query query = { .board = board, .reference = reference };

    if (engine_know_silences(self->daemon->engine) == 0 && self->daemon->engine->silences.count > 0)
        store_list_outbox(self->daemon->store, &query, add_held, &holding);
    return holding.list;
}
