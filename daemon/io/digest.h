/* digest.h - a name of fixed length for texts that may hold what a name may not. */
#ifndef CONCERN_IO_DIGEST_H
#define CONCERN_IO_DIGEST_H

enum { DIGEST_NAME_SIZE = 33, DIGEST_BRIEF_SIZE = 13 };

/** Writes the first 16 bytes of the SHA-256 of `text`, in hexadecimal.  0, or -EIO where
 *  OpenSSL failed. */
int digest_name(const char *text, char name[DIGEST_NAME_SIZE]);

/**
 * Writes what stands in journals and messages for a text that a case system chose: the first 12
 * letters of what `printf %s TEXT | sha256sum` prints.  "" for "", and where OpenSSL failed.
 */
void digest_brief(const char *text, char brief[DIGEST_BRIEF_SIZE]);

#endif
