/* address.c - which network addresses a webhook may go to. */
#include "io/address.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* What is not an ordinary public address: the special-purpose registries of RFC 6890. */
static const char *const special_ipv4[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
};

/* Of IPv6 only 2000::/3 is given out, so loopback, unique local, link-local, multicast, the
 * mapped (::ffff:0:0/96) and translated (64:ff9b::/96, 64:ff9b:1::/48) forms lie outside it.
 * Inside it: Teredo and its neighbours, documentation, 6to4. */
static const char public_ipv6[] = "2000::/3";
static const char *const special_ipv6[] = { "2001::/23", "2001:db8::/32", "2002::/16",
                                            "3fff::/20" };

static void put_ipv4(const void *four, uint8_t bytes[16])
{
    memset(bytes, 0, 10);
    memset(bytes + 10, 0xff, 2);
    memcpy(bytes + 12, four, 4);
}

static bool is_in_range(const uint8_t bytes[16], const struct address_range *range)
{
    unsigned whole = range->bits / 8, rest = range->bits % 8;

    if (memcmp(bytes, range->bytes, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ range->bytes[whole]) >> (8 - rest) == 0;
}

static bool is_in_list(const uint8_t bytes[16], const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct address_range range;

        /* What cannot be read here is a mistake of ours, and denies. */
        if (address_range_read(list[i], &range) != ADDRESS_OK || is_in_range(bytes, &range))
            return true;
    }
    return false;
}

bool address_is_allowed(const struct sockaddr *address, const struct address_range *allowed,
                        size_t count)
{
    const char *const public_list[] = { public_ipv6 };
    uint8_t bytes[16];

    if (address->sa_family == AF_INET)
        put_ipv4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, bytes);
    else if (address->sa_family == AF_INET6)
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    else
        return false;

    for (size_t i = 0; i < count; i++)
        if (is_in_range(bytes, &allowed[i]))
            return true;
    if (address->sa_family == AF_INET)
        return !is_in_list(bytes, special_ipv4, COUNT_OF(special_ipv4));
    return is_in_list(bytes, public_list, 1) &&
           !is_in_list(bytes, special_ipv6, COUNT_OF(special_ipv6));
}
