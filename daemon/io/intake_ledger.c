/* intake_ledger.c - what the intake remembers of its peers, in tables that cannot grow. */
#include "io/intake_ledger.h"

#include <string.h>

static struct ledger_peer *set_of(struct intake_ledger *ledger, const unsigned char *routing);
static void copy_text(char *to, size_t room, const char *from);

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
    copy_text(oldest->key, sizeof oldest->key, key);
    return true;
}

void ledger_forget_peers(struct intake_ledger *ledger)
{
    memset(ledger->peers, 0, sizeof ledger->peers);
}

uint64_t ledger_count(struct intake_ledger *ledger, const char *key, const char *code,
                      struct instant now)
{
    struct intake_refusal *row = ledger->refusals;
    struct intake_refusal *end = row + ledger->refusal_count;

    while (row < end && (strcmp(row->key, key) != 0 || strcmp(row->code, code) != 0))
        row++;
    if (row == end && ledger->refusal_count < INTAKE_REFUSALS_MAX) {
        /* The last free row is for everybody who comes too late for one of his own. */
        bool full = ++ledger->refusal_count == INTAKE_REFUSALS_MAX;

        copy_text(row->key, sizeof row->key, full ? "" : key);
        copy_text(row->code, sizeof row->code, full ? "" : code);
    } else if (row == end) {
        row = end - 1;
    }
    row->last = now;
    return ++row->count;
}

static struct ledger_peer *set_of(struct intake_ledger *ledger, const unsigned char *routing)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < INTAKE_ROUTING_SIZE; i++)
        hash = (hash ^ routing[i]) * 16777619U;
    return ledger->peers[hash % LEDGER_SETS];
}

static void copy_text(char *to, size_t room, const char *from)
{
    size_t length = strnlen(from, room - 1);

    memcpy(to, from, length);
    to[length] = '\0';
}
