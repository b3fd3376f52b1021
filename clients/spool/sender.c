/* sender.c - a publisher, and which rows it has under way. */
#include "spool/sender.h"

#include "core/text.h"
#include "spool/tell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LOOK_MS = 500,                /* between looks at whether to stop */
    SAY_AFTER_MS = 5000,          /* without an answer: said once */
    ALARM_AFTER_MS = 5 * 60000,   /* the contract's: said again, as an error */
    HOPELESS_PAUSE_MS = 30 * 1000 /* before a new connection, where the keys do not fit */
};

struct under_way {
    uint64_t number;
    struct row *row;
};

struct sender {
    struct sender_settings settings;
    struct publisher *publisher;
    struct under_way under_way[WIRE_WINDOW];
    size_t under_way_count;
    size_t repeated;
    int64_t answered_ms; /* the last time something was, or began to be waited for */
    int64_t pause_until_ms;
    int64_t progress_ms; /* when the status was made last */
    bool said, alarmed;
    int failed; /* an error within a telling */
};

static int open_publisher(struct sender *sender);
static struct row *fill_window(struct sender *sender, struct row *next, struct row *end);
static int hand_over(struct sender *sender, struct row *row);
static bool is_spoken_of(const struct sender *sender, const struct row *row);
static int wait_for_answers(struct sender *sender, const char *name);
static int begin_anew(struct sender *sender, const char *name);
static publisher_tell take_told;
static int note_acknowledged(struct row *row, const json_t *answer);
static int refuse(struct row *row, const struct publisher_told *told);
static void say_silence(struct sender *sender, const char *name);
static void say_progress(struct sender *sender, const char *name, const struct rows *rows);
static int64_t now_ms(void);

int sender_open(const struct sender_settings *settings, struct sender **sender_p)
{
    struct sender *sender = calloc(1, sizeof *sender);
    int error;

    if (!sender)
        return -ENOMEM;
    sender->settings = *settings;
    if ((error = open_publisher(sender))) {
        sender_close(&sender);
        return error;
    }
    *sender_p = sender;
    return 0;
}

static int open_publisher(struct sender *sender)
{
    struct publisher_settings settings = {
        .endpoint = sender->settings.endpoint,
        .server_key = sender->settings.server_key,
        .pair = sender->settings.pair,
        .client = "concern-spool/" CONCERN_VERSION,
    };

    return publisher_open(&settings, &sender->publisher);
}

int sender_send(struct sender *sender, const char *name, struct rows *rows)
{
    struct row *next = rows->list, *end = rows->list + rows->count;
    int answer = SENDER_TOLD;

    sender->repeated = 0;
    sender->failed = 0;
    sender->answered_ms = now_ms();
    while (answer == SENDER_TOLD && !sender->failed) {
        if (sender->publisher)
            next = fill_window(sender, next, end);
        if (sender->failed || (next == end && !sender->under_way_count))
            break;
        say_progress(sender, name, rows);
        answer = wait_for_answers(sender, name);
        /* After a new connection all begins again with the first that is not told. */
        if (!sender->publisher)
            for (next = rows->list; next < end && next->outcome != ROW_WAITS;)
                next++;
    }
    for (size_t i = 0; i < sender->under_way_count; i++)
        sender->under_way[i].row->outcome = ROW_WAITS;
    if (sender->under_way_count)
        publisher_close(&sender->publisher);
    sender->under_way_count = 0;
    return sender->failed ? sender->failed : answer;
}

/* The first row that is not handed over. */
static struct row *fill_window(struct sender *sender, struct row *next, struct row *end)
{
    for (; next < end; next++) {
        if (next->outcome != ROW_WAITS)
            continue;
        if (is_spoken_of(sender, next) || hand_over(sender, next) == PUBLISHER_FULL)
            break;
    }
    return next;
}

static bool is_spoken_of(const struct sender *sender, const struct row *row)
{
    for (size_t i = 0; i < sender->under_way_count; i++)
        if (!strcmp(sender->under_way[i].row->subject, row->subject))
            return true;
    return false;
}

static int hand_over(struct sender *sender, struct row *row)
{
    uint64_t number;
    int answer = publisher_send(sender->publisher, row->event, row->size, &number);

    if (answer == PUBLISHER_OK) {
        row->outcome = ROW_UNDER_WAY;
        sender->under_way[sender->under_way_count++] =
            (struct under_way){ .number = number, .row = row };
    } else if (answer == PUBLISHER_TOO_LARGE) {
        answer = row_refuse(row, WIRE_CODE_TOO_LARGE, "longer than an event may be (65,536 bytes)");
    } else if (answer == PUBLISHER_NO_EVENT) {
        answer = row_refuse(row, WIRE_CODE_CLOUDEVENT,
                            "id or source is no text, or no source is given (one in the event, of "
                            "the mapping, or --source)");
    }
    if (answer < 0)
        sender->failed = answer;
    return answer;
}

static int wait_for_answers(struct sender *sender, const char *name)
{
    int64_t waited;
    int answer;

    if (sender->settings.is_stopped())
        return SENDER_STOPPED;
    tell_alive();
    if (!sender->publisher)
        return begin_anew(sender, name);
    answer = publisher_wait(sender->publisher, LOOK_MS, take_told, sender);
    if (answer == PUBLISHER_OK) {
        if (sender->said)
            tell(TELL_NOTICE, "%s: goes on, the daemon answers", name);
        sender->said = sender->alarmed = false;
        sender->answered_ms = now_ms();
        return SENDER_TOLD;
    }
    say_silence(sender, name);
    waited = now_ms() - sender->answered_ms;
    if (sender->settings.wait_ms &&
        (answer == PUBLISHER_HOPELESS || waited >= sender->settings.wait_ms))
        return SENDER_GAVE_UP;
    if (answer == PUBLISHER_HOPELESS) {
        /* Somebody may yet put the key into the keyring: then another connection gets in. */
        for (size_t i = 0; i < sender->under_way_count; i++)
            sender->under_way[i].row->outcome = ROW_WAITS;
        sender->under_way_count = 0;
        publisher_close(&sender->publisher);
        sender->pause_until_ms = now_ms() + HOPELESS_PAUSE_MS;
    }
    return answer < 0 && answer != -EINTR ? answer : SENDER_TOLD;
}

static int begin_anew(struct sender *sender, const char *name)
{
    struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

    if (now_ms() < sender->pause_until_ms) {
        nanosleep(&pause, NULL);
        say_silence(sender, name);
        return SENDER_TOLD;
    }
    return open_publisher(sender);
}

static void take_told(void *context, const struct publisher_told *told)
{
    struct sender *sender = context;
    struct row *row = NULL;
    int error;

    for (size_t i = 0; i < sender->under_way_count && !row; i++) {
        if (sender->under_way[i].number != told->number)
            continue;
        row = sender->under_way[i].row;
        sender->under_way[i] = sender->under_way[--sender->under_way_count];
    }
    if (!row)
        return;
    if (told->outcome == PUBLISHER_ACKNOWLEDGED) {
        row->outcome = ROW_ACKNOWLEDGED;
        sender->repeated += json_is_true(json_object_get(told->answer, "duplicate"));
        error = note_acknowledged(row, told->answer);
    } else {
        error = refuse(row, told);
    }
    if (error)
        sender->failed = error;
}

/* The daemon keeps what it does not understand, or cannot act on yet, and says so: somebody
 * should read it. */
static int note_acknowledged(struct row *row, const json_t *answer)
{
    const json_t *dropped = json_object_get(answer, "dropped"), *name;
    char buffer[1000];
    struct text note = text_over(buffer, sizeof buffer);
    size_t i;

    text_add(&note, "acknowledged");
    if (json_is_true(json_object_get(answer, "ignored")))
        text_add(&note, ", but it changes nothing: no procedure there knows its type");
    if (json_is_true(json_object_get(answer, "parked")))
        text_add(&note, "; it waits there for what is missing before it, by its sequence");
    json_array_foreach(dropped, i, name)
    {
        if (json_is_string(name))
            text_addf(&note, "%sdata.%s",
                      i ? ", " : "; not understood and dropped: ", json_string_value(name));
    }
    return strcmp(buffer, "acknowledged") != 0 ? row_note(row, buffer) : 0;
}

static int refuse(struct row *row, const struct publisher_told *told)
{
    static const char *const remedies[] = {
        [WIRE_FIX] = "correct it; as it is it never gets in",
        [WIRE_STOP] = "ask the board's administrator what this key may do",
        [WIRE_RAISE_FIRST] = "its disagreement.raised first",
        [WIRE_KEEP] = "send it again later",
    };
    const struct wire_code *code = wire_code_find(told->code);
    const char *remedy = code ? remedies[code->remedy] : "the daemon's own words";
    char fault[600];

    if (!strcmp(told->code, WIRE_CODE_ID_REUSED))
        remedy = "the record has an event with this id that says something else, or the same with "
                 "another time: if this is a new event, give it an id or a time of its own";
    snprintf(fault, sizeof fault, "%s (%s)",
             *told->reason ? told->reason
             : code        ? code->meaning
                           : "refused",
             remedy);
    return row_refuse(row, told->code, fault);
}

/* Once after seconds, once more after the minutes that the contract names. */
static void say_silence(struct sender *sender, const char *name)
{
    const char *trouble = sender->publisher ? publisher_trouble(sender->publisher)
                                            : "the daemon does not admit this key, or has another";
    int64_t waited = now_ms() - sender->answered_ms;

    if (waited >= SAY_AFTER_MS && !sender->said) {
        sender->said = true;
        tell(TELL_WARNING,
             "%s: no answer from %s: %s; it is kept and sent again until there is one", name,
             sender->settings.endpoint, trouble ? trouble : "connected, but silent");
    }
    if (waited >= ALARM_AFTER_MS && !sender->alarmed) {
        sender->alarmed = true;
        tell(TELL_ERROR, "%s: no answer from %s for five minutes: %s; events are held here", name,
             sender->settings.endpoint, trouble ? trouble : "connected, but silent");
    }
}

static void say_progress(struct sender *sender, const char *name, const struct rows *rows)
{
    const char *trouble = sender->publisher ? publisher_trouble(sender->publisher) : NULL;
    size_t open;

    if (now_ms() - sender->progress_ms < LOOK_MS)
        return;
    sender->progress_ms = now_ms();
    open = rows_count(rows, ROW_WAITS) + rows_count(rows, ROW_UNDER_WAY);
    tell_status("Sending %s: %zu of %zu answered%s%s", name, rows->count - open, rows->count,
                sender->said ? "; " : "",
                !sender->said ? ""
                : trouble     ? trouble
                              : "the daemon does not answer");
}

size_t sender_repeated(const struct sender *sender)
{
    return sender->repeated;
}

const char *sender_look(struct sender *sender)
{
    if (!sender->publisher && (now_ms() < sender->pause_until_ms || open_publisher(sender)))
        return "no connection";
    publisher_wait(sender->publisher, 0, take_told, sender);
    return publisher_trouble(sender->publisher);
}

void sender_close(struct sender **sender_p)
{
    struct sender *sender = *sender_p;

    if (!sender)
        return;
    publisher_close(&sender->publisher);
    free(sender);
    *sender_p = NULL;
}

static int64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}
