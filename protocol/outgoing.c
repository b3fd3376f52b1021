/* outgoing.c - a notification as every route but mail carries it. */
#include "protocol/outgoing.h"

#include <stdio.h>

const char *party_side(int party)
{
    if (party == PARTY_BOARD)
        return "board";
    return party == 0 ? "challenging" : "challenged";
}

const char *priority_name(enum priority priority)
{
    switch (priority) {
    case PRIORITY_IMMEDIATE:
        return "immediate";
    case PRIORITY_URGENT:
        return "urgent";
    case PRIORITY_NORMAL:
    default:
        return "normal";
    }
}

/* A type that nobody here knows is a publisher's free text. */
static bool is_unknown_event(const struct procedure *procedure, const struct because *because)
{
    return because->kind == BECAUSE_EVENT && event_kind_of(because->event) == EVENT_UNKNOWN &&
           !procedure_knows_event(procedure, because->event);
}

static void write_cause(const struct policy_view *view, const struct because *because, char *cause,
                        size_t size)
{
    if (is_unknown_event(view->procedure, because))
        snprintf(cause, size, "event unknown");
    else
        because_write(view, because, cause, size);
}

/* NULL where the directory does not list it: an id that nobody here wrote may be anything. */
static const char *agency_of(const struct composition *composition, int party)
{
    const char *id = composition->disagreement->parties[party];

    return !composition->directory || directory_agency(composition->directory, id) ? id : NULL;
}

static void say_of(const struct composition *composition, const struct say *say, char *cause,
                   size_t cause_size, struct outgoing_say *out)
{
    const struct procedure *procedure = composition->view->procedure;

    write_cause(composition->view, &say->because, cause, cause_size);
    *out = (struct outgoing_say){
        .message = say_message(composition->view, say),
        .stage = say->stage >= 0 ? procedure_stage_id(procedure, say->stage) : NULL,
        .deadline = say->deadline >= 0 ? procedure->deadlines[say->deadline].id : NULL,
        .rule = say->rule >= 0 ? procedure->rules[say->rule].id : NULL,
        .words = say->words,
        .cause = cause,
        .due = say->due,
        .provisional = say->provisional,
    };
}

struct outgoing outgoing_of(const struct composition *composition, const char *subject,
                            const char *text, struct outgoing_room *room)
{
    const struct notification *notification = composition->notification;
    const struct disagreement *disagreement = composition->disagreement;
    const struct procedure *procedure = composition->view->procedure;
    int64_t late_us = composition->sent.us - notification->at.us;
    int party = notification->roles[0].party;
    struct outgoing outgoing = {
        .id = composition->notification_id,
        .board = disagreement->board,
        .reference = disagreement->reference,
        .procedure = procedure->id,
        .procedure_version = procedure->version,
        .calendar_version = composition->view->time.calendar->version,
        .person = notification->to_operator ? "operator"
                  : notification->person    ? notification->person->id
                                            : NULL,
        .role = notification->role_count ? procedure->roles[notification->roles[0].role].id : NULL,
        .side = party_side(party),
        .agency = party == PARTY_BOARD ? NULL : agency_of(composition, party),
        .also = room->also,
        .at = notification->at,
        .sent = composition->sent,
        .priority = priority_name(notification->priority),
        .late_by_s = late_us > MINUTE_US ? late_us / SECOND_US : 0,
        .link = disagreement->link,
        .acknowledge = composition->acknowledge,
        .subject = subject,
        .text = text,
        .words = templates_words(composition->templates, compose_language(composition)),
        .says = room->says,
        .say_count = notification->say_count,
    };

    for (size_t i = 1; i < notification->role_count; i++)
        room->also[outgoing.also_count++] = procedure->roles[notification->roles[i].role].id;
    for (size_t i = 0; i < notification->say_count; i++)
        say_of(composition, &notification->says[i], room->causes[i], sizeof room->causes[i],
               &room->says[i]);
    return outgoing;
}
