/* intake_fuse.h - when the process holds so much that the intake must let go.
 *
 * Messages that never end lie in libzmq where none of its limits counts them;
 * only the resident size of the process shows them.
 */
#ifndef CONCERN_IO_INTAKE_FUSE_H
#define CONCERN_IO_INTAKE_FUSE_H

#include <stdbool.h>
#include <stddef.h>

struct fuse {
    size_t limit; /* bytes */
    size_t least; /* the least seen since it blew; 0: all is well */
    size_t seen;  /* the last measurement */
    bool calm;    /* it was low, and had not grown */
};

/** The resident bytes of this process, 0 when they cannot be read. */
size_t fuse_resident(void);

/**
 * Looks at a measurement; true says: let go now.
 *
 * What was let go is freed little by little, and what remains may belong to
 * somebody else.  So after it has blown it blows again only when memory has
 * grown by a quarter of the limit above the least seen since; once below the
 * limit, everything is as at first.
 */
bool fuse_blows(struct fuse *fuse, size_t resident);

/**
 * Whether the last measurement was below half the limit and no more than a 32nd of it above the
 * one before: what can come in within a second will then not fill the memory there is.
 */
bool fuse_is_calm(const struct fuse *fuse);

/** True from blowing until memory is below the limit: a time to trim the heap. */
bool fuse_is_cooling(const struct fuse *fuse);

#endif
