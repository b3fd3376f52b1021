/* text.h - writes into a bounded buffer and remembers if the text was cut.
 *
 * A text is a value over a buffer of somebody else.  It is always closed with a zero,
 * never written past its size, and cut between two characters of UTF-8, never inside
 * one.  Once cut, nothing more is added: a text is the beginning of what was meant, not
 * a selection of its parts.
 */
#ifndef CONCERN_CORE_TEXT_H
#define CONCERN_CORE_TEXT_H

#include "core/base.h"

struct text {
    char *at;    /* the buffer; borrowed */
    size_t size; /* its bytes, the closing zero among them; at least 1 */
    size_t used; /* bytes written, the closing zero not counted; always below size */
    bool cut;    /* something did not fit */
};

/** An empty text over `size` bytes at `at`, which it closes at once; `size` is at least 1. */
struct text text_over(char *at, size_t size);

/** Adds a string closed with a zero. */
void text_add(struct text *text, const char *string);

/** Adds `length` bytes; a zero among them would end the text for its readers. */
void text_add_bytes(struct text *text, const char *bytes, size_t length);

/** Adds what printf would write. */
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Whether anything added so far did not fit. */
bool text_was_cut(const struct text *text);

/** Lets a text that was cut end with "…", so that its reader sees that there is more. */
void text_show_cut(struct text *text);

#endif
