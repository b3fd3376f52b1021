/* acknowledgement.c - the token of a link by which a notification is acknowledged. */
#include "protocol/acknowledgement.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum {
    ID_BYTES = 16,
    EXPIRY_BYTES = 7,
    DIGEST_BYTES = 32,
    MAC_BYTES = 24, /* 192 of its 256 bits, as RFC 2104 5 allows */
    MAC_AT = ID_BYTES + EXPIRY_BYTES,
    VERSION_AT = MAC_AT + MAC_BYTES,
    TOKEN_BYTES = VERSION_AT + 1,
    VERSION = 1,
    ULID_LETTERS = ACKNOWLEDGEMENT_ID_SIZE - 1
};

static const char ulid_letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int place_in(const char *letters, char letter)
{
    const char *at = letter ? strchr(letters, letter) : NULL;

    return at ? (int)(at - letters) : -1;
}

/* --- the id: 26 letters of five bits are 130; the first two are zero */

static bool pack_id(const char *text, uint8_t bytes[ID_BYTES])
{
    unsigned held = 0, count = 0;
    size_t used = 0;

    if (strlen(text) != ULID_LETTERS || text[0] > '7')
        return false;
    for (size_t i = 0; i < ULID_LETTERS; i++) {
        int place = place_in(ulid_letters, text[i]);

        if (place < 0)
            return false;
        held = held << 5 | (unsigned)place;
        count += i == 0 ? 3 : 5;
        if (count >= 8)
            bytes[used++] = (uint8_t)(held >> (count -= 8));
    }
    return true;
}

static void unpack_id(const uint8_t bytes[ID_BYTES], char text[ACKNOWLEDGEMENT_ID_SIZE])
{
    unsigned held = 0, count = 2;
    size_t used = 0;

    for (size_t i = 0; i < ULID_LETTERS; i++) {
        if (count < 5) {
            held = held << 8 | bytes[used++];
            count += 8;
        }
        count -= 5;
        text[i] = ulid_letters[held >> count & 31];
    }
    text[ULID_LETTERS] = '\0';
}

/* --- base64 for addresses, four letters for three bytes */

static void put_letters(const uint8_t bytes[TOKEN_BYTES], char token[ACKNOWLEDGEMENT_SIZE])
{
    for (size_t i = 0; i < TOKEN_BYTES / 3; i++) {
        unsigned three = (unsigned)bytes[3 * i] << 16 | (unsigned)bytes[3 * i + 1] << 8 |
                         (unsigned)bytes[3 * i + 2];

        for (unsigned j = 0; j < 4; j++)
            token[4 * i + j] = alphabet[three >> (18 - 6 * j) & 63];
    }
    token[ACKNOWLEDGEMENT_LENGTH] = '\0';
}

static bool take_letters(const char *token, uint8_t bytes[TOKEN_BYTES])
{
    if (strnlen(token, ACKNOWLEDGEMENT_SIZE) != ACKNOWLEDGEMENT_LENGTH)
        return false;
    for (size_t i = 0; i < TOKEN_BYTES / 3; i++) {
        unsigned three = 0;

        for (size_t j = 0; j < 4; j++) {
            int place = place_in(alphabet, token[4 * i + j]);

            if (place < 0)
                return false;
            three = three << 6 | (unsigned)place;
        }
        for (size_t j = 0; j < 3; j++)
            bytes[3 * i + j] = (uint8_t)(three >> (16 - 8 * j));
    }
    return true;
}

/* --- the signature */

/* The words say what is signed, so that the key could never be made to sign anything else. */
static int sign(const struct acknowledgement_key *key, const uint8_t bytes[TOKEN_BYTES],
                uint8_t mac[DIGEST_BYTES])
{
    static const char purpose[] = "concernd acknowledgement";
    uint8_t signed_bytes[sizeof purpose + MAC_AT + 1];
    size_t written = 0;

    memcpy(signed_bytes, purpose, sizeof purpose);
    memcpy(signed_bytes + sizeof purpose, bytes, MAC_AT);
    signed_bytes[sizeof purpose + MAC_AT] = bytes[VERSION_AT];
    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->bytes, sizeof key->bytes, signed_bytes,
                   sizeof signed_bytes, mac, DIGEST_BYTES, &written) ||
        written != DIGEST_BYTES)
        return -EIO;
    return 0;
}

int acknowledgement_write(const struct acknowledgement_key *key,
                          const struct acknowledgement *acknowledgement,
                          char token[ACKNOWLEDGEMENT_SIZE])
{
    uint8_t bytes[TOKEN_BYTES], mac[DIGEST_BYTES];
    int error;

    if (acknowledgement->expires_s < 0 || acknowledgement->expires_s >> (8 * EXPIRY_BYTES) ||
        !pack_id(acknowledgement->notification, bytes))
        return -EINVAL;
    for (size_t i = 0; i < EXPIRY_BYTES; i++)
        bytes[ID_BYTES + i] = (uint8_t)(acknowledgement->expires_s >> (8 * (EXPIRY_BYTES - 1 - i)));
    bytes[VERSION_AT] = VERSION;
    error = sign(key, bytes, mac);
    if (error < 0)
        return error;
    memcpy(bytes + MAC_AT, mac, MAC_BYTES);
    put_letters(bytes, token);
    return 0;
}

int acknowledgement_read(const struct acknowledgement_key *key, const char *token, int64_t now_s,
                         struct acknowledgement *acknowledgement)
{
    uint8_t bytes[TOKEN_BYTES], mac[DIGEST_BYTES];
    uint64_t expires = 0;

    if (!take_letters(token, bytes) || bytes[VERSION_AT] != VERSION)
        return ACKNOWLEDGEMENT_ALTERED;
    if (sign(key, bytes, mac) < 0)
        return -EIO;
    if (CRYPTO_memcmp(mac, bytes + MAC_AT, MAC_BYTES) != 0)
        return ACKNOWLEDGEMENT_ALTERED;
    for (size_t i = 0; i < EXPIRY_BYTES; i++)
        expires = expires << 8 | bytes[ID_BYTES + i];
    unpack_id(bytes, acknowledgement->notification);
    acknowledgement->expires_s = (int64_t)expires;
    return now_s >= acknowledgement->expires_s ? ACKNOWLEDGEMENT_OLD : ACKNOWLEDGEMENT_OK;
}

/* --- the key */

void acknowledgement_key_write(const struct acknowledgement_key *key,
                               char text[ACKNOWLEDGEMENT_KEY_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof key->bytes; i++) {
        text[2 * i] = digits[key->bytes[i] >> 4];
        text[2 * i + 1] = digits[key->bytes[i] & 15];
    }
    text[2 * sizeof key->bytes] = '\0';
}

bool acknowledgement_key_read(const char *text, struct acknowledgement_key *key)
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(text) != 2 * sizeof key->bytes)
        return false;
    for (size_t i = 0; i < sizeof key->bytes; i++) {
        int high = place_in(digits, text[2 * i]), low = place_in(digits, text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void acknowledgement_key_wipe(struct acknowledgement_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}
