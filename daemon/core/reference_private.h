/* reference_private.h - what reference.c and reference_form.c share; nobody else includes it. */
#ifndef CONCERN_CORE_REFERENCE_PRIVATE_H
#define CONCERN_CORE_REFERENCE_PRIVATE_H

#include "core/reference.h"

enum { REFERENCE_LETTERS_RUN = 4, REFERENCE_LETTERS_ALL = 8, ULID_TEXT_LENGTH = 26 };

/** Whether 26 characters of `text` are a ULID (Crockford's digits and letters, of either case; the
 *  first is 0 until the year 3084); what follows them is the caller's. */
bool begins_with_ulid(const char *text);

/** Of a text; with `any` of a form, each of whose places is taken for whatever is wanted. */
bool holds_nhs_number(const char *text, bool any);
bool holds_date(const char *text, bool any);
bool holds_postcode(const char *text, bool any);

bool is_digit_character(char c);
bool is_letter_character(char c);
bool is_hex_character(char c);

#endif
