/* dispatcher.c - the engine's side of the dispatcher: frames in, outcomes out. */
#include "io/dispatcher.h"

#include <czmq.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <curl/curl.h>

#include "io/dispatch_loop.h"
#include "io/journal.h"
#include "io/parcel.h"

struct dispatcher {
    zactor_t *actor;
    bool has_curl;
    size_t in_flight;
    int64_t echo_ms; /* since when an echo is waited for; 0: it is not */
};

/* Starting czmq seeds the generator behind rand() with the time of day, and libzmq takes the
 * routing ids of its sockets from there: guessable ids can be squatted. */
static int seed_again(void)
{
    unsigned seed;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        return journal_fail(-EIO, "cannot seed the dispatcher's random numbers: %m");
    srand(seed);
    return 0;
}

/* The thread inherits a mask under which no signal of the process comes to it; the pipe has no
 * high-water mark, because in_flight bounds it already and neither side may ever wait. */
static zactor_t *start_thread(void)
{
    size_t pipe_hwm = zsys_pipehwm();
    sigset_t all, before;
    zactor_t *actor;

    if (sigfillset(&all) < 0 || pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return NULL;
    zsys_set_pipehwm(0);
    actor = zactor_new(dispatch_loop_run, NULL);
    zsys_set_pipehwm(pipe_hwm);
    if (actor)
        zsock_set_sndtimeo(actor,
                           0); /* a thread that has ended takes nothing: do not wait for it */
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return actor;
}

static int send_settings(struct dispatcher *self, const struct dispatch_settings *settings)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_new();

    if (!message || zmsg_addstr(message, DISPATCH_SETTINGS) ||
        zmsg_addmem(message, &settings->mail, sizeof settings->mail) ||
        zmsg_addmem(message, &settings->patience, sizeof settings->patience) ||
        zmsg_addmem(message, settings->endpoints,
                    settings->endpoint_count * sizeof *settings->endpoints))
        return journal_fail(-ENOMEM, "no memory for the dispatcher's settings");
    if (zmsg_send(&message, self->actor) != 0)
        return journal_fail(-EIO, "the dispatcher's thread takes no settings");
    return DISPATCHER_OK;
}

int dispatcher_open(const struct dispatch_settings *settings, struct dispatcher **dispatcher)
{
    CLEANUP(dispatcher_close) struct dispatcher *self = NULL;
    char fault[DISPATCH_FAULT_SIZE];
    int answer;

    if (dispatch_settings_fault(settings, fault))
        return DISPATCHER_BAD_SETTINGS;
    self = calloc(1, sizeof *self);
    if (!self)
        return journal_fail(-ENOMEM, "no memory for the dispatcher");
    zsys_handler_set(NULL); /* before anything else of czmq: signals are the engine's */
    self->has_curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!self->has_curl)
        return journal_fail(-EIO, "cannot start libcurl");
    self->actor = start_thread();
    if (!self->actor || zsock_wait(self->actor) != 0)
        return journal_fail(-ENOMEM, "cannot start the dispatcher's threads");
    if ((answer = seed_again()) < 0 || (answer = send_settings(self, settings)) < 0)
        return answer;

    *dispatcher = self;
    self = NULL;
    return DISPATCHER_OK;
}

int dispatcher_configure(struct dispatcher *self, const struct dispatch_settings *settings)
{
    char fault[DISPATCH_FAULT_SIZE];

    if (dispatch_settings_fault(settings, fault))
        return DISPATCHER_BAD_SETTINGS;
    return send_settings(self, settings);
}

/* The id becomes the value of a header: letters and digits only. */
static bool is_whole(const struct delivery *delivery)
{
    size_t length = strnlen(delivery->id, sizeof delivery->id);

    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)delivery->id[i]))
            return false;
    return length > 0 && length < sizeof delivery->id && delivery->bytes && delivery->size > 0 &&
           delivery->size <= DELIVERY_BYTES_MAX &&
           memchr(delivery->recipient, '\0', sizeof delivery->recipient) &&
           (unsigned)delivery->route < ROUTE_COUNT;
}

int dispatcher_send(struct dispatcher *self, const struct delivery *delivery)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = NULL;

    if (!is_whole(delivery))
        return -EINVAL;
    if (self->in_flight >= DISPATCH_QUEUE_MAX)
        return DISPATCHER_FULL;
    message = zmsg_new();
    if (!message || zmsg_addstr(message, DISPATCH_DELIVERY) || parcel_write(message, delivery) < 0)
        return journal_fail(-ENOMEM, "no memory for a delivery");
    if (zmsg_send(&message, self->actor) != 0)
        return journal_fail(-EIO, "the dispatcher's thread takes no deliveries");
    self->in_flight++;
    return DISPATCHER_OK;
}

void *dispatcher_socket(struct dispatcher *self)
{
    return zsock_resolve(self->actor);
}

static bool is_echo(struct dispatcher *self, zmsg_t *message)
{
    zframe_t *frame = zmsg_first(message);

    if (!frame || !zframe_streq(frame, DISPATCH_ECHO))
        return false;
    self->echo_ms = 0;
    return true;
}

int dispatcher_take(struct dispatcher *self, struct outcome *outcome)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = NULL;

    do {
        zmsg_destroy(&message);
        if (!(zsock_events(self->actor) & ZMQ_POLLIN))
            return 0;
        message = zmsg_recv(self->actor);
    } while (message && is_echo(self, message));
    if (!message || !outcome_read(message, outcome))
        return journal_fail(-EIO, "the dispatcher's thread has ended");
    self->in_flight--;
    return 1;
}

bool dispatcher_is_alive(struct dispatcher *self, int64_t monotonic_ms)
{
    if (self->echo_ms)
        return monotonic_ms - self->echo_ms < DISPATCH_ECHO_MS;
    if (zstr_send(self->actor, DISPATCH_ECHO) != 0)
        return false;
    self->echo_ms = monotonic_ms;
    return true;
}

size_t dispatcher_in_flight(const struct dispatcher *self)
{
    return self->in_flight;
}

void dispatcher_close(struct dispatcher **dispatcher)
{
    struct dispatcher *self = *dispatcher;

    if (!self)
        return;
    zactor_destroy(&self->actor);
    if (self->has_curl)
        curl_global_cleanup();
    free(self);
    *dispatcher = NULL;
}
