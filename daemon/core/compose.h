/* compose.h - fills a template; refuses unknown fields.
 *
 * A template is plain text with {{field}}, {{#field}}…{{/field}} (if it has a value, or for
 * each of a list) and {{^field}}…{{/field}} (if it has none).  Fields are a closed list
 * (compose.c), so that a misspelt one is found when the file is loaded, with its line; none
 * of them carries anything about the adult or child.
 */
#ifndef CONCERN_CORE_COMPOSE_H
#define CONCERN_CORE_COMPOSE_H

#include "core/plan.h"
#include "core/text.h"

/** One template file's text and where it came from; owned by policy/templates. */
struct template_text {
    const char *id;   /* "stage_entered", "mail", "subject", a rule's id, "rule" (the general one) */
    const char *file; /* for messages about it */
    const char *text;
};

struct templates {
    const struct template_text *list;
    size_t count;
};

enum template_answer {
    TEMPLATE_OK,
    TEMPLATE_FAULT, /* unknown field, section not closed, ...: line and why are set */
    TEMPLATE_CUT,   /* the result did not fit */
};

struct template_fault {
    unsigned line, column; /* from 1 */
    char why[200];         /* what is wrong (what would be right) */
};

/** Checks one template against the fields there are. */
int template_check(const struct template_text *text, struct template_fault *fault);

/** Everything a notification's text may be made of. */
struct composition {
    const struct policy_view *view;
    const struct directory *directory; /* NULL: invented holders */
    const struct templates *templates;
    const struct disagreement *disagreement;
    const struct notification *notification;
    const char *notification_id; /* the stable id */
    struct instant sent;         /* when it was put on its way: later than `at` is said so */
};

enum {
    SUBJECT_SIZE = 200,
    BODY_SIZE = 16384
};

/**
 * Writes the subject, one line: "[Action] Stage 2 begins - ref D-2026-0192 - answer by 17:00
 * Wed 6 January 2027".  TEMPLATE_OK, or TEMPLATE_CUT where it did not fit (still a whole text).
 */
int compose_subject(const struct composition *composition, char subject[SUBJECT_SIZE]);

/** Writes the plain text body, lines ended by "\n", at most 78 characters where words allow. */
int compose_body(const struct composition *composition, char *body, size_t size);

#endif
