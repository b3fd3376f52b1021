/* alphabet.h - which characters the texts of the wire are made of.
 *
 * Each question is about a whole text closed with a zero, and is false for the empty one.
 * Where a text has a greatest length (base.h, event.h) it is asked here too.
 */
#ifndef CONCERN_PROTOCOL_ALPHABET_H
#define CONCERN_PROTOCOL_ALPHABET_H

#include "core/base.h"

/** References, ids of events, people, agencies, roles: 1 to 64 of A-Z a-z 0-9 . _ : / - */
bool alphabet_is_id(const char *text);

/** An event's type: as an id, to 80 characters. */
bool alphabet_is_type(const char *text);

/** A CloudEvents source: 1 to 200 of the characters of a URI reference. */
bool alphabet_is_source(const char *text);

/** A link for people: http:// or https://, to 300 of the characters of a URI. */
bool alphabet_is_link(const char *text);

/** A mail address without quoting or comments, to 254 bytes; before the "@" also UTF-8 in its
 *  composed form (NFC). */
bool alphabet_is_address(const char *text);

/** A UUID in its 36 characters. */
bool alphabet_is_uuid(const char *text);

/** A W3C traceparent of version 00. */
bool alphabet_is_traceparent(const char *text);

/** The name of a CloudEvents attribute: a-z and 0-9, to 64 characters. */
bool alphabet_is_attribute(const char *text);

/** How many characters valid UTF-8 has. */
size_t alphabet_characters(const char *text);

/** Whether valid UTF-8 holds only what a CloudEvents string may: no U+0000-1F, U+7F-9F,
 *  surrogates or noncharacters.  True for the empty text. */
bool alphabet_is_clean(const char *text);

#endif
