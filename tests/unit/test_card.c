/* test_card.c - a card says what the mail says, shows it as it is written, and fits. */
#include "protocol/card.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const struct outgoing plain = { .id = "01JD2Q7B3N",
                                       .board = "plcsab",
                                       .reference = "D-2026-0192",
                                       .agency = "northtown-asc",
                                       .priority = "normal",
                                       .subject = "Stage 2 begins - ref D-2026-0192",
                                       .text = "Stage 2 began.\nIt is yours.\n\nBY WHEN: now.\n",
                                       .link = "https://las.northtown.example/r/7F3K-0192" };

#define FACT(name, value)                                                                          \
    "{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":\"" name ": \","      \
    "\"weight\":\"Bolder\"},{\"type\":\"TextRun\",\"text\":\"" value "\"}],\"spacing\":\"None\"},"

#define FACTS                                                                                      \
    FACT("Reference", "D-2026-0192")                                                               \
    FACT("Board", "plcsab") FACT("Agency", "northtown-asc") FACT("Priority", "normal")

/* Written by hand from the envelope of a Workflow and the schema of cards, 1.4. */
static const char wanted[] =
    "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
    "\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,\"content\":{\"body\":["
    "{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":"
    "\"Stage 2 begins - ref D-2026-0192\",\"weight\":\"Bolder\",\"size\":\"Medium\"}]}," FACTS
    "{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":"
    "\"Stage 2 began.\\nIt is yours.\"}]},"
    "{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":\"BY WHEN: now.\"}]}],"
    "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\",\"type\":\"AdaptiveCard\","
    "\"version\":\"1.4\",\"actions\":[{\"type\":\"Action.OpenUrl\",\"title\":\"Open the record\","
    "\"url\":\"https://las.northtown.example/r/7F3K-0192\"}]}}]}";

static void writes_a_card(void **state)
{
    char *json = NULL;

    (void)state;
    assert_int_equal(card_write(&plain, &json), 0);
    assert_string_equal(json, wanted);
    free(json);
}

/* No element that reads Markdown holds a word of the text or the subject. */
static void shows_text_as_it_is_written(void **state)
{
    struct outgoing outgoing = plain;
    char *json = NULL;

    (void)state;
    outgoing.subject = "[click](https://evil.example)";
    outgoing.text = "**bold** [a](https://evil.example) \"},{\"type\":\"Image\"\n";
    outgoing.link = "http://las.northtown.example/r";
    assert_int_equal(card_write(&outgoing, &json), 0);
    assert_null(strstr(json, "\"TextBlock\""));
    assert_null(strstr(json, "\"FactSet\""));
    assert_null(strstr(json, "\"type\":\"Image\""));
    assert_null(strstr(json, "actions"));
    free(json);
}

static void cuts_what_is_too_long(void **state)
{
    enum { PARAGRAPHS = 40, EACH = 1000 };
    static char text[PARAGRAPHS * (EACH + 2) + 1];
    struct outgoing outgoing = plain;
    char *json = NULL;

    (void)state;
    for (size_t i = 0; i < PARAGRAPHS; i++) {
        memset(text + strlen(text), 'a' + (int)(i % 26), EACH);
        memcpy(text + strlen(text), "\n\n", 3);
    }
    outgoing.text = text;
    assert_int_equal(card_write(&outgoing, &json), 0);
    assert_true(strlen(json) <= CARD_MAX);
    assert_true(strlen(json) > CARD_MAX - 2 * EACH);
    assert_non_null(strstr(json, "\"aaaa"));
    assert_non_null(strstr(json, "[The rest is in the mail and in the history of the "
                                 "disagreement.]\"}]}]"));
    free(json);
}

static void refuses_what_is_not_there(void **state)
{
    struct outgoing outgoing = plain;
    char *json = NULL;

    (void)state;
    outgoing.subject = "";
    assert_int_equal(card_write(&outgoing, &json), -EINVAL);
    outgoing = plain;
    outgoing.text = "\xff";
    assert_int_equal(card_write(&outgoing, &json), -EINVAL);
    outgoing = plain;
    outgoing.reference = NULL;
    assert_int_equal(card_write(&outgoing, &json), -EINVAL);
    outgoing = plain;
    outgoing.link = "javascript:alert(1)";
    assert_int_equal(card_write(&outgoing, &json), -EINVAL);
    assert_null(json);
}

/* The program's own words in a card are the reader's language's. */
static void speaks_the_readers_language(void **state)
{
    static const char *const english[] = { "Reference", "Board",  "Agency",
                                           "Priority",  "urgent", "Open the record" };
    static const char *const other[] = { "Cyfeirnod: ",    "Bwrdd: ", "Asiantaeth: ",
                                         "Blaenoriaeth: ", "brys",    "Agor y cofnod" };
    static const enum word which[] = { WORD_CARD_REFERENCE, WORD_CARD_BOARD,      WORD_CARD_AGENCY,
                                       WORD_CARD_PRIORITY,  WORD_PRIORITY_URGENT, WORD_CARD_OPEN };
    struct words words = words_builtin;
    struct outgoing outgoing = plain;
    char *json = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(which); i++)
        words.of[which[i]] = other[i];
    outgoing.words = &words;
    outgoing.priority = "urgent";
    assert_int_equal(card_write(&outgoing, &json), 0);
    for (size_t i = 0; i < COUNT_OF(which); i++) {
        assert_non_null(strstr(json, other[i]));
        assert_null(strstr(json, english[i]));
    }
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_card),
        cmocka_unit_test(shows_text_as_it_is_written),
        cmocka_unit_test(cuts_what_is_too_long),
        cmocka_unit_test(refuses_what_is_not_there),
        cmocka_unit_test(speaks_the_readers_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
