/* zap.h - who may connect: the ZAP handler (RFC 27).
 *
 * A thread of its own answers libzmq's question for every CURVE handshake of
 * this process, from the set of keys it was handed last.  It shares no memory
 * with anybody: the set crosses as one message.  The user id of a connection is
 * its public key in Z85; what that key may say is asked per message (keyring.h).
 *
 * It fails closed: before the first set, after a set it cannot read, and when
 * the thread is gone, nobody gets in, provided that the sockets set the ZAP
 * domain and ZMQ_ZAP_ENFORCE_DOMAIN, as intake.h does.  Open it before those
 * sockets and close it after them.
 */
#ifndef CONCERN_IO_ZAP_H
#define CONCERN_IO_ZAP_H

#include "core/base.h"
#include "io/keyring.h"

struct zap;

/** How the handler, the intake and the feeds tell the operator something: a syslog
 *  priority and one line without personal details.  Called from the thread that has
 *  something to say; it must be safe to call from two.  NULL wherever one is asked
 *  for means zap_tell_journal. */
typedef void zap_tell(void *context, int priority, const char *line);

/** Tells it to the journal (journal.h). */
zap_tell zap_tell_journal;

/**
 * Starts the handler for `context` (libzmq's), which admits nobody yet.
 * `tell` NULL: the journal.  0, or negative: -EADDRINUSE when there is one already.
 */
int zap_open(void *context, const char *domain, zap_tell *tell, void *tell_context,
             struct zap **zap);

/**
 * Hands over the keys of `keyring` that are live at `now`; NULL: none.
 * When it returns 0, every handshake from then on is answered from them.
 * -ETIMEDOUT when the handler does not answer within two seconds.
 */
int zap_set_keys(struct zap *zap, const struct keyring *keyring, struct instant now);

/** True while the handler answers within `wait_ms`. */
bool zap_is_alive(struct zap *zap, int wait_ms);

/**
 * The same; and a handshake with `key` (Z85), which is in no keyring, is from then on refused as
 * any other but neither told nor counted: it is our own, to see that it is refused.
 */
bool zap_expect(struct zap *zap, const char *key, int wait_ms);

/** How many handshakes it has admitted and refused so far; false when it does not answer. */
bool zap_counts(struct zap *zap, uint64_t *admitted, uint64_t *refused);

/** Stops the thread and joins it; NULL is fine; sets NULL. */
void zap_close(struct zap **zap);

#endif
