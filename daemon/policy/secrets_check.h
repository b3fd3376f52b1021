/* secrets_check.h - whether the daemon could use every secret that its files name.
 *
 * A check may be asked for by somebody who may not read them, and outside the service, where
 * systemd's credentials are not at hand: what could not be seen is then a warning.
 */
#ifndef CONCERN_POLICY_SECRETS_CHECK_H
#define CONCERN_POLICY_SECRETS_CHECK_H

#include "policy/policy.h"

struct secrets_check {
    const struct settings_file *settings;
    const struct policy *policy;
    bool is_daemon; /* whoever asks is who has to read them */
    /* What the secret of an endpoint has to be, in words, where `text` is not that; or NULL. */
    const char *(*form)(enum endpoint_kind kind, const char *text);
};

/**
 * Looks at each: password, keys with their certificates, the secrets of endpoints, our own CURVE
 * keys.  It is there, a file of the owner's alone, and holds what it is for.  Adds an error, or a
 * warning, at the place that names it, never with content.  Answers whether there was no error.
 */
bool secrets_check(const struct secrets_check *check, struct faults *faults);

#endif
