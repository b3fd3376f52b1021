/* tell.h - tells the operator, and systemd where it started us.
 *
 * A line goes to standard error: with its priority for the journal ($JOURNAL_STREAM), else behind
 * the program's name.  Control characters, which a file's name may hold, become '?'.
 */
#ifndef CONCERN_SPOOL_TELL_H
#define CONCERN_SPOOL_TELL_H

#include "core/base.h"

/** As syslog counts them. */
enum tell_priority { TELL_ERROR = 3, TELL_WARNING = 4, TELL_NOTICE = 5, TELL_INFO = 6 };

/** One line; "%m" is the errno of the caller, which is left as it was. */
void tell(enum tell_priority priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What systemctl status shows; the same line is sent once. */
void tell_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The folder is open and looked after. */
void tell_ready(void);
void tell_stopping(void);

/** Feeds the watchdog. */
void tell_alive(void);

#endif
