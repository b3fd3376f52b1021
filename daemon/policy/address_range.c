/* address_range.c - "10.0.0.0/8" becomes a range of addresses. */
#include "policy/address_range.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    BITS = 128,
    MAPPED_BITS = 96, /* before the IPv4 address in ::ffff:a.b.c.d */
    TEXT_SIZE = INET6_ADDRSTRLEN + sizeof "/128"
};

static bool bytes_of(const char *text, uint8_t bytes[16], unsigned *greatest)
{
    uint8_t four[4];

    if (inet_pton(AF_INET, text, four) == 1) {
        memset(bytes, 0, 10);
        memset(bytes + 10, 0xff, 2);
        memcpy(bytes + 12, four, 4);
        *greatest = BITS - MAPPED_BITS;
        return true;
    }
    *greatest = BITS;
    return inet_pton(AF_INET6, text, bytes) == 1;
}

/* Reads the number behind the slash; false unless it is one to three digits, at most `greatest`. */
static bool bits_of(const char *text, unsigned greatest, unsigned *bits)
{
    size_t length = strlen(text);

    if (length == 0 || length > 3 || strspn(text, "0123456789") != length)
        return false;
    *bits = 0;
    for (; *text; text++)
        *bits = *bits * 10 + (unsigned)(*text - '0');
    return *bits <= greatest;
}

static bool is_clear_behind(const struct address_range *range)
{
    for (unsigned bit = range->bits; bit < BITS; bit++)
        if (range->bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    return true;
}

int address_range_read(const char *text, struct address_range *range)
{
    char address[TEXT_SIZE];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    struct address_range read;
    unsigned greatest, bits;

    if (length >= sizeof address)
        return ADDRESS_UNREADABLE;
    memcpy(address, text, length);
    address[length] = '\0';
    if (!bytes_of(address, read.bytes, &greatest))
        return ADDRESS_UNREADABLE;
    bits = greatest;
    if (slash && !bits_of(slash + 1, greatest, &bits))
        return ADDRESS_UNREADABLE;
    read.bits = (uint8_t)(BITS - greatest + bits);
    if (!is_clear_behind(&read))
        return ADDRESS_UNREADABLE;
    *range = read;
    return ADDRESS_OK;
}
