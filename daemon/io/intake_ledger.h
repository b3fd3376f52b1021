/* intake_ledger.h - what the intake remembers of its peers, in tables that cannot grow.
 *
 * Which key a routing id belongs to, so that an id that appears with a second key is noticed.
 */
#ifndef CONCERN_IO_INTAKE_LEDGER_H
#define CONCERN_IO_INTAKE_LEDGER_H

#include "io/intake.h"

enum { LEDGER_WAYS = 4, LEDGER_SETS = INTAKE_PEERS_MAX / LEDGER_WAYS };

struct ledger_peer {
    uint64_t seen; /* 0: free; the higher the later */
    unsigned char routing[INTAKE_ROUTING_SIZE];
    char key[WIRE_KEY_TEXT + 1];
};

struct intake_ledger {
    uint64_t clock; /* counts looks, so that the longest unseen peer makes room */
    struct ledger_peer peers[LEDGER_SETS][LEDGER_WAYS];
};

/** True when the id is new (it is remembered then) or known with this key. */
bool ledger_peer_is_true(struct intake_ledger *ledger, const unsigned char *routing,
                         const char *key);

/** Forgets the ids: the socket that gave them is gone. */
void ledger_forget_peers(struct intake_ledger *ledger);

#endif
