/* store_message.h - what messages about no disagreement say. */
#ifndef CONCERN_IO_STORE_MESSAGE_H
#define CONCERN_IO_STORE_MESSAGE_H

#include "io/store.h"

struct stored_message {
    const char *subject;
    const char *words;
};

/** Keeps what the message says whose first delivery has the id `delivery`; STORE_DUPLICATE. */
int store_put_message(struct store *store, const char *delivery, const char *subject,
                      const char *words);

/** The same again, texts copied: free() it.  STORE_NONE: it is no such message. */
int store_get_message(struct store *store, const char *delivery, struct stored_message **message);

#endif
