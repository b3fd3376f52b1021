/* simulate_json.c - a play as one JSON object per line, byte for byte as documented. */
#include "concernctl/simulate.h"

#include "protocol/answer.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const priorities[] = { "normal", "urgent", "immediate" };

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_utc(json_t *object, const char *name, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    instant_write_utc(at, text);
    set_text(object, name, instant_is_none(at) ? NULL : text);
}

static void set_local(json_t *object, const char *name, const struct zone *zone, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    instant_write_local(zone, at, text);
    set_text(object, name, instant_is_none(at) ? NULL : text);
}

/* The role he is addressed in, then the others; a stand-in may hold one of them twice. */
static bool is_told_before(const struct happening *happening, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(happening->roles[i].role, happening->roles[index].role) == 0)
            return true;
    return false;
}

static json_t *json_to(const struct happening *happening)
{
    json_t *to = json_object(), *also = json_array();

    set_text(to, "role", happening->roles[0].role);
    set_text(to, "side", happening->roles[0].side);
    if (happening->roles[0].agency)
        set_text(to, "agency", happening->roles[0].agency);
    set_text(to, "person", happening->person);
    for (size_t i = 1; i < happening->role_count; i++)
        if (!is_told_before(happening, i))
            json_array_append_new(also, json_string(happening->roles[i].role));
    if (json_array_size(also) > 0)
        json_object_set(to, "also", also);
    json_decref(also);
    return to;
}

static json_t *json_says(const struct happening *happening)
{
    json_t *says = json_array();

    for (size_t i = 0; i < happening->say_count; i++) {
        json_t *say = json_object();

        set_text(say, "message", happening->says[i].message);
        set_text(say, "stage", happening->says[i].stage);
        set_text(say, "cause", happening->says[i].cause);
        json_array_append_new(says, say);
    }
    return says;
}

/* --- a line of each kind */

static void add_passed(json_t *line, const struct zone *zone, const struct happening *happening)
{
    (void)zone;
    set_text(line, "disagreement", happening->disagreement);
    set_text(line, "deadline", happening->deadline);
    set_text(line, "stage", happening->stage);
}

static void add_stopped(json_t *line, const struct zone *zone, const struct happening *happening)
{
    (void)zone;
    set_text(line, "disagreement", happening->disagreement);
    set_text(line, "deadline", happening->deadline);
    set_text(line, "by", happening->because);
}

static void add_stage(json_t *line, const struct zone *zone, const struct happening *happening)
{
    char because[EVENT_TYPE_MAX + ID_MAX + 32];

    snprintf(because, sizeof because, happening->by_event ? "event %s" : "%s passed",
             happening->because);
    set_local(line, "local", zone, happening->at);
    set_text(line, "disagreement", happening->disagreement);
    set_text(line, "stage", happening->stage);
    set_text(line, "because", because);
}

static void add_deadline(json_t *line, const struct zone *zone, const struct happening *happening)
{
    set_text(line, "disagreement", happening->disagreement);
    set_text(line, "deadline", happening->deadline);
    set_text(line, "stage", happening->stage);
    set_utc(line, "due", happening->due);
    set_local(line, "due_local", zone, happening->due);
    json_object_set_new(line, "provisional", json_boolean(happening->provisional));
}

static void add_notification(json_t *line, const struct zone *zone,
                             const struct happening *happening)
{
    set_local(line, "local", zone, happening->at);
    set_text(line, "disagreement", happening->disagreement);
    json_object_set_new(line, "to", json_to(happening));
    json_object_set_new(line, "says", json_says(happening));
    set_text(line, "priority", priorities[happening->priority]);
}

static void add_closed(json_t *line, const struct zone *zone, const struct happening *happening)
{
    (void)zone;
    set_text(line, "disagreement", happening->disagreement);
    set_text(line, "as", answer_state_text(happening->closed_as));
}

static void (*const adders[HAPPENING_KIND_COUNT])(json_t *, const struct zone *,
                                                  const struct happening *) = {
    add_passed, add_stopped, add_stage, add_deadline, add_notification, add_closed,
};

int simulate_print_json(const struct simulation *simulation)
{
    for (size_t i = 0; i < simulation->happenings.count; i++) {
        const struct happening *happening = simulation->happenings.list[i];
        json_t *line = json_object();
        int written;

        set_text(line, "type", happening_name(happening->kind));
        set_utc(line, "at", happening->at);
        adders[happening->kind](line, simulation->view.time.zone, happening);
        written = json_dumpf(line, stdout, JSON_COMPACT);
        json_decref(line);
        if (written < 0)
            return -ENOMEM;
        putchar('\n');
    }
    return 0;
}
