/* daemon.c - turns until told to stop: every wake-up source in one place. */
#include "io/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

#include "io/daemon_private.h"
#include "io/environment.h"
#include "io/journal.h"
#include "io/message_ids.h"

/* The places of the fixed sources among what is polled; feeds, control peers and pages follow. */
enum source { SOURCE_SIGNALS, SOURCE_CLOCK, SOURCE_OUTCOMES, SOURCE_INTAKE, SOURCE_FIXED_COUNT };

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
    environment_clear();
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
    if (self->door.failed)
        _exit(EX_UNAVAILABLE);
    free(self);
    return answer;
}

static void tell_ready(struct daemon *self)
{
    journal_notice(NULL, "concernd " CONCERN_VERSION " is ready%s%s%s%s",
                   self->intake ? ", listening at " : "",
                   self->intake ? intake_endpoint(self->intake) : "",
                   self->http ? ", pages at " : "", self->http ? http_address(self->http) : "");
    service_ready(self->service, "running");
}

static int run(struct daemon *self)
{
    struct turn *turn = calloc(1, sizeof *turn);
    int error = turn ? 0 : -ENOMEM;

    self->since = self->policy_loaded = clock_now(self->clock);
    if (error == 0) {
        turn->clock_was_set = true;
        tell_ready(self);
    }
    while (error >= 0 && !self->stopping)
        error = take_turn(self, turn);
    for (size_t i = 0; turn && i < turn->message_count; i++)
        feed_message_close(&turn->messages[i]);
    free(turn);
    if (error < 0 && store_is_latched(self->store))
        journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_STORE_FAILED }),
                      "stopping: the store has failed; nothing more is acknowledged");
    else if (error < 0)
        journal_error(NULL, "stopping: %s", strerror(-error));
    return error < 0 ? EX_IOERR : 0;
}

/* --- a turn */

int daemon_begin(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error;

    if (turn->begun)
        return 0;
    error = engine_begin(self->engine, clock_now(self->clock));
    turn->begun = error == 0;
    return error;
}

const char *daemon_name_of_key(const struct daemon *self, const char *key)
{
    const struct principal *principal = self->keyring ? keyring_find(self->keyring, key) : NULL;

    return principal ? principal->name : "an unknown key";
}

static int take_outcomes(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int error = 0;

    while (turn->outcome_count < ENGINE_IN_FLIGHT_MAX) {
        int taken = dispatcher_take(self->dispatcher, &turn->outcomes[turn->outcome_count]);

        if (taken < 0)
            return taken;
        if (taken == 0)
            break;
        turn->outcome_count++;
    }
    for (size_t i = 0; i < turn->outcome_count && error == 0; i++) {
        error = daemon_begin(turn);
        if (error == 0)
            error = engine_note(self->engine, &turn->outcomes[i]);
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
    error = daemon_begin(turn);
    return error ? error : engine_pass(self->engine, more);
}

/* --- what the daemon itself has to say */

static int record_start(struct turn *turn)
{
    struct engine *engine = turn->daemon->engine;
    int error;

    if (turn->start_is_kept)
        return 0;
    error = daemon_begin(turn);
    if (error == 0)
        error = engine_record(engine, "start", "{\"version\":\"" CONCERN_VERSION "\"}");
    return error ? error : engine_recompute(engine);
}

/* The clock was set, or may have been while nobody ran. */
static int set_back(struct turn *turn)
{
    int error;

    if (!turn->clock_was_set)
        return 0;
    daemon_set_back_silence(turn->daemon);
    error = daemon_begin(turn);
    return error ? error : engine_set_back(turn->daemon->engine);
}

/* A calendar that comes to its end is said at a start, at a reload, and once a month. */
static int tell_calendars(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    struct instant now = clock_now(self->clock);
    int error;

    if (now.us >= self->told_calendars.us && now.us - self->told_calendars.us < 30 * DAY_US)
        return 0;
    error = daemon_begin(turn);
    if (error == 0)
        error = engine_tell_calendars(self->engine);
    if (error == 0)
        self->told_calendars = now;
    return error;
}

static int gather(struct turn *turn, bool *more)
{
    int error = record_start(turn);

    if (error == 0)
        error = set_back(turn);
    if (error == 0)
        error = daemon_take_intake(turn);
    if (error == 0)
        error = daemon_record_feeds(turn);
    if (error == 0)
        error = daemon_take_feeds(turn);
    if (error == 0)
        error = take_outcomes(turn);
    if (error == 0)
        error = pass_deadlines(turn, more);
    *more = *more || turn->message_taken < turn->message_count;
    if (error == 0)
        error = daemon_watch(turn);
    if (error == 0)
        error = tell_calendars(turn);
    return error;
}

static void forget_what_is_kept(struct turn *turn)
{
    for (size_t i = 0; i < turn->message_taken; i++)
        feed_message_close(&turn->messages[i]);
    turn->message_count -= turn->message_taken;
    memmove(turn->messages, turn->messages + turn->message_taken,
            turn->message_count * sizeof turn->messages[0]);
    turn->message_taken = turn->outcome_count = 0;
    turn->start_is_kept = true;
    turn->clock_was_set = false;
}

static void tell_room(struct daemon *self, bool is_full)
{
    if (is_full && !self->is_full) {
        journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_STORE_FULL }),
                      "the disk is full: nothing is acknowledged until there is room (free disk "
                      "space in the state directory)");
        service_status(self->service, "the disk is full: nothing is acknowledged");
    } else if (!is_full && self->is_full) {
        journal_notice(NULL, "there is room on the disk again");
        service_status(self->service, "running");
    }
    self->is_full = is_full;
}

static int end_turn(struct turn *turn, int error)
{
    struct daemon *self = turn->daemon;

    if (turn->begun && error == 0)
        error = engine_commit(self->engine);
    else if (turn->begun)
        engine_roll_back(self->engine);
    daemon_answer_publishers(turn, error == 0);
    if (error == 0)
        forget_what_is_kept(turn);
    else
        daemon_watch_again(self);
    /* An idle turn has not asked for room. */
    if (error == ENGINE_STORE_FULL || (error == 0 && turn->begun))
        tell_room(self, error == ENGINE_STORE_FULL);
    turn->begun = false;
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

static void note_clock(struct turn *turn)
{
    struct daemon *self = turn->daemon;

    if (clock_tick(self->clock) == CLOCK_WAS_SET) {
        int64_t step_s = clock_step(self->clock) / SECOND_US;

        turn->clock_was_set = true;
        journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_CLOCK_SET }),
                     "the wall clock was set by %lld seconds; all deadlines are asked again",
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
    self->turn = turn;
    handle_signals(self);
    note_clock(turn);
    control_serve(self->control);
    if (self->bounces)
        control_serve(self->bounces);
    if (self->http)
        http_serve(self->http);
    daemon_watch_door(self);
    if (self->intake && intake_watch(self->intake, clock_monotonic_ms(), clock_now(self->clock)) ==
                            INTAKE_FUSE_BLEW)
        daemon_reset_feeds(self);
    daemon_watch_memory(self);

    error = end_turn(turn, gather(turn, &more));
    if (error < 0 || self->stopping)
        return error;
    error = engine_hand_out(self->engine, clock_now(self->clock), carry, self->dispatcher);
    if (error < 0)
        return error;
    /* Publishers have their answers: nobody waits for the log to be moved. */
    if ((error = store_tend(self->store)) < 0 || (error = daemon_ask_replays(turn)) < 0)
        return error;
    /* Where nothing waits to be kept, only the reserve that is there again tells of room; a trial
     * has none. */
    if (self->is_full && !self->options.clock && !store_is_short(self->store))
        tell_room(self, false);
    service_watchdog(self->service, clock_monotonic_ms());
    return wait_for_something(self, more);
}

/* --- sleeping */

static size_t add_control(struct control *control, zmq_pollitem_t *items, size_t count)
{
    struct pollfd places[CONTROL_PEERS_MAX + 1];
    size_t controls = control ? control_watch(control, places) : 0;

    for (size_t i = 0; i < controls; i++) {
        short wanted = (short)((places[i].events & POLLIN ? ZMQ_POLLIN : 0) |
                               (places[i].events & POLLOUT ? ZMQ_POLLOUT : 0));

        items[count++] = (zmq_pollitem_t){ .fd = places[i].fd, .events = wanted };
    }
    return count;
}

/* As long as the watch over memory, systemd's watchdog, a full disk and pages allow. */
static int longest_wait_ms(const struct daemon *self)
{
    int64_t watch_ms = self->is_full ? INTAKE_WATCH_MS : intake_watch_ms(self->intake);
    int64_t watchdog_ms = service_watchdog_ms(self->service);

    int64_t pages_ms = self->http ? http_wait_ms(self->http) : -1;

    if (watchdog_ms > 0 && watchdog_ms / 4 < watch_ms)
        watch_ms = watchdog_ms / 4;
    return (int)(pages_ms >= 0 && pages_ms < watch_ms ? pages_ms : watch_ms);
}

static int wait_for_something(struct daemon *self, bool at_once)
{
    zmq_pollitem_t items[SOURCE_FIXED_COUNT + 2 * SETTINGS_FEEDS_MAX + 2 * (CONTROL_PEERS_MAX + 1) +
                         1] = {
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
    for (size_t i = 0; i < self->feed_count; i++)
        if (self->replays[i])
            items[count++] =
                (zmq_pollitem_t){ .socket = replay_socket(self->replays[i]), .events = ZMQ_POLLIN };
    count = add_control(self->control, items, count);
    count = add_control(self->bounces, items, count);
    if (self->http)
        items[count++] =
            (zmq_pollitem_t){ .fd = http_descriptor(self->http), .events = ZMQ_POLLIN };
    /* Without room on the disk what is due or has come back stays so: it is tried again at the
     * pace of the watch, not as fast as the machine can. */
    if (self->is_full)
        items[SOURCE_CLOCK].events = items[SOURCE_OUTCOMES].events = 0;
    zmq_poll(items, (int)count, at_once && !self->is_full ? 0 : longest_wait_ms(self));
    return 0;
}
