/* record.h - the append-only, hash-chained history.
 *
 * Line n's hash is SHA-256(hash of n-1 | n | time | type | digest of n), numbers as eight
 * bytes, the greatest first; the hash before the first line is 32 zero bytes.  The digest is
 * SHA-256(salt | board | 0 | reference | 0 | payload), and what it is made of lies in another
 * table, so that a disagreement can be erased and the chain stays whole: with the salt gone,
 * the digest tells nothing.  Whoever knows the last hash can tell any other history from this.
 *
 * Line 1 (type "store") says what the store is: {"schema":1,"store":"real" or "trial",
 * "version":"0.1.0"}.
 */
#ifndef CONCERN_IO_RECORD_H
#define CONCERN_IO_RECORD_H

#include "io/store.h"

enum { RECORD_TYPE_MAX = 32, RECORD_DIGEST_SIZE = 32, RECORD_SALT_SIZE = 16 };

struct record_line {
    uint64_t number;
    struct instant at;
    const char *type;
    const char *board, *reference; /* "" where it is about no disagreement, or erased */
    const char *payload;           /* JSON; NULL where erased */
    uint64_t erased_by;            /* the line that says so; 0 */
};

/**
 * Appends a line, inside a transaction.  `board` and `reference` are both "" for what concerns
 * no disagreement; `payload` is JSON, by convention an object.  Sets `*number` (may be NULL).
 */
int record_append(struct store *store, struct instant at, const char *type, const char *board,
                  const char *reference, const char *payload, uint64_t *number);

/** The number and hash (hex) of the latest line.  In a transaction it counts what is not yet
 *  committed. */
void record_head(const struct store *store, uint64_t *number, char hash[STORE_HASH_SIZE]);

enum record_answer { RECORD_WHOLE, RECORD_BROKEN };

struct record_verdict {
    uint64_t lines;  /* that were found whole */
    uint64_t broken; /* of RECORD_BROKEN: the first line that is not */
    char why[120];
};

/**
 * Verifies the chain from line `from` (1: all of it; else the hash of the line before is taken
 * as it stands) to line `to`, or to the latest (0).  RECORD_WHOLE or RECORD_BROKEN set
 * `*verdict`; negative where it cannot be read.
 */
int record_verify(struct store *store, uint64_t from, uint64_t to, struct record_verdict *verdict);

/** Walks lines from a number on; at most `most` of them (0: all). */
int record_list(struct store *store, uint64_t from, size_t most,
                bool (*say)(void *, const struct record_line *), void *context);

/** Everything that happened to one disagreement, in order. */
int record_history(struct store *store, const char *board, const char *reference,
                   bool (*say)(void *, const struct record_line *), void *context);

/** Of it only the lines whose payload holds `word` somewhere: much faster than to look at all. */
int record_history_naming(struct store *store, const char *board, const char *reference,
                          const char *word, bool (*say)(void *, const struct record_line *),
                          void *context);

/**
 * Takes away what the lines of one disagreement say, and whom they are about, inside a
 * transaction; appends a line of type "erased" first, which says why and how many.  STORE_NONE
 * where there are none.  Its other rows are not touched.
 */
int record_erase(struct store *store, struct instant at, const char *board, const char *reference,
                 const char *why, uint64_t *lines);

#endif
