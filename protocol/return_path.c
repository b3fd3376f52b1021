/* return_path.c - the envelope's sender of one delivery, by which its bounce names it. */
#include "protocol/return_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { ID_LENGTH = DELIVERY_ID_SIZE - 1, SIGNATURE_BYTES = 10 };

static const char id_letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";        /* of a ULID */
static const char signature_letters[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6 */

/* ASCII only, whatever the locale. */
static char capital(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static char small(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_id(const char *text)
{
    return strspn(text, id_letters) == ID_LENGTH && !text[ID_LENGTH];
}

/* "bounce." before the id: the key may come to sign other things. */
static int sign(const struct return_path_key *key, const char *delivery,
                char signature[RETURN_PATH_SIGNATURE_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[DELIVERY_ID_SIZE + 8];
    unsigned size = 0;
    int length = snprintf(text, sizeof text, "bounce.%s", delivery);

    if (!HMAC(EVP_sha256(), key->bytes, sizeof key->bytes, (const unsigned char *)text,
              (size_t)length, digest, &size) ||
        size < SIGNATURE_BYTES)
        return -EIO;
    for (size_t i = 0; i < RETURN_PATH_SIGNATURE_SIZE - 1; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned two = (unsigned)digest[byte] << 8 | digest[byte + 1];

        signature[i] = signature_letters[two >> (11 - bit % 8) & 31];
    }
    signature[RETURN_PATH_SIGNATURE_SIZE - 1] = '\0';
    return 0;
}

int return_path_token(const struct return_path_key *key, const char *delivery,
                      char token[RETURN_PATH_TOKEN_SIZE])
{
    char signature[RETURN_PATH_SIGNATURE_SIZE];

    if (!key->is_set || !is_id(delivery))
        return -EINVAL;
    if (sign(key, delivery, signature) < 0)
        return -EIO;
    for (size_t i = 0; i < ID_LENGTH; i++)
        token[i] = small(delivery[i]);
    (void)snprintf(token + ID_LENGTH, RETURN_PATH_TOKEN_SIZE - ID_LENGTH, "-%s", signature);
    return 0;
}

int return_path_write(const struct return_path_key *key, const char *bounces, const char *delivery,
                      char address[ADDRESS_MAX + 1])
{
    const char *at = strchr(bounces, '@');
    char token[RETURN_PATH_TOKEN_SIZE];
    int error, length;

    if (!at || at - bounces > DELIVERY_BOUNCES_LOCAL_MAX)
        return -EINVAL;
    if ((error = return_path_token(key, delivery, token)) < 0)
        return error;
    length =
        snprintf(address, ADDRESS_MAX + 1, "%.*s+%s%s", (int)(at - bounces), bounces, token, at);
    return length <= ADDRESS_MAX ? 0 : -EINVAL;
}

/* Reads a token at `text`, whatever stands behind it. */
static bool read_at(const char *text, struct return_path *path)
{
    struct return_path read;

    for (size_t i = 0; i < ID_LENGTH; i++) {
        read.delivery[i] = capital(text[i]);
        if (!text[i] || !strchr(id_letters, read.delivery[i]))
            return false;
    }
    read.delivery[ID_LENGTH] = '\0';
    if (text[ID_LENGTH] != '-')
        return false;
    text += ID_LENGTH + 1;
    for (size_t i = 0; i < RETURN_PATH_SIGNATURE_SIZE - 1; i++) {
        read.signature[i] = small(text[i]);
        if (!text[i] || !strchr(signature_letters, read.signature[i]))
            return false;
    }
    read.signature[RETURN_PATH_SIGNATURE_SIZE - 1] = '\0';
    *path = read;
    return true;
}

bool return_path_read_token(const char *token, struct return_path *path)
{
    return strnlen(token, RETURN_PATH_TOKEN_SIZE) == RETURN_PATH_TOKEN_SIZE - 1 &&
           read_at(token, path);
}

bool return_path_read(const char *text, struct return_path *path)
{
    for (const char *at = text; (at = strchr(at, '+')); at++) {
        struct return_path read;

        if (read_at(at + 1, &read) && at[RETURN_PATH_TOKEN_SIZE] == '@') {
            *path = read;
            return true;
        }
    }
    return false;
}

bool return_path_is_signed(const struct return_path_key *key, const struct return_path *path)
{
    char right[RETURN_PATH_SIGNATURE_SIZE];

    if (!key->is_set || !is_id(path->delivery) ||
        strnlen(path->signature, sizeof right) != sizeof right - 1 ||
        sign(key, path->delivery, right) < 0)
        return false;
    return CRYPTO_memcmp(right, path->signature, sizeof right - 1) == 0;
}
