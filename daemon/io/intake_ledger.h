/* intake_ledger.h - what the intake remembers of its peers, in tables that cannot grow.
 *
 * One says which key a routing id belongs to, so that an id that appears with a
 * second key is noticed; the other counts refusals by key and code.
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
    struct intake_refusal refusals[INTAKE_REFUSALS_MAX]; /* the last one is for the rest */
    size_t refusal_count;
};

/** True when the id is new (it is remembered then) or known with this key. */
bool ledger_peer_is_true(struct intake_ledger *ledger, const unsigned char *routing,
                         const char *key);

/** Forgets the ids: the socket that gave them is gone. */
void ledger_forget_peers(struct intake_ledger *ledger);

/** Counts a refusal; answers how many there were of this key and code, this one included. */
uint64_t ledger_count(struct intake_ledger *ledger, const char *key, const char *code,
                      struct instant now);

#endif
