/* intake_words.h - what the intake says by itself, as JSON. */
#ifndef CONCERN_IO_INTAKE_WORDS_H
#define CONCERN_IO_INTAKE_WORDS_H

#include "io/keyring.h"

/* Each answers one line of JSON, the caller's to free(), or NULL for lack of memory. */

/** {code, reason, retry}; `reason` NULL takes the code's meaning. */
char *words_nack(const char *code, const char *reason);

/** {time, last}. */
char *words_pong(struct instant now, int64_t last);

/**
 * Reads a HELLO {versions, client, sources} and answers {version, max_body,
 * window, server_time, keys, refused_sources}: the sources the principal may not
 * speak for are told at once, before the first event is refused.
 *
 * NULL with `*code` set says that the HELLO is refused.
 */
char *words_welcome(const void *hello, size_t size, const struct principal *principal,
                    const char *public_key, struct instant now, const char **code);

#endif
