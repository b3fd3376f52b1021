/* mail_header.c - the headers of a mail: folded, encoded where they are not ASCII. */
#include "protocol/mail_private.h"

#include <stdio.h>
#include <string.h>

#include "core/plain.h"
#include "core/zone.h"

enum {
    LINE_MAX_CHARACTERS = 78, /* of a header line: RFC 5322 2.1.1, CRLF not counted */
    WORD_BYTES_MAX = 36       /* in an encoded word: 48 of base64, "Subject: " fits before it */
};

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
static void put_folded(struct mail_buffer *buffer, const char *value, size_t column)
{
    while (*value) {
        size_t word = strcspn(value + 1, " ") + 1; /* with the blank before it */

        if (*value == ' ' && column + word > LINE_MAX_CHARACTERS) {
            mail_put(buffer, "\r\n");
            column = 0;
        }
        mail_put_bytes(buffer, value, word);
        column += word;
        value += word;
    }
}

/* Encoded words of RFC 2047, one to a line, none splitting a character. */
static void put_encoded(struct mail_buffer *buffer, const char *value)
{
    for (bool first = true; *value; first = false) {
        size_t size = 0, step;
        uint32_t character;

        while (value[size] && (step = plain_character(value + size, SIZE_MAX, &character)) > 0 &&
               size + step <= WORD_BYTES_MAX)
            size += step;
        mail_put(buffer, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        mail_put_base64(buffer, value, size);
        mail_put(buffer, "?=");
        value += size;
    }
}

static void put_header(struct mail_buffer *buffer, const char *name, const char *value)
{
    mail_put(buffer, name);
    mail_put(buffer, ": ");
    if (is_plain(value))
        put_folded(buffer, value, strlen(name) + 2);
    else
        put_encoded(buffer, value);
    mail_put(buffer, "\r\n");
}

/* A value that passed is_token() or the address gate; a long one gets a line of its own. */
static void put_token(struct mail_buffer *buffer, const char *name, const char *open,
                      const char *value, const char *close)
{
    size_t length = strlen(name) + 2 + strlen(open) + strlen(value) + strlen(close);

    mail_put(buffer, name);
    mail_put(buffer, length > LINE_MAX_CHARACTERS ? ":\r\n " : ": ");
    mail_put(buffer, open);
    mail_put(buffer, value);
    mail_put(buffer, close);
    mail_put(buffer, "\r\n");
}

/* A name goes in quotes, or encoded where quotes will not do. */
static void put_from(struct mail_buffer *buffer, const struct mail *mail)
{
    const char *name = mail->from_name;

    if (!name) {
        put_token(buffer, "From", "<", mail->from, ">");
        return;
    }
    mail_put(buffer, "From: ");
    if (is_plain(name) && !strpbrk(name, "\"\\") && strlen(name) <= LINE_MAX_CHARACTERS / 2) {
        mail_put(buffer, "\"");
        mail_put(buffer, name);
        mail_put(buffer, "\"");
    } else {
        put_encoded(buffer, name);
    }
    mail_put(buffer, "\r\n <");
    mail_put(buffer, mail->from);
    mail_put(buffer, ">\r\n");
}

static void put_date(struct mail_buffer *buffer, struct instant at)
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
    mail_put(buffer, text);
}

void mail_put_headers(struct mail_buffer *buffer, const struct mail *mail)
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
    if (mail->language)
        put_token(buffer, "Content-Language", "", mail->language, "");
    /* Nothing answers by itself: RFC 3834, and Exchange's own (MS-OXCMAIL 2.1.3.2.20), of which all
     * but NDR: "All" would keep it from saying that a mail cannot be delivered. */
    mail_put(buffer, "Auto-Submitted: auto-generated\r\n"
                     "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n");
    put_token(buffer, "X-Concernd-Delivery", "", mail->delivery, "");
    if (mail->bounce)
        put_token(buffer, "X-Concernd-Bounce", "", mail->bounce, "");
    if (mail->reference)
        put_token(buffer, "X-Concernd-Reference", "", mail->reference, "");
    if (mail->important)
        mail_put(buffer, "Importance: high\r\nX-Priority: 1\r\n");
}
