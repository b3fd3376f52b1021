/* bounce_key.h - what the return paths of a store's deliveries are signed with.
 *
 * Made once, kept in the store and nowhere else: it protects nothing but rows of that store, so
 * whoever can read it there needs no forged bounce, and a restored backup still knows the bounces
 * of what it holds.  Nobody has to set it up, and nobody can mix it up.
 */
#ifndef CONCERN_IO_BOUNCE_KEY_H
#define CONCERN_IO_BOUNCE_KEY_H

#include "io/store.h"
#include "protocol/return_path.h"

/** Reads the key, outside a turn; makes it where there is none.  0; `key->is_set` is false where
 *  the disk has no room for it (told), which the next start mends.  Else negative. */
int bounce_key_open(struct store *store, struct return_path_key *key);

#endif
