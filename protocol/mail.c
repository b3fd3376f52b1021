/* mail.c - the gate that every address and header value passes, and the whole mail. */
#include "protocol/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mailbox.h"
#include "core/plain.h"
#include "protocol/mail_private.h"

enum { LABEL_MAX = 63 };

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
    if (!at || strchr(at + 1, '@'))
        return false;
    return mailbox_is_local_part(address, (size_t)(at - address)) && is_host_name(at + 1);
}

bool mail_header_is_safe(const char *value)
{
    return plain_is_line(value, MAIL_HEADER_VALUE_MAX);
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

/* A content type as this program writes them, and a file name of letters, digits, "-" and ".". */
static bool is_attachment_safe(const struct mail_attachment *attachment)
{
    const char *name = attachment->name, *type = attachment->type;

    if (!type || !mail_header_is_safe(type) || strlen(type) > MAIL_TYPE_MAX || !name || !*name ||
        strnlen(name, MAIL_TYPE_MAX + 1) > MAIL_TYPE_MAX)
        return false;
    for (size_t i = 0; name[i]; i++)
        if (!is_letter_or_digit((unsigned char)name[i]) && name[i] != '-' && name[i] != '.')
            return false;
    for (size_t i = 0; type[i]; i++)
        if ((unsigned char)type[i] >= 0x80)
            return false;
    return attachment->size > 0 && attachment->size <= MAIL_BODY_MAX;
}

static bool is_content_safe(const struct mail *mail)
{
    if (!plain_is_text(mail->body, MAIL_BODY_MAX) || mail->attachment_count > MAIL_ATTACHMENTS_MAX)
        return false;
    for (size_t i = 0; i < mail->attachment_count; i++)
        if (!is_attachment_safe(&mail->attachments[i]))
            return false;
    return true;
}

static bool is_safe(const struct mail *mail)
{
    return mail_address_is_safe(mail->from) && mailbox_is_ascii(mail->from) &&
           mail_address_is_safe(mail->to) &&
           (!mail->from_name || mail_header_is_safe(mail->from_name)) &&
           mail_header_is_safe(mail->subject) && is_token(mail->delivery) &&
           (!mail->bounce || is_token(mail->bounce)) && is_message_id(mail->message_id) &&
           (!mail->in_reply_to || is_message_id(mail->in_reply_to)) &&
           (!mail->reference || is_token(mail->reference)) &&
           (!mail->language || is_token(mail->language)) && is_content_safe(mail);
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

int mail_write(const struct mail *mail, char **bytes, size_t *size)
{
    CLEANUP(mail_buffer_free) struct mail_buffer buffer = { .bytes = NULL };

    if (mail->body && strnlen(mail->body, MAIL_BODY_MAX + 1) > MAIL_BODY_MAX)
        return MAIL_TOO_LONG;
    if (!is_safe(mail))
        return MAIL_UNSAFE;
    mail_put_headers(&buffer, mail);
    mail_put_content(&buffer, mail);
    if (buffer.failed)
        return -ENOMEM;

    *bytes = buffer.bytes;
    *size = buffer.used;
    buffer.bytes = NULL;
    return MAIL_OK;
}
