/* keyring_file.h - the keyring's file: text to principals, every finding with its place. */
#ifndef CONCERN_IO_KEYRING_FILE_H
#define CONCERN_IO_KEYRING_FILE_H

#include "io/keyring.h"

struct arena;

/** Principals in the order of the file; their texts live in the arena. */
struct principals {
    struct arena *arena;
    struct principal *items;
    size_t count;
};

/** Reads the file as keyring_read does, with the same answers. */
int keyring_file_read(const char *path, FILE *complaints, struct principals *principals);

/** Frees everything in it and leaves it empty; an empty one is fine. */
void principals_close(struct principals *principals);

#endif
