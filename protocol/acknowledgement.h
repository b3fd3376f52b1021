/* acknowledgement.h - the token of a link by which whoever was told says that he has seen it.
 *
 * Base64 for addresses (RFC 4648 5, without padding) of 48 bytes: the notification's id (a ULID,
 * 16), when it ends (seconds since 1970, 7, the greatest first), the first 24 of HMAC-SHA256 of
 * both and the version, and the version (1).  48 bytes are 64 letters with no bit to spare, so a
 * token is written in one way only, and is an id as the protocol has them; the version stands
 * last, so that it always ends in a letter: mail programs leave a "-" or "_" at the end of an
 * address out of the link.
 *
 * Who has the token may acknowledge that one notification, nothing else.
 */
#ifndef CONCERN_PROTOCOL_ACKNOWLEDGEMENT_H
#define CONCERN_PROTOCOL_ACKNOWLEDGEMENT_H

#include "core/base.h"

enum {
    ACKNOWLEDGEMENT_KEY_SIZE = 32, /* bytes */
    ACKNOWLEDGEMENT_KEY_TEXT_SIZE = 2 * ACKNOWLEDGEMENT_KEY_SIZE + 1,
    ACKNOWLEDGEMENT_LENGTH = 64, /* letters of a token */
    ACKNOWLEDGEMENT_SIZE = ACKNOWLEDGEMENT_LENGTH + 1,
    ACKNOWLEDGEMENT_ID_SIZE = 27 /* a ULID as text and a zero */
};

/** What tokens are signed with.  Wiped by its owner; never printed. */
struct acknowledgement_key {
    uint8_t bytes[ACKNOWLEDGEMENT_KEY_SIZE];
};

struct acknowledgement {
    char notification[ACKNOWLEDGEMENT_ID_SIZE];
    int64_t expires_s; /* seconds since 1970; from then on it is old */
};

enum acknowledgement_answer {
    ACKNOWLEDGEMENT_OK,
    ACKNOWLEDGEMENT_ALTERED, /* no token, or none signed with this key; nobody is told which */
    ACKNOWLEDGEMENT_OLD,     /* signed with this key, and over */
};

/** Writes a token: 0; -EINVAL where the id is no ULID, or the end before 1970 or past 7 bytes;
 *  -EIO. */
int acknowledgement_write(const struct acknowledgement_key *key,
                          const struct acknowledgement *acknowledgement,
                          char token[ACKNOWLEDGEMENT_SIZE]);

/**
 * Reads a token of any length, at `now_s`.  The signature is compared in constant time.  An enum
 * acknowledgement_answer, or -EIO; sets `*acknowledgement` unless it is altered.
 */
int acknowledgement_read(const struct acknowledgement_key *key, const char *token, int64_t now_s,
                         struct acknowledgement *acknowledgement);

/** The key as text, hexadecimal, and back; false where the text is none. */
void acknowledgement_key_write(const struct acknowledgement_key *key,
                               char text[ACKNOWLEDGEMENT_KEY_TEXT_SIZE]);
bool acknowledgement_key_read(const char *text, struct acknowledgement_key *key);

/** Forgets a key in a way no compiler takes out. */
void acknowledgement_key_wipe(struct acknowledgement_key *key);

#endif
