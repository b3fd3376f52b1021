/* mail_private.h - what the files of mail share: the buffer they write into, and their parts. */
#ifndef CONCERN_PROTOCOL_MAIL_PRIVATE_H
#define CONCERN_PROTOCOL_MAIL_PRIVATE_H

#include "protocol/mail.h"

/** A growing buffer; after a failed allocation it takes no more and says so at the end. */
struct mail_buffer {
    char *bytes;
    size_t used, capacity;
    bool failed;
};

void mail_buffer_free(struct mail_buffer *buffer);

void mail_put_bytes(struct mail_buffer *buffer, const char *bytes, size_t size);
void mail_put(struct mail_buffer *buffer, const char *text);

/** Writes base64, without line breaks. */
void mail_put_base64(struct mail_buffer *buffer, const char *bytes, size_t size);

/** Writes every header but those that say what the content is. */
void mail_put_headers(struct mail_buffer *buffer, const struct mail *mail);

/** Writes MIME-Version, the content's headers, the empty line and the content. */
void mail_put_content(struct mail_buffer *buffer, const struct mail *mail);

/** Writes the page that says in HTML what the mail's text says. */
void mail_put_page(struct mail_buffer *buffer, const struct mail *mail);

#endif
