/* happening.c - what comes about in a rehearsal, kept and put in order. */
#include "rehearsal/happening.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/render.h"
#include "policy/arena.h"

struct happening_keeper {
    struct arena *arena;
    struct happening **list;
    size_t count, capacity;
    bool failed;
};

/* What is being kept: one decision of one turn. */
struct keeping {
    struct happening_keeper *keeper;
    const struct policy_view *view;
    const struct disagreement *after;
    struct instant now;
};

static void keep_effect(struct keeping *self, const struct effect *effect);
static void keep_notification(struct keeping *self, const struct notification *notification);

const char *happening_name(enum happening_kind kind)
{
    static const char *const names[HAPPENING_KIND_COUNT] = { "passed",   "stopped",      "stage",
                                                             "deadline", "notification", "closed" };

    return names[kind];
}

struct happening_keeper *happening_keeper_open(void)
{
    struct happening_keeper *keeper = calloc(1, sizeof *keeper);

    if (keeper && !(keeper->arena = arena_open()))
        happening_keeper_close(&keeper);
    return keeper;
}

void happening_keeper_close(struct happening_keeper **keeper_p)
{
    struct happening_keeper *keeper = *keeper_p;

    if (!keeper)
        return;
    arena_close(&keeper->arena);
    free(keeper->list);
    free(keeper);
    *keeper_p = NULL;
}

void happening_keep(struct happening_keeper *keeper, const struct policy_view *view,
                    const struct decision *decision, struct instant now)
{
    struct keeping self = { .keeper = keeper, .view = view, .after = &decision->after, .now = now };

    for (size_t i = 0; i < decision->effect_count; i++)
        keep_effect(&self, &decision->effects[i]);
}

void happening_keep_told(struct happening_keeper *keeper, const struct policy_view *view,
                         const struct disagreement *after, const struct plan *plan,
                         struct instant now)
{
    struct keeping self = { .keeper = keeper, .view = view, .after = after, .now = now };

    for (size_t i = 0; i < plan->count; i++)
        keep_notification(&self, &plan->notifications[i]);
}

/* --- keeping */

static const char *text_of(struct keeping *self, const char *text)
{
    return arena_text(self->keeper->arena, text, strlen(text));
}

static const char *because_of(struct keeping *self, const struct because *because)
{
    char text[EVENT_TYPE_MAX + ID_MAX + 16];

    if (because->kind == BECAUSE_EVENT)
        return text_of(self, because->event);
    because_write(self->view, because, text, sizeof text);
    return text_of(self, text);
}

static const char *stage_of(const struct keeping *self, int stage)
{
    return stage < 0 ? NULL : procedure_stage_id(self->view->procedure, stage);
}

/* One more, or NULL: the lack of memory is remembered. */
static struct happening *add(struct keeping *self, enum happening_kind kind, struct instant at)
{
    struct happening_keeper *keeper = self->keeper;
    struct happening *fresh = arena_take(keeper->arena, sizeof *fresh);

    if (keeper->count == keeper->capacity) {
        size_t capacity = keeper->capacity ? 2 * keeper->capacity : 256;
        void *grown = realloc(keeper->list, capacity * sizeof *keeper->list);

        keeper->failed |= !grown;
        if (!grown)
            return NULL;
        keeper->list = grown;
        keeper->capacity = capacity;
    }
    if (!fresh)
        return NULL;
    fresh->kind = kind;
    fresh->at = at;
    fresh->told = self->now;
    fresh->disagreement = text_of(self, self->after->reference);
    fresh->due = fresh->due_before = INSTANT_NONE;
    fresh->sequence = keeper->count;
    keeper->list[keeper->count++] = fresh;
    return fresh;
}

/* A deadline's stage is its own; for one of the whole disagreement, the stage of the moment. */
static int stage_of_effect(const struct keeping *self, const struct effect *effect)
{
    int own = effect->deadline < 0 ? -1 : self->view->procedure->deadlines[effect->deadline].stage;

    return own < 0 ? effect->stage : own;
}

static void keep_effect(struct keeping *self, const struct effect *effect)
{
    static const int kinds[EFFECT_KIND_COUNT] = {
        [EFFECT_PASSED] = HAPPENING_PASSED,      [EFFECT_STOPPED] = HAPPENING_STOPPED,
        [EFFECT_STAGE] = HAPPENING_STAGE,        [EFFECT_DEADLINE] = HAPPENING_DEADLINE,
        [EFFECT_MOVED] = HAPPENING_DEADLINE,     [EFFECT_CLOSED] = HAPPENING_CLOSED,
        [EFFECT_TELL] = HAPPENING_KIND_COUNT,    /* who is told is the plan's */
        [EFFECT_REOPENED] = HAPPENING_KIND_COUNT /* it shows in the stage it enters */
    };
    struct happening *fresh;

    if (kinds[effect->kind] == HAPPENING_KIND_COUNT)
        return;
    fresh = add(self, (enum happening_kind)kinds[effect->kind], effect->at);
    if (!fresh)
        return;
    if (effect->deadline >= 0)
        fresh->deadline = self->view->procedure->deadlines[effect->deadline].id;
    fresh->stage = stage_of(self, stage_of_effect(self, effect));
    fresh->due = effect->due;
    fresh->due_before = effect->due_before;
    fresh->moved = effect->kind == EFFECT_MOVED;
    fresh->provisional = effect->provisional;
    fresh->because = because_of(self, &effect->because);
    fresh->by_event = effect->because.kind == BECAUSE_EVENT;
    fresh->closed_as = effect->closed_as;
}

static const struct happening_role *roles_of(struct keeping *self,
                                             const struct notification *notification)
{
    const struct procedure *procedure = self->view->procedure;
    struct happening_role *roles =
        arena_take(self->keeper->arena, notification->role_count * sizeof *roles);

    for (size_t i = 0; roles && i < notification->role_count; i++) {
        const struct recipient_role *role = &notification->roles[i];

        roles[i] = (struct happening_role){
            .role = procedure->roles[role->role].id,
            .for_role = procedure->roles[role->for_role].id,
            .side = party_side(role->party),
            .agency = role->party == PARTY_BOARD ? NULL
                                                 : text_of(self, self->after->parties[role->party]),
        };
    }
    return roles;
}

static const struct happening_say *says_of(struct keeping *self,
                                           const struct notification *notification)
{
    struct happening_say *says =
        arena_take(self->keeper->arena, notification->say_count * sizeof *says);

    for (size_t i = 0; says && i < notification->say_count; i++) {
        const struct say *say = &notification->says[i];
        char cause[EVENT_TYPE_MAX + ID_MAX + 16];

        because_write(self->view, &say->because, cause, sizeof cause);
        says[i] = (struct happening_say){
            .message = say_message(self->view, say),
            .stage = stage_of(self, say->stage),
            .cause = text_of(self, cause),
            .words = say->words,
            .due = say->due,
        };
    }
    return says;
}

static void keep_notification(struct keeping *self, const struct notification *notification)
{
    struct happening *fresh = add(self, HAPPENING_NOTIFICATION, notification->at);
    char person[ADDRESS_MAX + 2 * ID_MAX + 2];

    if (!fresh)
        return;
    fresh->person =
        text_of(self, notification_person(self->view, self->after, notification, person));
    fresh->roles = roles_of(self, notification);
    fresh->role_count = fresh->roles ? notification->role_count : 0;
    fresh->says = says_of(self, notification);
    fresh->say_count = fresh->says ? notification->say_count : 0;
    fresh->priority = notification->priority;
    fresh->rank[0] = notification->to_operator;
    fresh->rank[1] = notification->roles[0].party;
    fresh->rank[2] = notification->roles[0].role;
}

/* --- order */

static int in_order(const void *a, const void *b)
{
    const struct happening *one = *(const struct happening *const *)a;
    const struct happening *other = *(const struct happening *const *)b;

    if (one->at.us != other->at.us)
        return one->at.us < other->at.us ? -1 : 1;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    for (size_t i = 0; i < COUNT_OF(one->rank); i++)
        if (one->rank[i] != other->rank[i])
            return one->rank[i] < other->rank[i] ? -1 : 1;
    return one->sequence < other->sequence ? -1 : 1;
}

int happening_sort(struct happening_keeper *keeper, struct happenings *happenings)
{
    if (keeper->failed || arena_failed(keeper->arena))
        return -ENOMEM;
    if (keeper->count)
        qsort(keeper->list, keeper->count, sizeof *keeper->list, in_order);
    *happenings =
        (struct happenings){ (const struct happening *const *)keeper->list, keeper->count };
    return 0;
}
