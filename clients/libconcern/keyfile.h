/* keyfile.h - CURVE keys in files, as CZMQ's zcert and pyzmq's zmq.auth write them.
 *
 * NAME.key holds the public key and may be given to anybody; NAME.key_secret holds
 * both and is its owner's alone.
 */
#ifndef CONCERN_LIBCONCERN_KEYFILE_H
#define CONCERN_LIBCONCERN_KEYFILE_H

#include "protocol/wire.h"

#include <stdio.h>

/** A key and its secret half, in Z85; the secret is "" where a file holds none. */
struct key_pair {
    char public_key[WIRE_KEY_TEXT + 1];
    char secret_key[WIRE_KEY_TEXT + 1];
};

enum keyfile_answer {
    KEYFILE_OK,
    KEYFILE_WRONG /* the file is no key file; told to `complaints` */
};

/**
 * Reads a key file, public or secret.
 *
 * A file with a secret that everybody can read, or that its group can write, is
 * refused: the secret is none.  Findings are lines on `complaints`,
 * "path: what is wrong (what would be right)".
 *
 * KEYFILE_OK sets `*pair`; KEYFILE_WRONG and negative (-ENOENT, -EACCES …, told to
 * `complaints` too) leave it alone.
 */
int keyfile_read(const char *path, FILE *complaints, struct key_pair *pair);

/**
 * Makes a new pair and writes it to `path` (public, 0644) and `path`_secret (0600).
 *
 * Never replaces a file: -EEXIST when either is there.  Failures are told to
 * `complaints`.  The caller wipes `*pair` with key_pair_wipe.
 */
int keyfile_make(const char *path, const char *name, FILE *complaints, struct key_pair *pair);

/** Overwrites both halves. */
void key_pair_wipe(struct key_pair *pair);

/** True for exactly 40 letters of Z85 that decode to a key. */
bool key_is_z85(const char *text);

#endif
