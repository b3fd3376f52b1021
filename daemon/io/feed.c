/* feed.c - a subscribed feed: events of a case system that only publishes. */
#include "io/feed.h"
#include "protocol/heartbeat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <zmq.h>

enum {
    REFUSED_MOST = 64, /* messages refused in one feed_take */
    NAME_MAX_LETTERS = 64,
    ENDPOINT_MAX = 255
};

struct texts {
    char **items;
    size_t count;
};

struct feed {
    void *context;
    void *socket;
    unsigned index;
    char name[NAME_MAX_LETTERS + 1];
    char endpoint[ENDPOINT_MAX + 1];
    char topic[WIRE_TOPIC_MAX + 1];
    char server_key[WIRE_KEY_TEXT + 1];
    char public_key[WIRE_KEY_TEXT + 1];
    char secret_key[WIRE_KEY_TEXT + 1];
    struct texts sources;
    struct texts boards;
    unsigned max_silence_s;
    enum feed_assurance assurance;
    zap_tell *tell;
    void *tell_context;
    struct instant heard;
    struct feed_counts counts;
    struct feed_beat beats[FEED_SOURCES_MAX];
    size_t beat_count;
};

/* A message as it lies in the socket. */
struct arrival {
    zmq_msg_t frames[WIRE_FEED_FRAMES];
    size_t count;
};

static int check_settings(const struct feed_settings *settings);
static bool is_key(const char *key);
static int copy_texts(struct texts *to, const char *const *from, size_t count);
static void free_texts(struct texts *texts);
static int connect_socket(struct feed *self);
static int set_options(struct feed *self, void *socket);
static int read_arrival(struct feed *self, struct arrival *arrival);
static void close_arrival(struct arrival *arrival);
static int judge(struct feed *self, struct arrival *arrival, struct instant now,
                 struct feed_message **message);
static bool is_well_formed(struct arrival *arrival);
static bool take_heartbeat(struct feed *self, struct feed_message *message);
static bool read_heartbeat(struct feed_message *message);
static bool is_within(const struct texts *sources, const char *source);
static void tell(struct feed *self, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int feed_open(void *context, const struct feed_settings *settings, unsigned index,
              struct instant now, struct feed **feed_p)
{
    CLEANUP(feed_close) struct feed *self = calloc(1, sizeof *self);
    int error = check_settings(settings);

    if (!self)
        return -ENOMEM;
    self->context = context;
    self->index = index;
    self->heard = now;
    self->tell = settings->tell ? settings->tell : zap_tell_journal;
    self->tell_context = settings->tell_context;
    snprintf(self->name, sizeof self->name, "%s", settings->name ? settings->name : "");
    if (error < 0 || zmq_curve_public(self->public_key, settings->secret_key)) {
        tell(self, LOG_CRIT, "its keys, endpoint, topic or sources cannot be used");
        return -EINVAL;
    }
    memcpy(self->endpoint, settings->endpoint, strlen(settings->endpoint) + 1);
    memcpy(self->server_key, settings->server_key, WIRE_KEY_TEXT + 1);
    memcpy(self->secret_key, settings->secret_key, WIRE_KEY_TEXT + 1);
    snprintf(self->topic, sizeof self->topic, "%s", settings->topic ? settings->topic : "con.");
    self->max_silence_s = settings->max_silence_s;
    if (!self->max_silence_s && settings->assurance == FEED_SEQUENCED)
        self->max_silence_s = FEED_SILENCE_S;
    self->assurance = settings->assurance;
    if ((error = copy_texts(&self->sources, settings->sources, settings->source_count)) < 0 ||
        (error = copy_texts(&self->boards, settings->boards, settings->board_count)) < 0)
        return error;
    if ((error = connect_socket(self)) < 0) {
        tell(self, LOG_CRIT, "cannot be connected to %s: %s", self->endpoint, zmq_strerror(-error));
        return error;
    }
    *feed_p = self;
    self = NULL;
    return 0;
}

/* TCP and IPC only, and never without a pinned key: it is all that says who speaks. */
static int check_settings(const struct feed_settings *settings)
{
    if (!settings->name || !settings->endpoint || strlen(settings->endpoint) > ENDPOINT_MAX ||
        (strncmp(settings->endpoint, "tcp://", 6) && strncmp(settings->endpoint, "ipc://", 6)))
        return -EINVAL;
    if (!is_key(settings->server_key) || !is_key(settings->secret_key))
        return -EINVAL;
    if (settings->topic && strlen(settings->topic) > WIRE_TOPIC_MAX)
        return -EINVAL;
    if (settings->source_count < 1 || settings->source_count > FEED_LIST_MAX ||
        settings->board_count > FEED_LIST_MAX)
        return -EINVAL;
    return 0;
}

static bool is_key(const char *key)
{
    uint8_t bytes[WIRE_KEY_SIZE];
    bool is = key && strlen(key) == WIRE_KEY_TEXT && zmq_z85_decode(bytes, key);

    explicit_bzero(bytes, sizeof bytes);
    return is;
}

static int copy_texts(struct texts *to, const char *const *from, size_t count)
{
    to->items = calloc(count + 1, sizeof *to->items);
    if (!to->items)
        return -ENOMEM;
    while (to->count < count) {
        to->items[to->count] = strdup(from[to->count]);
        if (!to->items[to->count])
            return -ENOMEM;
        to->count++;
    }
    return 0;
}

static void free_texts(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
}

static int connect_socket(struct feed *self)
{
    void *socket = zmq_socket(self->context, ZMQ_SUB);

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

/* RCVHWM is large: a publisher throws away what a full queue cannot take, and the
 * engine is at times busy with the disk. */
static int set_options(struct feed *self, void *socket)
{
    const struct {
        int option;
        int value;
    } options[] = {
        { ZMQ_LINGER, 0 },
        { ZMQ_RCVHWM, 10000 },
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
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, self->public_key, WIRE_KEY_TEXT) ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, self->secret_key, WIRE_KEY_TEXT) ||
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, WIRE_HEARTBEAT_TOPIC,
                       sizeof WIRE_HEARTBEAT_TOPIC - 1))
        return -1;
    return zmq_setsockopt(socket, ZMQ_SUBSCRIBE, self->topic, strlen(self->topic));
}

void feed_close(struct feed **feed_p)
{
    struct feed *self = *feed_p;

    if (!self)
        return;
    if (self->socket)
        zmq_close(self->socket);
    free_texts(&self->sources);
    free_texts(&self->boards);
    explicit_bzero(self->secret_key, sizeof self->secret_key);
    free(self);
    *feed_p = NULL;
}

/* The new one first, so that there always is one to poll. */
int feed_reset(struct feed *self)
{
    void *before = self->socket;
    int error = connect_socket(self);

    if (error < 0) {
        tell(self, LOG_ALERT, "cannot be connected anew: %s", zmq_strerror(-error));
        return error;
    }
    zmq_close(before);
    return 0;
}

void *feed_socket(struct feed *self)
{
    return self->socket;
}

const char *feed_name(const struct feed *self)
{
    return self->name;
}

const char *feed_server_key(const struct feed *self)
{
    return self->server_key;
}

enum feed_assurance feed_assurance(const struct feed *self)
{
    return self->assurance;
}

struct instant feed_last_heard(const struct feed *self)
{
    return self->heard;
}

bool feed_is_silent(const struct feed *self, struct instant now)
{
    return self->max_silence_s > 0 && now.us - self->heard.us > self->max_silence_s * SECOND_US;
}

void feed_set_back(struct feed *self, struct instant now)
{
    if (self->heard.us > now.us)
        self->heard = now;
}

struct feed_counts feed_counts(const struct feed *self)
{
    return self->counts;
}

int feed_take(struct feed *self, struct instant now, struct feed_message **message)
{
    for (unsigned i = 0; i < REFUSED_MOST; i++) {
        struct arrival arrival = { 0 };
        int answer = read_arrival(self, &arrival);

        if (answer == 1)
            answer = judge(self, &arrival, now, message);
        close_arrival(&arrival);
        if (answer == -EAGAIN || answer == -EINTR)
            return 0;
        if (answer != 0)
            return answer;
    }
    return 0;
}

static int read_arrival(struct feed *self, struct arrival *arrival)
{
    int more = 1;

    while (more) {
        zmq_msg_t frame;

        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, self->socket, ZMQ_DONTWAIT) < 0) {
            int error = zmq_errno();

            zmq_msg_close(&frame);
            if (error != EAGAIN && error != EINTR)
                tell(self, LOG_CRIT, "cannot be read: %s", zmq_strerror(error));
            return -error;
        }
        more = zmq_msg_more(&frame);
        if (arrival->count < WIRE_FEED_FRAMES) {
            zmq_msg_init(&arrival->frames[arrival->count]);
            zmq_msg_move(&arrival->frames[arrival->count], &frame);
        }
        arrival->count++;
        zmq_msg_close(&frame);
    }
    return 1;
}

static void close_arrival(struct arrival *arrival)
{
    for (size_t i = 0; i < arrival->count && i < WIRE_FEED_FRAMES; i++)
        zmq_msg_close(&arrival->frames[i]);
    arrival->count = 0;
}

/* 1 when the message is to be handed up; 0 when it was refused and counted. */
static int judge(struct feed *self, struct arrival *arrival, struct instant now,
                 struct feed_message **message_p)
{
    CLEANUP(feed_message_close) struct feed_message *message = NULL;
    const char *topic;
    size_t topic_size, size;

    if (!is_well_formed(arrival)) {
        self->counts.malformed++;
        return 0;
    }
    topic = zmq_msg_data(&arrival->frames[0]);
    topic_size = zmq_msg_size(&arrival->frames[0]);
    size = zmq_msg_size(&arrival->frames[2]);
    message = calloc(1, sizeof *message + size + 1);
    if (!message) {
        tell(self, LOG_CRIT, "no memory for a message of %zu bytes", size);
        return -ENOMEM;
    }
    message->feed = self->index;
    message->received = now;
    message->size = size;
    memcpy(message->topic, topic, topic_size);
    memcpy(message->body, zmq_msg_data(&arrival->frames[2]), size);
    if (!strncmp(message->topic, WIRE_HEARTBEAT_TOPIC, sizeof WIRE_HEARTBEAT_TOPIC - 1))
        message->saying = FEED_HEARTBEAT;
    if (message->saying == FEED_HEARTBEAT && !take_heartbeat(self, message))
        return 0;
    self->heard = now;
    message->saying == FEED_HEARTBEAT ? self->counts.heartbeats++ : self->counts.taken++;
    *message_p = message;
    message = NULL;
    return 1;
}

static bool is_well_formed(struct arrival *arrival)
{
    zmq_msg_t *frames = arrival->frames;

    return arrival->count == WIRE_FEED_FRAMES && zmq_msg_size(&frames[0]) <= WIRE_TOPIC_MAX &&
           !memchr(zmq_msg_data(&frames[0]), '\0', zmq_msg_size(&frames[0])) &&
           zmq_msg_size(&frames[1]) == WIRE_MAGIC_SIZE &&
           !memcmp(zmq_msg_data(&frames[1]), WIRE_MAGIC, WIRE_MAGIC_SIZE) &&
           zmq_msg_size(&frames[2]) <= WIRE_BODY_MAX;
}

static bool read_heartbeat(struct feed_message *message)
{
    struct heartbeat beat;

    if (heartbeat_read(message->body, message->size, &beat) != HEARTBEAT_OK)
        return false;
    memcpy(message->source, beat.source, sizeof message->source);
    memcpy(message->seqepoch, beat.seqepoch, sizeof message->seqepoch);
    message->last_sequence = beat.last_sequence;
    return true;
}

/* The place of a source among those whose heartbeats are remembered; NULL: there is no room. */
static struct feed_beat *place_of_beat(struct feed *self, const char *source)
{
    for (size_t i = 0; i < self->beat_count; i++)
        if (!strcmp(self->beats[i].source, source))
            return &self->beats[i];
    return self->beat_count < FEED_SOURCES_MAX ? &self->beats[self->beat_count++] : NULL;
}

/* Heartbeats open rows of the store, so that a feed has so many sources at most. */
static bool take_heartbeat(struct feed *self, struct feed_message *message)
{
    struct feed_beat *beat;

    if (!read_heartbeat(message)) {
        self->counts.malformed++;
        return false;
    }
    beat = is_within(&self->sources, message->source) ? place_of_beat(self, message->source) : NULL;
    if (!beat) {
        self->counts.wrong_source++;
        return false;
    }
    memcpy(beat->source, message->source, sizeof beat->source);
    beat->last_sequence = message->last_sequence;
    beat->heard = message->received;
    return true;
}

const struct feed_beat *feed_beat(const struct feed *self, size_t index)
{
    return index < self->beat_count ? &self->beats[index] : NULL;
}

bool feed_speaks_for(const struct feed *self, const char *source)
{
    return is_within(&self->sources, source);
}

void feed_message_close(struct feed_message **message)
{
    free(*message);
    *message = NULL;
}

bool feed_may(struct feed *self, const char *source, const char *board, const char **code)
{
    bool board_is_fine = self->boards.count == 0 || !board || !board[0];

    for (size_t i = 0; i < self->boards.count && !board_is_fine; i++)
        board_is_fine = !strcmp(self->boards.items[i], board);
    if (board_is_fine && is_within(&self->sources, source))
        return true;
    *code = is_within(&self->sources, source) ? WIRE_CODE_BOARD : WIRE_CODE_SOURCE;
    if (self->counts.wrong_source++ == 0)
        tell(self, LOG_WARNING, "speaks for a source or board it may not; refused %s", *code);
    return false;
}

void feed_count_refusal(struct feed *self)
{
    self->counts.refused++;
}

static bool is_within(const struct texts *sources, const char *source)
{
    for (size_t i = 0; i < sources->count; i++)
        if (wire_source_is_within(sources->items[i], source))
            return true;
    return false;
}

static void tell(struct feed *self, int priority, const char *format, ...)
{
    char text[300];
    char line[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "feed %s: %s", self->name, text);
    self->tell(self->tell_context, priority, line);
}
