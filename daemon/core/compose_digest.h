/* compose_digest.h - one message that stands for several ordinary notifications to one person.
 *
 * It names each of them: what happened (compose_gist), and the references of the disagreements it
 * happened in.  Its words are a template of its own, "digest", with four parts: {{#subject}},
 * {{#opening}} and {{#closing}} around the list, and {{#brief}}, which is all of it where a list
 * cannot be carried; and a closed list of fields (config/templates/README.md).
 */
#ifndef CONCERN_CORE_COMPOSE_DIGEST_H
#define CONCERN_CORE_COMPOSE_DIGEST_H

#include "core/compose.h"

#define TEMPLATE_DIGEST "digest"

/** Bytes of the longest digest: gather_room() and its words. */
enum { DIGEST_BODY_SIZE = 60 * 1024 };

/** Entries of the longest list that has links. */
enum { DIGEST_LINKS_MAX = 200 };

struct digest_entry {
    const char *reference;
    const char *gist;
    const char *link;  /* to acknowledge by; NULL or "": none */
    const char *since; /* what has overtaken it (core/since.h); NULL or "": nothing */
};

/** Whether a list has links by which each entry is acknowledged by itself. */
enum digest_links {
    DIGEST_LINKS_NONE,    /* nobody acknowledges by a link here */
    DIGEST_LINKS_LISTED,  /* below the references */
    DIGEST_LINKS_LEFT_OUT /* there is no room for them */
};

struct digest {
    const char *board;                  /* its name */
    const struct digest_entry *entries; /* equal gists stand together */
    size_t count;
    unsigned part, parts;
    enum digest_links links;
    bool since_left_out;      /* there is no room to say what has overtaken which */
    bool has_calendar;        /* files for the reader's calendar go with it ... */
    size_t calendar_left_out; /* ... which have no room for so many entries */
    const char *notification; /* its stable id */
    bool stand_in;            /* the reader has it in place of somebody */
    bool operator;            /* he is the operator, for nobody else can be told */
    bool is_other_way;        /* it was sent before by another route, and nobody accepted it */
    const struct templates *templates;
    const char *language; /* the reader's; NULL: LANGUAGE_DEFAULT */
};

/** Checks the template; TEMPLATE_OK, or TEMPLATE_FAULT with `*fault` set. */
int compose_digest_check(const struct template_text *text, struct template_fault *fault);

struct compose_fault;

/** Renders it in every shape and looks it over, as compose_examine() does a notification. */
int compose_digest_examine(const struct templates *templates, const char *language,
                           struct compose_fault *fault);

/** The names of the fields, by `index` from 0; NULL past the last. */
const char *compose_digest_field(size_t index);

/** The language it is in: the reader's where it is worded in that; never NULL. */
const char *compose_digest_language(const struct digest *digest);

/** Writes the subject (one line), and the body: with its list, or (`brief`) without.  TEMPLATE_OK,
 *  or TEMPLATE_CUT. */
int compose_digest(const struct digest *digest, bool brief, char subject[SUBJECT_SIZE], char *body,
                   size_t size);

#endif
