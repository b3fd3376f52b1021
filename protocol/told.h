/* told.h - what another system said, made fit for journals, records and people.
 *
 * Servers like to repeat whom they refuse; what they say is kept and shown, and whom it is about
 * is not.
 */
#ifndef CONCERN_PROTOCOL_TOLD_H
#define CONCERN_PROTOCOL_TOLD_H

#include "core/base.h"

/**
 * Writes `line` as one line of printable ASCII, single blanks between its words, cut to `size`
 * (at least 1).  Every word that holds an address - written plainly, as in a URL, or as Exchange
 * writes the names of its directory - or what stands before the "@" of `recipient` (not NULL),
 * becomes "(address)".
 */
void told_clean(const char *line, const char *recipient, char *told, size_t size);

#endif
