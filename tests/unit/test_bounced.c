/* test_bounced.c - mails that came back, as mail systems write them; and what must not be read.
 *
 * The files of bounces/ are in the format of the systems they are named for; everybody in them is
 * invented.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "concernctl/bounced.h"
#include "concernctl/bounced_status.h"

#define ID "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3"
#define SIGNATURE "mfrggzdfmztwq2lk"
#define ADDRESS "bounces+" ID "-" SIGNATURE "@concern.board.example"

static char *read_file(const char *name, size_t *size)
{
    char path[500];
    FILE *file;
    char *bytes = calloc(1, 100000);

    snprintf(path, sizeof path, CONCERN_SOURCE_DIR "/tests/unit/bounces/%s.eml", name);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 100000, file);
    assert_in_range(*size, 1, 99999);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

/* clang-format off */
static const struct {
    const char *name;
    int answer;
    const char *signature, *action, *status, *diagnostic;
} rows[] = {
    { "postfix-failed",   BOUNCED_OK, SIGNATURE, "failed",  "5.1.1",
      "550 5.1.1 ... Recipient address rejected: User unknown in virtual mailbox table" },
    { "postfix-delayed",  BOUNCED_OK, SIGNATURE, "delayed", "4.4.1",
      "connect to ... Connection timed out" },
    { "postfix-expired",  BOUNCED_OK, SIGNATURE, "failed",  "4.4.1",
      "connect to ... Connection timed out" },
    { "exim-failed",      BOUNCED_OK, SIGNATURE, "failed",  "5.0.0", "550 Unrouteable address" },
    { "exchange-failed",  BOUNCED_OK, SIGNATURE, "failed",  "5.1.10",
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound Recipient ... not found by SMTP "
      "address lookup ..." },
    { "exchange-gateway", BOUNCED_OK, SIGNATURE, "failed",  "5.2.2", "554 5.2.2 mailbox full" },
    { "gmail-failed",     BOUNCED_OK, SIGNATURE, "failed",  "5.1.1",
      "550 5.1.1 The email account that you tried to ... does not exist. Please try "
      "... the recipient's email address for ... or ... For more ... go to ..." },
    { "several",          BOUNCED_OK, SIGNATURE, "failed",  "5.2.1", "550 5.2.1 ... is on ..." },
    { "relayed",          BOUNCED_OK, SIGNATURE, "relayed", "2.0.0", "250 2.0.0 Ok: queued as ..." },
    { "global",           BOUNCED_OK, SIGNATURE, "failed",  "5.6.7",
      "550 5.6.7 ... no SMTPUTF8 for ..." },
    { "unsigned",         BOUNCED_OK, "",        "failed",  "5.1.1", "" },
    { "out-of-office",    BOUNCED_OK, SIGNATURE, "answered", "", "" },
    { "read-receipt",     BOUNCED_OK, SIGNATURE, "answered", "", "" },
    { "somebody-elses",   BOUNCED_NOT_OURS, "",  "",        "", "" },
};
/* clang-format on */

static void check_row(size_t row, const char *bytes, size_t size)
{
    struct command command = { .kind = COMMAND_BOUNCE };

    assert_int_equal(bounced_read(bytes, size, NULL, &command), rows[row].answer);
    if (rows[row].answer != BOUNCED_OK)
        return;
    assert_string_equal(command.bounced.delivery, ID);
    assert_string_equal(command.bounced.signature, rows[row].signature);
    assert_string_equal(command.action, rows[row].action);
    assert_string_equal(command.status, rows[row].status);
    assert_string_equal(command.diagnostic, rows[row].diagnostic);
}

static void reads_what_mail_systems_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *bytes, *crlf;
        size_t size, used = 0;

        print_message("  %s\n", rows[i].name);
        bytes = read_file(rows[i].name, &size);
        check_row(i, bytes, size);

        /* The same with the line ends of the wire. */
        crlf = calloc(2, size);
        assert_non_null(crlf);
        for (size_t at = 0; at < size; at++) {
            if (bytes[at] == '\n')
                crlf[used++] = '\r';
            crlf[used++] = bytes[at];
        }
        check_row(i, crlf, used);
        free(crlf);
        free(bytes);
    }
}

static void any_beginning_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size;
        char *bytes = read_file(rows[i].name, &size);

        for (size_t cut = 0; cut < size; cut += 7) {
            struct command command = { .kind = COMMAND_BOUNCE };
            char *exact = malloc(cut ? cut : 1); /* so that a byte too far is seen */
            int answer;

            assert_non_null(exact);
            memcpy(exact, bytes, cut);
            answer = bounced_read(exact, cut, NULL, &command);
            assert_true(answer == BOUNCED_OK || answer == BOUNCED_NOT_OURS);
            assert_null(strchr(command.diagnostic, '@'));
            free(exact);
        }
        free(bytes);
    }
}

static void the_given_recipient_goes_before_the_headers(void **state)
{
    static const char text[] =
        "To: bounces+01AAAAAAAAAAAAAAAAAAAAAAAA-aaaaaaaaaaaaaaaa@x.example\n\n.";
    struct command command = { .kind = COMMAND_BOUNCE };

    (void)state;
    assert_int_equal(bounced_read(text, sizeof text - 1, ADDRESS, &command), BOUNCED_OK);
    assert_string_equal(command.bounced.delivery, ID);
    command = (struct command){ .kind = COMMAND_BOUNCE };
    assert_int_equal(bounced_read(text, sizeof text - 1, "bounces@x.example", &command),
                     BOUNCED_NOT_OURS);
}

static char *repeat(const char *head, const char *part, unsigned times, size_t *size)
{
    char *bytes = malloc(strlen(head) + strlen(part) * times + 1);

    assert_non_null(bytes);
    memcpy(bytes, head, strlen(head) + 1);
    *size = strlen(head);
    for (unsigned i = 0; i < times; i++, *size += strlen(part))
        memcpy(bytes + *size, part, strlen(part) + 1);
    return bytes;
}

static void too_much_is_not_read(void **state)
{
    static const struct {
        const char *name, *part;
        unsigned times;
        int answer;
    } floods[] = {
        { "as many parts as may be", "Content-Type: message/rfc822\n\n", BOUNCED_PARTS_MAX,
          BOUNCED_OK },
        { "a part too many", "content-TYPE: message/rfc822\n\n", BOUNCED_PARTS_MAX + 1,
          BOUNCED_TOO_MUCH },
        { "as many lines as may be", "x\n", BOUNCED_LINES_MAX - 2, BOUNCED_OK },
        { "a line too many", "x\n", BOUNCED_LINES_MAX, BOUNCED_TOO_MUCH },
        { "a megabyte in one line", "xxxxxxxxxxxxxxxxxxxxxxxx", 100000, BOUNCED_OK },
        { "a digest in a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\n", 60,
          BOUNCED_OK },
        { "folded without end", " x\n", 30000, BOUNCED_OK },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(floods); i++) {
        struct command command = { .kind = COMMAND_BOUNCE };
        bool in_headers = i != 2 && i != 3;
        size_t size;
        char *bytes = repeat(in_headers ? "To: " ADDRESS "\n" : "To: " ADDRESS "\n\n",
                             floods[i].part, floods[i].times, &size);

        print_message("  %s\n", floods[i].name);
        assert_int_equal(bounced_read(bytes, size, ADDRESS, &command), floods[i].answer);
        free(bytes);
    }
}

static void statuses_of_every_shape(void **state)
{
    /* clang-format off */
    static const struct {
        const char *text, *action, *status;
    } shapes[] = {
        { "",                                                  "", "" },
        { "Action: failed",                                    "failed", "" },
        { "Action: failed\nStatus: 5.1.1 (no such user)\n",    "failed", "5.1.1" },
        { "Reporting-MTA: x\n\n\n\nStatus: 4.4.7\nAction: failed\n", "failed", "4.4.7" },
        { "action:FaIlEd\nSTATUS:\n 5.999.999\n",              "failed", "5.999.999" },
        { "Action: failed\nStatus: 5.1.1234\n",                "failed", "" },
        { "Action: failed\nStatus: 3.1.1\n",                   "failed", "" },
        { "Action: failed\nStatus: 5.1.\n",                    "failed", "" },
        { "Action: failed\nStatus: 5.1.1.1\n",                 "failed", "" },
        { "Action: failedly\nStatus: 5.1.1\n",                 "", "" },
        { "Status: 5.1.1\n",                                   "failed", "5.1.1" },
        { "Status: 4.1.1\n",                                   "delayed", "4.1.1" },
        { "Status: 2.1.1\n",                                   "delivered", "2.1.1" },
        { "Action: delayed\nStatus: 4.0.0\n\nAction: failed\nStatus: 5.0.0\n", "failed", "5.0.0" },
        { "Action: failed\nStatus: 5.0.0\n\nAction: delayed\nStatus: 4.0.0\n", "failed", "5.0.0" },
        { "Action: expanded\n\nAction: delivered\nStatus: 2.0.0\n", "delivered", "2.0.0" },
        { "X-Action: failed\nActionable: failed\n",            "", "" },
        { "X: y\n Action: failed\n",                           "", "" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct command command = { .kind = COMMAND_BOUNCE };

        print_message("  %zu\n", i);
        bounced_status_read(shapes[i].text, &command);
        assert_string_equal(command.action, shapes[i].action);
        assert_string_equal(command.status, shapes[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_mail_systems_write),
        cmocka_unit_test(any_beginning_can_be_read),
        cmocka_unit_test(the_given_recipient_goes_before_the_headers),
        cmocka_unit_test(too_much_is_not_read),
        cmocka_unit_test(statuses_of_every_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
