/* told_words.h - the words that what another system said may be told in.
 *
 * A closed list of what mail systems say of mailboxes, senders, limits and connections, and the
 * registered meanings of their status codes: no name, date or number of a person is in it.
 */
#ifndef CONCERN_PROTOCOL_TOLD_WORDS_H
#define CONCERN_PROTOCOL_TOLD_WORDS_H

#include "core/base.h"

/**
 * Whether the `length` bytes at `at` are a word of the list, in whatever case, or several of them
 * joined by "-", "/" or "_".  Punctuation around a word is the caller's.
 */
bool told_is_word(const char *at, size_t length);

/**
 * What the enhanced status "5.1.1" of class 4 or 5 means, in the registered words (RFC 3463; IANA,
 * SMTP Enhanced Status Codes), beginning with a small letter; "" for others, and for those whose
 * meaning is only "other or undefined".
 */
const char *told_meaning(const char *status);

#endif
