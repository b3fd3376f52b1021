/* daemon_explain.c - why each deadline of a disagreement is when it is.
 *
 * One line per deadline: the sentence, the limit, the start and what started it, every day
 * counted or skipped, calendar and procedure version, and from the record what became of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "io/daemon_answering.h"
#include "io/record.h"

enum {
    DAYS_MOST = 366, /* of one line, which has a greatest length (protocol/command.h) */
    HISTORY_MOST = 64,
    PHRASE_SIZE = 512
};

/* What is being explained. */
struct explaining {
    const struct disagreement *disagreement;
    struct policy_view view;
    json_t *histories[PROCEDURE_DEADLINES_MAX]; /* lists; NULL: nothing yet */
};

static json_t *explain_one(struct explaining *self, int deadline);

/* --- what the record says */

static const char *const told_types[] = { "deadline", "moved", "passed", "stopped", "version" };

static bool is_of_deadlines(const char *type)
{
    for (size_t i = 0; i < COUNT_OF(told_types); i++)
        if (strcmp(type, told_types[i]) == 0)
            return true;
    return false;
}

static json_t *json_local(const struct explaining *self, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return json_null();
    instant_write_local(self->view.time.zone, at, text);
    return json_string(text);
}

/* The record's instants are in UTC; a person reads them in the board's zone. */
static void add_local(const struct explaining *self, json_t *payload, const char *utc,
                      const char *local)
{
    const char *text = json_string_value(json_object_get(payload, utc));
    struct instant at;

    if (text && instant_read(text, NULL, &at) == INSTANT_OK)
        json_object_set_new(payload, local, json_local(self, at));
}

static void keep_line(struct explaining *self, int deadline, const struct record_line *line,
                      json_t *payload)
{
    json_t **list = &self->histories[deadline];

    json_object_set_new(payload, "what", json_string(line->type));
    json_object_set_new(payload, "recorded", answering_instant(line->at));
    json_object_set_new(payload, "record", json_integer((json_int_t)line->number));
    if (!*list)
        *list = json_array();
    if (json_array_size(*list) == HISTORY_MOST)
        json_array_remove(*list, 0);
    json_array_append(*list, payload);
}

/* The disagreement was moved to another version: whatever had started by then is counted by the
 * text of that one. */
static void note_version(struct explaining *self, const struct record_line *line, json_t *payload)
{
    json_object_set_new(payload, "at", answering_instant(line->at));
    json_object_set_new(payload, "at_local", json_local(self, line->at));
    for (size_t i = 0; i < self->view.procedure->deadline_count; i++)
        if (self->histories[i])
            keep_line(self, (int)i, line, payload);
}

static bool note_line(void *context, const struct record_line *line)
{
    struct explaining *self = context;
    json_t *payload =
        line->payload && is_of_deadlines(line->type) ? json_loads(line->payload, 0, NULL) : NULL;
    const char *id = json_string_value(json_object_get(payload, "deadline"));
    int deadline = id ? procedure_deadline(self->view.procedure, id) : -1;

    if (payload && strcmp(line->type, "version") == 0)
        note_version(self, line, payload);
    if (deadline >= 0) {
        json_object_del(payload, "deadline");
        add_local(self, payload, "at", "at_local");
        add_local(self, payload, "due", "due_local");
        add_local(self, payload, "due_before", "due_before_local");
        keep_line(self, deadline, line, payload);
    }
    json_decref(payload);
    return true;
}

/* What was said last of the kind; NULL. */
static json_t *last_of(const struct explaining *self, int deadline, const char *what,
                       const char *member)
{
    json_t *found = NULL, *line;
    size_t i;

    json_array_foreach(self->histories[deadline], i, line)
    {
        if (strcmp(json_string_value(json_object_get(line, "what")), what) == 0)
            found = json_object_get(line, member);
    }
    return found;
}

/* --- phrases */

static void write_start(const struct explaining *self, const struct start *start, struct text *text)
{
    switch (start->kind) {
    case START_RAISED:
        text_add(text, "raised");
        break;
    case START_STAGE_ENTERED:
        text_add(text, "stage entered");
        break;
    case START_EVENT:
        text_addf(text, "event %s", start->event);
        break;
    case START_DATE_IN_EVENT:
        text_addf(text, "date in event %s", start->event);
        break;
    case START_DEADLINE_PASSED:
    default:
        text_addf(text, "deadline %s passed", self->view.procedure->deadlines[start->deadline].id);
        break;
    }
}

static json_t *json_from(const struct explaining *self, const struct deadline *deadline)
{
    char phrase[PHRASE_SIZE];
    struct text text = text_over(phrase, sizeof phrase);

    for (size_t i = 0; i < deadline->from_count; i++) {
        text_add(&text, i ? " or " : "");
        write_start(self, &deadline->from[i], &text);
    }
    if (deadline->from_count == 0)
        text_add(&text,
                 deadline->under == UNDER_AFTER_RESOLUTION ? "the resolution" : "its `when` holds");
    return json_string(phrase);
}

static json_t *json_counting(const struct counting *counting)
{
    static const char *const ends[] = { "close of business", "start of business", "midnight",
                                        "same time" };

    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "first_day",
                     counting->first_day == FIRST_DAY_INCLUDED ? "included" : "excluded", "late",
                     counting->late == LATE_NEXT_WORKING_DAY ? "next working day" : "as dated",
                     "ends", ends[counting->ends], "roll",
                     counting->roll == ROLL_NEXT_WORKING_DAY ? "next working day" : "none", "hours",
                     counting->hours == HOURS_CLOCK ? "clock" : "elapsed");
}

/* --- days */

struct days {
    json_t *list;
    bool cut;
};

static bool add_day(void *context, const struct limit_day *day)
{
    struct days *self = context;
    char date[DATE_SIZE];

    if (json_array_size(self->list) == DAYS_MOST) {
        self->cut = true;
        return false;
    }
    date_write(day->date, date);
    json_array_append_new(
        self->list,
        day->counted
            ? json_pack("{s:s,s:b,s:I}", "date", date, "counted", 1, "n", (json_int_t)day->n)
            : json_pack("{s:s,s:b,s:s}", "date", date, "counted", 0, "reason", day->reason));
    return true;
}

/* Whether an extension brought a date: then nothing is counted. */
static bool is_by_date(const struct running *running)
{
    return running->extended && !instant_is_none(running->set_by_case);
}

/* Which limit goes: the extended one where an extension brought no date. */
static const struct limit *limit_of(const struct deadline *deadline, const struct running *running)
{
    return running->extended && !is_by_date(running) ? &deadline->extended : &deadline->limit;
}

static void set_derivation(const struct explaining *self, int index, json_t *line)
{
    const struct deadline *deadline = &self->view.procedure->deadlines[index];
    const struct running *running = &self->disagreement->running[index];
    const struct timekeeping *time = &self->view.time;
    const struct limit *limit = limit_of(deadline, running);
    const struct limit_term *term = NULL;
    struct instant due = INSTANT_NONE;
    struct days days = { json_array(), false };

    if (!is_by_date(running)) {
        (void)limit_due(limit, time, &deadline->counting, running->start, running->set_by_case,
                        &due);
        term = limit_deciding_term(limit, time, &deadline->counting, running->start,
                                   running->set_by_case, due);
    }
    if (term)
        (void)limit_explain(term, time, &deadline->counting, running->start, add_day, &days);
    json_object_set_new(line, "days", days.list);
    if (days.cut)
        json_object_set_new(line, "days_cut", json_true());
    /* What has passed is not counted anew when a calendar changes. */
    if (!is_by_date(running) && due.us != running->due.us)
        json_object_set_new(line, "due_by_the_calendar_of_today", answering_instant(due));
}

/* --- a deadline */

static void set_course(const struct explaining *self, int index, json_t *line)
{
    const struct running *running = &self->disagreement->running[index];
    json_t *because = last_of(self, index, "deadline", "because");

    json_object_set_new(line, "start", answering_instant(running->start));
    json_object_set_new(line, "start_local", json_local(self, running->start));
    json_object_set(line, "started_by", because ? because : json_null());
    json_object_set_new(line, "due", answering_instant(running->due));
    json_object_set_new(line, "due_local", json_local(self, running->due));
    json_object_set_new(line, "provisional", json_boolean(running->provisional));
    if (running->extended)
        json_object_set_new(line, "extended", json_true());
    if (!instant_is_none(running->set_by_case))
        json_object_set_new(line, "set_by_case", answering_instant(running->set_by_case));
    set_derivation(self, index, line);
}

static json_t *explain_one(struct explaining *self, int index)
{
    const struct procedure *procedure = self->view.procedure;
    const struct deadline *deadline = &procedure->deadlines[index];
    const struct running *running = &self->disagreement->running[index];
    const struct calendar *calendar = self->view.time.calendar;
    char phrase[LIMIT_TEXT_SIZE], known[DATE_SIZE];
    json_t *line, *version = last_of(self, index, "moved", "calendar_version");

    limit_write(limit_of(deadline, running), phrase);
    date_write(calendar->known_until, known);
    line = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s?,s:s,s:o,s:o}", "disagreement", self->disagreement->reference,
        "board", self->disagreement->board, "deadline", deadline->id, "title", deadline->title,
        "state", answering_state(running->state), "words", deadline->words, "limit", phrase, "from",
        json_from(self, deadline), "counting", json_counting(&deadline->counting));
    if (!line)
        return NULL;
    if (deadline->stage >= 0)
        json_object_set_new(line, "stage",
                            json_string(procedure_stage_id(procedure, deadline->stage)));
    json_object_set_new(line, "procedure", json_string(procedure->id));
    json_object_set_new(line, "procedure_version", json_string(procedure->version));
    json_object_set_new(line, "procedure_hash", json_string(procedure->hash));
    json_object_set_new(line, "calendar", json_string(calendar->id));
    json_object_set_new(line, "calendar_version", json_string(calendar->version));
    json_object_set_new(line, "calendar_known_until", json_string(known));
    json_object_set_new(line, "time_zone", json_string(self->view.time.zone->name));
    if (running->state == RUNNING_NOT)
        return line;
    if (!version)
        version = last_of(self, index, "deadline", "calendar_version");
    json_object_set(line, "computed_with", version ? version : json_null());
    set_course(self, index, line);
    json_object_set_new(line, "history",
                        self->histories[index] ? json_incref(self->histories[index])
                                               : json_array());
    return line;
}

static const char *explain_all(struct answering *answering, struct explaining *self)
{
    const struct disagreement *disagreement = self->disagreement;

    if (record_history(answering->daemon->store, disagreement->board, disagreement->reference,
                       note_line, self) < 0)
        return "the record cannot be read";
    for (size_t i = 0; i < self->view.procedure->deadline_count; i++)
        if (!answering_say(answering, explain_one(self, (int)i)))
            break;
    return NULL;
}

const char *answering_explain(struct answering *answering)
{
    struct disagreement *disagreement = malloc(sizeof *disagreement);
    struct explaining self = { .disagreement = disagreement };
    const char *error =
        disagreement ? answering_load(answering, disagreement, &self.view) : "there is no memory";

    if (!error)
        error = explain_all(answering, &self);
    for (size_t i = 0; i < COUNT_OF(self.histories); i++)
        json_decref(self.histories[i]);
    free(disagreement);
    return error;
}
