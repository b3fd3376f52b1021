/* faults.h - what is wrong in files, collected with its place.
 *
 * The readers of files never print and never stop at the first fault: they add to a
 * collector, and whoever asked (concernctl check, a start, a reload) prints them all.
 */
#ifndef CONCERN_POLICY_FAULTS_H
#define CONCERN_POLICY_FAULTS_H

#include "core/base.h"

enum {
    FAULTS_PER_FILE_MAX = 100,
    FAULTS_MAX = 1000,
    FAULT_TEXT_SIZE = 512, /* of one text, the closing zero among them */
    FAULT_LINE_SIZE = 1024
};

enum fault_severity { FAULT_ERROR, FAULT_WARNING };

struct fault {
    char *file;      /* owned by the collector */
    unsigned line;   /* from 1; 0: the file as a whole */
    unsigned column; /* from 1, in characters; 0: the line as a whole */
    enum fault_severity severity;
    char *text; /* what is wrong (what would be right) */
};

/** A collector; `struct faults faults = { 0 };` is an empty one. */
struct faults {
    struct fault *list;
    size_t count;
    size_t capacity;
    size_t errors;   /* of all, those left out included */
    size_t warnings; /* the same */
    size_t left_out; /* past FAULTS_PER_FILE_MAX or FAULTS_MAX, or for lack of memory */
};

/** Adds an error; the text is made as printf makes it and cut at FAULT_TEXT_SIZE. */
void faults_add(struct faults *faults, const char *file, unsigned line, unsigned column,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Adds a warning: said, but nothing is refused for it. */
void faults_warn(struct faults *faults, const char *file, unsigned line, unsigned column,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Sorts those from index `first` on by line and column; equal ones keep their order. */
void faults_sort(struct faults *faults, size_t first);

/** "file:line:column: text", with "warning: " before the text of a warning. */
void fault_write(const struct fault *fault, char line[FAULT_LINE_SIZE]);

/** Frees what it holds; an empty collector afterwards. */
void faults_close(struct faults *faults);

/**
 * The word of `words` (`count` of them, NULL ones passed over) nearest to `word` by edits
 * (a letter more, less, other, or two exchanged), without regard to case; NULL if none is
 * near enough to be meant: at most a third of the letters, and at least one, may differ.
 */
const char *nearest_word(const char *word, const char *const *words, size_t count);

/** The same among the texts that begin `count` records of `stride` bytes, the first at `first`
 *  (a record's first field is its id, as in struct agency, person, role). */
const char *nearest_id(const char *word, const void *first, size_t count, size_t stride);

#endif
