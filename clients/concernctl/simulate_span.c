/* simulate_span.c - what of a play there is to draw: spans, lanes, days. */
#include "concernctl/simulate_moment.h"
#include "concernctl/simulate_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_spans(struct page *page);
static void add_lane(struct page *page, const struct happening *happening);
static void measure_days(struct page *page);

int page_measure(struct page *page)
{
    int error = add_spans(page);

    for (size_t i = 0; i < page->play.happenings.count; i++)
        if (page->play.happenings.list[i]->kind == HAPPENING_NOTIFICATION)
            add_lane(page, page->play.happenings.list[i]);
    measure_days(page);
    return error;
}

/* --- spans */

static struct span *open_span(struct page *page, int deadline, int stage, struct instant from)
{
    struct span *fresh;

    if (page->span_count == page->span_capacity) {
        size_t capacity = page->span_capacity ? 2 * page->span_capacity : 32;
        void *grown = realloc(page->spans, capacity * sizeof *page->spans);

        if (!grown)
            return NULL;
        page->spans = grown;
        page->span_capacity = capacity;
    }
    fresh = &page->spans[page->span_count++];
    *fresh = (struct span){ .deadline = deadline,
                            .stage = stage,
                            .from = from,
                            .to = INSTANT_NONE,
                            .due = INSTANT_NONE,
                            .passed = INSTANT_NONE };
    return fresh;
}

/* The span of a deadline that has not ended; NULL. */
static struct span *find_span(struct page *page, int deadline)
{
    for (size_t i = page->span_count; i > 0; i--)
        if (page->spans[i - 1].deadline == deadline && instant_is_none(page->spans[i - 1].to))
            return &page->spans[i - 1];
    return NULL;
}

/* A stage that is left takes its own deadlines along, those that have passed too. */
static void end_stages(struct page *page, struct instant at)
{
    for (size_t i = 0; i < page->span_count; i++)
        if (instant_is_none(page->spans[i].to) &&
            page->procedure->deadlines[page->spans[i].deadline].stage >= 0)
            page->spans[i].to = at;
}

/* The end of a disagreement ends all but what it began. */
static void end_all(struct page *page, struct instant at)
{
    for (size_t i = 0; i < page->span_count; i++)
        if (instant_is_none(page->spans[i].to) &&
            page->procedure->deadlines[page->spans[i].deadline].under != UNDER_AFTER_RESOLUTION)
            page->spans[i].to = at;
}

static bool enter(struct page *page, const struct happening *happening)
{
    int stage = procedure_stage(page->procedure, happening->stage);

    end_stages(page, happening->at);
    return open_span(page, page->procedure->stages[stage].deadline, stage, happening->at) != NULL;
}

static bool begin(struct page *page, int deadline, const struct happening *happening)
{
    bool is_stage = page->procedure->deadlines[deadline].under == UNDER_STAGES;
    struct span *span = find_span(page, deadline);

    /* Started anew, where it is no stage's: another span. */
    if (span && !is_stage && !happening->moved) {
        span->to = happening->at;
        span = NULL;
    }
    if (!span)
        span = open_span(page, deadline, -1, happening->at);
    if (!span)
        return false;
    span->moved |= happening->moved;
    span->due = happening->due;
    return true;
}

static bool follow(struct page *page, const struct happening *happening)
{
    int deadline =
        happening->deadline ? procedure_deadline(page->procedure, happening->deadline) : -1;
    struct span *span = deadline < 0 ? NULL : find_span(page, deadline);

    if (happening->kind == HAPPENING_STAGE)
        return enter(page, happening);
    if (happening->kind == HAPPENING_DEADLINE)
        return begin(page, deadline, happening);
    if (happening->kind == HAPPENING_CLOSED)
        end_all(page, happening->at);
    else if (happening->kind == HAPPENING_PASSED && span)
        span->passed = happening->at;
    else if (happening->kind == HAPPENING_STOPPED && span && span->stage < 0)
        span->to = happening->at;
    return true;
}

/* What comes about at one instant is told in another order than it happens: what belongs to the
 * stage before is told first, which is what is needed here. */
static int add_spans(struct page *page)
{
    for (size_t i = 0; i < page->play.happenings.count; i++)
        if (!follow(page, page->play.happenings.list[i]))
            return -ENOMEM;
    return 0;
}

/* --- lanes */

static bool is_in_lane(const struct lane *lane, const struct happening *happening)
{
    return lane->is_operator == (happening->rank[0] != 0) &&
           (lane->is_operator || lane->party == happening->rank[1]);
}

size_t page_lane(const struct page *page, const struct happening *happening)
{
    size_t lane = 0;

    while (lane + 1 < page->lane_count && !is_in_lane(&page->lanes[lane], happening))
        lane++;
    return lane;
}

static void add_lane(struct page *page, const struct happening *happening)
{
    struct lane fresh = { .side = happening->roles[0].side,
                          .agency = happening->rank[0] ? NULL : happening->roles[0].agency,
                          .party = happening->rank[1],
                          .is_operator = happening->rank[0] != 0 };
    size_t place = page->lane_count;

    for (size_t i = 0; i < page->lane_count; i++)
        if (is_in_lane(&page->lanes[i], happening))
            return;
    if (page->lane_count == LANES_MAX)
        return;
    while (place > 0 && (page->lanes[place - 1].is_operator > fresh.is_operator ||
                         (page->lanes[place - 1].is_operator == fresh.is_operator &&
                          page->lanes[place - 1].party > fresh.party)))
        place--;
    memmove(&page->lanes[place + 1], &page->lanes[place],
            (page->lane_count - place) * sizeof fresh);
    page->lanes[place] = fresh;
    page->lane_count++;
}

/* --- days */

static struct instant later(struct instant a, struct instant b)
{
    return a.us > b.us ? a : b;
}

/* Drawn is from the first thing that happens to the last that is no repetition, and to what is
 * still due then. */
static void measure_days(struct page *page)
{
    const struct simulation *play = &page->play;
    struct moment moment = { 0 };
    struct instant first = INSTANT_NONE, last = { 0 };

    page->quiet = INSTANT_NONE;
    while (moment_next(play, &moment)) {
        if (instant_is_none(first))
            first = moment.at;
        last = later(last, moment.at);
        page->quiet = moment.repeats ? moment.last_repeat : INSTANT_NONE;
        page->chases_after = moment.repeats;
    }
    for (size_t i = 0; i < page->span_count; i++)
        if (instant_is_none(page->spans[i].to) && !instant_is_none(page->spans[i].due) &&
            page->spans[i].due.us <= play->until.us)
            last = later(last, page->spans[i].due);
    if (instant_is_none(first))
        first = last = play->until;
    page->first = zone_civil(page->zone, first).date;
    page->last = zone_civil(page->zone, later(first, last)).date;
    page->first.day -= date_weekday(page->first);
    page->last.day += 6 - date_weekday(page->last);
}
