/* invite.c - what of a notification belongs into its reader's calendar. */
#include "core/invite.h"

#include "core/audience.h"

/* The reader is among those who are to do it: in one of the roles he is told in. */
static bool is_owner(const struct policy_view *view, const struct disagreement *after,
                     const struct notification *notification, int deadline)
{
    const struct deadline *rule = &view->procedure->deadlines[deadline];
    struct audience_place place = { .procedure = view->procedure,
                                    .disagreement = after,
                                    .stage = rule->stage >= 0 ? rule->stage : after->stage,
                                    .previous = after->previous,
                                    .next = -1 };
    struct audience owners = { 0 };

    audience_add(&owners, &place, &rule->owners);
    for (size_t i = 0; i < notification->role_count; i++) {
        const struct recipient_role *role = &notification->roles[i];

        if (owners.to[role->for_role] & 1u << role->party)
            return true;
    }
    return false;
}

static bool is_told_to_begin(const struct policy_view *view,
                             const struct notification *notification, int deadline)
{
    for (size_t i = 0; i < notification->say_count; i++) {
        const struct say *say = &notification->says[i];

        if (say->message == MESSAGE_REOPENED)
            return true;
        if (say->message == MESSAGE_STAGE_ENTERED && say->stage >= 0 &&
            view->procedure->stages[say->stage].deadline == deadline)
            return true;
        if ((say->message == MESSAGE_DEADLINE_STARTED || say->message == MESSAGE_DUE_MOVED) &&
            say->deadline == deadline)
            return true;
    }
    return false;
}

size_t invites_of(const struct policy_view *view, const struct disagreement *after,
                  const struct notification *notification, struct invite invites[INVITES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < view->procedure->deadline_count && count < INVITES_MAX; i++) {
        const struct running *running = &after->running[i];
        bool stopped = running->state == RUNNING_STOPPED &&
                       running->acted_until.us == notification->at.us &&
                       running->due.us > notification->at.us;
        bool begins = running->state == RUNNING_ON && is_told_to_begin(view, notification, (int)i);

        if (instant_is_none(running->due) || !(stopped || begins) ||
            !is_owner(view, after, notification, (int)i))
            continue;
        invites[count++] = (struct invite){ .deadline = (int)i, .cancelled = stopped };
    }
    return count;
}

enum invite_answer invite_judge(const struct invite_sent *sent, const struct invite_now *deadline,
                                struct instant now, uint32_t *sequence)
{
    bool runs = !deadline->is_anew &&
                (deadline->state == RUNNING_ON ||
                 (deadline->state == RUNNING_PASSED && sent->sequence >= 0)) &&
                !instant_is_none(deadline->due);
    int64_t next = sent->sequence + 1;

    *sequence = (uint32_t)(deadline->changes > next ? deadline->changes : next);
    if (sent->cancelled)
        return INVITE_RIGHT;
    if (runs)
        return deadline->due.us == sent->due.us ? INVITE_RIGHT : INVITE_SHOW;
    if (deadline->state == RUNNING_PASSED && !deadline->is_anew)
        return INVITE_RIGHT;
    return sent->sequence >= 0 && !instant_is_none(sent->due) && sent->due.us > now.us
               ? INVITE_CANCEL
               : INVITE_RIGHT;
}
