/* journal.c - tells the operator: to journald natively, or as lines on standard error. */
#include "io/journal.h"

#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Without this the file and line of this file would be told for every caller. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

static void tell(enum journal_priority priority, const struct journal_field *fields,
                 const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
static bool stderr_is_the_journal(void);
static bool send_natively(enum journal_priority priority, const struct journal_field *fields,
                          const char *message);
static void write_line(enum journal_priority priority, const struct journal_field *fields,
                       const char *message);

static atomic_int least_told = JOURNAL_INFO;

#define TELL(priority, fields, format)                                                             \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        tell(priority, fields, format, arguments);                                                 \
        va_end(arguments);                                                                         \
    } while (0)

void journal_info(const struct journal_field *fields, const char *format, ...)
{
    TELL(JOURNAL_INFO, fields, format);
}

void journal_notice(const struct journal_field *fields, const char *format, ...)
{
    TELL(JOURNAL_NOTICE, fields, format);
}

void journal_warn(const struct journal_field *fields, const char *format, ...)
{
    TELL(JOURNAL_WARNING, fields, format);
}

void journal_error(const struct journal_field *fields, const char *format, ...)
{
    TELL(JOURNAL_ERROR, fields, format);
}

int journal_fail(int error, const char *format, ...)
{
    TELL(JOURNAL_ERROR, NULL, format);
    return error;
}

void journal_set_least(enum journal_priority least)
{
    atomic_store(&least_told, (int)least);
}

static void tell(enum journal_priority priority, const struct journal_field *fields,
                 const char *format, va_list arguments)
{
    int saved = errno;
    char message[JOURNAL_LINE_MAX];

    if ((int)priority > atomic_load(&least_told))
        return;
    if (vsnprintf(message, sizeof message, format, arguments) < 0)
        message[0] = '\0';
    for (char *at = message; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    if (!stderr_is_the_journal() || !send_natively(priority, fields, message))
        write_line(priority, fields, message);
    errno = saved;
}

/* $JOURNAL_STREAM names the device and inode of the stream that the service manager gave us;
 * standard error may have been sent elsewhere since. */
static bool stderr_is_the_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat status;

    return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &status) == 0 && (uintmax_t)status.st_dev == device &&
           (uintmax_t)status.st_ino == inode;
}

static bool send_natively(enum journal_priority priority, const struct journal_field *fields,
                          const char *message)
{
    char room[JOURNAL_LINE_MAX * 2];
    struct text text = text_over(room, sizeof room);
    struct iovec lines[JOURNAL_FIELDS_MAX + 3];
    int count = 0;

    /* Where nobody listens, sd_journal_sendv() answers 0 and the line is lost. */
    if (access("/run/systemd/journal/socket", W_OK) < 0)
        return false;
    /* One text after the other in the same room, each one's end the next one's start. */
    for (int i = 0; i < JOURNAL_FIELDS_MAX + 3; i++) {
        size_t start = text.used;

        if (i == 0)
            text_addf(&text, "MESSAGE=%s", message);
        else if (i == 1)
            text_addf(&text, "PRIORITY=%d", (int)priority);
        else if (i == 2)
            text_add(&text, "SYSLOG_IDENTIFIER=concernd");
        else if (!fields || !fields->name)
            break;
        else if (fields->value)
            text_addf(&text, "%s=%s", fields->name, fields->value);
        if (i > 2)
            fields++;
        if (text.used > start)
            lines[count++] = (struct iovec){ room + start, text.used - start };
    }
    return sd_journal_sendv(lines, count) >= 0;
}

static void add_fields(struct text *text, const struct journal_field *fields, bool terminal)
{
    bool any = false;

    for (int i = 0; fields && fields->name && i < JOURNAL_FIELDS_MAX; i++, fields++) {
        if (!fields->value)
            continue;
        text_addf(text, "%s%s=", terminal && !any ? " (" : " ", fields->name);
        for (const char *at = fields->value; *at; at++)
            text_add_bytes(text, (unsigned char)*at < ' ' || *at == 0x7f ? "?" : at, 1);
        any = true;
    }
    if (terminal && any)
        text_add(text, ")");
}

static void write_line(enum journal_priority priority, const struct journal_field *fields,
                       const char *message)
{
    static const char *const words[] = {
        [JOURNAL_ERROR] = "error: ",
        [JOURNAL_WARNING] = "warning: ",
        [JOURNAL_NOTICE] = "",
        [JOURNAL_INFO] = "",
    };
    bool terminal = isatty(STDERR_FILENO);
    char line[JOURNAL_LINE_MAX + 2];
    struct text text = text_over(line, sizeof line - 1);
    ssize_t written;

    if (terminal)
        text_addf(&text, "concernd: %s", words[priority]);
    else
        text_addf(&text, "<%d>", (int)priority);
    text_add(&text, message);
    add_fields(&text, fields, terminal);
    line[text.used] = '\n';
    do
        written = write(STDERR_FILENO, line, text.used + 1);
    while (written < 0 && errno == EINTR);
}
