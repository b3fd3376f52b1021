/* concern_send.c - sends what is kept, and tells what became of it. */
#include "libconcern/concern_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    TURN_MOST_MS = 60000, /* between two turns, whatever happens */
    ALARM_AGAIN_MS = 3600000,
    ALARM_PATIENCE_MS = 30000, /* after opening: what is old may go out yet */
    RETRY_DISK_MS = 1000
};

/* Between tries where the daemon does not admit us: ZeroMQ does not try again then. */
static const unsigned reopen_ms[] = { 5000, 10000, 20000, 40000, 60000 };

/* What is told per turn is no more than was under way. */
static bool is_busy(struct concern *concern);
static int turn(struct concern *concern, bool *told);
static bool call(struct concern *concern);
static void watch(struct concern *concern, int operation);
static int talk(struct concern *concern);
static void take_told(void *context, const struct publisher_told *told);
static int set_refused_aside(struct concern *concern);
static void call_back(struct concern *concern, struct concern_answered *answered);
static int note_answered(struct concern *concern);
static void came_up(void *context);
static void compare_last(void *context, const struct answer_last *last);
static bool is_taken(const struct concern *concern, int64_t row);
static int refuse_damaged(struct concern *concern, int64_t row);
static void look_at_oldest(struct concern *concern);
static void alarm_if_late(struct concern *concern);
static void set_timer(struct concern *concern);
static const char *text_of(const json_t *object, const char *name);

int concern_turn(struct concern *concern)
{
    bool told;

    return is_busy(concern) ? -EBUSY : turn(concern, &told);
}

int concern_wait(struct concern *concern, unsigned ms)
{
    int64_t end = concern_now_ms() + ms;
    bool told;

    if (is_busy(concern))
        return -EBUSY;
    for (;;) {
        struct pollfd descriptor = { .fd = concern->descriptor, .events = POLLIN };
        int answer = turn(concern, &told);
        int64_t left = end - concern_now_ms();

        if (answer != CONCERN_OK || told)
            return answer;
        if (left <= 0)
            return CONCERN_TIME_OUT;
        if (poll(&descriptor, 1, left < TURN_MOST_MS ? (int)left : TURN_MOST_MS) < 0)
            return -errno;
    }
}

static bool is_busy(struct concern *concern)
{
    concern->error[0] = '\0';
    if (concern->calling)
        concern_fail(concern, 0, "called from within a callback");
    else if (outbox_is_begun(concern->outbox))
        concern_fail(concern, 0, "between concern_begin and concern_commit nothing is sent");
    return concern->error[0] != '\0';
}

int concern_flush(struct concern *concern, unsigned ms)
{
    int64_t end = concern_now_ms() + ms;

    while (outbox_counts(concern->outbox).waiting > 0) {
        int64_t left = end - concern_now_ms();
        int answer = concern_wait(concern, left > 0 ? (unsigned)left : 0);

        if (answer != CONCERN_OK)
            return answer;
    }
    return CONCERN_OK;
}

int concern_descriptor(const struct concern *concern)
{
    return concern->descriptor;
}

const char *concern_connection(const struct concern *concern)
{
    if (!concern->publisher)
        return "the daemon does not admit this client key, or is not the one of the server key; "
               "tried again within a minute";
    return publisher_trouble(concern->publisher);
}

/* Answers are called back outside of any transaction, so that the program may keep events from
 * within; then they are noted, all in one flush.  A program that dies in between is told again. */
static int turn(struct concern *concern, bool *told)
{
    uint64_t expirations;
    int answer;

    *told = false;
    while (read(concern->timer, &expirations, sizeof expirations) > 0)
        continue;
    if ((answer = note_answered(concern)) == CONCERN_OK && (answer = talk(concern)) >= 0 &&
        (answer = set_refused_aside(concern)) == CONCERN_OK) {
        *told = call(concern);
        answer = note_answered(concern);
    }
    look_at_oldest(concern);
    alarm_if_late(concern);
    if (answer == CONCERN_OK)
        answer = concern_feed(concern);
    else
        set_timer(concern);
    concern_call_troubles(concern);
    return answer;
}

static bool call(struct concern *concern)
{
    bool told = false;

    concern->calling = true;
    for (size_t i = 0; i < concern->answered_count; i++) {
        struct concern_answered *answered = &concern->answered[i];

        if (!answered->called)
            call_back(concern, answered);
        told |= !answered->called;
        answered->called = true;
    }
    concern->calling = false;
    return told;
}

/* One turn of the publisher: what it is told is kept in `answered`. */
static int talk(struct concern *concern)
{
    int answer;

    if (!concern->publisher && concern_now_ms() < concern->reopen_ms)
        return CONCERN_OK;
    if (!concern->publisher && (answer = concern_dial(concern)) != CONCERN_OK)
        return answer;
    answer = publisher_wait(concern->publisher, 0, take_told, concern);
    if (answer == PUBLISHER_HOPELESS) {
        size_t step =
            concern->tries < COUNT_OF(reopen_ms) ? concern->tries : COUNT_OF(reopen_ms) - 1;

        if (!concern->key_refused)
            concern_note_trouble(concern, CONCERN_TROUBLE_REFUSED_KEY, "%s: %s", concern->endpoint,
                                 publisher_trouble(concern->publisher));
        concern->key_refused = true;
        concern_hang_up(concern);
        concern->reopen_ms = concern_now_ms() + reopen_ms[step];
        concern->tries++;
        return CONCERN_OK;
    }
    if (answer < 0 && answer != -EINTR)
        return concern_fail(concern, answer, "the connection: %s", strerror(-answer));
    return CONCERN_OK;
}

int concern_dial(struct concern *concern)
{
    const struct publisher_settings settings = {
        .endpoint = concern->endpoint,
        .server_key = concern->server_key,
        .pair = &concern->pair,
        .client = concern->client,
        .listener = { .context = concern, .came_up = came_up, .last = compare_last },
    };
    int error = publisher_open(&settings, &concern->publisher);

    if (error)
        return concern_fail(concern, error, "endpoint: %s (tcp://host:5570)", strerror(-error));
    concern->cursor = 0;
    watch(concern, EPOLL_CTL_ADD);
    return CONCERN_OK;
}

static void watch(struct concern *concern, int operation)
{
    struct epoll_event interest = { .events = EPOLLIN };
    int descriptors[2];

    publisher_descriptors(concern->publisher, descriptors);
    for (size_t i = 0; i < COUNT_OF(descriptors); i++)
        epoll_ctl(concern->descriptor, operation, descriptors[i], &interest);
}

void concern_hang_up(struct concern *concern)
{
    if (!concern->publisher)
        return;
    watch(concern, EPOLL_CTL_DEL);
    publisher_close(&concern->publisher);
    memset(concern->under_way, 0, sizeof concern->under_way);
    concern->cursor = 0;
}

static void take_told(void *context, const struct publisher_told *told)
{
    struct concern *concern = context;
    struct concern_answered *answered = &concern->answered[concern->answered_count];

    for (size_t i = 0; i < WIRE_WINDOW; i++) {
        struct concern_under_way *slot = &concern->under_way[i];

        if (!slot->used || slot->number != told->number)
            continue;
        slot->used = false;
        *answered = (struct concern_answered){
            .row = slot->row,
            .refused = told->outcome == PUBLISHER_REFUSED,
            .event = json_incref((json_t *)told->event),
            .answer = json_incref((json_t *)told->answer),
        };
        snprintf(answered->code, sizeof answered->code, "%s", told->code);
        snprintf(answered->reason, sizeof answered->reason, "%s", told->reason);
        concern->answered_count++;
        return;
    }
}

/* On disk before it is told, so that the callback may send it again or forget it. */
static int set_refused_aside(struct concern *concern)
{
    for (size_t i = 0; i < concern->answered_count; i++) {
        struct concern_answered *answered = &concern->answered[i];
        int answer;

        if (!answered->refused || answered->called)
            continue;
        answer = outbox_refuse(concern->outbox, answered->row, answered->code, answered->reason);
        if (answer != OUTBOX_OK && answer != OUTBOX_NONE)
            return concern_fail_outbox(concern, answer);
    }
    return CONCERN_OK;
}

static void call_back(struct concern *concern, struct concern_answered *answered)
{
    const struct concern_settings *settings = &concern->settings;
    const json_t *deadline = json_object_get(answered->answer, "next_deadline");
    const json_t *answer = answered->answer;
    char *json = json_dumps(answered->refused ? answered->event : answer, JSON_COMPACT);

    if (answered->refused && settings->on_refused) {
        const struct concern_refusal refusal = {
            .source = text_of(answered->event, "source"),
            .id = text_of(answered->event, "id"),
            .subject = text_of(answered->event, "subject"),
            .type = text_of(answered->event, "type"),
            .code = answered->code,
            .reason = answered->reason,
            .event = json ? json : "",
        };

        settings->on_refused(settings->context, &refusal);
    }
    if (!answered->refused && settings->on_acknowledged) {
        const struct concern_acknowledgement told = {
            .source = text_of(answered->event, "source"),
            .id = text_of(answered->event, "id"),
            .subject = text_of(answered->event, "subject"),
            .type = text_of(answered->event, "type"),
            .record = json_integer_value(json_object_get(answer, "record")),
            .hash = text_of(answer, "hash"),
            .duplicate = json_is_true(json_object_get(answer, "duplicate")),
            .parked = json_is_true(json_object_get(answer, "parked")),
            .ignored = json_is_true(json_object_get(answer, "ignored")),
            .state = text_of(answer, "disagreement_state"),
            .next_deadline = text_of(deadline, "deadline"),
            .next_due = text_of(deadline, "due"),
            .json = json ? json : "",
        };

        settings->on_acknowledged(settings->context, &told);
    }
    free(json);
}

/* All that was called back goes out of the outbox in one flush.  What the disk does not take now
 * is noted in a later turn; nothing more is sent before. */
static int note_answered(struct concern *concern)
{
    uint64_t acknowledged = 0;
    int answer;

    if (concern->answered_count == 0)
        return CONCERN_OK;
    if (outbox_is_begun(concern->outbox))
        return CONCERN_OK; /* by a callback, which will commit */
    answer = outbox_begin(concern->outbox);
    for (size_t i = 0; answer == OUTBOX_OK && i < concern->answered_count; i++) {
        const struct concern_answered *answered = &concern->answered[i];

        if (!answered->called)
            continue;
        acknowledged += !answered->refused;
        if (!answered->refused)
            answer = outbox_done(concern->outbox, answered->row);
        answer = answer == OUTBOX_NONE ? OUTBOX_OK : answer;
    }
    if (answer == OUTBOX_OK)
        answer = outbox_commit(concern->outbox);
    else
        outbox_roll_back(concern->outbox);
    if (answer != OUTBOX_OK)
        return concern_fail_outbox(concern, answer);
    for (size_t i = 0; i < concern->answered_count; i++) {
        if (concern->answered[i].refused)
            concern->cursor = 0; /* a callback may have had it sent again */
        json_decref(concern->answered[i].event);
        json_decref(concern->answered[i].answer);
    }
    concern->answered_count = 0;
    concern->acknowledged += acknowledged;
    concern->oldest_row = 0;
    return CONCERN_OK;
}

/* A new connection: how far the daemon heard each source shows whether one of the two was put
 * back in time.  What waits is sent again in any case; the daemon knows what it has. */
static void came_up(void *context)
{
    struct concern *concern = context;
    char name[EVENT_SOURCE_MAX + 1] = "";
    struct outbox_source source;

    concern->tries = 0;
    concern->key_refused = false;
    /* From the second on, what was kept since the opening may have been heard already. */
    if (concern->was_up)
        memset(concern->opened, 0, sizeof concern->opened);
    concern->was_up = true;
    for (size_t i = 0; i < CONCERN_SOURCES; i++) {
        if (outbox_next_source(concern->outbox, name, name) != OUTBOX_OK)
            return;
        if (outbox_source(concern->outbox, name, &source) == OUTBOX_OK && !source.own)
            publisher_ask_last(concern->publisher, name);
    }
}

/* The highest number the daemon can have of a source: at first the one at the opening, for what
 * was kept since was sent behind the question. */
static uint64_t last_number(struct concern *concern, const char *name, uint64_t last)
{
    for (size_t i = 0; i < CONCERN_SOURCES; i++) {
        if (!strcmp(concern->opened[i].name, name)) {
            last = concern->opened[i].last;
            concern->opened[i].name[0] = '\0';
        }
    }
    return last;
}

static void compare_last(void *context, const struct answer_last *last)
{
    struct concern *concern = context;
    struct outbox_source source;
    uint64_t given;
    bool same;

    if (outbox_source(concern->outbox, last->source, &source) != OUTBOX_OK || source.own)
        return;
    same = last->known && !strcmp(last->seqepoch, source.seqepoch);
    if (source.acknowledged > 0 && (!last->known || (same && last->sequence < source.acknowledged)))
        concern_note_trouble(concern, CONCERN_TROUBLE_DAEMON_BEHIND,
                             "the daemon acknowledged event %llu of %s and knows %llu now: its "
                             "store is an older one; what it lost must be told anew",
                             (unsigned long long)source.acknowledged, last->source,
                             (unsigned long long)last->sequence);
    given = last_number(concern, last->source, source.last);
    if (!same || last->sequence <= given)
        return;
    concern_note_trouble(concern, CONCERN_TROUBLE_COUNTER_BEHIND,
                         "the daemon has event %llu of %s, the outbox gave %llu numbers only: it "
                         "is an older one; numbers begin anew",
                         (unsigned long long)last->sequence, last->source,
                         (unsigned long long)given);
    source = (struct outbox_source){ 0 };
    concern_make_epoch(source.seqepoch);
    concern_fail_outbox(concern, outbox_put_source(concern->outbox, last->source, &source));
}

/* Not from within a callback: what was answered is noted first. */
int concern_feed(struct concern *concern)
{
    struct outbox_event event;
    int answer = CONCERN_OK, read;

    while (concern->publisher && !concern->calling && answer == CONCERN_OK) {
        uint64_t number;
        size_t i = 0;

        read = outbox_read(concern->outbox, false, concern->cursor, &event);
        if (read != OUTBOX_OK && read != OUTBOX_DAMAGED) {
            answer = read == OUTBOX_NONE ? CONCERN_OK : concern_fail_outbox(concern, read);
            break;
        }
        while (i < WIRE_WINDOW && concern->under_way[i].used)
            i++;
        if (is_taken(concern, event.row)) {
            concern->cursor = event.row;
            continue;
        }
        if (i == WIRE_WINDOW)
            break;
        if (read == OUTBOX_OK)
            read = publisher_send(concern->publisher, event.bytes, event.size, &number);
        if (read == PUBLISHER_FULL)
            break;
        concern->cursor = event.row;
        if (read == PUBLISHER_OK)
            concern->under_way[i] =
                (struct concern_under_way){ .used = true, .number = number, .row = event.row };
        else
            answer = refuse_damaged(concern, event.row);
    }
    set_timer(concern);
    return answer;
}

/* Under way, or answered and not noted yet. */
static bool is_taken(const struct concern *concern, int64_t row)
{
    for (size_t i = 0; i < WIRE_WINDOW; i++)
        if (concern->under_way[i].used && concern->under_way[i].row == row)
            return true;
    for (size_t i = 0; i < concern->answered_count; i++)
        if (concern->answered[i].row == row)
            return true;
    return false;
}

static int refuse_damaged(struct concern *concern, int64_t row)
{
    concern_note_trouble(concern, CONCERN_TROUBLE_OUTBOX,
                         "an event is no longer what was kept; it is set aside, the disk has a "
                         "fault");
    return concern_fail_outbox(concern, outbox_refuse(concern->outbox, row, "damaged",
                                                      "its bytes on disk are no longer those that "
                                                      "were kept"));
}

static void look_at_oldest(struct concern *concern)
{
    struct outbox_event event;
    int64_t now = concern_now_ms(), age;
    int answer;

    if (concern->oldest_row)
        return;
    answer = outbox_read(concern->outbox, false, 0, &event);
    if (answer != OUTBOX_OK && answer != OUTBOX_DAMAGED) {
        if (concern->alarm_ms && answer == OUTBOX_NONE)
            concern_note_trouble(concern, CONCERN_TROUBLE_OVER, "no event waits any more");
        concern->alarm_ms = 0;
        return;
    }
    age = answer == OUTBOX_OK ? (concern_wall_clock().us - event.kept.us) / 1000 : 0;
    concern->oldest_row = event.row;
    concern->oldest_since_ms = now - (age > 0 ? age : 0);
    if (concern->alarm_ms && now - concern->oldest_since_ms < concern->settings.alarm_ms) {
        concern_note_trouble(concern, CONCERN_TROUBLE_OVER, "events are acknowledged again");
        concern->alarm_ms = 0;
    }
}

static void alarm_if_late(struct concern *concern)
{
    int64_t now = concern_now_ms(), patience = concern->settings.alarm_ms;
    const char *why = concern_connection(concern);

    if (!concern->oldest_row || now - concern->oldest_since_ms < patience ||
        now - concern->opened_ms < (patience < ALARM_PATIENCE_MS ? patience : ALARM_PATIENCE_MS) ||
        (concern->alarm_ms && now < concern->alarm_ms))
        return;
    concern->alarm_ms = now + ALARM_AGAIN_MS;
    concern_note_trouble(concern, CONCERN_TROUBLE_UNANSWERED,
                         "%llu events wait at %s, the oldest for %lld s: %s",
                         (unsigned long long)outbox_counts(concern->outbox).waiting,
                         concern->endpoint, (long long)((now - concern->oldest_since_ms) / 1000),
                         why ? why : "the daemon does not answer");
}

/* When the next turn is due at the latest.  A descriptor of ZeroMQ tells of changes only, so what
 * is still there to be done makes the timer run out at once. */
static void set_timer(struct concern *concern)
{
    int64_t now = concern_now_ms(), due = now + TURN_MOST_MS;
    int64_t alarm = concern->alarm_ms ? concern->alarm_ms
                                      : concern->oldest_since_ms + concern->settings.alarm_ms;
    struct itimerspec time = { 0 };

    if (concern->publisher)
        due = now + publisher_due_ms(concern->publisher);
    else if (concern->reopen_ms < due)
        due = concern->reopen_ms;
    if (concern->answered_count > 0)
        due = now + RETRY_DISK_MS;
    if (concern->oldest_row && alarm < due)
        due = alarm > now ? alarm : now + RETRY_DISK_MS;
    if (due < now)
        due = now;
    time.it_value.tv_sec = (due - now) / 1000;
    time.it_value.tv_nsec = (due - now) % 1000 * 1000000 + 1;
    timerfd_settime(concern->timer, 0, &time, NULL);
}

void concern_counts(const struct concern *concern, struct concern_counts *counts)
{
    struct outbox_counts kept = outbox_counts(concern->outbox);

    *counts = (struct concern_counts){ .waiting = kept.waiting,
                                       .under_way = concern->publisher
                                                        ? publisher_under_way(concern->publisher)
                                                        : 0,
                                       .refused = kept.refused,
                                       .bytes = kept.bytes,
                                       .acknowledged = concern->acknowledged };
    if (kept.waiting > 0 && concern->oldest_row)
        counts->oldest_ms = (uint64_t)(concern_now_ms() - concern->oldest_since_ms);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}
