/* run.c - one file after the other: take, read, keep, send, lay aside. */
#include "spool/run.h"

#include "spool/inbox.h"
#include "spool/reason.h"
#include "spool/sender.h"
#include "spool/spool_read.h"
#include "spool/tell.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct spool {
    const struct options *options;
    struct inbox *inbox;
    struct sender *sender;
    struct mapping *mapping;
    sigset_t waiting_mask; /* of signals, while we sleep */
    bool refused;          /* something was, since the start */
    uint64_t files, events;
};

enum { ALIVE_MS = 10000 /* the longest sleep: the watchdog is fed, the connection looked at */ };

static volatile sig_atomic_t stopped;

static void stop(int signal);
static bool is_stopped(void);
static int open_all(struct spool *spool);
static int open_mapping(struct spool *spool);
static void catch_signals(struct spool *spool);
static int look_after(struct spool *spool);
static int take_one(struct spool *spool);
static int make_rows(struct spool *spool, const char *name, struct rows *rows);
static int read_rows(struct spool *spool, const char *name, const struct inbox_content *content,
                     struct rows *rows);
static int lay_aside(struct spool *spool, const char *name, const struct rows *rows);
static inbox_write write_reason;
static void tell_outcome(struct spool *spool, const char *name, const char *place,
                         const struct rows *rows);
static void sleep_until_something(struct spool *spool, int64_t most_us);
static void tell_idle(struct spool *spool);

int run(const struct options *options)
{
    struct spool spool = { .options = options };
    int code;

    catch_signals(&spool);
    code = open_all(&spool);
    if (!code) {
        tell_ready();
        code = look_after(&spool);
        tell_stopping();
    }
    sender_close(&spool.sender);
    inbox_close(&spool.inbox);
    mapping_close(&spool.mapping);
    return code;
}

/* They interrupt sleeps, and nothing else: a stop comes between two steps. */
static void catch_signals(struct spool *spool)
{
    struct sigaction action = { .sa_handler = stop };
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &spool->waiting_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* Lets a signal that waits in, for the time of one call. */
static bool is_stopped(void)
{
    const struct timespec none = { 0 };
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    if (!stopped && sigtimedwait(&stops, NULL, &none) > 0)
        stopped = 1;
    return stopped;
}

static int open_all(struct spool *spool)
{
    const struct options *options = spool->options;
    struct sender_settings settings = {
        .endpoint = options->endpoint,
        .server_key = options->server_key,
        .pair = &options->pair,
        .wait_ms = options->once ? (unsigned)(options->wait_us / 1000) : 0,
        .is_stopped = is_stopped,
    };
    int error;

    if (*options->mapping && open_mapping(spool))
        return SPOOL_WRONG;
    if (inbox_open(options->folder, &spool->inbox))
        return SPOOL_WRONG;
    error = sender_open(&settings, &spool->sender);
    if (error == -EINVAL || error == -EPROTONOSUPPORT) {
        tell(TELL_ERROR, "--endpoint %s is no endpoint (tcp://host:5570)", options->endpoint);
        return SPOOL_USAGE;
    }
    if (error)
        tell(TELL_ERROR, "cannot open %s: %s", options->endpoint, strerror(-error));
    return error ? SPOOL_WRONG : SPOOL_DONE;
}

static int open_mapping(struct spool *spool)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    int answer = mapping_load(spool->options->mapping, &faults, &spool->mapping);
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    return answer;
}

static int look_after(struct spool *spool)
{
    const struct options *options = spool->options;

    while (!is_stopped()) {
        int answer;

        inbox_heard(spool->inbox);
        answer = take_one(spool);
        tell_alive();
        if (answer == INBOX_OK)
            continue;
        if (options->once && (answer == INBOX_NOTHING || answer < 0))
            return answer < 0 || spool->refused ? SPOOL_WRONG : SPOOL_DONE;
        if (answer < 0)
            inbox_close(&spool->inbox);
        tell_idle(spool);
        /* What still settles is looked at again soon; a failure after the ordinary pause. */
        sleep_until_something(spool, answer == INBOX_LATER && options->settle_us > 0 &&
                                             options->settle_us < options->rescan_us
                                         ? options->settle_us
                                         : options->rescan_us);
    }
    return options->once ? SPOOL_WRONG : SPOOL_DONE;
}

/* INBOX_OK: one was, go on; or as inbox_take, or negative.  A folder that failed, as a mount that
 * went away does, is opened anew. */
static int take_one(struct spool *spool)
{
    CLEANUP(rows_close) struct rows rows = { 0 };
    int64_t settle_s = (spool->options->settle_us + SECOND_US - 1) / SECOND_US;
    const char *name;
    int answer = spool->inbox ? 0 : inbox_open(spool->options->folder, &spool->inbox);

    if (answer || (answer = inbox_take(spool->inbox, settle_s, &name)) != INBOX_OK ||
        (answer = make_rows(spool, name, &rows)) != INBOX_OK)
        return answer;
    answer = sender_send(spool->sender, name, &rows);
    if (answer == SENDER_TOLD)
        return lay_aside(spool, name, &rows);
    if (answer == SENDER_GAVE_UP)
        tell(TELL_ERROR, "%s: %zu of its events are not answered; they are sent next time", name,
             rows_count(&rows, ROW_WAITS));
    else if (answer < 0)
        tell(TELL_ERROR, "%s: %s", name, strerror(-answer));
    return answer < 0 ? answer : -EAGAIN;
}

static int make_rows(struct spool *spool, const char *name, struct rows *rows)
{
    struct inbox_content content;
    const char *why = "";
    int answer = inbox_read(spool->inbox, name, &content, &why);

    if (answer == INBOX_UNFIT)
        return rows_add_fault(rows, 0, 0, "", "%s", why);
    if (answer != INBOX_OK)
        return answer;
    answer = inbox_kept(spool->inbox, content.hash, rows);
    if (answer == INBOX_NOTHING)
        answer = read_rows(spool, name, &content, rows);
    free(content.bytes);
    return answer;
}

/* On disk before the first is sent: whoever reads this file again sends the same. */
static int read_rows(struct spool *spool, const char *name, const struct inbox_content *content,
                     struct rows *rows)
{
    const struct options *options = spool->options;
    struct spool_input input = {
        .name = name,
        .bytes = content->bytes,
        .size = content->size,
        .mapping = spool->mapping,
        .source = *options->source ? options->source : NULL,
        .time = content->written,
    };
    struct timespec now;
    int error;

    /* Never later than now, whatever clock wrote the file. */
    clock_gettime(CLOCK_REALTIME, &now);
    if (input.time.us > now.tv_sec * SECOND_US)
        input.time.us = now.tv_sec * SECOND_US;
    error = spool_read(&input, rows);
    return error ? error : inbox_keep(spool->inbox, content->hash, rows);
}

static int lay_aside(struct spool *spool, const char *name, const struct rows *rows)
{
    bool refused = rows_count(rows, ROW_REFUSED) > 0;
    bool written = refused || reason_has_notes(rows);
    const char *place;
    int error = inbox_lay_aside(spool->inbox, name, refused, written ? write_reason : NULL,
                                (void *)rows, &place);

    if (error)
        return error;
    spool->refused |= refused;
    spool->files++;
    spool->events += rows_count(rows, ROW_ACKNOWLEDGED);
    tell_outcome(spool, name, place, rows);
    return INBOX_OK;
}

static int write_reason(void *context, const char *name, FILE *file)
{
    return reason_write(context, name, file);
}

static void tell_outcome(struct spool *spool, const char *name, const char *place,
                         const struct rows *rows)
{
    size_t refused = rows_count(rows, ROW_REFUSED);
    size_t repeated = sender_repeated(spool->sender);

    for (size_t i = 0; spool->options->once && i < rows->count; i++) {
        if (!rows->list[i].fault && !rows->list[i].note)
            continue;
        reason_line(&rows->list[i], name, stderr);
        fputc('\n', stderr);
    }
    if (refused)
        tell(TELL_WARNING, "%s: %zu acknowledged, %zu refused: %s.reason.txt says why", name,
             rows_count(rows, ROW_ACKNOWLEDGED), refused, place);
    else
        tell(reason_has_notes(rows) ? TELL_WARNING : TELL_INFO, "%s: %zu acknowledged%s", name,
             rows_count(rows, ROW_ACKNOWLEDGED),
             reason_has_notes(rows) ? ", not all understood: a note lies in done/ beside it" : "");
    if (repeated)
        tell(TELL_INFO, "%s: %zu of them had been acknowledged before", name, repeated);
}

static void sleep_until_something(struct spool *spool, int64_t most_us)
{
    struct pollfd folder = { .fd = inbox_descriptor(spool->inbox), .events = POLLIN };

    while (most_us > 0 && !stopped) {
        int64_t part_us = most_us < ALIVE_MS * 1000 ? most_us : ALIVE_MS * 1000;
        struct timespec part = { .tv_sec = part_us / SECOND_US,
                                 .tv_nsec = part_us % SECOND_US * 1000 };

        if (ppoll(&folder, 1, &part, &spool->waiting_mask) != 0)
            return;
        most_us -= part_us;
        tell_alive();
        tell_idle(spool);
    }
}

static void tell_idle(struct spool *spool)
{
    const char *trouble = sender_look(spool->sender);

    tell_status("%" PRIu64 " files, %" PRIu64 " events acknowledged; %zu files wait%s%s",
                spool->files, spool->events, inbox_waiting(spool->inbox), trouble ? "; " : "",
                trouble ? trouble : "");
}
