/* secret_form.c - what the secret of an endpoint has to look like. */
#include "protocol/secret_form.h"

#include <string.h>

#include "protocol/govuk_notify.h"
#include "protocol/signature.h"

static bool signs(const char *text)
{
    struct signature_secret secret;
    int answer = signature_secret_read(text, &secret);

    signature_wipe(&secret);
    return answer == SIGNATURE_OK;
}

static bool is_key_of_notify(const char *text)
{
    struct govuk_key key;
    bool is = govuk_key_read(text, &key);

    signature_wipe(&key.secret);
    return is;
}

const char *secret_form_fault(enum endpoint_kind kind, const char *text)
{
    switch (kind) {
    case ENDPOINT_TEAMS:
        return strncmp(text, "https://", 8) == 0 ? NULL : "the https address of a workflow";
    case ENDPOINT_GOVUK_NOTIFY:
        return is_key_of_notify(text)
                   ? NULL
                   : "an API key of GOV.UK Notify (NAME-SERVICE-SECRET, two ids of 36 characters "
                     "behind the name)";
    case ENDPOINT_WEBHOOK:
    default:
        return signs(text) ? NULL : "whsec_ and base64 of 24 to 64 bytes";
    }
}
