/* contact.h - what stands in the directory for services that are no mail server. */
#ifndef CONCERN_CORE_CONTACT_H
#define CONCERN_CORE_CONTACT_H

#include "core/base.h"

enum {
    CONTACT_PHONE_MAX = 16, /* E.164: "+" and 7 to 15 digits */
    CONTACT_UUID_LENGTH = 36
};

/** "+447700900123". */
bool contact_is_phone(const char *text);

/** Whether 36 characters of `text` are 8-4-4-4-12 hexadecimal digits (RFC 9562); what follows
 *  them is the caller's. */
bool contact_begins_with_uuid(const char *text);

/** The same, and nothing follows. */
bool contact_is_uuid(const char *text);

#endif
