/* test_http_form.c - the fields of a query or a form, and addresses of pages: rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "io/http_form.h"
#include "policy/http_address.h"

struct form_row {
    const char *text;
    bool is_read;
    const char *name, *value; /* one that is asked for; NULL value: not there */
};

static const struct form_row form_rows[] = {
    { "", true, "a", NULL },
    { "a=b", true, "a", "b" },
    { "a=b&c=d", true, "c", "d" },
    { "a", true, "a", "" },
    { "a=", true, "a", "" },
    { "a&b", true, "b", "" },
    { "a&", true, "a", "" },
    { "a=b=c", true, "a", "b=c" },
    { "a=b+c%20d", true, "a", "b c d" },
    { "a=%E2%82%AC", true, "a", "\u20ac" },
    { "a=%e2%82%aC", true, "a", "\u20ac" },
    { "%61%3D%26=1", true, "a=&", "1" },
    { "a=%3Cscript%3E", true, "a", "<script>" },
    { "a=b&c", true, "A", NULL },
    { "=b", false, "", NULL },
    { "a=b&&c=d", false, "a", NULL },
    { "a=1&a=2", false, "a", NULL },
    { "a=1&%61=2", false, "a", NULL },
    { "a=%", false, "a", NULL },
    { "a=%4", false, "a", NULL },
    { "a=%4&b", false, "a", NULL },
    { "a=%4G", false, "a", NULL },
    { "a=%\x10\x10", false, "a", NULL },
    { "a=%00", false, "a", NULL },
    { "a=%ff", false, "a", NULL },
    { "a=\xc3", false, "a", NULL },
    { "a=%C0%AF", false, "a", NULL },
    { "%ff=a", false, "a", NULL },
    { "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16", true, "16", "" },
    { "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17", false, "1", NULL },
};

static void forms_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(form_rows); i++) {
        const struct form_row *row = &form_rows[i];
        struct http_form form;
        const char *value;

        print_message("  %s\n", row->text);
        assert_int_equal(http_form_read(row->text, strlen(row->text), &form), row->is_read);
        value = http_form_value(&form, row->name);
        if (row->value)
            assert_string_equal(value, row->value);
        else
            assert_null(value);
        if (!row->is_read)
            assert_int_equal(form.count, 0);
    }
}

static void a_form_is_bounded(void **state)
{
    static char text[HTTP_FORM_MAX + 2];
    struct http_form form;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_true(http_form_read(text, HTTP_FORM_MAX, &form));
    assert_int_equal(strlen(form.fields[0].name), HTTP_FORM_MAX);
    assert_false(http_form_read(text, HTTP_FORM_MAX + 1, &form));
    text[1] = '\0';
    assert_false(http_form_read(text, 3, &form));
}

struct address_row {
    const char *text;
    bool is_read;
    enum http_address_kind kind;
    const char *where; /* host or path */
    unsigned port;
    bool is_loopback;
};

static const struct address_row address_rows[] = {
    { "none", true, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:9570", true, HTTP_TCP, "127.0.0.1", 9570, true },
    { "127.8.9.1:0", true, HTTP_TCP, "127.8.9.1", 0, true },
    { "[::1]:65535", true, HTTP_TCP, "::1", 65535, true },
    { "0.0.0.0:80", true, HTTP_TCP, "0.0.0.0", 80, false },
    { "[::]:80", true, HTTP_TCP, "::", 80, false },
    { "[2001:db8::1]:80", true, HTTP_TCP, "2001:db8::1", 80, false },
    { "unix:/run/concernd/http", true, HTTP_UNIX, "/run/concernd/http", 0, false },
    { "", false, HTTP_NOWHERE, "", 0, false },
    { ":", false, HTTP_NOWHERE, "", 0, false },
    { ":9570", false, HTTP_NOWHERE, "", 0, false },
    { "[]:1", false, HTTP_NOWHERE, "", 0, false },
    { "[:1", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:65536", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:999999", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:-1", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1: 1", false, HTTP_NOWHERE, "", 0, false },
    { "127.0.0.1:1x", false, HTTP_NOWHERE, "", 0, false },
    { "127.1:80", false, HTTP_NOWHERE, "", 0, false },
    { "::1:80", false, HTTP_NOWHERE, "", 0, false },
    { "[127.0.0.1]:80", false, HTTP_NOWHERE, "", 0, false },
    { "localhost:80", false, HTTP_NOWHERE, "", 0, false },
    { "*:80", false, HTTP_NOWHERE, "", 0, false },
    { "http://127.0.0.1:80", false, HTTP_NOWHERE, "", 0, false },
    { "unix:", false, HTTP_NOWHERE, "", 0, false },
    { "unix:run/http", false, HTTP_NOWHERE, "", 0, false },
    { "nowhere", false, HTTP_NOWHERE, "", 0, false },
};

static void addresses_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(address_rows); i++) {
        const struct address_row *row = &address_rows[i];
        struct http_address address = { .port = 7 };

        print_message("  %s\n", row->text);
        assert_int_equal(http_address_read(row->text, &address), row->is_read);
        if (!row->is_read) {
            assert_int_equal(address.port, 7); /* left alone */
            continue;
        }
        assert_int_equal(address.kind, row->kind);
        assert_string_equal(row->kind == HTTP_UNIX ? address.path : address.host, row->where);
        assert_int_equal(address.port, row->port);
        assert_int_equal(http_address_is_loopback(address.host), row->is_loopback);
    }
}

static void a_socket_path_is_bounded(void **state)
{
    struct http_address address;
    char text[sizeof "unix:" + HTTP_SOCKET_PATH_MAX + 1] = "unix:";

    (void)state;
    memset(text + 5, '/', HTTP_SOCKET_PATH_MAX);
    assert_true(http_address_read(text, &address));
    assert_int_equal(strlen(address.path), HTTP_SOCKET_PATH_MAX);
    text[5 + HTTP_SOCKET_PATH_MAX] = '/';
    assert_false(http_address_read(text, &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_read),
        cmocka_unit_test(a_form_is_bounded),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(a_socket_path_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
