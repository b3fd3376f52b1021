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
