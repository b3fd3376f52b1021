/* cloudevent_people.c - reads who did it, who challenges whom, and who holds a role. */
#include "protocol/alphabet.h"
#include "protocol/cloudevent_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads the ids of a small object that `names` lists into `places`; drops its other members. */
static int read_ids(struct reader *reader, json_t *object, const char *const *names, char **places,
                    size_t count)
{
    char whole[WHERE_SIZE], prefix[WHERE_SIZE];
    const char *name;
    json_t *value;
    int answer;

    if (!json_is_object(object))
        return reader_refuse(reader, "is no object");
    reader_put(whole, sizeof whole, reader->where);
    snprintf(prefix, sizeof prefix, "%s.", whole + strlen("data."));
    json_object_foreach(object, name, value)
    {
        size_t i = 0;

        while (i < count && strcmp(names[i], name) != 0)
            i++;
        if (i == count) {
            cloudevent_drop(reader->reading, prefix, name);
            continue;
        }
        snprintf(reader->where, sizeof reader->where, "%.100s.%s", whole, names[i]);
        if (places[i] && (answer = reader_take_id(reader, value, places[i])) != CLOUDEVENT_OK)
            return answer;
    }
    reader_put(reader->where, sizeof reader->where, whole);
    return CLOUDEVENT_OK;
}

int reader_by(struct reader *reader, const struct member *member, json_t *value)
{
    static const char *const names[] = { "agency", "board", "role", "person" };
    struct event *event = reader->event;
    char *places[] = { event->by.agency, event->by.board, event->by.role, event->by.person };
    int answer = read_ids(reader, value, names, places, COUNT_OF(names));

    (void)member;
    if (answer != CLOUDEVENT_OK)
        return answer;
    if (!event->by.agency[0] == !event->by.board[0])
        return reader_refuse(reader, "must name an agency or a board, one of them");
    return CLOUDEVENT_OK;
}

static int read_one_party(struct reader *reader, json_t *party, char agency[ID_MAX + 1])
{
    static const char *const names[] = { "agency", "people" };
    char *places[] = { agency, NULL };
    char whole[WHERE_SIZE];
    struct member at_agency = { .offset = (size_t)(agency - (char *)reader->event) };
    json_t *people;
    int answer = read_ids(reader, party, names, places, COUNT_OF(names));

    if (answer != CLOUDEVENT_OK)
        return answer;
    if (!agency[0])
        return reader_refuse(reader, "has no agency");
    people = json_object_get(party, "people");
    if (!people)
        return CLOUDEVENT_OK;
    reader_put(whole, sizeof whole, reader->where);
    snprintf(reader->where, sizeof reader->where, "%.100s.people", whole);
    answer = reader_people(reader, &at_agency, people);
    if (answer == CLOUDEVENT_OK)
        reader_put(reader->where, sizeof reader->where, whole);
    return answer;
}

int reader_party(struct reader *reader, const struct member *member, json_t *value)
{
    (void)member;
    return read_one_party(reader, value, reader->event->challenging);
}

int reader_parties(struct reader *reader, const struct member *member, json_t *value)
{
    struct event *event = reader->event;
    size_t i;
    json_t *party;
    int answer;

    (void)member;
    if (!json_is_array(value) || json_array_size(value) < 1 ||
        json_array_size(value) > EVENT_CHALLENGED_MAX)
        return reader_refuse(reader, "is no list of 1 to 8 agencies");
    json_array_foreach(value, i, party)
    {
        snprintf(reader->where, sizeof reader->where, "data.challenged[%zu]", i);
        if ((answer = read_one_party(reader, party, event->challenged[i])) != CLOUDEVENT_OK)
            return answer;
        for (size_t before = 0; before < i; before++)
            if (!strcmp(event->challenged[before], event->challenged[i]))
                return reader_refuse(reader, "is an agency that was listed already");
        event->challenged_count++;
    }
    return CLOUDEVENT_OK;
}

/* The address of {"email": "…"}. */
static int take_address(struct reader *reader, json_t *value, char place[ADDRESS_MAX + 1])
{
    if (!json_is_string(value) || !alphabet_is_address(json_string_value(value)))
        return reader_refuse(reader, "is no mail address (name@domain, nothing around it)");
    reader_put(place, ADDRESS_MAX + 1, json_string_value(value));
    return CLOUDEVENT_OK;
}

/* A person of the directory by id, or an address. */
static int take_person(struct reader *reader, json_t *value, struct event_person *person)
{
    static const char *const names[] = { "email" };
    char *places[] = { NULL };
    int answer;

    if (!json_is_object(value)) {
        if (!json_is_string(value) || !alphabet_is_id(json_string_value(value)))
            return reader_refuse(reader, "is neither a person's id nor {\"email\": ADDRESS}");
        reader_put(person->person, sizeof person->person, json_string_value(value));
        return CLOUDEVENT_OK;
    }
    if ((answer = read_ids(reader, value, names, places, COUNT_OF(names))) != CLOUDEVENT_OK)
        return answer;
    return take_address(reader, json_object_get(value, "email"), person->email);
}

/* One holder per role and agency: two that differ would leave it open who is told. */
static int add_person(struct reader *reader, const struct event_person *person)
{
    struct event *event = reader->event;

    for (size_t i = 0; i < event->people_count; i++) {
        const struct event_person *other = &event->people[i];

        if (strcmp(other->agency, person->agency) != 0 || strcmp(other->role, person->role) != 0)
            continue;
        if (!strcmp(other->person, person->person) && !strcmp(other->email, person->email))
            return CLOUDEVENT_OK;
        return reader_refuse(reader, "differs from who holds this role elsewhere in the event");
    }
    if (event->people_count == EVENT_PEOPLE_MAX)
        return reader_refuse(reader, "is one person too many (at most 24 in an event)");
    event->people[event->people_count++] = *person;
    return CLOUDEVENT_OK;
}

int reader_people(struct reader *reader, const struct member *member, json_t *value)
{
    const char *agency = reader_place(reader, member); /* in a party: that party's */
    char whole[WHERE_SIZE];
    const char *role;
    json_t *one;
    unsigned place = 0;
    int answer;

    if (!json_is_object(value))
        return reader_refuse(reader, "is no object of role to person");
    reader_put(whole, sizeof whole, reader->where);
    json_object_foreach(value, role, one)
    {
        struct event_person person = { 0 };

        if (!alphabet_is_id(role))
            return reader_refuse(reader, "names a role that is no id");
        snprintf(reader->where, sizeof reader->where, "%.100s[%u]", whole, place++);
        reader_put(person.agency, sizeof person.agency, agency);
        reader_put(person.role, sizeof person.role, role);
        if ((answer = take_person(reader, one, &person)) != CLOUDEVENT_OK ||
            (answer = add_person(reader, &person)) != CLOUDEVENT_OK)
            return answer;
    }
    reader_put(reader->where, sizeof reader->where, whole);
    return CLOUDEVENT_OK;
}

int reader_person(struct reader *reader, const struct member *member, json_t *value)
{
    (void)member;
    return reader_take_id(reader, value, reader->event->people[0].person);
}

int reader_email(struct reader *reader, const struct member *member, json_t *value)
{
    (void)member;
    return take_address(reader, value, reader->event->people[0].email);
}

int reader_contact(struct reader *reader)
{
    struct event *event = reader->event;
    struct event_person *person = &event->people[0];

    reader_put(reader->where, sizeof reader->where, "data");
    if (!person->person[0] == !person->email[0])
        return reader_refuse(reader, "must name a person or an email, one of them");
    reader_put(person->agency, sizeof person->agency, event->agency);
    reader_put(person->role, sizeof person->role, event->role);
    event->people_count = 1;
    return CLOUDEVENT_OK;
}

static int compare_people(const void *left, const void *right)
{
    const struct event_person *a = left, *b = right;
    int agency = strcmp(a->agency, b->agency);

    return agency ? agency : strcmp(a->role, b->role);
}

void reader_sort_people(struct event *event)
{
    qsort(event->people, event->people_count, sizeof event->people[0], compare_people);
}
