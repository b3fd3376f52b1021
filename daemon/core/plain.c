/* plain.c - what a text is made of that people are to read: the one gate. */
#include "core/plain.h"

#include <string.h>

/* How many bytes a character has by its first one; 0 if none begins so. */
static size_t size_of(unsigned char first)
{
    static const struct {
        unsigned char first, last;
        size_t size;
    } rows[] = { { 0x00, 0x7f, 1 }, { 0xc2, 0xdf, 2 }, { 0xe0, 0xef, 3 }, { 0xf0, 0xf4, 4 } };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (first >= rows[i].first && first <= rows[i].last)
            return rows[i].size;
    return 0;
}

size_t plain_character(const char *at, size_t left, uint32_t *character)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *bytes = (const unsigned char *)at;
    size_t size = left > 0 ? size_of(bytes[0]) : 0;
    uint32_t point;

    if (size == 0 || size > left)
        return 0;
    point = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *character = point;
    return size;
}

bool plain_is_shown(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        { 0x00, 0x1f },     { 0x7f, 0x9f },
        { 0x2028, 0x2029 }, /* separators of lines and paragraphs */
        { 0x202a, 0x202e }, /* embeddings and overrides of direction */
        { 0x2066, 0x2069 }, /* isolates of it */
        { 0xfeff, 0xfeff }, /* a byte order mark: shows nothing, and is no blank either */
        { 0xfdd0, 0xfdef }, /* noncharacters, as the last two of each plane are */
    };

    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return false;
    return (character & 0xfffe) != 0xfffe;
}

bool plain_is_line(const char *text, size_t most)
{
    uint32_t character;
    size_t step;

    if (!text || !*text || strnlen(text, most + 1) > most)
        return false;
    for (; *text; text += step) {
        step = plain_character(text, SIZE_MAX, &character);
        if (step == 0 || !plain_is_shown(character))
            return false;
    }
    return true;
}

bool plain_is_text(const char *text, size_t most)
{
    uint32_t character;
    size_t step;

    if (!text || strnlen(text, most + 1) > most)
        return false;
    for (; *text; text += step) {
        bool breaks = *text == '\n' || *text == '\t' || (text[0] == '\r' && text[1] == '\n');

        step = plain_character(text, SIZE_MAX, &character);
        if (step == 0 || !(breaks || plain_is_shown(character)))
            return false;
    }
    return true;
}
