/* test_told.c - what servers say is told without whom it is about; everybody here is invented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "protocol/told.h"
#include "protocol/told_words.h"

enum { TOLD_SIZE = 200 };

/* clang-format off */
static const struct {
    const char *reply, *status, *told;
} replies[] = {
    /* what an administrator needs of it */
    { "550 5.1.1 no such user",       "", "550 5.1.1 (bad destination mailbox address) no such user" },
    { "550 No such user here\r\n",    "", "550 No such user here" },
    { "452 4.2.2 Mailbox full",       "", "452 4.2.2 (mailbox full) Mailbox full" },
    { "554 5.7.1 Relay access denied", "",
      "554 5.7.1 (delivery not authorized, message refused) Relay access denied" },
    { "450 4.2.0 Greylisted, please try again in 300 seconds.", "",
      "450 4.2.0 Greylisted, please try again in 300 seconds." },
    { "451 4.7.1 Try again later (5 minutes)", "",
      "451 4.7.1 (delivery not authorized, message refused) Try again later 5 minutes" },
    { "250 2.0.0 Ok: queued as 4XINVENTED", "", "250 2.0.0 Ok: queued as ..." },
    { "550-5.7.26 This mail is unauthenticated, 550-5.7.26 which fails checks", "",
      "550 5.7.26 (multiple authentication checks failed) This mail is unauthenticated, ... fails "
      "checks" },
    { "550 spam/virus/rate-limited policy- -policy", "", "550 spam/virus/rate-limited policy policy" },

    /* a report's fields */
    { "smtp; 550 5.1.1 nobody",       "5.1.1", "550 5.1.1 (bad destination mailbox address) nobody" },
    { "smtp;550-5.2.2 over quota",    "5.0.0", "550 5.2.2 (mailbox full) over quota" },
    { "SMTP; 550 Unrouteable address", "5.0.0", "550 5.0.0 Unrouteable address" },
    { "X-Postfix; connect to mx.northtown.example[192.0.2.25]:25: Connection timed out", "4.4.1",
      "4.4.1 (no answer from host) connect to ... Connection timed out" },
    { "",                             "5.1.1", "5.1.1 (bad destination mailbox address)" },
    { "",                             "",      "" },
    { "x-quillfeather; zebedee",      "",      "..." },

    /* names */
    { "550 5.1.1 Zebedee Quillfeather: no such user", "",
      "550 5.1.1 (bad destination mailbox address) ... no such user" },
    { "550 5.1.1 <zebedee.quillfeather@northtown.example>: Recipient address rejected", "",
      "550 5.1.1 (bad destination mailbox address) ... Recipient address rejected" },
    { "550 user=z.quillfeather%40northtown.example unknown", "", "550 ... unknown" },
    { "550 (Zebedee) unknown (Quillfeather) unknown", "", "550 ... unknown ... unknown" },
    { "550 IMCEAEX-_O=INVENTED_CN=ZQUILLFEATHER not found", "", "550 ... not found" },
    { "550 user-zebedee mailbox/quillfeather full", "", "550 ... full" },
    { "550 Z\xc3\xa9""b\xc3\xa9""d\xc3\xa9""e unknown", "", "550 ... unknown" },
    { "550 5.2.1 Mrs Quillfeather has retired; mail Zebedee", "",
      "550 5.2.1 (mailbox disabled, not accepting messages) ... has ... mail ..." },
    { "zebedee; 550 unknown",         "", "550 unknown" },
    { "Zebedee said: 550 5.1.1 unknown", "", "... unknown" },
    { "250Zebedee 5.1.1Quillfeather", "", "..." },

    /* dates, NHS numbers, telephone numbers, houses, references of cases */
    { "550 5.1.1 user 999 123 4561 unknown", "",
      "550 5.1.1 (bad destination mailbox address) user ... unknown" },
    { "550 user 9991234561 unknown",  "", "550 user ... unknown" },
    { "550 account closed 12/03/1961", "", "550 account closed ..." },
    { "550 account of 12 March 1961 closed", "", "550 account of ... closed" },
    { "550 account 1961-03-12T00:00 closed", "", "550 account ... closed" },
    { "550 call 01632 960123, or use 7 Invented Close", "", "550 ... or use ..." },
    { "550 99912 seconds 12345 minutes 12 seconds", "", "550 ... seconds ... minutes 12 seconds" },
    { "550 4.1234.1 5.1 5.1.1.1 unknown", "", "550 ... unknown" },

    /* what is no text */
    { "a\tb \r\n c\x1b[1m a\x01 the\x7f", "", "a ..." },
    { "  ... --- :: (()) . ,",        "", "..." },
    { "550-",                         "", "550" },
    { "550 5.999.999 5.999.999",      "", "550 5.999.999" },
};

static const struct {
    const char *line, *told;
} ours[] = {
    { "Failed to connect to mx.northtown.example port 25: Connection refused",
      "Failed to connect to mx.northtown.example port 25: Connection refused" },
    { "SSL: certificate subject name 'Zebedee Quillfeather' does not match target host name "
      "'mx.northtown.example'",
      "SSL: certificate subject name ... does not match target host name 'mx.northtown.example'" },
    { "the recipient's address does not pass the gate",
      "the recipient's address does not pass the gate" },
    { "see http://x.example/?u=z%40x or <z@x.example>", "see (address) or (address)" },
    { "IMCEAEX-_O=X_CN=ZQ no, /o=x/cn=zq", "(address) no, (address)" },
    { "  \t two\x1b[31m   words\xc3\xa9 ", "two?[31m words??" },
    { "", "" },
};

/* Names that people in this country have, and words of mail that are names too. */
static const char *const names[] = {
    "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel",
    "Robinson", "Wright", "Thompson", "Evans", "Walker", "White", "Roberts", "Green", "Hall",
    "Thomas", "Clarke", "Jackson", "Wood", "Harris", "Edwards", "Turner", "Martin", "Cooper",
    "Hill", "Ward", "Hughes", "Moore", "Clark", "King", "Harrison", "Lewis", "Baker", "Lee",
    "Allen", "Morris", "Khan", "Scott", "Watson", "Davis", "Parker", "James", "Bennett", "Young",
    "Phillips", "Richardson", "Mitchell", "Bailey", "Carter", "Cook", "Singh", "Shaw", "Bell",
    "Collins", "Morgan", "Kelly", "Begum", "Miller", "Cox", "Hussain", "Marshall", "Simpson",
    "Price", "Anderson", "Adams", "Wilkinson", "Foster", "Ellis", "Murphy", "Chapman", "Mason",
    "Gray", "Grey", "Richards", "Webb", "Rogers", "Hunt", "Mills", "Holmes", "Palmer", "Long",
    "Short", "Small", "Little", "Sharp", "Swift", "Page", "Banks", "Post", "Close", "Read", "Reed",
    "Rich", "Poor", "Best", "Good", "Goode", "Love", "Day", "Knight", "May", "April", "June",
    "Summer", "Winter", "Rose", "Mark", "Bill", "Will", "Grant", "Frank", "Pat", "Sue", "Rob",
    "Chance", "Hope", "Faith", "Joy", "Grace", "Case", "Field", "Fields", "Root", "Cross", "Dyer",
    "Major", "Judge", "Bishop", "Abbott", "Pope", "Prior", "Steel", "Stone", "Waters", "Rivers",
    "Brook", "Lane", "Street", "House", "Church", "Park", "Power", "Powers", "Strong", "Wise",
    "Early", "Late", "Bond", "Cash", "Penny", "Drew", "Guy", "Max", "Art", "Gene", "Ray", "Jack",
    "Sky", "Dawn", "Eve", "Ivy", "Holly", "Hazel", "Ruby", "Jade", "Amber", "Crystal", "Angel",
};
/* clang-format on */

static void what_servers_say_names_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        char told[TOLD_SIZE];

        told_reply(replies[i].reply, replies[i].status, told, sizeof told);
        assert_string_equal(told, replies[i].told);
    }
}

static void what_was_told_is_told_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        char once[TOLD_SIZE], twice[TOLD_SIZE], last[TOLD_SIZE];

        told_words(replies[i].reply, once, sizeof once);
        told_words(once, twice, sizeof twice);
        assert_string_equal(twice, once);
        told_reply(once, replies[i].status, last, sizeof last);
        assert_string_equal(last, replies[i].told);
    }
}

static void our_own_words_are_told_as_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        char told[TOLD_SIZE];

        told_clean(ours[i].line, told, sizeof told);
        assert_string_equal(told, ours[i].told);
    }
}

static void no_word_of_the_list_is_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char reply[64], told[TOLD_SIZE];

        (void)snprintf(reply, sizeof reply, "550 %s unknown", names[i]);
        told_words(reply, told, sizeof told);
        if (strcmp(told, "550 ... unknown") != 0)
            fail_msg("%s: %s", names[i], told);
    }
}

/* Of any bytes: only words of the list, numbers of a code, a status, a time, and "...". */
static void any_bytes_are_told_in_words_of_the_list(void **state)
{
    static const char *const parts[] = { "550",  "5.1.1", "Zebedee", "user", "300",  "seconds",
                                         "-",    ";",     " ",       ":",    "smtp", "...",
                                         "(",    "\t",    "'",       "@",    "\x80", "unknown",
                                         "9991", ",",     "/",       "x-q" };
    uint32_t chance = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char bytes[400], told[TOLD_SIZE], twice[TOLD_SIZE];
        struct text reply = text_over(bytes, sizeof bytes);

        for (int i = 0; i < 24; i++) {
            chance = chance * 1664525 + 1013904223;
            text_add(&reply, parts[(chance >> 16) % COUNT_OF(parts)]);
        }
        told_words(bytes, told, sizeof told);
        assert_null(strstr(told, "Zebedee"));
        assert_null(strpbrk(told, "@\t\x80;('"));
        told_words(told, twice, sizeof twice);
        if (strlen(told) < sizeof told - 1)
            assert_string_equal(twice, told);
    }
}

static void a_long_reply_is_cut(void **state)
{
    char line[4000], told[TOLD_SIZE];

    (void)state;
    memset(line, 0, sizeof line);
    for (size_t at = 0; at + 6 < sizeof line; at += 5)
        memcpy(line + at, "user ", 5);
    told_reply(line, "5.1.1", told, sizeof told);
    assert_int_equal(strlen(told), sizeof told - 1);
    memset(line, 'x', sizeof line - 1);
    told_reply(line, "", told, sizeof told);
    assert_string_equal(told, "...");
    told_clean(line, told, sizeof told);
    assert_int_equal(strlen(told), sizeof told - 1);
    told_reply("550 5.1.1 unknown", "", told, 1);
    assert_string_equal(told, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_servers_say_names_nobody),
        cmocka_unit_test(what_was_told_is_told_again),
        cmocka_unit_test(our_own_words_are_told_as_they_are),
        cmocka_unit_test(no_word_of_the_list_is_a_name),
        cmocka_unit_test(any_bytes_are_told_in_words_of_the_list),
        cmocka_unit_test(a_long_reply_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
