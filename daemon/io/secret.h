/* secret.h - secrets come from files or systemd credentials, never from anywhere else.
 *
 * A secret's file may be read by its owner (root or us) alone; one that others can read is
 * refused, so that a mistake is found at the start and not by somebody else.
 */
#ifndef CONCERN_IO_SECRET_H
#define CONCERN_IO_SECRET_H

#include "core/base.h"

enum { SECRET_MAX = 511 };

struct secret {
    char text[SECRET_MAX + 1];
};

/**
 * Reads the first line of `path` without its end.  0, or negative, told to the journal with
 * the path and what would be right, never with content.
 */
int secret_read(const char *path, struct secret *secret);

/** The same for `name` in $CREDENTIALS_DIRECTORY, else in `directory`. */
int secret_read_named(const char *directory, const char *name, struct secret *secret);

/** Whether the file may be used as a secret by a library that reads it itself: 0, or negative,
 *  told as above. */
int secret_check(const char *path);

/** Where the secret `name` is: in $CREDENTIALS_DIRECTORY, else in `directory`.  0, or negative
 *  (told) where the path would be too long; says nothing of whether it is there. */
int secret_path(const char *directory, const char *name, char *path, size_t size);

/** Reads the secret key, 40 letters of Z85, of a certificate file as `concernctl keys make`
 *  writes it (secret-key = "..."). */
int secret_read_curve(const char *path, struct secret *secret);

/** Wipes it. */
void secret_wipe(struct secret *secret);

#endif
