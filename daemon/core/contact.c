/* contact.c - what stands in the directory for services that are no mail server. */
#include "core/contact.h"

#include <string.h>

bool contact_is_phone(const char *text)
{
    size_t length = strnlen(text, CONTACT_PHONE_MAX + 1);

    if (text[0] != '+' || length < 8 || length > CONTACT_PHONE_MAX || text[1] == '0')
        return false;
    for (size_t i = 1; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static bool is_hexadecimal(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool contact_begins_with_uuid(const char *text)
{
    for (size_t i = 0; i < CONTACT_UUID_LENGTH; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text[i] != '-' : !is_hexadecimal(text[i]))
            return false;
    }
    return true;
}

bool contact_is_uuid(const char *text)
{
    return contact_begins_with_uuid(text) && text[CONTACT_UUID_LENGTH] == '\0';
}
