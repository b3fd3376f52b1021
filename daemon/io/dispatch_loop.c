/* dispatch_loop.c - the dispatcher's thread: takes deliveries, runs transfers, tells outcomes. */
#include "io/dispatch_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "io/carrier.h"
#include "io/connections.h"
#include "io/dispatcher.h"
#include "io/journal.h"
#include "io/parcel.h"
#include "io/queue.h"
#include "io/webhook.h"

enum {
    LONGEST_SLEEP_MS = 1000,
    LONGEST_IDLE_MS = 60000, /* with nothing to carry */
    TAKEN_AT_ONCE = 64,      /* messages, before the transfers get their turn */
    CARRIERS = DISPATCH_MAILS_MAX
};

/* A mail under way, or a carrier without one. */
struct errand {
    zactor_t *carrier;
    struct parcel *parcel;
};

/* A webhook under way, or an empty place. */
struct post {
    struct webhook *webhook;
    struct parcel *parcel;
    CURLSH *kept; /* the connections that it may use; NULL: none */
};

struct dispatch_loop {
    zsock_t *pipe;
    CURLM *multi;
    struct connections connections;
    struct queue *queue;
    struct mail_settings mail;
    struct patience patience;
    struct endpoint *endpoints;
    size_t endpoint_count;
    struct errand errands[CARRIERS];
    struct post posts[DISPATCH_TRANSFERS_MAX];
    bool stopping;
};

static void forget_settings(struct dispatch_loop *self)
{
    explicit_bzero(&self->mail, sizeof self->mail);
    if (self->endpoints)
        explicit_bzero(self->endpoints, self->endpoint_count * sizeof *self->endpoints);
    free(self->endpoints);
    self->endpoints = NULL;
    self->endpoint_count = 0;
}

/* The carriers are told first, all of them, so that they end at the same time. */
static void loop_close(struct dispatch_loop *self)
{
    for (size_t i = 0; i < CARRIERS; i++)
        if (self->errands[i].carrier)
            (void)zstr_send(self->errands[i].carrier, "$TERM");
    for (size_t i = 0; i < DISPATCH_TRANSFERS_MAX; i++) {
        if (self->posts[i].webhook)
            (void)curl_multi_remove_handle(self->multi, webhook_handle(self->posts[i].webhook));
        webhook_close(&self->posts[i].webhook);
        parcel_close(&self->posts[i].parcel);
        connections_done(&self->connections, self->posts[i].kept, 0);
    }
    for (size_t i = 0; i < CARRIERS; i++) {
        zactor_destroy(&self->errands[i].carrier);
        parcel_close(&self->errands[i].parcel);
    }
    connections_close(&self->connections);
    (void)curl_multi_cleanup(self->multi);
    queue_close(&self->queue);
    forget_settings(self);
}

static int loop_open(struct dispatch_loop *self)
{
    self->multi = curl_multi_init();
    if (!self->multi || queue_open(&self->queue) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < CARRIERS; i++)
        if (!(self->errands[i].carrier = carrier_open()))
            return -ENOMEM;
    return 0;
}

static bool has_in(void *socket)
{
    return (zsock_events(socket) & ZMQ_POLLIN) != 0;
}

/* Of a mail a reply of the server's speaks of this mail or its recipient, but for 421, and so does
 * Notify's 400; a webhook has an endpoint to itself. */
static enum queue_end end_of(const struct outcome *outcome)
{
    if (outcome->outcome != DELIVERY_LATER)
        return QUEUE_END_WELL;
    if (outcome->needs_operator && outcome->code == 0)
        return QUEUE_END_UNKNOWN; /* a setting of ours kept it from being asked */
    if (outcome->route == ROUTE_EMAIL && outcome->code != 0 && outcome->code != 421)
        return QUEUE_END_WELL;
    if (outcome->code == 400 && !route_is_to_endpoint(outcome->route))
        return QUEUE_END_WELL;
    return QUEUE_END_FAILED;
}

/* The transfer of a parcel is over, or cannot begin. */
static int finish(struct dispatch_loop *self, struct parcel *parcel, enum queue_end end,
                  const struct outcome *outcome)
{
    queue_done(self->queue, parcel, end, zclock_mono());
    parcel_close(&parcel);
    return outcome_send(self->pipe, outcome);
}

static int give_back(struct dispatch_loop *self, struct parcel *parcel, bool needs_operator,
                     const char *why)
{
    struct outcome outcome = outcome_of(&parcel->delivery);

    outcome.needs_operator = needs_operator;
    outcome_tell(&outcome, why);
    return finish(self, parcel, QUEUE_END_UNKNOWN, &outcome);
}

/* ---- what the engine sends ---- */

/* Wipes a frame that holds secrets before it goes back to the heap. */
static void frame_wipe(zframe_t **frame)
{
    if (*frame)
        explicit_bzero(zframe_data(*frame), zframe_size(*frame));
    zframe_destroy(frame);
}

static int take_settings(struct dispatch_loop *self, zmsg_t *message)
{
    CLEANUP(frame_wipe) zframe_t *mail = zmsg_pop(message);
    CLEANUP(frame_wipe) zframe_t *patience = zmsg_pop(message);
    CLEANUP(frame_wipe) zframe_t *endpoints = zmsg_pop(message);
    size_t size = endpoints ? zframe_size(endpoints) : 0;
    struct endpoint *copy;

    if (!endpoints || zframe_size(mail) != sizeof self->mail ||
        zframe_size(patience) != sizeof self->patience || size % sizeof *copy != 0)
        return -EIO;
    copy = malloc(size + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, zframe_data(endpoints), size);
    forget_settings(self);
    self->endpoints = copy;
    self->endpoint_count = size / sizeof *copy;
    memcpy(&self->mail, zframe_data(mail), sizeof self->mail);
    memcpy(&self->patience, zframe_data(patience), sizeof self->patience);
    /* They may trust other certificates under the same path, or go to another address. */
    connections_forget(&self->connections);
    queue_configure(self->queue, self->patience.alone_ms);
    return 0;
}

static int take_delivery(struct dispatch_loop *self, zmsg_t *message)
{
    struct parcel *parcel = parcel_read(message);
    struct outcome outcome;

    if (!parcel)
        return -EIO;
    if (queue_add(self->queue, parcel) == 0)
        return 0;
    outcome = outcome_of(&parcel->delivery);
    outcome_tell(&outcome, "no memory for the queue");
    parcel_close(&parcel);
    return outcome_send(self->pipe, &outcome);
}

static int take_message(struct dispatch_loop *self)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(self->pipe);
    CLEANUP(zframe_destroy) zframe_t *kind = message ? zmsg_pop(message) : NULL;

    if (!kind)
        return -EIO;
    if (zframe_streq(kind, DISPATCH_DELIVERY))
        return take_delivery(self, message);
    if (zframe_streq(kind, DISPATCH_SETTINGS))
        return take_settings(self, message);
    if (zframe_streq(kind, DISPATCH_ECHO))
        return zstr_send(self->pipe, DISPATCH_ECHO) == 0 ? 0 : -EIO;
    self->stopping = true; /* $TERM */
    return 0;
}

static int take_messages(struct dispatch_loop *self)
{
    int answer = 0;

    for (int i = 0; i < TAKEN_AT_ONCE && answer == 0 && !self->stopping && has_in(self->pipe); i++)
        answer = take_message(self);
    return answer;
}

/* ---- starting ---- */

static int start_mail(struct dispatch_loop *self, struct parcel *parcel)
{
    for (size_t i = 0; i < CARRIERS; i++) {
        struct errand *errand = &self->errands[i];

        if (errand->parcel)
            continue;
        errand->parcel = parcel;
        return carrier_send(errand->carrier, &self->mail, &self->patience, &parcel->delivery);
    }
    abort(); /* the queue gives out as many mails as there are carriers */
}

/* The one of GOV.UK Notify serves all its routes; the others are named by the delivery. */
static const struct endpoint *find_endpoint(const struct dispatch_loop *self,
                                            const struct delivery *delivery)
{
    for (size_t i = 0; i < self->endpoint_count; i++) {
        const struct endpoint *endpoint = &self->endpoints[i];

        if (route_is_to_endpoint(delivery->route) ? strcmp(endpoint->id, delivery->recipient) == 0
                                                  : endpoint->kind == ENDPOINT_GOVUK_NOTIFY)
            return endpoint;
    }
    return NULL;
}

/* The handle goes first: what it shared is in use until then. */
static void clear_post(struct dispatch_loop *self, struct post *post)
{
    webhook_close(&post->webhook);
    connections_done(&self->connections, post->kept, zclock_mono());
    *post = (struct post){ .webhook = NULL };
}

static struct post *find_place(struct dispatch_loop *self)
{
    for (size_t i = 0; i < DISPATCH_TRANSFERS_MAX; i++)
        if (!self->posts[i].webhook)
            return &self->posts[i];
    abort(); /* the queue gives out as many as there are places */
}

static int start_webhook(struct dispatch_loop *self, struct parcel *parcel)
{
    const struct endpoint *endpoint = find_endpoint(self, &parcel->delivery);
    struct post *post = find_place(self);

    if (!endpoint)
        return give_back(self, parcel, true, "no endpoint of this id is configured");
    if (webhook_keeps_connections(endpoint))
        post->kept = connections_take(&self->connections, endpoint->id);
    if (webhook_open(endpoint, &self->patience, &parcel->delivery, post->kept, &post->webhook) <
        0) {
        clear_post(self, post);
        return give_back(self, parcel, false, "cannot set up the transfer");
    }
    if (curl_multi_add_handle(self->multi, webhook_handle(post->webhook)) != CURLM_OK) {
        clear_post(self, post);
        return give_back(self, parcel, false, "cannot start the transfer");
    }
    post->parcel = parcel;
    return 0;
}

static int start_what_may(struct dispatch_loop *self)
{
    struct parcel *parcel;
    int answer = 0;

    while (answer == 0 && (parcel = queue_next(self->queue, zclock_mono())))
        answer = parcel->delivery.route == ROUTE_EMAIL ? start_mail(self, parcel)
                                                       : start_webhook(self, parcel);
    return answer;
}

/* What waits for an endpoint that is left alone goes back, and makes room. */
static int put_off_what_must(struct dispatch_loop *self)
{
    struct parcel *parcel;
    int64_t wait_ms;
    int answer = 0;

    while (answer == 0 && (parcel = queue_put_off(self->queue, zclock_mono(), &wait_ms))) {
        struct outcome outcome = outcome_of(&parcel->delivery);

        outcome.put_off = true;
        outcome.retry_after_s = (uint32_t)(wait_ms / 1000 + 1);
        outcome_tell(&outcome, "not tried: it fails again and again, and is left alone");
        parcel_close(&parcel);
        answer = outcome_send(self->pipe, &outcome);
    }
    return answer;
}

/* ---- ending ---- */

static int finish_post(struct dispatch_loop *self, struct webhook *webhook, CURLcode code)
{
    struct outcome outcome;

    for (size_t i = 0; i < DISPATCH_TRANSFERS_MAX; i++) {
        struct post post = self->posts[i];

        if (post.webhook != webhook)
            continue;
        (void)curl_multi_remove_handle(self->multi, webhook_handle(webhook));
        if (webhook_goes_on(webhook, code) &&
            curl_multi_add_handle(self->multi, webhook_handle(webhook)) == CURLM_OK)
            return 0;
        webhook_outcome(webhook, code, &outcome);
        clear_post(self, &self->posts[i]);
        return finish(self, post.parcel, end_of(&outcome), &outcome);
    }
    abort(); /* a handle of ours has a place of ours */
}

static int advance_webhooks(struct dispatch_loop *self)
{
    int running, left, answer = 0;
    CURLMcode code = curl_multi_perform(self->multi, &running);
    CURLMsg *message;

    if (code != CURLM_OK)
        return journal_fail(-EIO, "libcurl failed: %s", curl_multi_strerror(code));
    while (answer == 0 && (message = curl_multi_info_read(self->multi, &left))) {
        struct webhook *webhook = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&webhook);
        answer = finish_post(self, webhook, message->data.result);
    }
    return answer;
}

static int take_from_carrier(struct dispatch_loop *self, struct errand *errand)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(errand->carrier);
    struct parcel *parcel = errand->parcel;
    struct outcome outcome;

    if (!parcel || !message || !outcome_read(message, &outcome))
        return journal_fail(-EIO, "a thread that carries mail has ended");
    errand->parcel = NULL;
    return finish(self, parcel, end_of(&outcome), &outcome);
}

static int take_from_carriers(struct dispatch_loop *self)
{
    int answer = 0;

    for (size_t i = 0; i < CARRIERS && answer == 0; i++)
        if (has_in(self->errands[i].carrier))
            answer = take_from_carrier(self, &self->errands[i]);
    return answer;
}

/* ---- the loop ---- */

static bool has_something(struct dispatch_loop *self)
{
    bool has = has_in(self->pipe);

    for (size_t i = 0; i < CARRIERS; i++)
        has = has_in(self->errands[i].carrier) || has;
    return has;
}

/* A ZeroMQ descriptor only tells of the moment a queue stops being empty, so the queues
 * themselves are asked before every sleep. */
static int sleep_until_something_happens(struct dispatch_loop *self)
{
    struct curl_waitfd watched[1 + CARRIERS] = { { .fd = zsock_fd(self->pipe) } };
    int longest_ms = LONGEST_SLEEP_MS;

    for (size_t i = 0; i < CARRIERS; i++)
        watched[1 + i].fd = zsock_fd(self->errands[i].carrier);
    for (size_t i = 0; i < COUNT_OF(watched); i++)
        watched[i].events = CURL_WAIT_POLLIN;
    if (self->stopping || has_something(self))
        return 0;
    if (queue_waiting(self->queue) == 0 && queue_under_way(self->queue) == 0)
        longest_ms = LONGEST_IDLE_MS;
    if (curl_multi_poll(self->multi, watched, COUNT_OF(watched), longest_ms, NULL) != CURLM_OK)
        return -EIO;
    return 0;
}

static int turn(struct dispatch_loop *self)
{
    int answer;

    if ((answer = take_messages(self)) < 0 || self->stopping ||
        (answer = take_from_carriers(self)) < 0 || (answer = advance_webhooks(self)) < 0 ||
        (answer = put_off_what_must(self)) < 0 || (answer = start_what_may(self)) < 0)
        return answer;
    connections_tend(&self->connections, zclock_mono());
    return sleep_until_something_happens(self);
}

void dispatch_loop_run(zsock_t *pipe, void *unused)
{
    CLEANUP(loop_close) struct dispatch_loop self = { .pipe = pipe };
    int answer = loop_open(&self);

    (void)unused;
    (void)zsock_signal(pipe, 0); /* for zactor_new() */
    (void)zsock_signal(pipe, (byte)(answer < 0));
    while (answer == 0 && !self.stopping)
        answer = turn(&self);
}
