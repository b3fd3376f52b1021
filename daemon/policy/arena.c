/* arena.c - memory that is taken in pieces and freed whole: one arena per loaded file. */
#include "policy/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024 };

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *blocks; /* the newest first */
    bool failed;
};

static struct block *block_open(size_t size)
{
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct block *block;

    if (room > SIZE_MAX - sizeof *block)
        return NULL;
    block = calloc(1, sizeof *block + room);
    if (block)
        block->size = room;
    return block;
}

struct arena *arena_open(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_close(struct arena **arena)
{
    struct block *block = *arena ? (*arena)->blocks : NULL;

    while (block) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    free(*arena);
    *arena = NULL;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t const align = alignof(max_align_t);
    struct block *block = arena->blocks;
    void *taken;

    if (size > SIZE_MAX - align) {
        arena->failed = true;
        return NULL;
    }
    size = (size + align - 1) / align * align;
    if (!block || block->size - block->used < size) {
        block = block_open(size);
        if (!block) {
            arena->failed = true;
            return NULL;
        }
        block->next = arena->blocks;
        arena->blocks = block;
    }
    taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

char *arena_text(struct arena *arena, const char *bytes, size_t length)
{
    char *text = length < SIZE_MAX ? arena_take(arena, length + 1) : NULL;

    if (text && length)
        memcpy(text, bytes, length);
    return text;
}

void *arena_copy(struct arena *arena, const void *things, size_t count, size_t size)
{
    void *copy = size && count > SIZE_MAX / size ? NULL : arena_take(arena, count * size);

    if (copy && count && size)
        memcpy(copy, things, count * size);
    return copy;
}

bool arena_failed(const struct arena *arena)
{
    return arena->failed;
}
