/* signature.h - signs and checks webhook bodies as Standard Webhooks says.
 *
 * A signature is "v1," and the base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>",
 * keyed with the bytes behind "whsec_".  While a secret is being changed there are
 * several, separated by spaces, one for each secret that holds.
 */
#ifndef CONCERN_PROTOCOL_SIGNATURE_H
#define CONCERN_PROTOCOL_SIGNATURE_H

#include "core/base.h"

enum {
    SIGNATURE_SECRETS_MAX = 4,
    SIGNATURE_SECRET_MIN = 24, /* bytes, after decoding */
    SIGNATURE_SECRET_MAX = 64,
    SIGNATURE_SIZE = 48, /* "v1,", 44 of base64 and a zero, or a space */
    SIGNATURES_SIZE = SIGNATURE_SIZE * SIGNATURE_SECRETS_MAX
};

/** A secret, decoded.  Wiped by its owner with signature_wipe(); never printed. */
struct signature_secret {
    uint8_t bytes[SIGNATURE_SECRET_MAX];
    size_t size;
};

enum signature_answer {
    SIGNATURE_OK,
    SIGNATURE_BAD_SECRET, /* not "whsec_" and base64 of 24 to 64 bytes */
    SIGNATURE_WRONG,      /* of signature_verify(): no signature fits */
    SIGNATURE_TOO_OLD,    /* of signature_verify(): outside the tolerance, either way */
};

/** What is signed: `id` is the delivery's, `timestamp_s` the seconds since 1970 of the attempt. */
struct signed_message {
    const char *id;
    int64_t timestamp_s;
    const void *body;
    size_t size;
};

/** Reads "whsec_..." (surrounding white space is left out); sets `*secret` on SIGNATURE_OK. */
int signature_secret_read(const char *text, struct signature_secret *secret);

/** Forgets a secret in a way no compiler takes out. */
void signature_wipe(struct signature_secret *secret);

/**
 * Writes the value of the webhook-signature header: one signature for each of the `count`
 * (1 to SIGNATURE_SECRETS_MAX) secrets.  Answers SIGNATURE_OK, or -EIO where OpenSSL failed.
 */
int signature_write(const struct signature_secret *secrets, size_t count,
                    const struct signed_message *message, char text[SIGNATURES_SIZE]);

/**
 * Whether one of the `signatures` of a message was made with `secret`, at most `tolerance_s`
 * seconds before or after `now_s`.  Compares in constant time.  Answers SIGNATURE_OK,
 * SIGNATURE_TOO_OLD, SIGNATURE_WRONG, or -EIO.
 */
int signature_verify(const struct signature_secret *secret, const struct signed_message *message,
                     const char *signatures, int64_t now_s, int64_t tolerance_s);

#endif
