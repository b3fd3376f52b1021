/* aside.h - messages that could not be events, and events that were refused, as files.
 *
 * Each is two files in one directory: NAME.event, the bytes as they came, and NAME.reason, one
 * line that says what is wrong.  Both are whole when NAME.event is seen.  Somebody looks at them,
 * and removes them.
 */
#ifndef CONCERN_BRIDGE_ASIDE_H
#define CONCERN_BRIDGE_ASIDE_H

#include "core/base.h"

enum { ASIDE_MAX = 10000 /* pairs; then nothing more is put aside until some are removed */ };

struct aside;

enum aside_answer { ASIDE_OK, ASIDE_FULL };

/** Opens the directory `state`/refused, making it; negative when it cannot be. */
int aside_open(const char *state, struct aside **aside);

/** Puts a pair there, on disk before it returns: ASIDE_OK, ASIDE_FULL or negative. */
int aside_put(struct aside *aside, const void *bytes, size_t size, const char *reason);

/** NULL is fine; sets NULL. */
void aside_close(struct aside **aside);

#endif
