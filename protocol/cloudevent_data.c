/* cloudevent_data.c - reads the data of an event by the table of its type. */
#include "protocol/cloudevent_reader.h"

#include "protocol/alphabet.h"
#include "protocol/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static read_member read_id, read_text, read_link, read_instant, read_yes_no, read_side, read_facts,
    read_fact, read_flag, read_value, read_event;
static int read_members(struct reader *reader, const struct member *members, json_t *data);
static int check_clean(struct reader *reader, json_t *data);
static void sort_facts(struct event *event);

static read_member *const readers[MEMBER_KIND_COUNT] = {
    [MEMBER_ID] = read_id,
    [MEMBER_TEXT] = read_text,
    [MEMBER_LINK] = read_link,
    [MEMBER_INSTANT] = read_instant,
    [MEMBER_YES_NO] = read_yes_no,
    [MEMBER_SIDE] = read_side,
    [MEMBER_BY] = reader_by,
    [MEMBER_PARTY] = reader_party,
    [MEMBER_PARTIES] = reader_parties,
    [MEMBER_PEOPLE] = reader_people,
    [MEMBER_FACTS] = read_facts,
    [MEMBER_FACT] = read_fact,
    [MEMBER_FLAG] = read_flag,
    [MEMBER_VALUE] = read_value,
    [MEMBER_PERSON] = reader_person,
    [MEMBER_EMAIL] = reader_email,
    [MEMBER_EVENT] = read_event,
};

int cloudevent_read_data(json_t *data, struct event *event, struct event_reading *reading)
{
    struct reader reader = { .event = event, .reading = reading, .where = "data" };
    int answer;

    /* No procedure can declare a type without the prefix: nothing of it is looked into. */
    if (event->kind == EVENT_UNKNOWN && event_short_type(event->type) == event->type)
        return check_clean(&reader, data);
    if ((answer = check_clean(&reader, data)) != CLOUDEVENT_OK ||
        (answer = read_members(&reader, cloudevent_members(event->kind), data)) != CLOUDEVENT_OK)
        return answer;
    if (event->kind == EVENT_CONTACT_CHANGED && (answer = reader_contact(&reader)) != CLOUDEVENT_OK)
        return answer;
    reader_sort_people(event);
    sort_facts(event);
    return CLOUDEVENT_OK;
}

/* In the table's order, whatever the JSON's; then names what the table does not have. */
static int read_members(struct reader *reader, const struct member *members, json_t *data)
{
    const char *name;
    json_t *value;
    int answer;

    for (const struct member *member = members; member->name; member++) {
        value = json_object_get(data, member->name);
        snprintf(reader->where, sizeof reader->where, "data.%s", member->name);
        if (!value && member->required && member->kind != MEMBER_BY)
            return cloudevent_refuse(reader->reading, WIRE_CODE_SCHEMA,
                                     "%s is missing (%s needs it)", reader->where,
                                     reader->event->type);
        if (value && (answer = readers[member->kind](reader, member, value)) != CLOUDEVENT_OK)
            return answer;
    }
    json_object_foreach(data, name, value)
    {
        const struct member *member = members;

        while (member->name && strcmp(member->name, name))
            member++;
        if (!member->name)
            cloudevent_drop(reader->reading, "", name);
    }
    return CLOUDEVENT_OK;
}

int reader_refuse(struct reader *reader, const char *wrong)
{
    return cloudevent_refuse(reader->reading, WIRE_CODE_SCHEMA, "%s %s", reader->where, wrong);
}

/* Puts a text where the member says; its length was checked. */
void reader_put(char *place, size_t size, const char *text)
{
    snprintf(place, size, "%s", text);
}

char *reader_place(struct reader *reader, const struct member *member)
{
    return (char *)reader->event + member->offset;
}

int reader_take_id(struct reader *reader, json_t *value, char place[ID_MAX + 1])
{
    if (!json_is_string(value) || !alphabet_is_id(json_string_value(value)))
        return reader_refuse(reader, "is no id (a string of 1 to 64 of A-Z a-z 0-9 . _ : / -)");
    reader_put(place, ID_MAX + 1, json_string_value(value));
    return CLOUDEVENT_OK;
}

static int read_id(struct reader *reader, const struct member *member, json_t *value)
{
    char *place = reader_place(reader, member);
    char before[ID_MAX + 1];
    int answer;

    /* Only `board` can have been given already: by the extension. */
    reader_put(before, sizeof before, place);
    answer = reader_take_id(reader, value, place);
    if (answer == CLOUDEVENT_OK && before[0] && strcmp(before, place) != 0)
        return reader_refuse(reader, "is not what the extension says (name one board)");
    return answer;
}

static int read_text(struct reader *reader, const struct member *member, json_t *value)
{
    size_t characters = json_is_string(value) ? alphabet_characters(json_string_value(value)) : 0;

    if (characters < 1 || characters > CLOUDEVENT_TEXT_MAX)
        return reader_refuse(reader, "is no text of 1 to 200 characters");
    reader_put(reader_place(reader, member), FREE_TEXT_MAX + 1, json_string_value(value));
    return CLOUDEVENT_OK;
}

static int read_link(struct reader *reader, const struct member *member, json_t *value)
{
    if (!json_is_string(value) || !alphabet_is_link(json_string_value(value)))
        return reader_refuse(reader, "is no link (https:// or http://, to 300 characters)");
    reader_put(reader_place(reader, member), EVENT_LINK_MAX + 1, json_string_value(value));
    return CLOUDEVENT_OK;
}

static int read_instant(struct reader *reader, const struct member *member, json_t *value)
{
    struct instant at;

    if (!json_is_string(value) || !cloudevent_read_time(json_string_value(value), &at))
        return reader_refuse(
            reader, "is no time (RFC 3339 with an offset, 2027-01-06T17:00:00Z, of this century)");
    memcpy(reader_place(reader, member), &at, sizeof at);
    return CLOUDEVENT_OK;
}

/* true and "yes" mean the same; NULL for what is neither yes nor no. */
static const char *yes_or_no(json_t *value)
{
    const char *text = json_string_value(value);

    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    return text && (!strcmp(text, "yes") || !strcmp(text, "no")) ? text : NULL;
}

static int read_yes_no(struct reader *reader, const struct member *member, json_t *value)
{
    const char *text = yes_or_no(value);

    if (!text)
        return reader_refuse(reader, "is neither yes nor no");
    reader_put(reader_place(reader, member), sizeof reader->event->wishes_considered, text);
    return CLOUDEVENT_OK;
}

static int read_side(struct reader *reader, const struct member *member, json_t *value)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";

    if (strcmp(text, "challenging") != 0 && strcmp(text, "challenged") != 0)
        return reader_refuse(reader, "is no side (challenging or challenged)");
    reader_put(reader_place(reader, member), ID_MAX + 1, text);
    return CLOUDEVENT_OK;
}

static int check_fact(struct reader *reader, const struct event_fact *fact)
{
    const char *const *values = fact_values(fact->name);

    for (size_t i = 0; values && values[i]; i++)
        if (!strcmp(values[i], fact->value))
            return CLOUDEVENT_OK;
    if (!values)
        return CLOUDEVENT_OK;
    if (!strcmp(fact->name, "risk"))
        return reader_refuse(reader, "is none of none, significant, immediate, life_threatening");
    if (!strcmp(fact->name, "relates_to"))
        return reader_refuse(reader, "is neither individual nor process");
    return reader_refuse(reader, "is neither yes nor no");
}

/* The value of the fact whose name is set. */
static int take_fact(struct reader *reader, json_t *value, struct event_fact *fact)
{
    const char *text = json_is_boolean(value) ? yes_or_no(value) : json_string_value(value);

    if (!text || !alphabet_is_id(text))
        return reader_refuse(reader, "is no value of a fact (true, false or an id)");
    reader_put(fact->value, sizeof fact->value, text);
    return check_fact(reader, fact);
}

static int read_fact(struct reader *reader, const struct member *member, json_t *value)
{
    struct event_fact *fact = &reader->event->facts[0];

    reader_put(fact->name, sizeof fact->name, member->name);
    reader->event->fact_count = 1;
    return take_fact(reader, value, fact);
}

static int read_facts(struct reader *reader, const struct member *member, json_t *value)
{
    struct event *event = reader->event;
    const char *name;
    json_t *one;
    int answer;

    (void)member;
    if (!json_is_object(value))
        return reader_refuse(reader, "is no object of fact to value");
    if (json_object_size(value) > EVENT_FACTS_MAX)
        return reader_refuse(reader, "has more than 24 facts");
    json_object_foreach(value, name, one)
    {
        struct event_fact *fact = &event->facts[event->fact_count];

        if (!alphabet_is_id(name))
            return reader_refuse(reader, "names a fact that is no id");
        if (fact_values(name) || fact_is_derived(name))
            snprintf(reader->where, sizeof reader->where, "data.facts.%s", name);
        else /* it may be called anything */
            snprintf(reader->where, sizeof reader->where, "data.facts[%u]", event->fact_count);
        if (fact_is_derived(name))
            return reader_refuse(reader, "cannot be told (the procedure knows the stage)");
        reader_put(fact->name, sizeof fact->name, name);
        if ((answer = take_fact(reader, one, fact)) != CLOUDEVENT_OK)
            return answer;
        event->fact_count++;
    }
    return CLOUDEVENT_OK;
}

static int read_flag(struct reader *reader, const struct member *member, json_t *value)
{
    struct event_fact *fact = &reader->event->facts[0];
    int answer = reader_take_id(reader, value, fact->name);

    (void)member;
    if (answer != CLOUDEVENT_OK)
        return answer;
    reader->event->fact_count = 1;
    if (!strcmp(fact->name, "risk"))
        return reader_refuse(reader, "is no flag (use concernd.risk.changed)");
    if (!strcmp(fact->name, "non_involvement"))
        return reader_refuse(reader, "is no flag (use concernd.position.changed)");
    if (fact_is_derived(fact->name))
        return reader_refuse(reader, "is no flag (use concernd.stage.set)");
    return CLOUDEVENT_OK;
}

static int read_value(struct reader *reader, const struct member *member, json_t *value)
{
    (void)member;
    return take_fact(reader, value, &reader->event->facts[0]);
}

/* Checked here, so that a correction is refused whole; kept by whoever keeps the bytes. */
static int read_event(struct reader *reader, const struct member *member, json_t *value)
{
    struct event_reading inner;
    struct event *event;
    int answer;

    (void)member;
    if (json_is_null(value))
        return CLOUDEVENT_OK;
    if (!json_is_object(value))
        return reader_refuse(reader, "is neither an event nor null");
    event = malloc(sizeof *event);
    if (!event)
        return -ENOMEM;
    memset(&inner, 0, sizeof inner);
    answer = cloudevent_read_object(value, NULL, event, &inner);
    if (answer == CLOUDEVENT_REFUSED)
        answer =
            cloudevent_refuse(reader->reading, WIRE_CODE_SCHEMA, "data.event: %.180s", inner.why);
    else if (answer == CLOUDEVENT_OK && event->kind == EVENT_CORRECTION)
        answer = reader_refuse(reader, "is itself a correction (send the event as it should be)");
    else if (answer == CLOUDEVENT_OK && strcmp(event->source, reader->event->source) != 0)
        answer = reader_refuse(reader, "is of another source (correct only your own)");
    reader->reading->has_corrected = answer == CLOUDEVENT_OK;
    free(event);
    return answer;
}

/* Cut between characters where the name is long. */
void cloudevent_drop(struct event_reading *reading, const char *prefix, const char *name)
{
    char *place = reading->dropped[reading->dropped_count];
    size_t length;

    reading->dropped_total++;
    if (reading->dropped_count == CLOUDEVENT_DROPPED_MAX)
        return;
    reading->dropped_count++;
    length = (size_t)snprintf(place, ID_MAX + 1, "%s%s", prefix, name);
    if (length <= ID_MAX)
        return;
    for (length = ID_MAX; length > 0 && ((unsigned char)place[length - 1] & 0xc0) == 0x80;)
        length--;
    if (length > 0 && ((unsigned char)place[length - 1] & 0x80))
        length--;
    place[length] = '\0';
}

/* Whether every name and string in `value` is a CloudEvents string. */
static bool is_clean(json_t *value)
{
    const char *name;
    json_t *one;
    size_t i;

    if (json_is_string(value))
        return alphabet_is_clean(json_string_value(value));
    json_array_foreach(value, i, one)
    {
        if (!is_clean(one))
            return false;
    }
    json_object_foreach(value, name, one)
    {
        if (!alphabet_is_clean(name) || !is_clean(one))
            return false;
    }
    return true;
}

static bool is_member(enum event_kind kind, const char *name)
{
    const struct member *member = cloudevent_members(kind);

    while (member->name && strcmp(member->name, name))
        member++;
    return member->name;
}

static int check_clean(struct reader *reader, json_t *data)
{
    const char *name;
    json_t *value;

    json_object_foreach(data, name, value)
    {
        bool named = is_member(reader->event->kind, name);

        if (!alphabet_is_clean(name) || !is_clean(value))
            return cloudevent_refuse(reader->reading, WIRE_CODE_SCHEMA,
                                     "data%s%s holds a control character or a noncharacter",
                                     named ? "." : "", named ? name : "");
    }
    return CLOUDEVENT_OK;
}

static int compare_facts(const void *left, const void *right)
{
    return strcmp(((const struct event_fact *)left)->name,
                  ((const struct event_fact *)right)->name);
}

static void sort_facts(struct event *event)
{
    qsort(event->facts, event->fact_count, sizeof event->facts[0], compare_facts);
}
