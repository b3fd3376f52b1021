/* simulate_text.c - a play as a timeline on the terminal: day by day, who is told what. */
#include "concernctl/simulate_moment.h"

#include "concernctl/words.h"
#include "protocol/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printing {
    const struct simulation *simulation;
    const struct zone *zone;
    bool colour;
    bool several;                 /* disagreements: each line names its own */
    int role_width, person_width; /* of columns; 0: everybody is invented */
    bool begun;
    struct date date; /* of the last heading */
};

enum paint {
    PAINT_PLAIN,
    PAINT_HEAD,
    PAINT_DIM,
    PAINT_STAGE,
    PAINT_PASSED,
    PAINT_EVENT,
    PAINT_LOUD
};

static const char *paint(const struct printing *self, enum paint paint)
{
    static const char *const codes[] = { "\033[0m",  "\033[1m",  "\033[2m",   "\033[1;34m",
                                         "\033[33m", "\033[36m", "\033[1;31m" };

    return self->colour ? codes[paint] : "";
}

static void print_head(const struct printing *self);
static void print_moment(struct printing *self, const struct moment *moment);
static void print_end(const struct printing *self);

static bool is_several(const struct happenings *happenings)
{
    for (size_t i = 1; i < happenings->count; i++)
        if (strcmp(happenings->list[i]->disagreement, happenings->list[0]->disagreement) != 0)
            return true;
    return false;
}

static void widen(int *width, const char *text)
{
    if ((int)strlen(text) > *width)
        *width = (int)strlen(text);
}

static void measure(struct printing *self)
{
    const struct happenings *all = &self->simulation->happenings;

    for (size_t i = 0; i < all->count; i++) {
        const struct happening *happening = all->list[i];
        char invented[2 * ID_MAX + 2];

        if (happening->kind != HAPPENING_NOTIFICATION)
            continue;
        snprintf(invented, sizeof invented, "%s@%s", happening->roles[0].role,
                 happening->roles[0].agency ? happening->roles[0].agency : "board");
        widen(&self->role_width, invented);
        if (strcmp(invented, happening->person) != 0)
            widen(&self->person_width, happening->person);
    }
}

static bool is_colour_wanted(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

int simulate_print_text(const struct simulation *simulation)
{
    struct printing self = {
        .simulation = simulation,
        .zone = simulation->view.time.zone,
        .colour = is_colour_wanted(),
        .several = is_several(&simulation->happenings),
    };
    struct moment moment = { 0 };

    measure(&self);
    print_head(&self);
    while (moment_next(simulation, &moment))
        print_moment(&self, &moment);
    print_end(&self);
    return 0;
}

static void print_head(const struct printing *self)
{
    const struct policy_view *view = &self->simulation->view;

    printf("%s%s%s\n", paint(self, PAINT_HEAD), view->procedure->title, paint(self, PAINT_PLAIN));
    printf("%s, version %s; calendar %s, time zone %s\n", view->procedure->id,
           view->procedure->version, view->time.calendar->id, self->zone->name);
}

/* --- days */

static void print_aside(const struct printing *self, struct date date, const char *what)
{
    char text[WORDS_SIZE];

    printf("%s  %s  %s%s\n", paint(self, PAINT_DIM), words_short_date(date, text), what,
           paint(self, PAINT_PLAIN));
}

static void print_change(const struct printing *self, struct instant at)
{
    char time[WORDS_SIZE], what[2 * WORDS_SIZE];

    snprintf(what, sizeof what, "the clocks change, to %s", words_time(self->zone, at, time));
    print_aside(self, zone_civil(self->zone, at).date, what);
}

/* The holidays and changes of the clock that lie between two headings: why it took so long. */
static void print_between(const struct printing *self, struct date from, struct date to)
{
    const struct calendar *calendar = self->simulation->view.time.calendar;
    bool any = false;

    for (int32_t day = from.day; day <= to.day; day++) {
        const char *reason = calendar_reason(calendar, (struct date){ day });

        if (reason && date_weekday((struct date){ day }) < 5) {
            print_aside(self, (struct date){ day }, reason);
            any = true;
        }
        for (size_t i = 0; i < self->zone->change_count; i++) {
            struct instant at = { self->zone->changes[i].at_s * SECOND_US };

            if (zone_civil(self->zone, at).date.day == day) {
                print_change(self, at);
                any = true;
            }
        }
    }
    if (any)
        putchar('\n');
}

static void print_date(struct printing *self, struct instant at)
{
    struct date date = zone_civil(self->zone, at).date;
    const char *closed = calendar_reason(self->simulation->view.time.calendar, date);
    char text[WORDS_SIZE];

    if (self->begun && self->date.day == date.day)
        return;
    putchar('\n');
    if (self->begun)
        print_between(self, (struct date){ self->date.day + 1 }, (struct date){ date.day - 1 });
    self->begun = true;
    self->date = date;
    printf("%s%s%s", paint(self, PAINT_HEAD), words_date(date, text), paint(self, PAINT_PLAIN));
    if (closed && date_weekday(date) < 5)
        printf(" (%s)", closed);
    putchar('\n');
}

/* --- lines */

/* The time stands at the first line of a moment. */
static void begin_line(struct printing *self, struct instant at, bool *first)
{
    char text[WORDS_SIZE];

    print_date(self, at);
    printf("  %-11s  ", *first ? words_time(self->zone, at, text) : "");
    *first = false;
}

static void print_disagreement(const struct printing *self, const char *disagreement)
{
    if (self->several)
        printf("%s: ", disagreement);
}

static void print_event(struct printing *self, const struct simulate_event *event, bool *first)
{
    char text[WORDS_SIZE];

    begin_line(self, event->received, first);
    printf("%s* ", paint(self, event->refused ? PAINT_LOUD : PAINT_EVENT));
    print_disagreement(self, event->subject);
    printf("%s", event->type);
    if (event->by[0])
        printf(" by %s", event->by);
    if (event->time.us != event->received.us)
        printf(", which happened %s", words_instant(self->zone, event->time, text));
    printf("%s%s\n", event->refused ? ": refused" : "", paint(self, PAINT_PLAIN));
}

static const char *title_of(const struct printing *self, const char *deadline)
{
    const struct procedure *procedure = self->simulation->view.procedure;
    int index = deadline ? procedure_deadline(procedure, deadline) : -1;

    return index < 0 ? "" : procedure->deadlines[index].title;
}

static void print_due(const struct printing *self, const struct happening *happening)
{
    char text[WORDS_SIZE];

    if (instant_is_none(happening->due))
        printf("no due instant");
    else
        printf("due %s%s", words_instant(self->zone, happening->due, text),
               happening->provisional ? ", provisionally" : "");
}

static void print_course(const struct printing *self, const struct happening *happening)
{
    const char *id = happening->kind == HAPPENING_STAGE ? happening->stage : happening->deadline;
    const char *title = title_of(self, id);

    switch (happening->kind) {
    case HAPPENING_PASSED:
        printf("%s! limit passed: %s", paint(self, PAINT_PASSED), title);
        break;
    case HAPPENING_STOPPED:
        printf("%s- stopped: %s, by %s", paint(self, PAINT_DIM), title, happening->because);
        break;
    case HAPPENING_STAGE:
        printf("%s> stage entered: %s", paint(self, PAINT_STAGE), title);
        break;
    case HAPPENING_DEADLINE:
        printf("+ %s: %s, ", happening->moved ? "moved" : "deadline", title);
        print_due(self, happening);
        break;
    case HAPPENING_CLOSED:
        printf("%s# closed: %s", paint(self, PAINT_STAGE), answer_state_text(happening->closed_as));
        break;
    case HAPPENING_NOTIFICATION:
    case HAPPENING_KIND_COUNT:
    default:
        break;
    }
    printf("%s\n", paint(self, PAINT_PLAIN));
}

/* A message's id as words: "limit passed". */
static void print_message(const char *message)
{
    for (; *message; message++)
        putchar(*message == '_' ? ' ' : *message);
}

static void print_says(const struct happening *happening)
{
    for (size_t i = 0; i < happening->say_count; i++) {
        const struct happening_say *say = &happening->says[i];
        const char *about = strchr(say->cause, ' ');

        fputs(i ? ", " : "", stdout);
        print_message(say->message);
        /* An intention is about the stage to be entered, whatever reminded of it. */
        if (strcmp(say->message, message_id(MESSAGE_INTENTION_TO_ESCALATE)) == 0 && say->stage)
            printf(" (%s)", say->stage);
        else if (about && strncmp(say->cause, "rule ", 5) != 0 &&
                 strncmp(say->cause, "event ", 6) != 0)
            printf(" (%s)", about + 1);
    }
}

static void print_told(const struct printing *self, const struct happening *happening)
{
    const struct happening_role *role = &happening->roles[0];
    const char *where = role->agency ? role->agency : "board";
    char invented[2 * ID_MAX + 2];

    snprintf(invented, sizeof invented, "%s@%s", role->role, where);
    printf("    %-*s  ", self->role_width, invented);
    if (self->person_width > 0)
        printf("%-*s  ", self->person_width,
               strcmp(invented, happening->person) != 0 ? happening->person : "");
    print_says(happening);
    for (size_t i = 1; i < happening->role_count; i++)
        printf("%s%s", i == 1 ? "; also as " : ", ", happening->roles[i].role);
    if (happening->priority != PRIORITY_NORMAL)
        printf(" %s[%s]%s", paint(self, PAINT_LOUD),
               happening->priority == PRIORITY_URGENT ? "urgent" : "immediate",
               paint(self, PAINT_PLAIN));
    putchar('\n');
}

static void print_happening(struct printing *self, const struct happening *happening, bool *first)
{
    begin_line(self, happening->at, first);
    print_disagreement(self, happening->disagreement);
    if (happening->kind == HAPPENING_NOTIFICATION)
        print_told(self, happening);
    else
        print_course(self, happening);
}

/* --- moments */

/* Chases that say the same to the same people, over and over, are said once and counted. */
static void print_moment(struct printing *self, const struct moment *moment)
{
    const struct simulation *simulation = self->simulation;
    char text[WORDS_SIZE];
    bool first = true;

    for (size_t i = moment->event; i < moment->event_end; i++)
        print_event(self, &simulation->events.list[i], &first);
    for (size_t i = moment->happening; i < moment->happening_end; i++)
        print_happening(self, simulation->happenings.list[i], &first);
    if (moment->repeats)
        printf("%s  ... the same %zu more time%s, the last %s%s\n", paint(self, PAINT_DIM),
               moment->repeats, moment->repeats == 1 ? "" : "s",
               words_instant(self->zone, moment->last_repeat, text), paint(self, PAINT_PLAIN));
}

static void print_end(const struct printing *self)
{
    char text[WORDS_SIZE];

    printf("\nPlayed until %s.\n", words_instant(self->zone, self->simulation->until, text));
}
