/* plain.h - what a text is made of that people are to read: the one gate.
 *
 * What leaves the daemon is made of the administrator's files (names, titles, sentences, templates)
 * and of identifiers, links and instants of events.  The readers of files admit plain text only,
 * identifiers and links are narrower still (protocol/alphabet.h), what is composed of both drops
 * whatever is not shown, and each writer of something outbound (mail, page, calendar, card,
 * webhook, GOV.UK Notify) asks here before it writes.  It refuses, and never cleans.
 *
 * Plain is UTF-8 (RFC 3629) whose every character shows, or joins those that do: no control
 * character (C0, DEL, C1), no line or paragraph separator, no noncharacter, and none that turns
 * the direction of what follows it (embeddings, overrides, isolates): one of those in a name would
 * show a date backwards.  The marks U+200E, U+200F and U+061C and joiners turn nothing and pass.
 */
#ifndef CONCERN_CORE_PLAIN_H
#define CONCERN_CORE_PLAIN_H

#include "core/base.h"

/** Reads the character that begins at `at`, all of it within `left` bytes.  Its bytes, 1 to 4; 0
 *  where none is well formed, and then `*character` is not set.  A text closed with a zero may be
 *  read with any `left`: no character reaches over the zero. */
size_t plain_character(const char *at, size_t left, uint32_t *character);

/** Whether a character may stand in a line. */
bool plain_is_shown(uint32_t character);

/** Whether `text` is one line of 1 to `most` bytes.  False for NULL. */
bool plain_is_line(const char *text, size_t most);

/** Whether `text` is lines, ended by "\n" or "\r\n", of `most` bytes in all; tabs may stand in
 * them. True for the empty text, false for NULL. */
bool plain_is_text(const char *text, size_t most);

#endif
