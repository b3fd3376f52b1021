/* simulate_events.c - the events of a play: a file's, or one raise of our own. */
#include "concernctl/simulate.h"

#include "concernctl/events_in.h"
#include "concernctl/subcommand.h"
#include "protocol/cloudevent.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 100000 };

static int no_memory(void)
{
    fputs("concernctl simulate: not enough memory\n", stderr);
    return EXIT_NO;
}

static void note_by(struct simulate_event *fresh, const struct event *event)
{
    const char *by = event->by.agency[0] ? event->by.agency : event->by.board;

    if (fresh->is_raise && !by[0])
        by = event->challenging;
    snprintf(fresh->by, sizeof fresh->by, "%s", by);
}

/* Copies the bytes; the event was read from them. */
static int add(struct simulate_events *events, const struct events_in_piece *piece,
               const struct event *event)
{
    struct simulate_event *fresh;

    if (events->count == events->capacity) {
        size_t capacity = events->capacity ? 2 * events->capacity : 64;
        void *grown = realloc(events->list, capacity * sizeof *events->list);

        if (!grown)
            return no_memory();
        events->list = grown;
        events->capacity = capacity;
    }
    fresh = &events->list[events->count];
    *fresh = (struct simulate_event){
        .bytes = malloc(piece->size + 1),
        .size = piece->size,
        .line = piece->line,
        .time = event->time,
        .received = instant_is_none(event->received) ? event->time : event->received,
        .is_raise = event->kind == EVENT_DISAGREEMENT_RAISED,
    };
    if (!fresh->bytes)
        return no_memory();
    memcpy(fresh->bytes, piece->bytes, piece->size);
    fresh->bytes[piece->size] = '\0';
    snprintf(fresh->type, sizeof fresh->type, "%s", event->type);
    snprintf(fresh->subject, sizeof fresh->subject, "%s", event->subject);
    note_by(fresh, event);
    events->count++;
    return EXIT_DONE;
}

static void tell_fault(struct simulate_events *events, unsigned long line, const char *why)
{
    fprintf(stderr, "%s:%lu:1: %s\n", events->file, line, why);
    events->faulty++;
}

static int read_piece(struct simulate_events *events, const struct events_in_piece *piece)
{
    struct event event;
    struct event_reading reading;
    char why[CLOUDEVENT_WHY_SIZE + 16];
    int answer = cloudevent_read(piece->bytes, piece->size, &event, &reading);

    if (answer < 0)
        return no_memory();
    if (answer == CLOUDEVENT_OK)
        return add(events, piece, &event);
    snprintf(why, sizeof why, "%s %s", reading.code, reading.why);
    tell_fault(events, piece->line, why);
    return EXIT_DONE;
}

/* Stable: of one instant, the order of the file. */
static int as_received(const void *a, const void *b)
{
    const struct simulate_event *one = a, *other = b;

    if (one->received.us != other->received.us)
        return one->received.us < other->received.us ? -1 : 1;
    return one->line < other->line ? -1 : one->line > other->line;
}

int simulate_read_events(const char *path, struct simulate_events *events)
{
    CLEANUP(events_in_close) struct events_in *in = NULL;
    struct events_in_piece piece;
    int error = events_in_open(path, &in);
    int answer = EXIT_DONE;

    events->file = strcmp(path, "-") ? path : "<stdin>";
    while (error == 0 && answer == EXIT_DONE && events->count < EVENTS_MAX) {
        int found = events_in_next(in, true, &piece);

        if (found == EVENTS_IN_END)
            break;
        if (found < 0)
            error = found;
        else if (found == EVENTS_IN_FAULT)
            tell_fault(events, piece.line, piece.fault);
        else
            answer = read_piece(events, &piece);
    }
    if (error) {
        fprintf(stderr, "%s: %s\n", events->file, strerror(-error));
        return EXIT_NO;
    }
    if (events->count)
        qsort(events->list, events->count, sizeof *events->list, as_received);
    return answer;
}

/* --- our own */

static json_t *raise_data(const struct policy *policy, const char *procedure)
{
    const struct directory *directory = policy_directory(policy);
    const char *challenging = "A", *challenged = "B";

    if (directory && directory->agency_count > 0) {
        challenging = directory->agencies[0].id;
        challenged = directory->agencies[directory->agency_count > 1].id;
    }
    return json_pack("{s:s,s:{s:s},s:[{s:s}],s:{s:s}}", "procedure", procedure, "challenging",
                     "agency", challenging, "challenged", "agency", challenged, "facts",
                     "relates_to", "individual");
}

int simulate_add_raise(struct simulate_events *events, const struct policy *policy,
                       const char *procedure, struct instant at)
{
    const char *subject = events->count ? events->list[0].subject : "D1";
    char time[ZONE_TIME_SIZE];
    struct events_in_piece piece = { .line = 0 };
    json_t *object;
    char *text;
    int answer;

    instant_write_utc(at, time);
    object = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "specversion", "1.0", "id", "raise",
                       "source", "urn:concernctl:simulate", "type", "concernd.disagreement.raised",
                       "subject", subject, "time", time, "datacontenttype", "application/json",
                       "data", raise_data(policy, procedure));
    text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!text)
        return no_memory();
    piece.bytes = text;
    piece.size = strlen(text);
    answer = read_piece(events, &piece);
    free(text);
    if (events->count)
        qsort(events->list, events->count, sizeof *events->list, as_received);
    return answer;
}

void simulate_events_close(struct simulate_events *events)
{
    for (size_t i = 0; i < events->count; i++)
        free(events->list[i].bytes);
    free(events->list);
    *events = (struct simulate_events){ 0 };
}
