/* cloudevent_data.h - the data of every type of event, in one table.  Inside protocol only.
 *
 * The table says which members a type has, of what kind they are, whether they must be there
 * and where in a struct event they go; reading, writing, the JSON schemas and their test all
 * follow it.
 */
#ifndef CONCERN_PROTOCOL_CLOUDEVENT_DATA_H
#define CONCERN_PROTOCOL_CLOUDEVENT_DATA_H

#include "core/fact.h"
#include "protocol/cloudevent.h"

#include <jansson.h>

enum member_kind {
    MEMBER_ID,      /* an id */
    MEMBER_TEXT,    /* free text, 1 to 200 characters */
    MEMBER_LINK,    /* a URL for people */
    MEMBER_INSTANT, /* RFC 3339 with offset */
    MEMBER_YES_NO,  /* true, false, "yes" or "no" */
    MEMBER_SIDE,    /* "challenging" or "challenged" */
    MEMBER_BY,      /* {agency or board, role?, person?} */
    MEMBER_PARTY,   /* {agency, people?}: who challenges */
    MEMBER_PARTIES, /* 1 to 8 of them: who is challenged */
    MEMBER_PEOPLE,  /* role to person, for the agency that `agency` names */
    MEMBER_FACTS,   /* fact to value */
    MEMBER_FACT,    /* one fact of the member's own name */
    MEMBER_FLAG,    /* the name of a fact */
    MEMBER_VALUE,   /* and its value */
    MEMBER_PERSON,  /* contact.changed: either of these, for `agency` and `role` */
    MEMBER_EMAIL,
    MEMBER_EVENT, /* an event inside, or null */
    MEMBER_KIND_COUNT
};

struct member {
    const char *name;
    enum member_kind kind;
    bool required;
    size_t offset; /* into struct event; unused where the kind knows its place */
};

/** The members of a kind's data, the common `by` included; ends with a NULL name. */
const struct member *cloudevent_members(enum event_kind kind);

/** "id", "text", …: a member kind, for the test that compares the schemas. */
const char *member_kind_text(enum member_kind kind);

/** Sets code and why of a refusal and answers CLOUDEVENT_REFUSED. */
int cloudevent_refuse(struct event_reading *reading, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Reads the data of an event whose envelope is read.  `by` may still be missing then. */
int cloudevent_read_data(json_t *data, struct event *event, struct event_reading *reading);

/** Reads an event from JSON that is parsed and within the limits; the hash is not made. */
int cloudevent_read_object(json_t *json, const struct event_sender *sender, struct event *event,
                           struct event_reading *reading);

/** Reads RFC 3339 with an offset, within the years that calendars know (calendar.h): a time
 *  outside them is a mistake, and no working day could be counted from it. */
bool cloudevent_read_time(const char *text, struct instant *at);

#endif
