/* template.h - plain text with {{fields}} and {{#sections}}: checked, filled, wrapped.
 *
 *   {{name}}                  the value of a field; nothing where it has none
 *   {{#name}} ... {{/name}}   shown if the field has a value; of a list, once for each item
 *   {{^name}} ... {{/name}}   shown if it has none
 *   {{! ... }}                a remark, not shown
 *
 * A section's tag or a remark alone on a line leaves no line behind.  Which fields there are,
 * and what they are worth, is the caller's matter; a value is never read as a template.
 */
#ifndef CONCERN_CORE_TEMPLATE_H
#define CONCERN_CORE_TEMPLATE_H

#include "core/text.h"

enum {
    TEMPLATE_NESTING_MAX = 8,  /* sections within sections */
    TEMPLATE_VALUE_MAX = 2000, /* bytes of one value; the rest is cut */
    TEMPLATE_FIELDS_MAX = 128
};

enum template_answer {
    TEMPLATE_OK,
    TEMPLATE_FAULT, /* unknown field, section not closed, ...: line and why are set */
    TEMPLATE_CUT,   /* the result did not fit */
};

struct template_fault {
    unsigned line, column; /* from 1, in characters */
    char why[200];         /* what is wrong (what would be right) */
};

/** How a field may be used in a template. */
enum template_use {
    TEMPLATE_AS_VALUE = 1,
    TEMPLATE_AS_SECTION = 2,
    TEMPLATE_LIST = 4,  /* its section repeats */
    TEMPLATE_LINES = 8, /* its value is lines of a template's own; else it is one line */
};

struct template_field {
    const char *name;
    unsigned uses; /* of enum template_use; 0: not in this kind of template */
};

enum { TEMPLATE_MARKS_MAX = 512 };

/** Which place of a template each part of a filled text came from, for who looks it over. */
struct template_trace {
    struct template_mark {
        size_t at;        /* in the filled text */
        const char *from; /* in the template: its words, or the tag whose value it is */
        bool is_value;
    } marks[TEMPLATE_MARKS_MAX]; /* ascending; past them nothing more is kept */
    size_t count;
};

/** Where the values come from while a template is filled. */
struct template_source {
    const struct template_field *fields;
    size_t field_count; /* at most TEMPLATE_FIELDS_MAX */
    void *context;

    /** Adds the field's value; answers whether it has one.  `value` may be thrown away. */
    bool (*value)(void *context, size_t field, struct text *value);

    /**
     * Makes an item (from 0) of a list the current one; false past the last.  After false
     * there is no current item.
     */
    bool (*item)(void *context, size_t field, size_t item);

    struct template_trace *trace; /* NULL: not wanted */
};

/** Checks a template; TEMPLATE_OK, or TEMPLATE_FAULT with `*fault` set. */
int template_examine(const char *template, const struct template_field *fields, size_t field_count,
                     struct template_fault *fault);

/**
 * Looks for words that stand in none of the sections named; TEMPLATE_OK where there are none, or
 * TEMPLATE_FAULT with where they are.  The template has been examined.
 */
int template_examine_outside(const char *template, const char *const *sections, size_t count,
                             struct template_fault *fault);

/**
 * Adds the filled template.  Total: of a template that was never examined, what is unknown
 * is left out, and what is nested too deep or never closed is left out to its end.
 */
void template_fill(const char *template, const struct template_source *source, struct text *result);

struct template_proof {
    size_t at;     /* in the filled text */
    char why[200]; /* "gives \"..\" in \"... it passed..\"" */
};

/**
 * Looks a filled text over as a proofreader would once it is wrapped: doubled or lonely marks
 * (" .", ",,", "()"), tags left over, a word longer than `width` characters, blanks doubled in a
 * line that is kept.  What a value has within itself is not the template's.
 * TEMPLATE_OK, or TEMPLATE_FAULT with `*proof` set.
 */
int template_proof(const char *filled, const struct template_trace *trace, unsigned width,
                   struct template_proof *proof);

/** The line (from 1) of `template` that what stands at `at` of the filled text came from. */
unsigned template_line(const char *template, const struct template_trace *trace, size_t at);

/**
 * Adds `raw` as lines of at most `width` characters where its words allow.  Lines that follow
 * each other are one paragraph; a line that begins with "- " is an item of a list, and one
 * that begins with a space is kept as a line, both hanging; any number of empty lines is one.
 * Control characters are left out.  The last line ends with "\n".
 */
void template_wrap(const char *raw, unsigned width, struct text *result);

#endif
