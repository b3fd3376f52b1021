/* arena.h - memory that is taken in pieces and freed whole: one arena per loaded file. */
#ifndef CONCERN_POLICY_ARENA_H
#define CONCERN_POLICY_ARENA_H

#include "core/base.h"

struct arena;

/** An empty arena, or NULL for lack of memory. */
struct arena *arena_open(void);

/** Frees everything taken from it; NULL is fine; sets NULL. */
void arena_close(struct arena **arena);

/**
 * `size` zeroed bytes aligned for anything, or NULL for lack of memory.  A size of 0 gives a
 * pointer that may be kept but not read through.
 */
void *arena_take(struct arena *arena, size_t size);

/** A copy of `length` bytes with a zero behind them, or NULL for lack of memory. */
char *arena_text(struct arena *arena, const char *bytes, size_t length);

/** A copy of `count` things of `size` bytes, or NULL for lack of memory. */
void *arena_copy(struct arena *arena, const void *things, size_t count, size_t size);

/** Whether any taking has failed: what was made from it is not whole. */
bool arena_failed(const struct arena *arena);

#endif
