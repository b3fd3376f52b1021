/* compose_private.h - what the parts of compose share, for compose*.c alone. */
#ifndef CONCERN_CORE_COMPOSE_PRIVATE_H
#define CONCERN_CORE_COMPOSE_PRIVATE_H

#include "core/audience.h"
#include "core/compose.h"

/* An item holds a role of as many agencies as may take part, each with a name of 200 bytes. */
enum { LIST_ITEMS_MAX = 12, LIST_ITEM_SIZE = TEMPLATE_VALUE_MAX };

/** The part of a message's template that is being filled. */
enum part { PART_NONE, PART_HEADLINE, PART_HAPPENED, PART_TO_DO };

/** A list that is written out before the template asks for it. */
struct lines {
    char (*items)[LIST_ITEM_SIZE]; /* LIST_ITEMS_MAX of them, and "…" if there are more */
    size_t count;
    size_t current; /* the item a section is at; `count` outside */
};

/** Where the lists of a telling lie, which is copied often and so holds only where they are. */
struct lists_room {
    char items[3][LIST_ITEMS_MAX + 1][LIST_ITEM_SIZE];
};

/** One notification while it is being put into words. */
struct telling {
    const struct composition *of;
    const struct procedure *procedure;
    const struct disagreement *disagreement;
    const struct notification *notification;
    const struct words *words;       /* of the language of the text that is being filled */
    const struct recipient_role *to; /* the first of its roles */
    const struct say *principal;     /* what the subject speaks of */
    const struct say *say;           /* what is being said; outside of a list the principal */
    enum part part;
    int stage;  /* the stage it is about; -1: none */
    bool asked; /* something is to be done */
    bool in_says;
    struct lines also_roles, opposite, told_next;
    const struct template_text *templates[SAYS_MAX]; /* of each thing said, found once */
};

/* --- compose.c */

enum { LINE_WIDTH = 78, PART_SIZE = TEMPLATE_VALUE_MAX };

/** What stands where a message has no template, or none that says anything. */
extern const struct template_text compose_last_resort;

/** A notification ready to be put into words; its lists lie in the room. */
struct telling compose_telling(const struct composition *composition, struct lists_room *room);

/** The text of a frame, "subject", "mail", "text" or "digest_entry", and where it came from;
 * `trace` may be NULL. */
const struct template_text *compose_frame(struct telling *self, const char *id,
                                          struct template_trace *trace, struct text *result);

/** One part of a message's template as it is filled; `trace` may be NULL. */
void compose_fill_part(struct telling *self, const struct template_text *template, enum part part,
                       struct template_trace *trace, struct text *result);

/** Adds a subject as one line: what is not printable, and blanks in a row, are one blank. */
void compose_add_line(const char *raw, struct text *line);

/** Adds one part of the words for the thing that is said. */
void compose_part(struct telling *self, const struct say *say, enum part part, struct text *text);

/* --- compose_field.c: the closed list of compose_field.h */

extern const struct template_field compose_frame_fields[], compose_message_fields[];
extern const size_t compose_field_count;

/** The callbacks of template.h over a struct telling. */
bool compose_field_value(void *telling, size_t field, struct text *value);
bool compose_field_item(void *telling, size_t field, size_t item);

/* --- compose_say.c */

/** When the reader's answer is due, if that is after he is told; INSTANT_NONE. */
struct instant answer_due(const struct telling *self);

/* --- compose_time.c */

/** "17:00 on Wednesday 6 January 2027"; `brief` "17:00 Wed 6 January 2027". */
void write_instant(const struct words *words, const struct timekeeping *time, struct instant at,
                   bool brief, struct text *text);

/** "1 minute", "3 hours 20 minutes", "less than 1 minute"; `span_us` is not negative. */
void write_span(const struct words *words, int64_t span_us, struct text *text);

/** Whether an instant lies outside the working day, or on a closed day. */
bool is_out_of_hours(const struct timekeeping *time, struct instant at);

/* --- compose_people.c */

/** A title as the file gives it, or its id made readable: "line_manager" is "Line manager". */
void write_title(const char *title, const char *id, struct text *text);

/** "Stage 2", "Stage 2 (Managers)"; nothing for -1. */
void write_stage(const struct telling *self, int stage, struct text *text);

/** The name of the agency a party is, or of the board. */
void write_agency(const struct telling *self, int party, struct text *text);

/** "Line manager (Northtown Housing, Northtown Social Care); LSAB Team". */
void write_audience(const struct telling *self, const struct audience *audience, struct text *text);

/** Where selectors are read while `stage` is the current one. */
struct audience_place place_at(const struct telling *self, int stage);

/** Whether there is room for one more; where there is not, "…" stands for all that follow. */
bool list_has_room(struct lines *lines);

/** Whether the recipient is among those who are to do what a deadline or stage asks. */
bool is_handler(const struct telling *self, const struct say *say);

void list_also_roles(struct telling *self);
void list_opposite(struct telling *self);

/* --- compose_next.c */

/** The stage an advance from `stage` would enter; -1: none. */
int stage_after(const struct telling *self, int stage);

/** When the reader's time begins: when he should have been told, or where late when he was. */
struct instant reader_now(const struct telling *self);

/** When the deadline of `stage` is due, as far as this notification knows; INSTANT_NONE: never. */
struct instant stage_due(const struct telling *self, int stage);

/** Who will be told when, if nothing is recorded. */
void list_told_next(struct telling *self);

#endif
