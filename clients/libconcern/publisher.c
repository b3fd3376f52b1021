/* publisher.c - a window of events, sent again until they are answered. */
#include "libconcern/publisher.h"

#include "core/base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HOPELESS_HANDSHAKES = 3,
    LINGER_MS = 1000,
    BUSY_MOST_MS = 60000,
    SLEEP_MOST_MS = 60000,
    EARLIER_MS = 500
};

/* The waits of the wire's contract. */
static const unsigned contract_resend_ms[] = { 5000, 10000, 20000, 40000, 60000 };

static const char hello_correlation[] = "hello";
static const char last_correlation[] = "last";

/* One event under way; free while `bytes` is NULL. */
struct slot {
    char *bytes;
    size_t size;
    json_t *event; /* for its source, id and subject */
    uint64_t number;
    unsigned sends;
    int64_t taken_ms;
    int64_t next_ms; /* when to send it next */
    bool put_off;    /* the daemon said "later": what comes behind it waits as well */
    json_t *later;   /* the last NACK that said "later" */
};

struct publisher {
    struct peer *peer;
    char client[64];
    unsigned window;
    unsigned wait_ms;
    unsigned resend_ms[PUBLISHER_RESEND_MAX];
    size_t resend_count;
    struct slot slots[WIRE_WINDOW];
    size_t under_way;
    uint64_t next_number;
    bool up;
    bool full; /* the socket took no more; wait for room */
    bool wrong_version;
    struct publisher_listener listener;
};

/* Where answers are told, for the time of one call. */
struct telling {
    publisher_tell *tell;
    void *context;
    size_t count;
};

static int64_t now_ms(void);
static int turn(struct publisher *publisher, struct telling *telling);
static void look_at_connection(struct publisher *publisher);
static void say_hello(struct publisher *publisher);
static void send_due(struct publisher *publisher);
static bool is_held_back(const struct publisher *publisher, const struct slot *slot, int64_t now);
static bool send_slot(struct publisher *publisher, struct slot *slot, int64_t now);
static void expire(struct publisher *publisher, struct telling *telling);
static bool is_hopeless(const struct publisher *publisher);
static long sleep_ms(const struct publisher *publisher, int64_t until_ms);
static void take_answer(struct publisher *publisher, struct peer_message *message,
                        struct telling *telling);
static void take_last(const struct publisher *publisher, struct peer_message *message);
static void take_welcome(struct publisher *publisher, const json_t *body);
static void take_nack(struct publisher *publisher, struct slot *slot, json_t *body,
                      struct telling *telling);
static void take_busy(struct slot *slot, const json_t *body);
static struct slot *slot_of(struct publisher *publisher, const char *correlation);
static bool is_about(const struct slot *slot, const json_t *body);
static bool waits_for_earlier(const struct publisher *publisher, const struct slot *slot);
static void tell_slot(struct publisher *publisher, struct slot *slot,
                      enum publisher_outcome outcome, const json_t *answer,
                      struct telling *telling);
static void free_slot(struct slot *slot);
static const char *text_of(const json_t *object, const char *name);

int publisher_open(const struct publisher_settings *settings, struct publisher **publisher_p)
{
    struct publisher *publisher = calloc(1, sizeof *publisher);
    const unsigned *resend = settings->resend_ms ? settings->resend_ms : contract_resend_ms;
    size_t count = settings->resend_ms ? settings->resend_count : COUNT_OF(contract_resend_ms);
    int error;

    if (!publisher)
        return -ENOMEM;
    if (count == 0 || count > PUBLISHER_RESEND_MAX)
        error = -EINVAL;
    else
        error =
            peer_open(settings->endpoint, settings->server_key, settings->pair, &publisher->peer);
    if (error) {
        free(publisher);
        return error;
    }
    memcpy(publisher->resend_ms, resend, count * sizeof *resend);
    publisher->resend_count = count;
    publisher->wait_ms = settings->wait_ms;
    publisher->window =
        settings->window && settings->window < WIRE_WINDOW ? settings->window : WIRE_WINDOW;
    publisher->listener = settings->listener;
    snprintf(publisher->client, sizeof publisher->client, "%s", settings->client);
    *publisher_p = publisher;
    return PUBLISHER_OK;
}

int publisher_send(struct publisher *publisher, const char *json, size_t size, uint64_t *number)
{
    struct slot *slot = publisher->slots;
    json_t *event;

    if (size > WIRE_BODY_MAX)
        return PUBLISHER_TOO_LARGE;
    if (publisher->under_way >= publisher->window)
        return PUBLISHER_FULL;
    event = json_loadb(json, size, 0, NULL);
    if (!*text_of(event, "source") || !*text_of(event, "id")) {
        json_decref(event);
        return PUBLISHER_NO_EVENT;
    }
    while (slot->bytes)
        slot++;
    *slot = (struct slot){ .bytes = malloc(size), .size = size, .event = event };
    if (!slot->bytes) {
        free_slot(slot);
        return -ENOMEM;
    }
    memcpy(slot->bytes, json, size);
    slot->number = publisher->next_number++;
    slot->taken_ms = now_ms();
    publisher->under_way++;
    if (number)
        *number = slot->number;
    look_at_connection(publisher);
    if (publisher->up && !publisher->full)
        send_due(publisher);
    return PUBLISHER_OK;
}

/* Before anything is sent: an event that goes out over a new connection before those that the old
 * one lost would overtake them. */
static void look_at_connection(struct publisher *publisher)
{
    if (peer_came_up(publisher->peer))
        say_hello(publisher);
    publisher->up = peer_trouble(publisher->peer, NULL) == PEER_FINE;
}

int publisher_wait(struct publisher *publisher, unsigned wait_ms, publisher_tell *tell,
                   void *context)
{
    struct telling telling = { .tell = tell, .context = context };
    int64_t until_ms = now_ms() + wait_ms;
    int error;

    for (;;) {
        if ((error = turn(publisher, &telling)) < 0)
            return error;
        if (telling.count > 0 || publisher->under_way == 0)
            return PUBLISHER_OK;
        if (is_hopeless(publisher))
            return PUBLISHER_HOPELESS;
        if (now_ms() >= until_ms)
            return PUBLISHER_TIME_OUT;
        error = peer_sleep(publisher->peer, publisher->up && publisher->full,
                           sleep_ms(publisher, until_ms));
        if (error < 0)
            return error;
    }
}

static int turn(struct publisher *publisher, struct telling *telling)
{
    struct peer_message message;
    int answer;

    look_at_connection(publisher);
    publisher->full = false;
    while ((answer = peer_receive(publisher->peer, &message)) == PEER_OK) {
        take_answer(publisher, &message, telling);
        peer_message_close(&message);
    }
    expire(publisher, telling);
    look_at_connection(publisher);
    if (publisher->up)
        send_due(publisher);
    return answer < 0 ? answer : 0;
}

/* What was under way on an earlier connection may be lost: all is due again. */
static void say_hello(struct publisher *publisher)
{
    char body[128];
    int size = snprintf(body, sizeof body, "{\"versions\":[%d],\"client\":\"%s\"}", WIRE_VERSION,
                        publisher->client);

    peer_send(publisher->peer, WIRE_HELLO, hello_correlation, body, (size_t)size);
    for (size_t i = 0; i < WIRE_WINDOW; i++)
        publisher->slots[i].next_ms = 0;
    if (publisher->listener.came_up)
        publisher->listener.came_up(publisher->listener.context);
}

/* In the order of their numbers: a raise goes before what speaks of it. */
static void send_due(struct publisher *publisher)
{
    int64_t now = now_ms();
    uint64_t after = 0;

    for (size_t sent = 0; sent < publisher->under_way; sent++) {
        struct slot *next = NULL;

        for (size_t i = 0; i < WIRE_WINDOW; i++) {
            struct slot *slot = &publisher->slots[i];

            if (slot->bytes && slot->next_ms <= now && slot->number >= after &&
                (!next || slot->number < next->number) && !is_held_back(publisher, slot, now))
                next = slot;
        }
        if (!next || !send_slot(publisher, next, now))
            return;
        after = next->number + 1;
    }
}

/* An event does not overtake one of its source that the daemon has put off: it would be taken for
 * the sign that the other is lost. */
static bool is_held_back(const struct publisher *publisher, const struct slot *slot, int64_t now)
{
    const char *source = text_of(slot->event, "source");

    for (size_t i = 0; i < WIRE_WINDOW; i++) {
        const struct slot *other = &publisher->slots[i];

        if (other->bytes && other->put_off && other->number < slot->number &&
            other->next_ms > now && !strcmp(text_of(other->event, "source"), source))
            return true;
    }
    return false;
}

static bool send_slot(struct publisher *publisher, struct slot *slot, int64_t now)
{
    char correlation[WIRE_CORRELATION_MAX + 1];
    size_t step;

    snprintf(correlation, sizeof correlation, "%" PRIu64, slot->number);
    if (peer_send(publisher->peer, WIRE_EVENT, correlation, slot->bytes, slot->size) != PEER_OK) {
        publisher->full = true;
        return false;
    }
    step = slot->sends < publisher->resend_count ? slot->sends : publisher->resend_count - 1;
    slot->sends++;
    slot->put_off = false;
    slot->next_ms = now + publisher->resend_ms[step];
    return true;
}

static void expire(struct publisher *publisher, struct telling *telling)
{
    int64_t now = now_ms();

    for (size_t i = 0; publisher->wait_ms && i < WIRE_WINDOW; i++) {
        struct slot *slot = &publisher->slots[i];

        if (slot->bytes && now - slot->taken_ms >= publisher->wait_ms)
            tell_slot(publisher, slot, PUBLISHER_UNANSWERED, slot->later, telling);
    }
}

int publisher_ask_last(struct publisher *publisher, const char *source)
{
    struct answer_query query = { 0 };
    char *body;
    int answer;

    snprintf(query.source, sizeof query.source, "%s", source);
    if ((answer = answer_write_query(&query, &body)) < 0)
        return answer;
    answer = peer_send(publisher->peer, WIRE_LAST, last_correlation, body, strlen(body));
    free(body);
    return answer == PEER_NOT_NOW ? PUBLISHER_FULL : answer;
}

void publisher_descriptors(struct publisher *publisher, int descriptors[2])
{
    peer_descriptors(publisher->peer, descriptors);
}

long publisher_due_ms(struct publisher *publisher)
{
    if (peer_is_pending(publisher->peer, publisher->up && publisher->full))
        return 0;
    return sleep_ms(publisher, now_ms() + SLEEP_MOST_MS);
}

static bool is_hopeless(const struct publisher *publisher)
{
    unsigned failures;
    enum peer_trouble trouble = peer_trouble(publisher->peer, &failures);

    return publisher->wrong_version || trouble == PEER_NOT_ADMITTED ||
           (trouble == PEER_HANDSHAKE && failures >= HOPELESS_HANDSHAKES);
}

static long sleep_ms(const struct publisher *publisher, int64_t until_ms)
{
    int64_t now = now_ms();
    int64_t wake = until_ms < now + SLEEP_MOST_MS ? until_ms : now + SLEEP_MOST_MS;

    for (size_t i = 0; i < WIRE_WINDOW; i++) {
        const struct slot *slot = &publisher->slots[i];
        int64_t end = slot->taken_ms + publisher->wait_ms;

        if (!slot->bytes)
            continue;
        if (publisher->wait_ms && end < wake)
            wake = end;
        if (publisher->up && !publisher->full && slot->next_ms < wake &&
            !is_held_back(publisher, slot, now))
            wake = slot->next_ms;
    }
    return wake > now ? (long)(wake - now) : 0;
}

static void take_answer(struct publisher *publisher, struct peer_message *message,
                        struct telling *telling)
{
    struct slot *slot = slot_of(publisher, message->correlation);
    json_t *body = json_loadb(zmq_msg_data(&message->body), zmq_msg_size(&message->body), 0, NULL);

    if (!strcmp(message->correlation, last_correlation)) {
        take_last(publisher, message);
    } else if (!strcmp(message->correlation, hello_correlation)) {
        if (message->command == WIRE_WELCOME)
            take_welcome(publisher, body);
        else if (message->command == WIRE_NACK && !strcmp(text_of(body, "code"), WIRE_CODE_VERSION))
            publisher->wrong_version = true;
    } else if (slot && json_is_object(body) && is_about(slot, body)) {
        if (message->command == WIRE_ACK)
            tell_slot(publisher, slot, PUBLISHER_ACKNOWLEDGED, body, telling);
        else if (message->command == WIRE_NACK)
            take_nack(publisher, slot, body, telling);
        else if (message->command == WIRE_BUSY)
            take_busy(slot, body);
    }
    json_decref(body);
}

/* A refusal says nothing new: the source's events are refused as well. */
static void take_last(const struct publisher *publisher, struct peer_message *message)
{
    const struct publisher_listener *listener = &publisher->listener;
    struct answer_last last;

    if (message->command == WIRE_ACK && listener->last &&
        answer_read_last(zmq_msg_data(&message->body), zmq_msg_size(&message->body), &last) ==
            ANSWER_OK)
        listener->last(listener->context, &last);
}

static void take_welcome(struct publisher *publisher, const json_t *body)
{
    json_int_t window = json_integer_value(json_object_get(body, "window"));

    if (window > 0 && window < publisher->window)
        publisher->window = (unsigned)window;
}

static void take_nack(struct publisher *publisher, struct slot *slot, json_t *body,
                      struct telling *telling)
{
    const char *code = text_of(body, "code");
    bool later = wire_code_is_retryable(code) ||
                 (!strcmp(code, WIRE_CODE_UNKNOWN) && waits_for_earlier(publisher, slot));

    if (!later) {
        tell_slot(publisher, slot, PUBLISHER_REFUSED, body, telling);
        return;
    }
    json_decref(slot->later);
    slot->later = json_incref(body);
    take_busy(slot, body);
    /* What it waits for is on its way already. */
    if (!strcmp(code, WIRE_CODE_UNKNOWN) && slot->next_ms > now_ms() + EARLIER_MS)
        slot->next_ms = now_ms() + EARLIER_MS;
}

/* A pause the daemon asks for goes before our own; without one ours stands. */
static void take_busy(struct slot *slot, const json_t *body)
{
    const json_t *pause = json_object_get(body, "retry_after_ms");
    json_int_t ms = json_integer_value(pause);

    slot->put_off = true;
    if (!json_is_integer(pause) || ms < 0)
        return;
    slot->next_ms = now_ms() + (ms < BUSY_MOST_MS ? ms : BUSY_MOST_MS);
}

static struct slot *slot_of(struct publisher *publisher, const char *correlation)
{
    char text[WIRE_CORRELATION_MAX + 1];

    for (size_t i = 0; i < WIRE_WINDOW; i++) {
        struct slot *slot = &publisher->slots[i];

        if (!slot->bytes)
            continue;
        snprintf(text, sizeof text, "%" PRIu64, slot->number);
        if (!strcmp(text, correlation))
            return slot;
    }
    return NULL;
}

/* An answer that names another event is none to this one. */
static bool is_about(const struct slot *slot, const json_t *body)
{
    const char *source = text_of(body, "source");
    const char *id = text_of(body, "id");

    return (!*source || !strcmp(source, text_of(slot->event, "source"))) &&
           (!*id || !strcmp(id, text_of(slot->event, "id")));
}

/* Whether an earlier event of the same disagreement is still under way: it may be
 * the raise that this one is told to be missing. */
static bool waits_for_earlier(const struct publisher *publisher, const struct slot *slot)
{
    const char *subject = text_of(slot->event, "subject");

    for (size_t i = 0; i < WIRE_WINDOW; i++) {
        const struct slot *other = &publisher->slots[i];

        if (other->bytes && other->number < slot->number &&
            !strcmp(text_of(other->event, "subject"), subject))
            return true;
    }
    return false;
}

static void tell_slot(struct publisher *publisher, struct slot *slot,
                      enum publisher_outcome outcome, const json_t *answer, struct telling *telling)
{
    struct publisher_told told = {
        .number = slot->number,
        .outcome = outcome,
        .source = text_of(slot->event, "source"),
        .id = text_of(slot->event, "id"),
        .code = text_of(answer, "code"),
        .reason = text_of(answer, "reason"),
        .sends = slot->sends,
        .event = slot->event,
        .answer = answer,
    };

    telling->tell(telling->context, &told);
    telling->count++;
    free_slot(slot);
    publisher->under_way--;
}

void publisher_give_up(struct publisher *publisher, publisher_tell *tell, void *context)
{
    struct telling telling = { .tell = tell, .context = context };

    for (size_t i = 0; i < WIRE_WINDOW; i++)
        if (publisher->slots[i].bytes)
            tell_slot(publisher, &publisher->slots[i], PUBLISHER_UNANSWERED,
                      publisher->slots[i].later, &telling);
}

size_t publisher_under_way(const struct publisher *publisher)
{
    return publisher->under_way;
}

const char *publisher_trouble(const struct publisher *publisher)
{
    if (publisher->wrong_version)
        return "the daemon does not speak this version of the wire";
    switch (peer_trouble(publisher->peer, NULL)) {
    case PEER_CONNECTING:
        return "no connection yet";
    case PEER_UNREACHABLE:
        return "nobody listens there, or the connection was lost";
    case PEER_HANDSHAKE:
        return "the connection is closed during the handshake: the server key is not that daemon's";
    case PEER_NOT_ADMITTED:
        return "the daemon does not admit this client key: it is not in its keyring, or not live";
    case PEER_FINE:
    default:
        return NULL;
    }
}

void publisher_close(struct publisher **publisher_p)
{
    struct publisher *publisher = *publisher_p;

    if (!publisher)
        return;
    for (size_t i = 0; i < WIRE_WINDOW; i++)
        free_slot(&publisher->slots[i]);
    peer_close(&publisher->peer, LINGER_MS);
    free(publisher);
    *publisher_p = NULL;
}

static void free_slot(struct slot *slot)
{
    free(slot->bytes);
    json_decref(slot->event);
    json_decref(slot->later);
    *slot = (struct slot){ 0 };
}

static int64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}
