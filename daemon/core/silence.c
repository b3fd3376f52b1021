/* silence.c - which deliveries a maintenance silence holds, and until when. */
#include "core/silence.h"

#include <stdio.h>
#include <string.h>

#define SET_BACK_US (5 * MINUTE_US)

static const char *const kind_names[SILENCING_KIND_COUNT] = {
    [SILENCING_ENDPOINT] = "endpoint",
    [SILENCING_ROUTE] = "route",
    [SILENCING_PERSON] = "person",
    [SILENCING_AGENCY] = "agency",
};

const char *silencing_kind_name(enum silencing_kind kind)
{
    return kind_names[kind];
}

static bool is_lane(const char *route)
{
    for (int kind = 0; kind < ROUTE_COUNT; kind++)
        if (!route_is_to_endpoint((enum route_kind)kind) &&
            strcmp(route_name((enum route_kind)kind), route) == 0)
            return true;
    return false;
}

bool silencing_read(const char *what, struct silencing *silencing)
{
    const char *colon = strchr(what, ':');
    size_t length = colon ? (size_t)(colon - what) : 0;

    for (int kind = 0; colon && kind < SILENCING_KIND_COUNT; kind++) {
        if (strlen(kind_names[kind]) != length || strncmp(what, kind_names[kind], length) != 0)
            continue;
        if (!colon[1] || strlen(colon + 1) > ID_MAX)
            return false;
        if (kind == SILENCING_ROUTE && !is_lane(colon + 1))
            return false;
        silencing->kind = (enum silencing_kind)kind;
        memcpy(silencing->of, colon + 1, strlen(colon));
        return true;
    }
    return false;
}

void silencing_write(const struct silencing *silencing, char what[SILENCING_WHAT_SIZE])
{
    snprintf(what, SILENCING_WHAT_SIZE, "%s:%s", kind_names[silencing->kind], silencing->of);
}

bool silencing_covers(const struct silencing *silencing, const struct silencing_question *question)
{
    if (question->priority != PRIORITY_NORMAL || !question->agency)
        return false;
    switch (silencing->kind) {
    case SILENCING_ENDPOINT:
        return route_is_to_endpoint(question->route) &&
               strcmp(question->recipient, silencing->of) == 0;
    case SILENCING_ROUTE:
        return strcmp(route_name(question->route), silencing->of) == 0;
    case SILENCING_PERSON:
        return strcmp(question->person, silencing->of) == 0;
    case SILENCING_AGENCY:
        return strcmp(question->agency, silencing->of) == 0;
    case SILENCING_KIND_COUNT:
    default:
        return false;
    }
}

bool silencing_is_over(const struct silencing *silencing, struct instant now)
{
    return now.us >= silencing->until.us || now.us < silencing->since.us - SET_BACK_US;
}

const char *silencing_agency(const struct notification *notification,
                             const struct disagreement *disagreement)
{
    const char *agency = NULL;

    if (notification->to_operator)
        return NULL;
    for (size_t i = 0; i < notification->role_count; i++) {
        int party = notification->roles[i].party;

        if (party == PARTY_BOARD)
            return NULL;
        if (agency && strcmp(agency, disagreement->parties[party]) != 0)
            agency = "";
        else
            agency = disagreement->parties[party];
    }
    return agency;
}
