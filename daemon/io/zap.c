/* zap.c - who may connect: the ZAP handler (RFC 27). */
#include "io/zap.h"
#include "io/journal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <zmq.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

enum {
    FRAME_MAX = 255,    /* bytes of a frame of ZAP that are looked at */
    REQUEST_FRAMES = 7, /* version, id, domain, address, identity, mechanism, key */
    ANSWER_WAIT_MS = 2000,
    TELL_EVERY_MS = 1000, /* one line about refused keys at most so often */
    DOMAIN_MAX = 63
};

/* Front and handler speak over a PAIR: an order is one letter and a number that
 * comes back with the answer, so that a late answer is never taken for the next. */
enum order {
    ORDER_KEYS = 'K', /* and the keys, 32 bytes each, in a second frame */
    ORDER_ASK = 'A',
    ORDER_EXPECT = 'E', /* and a key, in a second frame, that will knock and be refused */
    ORDER_STOP = 'S'
};

struct order_frame {
    uint64_t number;
    enum order order;
};

struct answer_frame {
    uint64_t number;
    uint64_t admitted;
    uint64_t refused;
};

struct zap {
    void *front;
    pthread_t thread;
    bool started;
    uint64_t number;
};

/* Everything of the thread; nobody else sees it. */
struct handler {
    void *orders;
    void *requests;
    char domain[DOMAIN_MAX + 1];
    zap_tell *tell;
    void *tell_context;
    uint8_t (*keys)[WIRE_KEY_SIZE]; /* ascending */
    size_t count;
    uint8_t expected[WIRE_KEY_SIZE]; /* refused as any other, without a word */
    struct answer_frame counts;
    int64_t told_ms;
    uint64_t untold;
    bool stopping;
};

struct frame {
    size_t size; /* as it came; more than FRAME_MAX is never equal to anything */
    uint8_t bytes[FRAME_MAX + 1];
};

static int start_thread(struct zap *zap, struct handler *handler);
static void *handler_run(void *argument);
static void handler_close(struct handler *handler);
static void take_order(struct handler *handler);
static void take_keys(struct handler *handler, bool are_new);
static void take_request(struct handler *handler);
static const char *judge(struct handler *handler, const struct frame *frames, size_t count);
static void reply(struct handler *handler, const struct frame *id, const char *status,
                  const char *user);
static void tell_refusal(struct handler *handler, const char *key);
static int give_order(struct zap *zap, enum order order, const void *keys, size_t size, int wait_ms,
                      struct answer_frame *answer);
static int64_t monotonic_ms(void);
static bool is_text(const struct frame *frame, const char *text);
static bool is_expected(const struct handler *handler, const struct frame *key);

int zap_open(void *context, const char *domain, zap_tell *tell, void *tell_context,
             struct zap **zap_p)
{
    CLEANUP(zap_close) struct zap *zap = calloc(1, sizeof *zap);
    struct handler *handler = calloc(1, sizeof *handler);
    char endpoint[64];
    int linger = 0;

    if (!zap || !handler || strlen(domain) > DOMAIN_MAX) {
        free(handler);
        return zap ? -EINVAL : -ENOMEM;
    }
    memcpy(handler->domain, domain, strlen(domain) + 1);
    handler->tell = tell ? tell : zap_tell_journal;
    handler->tell_context = tell_context;
    snprintf(endpoint, sizeof endpoint, "inproc://concernd.zap.%p", (void *)zap);
    zap->front = zmq_socket(context, ZMQ_PAIR);
    handler->orders = zmq_socket(context, ZMQ_PAIR);
    handler->requests = zmq_socket(context, ZMQ_REP);
    if (!zap->front || !handler->orders || !handler->requests ||
        zmq_setsockopt(zap->front, ZMQ_LINGER, &linger, sizeof linger) ||
        zmq_setsockopt(handler->orders, ZMQ_LINGER, &linger, sizeof linger) ||
        zmq_setsockopt(handler->requests, ZMQ_LINGER, &linger, sizeof linger) ||
        zmq_bind(zap->front, endpoint) || zmq_connect(handler->orders, endpoint) ||
        zmq_bind(handler->requests, ZAP_ENDPOINT)) {
        int error = zmq_errno();

        handler->tell(tell_context, LOG_CRIT, "the handler of handshakes cannot be set up");
        handler_close(handler);
        return -error;
    }
    if (start_thread(zap, handler) < 0) {
        handler_close(handler);
        return -EAGAIN;
    }
    *zap_p = zap;
    zap = NULL;
    return 0;
}

/* Signals are the engine's: this thread is born with all of them blocked.  The
 * sockets cross to it; a thread's start is the full fence libzmq asks for. */
static int start_thread(struct zap *zap, struct handler *handler)
{
    sigset_t all;
    sigset_t before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&zap->thread, NULL, handler_run, handler);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    zap->started = error == 0;
    return -error;
}

void zap_close(struct zap **zap_p)
{
    struct zap *zap = *zap_p;

    if (!zap)
        return;
    if (zap->started) {
        struct order_frame order = { .order = ORDER_STOP };

        /* When the context is gone the thread has seen it too, and has ended. */
        zmq_send(zap->front, &order, sizeof order, 0);
        pthread_join(zap->thread, NULL);
    }
    if (zap->front)
        zmq_close(zap->front);
    free(zap);
    *zap_p = NULL;
}

int zap_set_keys(struct zap *zap, const struct keyring *keyring, struct instant now)
{
    size_t most = keyring ? keyring_count(keyring) : 0;
    uint8_t(*keys)[WIRE_KEY_SIZE] = calloc(most + 1, sizeof *keys);
    struct answer_frame answer;
    size_t count = 0;
    int error;

    if (!keys)
        return -ENOMEM;
    for (size_t i = 0; i < most; i++) {
        const char *key = keyring_at(keyring, i)->key;

        if (keyring_live(keyring, key, now) && zmq_z85_decode(keys[count], key))
            count++;
    }
    error = give_order(zap, ORDER_KEYS, keys, count * sizeof *keys, ANSWER_WAIT_MS, &answer);
    free(keys);
    return error;
}

bool zap_is_alive(struct zap *zap, int wait_ms)
{
    struct answer_frame answer;

    return give_order(zap, ORDER_ASK, NULL, 0, wait_ms, &answer) == 0;
}

bool zap_expect(struct zap *zap, const char *key, int wait_ms)
{
    struct answer_frame answer;
    uint8_t bytes[WIRE_KEY_SIZE];

    return zmq_z85_decode(bytes, key) &&
           give_order(zap, ORDER_EXPECT, bytes, sizeof bytes, wait_ms, &answer) == 0;
}

bool zap_counts(struct zap *zap, uint64_t *admitted, uint64_t *refused)
{
    struct answer_frame answer;

    if (give_order(zap, ORDER_ASK, NULL, 0, ANSWER_WAIT_MS, &answer) < 0)
        return false;
    *admitted = answer.admitted;
    *refused = answer.refused;
    return true;
}

static int give_order(struct zap *zap, enum order order, const void *keys, size_t size, int wait_ms,
                      struct answer_frame *answer)
{
    struct order_frame frame = { .number = ++zap->number, .order = order };
    int64_t until = monotonic_ms() + wait_ms;
    int64_t left = wait_ms;

    if (zmq_send(zap->front, &frame, sizeof frame, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
        zmq_send(zap->front, keys, size, ZMQ_DONTWAIT) < 0)
        return -zmq_errno();
    while (left > 0) {
        zmq_pollitem_t item = { .socket = zap->front, .events = ZMQ_POLLIN };

        if (zmq_poll(&item, 1, left) < 0 && zmq_errno() != EINTR)
            return -zmq_errno();
        if (zmq_recv(zap->front, answer, sizeof *answer, ZMQ_DONTWAIT) == sizeof *answer &&
            answer->number == frame.number)
            return 0;
        left = until - monotonic_ms();
    }
    return -ETIMEDOUT;
}

static void *handler_run(void *argument)
{
    struct handler *handler = argument;

    while (!handler->stopping) {
        zmq_pollitem_t items[] = { { .socket = handler->orders, .events = ZMQ_POLLIN },
                                   { .socket = handler->requests, .events = ZMQ_POLLIN } };

        if (zmq_poll(items, 2, -1) < 0) {
            handler->stopping = zmq_errno() != EINTR;
            continue;
        }
        if (items[0].revents)
            take_order(handler);
        if (items[1].revents && !handler->stopping)
            take_request(handler);
    }
    handler_close(handler);
    return NULL;
}

static void handler_close(struct handler *handler)
{
    if (handler->orders)
        zmq_close(handler->orders);
    if (handler->requests)
        zmq_close(handler->requests);
    free(handler->keys);
    free(handler);
}

static void take_order(struct handler *handler)
{
    struct order_frame order;

    if (zmq_recv(handler->orders, &order, sizeof order, ZMQ_DONTWAIT) != sizeof order)
        return;
    if (order.order == ORDER_STOP) {
        handler->stopping = true;
        return;
    }
    if (order.order == ORDER_EXPECT)
        zmq_recv(handler->orders, handler->expected, sizeof handler->expected, ZMQ_DONTWAIT);
    else
        take_keys(handler, order.order == ORDER_KEYS);
    if (order.order != ORDER_KEYS || handler->keys) {
        handler->counts.number = order.number;
        zmq_send(handler->orders, &handler->counts, sizeof handler->counts, ZMQ_DONTWAIT);
    }
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, WIRE_KEY_SIZE);
}

/* A set that cannot be kept leaves no set at all, and the order unanswered. */
static void take_keys(struct handler *handler, bool are_new)
{
    zmq_msg_t message;

    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, handler->orders, ZMQ_DONTWAIT) >= 0 && are_new) {
        size_t count = zmq_msg_size(&message) / WIRE_KEY_SIZE;

        free(handler->keys);
        handler->keys = calloc(count + 1, sizeof *handler->keys);
        handler->count = handler->keys ? count : 0;
        if (handler->count > 0) {
            memcpy(handler->keys, zmq_msg_data(&message), count * WIRE_KEY_SIZE);
            qsort(handler->keys, count, WIRE_KEY_SIZE, compare_keys);
        }
    }
    zmq_msg_close(&message);
}

/* A REP must answer what it has read, whatever it was, or it is stuck for ever. */
static void take_request(struct handler *handler)
{
    struct frame frames[REQUEST_FRAMES] = { 0 };
    char user[WIRE_KEY_TEXT + 1] = "";
    size_t count = 0;
    int more = 1;
    size_t more_size = sizeof more;

    while (more) {
        struct frame spare;
        struct frame *frame = count < REQUEST_FRAMES ? &frames[count] : &spare;
        int size = zmq_recv(handler->requests, frame->bytes, FRAME_MAX, 0);

        if (size < 0)
            return;
        frame->size = (size_t)size;
        count++;
        if (zmq_getsockopt(handler->requests, ZMQ_RCVMORE, &more, &more_size) < 0)
            return;
    }
    const char *status = judge(handler, frames, count);

    if (count == REQUEST_FRAMES && frames[6].size == WIRE_KEY_SIZE)
        zmq_z85_encode(user, frames[6].bytes, WIRE_KEY_SIZE);
    if (strcmp(status, "200") != 0) {
        if (!is_expected(handler, &frames[6])) {
            handler->counts.refused++;
            tell_refusal(handler, user);
        }
        user[0] = '\0';
    } else {
        handler->counts.admitted++;
    }
    reply(handler, &frames[1], status, user);
}

static const char *judge(struct handler *handler, const struct frame *frames, size_t count)
{
    if (count != REQUEST_FRAMES || !is_text(&frames[0], "1.0") || frames[1].size > FRAME_MAX)
        return "500";
    if (!is_text(&frames[2], handler->domain) || !is_text(&frames[5], "CURVE") ||
        frames[6].size != WIRE_KEY_SIZE)
        return "400";
    if (handler->count == 0 ||
        !bsearch(frames[6].bytes, handler->keys, handler->count, WIRE_KEY_SIZE, compare_keys))
        return "400";
    return "200";
}

static void reply(struct handler *handler, const struct frame *id, const char *status,
                  const char *user)
{
    size_t id_size = id->size <= FRAME_MAX ? id->size : 0;

    zmq_send(handler->requests, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(handler->requests, id->bytes, id_size, ZMQ_SNDMORE);
    zmq_send(handler->requests, status, strlen(status), ZMQ_SNDMORE);
    zmq_send(handler->requests, "", 0, ZMQ_SNDMORE);
    zmq_send(handler->requests, user, strlen(user), ZMQ_SNDMORE);
    zmq_send(handler->requests, "", 0, 0);
}

/* Anybody who reaches the port can make this line; so one a second is enough. */
static void tell_refusal(struct handler *handler, const char *key)
{
    int64_t now = monotonic_ms();
    char line[200];

    if (handler->told_ms && now - handler->told_ms < TELL_EVERY_MS) {
        handler->untold++;
        return;
    }
    snprintf(line, sizeof line,
             "handshake refused: key \"%s\" is not live in the keyring (and %llu more before)", key,
             (unsigned long long)handler->untold);
    handler->tell(handler->tell_context, LOG_NOTICE, line);
    handler->told_ms = now;
    handler->untold = 0;
}

void zap_tell_journal(void *context, int priority, const char *line)
{
    (void)context;
    if (priority <= LOG_ERR)
        journal_error(NULL, "%s", line);
    else if (priority == LOG_WARNING)
        journal_warn(NULL, "%s", line);
    else if (priority == LOG_NOTICE)
        journal_notice(NULL, "%s", line);
    else
        journal_info(NULL, "%s", line);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_text(const struct frame *frame, const char *text)
{
    return frame->size == strlen(text) && !memcmp(frame->bytes, text, frame->size);
}

static bool is_expected(const struct handler *handler, const struct frame *key)
{
    return key->size == WIRE_KEY_SIZE && !memcmp(key->bytes, handler->expected, WIRE_KEY_SIZE);
}
