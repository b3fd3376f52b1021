/* procedure_reader.h - what the parts of the procedure reader share; nobody else includes it. */
#ifndef CONCERN_POLICY_PROCEDURE_READER_H
#define CONCERN_POLICY_PROCEDURE_READER_H

#include "core/event.h"
#include "core/procedure.h"
#include "policy/procedure_read.h"
#include "policy/yaml.h"

enum {
    TITLE_MAX = 200,
    PHRASE_WORDS_MAX = 40,
    PHRASE_TESTS_MAX = 8, /* joined by "or" */
    SELECTORS_MAX = 16,
    CONDITIONS_MAX = 8,
    KNOWN_EVENTS_MAX = EVENT_KIND_COUNT + PROCEDURE_EVENTS_MAX
};

struct procedure_file {
    struct arena *arena;
    const char *name;
    const char *bytes;
    size_t length;
    const struct yaml_node *root;
    struct procedure procedure;
};

/** Where a deadline of the procedure is written, before it is read. */
struct outlined {
    const char *id;
    const struct yaml_node *at;
    enum written_under under;
    int stage;
};

/** A role as far as others may refer to it. */
struct outlined_role {
    const char *id;
    enum side side;
};

struct procedure_reader {
    struct yaml_source source;
    struct procedure_defaults defaults; /* the procedure's own, once they are read */
    struct procedure_file *file;
    struct procedure *procedure; /* the file's, being filled */
    bool faulty;

    struct outlined_role roles[PROCEDURE_ROLES_MAX];
    size_t role_count;
    struct outlined outline[PROCEDURE_DEADLINES_MAX]; /* in the order of the file */
    size_t outline_count;
    const char *stage_ids[PROCEDURE_STAGES_MAX];
    size_t stage_count;
    const char *events[KNOWN_EVENTS_MAX]; /* of the wire and declared ones */
    size_t event_count;
    struct counting counting; /* the procedure's */
};

/** Adds an error, and remembers that there is one. */
void reader_fault(struct procedure_reader *reader, const struct yaml_node *at, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/** The same, with the nearest of `words` where one is near, else all of them. */
void reader_fault_word(struct procedure_reader *reader, const struct yaml_node *at,
                       const char *what, const char *word, const char *const *words, size_t count);

/** Fills the record; remembers faults. */
void reader_record(struct procedure_reader *reader, const struct yaml_node *map,
                   const struct yaml_key *keys, size_t key_count, void *record);

/* Phrases (procedure_phrases.c): NULL nodes leave the output as it is. */

/** Where selectors stand, and so which of them mean something there. */
enum selectors_use {
    SELECTORS_HANDLERS, /* roles only */
    SELECTORS_OWNERS,   /* not everyone_told */
    SELECTORS_TOLD
};

void read_selectors(struct procedure_reader *reader, const struct yaml_node *list,
                    enum selectors_use use, struct selectors *selectors);
void read_conditions(struct procedure_reader *reader, const struct yaml_node *list,
                     struct conditions *conditions);
/** `self` is the place of the deadline itself in the outline. */
void read_starts(struct procedure_reader *reader, const struct yaml_node *text, int self,
                 const struct start **starts, size_t *count);
void read_event_names(struct procedure_reader *reader, const struct yaml_node *list,
                      struct names *names);
void read_limit(struct procedure_reader *reader, const struct yaml_node *text, struct limit *limit);
void read_remind(struct procedure_reader *reader, const struct yaml_node *text,
                 struct remind *remind);
void read_chase(struct procedure_reader *reader, const struct yaml_node *text, struct chase *chase);
void read_counting(struct procedure_reader *reader, const struct yaml_node *map,
                   struct counting *counting);

/* Roles (procedure_roles.c). */
void outline_roles(struct procedure_reader *reader, const struct yaml_node *list);
void read_roles(struct procedure_reader *reader, const struct yaml_node *list);
/** The place of a role named at `at`; -1, and a fault, if there is none. */
int find_role(struct procedure_reader *reader, const struct yaml_node *at, const char *id);

/* Deadlines and rules (procedure_deadlines.c). */
void outline_deadlines(struct procedure_reader *reader, const struct yaml_node *list,
                       enum written_under under);
void sort_outline(struct procedure_reader *reader);
void read_deadlines(struct procedure_reader *reader);
void read_rules(struct procedure_reader *reader, const struct yaml_node *list);

/* Facts (procedure_facts.c). */
void read_facts(struct procedure_reader *reader, const struct yaml_node *list);
/** Checks "FACT [comparison VALUE]"; `value` NULL for a bare fact. */
void check_fact(struct procedure_reader *reader, const struct yaml_node *at, const char *fact,
                enum comparison comparison, const char *value);

#endif
