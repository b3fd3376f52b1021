/* publish.c - brings events to a daemon as fast as it takes them, and says how fast that was.
 *
 * Bare libzmq, so that the two cores go to the daemon and not to its client.  Every event is
 * sent once and must be acknowledged; the numbers of those that were go to a file, so that
 * whoever started this can look for each of them in the store.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "libconcern/keyfile.h"
#include "protocol/wire.h"

enum {
    CONNECTIONS_MAX = 16,
    BODY_SIZE = 4096,        /* of an event */
    FRAME_SIZE = 128 * 1024, /* room for a batch, and for its answer */
    ANSWER_WAIT_MS = 60000,
};

struct run {
    char template[BODY_SIZE];
    uint64_t count;    /* events in all */
    uint64_t first;    /* the number of the first */
    uint64_t subjects; /* disagreements they are spread over */
    uint64_t batch;    /* events of a message; 1: each by itself */
    uint64_t sent, answered;
    int64_t *sent_ns; /* by event; once answered, how long that took */
    FILE *acknowledged;
    void *sockets[CONNECTIONS_MAX];
    size_t socket_count;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fail(const char *why, const char *what)
{
    fprintf(stderr, "publish: %s: %s\n", why, what);
    exit(1);
}

static uint64_t number_of(const char *text)
{
    uint64_t number = 0;

    if (!*text)
        fail("not a number", text);
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9')
            fail("not a number", text);
        number = number * 10 + (uint64_t)(*at - '0');
    }
    return number;
}

/* '@' is the event's number, '#' the disagreement's. */
static size_t write_event(const struct run *run, uint64_t number, char *body)
{
    size_t size = 0;

    for (const char *at = run->template; *at; at++) {
        if (*at == '@')
            size += (size_t)snprintf(body + size, BODY_SIZE - size, "%" PRIu64, number);
        else if (*at == '#')
            size +=
                (size_t)snprintf(body + size, BODY_SIZE - size, "%" PRIu64, number % run->subjects);
        else
            body[size++] = *at;
        if (size > BODY_SIZE - 32)
            fail("the event is too large", run->template);
    }
    return size;
}

/* The next message's events, as EVENT or as BATCH. */
static size_t write_body(const struct run *run, uint64_t count, char *body)
{
    size_t size = 0;

    if (run->batch == 1)
        return write_event(run, run->first + run->sent, body);
    for (uint64_t i = 0; i < count; i++) {
        body[size++] = i ? ',' : '[';
        size += write_event(run, run->first + run->sent + i, body + size);
    }
    body[size++] = ']';
    if (size > WIRE_BODY_MAX)
        fail("the batch is too large", run->template);
    return size;
}

static void send_next(struct run *run, void *socket)
{
    static char body[WIRE_BATCH_MAX * BODY_SIZE + 2];
    const char *command = run->batch == 1 ? "EVENT" : "BATCH";
    char correlation[32];
    uint64_t left = run->count - run->sent;
    uint64_t count = left < run->batch ? left : run->batch;
    size_t size;

    if (count == 0)
        return;
    size = write_body(run, count, body);
    snprintf(correlation, sizeof correlation, "%" PRIu64, run->sent);
    for (uint64_t i = 0; i < count; i++)
        run->sent_ns[run->sent + i] = now_ns();
    if (zmq_send(socket, WIRE_MAGIC, WIRE_MAGIC_SIZE, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, command, 5, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, correlation, strlen(correlation), ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, body, size, 0) < 0)
        fail("cannot send", zmq_strerror(zmq_errno()));
    run->sent += count;
}

/* One answer; false where none is there. */
static bool take_answer(struct run *run, void *socket)
{
    static char frames[4][FRAME_SIZE];
    uint64_t place;

    for (size_t i = 0; i < 4; i++) {
        int size = zmq_recv(socket, frames[i], FRAME_SIZE - 1, ZMQ_DONTWAIT);

        if (size < 0 && i == 0)
            return false;
        if (size < 0 || size >= FRAME_SIZE)
            fail("cannot receive", zmq_strerror(zmq_errno()));
        frames[i][size] = '\0';
    }
    if (strcmp(frames[1], "ACK") != 0)
        fail("not acknowledged", frames[3]);
    place = number_of(frames[2]);
    if (place >= run->sent)
        fail("an answer to nothing", frames[2]);
    for (uint64_t end = place + run->batch; place < end && place < run->sent; place++) {
        run->sent_ns[place] = now_ns() - run->sent_ns[place];
        fprintf(run->acknowledged, "%" PRIu64 "\n", run->first + place);
        run->answered++;
    }
    return true;
}

static void *connect_to(void *context, const char *endpoint, const char *server_key,
                        const struct key_pair *pair)
{
    void *socket = zmq_socket(context, ZMQ_DEALER);
    int linger = 0;

    if (!socket || zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, strlen(server_key) + 1) ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, pair->public_key, WIRE_KEY_TEXT + 1) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, WIRE_KEY_TEXT + 1) ||
        zmq_connect(socket, endpoint))
        fail("cannot connect", zmq_strerror(zmq_errno()));
    return socket;
}

/* The handshake is not what is measured: a PING and its PONG come first. */
static void greet(void *socket)
{
    char frame[BODY_SIZE];
    zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
    int64_t more = 1;
    size_t size = sizeof more;

    if (zmq_send(socket, WIRE_MAGIC, WIRE_MAGIC_SIZE, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, "PING", 4, ZMQ_SNDMORE) < 0 || zmq_send(socket, "0", 1, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, "{}", 2, 0) < 0 || zmq_poll(&item, 1, ANSWER_WAIT_MS) != 1)
        fail("no answer to PING", zmq_strerror(zmq_errno()));
    while (more) {
        int flag = 0;

        zmq_recv(socket, frame, sizeof frame, 0);
        size = sizeof flag;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &flag, &size);
        more = flag;
    }
}

static void publish(struct run *run, uint64_t in_flight)
{
    zmq_pollitem_t items[CONNECTIONS_MAX];

    for (uint64_t i = 0; i < in_flight; i++)
        send_next(run, run->sockets[i % run->socket_count]);
    while (run->answered < run->count) {
        for (size_t i = 0; i < run->socket_count; i++)
            items[i] = (zmq_pollitem_t){ .socket = run->sockets[i], .events = ZMQ_POLLIN };
        if (zmq_poll(items, (int)run->socket_count, ANSWER_WAIT_MS) <= 0)
            fail("no answer", "within a minute");
        for (size_t i = 0; i < run->socket_count; i++)
            while (take_answer(run, run->sockets[i]))
                send_next(run, run->sockets[i]);
    }
}

static int compare(const void *one, const void *other)
{
    int64_t a, b;

    memcpy(&a, one, sizeof a);
    memcpy(&b, other, sizeof b);
    return (a > b) - (a < b);
}

static void read_template(struct run *run, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(run->template, 1, sizeof run->template - 1, file) : 0;

    if (size == 0)
        fail("cannot read", path);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct run run = { 0 };
    struct key_pair pair, server;
    uint64_t in_flight;
    void *context = zmq_ctx_new();
    int64_t began;
    double seconds;

    if (argc != 11) {
        fputs("usage: publish ENDPOINT SERVER_KEY KEY_FILE TEMPLATE FIRST COUNT SUBJECTS IN_FLIGHT "
              "ACKNOWLEDGED_FILE BATCH\n",
              stderr);
        return 2;
    }
    if (keyfile_read(argv[2], stderr, &server) != KEYFILE_OK ||
        keyfile_read(argv[3], stderr, &pair) != KEYFILE_OK)
        return 1;
    read_template(&run, argv[4]);
    run.first = number_of(argv[5]);
    run.count = number_of(argv[6]);
    run.subjects = number_of(argv[7]);
    in_flight = number_of(argv[8]); /* messages */
    run.batch = number_of(argv[10]);
    run.acknowledged = fopen(argv[9], "a");
    run.sent_ns = calloc(run.count, sizeof *run.sent_ns);
    if (!run.acknowledged || !run.sent_ns || run.subjects == 0 || in_flight == 0 ||
        run.batch == 0 || run.batch > WIRE_BATCH_MAX)
        fail("cannot begin", argv[9]);
    /* A publisher has at most WIRE_WINDOW events under way: more in flight are more publishers. */
    run.socket_count = (size_t)((in_flight + WIRE_WINDOW - 1) / WIRE_WINDOW);
    if (run.socket_count > CONNECTIONS_MAX)
        fail("too many in flight", argv[8]);
    for (size_t i = 0; i < run.socket_count; i++) {
        run.sockets[i] = connect_to(context, argv[1], server.public_key, &pair);
        greet(run.sockets[i]);
    }
    began = now_ns();
    publish(&run, in_flight < run.count ? in_flight : run.count);
    seconds = (double)(now_ns() - began) / 1e9;
    if (fclose(run.acknowledged) != 0)
        fail("cannot write", argv[9]);
    qsort(run.sent_ns, run.count, sizeof *run.sent_ns, compare);
    printf("{\"count\":%" PRIu64 ",\"in_flight\":%" PRIu64 ",\"seconds\":%.4f,\"rate\":%.1f,"
           "\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"most_ms\":%.4f}\n",
           run.count, in_flight, seconds, (double)run.count / seconds,
           (double)run.sent_ns[run.count / 2] / 1e6,
           (double)run.sent_ns[run.count * 99 / 100] / 1e6,
           (double)run.sent_ns[run.count - 1] / 1e6);
    for (size_t i = 0; i < run.socket_count; i++)
        zmq_close(run.sockets[i]);
    zmq_ctx_term(context);
    free(run.sent_ns);
    return 0;
}
