/* bridge.c - the loop between a case system's PUB socket and the outbox. */
#include "bridge/bridge.h"

#include "bridge/aside.h"
#include "bridge/message.h"
#include "libconcern/concern.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define MONITOR_ENDPOINT "inproc://concern-bridge-monitor"

enum {
    BATCH_MAX = 256,      /* messages that share one flush */
    QUEUE_MAX = 2000,     /* messages that wait in our socket */
    MESSAGE_MAX = 262144, /* bytes; what is longer costs the connection */
    TURN_MS = 1000,       /* between two looks at watchdog, status and a full outbox */
    STATUS_S = 5,
    LAST_WORDS_MS = 2000, /* to hear answers when told to stop */
    DRAIN_MAX = 20000     /* messages taken when told to stop */
};

struct bridge {
    const struct bridge_settings *settings;
    void *context, *socket, *monitor;
    int signals;
    struct concern *concern;
    struct aside *aside;
    struct message batch[BATCH_MAX];
    size_t batch_count; /* taken from the socket and not on disk yet */
    struct heard heard;
    uint64_t kept, refused;
    bool connected;
    bool full; /* was told */
    time_t status_at;
};

static int open_all(struct bridge *bridge);
static int open_outbox(struct bridge *bridge);
static int subscribe(struct bridge *bridge);
static int take_signals(void);
static int run(struct bridge *bridge);
static void take(struct bridge *bridge);
static void take_one(struct bridge *bridge, struct message *message);
static int keep(struct bridge *bridge);
static void put_aside(struct bridge *bridge, const void *bytes, size_t size, const char *reason);
static int stop(struct bridge *bridge);
static void close_all(struct bridge *bridge);
static void acknowledged(void *context, const struct concern_acknowledgement *told);
static void refused(void *context, const struct concern_refusal *told);
static int set_refused_aside(void *context, const struct concern_refusal *refusal);
static void trouble(void *context, enum concern_trouble kind, const char *words);
static void look_at_connection(struct bridge *bridge);
static void tell_status(struct bridge *bridge, const char *state);
static void say(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

int bridge_run(const struct bridge_settings *settings)
{
    struct bridge *bridge = calloc(1, sizeof *bridge);
    int answer;

    if (!bridge)
        return BRIDGE_CANNOT;
    bridge->settings = settings;
    bridge->signals = -1;
    answer = open_all(bridge);
    if (answer == BRIDGE_DONE) {
        tell_status(bridge, "READY=1\n");
        say(6, "forwarding %s to %s", settings->subscribe, settings->endpoint);
        answer = run(bridge);
    }
    close_all(bridge);
    free(bridge);
    return answer;
}

/* Signals first: libzmq's threads inherit that they are ours to read. */
static int open_all(struct bridge *bridge)
{
    bridge->signals = take_signals();
    if (bridge->signals < 0) {
        say(3, "signals: %s", strerror(errno));
        return BRIDGE_CANNOT;
    }
    return open_outbox(bridge) || subscribe(bridge) ? BRIDGE_CANNOT : BRIDGE_DONE;
}

static int take_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_outbox(struct bridge *bridge)
{
    const struct bridge_settings *given = bridge->settings;
    char outbox[SETTINGS_TEXT_SIZE + 8];
    struct concern_settings settings = { .endpoint = given->endpoint,
                                         .server_key = given->server_key,
                                         .key = given->key,
                                         .outbox = outbox,
                                         .client = "concern-bridge/" CONCERN_VERSION,
                                         .context = bridge,
                                         .on_acknowledged = acknowledged,
                                         .on_refused = refused,
                                         .on_trouble = trouble };
    int error = mkdir(given->state, 0700) && errno != EEXIST ? -errno : 0;

    snprintf(outbox, sizeof outbox, "%s/outbox", given->state);
    if (!error)
        error = aside_open(given->state, &bridge->aside);
    if (error) {
        say(3, "%s: %s (a directory of our own)", given->state, strerror(-error));
        return error;
    }
    error = concern_open(&settings, &bridge->concern);
    if (error)
        say(3, "%s", concern_open_error());
    /* What was refused and not yet written out when we ended last. */
    else if (concern_refused_list(bridge->concern, set_refused_aside, bridge) != CONCERN_OK)
        say(3, "%s", concern_error(bridge->concern));
    return error;
}

static int subscribe(struct bridge *bridge)
{
    const char *topic = bridge->settings->topic;
    int most = QUEUE_MAX, linger = 0, six = 1;
    int64_t size = MESSAGE_MAX;

    bridge->context = zmq_ctx_new();
    bridge->socket = bridge->context ? zmq_socket(bridge->context, ZMQ_SUB) : NULL;
    bridge->monitor = bridge->socket ? zmq_socket(bridge->context, ZMQ_PAIR) : NULL;
    if (bridge->monitor && !zmq_setsockopt(bridge->socket, ZMQ_RCVHWM, &most, sizeof most) &&
        !zmq_setsockopt(bridge->socket, ZMQ_LINGER, &linger, sizeof linger) &&
        !zmq_setsockopt(bridge->socket, ZMQ_IPV6, &six, sizeof six) &&
        !zmq_setsockopt(bridge->socket, ZMQ_MAXMSGSIZE, &size, sizeof size) &&
        !zmq_setsockopt(bridge->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)) &&
        /* Heartbeats come under a topic of their own. */
        (!*topic || !zmq_setsockopt(bridge->socket, ZMQ_SUBSCRIBE, WIRE_HEARTBEAT_TOPIC,
                                    sizeof WIRE_HEARTBEAT_TOPIC - 1)) &&
        zmq_socket_monitor(bridge->socket, MONITOR_ENDPOINT,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) >= 0 &&
        !zmq_connect(bridge->monitor, MONITOR_ENDPOINT) &&
        !zmq_connect(bridge->socket, bridge->settings->subscribe))
        return 0;
    say(3, "subscribe: %s: %s", bridge->settings->subscribe, zmq_strerror(errno));
    return -EINVAL;
}

static int run(struct bridge *bridge)
{
    for (;;) {
        zmq_pollitem_t items[] = {
            { .fd = bridge->signals, .events = ZMQ_POLLIN },
            { .fd = concern_descriptor(bridge->concern), .events = ZMQ_POLLIN },
            { .socket = bridge->monitor, .events = ZMQ_POLLIN },
            { .socket = bridge->socket, .events = ZMQ_POLLIN },
        };
        /* While the outbox is full nothing more is taken. */
        int count = bridge->batch_count > 0 ? COUNT_OF(items) - 1 : COUNT_OF(items);
        int answer;

        if (zmq_poll(items, count, TURN_MS) < 0 && errno != EINTR)
            return BRIDGE_CANNOT;
        if (items[0].revents)
            return stop(bridge);
        look_at_connection(bridge);
        if (bridge->batch_count == 0)
            take(bridge);
        if ((answer = keep(bridge)) != BRIDGE_DONE)
            return answer;
        answer = concern_turn(bridge->concern);
        if (answer < 0) {
            say(2, "%s", concern_error(bridge->concern));
            return BRIDGE_DISK_FAILED;
        }
        tell_status(bridge, "");
    }
}

/* What is there, up to a batch: it shares one flush. */
static void take(struct bridge *bridge)
{
    struct message message;

    while (bridge->batch_count < BATCH_MAX && message_take(bridge->socket, &message) == MESSAGE_OK)
        take_one(bridge, &message);
}

static void take_one(struct bridge *bridge, struct message *message)
{
    const char *bytes = zmq_msg_data(&message->body);
    size_t size = zmq_msg_size(&message->body);
    struct heard_gap gap;

    if (message->wrong) {
        put_aside(bridge, bytes, size, message->wrong);
        message_close(message);
        return;
    }
    if (heard_note(&bridge->heard, bytes, size, message->heartbeat, &gap))
        say(3, "events %llu to %llu of %s were published and did not come here",
            (unsigned long long)gap.from, (unsigned long long)gap.to, gap.source);
    if (message->heartbeat)
        message_close(message);
    else
        bridge->batch[bridge->batch_count++] = *message;
}

/* Nothing of a batch is let go of before it is on disk.  What can be no event is put aside then,
 * once. */
static int keep(struct bridge *bridge)
{
    char reasons[BATCH_MAX][200], why[300] = "";
    size_t done = 0;
    int answer;

    if (bridge->batch_count == 0)
        return BRIDGE_DONE;
    answer = concern_begin(bridge->concern);
    while (answer == CONCERN_OK && done < bridge->batch_count) {
        zmq_msg_t *body = &bridge->batch[done].body;
        int kept = concern_publish_json(bridge->concern, zmq_msg_data(body), zmq_msg_size(body));

        if (kept < 0 || kept == CONCERN_FULL) {
            snprintf(why, sizeof why, "%s", concern_error(bridge->concern));
            break;
        }
        snprintf(reasons[done], sizeof reasons[done], "%s",
                 kept == CONCERN_OK ? "" : concern_error(bridge->concern));
        done++;
    }
    if (answer == CONCERN_OK)
        answer = concern_commit(bridge->concern);
    if (answer != CONCERN_OK) {
        snprintf(why, sizeof why, "%s", concern_error(bridge->concern));
        done = 0;
    }
    for (size_t i = 0; i < done; i++) {
        zmq_msg_t *body = &bridge->batch[i].body;

        bridge->kept += reasons[i][0] == '\0';
        if (reasons[i][0])
            put_aside(bridge, zmq_msg_data(body), zmq_msg_size(body), reasons[i]);
        message_close(&bridge->batch[i]);
    }
    bridge->batch_count -= done;
    memmove(bridge->batch, bridge->batch + done, bridge->batch_count * sizeof *bridge->batch);
    if (answer < 0) {
        say(2, "%zu messages could not be kept: %s", bridge->batch_count, why);
        return BRIDGE_DISK_FAILED;
    }
    if (bridge->batch_count > 0 && !bridge->full)
        say(2, "%s; nothing more is taken from the case system, which will begin to lose events",
            why);
    bridge->full = bridge->batch_count > 0;
    return BRIDGE_DONE;
}

static void put_aside(struct bridge *bridge, const void *bytes, size_t size, const char *reason)
{
    int answer = aside_put(bridge->aside, bytes, size, reason);

    bridge->refused++;
    if (answer == ASIDE_OK)
        say(3, "a message was put aside in %s/refused: %s", bridge->settings->state, reason);
    else
        say(2, "a message of %zu bytes is lost, for it could not be put aside (%s): %s", size,
            answer == ASIDE_FULL ? "too many are there" : strerror(-answer), reason);
}

/* What has come so far is kept; what is answered soon need not be sent again. */
static int stop(struct bridge *bridge)
{
    int answer = BRIDGE_DONE;

    sd_notify(0, "STOPPING=1");
    for (int i = 0; i < DRAIN_MAX / BATCH_MAX && answer == BRIDGE_DONE && !bridge->full; i++) {
        take(bridge);
        if (bridge->batch_count == 0)
            break;
        answer = keep(bridge);
    }
    if (bridge->batch_count > 0)
        say(2, "%zu messages that were heard are lost: the outbox is full", bridge->batch_count);
    if (answer == BRIDGE_DONE)
        concern_flush(bridge->concern, LAST_WORDS_MS);
    return answer;
}

static void close_all(struct bridge *bridge)
{
    for (size_t i = 0; i < bridge->batch_count; i++)
        message_close(&bridge->batch[i]);
    /* The monitor ends before who listens to it. */
    if (bridge->socket)
        zmq_socket_monitor(bridge->socket, NULL, 0);
    if (bridge->monitor)
        zmq_close(bridge->monitor);
    if (bridge->socket)
        zmq_close(bridge->socket);
    if (bridge->context)
        zmq_ctx_term(bridge->context);
    concern_close(&bridge->concern);
    aside_close(&bridge->aside);
    if (bridge->signals >= 0)
        close(bridge->signals);
}

static void acknowledged(void *context, const struct concern_acknowledgement *told)
{
    (void)context;
    if (told->ignored)
        say(4, "%s of %s was kept and changes nothing (%s)", told->id, told->source, told->type);
}

static void refused(void *context, const struct concern_refusal *told)
{
    set_refused_aside(context, told);
}

/* On disk as a file before the outbox lets go of it; where it cannot be, it stays there. */
static int set_refused_aside(void *context, const struct concern_refusal *refusal)
{
    struct bridge *bridge = context;
    char reason[500];
    int answer;

    snprintf(reason, sizeof reason, "%s %s", refusal->code, refusal->reason);
    answer = aside_put(bridge->aside, refusal->event, strlen(refusal->event), reason);
    bridge->refused++;
    if (answer == ASIDE_OK)
        concern_refused_forget(bridge->concern, refusal->source, refusal->id);
    say(3, "the daemon refused event %s of %s: %s; it is in %s%s", refusal->id, refusal->source,
        reason, bridge->settings->state, answer == ASIDE_OK ? "/refused" : "/outbox");
    return answer == ASIDE_FULL; /* of a list: the others have no room either */
}

static void trouble(void *context, enum concern_trouble kind, const char *words)
{
    (void)context;
    say(kind == CONCERN_TROUBLE_OVER ? 5 : kind == CONCERN_TROUBLE_OUTBOX ? 2 : 3, "%s", words);
}

/* A PUB socket that is not there looks like one with nothing to say: the monitor knows. */
static void look_at_connection(struct bridge *bridge)
{
    uint8_t frame[6];
    uint16_t event;

    while (zmq_recv(bridge->monitor, frame, sizeof frame, ZMQ_DONTWAIT) == (int)sizeof frame) {
        bool up;

        memcpy(&event, frame, sizeof event);
        zmq_recv(bridge->monitor, NULL, 0, ZMQ_DONTWAIT);
        up = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (up != bridge->connected)
            say(up ? 6 : 4, up ? "hearing %s" : "%s is gone: what it publishes now is not heard",
                bridge->settings->subscribe);
        bridge->connected = up;
        bridge->status_at = 0;
    }
}

/* `state` is "READY=1\n" the first time; later the status, every few seconds. */
static void tell_status(struct bridge *bridge, const char *state)
{
    struct concern_counts counts;
    time_t now = time(NULL);
    const char *why = concern_connection(bridge->concern);

    sd_notify(0, "WATCHDOG=1");
    if (!*state && now >= bridge->status_at && now - bridge->status_at < STATUS_S)
        return;
    bridge->status_at = now;
    concern_counts(bridge->concern, &counts);
    sd_notifyf(0,
               "%sSTATUS=case system: %s; daemon: %s; %llu kept, %llu acknowledged, %llu waiting, "
               "%llu refused",
               state, bridge->connected ? "heard" : "not there", why ? why : "connected",
               (unsigned long long)bridge->kept, (unsigned long long)counts.acknowledged,
               (unsigned long long)counts.waiting, (unsigned long long)bridge->refused);
}

/* The journal reads the level from the front of the line. */
static void say(int level, const char *format, ...)
{
    va_list arguments;

    if (getenv("JOURNAL_STREAM"))
        fprintf(stderr, "<%d>", level);
    else
        fputs("concern-bridge: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
