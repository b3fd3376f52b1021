/* told.h - what another system said, made fit for journals, records and people.
 *
 * Servers like to repeat whom they refuse, and some say what they know of him.  What they say is
 * kept and shown, so only words of a fixed list are (told_words.h); whom it is about is not.
 */
#ifndef CONCERN_PROTOCOL_TOLD_H
#define CONCERN_PROTOCOL_TOLD_H

#include "core/base.h"

/**
 * Writes words of ours, or of a library that says what it met, as one line of printable ASCII:
 * single blanks between them, cut to `size` (at least 1).  A word with an address in it - plainly,
 * as in a URL, or as Exchange writes the names of its directory - becomes "(address)"; what stands
 * in single quotes and is no host's name, as the subject of a certificate may be, becomes "...".
 */
void told_clean(const char *line, char *told, size_t size);

/**
 * Writes what a mail server's reply or a Diagnostic-Code ("smtp; 550 5.1.1 ...") says, as one line
 * of printable ASCII cut to `size` (at least 1): the reply's code, its enhanced status, and its
 * words as far as they are in the list, each run of others as "...".  A number is told where it
 * counts seconds, minutes or hours.  Of what it wrote whole it
 * writes the same again.
 */
void told_words(const char *reply, char *told, size_t size);

/**
 * The same, with what the status means behind it: "550 5.1.1 (bad destination mailbox address) ...
 * no such user".  `status` is that of a report's own field, for a reply that names none; or "".
 */
void told_reply(const char *reply, const char *status, char *told, size_t size);

#endif
