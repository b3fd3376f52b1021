/* mail_body.c - the text of a mail and what stands beside it: RFC 2045 and 2046. */
#include "protocol/mail_private.h"

#include <stdio.h>
#include <string.h>

enum { QP_LINE_MAX = 76 /* RFC 2045 6.7 (5) */ };

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

static void put_quoted_printable(struct mail_buffer *buffer, const char *body)
{
    size_t column = 0;

    while (*body) {
        char text[4] = { *body };
        size_t size = 1;

        if (is_line_end(body)) {
            mail_put(buffer, "\r\n");
            column = 0;
            body += *body == '\r' ? 2 : 1;
            continue;
        }
        if (must_be_encoded(body, column)) {
            (void)snprintf(text, sizeof text, "=%02X", (unsigned char)*body);
            size = 3;
        }
        if (column + size > QP_LINE_MAX - 1) { /* one is left for the soft break */
            mail_put(buffer, "=\r\n");
            column = 0;
            continue; /* the character is the first of its line now, and judged again */
        }
        mail_put_bytes(buffer, text, size);
        column += size;
        body++;
    }
    if (column > 0)
        mail_put(buffer, "\r\n");
}

/* ---- the parts ---- */

enum { BASE64_LINE_BYTES = 57, BOUNDARY_SIZE = ID_MAX + 32 };

/* Cannot stand in any part: quoted-printable writes "=" as "=3D", base64 no "_". */
static void boundary_of(const struct mail *mail, const char *which, char boundary[BOUNDARY_SIZE])
{
    (void)snprintf(boundary, BOUNDARY_SIZE, "=_%s_%s", which, mail->delivery);
}

static void put_boundary(struct mail_buffer *buffer, const char *boundary, bool last)
{
    mail_put(buffer, "\r\n--");
    mail_put(buffer, boundary);
    mail_put(buffer, last ? "--\r\n" : "\r\n");
}

static void put_multipart(struct mail_buffer *buffer, const char *kind, const char *boundary)
{
    mail_put(buffer, "Content-Type: multipart/");
    mail_put(buffer, kind);
    mail_put(buffer, ";\r\n boundary=\"");
    mail_put(buffer, boundary);
    mail_put(buffer, "\"\r\n");
}

static void put_text_part(struct mail_buffer *buffer, const char *type, const char *text)
{
    mail_put(buffer, "Content-Type: ");
    mail_put(buffer, type);
    mail_put(buffer, "; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: quoted-printable\r\n"
                     "\r\n");
    put_quoted_printable(buffer, text);
}

/* The page comes second: a reader that shows both kinds takes the last (RFC 2046 5.1.4). */
static void put_words(struct mail_buffer *buffer, const struct mail *mail)
{
    CLEANUP(mail_buffer_free) struct mail_buffer page = { .bytes = NULL };
    char boundary[BOUNDARY_SIZE];

    if (!mail->page) {
        put_text_part(buffer, "text/plain", mail->body);
        return;
    }
    mail_put_page(&page, mail);
    mail_put_bytes(&page, "", 1);
    buffer->failed = buffer->failed || page.failed;
    if (page.failed)
        return;
    boundary_of(mail, "words", boundary);
    put_multipart(buffer, "alternative", boundary);
    put_boundary(buffer, boundary, false);
    put_text_part(buffer, "text/plain", mail->body);
    put_boundary(buffer, boundary, false);
    put_text_part(buffer, "text/html", page.bytes);
    put_boundary(buffer, boundary, true);
}

static void put_attachment(struct mail_buffer *buffer, const struct mail_attachment *attachment)
{
    mail_put(buffer, "Content-Type: ");
    mail_put(buffer, attachment->type);
    mail_put(buffer, "\r\nContent-Disposition: attachment; filename=\"");
    mail_put(buffer, attachment->name);
    mail_put(buffer, "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    for (size_t at = 0; at < attachment->size; at += BASE64_LINE_BYTES) {
        size_t left = attachment->size - at;

        mail_put_base64(buffer, attachment->bytes + at,
                        left < BASE64_LINE_BYTES ? left : BASE64_LINE_BYTES);
        mail_put(buffer, "\r\n");
    }
}

void mail_put_content(struct mail_buffer *buffer, const struct mail *mail)
{
    char boundary[BOUNDARY_SIZE];

    mail_put(buffer, "MIME-Version: 1.0\r\n");
    if (mail->attachment_count == 0) {
        put_words(buffer, mail);
        return;
    }
    boundary_of(mail, "all", boundary);
    put_multipart(buffer, "mixed", boundary);
    put_boundary(buffer, boundary, false);
    put_words(buffer, mail);
    for (size_t i = 0; i < mail->attachment_count; i++) {
        put_boundary(buffer, boundary, false);
        put_attachment(buffer, &mail->attachments[i]);
    }
    put_boundary(buffer, boundary, true);
}
