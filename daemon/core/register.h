/* register.h - a board's register counted: how many disagreements, where, how long, how they end.
 *
 * Entries are counted one after the other, in any order; nothing of an entry is kept but its
 * counts.  What is counted of an entry is the part of it that lies in the period.
 */
#ifndef CONCERN_CORE_REGISTER_H
#define CONCERN_CORE_REGISTER_H

#include "core/disagreement.h"

enum {
    REGISTER_STAYS_MAX = 48,
    REGISTER_LIMITS_MAX = 48,
    REGISTER_NAME_SIZE = 2 * ID_MAX + 16,
    REGISTER_MONTH_SIZE = 8 /* "2026-12" */
};

enum register_outcome {
    REGISTER_OPEN,
    REGISTER_RESOLVED,
    REGISTER_WITHDRAWN,
    REGISTER_LAPSED,
    REGISTER_OUTCOME_COUNT
};

enum register_end { REGISTER_RUNNING, REGISTER_MET, REGISTER_PASSED };

/** One stay of a disagreement in a stage. */
struct register_stay {
    char stage[ID_MAX + 1];
    struct instant from, to; /* to INSTANT_NONE: it is there still */
};

/** One limit that ran for it: stopped before its instant it was met. */
struct register_limit {
    char deadline[ID_MAX + 1];
    struct instant due;
    enum register_end end;
};

struct register_entry {
    char board[ID_MAX + 1], reference[ID_MAX + 1], procedure[ID_MAX + 1];
    char theme[ID_MAX + 1];                 /* its category; "" where none was named */
    char agencies[PARTIES_MAX][ID_MAX + 1]; /* [0] challenges the others */
    size_t agency_count;
    char month[REGISTER_MONTH_SIZE]; /* in which it was raised, in the board's time */
    struct instant raised, ended;    /* ended INSTANT_NONE: it is open */
    enum register_outcome outcome;
    struct register_stay stays[REGISTER_STAYS_MAX];
    size_t stay_count;
    struct register_limit limits[REGISTER_LIMITS_MAX];
    size_t limit_count;
};

/** From `from` on, up to and without `to`; `now` is when the entries were read. */
struct register_period {
    struct instant from, to, now;
};

/** How often a name occurs. */
struct register_count {
    char name[REGISTER_NAME_SIZE];
    uint64_t count;
};

struct register_list {
    struct register_count *rows;
    size_t count, capacity;
};

/** Stays in one stage of one procedure. */
struct register_stage {
    char procedure[ID_MAX + 1], stage[ID_MAX + 1];
    uint64_t stays, going_on;     /* all; of them not over at the end of the period */
    int64_t total_us, longest_us; /* inside the period or not: from the first to the last instant
                                     of each stay, as far as it is over by the period's end */
};

/** Limits of one name that were due in the period. */
struct register_deadline {
    char procedure[ID_MAX + 1], deadline[ID_MAX + 1];
    uint64_t met, passed, running;
};

struct register_counts {
    uint64_t before;                        /* open when the period began */
    uint64_t raised;                        /* in it */
    uint64_t ended[REGISTER_OUTCOME_COUNT]; /* in it, by how; of REGISTER_OPEN: open at its end */
    struct register_list months;            /* of those raised in it */
    struct register_list themes, challenging, challenged; /* of all that were open in it */
    struct register_list pairs;                           /* "A against B" */
    struct register_stage *stages;
    size_t stage_count, stage_capacity;
    struct register_deadline *deadlines;
    size_t deadline_count, deadline_capacity;
};

/** Whether an entry was open at some instant of the period. */
bool register_is_in(const struct register_period *period, const struct register_entry *entry);

/** Counts an entry; one that is not in the period changes nothing.  False: there is no memory. */
bool register_add(struct register_counts *counts, const struct register_period *period,
                  const struct register_entry *entry);

/** Puts the lists in order: the most frequent first, then by name; months, stages and limits by
 *  name. */
void register_sort(struct register_counts *counts);

/** "open", "resolved", "withdrawn", "lapsed". */
const char *register_outcome_name(enum register_outcome outcome);

/** The outcome of this name; REGISTER_OPEN for any other. */
enum register_outcome register_outcome_of(const char *name);

/** Frees what the counts hold. */
void register_close(struct register_counts *counts);

#endif
