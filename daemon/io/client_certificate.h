/* client_certificate.h - what the daemon shows to servers that ask who it is.
 *
 * The certificate is public and lies anywhere; its key is a secret like any other.  Both stay
 * files: curl reads them for each connection, so that a renewed pair is used at once.
 */
#ifndef CONCERN_IO_CLIENT_CERTIFICATE_H
#define CONCERN_IO_CLIENT_CERTIFICATE_H

#include "core/base.h"

enum { CLIENT_CERTIFICATE_PATH_MAX = 511 };

/** Paths of PEM files; both empty: none is shown. */
struct client_certificate {
    char certificate[CLIENT_CERTIFICATE_PATH_MAX + 1]; /* and what it was issued by, up to a root */
    char key[CLIENT_CERTIFICATE_PATH_MAX + 1];
};

/**
 * Looks whether both can be used: the certificate can be read, the key too, without a passphrase
 * and by nobody else, and they belong together.  0; or negative, told to the journal with the
 * path and what would be right.
 */
int client_certificate_check(const struct client_certificate *pair);

#endif
