/* render_digest.h - a digest becomes the bytes that one route carries. */
#ifndef CONCERN_IO_RENDER_DIGEST_H
#define CONCERN_IO_RENDER_DIGEST_H

#include "core/compose_digest.h"
#include "core/directory.h"
#include "io/render.h"

struct digest_rendering {
    const struct digest *digest;
    const struct directory *directory;
    const char *board;     /* its id */
    const char *mail_from; /* "" where there is no mail */
    const char *domain;    /* as in struct rendering, and the entries */
    struct icalendar_entry *entries;
    size_t entry_count;
    const char *delivery_id; /* of this route */
    struct instant sent;
    const struct return_path_key *bounce_key; /* as in struct rendering */
};

/**
 * Writes what the route carries: a mail, also what is for its reader's calendar; with the whole
 * list, or, in a text message, that there is one. Never for a webhook.  RENDERED sets `*bytes` (the
 * caller frees) and `*size`; RENDER_REFUSED; -ENOMEM.
 */
int render_digest(const struct digest_rendering *rendering, enum route_kind kind, const char *to,
                  char **bytes, size_t *size);

#endif
