/* address_check.c - what may stand as a mail address in a file of ours.
 *
 * Far narrower than RFC 5321 admits, on purpose: an address goes into a command and a
 * header, and a library below checks neither (a line end in it is a second recipient).
 */
#include "policy/directory_read.h"

#include <stdio.h>
#include <string.h>

enum { LOCAL_MAX = 64, LABEL_MAX = 63 };

static const char local_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789.!#$%&'*+-/=?^_`{|}~";
static const char domain_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789.-";

static const char *local_fault(const char *address, size_t length)
{
    if (!length)
        return "nothing before the @";
    if (length > LOCAL_MAX)
        return "more than 64 letters before the @";
    if (strspn(address, local_letters) < length)
        return "a letter before the @ that is not plain ASCII, or a space or bracket";
    if (address[0] == '.' || address[length - 1] == '.')
        return "a dot at the beginning or before the @";
    for (size_t i = 1; i < length; i++)
        if (address[i] == '.' && address[i - 1] == '.')
            return "two dots in a row before the @";
    return NULL;
}

bool mail_domain_is_sound(const char *domain)
{
    size_t length = strlen(domain), label = 0;
    bool has_dot = false;

    if (!length || length > ADDRESS_MAX || strspn(domain, domain_letters) != length)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && domain[i] != '.') {
            label++;
            continue;
        }
        if (!label || label > LABEL_MAX || domain[i - 1] == '-' || domain[i - label] == '-')
            return false;
        has_dot = has_dot || i < length;
        label = 0;
    }
    return has_dot;
}

const char *mail_address_fault(const char *address, char why[ADDRESS_FAULT_SIZE])
{
    const char *at = strchr(address, '@');
    const char *found = NULL;

    if (!at || strchr(at + 1, '@'))
        found = "an address has one @";
    else if (strlen(address) > ADDRESS_MAX)
        found = "longer than 254 letters";
    else if (!(found = local_fault(address, (size_t)(at - address))) &&
             !mail_domain_is_sound(at + 1))
        found = "the domain is none, such as housing.northtown.example";
    if (!found)
        return NULL;
    snprintf(why, ADDRESS_FAULT_SIZE, "%s", found);
    return why;
}
