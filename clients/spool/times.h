/* times.h - reads times the way a case system writes them: "18/12/2026 16:59", "18 Dec 2026".
 *
 * A form is text in which YYYY, MM, M, MMM (Jan … Dec), DD, D, hh, h, mm, ss and am stand for
 * what they say; anything else stands for itself.  Two letters are two digits, one letter is
 * one or two.
 */
#ifndef CONCERN_SPOOL_TIMES_H
#define CONCERN_SPOOL_TIMES_H

#include "core/zone.h"

enum { TIMES_FORMS_MAX = 8, TIMES_FORM_MAX = 40 };

/** How the times of a file are read; a value. */
struct times {
    const struct zone *zone; /* whose civil time it is where no offset is written; borrowed */
    char forms[TIMES_FORMS_MAX][TIMES_FORM_MAX + 1];
    size_t form_count;
};

/** NULL for a form that tells year, month and day once each, and every time of day that it tells
 *  wholly; else what is wrong with it (what would be right). */
const char *times_form_fault(const char *form);

/**
 * Reads a time: RFC 3339 with an offset always, else by the forms in their order, and with none
 * of them as "2026-12-18 16:59".  A form without a time of day gives midnight.  A civil time that
 * exists twice or not at all is read by the rule of zone_instant().
 *
 * Sets `*at` on INSTANT_OK only.
 */
int times_read(const struct times *times, const char *text, struct instant *at);

#endif
