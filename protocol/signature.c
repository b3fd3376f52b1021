/* signature.c - signs and checks webhook bodies as Standard Webhooks says. */
#include "protocol/signature.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

static const char prefix[] = "whsec_";
static const char version[] = "v1,";

enum {
    DIGEST_SIZE = 32,
    SECRET_TEXT_MAX = 88, /* base64 of 64 bytes */
    ONE_SIZE = SIGNATURE_SIZE - 1
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* EVP_DecodeBlock skips blanks and takes padding anywhere for zero bits; this does not. */
static bool is_base64(const char *text, size_t length)
{
    size_t letters = length;

    if (length == 0 || length % 4 != 0)
        return false;
    while (letters > length - 2 && text[letters - 1] == '=')
        letters--;
    for (size_t i = 0; i < letters; i++)
        if (!memchr(alphabet, text[i], sizeof alphabet - 1))
            return false;
    return true;
}

int signature_secret_read(const char *text, struct signature_secret *secret)
{
    uint8_t bytes[SECRET_TEXT_MAX / 4 * 3];
    size_t length, padding = 0, size;
    int decoded;

    while (is_blank(*text))
        text++;
    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return SIGNATURE_BAD_SECRET;
    text += sizeof prefix - 1;
    length = strlen(text);
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    if (length > SECRET_TEXT_MAX || !is_base64(text, length))
        return SIGNATURE_BAD_SECRET;
    while (text[length - 1 - padding] == '=')
        padding++;

    decoded = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    size = decoded < 0 ? 0 : (size_t)decoded - padding;
    if (size < SIGNATURE_SECRET_MIN || size > SIGNATURE_SECRET_MAX) {
        OPENSSL_cleanse(bytes, sizeof bytes);
        return SIGNATURE_BAD_SECRET;
    }
    memcpy(secret->bytes, bytes, size);
    secret->size = size;
    OPENSSL_cleanse(bytes, sizeof bytes);
    return SIGNATURE_OK;
}

void signature_wipe(struct signature_secret *secret)
{
    OPENSSL_cleanse(secret, sizeof *secret);
}

static void mac_free(EVP_MAC **mac)
{
    EVP_MAC_free(*mac);
}

static void mac_context_free(EVP_MAC_CTX **context)
{
    EVP_MAC_CTX_free(*context);
}

static int digest_of(const struct signature_secret *secret, const struct signed_message *message,
                     uint8_t digest[DIGEST_SIZE])
{
    CLEANUP(mac_free) EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    CLEANUP(mac_context_free) EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    char sha256[] = "SHA256", stamp[32];
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
        OSSL_PARAM_construct_end(),
    };
    size_t written = 0;

    (void)snprintf(stamp, sizeof stamp, ".%" PRId64 ".", message->timestamp_s);
    if (!context || !EVP_MAC_init(context, secret->bytes, secret->size, parameters) ||
        !EVP_MAC_update(context, (const uint8_t *)message->id, strlen(message->id)) ||
        !EVP_MAC_update(context, (const uint8_t *)stamp, strlen(stamp)) ||
        !EVP_MAC_update(context, message->body, message->size) ||
        !EVP_MAC_final(context, digest, &written, DIGEST_SIZE) || written != DIGEST_SIZE)
        return -EIO;
    return SIGNATURE_OK;
}

/* Writes one signature, ONE_SIZE characters and a zero. */
static int write_one(const struct signature_secret *secret, const struct signed_message *message,
                     char text[SIGNATURE_SIZE])
{
    uint8_t digest[DIGEST_SIZE];
    int answer = digest_of(secret, message, digest);

    if (answer != SIGNATURE_OK)
        return answer;
    memcpy(text, version, sizeof version - 1);
    EVP_EncodeBlock((unsigned char *)text + sizeof version - 1, digest, DIGEST_SIZE);
    return SIGNATURE_OK;
}

int signature_write(const struct signature_secret *secrets, size_t count,
                    const struct signed_message *message, char text[SIGNATURES_SIZE])
{
    for (size_t i = 0; i < count && i < SIGNATURE_SECRETS_MAX; i++) {
        int answer = write_one(&secrets[i], message, text + i * SIGNATURE_SIZE);

        if (answer != SIGNATURE_OK)
            return answer;
        if (i > 0)
            text[i * SIGNATURE_SIZE - 1] = ' ';
    }
    return SIGNATURE_OK;
}

int signature_verify(const struct signature_secret *secret, const struct signed_message *message,
                     const char *signatures, int64_t now_s, int64_t tolerance_s)
{
    char right[SIGNATURE_SIZE];
    int answer = write_one(secret, message, right);

    if (answer != SIGNATURE_OK)
        return answer;
    if (message->timestamp_s < now_s - tolerance_s || message->timestamp_s > now_s + tolerance_s)
        return SIGNATURE_TOO_OLD;
    while (*signatures) {
        size_t length = strcspn(signatures, " ");

        if (length == ONE_SIZE && CRYPTO_memcmp(signatures, right, ONE_SIZE) == 0)
            return SIGNATURE_OK;
        signatures += length;
        signatures += strspn(signatures, " ");
    }
    return SIGNATURE_WRONG;
}
