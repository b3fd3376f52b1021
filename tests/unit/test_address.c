/* test_address.c - which addresses a webhook may go to, whatever form they come in. */
#include "io/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* clang-format off */
static const struct {
    const char *address, *allow; /* one allowed range, or NULL */
    bool allowed;
} rows[] = {
    { "1.1.1.1",                 NULL, true },
    { "9.255.255.255",           NULL, true },
    { "11.0.0.0",                NULL, true },
    { "100.63.255.255",          NULL, true },
    { "100.128.0.0",             NULL, true },
    { "172.15.255.255",          NULL, true },
    { "172.32.0.0",              NULL, true },
    { "192.167.255.255",         NULL, true },
    { "223.255.255.255",         NULL, true },
    { "2606:4700:4700::1111",    NULL, true },
    { "0.0.0.0",                 NULL, false },
    { "0.1.2.3",                 NULL, false },
    { "10.0.0.1",                NULL, false },
    { "100.64.0.1",              NULL, false },
    { "100.127.255.255",         NULL, false },
    { "127.0.0.1",               NULL, false },
    { "127.255.255.254",         NULL, false },
    { "169.254.169.254",         NULL, false },
    { "172.16.0.1",              NULL, false },
    { "172.31.255.255",          NULL, false },
    { "192.168.1.1",             NULL, false },
    { "198.19.0.1",              NULL, false },
    { "224.0.0.1",               NULL, false },
    { "255.255.255.255",         NULL, false },
    { "::",                      NULL, false },
    { "::1",                     NULL, false },
    { "::7f00:1",                NULL, false },
    { "::ffff:127.0.0.1",        NULL, false },
    { "::ffff:1.1.1.1",          NULL, false },
    { "64:ff9b::7f00:1",         NULL, false },
    { "64:ff9b::101:101",        NULL, false },
    { "64:ff9b:1::a00:1",        NULL, false },
    { "2002:7f00:1::1",          NULL, false },
    { "2001:0:4136:e378::1",     NULL, false },
    { "fc00::1",                 NULL, false },
    { "fd12:3456::1",            NULL, false },
    { "fe80::1",                 NULL, false },
    { "fec0::1",                 NULL, false },
    { "ff02::1",                 NULL, false },
    { "127.0.0.1",               "127.0.0.0/8",      true },
    { "127.0.0.1",               "127.0.0.1",        true },
    { "127.0.0.2",               "127.0.0.1",        false },
    { "10.20.30.40",             "10.20.0.0/16",     true },
    { "10.21.30.40",             "10.20.0.0/16",     false },
    { "10.21.30.40",             "10.20.0.0/15",     true },
    { "10.22.30.40",             "10.20.0.0/15",     false },
    { "::ffff:10.20.30.40",      "10.20.0.0/16",     true },
    { "::1",                     "127.0.0.0/8",      false },
    { "::1",                     "::1/128",          true },
    { "fd12:3456::1",            "fd12:3456::/32",   true },
    { "fd12:3457::1",            "fd12:3456::/32",   false },
    { "169.254.169.254",         "0.0.0.0/0",        true },
    { "::1",                     "0.0.0.0/0",        false },
    { "::1",                     "::/0",             true },
};

static const struct {
    const char *text;
    int answer;
} ranges[] = {
    { "10.0.0.0/8",     ADDRESS_OK },
    { "10.0.0.0/08",    ADDRESS_OK },
    { "::/0",           ADDRESS_OK },
    { "10.0.0.0",       ADDRESS_OK },
    { "10.0.0.1/8",     ADDRESS_UNREADABLE },
    { "10.0.0.0/33",    ADDRESS_UNREADABLE },
    { "10.0.0.0/",      ADDRESS_UNREADABLE },
    { "10.0.0.0/-8",    ADDRESS_UNREADABLE },
    { "10.0.0.0/ 8",    ADDRESS_UNREADABLE },
    { "10.0.0.0/8 ",    ADDRESS_UNREADABLE },
    { "10.0.0.0/99999999999999999999", ADDRESS_UNREADABLE },
    { "10.0.0/8",       ADDRESS_UNREADABLE },
    { "0x0a000000/8",   ADDRESS_UNREADABLE },
    { "::/129",         ADDRESS_UNREADABLE },
    { "fd00::1/8",      ADDRESS_UNREADABLE },
    { "localhost",      ADDRESS_UNREADABLE },
    { "",               ADDRESS_UNREADABLE },
    { "/8",             ADDRESS_UNREADABLE },
    { "fd00:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/8", ADDRESS_UNREADABLE },
};
/* clang-format on */

static bool ask(const char *text, const struct address_range *allow, size_t count)
{
    struct sockaddr_storage storage = { .ss_family = AF_INET };
    struct sockaddr *address = (struct sockaddr *)&storage;

    if (inet_pton(AF_INET, text, &((struct sockaddr_in *)(void *)&storage)->sin_addr) == 1)
        return address_is_allowed(address, allow, count);
    storage.ss_family = AF_INET6;
    assert_int_equal(
        inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)(void *)&storage)->sin6_addr), 1);
    return address_is_allowed(address, allow, count);
}

static void judges_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address_range allow;

        print_message("  %s allow %s\n", rows[i].address, rows[i].allow ? rows[i].allow : "-");
        if (rows[i].allow)
            assert_int_equal(address_range_read(rows[i].allow, &allow), ADDRESS_OK);
        assert_int_equal(ask(rows[i].address, &allow, rows[i].allow ? 1 : 0), rows[i].allowed);
    }
}

static void refuses_what_is_no_internet_address(void **state)
{
    const struct sockaddr local = { .sa_family = AF_UNIX };
    struct address_range all;

    (void)state;
    assert_int_equal(address_range_read("::/0", &all), ADDRESS_OK);
    assert_false(address_is_allowed(&local, &all, 1));
}

static void reads_only_whole_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        struct address_range range;

        print_message("  \"%s\"\n", ranges[i].text);
        assert_int_equal(address_range_read(ranges[i].text, &range), ranges[i].answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_addresses),
        cmocka_unit_test(refuses_what_is_no_internet_address),
        cmocka_unit_test(reads_only_whole_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
