/* digest.h - a name of fixed length for texts that may hold what a name may not. */
#ifndef CONCERN_IO_DIGEST_H
#define CONCERN_IO_DIGEST_H

enum { DIGEST_NAME_SIZE = 33 };

/** Writes the first 16 bytes of the SHA-256 of `text`, in hexadecimal.  0, or -EIO where
 *  OpenSSL failed. */
int digest_name(const char *text, char name[DIGEST_NAME_SIZE]);

#endif
