/* text.c - writes into a bounded buffer and remembers if the text was cut. */
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void close_whole(struct text *text);

struct text text_over(char *at, size_t size)
{
    at[0] = '\0';
    return (struct text){ .at = at, .size = size };
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->size - text->used - 1;

    if (text->cut)
        return;
    if (length > room) {
        length = room;
        text->cut = true;
    }
    if (length > 0)
        memcpy(text->at + text->used, bytes, length);
    text->used += length;
    close_whole(text);
}

void text_addf(struct text *text, const char *format, ...)
{
    size_t room = text->size - text->used;
    va_list arguments;
    int length;

    if (text->cut)
        return;
    va_start(arguments, format);
    length = vsnprintf(text->at + text->used, room, format, arguments);
    va_end(arguments);

    if (length < 0 || (size_t)length >= room) {
        text->cut = true;
        text->used += length < 0 ? 0 : room - 1;
    } else {
        text->used += (size_t)length;
    }
    close_whole(text);
}

bool text_was_cut(const struct text *text)
{
    return text->cut;
}

void text_show_cut(struct text *text)
{
    static const char mark[] = "…";

    if (!text->cut || text->size < sizeof mark)
        return;
    if (text->used > text->size - sizeof mark)
        text->used = text->size - sizeof mark;
    while (text->used > 0 && ((unsigned char)text->at[text->used] & 0xc0) == 0x80)
        text->used--;
    memcpy(text->at + text->used, mark, sizeof mark);
    text->used += sizeof mark - 1;
}

/* How many bytes the character has that begins with `lead`; 1 for what begins none. */
static size_t character_length(unsigned char lead)
{
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc0 ? 2 : 1;
}

/* Closes the text; where it was cut inside a character, without that character's beginning. */
static void close_whole(struct text *text)
{
    size_t start = text->used;

    text->at[text->used] = '\0';
    if (!text->cut || text->used == 0)
        return;
    do
        start--;
    while (start > 0 && text->used - start < 4 && ((unsigned char)text->at[start] & 0xc0) == 0x80);
    if (start + character_length((unsigned char)text->at[start]) > text->used) {
        text->used = start;
        text->at[start] = '\0';
    }
}
