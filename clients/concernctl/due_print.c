/* due_print.c - when a limit ends, and why: for people, and as JSON. */
#include "concernctl/due.h"

#include "concernctl/words.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char the_start[] = "the day of the start";

struct json_days {
    json_t *list;
    struct date start;
};

/* The day of the start is left out where it is the start's own date: `from` says it. */
static bool add_json_day(void *context, const struct limit_day *day)
{
    struct json_days *days = context;
    char date[DATE_SIZE];

    if (day->reason == NULL || day->date.day != days->start.day ||
        strcmp(day->reason, the_start) != 0) {
        date_write(day->date, date);
        if (day->counted)
            json_array_append_new(days->list, json_pack("{s:s, s:b, s:I}", "date", date, "counted",
                                                        1, "n", (json_int_t)day->n));
        else
            json_array_append_new(days->list, json_pack("{s:s, s:b, s:s}", "date", date, "counted",
                                                        0, "reason", day->reason));
    }
    return true;
}

static json_t *json_instant(const struct zone *zone, struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return json_null();
    if (zone)
        instant_write_local(zone, at, text);
    else
        instant_write_utc(at, text);
    return json_string(text);
}

int due_print_json(const struct due_question *question, struct instant from)
{
    const struct timekeeping *time = &question->time;
    struct instant due = INSTANT_NONE;
    int answer =
        limit_due(&question->limit, time, &question->counting, from, question->set_by_case, &due);
    const struct limit_term *term = limit_deciding_term(&question->limit, time, &question->counting,
                                                        from, question->set_by_case, due);
    struct json_days days = { json_array(), zone_civil(time->zone, from).date };
    char phrase[LIMIT_TEXT_SIZE], *line;
    json_t *object;

    limit_write(&question->limit, phrase);
    if (term)
        (void)limit_explain(term, time, &question->counting, from, add_json_day, &days);
    object = json_pack("{s:s, s:o, s:o, s:o, s:b, s:s, s:s, s:o}", "limit", phrase, "from",
                       json_instant(NULL, from), "due", json_instant(NULL, due), "due_local",
                       json_instant(time->zone, due), "provisional", answer == LIMIT_PROVISIONAL,
                       "calendar", time->calendar->id, "calendar_version", time->calendar->version,
                       "days", days.list);
    line = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!line)
        return -1;
    puts(line);
    free(line);
    return 0;
}

/* "Tuesday 29 December 2026 at 17:00 (2026-12-29T17:00:00+00:00)" */
static void print_instant(const struct zone *zone, struct instant at)
{
    char date[WORDS_SIZE], clock[WORDS_SIZE], text[ZONE_TIME_SIZE];

    instant_write_local(zone, at, text);
    printf("%s at %s (%s)", words_date(zone_civil(zone, at).date, date),
           words_clock(zone, at, clock), text);
}

static bool print_day(void *context, const struct limit_day *day)
{
    char date[WORDS_SIZE];

    (void)context;
    printf("  %s", words_short_date(day->date, date));
    if (day->counted)
        printf("  %5u\n", day->n);
    else
        printf("      -  %s\n", day->reason);
    return true;
}

static void print_no_due(const struct due_question *question)
{
    for (size_t i = 0; i < question->limit.count; i++)
        if (question->limit.terms[i].kind == LIMIT_SET_BY_THE_CASE) {
            puts("no date set: the case gives it (--set TIME)");
            return;
        }
    puts("no due instant: this limit never passes");
}

/* What the reader needs to trust the answer, or not to. */
static void print_notes(const struct due_question *question, struct instant from,
                        struct instant due, int answer)
{
    const struct calendar *calendar = question->time.calendar;
    const struct zone *zone = question->time.zone;
    char known_from[DATE_SIZE], known_until[DATE_SIZE];

    date_write(calendar->known_from, known_from);
    date_write(calendar->known_until, known_until);
    if (zone_offset(zone, from) != zone_offset(zone, due))
        puts("The clocks change in between.");
    printf("Calendar %s, version %s, known ", calendar->id, calendar->version);
    if (calendar->known_from.day != 0)
        printf("from %s ", known_from);
    printf("until %s; time zone %s.\n", known_until, zone->name);
    if (answer == LIMIT_PROVISIONAL)
        puts("Provisional: this rests on days the calendar does not know, and may still move.");
}

void due_print_words(const struct due_question *question, struct instant from)
{
    const struct timekeeping *time = &question->time;
    const struct limit_term *term;
    struct instant due = INSTANT_NONE;
    int answer =
        limit_due(&question->limit, time, &question->counting, from, question->set_by_case, &due);
    char phrase[LIMIT_TEXT_SIZE];

    if (answer == LIMIT_NO_DUE) {
        print_no_due(question);
        return;
    }
    limit_write(&question->limit, phrase);
    term = limit_deciding_term(&question->limit, time, &question->counting, from,
                               question->set_by_case, due);
    printf("limit  %s\nfrom   ", phrase);
    print_instant(time->zone, from);
    printf("\ndue    ");
    print_instant(time->zone, due);
    printf("%s\n\n", answer == LIMIT_PROVISIONAL ? ", provisionally" : "");
    if (term && term->kind != LIMIT_SET_BY_THE_CASE &&
        !(term->kind == LIMIT_LENGTH && term->length.unit == LENGTH_HOURS)) {
        (void)limit_explain(term, time, &question->counting, from, print_day, NULL);
        puts("");
    }
    print_notes(question, from, due, answer);
}
