/* directory_reader.h - what the parts of the directory reader share; nobody else includes it. */
#ifndef CONCERN_POLICY_DIRECTORY_READER_H
#define CONCERN_POLICY_DIRECTORY_READER_H

#include "policy/directory_read.h"
#include "policy/yaml.h"

struct directory_file {
    struct arena *arena;
    const char *name;
    struct directory directory;
    struct endpoint_setting *endpoints;
    size_t endpoint_count;
    const struct yaml_node *agencies, *boards, *people; /* where they are written; NULL: not */
    const struct yaml_node *at_endpoints;               /* the same */
};

struct directory_reader {
    struct yaml_source source;
    struct directory_file *file;
    bool faulty;
};

/** Adds an error at a node, and remembers that there is one. */
void directory_fault(struct directory_reader *reader, const struct yaml_node *at,
                     const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Fills the record; remembers faults. */
void directory_record(struct directory_reader *reader, const struct yaml_node *map,
                      const struct yaml_key *keys, size_t count, void *record);

/** The text of a key that is an id, or a fault. */
const char *directory_id(struct directory_reader *reader, const struct yaml_node *key);

/** The kind of route called `name`; false and a fault where there is none. */
bool find_route_kind(struct directory_reader *reader, const struct yaml_node *at, const char *name,
                     enum route_kind *kind);

void read_endpoints(struct directory_reader *reader, const struct yaml_node *map);

/** What `references` and `links` of an agency or a board say, and `categories` of a board; a fault
 *  for each that cannot be. */
struct reference_rules read_references(struct directory_reader *reader, const struct yaml_node *at,
                                       const struct yaml_texts *forms,
                                       const struct yaml_texts *links);
void check_categories(struct directory_reader *reader, const struct yaml_node *at,
                      const struct yaml_texts *categories);

/** A fault where there is no endpoint `id` of this kind. */
void check_endpoint(struct directory_reader *reader, const struct yaml_node *at, const char *id,
                    enum endpoint_kind kind);

#endif
