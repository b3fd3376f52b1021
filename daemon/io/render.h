/* render.h - a notification becomes the bytes that one route carries.
 *
 * Rendered once, when it is put into the outbox: what is stored is what every attempt sends.
 */
#ifndef CONCERN_IO_RENDER_H
#define CONCERN_IO_RENDER_H

#include "core/compose.h"
#include "core/delivery.h"
#include "io/icalendar.h"
#include "protocol/outgoing.h"
#include "protocol/return_path.h"

struct rendering {
    const struct composition *composition;
    const char *mail_from; /* "" where there is no mail */
    const char *domain;    /* of UIDs, and of what mails answer: it stays; NULL: the sender's */
    struct icalendar_entry *entries; /* for the reader's calendar; left_out is set */
    size_t entry_count;
    const char *delivery_id;                  /* of this route; NULL: the notification's */
    const struct return_path_key *bounce_key; /* NULL: the mail is not signed for its bounce */
};

enum render_answer {
    RENDERED,
    RENDER_REFUSED, /* an address or text that may not go out: told to the journal, by id */
};

/**
 * Writes what the route carries: a whole mail to the address `to`, or the CloudEvent for an
 * endpoint.  RENDERED sets `*bytes` (the caller frees) and `*size`; -ENOMEM.
 */
int render_delivery(const struct rendering *rendering, enum route_kind kind, const char *to,
                    char **bytes, size_t *size);

#endif
