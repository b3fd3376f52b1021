/* simulate_table.c - the table of a play: each instant, what happens, and who is told what. */
#include "concernctl/simulate_moment.h"
#include "concernctl/simulate_page.h"
#include "concernctl/words.h"
#include "protocol/answer.h"

#include <string.h>

static const char *const sides[] = { "challenging", "challenged", "board" };

static const char *title_of(const struct page *page, const char *deadline)
{
    int index = deadline ? procedure_deadline(page->procedure, deadline) : -1;

    return index < 0 ? "" : page->procedure->deadlines[index].title;
}

/* --- days */

static void add_aside(const struct page *page, struct date date, const char *what)
{
    char text[WORDS_SIZE];

    page_add(page, "<tr class=\"aside\"><td></td><td colspan=\"4\">%s: ", words_date(date, text));
    page_text(page, what);
    page_add(page, "</td></tr>\n");
}

static void add_closed_days(const struct page *page, struct date from, struct date to)
{
    for (struct date date = from; date.day <= to.day; date.day++) {
        const char *reason = calendar_reason(page->calendar, date);

        if (reason && date_weekday(date) < 5)
            add_aside(page, date, reason);
        for (size_t i = 0; i < page->zone->change_count; i++) {
            struct instant at = { page->zone->changes[i].at_s * SECOND_US };
            char time[WORDS_SIZE], what[2 * WORDS_SIZE];

            if (zone_civil(page->zone, at).date.day != date.day)
                continue;
            snprintf(what, sizeof what, "the clocks change, to %s",
                     words_time(page->zone, at, time));
            add_aside(page, date, what);
        }
    }
}

static void add_day(const struct page *page, struct date date)
{
    const char *closed = calendar_reason(page->calendar, date);
    char text[WORDS_SIZE];

    page_add(page, "<tr class=\"day\"><th colspan=\"5\" scope=\"rowgroup\">%s",
             words_date(date, text));
    if (closed) {
        page_add(page, " <small>");
        page_text(page, date_weekday(date) < 5 ? closed : "weekend");
        page_add(page, "</small>");
    }
    page_add(page, "</th></tr>\n");
}

/* --- what happens */

static void add_event(const struct page *page, const struct simulate_event *event)
{
    char text[WORDS_SIZE];

    page_add(page, "<div class=\"what event\">");
    page_text(page, event_short_type(event->type));
    if (event->by[0]) {
        page_add(page, " by ");
        page_text(page, event->by);
    }
    if (event->time.us != event->received.us)
        page_add(page, ", which happened %s", words_instant(page->zone, event->time, text));
    page_add(page, "%s</div>", event->refused ? " (refused)" : "");
}

static void add_due(const struct page *page, const struct happening *happening)
{
    char text[WORDS_SIZE];

    page_add(page, "<div class=\"what\">");
    page_words(page, title_of(page, happening->deadline));
    if (instant_is_none(happening->due))
        page_add(page, ": no due instant</div>");
    else
        page_add(page, "%s <b>due %s</b>%s</div>", happening->moved ? " moved," : "",
                 words_instant(page->zone, happening->due, text),
                 happening->provisional ? ", provisionally" : "");
}

static void add_course(const struct page *page, const struct happening *happening)
{
    static const char *const classes[HAPPENING_KIND_COUNT] = { "what over",  "what quiet",
                                                               "what enter", "",
                                                               "",           "what enter" };
    static const char *const heads[HAPPENING_KIND_COUNT] = {
        "limit passed: ", "stopped: ", "stage entered: ", "", "", "closed: "
    };

    if (happening->kind == HAPPENING_DEADLINE) {
        add_due(page, happening);
        return;
    }
    page_add(page, "<div class=\"%s\">%s", classes[happening->kind], heads[happening->kind]);
    if (happening->kind == HAPPENING_CLOSED)
        page_text(page, answer_state_text(happening->closed_as));
    else
        page_words(page, title_of(page, happening->kind == HAPPENING_STAGE ? happening->stage
                                                                           : happening->deadline));
    page_add(page, "</div>");
}

/* --- who is told */

static void add_told(const struct page *page, const struct happening *happening)
{
    static const char *const classes[] = { "told", "told urgent", "told immediate" };
    const struct happening_role *role = &happening->roles[0];

    page_add(page, "<div class=\"%s\"><b>", classes[happening->priority]);
    page_text(page, happening->rank[0] ? "Operator, for " : "");
    for (size_t i = 0; i < happening->role_count; i++) {
        page_text(page, i ? ", " : "");
        page_text(page, page_role(page, happening->roles[i].role));
    }
    page_add(page, "</b> <span class=\"who\">");
    page_text(page, role->agency ? role->agency : "");
    if (!strchr(happening->person, '@') && !happening->rank[0]) {
        page_text(page, role->agency ? ", " : "");
        page_text(page, happening->person);
    }
    page_add(page, "</span><br>");
    page_says(page, happening);
    page_add(page, "</div>");
}

static void add_side(const struct page *page, const struct moment *moment, const char *side)
{
    page_add(page, "<td>");
    for (size_t i = moment->happening; i < moment->happening_end; i++) {
        const struct happening *happening = page->play.happenings.list[i];

        if (happening->kind == HAPPENING_NOTIFICATION &&
            strcmp(happening->roles[0].side, side) == 0)
            add_told(page, happening);
    }
    page_add(page, "</td>");
}

static void add_moment(const struct page *page, const struct moment *moment)
{
    char text[WORDS_SIZE];

    page_add(page, "<tr><th scope=\"row\">%s</th><td>", words_time(page->zone, moment->at, text));
    for (size_t i = moment->event; i < moment->event_end; i++)
        add_event(page, &page->play.events.list[i]);
    for (size_t i = moment->happening; i < moment->happening_end; i++)
        if (page->play.happenings.list[i]->kind != HAPPENING_NOTIFICATION)
            add_course(page, page->play.happenings.list[i]);
    page_add(page, "</td>");
    for (size_t i = 0; i < COUNT_OF(sides); i++)
        add_side(page, moment, sides[i]);
    page_add(page, "</tr>\n");
    if (moment->repeats)
        page_add(page,
                 "<tr class=\"aside\"><td></td><td colspan=\"4\">the same %zu more time%s, the "
                 "last %s</td></tr>\n",
                 moment->repeats, moment->repeats == 1 ? "" : "s",
                 words_instant(page->zone, moment->last_repeat, text));
}

void page_table(const struct page *page)
{
    struct moment moment = { 0 };
    struct date last = { 0 };
    bool begun = false;

    page_add(page, "<table>\n<colgroup><col class=\"time\"><col class=\"what\"><col><col>"
                   "<col class=\"board\"></colgroup>\n<thead><tr><th>Time</th><th>What "
                   "happens</th><th>Challenging side is "
                   "told</th><th>Challenged side is told</th><th>Board is told</th></tr></thead>\n"
                   "<tbody>\n");
    while (moment_next(&page->play, &moment)) {
        struct date date = zone_civil(page->zone, moment.at).date;

        if (begun && date.day != last.day)
            add_closed_days(page, (struct date){ last.day + 1 }, (struct date){ date.day - 1 });
        if (!begun || date.day != last.day)
            add_day(page, date);
        begun = true;
        last = date;
        add_moment(page, &moment);
    }
    page_add(page, "</tbody></table>\n");
}
