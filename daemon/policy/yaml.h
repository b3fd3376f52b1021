/* yaml.h - reads a YAML file into a tree with places, and a tree into records by tables.
 *
 * libfyaml does the parsing; what is kept is a small tree of ours in the arena of the file,
 * every node with its line and column.  Scalars are read as they are written: nothing is
 * guessed to be a number, a time or a yes.  Anchors, aliases, tags, merge keys, several
 * documents in one file, keys that are no plain text, and control characters are refused:
 * none of our files needs them, and each can hide what a file says from who reads it aloud.
 */
#ifndef CONCERN_POLICY_YAML_H
#define CONCERN_POLICY_YAML_H

#include "policy/arena.h"
#include "policy/faults.h"

enum {
    YAML_FILE_MAX = 1024 * 1024, /* bytes of a file */
    YAML_DEPTH_MAX = 16,
    YAML_NODES_MAX = 100000
};

enum yaml_answer {
    YAML_READ,
    YAML_FAULTY, /* told to the faults */
};

enum yaml_node_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_pair;

struct yaml_node {
    enum yaml_node_kind kind;
    unsigned line, column;         /* from 1; columns in characters */
    const char *text;              /* of a scalar; no control characters but "\n"; else NULL */
    bool empty;                    /* a scalar nobody wrote: "key:" */
    size_t count;                  /* of a list's items or a map's pairs */
    const struct yaml_node *items; /* of a list */
    const struct yaml_pair *pairs; /* of a map, in the order of the file; no key twice */
};

struct yaml_pair {
    struct yaml_node key; /* always a scalar */
    struct yaml_node value;
};

/** What every reader of a tree needs: where texts live, which file it is, where faults go. */
struct yaml_source {
    const char *file; /* for the faults */
    struct arena *arena;
    struct faults *faults;
};

/** Reads a file of at most YAML_FILE_MAX bytes whole.  YAML_READ sets `*bytes` (in the arena, a
 *  zero behind them) and `*length`; YAML_FAULTY; -ENOMEM. */
int yaml_read_bytes(const struct yaml_source *source, char **bytes, size_t *length);

/** The length of the byte order mark that some editors begin a file with; 0: there is none. */
size_t yaml_mark_length(const char *bytes, size_t length);

/** Whether `bytes` are UTF-8 without control characters but tabs and line ends; else a fault. */
bool yaml_check_text(const struct yaml_source *source, const char *bytes, size_t length);

/** Makes the tree of `bytes`.  YAML_READ sets `*root`, which lives in the arena; YAML_FAULTY
 *  (an empty document too); -ENOMEM. */
int yaml_parse(const struct yaml_source *source, const char *bytes, size_t length,
               const struct yaml_node **root);

/** The value of a map's key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/** Adds an error at a node. */
void yaml_fault(const struct yaml_source *source, const struct yaml_node *at, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/** "text", "a list" or "a map": what a node is, for faults. */
const char *yaml_kind_name(const struct yaml_node *node);

/** What a key of a record is, and so where it goes. */
enum yaml_key_kind {
    YAML_KEY_TEXT,     /* const char *; one line; least to most bytes */
    YAML_KEY_ID,       /* const char *; 1 to ID_MAX letters, digits and . _ : / - */
    YAML_KEY_TEXTS,    /* struct yaml_texts: a list of texts, least to most of them */
    YAML_KEY_NUMBER,   /* int64_t; least to most */
    YAML_KEY_YES,      /* bool: yes or no, true or false */
    YAML_KEY_TRUE,     /* bool: true, and no other word */
    YAML_KEY_CHOICE,   /* int: the place in `words` */
    YAML_KEY_DURATION, /* int64_t, µs: "500 ms", "30 seconds", "72 hours", "3 days"; bounds in µs */
    YAML_KEY_LIST,     /* const struct yaml_node *: a list, least to most items */
    YAML_KEY_MAP,      /* const struct yaml_node *: a map, least to most pairs */
    YAML_KEY_NODE,     /* const struct yaml_node *: anything that is written */
};

struct yaml_texts {
    const char *const *list;
    size_t count;
};

/** One row per key of a record. */
struct yaml_key {
    const char *name;
    enum yaml_key_kind kind;
    size_t offset; /* in the record */
    bool required;
    int64_t least, most;      /* most 0: the kind's own bounds */
    const char *const *words; /* of a choice, ended by NULL */
};

/**
 * Reads a map into `record` by its table.  Fields of keys that are not written, or are faulty,
 * stay as they are: put the defaults there before.  Unknown, missing, ill-typed and empty keys
 * and values out of range are told with their place and the nearest known word.
 * YAML_READ, YAML_FAULTY, or -ENOMEM.
 */
int yaml_record(const struct yaml_source *source, const struct yaml_node *map,
                const struct yaml_key *keys, size_t key_count, void *record);

/** Reads one value as a table's row says, into `record`; the same answers. */
int yaml_value(const struct yaml_source *source, const struct yaml_node *value,
               const struct yaml_key *key, void *record);

/** Whether `text` is 1 to ID_MAX letters, digits and . _ : / - */
bool yaml_is_id(const char *text);

#endif
