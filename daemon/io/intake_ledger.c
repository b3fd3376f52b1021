/* intake_ledger.c - what the intake remembers of its peers, in tables that cannot grow. */
#include "io/intake_ledger.h"

#include <stdio.h>
#include <string.h>

static struct ledger_peer *set_of(struct intake_ledger *ledger, const unsigned char *routing);

/* A table of sets of four: a full set forgets whom it has not seen for longest.
 * A forgotten id is at worst believed once more; the message is still checked
 * against the key of its own connection. */
bool ledger_peer_is_true(struct intake_ledger *ledger, const unsigned char *routing,
                         const char *key)
{
    struct ledger_peer *set = set_of(ledger, routing);
    struct ledger_peer *oldest = set;

    for (size_t i = 0; i < LEDGER_WAYS; i++) {
        if (set[i].seen && !memcmp(set[i].routing, routing, INTAKE_ROUTING_SIZE)) {
            if (strcmp(set[i].key, key) != 0)
                return false;
            set[i].seen = ++ledger->clock;
            return true;
        }
        if (set[i].seen < oldest->seen)
            oldest = &set[i];
    }
    oldest->seen = ++ledger->clock;
    memcpy(oldest->routing, routing, INTAKE_ROUTING_SIZE);
    snprintf(oldest->key, sizeof oldest->key, "%s", key);
    return true;
}

void ledger_forget_peers(struct intake_ledger *ledger)
{
    memset(ledger->peers, 0, sizeof ledger->peers);
}

static struct ledger_peer *set_of(struct intake_ledger *ledger, const unsigned char *routing)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < INTAKE_ROUTING_SIZE; i++)
        hash = (hash ^ routing[i]) * 16777619U;
    return ledger->peers[hash % LEDGER_SETS];
}
