/* shape.h - invented notifications of every shape a procedure can give one.
 *
 * What a text looks like depends on what is said (a statement: a message about a stage, deadline
 * or rule of the procedure) and on what else is so (a shape: who reads it, when it is due, who
 * stands in, ...).  All shapes with all others are too many; shapes_cover() lists few in which
 * every two things that can be so are so together.  Agencies, people, the reference and the
 * instants are invented; stages, roles, deadlines, rules and sentences are the procedure's own.
 */
#ifndef CONCERN_CORE_SHAPE_H
#define CONCERN_CORE_SHAPE_H

#include "core/compose.h"

/** What may be so in several ways; 0 is the plain one. */
enum shape_side {
    SHAPE_READER,
    SHAPE_DUE,
    SHAPE_STAND_IN,
    SHAPE_STATE,
    SHAPE_BESIDE,
    SHAPE_SENT,
    SHAPE_PRIORITY,
    SHAPE_PARTIES,
    SHAPE_DETAILS,
    SHAPE_WORDS,
    SHAPE_SIDES
};

struct shape {
    uint8_t of[SHAPE_SIDES]; /* each below shape_ways() */
};

/** In how many ways one side may be. */
size_t shape_ways(enum shape_side side);

enum { SHAPES_MAX = 128, STATEMENTS_MAX = 2048 };

/** Lists shapes, the plain one first, so that every two ways of two sides come together in at
 *  least one; answers how many.  The same list each time. */
size_t shapes_cover(struct shape shapes[SHAPES_MAX]);

/** What is said. */
struct statement {
    enum message message;
    int deadline, stage, rule; /* -1: none */
};

/** Lists everything a procedure can say; answers how many, at most STATEMENTS_MAX. */
size_t statements_of(const struct procedure *procedure,
                     struct statement statements[STATEMENTS_MAX]);

/** Where an invented notification and all it borrows live. */
struct invention {
    struct composition composition; /* what was made */
    struct notification notification;
    struct disagreement disagreement;
    struct directory directory;
    struct person reader, colleague;
    struct agency agencies[4]; /* the last is the board */
    struct role_holding holdings[PROCEDURE_ROLES_MAX + 1];
};

struct shape_source {
    const struct policy_view *view;
    const struct templates *templates;
    const char *language;  /* of the reader; NULL: LANGUAGE_DEFAULT */
    const char *role;      /* the reader's; NULL: as the shape says */
    const char *reference; /* NULL: an invented one */
};

/**
 * Makes the notification.  Ways that a procedure does not have (a role reached through another)
 * give the plain one.  Answers false where `role` is none of the procedure's.
 */
bool invent(const struct shape_source *source, const struct statement *statement,
            const struct shape *shape, struct invention *invention);

/** Adds what it is, in words for who words templates: "stage_entered of stage `two`, to who is to
 *  act, at the challenged side; overdue; on hold". */
void invention_describe(const struct invention *invention, const struct statement *statement,
                        const struct shape *shape, struct text *text);

#endif
