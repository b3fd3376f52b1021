/* cloudevent_reader.h - what the readers of an event's data share.  Inside protocol only.
 *
 * cloudevent_data.c walks the table and reads what is simple; cloudevent_people.c reads who did
 * it, who challenges whom, and who holds a role.
 */
#ifndef CONCERN_PROTOCOL_CLOUDEVENT_READER_H
#define CONCERN_PROTOCOL_CLOUDEVENT_READER_H

#include "protocol/cloudevent_data.h"

enum { WHERE_SIZE = 120 };

/** What is being read, and where in the data. */
struct reader {
    struct event *event;
    struct event_reading *reading;
    char where[WHERE_SIZE]; /* "data.challenged[1].people" */
};

/** Reads one kind of member: CLOUDEVENT_OK, CLOUDEVENT_REFUSED or -ENOMEM. */
typedef int read_member(struct reader *reader, const struct member *member, json_t *value);

read_member reader_by, reader_party, reader_parties, reader_people, reader_person, reader_email;

/** Makes the one person of a contact.changed whole, whose members are read. */
int reader_contact(struct reader *reader);

/** By agency and role, so that equal JSON gives equal events. */
void reader_sort_people(struct event *event);

/** Refuses with 400.4: `where` and what is wrong there (what would be right). */
int reader_refuse(struct reader *reader, const char *wrong);

/** Takes an id to `place`. */
int reader_take_id(struct reader *reader, json_t *value, char place[ID_MAX + 1]);

/** Puts a text whose length was checked. */
void reader_put(char *place, size_t size, const char *text);

/** Where in the event a member goes. */
char *reader_place(struct reader *reader, const struct member *member);

#endif
