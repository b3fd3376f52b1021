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

/** True from blowing until memory is below the limit: a time to trim the heap. */
bool fuse_is_cooling(const struct fuse *fuse);

#endif
