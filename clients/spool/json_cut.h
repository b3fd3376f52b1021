/* json_cut.h - cuts a file of JSON into its objects, each with its place.
 *
 * A file is one list of objects, or objects one after the other (one per line, or documents over
 * many lines).  Bytes are handed on as they are; whether they are an event is for others to say.
 */
#ifndef CONCERN_SPOOL_JSON_CUT_H
#define CONCERN_SPOOL_JSON_CUT_H

#include "core/base.h"

/** A reader is a value; its bytes are borrowed. */
struct json_cut {
    const char *at, *end;
    bool list;           /* inside a list */
    const char *counted; /* whose place is line and column; never behind `at` */
    unsigned long line;
    unsigned column;
};

struct json_piece {
    const char *bytes; /* of JSON_CUT_OBJECT */
    size_t size;
    unsigned long line; /* where it begins, from 1 */
    unsigned column;    /* from 1, in characters */
    const char *fault;  /* of JSON_CUT_FAULT: what is wrong (what would be right) */
    const char *code;   /* and the wire's code for it */
};

enum json_cut_answer {
    JSON_CUT_OBJECT,
    JSON_CUT_FAULT, /* the next call goes on behind it */
    JSON_CUT_END
};

/** A reader of `size` bytes. */
struct json_cut json_cut_over(const char *bytes, size_t size);

/** The next object, or what is none. */
enum json_cut_answer json_cut_next(struct json_cut *cut, struct json_piece *piece);

/**
 * Says that the object just given was no JSON: one without its closing brace may have swallowed
 * what follows.  Reading goes on at the next line within it that begins with a brace, else
 * behind it.
 */
void json_cut_retry(struct json_cut *cut, const struct json_piece *piece);

/** The place of a byte of the object just given. */
void json_cut_place(struct json_cut *cut, const char *at, unsigned long *line, unsigned *column);

#endif
