/* preview.h - what the parts of `concernctl preview` share. */
#ifndef CONCERN_CONCERNCTL_PREVIEW_H
#define CONCERN_CONCERNCTL_PREVIEW_H

#include "core/compose_missing.h"
#include "core/shape.h"
#include "policy/policy.h"
#include "policy/templates.h"

enum { PREVIEW_PROCEDURES_MAX = 64 };

struct preview {
    /* as asked for; NULL: not said */
    const char *message, *procedure, *role, *language, *route, *html, *reference, *config;
    bool all;

    char id[ID_MAX + 1]; /* of the text: the message, or the file's name */
    char folder[3];      /* the language of the file's folder; "": none */
    char *text;          /* of the file */
    struct settings_file *settings;
    struct templates_file *read;
    struct template_text list[TEMPLATES_MAX * LANGUAGES_MAX + 1];
    struct templates templates; /* what was read, with the file in its place */
    struct policy *policies[PREVIEW_PROCEDURES_MAX];
    struct policy_view views[PREVIEW_PROCEDURES_MAX];
    size_t procedure_count;

    struct policy_view view; /* of the procedure that says the message */
    struct statement statements[STATEMENTS_MAX];
    size_t statement_count;
    struct invention invention;
    char subject[SUBJECT_SIZE], body[BODY_SIZE];
    bool faulty;
};

/* --- preview_load.c: exit codes; what is wrong has been told */

int preview_load(struct preview *preview);
void preview_unload(struct preview *preview);

/** There is no such message: says which is near. */
int preview_tell_unknown(const struct preview *preview);

/* --- preview_print.c */

/** Prints what was composed as its route carries it. */
int preview_print(struct preview *preview);

/** The text of events that have not come, which is about no disagreement. */
int preview_missing(struct preview *preview);

/** The text that several notifications come to, with the line that each of them has in it. */
int preview_digest(struct preview *preview);

/** The page behind the link by which somebody says what he has seen; with --all each state of it.
 */
int preview_acknowledge(struct preview *preview);

#endif
