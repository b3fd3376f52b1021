/* test_mail.c - the gate refuses, and what passes it has the headers we wrote and no other. */
#include "protocol/mail.h"
#include "protocol/mail_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2026-12-24T16:59:00Z, a Thursday (cal 12 2026; date -d @1798131540). */
static const struct mail plain = {
    .from = "escalations@board.example",
    .from_name = "Escalations (invented board)",
    .to = "team@housing.example",
    .subject = "Stage 2 begins - ref 7F3K-0192",
    .delivery = "01JFEX0M0Z8K3T5Q7W9Y1B2C4D",
    .message_id = "01JFEX0M0Z8K3T5Q7W9Y1B2C4D@board.example",
    .reference = "7F3K-0192",
    .date = { INT64_C(1798131540000000) },
    .body = "Stage 2 begins.\nAnswer by 17:00.\n",
};

/* Written by hand from RFC 5322, 2045 and 3834. */
static const char plain_bytes[] = "Date: Thu, 24 Dec 2026 16:59:00 +0000\r\n"
                                  "From: \"Escalations (invented board)\"\r\n"
                                  " <escalations@board.example>\r\n"
                                  "To: <team@housing.example>\r\n"
                                  "Subject: Stage 2 begins - ref 7F3K-0192\r\n"
                                  "Message-ID: <01JFEX0M0Z8K3T5Q7W9Y1B2C4D@board.example>\r\n"
                                  "Auto-Submitted: auto-generated\r\n"
                                  "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"
                                  "X-Concernd-Delivery: 01JFEX0M0Z8K3T5Q7W9Y1B2C4D\r\n"
                                  "X-Concernd-Reference: 7F3K-0192\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                  "Content-Transfer-Encoding: quoted-printable\r\n"
                                  "\r\n"
                                  "Stage 2 begins.\r\n"
                                  "Answer by 17:00.\r\n";

enum { PLAIN_HEADERS = 12 };

/* clang-format off */
static const struct {
    const char *address;
    bool safe;
} addresses[] = {
    { "a@b",                                   true },
    { "first.last@council.example",            true },
    { "o'brien+tag@x-y.example",               true },
    { "team@xn--mnchen-3ya.example",           true },
    { "",                                      false },
    { "@",                                     false },
    { "a@",                                    false },
    { "@b",                                    false },
    { "nobody",                                false },
    { "a@b@c",                                 false },
    { "a b@c.example",                         false },
    { "a@c.example ",                          false },
    { " a@c.example",                          false },
    { "a@c.example\n",                         false },
    { "v@x>\r\nRCPT TO:<victim@y",             false },
    { "a@x.example>\r\nDATA",                  false },
    { "<a@x.example>",                         false },
    { "a\tb@x.example",                        false },
    { "a\x01@x.example",                       false },
    { "a\x7f@x.example",                       false },
    { "a@x.example,b@x.example",               false },
    { "a@x.example;b@x.example",               false },
    { "\"a b\"@x.example",                     false },
    { "a(comment)@x.example",                  false },
    { "a@[127.0.0.1]",                         false },
    { ".a@x.example",                          false },
    { "a.@x.example",                          false },
    { "a..b@x.example",                        false },
    { "a@x..example",                          false },
    { "a@.example",                            false },
    { "a@x.example.",                          false },
    { "a@-x.example",                          false },
    { "a@x-.example",                          false },
    { "a@x_y.example",                         false },
    { "a\\@x.example",                         false },
    { "si\xc3\xa2n@gofal.example",             true },
    { "\xe6\x9d\x8e.\xf0\xa0\x80\x80@x.example",  true },
    { "\xe9@x.example",                        false }, /* Latin-1 */
    { "a\xc0\x8a" "b@x.example",                false }, /* an overlong line feed */
    { "a\xc2\x85" "b@x.example",                false }, /* next line */
    { "a\xc2\xa0" "b@x.example",                false }, /* a blank that does not break */
    { "a\xe2\x80\xa8" "b@x.example",            false }, /* line separator */
    { "a\xe2\x80\xae" "b@x.example",            false }, /* from right to left */
    { "a\xe2\x80\x8b@x.example",              false }, /* nothing to be seen */
    { "a\xef\xbb\xbf@x.example",              false },
    { "a\xee\x80\x80@x.example",              false }, /* private */
    { "a\xef\xbf\xbf@x.example",              false }, /* no character */
    { "a\xc3",                                false },
    { "a\xc3@x.example",                       false },
    { "a@m\xc3\xbcnchen.example",              false },
};

static const struct {
    const char *name, *value;
    bool safe;
} values[] = {
    { "ASCII",                "Stage 2 begins",                  true },
    { "UTF-8",                "Cyngor Sir G\xc3\xa2r",           true },
    { "a quote",              "\xe2\x80\x9cstage\xe2\x80\x9d",   true },
    { "four bytes",           "\xf0\x9f\x93\xa7",                true },
    { "empty",                "",                                false },
    { "CR LF",                "a\r\nBcc: v@y.example",           false },
    { "LF",                   "a\nBcc: v@y.example",             false },
    { "CR",                   "a\rb",                            false },
    { "tab",                  "a\tb",                            false },
    { "escape",               "\x1b[31m",                        false },
    { "delete",               "\x7f",                            false },
    { "next line U+0085",     "a\xc2\x85" "b",                   false },
    { "line separator",       "a\xe2\x80\xa8" "b",               false },
    { "paragraph separator",  "a\xe2\x80\xa9" "b",               false },
    { "override of direction", "a\xe2\x80\xae" "b",              false },
    { "Latin-1",              "\xe9",                            false },
    { "overlong line feed",   "a\xc0\x8a" "b",                   false },
    { "overlong in three",    "a\xe0\x80\x8a" "b",               false },
    { "a surrogate",          "\xed\xa0\x80",                    false },
    { "past Unicode",         "\xf4\x90\x80\x80",                false },
    { "cut in a character",   "a\xe2\x80",                       false },
};
/* clang-format on */

static char *write_mail(const struct mail *mail, size_t *size)
{
    char *bytes = NULL, *text;

    assert_int_equal(mail_write(mail, &bytes, size), MAIL_OK);
    text = malloc(*size + 1);
    assert_non_null(text);
    memcpy(text, bytes, *size);
    text[*size] = '\0';
    free(bytes);
    return text;
}

/* Lines before the empty one that do not continue the one before. */
static size_t count_headers(const char *text)
{
    size_t count = 0;

    while (strncmp(text, "\r\n", 2) != 0) {
        const char *end = strstr(text, "\r\n");

        assert_non_null(end);
        count += *text != ' ';
        text = end + 2;
    }
    return count;
}

/* Every line ends in CRLF and has at most `longest` characters; no other CR or LF occurs. */
static void check_lines(const char *text, size_t size, size_t longest)
{
    const char *end = text + size;

    assert_int_equal(strlen(text), size);
    while (text < end) {
        size_t length = strcspn(text, "\r\n");

        assert_true(length <= longest);
        assert_int_equal(strncmp(text + length, "\r\n", 2), 0);
        for (size_t i = 0; i < length; i++)
            assert_in_range(text[i], ' ', '~');
        text += length + 2;
    }
}

static void gates_addresses(void **state)
{
    char long_local[80], long_whole[400];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        print_message("  %zu\n", i);
        assert_int_equal(mail_address_is_safe(addresses[i].address), addresses[i].safe);
    }
    assert_false(mail_address_is_safe(NULL));
    (void)snprintf(long_local, sizeof long_local, "%064d@x.example", 0);
    assert_true(mail_address_is_safe(long_local));
    (void)snprintf(long_local, sizeof long_local, "%065d@x.example", 0);
    assert_false(mail_address_is_safe(long_local));
    (void)snprintf(long_whole, sizeof long_whole, "a@%060d.%060d.%060d.%060d.example", 0, 0, 0, 0);
    assert_int_equal(strlen(long_whole), 254 - 1);
    assert_true(mail_address_is_safe(long_whole));
    (void)snprintf(long_whole, sizeof long_whole, "aaa@%060d.%060d.%060d.%060d.example", 0, 0, 0,
                   0);
    assert_false(mail_address_is_safe(long_whole));
}

static void gates_header_values(void **state)
{
    char value[MAIL_HEADER_VALUE_MAX + 2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        print_message("  %s\n", values[i].name);
        assert_int_equal(mail_header_is_safe(values[i].value), values[i].safe);
    }
    assert_false(mail_header_is_safe(NULL));
    memset(value, 'a', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    assert_false(mail_header_is_safe(value));
    value[MAIL_HEADER_VALUE_MAX] = '\0';
    assert_true(mail_header_is_safe(value));
}

static void writes_what_the_standards_say(void **state)
{
    size_t size;
    char *text = write_mail(&plain, &size);

    (void)state;
    assert_string_equal(text, plain_bytes);
    assert_int_equal(count_headers(text), PLAIN_HEADERS);
    free(text);
}

static void the_same_mail_is_the_same_bytes(void **state)
{
    size_t size, again_size;
    char *text = write_mail(&plain, &size), *again = write_mail(&plain, &again_size);

    (void)state;
    assert_int_equal(size, again_size);
    assert_memory_equal(text, again, size);
    free(text);
    free(again);
}

static void makes_message_ids(void **state)
{
    char id[MAIL_MESSAGE_ID_SIZE];

    (void)state;
    assert_int_equal(mail_message_id(plain.delivery, plain.from, id), MAIL_OK);
    assert_string_equal(id, plain.message_id);
    assert_int_equal(mail_message_id("a b", plain.from, id), MAIL_UNSAFE);
    assert_int_equal(mail_message_id("a>\r\n", plain.from, id), MAIL_UNSAFE);
    assert_int_equal(mail_message_id("", plain.from, id), MAIL_UNSAFE);
    assert_int_equal(mail_message_id(plain.delivery, "nobody", id), MAIL_UNSAFE);
}

/* Expected: RFC 2047, made with Python's base64.b64encode of the UTF-8 bytes. */
static void encodes_a_subject_that_is_not_ascii(void **state)
{
    struct mail mail = plain;
    size_t size;
    char *text;

    (void)state;
    mail.subject = "Cam 2 \xe2\x80\x93 cyf 7F3K-0192"; /* invented Welsh */
    mail.from_name = "Bwrdd G\xc5\xb5yr";
    text = write_mail(&mail, &size);
    assert_non_null(strstr(text, "\r\nSubject: =?UTF-8?B?Q2FtIDIg4oCTIGN5ZiA3RjNLLTAxOTI=?=\r\n"));
    assert_non_null(
        strstr(text, "\r\nFrom: =?UTF-8?B?QndyZGQgR8W1eXI=?=\r\n <escalations@board.example>\r\n"));
    assert_int_equal(count_headers(text), PLAIN_HEADERS);
    check_lines(text, size, 78);
    free(text);
}

static void encodes_the_body(void **state)
{
    struct mail mail = plain;
    size_t size;
    char *text, *body;

    (void)state;
    mail.body = "2 + 2 = 4\n.\nblank \ntab\t\nFrom here\n\xc3\xa9\r\nend";
    text = write_mail(&mail, &size);
    body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    assert_string_equal(body + 4, "2 + 2 =3D 4\r\n=2E\r\nblank=20\r\ntab=09\r\n=46rom here\r\n"
                                  "=C3=A9\r\nend\r\n");
    check_lines(text, size, 78);
    free(text);
}

static void writes_the_optional_headers(void **state)
{
    struct mail mail = plain;
    size_t size;
    char *text;

    (void)state;
    mail.in_reply_to = "01JFEX0M0Z8K3T5Q7W9Y1B2C4A@board.example";
    mail.important = true;
    mail.reference = NULL;
    mail.from_name = NULL;
    text = write_mail(&mail, &size);
    assert_non_null(strstr(text, "\r\nIn-Reply-To: <01JFEX0M0Z8K3T5Q7W9Y1B2C4A@board.example>\r\n"
                                 "References: <01JFEX0M0Z8K3T5Q7W9Y1B2C4A@board.example>\r\n"));
    assert_non_null(strstr(text, "\r\nImportance: high\r\nX-Priority: 1\r\n"));
    assert_non_null(strstr(text, "\r\nFrom: <escalations@board.example>\r\n"));
    assert_null(strstr(text, "X-Concernd-Reference"));
    assert_int_equal(count_headers(text), PLAIN_HEADERS + 4 - 1);
    free(text);
}

static void refuses_what_is_too_long(void **state)
{
    struct mail mail = plain;
    char *body = malloc(MAIL_BODY_MAX + 2), *bytes = NULL;
    size_t size;

    (void)state;
    assert_non_null(body);
    memset(body, 'a', MAIL_BODY_MAX + 1);
    body[MAIL_BODY_MAX + 1] = '\0';
    mail.body = body;
    assert_int_equal(mail_write(&mail, &bytes, &size), MAIL_TOO_LONG);
    assert_null(bytes);
    body[MAIL_BODY_MAX] = '\0';
    assert_int_equal(mail_write(&mail, &bytes, &size), MAIL_OK);
    free(bytes);
    free(body);
}

/* Bytes that make trouble, more often than others. */
static void hostile_text(char *text, size_t size, uint64_t *seed)
{
    static const char nasty[] = "\r\n\r\n \t<>@,;:\"\\=?.\x7f\x80\xc2\x85\xff\x01";
    size_t length;

    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    length = (*seed >> 33) % size;
    for (size_t i = 0; i < length; i++) {
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        text[i] = (*seed >> 40 & 3) == 0 ? nasty[(*seed >> 44) % (sizeof nasty - 1)]
                                         : (char)('a' + (*seed >> 44) % 26);
    }
    text[length] = '\0';
}

/* Whatever stands in any field: refused, or the headers are ours, all and no other. */
static void no_input_makes_a_header(void **state)
{
    uint64_t seed = 20261224;
    size_t written = 0;

    (void)state;
    for (size_t i = 0; i < 60000; i++) {
        struct mail mail = plain;
        const char **fields[] = { &mail.from,     &mail.from_name,  &mail.to,        &mail.subject,
                                  &mail.delivery, &mail.message_id, &mail.reference, &mail.body };
        char text[24], *bytes = NULL, *closed;
        size_t size;
        int answer;

        hostile_text(text, sizeof text, &seed);
        *fields[i % COUNT_OF(fields)] = text;
        answer = mail_write(&mail, &bytes, &size);
        assert_true(answer == MAIL_OK || answer == MAIL_UNSAFE);
        if (answer != MAIL_OK)
            continue;
        closed = strndup(bytes, size);
        assert_non_null(closed);
        assert_int_equal(count_headers(closed), PLAIN_HEADERS);
        check_lines(closed, size, 78);
        free(closed);
        free(bytes);
        written++;
    }
    print_message("  %zu of 60000 passed the gate\n", written);
    assert_in_range(written, 1000, 59000);
}

static void folds_long_headers(void **state)
{
    char subject[MAIL_HEADER_VALUE_MAX + 1] = "";
    struct mail mail = plain;
    size_t size;
    char *text;

    (void)state;
    for (size_t i = 0; i + 10 < sizeof subject; i += 10)
        memcpy(subject + i, "stage two ", 11);
    subject[strlen(subject) - 1] = '\0';
    mail.subject = subject;
    text = write_mail(&mail, &size);
    check_lines(text, size, 78);
    assert_int_equal(count_headers(text), PLAIN_HEADERS);
    assert_null(strstr(text, "=?UTF-8"));
    free(text);
    memset(subject, 'x', strlen(subject)); /* nowhere to fold */
    text = write_mail(&mail, &size);
    check_lines(text, size, 78);
    assert_int_equal(count_headers(text), PLAIN_HEADERS);
    free(text);
}

/* Written by hand from RFC 2046 5.1: text first, page last, the file beside both. */
static const char whole_content[] = "MIME-Version: 1.0\r\n"
                                    "Content-Type: multipart/mixed;\r\n"
                                    " boundary=\"=_all_01JFEX0M0Z8K3T5Q7W9Y1B2C4D\"\r\n"
                                    "\r\n--=_all_01JFEX0M0Z8K3T5Q7W9Y1B2C4D\r\n"
                                    "Content-Type: multipart/alternative;\r\n"
                                    " boundary=\"=_words_01JFEX0M0Z8K3T5Q7W9Y1B2C4D\"\r\n"
                                    "\r\n--=_words_01JFEX0M0Z8K3T5Q7W9Y1B2C4D\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n"
                                    "Content-Transfer-Encoding: quoted-printable\r\n"
                                    "\r\n"
                                    "BY WHEN: now.\r\n"
                                    "\r\n--=_words_01JFEX0M0Z8K3T5Q7W9Y1B2C4D\r\n"
                                    "Content-Type: text/html; charset=utf-8\r\n";

static void writes_a_page_and_a_file_beside_the_text(void **state)
{
    static const char file[] = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
    const struct mail_attachment attachment = { .type = "text/calendar; charset=utf-8",
                                                .name = "deadline.ics",
                                                .bytes = file,
                                                .size = sizeof file - 1 };
    struct mail mail = plain;
    char *bytes = NULL;
    size_t size = 0;

    (void)state;
    mail.body = "BY WHEN: now.\n";
    mail.page = true;
    mail.attachments = &attachment;
    mail.attachment_count = 1;
    assert_int_equal(mail_write(&mail, &bytes, &size), MAIL_OK);
    bytes = realloc(bytes, size + 1);
    bytes[size] = '\0';
    check_lines(bytes, size, 78);
    assert_non_null(strstr(bytes, whole_content));
    /* printf '%s' ... | base64 of the file above, by hand with coreutils */
    assert_non_null(strstr(bytes, "Content-Type: text/calendar; charset=utf-8\r\n"
                                  "Content-Disposition: attachment; filename=\"deadline.ics\"\r\n"
                                  "Content-Transfer-Encoding: base64\r\n\r\n"
                                  "QkVHSU46VkNBTEVOREFSDQpFTkQ6VkNBTEVOREFSDQo=\r\n"));
    assert_string_equal(bytes + size - strlen("--=_all_01JFEX0M0Z8K3T5Q7W9Y1B2C4D--\r\n"),
                        "--=_all_01JFEX0M0Z8K3T5Q7W9Y1B2C4D--\r\n");
    free(bytes);
}

/* clang-format off */
static const struct {
    const char *text, *page; /* what the page must hold */
} pages[] = {
    { "Stage 1\nbegan.\n\nNext.\n", ">Stage 1\nbegan.</p>\n" },
    { "BY WHEN: 17:00.\n",          "<strong>BY WHEN:</strong> 17:00.</p>" },
    { "ÉCHÉANCE À: 17:00.\n",       "<strong>ÉCHÉANCE À:</strong> 17:00.</p>" },
    { "ŴYTHNOS I: 7.\n",            "<strong>ŴYTHNOS I:</strong> 7.</p>" },
    { "Él dice: a.\n",              ">Él dice: a.</p>" },
    { "éà dit: a.\n",               ">éà dit: a.</p>" },
    { "Your date: 17:00.\n",        ">Your date: 17:00.</p>" },
    { "A: b\n",                     ">A: b</p>" },
    { "- one\n  more\n- two\n",     "<li>one\nmore</li>\n<li>two</li>\n</ul>\n" },
    { "x\n- one\ny\n",              "<li>one</li>\n</ul>\n" },
    { "<b>&\"'\n",                  "&lt;b&gt;&amp;&quot;&#39;</p>" },
    { "see https://a.example/r?x=1&y=2.\n",
      "<a href=\"https://a.example/r?x=1&amp;y=2\" style=\"color:#1d70b8\">https://a.example/r?x=1&amp;y=2</a>.</p>" },
    { "https://a.example/\"onload=x\n", ">https://a.example/</a>&quot;onload=x</p>" },
    { "javascript:alert(1) http://a.example\n", ">javascript:alert(1) http://a.example</p>" },
    { "a\x01\x7f" "b\n",            ">a  b</p>" },
    { "\xc2\x85\xe2\x80\xa8x\n",    ">  x</p>" },
    { "ŵy\r\nz\n",                  ">\xc5\xb5y\nz</p>" },
};
/* clang-format on */

static void writes_the_same_words_as_a_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        CLEANUP(mail_buffer_free) struct mail_buffer buffer = { .bytes = NULL };
        struct mail mail = plain;

        print_message("  %s", pages[i].text);
        mail.body = pages[i].text;
        mail_put_page(&buffer, &mail);
        mail_put_bytes(&buffer, "", 1);
        assert_false(buffer.failed);
        assert_non_null(strstr(buffer.bytes, pages[i].page));
        assert_non_null(strstr(buffer.bytes, "<title>Stage 2 begins - ref 7F3K-0192</title>"));
        assert_string_equal(buffer.bytes + strlen(buffer.bytes) - 16, "</body>\n</html>\n");
    }
}

static void refuses_files_that_could_make_headers(void **state)
{
    static const struct mail_attachment attachments[] = {
        { "text/calendar\r\nX: y", "a.ics", "x", 1 },
        { "text/calendar", "a\".ics", "x", 1 },
        { "text/calendar", "a.ics\r\n", "x", 1 },
        { "text/calendar", "", "x", 1 },
        { "text/calendar", "../a", "x", 1 },
        { "text/\xc3\xa9", "a.ics", "x", 1 },
        { "text/calendar", "a.ics", "x", 0 },
        { NULL, "a.ics", "x", 1 },
        { "text/calendar", "a.ics", "x", MAIL_BODY_MAX + 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(attachments); i++) {
        struct mail mail = plain;
        char *bytes = NULL;
        size_t size = 0;

        mail.attachments = &attachments[i];
        mail.attachment_count = 1;
        print_message("  %zu\n", i);
        assert_int_equal(mail_write(&mail, &bytes, &size), MAIL_UNSAFE);
        assert_null(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_addresses),
        cmocka_unit_test(gates_header_values),
        cmocka_unit_test(writes_what_the_standards_say),
        cmocka_unit_test(the_same_mail_is_the_same_bytes),
        cmocka_unit_test(makes_message_ids),
        cmocka_unit_test(encodes_a_subject_that_is_not_ascii),
        cmocka_unit_test(encodes_the_body),
        cmocka_unit_test(writes_the_optional_headers),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(no_input_makes_a_header),
        cmocka_unit_test(folds_long_headers),
        cmocka_unit_test(writes_a_page_and_a_file_beside_the_text),
        cmocka_unit_test(writes_the_same_words_as_a_page),
        cmocka_unit_test(refuses_files_that_could_make_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
