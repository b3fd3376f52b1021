/* intake.c - the acknowledged plane: where publishers bring their events. */
#include "io/intake.h"
#include "io/intake_arrival.h"
#include "io/intake_fuse.h"
#include "io/intake_ledger.h"
#include "io/intake_probe.h"
#include "io/intake_socket.h"
#include "io/intake_words.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <syslog.h>
#include <zmq.h>

enum {
    OWN_WORK_MOST = 64, /* messages dealt with in one intake_take */
    PROBE_WAIT_MS = 3000,
    ENDPOINT_MAX = 255
};

/* A handler that does not answer is asked again so much later. */
#define KEYS_AGAIN_US (10 * SECOND_US)

static const size_t memory_limit_default = 256U * 1024 * 1024;

struct intake {
    void *context;
    void *socket;
    bool bound;
    char endpoint[ENDPOINT_MAX + 1];
    char domain[64];
    char secret_key[WIRE_KEY_TEXT + 1];
    char public_key[WIRE_KEY_TEXT + 1];
    struct zap *zap;
    struct keyring *keyring;
    struct instant keys_looked; /* when it was last seen which keys live */
    struct instant keys_change; /* when one begins or ends to live next */
    zap_tell *tell;
    void *tell_context;
    struct fuse fuse;
    uint32_t generation; /* counts sockets: an answer to the one before goes nowhere */
    int64_t watched_ms;
    int64_t last_record;
    struct intake_counts counts;
    struct intake_ledger ledger;
    struct refusals own, *refusals;
};

static int check_settings(const struct intake_settings *settings);
static int open_bound(struct intake *self);
static int prove_shut(struct intake *self);
static int judge(struct intake *self, struct arrival *arrival, struct intake_message **message);
static bool is_true_peer(struct intake *self, struct arrival *arrival);
static const char *wrong_with_peer(struct intake *self, struct arrival *arrival);
static int hand_up(struct intake *self, struct arrival *arrival, enum wire_command command,
                   struct intake_message **message);
static void welcome(struct intake *self, struct arrival *arrival);
static void refuse(struct intake *self, struct arrival *arrival, const char *code);
static void answer_here(struct intake *self, struct arrival *arrival, enum wire_command command,
                        char *text);
static bool send_frames(struct intake *self, const unsigned char *routing,
                        enum wire_command command, const void *correlation, size_t size,
                        const char *json);
static bool note_refusal(struct intake *self, const char *key, const char *code,
                         struct instant now);
static void blow(struct intake *self, size_t resident);
static int hand_over_keys(struct intake *self, struct instant now);
static void tell(struct intake *self, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int intake_seed(void)
{
    unsigned seed;

    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        return -errno;
    srand(seed);
    return 0;
}

int intake_open(void *context, const struct intake_settings *settings, struct instant now,
                struct intake **intake_p)
{
    CLEANUP(intake_close) struct intake *self = calloc(1, sizeof *self);
    int error;

    if (!self)
        return -ENOMEM;
    self->context = context;
    self->tell = settings->tell ? settings->tell : zap_tell_journal;
    self->tell_context = settings->tell_context;
    if ((error = check_settings(settings)) < 0 ||
        zmq_curve_public(self->public_key, settings->secret_key)) {
        tell(self, LOG_CRIT, "the intake's endpoint or secret key cannot be used");
        return -EINVAL;
    }
    memcpy(self->endpoint, settings->endpoint, strlen(settings->endpoint) + 1);
    memcpy(self->secret_key, settings->secret_key, WIRE_KEY_TEXT + 1);
    snprintf(self->domain, sizeof self->domain, "%s",
             settings->domain ? settings->domain : WIRE_ZAP_DOMAIN);
    self->fuse.limit = settings->memory_limit ? settings->memory_limit : memory_limit_default;
    self->zap = settings->zap;
    self->keyring = settings->keyring;
    self->refusals = settings->refusals ? settings->refusals : &self->own;
    /* Before the ROUTER is made: it draws its first routing id from rand(). */
    if ((error = intake_seed()) < 0 || (error = hand_over_keys(self, now)) < 0 ||
        (error = open_bound(self)) < 0) {
        tell(self, LOG_CRIT, "the intake cannot be opened at %s: %s", self->endpoint,
             zmq_strerror(-error));
        return error;
    }
    if ((error = prove_shut(self)) < 0)
        return error;
    *intake_p = self;
    self = NULL;
    return 0;
}

/* TCP and IPC only: CURVE does not apply to inproc, and the others have had their faults. */
static int check_settings(const struct intake_settings *settings)
{
    uint8_t bytes[WIRE_KEY_SIZE];
    bool fine =
        settings->keyring && settings->endpoint && settings->secret_key &&
        strlen(settings->secret_key) == WIRE_KEY_TEXT &&
        zmq_z85_decode(bytes, settings->secret_key) && strlen(settings->endpoint) <= ENDPOINT_MAX &&
        (!strncmp(settings->endpoint, "tcp://", 6) || !strncmp(settings->endpoint, "ipc://", 6)) &&
        (!settings->domain || strlen(settings->domain) < sizeof((struct intake *)0)->domain);

    explicit_bzero(bytes, sizeof bytes);
    return fine ? 0 : -EINVAL;
}

static int open_bound(struct intake *self)
{
    char endpoint[ENDPOINT_MAX + 1];
    int error = 0;

    if (!self->socket)
        error = intake_socket_open(self->context, self->secret_key, self->domain,
                                   strchr(self->endpoint, '[') != NULL, &self->socket);
    if (error == 0)
        error = intake_socket_bind(self->socket, self->endpoint, endpoint, sizeof endpoint);
    if (error < 0)
        return error;
    memcpy(self->endpoint, endpoint, sizeof endpoint);
    self->bound = true;
    return 0;
}

static int prove_shut(struct intake *self)
{
    switch (probe_knock(self->context, self->endpoint, self->public_key, PROBE_WAIT_MS)) {
    case PROBE_REFUSED:
        tell(self, LOG_INFO, "self-test: a throw-away key was refused, as it must be");
        return 0;
    case PROBE_GOT_IN:
        tell(self, LOG_CRIT, "self-test: a key nobody knows was let in; not starting");
        return -EACCES;
    case PROBE_UNANSWERED:
    case PROBE_WAITING:
        break;
    }
    tell(self, LOG_CRIT,
         "self-test: nobody answers handshakes (is the handler alive?); not "
         "starting");
    return -EACCES;
}

void intake_close(struct intake **intake_p)
{
    struct intake *self = *intake_p;

    if (!self)
        return;
    if (self->socket)
        zmq_close(self->socket);
    explicit_bzero(self->secret_key, sizeof self->secret_key);
    free(self);
    *intake_p = NULL;
}

void *intake_socket(struct intake *self)
{
    return self->socket;
}

const char *intake_endpoint(const struct intake *self)
{
    return self->endpoint;
}

const char *intake_public_key(const struct intake *self)
{
    return self->public_key;
}

int intake_take(struct intake *self, struct instant now, struct intake_message **message)
{
    for (unsigned i = 0; i < OWN_WORK_MOST; i++) {
        struct arrival arrival;
        int answer = arrival_read(self->socket, now, &arrival);

        if (answer == 1)
            answer = judge(self, &arrival, message);
        else if (answer != -EAGAIN)
            tell(self, LOG_CRIT, "the intake cannot be read: %s", zmq_strerror(-answer));
        arrival_close(&arrival);
        if (answer != 0)
            return answer == -EAGAIN ? 0 : answer;
    }
    return 0;
}

/* 1 when the message is the engine's; 0 when it was dealt with here. */
static int judge(struct intake *self, struct arrival *arrival, struct intake_message **message)
{
    const char *code;
    enum wire_command command;

    if (!is_true_peer(self, arrival)) {
        self->counts.dropped++;
        return 0;
    }
    code = wrong_with_peer(self, arrival);
    if (!code)
        code = arrival_fault(arrival);
    if (code) {
        refuse(self, arrival, code);
        return 0;
    }
    keyring_note_heard(self->keyring, arrival->key, arrival->now);
    command = arrival_command(arrival);
    if (command != WIRE_HELLO && command != WIRE_PING)
        return hand_up(self, arrival, command, message);
    if (command == WIRE_HELLO)
        welcome(self, arrival);
    else
        answer_here(self, arrival, WIRE_PONG, words_pong(arrival->now, self->last_record));
    return 0;
}

/* A reply goes to whoever holds the routing id; so an id of a peer's own
 * choosing, or one that came with another key before, gets none. */
static bool is_true_peer(struct intake *self, struct arrival *arrival)
{
    bool squatted = arrival->routing_is_ours &&
                    !ledger_peer_is_true(&self->ledger, arrival->routing, arrival->key);

    if (arrival->routing_is_ours && !squatted)
        return true;
    if (note_refusal(self, arrival->key, WIRE_CODE_FRAMES, arrival->now))
        tell(self, LOG_ALERT, "dropped a message of key %.8s: %s", arrival->key,
             squatted ? "its routing id came with another key before"
                      : "it chose its own routing id");
    return false;
}

static const char *wrong_with_peer(struct intake *self, struct arrival *arrival)
{
    if (!arrival->key[0] || !keyring_live(self->keyring, arrival->key, arrival->now))
        return WIRE_CODE_NO_PRINCIPAL;
    return NULL;
}

static int hand_up(struct intake *self, struct arrival *arrival, enum wire_command command,
                   struct intake_message **message_p)
{
    size_t size, correlation_size;
    const void *body = arrival_body(arrival, &size);
    const void *correlation = arrival_correlation(arrival, &correlation_size);
    struct intake_message *message = calloc(1, sizeof *message + size + 1);

    if (!message) {
        tell(self, LOG_CRIT, "no memory for a message of %zu bytes", size);
        return -ENOMEM;
    }
    memcpy(message->routing, arrival->routing, INTAKE_ROUTING_SIZE);
    message->generation = self->generation;
    message->command = command;
    message->correlation_size = correlation_size;
    memcpy(message->correlation, correlation, correlation_size);
    memcpy(message->key, arrival->key, sizeof message->key);
    message->received = arrival->now;
    message->size = size;
    memcpy(message->body, body, size);
    self->counts.taken++;
    *message_p = message;
    return 1;
}

void intake_message_close(struct intake_message **message)
{
    free(*message);
    *message = NULL;
}

static void welcome(struct intake *self, struct arrival *arrival)
{
    size_t size;
    const void *hello = arrival_body(arrival, &size);
    const char *code = NULL;
    char *text = words_welcome(hello, size, keyring_find(self->keyring, arrival->key),
                               self->public_key, arrival->now, &code);

    if (code)
        refuse(self, arrival, code);
    else
        answer_here(self, arrival, WIRE_WELCOME, text);
}

static void refuse(struct intake *self, struct arrival *arrival, const char *code)
{
    note_refusal(self, arrival->key, code, arrival->now);
    answer_here(self, arrival, WIRE_NACK, words_nack(code, NULL));
}

/* Takes over `text`.  A message without a correlation that can be echoed is
 * answered with an empty one. */
static void answer_here(struct intake *self, struct arrival *arrival, enum wire_command command,
                        char *text)
{
    size_t size;
    const void *correlation = arrival_correlation(arrival, &size);

    if (!text || !send_frames(self, arrival->routing, command, correlation, size, text))
        self->counts.unanswered++;
    free(text);
}

/* Only the first frame can fail: it chooses the peer, who may be gone, or have
 * a thousand answers unread. */
static bool send_frames(struct intake *self, const unsigned char *routing,
                        enum wire_command command, const void *correlation, size_t size,
                        const char *json)
{
    const char *text = wire_command_text(command);
    int more = ZMQ_DONTWAIT | ZMQ_SNDMORE;

    return zmq_send(self->socket, routing, INTAKE_ROUTING_SIZE, more) >= 0 &&
           zmq_send(self->socket, WIRE_MAGIC, WIRE_MAGIC_SIZE, more) >= 0 &&
           zmq_send(self->socket, text, strlen(text), more) >= 0 &&
           zmq_send(self->socket, correlation, size, more) >= 0 &&
           zmq_send(self->socket, json, strlen(json), ZMQ_DONTWAIT) >= 0;
}

void intake_answer(struct intake *self, const struct intake_message *message,
                   enum wire_command command, const char *json)
{
    if (message->generation != self->generation ||
        !send_frames(self, message->routing, command, message->correlation,
                     message->correlation_size, json))
        self->counts.unanswered++;
}

void intake_refuse(struct intake *self, const struct intake_message *message, const char *code,
                   const char *reason)
{
    char *text = words_nack(code, reason);

    note_refusal(self, message->key, code, message->received);
    if (text)
        intake_answer(self, message, WIRE_NACK, text);
    free(text);
}

void intake_count_refusal(struct intake *self, const char *key, const char *code,
                          struct instant now)
{
    note_refusal(self, key, code, now);
}

/* Answers whether it was said: at the first, at the third and then ever more rarely,
 * for a publisher that keeps on must not fill the journal; the counts hold the rest. */
static bool note_refusal(struct intake *self, const char *key, const char *code, struct instant now)
{
    bool say;
    uint64_t count = refusals_count(self->refusals, key, code, now);
    const struct principal *principal = key[0] ? keyring_find(self->keyring, key) : NULL;

    self->counts.refused++;
    say = (count & (count - 1)) == 0 || count == 3;
    if (say)
        tell(self, count < 3 ? LOG_NOTICE : LOG_WARNING, "refused %s from %s (%llu so far)", code,
             principal ? principal->name : "an unknown key", (unsigned long long)count);
    return say;
}

const struct refusals *intake_refusals(const struct intake *self)
{
    return self->refusals;
}

struct intake_counts intake_counts(const struct intake *self)
{
    return self->counts;
}

void intake_set_last(struct intake *self, int64_t record)
{
    self->last_record = record;
}

int intake_set_keys(struct intake *self, struct keyring *keyring, struct instant now)
{
    keyring_inherit(keyring, self->keyring);
    self->keyring = keyring;
    return hand_over_keys(self, now);
}

static int hand_over_keys(struct intake *self, struct instant now)
{
    int error = self->zap ? zap_set_keys(self->zap, self->keyring, now) : 0;

    self->keys_looked = now;
    self->keys_change = keyring_next_change(self->keyring, now);
    if (error < 0) {
        tell(self, LOG_ALERT, "the handler of handshakes does not take the keys: %s",
             zmq_strerror(-error));
        self->keys_change = (struct instant){ now.us + KEYS_AGAIN_US };
    }
    return error;
}

int intake_watch(struct intake *self, int64_t monotonic_ms, struct instant now)
{
    size_t resident;

    if (self->watched_ms && monotonic_ms - self->watched_ms < INTAKE_WATCH_MS)
        return INTAKE_WELL;
    self->watched_ms = monotonic_ms ? monotonic_ms : 1;
    if ((!instant_is_none(self->keys_change) && now.us >= self->keys_change.us) ||
        now.us < self->keys_looked.us) /* the clock was set back */
        hand_over_keys(self, now);
    if (!self->bound && open_bound(self) == 0)
        tell(self, LOG_WARNING, "the intake listens again at %s", self->endpoint);
    /* libzmq's thread frees what was let go bit by bit; so it is given back bit by bit. */
    if (fuse_is_cooling(&self->fuse))
        malloc_trim(0);
    resident = fuse_resident();
    if (!fuse_blows(&self->fuse, resident))
        return INTAKE_WELL;
    blow(self, resident);
    return INTAKE_FUSE_BLEW;
}

int intake_watch_ms(const struct intake *self)
{
    if (!self)
        return INTAKE_CALM_MS;
    return self->bound && fuse_is_calm(&self->fuse) ? INTAKE_CALM_MS : INTAKE_WATCH_MS;
}

/* Messages that never end lie in libzmq where no limit counts them; only
 * closing the socket frees them.  The port is free a moment later, so binding
 * is tried now and again at every watch. */
static void blow(struct intake *self, size_t resident)
{
    void *fresh = NULL;

    if (intake_socket_open(self->context, self->secret_key, self->domain,
                           strchr(self->endpoint, '[') != NULL, &fresh) < 0) {
        tell(self, LOG_ALERT, "memory fuse: %zu MiB resident, and no new socket can be had",
             resident >> 20);
        return;
    }
    self->counts.fuse_blown++;
    tell(self, LOG_ALERT,
         "memory fuse: %zu MiB resident, the limit is %zu; the intake is opened anew",
         resident >> 20, self->fuse.limit >> 20);
    if (self->bound)
        zmq_unbind(self->socket, self->endpoint);
    zmq_close(self->socket);
    self->socket = fresh;
    self->bound = false;
    self->generation++;
    ledger_forget_peers(&self->ledger);
    malloc_trim(0);
    open_bound(self);
}

static void tell(struct intake *self, int priority, const char *format, ...)
{
    char line[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    self->tell(self->tell_context, priority, line);
}
