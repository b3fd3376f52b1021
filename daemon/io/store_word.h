/* store_word.h - what people must know of deliveries that failed, and are told in lists. */
#ifndef CONCERN_IO_STORE_WORD_H
#define CONCERN_IO_STORE_WORD_H

#include "io/store.h"

enum { WORD_LISTENER_SIZE = ID_MAX + sizeof "board:" };

/** Texts are borrowed. */
struct word_row {
    int64_t number; /* set by the store */
    const char *listener, *kind;
    const char *about; /* of one kind to one listener there is one of it */
    const char *line, *text;
};

/** Keeps a word that waits; harmless where there is one about the same that was kept less than a
 *  day before `now`. */
int store_put_word(struct store *store, const struct word_row *row, struct instant now);

/** A listener and a kind of which words wait. */
struct word_group {
    char listener[WORD_LISTENER_SIZE];
    char kind[ID_MAX + 1];
};

/** The first group after `after` (NULL: of all) of which something waits.  STORE_NONE. */
int store_next_words(struct store *store, const struct word_group *after, struct word_group *group);

/** Walks what waits of a group, in the order it was put there. */
int store_list_words(struct store *store, const struct word_group *group,
                     bool (*say)(void *, const struct word_row *), void *context);

/** What waited of a group, up to the word `last`, was told at `now`. */
int store_tell_words(struct store *store, const struct word_group *group, int64_t last,
                     struct instant now);

/** When something of a group was told last; INSTANT_NONE where that is not known any more. */
int store_words_told(struct store *store, const struct word_group *group, struct instant *told);

#endif
