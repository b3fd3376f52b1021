/* mapping_parts.h - what a mapping is made of.  For mapping.c, which reads it, and
 * mapping_apply.c, which uses it.
 */
#ifndef CONCERN_SPOOL_MAPPING_PARTS_H
#define CONCERN_SPOOL_MAPPING_PARTS_H

#include "spool/mapping.h"

/** One step of a path: the member of an object, or a place of a list. */
struct mapping_step {
    const char *name; /* NULL: a place */
    size_t place;
};

/** One member of the event, and where its text comes from. */
struct mapping_member {
    const char *path; /* "data.challenged[0].agency", as it is written */
    struct mapping_step steps[MAPPING_STEPS_MAX];
    size_t step_count;
    bool is_time;
    bool required;                  /* an empty text is a fault, not a member less */
    const char *constant;           /* else: */
    struct yaml_texts columns;      /* their texts, with a blank between them */
    const struct yaml_node *values; /* what each text is called in the event; NULL: itself */
    const char *otherwise;          /* a text that is not among the values; NULL: a fault */
    const char *empty;              /* instead of an empty text; NULL: none */
    const char *before;             /* stands before the text; NULL: nothing */
};

struct mapping_section {
    const char *type; /* whole, "concernd.risk.changed"; NULL: of every event */
    struct mapping_member members[MAPPING_MEMBERS_MAX];
    size_t count;
};

struct mapping {
    struct arena *arena;
    char separator;
    struct zone *zone;
    struct times times;
    struct yaml_texts identity;
    struct mapping_section every;
    struct mapping_section *sections; /* in the arena */
    size_t section_count;
};

/** The type with its prefix, in `whole`; false where it is too long to be one. */
bool mapping_whole_type(const char *type, char *whole, size_t size);

#endif
