/* mail.h - writes a mail: RFC 5322; its text as text/plain, the same words as text/html beside
 * it where that is asked for (RFC 2046 5.1.4), and small files attached.
 *
 * The bytes are made once, kept in the outbox, hashed into the record and sent as
 * they are at every attempt; a receiver that got one twice can tell by Message-ID.
 *
 * Every address and header value passes one gate here, which refuses and never
 * cleans: curl would take a line break in a recipient for a second recipient.
 */
#ifndef CONCERN_PROTOCOL_MAIL_H
#define CONCERN_PROTOCOL_MAIL_H

#include "core/base.h"

enum {
    MAIL_BODY_MAX = 64 * 1024,   /* bytes of UTF-8; of an attachment too */
    MAIL_HEADER_VALUE_MAX = 800, /* bytes of UTF-8, a subject or a name */
    MAIL_ATTACHMENTS_MAX = 20,
    MAIL_TYPE_MAX = 100 /* characters of an attachment's type, and of its name */
};

enum mail_answer {
    MAIL_OK,
    MAIL_UNSAFE,   /* an address, a header value, the body or a file does not pass the gate */
    MAIL_TOO_LONG, /* the body is longer than MAIL_BODY_MAX */
};

/** A file that goes with a mail. */
struct mail_attachment {
    const char *type; /* "text/calendar; method=PUBLISH; charset=utf-8": ASCII */
    const char *name; /* "deadline.ics": letters, digits, "-" and "." */
    const char *bytes;
    size_t size; /* 1 to MAIL_BODY_MAX */
};

struct mail {
    const char *from;      /* ASCII: it is in every mail */
    const char *from_name; /* or NULL */
    const char *to;        /* exactly one */
    const char *subject;
    const char *delivery;    /* the delivery's id: X-Concernd-Delivery */
    const char *bounce;      /* return_path.h: X-Concernd-Bounce, or NULL */
    const char *message_id;  /* "id@domain", as mail_message_id() makes it, without <> */
    const char *in_reply_to; /* a message id without <>, or NULL: also the only reference */
    const char *reference;   /* of the disagreement: X-Concernd-Reference, or NULL */
    struct instant date;
    bool important;   /* Importance: high, X-Priority: 1 */
    const char *body; /* plain text; lines end in "\n"; "\r\n" is taken for the same */

    /* The same words as a page too: empty lines part its paragraphs, "- " begins an item of a
     * list, what stands in capitals before a colon is a heading, an https address is a link. */
    bool page;
    const char *button;   /* an https address: the paragraph that ends with it is a button there,
                             with its other words on it; NULL or "": none */
    const char *language; /* of the text, "en" or "cy": Content-Language; NULL: not said */
    const struct mail_attachment *attachments;
    size_t attachment_count; /* at most MAIL_ATTACHMENTS_MAX */
};

/** Writes the page alone, of a mail whose subject, body and language are set.  0 sets `*page` (the
 *  caller frees); -ENOMEM. */
int mail_page_write(const struct mail *mail, char **page);

enum { MAIL_MESSAGE_ID_SIZE = ID_MAX + 1 + ADDRESS_MAX + 1 };

/**
 * Whether `address` may stand in RCPT TO and in a header as it is: one "@", at most
 * ADDRESS_MAX bytes, a local part as core/mailbox.h has it before it, a host name after it.  No
 * blanks, control characters, angle brackets, quotes or comments; a domain with other letters
 * is written in its "xn--" form.  NULL is not safe.  What stands before the "@" may be UTF-8: then
 * the mail's To is too (RFC 6532), and the mail server has to offer SMTPUTF8.
 */
bool mail_address_is_safe(const char *address);

/**
 * Whether `value` may become the value of a header: one plain line (core/plain.h) of 1 to
 * MAIL_HEADER_VALUE_MAX bytes.
 */
bool mail_header_is_safe(const char *value);

/** Makes "<delivery>@<domain of from>"; the same for every attempt.  MAIL_OK or MAIL_UNSAFE. */
int mail_message_id(const char *delivery, const char *from, char id[MAIL_MESSAGE_ID_SIZE]);

/**
 * Writes the whole mail, lines ending in CRLF, none longer than 78 characters (but for an
 * address that is longer).
 *
 * On MAIL_OK sets `*bytes` (the caller frees) and `*size`.  Otherwise MAIL_UNSAFE,
 * MAIL_TOO_LONG, or -ENOMEM.
 */
int mail_write(const struct mail *mail, char **bytes, size_t *size);

#endif
