/* plan.c - a decision becomes notifications. */
#include "core/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audience.h"
#include "core/recipient.h"
#include "core/text.h"

/* The whole of what is being planned. */
struct planning {
    struct recipient_search search;
    const struct policy_view *view;
    struct plan *plan;
};

static int plan_effect(struct planning *self, const struct effect *effect);
static int in_order(const void *a, const void *b);

int plan_notifications(const struct policy_view *view, const struct directory *directory,
                       const struct decision *decision, struct date today, struct plan *plan)
{
    struct planning self = {
        .search = { .procedure = view->procedure,
                    .disagreement = &decision->after,
                    .directory = directory,
                    .today = today },
        .view = view,
        .plan = plan,
    };

    for (size_t i = 0; i < decision->effect_count; i++) {
        int error = 0;

        if (decision->effects[i].kind == EFFECT_TELL)
            error = plan_effect(&self, &decision->effects[i]);
        if (error < 0)
            return error;
    }
    if (plan->count > 0)
        qsort(plan->notifications, plan->count, sizeof *plan->notifications, in_order);
    return 0;
}

void plan_close(struct plan *plan)
{
    free(plan->notifications);
    *plan = (struct plan){ 0 };
}

/* --- who */

static bool is_same_person(const struct notification *notification, const struct recipient *to)
{
    if (notification->to_operator || to->is_operator)
        return notification->to_operator && to->is_operator;
    if (notification->person || to->person)
        return notification->person == to->person;
    if (notification->address[0] || to->address[0])
        return strcmp(notification->address, to->address) == 0;
    return notification->roles[0].role == to->role.role &&
           notification->roles[0].party == to->role.party;
}

static bool is_say_before(const struct say *a, const struct say *b)
{
    if (a->message != b->message)
        return a->message < b->message;
    if (a->stage != b->stage)
        return a->stage < b->stage;
    if (a->deadline != b->deadline)
        return a->deadline < b->deadline;
    return a->rule < b->rule;
}

static bool says_this(const struct notification *notification, const struct say *say)
{
    for (size_t i = 0; i < notification->say_count; i++)
        if (!is_say_before(&notification->says[i], say) &&
            !is_say_before(say, &notification->says[i]))
            return true;
    return false;
}

/* One person, one instant, one message: the notification that is there already, or a new one.
 * What one message has no room for goes in a further one: nothing is left unsaid. */
static struct notification *notification_for(struct planning *self, struct instant at,
                                             const struct recipient *to, const struct say *say)
{
    struct plan *plan = self->plan;
    struct notification *fresh;

    for (size_t i = 0; i < plan->count; i++) {
        struct notification *there = &plan->notifications[i];

        if (there->at.us == at.us && is_same_person(there, to) &&
            (there->say_count < SAYS_MAX || says_this(there, say)))
            return there;
    }

    if (plan->count == plan->capacity) {
        size_t capacity = plan->capacity ? 2 * plan->capacity : 16;
        struct notification *grown =
            realloc(plan->notifications, capacity * sizeof *plan->notifications);

        if (!grown)
            return NULL;
        plan->notifications = grown;
        plan->capacity = capacity;
    }
    fresh = &plan->notifications[plan->count++];
    memset(fresh, 0, sizeof *fresh);
    fresh->at = at;
    fresh->person = to->person;
    fresh->to_operator = to->is_operator;
    snprintf(fresh->address, sizeof fresh->address, "%s", to->address);
    return fresh;
}

static bool is_role_before(const struct recipient_role *a, const struct recipient_role *b)
{
    if (a->party != b->party)
        return a->party < b->party;
    if (a->role != b->role)
        return a->role < b->role;
    return a->for_role < b->for_role;
}

static void add_role(struct notification *notification, const struct recipient_role *role)
{
    size_t place = 0;

    for (size_t i = 0; i < notification->role_count; i++)
        if (notification->roles[i].role == role->role &&
            notification->roles[i].party == role->party &&
            notification->roles[i].for_role == role->for_role)
            return;
    if (notification->role_count == RECIPIENT_ROLES_MAX)
        return; /* cannot be: there are no more */
    while (place < notification->role_count && is_role_before(&notification->roles[place], role))
        place++;
    memmove(&notification->roles[place + 1], &notification->roles[place],
            (notification->role_count - place) * sizeof *role);
    notification->roles[place] = *role;
    notification->role_count++;
}

/* --- what */

static const char *words_of(const struct procedure *procedure, const struct effect *effect)
{
    if (effect->rule >= 0)
        return procedure->rules[effect->rule].words;
    if (effect->words_of >= 0 && procedure->deadlines[effect->words_of].words)
        return procedure->deadlines[effect->words_of].words;
    if (effect->deadline >= 0)
        return procedure->deadlines[effect->deadline].words;
    return NULL;
}

static void add_say(struct notification *notification, const struct say *say)
{
    size_t place = 0;

    if (says_this(notification, say) || notification->say_count == SAYS_MAX)
        return; /* notification_for() chose one that has room */
    while (place < notification->say_count && is_say_before(&notification->says[place], say))
        place++;
    memmove(&notification->says[place + 1], &notification->says[place],
            (notification->say_count - place) * sizeof *say);
    notification->says[place] = *say;
    notification->say_count++;
}

static struct say say_of(const struct planning *self, const struct effect *effect)
{
    return (struct say){
        .message = effect->message,
        .deadline = effect->deadline,
        .stage = effect->stage,
        .rule = effect->rule,
        .due = effect->due,
        .provisional = effect->provisional,
        .because = effect->because,
        .words = words_of(self->view->procedure, effect),
    };
}

/* --- both */

/* Who stands in for a missing person is the operator's business to put right. */
static bool operator_must_know(enum stand_in stand_in)
{
    return stand_in == STAND_IN_DEPUTY || stand_in == STAND_IN_SAFEGUARDING_LEAD;
}

static int tell_operator(struct planning *self, const struct effect *effect,
                         const struct recipient *stood_in)
{
    struct recipient operator_ = { .address = "", .is_operator = true, .role = stood_in->role };
    struct notification *notification;
    struct say say = say_of(self, effect);

    say.message = MESSAGE_OPERATOR_NOTIFICATION;
    say.words = NULL;
    notification = notification_for(self, effect->at, &operator_, &say);
    if (!notification)
        return -ENOMEM;
    add_role(notification, &stood_in->role);
    add_say(notification, &say);
    return 0;
}

static int plan_recipient(struct planning *self, const struct effect *effect,
                          const struct recipient *to)
{
    struct say say = say_of(self, effect);
    struct notification *notification = notification_for(self, effect->at, to, &say);

    if (!notification)
        return -ENOMEM;
    add_role(notification, &to->role);
    add_say(notification, &say);
    if (effect->priority > notification->priority)
        notification->priority = effect->priority;
    return to->is_absent || operator_must_know(to->role.stand_in) ? tell_operator(self, effect, to)
                                                                  : 0;
}

static int plan_effect(struct planning *self, const struct effect *effect)
{
    for (size_t role = 0; role < self->view->procedure->role_count; role++)
        for (int party = 0; party <= PARTY_BOARD; party++) {
            struct recipient to;
            int error;

            if (!(effect->to[role] & 1u << party))
                continue;
            if (!recipient_find(&self->search, (int)role, party, &to))
                continue;
            error = plan_recipient(self, effect, &to);
            if (error < 0)
                return error;
        }
    return 0;
}

/* Challenging, challenged by agency, board, and the operator last; then role. */
static int in_order(const void *a, const void *b)
{
    const struct notification *one = a, *other = b;

    if (one->at.us != other->at.us)
        return one->at.us < other->at.us ? -1 : 1;
    if (one->to_operator != other->to_operator)
        return one->to_operator ? 1 : -1;
    if (is_role_before(&one->roles[0], &other->roles[0]))
        return -1;
    if (is_role_before(&other->roles[0], &one->roles[0]))
        return 1;
    /* Two messages of one person, for one had no room for all. */
    return is_say_before(&one->says[0], &other->says[0]) ? -1 : 1;
}

/* --- names */

const struct route *notification_routes(const struct notification *notification,
                                        const struct directory *directory, bool office_hours,
                                        size_t *count)
{
    const struct person *person = notification->person;

    *count = 0;
    if (notification->to_operator && directory) {
        *count = directory->operator_route_count;
        return directory->operator_routes;
    }
    if (!person)
        return NULL;
    if (!office_hours && person->out_of_hours_count > 0) {
        *count = person->out_of_hours_count;
        return person->out_of_hours;
    }
    *count = person->route_count;
    return person->routes;
}

const char *notification_person(const struct policy_view *view, const struct disagreement *after,
                                const struct notification *notification,
                                char text[ADDRESS_MAX + 2 * ID_MAX + 2])
{
    const size_t size = ADDRESS_MAX + 2 * ID_MAX + 2;
    int party = notification->roles[0].party;

    if (notification->to_operator)
        snprintf(text, size, "operator");
    else if (notification->person)
        snprintf(text, size, "%s", notification->person->id);
    else if (notification->address[0])
        snprintf(text, size, "%s", notification->address);
    else
        snprintf(text, size, "%s@%s", view->procedure->roles[notification->roles[0].role].id,
                 party == PARTY_BOARD ? "board" : after->parties[party]);
    return text;
}

void because_write(const struct policy_view *view, const struct because *because, char *text,
                   size_t size)
{
    const struct procedure *procedure = view->procedure;

    switch (because->kind) {
    case BECAUSE_STAGE:
        snprintf(text, size, "stage %s", procedure_stage_id(procedure, because->index));
        break;
    case BECAUSE_DEADLINE:
        snprintf(text, size, "deadline %s", procedure->deadlines[because->index].id);
        break;
    case BECAUSE_RULE:
        snprintf(text, size, "rule %s", procedure->rules[because->index].id);
        break;
    case BECAUSE_VERSION:
        snprintf(text, size, "version %s", procedure->version);
        break;
    case BECAUSE_EVENT:
    default:
        snprintf(text, size, "event %s", because->event);
        break;
    }
}

const char *say_message(const struct policy_view *view, const struct say *say)
{
    const struct procedure *procedure = view->procedure;

    if (say->message != MESSAGE_RULE || say->rule < 0)
        return message_id(say->message);
    return procedure->rules[say->rule].message ? procedure->rules[say->rule].message
                                               : procedure->rules[say->rule].id;
}

static const char *say_about(const struct procedure *procedure, const struct say *say)
{
    if (say->rule >= 0)
        return procedure->rules[say->rule].id;
    if (say->deadline >= 0)
        return procedure->deadlines[say->deadline].id;
    return say->stage >= 0 ? procedure_stage_id(procedure, say->stage) : "";
}

/* FNV-1a: not a secret, only short for what does not fit. */
static uint64_t digest(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

void notification_key(const struct policy_view *view, const struct disagreement *after,
                      const struct notification *notification, char *key, size_t size)
{
    char whole[ADDRESS_MAX + 2 * ID_MAX + 40 + SAYS_MAX * (2 * ID_MAX + 2)];
    char person[ADDRESS_MAX + 2 * ID_MAX + 2];
    struct text text = { .at = whole, .size = sizeof whole };

    text_addf(&text, "%s %lld", notification_person(view, after, notification, person),
              (long long)notification->at.us);
    for (size_t i = 0; i < notification->say_count; i++)
        text_addf(&text, " %s:%s", message_id(notification->says[i].message),
                  say_about(view->procedure, &notification->says[i]));

    if (strlen(whole) < size)
        snprintf(key, size, "%s", whole);
    else
        snprintf(key, size, "%.*s %016llx", (int)(size - 18), whole,
                 (unsigned long long)digest(UINT64_C(14695981039346656037), whole));
}
