/* draft.c - builds a CloudEvent from what stands on a command line, and sends it. */
#include "concernctl/draft.h"

#include "concernctl/answers.h"
#include "core/event.h"
#include "core/zone.h"
#include "policy/zoneinfo.h"
#include "protocol/cloudevent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Whose clock a time without an offset is read by: the boards' own. */
#define CIVIL_ZONE "Europe/London"

static json_t *make_event(const struct draft *draft, const char *type, const char *reference,
                          json_t *data);
static int check_event(const struct draft *draft, const char *bytes);
static int send_event(const struct draft *draft, const char *bytes);
static struct instant now(void);
static int read_time(const struct draft *draft, char text[ZONE_TIME_SIZE]);

int draft_option(struct draft *draft, int option, const char *value)
{
    switch (option) {
    case DRAFT_TIME:
        draft->time = value;
        return EXIT_DONE;
    case DRAFT_ID:
        draft->id = value;
        return EXIT_DONE;
    case DRAFT_BOARD:
        draft->board = value;
        return EXIT_DONE;
    case DRAFT_PRINT:
        draft->print = true;
        return EXIT_DONE;
    case DRAFT_JSON:
        draft->json = true;
        return EXIT_DONE;
    case '?':
        return EXIT_USAGE;
    default:
        return reach_option(&draft->reach, draft->command, option, value);
    }
}

int draft_complete(struct draft *draft)
{
    int error = reach_complete(&draft->reach);

    if (error)
        return error;
    if (!draft->board && *draft->reach.board)
        draft->board = draft->reach.board;
    if (!*draft->reach.source)
        return usage_wrong(draft->command, "as whom? (--source: one our key speaks for)");
    return EXIT_DONE;
}

int draft_send(struct draft *draft, const char *type, const char *reference, json_t *data)
{
    json_t *event = make_event(draft, type, reference, data);
    char *bytes = event ? json_dumps(event, JSON_COMPACT) : NULL;
    int code;

    json_decref(event);
    if (!bytes)
        return event ? EXIT_NO : EXIT_USAGE;
    code = check_event(draft, bytes);
    if (!code && draft->print)
        puts(bytes);
    else if (!code)
        code = send_event(draft, bytes);
    free(bytes);
    return code;
}

/* NULL when the time cannot be read, which was told. */
static json_t *make_event(const struct draft *draft, const char *type, const char *reference,
                          json_t *data)
{
    json_t *event;
    char ulid[27], time_text[ZONE_TIME_SIZE], whole_type[EVENT_TYPE_MAX + 1];

    if (read_time(draft, time_text)) {
        json_decref(data);
        return NULL;
    }
    draft_make_ulid(ulid);
    snprintf(whole_type, sizeof whole_type, "%s%s", EVENT_PREFIX, event_short_type(type));
    event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "specversion", "1.0", "id",
                      draft->id ? draft->id : ulid, "source", draft->reach.source, "type",
                      whole_type, "subject", reference, "time", time_text, "datacontenttype",
                      "application/json", "data", data);
    if (!event)
        usage_wrong(draft->command, "an option is not UTF-8");
    else if (draft->board)
        json_object_set_new(event, "board", json_string(draft->board));
    return event;
}

static int read_time(const struct draft *draft, char text[ZONE_TIME_SIZE])
{
    CLEANUP(zoneinfo_free) struct zone *zone = NULL;
    struct instant at = now();

    /* Without the zone's table a time with an offset can still be read. */
    if (draft->time && strchr(draft->time, ' '))
        zoneinfo_load(CIVIL_ZONE, &zone, NULL);
    if (draft->time && instant_read(draft->time, zone, &at) != INSTANT_OK)
        return usage_wrong(draft->command,
                           "--time %s is no time (2026-12-18T16:59:00Z or \"2026-12-18 16:59\")",
                           draft->time);
    instant_write_utc(at, text);
    return EXIT_DONE;
}

/* By the daemon's own reader, so that a slip is told here, at once and in full. */
static int check_event(const struct draft *draft, const char *bytes)
{
    struct event *event = malloc(sizeof *event);
    struct event_reading reading;
    int answer = event ? cloudevent_read(bytes, strlen(bytes), event, &reading) : -ENOMEM;

    free(event);
    if (answer == CLOUDEVENT_REFUSED)
        return usage_wrong(draft->command, "%s", reading.why);
    for (unsigned i = 0; answer == CLOUDEVENT_OK && i < reading.dropped_count; i++)
        fprintf(stderr, "concernctl %s: warning: nobody knows data.%s; it changes nothing\n",
                draft->command, reading.dropped[i]);
    return answer ? EXIT_NO : EXIT_DONE;
}

static int send_event(const struct draft *draft, const char *bytes)
{
    CLEANUP(publisher_close) struct publisher *publisher = NULL;
    struct answers answers = { .json = draft->json, .percent = -1 };
    int answer = reach_open(&draft->reach, draft->command, &publisher);

    if (answer)
        return answer;
    answers.publisher = publisher;
    answers.endpoint = draft->reach.endpoint;
    answer = publisher_send(publisher, bytes, strlen(bytes), NULL);
    while (answer == PUBLISHER_OK || answer == PUBLISHER_TIME_OUT || answer == -EINTR) {
        if (publisher_under_way(publisher) == 0)
            break;
        answer = publisher_wait(publisher, UINT16_MAX, answers_tell, &answers);
    }
    if (answer == PUBLISHER_HOPELESS)
        fprintf(stderr, "concernctl: %s: %s\n", draft->reach.endpoint,
                publisher_trouble(publisher));
    else if (answer == PUBLISHER_TOO_LARGE)
        fprintf(stderr, "concernctl: the event is longer than 65,536 bytes\n");
    publisher_give_up(publisher, answers_tell, &answers);
    return answers_end(&answers) || answers.acknowledged == 0 ? EXIT_NO : EXIT_DONE;
}

void draft_by(json_t *data, const char *by)
{
    static const char board[] = "board:";
    size_t length = sizeof board - 1;

    if (!by || !*by)
        return;
    if (!strncmp(by, board, length))
        json_object_set_new(data, "by", json_pack("{s:s}", "board", by + length));
    else
        json_object_set_new(data, "by", json_pack("{s:s}", "agency", by));
}

json_t *draft_value(const char *text)
{
    if (!strcmp(text, "yes") || !strcmp(text, "true"))
        return json_true();
    if (!strcmp(text, "no") || !strcmp(text, "false"))
        return json_false();
    return json_string(text);
}

/* 48 bits of milliseconds and 80 of chance, five bits to a letter of Crockford's. */
void draft_make_ulid(char ulid[27])
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t ms = (uint64_t)(now().us / 1000);
    uint8_t chance[16];

    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        abort(); /* the kernel gives 16 bytes whole, always, once it has booted */
    for (int i = 9; i >= 0; i--, ms >>= 5)
        ulid[i] = letters[ms & 31];
    for (size_t i = 0; i < sizeof chance; i++)
        ulid[10 + i] = letters[chance[i] & 31];
    ulid[26] = '\0';
}

static struct instant now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (struct instant){ (int64_t)time.tv_sec * SECOND_US + time.tv_nsec / 1000 };
}
