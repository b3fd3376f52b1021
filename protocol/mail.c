/* mail.c - writes a mail: RFC 5322, text/plain, UTF-8 in quoted-printable. */
#include "protocol/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/zone.h"

enum {
    LINE_MAX_CHARACTERS = 78, /* of a header line: RFC 5322 2.1.1, CRLF not counted */
    QP_LINE_MAX = 76,         /* of the body: RFC 2045 6.7 (5) */
    WORD_BYTES_MAX = 36,      /* in an encoded word: 48 of base64, "Subject: " fits before it */
    LOCAL_PART_MAX = 64,
    LABEL_MAX = 63
};

/* A growing buffer; after a failed allocation it takes no more and says so at the end. */
struct buffer {
    char *bytes;
    size_t used, capacity;
    bool failed;
};

static void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    buffer->bytes = NULL;
}

static void put_bytes(struct buffer *buffer, const char *bytes, size_t size)
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

static void put(struct buffer *buffer, const char *text)
{
    put_bytes(buffer, text, strlen(text));
}

/* ---- the gate ---- */

static bool is_letter_or_digit(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_atom_text(unsigned char c)
{
    return is_letter_or_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Runs of atom text between single dots. */
static bool is_dot_atom(const char *text, size_t length)
{
    if (length == 0 || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && text[i - 1] == '.')
            return false;
        if (text[i] != '.' && !is_atom_text((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* Labels of letters, digits and inner hyphens between single dots. */
static bool is_host_name(const char *text)
{
    for (;;) {
        size_t length = strcspn(text, ".");

        if (length == 0 || length > LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
            return false;
        for (size_t i = 0; i < length; i++)
            if (!is_letter_or_digit((unsigned char)text[i]) && text[i] != '-')
                return false;
        if (!text[length])
            return true;
        text += length + 1;
    }
}

bool mail_address_is_safe(const char *address)
{
    const char *at;

    if (!address || strnlen(address, ADDRESS_MAX + 1) > ADDRESS_MAX)
        return false;
    at = strchr(address, '@');
    if (!at || strchr(at + 1, '@') || at - address > LOCAL_PART_MAX)
        return false;
    return is_dot_atom(address, (size_t)(at - address)) && is_host_name(at + 1);
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
static size_t character_at(const char *text, uint32_t *character)
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

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
           character == 0x2029;
}

bool mail_header_is_safe(const char *value)
{
    uint32_t character;
    size_t step;

    if (!value || !*value || strnlen(value, MAIL_HEADER_VALUE_MAX + 1) > MAIL_HEADER_VALUE_MAX)
        return false;
    for (; *value; value += step) {
        step = character_at(value, &character);
        if (step == 0 || is_control(character))
            return false;
    }
    return true;
}

static bool is_utf8(const char *text)
{
    uint32_t character;
    size_t step;

    for (; *text; text += step) {
        step = character_at(text, &character);
        if (step == 0)
            return false;
    }
    return true;
}

/* An identifier of ours or of a case system, written into a header as it is. */
static bool is_token(const char *text)
{
    size_t length = text ? strnlen(text, ID_MAX + 1) : 0;

    if (length == 0 || length > ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] == 0x7f || (unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

static bool is_message_id(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;

    return at && strnlen(text, MAIL_MESSAGE_ID_SIZE) < MAIL_MESSAGE_ID_SIZE &&
           at - text <= ID_MAX && is_dot_atom(text, (size_t)(at - text)) && is_host_name(at + 1);
}

static bool is_safe(const struct mail *mail)
{
    return mail_address_is_safe(mail->from) && mail_address_is_safe(mail->to) &&
           (!mail->from_name || mail_header_is_safe(mail->from_name)) &&
           mail_header_is_safe(mail->subject) && is_token(mail->delivery) &&
           is_message_id(mail->message_id) &&
           (!mail->in_reply_to || is_message_id(mail->in_reply_to)) &&
           (!mail->reference || is_token(mail->reference)) && mail->body && is_utf8(mail->body);
}

int mail_message_id(const char *delivery, const char *from, char id[MAIL_MESSAGE_ID_SIZE])
{
    char made[MAIL_MESSAGE_ID_SIZE];

    if (!is_token(delivery) || !mail_address_is_safe(from))
        return MAIL_UNSAFE;
    (void)snprintf(made, sizeof made, "%s%s", delivery, strchr(from, '@'));
    if (!is_message_id(made))
        return MAIL_UNSAFE;
    memcpy(id, made, sizeof made);
    return MAIL_OK;
}

/* ---- headers ---- */

/* Whether a value can be written as it is and folded at its blanks: ASCII, single inner
 * blanks, no word too long for a line, nothing a reader would take for an encoded word. */
static bool is_plain(const char *value)
{
    size_t length = strlen(value), word = 0;

    if (value[0] == ' ' || value[length - 1] == ' ' || strstr(value, "  ") || strstr(value, "=?"))
        return false;
    for (size_t i = 0; i < length; i++) {
        word = value[i] == ' ' ? 0 : word + 1;
        if ((unsigned char)value[i] >= 0x80 || word > LINE_MAX_CHARACTERS / 2)
            return false;
    }
    return true;
}

/* Writes words, beginning a new line before one that would pass the greatest length. */
static void put_folded(struct buffer *buffer, const char *value, size_t column)
{
    while (*value) {
        size_t word = strcspn(value + 1, " ") + 1; /* with the blank before it */

        if (*value == ' ' && column + word > LINE_MAX_CHARACTERS) {
            put(buffer, "\r\n");
            column = 0;
        }
        put_bytes(buffer, value, word);
        column += word;
        value += word;
    }
}

static void put_base64(struct buffer *buffer, const char *bytes, size_t size)
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
        put_bytes(buffer, four, sizeof four);
    }
}

/* Encoded words of RFC 2047, one to a line, none splitting a character. */
static void put_encoded(struct buffer *buffer, const char *value)
{
    for (bool first = true; *value; first = false) {
        size_t size = 0, step;
        uint32_t character;

        while (value[size] && (step = character_at(value + size, &character)) > 0 &&
               size + step <= WORD_BYTES_MAX)
            size += step;
        put(buffer, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put_base64(buffer, value, size);
        put(buffer, "?=");
        value += size;
    }
}

static void put_header(struct buffer *buffer, const char *name, const char *value)
{
    put(buffer, name);
    put(buffer, ": ");
    if (is_plain(value))
        put_folded(buffer, value, strlen(name) + 2);
    else
        put_encoded(buffer, value);
    put(buffer, "\r\n");
}

/* A value that passed is_token() or the address gate; a long one gets a line of its own. */
static void put_token(struct buffer *buffer, const char *name, const char *open, const char *value,
                      const char *close)
{
    size_t length = strlen(name) + 2 + strlen(open) + strlen(value) + strlen(close);

    put(buffer, name);
    put(buffer, length > LINE_MAX_CHARACTERS ? ":\r\n " : ": ");
    put(buffer, open);
    put(buffer, value);
    put(buffer, close);
    put(buffer, "\r\n");
}

/* A name goes in quotes, or encoded where quotes will not do. */
static void put_from(struct buffer *buffer, const struct mail *mail)
{
    const char *name = mail->from_name;

    if (!name) {
        put_token(buffer, "From", "<", mail->from, ">");
        return;
    }
    put(buffer, "From: ");
    if (is_plain(name) && !strpbrk(name, "\"\\") && strlen(name) <= LINE_MAX_CHARACTERS / 2) {
        put(buffer, "\"");
        put(buffer, name);
        put(buffer, "\"");
    } else {
        put_encoded(buffer, name);
    }
    put(buffer, "\r\n <");
    put(buffer, mail->from);
    put(buffer, ">\r\n");
}

static void put_date(struct buffer *buffer, struct instant at)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t seconds = at.us / SECOND_US - (at.us % SECOND_US < 0);
    int64_t day = seconds / 86400 - (seconds % 86400 < 0);
    int second = (int)(seconds - day * 86400), year, month, month_day;
    struct date date = { (int32_t)day };
    char text[64];

    date_parts(date, &year, &month, &month_day);
    (void)snprintf(text, sizeof text, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
                   days[date_weekday(date)], month_day, months[month - 1], year, second / 3600,
                   second / 60 % 60, second % 60);
    put(buffer, text);
}

static void put_headers(struct buffer *buffer, const struct mail *mail)
{
    put_date(buffer, mail->date);
    put_from(buffer, mail);
    put_token(buffer, "To", "<", mail->to, ">");
    put_header(buffer, "Subject", mail->subject);
    put_token(buffer, "Message-ID", "<", mail->message_id, ">");
    if (mail->in_reply_to) {
        put_token(buffer, "In-Reply-To", "<", mail->in_reply_to, ">");
        put_token(buffer, "References", "<", mail->in_reply_to, ">");
    }
    put(buffer, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nothing answers by itself */
    put_token(buffer, "X-Concernd-Delivery", "", mail->delivery, "");
    if (mail->reference)
        put_token(buffer, "X-Concernd-Reference", "", mail->reference, "");
    if (mail->important)
        put(buffer, "Importance: high\r\nX-Priority: 1\r\n");
    put(buffer, "MIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n"
                "\r\n");
}

/* ---- body ---- */

static bool is_line_end(const char *text)
{
    return text[0] == '\0' || text[0] == '\n' || (text[0] == '\r' && text[1] == '\n');
}

/* Blanks at the end of a line get lost on the way; "From " at its beginning gets a ">". */
static bool must_be_encoded(const char *at, size_t column)
{
    unsigned char c = (unsigned char)*at;

    if (c == ' ')
        return is_line_end(at + 1);
    if (column == 0 && (c == '.' || strncmp(at, "From ", 5) == 0))
        return true;
    return c < ' ' || c > '~' || c == '=';
}

static void put_quoted_printable(struct buffer *buffer, const char *body)
{
    size_t column = 0;

    while (*body) {
        char text[4] = { *body };
        size_t size = 1;

        if (is_line_end(body)) {
            put(buffer, "\r\n");
            column = 0;
            body += *body == '\r' ? 2 : 1;
            continue;
        }
        if (must_be_encoded(body, column)) {
            (void)snprintf(text, sizeof text, "=%02X", (unsigned char)*body);
            size = 3;
        }
        if (column + size > QP_LINE_MAX - 1) { /* one is left for the soft break */
            put(buffer, "=\r\n");
            column = 0;
            continue; /* the character is the first of its line now, and judged again */
        }
        put_bytes(buffer, text, size);
        column += size;
        body++;
    }
    if (column > 0)
        put(buffer, "\r\n");
}

int mail_write(const struct mail *mail, char **bytes, size_t *size)
{
    CLEANUP(buffer_free) struct buffer buffer = { .bytes = NULL };

    if (mail->body && strnlen(mail->body, MAIL_BODY_MAX + 1) > MAIL_BODY_MAX)
        return MAIL_TOO_LONG;
    if (!is_safe(mail))
        return MAIL_UNSAFE;
    put_headers(&buffer, mail);
    put_quoted_printable(&buffer, mail->body);
    if (buffer.failed)
        return -ENOMEM;

    *bytes = buffer.bytes;
    *size = buffer.used;
    buffer.bytes = NULL;
    return MAIL_OK;
}
