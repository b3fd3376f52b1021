/* journal.h - tells the operator.
 *
 * A line goes to journald as itself, with fields, where standard error is the journal's
 * ($JOURNAL_STREAM), else to standard error: "<4>text NAME=value" for a service manager that
 * reads it, "concernd: warning: text (NAME=value)" on a terminal.  Every line is one write, so
 * threads do not mix theirs.  Control characters in texts and values become '?'.
 *
 * A line carries references, ids and codes; never the body of a message, the name or the
 * address of a person.
 */
#ifndef CONCERN_IO_JOURNAL_H
#define CONCERN_IO_JOURNAL_H

#include "core/base.h"

/** As syslog counts them. */
enum journal_priority {
    JOURNAL_ERROR = 3,
    JOURNAL_WARNING = 4,
    JOURNAL_NOTICE = 5,
    JOURNAL_INFO = 6,
};

enum {
    JOURNAL_LINE_MAX = 2048, /* what is longer is cut */
    JOURNAL_FIELDS_MAX = 16
};

/** One field: its name in capitals, "DISAGREEMENT"; a value of NULL leaves it out. */
struct journal_field {
    const char *name;
    const char *value;
};

/** Fields in place: journal_warn(JOURNAL({ "FEED", name }, { "GAP", number }), "text %d", n). */
#define JOURNAL(...) ((const struct journal_field[]){ __VA_ARGS__, { NULL, NULL } })

/**
 * Each tells one line; `fields` ends with a name of NULL, or is NULL itself.  They never fail,
 * and leave errno alone, so that "%m" works and a caller's errno survives.
 */
void journal_info(const struct journal_field *fields, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void journal_notice(const struct journal_field *fields, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void journal_warn(const struct journal_field *fields, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void journal_error(const struct journal_field *fields, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Tells an error and returns `error` (-EIO …): return journal_fail(-errno, "cannot …: %m"). */
int journal_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Leaves out what is less urgent than `least`; JOURNAL_INFO, everything, at first. */
void journal_set_least(enum journal_priority least);

#endif
