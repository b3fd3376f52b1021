/* simulate.h - a play: what was asked for, what came about, and how it is shown. */
#ifndef CONCERN_CONCERNCTL_SIMULATE_H
#define CONCERN_CONCERNCTL_SIMULATE_H

#include "policy/policy.h"
#include "rehearsal/happening.h"

/** The command line, as written. */
struct simulate_words {
    const char *procedure, *events, *directory, *raised, *until, *config, *calendars, *html;
    bool json, restored;
};

/** An event to be played. */
struct simulate_event {
    char *bytes; /* of a CloudEvent */
    size_t size;
    unsigned long line; /* in the file; 0: our own */
    struct instant time, received;
    bool is_raise;
    char type[EVENT_TYPE_MAX + 1];
    char subject[ID_MAX + 1];
    char by[ID_MAX + 1]; /* agency or board; "" where it does not say */
    bool refused;        /* set when it was played */
};

struct simulate_events {
    const char *file;            /* "" where there is none */
    struct simulate_event *list; /* as they arrive */
    size_t count, capacity;
    unsigned faulty; /* events that could not be read: told */
};

/** What was played, to be shown. */
struct simulation {
    struct policy_view view;
    struct policy *policy;
    struct simulate_events events;
    struct instant until;
    bool restored; /* the store goes on from a copy of its files after every turn */
    struct happenings happenings;
};

/**
 * Reads the events of a file ("-": standard input), sorted as they arrive; what cannot be read
 * is told and counted in `faulty`.  EXIT_DONE; EXIT_NO, told.
 */
int simulate_read_events(const char *path, struct simulate_events *events);

/** Adds a raise by the first agency of the directory against the second; without a directory by
 *  A against B.  EXIT_DONE; EXIT_NO, told. */
int simulate_add_raise(struct simulate_events *events, const struct policy *policy,
                       const char *procedure, struct instant at);

void simulate_events_close(struct simulate_events *events);

/** Each prints all of it: 0, or -ENOMEM, or (simulate_print_html) -errno of its file. */
int simulate_print_json(const struct simulation *simulation);
int simulate_print_text(const struct simulation *simulation);
int simulate_print_html(const struct simulation *simulation, const char *path);

#endif
