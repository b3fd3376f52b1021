/* client_certificate.c - what the daemon shows to servers that ask who it is. */
#include "io/client_certificate.h"

#include <errno.h>

#include "io/journal.h"
#include "io/secret.h"
#include "policy/certificate_check.h"

int client_certificate_check(const struct client_certificate *pair)
{
    char why[CERTIFICATE_FAULT_SIZE];
    int error = secret_check(pair->key);

    if (error < 0)
        return error;
    return certificate_fault(pair->certificate, pair->key, why) ? journal_fail(-EINVAL, "%s", why)
                                                                : 0;
}
