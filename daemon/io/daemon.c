/* daemon.c - turns until told to stop: every wake-up source in one place. */
#include "io/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <zmq.h>

#include "io/daemon_private.h"
#include "io/journal.h"

enum {
    ANSWERS_MAX = 1024,     /* events of one turn, and their answers after the commit */
    REFUSALS_LOOK_MS = 1000 /* how often refusals are looked at for a person to be told */
};

/* The places of the fixed sources among what is polled; feeds and control peers follow. */
enum source { SOURCE_SIGNALS, SOURCE_CLOCK, SOURCE_OUTCOMES, SOURCE_INTAKE, SOURCE_FIXED_COUNT };

/* An event taken in this turn, to be answered after its commit. */
struct waiting_answer {
    struct intake_message *message;
    enum wire_command command;
    char *json; /* NULL: refused with `code` */
    char code[8];
};

struct turn {
    struct daemon *daemon;
    struct waiting_answer answers[ANSWERS_MAX];
    size_t answer_count;
    bool begun;
    bool full;
};

static int run(struct daemon *self);
static int take_turn(struct daemon *self, struct turn *turn);
static int wait_for_something(struct daemon *self, bool at_once);

int daemon_run(const struct daemon_options *options)
{
    struct daemon *self = calloc(1, sizeof *self);
    int answer;

    if (!self)
        return 1;
    self->options = *options;
    /* Keys and passwords are in our memory: no core file, no tracer. */
    prctl(PR_SET_DUMPABLE, 0);
    intake_seed();
    answer = daemon_read_files(self);
    if (answer == 0 && !options->check) {
        answer = service_open(&self->service) < 0 ? 1 : daemon_open_all(self);
        if (answer == 0)
            answer = run(self);
        service_stopping(self->service, "stopping");
    }
    daemon_close_all(self);
    service_close(&self->service);
    free(self);
    return answer;
}

static int record_start(struct daemon *self)
{
    struct instant now = clock_now(self->clock);
    int error = engine_begin(self->engine, now);

    if (error < 0)
        return error;
    error = engine_record(self->engine, "start", "{\"version\":\"" CONCERN_VERSION "\"}");
    if (error == 0)
        error = engine_recompute(self->engine);
    if (error) {
        engine_roll_back(self->engine);
        return error;
    }
    return engine_commit(self->engine);
}

static int run(struct daemon *self)
{
    struct turn *turn = calloc(1, sizeof *turn);
    int error = turn ? record_start(self) : -ENOMEM;

    self->since = self->policy_loaded = clock_now(self->clock);
    if (error == 0) {
        journal_notice(NULL, "concernd " CONCERN_VERSION " is ready%s%s",
                       self->intake ? ", listening at " : "",
                       self->intake ? intake_endpoint(self->intake) : "");
        service_ready(self->service, "running");
    }
    while (error >= 0 && !self->stopping)
        error = take_turn(self, turn);
    free(turn);
    if (error < 0)
        journal_error(NULL, "stopping: the store has failed; nothing more is acknowledged");
    return error < 0 ? EX_IOERR : 0;
}

/* --- a turn */

static int begin_once(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error;

    if (turn->begun)
        return 0;
    error = engine_begin(self->engine, clock_now(self->clock));
    turn->begun = error == 0;
    return error;
}

static struct waiting_answer *answer_later(struct turn *turn, struct intake_message *message)
{
    struct waiting_answer *answer = &turn->answers[turn->answer_count++];

    *answer = (struct waiting_answer){ .message = message };
    return answer;
}

static void refuse_later(struct turn *turn, struct intake_message *message,
                         const struct answer_nack *nack)
{
    struct waiting_answer *answer = answer_later(turn, message);

    answer->command = WIRE_NACK;
    snprintf(answer->code, sizeof answer->code, "%s", nack->code);
    if (answer_write_nack(nack, &answer->json) < 0)
        answer->json = NULL;
}

static void log_refusal(const char *who, const struct answer_nack *nack)
{
    journal_warn(JOURNAL({ "SOURCE", nack->source }, { "EVENT", nack->id }, { "CODE", nack->code }),
                 "event of %s refused, %s: %s", who, nack->code, nack->why);
}

static const char *name_of_key(const struct daemon *self, const char *key)
{
    const struct principal *principal = self->keyring ? keyring_find(self->keyring, key) : NULL;

    return principal ? principal->name : "an unknown key";
}

static int take_event(struct turn *turn, struct intake_message *message)
{
    struct daemon *self = turn->daemon;
    struct engine_input input = {
        .bytes = message->body,
        .size = message->size,
        .key = message->key,
        .received = message->received,
    };
    struct engine_reply reply = { 0 };
    int answer = engine_take(self->engine, &input, &reply);
    struct waiting_answer *waiting;

    if (answer == ENGINE_REFUSED) {
        log_refusal(name_of_key(self, message->key), &reply.nack);
        refuse_later(turn, message, &reply.nack);
        return 0;
    }
    waiting = answer_later(turn, message);
    if (answer != ENGINE_TAKEN)
        return answer;
    waiting->command = WIRE_ACK;
    return answer_write_ack(&reply.ack, &waiting->json);
}

/* LAST and STAT are answered from what is on disk, after this turn's commit at the latest. */
static int take_question(struct turn *turn, struct intake_message *message)
{
    struct daemon *self = turn->daemon;
    struct waiting_answer *waiting = answer_later(turn, message);
    struct answer_query query;
    struct answer_last last;
    struct answer_ack ack;
    const char *code = WIRE_CODE_SCHEMA;
    int error;

    waiting->command = WIRE_NACK;
    if (answer_read_query(message->body, message->size, &query) != ANSWER_OK ||
        keyring_may_ask(self->keyring, message->key, query.source, message->received, &code) !=
            KEYRING_OK) {
        snprintf(waiting->code, sizeof waiting->code, "%s", code);
        return 0;
    }
    waiting->command = WIRE_ACK;
    if (message->command == WIRE_LAST) {
        error = engine_last(self->engine, query.source, &last);
        return error < 0 ? error : answer_write_last(&last, &waiting->json);
    }
    error = engine_stat(self->engine, query.source, query.id, &ack);
    return error < 0 ? error : answer_write_ack(&ack, &waiting->json);
}

static int take_message(struct turn *turn, struct intake_message *message)
{
    if (message->command == WIRE_EVENT)
        return take_event(turn, message);
    if (message->command == WIRE_LAST || message->command == WIRE_STAT)
        return take_question(turn, message);
    snprintf(answer_later(turn, message)->code, 8, "%s", WIRE_CODE_FRAMES);
    turn->answers[turn->answer_count - 1].command = WIRE_NACK;
    return 0;
}

static bool has_room(const struct turn *turn, int64_t began_ms)
{
    const struct settings *settings = turn->daemon->settings;

    return turn->answer_count < ANSWERS_MAX &&
           (int64_t)turn->answer_count < settings->turn_events &&
           clock_monotonic_ms() - began_ms <= settings->turn_us / 1000;
}

static int take_intake(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t began_ms = clock_monotonic_ms();
    int error = 0;

    while (self->intake && error == 0 && has_room(turn, began_ms)) {
        struct intake_message *message = NULL;
        int taken = intake_take(self->intake, clock_now(self->clock), &message);

        if (taken <= 0)
            return taken;
        error = begin_once(turn);
        if (error == 0)
            error = take_message(turn, message);
        else
            intake_message_close(&message);
    }
    return error;
}

/* A feed's publisher has no answer to wait for: what is refused is logged and counted. */
static int take_feed_event(struct turn *turn, struct feed_message *message)
{
    struct daemon *self = turn->daemon;
    const struct feed_setting *setting = &self->settings->feeds[message->feed];
    struct engine_input input = {
        .bytes = message->body,
        .size = message->size,
        .key = setting->server_key,
        .feed = setting->name,
        .received = message->received,
    };
    struct engine_reply reply = { 0 };
    int answer;

    if (message->heartbeat)
        return engine_take_heartbeat(self->engine, setting->name, message->source,
                                     message->seqepoch, message->last_sequence);
    answer = engine_take(self->engine, &input, &reply);
    if (answer != ENGINE_REFUSED)
        return answer == ENGINE_TAKEN ? 0 : answer;
    log_refusal(setting->name, &reply.nack);
    if (self->intake)
        intake_count_refusal(self->intake, setting->server_key, reply.nack.code, message->received);
    return 0;
}

static int take_feeds(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error = 0;

    for (size_t i = 0; i < self->feed_count; i++)
        for (int budget = 256; budget > 0 && error == 0; budget--) {
            struct feed_message *message = NULL;
            int taken = feed_take(self->feeds[i], clock_now(self->clock), &message);

            if (taken <= 0)
                break;
            error = begin_once(turn);
            if (error == 0)
                error = take_feed_event(turn, message);
            feed_message_close(&message);
        }
    return error;
}

static int take_outcomes(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    struct outcome outcome;
    int error = 0;

    for (int budget = 1024; budget > 0 && error == 0; budget--) {
        int taken = dispatcher_take(self->dispatcher, &outcome);

        if (taken <= 0)
            return taken;
        error = begin_once(turn);
        if (error == 0)
            error = engine_note(self->engine, &outcome);
    }
    return error;
}

static int pass_deadlines(struct turn *turn, bool *more)
{
    struct daemon *self = turn->daemon;
    struct instant wake, now = clock_now(self->clock);
    int error = engine_next_wake(self->engine, &wake);

    *more = false;
    if (error < 0 || instant_is_none(wake) || wake.us > now.us)
        return error;
    error = begin_once(turn);
    return error ? error : engine_pass(self->engine, more);
}

/* --- what the operator is told about the ways in */

static int tell_silent_feeds(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error = 0;

    for (size_t i = 0; i < self->feed_count && error == 0; i++) {
        bool silent = feed_is_silent(self->feeds[i], clock_now(self->clock));

        if (silent && !self->feed_was_silent[i])
            journal_warn(JOURNAL({ "FEED", feed_name(self->feeds[i]) }),
                         "feed %s has fallen silent", feed_name(self->feeds[i]));
        else if (!silent && self->feed_was_silent[i])
            journal_notice(JOURNAL({ "FEED", feed_name(self->feeds[i]) }), "feed %s is heard again",
                           feed_name(self->feeds[i]));
        self->feed_was_silent[i] = silent;
    }
    return error;
}

/* A rejected safeguarding event is itself an incident: after three of a kind from one key a
 * person is told, once. */
static int tell_refusals(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    struct intake_refusal rows[INTAKE_REFUSALS_MAX];
    int64_t now_ms = clock_monotonic_ms();
    size_t count;
    int error = 0;

    if (!self->intake || now_ms - self->told_refusals_ms < REFUSALS_LOOK_MS)
        return 0;
    self->told_refusals_ms = now_ms;
    count = intake_refusals(self->intake, rows, INTAKE_REFUSALS_MAX);
    for (size_t i = 0; i < count && error == 0; i++) {
        char key[128], text[400];

        if (rows[i].count < 3)
            continue;
        snprintf(key, sizeof key, "refusals %.*s %.*s", WIRE_KEY_TEXT, rows[i].key, INTAKE_CODE_MAX,
                 rows[i].code);
        snprintf(text, sizeof text,
                 "Events of %s have been refused at least three times with code %s (%s).\n"
                 "Nothing of them was kept. Their case system holds them; see what it says, "
                 "and what `concernctl status` counts.\n",
                 name_of_key(self, rows[i].key), rows[i].code,
                 wire_code_find(rows[i].code) ? wire_code_find(rows[i].code)->meaning : "");
        error = begin_once(turn);
        if (error == 0)
            error = engine_tell_operator(self->engine, key, "Events are being refused", text);
    }
    return error;
}

/* --- after the commit */

/* A refusal names the event where it could be read, so that a publisher with many on their way
 * knows which. */
static void answer_refusal(struct daemon *self, const struct waiting_answer *answer)
{
    if (!answer->json) {
        intake_refuse(self->intake, answer->message, answer->code, NULL);
        return;
    }
    intake_answer(self->intake, answer->message, WIRE_NACK, answer->json);
    intake_count_refusal(self->intake, answer->message->key, answer->code, clock_now(self->clock));
}

static void answer_publishers(struct turn *turn, bool kept)
{
    struct daemon *self = turn->daemon;

    for (size_t i = 0; i < turn->answer_count; i++) {
        struct waiting_answer *answer = &turn->answers[i];

        if (answer->command == WIRE_NACK)
            answer_refusal(self, answer);
        else if (kept && answer->json)
            intake_answer(self->intake, answer->message, WIRE_ACK, answer->json);
        else
            intake_refuse(self->intake, answer->message, WIRE_CODE_STORE, NULL);
        free(answer->json);
        intake_message_close(&answer->message);
    }
    turn->answer_count = 0;
    if (self->intake)
        intake_set_last(self->intake, (int64_t)engine_last_record(self->engine));
}

static int gather(struct turn *turn, bool *more)
{
    int error = take_intake(turn);

    if (error == 0)
        error = take_feeds(turn);
    if (error == 0)
        error = take_outcomes(turn);
    if (error == 0)
        error = pass_deadlines(turn, more);
    if (error == 0)
        error = tell_silent_feeds(turn);
    if (error == 0)
        error = tell_refusals(turn);
    return error;
}

static int end_turn(struct turn *turn, int error)
{
    struct daemon *self = turn->daemon;

    if (turn->begun && error == 0)
        error = engine_commit(self->engine);
    else if (turn->begun)
        engine_roll_back(self->engine);
    answer_publishers(turn, error == 0);
    turn->begun = false;
    if (error == ENGINE_STORE_FULL && !turn->full)
        journal_error(NULL, "the store is full: nothing is acknowledged until there is room "
                            "(free disk space in the state directory)");
    turn->full = error == ENGINE_STORE_FULL;
    return error < 0 ? error : 0;
}

static bool carry(void *context, const struct delivery *delivery)
{
    return dispatcher_send(context, delivery) == DISPATCHER_OK;
}

static void handle_signals(struct daemon *self)
{
    enum service_signal signal;

    while ((signal = service_take_signal(self->service)) != SERVICE_NOTHING) {
        if (signal == SERVICE_STOP)
            self->stopping = true;
        else
            daemon_reload(self);
    }
}

static void note_clock(struct daemon *self)
{
    if (clock_tick(self->clock) == CLOCK_WAS_SET) {
        int64_t step_s = clock_step(self->clock) / SECOND_US;

        journal_warn(NULL, "the wall clock was set by %lld seconds; all deadlines are asked again",
                     (long long)step_s);
    }
}

/* One turn: everything that has arrived is decided and kept in a single transaction, and only
 * then does anyone outside hear of it. */
static int take_turn(struct daemon *self, struct turn *turn)
{
    bool more = false;
    int error;

    turn->daemon = self;
    handle_signals(self);
    note_clock(self);
    control_serve(self->control);
    if (self->intake && intake_watch(self->intake, clock_monotonic_ms(), clock_now(self->clock)) ==
                            INTAKE_FUSE_BLEW)
        for (size_t i = 0; i < self->feed_count; i++)
            feed_reset(self->feeds[i]);

    error = end_turn(turn, gather(turn, &more));
    if (error < 0)
        return error;
    error = engine_hand_out(self->engine, clock_now(self->clock), carry, self->dispatcher);
    if (error < 0 || self->stopping)
        return error;
    /* Publishers have their answers: nobody waits for the log to be moved. */
    if ((error = store_tend(self->store)) < 0)
        return error;
    service_watchdog(self->service, clock_monotonic_ms());
    return wait_for_something(self, more);
}

/* --- sleeping */

static size_t add_control(const struct daemon *self, zmq_pollitem_t *items, size_t count)
{
    struct pollfd places[CONTROL_PEERS_MAX + 1];
    size_t controls = control_watch(self->control, places);

    for (size_t i = 0; i < controls; i++) {
        short wanted = (short)((places[i].events & POLLIN ? ZMQ_POLLIN : 0) |
                               (places[i].events & POLLOUT ? ZMQ_POLLOUT : 0));

        items[count++] = (zmq_pollitem_t){ .fd = places[i].fd, .events = wanted };
    }
    return count;
}

static int wait_for_something(struct daemon *self, bool at_once)
{
    zmq_pollitem_t items[SOURCE_FIXED_COUNT + SETTINGS_FEEDS_MAX + CONTROL_PEERS_MAX + 1] = {
        [SOURCE_SIGNALS] = { .fd = service_descriptor(self->service), .events = ZMQ_POLLIN },
        [SOURCE_CLOCK] = { .fd = clock_descriptor(self->clock), .events = ZMQ_POLLIN },
        [SOURCE_OUTCOMES] = { .socket = dispatcher_socket(self->dispatcher), .events = ZMQ_POLLIN },
    };
    size_t count = SOURCE_INTAKE;
    struct instant wake;
    int error = engine_next_wake(self->engine, &wake);

    if (error == 0)
        error = clock_wake_at(self->clock, wake);
    if (error < 0)
        return error;
    if (self->intake)
        items[count++] =
            (zmq_pollitem_t){ .socket = intake_socket(self->intake), .events = ZMQ_POLLIN };
    for (size_t i = 0; i < self->feed_count; i++)
        items[count++] =
            (zmq_pollitem_t){ .socket = feed_socket(self->feeds[i]), .events = ZMQ_POLLIN };
    count = add_control(self, items, count);
    zmq_poll(items, (int)count, at_once ? 0 : INTAKE_WATCH_MS);
    return 0;
}
