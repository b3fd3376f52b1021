/* engine_calendar.c - the operator hears in good time that a calendar is coming to its end.
 *
 * Bank holidays are published about two years ahead.  Past what a calendar knows a due instant
 * is computed as if no further closure came, and so may be a day early: somebody has to get the
 * new list before that matters.
 */
#include <stdio.h>

#include "io/engine_private.h"
#include "io/journal.h"

enum { GOOD_TIME_DAYS = 365 };

int engine_tell_provisional(struct engine *engine, const struct policy_view *view,
                            const struct disagreement *after)
{
    const struct calendar *calendar = view->time.calendar;
    char key[2 * ID_MAX], text[1024], until[DATE_SIZE];

    date_write(calendar->known_until, until);
    journal_warn(JOURNAL({ "DISAGREEMENT", after->reference }, { "CALENDAR", calendar->id }),
                 "a due instant is provisional: the calendar %s is known until %s", calendar->id,
                 until);
    snprintf(key, sizeof key, "provisional %.100s", calendar->id);
    snprintf(text, sizeof text,
             "A deadline now runs past what the calendar %s knows, which is until %s.\n"
             "It is computed as if no further bank holiday came, and is marked provisional: the\n"
             "first such disagreement today is %s, others may follow.\n"
             "Get the new list of bank holidays, put it among the calendars, and reload; every\n"
             "deadline is then computed anew, and who was told is told again where it moves.\n",
             calendar->id, until, after->reference);
    return engine_tell_operator(engine, key, "A deadline runs past its calendar", text);
}

static int tell_calendar(struct engine *engine, const struct procedure *procedure,
                         const struct timekeeping *time)
{
    const struct calendar *calendar = time->calendar;
    struct date today = zone_civil(time->zone, engine->now).date;
    char key[2 * ID_MAX], text[768], until[DATE_SIZE];

    if (calendar->known_until.day - today.day >= GOOD_TIME_DAYS)
        return 0;
    date_write(calendar->known_until, until);
    journal_warn(JOURNAL({ "CALENDAR", calendar->id }, { "PROCEDURE", procedure->id }),
                 "the calendar %s is known until %s (get the new list)", calendar->id, until);
    snprintf(key, sizeof key, "calendar %.100s", calendar->id);
    snprintf(text, sizeof text,
             "The calendar %s is known until %s; the procedure %s counts by it.\n"
             "Get the new list of bank holidays, put it among the calendars, and reload.\n"
             "Until then, deadlines that run past that day are provisional.\n",
             calendar->id, until, procedure->id);
    return engine_tell_operator(engine, key, "A calendar is coming to its end", text);
}

/* Two procedures of one calendar are one thing to say: the key is the calendar's. */
int engine_tell_calendars(struct engine *engine)
{
    const struct procedure *procedure;
    int answer = 0;

    for (size_t i = 0; answer == 0 && (procedure = policy_procedure(engine->settings.policy, i));
         i++) {
        struct policy_view view;

        if (policy_view(engine->settings.policy, procedure->id, &view) == POLICY_OK)
            answer = tell_calendar(engine, procedure, &view.time);
    }
    return answer;
}
