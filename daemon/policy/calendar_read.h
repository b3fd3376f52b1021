/* calendar_read.h - calendars from files: config/calendars/england-and-wales.yaml and its like.
 *
 *   calendar: england-and-wales        its id, and the name of its file
 *   title: England and Wales
 *   source: "where the dates are published"
 *   known_from: 2024-01-01             the dates are complete from here (else: always) ...
 *   known_until: 2028-12-31            ... to here
 *   weekend: [saturday, sunday]        the default
 *   closed:
 *     - {date: 2026-12-28, title: Boxing Day, note: substitute day}
 */
#ifndef CONCERN_POLICY_CALENDAR_READ_H
#define CONCERN_POLICY_CALENDAR_READ_H

#include "core/calendar.h"
#include "policy/arena.h"
#include "policy/faults.h"

enum {
    CALENDAR_CLOSURES_MAX = 2000, /* of one calendar; a union has room for all of its parts */
    CALENDAR_PARTS_MAX = 4,       /* of a union */
    CALENDAR_PHRASE_MAX = 300     /* bytes of "a + b" */
};

/** A calendar with everything it borrows; never changes once it is loaded. */
struct loaded_calendar {
    struct calendar calendar;
    const char *title;
    const char *source;
    struct arena *arena; /* holds this and all of the above */
};

enum calendar_read_answer {
    CALENDAR_READ,
    CALENDAR_FAULTY,  /* told to the faults */
    CALENDAR_MISSING, /* calendar_load alone: no such file; told to the faults too */
};

/** Reads one file.  CALENDAR_READ (warnings may have been told) sets `*loaded`, freed with
 *  loaded_calendar_close; CALENDAR_FAULTY; -ENOMEM. */
int calendar_read(const char *file, struct faults *faults, struct loaded_calendar **loaded);

/** Where calendars are looked for, and where the phrase that names one stands, for the faults. */
struct calendar_search {
    const char *const
        *directories; /* the first that has the file wins; NULL ones are passed over */
    size_t directory_count;
    const char *file; /* of the phrase; line 0: as a whole */
    unsigned line, column;
};

/**
 * Finds and reads the calendar of a phrase: an id, or "a + b", a union: closed when any of its
 * parts is, known from the latest of their beginnings to the earliest of their ends.
 *
 * CALENDAR_READ sets `*loaded`, freed with loaded_calendar_close; CALENDAR_FAULTY (a phrase that
 * cannot be read too); CALENDAR_MISSING; -ENOMEM.
 */
int calendar_load(const struct calendar_search *search, const char *phrase, struct faults *faults,
                  struct loaded_calendar **loaded);

/** Frees a calendar; NULL is fine; sets NULL. */
void loaded_calendar_close(struct loaded_calendar **loaded);

#endif
