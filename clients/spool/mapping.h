/* mapping.h - which column of a CSV file becomes which member of an event.
 *
 * A mapping is a YAML file; concern-spool(1) describes it.  It is read once and then only looked
 * at.  Whatever is wrong in it is told with line and column.
 */
#ifndef CONCERN_SPOOL_MAPPING_H
#define CONCERN_SPOOL_MAPPING_H

#include "policy/yaml.h"
#include "spool/csv.h"
#include "spool/times.h"

#include <jansson.h>

enum {
    MAPPING_MEMBERS_MAX = 64, /* of a section */
    MAPPING_STEPS_MAX = 6,    /* of a member's path */
    MAPPING_COLUMNS_MAX = 4,  /* of a member */
    MAPPING_IDENTITY_MAX = 8, /* columns */
    MAPPING_VALUES_MAX = 200, /* of a member */
    MAPPING_LIST_MAX = 8,     /* places of a list in a path */
    MAPPING_FAULT_SIZE = 400
};

struct mapping;

/** A row's header: the names of the columns, as they stand in the file's first row. */
struct mapping_header {
    size_t count;
    const char *names[CSV_CELLS_MAX];
};

enum mapping_answer {
    MAPPING_OK,
    MAPPING_FAULTY /* told */
};

/** What is wrong with a row: its cell's column in the line (0: the row), and the text. */
struct mapping_fault {
    unsigned column;
    char text[MAPPING_FAULT_SIZE];
};

/** Reads a mapping out of `size` bytes; `file` names it in the faults.  MAPPING_OK sets
 *  `*mapping`; MAPPING_FAULTY; -ENOMEM. */
int mapping_read(const char *file, const char *bytes, size_t size, struct faults *faults,
                 struct mapping **mapping);

/** The same out of a file. */
int mapping_load(const char *file, struct faults *faults, struct mapping **mapping);

/** What separates the cells. */
char mapping_separator(const struct mapping *mapping);

/** Whether every column that the mapping names is there, once.  MAPPING_FAULTY sets `*fault`. */
int mapping_check_header(const struct mapping *mapping, const struct mapping_header *header,
                         struct mapping_fault *fault);

/**
 * Makes the event of a row, which has as many cells as the header.  What the mapping does not
 * give (an id, a time, a source) is not in it.
 *
 * MAPPING_OK sets `*event`, the caller's, and `*identity`: the texts of the columns that tell
 * one row from another, the caller's too, or NULL where the mapping names none.
 * MAPPING_FAULTY sets `*fault`; -ENOMEM.
 */
int mapping_apply(const struct mapping *mapping, const struct mapping_header *header,
                  const struct csv_row *row, json_t **event, json_t **identity,
                  struct mapping_fault *fault);

/** NULL is fine; sets NULL. */
void mapping_close(struct mapping **mapping);

#endif
