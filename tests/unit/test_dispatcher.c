/* test_dispatcher.c - judging ends, refusing settings, and the frames between the threads.
 *
 * What a network is needed for is in tests/system/test_dispatcher*.py.
 */
#include "io/dispatcher.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include <cmocka.h>

#include "io/email.h"
#include "io/parcel.h"
#include "io/webhook.h"
#include "policy/directory_read.h"

/* clang-format off */
static const struct {
    const char *name;
    struct email_end end;
    enum delivery_outcome outcome;
    int code;
    bool ambiguous, needs_operator;
    uint32_t retry_after_s;
} mails[] = {
    { "taken",
      { EMAIL_TEXT, true, 250, false, false, CURLE_OK, false },              DELIVERY_DONE,    250, false, false, 0 },
    { "taken, then the goodbye hung",
      { EMAIL_TEXT, true, 250, false, true, CURLE_ABORTED_BY_CALLBACK, false }, DELIVERY_DONE, 250, false, false, 0 },
    { "dropped after the final dot",
      { EMAIL_TEXT, true, 0, false, false, CURLE_RECV_ERROR, false },        DELIVERY_LATER,     0, true,  false, 0 },
    { "silent after the final dot",
      { EMAIL_TEXT, true, 0, false, true, CURLE_ABORTED_BY_CALLBACK, false }, DELIVERY_LATER,    0, true,  false, 0 },
    { "dropped in the middle of the text",
      { EMAIL_TEXT, false, 354, false, false, CURLE_SEND_ERROR, false },     DELIVERY_LATER,     0, false, false, 0 },
    { "dropped after MAIL FROM: a 250 that says nothing",
      { EMAIL_SENDER, false, 250, false, false, CURLE_RECV_ERROR, false },   DELIVERY_LATER,     0, false, false, 0 },
    { "recipient later",
      { EMAIL_RECIPIENT, false, 451, false, false, CURLE_SEND_ERROR, false }, DELIVERY_LATER,  451, false, false, 0 },
    { "text later",
      { EMAIL_TEXT, true, 451, false, false, CURLE_WEIRD_SERVER_REPLY, false }, DELIVERY_LATER, 451, false, false, 0 },
    { "server closing",
      { EMAIL_CONNECTING, false, 421, false, false, CURLE_WEIRD_SERVER_REPLY, false }, DELIVERY_LATER, 421, false, false, 0 },
    { "recipient refused",
      { EMAIL_RECIPIENT, false, 550, false, false, CURLE_SEND_ERROR, false }, DELIVERY_REFUSED, 550, false, false, 0 },
    { "text refused",
      { EMAIL_TEXT, true, 554, false, false, CURLE_WEIRD_SERVER_REPLY, false }, DELIVERY_REFUSED, 554, false, false, 0 },
    { "too large, said at MAIL FROM",
      { EMAIL_SENDER, false, 552, false, false, CURLE_SEND_ERROR, false },   DELIVERY_REFUSED, 552, false, false, 0 },
    { "relaying denied by policy",
      { EMAIL_RECIPIENT, false, 554, true, false, CURLE_SEND_ERROR, false }, DELIVERY_LATER,   554, false, true, 3600 },
    { "550 5.7.x",
      { EMAIL_RECIPIENT, false, 550, true, false, CURLE_SEND_ERROR, false }, DELIVERY_LATER,   550, false, true, 3600 },
    { "wrong password",
      { EMAIL_LOGIN, false, 535, false, false, CURLE_LOGIN_DENIED, false },  DELIVERY_LATER,   535, false, true, 3600 },
    { "login wanted, said at RCPT TO",
      { EMAIL_RECIPIENT, false, 530, false, false, CURLE_SEND_ERROR, false }, DELIVERY_LATER,  530, false, true, 3600 },
    { "login later",
      { EMAIL_LOGIN, false, 454, false, false, CURLE_LOGIN_DENIED, false },  DELIVERY_LATER,   454, false, false, 0 },
    { "sender refused",
      { EMAIL_SENDER, false, 553, false, false, CURLE_SEND_ERROR, false },   DELIVERY_LATER,   553, false, true, 3600 },
    { "greeted with a refusal",
      { EMAIL_CONNECTING, false, 554, false, false, CURLE_WEIRD_SERVER_REPLY, false }, DELIVERY_LATER, 554, false, true, 3600 },
    { "no STARTTLS",
      { EMAIL_GREETING, false, 250, false, false, CURLE_USE_SSL_FAILED, false }, DELIVERY_LATER,  0, false, true, 0 },
    { "wrong certificate",
      { EMAIL_GREETING, false, 220, false, false, CURLE_PEER_FAILED_VERIFICATION, false }, DELIVERY_LATER, 0, false, true, 0 },
    { "our certificate refused",
      { EMAIL_GREETING, false, 220, false, false, CURLE_RECV_ERROR, true }, DELIVERY_LATER, 0, false, true, 0 },
    { "no login we know",
      { EMAIL_GREETING, false, 250, false, false, CURLE_LOGIN_DENIED, false }, DELIVERY_LATER,   0, false, true, 0 },
    { "no connection",
      { EMAIL_CONNECTING, false, 0, false, false, CURLE_COULDNT_CONNECT, false }, DELIVERY_LATER, 0, false, false, 0 },
};

static const struct {
    const char *name;
    struct webhook_end end;
    enum delivery_outcome outcome;
    bool ambiguous, needs_operator;
    uint32_t retry_after_s;
} webhooks[] = {
    { "200",                     { CURLE_OK, 200, 0, true, false, false },                    DELIVERY_DONE,    false, false, 0 },
    { "204",                     { CURLE_OK, 204, 0, true, false, false },                    DELIVERY_DONE,    false, false, 0 },
    { "299",                     { CURLE_OK, 299, 0, true, false, false },                    DELIVERY_DONE,    false, false, 0 },
    { "202, endless body",       { CURLE_WRITE_ERROR, 202, 0, true, false, false },           DELIVERY_DONE,    false, false, 0 },
    { "301",                     { CURLE_OK, 301, 0, true, false, false },                    DELIVERY_LATER,   false, true,  0 },
    { "400",                     { CURLE_OK, 400, 0, true, false, false },                    DELIVERY_LATER,   false, true,  0 },
    { "404",                     { CURLE_OK, 404, 0, true, false, false },                    DELIVERY_LATER,   false, true,  0 },
    { "408",                     { CURLE_OK, 408, 0, true, false, false },                    DELIVERY_LATER,   false, false, 0 },
    { "410",                     { CURLE_OK, 410, 0, true, false, false },                    DELIVERY_REFUSED, false, true,  0 },
    { "429",                     { CURLE_OK, 429, 0, true, false, false },                    DELIVERY_LATER,   false, false, 0 },
    { "429, in 7 s",             { CURLE_OK, 429, 7, true, false, false },                    DELIVERY_LATER,   false, false, 7 },
    { "429, in a year",          { CURLE_OK, 429, 31536000, true, false, false },             DELIVERY_LATER,   false, false, 3600 },
    { "503, in 1 s",             { CURLE_OK, 503, 1, true, false, false },                    DELIVERY_LATER,   false, false, 1 },
    { "500, asks in vain",       { CURLE_OK, 500, 7, true, false, false },                    DELIVERY_LATER,   false, false, 0 },
    { "502",                     { CURLE_OK, 502, 0, true, false, false },                    DELIVERY_LATER,   false, false, 0 },
    { "no connection",           { CURLE_COULDNT_CONNECT, 0, 0, false, false, false },        DELIVERY_LATER,   false, false, 0 },
    { "no name",                 { CURLE_COULDNT_RESOLVE_HOST, 0, 0, false, false, false },   DELIVERY_LATER,   false, false, 0 },
    { "no answer",               { CURLE_OPERATION_TIMEDOUT, 0, 0, true, false, false },      DELIVERY_LATER,   true,  false, 0 },
    { "dropped before the end",  { CURLE_SEND_ERROR, 0, 0, false, false, false },             DELIVERY_LATER,   false, false, 0 },
    { "denied address",          { CURLE_COULDNT_CONNECT, 0, 0, false, true, false },         DELIVERY_LATER,   false, true,  0 },
    { "our certificate refused", { CURLE_RECV_ERROR, 0, 0, true, false, true },        DELIVERY_LATER,   false, true,  0 },
    { "wrong certificate",       { CURLE_PEER_FAILED_VERIFICATION, 0, 0, false, false, false }, DELIVERY_LATER, false, true,  0 },
};
/* clang-format on */

static void judges_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mails); i++) {
        struct outcome outcome = { .code = 0 };

        print_message("  %s\n", mails[i].name);
        email_judge(&mails[i].end, &outcome);
        assert_int_equal(outcome.outcome, mails[i].outcome);
        assert_int_equal(outcome.code, mails[i].code);
        assert_int_equal(outcome.ambiguous, mails[i].ambiguous);
        assert_int_equal(outcome.needs_operator, mails[i].needs_operator);
        assert_int_equal(outcome.retry_after_s, mails[i].retry_after_s);
    }
}

static void judges_webhooks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(webhooks); i++) {
        struct outcome outcome = { .code = 0 };

        print_message("  %s\n", webhooks[i].name);
        webhook_judge(&webhooks[i].end, &outcome);
        assert_int_equal(outcome.outcome, webhooks[i].outcome);
        assert_int_equal(outcome.code, webhooks[i].end.code);
        assert_int_equal(outcome.ambiguous, webhooks[i].ambiguous);
        assert_int_equal(outcome.needs_operator, webhooks[i].needs_operator);
        assert_int_equal(outcome.retry_after_s, webhooks[i].retry_after_s);
    }
}

static void details_name_nobody(void **state)
{
    struct outcome outcome = { .code = 0 };

    (void)state;
    outcome_tell_reply(&outcome, "550 5.1.1 Zebedee Quillfeather: no such user\r\n"); /* invented */
    assert_string_equal(outcome.detail,
                        "550 5.1.1 (bad destination mailbox address) ... no such user");
    outcome_tell(&outcome, "no connection to\tz.q@agency.example");
    assert_string_equal(outcome.detail, "no connection to (address)");
}

/* ---- settings ---- */

static struct dispatch_settings good_settings(struct endpoint *endpoints)
{
    struct dispatch_settings settings = { .endpoints = endpoints, .endpoint_count = 2 };

    memset(endpoints, 0, 2 * sizeof *endpoints);
    (void)snprintf(settings.mail.url, sizeof settings.mail.url, "smtp://localhost:1");
    (void)snprintf(settings.mail.from, sizeof settings.mail.from, "board@board.example");
    for (int i = 0; i < 2; i++) {
        (void)snprintf(endpoints[i].id, sizeof endpoints[i].id, "endpoint-%d", i);
        (void)snprintf(endpoints[i].url, sizeof endpoints[i].url, "https://localhost:1/%d", i);
        endpoints[i].secret_count = 1;
        endpoints[i].secrets[0].size = SIGNATURE_SECRET_MIN;
    }
    return settings;
}

/* clang-format off */
static const struct {
    const char *mail_url, *from, *user, *password, *endpoint_url, *endpoint_id;
    size_t secrets;
    const char *fault;
} faults[] = {
    { "smtp://h:587",       "a@b.example", "", "",  "https://h/x",         "e", 1, NULL },
    { "smtps://h:465",      "a@b.example", "u", "p", "https://10.0.0.1:8443/", "e", 1, NULL },
    { "",                   "",            "", "",  "https://h/x",         "e", 1, NULL },
    { "http://h",           "a@b.example", "", "",  "https://h/x",         "e", 1, "the mail server's url is neither smtp nor smtps" },
    { "smtp://u:p@h",       "a@b.example", "", "",  "https://h/x",         "e", 1, "the mail server's url has a user or password in it" },
    { "smtp://h:99999",     "a@b.example", "", "",  "https://h/x",         "e", 1, "the mail server's url cannot be read" },
    { "smtp://h",           "board",       "", "",  "https://h/x",         "e", 1, "the address mail is sent from is not an address" },
    { "smtp://h",           "a@b.example", "", "p", "https://h/x",         "e", 1, "the mail server has a password and no user" },
    { "smtp://h",           "a@b.example", "", "",  "http://h/x",          "e", 1, "the url of endpoint \"e\" is not https" },
    { "smtp://h",           "a@b.example", "", "",  "file:///etc/passwd",  "e", 1, "the url of endpoint \"e\" is not https" },
    { "smtp://h",           "a@b.example", "", "",  "https://a:b@h/",      "e", 1, "the url of endpoint \"e\" has a user or password in it" },
    { "smtp://h",           "a@b.example", "", "",  "nonsense",            "e", 1, "the url of endpoint \"e\" cannot be read" },
    { "smtp://h",           "a@b.example", "", "",  "https://h/x",         "",  1, "an endpoint has no id" },
    { "smtp://h",           "a@b.example", "", "",  "https://h/x", "endpoint-0", 1, "two endpoints have the same id" },
    { "smtp://h",           "a@b.example", "", "",  "https://h/x",         "e", 0, "endpoint \"e\" has no secret to sign with, or too many" },
};
/* clang-format on */

static void names_what_is_wrong_with_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct endpoint endpoints[2];
        struct dispatch_settings settings = good_settings(endpoints);
        char text[DISPATCH_FAULT_SIZE] = "not written";
        const char *fault;

        (void)snprintf(settings.mail.url, sizeof settings.mail.url, "%s", faults[i].mail_url);
        (void)snprintf(settings.mail.from, sizeof settings.mail.from, "%s", faults[i].from);
        (void)snprintf(settings.mail.user, sizeof settings.mail.user, "%s", faults[i].user);
        (void)snprintf(settings.mail.password, sizeof settings.mail.password, "%s",
                       faults[i].password);
        (void)snprintf(endpoints[1].url, sizeof endpoints[1].url, "%s", faults[i].endpoint_url);
        (void)snprintf(endpoints[1].id, sizeof endpoints[1].id, "%s", faults[i].endpoint_id);
        endpoints[1].secret_count = faults[i].secrets;
        fault = dispatch_settings_fault(&settings, text);
        print_message("  %s\n", fault ? fault : "nothing");
        assert_string_equal(fault ? fault : "nothing",
                            faults[i].fault ? faults[i].fault : "nothing");
        if (fault)
            assert_ptr_equal(fault, text); /* what the journal prints */
    }
}

/* What `concernctl check` lets through the dispatcher takes: else a reload would fail behind it. */
static void takes_every_address_that_is_checked(void **state)
{
    static const char *const hosts[] = {
        "h",
        "h:1",
        "h:65535",
        "h:65536",
        "h:99999",
        "h:0",
        "h:",
        "h:x",
        "h:+1",
        "10.0.0.1",
        "[::1]",
        "[::1]:1",
        "[::1",
        "[::1]1",
        "[::g]",
        "[]",
        "[fe80::1%25lo]",
        "a_b",
        "a..b",
        ".",
        "-",
        "a%20b",
        "a b",
        "u@h",
        "u:p@h",
        ":1",
        "",
        "h?u@h",
        "h#u@h",
        "h:1?x",
        "[::1]#x",
        "0x7f.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "99999999999",
        "a,b",
        "a;b",
        "a=b",
        "xn--a",
        "a:1:2",
    };
    size_t taken = 0;

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(hosts); i++) {
        struct endpoint endpoints[2];
        struct dispatch_settings settings = good_settings(endpoints);
        char text[DISPATCH_FAULT_SIZE];
        const char *path = i % 2 ? "/a/%zz?b=c@d#e" : "";

        (void)snprintf(endpoints[1].url, sizeof endpoints[1].url, "https://%s%s", hosts[i / 2],
                       path);
        (void)snprintf(settings.mail.url, sizeof settings.mail.url, "smtps://%s%s", hosts[i / 2],
                       path);
        print_message("  %s\n", endpoints[1].url);
        assert_int_equal(url_is_sound(endpoints[1].url), mail_server_is_sound(settings.mail.url));
        if (!url_is_sound(endpoints[1].url))
            continue;
        assert_null(dispatch_settings_fault(&settings, text));
        taken++;
    }
    assert_true(taken > 20);
}

/* ---- between the threads ---- */

static const struct dispatch_settings no_settings = { .endpoint_count = 0 };

static struct delivery delivery_of(unsigned number)
{
    struct delivery delivery = {
        .attempt = number,
        .route = number % 2 ? ROUTE_EMAIL : ROUTE_WEBHOOK,
        .recipient = "somebody@agency.example",
        .bytes = "{}",
        .size = 2,
    };

    (void)snprintf(delivery.id, sizeof delivery.id, "D%u", number);
    return delivery;
}

/* Waits for one outcome as the engine does: in zmq_poll(), then taking. */
static void wait_for_outcome(struct dispatcher *dispatcher, struct outcome *outcome)
{
    zmq_pollitem_t item = { .socket = dispatcher_socket(dispatcher), .events = ZMQ_POLLIN };

    assert_int_equal(zmq_poll(&item, 1, 60000), 1);
    assert_int_equal(dispatcher_take(dispatcher, outcome), 1);
}

/* With the trap of ZMQ_FD, a delivery that comes at the wrong moment waits for the longest sleep,
 * one second; two hundred of them would take more than three minutes. */
static void no_delivery_is_left_waiting(void **state)
{
    struct dispatcher *dispatcher = NULL;
    struct outcome outcome;
    time_t started = time(NULL);

    (void)state;
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    assert_int_equal(dispatcher_take(dispatcher, &outcome), 0);
    for (unsigned i = 1; i <= 200; i++) {
        struct delivery delivery = delivery_of(i);

        assert_int_equal(dispatcher_send(dispatcher, &delivery), DISPATCHER_OK);
        assert_int_equal(dispatcher_in_flight(dispatcher), 1);
        wait_for_outcome(dispatcher, &outcome);
        assert_string_equal(outcome.id, delivery.id);
        assert_int_equal(outcome.attempt, i);
        assert_int_equal(outcome.route, delivery.route);
        assert_int_equal(outcome.outcome, DELIVERY_LATER);
        assert_true(outcome.needs_operator);
    }
    assert_int_equal(dispatcher_in_flight(dispatcher), 0);
    assert_true(time(NULL) - started < 120);
    dispatcher_close(&dispatcher);
    assert_null(dispatcher);
    dispatcher_close(&dispatcher);
}

static void is_full_at_its_limit_and_answers_each_once(void **state)
{
    static bool seen[DISPATCH_QUEUE_MAX];
    struct dispatcher *dispatcher = NULL;
    struct delivery delivery;
    struct outcome outcome;

    (void)state;
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    for (unsigned i = 0; i < DISPATCH_QUEUE_MAX; i++) {
        delivery = delivery_of(i);
        assert_int_equal(dispatcher_send(dispatcher, &delivery), DISPATCHER_OK);
    }
    assert_int_equal(dispatcher_send(dispatcher, &delivery), DISPATCHER_FULL);
    for (unsigned i = 0; i < DISPATCH_QUEUE_MAX; i++) {
        wait_for_outcome(dispatcher, &outcome);
        assert_in_range(outcome.attempt, 0, DISPATCH_QUEUE_MAX - 1);
        assert_false(seen[outcome.attempt]);
        seen[outcome.attempt] = true;
    }
    assert_int_equal(dispatcher_take(dispatcher, &outcome), 0);
    assert_int_equal(dispatcher_send(dispatcher, &delivery), DISPATCHER_OK);
    dispatcher_close(&dispatcher); /* with one unanswered */
}

/* The echo is among the outcomes, and is none. */
static void says_whether_its_thread_turns(void **state)
{
    struct dispatcher *dispatcher = NULL;
    struct delivery delivery = delivery_of(1);
    struct outcome outcome;
    zmq_pollitem_t item = { .events = ZMQ_POLLIN };
    int64_t now_ms = 1000;

    (void)state;
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    item.socket = dispatcher_socket(dispatcher);
    for (int i = 0; i < 3; i++, now_ms += 2 * DISPATCH_ECHO_MS) {
        assert_true(dispatcher_is_alive(dispatcher, now_ms));
        assert_int_equal(zmq_poll(&item, 1, 60000), 1);
        assert_int_equal(dispatcher_take(dispatcher, &outcome), 0);
    }
    /* One that is not seen in time, whatever else comes. */
    assert_true(dispatcher_is_alive(dispatcher, now_ms));
    assert_true(dispatcher_is_alive(dispatcher, now_ms + DISPATCH_ECHO_MS - 1));
    assert_false(dispatcher_is_alive(dispatcher, now_ms + DISPATCH_ECHO_MS));
    assert_int_equal(dispatcher_send(dispatcher, &delivery), DISPATCHER_OK);
    for (int taken = 0; taken == 0;) {
        assert_int_equal(zmq_poll(&item, 1, 60000), 1);
        taken = dispatcher_take(dispatcher, &outcome);
    }
    assert_string_equal(outcome.id, delivery.id);
    assert_int_equal(dispatcher_in_flight(dispatcher), 0);
    assert_true(dispatcher_is_alive(dispatcher, now_ms + DISPATCH_ECHO_MS)); /* it was behind */
    dispatcher_close(&dispatcher);
}

static void refuses_what_is_no_delivery(void **state)
{
    struct dispatcher *dispatcher = NULL;
    struct delivery delivery;

    (void)state;
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    delivery = delivery_of(1);
    delivery.size = 0;
    assert_int_equal(dispatcher_send(dispatcher, &delivery), -EINVAL);
    delivery = delivery_of(1);
    delivery.size = DELIVERY_BYTES_MAX + 1;
    assert_int_equal(dispatcher_send(dispatcher, &delivery), -EINVAL);
    delivery = delivery_of(1);
    delivery.id[0] = '\0';
    assert_int_equal(dispatcher_send(dispatcher, &delivery), -EINVAL);
    delivery = delivery_of(1);
    memcpy(delivery.id, "a\r\nb: c", 8);
    assert_int_equal(dispatcher_send(dispatcher, &delivery), -EINVAL);
    delivery = delivery_of(1);
    memset(delivery.recipient, 'a', sizeof delivery.recipient);
    assert_int_equal(dispatcher_send(dispatcher, &delivery), -EINVAL);
    assert_int_equal(dispatcher_in_flight(dispatcher), 0);
    dispatcher_close(&dispatcher);
}

static void bad_settings_change_nothing(void **state)
{
    struct dispatcher *dispatcher = NULL, *none = NULL;
    struct dispatch_settings bad = no_settings;

    (void)state;
    (void)snprintf(bad.mail.url, sizeof bad.mail.url, "ftp://h");
    assert_int_equal(dispatcher_open(&bad, &none), DISPATCHER_BAD_SETTINGS);
    assert_null(none);
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    assert_int_equal(dispatcher_configure(dispatcher, &bad), DISPATCHER_BAD_SETTINGS);
    assert_int_equal(dispatcher_configure(dispatcher, &no_settings), DISPATCHER_OK);
    dispatcher_close(&dispatcher);
}

static void own_handler(int signal_number)
{
    (void)signal_number;
}

/* czmq would put its own handlers in place of those of whoever uses it. */
static void leaves_signals_alone(void **state)
{
    struct dispatcher *dispatcher = NULL;
    struct sigaction ours = { .sa_handler = own_handler }, found;

    (void)state;
    assert_int_equal(sigaction(SIGTERM, &ours, NULL), 0);
    assert_int_equal(dispatcher_open(&no_settings, &dispatcher), DISPATCHER_OK);
    assert_int_equal(sigaction(SIGTERM, NULL, &found), 0);
    assert_ptr_equal(found.sa_handler, own_handler);
    assert_int_equal(sigaction(SIGINT, NULL, &found), 0);
    assert_ptr_equal(found.sa_handler, SIG_DFL);
    dispatcher_close(&dispatcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_signals_alone), /* first: czmq installs them once */
        cmocka_unit_test(judges_mails),
        cmocka_unit_test(judges_webhooks),
        cmocka_unit_test(details_name_nobody),
        cmocka_unit_test(names_what_is_wrong_with_settings),
        cmocka_unit_test(takes_every_address_that_is_checked),
        cmocka_unit_test(no_delivery_is_left_waiting),
        cmocka_unit_test(is_full_at_its_limit_and_answers_each_once),
        cmocka_unit_test(says_whether_its_thread_turns),
        cmocka_unit_test(refuses_what_is_no_delivery),
        cmocka_unit_test(bad_settings_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
