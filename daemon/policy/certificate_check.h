/* certificate_check.h - whether a certificate and a key can be shown together. */
#ifndef CONCERN_POLICY_CERTIFICATE_CHECK_H
#define CONCERN_POLICY_CERTIFICATE_CHECK_H

#include "core/base.h"

enum { CERTIFICATE_FAULT_SIZE = 2400 /* two paths and words */ };

/**
 * What keeps the PEM files `certificate` and `key` from being used, in words with their paths
 * written into `why`; or NULL: both can be read, the key without a passphrase, and they belong
 * together.  Who may read the key is not its matter.
 */
const char *certificate_fault(const char *certificate, const char *key,
                              char why[CERTIFICATE_FAULT_SIZE]);

#endif
