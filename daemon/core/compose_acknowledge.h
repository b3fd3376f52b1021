/* compose_acknowledge.h - the page behind the link by which somebody says what he has seen.
 *
 * Its words are a template of its own, "acknowledge", with a section for each state the page may be
 * in, and in it the parts {{#title}}, {{#text}} and, where something is asked, {{#button}}; and a
 * closed list of fields (config/templates/README.md).  What stands beside the reference, the stage
 * and the rest of it are words (words.h).
 */
#ifndef CONCERN_CORE_COMPOSE_ACKNOWLEDGE_H
#define CONCERN_CORE_COMPOSE_ACKNOWLEDGE_H

#include "core/compose.h"

#define TEMPLATE_ACKNOWLEDGE "acknowledge"

/** What the page has to say. */
enum acknowledge_state {
    ACKNOWLEDGE_ASKS,
    ACKNOWLEDGE_THANKS,
    ACKNOWLEDGE_USED,    /* it was said before */
    ACKNOWLEDGE_ENDED,   /* the disagreement is over */
    ACKNOWLEDGE_OLD,     /* the link is over */
    ACKNOWLEDGE_UNKNOWN, /* altered, or none of ours */
    ACKNOWLEDGE_LATER,   /* it cannot be kept just now */
    ACKNOWLEDGE_WRONG,   /* asked for in a way no page of ours asks */
    ACKNOWLEDGE_STATES   /* how many */
};

struct acknowledge_page {
    enum acknowledge_state state;
    const char *seen_at; /* in words; of ACKNOWLEDGE_USED, else "" */
    const struct templates *templates;
    const char *language; /* the reader's; NULL: LANGUAGE_DEFAULT */
};

enum { ACKNOWLEDGE_TEXT_SIZE = 2 * TEMPLATE_VALUE_MAX };

struct acknowledge_words {
    char title[SUBJECT_SIZE];
    char text[ACKNOWLEDGE_TEXT_SIZE]; /* lines, as compose_body() has them */
    char button[SUBJECT_SIZE];        /* of ACKNOWLEDGE_ASKS, else "" */
};

/** The name of a state, which is its section in the template: "asks". */
const char *acknowledge_state_name(enum acknowledge_state state);

/** Checks the template; TEMPLATE_OK, or TEMPLATE_FAULT with `*fault` set. */
int compose_acknowledge_check(const struct template_text *text, struct template_fault *fault);

struct compose_fault;

/** Renders every state of it and looks each over, as compose_examine() does a notification. */
int compose_acknowledge_examine(const struct templates *templates, const char *language,
                                struct compose_fault *fault);

/** The names of the fields, by `index` from 0; NULL past the last. */
const char *compose_acknowledge_field(size_t index);

/** The language the page is in: the reader's where it is worded in that; never NULL. */
const char *compose_acknowledge_language(const struct templates *templates, const char *language);

/** Writes the words of a page; TEMPLATE_OK, or TEMPLATE_CUT. */
int compose_acknowledge(const struct acknowledge_page *page, struct acknowledge_words *words);

#endif
