/* tell.c - lines for the journal, and systemd's notifications. */
#include "spool/tell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum { LINE_SIZE = 1500 };

static void clean(char *line);

void tell(enum tell_priority priority, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    int error = errno;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    clean(line);
    if (getenv("JOURNAL_STREAM"))
        fprintf(stderr, "<%d>%s\n", (int)priority, line);
    else
        fprintf(stderr, "concern-spool: %s\n", line);
    errno = error;
}

void tell_status(const char *format, ...)
{
    static char last[LINE_SIZE];
    char line[LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    clean(line);
    if (!strcmp(line, last))
        return;
    snprintf(last, sizeof last, "%s", line);
    sd_notifyf(0, "STATUS=%s", line);
}

void tell_ready(void)
{
    sd_notify(0, "READY=1");
}

void tell_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void tell_alive(void)
{
    sd_notify(0, "WATCHDOG=1");
}

static void clean(char *line)
{
    for (; *line; line++)
        if ((unsigned char)*line < 0x20 || *line == 0x7f)
            *line = '?';
}
