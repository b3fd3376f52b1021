/* connections.h - the connections that endpoints leave open: each endpoint's are its own.
 *
 * A handshake costs a hundred times what a POST does, so a webhook's connection is kept for the
 * next one to the same endpoint, and for nobody else's: two endpoints of one server differ in
 * certificates, secrets and addresses, and libcurl compares what a connection was opened with only
 * in part.  New settings begin without any; and what nobody used for a while is closed, so that
 * idle ones take few descriptors.
 */
#ifndef CONCERN_IO_CONNECTIONS_H
#define CONCERN_IO_CONNECTIONS_H

#include <stdint.h>

#include <curl/curl.h>

#include "core/base.h"
#include "io/dispatcher.h"

enum {
    /* Endpoints of which some are kept: one for each transfer under way, and as many idle. */
    CONNECTIONS_ENDPOINTS_MAX = 2 * DISPATCH_TRANSFERS_MAX,
    CONNECTIONS_IDLE_MS = 30000 /* what nobody used for so long is closed */
};

/** A value, zeroed at first; connections_close() at the end. */
struct connections {
    struct connections_of {
        char endpoint[ID_MAX + 1];
        CURLSH *kept;      /* NULL: an empty place */
        size_t under_way;  /* transfers that use it */
        int64_t used_ms;   /* when the last of them ended */
        bool is_forgotten; /* no transfer begins with it any more */
    } of[CONNECTIONS_ENDPOINTS_MAX];
};

/**
 * What CURLOPT_SHARE of a transfer to `endpoint` is to be: all that is kept of it.  Ask for at
 * most DISPATCH_TRANSFERS_MAX at a time, and give each back with connections_done().  NULL without
 * memory: the transfer goes without.
 */
CURLSH *connections_take(struct connections *self, const char *endpoint);

/** The transfer is over, and its handle cleaned up; `kept` NULL: it went without. */
void connections_done(struct connections *self, CURLSH *kept, int64_t now_ms);

/** None that is open now is used by a transfer that begins later; who uses one goes on. */
void connections_forget(struct connections *self);

/** Closes what nobody used for CONNECTIONS_IDLE_MS. */
void connections_tend(struct connections *self, int64_t now_ms);

/** How many endpoints have something kept. */
size_t connections_count(const struct connections *self);

/** Nothing is under way any more. */
void connections_close(struct connections *self);

#endif
