/* reason.h - the text beside a file that was laid aside: which lines, and why. */
#ifndef CONCERN_SPOOL_REASON_H
#define CONCERN_SPOOL_REASON_H

#include "spool/rows.h"

/** Writes what became of the rows of the file `name`: refused ones, then remarks.  0 or -EIO. */
int reason_write(const struct rows *rows, const char *name, FILE *file);

/** One row as a line: "NAME:LINE:COLUMN: CODE what is wrong (what would be right); event ID about
 *  REFERENCE", or its remark.  Without a line end. */
void reason_line(const struct row *row, const char *name, FILE *file);

/** Whether any row was acknowledged with a remark. */
bool reason_has_notes(const struct rows *rows);

#endif
