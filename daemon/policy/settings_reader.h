/* settings_reader.h - what the files that read concernd.yaml share, for settings*.c alone. */
#ifndef CONCERN_POLICY_SETTINGS_READER_H
#define CONCERN_POLICY_SETTINGS_READER_H

#include "policy/arena.h"
#include "policy/settings.h"
#include "policy/yaml.h"

enum { SETTINGS_PATH_SIZE = 1024 };

struct settings_reader {
    struct yaml_source source;
    struct settings *settings;
    const struct yaml_node *root; /* NULL: nothing is written */
    bool faulty;
};

/** Tells of a value that cannot be: "WHAT: "VALUE" (RIGHT)", at its place or (`at` NULL) none. */
void settings_fault(struct settings_reader *reader, const struct yaml_node *at, const char *what,
                    const char *value, const char *right);

/** The absolute path of what the file says; "" for "". */
const char *settings_path(struct settings_reader *reader, const char *text);

/** Whether `text` is `beginning` and something more. */
bool settings_begins_with(const char *text, const char *beginning);

/** Reads the list `feeds`. */
void settings_read_feeds(struct settings_reader *reader, const struct yaml_node *list);

#endif
