/* engine_digest.h - a digest that nobody accepted goes by another way. */
#ifndef CONCERN_IO_ENGINE_DIGEST_H
#define CONCERN_IO_ENGINE_DIGEST_H

#include "io/engine_private.h"

/** A digest and what is in it. */
struct engine_digest;

/** Whether an outbox row is a delivery of one. */
bool engine_is_digest(const struct outbox_row *row);

/** Opens the one whose first row is `first`; `*digest` stays NULL where nothing is known of it.
 *  0 or negative. */
int engine_digest_open(struct engine *engine, const struct outbox_row *first,
                       struct engine_digest **digest);
void engine_digest_close(struct engine_digest **digest);

/** How many notifications are in it, and of which board. */
size_t engine_digest_count(const struct engine_digest *digest);
const char *engine_digest_board(const struct engine_digest *digest);

/** As escalation_route(): a route of `who` has it first, then those of whoever deputises in every
 *  role that what is in it was told to.  Never a webhook. */
bool engine_digest_route(const struct engine_digest *digest, const char *who,
                         const struct route *used, size_t used_count,
                         struct escalation_route *found);

/** Queues it by that route; `out` says where to, under which ids, and in which position.
 *  0, ENGINE_STORE_FULL or negative. */
int engine_digest_queue(const struct engine_digest *digest, const struct engine_outgoing *out,
                        const struct escalation_route *next);

#endif
