/* address_check.c - what may stand as a mail address, or one of https, in a file of ours.
 *
 * Of mail far narrower than RFC 5321 and 6531 admit, on purpose: an address goes into a command and
 * a header, and a library below checks neither (a line end in it is a second recipient).
 */
#include "policy/directory_read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <idn2.h>
#include <uninorm.h>

#include "core/delivery.h"
#include "core/mailbox.h"

enum { LABEL_MAX = 63, HOST_MAX = 253 };

static const char domain_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789.-";
static const char host_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789.-_";

static const char *local_fault(const char *address, size_t length)
{
    if (!length)
        return "nothing before the @";
    if (length > MAILBOX_LOCAL_MAX)
        return "more than 64 bytes before the @";
    if (address[0] == '.' || address[length - 1] == '.')
        return "a dot at the beginning or before the @";
    for (size_t i = 1; i < length; i++)
        if (address[i] == '.' && address[i - 1] == '.')
            return "two dots in a row before the @";
    return mailbox_is_local_part(address, length)
               ? NULL
               : "a space, a bracket or a letter that cannot be seen before the @";
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
        found = "longer than 254 bytes";
    else if (!(found = local_fault(address, (size_t)(at - address))) &&
             !mail_domain_is_sound(at + 1))
        found = "the domain is none, such as housing.northtown.example";
    if (!found)
        return NULL;
    snprintf(why, ADDRESS_FAULT_SIZE, "%s", found);
    return why;
}

/* The name as name servers have it; where it has none, as it was, which is found fault with. */
const char *mail_domain_as_sent(struct arena *arena, const char *domain)
{
    const char *sent = domain;
    uint8_t *found = NULL;

    if (!mailbox_is_ascii(domain) &&
        idn2_lookup_u8((const uint8_t *)domain, &found, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) ==
            IDN2_OK)
        sent = arena_text(arena, (const char *)found, strlen((const char *)found));
    idn2_free(found);
    return sent ? sent : domain;
}

const char *mail_address_as_sent(struct arena *arena, const char *address)
{
    const char *at = strchr(address, '@'), *domain;
    size_t length = 0;
    uint8_t *local;
    char *sent = NULL;

    if (!at || mailbox_is_ascii(address))
        return address;
    domain = mail_domain_as_sent(arena, at + 1);
    local =
        u8_normalize(UNINORM_NFC, (const uint8_t *)address, (size_t)(at - address), NULL, &length);
    if (local)
        sent = arena_take(arena, length + strlen(domain) + 2);
    if (sent) {
        memcpy(sent, local, length);
        sent[length] = '@';
        memcpy(sent + length + 1, domain, strlen(domain));
    }
    free(local);
    return sent ? sent : address;
}

const char *mail_sender_fault(const char *address)
{
    return mailbox_is_ascii(address)
               ? NULL
               : "plain ASCII: it is in every mail, and not all servers take others";
}

const char *mail_bounces_fault(const char *address, char why[ADDRESS_FAULT_SIZE])
{
    size_t length = strcspn(address, "@");

    if (mail_address_fault(address, why))
        return why;
    if (mail_sender_fault(address))
        return mail_sender_fault(address);
    if (length > DELIVERY_BOUNCES_LOCAL_MAX)
        return "at most 20 letters before the @";
    if (memchr(address, '+', length))
        return "no + before the @: what is behind it is put there for each mail";
    return NULL;
}

/* "[::1]", an address of four figures or a name; as libcurl takes them all. */
static bool is_host(const char *host, size_t length)
{
    char six[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (length > 2 && host[0] == '[' && host[length - 1] == ']' && length - 2 < sizeof six) {
        memcpy(six, host + 1, length - 2);
        six[length - 2] = '\0';
        return inet_pton(AF_INET6, six, &address) == 1;
    }
    return length > 0 && length <= HOST_MAX && strspn(host, host_letters) >= length;
}

static bool is_port(const char *port, size_t length)
{
    unsigned value = 0;

    if (!length || length > 5 || strspn(port, "0123456789") < length)
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (unsigned)(port[i] - '0');
    return value > 0 && value <= UINT16_MAX;
}

/* `url` behind "https://": no user, and a port that there is. */
static bool authority_is_sound(const char *authority)
{
    size_t length = strcspn(authority, "/?#");
    size_t host = *authority == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":");

    if (host >= length)
        return is_host(authority, length);
    return authority[host] == ':' && is_host(authority, host) &&
           is_port(authority + host + 1, length - host - 1);
}

static bool is_of_scheme(const char *url, const char *scheme)
{
    if (strncmp(url, scheme, strlen(scheme)) != 0 || !authority_is_sound(url + strlen(scheme)))
        return false;
    for (const char *letter = url; *letter; letter++) {
        if (*letter <= ' ' || *letter > '~' || strchr("\"<>\\^`{|}", *letter))
            return false;
    }
    return true;
}

bool url_is_sound(const char *url)
{
    return is_of_scheme(url, "https://");
}

bool mail_server_is_sound(const char *url)
{
    return is_of_scheme(url, "smtp://") || is_of_scheme(url, "smtps://");
}

bool link_base_is_sound(const char *url)
{
    return url_is_sound(url) && strlen(url) <= LINK_BASE_MAX && !strpbrk(url, "#%") &&
           !strchr("-._~?[]@!$&'()*+,;=", url[strlen("https://")]);
}
