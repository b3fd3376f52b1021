/* simulate_draw.c - the picture of a play: days as a ribbon, and under them stages, deadlines
 * and who is told. */
#include "concernctl/simulate_moment.h"
#include "concernctl/simulate_page.h"
#include "concernctl/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    GUTTER = 172, /* where the names of the lanes stand */
    WIDTH = 1008, /* of the days of one strip: divided by 14, 21, 28 … without a rest */
    MARGIN = 12,
    WEEKS_MAX = 6, /* of one strip */

    MONTHS_Y = 14, /* from the top */
    DAYS_Y = 20,
    DAYS_HEIGHT = 30,
    NAMES_HEIGHT = 26, /* of holidays and changes of clocks, in two lines */
    EVENTS_HEIGHT = 24,
    STAGES_HEIGHT = 52,
    BAR_HEIGHT = 30,
    DEADLINE_HEIGHT = 22,
    LANE_HEIGHT = 28,
    LETTER = 6,      /* about, of a small label */
    BOLD_LETTER = 7, /* and of a bold one */
    MONTH_WIDTH = 100,
    GUTTER_LETTERS = 22
};

/* One row of days. */
struct strip {
    const struct page *page;
    struct date first;
    int days;
    double day; /* its width */
    int height;
    int deadlines[PROCEDURE_DEADLINES_MAX]; /* those with a lane of their own */
    int deadline_count;
};

static void draw_strip(const struct strip *strip);

/* --- which strips */

static bool is_quiet(const struct page *page, struct date first, int days)
{
    struct moment moment = { 0 };

    while (moment_next(&page->play, &moment)) {
        int32_t day = zone_civil(page->zone, moment.at).date.day;

        if (day >= first.day && day < first.day + days)
            return false;
    }
    for (size_t i = 0; i < page->span_count; i++) {
        int32_t due = zone_civil(page->zone, page->spans[i].due).date.day;

        if (!instant_is_none(page->spans[i].due) && due >= first.day && due < first.day + days)
            return false;
    }
    return true;
}

static void list_deadlines(struct strip *strip)
{
    const struct page *page = strip->page;

    for (size_t i = 0; i < page->span_count; i++) {
        bool known = page->spans[i].stage >= 0;

        for (int j = 0; j < strip->deadline_count; j++)
            known |= strip->deadlines[j] == page->spans[i].deadline;
        if (!known)
            strip->deadlines[strip->deadline_count++] = page->spans[i].deadline;
    }
}

static void draw_gap(const struct page *page, int weeks)
{
    if (weeks > 0)
        page_add(page, "<p class=\"gap\">%d week%s in which nothing else happens</p>\n", weeks,
                 weeks == 1 ? "" : "s");
}

static void draw_legend(const struct page *page)
{
    page_add(page, "<p class=\"legend\">"
                   "<span class=\"key closed\"></span> weekend, holiday "
                   "<span class=\"key event\"></span> an event arrives "
                   "<span class=\"key due\"></span> due "
                   "<span class=\"key passed\"></span> passed "
                   "<span class=\"key one\"></span> told "
                   "<span class=\"key ring\"></span> reminded, chased "
                   "<span class=\"key urgent\"></span> urgent "
                   "<span class=\"key immediate\"></span> immediate; "
                   "a number in it: so many people. "
                   "Small numbers in a stage count its working days.</p>\n");
}

void page_draw(const struct page *page)
{
    int weeks = (page->last.day - page->first.day + 1) / 7;
    int rows = (weeks + WEEKS_MAX - 1) / WEEKS_MAX;
    int in_row = rows == 1 && weeks < 2 ? 2 : (weeks + rows - 1) / rows;
    struct strip strip = { .page = page, .days = 7 * in_row, .day = (double)WIDTH / (7 * in_row) };
    char text[WORDS_SIZE];
    int skipped = 0;

    list_deadlines(&strip);
    strip.height = DAYS_Y + DAYS_HEIGHT + NAMES_HEIGHT + EVENTS_HEIGHT + STAGES_HEIGHT +
                   strip.deadline_count * DEADLINE_HEIGHT + (int)page->lane_count * LANE_HEIGHT + 6;
    draw_legend(page);
    for (strip.first = page->first; strip.first.day <= page->last.day;
         strip.first.day += strip.days) {
        if (is_quiet(page, strip.first, strip.days)) {
            skipped += in_row;
            continue;
        }
        draw_gap(page, skipped);
        skipped = 0;
        draw_strip(&strip);
    }
    if (page->chases_after)
        page_add(page, "<p class=\"gap\">then chased %zu more time%s, the last %s</p>\n",
                 page->chases_after, page->chases_after == 1 ? "" : "s",
                 words_instant(page->zone, page->quiet, text));
}

/* --- where */

static double x_of_date(const struct strip *strip, struct date date)
{
    return GUTTER + (date.day - strip->first.day) * strip->day;
}

/* By civil time, so that a day is a day wide whatever the clocks do. */
static double x_of(const struct strip *strip, struct instant at)
{
    struct civil civil = zone_civil(strip->page->zone, at);

    return x_of_date(strip, civil.date) + strip->day * civil.second / 86400.0;
}

static bool is_inside(const struct strip *strip, struct instant at)
{
    int32_t day = zone_civil(strip->page->zone, at).date.day;

    return !instant_is_none(at) && day >= strip->first.day && day < strip->first.day + strip->days;
}

static double x_end(const struct strip *strip)
{
    return GUTTER + strip->days * strip->day;
}

/* The part of a span within the strip; false where there is none. */
static bool clip(const struct strip *strip, struct instant from, struct instant to, double *left,
                 double *right)
{
    *left = x_of(strip, from);
    *right = instant_is_none(to) ? x_end(strip) : x_of(strip, to);
    if (*left >= x_end(strip) || *right < GUTTER)
        return false;
    *left = *left < GUTTER ? GUTTER : *left;
    *right = *right > x_end(strip) ? x_end(strip) : *right;
    if (*right < *left + 3)
        *right = *left + 3;
    return true;
}

/* --- the ribbon of days */

static int lanes_y(void)
{
    return DAYS_Y + DAYS_HEIGHT + NAMES_HEIGHT;
}

static bool is_holiday(const struct page *page, struct date date)
{
    return date_weekday(date) < 5 && calendar_reason(page->calendar, date);
}

static void draw_day(const struct strip *strip, struct date date)
{
    static const char letters[] = "MTWTFSS";
    const struct page *page = strip->page;
    double x = x_of_date(strip, date);
    bool open = calendar_is_working_day(page->calendar, date);
    int year, month, day;

    date_parts(date, &year, &month, &day);
    if (!open)
        page_add(page, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                 is_holiday(page, date) ? "holiday" : "weekend", x, DAYS_Y, strip->day,
                 strip->height - DAYS_Y);
    page_add(page, "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
             date_weekday(date) ? "grid" : "grid week", x, DAYS_Y, x, strip->height);
    page_add(page,
             "<text class=\"weekday%s\" x=\"%.1f\" y=\"%d\">%c</text>"
             "<text class=\"number%s\" x=\"%.1f\" y=\"%d\">%d</text>\n",
             open ? "" : " shut", x + strip->day / 2, DAYS_Y + 12, letters[date_weekday(date)],
             open ? "" : " shut", x + strip->day / 2, DAYS_Y + 26, day);
}

/* A month's name stands over its first day, where there is room for it. */
static void draw_months(const struct strip *strip)
{
    char text[WORDS_SIZE];

    for (int i = 0, next; i < strip->days; i = next) {
        struct date date = { strip->first.day + i };
        int year, month, day;

        date_parts(date, &year, &month, &day);
        for (next = i + 1; next < strip->days; next++) {
            int other;

            date_parts((struct date){ strip->first.day + next }, &year, &other, &day);
            if (other != month)
                break;
        }
        if ((next - i) * strip->day > MONTH_WIDTH)
            page_add(strip->page, "<text class=\"month\" x=\"%.1f\" y=\"%d\">%s</text>\n",
                     x_of_date(strip, date) + 2, MONTHS_Y, words_month(date, text));
    }
}

/* Names take the second line where the first is taken. */
struct name_lines {
    double used[2];
};

static void draw_name(const struct strip *strip, struct name_lines *names, double x,
                      const char *class, const char *name)
{
    int line = names->used[0] > x && names->used[1] <= x;

    names->used[line] = x + (double)strlen(name) * LETTER + 4;
    page_add(strip->page, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">", class, x,
             DAYS_Y + DAYS_HEIGHT + 10 + 11 * line);
    page_text(strip->page, name);
    page_add(strip->page, "</text>\n");
}

/* The change of the clock on a day, if there is one: by how many seconds. */
static int32_t clock_change(const struct zone *zone, struct date date, struct instant *at)
{
    for (size_t i = 0; i < zone->change_count; i++) {
        *at = (struct instant){ zone->changes[i].at_s * SECOND_US };
        if (zone_civil(zone, *at).date.day == date.day)
            return zone->changes[i].offset_s -
                   (i ? zone->changes[i - 1].offset_s : zone->first_offset_s);
    }
    return 0;
}

static void draw_names(const struct strip *strip)
{
    const struct page *page = strip->page;
    struct name_lines names = { { 0, 0 } };

    for (int i = 0; i < strip->days; i++) {
        struct date date = { strip->first.day + i };
        struct instant at;
        int32_t change = clock_change(page->zone, date, &at);

        if (is_holiday(page, date))
            draw_name(strip, &names, x_of_date(strip, date), "name",
                      calendar_reason(page->calendar, date));
        if (change == 0)
            continue;
        page_add(page, "<line class=\"clock\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                 x_of(strip, at), DAYS_Y, x_of(strip, at), strip->height);
        draw_name(strip, &names, x_of(strip, at) + 2, "name clockname",
                  change > 0 ? "clocks go forward" : "clocks go back");
    }
}

/* --- stages and deadlines */

static const char *title_of(const struct page *page, int deadline)
{
    return page->procedure->deadlines[deadline].title;
}

static void draw_title(const struct strip *strip, const struct span *span)
{
    const struct page *page = strip->page;
    char text[WORDS_SIZE];

    page_add(page, "<title>");
    page_words(page, title_of(page, span->deadline));
    page_add(page, ", from %s", words_instant(page->zone, span->from, text));
    if (!instant_is_none(span->due))
        page_add(page, ", due %s", words_instant(page->zone, span->due, text));
    page_add(page, "</title>");
}

/* What ended before is due no more: its mark would stand in the stage that followed. */
static bool ended_before_due(const struct span *span)
{
    return instant_is_none(span->passed) && !instant_is_none(span->to) &&
           span->to.us < span->due.us;
}

static void draw_due(const struct strip *strip, const struct span *span, double y)
{
    double x;

    if (!is_inside(strip, span->due) || ended_before_due(span))
        return;
    x = x_of(strip, span->due);
    page_add(strip->page,
             "<path class=\"%s\" d=\"M%.1f %.1f l5 5 l-5 5 l-5 -5 z\">", /* a diamond */
             instant_is_none(span->passed) ? "due" : "due passed", x, y - 5);
    draw_title(strip, span);
    page_add(strip->page, "</path>\n");
}

struct counting_days {
    const struct strip *strip;
    double y;
};

static bool draw_count(void *context, const struct limit_day *day)
{
    const struct counting_days *self = context;
    const struct strip *strip = self->strip;

    if (day->counted && day->date.day >= strip->first.day &&
        day->date.day < strip->first.day + strip->days)
        page_add(strip->page, "<text class=\"count\" x=\"%.1f\" y=\"%.1f\">%u</text>",
                 x_of_date(strip, day->date) + strip->day / 2, self->y, day->n);
    return day->date.day < strip->first.day + strip->days;
}

/* Where the limit is of days, each that counts carries its number. */
static void draw_counts(const struct strip *strip, const struct span *span, double y)
{
    const struct page *page = strip->page;
    const struct deadline *deadline = &page->procedure->deadlines[span->deadline];
    struct counting_days counting = { strip, y };

    if (span->moved || deadline->limit.count != 1 ||
        deadline->limit.terms[0].kind != LIMIT_LENGTH || deadline->limit.terms[0].before)
        return;
    (void)limit_explain(&deadline->limit.terms[0], &page->play.view.time, &deadline->counting,
                        span->from, draw_count, &counting);
}

static void draw_label(const struct strip *strip, const struct span *span, double left,
                       double right, double y)
{
    const struct page *page = strip->page;
    const char *title = title_of(page, span->deadline);
    bool fits = (double)strlen(title) * BOLD_LETTER + 12 < right - left;

    page_add(page, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", fits ? "label" : "label outside",
             left + (fits ? 6 : 0), fits ? y + 13 : y - 3);
    page_words(page, title);
    if (fits && page->procedure->stages[span->stage].senior)
        page_add(page, " ★");
    page_add(page, "</text>\n");
}

static void draw_stage(const struct strip *strip, const struct span *span, double y)
{
    const struct page *page = strip->page;
    double left, right;

    if (!clip(strip, span->from, span->to, &left, &right))
        return;
    page_add(page,
             "<g><rect class=\"stage s%d%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
             "rx=\"3\"/>",
             span->stage % 6, instant_is_none(span->to) ? " open" : "", left, y, right - left,
             BAR_HEIGHT);
    draw_title(strip, span);
    page_add(page, "</g>");
    draw_label(strip, span, left, right, y);
    draw_counts(strip, span, y + BAR_HEIGHT - 4);
}

static void draw_deadline(const struct strip *strip, const struct span *span, double y)
{
    const struct page *page = strip->page;
    struct instant end = instant_is_none(span->passed) ? span->to : span->passed;
    double left, right;

    if (clip(strip, span->from, end, &left, &right))
        page_add(page, "<line class=\"run\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                 left, y, right, y);
    if (!instant_is_none(span->passed) && clip(strip, span->passed, span->to, &left, &right))
        page_add(page, "<line class=\"over\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                 left, y, right, y);
    draw_due(strip, span, y);
}

/* A lane's name beside it, and a smaller word under that. */
static void draw_gutter(const struct strip *strip, double y, double bottom, const char *name,
                        const char *under)
{
    bool whole = strlen(name) <= GUTTER_LETTERS;
    char text[40];

    snprintf(text, sizeof text, "%.*s%s", GUTTER_LETTERS, name, whole ? "" : "…");
    page_add(strip->page, "<text class=\"lane\" x=\"%d\" y=\"%.1f\">", GUTTER - 8,
             under ? y - 4 : y);
    page_words(strip->page, text);
    page_add(strip->page, "</text>");
    if (under)
        page_add(strip->page, "<text class=\"lane side\" x=\"%d\" y=\"%.1f\">%s</text>", GUTTER - 8,
                 y + 7, under);
    page_add(strip->page, "<line class=\"rule\" x1=\"0\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
             bottom, x_end(strip), bottom);
}

static double draw_courses(const struct strip *strip, double y)
{
    const struct page *page = strip->page;

    draw_gutter(strip, y + 12 + BAR_HEIGHT / 2.0 + 4, y + STAGES_HEIGHT, "Stages", NULL);
    for (size_t i = 0; i < page->span_count; i++)
        if (page->spans[i].stage >= 0)
            draw_stage(strip, &page->spans[i], y + 12);
    for (size_t i = 0; i < page->span_count; i++) /* over the bars */
        if (page->spans[i].stage >= 0)
            draw_due(strip, &page->spans[i], y + 12 + BAR_HEIGHT);
    y += STAGES_HEIGHT;
    for (int i = 0; i < strip->deadline_count; i++, y += DEADLINE_HEIGHT) {
        draw_gutter(strip, y + DEADLINE_HEIGHT / 2.0 + 4, y + DEADLINE_HEIGHT,
                    title_of(page, strip->deadlines[i]), NULL);
        for (size_t j = 0; j < page->span_count; j++)
            if (page->spans[j].stage < 0 && page->spans[j].deadline == strip->deadlines[i])
                draw_deadline(strip, &page->spans[j], y + DEADLINE_HEIGHT / 2.0);
    }
    return y;
}

/* --- events and who is told */

/* Its name stands beside an event where the next one leaves room for it. */
static void draw_event(const struct strip *strip, const struct simulate_event *event, double y,
                       double room)
{
    const char *name = event_short_type(event->type);
    double x = x_of(strip, event->received);

    page_add(strip->page, "<path class=\"event%s\" d=\"M%.1f %.1f l-4.5 -9 h9 z\"><title>",
             event->refused ? " refused" : "", x, y + EVENTS_HEIGHT - 6);
    page_text(strip->page, event->type);
    page_add(strip->page, "</title></path>\n");
    if (x + 6 + (double)strlen(name) * LETTER > room)
        return;
    page_add(strip->page, "<text class=\"eventname\" x=\"%.1f\" y=\"%.1f\">", x + 6,
             y + EVENTS_HEIGHT - 8);
    page_text(strip->page, name);
    page_add(strip->page, "</text>\n");
}

static void draw_events(const struct strip *strip, double y)
{
    const struct simulate_events *events = &strip->page->play.events;

    draw_gutter(strip, y + EVENTS_HEIGHT - 8, y + EVENTS_HEIGHT, "Events", NULL);
    for (size_t i = 0; i < events->count; i++) {
        double room = x_end(strip) + MARGIN;

        if (!is_inside(strip, events->list[i].received))
            continue;
        if (i + 1 < events->count && is_inside(strip, events->list[i + 1].received))
            room = x_of(strip, events->list[i + 1].received) - 6;
        draw_event(strip, &events->list[i], y, room);
    }
}

static bool is_only_heads_up(const struct happening *happening)
{
    for (size_t i = 0; i < happening->say_count; i++)
        if (strcmp(happening->says[i].message, "chase") != 0 &&
            strcmp(happening->says[i].message, "reminder") != 0)
            return false;
    return true;
}

/* The mark of those of one lane who are told at one instant. */
static void draw_mark(const struct strip *strip, size_t lane, double y, size_t from, size_t end)
{
    static const char *const classes[] = { "told", "told urgent", "told immediate" };
    const struct page *page = strip->page;
    const struct happenings *all = &page->play.happenings;
    enum priority priority = PRIORITY_NORMAL;
    bool heads_up = true;
    unsigned people = 0;

    for (size_t i = from; i < end; i++) {
        if (all->list[i]->kind != HAPPENING_NOTIFICATION || page_lane(page, all->list[i]) != lane)
            continue;
        people++;
        heads_up = heads_up && is_only_heads_up(all->list[i]);
        priority = all->list[i]->priority > priority ? all->list[i]->priority : priority;
    }
    if (people == 0)
        return;
    page_add(page, "<g class=\"%s%s\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"7\"/>", classes[priority],
             heads_up ? " chased" : "", x_of(strip, all->list[from]->at), y);
    if (people > 1)
        page_add(page, "<text x=\"%.1f\" y=\"%.1f\">%u</text>", x_of(strip, all->list[from]->at),
                 y + 3.2, people);
    page_add(page, "<title>");
    for (size_t i = from; i < end; i++)
        if (all->list[i]->kind == HAPPENING_NOTIFICATION && page_lane(page, all->list[i]) == lane) {
            page_text(page, all->list[i]->person);
            page_add(page, ": ");
            page_says(page, all->list[i]);
            page_add(page, "\n");
        }
    page_add(page, "</title></g>\n");
}

static void draw_lane(const struct strip *strip, size_t lane, double y)
{
    const struct lane *of = &strip->page->lanes[lane];
    const struct happenings *all = &strip->page->play.happenings;

    draw_gutter(strip, y + LANE_HEIGHT / 2.0 + 4, y + LANE_HEIGHT,
                of->is_operator ? "Operator"
                : of->agency    ? of->agency
                                : "Board",
                of->agency ? of->side : NULL);
    for (size_t i = 0, end; i < all->count; i = end) {
        for (end = i; end < all->count && all->list[end]->at.us == all->list[i]->at.us;)
            end++;
        if (is_inside(strip, all->list[i]->at))
            draw_mark(strip, lane, y + LANE_HEIGHT / 2.0, i, end);
    }
}

static void draw_strip(const struct strip *strip)
{
    const struct page *page = strip->page;
    double y = lanes_y();

    page_add(page,
             "<svg class=\"strip\" viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"the days, with stages, deadlines and notifications\">\n",
             GUTTER + WIDTH + MARGIN, strip->height + 2);
    for (int i = 0; i < strip->days; i++)
        draw_day(strip, (struct date){ strip->first.day + i });
    page_add(page, "<line class=\"grid week\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n",
             x_end(strip), DAYS_Y, x_end(strip), strip->height);
    draw_months(strip);
    draw_names(strip);
    draw_events(strip, y);
    y = draw_courses(strip, y + EVENTS_HEIGHT);
    for (size_t lane = 0; lane < page->lane_count; lane++, y += LANE_HEIGHT)
        draw_lane(strip, lane, y);
    page_add(page, "</svg>\n");
}
