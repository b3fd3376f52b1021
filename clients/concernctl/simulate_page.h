/* simulate_page.h - what the files that draw a play share: one disagreement on one page. */
#ifndef CONCERN_CONCERNCTL_SIMULATE_PAGE_H
#define CONCERN_CONCERNCTL_SIMULATE_PAGE_H

#include "concernctl/simulate.h"

#include <stdio.h>

enum { LANES_MAX = 12 };

/** A stage while it was the current one, or another deadline while it ran. */
struct span {
    int deadline; /* its place in the procedure; a stage's own */
    int stage;    /* -1: no stage */
    struct instant from;
    struct instant to;     /* when it was left or stopped; INSTANT_NONE: it goes on */
    struct instant due;    /* INSTANT_NONE: none */
    struct instant passed; /* INSTANT_NONE: not */
    bool moved;            /* its due instant was: its days are not counted out */
};

/** Those of one side and agency who are told. */
struct lane {
    const char *side;
    const char *agency; /* NULL: the board's, or the operator */
    int party;
    bool is_operator;
};

/** One disagreement being drawn. */
struct page {
    FILE *file;
    struct simulation play; /* of this disagreement alone */
    const struct procedure *procedure;
    const struct zone *zone;
    const struct calendar *calendar;

    struct span *spans; /* as they began */
    size_t span_count, span_capacity;
    struct lane lanes[LANES_MAX]; /* challenging, challenged, board, operator */
    size_t lane_count;
    struct date first, last; /* the days that are drawn */
    struct instant quiet;    /* after this there is nothing but chases; INSTANT_NONE */
    size_t chases_after;
};

/** Text, escaped. */
void page_text(const struct page *page, const char *text);

/** printf into the page; the arguments need no escaping. */
void page_add(const struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** An id as words, "limit passed", and a title as it is; escaped. */
void page_words(const struct page *page, const char *id);

/** "limit passed (Stage 1), stage entered (Stage 2)". */
void page_says(const struct page *page, const struct happening *happening);

/** A role's title. */
const char *page_role(const struct page *page, const char *role);

/** Finds spans, lanes and the days to draw; 0 or -ENOMEM. */
int page_measure(struct page *page);

/** Whose lane a notification belongs to. */
size_t page_lane(const struct page *page, const struct happening *happening);

/** The picture, and the table of all that happens. */
void page_draw(const struct page *page);
void page_table(const struct page *page);

#endif
