/* policy_calendar_check.c - whether calendars reach as far as the deadlines that count by them. */
#include "policy/policy_loaded.h"

#include <string.h>

static struct instant later(struct instant one, struct instant other)
{
    return other.us > one.us ? other : one;
}

/* When a deadline that starts at `from` passes at the latest; `from` where it has no instant of its
 * own.  What rests on days the calendar does not know sets `provisional`. */
static struct instant end_of(const struct deadline *deadline, const struct timekeeping *time,
                             struct instant from, bool *provisional)
{
    const struct limit *limits[] = { &deadline->limit, &deadline->extended };
    struct instant end = from, due;

    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        int answer = limits[i]->count == 0 ? LIMIT_NO_DUE
                                           : limit_due(limits[i], time, &deadline->counting, from,
                                                       INSTANT_NONE, &due);

        if (answer != LIMIT_DUE && answer != LIMIT_PROVISIONAL)
            continue;
        *provisional = *provisional || answer == LIMIT_PROVISIONAL;
        end = later(end, due);
    }
    return end;
}

/* The longest way of a disagreement raised at `from`: every stage to its limit, one after the
 * other, each with its own deadlines; then what follows the resolution; beside it the deadlines
 * from the raise. */
static struct instant end_of_all(const struct procedure *procedure, const struct timekeeping *time,
                                 struct instant from, bool *provisional)
{
    struct instant entered = from, last = from, after;

    for (size_t stage = 0; stage < procedure->stage_count; stage++) {
        for (size_t i = 0; i < procedure->deadline_count; i++)
            if (procedure->deadlines[i].under == UNDER_A_STAGE &&
                procedure->deadlines[i].stage == (int)stage)
                last = later(last, end_of(&procedure->deadlines[i], time, entered, provisional));
        entered =
            end_of(procedure_stage_deadline(procedure, (int)stage), time, entered, provisional);
    }
    last = after = later(last, entered);
    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct deadline *deadline = &procedure->deadlines[i];

        if (deadline->under == UNDER_DEADLINES)
            last = later(last, end_of(deadline, time, from, provisional));
        else if (deadline->under == UNDER_AFTER_RESOLUTION)
            last = later(last, end_of(deadline, time, after, provisional));
    }
    return last;
}

static void warn(const struct version *version, const struct policy_view *view,
                 struct instant today, struct instant last, struct faults *faults)
{
    const struct calendar *calendar = view->time.calendar;
    char known[DATE_SIZE], end[DATE_SIZE];
    unsigned line, column;

    procedure_place(version->file, "calendar", &line, &column);
    if (zone_civil(view->time.zone, today).date.day < calendar->known_from.day) {
        date_write(calendar->known_from, known);
        faults_warn(faults, procedure_name(version->file), line, column,
                    "the calendar `%s` is known from %s on, and a disagreement raised today begins "
                    "before (its list of days for this year, too)",
                    calendar->id, known);
        return;
    }
    date_write(calendar->known_until, known);
    date_write(zone_civil(view->time.zone, last).date, end);
    faults_warn(faults, procedure_name(version->file), line, column,
                "the calendar `%s` is known until %s, and a disagreement raised today may run "
                "until %s (get the new list of bank holidays)",
                calendar->id, known, end);
}

void policy_check_calendars(const struct policy *policy, struct instant today,
                            struct faults *faults)
{
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct version *version = &policy->versions[i];
        bool provisional = false;
        struct policy_view view;
        struct instant last;

        if (!version->in_force ||
            policy_view(policy, procedure_of(version->file)->id, &view) != POLICY_OK)
            continue;
        last = end_of_all(view.procedure, &view.time, today, &provisional);
        if (!provisional)
            continue;
        warn(version, &view, today, last, faults);
    }
}
