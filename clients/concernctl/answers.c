/* answers.c - one line per event that was sent, and a bar while there are many. */
#include "concernctl/answers.h"

#include "concernctl/subcommand.h"
#include "core/event.h"

#include <stdio.h>
#include <string.h>

enum { BAR_WIDTH = 30 };

static void tell_json(const struct publisher_told *told);
static void tell_acknowledged(const struct publisher_told *told);
static void tell_refused(const struct publisher_told *told);
static void tell_unanswered(const struct answers *answers, const struct publisher_told *told);
static void print_next_deadline(const json_t *next);
static void print_dropped(const json_t *dropped);
static void draw_bar(const struct answers *answers);
static void clear_bar(const struct answers *answers);
static const char *text_of(const json_t *object, const char *name);
static const char *short_type(const json_t *event);

void answers_tell(void *context, const struct publisher_told *told)
{
    struct answers *answers = context;

    answers->acknowledged += told->outcome == PUBLISHER_ACKNOWLEDGED;
    answers->refused += told->outcome == PUBLISHER_REFUSED;
    answers->unanswered += told->outcome == PUBLISHER_UNANSWERED;
    clear_bar(answers);
    if (answers->json)
        tell_json(told);
    else if (told->outcome == PUBLISHER_ACKNOWLEDGED)
        tell_acknowledged(told);
    else if (told->outcome == PUBLISHER_REFUSED)
        tell_refused(told);
    else
        tell_unanswered(answers, told);
    fflush(stdout);
    draw_bar(answers);
}

void answers_fault(struct answers *answers, const char *where, const char *fault)
{
    answers->refused++;
    clear_bar(answers);
    fprintf(stderr, "%s: %s\n", where, fault);
    draw_bar(answers);
}

int answers_end(struct answers *answers)
{
    unsigned long total = answers->acknowledged + answers->refused + answers->unanswered;

    clear_bar(answers);
    if (total > 1 && !answers->json)
        fprintf(stderr, "%lu acknowledged, %lu refused, %lu unanswered\n", answers->acknowledged,
                answers->refused, answers->unanswered);
    return answers->acknowledged == total ? EXIT_DONE : EXIT_NO;
}

/* The daemon's own words, under one that says which of its answers it was. */
static void tell_json(const struct publisher_told *told)
{
    static const char *const words[] = { [PUBLISHER_ACKNOWLEDGED] = "acknowledged",
                                         [PUBLISHER_REFUSED] = "refused",
                                         [PUBLISHER_UNANSWERED] = "unanswered" };
    json_t *line = json_object();

    json_object_set_new(line, "outcome", json_string(words[told->outcome]));
    json_object_set_new(line, "source", json_string(told->source));
    json_object_set_new(line, "id", json_string(told->id));
    json_object_set_new(line, "sends", json_integer(told->sends));
    if (told->answer)
        json_object_update_missing(line, (json_t *)told->answer);
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void tell_acknowledged(const struct publisher_told *told)
{
    const json_t *answer = told->answer;
    const char *state = text_of(answer, "disagreement_state");

    printf("acknowledged  %s  %s  record %" JSON_INTEGER_FORMAT, text_of(told->event, "subject"),
           short_type(told->event), json_integer_value(json_object_get(answer, "record")));
    print_next_deadline(json_object_get(answer, "next_deadline"));
    if (*state)
        printf("; %s", state);
    if (json_is_true(json_object_get(answer, "duplicate")))
        printf("; was kept before");
    if (json_is_true(json_object_get(answer, "parked")))
        printf("; waits for what is missing before it");
    if (json_is_true(json_object_get(answer, "ignored")))
        printf("; changes nothing: the type is not known there");
    print_dropped(json_object_get(answer, "dropped"));
    putchar('\n');
}

static void print_next_deadline(const json_t *next)
{
    const char *due = json_is_string(next) ? json_string_value(next) : text_of(next, "due");

    if (!json_is_object(next) && !*due)
        return;
    printf("; next %s%s%s", text_of(next, "deadline"), *due ? " due " : " without a due instant",
           due);
    if (json_is_true(json_object_get(next, "provisional")))
        printf(" (provisional)");
}

static void print_dropped(const json_t *dropped)
{
    size_t i;
    const json_t *name;

    json_array_foreach(dropped, i, name)
    {
        if (json_is_string(name))
            printf("%s%s", i ? ", " : "; not understood and dropped: ", json_string_value(name));
    }
}

static void tell_refused(const struct publisher_told *told)
{
    const struct wire_code *row = wire_code_find(told->code);
    static const char *const remedies[] = {
        [WIRE_FIX] = "correct it; the same event never gets in",
        [WIRE_STOP] = "ask the board's administrator what this key may do",
        [WIRE_RAISE_FIRST] = "send its disagreement.raised first",
        [WIRE_KEEP] = "keep it and send it again later",
    };

    printf("refused  %s  %s  %s %s", text_of(told->event, "subject"), short_type(told->event),
           told->code,
           *told->reason ? told->reason
           : row         ? row->meaning
                         : "");
    if (row)
        printf(" (%s)", remedies[row->remedy]);
    putchar('\n');
}

static void tell_unanswered(const struct answers *answers, const struct publisher_told *told)
{
    const char *trouble = publisher_trouble(answers->publisher);

    printf("unanswered  %s  %s  sent %u times to %s", text_of(told->event, "subject"),
           short_type(told->event), told->sends, answers->endpoint);
    if (trouble)
        printf(": %s", trouble);
    else if (*told->code)
        printf(": %s %s", told->code, told->reason);
    puts(told->sends ? "; it may have been kept: publish the same again, it cannot act twice"
                     : "; it was not sent");
}

/* "[#####.....]  50 %  120 events" */
static void draw_bar(const struct answers *answers)
{
    unsigned long total = answers->acknowledged + answers->refused + answers->unanswered;
    char bar[BAR_WIDTH + 1];

    if (!answers->bar)
        return;
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i * 100 < answers->percent * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    if (answers->percent >= 0)
        fprintf(stderr, "\r[%s] %3d %%  ", bar, answers->percent);
    fprintf(stderr, "%s%lu events, %lu not acknowledged", answers->percent < 0 ? "\r" : "", total,
            total - answers->acknowledged);
}

static void clear_bar(const struct answers *answers)
{
    if (answers->bar)
        fputs("\r\033[K", stderr);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const char *short_type(const json_t *event)
{
    const char *type = text_of(event, "type");
    size_t prefix = strlen(EVENT_PREFIX);

    return strncmp(type, EVENT_PREFIX, prefix) ? type : type + prefix;
}
