/* limit.h - lengths of time as people write them, and when they pass.
 *
 * The grammar (procedure-language, "Phrases"):
 *
 *   limit  = none | same working day | set by the case | length ["before"]
 *          | "earlier of" limit "and" limit
 *   length = N (hour | working hour | day | working day | week | month)["s"]
 *   remind = none | length "before" {"and" length "before"}
 *   chase  = none | "every" length
 */
#ifndef CONCERN_CORE_LIMIT_H
#define CONCERN_CORE_LIMIT_H

#include "core/base.h"
#include "core/calendar.h"
#include "core/zone.h"

enum length_unit {
    LENGTH_HOURS,
    LENGTH_WORKING_HOURS,
    LENGTH_DAYS,
    LENGTH_WORKING_DAYS,
    LENGTH_WEEKS,
    LENGTH_MONTHS,
};

struct length {
    uint32_t count; /* 1 to LENGTH_COUNT_MAX */
    enum length_unit unit;
};

enum limit_kind {
    LIMIT_NONE, /* never late, only chased; the zero value */
    LIMIT_SAME_WORKING_DAY,
    LIMIT_SET_BY_THE_CASE,
    LIMIT_LENGTH,
};

struct limit_term {
    enum limit_kind kind;
    struct length length; /* of LIMIT_LENGTH */
    bool before;          /* counts back from its start */
};

enum {
    LIMIT_TERMS_MAX = 4, /* of "earlier of ... and earlier of ... and ..." */
    REMIND_MAX = 4,
    LENGTH_COUNT_MAX = 10000
};

/** The earliest of its terms; a limit of no terms is "none". */
struct limit {
    struct limit_term terms[LIMIT_TERMS_MAX];
    uint8_t count;
};

struct remind {
    struct length before[REMIND_MAX];
    uint8_t count; /* 0: none */
};

struct chase {
    struct length every;
    bool none;
};

enum first_day { FIRST_DAY_EXCLUDED, FIRST_DAY_INCLUDED };
enum late { LATE_AS_DATED, LATE_NEXT_WORKING_DAY };
enum ends { ENDS_CLOSE_OF_BUSINESS, ENDS_START_OF_BUSINESS, ENDS_MIDNIGHT, ENDS_SAME_TIME };
enum roll { ROLL_NONE, ROLL_NEXT_WORKING_DAY };
enum hours { HOURS_ELAPSED, HOURS_CLOCK };

/** The counting conventions; the zero value is the default of each. */
struct counting {
    enum first_day first_day; /* included: that day, or the next working day, is day 1 */
    enum late late;           /* a start after hours or on a closed day */
    enum ends ends;           /* of the last day; midnight ends the day */
    enum roll roll;           /* days, weeks, months that end on a closed day */
    enum hours hours;         /* 24 hours on the clock of the wall, or elapsed */
};

/** All that is needed to turn a limit into an instant. */
struct timekeeping {
    const struct calendar *calendar;
    const struct zone *zone;
    int32_t opens_s;  /* the working day, seconds after midnight: 09:00 ... */
    int32_t closes_s; /* ... to 17:00 */
};

enum limit_answer {
    LIMIT_DUE,
    LIMIT_PROVISIONAL, /* past what the calendar knows: due is set, and may still move */
    LIMIT_NO_DUE,      /* no due instant: none, or set by the case and not set yet */
    LIMIT_UNREADABLE,  /* of the readers: not a phrase of the grammar */
    LIMIT_STOPPED,     /* of limit_explain: `say` wanted no more */
};

/** Each reads a whole phrase; LIMIT_UNREADABLE leaves the output alone; else LIMIT_DUE. */
int length_read(const char *text, struct length *length);
int limit_read(const char *text, struct limit *limit);
int remind_read(const char *text, struct remind *remind);
int chase_read(const char *text, struct chase *chase);

/**
 * Reads one counting convention into `counting`: key "first_day", "late", "ends",
 * "roll" or "hours", value as procedure-language writes it ("next working day").
 */
int counting_read(const char *key, const char *value, struct counting *counting);

enum { LIMIT_TEXT_SIZE = 256 };

/** Writes the phrase back: "5 working days", "earlier of 2 days and 24 hours". */
void limit_write(const struct limit *limit, char text[LIMIT_TEXT_SIZE]);
void length_write(const struct length *length, char text[LIMIT_TEXT_SIZE]);

/**
 * When `limit`, started at `from`, passes.
 *
 * `set_by_case` is the instant the case gave, or INSTANT_NONE; it stands for every
 * "set by the case" term.  Sets `*due` on LIMIT_DUE and LIMIT_PROVISIONAL.
 *
 * Hours are counted from the instant itself: `first_day`, `late`, `ends` and `roll` are about
 * days and leave them alone.  "same working day" obeys `ends: midnight` alone.  A term that
 * counts back starts as dated, and rolls, like others, to the next working day.  Working hours
 * that fill a day end at its close, not at the next opening.
 */
int limit_due(const struct limit *limit, const struct timekeeping *time,
              const struct counting *counting, struct instant from, struct instant set_by_case,
              struct instant *due);

/** One day of a derivation: why it counted or did not. */
struct limit_day {
    struct date date;
    bool counted;
    uint32_t n;         /* the how manieth, from 1, where counted */
    const char *reason; /* "Good Friday", "Saturday", "the day of the start"; NULL if counted */
};

/**
 * The derivation of one term, day by day from the start: calls `say` for every day that was
 * counted or skipped, in order (working days, days, weeks, months, the same working day; hours
 * have none, working hours name the days they use).  LIMIT_NO_DUE where there is nothing to
 * derive, LIMIT_STOPPED where `say` returned false and so was not called again, else LIMIT_DUE.
 */
int limit_explain(const struct limit_term *term, const struct timekeeping *time,
                  const struct counting *counting, struct instant from,
                  bool (*say)(void *context, const struct limit_day *day), void *context);

/** The term of a limit whose end is `due`, which limit_due() gave for the same start: the one
 *  the reason is asked of.  NULL where no term ends then. */
const struct limit_term *limit_deciding_term(const struct limit *limit,
                                             const struct timekeeping *time,
                                             const struct counting *counting, struct instant from,
                                             struct instant set_by_case, struct instant due);

/**
 * The instants of the reminders of a deadline that runs from `start` to `due`, ascending, each
 * once, those not after the start left out, and those that a closed day moved to or past the due
 * instant.  A due instant at midnight belongs to the day it ends.  A reminder in (working) days
 * goes at the start of its working day, or where that day is closed of the nearest working day
 * before it; one in hours at its instant, or the next working hour.  Returns how many were set in
 * `at`.
 */
size_t remind_instants(const struct remind *remind, const struct timekeeping *time,
                       struct instant start, struct instant due, struct instant at[REMIND_MAX]);

/**
 * The next chase after `after`, of chases that run from `base`: base + every, base + 2 every ...,
 * in days at the start of its working day (the next one where it is closed), in hours at its
 * instant, or the next working hour.  Returns INSTANT_NONE for `chase: none`.
 */
struct instant chase_next(const struct chase *chase, const struct timekeeping *time,
                          struct instant base, struct instant after);

#endif
