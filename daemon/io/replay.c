/* replay.c - asks a feed's publisher for what is missing. */
#include "io/replay.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <zmq.h>

enum { ENDPOINT_LETTERS = 255, CORRELATION_SIZE = 24, TAKEN_MOST = 64 };

struct replay {
    void *context;
    void *socket;
    unsigned feed;
    char name[ID_MAX + 1];
    char endpoint[ENDPOINT_LETTERS + 1];
    char server_key[WIRE_KEY_TEXT + 1];
    char public_key[WIRE_KEY_TEXT + 1];
    char secret_key[WIRE_KEY_TEXT + 1];
    zap_tell *tell;
    void *tell_context;

    bool busy;
    struct replay_request asked;
    uint64_t number;                    /* of the request: its correlation */
    char correlation[CORRELATION_SIZE]; /* as text */
    uint64_t came;                      /* events or values of it */
    uint64_t expected;                  /* the least number that may come next */
    int64_t heard_ms;                   /* when it was asked, or last heard of */
    int64_t ready_ms;                   /* not before */
    int64_t wait_ms;                    /* after the next failure */
    struct replay_counts counts;
};

/* A message as it lies in the socket. */
struct arrival {
    zmq_msg_t frames[WIRE_FRAMES];
    size_t count;
};

enum word { WORD_NOTHING, WORD_TAKEN, WORD_LIE };

static int connect_socket(struct replay *self);
static int set_options(struct replay *self, void *socket);
static int read_arrival(struct replay *self, struct arrival *arrival);
static enum word judge(struct replay *self, struct arrival *arrival, struct instant now,
                       struct feed_message **message);
static void fail(struct replay *self, int64_t now_ms);
static void tell(struct replay *self, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int replay_open(void *context, const struct replay_settings *settings, struct replay **replay)
{
    CLEANUP(replay_close) struct replay *self = calloc(1, sizeof *self);
    int error;

    if (!self)
        return -ENOMEM;
    self->context = context;
    self->feed = settings->feed;
    self->tell = settings->tell ? settings->tell : zap_tell_journal;
    self->tell_context = settings->tell_context;
    self->wait_ms = REPLAY_RETRY_MS;
    snprintf(self->name, sizeof self->name, "%s", settings->name);
    if (strlen(settings->endpoint) > ENDPOINT_LETTERS ||
        strlen(settings->server_key) != WIRE_KEY_TEXT ||
        zmq_curve_public(self->public_key, settings->secret_key)) {
        tell(self, LOG_CRIT, "its replay endpoint or keys cannot be used");
        return -EINVAL;
    }
    memcpy(self->endpoint, settings->endpoint, strlen(settings->endpoint) + 1);
    memcpy(self->server_key, settings->server_key, WIRE_KEY_TEXT + 1);
    memcpy(self->secret_key, settings->secret_key, WIRE_KEY_TEXT + 1);
    if ((error = connect_socket(self)) < 0) {
        tell(self, LOG_CRIT, "cannot be connected to %s: %s", self->endpoint, zmq_strerror(-error));
        return error;
    }
    *replay = self;
    self = NULL;
    return 0;
}

static int connect_socket(struct replay *self)
{
    void *socket = zmq_socket(self->context, ZMQ_DEALER);

    if (!socket)
        return -zmq_errno();
    if (set_options(self, socket) || zmq_connect(socket, self->endpoint)) {
        int error = zmq_errno();

        zmq_close(socket);
        return -error;
    }
    self->socket = socket;
    return 0;
}

/* IMMEDIATE: a request to a publisher that is not there is not kept for when it is. */
static int set_options(struct replay *self, void *socket)
{
    const struct {
        int option;
        int value;
    } options[] = {
        { ZMQ_LINGER, 0 },
        { ZMQ_IMMEDIATE, 1 },
        { ZMQ_RCVHWM, REPLAY_HWM },
        { ZMQ_SNDHWM, 4 },
        { ZMQ_HANDSHAKE_IVL, WIRE_HANDSHAKE_MS },
        { ZMQ_HEARTBEAT_IVL, WIRE_HEARTBEAT_MS },
        { ZMQ_HEARTBEAT_TIMEOUT, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_HEARTBEAT_TTL, WIRE_HEARTBEAT_TIMEOUT_MS },
        { ZMQ_TCP_KEEPALIVE, 1 },
        { ZMQ_RECONNECT_IVL, 100 },
        { ZMQ_RECONNECT_IVL_MAX, 5000 },
        { ZMQ_IPV6, strchr(self->endpoint, '[') != NULL },
    };
    int64_t most = WIRE_FRAME_MAX;

    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)))
            return -1;
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, self->server_key, WIRE_KEY_TEXT) ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, self->public_key, WIRE_KEY_TEXT))
        return -1;
    return zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, self->secret_key, WIRE_KEY_TEXT);
}

void replay_close(struct replay **replay)
{
    struct replay *self = *replay;

    if (!self)
        return;
    if (self->socket)
        zmq_close(self->socket);
    explicit_bzero(self->secret_key, sizeof self->secret_key);
    free(self);
    *replay = NULL;
}

void *replay_socket(struct replay *self)
{
    return self->socket;
}

bool replay_is_busy(const struct replay *self)
{
    return self->busy;
}

bool replay_is_ready(const struct replay *self, int64_t now_ms)
{
    return !self->busy && now_ms >= self->ready_ms;
}

struct replay_counts replay_counts(const struct replay *self)
{
    return self->counts;
}

int replay_reset(struct replay *self, int64_t now_ms)
{
    void *before = self->socket;
    int error = connect_socket(self);

    if (error < 0) {
        tell(self, LOG_CRIT, "no new socket for its replay endpoint: %s", zmq_strerror(-error));
        return error;
    }
    zmq_close(before);
    if (self->busy)
        fail(self, now_ms);
    return 0;
}

/* --- asking */

static int send_frames(struct replay *self, const char *body)
{
    const char *const frames[WIRE_FRAMES] = {
        WIRE_MAGIC, wire_command_text(self->asked.snapshot ? WIRE_SNAP : WIRE_REPLAY),
        self->correlation, body
    };

    for (size_t i = 0; i < WIRE_FRAMES; i++) {
        int more = i + 1 < WIRE_FRAMES ? ZMQ_SNDMORE : 0;

        if (zmq_send(self->socket, frames[i], strlen(frames[i]), ZMQ_DONTWAIT | more) < 0)
            return -zmq_errno();
    }
    return 0;
}

int replay_ask(struct replay *self, const struct replay_request *request, int64_t now_ms)
{
    char *body = NULL;
    int error = replay_write_request(request, &body);

    if (error < 0)
        return error;
    self->asked = *request;
    snprintf(self->correlation, sizeof self->correlation, "r%llu",
             (unsigned long long)++self->number);
    error = send_frames(self, body);
    free(body);
    if (error == -EAGAIN || error == -EINTR) {
        self->ready_ms = now_ms + REPLAY_CONNECTING_MS;
        return 1;
    }
    if (error < 0) {
        tell(self, LOG_CRIT, "its replay endpoint cannot be asked: %s", zmq_strerror(-error));
        return error;
    }
    self->busy = true;
    self->ready_ms = now_ms;
    self->came = 0;
    self->expected = request->range.from;
    self->heard_ms = now_ms;
    self->counts.asked++;
    return 0;
}

void replay_note_progress(struct replay *self, bool progress, int64_t now_ms)
{
    if (progress) {
        self->wait_ms = REPLAY_RETRY_MS;
        return;
    }
    self->ready_ms = now_ms + self->wait_ms;
    self->wait_ms =
        2 * self->wait_ms < REPLAY_RETRY_MOST_MS ? 2 * self->wait_ms : REPLAY_RETRY_MOST_MS;
}

static void fail(struct replay *self, int64_t now_ms)
{
    self->busy = false;
    self->counts.failed++;
    replay_note_progress(self, false, now_ms);
}

/* What a liar has sent already goes with its connection. */
static int cut_off(struct replay *self, int64_t now_ms)
{
    if (self->counts.refused++ == 0)
        tell(self, LOG_WARNING, "its replay endpoint answers what was not asked; refused");
    return replay_reset(self, now_ms);
}

/* --- hearing */

int replay_take(struct replay *self, struct instant now, int64_t now_ms,
                struct feed_message **message)
{
    for (unsigned i = 0; i < TAKEN_MOST; i++) {
        struct arrival arrival = { .count = 0 };
        enum word word = WORD_NOTHING;
        bool was_busy = self->busy;
        int answer = read_arrival(self, &arrival);

        if (answer == 1)
            word = judge(self, &arrival, now, message);
        for (size_t j = 0; j < arrival.count && j < WIRE_FRAMES; j++)
            zmq_msg_close(&arrival.frames[j]);
        if (word == WORD_LIE)
            return cut_off(self, now_ms);
        if (answer == 1 && was_busy)
            self->heard_ms = now_ms;
        if (word == WORD_TAKEN)
            return 1;
        if (answer == -EAGAIN || answer == -EINTR)
            break;
        if (answer < 0)
            return answer;
    }
    if (self->busy && now_ms - self->heard_ms > REPLAY_PATIENCE_MS)
        return replay_reset(self, now_ms);
    return 0;
}

static int read_arrival(struct replay *self, struct arrival *arrival)
{
    int more = 1;

    while (more) {
        zmq_msg_t frame;

        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, self->socket, ZMQ_DONTWAIT) < 0) {
            int error = zmq_errno();

            zmq_msg_close(&frame);
            return -error;
        }
        more = zmq_msg_more(&frame);
        if (arrival->count < WIRE_FRAMES) {
            zmq_msg_init(&arrival->frames[arrival->count]);
            zmq_msg_move(&arrival->frames[arrival->count], &frame);
        }
        arrival->count++;
        zmq_msg_close(&frame);
    }
    return 1;
}

static bool frame_is(zmq_msg_t *frame, const char *text)
{
    return zmq_msg_size(frame) == strlen(text) &&
           memcmp(zmq_msg_data(frame), text, strlen(text)) == 0;
}

static struct feed_message *make_message(struct replay *self, zmq_msg_t *body, struct instant now,
                                         enum feed_saying saying)
{
    size_t size = zmq_msg_size(body);
    struct feed_message *message = calloc(1, sizeof *message + size + 1);

    if (!message)
        return NULL;
    message->feed = self->feed;
    message->saying = saying;
    message->asked = self->asked;
    message->received = now;
    message->size = size;
    memcpy(message->body, zmq_msg_data(body), size);
    return message;
}

static enum word hand_up(struct feed_message *made, struct feed_message **message)
{
    *message = made;
    return made ? WORD_TAKEN : WORD_NOTHING; /* without memory it is as if it had been lost */
}

/* An event that was asked for: of the source and counter asked about, its number within what was
 * asked and above the one before, so that there is an end to them. */
static enum word judge_replayed(struct replay *self, zmq_msg_t *body, struct instant now,
                                struct feed_message **message)
{
    struct replay_place place;

    if (replay_read_place(zmq_msg_data(body), zmq_msg_size(body), &place) != REPLAY_OK ||
        strcmp(place.source, self->asked.source) != 0 ||
        strcmp(place.seqepoch, self->asked.seqepoch) != 0 || place.sequence < self->expected ||
        place.sequence > self->asked.range.to || self->came == self->asked.max)
        return WORD_LIE;
    self->came++;
    self->counts.events++;
    self->expected = place.sequence + 1;
    return hand_up(make_message(self, body, now, FEED_REPLAYED), message);
}

static enum word judge_value(struct replay *self, zmq_msg_t *body, bool is_list, struct instant now,
                             struct feed_message **message)
{
    enum word word;

    if (self->came == REPLAY_VALUES_MOST)
        return WORD_LIE;
    self->came++;
    self->counts.events++;
    word = hand_up(make_message(self, body, now, FEED_VALUE), message);
    if (word == WORD_TAKEN)
        (*message)->is_list = is_list;
    return word;
}

static enum word judge_end(struct replay *self, zmq_msg_t *body)
{
    struct replay_end end;

    if (replay_read_end(zmq_msg_data(body), zmq_msg_size(body), &end) != REPLAY_OK ||
        end.count != self->came)
        return WORD_LIE;
    self->busy = false;
    return WORD_NOTHING;
}

/* What is gone is handed up as the range that never comes. */
static enum word judge_gone(struct replay *self, zmq_msg_t *body, struct instant now,
                            struct feed_message **message)
{
    struct replay_gone gone;
    enum word word;

    if (replay_read_gone(zmq_msg_data(body), zmq_msg_size(body), &gone) != REPLAY_OK ||
        (!gone.nothing && gone.oldest <= self->asked.range.from) || self->came > 0)
        return WORD_LIE;
    self->busy = false;
    word = hand_up(make_message(self, body, now, FEED_GONE), message);
    if (word == WORD_TAKEN && !gone.nothing && gone.oldest <= self->asked.range.to)
        (*message)->asked.range.to = gone.oldest - 1;
    return word;
}

static enum word judge_snap(struct replay *self, zmq_msg_t *body, struct instant now,
                            struct feed_message **message)
{
    struct replay_snap snap;
    enum word word;

    if (replay_read_snap(zmq_msg_data(body), zmq_msg_size(body), &snap) != REPLAY_OK ||
        strcmp(snap.source, self->asked.source) != 0 || snap.values != self->came)
        return WORD_LIE;
    self->busy = false;
    word = hand_up(make_message(self, body, now, FEED_SNAP), message);
    if (word == WORD_TAKEN)
        (*message)->snap = snap;
    return word;
}

/* A word of an earlier request has nobody any more who waits for it. */
static enum word judge(struct replay *self, struct arrival *arrival, struct instant now,
                       struct feed_message **message)
{
    zmq_msg_t *frames = arrival->frames;
    bool snapshot = self->asked.snapshot;

    if (arrival->count != WIRE_FRAMES || !frame_is(&frames[0], WIRE_MAGIC) ||
        zmq_msg_size(&frames[3]) > WIRE_BODY_MAX)
        return WORD_LIE;
    if (!self->busy || !frame_is(&frames[2], self->correlation))
        return WORD_NOTHING;
    switch ((int)wire_command_read(zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]))) {
    case WIRE_EVENT:
        return snapshot ? judge_value(self, &frames[3], false, now, message)
                        : judge_replayed(self, &frames[3], now, message);
    case WIRE_BATCH:
        return snapshot ? judge_value(self, &frames[3], true, now, message) : WORD_LIE;
    case WIRE_END:
        return snapshot ? WORD_LIE : judge_end(self, &frames[3]);
    case WIRE_GONE:
        return snapshot ? WORD_LIE : judge_gone(self, &frames[3], now, message);
    case WIRE_SNAP:
        return snapshot ? judge_snap(self, &frames[3], now, message) : WORD_LIE;
    default:
        return WORD_LIE;
    }
}

static void tell(struct replay *self, int priority, const char *format, ...)
{
    char text[300], line[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "feed %s: %s", self->name, text);
    self->tell(self->tell_context, priority, line);
}
