/* cloudevent_write.c - a struct event becomes a JSON CloudEvent. */
#include "core/zone.h"
#include "protocol/cloudevent.h"
#include "protocol/cloudevent_data.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written, and whether anything could not be (a text that is no UTF-8): one flag, asked
 * once at the end. */
struct writer {
    const struct event *event;
    const struct event *corrected;
    bool failed;
};

typedef json_t *write_member(struct writer *writer, const struct member *member);

static write_member write_text, write_instant, write_yes_no, write_by, write_party, write_parties,
    write_people, write_facts, write_fact, write_flag, write_value, write_person, write_email,
    write_event;
static json_t *write_whole(struct writer *writer);
static json_t *write_data(struct writer *writer);
static int check(const char *json, const struct event *event);

static write_member *const writers[MEMBER_KIND_COUNT] = {
    [MEMBER_ID] = write_text,         [MEMBER_TEXT] = write_text,
    [MEMBER_LINK] = write_text,       [MEMBER_INSTANT] = write_instant,
    [MEMBER_YES_NO] = write_yes_no,   [MEMBER_SIDE] = write_text,
    [MEMBER_BY] = write_by,           [MEMBER_PARTY] = write_party,
    [MEMBER_PARTIES] = write_parties, [MEMBER_PEOPLE] = write_people,
    [MEMBER_FACTS] = write_facts,     [MEMBER_FACT] = write_fact,
    [MEMBER_FLAG] = write_flag,       [MEMBER_VALUE] = write_value,
    [MEMBER_PERSON] = write_person,   [MEMBER_EMAIL] = write_email,
    [MEMBER_EVENT] = write_event,
};

int cloudevent_write(const struct event *event, const struct event *corrected, char **json)
{
    struct writer writer = { .event = event, .corrected = corrected };
    CLEANUP(json_release) json_t *whole = write_whole(&writer);
    char *text;
    int error;

    if (!whole || writer.failed)
        return -EINVAL;
    text = json_dumps(whole, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    error = check(text, event);
    if (error < 0) {
        free(text);
        return error;
    }
    *json = text;
    return 0;
}

/* Sets a member that is there; NULL says that it is not. */
static void set(struct writer *writer, json_t *object, const char *name, json_t *value)
{
    if (value && json_object_set_new(object, name, value) < 0)
        writer->failed = true;
}

/* A text that is there; "" is not. */
static void set_text(struct writer *writer, json_t *object, const char *name, const char *text)
{
    json_t *value;

    if (!text[0])
        return;
    value = json_string(text);
    if (!value)
        writer->failed = true;
    set(writer, object, name, value);
}

static void set_instant(struct writer *writer, json_t *object, const char *name, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return;
    instant_write_utc(at, text);
    set_text(writer, object, name, text);
}

/* No procedure can declare a type without the prefix: its data means nothing here. */
static bool is_looked_into(const struct event *event)
{
    return event->kind != EVENT_UNKNOWN || event_short_type(event->type) != event->type;
}

static json_t *write_whole(struct writer *writer)
{
    const struct event *event = writer->event;
    json_t *whole = json_object();
    char text[2 * EVENT_TYPE_MAX];

    set_text(writer, whole, "specversion", "1.0");
    set_text(writer, whole, "id", event->id);
    set_text(writer, whole, "source", event->source);
    set_text(writer, whole, "type", event->type);
    set_text(writer, whole, "subject", event->subject);
    set_instant(writer, whole, "time", event->time);
    set_text(writer, whole, "datacontenttype", "application/json");
    if (event->kind != EVENT_UNKNOWN) {
        snprintf(text, sizeof text, "urn:concernd:event:%s:1", event_name(event->kind));
        set_text(writer, whole, "dataschema", text);
    }
    if (event->has_sequence) {
        snprintf(text, sizeof text, "%020llu", (unsigned long long)event->sequence);
        set_text(writer, whole, "sequence", text);
    }
    set_text(writer, whole, "seqepoch", event->seqepoch);
    set_text(writer, whole, "board", event->board);
    if (!is_looked_into(event)) /* so that its data has no `by` */
        set_text(writer, whole, "agency", event->by.agency);
    set_instant(writer, whole, "received", event->received);
    set(writer, whole, "data", write_data(writer));
    return whole;
}

static json_t *write_data(struct writer *writer)
{
    const struct event *event = writer->event;
    const struct member *member = cloudevent_members(event->kind);
    json_t *data = json_object();

    if (!is_looked_into(event))
        return data;
    for (; member->name; member++)
        if (strcmp(member->name, "board") != 0) /* the extension has it */
            set(writer, data, member->name, writers[member->kind](writer, member));
    return data;
}

static json_t *text_or_nothing(struct writer *writer, const char *text)
{
    json_t *value = text[0] ? json_string(text) : NULL;

    writer->failed |= text[0] && !value;
    return value;
}

static const char *place_of(struct writer *writer, const struct member *member)
{
    return (const char *)writer->event + member->offset;
}

static json_t *write_text(struct writer *writer, const struct member *member)
{
    return text_or_nothing(writer, place_of(writer, member));
}

static json_t *write_instant(struct writer *writer, const struct member *member)
{
    char text[ZONE_TIME_SIZE] = "";
    struct instant at;

    memcpy(&at, place_of(writer, member), sizeof at);
    if (!instant_is_none(at))
        instant_write_utc(at, text);
    return text_or_nothing(writer, text);
}

/* "yes" and "no" as JSON says them, any other text as it is. */
static json_t *truth_or_text(struct writer *writer, const char *text)
{
    if (!strcmp(text, "yes") || !strcmp(text, "no"))
        return json_boolean(text[0] == 'y');
    return text_or_nothing(writer, text);
}

static json_t *write_yes_no(struct writer *writer, const struct member *member)
{
    return truth_or_text(writer, place_of(writer, member));
}

static json_t *write_by(struct writer *writer, const struct member *member)
{
    const struct event *event = writer->event;
    json_t *by;

    (void)member;
    if (!event->by.agency[0] && !event->by.board[0])
        return NULL;
    by = json_object();
    set_text(writer, by, "agency", event->by.agency);
    set_text(writer, by, "board", event->by.board);
    set_text(writer, by, "role", event->by.role);
    set_text(writer, by, "person", event->by.person);
    return by;
}

/* The people of one agency; NULL where there are none. */
static json_t *people_of(struct writer *writer, const char *agency)
{
    const struct event *event = writer->event;
    json_t *people = NULL;

    for (size_t i = 0; i < event->people_count; i++) {
        const struct event_person *person = &event->people[i];

        if (strcmp(person->agency, agency) != 0)
            continue;
        if (!people)
            people = json_object();
        if (person->email[0]) {
            json_t *address = json_object();

            set_text(writer, address, "email", person->email);
            set(writer, people, person->role, address);
        } else {
            set_text(writer, people, person->role, person->person);
        }
    }
    return people;
}

static json_t *one_party(struct writer *writer, const char *agency)
{
    json_t *party = json_object();

    set_text(writer, party, "agency", agency);
    set(writer, party, "people", people_of(writer, agency));
    return party;
}

static json_t *write_party(struct writer *writer, const struct member *member)
{
    (void)member;
    return writer->event->challenging[0] ? one_party(writer, writer->event->challenging) : NULL;
}

static json_t *write_parties(struct writer *writer, const struct member *member)
{
    const struct event *event = writer->event;
    json_t *parties;

    (void)member;
    if (event->challenged_count == 0)
        return NULL;
    parties = json_array();
    for (size_t i = 0; i < event->challenged_count; i++)
        if (json_array_append_new(parties, one_party(writer, event->challenged[i])) < 0)
            writer->failed = true;
    return parties;
}

static json_t *write_people(struct writer *writer, const struct member *member)
{
    (void)member;
    return people_of(writer, writer->event->agency);
}

static json_t *write_facts(struct writer *writer, const struct member *member)
{
    const struct event *event = writer->event;
    json_t *facts;

    (void)member;
    if (event->fact_count == 0)
        return NULL;
    facts = json_object();
    for (size_t i = 0; i < event->fact_count; i++)
        set(writer, facts, event->facts[i].name, truth_or_text(writer, event->facts[i].value));
    return facts;
}

static json_t *write_fact(struct writer *writer, const struct member *member)
{
    (void)member;
    return truth_or_text(writer, writer->event->facts[0].value);
}

static json_t *write_flag(struct writer *writer, const struct member *member)
{
    (void)member;
    return text_or_nothing(writer, writer->event->facts[0].name);
}

static json_t *write_value(struct writer *writer, const struct member *member)
{
    return write_fact(writer, member);
}

static json_t *write_person(struct writer *writer, const struct member *member)
{
    (void)member;
    return text_or_nothing(writer, writer->event->people[0].person);
}

static json_t *write_email(struct writer *writer, const struct member *member)
{
    (void)member;
    return text_or_nothing(writer, writer->event->people[0].email);
}

static json_t *write_event(struct writer *writer, const struct member *member)
{
    struct writer inner = { .event = writer->corrected };
    json_t *event;

    (void)member;
    if (!writer->corrected)
        return json_null();
    event = write_whole(&inner);
    writer->failed |= inner.failed;
    return event;
}

/* What was written must read back as the same: a client learns of its mistake here, not from
 * the daemon's refusal after the event was put in its outbox. */
static int check(const char *json, const struct event *event)
{
    struct event_reading reading;
    struct event *again = malloc(sizeof *again);
    int answer;

    if (!again)
        return -ENOMEM;
    answer = cloudevent_read(json, strlen(json), again, &reading);
    if (answer == CLOUDEVENT_REFUSED ||
        (answer == CLOUDEVENT_OK &&
         (again->kind != event->kind || reading.dropped_total > 0 ||
          again->people_count != event->people_count || again->fact_count != event->fact_count ||
          again->challenged_count != event->challenged_count)))
        answer = -EINVAL;
    free(again);
    return answer;
}
