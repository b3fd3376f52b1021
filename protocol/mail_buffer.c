/* mail_buffer.c - what the parts of a mail are written into. */
#include "protocol/mail_private.h"

#include <stdlib.h>
#include <string.h>

void mail_buffer_free(struct mail_buffer *buffer)
{
    free(buffer->bytes);
    buffer->bytes = NULL;
}

void mail_put_bytes(struct mail_buffer *buffer, const char *bytes, size_t size)
{
    if (!buffer->failed && buffer->used + size > buffer->capacity) {
        size_t capacity = (buffer->used + size) * 2 + 1024;
        char *grown = realloc(buffer->bytes, capacity);

        buffer->failed = !grown;
        if (grown) {
            buffer->bytes = grown;
            buffer->capacity = capacity;
        }
    }
    if (buffer->failed)
        return;
    memcpy(buffer->bytes + buffer->used, bytes, size);
    buffer->used += size;
}

void mail_put(struct mail_buffer *buffer, const char *text)
{
    mail_put_bytes(buffer, text, strlen(text));
}

/* How many bytes a character of UTF-8 has by its first one; 0 if none begins so. */
static size_t character_size(unsigned char first)
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

/* Reads one character of UTF-8; 0 if there is none that is well formed. */
size_t mail_character_at(const char *text, uint32_t *character)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = character_size(bytes[0]);

    *character = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (bytes[i] & 0x3f);
    }
    if (*character < least[size] || *character > 0x10ffff)
        return 0;
    return *character >= 0xd800 && *character <= 0xdfff ? 0 : size;
}

bool mail_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
           character == 0x2029;
}

void mail_put_base64(struct mail_buffer *buffer, const char *bytes, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = 0;
        char four[4];

        for (size_t j = 0; j < 3; j++)
            three = three << 8 | (i + j < size ? (unsigned char)bytes[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            four[j] = (char)(i + j > size ? '=' : letters[three >> (18 - 6 * j) & 63]);
        mail_put_bytes(buffer, four, sizeof four);
    }
}
