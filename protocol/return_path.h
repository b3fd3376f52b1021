/* return_path.h - the envelope's sender of one delivery, by which its bounce names it.
 *
 * For the delivery 01J8Z3… and the address bounces@board.example it is
 *
 *     bounces+01j8z3k5q7r9s1t3v5w7x9y1z3-mfrggzdfmztwq2lk@board.example
 *
 * the delivery's id, and a signature over it, behind the recipient delimiter "+" (RFC 5233's
 * subaddress).  An id is a time and a random part, so it can be guessed in part; the signature
 * keeps a stranger from reporting somebody else's mail as undeliverable.  Whoever holds the mail
 * itself can read it there, and may say so: it is his.
 *
 * Letters are small, and read in either case: mail systems on the way may change it.
 */
#ifndef CONCERN_PROTOCOL_RETURN_PATH_H
#define CONCERN_PROTOCOL_RETURN_PATH_H

#include "core/base.h"
#include "core/delivery.h"

enum {
    RETURN_PATH_KEY_SIZE = 32,
    RETURN_PATH_SIGNATURE_SIZE = 17, /* 80 bits in base32, and a zero */
    RETURN_PATH_TOKEN_SIZE = DELIVERY_ID_SIZE + RETURN_PATH_SIGNATURE_SIZE /* "ID-SIGNATURE" */
};

/** What deliveries are signed with; made once for each store (io/bounce_key.h). */
struct return_path_key {
    bool is_set; /* else nothing is signed, and no signature is right */
    uint8_t bytes[RETURN_PATH_KEY_SIZE];
};

/** A delivery and the signature that came with it, "" where none did. */
struct return_path {
    char delivery[DELIVERY_ID_SIZE]; /* capital letters, as the outbox has it */
    char signature[RETURN_PATH_SIGNATURE_SIZE];
};

/** Writes "ID-SIGNATURE"; 0, -EINVAL where the key is not set or `delivery` is no ULID, or -EIO. */
int return_path_token(const struct return_path_key *key, const char *delivery,
                      char token[RETURN_PATH_TOKEN_SIZE]);

/** Writes the whole address; as above, and -EINVAL where `bounces` leaves no room for it
 *  (DELIVERY_BOUNCES_LOCAL_MAX). */
int return_path_write(const struct return_path_key *key, const char *bounces, const char *delivery,
                      char address[ADDRESS_MAX + 1]);

/** Reads "ID-SIGNATURE", and nothing else; false, and `*path` is untouched, where it is none.
 *  Says nothing of whether it is signed. */
bool return_path_read_token(const char *token, struct return_path *path);

/** The same of the first address of this form in `text`, a header's value or an address. */
bool return_path_read(const char *text, struct return_path *path);

/** Whether the signature is the one of this key; compared in constant time. */
bool return_path_is_signed(const struct return_path_key *key, const struct return_path *path);

#endif
