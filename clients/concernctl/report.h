/* report.h - what the files of `report` share: a board's register of a period. */
#ifndef CONCERN_CONCERNCTL_REPORT_H
#define CONCERN_CONCERNCTL_REPORT_H

#include "core/register.h"
#include "core/zone.h"

#include <jansson.h>
#include <stdio.h>

/** Routes of a notification that a report tells of: all of a person, a deputy and one more. */
enum { REPORT_TRIES_MAX = 48 };

/** What was tried of a notification by one route. */
struct report_try {
    char route[32];
    char state[16];
    long attempts, code;
};

/** A notification that was refused, given up, or that nobody accepted. */
struct report_trouble {
    char board[ID_MAX + 1], reference[ID_MAX + 1];
    char role[ID_MAX + 1], side[16], agency[ID_MAX + 1]; /* agency "" of the board */
    struct instant since, undelivered, delivered;        /* INSTANT_NONE: not */
    char now[24]; /* "delivered", "on its way", "not delivered" */
    struct report_try tries[REPORT_TRIES_MAX];
    size_t try_count;
    size_t more; /* that there was no room for */
};

struct report {
    struct register_period period;
    const char *board; /* NULL: all */
    const struct zone *zone;
    struct register_entry *entries; /* in the order in which they came to be known */
    size_t entry_count, entry_capacity;
    struct report_trouble *troubles;
    size_t trouble_count, trouble_capacity;
    struct register_counts counts;
};

/** Takes a line of the daemon's answer: 0, -ENOMEM, or -EINVAL where it is none of ours. */
int report_take(struct report *report, const json_t *row);

/** Days with one decimal, "3.5". */
enum { REPORT_DAYS_SIZE = 24 };
const char *report_days(int64_t length_us, char text[REPORT_DAYS_SIZE]);

/** "Housing against Adult social care" and the like: agencies of an entry in words. */
enum { REPORT_AGENCIES_SIZE = PARTIES_MAX * (ID_MAX + 4) };
const char *report_agencies(const struct register_entry *entry, size_t first,
                            char text[REPORT_AGENCIES_SIZE]);

/** "stage-1 4.5; stage-2 3.0 (goes on)": days in each stage. */
enum { REPORT_STAYS_SIZE = REGISTER_STAYS_MAX * (ID_MAX + 40) };
const char *report_stays(const struct report *report, const struct register_entry *entry,
                         char text[REPORT_STAYS_SIZE]);

/** How many limits of an entry that were due in the period ended so. */
unsigned report_limits(const struct report *report, const struct register_entry *entry,
                       enum register_end end);

/** "email: 12 tries, exhausted; notify-text: 1 try, refused (403)"; "; and 3 more" where there was
 *  no room for all. */
enum { REPORT_TRIED_SIZE = REPORT_TRIES_MAX * 64 };
const char *report_tried(const struct report_trouble *trouble, char text[REPORT_TRIED_SIZE]);

void report_print_text(const struct report *report);

/** A row for each disagreement and each notification, RFC 4180. */
void report_print_csv(const struct report *report);

/** A page that needs no other file, "-": on standard output; 0 or negative. */
int report_print_html(const struct report *report, const char *path);

#endif
