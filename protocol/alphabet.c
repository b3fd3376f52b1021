/* alphabet.c - which characters the texts of the wire are made of. */
#include "protocol/alphabet.h"

#include "core/event.h"
#include "core/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include <uninorm.h>

enum { LABEL_MAX = 63 }; /* RFC 1035 2.3.4 */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter_or_digit(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Whether `text` has `least` to `most` characters, each a letter, a digit or one of `others`. */
static bool is_made_of(const char *text, size_t least, size_t most, const char *others)
{
    size_t length = strlen(text);

    if (length < least || length > most)
        return false;
    for (; *text; text++)
        if (!is_letter_or_digit(*text) && !strchr(others, *text))
            return false;
    return true;
}

static bool is_made_of_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f') &&
            !(text[i] >= 'A' && text[i] <= 'F'))
            return false;
    return true;
}

bool alphabet_is_id(const char *text)
{
    return is_made_of(text, 1, ID_MAX, "._:/-");
}

bool alphabet_is_type(const char *text)
{
    return is_made_of(text, 1, EVENT_TYPE_MAX, "._:/-");
}

/* A percent sign begins two hexadecimal digits, always. */
static bool escapes_are_whole(const char *text)
{
    for (text = strchr(text, '%'); text; text = strchr(text + 1, '%'))
        if (!text[1] || !text[2] || !is_made_of_hex(text + 1, 2))
            return false;
    return true;
}

bool alphabet_is_source(const char *text)
{
    return is_made_of(text, 1, EVENT_SOURCE_MAX, "-._~:/?#[]@!$&'()*+,;=%") &&
           escapes_are_whole(text);
}

bool alphabet_is_link(const char *text)
{
    const char *rest = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;

    return rest && is_letter_or_digit(rest[0]) &&
           is_made_of(text, 1, EVENT_LINK_MAX, "-._~:/?#[]@!$&'()*+,;=%") &&
           escapes_are_whole(text);
}

/* Words between dots, none empty or longer than a name server's, none that begins or ends with a
 * hyphen; at least two. */
static bool is_domain(const char *text)
{
    size_t dots = 0, word = 0;

    for (size_t i = 0; text[i]; i++) {
        bool edge = i == 0 || text[i - 1] == '.' || text[i + 1] == '.' || !text[i + 1];

        if (edge && !is_letter_or_digit(text[i]))
            return false;
        if (!is_letter_or_digit(text[i]) && text[i] != '-' && text[i] != '.')
            return false;
        dots += text[i] == '.';
        word = text[i] == '.' ? 0 : word + 1;
        if (word > LABEL_MAX)
            return false;
    }
    return dots > 0;
}

/* Two ways to write one letter would be two people: only the composed one is an address (NFC). */
static bool is_composed(const char *text)
{
    size_t length = strlen(text), size = 0;
    uint8_t *composed;
    bool same;

    if (mailbox_is_ascii(text))
        return true;
    composed = u8_normalize(UNINORM_NFC, (const uint8_t *)text, length, NULL, &size);
    same = composed && size == length && memcmp(composed, text, length) == 0;
    free(composed);
    return same;
}

bool alphabet_is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at && strnlen(text, ADDRESS_MAX + 1) <= ADDRESS_MAX &&
           mailbox_is_local_part(text, (size_t)(at - text)) && is_composed(text) &&
           is_domain(at + 1);
}

bool alphabet_is_uuid(const char *text)
{
    static const size_t parts[] = { 8, 4, 4, 4, 12 };

    if (strlen(text) != 36)
        return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!is_made_of_hex(text, parts[i]))
            return false;
        text += parts[i];
        if (i + 1 < COUNT_OF(parts) && *text++ != '-')
            return false;
    }
    return true;
}

bool alphabet_is_traceparent(const char *text)
{
    return strlen(text) == 55 && !strncmp(text, "00-", 3) && text[35] == '-' && text[52] == '-' &&
           is_made_of_hex(text + 3, 32) && is_made_of_hex(text + 36, 16) &&
           is_made_of_hex(text + 53, 2);
}

bool alphabet_is_attribute(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!is_digit(*at) && !(*at >= 'a' && *at <= 'z'))
            return false;
    return text[0] && strlen(text) <= ID_MAX;
}

size_t alphabet_characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* The code point that begins at `text`, and its bytes; `text` is valid UTF-8. */
static uint32_t code_point(const unsigned char *text, size_t *length)
{
    static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t point;

    *length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc0 ? 2 : 1;
    point = text[0] & lead_bits[*length];
    for (size_t i = 1; i < *length; i++) {
        if (!text[i]) { /* a caller's mistake; stop at the end all the same */
            *length = i;
            break;
        }
        point = point << 6 | (text[i] & 0x3f);
    }
    return point;
}

bool alphabet_is_clean(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length;

    for (; *at; at += length) {
        uint32_t point = code_point(at, &length);

        if (point < 0x20 || (point >= 0x7f && point <= 0x9f))
            return false;
        if (point >= 0xd800 && point <= 0xdfff)
            return false;
        if ((point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe)
            return false;
    }
    return true;
}
