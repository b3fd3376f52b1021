/* compose_next.c - who is told next and when, if nothing is recorded. */
#include <string.h>

#include "core/compose_private.h"
#include "core/rule.h"

/* Somebody who will be told at an instant. */
struct next {
    struct instant at; /* INSTANT_NONE: when the stage is reported unresolved */
    struct audience who;
};

enum { NEXT_MAX = PROCEDURE_DEADLINES_MAX + 1 /* the next stage's */ };

enum { WHEN_SIZE = 100 /* an instant, and the words around it */ };

struct nexts {
    struct next list[NEXT_MAX]; /* ascending; those without an instant first */
    size_t count;
};

int stage_after(const struct telling *self, int stage)
{
    struct rule_view view = { .procedure = self->procedure,
                              .time = &self->of->view->time,
                              .disagreement = self->disagreement,
                              .at = self->of->notification->at };

    for (int next = stage + 1; (size_t)next < self->procedure->stage_count; next++)
        if (conditions_hold(&view, &procedure_stage_deadline(self->procedure, next)->when))
            return next;
    return -1;
}

struct instant stage_due(const struct telling *self, int stage)
{
    int deadline = self->procedure->stages[stage].deadline;
    const struct running *running = &self->disagreement->running[deadline];

    for (size_t i = 0; i < self->notification->say_count; i++)
        if (self->notification->says[i].deadline == deadline)
            return self->notification->says[i].due;
    if (self->disagreement->stage == stage && running->state == RUNNING_ON)
        return running->due;
    return INSTANT_NONE;
}

/* Those of one instant are one line.  NULL cannot be: there are no more instants than that. */
static struct next *next_at(struct nexts *nexts, struct instant at)
{
    size_t place = 0;

    while (place < nexts->count && nexts->list[place].at.us < at.us)
        place++;
    if (place < nexts->count && nexts->list[place].at.us == at.us)
        return &nexts->list[place];
    if (nexts->count == NEXT_MAX)
        return NULL;
    memmove(&nexts->list[place + 1], &nexts->list[place],
            (nexts->count - place) * sizeof nexts->list[0]);
    nexts->count++;
    nexts->list[place] = (struct next){ .at = at };
    return &nexts->list[place];
}

static bool is_ahead(const struct telling *self, struct instant at)
{
    return !instant_is_none(at) && at.us > self->notification->at.us;
}

/* Handlers of the next stage are told when the limit moves it, or when somebody reports it. */
static void add_next_handlers(const struct telling *self, struct nexts *nexts)
{
    const struct deadline *deadline = procedure_stage_deadline(self->procedure, self->stage);
    struct instant due = stage_due(self, self->stage);
    int after = stage_after(self, self->stage);
    struct audience_place place = place_at(self, self->stage);
    bool moves = deadline->when_passed == PASSED_ADVANCE || deadline->when_passed == PASSED_ASK;
    struct next *next;

    if (after < 0)
        return;
    next = next_at(nexts, moves && is_ahead(self, due) ? due : INSTANT_NONE);
    if (next)
        audience_add_handlers(&next->who, &place, after, EVERY_PARTY);
}

/* Whoever a running deadline tells when it passes. */
static void add_tell(const struct telling *self, struct nexts *nexts, size_t index)
{
    const struct deadline *deadline = &self->procedure->deadlines[index];
    const struct running *running = &self->disagreement->running[index];
    struct audience_place place = place_at(self, self->stage);
    struct instant due = running->state == RUNNING_ON ? running->due : INSTANT_NONE;
    struct next *next;

    if (deadline->under == UNDER_STAGES) {
        if (deadline->stage != self->stage)
            return;
        due = stage_due(self, self->stage);
    }
    if (deadline->tell.count == 0 || !is_ahead(self, due))
        return;
    next = next_at(nexts, due);
    if (next)
        audience_add(&next->who, &place, &deadline->tell);
}

static void write_next(const struct telling *self, struct instant at, const char *who,
                       struct text *item)
{
    char when[WHEN_SIZE];
    struct text to_when = text_over(when, sizeof when);
    struct word_values values = { .of[FIELD_WHEN] = when, .of[FIELD_WHO] = who };

    if (!instant_is_none(at))
        write_instant(self->words, &self->of->view->time, at, false, &to_when);
    words_write(self->words, instant_is_none(at) ? WORD_TOLD_UNRESOLVED : WORD_TOLD_NEXT, &values,
                item);
}

void list_told_next(struct telling *self)
{
    struct nexts nexts = { .count = 0 };

    if (disagreement_is_over(self->disagreement) || self->stage < 0)
        return;
    add_next_handlers(self, &nexts);
    for (size_t i = 0; i < self->procedure->deadline_count; i++)
        add_tell(self, &nexts, i);
    for (size_t i = 0; i < nexts.count; i++) {
        char buffer[LIST_ITEM_SIZE - WHEN_SIZE];
        struct text who = text_over(buffer, sizeof buffer), item;

        write_audience(self, &nexts.list[i].who, &who);
        text_show_cut(&who);
        if (who.used == 0)
            continue;
        if (!list_has_room(&self->told_next))
            return;
        item = text_over(self->told_next.items[self->told_next.count++], LIST_ITEM_SIZE);
        write_next(self, nexts.list[i].at, buffer, &item);
        text_show_cut(&item);
    }
}
