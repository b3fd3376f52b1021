/* dispatch_driver.c - a dispatcher on standard input and output, for dispatcher_rig.py.
 *
 * Reads one JSON object a line:
 *   {"settings": {"mail": {...}, "patience": {...}, "endpoints": [...]}}
 *   {"delivery": {"id": …, "attempt": …, "route": as the directory names it, "priority": 0-2,
 *                 "due": µs, "recipient": …, "body": text | "mail": {...}}}
 *   {"ask": "in_flight"}   {"close": true}
 * and writes one a line: {"outcome": {...}}, {"answer": n} for each line read, {"in_flight": n},
 * {"closed_ms": n}.  Ends at the end of its input, when everything is answered.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <jansson.h>

#include "io/dispatcher.h"
#include "protocol/mail.h"

static struct dispatcher *dispatcher;

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void copy(char *to, size_t size, const json_t *object, const char *key)
{
    (void)snprintf(to, size, "%s", text_of(object, key));
}

static void say(json_t *line)
{
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)puts("");
    (void)fflush(stdout);
    json_decref(line);
}

static void read_endpoint(const json_t *from, struct endpoint *endpoint)
{
    const json_t *one;
    size_t i;

    memset(endpoint, 0, sizeof *endpoint);
    copy(endpoint->id, sizeof endpoint->id, from, "id");
    copy(endpoint->url, sizeof endpoint->url, from, "url");
    copy(endpoint->ca_file, sizeof endpoint->ca_file, from, "ca_file");
    copy(endpoint->service, sizeof endpoint->service, from, "service");
    if (strcmp(text_of(from, "kind"), "teams") == 0)
        endpoint->kind = ENDPOINT_TEAMS;
    else if (strcmp(text_of(from, "kind"), "govuk-notify") == 0)
        endpoint->kind = ENDPOINT_GOVUK_NOTIFY;
    json_array_foreach(json_object_get(from, "secrets"), i, one)
    {
        if (signature_secret_read(json_string_value(one), &endpoint->secrets[i]) != SIGNATURE_OK)
            exit(3);
        endpoint->secret_count = i + 1;
    }
    json_array_foreach(json_object_get(from, "allow"), i, one)
    {
        if (address_range_read(json_string_value(one), &endpoint->allow[i]) != ADDRESS_OK)
            exit(3);
        endpoint->allow_count = i + 1;
    }
}

static int configure(const json_t *from)
{
    static struct endpoint endpoints[ENDPOINTS_MAX];
    const json_t *mail = json_object_get(from, "mail"), *one;
    const json_t *patience = json_object_get(from, "patience");
    struct dispatch_settings settings = { .endpoints = endpoints };
    char fault[DISPATCH_FAULT_SIZE];
    size_t i;

    copy(settings.mail.url, sizeof settings.mail.url, mail, "url");
    copy(settings.mail.user, sizeof settings.mail.user, mail, "user");
    copy(settings.mail.password, sizeof settings.mail.password, mail, "password");
    copy(settings.mail.ca_file, sizeof settings.mail.ca_file, mail, "ca_file");
    copy(settings.mail.from, sizeof settings.mail.from, mail, "from");
    settings.patience.connect_ms = (int32_t)number_of(patience, "connect_ms");
    settings.patience.webhook_ms = (int32_t)number_of(patience, "webhook_ms");
    settings.patience.mail_ms = (int32_t)number_of(patience, "mail_ms");
    settings.patience.answer_ms = (int32_t)number_of(patience, "answer_ms");
    json_array_foreach(json_object_get(from, "endpoints"), i, one)
    {
        read_endpoint(one, &endpoints[i]);
        settings.endpoint_count = i + 1;
    }
    if (dispatch_settings_fault(&settings, fault))
        say(json_pack("{s:s}", "fault", dispatch_settings_fault(&settings, fault)));
    return dispatcher ? dispatcher_configure(dispatcher, &settings)
                      : dispatcher_open(&settings, &dispatcher);
}

static int write_mail(const json_t *from, const char *delivery, char **bytes, size_t *size)
{
    char id[MAIL_MESSAGE_ID_SIZE];
    struct mail mail = {
        .from = text_of(from, "from"),
        .from_name = json_string_value(json_object_get(from, "from_name")),
        .to = text_of(from, "to"),
        .subject = text_of(from, "subject"),
        .delivery = delivery,
        .message_id = id,
        .reference = json_string_value(json_object_get(from, "reference")),
        .date = { number_of(from, "date") },
        .body = text_of(from, "body"),
    };

    if (mail_message_id(delivery, mail.from, id) != MAIL_OK)
        return MAIL_UNSAFE;
    return mail_write(&mail, bytes, size);
}

static enum route_kind route_of(const json_t *from)
{
    for (int i = 0; i < ROUTE_COUNT; i++)
        if (strcmp(text_of(from, "route"), route_name((enum route_kind)i)) == 0)
            return (enum route_kind)i;
    exit(3);
}

static int deliver(const json_t *from)
{
    const json_t *mail = json_object_get(from, "mail");
    struct delivery delivery = {
        .attempt = (uint32_t)number_of(from, "attempt"),
        .route = route_of(from),
        .priority = (enum priority)number_of(from, "priority"),
        .due = { number_of(from, "due") },
        .bytes = text_of(from, "body"),
        .size = strlen(text_of(from, "body")),
    };
    char *bytes = NULL;
    int answer;

    copy(delivery.id, sizeof delivery.id, from, "id");
    copy(delivery.recipient, sizeof delivery.recipient, from, "recipient");
    if (mail) {
        if (write_mail(mail, delivery.id, &bytes, &delivery.size) != MAIL_OK)
            return -EINVAL;
        delivery.bytes = bytes;
    }
    answer = dispatcher_send(dispatcher, &delivery);
    free(bytes);
    return answer;
}

static void close_and_tell(void)
{
    struct timespec before, after;

    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    dispatcher_close(&dispatcher);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    say(json_pack("{s:I}", "closed_ms",
                  (json_int_t)((after.tv_sec - before.tv_sec) * 1000 +
                               (after.tv_nsec - before.tv_nsec) / 1000000)));
}

/* Returns false when the driver is to end. */
static bool obey(const char *line)
{
    json_t *command = json_loads(line, 0, NULL);
    const json_t *part;

    if (!command)
        exit(3);
    if ((part = json_object_get(command, "settings")))
        say(json_pack("{s:i}", "answer", configure(part)));
    else if ((part = json_object_get(command, "delivery")))
        say(json_pack("{s:i}", "answer", deliver(part)));
    else if (json_object_get(command, "ask"))
        say(json_pack("{s:I}", "in_flight", (json_int_t)dispatcher_in_flight(dispatcher)));
    else
        close_and_tell();
    json_decref(command);
    return dispatcher != NULL;
}

static void tell_outcomes(void)
{
    static const char *const words[] = { "done", "later", "refused" };
    struct outcome outcome;
    int answer;

    while ((answer = dispatcher_take(dispatcher, &outcome)) == 1)
        say(json_pack("{s:{s:s, s:I, s:s, s:i, s:b, s:b, s:I, s:s}}", "outcome", "id", outcome.id,
                      "attempt", (json_int_t)outcome.attempt, "outcome", words[outcome.outcome],
                      "code", outcome.code, "ambiguous", outcome.ambiguous, "needs_operator",
                      outcome.needs_operator, "retry_after_s", (json_int_t)outcome.retry_after_s,
                      "detail", outcome.detail));
    if (answer < 0)
        exit(4);
}

/* The leak check may run while a thread of a resolver or of TLS still ends: what libcrypto holds
 * for it then looks lost, once in hundreds of runs.  Leaks of our own are reported as ever. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcrypto";
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    bool more = true;

    (void)setvbuf(stdin, NULL, _IONBF, 0); /* so that poll() sees what is there */
    while (more || (dispatcher && dispatcher_in_flight(dispatcher) > 0)) {
        zmq_pollitem_t items[] = {
            { .fd = STDIN_FILENO, .events = more ? ZMQ_POLLIN : 0 },
            { .socket = dispatcher ? dispatcher_socket(dispatcher) : NULL, .events = ZMQ_POLLIN },
        };

        if (zmq_poll(items, dispatcher ? 2 : 1, -1) < 0)
            return 4;
        if (more && items[0].revents) {
            more = getline(&line, &size, stdin) > 0;
            if (more && !obey(line))
                break;
        }
        if (dispatcher)
            tell_outcomes();
        else if (!more)
            break;
    }
    free(line);
    dispatcher_close(&dispatcher);
    return 0;
}
