/* calendar_files.h - what goes with a mail for its reader's calendar.
 *
 * What it is to show stands in one file, what it is to drop in a file for each: all that one CANCEL
 * holds must have the same UID (RFC 5546 3.2.5).  Of very many a mail carries a part; what is to
 * be put right goes before what is new, and how many are left out is said in its text.
 */
#ifndef CONCERN_IO_CALENDAR_FILES_H
#define CONCERN_IO_CALENDAR_FILES_H

#include "io/icalendar.h"
#include "protocol/mail.h"

enum {
    CALENDAR_CANCELS_MAX = 16,      /* files; further ones are shown as cancelled */
    CALENDAR_BYTES_MAX = 40 * 1024, /* of the file that shows: some ninety entries */
    CALENDAR_FILES_MAX = CALENDAR_CANCELS_MAX + 1
};

/** What the files are made of. */
struct calendar_source {
    struct icalendar_entry *entries; /* left_out is set */
    size_t count;
    const char *organizer, *domain; /* icalendar.h */
    struct instant sent;
};

struct calendar_files {
    struct mail_attachment files[CALENDAR_FILES_MAX];
    char *bytes[CALENDAR_FILES_MAX];
    char names[CALENDAR_FILES_MAX][24];
    size_t count;
    size_t left_out; /* entries */
};

/** Writes them; 0, or negative: then all entries are left out.  calendar_files_free() in any case.
 */
int calendar_files_write(const struct calendar_source *source, struct calendar_files *files);
void calendar_files_free(struct calendar_files *files);

#endif
