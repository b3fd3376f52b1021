/* test_govuk_notify.c - key, token, body and verdicts, by what GOV.UK Notify documents. */
#include "protocol/govuk_notify.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/contact.h"

#define SERVICE "26785a09-ab16-4eb0-8407-a37497a57506"
#define SECRET "3d844edf-8d35-48ac-975b-e847b4f122b0"

/* clang-format off */
static const struct {
    const char *text;
    bool good;
} keys[] = {
    { "invented-" SERVICE "-" SECRET,           true },
    { "a-name-with-hyphens-" SERVICE "-" SECRET, true },
    { " invented-" SERVICE "-" SECRET "\r\n",   true },
    { "-" SERVICE "-" SECRET,                   true },
    { SERVICE "-" SECRET,                       true },
    { SERVICE,                                  false },
    { SERVICE "_" SECRET,                       false },
    { "invented-" SERVICE "-" SECRET "0",       false },
    { "invented-" SERVICE "-3d844edf-8d35-48ac-975b-e847b4f122bg", false },
    { "",                                       false },
    { "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  false },
};
/* clang-format on */

static void takes_a_key_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct govuk_key key = { .service = "" };

        print_message("  %s\n", keys[i].text);
        assert_int_equal(govuk_key_read(keys[i].text, &key), keys[i].good);
        if (!keys[i].good)
            continue;
        assert_string_equal(key.service, SERVICE);
        assert_int_equal(key.secret.size, 36);
        assert_memory_equal(key.secret.bytes, SECRET, 36);
    }
}

static void makes_a_token(void **state)
{
    struct govuk_key key;
    char token[GOVUK_TOKEN_SIZE];

    (void)state;
    assert_true(govuk_key_read("invented-" SERVICE "-" SECRET, &key));
    assert_int_equal(govuk_token_write(&key, 1798131540, token), 0);
    /* Made by Python's hmac, hashlib and base64 from RFC 7515. */
    assert_string_equal(token, "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
                               "eyJpc3MiOiIyNjc4NWEwOS1hYjE2LTRlYjAtODQwNy1hMzc0OTdhNTc1MDYiLCJp"
                               "YXQiOjE3OTgxMzE1NDB9."
                               "rgpUXHl6OgeqQQillQtXmhZypUiiBnKl2ixhMyaVspQ");
}

static const struct outgoing outgoing = { .id = "01JD2Q7B3N",
                                          .board = "plcsab",
                                          .reference = "D-2026-0192",
                                          .subject = "Stage 2 begins - \"ref\" D-2026-0192",
                                          .text = "Line one.\nLine two.\n" };

static void writes_only_what_is_allowed(void **state)
{
    static const char template_id[] = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3";
    const struct govuk_message mail = { &outgoing, "a@b.example", false, template_id };
    const struct govuk_message text = { &outgoing, "+447700900123", true, template_id };
    char *json = NULL;

    (void)state;
    assert_int_equal(govuk_body_write(&mail, &json), 0);
    assert_string_equal(
        json, "{\"personalisation\":{\"subject\":\"Stage 2 begins - \\\"ref\\\" D-2026-0192\","
              "\"text\":\"Line one.\\nLine two.\\n\",\"reference\":\"D-2026-0192\","
              "\"board\":\"plcsab\",\"acknowledge\":\"\"},\"email_address\":\"a@b.example\","
              "\"template_id\":\"9d751e0e-f929-4891-82a1-a3e1c3c18ee3\","
              "\"reference\":\"01JD2Q7B3N\"}");
    free(json);
    assert_int_equal(govuk_body_write(&text, &json), 0);
    assert_non_null(strstr(json, "\"phone_number\":\"+447700900123\""));
    assert_null(strstr(json, "email_address"));
    free(json);
}

/* clang-format off */
static const struct {
    const char *text, *written; /* as JSON has it */
} markdown[] = {
    { "- one\n- two\n",              "\"- one\\n- two\\n\"" },
    { "[here](https://a.example)",    "\"\\\\[here\\\\](https://a.example)\"" },
    { "https://a.example/[x](y) [z]", "\"https://a.example/%5Bx%5D(y) \\\\[z\\\\]\"" },
    { "http://a.example/[\n[",        "\"http://a.example/%5B\\n\\\\[\"" },
    { "# Big\n  * item\n+ a # *b*",   "\"\\\\# Big\\n  \\\\* item\\n\\\\+ a # *b*\"" },
    { "a \\[b]",                      "\"a \\\\\\\\\\\\[b\\\\]\"" },
    { "^ inset\n ^2\na ^ b",         "\"\\\\^ inset\\n \\\\^2\\na ^ b\"" },
    { "---\n- - -\n***\n_ _ _",      "\"\\\\---\\n\\\\- - -\\n\\\\***\\n\\\\_ _ _\"" },
    { "1. one\n17.30 on\nat 1. b",   "\"1\\\\. one\\n17\\\\.30 on\\nat 1. b\"" },
    { "Title\n===\nTitle\n-\n-5",    "\"Title\\n\\\\===\\nTitle\\n\\\\-\\n\\\\-5\"" },
    { "- ^ a\n- 2. b\n- # c\n- d-e",  "\"- \\\\^ a\\n- 2\\\\. b\\n- \\\\# c\\n- d-e\"" },
    { "a | b\n--|--\n|x|\n:-|-",     "\"a | b\\n\\\\--|--\\n\\\\|x|\\n\\\\:-|-\"" },
    { "a | b\n- |-\n```\n~~~\n> q",  "\"a | b\\n\\\\- |-\\n\\\\```\\n\\\\~~~\\n\\\\> q\"" },
    { "\xe2\x80\xa2 a \xe2\x80\xa2", "\"\\\\\xe2\x80\xa2 a \xe2\x80\xa2\"" },
    { "&#91;x&#93;(y) & &amp; &1",   "\"&amp;#91;x&amp;#93;(y) & &amp;amp; &1\"" },
    { "https://a.example/?a=1&b=2",  "\"https://a.example/?a=1&amp;b=2\"" },
};
/* clang-format on */

static void escapes_markdown_in_a_mail_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(markdown); i++) {
        struct outgoing said = outgoing;
        struct govuk_message message = { &said, "a@b.example", false, "x" };
        char *json = NULL;

        said.text = markdown[i].text;
        print_message("  %s\n", markdown[i].text);
        assert_int_equal(govuk_body_write(&message, &json), 0);
        assert_non_null(strstr(json, markdown[i].written));
        free(json);
        message.is_text = true;
        assert_int_equal(govuk_body_write(&message, &json), 0);
        assert_null(strstr(json, "%5B"));
        assert_null(strstr(json, "here\\\\"));
        free(json);
    }
}

/* ((subject)) may stand in the subject's line and in the body. */
static const struct {
    const char *subject, *written;
} subjects[] = {
    { "[Action] Stage 1 begins - ref D-1", "[Action] Stage 1 begins - ref D-1" },
    { "[Board](https://x.example)", "[Board] (https://x.example)" },
    { "[Board][1]", "[Board] [1]" },
    { "[Board]: https://x.example", "[Board] : https://x.example" },
    { "[[a](b)](c)]", "[[a] (b)] (c)]" },
    { "&#91;Board&#93;(https://x.example)", "& #91;Board& #93;(https://x.example)" },
    { "&lbrack;Board&rsqb;(x)", "& lbrack;Board& rsqb;(x)" },
    { "R&D, A & B; C&", "R&D, A & B; C&" },
    { "]", "]" },
};

static void a_subject_makes_no_link_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        for (int is_text = 0; is_text < 2; is_text++) {
            struct outgoing said = outgoing;
            struct govuk_message message = {
                .outgoing = &said, .to = "+447700900123", .template_id = SERVICE, .is_text = is_text
            };
            json_t *read;
            char *json;

            said.subject = subjects[i].subject;
            assert_int_equal(govuk_body_write(&message, &json), 0);
            read = json_loads(json, 0, NULL);
            assert_string_equal(json_string_value(json_object_get(
                                    json_object_get(read, "personalisation"), "subject")),
                                is_text ? subjects[i].subject : subjects[i].written);
            json_decref(read);
            free(json);
        }
    }
}

static void refuses_what_is_missing_or_not_plain(void **state)
{
    struct outgoing said = outgoing;
    struct govuk_message message = { &said, "a@b.example", false, "x" };
    char *json = NULL;

    (void)state;
    said.subject = "a\xe2\x80\xa8"
                   "b";
    assert_int_equal(govuk_body_write(&message, &json), -EINVAL);
    said = outgoing;
    said.text = "a\rb";
    assert_int_equal(govuk_body_write(&message, &json), -EINVAL);
    said = outgoing;
    said.reference = NULL;
    assert_int_equal(govuk_body_write(&message, &json), -EINVAL);
    said = outgoing;
    message.to = "a@b.example\n";
    assert_int_equal(govuk_body_write(&message, &json), -EINVAL);
    assert_null(json);
}

#define ERROR_SAYS(name, words)                                                                    \
    "{\"status_code\":0,\"errors\":[{\"error\":\"" name "\",\"message\":\"" words "\"}]}"
#define ERRORS(name) ERROR_SAYS(name, "x")
#define MESSAGE(id, status) "{\"reference\":\"" id "\",\"status\":\"" status "\"}"
#define LIST(messages) "{\"notifications\":[" messages "],\"links\":{}}"
#define FOUND(id, status) LIST(MESSAGE(id, status))

/* clang-format off */
static const struct {
    int status;
    const char *body;
    enum govuk_verdict posted, asked;
    const char *name;
} answers[] = {
    { 201, "{\"id\":\"x\"}",                        GOVUK_TAKEN,    GOVUK_LATER,    "" },
    { 400, ERRORS("BadRequestError"),               GOVUK_SETTINGS, GOVUK_SETTINGS, "BadRequestError" },
    { 400, ERRORS("ValidationError"),               GOVUK_REFUSED,  GOVUK_LATER,    "ValidationError" },
    { 400, ERROR_SAYS("BadRequestError", "ValidationError"),
                                                    GOVUK_SETTINGS, GOVUK_SETTINGS, "BadRequestError" },
    { 400, ERROR_SAYS("ValidationError", "BadRequestError"),
                                                    GOVUK_REFUSED,  GOVUK_LATER,    "ValidationError" },
    { 400, ERRORS("a@b.example is wrong"),          GOVUK_SETTINGS, GOVUK_SETTINGS, "" },
    { 400, "ValidationError",                       GOVUK_SETTINGS, GOVUK_SETTINGS, "" },
    { 400, "",                                      GOVUK_SETTINGS, GOVUK_SETTINGS, "" },
    { 401, ERRORS("AuthError"),                     GOVUK_SETTINGS, GOVUK_SETTINGS, "AuthError" },
    { 403, ERRORS("AuthError"),                     GOVUK_SETTINGS, GOVUK_SETTINGS, "AuthError" },
    { 403, ERRORS("BadRequestError"),               GOVUK_SETTINGS, GOVUK_SETTINGS, "BadRequestError" },
    { 404, ERRORS("NoResultFound"),                 GOVUK_SETTINGS, GOVUK_SETTINGS, "NoResultFound" },
    { 429, ERRORS("RateLimitError"),                GOVUK_LATER,    GOVUK_LATER,    "RateLimitError" },
    { 429, ERRORS("TooManyRequestsError"),          GOVUK_TOMORROW, GOVUK_TOMORROW, "TooManyRequestsError" },
    { 429, "TooManyRequestsError",                  GOVUK_LATER,    GOVUK_LATER,    "" },
    { 429, "",                                      GOVUK_LATER,    GOVUK_LATER,    "" },
    { 500, ERRORS("Exception"),                     GOVUK_LATER,    GOVUK_LATER,    "Exception" },
    { 503, "<html>",                                GOVUK_LATER,    GOVUK_LATER,    "" },
    { 301, "",                                      GOVUK_SETTINGS, GOVUK_SETTINGS, "" },
};

/* What was looked up: Notify's "Email status descriptions" and "Text message status descriptions". */
static const struct {
    const char *body;
    enum govuk_verdict verdict;
    const char *name;
} lookups[] = {
    { LIST(""),                                     GOVUK_UNKNOWN, "" },
    { FOUND("ID", "created"),                       GOVUK_TAKEN,   "" },
    { FOUND("ID", "sending"),                       GOVUK_TAKEN,   "" },
    { FOUND("ID", "pending"),                       GOVUK_TAKEN,   "" },
    { FOUND("ID", "sent"),                          GOVUK_TAKEN,   "" },
    { FOUND("ID", "delivered"),                     GOVUK_TAKEN,   "" },
    { FOUND("ID", "permanent-failure"),             GOVUK_REFUSED, "permanent-failure" },
    { FOUND("ID", "temporary-failure"),             GOVUK_REFUSED, "temporary-failure" },
    { FOUND("ID", "technical-failure"),             GOVUK_UNKNOWN, "technical-failure" },
    { FOUND("ANOTHER", "delivered"),                GOVUK_UNKNOWN, "" },
    { FOUND("ANOTHER", "permanent-failure"),        GOVUK_UNKNOWN, "" },
    { LIST(MESSAGE("ID", "technical-failure") "," MESSAGE("ID", "sending")), GOVUK_TAKEN, "" },
    { LIST(MESSAGE("ID", "delivered") "," MESSAGE("ID", "permanent-failure")), GOVUK_TAKEN, "" },
    { LIST(MESSAGE("ID", "technical-failure") "," MESSAGE("ID", "temporary-failure")),
                                                    GOVUK_REFUSED, "temporary-failure" },
    { LIST(MESSAGE("ID", "permanent-failure") "," MESSAGE("ID", "technical-failure")),
                                                    GOVUK_REFUSED, "permanent-failure" },
    { "{}",                                         GOVUK_LATER,   "" },
    { "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",   GOVUK_LATER,   "" },
    { "no json",                                    GOVUK_LATER,   "" },
};
/* clang-format on */

static void judges_by_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        size_t size = strlen(answers[i].body);
        struct govuk_judgement posted = govuk_judge(answers[i].status, answers[i].body, size);
        struct govuk_judgement asked =
            govuk_judge_lookup(answers[i].status, answers[i].body, size, "ID");

        print_message("  %d %s\n", answers[i].status, answers[i].body);
        assert_int_equal(posted.verdict, answers[i].posted);
        assert_string_equal(posted.name, answers[i].name);
        assert_int_equal(asked.verdict, answers[i].asked);
        assert_string_equal(asked.name, answers[i].name);
    }
}

static void knows_what_became_of_a_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        struct govuk_judgement judgement =
            govuk_judge_lookup(200, lookups[i].body, strlen(lookups[i].body), "ID");

        print_message("  %s\n", lookups[i].body);
        assert_int_equal(judgement.verdict, lookups[i].verdict);
        assert_string_equal(judgement.name, lookups[i].name);
        assert_int_equal(govuk_judge(200, lookups[i].body, strlen(lookups[i].body)).verdict,
                         GOVUK_LATER);
    }
}

/* clang-format off */
static const struct {
    const char *text;
    bool phone, uuid;
} contacts[] = {
    { "+447700900123",     true,  false },
    { "+4477009001234567", false, false },
    { "+44770",            false, false },
    { "07700900123",       false, false },
    { "+07700900123",      false, false },
    { "+44 7700900123",    false, false },
    { "+447700900123\r\n", false, false },
    { "",                  false, false },
    { SERVICE,             false, true },
    { SERVICE "0",         false, false },
    { "26785a09ab164eb08407a37497a57506", false, false },
};
/* clang-format on */

static void knows_numbers_and_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contacts); i++) {
        print_message("  %s\n", contacts[i].text);
        assert_int_equal(contact_is_phone(contacts[i].text), contacts[i].phone);
        assert_int_equal(contact_is_uuid(contacts[i].text), contacts[i].uuid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_key_apart),
        cmocka_unit_test(makes_a_token),
        cmocka_unit_test(writes_only_what_is_allowed),
        cmocka_unit_test(escapes_markdown_in_a_mail_alone),
        cmocka_unit_test(a_subject_makes_no_link_wherever_it_stands),
        cmocka_unit_test(refuses_what_is_missing_or_not_plain),
        cmocka_unit_test(judges_by_names),
        cmocka_unit_test(knows_what_became_of_a_message),
        cmocka_unit_test(knows_numbers_and_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
